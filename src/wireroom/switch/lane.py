"""A lane: one worker that takes whatever has queued, does it in one database transaction, and wakes all waiters."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import asyncpg

from wireroom.journal import JournalError, NotWritten
from wireroom.message.acting import BATCH, acting
from wireroom.message.reply import wording
from wireroom.message.turns import Room, Space, Turns, Whose
from wireroom.switch import Busy, JournalDown, TooMany

log = logging.getLogger(__name__)
Item = TypeVar("Item")
Done = TypeVar("Done")

RECONNECT_WITHIN_S = 5.0
STOPPING = "the switch is stopping: send again with the same key when it is back"
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that broke between two words
    OSError,
    TimeoutError,
)


class Lane(Generic[Item, Done]):
    """Runs `work(connection, items)` inside one transaction for all items that have queued, agencies in turn.

    `work` gives one result for each item, and what to do once the transaction has committed.

    There is no timer: at ease a batch is one item, under load it groups by itself. An item that fails a batch is found
    by doing the batch again one by one; only it fails. Nothing is ever done twice: a failed batch left no trace, and
    where the line broke while it committed, its items' keys are claimed. `doubt` is told of every failed batch.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        work: Callable[[asyncpg.Connection, list[Item]], Awaitable[tuple[list[Done], Callable[[], None]]]],
        *,
        batch_max: int,
        room: Room,
        part_max: int = 1_000_000,
        doubt: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self._connect = connect
        self._work = work
        self._batch_max = batch_max
        self.part_max = part_max  # of one agency, in a batch
        self._doubt = doubt
        self._ended = False
        self._room = room  # which lanes may share
        self._turns: Turns[tuple[Item, asyncio.Future[Done], str]] = Turns()
        self._some = asyncio.Event()
        self._connection: asyncpg.Connection | None = None
        self.batches = 0
        self.items = 0
        self.refuses = ""  # why nothing new is taken, told by whoever watches the room on the disk
        self.trouble = ""  # why the last batch could not be written down, nothing at all; empty once one was

    @property
    def waiting(self) -> int:
        """How many items have queued."""
        return len(self._turns)

    def put(self, item: Item, whose: Whose) -> asyncio.Future[Done]:
        """Queues an item; the future is done once its transaction is committed.

        Raises Busy when the room is full, TooMany when its agency has its measure, JournalDown when the lane has ended
        or takes nothing.
        """
        if self._ended or self.refuses:
            raise JournalDown(STOPPING if self._ended else self.refuses)
        if (space := self._room.enter(whose.agency)) is not Space.FREE:
            raise too_full(space)
        future: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._turns.put((item, future, whose.agency), whose)
        self._some.set()
        return future

    async def run(self) -> None:
        """Works until cancelled. What has queued or is under way then fails with JournalDown."""
        batch: list[tuple[Item, asyncio.Future[Done]]] = []
        try:
            while True:
                self._some.clear()
                if not self._turns:
                    batch = []
                    await self._some.wait()
                batch = self._next(self._batch_max)
                await self._batch(batch)
        finally:
            self._ended = True
            while self._turns:
                batch += self._next(len(self._turns))
            for _, future in batch:
                _fail(future, JournalDown(STOPPING))
            if self._connection is not None:
                self._connection.terminate()

    def _next(self, at_most: int) -> list[tuple[Item, asyncio.Future[Done]]]:
        """The items whose turn it is; there is space for others then.

        Whoever comes next waits for the whole batch, so one agency's items make up no more than a part of it. As
        agencies take turns, the others with items have had as many when it is reached, so the batch ends there.
        """
        taken = []
        parts: dict[str, int] = {}
        for _ in range(min(at_most, len(self._turns))):
            item, future, agency = self._turns.take()
            self._room.leave(agency)
            taken.append((item, future))
            parts[agency] = part = parts.get(agency, 0) + 1
            if part >= self.part_max:
                break
        return taken

    async def _batch(self, batch: list[tuple[Item, asyncio.Future[Done]]]) -> None:
        try:
            done, after = await self._once([item for item, _ in batch])
        except Exception as error:
            await self._drop()
            if why := _why_nothing(error):
                self.trouble = why
                log.error("lane %s: %s: %s", self.name, why, error)
                for _, future in batch:
                    _fail(future, JournalDown(f"{why}, so nothing can be written down"))
                return
            if len(batch) == 1:
                log.exception("lane %s: a message could not be carried out", self.name)
                _fail(
                    batch[0][1],
                    JournalDown(f"this message could not be written down: {type(error).__name__}"),
                )
                return
            for one in batch:
                await self._batch([one])
        else:
            self.trouble = ""
            self.batches += 1
            self.items += len(batch)
            for (_, future), result in zip(batch, done, strict=True):
                if not future.done():
                    future.set_result(result)
            try:
                after()
            except Exception:
                log.exception("lane %s: what follows a commit failed", self.name)
                self._doubt()

    async def _once(self, items: list[Item]) -> tuple[list[Done], Callable[[], None]]:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncio.wait_for(self._connect(), RECONNECT_WITHIN_S)
        async with acting(self._connection, BATCH):
            return await self._work(self._connection, items)

    async def _drop(self) -> None:
        """A connection after an error is in doubt: the next batch takes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
        self._doubt()


def too_full(space: Space) -> Busy:
    """What is said where there is no space."""
    if space is Space.AGENCY_FULL:
        return TooMany(wording()["switch.agency_waiting"])
    return Busy(wording()["switch.busy"])


def _why_nothing(error: Exception) -> str:
    """Why no item at all could be written down; empty where it may be the fault of one."""
    cause = error.__cause__ if isinstance(error, NotWritten) else error
    if isinstance(cause, JournalError):
        return f"nothing can be sealed: {cause}"
    if isinstance(cause, asyncpg.DiskFullError):
        return "the disk of the database is full: free some space"
    return "the database cannot be reached" if isinstance(cause, _LOST) else ""


def _fail(future: asyncio.Future[Done], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
        future.exception()  # looked at, so that nobody is told of it at exit when nobody waits any more
