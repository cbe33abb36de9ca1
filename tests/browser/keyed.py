"""A whole switch behind the pages with people who sign in for themselves, and a browser whose device holds passkeys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from playwright.sync_api import CDPSession, Page

from tests.browser import stage as pages
from tests.conftest import Clock, created
from tests.policy.conftest import AGENCIES, CHEAP, PASSWORD, SEAL, SECRET, TERMINALS
from tests.switch import stage as rooms
from tests.web.fake_house import FakeHouse
from wireroom.app.database import open_as
from wireroom.app.engine import Embedded
from wireroom.app.house import AppHouse
from wireroom.app.populate import make_fit
from wireroom.app.roles import WEB
from wireroom.message.deadlines import Board
from wireroom.message.envelope import Seat
from wireroom.policy.directory import Book, add_agency, add_terminal
from wireroom.policy.passkeys import Place
from wireroom.policy.people import People, Person, Terms
from wireroom.policy.secret import Passwords, code_at
from wireroom.web.site import site

DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


async def nothing_due(seat: Seat, at: datetime) -> Board:
    """A board without a deadline."""
    return Board(at=at, groups=())


class KeyedStage(pages.Stage):
    """The server and the switch in one loop, at a name: browsers bind no passkey to a number."""

    def __init__(self, dsn: str, clock: Clock) -> None:
        self._dsn, self.clock = dsn, clock
        super().__init__(FakeHouse(demo=False))  # until the real one stands
        self.address = f"http://localhost:{self.port}"

    async def serve(self) -> None:
        pool = await open_as(self._dsn, WEB, 4)
        try:
            async with rooms.Stage(self._dsn, self.clock) as stage, stage.running() as switch:
                for agency in AGENCIES:
                    await add_agency(pool, agency, self.clock())
                for terminal in TERMINALS:
                    await add_terminal(pool, terminal, self.clock())
                place = Place(origin=f"http://localhost:{self.port}", domain="localhost")
                people = People(pool, SEAL, passwords=Passwords(CHEAP), terms=Terms(place=place))
                vale = Person(id="p.vale", name="Pat Vale", ori="CA0990100", role="operator")
                await people.add(vale, password=PASSWORD, otp_secret=SECRET, now=self.clock())
                await make_fit(pool, self.clock())
                book = Book(pool)
                switch.directory = await book.refresh()
                house = AppHouse(
                    switch=switch, people=people, book=book, partners=(), demo=False, clock=self.clock,
                    board=nothing_due,
                )  # fmt: skip
                self.rooms = stage
                self._server.config.app = site(house)
                self._loop = asyncio.get_running_loop()
                await self._server.serve()
        finally:
            await pool.close()

    def code(self) -> str:
        """A new code: half a minute passes, for a code counts once."""
        self.clock.tick(30)
        return code_at(SECRET, self.clock())

    def journal(self) -> list[tuple[str, dict[str, Any]]]:  # Any: a detail is what its tag says
        """What was written down: tags and details, first to last."""
        assert self._loop is not None
        entries = asyncio.run_coroutine_threadsafe(self.rooms.journal(), self._loop).result(10)
        return [(entry.tag, dict(entry.detail)) for entry in entries]


@contextmanager
def keyed(server: Embedded, template: str, clock: Clock) -> Iterator[KeyedStage]:
    """Such a switch on a new database. That is made in another thread: Playwright's loop runs in this one."""
    database = created(server, template)
    with ThreadPoolExecutor(1) as thread:
        dsn = thread.submit(database.__enter__).result()
        try:
            stage = KeyedStage(dsn, clock)
            try:
                yield stage
            finally:
                stage.stop()
        finally:
            thread.submit(database.__exit__, None, None, None).result()


class Holder:
    """The device in a page's browser, which says yes by itself unless told otherwise."""

    def __init__(self, page: Page) -> None:
        self._wire: CDPSession = page.context.new_cdp_session(page)
        self._wire.send("WebAuthn.enable")
        self.id: str = self.add()

    def add(self, **changes: object) -> str:
        """One more device."""
        made = self._wire.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE | changes})
        return str(made["authenticatorId"])

    def remove(self, device: str) -> None:
        """The device is not there any more."""
        self._wire.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})

    def keys(self, device: str = "") -> list[dict[str, Any]]:  # Any: as the browser tells it
        """What a device holds."""
        told = self._wire.send("WebAuthn.getCredentials", {"authenticatorId": device or self.id})
        return list(told["credentials"])

    def verify(self, yes: bool) -> None:
        """Whether the device finds that its holder is who they should be."""
        self._wire.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": yes})

    def put(self, key: dict[str, Any], **changes: object) -> None:  # Any: as above
        """A key into the device, as somebody could who copied it: its counter may be another."""
        self._wire.send(
            "WebAuthn.removeCredential", {"authenticatorId": self.id, "credentialId": key["credentialId"]}
        )
        self._wire.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": key | changes})
