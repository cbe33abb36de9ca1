"""Every page for everybody: axe finds nothing, nothing overlaps or scrolls sideways, and the car's page stays small."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it brings no types
from playwright.sync_api import Browser, Page, expect

from tests.browser.stage import Stage, linked, opened
from tests.web.fake_house import IDLE_TOKEN, SESSION, STOLEN, TOKEN, message, part
from tests.web.test_acts import REQUEST, notice
from wireroom.message.answer import State

WIDTHS = ((390, 844), (768, 1024), (1024, 768), (1280, 800))
PAGES = (
    "/sign-in", "/locked", "/desk", "/car", "/work", "/deadlines", "/runs", "/reasons", "/form/EV", "/forms", "/help",
    "/sign-in/keys",
)  # fmt: skip
# Every pair of controls that one could press of which one covers a part of the other.
OVERLAPS = """() => {
  const kinds = "a, button, input:not([type=hidden]), select, textarea, summary";
  const seen = [...document.querySelectorAll(kinds)].filter((it) => it.checkVisibility() && !it.matches(".skip"));
  const inside = (it) => { // only what shows through the pane that the control scrolls in
    const { left, right, top, bottom } = it.getBoundingClientRect();
    const pane = it.closest(".work > section, #whys")?.getBoundingClientRect() ?? { top, bottom };
    return { it, left, right, top: Math.max(top, pane.top), bottom: Math.min(bottom, pane.bottom) };
  };
  const boxes = seen.map(inside).filter((box) => box.right - box.left > 1 && box.bottom - box.top > 1);
  const sticky = (it) => it.closest(".ask") && getComputedStyle(it.closest(".ask")).position === "sticky";
  const wide = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1;
  const high = (a, b) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  const over = (a, b) => wide(a, b) && high(a, b);
  const name = (it) => it.id || it.textContent.trim().slice(0, 30);
  const found = [];
  boxes.forEach((a, at) => boxes.slice(at + 1).forEach((b) => {
    if (a.it.contains(b.it) || b.it.contains(a.it) || !over(a, b)) return;
    if (!sticky(a.it) !== !sticky(b.it)) return; // on a phone the page scrolls under the box
    found.push([name(a.it), name(b.it)]);
  }));
  return found;
}"""
SMALL = """(least) => {
  const kinds = ".ask a, .ask button, .ask select, .ask input:not([type=hidden]), " +
    ".list a, .buttons a, .buttons button, .acts a, .acts button, summary";
  return [...document.querySelectorAll(kinds)].filter((it) => it.checkVisibility())
    .map((it) => [it.id || it.textContent.trim().slice(0, 30), it.getBoundingClientRect().height])
    .filter(([, height]) => height < least);
}"""


def scene(page: Page, stage: Stage, path: str) -> None:
    """Something to look at on the desk and in the car."""
    if path not in {"/desk", "/car"}:
        return
    linked(page)
    stage.deliver(message(stage.house.number(), "ADMINISTRATIVE MESSAGE FROM CA0990200/ZE02", "INVENTED"))
    page.locator("#purpose").select_option("C")
    page.locator("#text").fill("9QZZ123")
    page.keyboard.press("Enter")
    expect(page.locator("#answers article:not([hidden]) .count")).to_have_text("3 of 3")
    page.locator("#mails li").first.wait_for()


def acts(page: Page, stage: Stage) -> None:
    """A record of one's own with every act laid open, a request to answer, and a hit that came late."""
    own = msgspec.structs.replace(STOLEN, owner=SESSION.seat.ori)
    late = notice("$.H.", "DELAYED HIT ON 9012632700001", STOLEN)
    number = stage.house.number()
    asked = "WL.LST/VERIFY"
    stage.deliver(
        part(number + 1, number, "STATE", State.RECORD, hits=(own, own), asked=asked),
        msgspec.structs.replace(REQUEST, number=number + 2),
        msgspec.structs.replace(late, number=number + 3),
        part(
            number + 5,
            number + 4,
            "STATE",
            State.REFUSED,
            title="VERIFIED ALREADY",
            asked=f"VFY.FCN/{own.number}",
        ),
    )
    expect(page.locator("#mails li")).to_have_count(3)


CARDS = ("WL VERIFY", "ZE02", "2003")


def show(page: Page, name: str) -> None:
    """One card, with what is under "More"."""
    page.locator(".list a", has_text=name).last.click()
    for more in page.locator("article:not([hidden]) .acts summary").all():
        more.click()


def token(path: str) -> str:
    return {"/sign-in": "", "/locked": IDLE_TOKEN}.get(path, TOKEN)


