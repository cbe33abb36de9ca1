"""What the switch does by itself: follows changes up, lets records age, keeps other holders in step, minds the clocks.

Each act is one transaction with its journal entries and its deliveries, taken from the database where it was due, so
any number of processes may do it side by side and none that dies takes anything with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import asyncpg
import msgspec

from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.journal.entry import Entry
from wireroom.journal.numbers import NumberMaker
from wireroom.journal.tags import Tag
from wireroom.journal.writer import Writer
from wireroom.message.acting import UPKEEP, acting
from wireroom.message.answer import Answer, Delivery, Notification, Question, State
from wireroom.message.envelope import Message, Seat
from wireroom.message.write import write
from wireroom.policy.directory import Directory
from wireroom.switch import broadcasting, confirming, ledger, weighing
from wireroom.switch.plan import Remote
from wireroom.switch.posting import AT_ONCE as LETTERS_AT_ONCE
from wireroom.switch.posting import Courier, Outbox, Posting
from wireroom.switch.telling import told

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5  # for what another process, or a process before us, has left
FORWARD_AT_ONCE = 64
FOLLOW_AT_ONCE = 50
TURNS_MAX = 1_000  # of one kind of work before the others are looked at again
CLOCKS_AT_ONCE = 200
FORWARD_TAGS = {State.ACCEPTED: Tag.FORWARD_TAKEN, State.REFUSED: Tag.FORWARD_REFUSED}


class Telling(Protocol):
    """One message to another holder about one record of ours."""

    @property
    def ori(self) -> str: ...
    @property
    def message(self) -> Message: ...
    @property
    def number(self) -> str: ...
    @property
    def file(self) -> str: ...


class Followed(Protocol):
    """What came of following changes up."""

    @property
    def done(self) -> int: ...
    @property
    def notices(self) -> tuple[Notification, ...]: ...
    @property
    def concerned(self) -> frozenset[Source]: ...


class Outgoing(Protocol):
    """What other holders must hear. Every method works in the caller's transaction."""

    async def waiting(
        self, connection: asyncpg.Connection, source: Source, now: datetime, limit: int
    ) -> Sequence[Telling]: ...
    async def told(
        self,
        connection: asyncpg.Connection,
        telling: Any,
        answer: Answer,
        now: datetime,  # Any: as `waiting` gave it
    ) -> list[Notification]: ...
    async def wake(self, connection: asyncpg.Connection, source: Source, now: datetime) -> None: ...


class Upkept(Protocol):
    """Record files of ours as something that must be looked after."""

    @property
    def forwarding(self) -> Outgoing: ...
    @property
    def outbox(self) -> Outbox: ...
    def adopt(self, catalogue: Catalogue) -> None: ...
    async def settled(self, connection: asyncpg.Connection) -> Sequence[int]: ...
    async def follow(
        self,
        connection: asyncpg.Connection,
        settled: Sequence[int],
        now: datetime,
        numbers: Callable[[int], list[int]],
    ) -> Followed: ...
    async def tick(
        self, connection: asyncpg.Connection, now: datetime, by: int
    ) -> tuple[list[Notification], bool]: ...


