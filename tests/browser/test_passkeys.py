"""Passkeys in the machine's own browser, with a device of the browser's making: bound, used, confirmed, lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it brings no types
from playwright.sync_api import Browser, Page, expect

from tests.browser.keyed import Holder, KeyedStage, keyed
from tests.browser.stage import opened
from tests.browser.test_access import OVERLAPS
from tests.conftest import Clock
from tests.policy.conftest import PASSWORD
from wireroom.app.engine import Embedded
from wireroom.policy.passkeys import WENT_BACK

PAGE = "/sign-in/keys"


@pytest.fixture
def stage(server: Embedded, template: str, clock: Clock) -> Iterator[KeyedStage]:
    with keyed(server, template, clock) as stage:
        yield stage


def begin(page: Page, terminal: str = "z001") -> None:
    """The door, with the notice read and the terminal said."""
    page.goto("/sign-in")
    page.get_by_label("Terminal", exact=True).fill(terminal)
    page.get_by_label("I have read the notice").check()


def with_password(page: Page, stage: KeyedStage) -> None:
    begin(page)
    page.get_by_label("Person", exact=True).fill("p.vale")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("One-time code", exact=True).fill(stage.code())
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")


def with_passkey(page: Page) -> None:
    begin(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/desk")


def add(page: Page, name: str) -> None:
    page.goto(PAGE)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is added")
    expect(page.get_by_role("listitem").filter(has_text=name)).to_contain_text("by you")


def clean(page: Page) -> None:
    """Axe finds nothing, and nothing overlaps or scrolls sideways, on the smallest screen neither."""
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        assert page.evaluate(OVERLAPS) == [], width


@pytest.mark.parametrize("light", ["day", "night"])
def test_IA_2_a_passkey_is_bound_signs_in_alone_and_unlocks(
    browser: Browser, stage: KeyedStage, light: str
) -> None:
    with opened(browser, stage, "/sign-in", token="", light=light) as page:
        holder = Holder(page)
        clean(page)
        with_password(page, stage)
        page.goto(PAGE)
        expect(page.get_by_text("Add two passkeys")).to_be_visible()
        clean(page)
        add(page, "black key")
        expect(page.get_by_text("Add one more passkey")).to_be_visible()
        clean(page)
        [key] = holder.keys()
        assert key["isResidentCredential"]
        assert key["rpId"] == "localhost"
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in")
        with_passkey(page)
        stage.clock.tick(30 * 60)
        page.goto("/forms")
        page.wait_for_url("**/locked")
        expect(page.locator("h1")).to_have_text("Locked")
        clean(page)
        page.get_by_role("button", name="Unlock with a passkey").click()
        page.wait_for_url("**/desk")
        tags = [tag for tag, _ in stage.journal() if tag.startswith("session:")]
        assert tags == ["session:opened", "session:closed", "session:opened", "session:opened"]


def test_IA_5_n_another_passkey_asks_for_the_first_again_by_keyboard_alone(
    browser: Browser, stage: KeyedStage
) -> None:
    with opened(browser, stage, "/sign-in", token="") as page:
        holder = Holder(page)
        with_password(page, stage)
        add(page, "black key")
        stage.clock.tick(20 * 60)
        page.goto("/help")
        stage.clock.tick(10 * 60)
        page.goto(PAGE)
        expect(page.get_by_role("heading", name="show both factors again")).to_be_visible()
        expect(page.get_by_label("Name", exact=True)).to_have_count(0)
        expect(page.get_by_role("button", name="End it")).to_have_count(0)
        clean(page)
        page.get_by_role("button", name="Show a passkey").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("for the next 30 minutes")
        first = holder.id
        holder.id = holder.add(transport="usb")
        page.get_by_label("Name", exact=True).focus()
        page.keyboard.type("duty phone")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Add a passkey")).to_be_focused()
        holder_of_first = holder.keys(first)
        holder.remove(first)
        page.keyboard.press("Space")
        expect(page.get_by_role("status")).to_contain_text("The passkey is added")
        expect(page.get_by_text("more passkey")).to_have_count(0)
        assert len(holder_of_first) == len(holder.keys()) == 1
        page.get_by_role("button", name="End it: black key").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("It is ended")
        expect(page.get_by_role("heading", name="Those that have ended")).to_be_visible()
        clean(page)


def test_IA_5_l_a_lost_device_ends_the_other_window_too(browser: Browser, stage: KeyedStage) -> None:
    with opened(browser, stage, "/sign-in", token="") as page:
        Holder(page)
        with_password(page, stage)
        add(page, "black key")
        with opened(browser, stage, "/sign-in", token="") as other:
            with_password(other, stage)
            expect(other.get_by_text("● Linked")).to_be_visible()
            page.get_by_label("I lost it: black key").click()
            page.get_by_role("button", name="End it and every session of mine now: black key").click()
            expect(page.locator("h1")).to_contain_text("every session of yours has ended")
            clean(page)
            expect(other.get_by_role("alert")).to_contain_text("The screen is hidden", timeout=5000)
        begin(page)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("Sign-in refused")
        with_password(page, stage)


def test_IA_2_a_device_that_does_not_know_its_holder_gives_nothing_and_the_page_says_so(
    browser: Browser, stage: KeyedStage
) -> None:
    with opened(browser, stage, "/sign-in", token="") as page:
        holder = Holder(page)
        with_password(page, stage)
        add(page, "black key")
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in")
        button = page.get_by_role("button", name="Sign in with a passkey")
        button.click()
        assert (
            page.locator(":invalid:focus").get_attribute("id") == "terminal"
        )  # the browser asks for it first
        holder.verify(False)
        begin(page)
        button.click()
        expect(page.get_by_role("alert")).to_contain_text("No passkey came")
        expect(button).to_be_focused()
        clean(page)
        holder.verify(True)
        button.click()
        page.wait_for_url("**/desk")


def test_IA_5_1_e_a_copied_key_whose_counter_lags_is_refused_and_written_down(
    browser: Browser, stage: KeyedStage
) -> None:
    with opened(browser, stage, "/sign-in", token="") as page:
        holder = Holder(page)
        with_password(page, stage)
        add(page, "black key")
        [copied] = holder.keys()
        for _ in range(2):
            with_passkey(page)
        holder.put(copied)
        begin(page)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("Sign-in refused")
        refused = [detail["cause"] for tag, detail in stage.journal() if tag == "session:refused"]
        assert refused == [WENT_BACK]


def test_without_script_there_is_a_password_and_a_code(browser: Browser, stage: KeyedStage) -> None:
    with opened(browser, stage, "/sign-in", token="", script=False) as page:
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
        expect(page.get_by_text("Passkeys want a browser with script")).to_be_visible()
        with_password(page, stage)
        page.goto(PAGE)
        expect(page.get_by_label("I lost it: One-time codes")).to_be_visible()
