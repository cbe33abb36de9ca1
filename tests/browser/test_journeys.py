"""What people do at the desk and in the car, from the first letter to the acknowledged hit."""

from __future__ import annotations

import re

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it brings no types
from playwright.sync_api import Browser, Page, expect

from tests.browser.stage import Stage, linked, opened
from tests.web.fake_house import STOLEN, message, nothing, part
from tests.web.test_acts import notice
from wireroom.message.answer import State

TRIES, PAUSE_MS = 500, 20
HIT = re.compile("STOLEN VEHICLE — CONFIRM FIRST")


def shown(page: Page) -> str:
    """The verdict that is being read."""
    return page.locator("#answers article:not([hidden]) h2").inner_text()


def wait_until(page: Page, condition: str) -> None:
    """Until a condition of the page holds; Playwright's own way needs `eval`, which our policy forbids."""
    for _ in range(TRIES):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(PAUSE_MS)
    raise AssertionError(f"never came true: {condition}")


def test_a_plate_is_understood_sent_answered_heard_and_acknowledged(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage, "/car", size=(1024, 768)) as page:
        linked(page)
        page.locator("#text").press_sequentially("9qzz123")
        expect(page.locator("#understood")).to_have_text("Plate 9QZZ123, California — asks STATE, DMV, NCIC")
        assert not stage.house.arrivals
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#understood")).to_contain_text("The purpose is not set")
        page.get_by_label("Purpose").select_option("C")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#answers article:not([hidden]) h2")).to_have_text(HIT)
        expect(page.get_by_text("3 of 3")).to_be_visible()
        wait_until(page, "window.notes.length === 2")
        assert page.evaluate("window.notes") == [880, 1175]
        expect(page.locator("#text")).to_have_value("")
        wait_until(page, "document.querySelector('#acknowledge').textContent.includes('1')")
        page.locator("#acknowledge").click()
        expect(page.locator("#acknowledge")).to_have_text(re.compile("F8\\s*Acknowledge$"))
        expect(page.locator("[data-tone]")).to_have_count(0)
        assert len(stage.house.arrivals) == 1
    assert len(set(stage.house.acknowledged)) == 3