@pytest.mark.parametrize("light", ["day", "dusk", "night"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(browser: Browser, stage: Stage, path: str, light: str) -> None:
    with opened(browser, stage, path, light=light, token=token(path)) as page:
        scene(page, stage, path)
        result = Axe().run(page)
        assert result.violations_count == 0, result.generate_report()


@pytest.mark.parametrize("light", ["day", "night"])
@pytest.mark.parametrize("path", ["/desk", "/car"])
def test_axe_finds_nothing_on_cards_with_acts(browser: Browser, stage: Stage, path: str, light: str) -> None:
    with opened(browser, stage, path, light=light) as page:
        scene(page, stage, path)
        acts(page, stage)
        for name in CARDS:
            show(page, name)
            result = Axe().run(page)
            assert result.violations_count == 0, result.generate_report()


@pytest.mark.parametrize("size", WIDTHS, ids=lambda size: str(size[0]))
@pytest.mark.parametrize("path", ["/desk", "/car"])
def test_acts_do_not_overlap_and_are_large_in_the_car(
    browser: Browser, stage: Stage, size: tuple[int, int], path: str
) -> None:
    with opened(browser, stage, path, size=size) as page:
        scene(page, stage, path)
        acts(page, stage)
        for name in CARDS:
            show(page, name)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            assert page.locator("#answer").evaluate("it => it.scrollWidth <= it.clientWidth"), name
            assert page.evaluate(OVERLAPS) == [], name
            assert page.evaluate(SMALL, 56 if path == "/car" else 24) == [], name


@pytest.mark.parametrize("size", [(390, 844), (1024, 768)], ids=["phone", "car"])
def test_the_way_to_confirm_is_in_sight_when_a_hit_comes(
    browser: Browser, stage: Stage, size: tuple[int, int]
) -> None:
    with opened(browser, stage, "/car", size=size) as page:
        scene(page, stage, "/car")
        confirm = page.locator("article:not([hidden])").get_by_role("link", name="Confirm with")
        box, ask = confirm.bounding_box(), page.locator("#ask").bounding_box()
        assert box
        assert ask
        assert box["y"] + box["height"] <= ask["y"]


def test_axe_finds_nothing_on_a_form_that_was_filled_in_badly(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage, "/form/QV") as page:
        page.get_by_label("Plate LIC").fill("???")
        page.get_by_label("Purpose").select_option("C")
        page.get_by_role("button", name="Send QV").click()
        page.get_by_role("alert").wait_for()
        result = Axe().run(page)
        assert result.violations_count == 0, result.generate_report()


@pytest.mark.parametrize("size", WIDTHS, ids=lambda size: str(size[0]))
def test_nothing_overlaps_and_nothing_scrolls_sideways(
    browser: Browser, stage: Stage, size: tuple[int, int]
) -> None:
    for path in PAGES:
        with opened(browser, stage, path, size=size, token=token(path)) as page:
            scene(page, stage, path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            for pane in page.locator(".work > section:visible").all():
                assert pane.evaluate("it => it.scrollWidth <= it.clientWidth"), path
            assert page.evaluate(OVERLAPS) == [], path


@pytest.mark.parametrize("size", WIDTHS, ids=lambda size: str(size[0]))
def test_everything_in_the_car_can_be_hit_with_a_thumb(
    browser: Browser, stage: Stage, size: tuple[int, int]
) -> None:
    with opened(browser, stage, "/car", size=size) as page:
        scene(page, stage, "/car")
        assert page.evaluate(SMALL, 56) == []


def test_the_smallest_screen_reflows(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage, "/car", size=(320, 568)) as page:
        scene(page, stage, "/car")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_cars_page_is_small(browser: Browser, stage: Stage) -> None:
    with opened(browser, stage, "/help") as page:
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
        asked: dict[str, str] = {}
        sizes: dict[str, int] = {}

        def ask(told: dict[str, Any]) -> None:
            asked[told["requestId"]] = told["request"]["url"]

        def finish(told: dict[str, Any]) -> None:
            if told["requestId"] in asked:
                sizes[told["requestId"]] = told["encodedDataLength"]

        wire.on("Network.requestWillBeSent", ask)
        wire.on("Network.loadingFinished", finish)
        page.goto("/car", wait_until="load")
        linked(page)
    assert len(asked) <= 8, sorted(asked.values())
    assert sum(sizes.values()) <= 30 * 1024
    scripts = [size for request, size in sizes.items() if ".js" in asked[request]]
    assert len(scripts) == 4
    assert sum(scripts) <= 12 * 1024
