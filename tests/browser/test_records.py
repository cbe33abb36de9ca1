"""Records through their life as people see it at three desks of two agencies, with the real switch behind the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.real import CLERK, OTHER, SECOND, RealStage, real
from tests.browser.stage import linked, opened
from tests.conftest import Clock
from wireroom.app.engine import Embedded

CAR = {"LIC": "7QQQ001", "LIS": "CA", "VYR": "2019", "VMA": "TOYT", "DOT": "2026-03-01", "OCA": "99-000001"}
HIT = re.compile("STOLEN VEHICLE — CONFIRM FIRST")


@pytest.fixture
def stage(server: Embedded, template: str, clock: Clock) -> Iterator[RealStage]:
    with real(server, template, clock) as stage:
        yield stage


def enter(page: Page) -> None:
    """A clerk finds the form by its key, fills it in and sends it."""
    page.goto("/forms")
    page.get_by_label("Key, file").fill("ev")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Enter: stolen vehicle")).to_be_visible()
    for code, value in CAR.items():
        page.locator(f"#f-{code}").fill(value)
    page.get_by_role("button", name="Send EV").click()
    expect(page.locator("article:not([hidden]) h2")).to_contain_text("ENTERED FCN/")


def ask(page: Page, text: str = "7QQQ001") -> None:
    page.goto("/desk")
    linked(page)
    page.get_by_label("Purpose").select_option("C")
    page.get_by_label("Case or incident").fill("98-000007")
    page.locator("#text").fill(text)
    page.keyboard.press("Enter")


def test_a_hit_is_confirmed_by_the_agency_that_entered_it(browser: Browser, stage: RealStage) -> None:
    with (
        opened(browser, stage, "/desk", token=CLERK) as owner,
        opened(browser, stage, "/desk", token=OTHER) as asker,
    ):
        enter(owner)
        linked(owner)
        ask(asker)
        shown = asker.locator("article:not([hidden])")
        expect(shown.locator("h2")).to_have_text(HIT)
        asker.keyboard.press("F8")
        shown.get_by_role("link", name="Confirm with CA0990100").click()
        expect(asker.get_by_role("region", name="The record")).to_contain_text("2019 · Toyota")
        expect(asker.locator("#f-TO")).to_have_value("CA0990100")
        expect(asker.locator("#f-RTY")).to_have_value("SV")
        expect(asker.locator("#f-PRI")).to_have_value("U")
        expect(asker.locator("#f-LIC")).to_have_value("7QQQ001")
        expect(asker.get_by_role("button", name="Send YQ")).to_be_focused()
        asker.keyboard.press("Enter")
        expect(asker.locator("article:not([hidden]) h2")).to_contain_text("WAS ASKED TO CONFIRM")
        linked(asker)

        owner.get_by_role("link", name=re.compile("CONFIRM HIT .* URGENT")).click()
        request = owner.locator("article:not([hidden])")
        expect(request).to_contain_text("Stolen vehicle")
        for answer in ("Yes, confirmed", "No", "Valid, but no extradition", "Being confirmed"):
            expect(request.get_by_role("link", name=f"{answer}:")).to_be_visible()
        request.get_by_role("link", name="Yes, confirmed").click()
        expect(owner.get_by_role("region", name="The request")).to_contain_text("CONFIRM HIT")
        expect(owner.locator("#f-CON")).to_have_value("Y")
        expect(owner.get_by_role("button", name="Send YR")).to_be_focused()
        owner.keyboard.press("Enter")
        expect(owner.locator("article:not([hidden]) h2")).to_contain_text("WAS TOLD: CONFIRMED")
        linked(owner)
        owner.get_by_role("link", name=re.compile("CONFIRM HIT .* URGENT")).click()
        expect(
            owner.locator("article:not([hidden])").get_by_role("link", name="Yes, confirmed")
        ).to_have_count(0)

        expect(asker.get_by_role("link", name=re.compile("HIT CONFIRMED"))).to_be_visible()
        asker.locator("#list a", has_text="7QQQ001 CA").click()
        hit = asker.locator("article:not([hidden])")
        expect(hit.locator("h2")).to_have_text(HIT)
        expect(hit.locator(".done.is-mail")).to_contain_text("HIT CONFIRMED")


def test_a_second_person_verifies_from_the_list_and_the_entrant_may_not(
    browser: Browser, stage: RealStage
) -> None:
    with (
        opened(browser, stage, "/desk", token=CLERK) as entrant,
        opened(browser, stage, "/work", token=SECOND) as second,
    ):
        enter(entrant)
        entrant.goto("/work")
        entrant.get_by_role("button", name="To verify").click()
        linked(entrant)
        listed = entrant.locator("article:not([hidden])")
        expect(listed.locator("h2")).to_contain_text("1 waits")
        listed.get_by_role("button", name="Verify").click()
        expect(listed.locator(".done.is-refused")).to_contain_text("ANOTHER PERSON VERIFIES")
        expect(listed.get_by_role("button", name="Verify")).to_be_visible()

        second.get_by_role("button", name="To verify").click()
        linked(second)
        listed = second.locator("article:not([hidden])")
        listed.get_by_role("button", name="Verify").focus()
        second.keyboard.press("Enter")
        expect(listed.locator(".done.is-done")).to_contain_text("VERIFIED FCN/")
        expect(listed.get_by_role("button", name="Verify")).to_have_count(0)
        expect(listed.locator("h2")).to_contain_text("1 waits")  # the list stays in view, for the next
        assert second.evaluate("document.activeElement.closest('article') !== null")
        second.goto("/work")
        second.get_by_role("button", name="To verify").click()
        expect(second.locator("article:not([hidden]) h2")).to_contain_text("Nothing waits in this list")


def test_the_owner_clears_what_another_agency_located(browser: Browser, stage: RealStage) -> None:
    with (
        opened(browser, stage, "/desk", token=CLERK) as owner,
        opened(browser, stage, "/desk", token=OTHER) as finder,
    ):
        enter(owner)
        linked(owner)
        ask(finder)
        finder.locator("article:not([hidden])").get_by_role("link", name="Locate").click()
        expect(finder.locator("#f-DOL")).to_have_value("2026-03-02")
        expect(finder.locator("#f-LCA")).to_have_value("98-000007")
        finder.get_by_role("button", name="Send LV").click()
        expect(finder.locator("article:not([hidden]) h2")).to_contain_text("LOCATED FCN/")

        owner.locator("#mails a").first.click()
        notice = owner.locator("article:not([hidden])")
        expect(notice.locator("h2")).to_contain_text("LOCATE PLACED ON YOUR RECORD")
        expect(notice).to_contain_text("LOCATED BY CA0980100/Y001")
        notice.get_by_role("link", name="Clear").click()
        expect(owner.locator("#f-DCL")).to_have_value("2026-03-02")
        owner.get_by_role("button", name="Send CV").click()
        expect(owner.locator("article:not([hidden]) h2")).to_contain_text("CLEARED FCN/")
        owner.locator("#mails a").first.click()
        expect(owner.locator("article:not([hidden]) .done")).to_contain_text("CLEARED FCN/")
        expect(owner.locator("article:not([hidden])").get_by_role("link", name="Clear")).to_have_count(0)


def test_a_change_sends_only_what_was_changed(browser: Browser, stage: RealStage) -> None:
    with opened(browser, stage, "/desk", token=CLERK) as owner:
        enter(owner)
        owner.locator("article:not([hidden])").get_by_role("link", name="Modify").click()
        expect(owner.locator("#f-VMA")).to_have_value("TOYT")
        owner.get_by_role("button", name="Send MV").click()
        expect(owner.get_by_role("alert")).to_contain_text("This changes nothing")
        owner.locator("#f-OCA").fill("")
        owner.locator("#f-VCO").fill("RED")
        owner.get_by_role("button", name="Send MV").click()
        expect(owner.get_by_role("alert")).to_contain_text("cannot be left empty")
        owner.locator("#f-OCA").fill("99-000001")
        owner.get_by_role("button", name="Send MV").click()
        expect(owner.locator("article:not([hidden]) h2")).to_contain_text("MODIFIED FCN/")
        sent = owner.locator("#list .what").first
        expect(sent).to_have_text(re.compile(r"^MV \d{13} RED$"))