def test_who_asks_for_other_agencies_is_led_to_the_choice_and_it_stands(
    browser: Browser, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = (("CA0990100", "Example City Police"), ("CA0990200", "Sample Town Police Department"))
    monkeypatch.setattr(stage.house, "serves", served)
    with opened(browser, stage, "/car", size=(390, 844), light="night") as page:
        linked(page)
        page.get_by_label("Purpose").select_option("C")
        page.locator("#text").fill("9QZZ123")
        page.keyboard.press("Enter")
        expect(page.locator("#understood")).to_have_text(
            "The agency is not set: choose for which agency you ask, then send"
        )
        choice = page.get_by_label("For the agency")
        expect(choice).to_be_focused()
        expect(choice).to_have_class("unset")
        choice.select_option("CA0990200")
        expect(choice).not_to_have_class("unset")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#answers article:not([hidden]) h2")).to_have_text(HIT)
        assert stage.house.arrivals[-1].reason.for_agency == "CA0990200"
        page.reload()
        expect(page.get_by_label("For the agency")).to_have_value("CA0990200")
        assert Axe().run(page).violations_count == 0


def test_a_hit_sounds_again_until_it_is_acknowledged(browser: Browser, stage: Stage) -> None:
    notes = "window.notes.filter(note => note === 880).length"
    with opened(browser, stage, "/desk", clock=True) as page:
        linked(page)
        page.keyboard.press("F1")
        number = stage.house.number()
        stage.deliver(part(number + 1, number, "STATE", State.HIT, title="STOLEN VEHICLE", hits=(STOLEN,)))
        wait_until(page, f"{notes} === 1")
        page.clock.fast_forward(20_000)
        wait_until(page, f"{notes} === 2")
        page.keyboard.press("F8")
        wait_until(page, "document.querySelectorAll('[data-tone]').length === 0")
        page.clock.fast_forward(60_000)
        assert page.evaluate(notes) == 2


def test_a_delayed_hit_sounds_until_it_is_acknowledged_and_other_notices_are_silent(
    browser: Browser, stage: Stage
) -> None:
    notes = "window.notes.filter(note => note === 880).length"
    with opened(browser, stage, "/desk", clock=True) as page:
        linked(page)
        page.keyboard.press("F1")
        stage.deliver(notice("$.L.", "LOCATE PLACED ON YOUR RECORD"))
        expect(page.locator("#mails li")).to_have_count(1)
        assert page.evaluate("window.notes") == []
        late = msgspec.structs.replace(notice("$.H.", "DELAYED HIT ON 9012632700001", STOLEN), number=71)
        stage.deliver(late)
        wait_until(page, f"{notes} === 1")
        page.clock.fast_forward(20_000)
        wait_until(page, f"{notes} === 2")
        page.keyboard.press("F8")
        expect(page.locator("article:not([hidden]) h2")).to_have_text(re.compile("DELAYED HIT ON"))
        expect(page.locator("article:not([hidden])").get_by_role("link", name="Confirm with")).to_be_visible()
        page.keyboard.press("F8")
        expect(page.locator("[data-tone]")).to_have_count(0)
        page.clock.fast_forward(60_000)
        assert page.evaluate(notes) == 2
    assert stage.house.seen_numbers == [71]


def test_everything_can_be_done_with_the_keyboard_alone(browser: Browser, stage: Stage) -> None:
    stage.house.answers = nothing
    with opened(browser, stage, "/desk") as page:
        linked(page)
        keys = page.keyboard
        page.get_by_label("Purpose").focus()
        keys.press("C")
        keys.press("F2")
        keys.type("4XYQ987")
        keys.press("Enter")
        expect(page.get_by_role("heading", name="No record", exact=True)).to_be_visible()
        first = shown(page)
        keys.press("F3")
        expect(page.locator("#text")).to_have_value("QW ")
        keys.type("DOE, JANE 1990-01-31 F")
        keys.press("Enter")
        expect(page.locator("#list li")).to_have_count(2)
        expect(page.locator("article:not([hidden]) .what")).to_contain_text("DOE, JANE")
        keys.press("ArrowDown")
        expect(page.locator("article:not([hidden]) .what")).to_contain_text("4XYQ987")
        keys.press("ArrowUp")
        keys.press("F7")
        expect(page.locator("#text")).to_have_value(re.compile("DOE, JANE"))
        keys.press("Escape")
        expect(page.locator("#text")).to_have_value("")
        keys.press("Escape")
        expect(page.locator("#answer")).to_be_focused()
        keys.press("F10")
        expect(page.locator("#blank")).to_be_visible()
        keys.press("a")
        expect(page.locator("#blank")).to_be_hidden()
        expect(page.locator("#text")).to_have_value("")
        keys.press("F9")
        expect(page.locator("html")).to_have_attribute("data-light", "dusk")
        assert "No record" in first


def test_a_new_answer_never_moves_what_is_being_read(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage, "/desk", size=(1280, 600)) as page:
        linked(page)
        page.get_by_label("Purpose").select_option("C")
        page.locator("#text").fill("9QZZ123")
        page.keyboard.press("Enter")
        expect(page.get_by_text("3 of 3")).to_be_visible()
        page.locator("#answer").evaluate("pane => { pane.scrollTop = 150 }")
        page.get_by_text("Full text as received").click()
        read = page.locator("article:not([hidden]) .part.is-record h3")
        before, was = read.bounding_box(), shown(page)
        number = stage.house.number()
        stage.deliver(
            part(number + 1, number, "STATE", State.HIT, title="WANTED PERSON", asked="QW.NAM/DOE, JANE")
        )
        stage.deliver(message(number + 2, "ADMINISTRATIVE MESSAGE", "INVENTED"))
        transaction = next(iter(stage.house._numbers.values()))
        late = part(
            number + 3,
            transaction,
            "NCIC",
            State.HIT,
            place=(3, 3),
            title="STOLEN VEHICLE - CONFIRM FIRST",
            hits=(STOLEN,),
        )
        stage.deliver(late)
        expect(page.locator("#list li")).to_have_count(2)
        expect(page.locator("#mails li")).to_have_count(1)
        expect(page.locator(f"#p-{transaction}-3.is-hit")).to_have_count(1)
        after = read.bounding_box()
        assert shown(page) == was
        assert before
        assert after
        assert abs(before["y"] - after["y"]) < 2
        assert page.locator("article:not([hidden]) details").get_attribute("open") is not None


def test_a_hit_elsewhere_is_brought_up_by_one_key_and_acknowledged_by_the_next(
    browser: Browser, stage: Stage
) -> None:
    stage.house.answers = nothing
    with opened(browser, stage, "/desk") as page:
        linked(page)
        page.get_by_label("Purpose").select_option("C")
        page.locator("#text").fill("4XYQ987")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="No record", exact=True)).to_be_visible()
        number = stage.house.number()
        stage.deliver(
            part(
                number + 1, number, "STATE", State.HIT, title="STOLEN VEHICLE - CONFIRM FIRST", hits=(STOLEN,)
            )
        )
        expect(page.locator("#acknowledge")).to_contain_text("Acknowledge 1")
        assert "No record" in shown(page)
        page.keyboard.press("F8")
        assert HIT.search(shown(page))
        expect(page.locator("#acknowledge")).to_contain_text("Acknowledge 1")
        page.keyboard.press("F8")
        expect(page.locator("#acknowledge")).not_to_contain_text("1")


