"""A whole switch behind the pages: our own files in a database of their own, two agencies, three desks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager

import msgspec

from tests.browser import stage as pages
from tests.conftest import Clock, created
from tests.switch import stage as rooms
from tests.web.fake_house import SESSION, FakeHouse
from wireroom.app.engine import Embedded
from wireroom.message.answer import Delivery, Receipt
from wireroom.message.envelope import Arrival, Seat
from wireroom.switch.transaction import Switch

CLERK, SECOND, OTHER = "token-of-the-clerk", "token-of-the-second", "token-of-the-other-agency"
SEATS = {
    CLERK: (rooms.DESK, "Pat Vale", "Example City Police"),
    SECOND: (rooms.NEXT_DESK, "Robin Next", "Example City Police"),
    OTHER: (rooms.OTHER, "Sam Other", "Sample County Sheriff"),
}


class RealHouse(FakeHouse):
    """Only who sits where is invented: messages are taken by the switch, and its mailboxes are read."""

    switch: Switch

    def __init__(self, clock: Clock) -> None:
        super().__init__(demo=True)
        self.clock = clock
        self.sessions = {
            token: msgspec.structs.replace(SESSION, seat=seat, name=name, agency=agency)
            for token, (seat, name, agency) in SEATS.items()
        }

    async def transact(self, arrival: Arrival) -> Receipt:
        return await self.switch.transact(arrival)

    @asynccontextmanager
    async def mailbox(self, terminal: str) -> AsyncIterator[AsyncIterator[Delivery]]:
        async with self.switch.mailbox(terminal) as deliveries:
            yield deliveries

    async def acknowledge(self, seat: Seat, numbers: Sequence[int]) -> None:
        await self.switch.acknowledge(seat.terminal, numbers)


class RealStage(pages.Stage):
    """The server and the switch in one loop, as they are in earnest."""

    def __init__(self, dsn: str, clock: Clock) -> None:
        self._dsn, self._clock = dsn, clock
        super().__init__(RealHouse(clock))

    async def serve(self) -> None:
        assert isinstance(self.house, RealHouse)
        async with rooms.Stage(self._dsn, self._clock) as stage, stage.running() as switch:
            self.house.switch = switch
            await super().serve()


@contextmanager
def real(server: Embedded, template: str, clock: Clock) -> Iterator[RealStage]:
    """A switch on a new database. That is made in another thread: Playwright's loop runs in this one."""
    database = created(server, template)
    with ThreadPoolExecutor(1) as thread:
        dsn = thread.submit(database.__enter__).result()
        try:
            stage = RealStage(dsn, clock)
            try:
                yield stage
            finally:
                stage.stop()
        finally:
            thread.submit(database.__exit__, None, None, None).result()
