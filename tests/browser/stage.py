"""A site over a fake house on a port of its own, and a browser in front of it."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.web.fake_house import TOKEN, FakeHouse
from wireroom.message.answer import Delivery
from wireroom.web.site import site

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-lcd-text",
)
TIMEOUT_MS = 10_000
# Counts every note that starts, whoever asks for it.
COUNT_NOTES = """
window.notes = [];
const create = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () {
  const tone = create.call(this), start = tone.start;
  tone.start = function (...at) { window.notes.push(tone.frequency.value); return start.apply(this, at); };
  return tone;
};
"""


class Telling(uvicorn.Server):
    """A server that tells when it takes requests."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


class Stage:
    """A running server over a fake house, which can be stopped and started again on the same port."""

    def __init__(self, house: FakeHouse) -> None:
        self.house = house
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._listener.close()
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Serve, and return once requests are taken."""
        self._loop: asyncio.AbstractEventLoop | None = None
        ready = threading.Event()
        config = uvicorn.Config(
            site(self.house), host="127.0.0.1", port=self.port, log_level="critical", lifespan="off",
            timeout_graceful_shutdown=0,
        )  # fmt: skip
        self._server = Telling(config, ready)

        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve()), daemon=True)
        self._thread.start()
        assert ready.wait(10), "the server did not start"

    async def serve(self) -> None:
        """Take requests until stopped."""
        self._loop = asyncio.get_running_loop()
        await self._server.serve()

    def stop(self) -> None:
        """Break every connection, as a machine does that loses its power."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()

    def deliver(self, *deliveries: Delivery) -> None:
        """Let something come, from outside the server's thread."""
        assert self._loop is not None
        for delivery in deliveries:
            self._loop.call_soon_threadsafe(self.house.deliver, delivery)

    def run(self, act: Callable[[], None]) -> None:
        """Do something in the server's thread."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(act)


@contextmanager
def staged(house: FakeHouse) -> Iterator[Stage]:
    """A stage that is taken down at the end."""
    stage = Stage(house)
    try:
        yield stage
    finally:
        stage.stop()


@contextmanager
def browsing() -> Iterator[Browser]:
    """The machine's Chromium."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "no Chromium on this machine: make system"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser,
    stage: Stage,
    path: str,
    *,
    size: tuple[int, int] = (1280, 800),
    light: str = "day",
    token: str = TOKEN,
    script: bool = True,
    clock: bool = False,
) -> Iterator[Page]:
    """A page of somebody signed in, in a browser that nobody else uses."""
    context: BrowserContext = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        java_script_enabled=script,
        timezone_id="UTC",
        base_url=stage.address,
    )
    context.set_default_timeout(TIMEOUT_MS)
    context.add_cookies([{"name": "light", "value": light, "url": stage.address}])
    if token:
        context.add_cookies([{"name": "session", "value": token, "url": stage.address, "httpOnly": True}])
    if script:
        context.add_init_script(COUNT_NOTES)
    if clock:
        context.clock.install()
    page = context.new_page()
    page.goto(path)
    try:
        yield page
    finally:
        context.close()


def linked(page: Page) -> None:
    """Wait until the page says that it hears the switch."""
    page.get_by_text("● Linked").wait_for()