def test_an_owner_in_an_answer_begins_the_next_question(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage, "/car") as page:
        linked(page)
        page.get_by_label("Purpose").select_option("C")
        page.locator("#text").fill("9QZZ123")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="TESTCASE, JANE").click()
        expect(page.locator("#text")).to_have_value("QW.NAM/TESTCASE, JANE M")
        expect(page.locator("#understood")).to_contain_text("TESTCASE, JANE M")
        assert len(stage.house.arrivals) == 1


def test_the_page_never_lies_about_its_link_and_sends_later_what_could_not_go(
    browser: Browser, stage: Stage
) -> None:
    stage.house.answers = nothing
    with opened(browser, stage, "/car") as page:
        linked(page)
        page.get_by_label("Purpose").select_option("C")
        page.locator("#text").fill("4XYQ987")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="No record", exact=True)).to_be_visible()
        stage.stop()
        expect(page.locator("#link")).to_have_text(re.compile(r"Not linked since \d\d:\d\d"))
        expect(page.locator("#links")).to_be_hidden()
        wait_until(page, "window.notes.includes(330)")
        page.locator("#text").fill("9QZZ123")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Not sent: 9QZZ123")).to_be_visible()
        assert "No record" in shown(page)
        assert len(stage.house.arrivals) == 1
        stage.start()
        linked(page)
        expect(page.get_by_text("Not sent: 9QZZ123")).to_have_count(0)
        expect(page.locator("#list li")).to_have_count(2)
        assert [arrival.text for arrival in stage.house.arrivals] == [
            "QV.LIC/4XYQ987.LIS/CA",
            "QV.LIC/9QZZ123.LIS/CA",
        ]


def test_what_came_while_the_link_was_down_is_there_when_it_is_back(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage, "/desk") as page:
        linked(page)
        stage.stop()
        expect(page.locator("#link")).to_contain_text("Not linked")
        stage.house.deliver(message(stage.house.number(), "OFFICER SAFETY", "INVENTED TEXT"))
        page.keyboard.press("F1")
        stage.start()
        linked(page)
        expect(page.locator("#mails li")).to_have_count(1)
        wait_until(page, "window.notes.filter(note => note === 660).length === 3")


