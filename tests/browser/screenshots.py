"""Draws the desk and the car for the manual: `python -m tests.browser.screenshots` writes docs/screenshots/*.png."""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import msgspec
from playwright.sync_api import Browser, Page

from tests.browser.stage import Stage, browsing, linked, opened, staged
from tests.web.fake_house import SESSION, STOLEN, TOKEN, FakeHouse, message, nothing, part, stolen
from tests.web.test_acts import REQUEST
from tests.web.test_deadlines import BOARD
from wireroom.message.answer import Delivery, Hit, State
from wireroom.message.envelope import Arrival

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
SIZES = ((1280, 720), (390, 844))
NOW = (
    "IN FORCE, NOT SERVED: TELL THE TERMS, THAT IS SERVICE\nADVISE, THEN ENFORCE\nPROTECTS FENWICKELEY, MARIE\n"
    "NO CONTACT OF ANY KIND\nNO VIOLENCE, THREATS, STALKING, HARASSMENT\nSTAY 100 YARDS FROM HOME\n"
    "NO FIREARMS, NO AMMUNITION\nFIREARMS DUE WITHIN 24 HOURS, RECEIPT WITHIN 48\nIN FORCE TO THE END OF 20261204"
)
TITLE = "PROTECTION ORDER NOT SERVED - CONFIRM FIRST"
ORDER = Hit(
    file="order", number="9992633200001", owner="CA0990200", status="active",
    fields=(
        ("ENF", NOW), ("NAM", "FENWICKELEY, DARREN"), ("SEX", "M"), ("RAC", "W"), ("DOB", "19840303"), ("TYO", "EPO"),
        ("PNO", "EP26011"), ("CTI", "CA099013J"), ("ISD", "20261128"), ("IST", "0312"), ("EXP", "20261204"),
        ("PPN", "FENWICKELEY, MARIE;F;19860404;SP;Y"), ("PCO", "01"), ("PCO", "05"), ("STY", "HOME 100"),
        ("FRP", "Y"), ("SVC", "2"),
    ),
)  # fmt: skip


def answers(arrival: Arrival, number: int) -> list[Delivery]:
    """A hit for one plate, silence of one source for another, no record for all else."""
    if "9QZZ123" in arrival.text:
        return stolen(arrival, number)
    came = nothing(arrival, number)
    return came[:1] if "TESTCASE" in arrival.text else came


def ask(page: Page, text: str, verdict: str) -> None:
    """Type and send, and wait for the verdict."""
    page.get_by_label("Purpose").select_option("C")
    page.get_by_label("Case or incident").fill("26-004417")
    page.locator("#text").fill(text)
    page.keyboard.press("Enter")
    page.locator("#answers article:not([hidden]) h2", has_text=verdict).wait_for()


def scene(stage: Stage, page: Page) -> None:
    """A few minutes of a shift."""
    linked(page)
    ask(page, "4XYQ987", "No record")
    ask(page, "TESTCASE, JANE 1990-01-31 F", "No record so far")
    stage.deliver(
        message(
            stage.house.number(),
            "ADMINISTRATIVE MESSAGE FROM CA0990200/ZE02",
            "BE ON THE LOOKOUT. INVENTED TEXT.",
        )
    )
    page.locator("#mails li").wait_for()
    ask(page, "9QZZ123", "STOLEN VEHICLE")
    page.locator("#text").fill("DOE, JOHN 1985-06-15")
    page.get_by_text("asks STATE").wait_for()


def pressed(png: bytes) -> bytes:
    """The same picture in fewer bytes: the browser packs it quickly, not tightly."""
    out, data, at = [png[:8]], b"", 8
    tail = b""
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        chunk = png[at : at + 12 + length]
        if chunk[4:8] == b"IDAT":
            data += chunk[8:-4]
        elif data:
            tail += chunk
        else:
            out.append(chunk)
        at += 12 + length
    body = b"IDAT" + zlib.compress(zlib.decompress(data), 9)
    packed = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return b"".join((*out, packed, tail))


def draw(
    browser: Browser, name: str, path: str, size: tuple[int, int] = (1280, 720), light: str = "day"
) -> None:
    """One picture; the desk and the car have their scene."""
    token = "" if name == "sign-in" else TOKEN
    house = FakeHouse(answers=answers)
    house.board = BOARD
    with (
        staged(house) as stage,
        opened(browser, stage, path, size=size, light=light, token=token) as page,
    ):
        if path in {"/desk", "/car"}:
            scene(stage, page)
        (FOLDER / f"{name}.png").write_bytes(pressed(page.screenshot()))


def worked(browser: Browser, name: str, size: tuple[int, int], light: str) -> None:
    """A clerk's desk: what waits for a second person, and a request to confirm a hit."""
    own = msgspec.structs.replace(STOLEN, owner=SESSION.seat.ori, why="entered by kim.specimen")
    with (
        staged(FakeHouse(answers=answers)) as stage,
        opened(browser, stage, "/desk", size=size, light=light) as page,
    ):
        linked(page)
        number = stage.house.number()
        stage.deliver(
            part(number + 1, number, "STATE", State.RECORD, hits=(own,), asked="WL.LST/VERIFY"),
            msgspec.structs.replace(REQUEST, number=number + 2),
        )
        page.locator("#mails li").wait_for()
        page.locator("#list a" if name == "list" else "#mails a").click()
        page.locator("article:not([hidden]) .acts").first.wait_for()
        (FOLDER / f"{name}-{light}-{size[0]}.png").write_bytes(pressed(page.screenshot()))


def order(browser: Browser, size: tuple[int, int], light: str) -> None:
    """An order by the car: what may be enforced now, and what is read out where it is not served yet."""
    with (
        staged(FakeHouse(answers=answers)) as stage,
        opened(browser, stage, "/car", size=size, light=light) as page,
    ):
        linked(page)
        number = stage.house.number()
        asked = "QPO.NAM/FENWICKELEY, DARREN.DOB/19840303"
        stage.deliver(part(number + 1, number, "STATE", State.HIT, hits=(ORDER,), asked=asked, title=TITLE))
        page.locator("#list a").click()
        page.locator("article:not([hidden]) .now li").first.evaluate("one => one.scrollIntoView()")
        (FOLDER / f"order-{light}-{size[0]}.png").write_bytes(pressed(page.screenshot()))
        page.get_by_role("link", name="Service of a protection order").first.click()
        page.get_by_role("heading", name="Read this out").evaluate("one => one.scrollIntoView()")
        (FOLDER / f"service-{light}-{size[0]}.png").write_bytes(pressed(page.screenshot()))


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with browsing() as browser:
        for place in ("desk", "car"):
            for size in SIZES:
                for light in ("day", "night"):
                    draw(browser, f"{place}-{light}-{size[0]}", f"/{place}", size, light)
        draw(browser, "sign-in", "/sign-in")
        draw(browser, "form", "/form/EV")
        draw(browser, "forms", "/forms")
        draw(browser, "work", "/work")
        for size, light in zip(SIZES, ("day", "night"), strict=True):
            draw(browser, f"deadlines-{light}-{size[0]}", "/deadlines", size, light)
        order(browser, SIZES[1], "night")
        for name in ("list", "request"):
            worked(browser, name, SIZES[0], "day")
            worked(browser, name, SIZES[1], "night")
    return 0


if __name__ == "__main__":
    sys.exit(main())
