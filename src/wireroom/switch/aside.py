"""What is not on the hot path: one connection that agencies use in turn, and the acknowledgements of terminals."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import asyncpg

from wireroom.message.turns import HOUSE, Room, Space, Turns, Whose
from wireroom.switch import Busy, TooMany
from wireroom.switch.delivery import Mailboxes

ACKNOWLEDGED_MAX = 20_000


class Aside:
    """The connection, which has one user at a time. Whoever waits for it gets it in turn with other agencies."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
        self._connect = connect
        self._connection: asyncpg.Connection | None = None
        self._turns: Turns[asyncio.Future[None]] = Turns()
        self._used = False

    @contextlib.asynccontextmanager
    async def connection(self, whose: Whose = HOUSE) -> AsyncIterator[asyncpg.Connection]:
        """The connection, for as long as this is open; after trouble the next user gets a new one.

        Trouble is also that its user was cancelled: a transaction may stand open on the server that nobody would end.
        """
        await self._enter(whose)
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await self._connect()
            try:
                yield self._connection
            except BaseException:
                self.end()
                raise
        finally:
            self._leave()

    def end(self) -> None:
        """Drops the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _enter(self, whose: Whose) -> None:
        if not self._used:
            self._used = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns.put(turn, whose)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was handed over just now
                self._leave()
            raise

    def _leave(self) -> None:
        """Hands over to the next that still waits."""
        while self._turns:
            turn = self._turns.take()
            if not turn.done():
                turn.set_result(None)
                return
        self._used = False


class Acknowledgements:
    """What terminals have signed for and the database still holds: written down lazily, and no agency's fills it."""

    def __init__(self, mailboxes: Mailboxes, share: float) -> None:
        self._mailboxes = mailboxes
        self._room = Room(ACKNOWLEDGED_MAX, share)
        self._waiting: list[tuple[str, tuple[str, int]]] = []  # agency; terminal and number

    def put(self, agency: str, terminal: str, numbers: Sequence[int]) -> None:
        """A terminal has these. Raises Busy, or TooMany where it is its own agency that has too many waiting."""
        space = self._room.space(agency)
        if space is not Space.FREE:
            mine = space is Space.AGENCY_FULL
            words = f"too many acknowledgements{' of your agency' if mine else ''} wait to be written down"
            raise (TooMany if mine else Busy)(words)
        if new := self._mailboxes.acknowledged([(terminal, number) for number in numbers]):
            self._room.enter(agency, len(new))
            self._waiting += [(agency, pair) for pair in new]

    def waiting(self) -> list[tuple[str, int]]:
        """The oldest of them, as many as are written down at once."""
        return [pair for _, pair in self._waiting[:ACKNOWLEDGED_MAX]]

    def written(self, many: int, gone: Sequence[tuple[str, int]]) -> None:
        """The oldest `many` are written down; `gone` are those that waited in the database."""
        done, self._waiting = self._waiting[:many], self._waiting[many:]
        for agency, number in Counter(agency for agency, _ in done).items():
            self._room.leave(agency, number)
        self._mailboxes.deleted([pair for _, pair in done], gone)
