"""The question what an inquiry was for: after its answers, in nobody's way, answered by one key or in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it brings no types
from playwright.sync_api import Browser, Page, expect

from tests.browser.stage import Stage, linked, opened, staged
from tests.browser.test_access import OVERLAPS, SMALL
from tests.web.fake_house import FakeHouse, nothing
from wireroom.message.reason import Reason, ReasonKind

PLACES = (("/desk", (1280, 800), "day"), ("/car", (390, 844), "night"))


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A house where nothing explains any question, and a person who is on an incident since."""
    house = FakeHouse(answers=nothing)
    house.unexplained = True
    house.explaining.own = (("26-000001", "TRAFFIC STOP"),)
    with staged(house) as stage:
        yield stage


def ask(page: Page, plate: str) -> None:
    page.get_by_label("Purpose").select_option("C")
    page.locator("#text").fill(plate)
    page.keyboard.press("Enter")
    expect(page.locator("#answers article:not([hidden]) .count")).to_have_text("3 of 3")


@pytest.mark.parametrize(("path", "size", "light"), PLACES)
def test_one_key_says_what_it_was_for_and_the_box_has_the_focus_again(
    browser: Browser, stage: Stage, path: str, size: tuple[int, int], light: str
) -> None:
    with opened(browser, stage, path, size=size, light=light) as page:
        linked(page)
        expect(page.locator("#whys")).to_be_hidden()
        ask(page, "9QZZ123")
        expect(page.locator("#whys summary")).to_contain_text("What was this for? 9QZZ123")
        expect(page.locator("#text")).to_be_focused()
        page.keyboard.press("F11")
        expect(page.locator("#whys")).to_be_hidden()
        expect(page.locator("#text")).to_be_focused()
        [(number, reason)] = stage.house.explaining.told
        assert reason == Reason(reference="26-000001")
        assert number in stage.house._numbers.values()


def test_it_is_not_asked_while_an_answer_is_still_to_come(browser: Browser, stage: Stage) -> None:
    stage.house.answers = lambda arrival, number: nothing(arrival, number)[:2]
    with opened(browser, stage, "/car") as page:
        linked(page)
        page.get_by_label("Purpose").select_option("C")
        page.locator("#text").fill("9QZZ123")
        page.keyboard.press("Enter")
        expect(page.locator("#answers article:not([hidden]) .count")).to_have_text("2 of 3")
        expect(page.locator("#whys")).to_be_hidden()
        arrival = stage.house.arrivals[0]
        stage.deliver(nothing(arrival, stage.house._numbers[arrival.key])[2])
        expect(page.locator("#whys summary")).to_be_visible()


def test_what_is_being_typed_stays_when_another_question_is_answered(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage, "/desk") as page:
        linked(page)
        ask(page, "9QZZ123")
        page.locator("#whys summary").click()
        page.get_by_label("In words").press_sequentially("EXPIRED")
        arrival = stage.house.arrivals[0]
        number = stage.house.number()
        stage.deliver(*nothing(arrival, number))
        expect(page.locator("#list li")).to_have_count(2)
        expect(page.get_by_label("In words")).to_have_value("EXPIRED")
        page.locator("#whys li").get_by_label("Kind").select_option("STP")
        page.get_by_role("button", name="Say so").click()
        expect(page.locator("#whys")).to_be_hidden()
    assert [reason for _, reason in stage.house.explaining.told] == [
        Reason(kind=ReasonKind.STOP, words="EXPIRED")
    ]


def test_it_works_without_script(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage, "/desk", script=False) as page:
        page.get_by_label("Purpose").select_option("C")
        page.locator("#text").fill("9QZZ123")
        page.get_by_role("button", name="Send").click()
        page.get_by_role("button", name="was for 26-000001").click()
        expect(page.locator("#whys")).to_be_hidden()
    assert len(stage.house.explaining.told) == 1


@pytest.mark.parametrize("light", ["day", "night"])
@pytest.mark.parametrize(("path", "width"), [("/desk", 1280), ("/desk", 320), ("/car", 390), ("/car", 1024)])
def test_everybody_can_use_it(browser: Browser, stage: Stage, path: str, width: int, light: str) -> None:
    with opened(browser, stage, path, size=(width, 800), light=light) as page:
        linked(page)
        for plate in ("9QZZ123", "9QZZ124"):
            ask(page, plate)
        page.locator("#whys summary").click()
        assert page.evaluate(f"({OVERLAPS})()") == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate(f"({SMALL})({48 if path == '/car' else 24})") == []
        result = Axe().run(page)
        assert result.violations_count == 0, result.generate_report()