def test_AC_11_a_session_that_is_over_hides_the_screen_and_says_how_to_go_on(
    browser: Browser, stage: Stage
) -> None:
    with opened(browser, stage, "/desk") as page:
        linked(page)
        page.get_by_label("Purpose").select_option("C")
        page.locator("#text").fill("9QZZ123")
        page.keyboard.press("Enter")
        expect(page.locator("article:not([hidden]) h2")).to_have_text(HIT)
        stage.run(stage.house.sessions.clear)
        expect(page.get_by_role("alert")).to_contain_text("The screen is hidden")
        expect(page.locator("#answers")).to_be_hidden()
        expect(page.locator("#ask")).to_be_hidden()
        assert not HIT.search(page.locator("body").inner_text())
        page.get_by_role("link", name="Unlock it, or sign in again").click()
        expect(page.locator("h1")).to_have_text("Sign in")


def test_AC_11_a_form_hides_when_it_was_not_used_and_both_factors_bring_the_person_back(
    browser: Browser, stage: Stage
) -> None:
    stage.house.idle_s = 1
    with opened(browser, stage, "/form/QV") as page:
        stage.run(stage.house.lock)
        expect(page.get_by_role("alert")).to_contain_text("The screen is hidden")
        expect(page.locator("#main")).to_be_hidden()
        page.get_by_role("link", name="Unlock it, or sign in again").click()
        expect(page.locator("h1")).to_have_text("Locked")
        page.get_by_label("Password").fill("invented-1")
        page.get_by_label("One-time code").fill("123456")
        page.keyboard.press("Enter")
        linked(page)


def test_without_script_everything_is_a_plain_form(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage, "/desk", script=False) as page:
        expect(page.locator("#link")).to_have_text("Not linked: no script")
        page.get_by_label("Purpose").select_option("C")
        page.locator("#text").fill("9QZZ123")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("article:not([hidden]) h2")).to_contain_text(HIT)
        page.get_by_role("button", name="Acknowledge (F8)").click()
        expect(page.get_by_role("button", name="Acknowledge (F8)")).to_have_count(0)
        page.get_by_role("link", name="TESTCASE, JANE").click()
        expect(page.locator("#text")).to_have_value("QW.NAM/TESTCASE, JANE M")
    assert len(stage.house.acknowledged) == 3


def test_one_press_signs_an_invented_person_in(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage, "/", token="") as page:
        page.get_by_role("button", name="Officer in a car").click()
        linked(page)
        assert page.url.endswith("/car")
        expect(page.get_by_text("Demonstration: everything here is invented")).to_be_visible()


def test_five_hundred_answers_at_once_cost_what_they_cost_apart_and_are_kept_within_limits(
    browser: Browser, stage: Stage
) -> None:
    """In the page's processor time, beside that of a hundred: it says the same however much else the machine does."""
    with opened(browser, stage, "/desk") as page:
        linked(page)
        watch = page.context.new_cdp_session(page)
        watch.send("Performance.enable")

        def spent() -> float:
            metrics = {one["name"]: one["value"] for one in watch.send("Performance.getMetrics")["metrics"]}
            return float(metrics["ProcessTime"])

        def draw(many: int) -> float:
            begun = spent()
            numbers = [stage.house.number() for _ in range(many)]
            stage.deliver(*(part(n + 1, n, "STATE", State.NO_RECORD) for n in numbers))
            wait_until(page, f"document.getElementById('q-{numbers[-1]}') !== null")
            return spent() - begun

        few, many = draw(100), draw(500)
        assert page.locator("#list li").count() <= 200
        assert 0 < many < 15 * few, f"{many:.2f} s of the processor for 500, {few:.2f} s for 100"
