"""Orders as people meet them: a clerk enters, a dispatcher writes down, a deputy serves by the car, a court ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.real import CLERK, OTHER, RealStage, real
from tests.browser.stage import linked, opened
from tests.conftest import Clock
from wireroom.app.engine import Embedded
from wireroom.message.local import day_of

SHOWN = "article:not([hidden])"


@pytest.fixture
def stage(server: Embedded, template: str, clock: Clock) -> Iterator[RealStage]:
    with real(server, template, clock) as stage:
        yield stage


def days(clock: Clock, ahead: int = 0) -> str:
    return f"{day_of(clock()) + timedelta(days=ahead):%Y-%m-%d}"


def fill(page: Page, said: Mapping[str, str]) -> None:
    """Values into a form, whatever control each field has."""
    for code, value in said.items():
        field = page.locator(f"#f-{code}")
        match field.evaluate("one => one.tagName"):
            case "SELECT":
                field.select_option(value)
            case "FIELDSET":
                for one in value.split():
                    page.locator(f"#f-{code}-{one}").check()
            case _:
                field.fill(value)


def person(page: Page, name: str, sex: str, born: str, relation: str, household: str) -> None:
    """The first protected person, part by part."""
    fill(page, {"PPN-0-0": name, "PPN-0-1": sex, "PPN-0-2": born, "PPN-0-3": relation, "PPN-0-4": household})


def restraining(clock: Clock) -> dict[str, str]:
    return {
        "NAM": "OVERTONBY, RALPH", "SEX": "M", "RAC": "W", "DOB": "1981-04-05", "TYO": "OAH", "PNO": "DV260001",
        "CTI": "CA099013J", "ISD": days(clock), "EXP": days(clock, 900), "PCO": "01 04 05", "STY": "HOME 100",
        "OCA": "99-000021",
    }  # fmt: skip


def enter(page: Page, clock: Clock, **more: str) -> None:
    page.goto("/form/EPO")
    fill(page, {**restraining(clock), **more})
    person(page, "OVERTONBY, SUSAN", "F", "1983-05-06", "SP", "Y")
    page.get_by_role("button", name="Send EPO").click()
    expect(page.locator(f"{SHOWN} h2")).to_contain_text("ENTERED FCN/")


def ask(page: Page, text: str, place: str = "desk") -> None:
    page.goto(f"/{place}")
    linked(page)
    page.get_by_label("Purpose").select_option("C")
    page.locator("#text").fill(text)
    page.keyboard.press("Enter")


def test_a_clerk_enters_an_order_and_what_is_wrong_is_told_beside_its_field(
    browser: Browser, stage: RealStage, clock: Clock
) -> None:
    with opened(browser, stage, "/desk", token=CLERK) as page:
        page.goto("/form/EPO")
        fill(page, restraining(clock) | {"EXP": days(clock, 3_000), "CTI": "NV099013J"})
        person(page, "OVERTONBY, SUSAN", "F", "1983-05-06", "SP", "Y")
        page.get_by_role("button", name="Send EPO").click()
        wrong = page.get_by_role("alert")
        expect(wrong).to_contain_text("Nothing was sent")
        expect(wrong).to_contain_text("is later than")
        expect(wrong).to_contain_text("superior court of California")
        expect(page.locator("#f-PPN-0-0")).to_have_value("OVERTONBY, SUSAN")  # what was typed is not lost
        expect(page.locator("#f-PPN-0-3")).to_have_value("SP")
        fill(page, {"EXP": days(clock, 900), "CTI": "CA099013J"})
        page.get_by_role("button", name="Send EPO").click()
        card = page.locator(SHOWN)
        expect(card.locator("h2")).to_contain_text("ENTERED FCN/")
        expect(card).to_contain_text(
            "OVERTONBY, SUSAN, Female, born 6 May 1983, Spouse or registered partner"
        )
        expect(card).to_contain_text("N: NOT SERVED")  # worked out, and why
        expect(card.get_by_role("link", name=re.compile("Summary"))).to_be_visible()


def test_a_dispatcher_writes_down_an_emergency_order_from_the_telephone(
    browser: Browser, stage: RealStage, clock: Clock
) -> None:
    with opened(browser, stage, "/desk", token=CLERK) as page:
        page.goto("/forms")
        page.get_by_label("Key, file").fill("emergency protective")
        page.keyboard.press("Enter")
        page.get_by_role("link", name=re.compile("EPOE")).click()
        expect(page.locator("#f-SMT")).not_to_be_visible()  # only what an officer reads out
        expect(page.locator("#f-EXP")).not_to_be_visible()
        said = {
            "NAM": "PELDONBY, SIMON", "SEX": "M", "RAC": "W", "AGE": "40", "EST": "AGE", "PNO": "EP260002",
            "CTI": "CA099013J", "ISD": days(clock), "IST": "0312", "PCO": "01 05", "STY": "HOME 100",
            "RQO": "OFFICER TEST 9911", "OCA": "99-000022",
        }  # fmt: skip
        assert len(said) + 1 < 20, "two minutes on the telephone are enough for so many"
        fill(page, said)
        person(page, "PELDONBY, TINA", "F", "38", "DT", "N")
        page.get_by_role("button", name="Send EPOE").click()
        card = page.locator(SHOWN)
        expect(card.locator("h2")).to_contain_text("ENTERED FCN/")
        expect(card).to_contain_text("about 38")
        ask(page, "QPO NAM/PELDONBY, SIMON")
        expect(page.locator(f"{SHOWN} h2")).to_contain_text("PROTECTION ORDER NOT SERVED")
        now = page.locator(f"{SHOWN} .now li")
        expect(now.first).to_have_text("IN FORCE, NOT SERVED: TELL THE TERMS, THAT IS SERVICE")
        largest = now.first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
        others = page.locator(f"{SHOWN} dd").first.evaluate(
            "one => parseFloat(getComputedStyle(one).fontSize)"
        )
        assert largest > others, "what may be enforced now is in the largest type"


def test_a_deputy_serves_by_reading_out_the_terms_beside_the_car(
    browser: Browser, stage: RealStage, clock: Clock
) -> None:
    with opened(browser, stage, "/desk", token=CLERK) as owner:
        enter(owner, clock)
        linked(owner)
        with opened(browser, stage, "/car", token=OTHER, size=(390, 844)) as car:
            ask(car, "QPO NAM/OVERTONBY, RALPH DOB/19810405", "car")
            card = car.locator(SHOWN)
            expect(card.locator("h2")).to_contain_text("NOT SERVED")
            car.keyboard.press("F8")
            card.get_by_role("link", name=re.compile("^Service of a protection order")).click()
            read = car.get_by_role("region", name="Read this out to the person")
            expect(read).to_contain_text("It protects SUSAN OVERTONBY")
            expect(read.locator("[lang=es] p").first).not_to_be_visible()
            read.get_by_text("Español").click()
            expect(read.locator("[lang=es] p").first).to_be_visible()
            expect(car.locator("#f-NAM")).to_have_value("OVERTONBY, RALPH")
            expect(car.locator("#f-SVM")).to_have_value("V")
            expect(car.locator("#f-SVN")).not_to_have_value("")
            car.get_by_role("button", name="Send SPO").click()
            expect(car.locator(f"{SHOWN} h2")).to_contain_text("SERVICE ENTERED")
            expect(car.locator(SHOWN)).to_contain_text("By an officer's words")
            ask(car, "QPO NAM/OVERTONBY, RALPH DOB/19810405", "car")
            expect(car.locator(f"{SHOWN} .now li").first).to_contain_text("IN FORCE AND SERVED")
        expect(owner.get_by_role("link", name=re.compile("REPORT ON YOUR RECORD"))).to_be_visible()
        owner.get_by_role("link", name=re.compile("REPORT ON YOUR RECORD")).click()
        paper = owner.locator(SHOWN).get_by_role("link", name=re.compile("Proof of service")).first
        paper.click()
        page = owner.get_by_role("heading", name="Proof of service", level=1)
        expect(page).to_be_visible()
        csrf = owner.locator("form.panel input[name=csrf]").get_attribute("value")
        to = {
            "recipient": "Kim Specimen",
            "agency": "Court",
            "purpose": "proof for the court",
            "printer": "FILE",
        }
        go = owner.locator("form.panel").get_attribute("action")
        answer = owner.request.post(f"{stage.address}{go}", form={"csrf": str(csrf), **to})
        assert answer.ok
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.body().startswith(b"%PDF-")


def test_the_court_ends_an_order_and_nobody_meets_it_any_more(
    browser: Browser, stage: RealStage, clock: Clock
) -> None:
    with (
        opened(browser, stage, "/desk", token=CLERK) as owner,
        opened(browser, stage, "/desk", token=OTHER) as other,
    ):
        enter(owner, clock)
        ask(owner, "QPO PNO/DV260001")
        owner.locator(SHOWN).get_by_role("link", name=re.compile("^Clear:")).first.click()
        fill(owner, {"CLR": "T"})
        owner.get_by_role("button", name="Send CPO").click()
        expect(owner.locator(f"{SHOWN} h2")).to_contain_text("CLEARED FCN/")
        ask(other, "QPO NAM/OVERTONBY, RALPH DOB/19810405")
        expect(other.locator(f"{SHOWN} h2")).to_contain_text("No record")
        expect(other.locator(f"{SHOWN} .now li")).to_have_count(0)
        ask(other, "QPO NAM/OVERTONBY, RALPH DOB/19810405 HST/Y")
        expect(other.locator(f"{SHOWN} .now li")).to_have_text("NOTHING: THE ORDER IS OVER")