class Upkeep:
    """The acts that nobody asks for, each in a task with a connection of its own."""

    def __init__(  # noqa: PLR0913 - all that it needs, each by name
        self,
        *,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        files: Upkept,
        remotes: Iterable[Remote],
        numbers: NumberMaker,
        writer: Writer,
        clock: Callable[[], datetime],
        catalogue: Callable[[], Catalogue],
        directory: Callable[[], Directory],
        push: Callable[[Sequence[Delivery]], None],
        committed: Callable[[], None],
        control: str,
    ) -> None:
        self._connect, self._files, self._numbers, self._writer = connect, files, numbers, writer
        self._clock, self._catalogue, self._directory = clock, catalogue, directory
        self._push, self._committed, self._control = push, committed, control
        self._remotes = {Source(one.name): one for one in remotes if one.name in set(Source)}
        self._posting = Posting(files.outbox, {}, directory, numbers.batch)
        self._told = asyncio.Event()
        self._changed = asyncio.Event()
        self._concerned = {source: asyncio.Event() for source in self._remotes}
        self._was_up = dict.fromkeys(self._remotes, False)

    def carried_by(self, couriers: Mapping[str, Courier]) -> None:
        """Letters to people outside go by these, each for its channel; without, they stay. Before `start`."""
        self._posting = Posting(self._files.outbox, couriers, self._directory, self._numbers.batch)

    def adopt(self, catalogue: Catalogue) -> None:
        """Another catalogue is in force from now on."""
        self._files.adopt(catalogue)

    def changed(self) -> None:
        """A batch was committed: there may be something to follow up."""
        self._changed.set()

    def start(self) -> list[asyncio.Task[None]]:
        """The tasks, running until cancelled."""
        never = asyncio.Event()
        work: list[tuple[str, asyncio.Event, Callable[[asyncpg.Connection], Awaitable[bool]]]] = [
            ("follow changes", self._changed, self.follow),
            ("age records", never, self.age),
            ("mind the clocks", never, self.mind),
            ("look at reasons", never, self.weigh),
        ]
        work += [(f"tell {s}", self._concerned[s], self._teller(s)) for s in self._remotes]
        work += [("tell people outside", self._told, self.post)] if self._posting.any else []
        return [asyncio.create_task(self._every(*one), name=one[0]) for one in work]

    async def _every(
        self, name: str, wake: asyncio.Event, act: Callable[[asyncpg.Connection], Awaitable[bool]]
    ) -> None:
        """Does something whenever it is woken, and now and then; trouble is logged and the next time comes."""
        connection: asyncpg.Connection | None = None
        try:
            while True:
                try:
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await wake.wait()
                except TimeoutError:
                    pass
                wake.clear()
                try:
                    if connection is None or connection.is_closed():
                        connection = await self._connect()
                    for _ in range(TURNS_MAX):
                        if not await act(connection):
                            break
                except Exception as error:
                    log.warning("could not %s, and will try again: %s: %s", name, type(error).__name__, error)
                    if connection is not None:
                        connection.terminate()
                    connection = None
        finally:
            if connection is not None:
                connection.terminate()

    # ----------------------------------------------------------------------- the acts; each says if there is more

    async def follow(self, connection: asyncpg.Connection) -> bool:
        """Delayed hits, derived records and word to other holders of what was just changed."""
        async with acting(connection, UPKEEP):
            settled = await self._files.settled(connection)
        done = 0
        for at in range(0, len(settled), FOLLOW_AT_ONCE):
            now = self._clock()
            async with acting(connection, UPKEEP):
                several = settled[at : at + FOLLOW_AT_ONCE]
                followed = await self._files.follow(connection, several, now, self._numbers.batch)
                deliveries = await self._write(connection, [], followed.notices, now)
            self._after(deliveries)
            for source in followed.concerned:
                if source in self._concerned:
                    self._concerned[source].set()
            done += followed.done
            self._told.set()
        return done > 0

    async def age(self, connection: asyncpg.Connection) -> bool:
        """Ends what has had its time."""
        now = self._clock()
        async with acting(connection, UPKEEP):
            by = self._numbers.batch(1)[0]
            notices, more = await self._files.tick(connection, now, by)
            entries = []
            if notices:
                detail: dict[str, object] = {"records": [one.number for one in notices if one.number]}
                entries.append(Entry(by, Tag.RECORDS_AGED, now, by, detail=detail))
            deliveries = await self._write(connection, entries, notices, now)
        self._after(deliveries)
        if notices:
            self._changed.set()
        return more

    async def mind(self, connection: asyncpg.Connection) -> bool:
        """Asks again, or escalates, where a hit should have been confirmed by now; ends what nobody approved."""
        now, directory = self._clock(), self._directory()
        async with acting(connection, UPKEEP):
            numbers = self._numbers.batch(CLOCKS_AT_ONCE)
            struck, deliveries = await confirming.struck(
                connection, self._writer.texts, now, numbers, directory, self._control
            )
            left = numbers[len(struck) :]
            lapsed, words = await broadcasting.lapsed(connection, now, left, directory)
            deliveries += words
            if struck or lapsed:
                entries = [Entry(n, Tag.CONFIRMATION_DUE, now, n, detail=detail) for n, detail in struck]
                entries += [Entry(n, Tag.BROADCAST_LAPSED, now, n, detail=detail) for n, detail in lapsed]
                await self._writer.write(connection, entries)
                await ledger.deliver(connection, self._writer.texts, deliveries)
        self._after(deliveries)
        return len(struck) + len(lapsed) == CLOCKS_AT_ONCE

    async def weigh(self, connection: asyncpg.Connection) -> bool:
        """Looks again at reasons that nothing explained: a CAD may tell of an incident late."""
        now = self._clock()
        async with acting(connection, UPKEEP):
            found = await weighing.due(connection, now)
            if found:
                entries = zip(self._numbers.batch(len(found)), found, strict=True)
                await self._writer.write(
                    connection, [msgspec.structs.replace(one[0], number=number) for number, one in entries]
                )
                await weighing.looked(connection, found)
        if found:
            self._committed()
        return len(found) == weighing.AT_ONCE

    async def post(self, connection: asyncpg.Connection) -> bool:
        """Sends letters to people outside; that they are sent is written down first."""
        now = self._clock()
        async with acting(connection, UPKEEP):
            letters, sent = await self._posting.waiting(connection, now)
            if sent:
                await self._writer.write(connection, sent)
        if not letters:
            return False
        self._committed()
        posted = await self._posting.sent(letters)
        now = self._clock()
        async with acting(connection, UPKEEP):
            several = list(zip(letters, sent, posted, strict=True))
            entries, notices = await self._posting.settled(connection, several, now)
            deliveries = await self._write(connection, entries, notices, now)
        self._after(deliveries)
        return len(letters) == LETTERS_AT_ONCE

    def _teller(self, source: Source) -> Callable[[asyncpg.Connection], Awaitable[bool]]:
        async def tell(connection: asyncpg.Connection) -> bool:
            return await self.tell(connection, source)

        return tell

    async def tell(self, connection: asyncpg.Connection, source: Source) -> bool:
        """Tells another holder what it has yet to hear; what is sent is written down first."""
        remote, forwarding = self._remotes[source], self._files.forwarding
        was_up, self._was_up[source] = self._was_up[source], remote.up
        if not remote.up:
            return False
        now = self._clock()
        async with acting(connection, UPKEEP):
            if not was_up:
                await forwarding.wake(connection, source, now)
            tellings = await forwarding.waiting(connection, source, now, FORWARD_AT_ONCE)
            if tellings:
                numbers = self._numbers.batch(len(tellings))
                sent = [self._sent(source, one, n, now) for one, n in zip(tellings, numbers, strict=True)]
                await self._writer.write(connection, sent)
        if not tellings:
            return False
        self._committed()
        questions = [_question(source, one, n, now) for one, n in zip(tellings, numbers, strict=True)]
        answers = await asyncio.gather(*(self._asked(remote, one) for one in questions))
        heard = list(zip(tellings, questions, answers, strict=True))
        try:
            await self._heard(connection, heard)
        except (
            asyncpg.DeadlockDetectedError
        ):  # somebody changes these very records: one at a time none is in the way
            for one in heard:
                await self._heard(connection, [one])
        return any(answer.state is State.ACCEPTED for answer in answers)

    async def _heard(
        self, connection: asyncpg.Connection, heard: Sequence[tuple[Telling, Question, Answer]]
    ) -> None:
        """Writes down what another holder said, in one transaction."""
        now = self._clock()
        async with acting(connection, UPKEEP):
            notices: list[Notification] = []
            entries = []
            numbers = self._numbers.batch(len(heard))
            for (telling, question, answer), number in zip(heard, numbers, strict=True):
                notices += await self._files.forwarding.told(connection, telling, answer, now)
                entries.append(_heard(question, answer, number, now))
            deliveries = await self._write(connection, entries, notices, now)
        self._after(deliveries)

    async def _asked(self, remote: Remote, question: Question) -> Answer:
        try:
            async with asyncio.timeout(remote.deadline_s + 1.0):
                return await remote.ask(question)
        except Exception as error:
            if not isinstance(error, TimeoutError):
                log.exception("entry %d: %s could not be told", question.transaction, remote.name)
            return Answer(source=remote.name, state=State.NO_ANSWER)

    def _sent(self, source: Source, telling: Telling, number: int, now: datetime) -> Entry:
        detail: dict[str, object] = {
            "source": source.value,
            "record": telling.number,
            "file": telling.file,
            "text": write(telling.message, telling.ori),
        }
        return Entry(number, Tag.FORWARD_SENT, now, number, telling.ori, detail=detail)

    # ----------------------------------------------------------------------- what all of them do

    async def _write(
        self,
        connection: asyncpg.Connection,
        entries: list[Entry],
        notices: Sequence[Notification],
        now: datetime,
    ) -> list[Delivery]:
        more, deliveries = told(
            notices,
            directory=self._directory(),
            catalogue=self._catalogue(),
            numbers=self._numbers.batch,
            at=now,
        )
        if entries or more:
            await self._writer.write(connection, [*entries, *more])
            await ledger.deliver(connection, self._writer.texts, deliveries)
        return deliveries

    def _after(self, deliveries: Sequence[Delivery]) -> None:
        self._push(deliveries)
        self._committed()


def _question(source: Source, telling: Telling, number: int, now: datetime) -> Question:
    seat = Seat(terminal="", ori=telling.ori, person="", role="interface")
    return Question(
        transaction=number, leg=0, source=source.value, message=telling.message, seat=seat, at=now
    )


def _heard(question: Question, answer: Answer, number: int, now: datetime) -> Entry:
    detail: dict[str, object] = {"source": answer.source, "state": answer.state.value}
    if answer.text:
        detail["text"] = answer.text
    if answer.hits:
        detail["number"] = answer.hits[0].number
    tag = FORWARD_TAGS.get(answer.state, Tag.FORWARD_WAITING)
    return Entry(number, tag, now, question.transaction, question.seat.ori, detail=detail)
