"""Claims that a browser alone can show: it comes back from another site without our cookies, and is let in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it brings no types
from playwright.sync_api import Browser

from tests.browser.stage import TIMEOUT_MS, staged
from tests.web.fake_elsewhere import CODE
from tests.web.fake_house import FakeHouse
from wireroom.web.house import Way


@pytest.fixture
def directory() -> Iterator[HTTPServer]:
    """A directory on another site, localhost beside 127.0.0.1: it sends everybody back at once."""

    class Sends(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", self.path[1:])
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is logged."""

    server = HTTPServer(("127.0.0.1", 0), Sends)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.mark.parametrize("script", [True, False])
def test_IA_2_a_browser_goes_to_a_directory_of_another_site_and_is_let_in(
    browser: Browser, directory: HTTPServer, script: bool
) -> None:
    house = FakeHouse(demo=False)
    with staged(house) as stage:
        house.keyring.origin = stage.address
        house.elsewhere.ways = (
            Way(name="Example City", ori="CA0990100"),
            Way(name="Sample County", ori="CA0980100"),
        )
        back = f"{stage.address}/sign-in/back?state=sign-in.car.00&code={quote(CODE)}"
        house.elsewhere.there = f"http://localhost:{directory.server_port}/{back}"
        context = browser.new_context(java_script_enabled=script, reduced_motion="reduce")
        context.set_default_timeout(TIMEOUT_MS)
        page = context.new_page()
        page.goto(f"{stage.address}/sign-in")
        if script:
            found = Axe().run(page)
            assert not found.response["violations"], found.generate_report()
        page.get_by_label("Terminal", exact=True).fill("zd01")
        page.get_by_label("I have read the notice").check()
        page.get_by_role("button", name="Sign in with Example City").click()
        if not script:
            page.get_by_role("button", name="Go on").click()
        page.wait_for_url(f"{stage.address}/car")
        assert "Dana Example" in page.content()
        door = house.elsewhere.acts[0][2]
        assert house.elsewhere.acts[-1] == ("sign_in", "sign-in.car.00", CODE, "", "", door)
        context.close()
