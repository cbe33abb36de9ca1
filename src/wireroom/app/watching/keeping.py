"""Looks again and again, writes down which alarms began and ended, and tells whom the settings name.

Of all processes on a database one leads: it alone writes and tells. It leads by a lock of its connection, which ends
with it, so that the next one takes over. Where the database is gone, whoever led last tells from memory.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import asyncpg

from wireroom.app.watching import alarms
from wireroom.app.watching.alarms import Alarm, after_telling, letter_of, step, to_tell
from wireroom.app.watching.seen import Limits, Seen
from wireroom.app.watching.watches import Judged, judged
from wireroom.gateways.couriers import Courier
from wireroom.journal.tags import Tag
from wireroom.message.letter import Letter, Post
from wireroom.switch import Busy, JournalDown
from wireroom.switch.work import Note

log = logging.getLogger(__name__)

TROUBLES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
NOT_WRITTEN = (Busy, JournalDown)
WATCH_LOCK = 0x7761746368  # "watch"
STOPPED = "journal-stopped"
WAIT_MAX = timedelta(minutes=10)  # between two tries to tell, where nobody takes it
_LEAD = "SELECT pg_try_advisory_lock($1)"

Connect = Callable[[], Awaitable[asyncpg.Connection]]


class Lead:
    """Whether this process is the one that does something for all of them."""

    def __init__(self, connect: Connect, lock: int) -> None:
        self._connect, self._lock = connect, lock
        self._connection: asyncpg.Connection | None = None

    async def mine(self) -> asyncpg.Connection | None:
        """The connection that holds the lock, or None where another process has it. Raises the database's troubles."""
        if self._connection is not None and not self._connection.is_closed():
            await self._connection.execute("SELECT")  # a lock counts as long as its line
            return self._connection
        self._connection = None
        connection = await self._connect()
        try:
            if await connection.fetchval(_LEAD, self._lock):
                self._connection = connection
        finally:
            if self._connection is None:
                await connection.close(timeout=5)
        return self._connection

    async def leave(self) -> None:
        """Lets another process lead."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


class Teller:
    """Tells people outside, over the couriers that are set up."""

    def __init__(
        self,
        couriers: Mapping[str, Courier],
        whom: Sequence[tuple[str, str]],
        *,
        where: str,
        again: timedelta,
    ) -> None:
        """`whom` are pairs of a channel and an address there."""
        self._couriers, self._whom, self._where = couriers, tuple(whom), where
        self.again = again
        self._wait = timedelta()
        self._not_before: datetime | None = None  # after a try that nobody took

    async def tell(self, told: Sequence[Alarm], now: datetime) -> int | None:
        """How many took it; None where somebody should have and nobody did, and it is tried again later."""
        if not self._whom:
            return 0
        if self._not_before is not None and now < self._not_before:
            return None
        letters = [letter_of(told, to=to, channel=by, where=self._where, now=now) for by, to in self._whom]
        posted = await asyncio.gather(*(self._post(one) for one in letters))
        taken = sum(posted)
        if taken < len(letters):
            log.warning("alarms: %d of %d who are to be told took it", taken, len(letters))
        if taken:
            self._wait, self._not_before = timedelta(), None
            return taken
        self._wait = min(WAIT_MAX, max(timedelta(seconds=15), 2 * self._wait))
        self._not_before = now + self._wait
        return None

    async def _post(self, letter: Letter) -> bool:
        courier = self._couriers.get(letter.channel)
        return courier is not None and (await courier.post(letter)).post is Post.TAKEN


class Watchman:
    """Keeps the alarms true to what is seen."""

    def __init__(
        self,
        *,
        lead: Lead,
        look: Callable[[], Awaitable[Seen]],
        note: Callable[[Note], Awaitable[object]],
        teller: Teller,
        limits: Limits,
        clock: Callable[[], datetime],
    ) -> None:
        self._lead, self._look, self._note = lead, look, note
        self._teller, self._limits, self._clock = teller, limits, clock
        self._led = False  # whether we did when the database was last there
        self._stopped: Alarm | None = None  # kept here while it cannot be kept there
        self.open: tuple[Alarm, ...] = ()  # as they were found last

    async def round(self) -> None:
        """One look, and all that follows from it. Raises nothing of the world's troubles."""
        try:
            connection = await self._lead.mine()
        except TROUBLES as error:
            await self._alone(f"the database cannot be reached ({type(error).__name__})")
            return
        self._led = connection is not None
        if connection is None:
            return
        seen = await self._look()
        try:
            await self._keep(connection, judged(seen, self._limits))
        except (*TROUBLES, *NOT_WRITTEN) as error:
            await self._alone(seen.not_writing or f"no entry could be written ({type(error).__name__})")

    async def _keep(self, connection: asyncpg.Connection, found: Judged) -> None:
        """Each change is written into the journal before it is kept: what a crash repeats stands there twice."""
        now = self._clock()
        stopped = (STOPPED, "") in found.wrong
        if stopped:  # no other change could be written down, so none is made
            found = Judged({(STOPPED, ""): found.wrong[STOPPED, ""]}, frozenset({STOPPED}))
        if self._stopped is not None:  # it was told from memory: not again when the database is back
            await alarms.put(connection, self._stopped)
        changed = step(await alarms.listed(connection, every=True), found, now)
        for tag, several in ((Tag.ALARM_BEGUN, changed.begun), (Tag.ALARM_ENDED, changed.ended)):
            for one in several:
                if not stopped:
                    await self._note(Note(tag=tag, detail=_told(one)))
                await alarms.put(connection, one)
        for one in changed.worded:
            await alarms.put(connection, one)
        self._stopped = None
        await self._tell(connection, now, quiet=stopped)
        await alarms.forget(connection, now)
        self.open = await alarms.listed(connection)

    async def _tell(self, connection: asyncpg.Connection, now: datetime, *, quiet: bool) -> None:
        """`quiet`: that they were told cannot be written into the journal."""
        told = to_tell(await alarms.listed(connection, every=True), now, self._teller.again)
        taken = await self._teller.tell(told, now) if told else None
        if taken is None:
            return
        for one in told:
            log.warning("alarm %s %s: %s", one.watch, "over" if one.ended_at else "now", one.words)
            await alarms.put(connection, after_telling(one, now))
        if taken and not quiet:
            watches = sorted({one.watch for one in told})
            await self._note(Note(tag=Tag.ALARM_TOLD, detail={"alarms": watches, "took": taken}))

    async def _alone(self, why: str) -> None:
        """Nothing can be kept: the one alarm that says so is kept in memory, and told by whoever led."""
        if not self._led:
            return
        now = self._clock()
        if self._stopped is None:
            self._stopped = Alarm(watch=STOPPED, about="", words=f"Nothing is taken: {why}.", began_at=now)
        self.open = (self._stopped,)
        if to_tell([self._stopped], now, self._teller.again):
            if await self._teller.tell([self._stopped], now) is None:
                return
            log.critical("alarm %s now: %s", STOPPED, self._stopped.words)
            self._stopped = after_telling(self._stopped, now)

    async def leave(self) -> None:
        """Another process may lead."""
        await self._lead.leave()


def _told(one: Alarm) -> dict[str, object]:
    detail: dict[str, object] = {"alarm": one.watch, "words": one.words}
    if one.about:
        detail["about"] = one.about
    if one.ended_at is not None:
        detail["since"] = one.began_at.isoformat(timespec="milliseconds")
    return detail
