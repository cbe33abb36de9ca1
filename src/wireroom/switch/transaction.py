"""The switch: one transaction from arrival to answers. Read `transact` first, it is the system."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from functools import partial

import asyncpg
import msgspec

from wireroom.catalog.file import Carrier, Verb
from wireroom.catalog.index import Catalogue
from wireroom.journal.entry import Entry
from wireroom.journal.numbers import NumberMaker
from wireroom.journal.tags import Tag
from wireroom.journal.writer import Writer
from wireroom.message.acting import BATCH, UPKEEP, acting, mailbox_of, seated
from wireroom.message.answer import Answer, Delivery, Notification, Question, Receipt, State
from wireroom.message.dialects import read_as
from wireroom.message.envelope import Arrival, Fault, Message, Reading, Seat
from wireroom.message.local import day_of
from wireroom.message.reason import Reason, reason_of
from wireroom.message.reply import wording
from wireroom.message.turns import Room, Space, Whose
from wireroom.policy.directory import Directory
from wireroom.policy.emergencies import declare
from wireroom.policy.ruling import Rulebook, Ruling
from wireroom.switch import BadKey, Busy, JournalDown, KeyTaken, broadcasting, confirming, ledger, weighing
from wireroom.switch.addressing import addressed, courtesy
from wireroom.switch.aside import Acknowledgements, Aside
from wireroom.switch.delivery import Mailboxes
from wireroom.switch.lane import Lane, too_full
from wireroom.switch.pace import Pace, Pacing
from wireroom.switch.plan import LocalFiles, Remote, plan, questions
from wireroom.switch.reasons import Reasons
from wireroom.switch.telling import told
from wireroom.switch.upkeep import Upkeep, Upkept
from wireroom.switch.weighing import claim_of, digest_of, over_midnight
from wireroom.switch.work import (
    Note,
    Settled,
    Work,
    answered,
    emergencies,
    intent,
    is_name_search,
    receipt,
    taken,
    whose,
    withheld,
)

log = logging.getLogger(__name__)

ACKNOWLEDGE_EVERY_S = 0.1  # acknowledgements are written lazily: losing one is a harmless repeat
RECOVER_EVERY_S = 5.0
RECOVER_MAX = 500
BUSY_WAIT_S = 0.02
KEY_CHARACTERS_MAX = 64
OVERDUE = timedelta(seconds=15)  # past its deadline a question is settled, though its process lives
BATCH_MAX = 512  # a batch's entries share one journal batch of at most 4,096

Connect = Callable[[], Awaitable[asyncpg.Connection]]
# Connection, work, its number, the time, directory, catalogue: what its sender is told, and what others get.
Carry = Callable[
    [asyncpg.Connection, Work, int, datetime, Directory, Catalogue], Awaitable[tuple[Answer, list[Delivery]]]
]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much at once."""

    batch_max: int = 256
    queue_max: int = 4096
    agency_share: float = 1.0  # what one agency may have waiting, of what is free
    answer_seconds_max: float = 8.0
    station_queue_max: int = 1000
    pacing: Pacing = Pacing()


class Switch:
    """One switch process: its lanes, its mailboxes, the sources it asks. Everything it needs is handed to it."""

    def __init__(  # noqa: PLR0913 - all that it needs, each by name
        self,
        *,
        catalogue: Catalogue,
        connect: Connect,
        files: LocalFiles,
        remotes: Sequence[Remote],
        numbers: NumberMaker,
        worker: int,
        writer: Writer,
        clock: Callable[[], datetime],
        limits: Limits,
        committed: Callable[[], None] = lambda: None,
        rulebook: Rulebook | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.rulebook = rulebook or Rulebook()  # may be replaced while the switch runs
        self.directory = Directory()
        self._connect, self._files, self._writer, self._numbers = connect, files, writer, numbers
        self._texts = writer.texts
        self._carriers: Mapping[Carrier, Carry] = {
            Carrier.CONFIRMING: partial(confirming.carry, self._texts),
            Carrier.MESSAGES: partial(broadcasting.carry, self._texts, files),
        }
        self._remotes = {remote.name: remote for remote in remotes}
        self._sources = frozenset((files.name, *self._remotes))
        self._worker, self._clock, self._limits, self._committed = worker, clock, limits, committed
        self.mailboxes = Mailboxes(self._waiting, waiting_max=limits.station_queue_max)
        self._arrivals = Room(limits.queue_max, limits.agency_share)
        answers = Room(limits.queue_max, limits.agency_share)
        batch_max, doubt = min(limits.batch_max, BATCH_MAX), self.mailboxes.look_again
        lane = partial(
            Lane, connect=connect, doubt=doubt, batch_max=batch_max, part_max=max(1, batch_max // 4)
        )
        self.numbers_lane: Lane[Work, Receipt | Exception] = lane(
            "numbers", work=self._carry, room=self._arrivals
        )
        self.names_lane: Lane[Work, Receipt | Exception] = lane(
            "names", work=self._carry, room=self._arrivals
        )
        self.answers_lane: Lane[Settled | Note, int] = lane("answers", work=self._settle, room=answers)
        self.reasons = Reasons(Pace(limits.pacing), worker)
        self.upkeep: Upkeep | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self._acknowledgements = Acknowledgements(self.mailboxes, limits.agency_share)
        self._tasks: list[asyncio.Task[None]] = []
        self._aside = Aside(connect)

    def look_after(self, files: Upkept, control: str) -> None:
        """Gives the switch files of ours to look after; `control` is the ORI that gets copies. Before `start`."""
        self.upkeep = Upkeep(
            connect=self._connect,
            files=files,
            remotes=self._remotes.values(),
            numbers=self._numbers,
            writer=self._writer,
            clock=self._clock,
            catalogue=lambda: self.catalogue,
            directory=lambda: self.directory,
            push=self.mailboxes.push,
            committed=self._committed,
            control=control,
        )

    def adopt(self, catalogue: Catalogue) -> None:
        """Another catalogue is in force from now on. What is under way is finished by it."""
        self.catalogue = catalogue
        if self.upkeep is not None:
            self.upkeep.adopt(catalogue)

    # ------------------------------------------------------------------------------------------ the one path

    async def transact(self, arrival: Arrival) -> Receipt:
        """Carry one arrival from a terminal to its answers.

        When it returns, the arrival, the ruling and every answer of our own files are durable; the answers come as
        deliveries at the terminal's mailbox, those of other systems as they give them. A repeat of a key gets the
        first receipt. Raises Busy, KeyTaken or JournalDown, and then nothing moved.
        """
        if (space := self._arrivals.space(arrival.seat.ori)) is not Space.FREE:
            raise too_full(space)  # before anything is read: what is too much must cost little
        catalogue = self.catalogue
        if not 1 <= len(arrival.key) <= KEY_CHARACTERS_MAX or not arrival.key.isprintable():
            raise BadKey(f"a key has from 1 to {KEY_CHARACTERS_MAX} visible characters")
        reading = read_arrival(arrival, catalogue)  # message: a Message, or every fault
        work = Work(arrival, reading, None)
        if reading.message is not None:
            work = self._ruled(arrival, reading, reading.message)  # policy: allowed, or refused and why
        if self.mailboxes.full(arrival.seat.terminal):
            raise Busy(wording()["switch.too_many_waiting"])
        lane = self.names_lane if is_name_search(work) else self.numbers_lane
        receipt_given = await lane.put(
            work, work.whose(catalogue)
        )  # journal, records, delivery: one commit for all
        if isinstance(receipt_given, Exception):
            raise receipt_given
        return receipt_given

    def ruled(self, message: Message, arrival: Arrival) -> Ruling:
        """What the rules say of a message, with what the directory knows of its agency."""
        ori, reason = arrival.seat.ori, reason_of(message.get, arrival.reason, arrival.case)
        ways = self.directory.ways_of(ori, arrival.at)
        agreement = self.directory.agreement_of(ori, reason.for_agency)
        return self.rulebook.rule(message, self.catalogue.forms[message.key], arrival, ways, agreement)

    def _ruled(self, arrival: Arrival, reading: Reading, message: Message) -> Work:
        """The work with its ruling; where it is allowed, with who will be asked."""
        if self.catalogue.forms[message.key].verb is Verb.INQUIRE:
            reason = reason_of(message.get, arrival.reason, arrival.case)
            arrival = msgspec.structs.replace(arrival, reason=reason)
        ruling = self.ruled(message, arrival)
        if not ruling.allowed:
            return Work(arrival, reading, ruling)
        sources = frozenset((self._files.name,)) if arrival.seat.test else self._sources
        legs = plan(message, self.catalogue, sources, ruling.purpose)
        notice = self.catalogue.forms[message.key].notice
        faults = courtesy(message, self.directory, test=arrival.seat.test)
        if notice is None:
            return _found(arrival, reading, faults) or Work(arrival, reading, ruling, legs)
        terminals, wrong = addressed(message, notice, self.directory, arrival.seat)
        held = notice.broadcast is not None and notice.broadcast.held(message.values)
        return _found(arrival, reading, [*wrong, *faults]) or Work(
            arrival, reading, ruling, legs, terminals, held
        )

    async def _carry(
        self, connection: asyncpg.Connection, works: list[Work]
    ) -> tuple[list[Receipt | Exception], Callable[[], None]]:
        """One batch of arrivals in one transaction: claim, look up, write down, put into the queues."""
        numbers = self._numbers.batch(sum(work.entries_max for work in works))
        firsts, at = [], 0
        for work in works:
            firsts.append(numbers[at])
            at += work.entries_max
        receipts = [receipt(work, number) for work, number in zip(works, firsts, strict=True)]
        rows = [
            (*claim_of(work.arrival), number, digest_of(work.arrival), one)
            for work, number, one in zip(works, firsts, receipts, strict=True)
        ]
        asking = [weighing.asking(work, self.catalogue) for work in works]
        new = await weighing.claim(connection, self._texts, rows, over_midnight(self._clock()), asking)
        given: list[Receipt | Exception] = list(receipts)
        fresh: list[tuple[int, Work]] = []
        for place, (number, work) in enumerate(zip(firsts, works, strict=True)):
            if number in new:
                work, given[place] = self.reasons.judged(work, receipts[place], new[number])
                fresh.append((number, work))
            else:
                given[place] = await self._repeated(connection, work)
        await self.reasons.refuse(connection, self._texts, rows, given)
        deliveries, asked = await self._write(connection, fresh)
        return given, lambda: self._after(deliveries, asked)

    async def _repeated(self, connection: asyncpg.Connection, work: Work) -> Receipt | Exception:
        """The first receipt of a key that came before."""
        arrival = work.arrival
        digest, first = await ledger.claimed(connection, self._texts, *claim_of(arrival))
        if digest != digest_of(arrival):
            return KeyTaken(f"the key {arrival.key} came before today with another text; use a new key")
        return msgspec.structs.replace(first, state="repeat" if first.state == "accepted" else first.state)

    async def _write(
        self, connection: asyncpg.Connection, fresh: list[tuple[int, Work]]
    ) -> tuple[list[Delivery], list[Question]]:
        """Journal entries, answers of our own files, deliveries and open questions of a batch."""
        if not fresh:
            return [], []
        now = self._clock()
        at_iso = now.isoformat(timespec="milliseconds")
        entries: list[Entry] = []
        deliveries: list[Delivery] = []
        asked: list[Question] = []
        local: list[Question] = []
        for number, work in fresh:
            entries.append(intent(work, number, self.catalogue))
            if work.message is None:
                continue
            if self.catalogue.forms[work.message.key].notice is not None:
                entry, several = await self._between(connection, work, number, now)
                entries.append(entry)
                deliveries.extend(several)
            for question in questions(work.legs, work.asked, number, now):
                (local if question.source == self._files.name else asked).append(question)
        answers = await self._files.ask(connection, local) if local else []
        for question, answer in zip(local, answers, strict=True):
            number = question.transaction + 1 + question.leg
            entry, delivery = answered(
                question, whose(answer, self.catalogue, self.directory), number, at_iso, self.catalogue
            )
            entries.append(entry)
            deliveries.append(delivery)
        more, unasked = self._unasked([notice for answer in answers for notice in answer.notices], now)
        entries = [*sorted(entries, key=_number), *more]
        deliveries += unasked
        await self._writer.write(connection, entries)
        await declare(connection, emergencies(fresh))
        await ledger.deliver(connection, self._texts, deliveries)
        await ledger.open_legs(connection, self._texts, asked, self._worker, self._limits.answer_seconds_max)
        return deliveries, asked

    async def _between(
        self, connection: asyncpg.Connection, work: Work, number: int, now: datetime
    ) -> tuple[Entry, list[Delivery]]:
        """What goes from one terminal to others and touches no file, and what its sender is told."""
        assert work.message is not None, "only a message that may move goes anywhere"
        notice = self.catalogue.forms[work.message.key].notice
        assert notice is not None, "what touches no file is carried as its notice says"
        carry = self._carriers[notice.carrier]
        answer, sent = await carry(connection, work, number, now, self.directory, self.catalogue)
        at_iso = now.isoformat(timespec="milliseconds")
        entry, delivery = taken(work, number, number + 1, at_iso, self.catalogue, answer, sent)
        return entry, [*sent, delivery]

    def _unasked(self, notices: Sequence[Notification], now: datetime) -> tuple[list[Entry], list[Delivery]]:
        """Journal entries and deliveries of what is told to those who did not ask."""
        return told(
            notices, directory=self.directory, catalogue=self.catalogue, numbers=self._numbers.batch, at=now
        )

    def _after(self, deliveries: list[Delivery], asked: list[Question]) -> None:
        """After the commit: show what is answered, ask what is not, tell the sequencer."""
        self.mailboxes.push(deliveries)
        for question in asked:
            self._ask(question)
        self._committed()
        if self.upkeep is not None:
            self.upkeep.changed()

    # ---------------------------------------------------------------------------------------- other systems

    def _ask(self, question: Question) -> None:
        task = asyncio.create_task(self._asked(question))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _asked(self, question: Question) -> None:
        """Ask one other system and put its answer, or its silence, on the way to the terminal."""
        remote = self._remotes.get(question.source)
        if remote is None or question.seat.test:  # training never reaches what is live
            words = wording()["switch.training"] if question.seat.test else ""
            answer = Answer(source=question.source, state=State.OUT_OF_SERVICE, text=words)
        else:
            try:
                async with asyncio.timeout(self._limits.answer_seconds_max):
                    answer = await remote.ask(question)
            except Exception as error:
                if not isinstance(error, TimeoutError):
                    log.exception("entry %d: %s could not be asked", question.transaction, question.source)
                answer = Answer(source=question.source, state=State.NO_ANSWER)
        await self.settle(question, answer)

    async def settle(self, question: Question, answer: Answer) -> None:
        """Write an answer from outside down and deliver it.

        Also for those that come late: where such a one cannot be written down this raises JournalDown, and whoever
        brought it keeps it.
        """
        while True:
            try:
                await self.answers_lane.put(Settled(question, answer), question.whose())
            except Busy:
                await asyncio.sleep(BUSY_WAIT_S)
            except JournalDown:
                if answer.late:
                    raise
                log.warning(
                    "entry %d: an answer of %s is not written down", question.transaction, answer.source
                )
                return  # its question stays open in the database and is settled when that is back
            else:
                return

    async def note(self, note: Note) -> int:
        """Write something into the journal by itself, durable when it returns; its number."""
        return await self.answers_lane.put(note, note.whose())

    async def _settle(
        self, connection: asyncpg.Connection, items: list[Settled | Note]
    ) -> tuple[list[int], Callable[[], None]]:
        """One batch of answers from outside, and notes, in one transaction."""
        now = self._clock()
        at_iso = now.isoformat(timespec="milliseconds")
        entries: list[Entry] = []
        deliveries: list[Delivery] = []
        asked = [(item.question, item.answer.late) for item in items if isinstance(item, Settled)]
        open_still, lost = await ledger.close_legs(connection, asked, now)
        for number, item in zip(numbers := self._numbers.batch(len(items)), items, strict=True):
            if isinstance(item, Note):
                entries.append(item.entry(number, now))
                continue
            question, answer = item.question, item.answer
            leg = (question.transaction, question.leg)
            if not answer.late and leg not in open_still:
                continue  # settled already, by us or by a process that took it over
            open_still.discard(leg)
            entry, delivery = answered(
                question, whose(answer, self.catalogue, self.directory), number, at_iso, self.catalogue
            )
            entry = msgspec.structs.replace(entry, at=now)
            entries.append(withheld(entry) if leg in lost else entry)
            if leg not in lost:  # decided at send, and again now
                deliveries.append(delivery)
        if entries:
            await self._writer.write(connection, entries)
        await ledger.deliver(connection, self._texts, deliveries)
        return numbers, lambda: self._after(deliveries, [])

    # ------------------------------------------------------------------------------------------- mailboxes

    def mailbox(self, terminal: str) -> AbstractAsyncContextManager[AsyncIterator[Delivery]]:
        """What came for a terminal and is not acknowledged, oldest first, and then what comes."""
        return self.mailboxes.open(terminal)

    async def acknowledge(self, terminal: str, numbers: Sequence[int]) -> None:
        """The terminal has these. Written down within a tenth of a second; if that is lost they come once more."""
        self._acknowledgements.put(self.directory.ori_of(terminal), terminal, numbers)

    async def _acknowledge(self) -> None:
        """Writes down what was acknowledged lately, in one transaction."""
        if not self._acknowledgements.waiting():
            return
        async with self._aside.connection() as connection:  # which has one user at a time
            pairs = self._acknowledgements.waiting()
            async with acting(connection, BATCH):
                gone = await ledger.acknowledge(
                    connection, pairs
                )  # what was not waiting is nobody's to sign for
                if gone:
                    detail: dict[str, object] = {"acknowledged": [list(pair) for pair in gone]}
                    number = self._numbers.batch(1)[0]
                    entry = Entry(number, Tag.DELIVERY_ACKNOWLEDGED, self._clock(), detail=detail)
                    await self._writer.write(connection, [entry])
            self._acknowledgements.written(len(pairs), gone)
        self._committed()

    async def _waiting(self, terminal: str, after: int, limit: int) -> list[Delivery]:
        whose = Whose(self.directory.ori_of(terminal), terminal)
        async with self._aside.connection(whose) as connection, acting(connection, mailbox_of(terminal)):
            return await ledger.waiting(connection, self._texts, terminal, after, limit)

    # ---------------------------------------------------------------------------------------- life of the process

    async def start(self) -> None:
        """Opens the lanes and takes over what a process before us left. Call once, in the running loop."""
        async with self._aside.connection() as connection, acting(connection, UPKEEP):
            self.mailboxes.recount(await ledger.waiting_counts(connection))
            await self.reasons.catch_up(connection, self._clock())
        for lane in (self.numbers_lane, self.names_lane, self.answers_lane):
            self._tasks.append(asyncio.create_task(lane.run(), name=f"lane {lane.name}"))
        await self.note(Note(tag=Tag.SWITCH_STARTED, detail={"worker": self._worker}))
        self._tasks.append(asyncio.create_task(self._every(ACKNOWLEDGE_EVERY_S, self._acknowledge)))
        self._tasks.append(asyncio.create_task(self._every(RECOVER_EVERY_S, self._recover)))
        if self.upkeep is not None:
            self._tasks.extend(self.upkeep.start())

    async def stop(self) -> None:
        """Writes down what can be written, then ends. Questions still open are settled by the next process."""
        with contextlib.suppress(Exception):
            await self.note(Note(tag=Tag.SWITCH_STOPPED, detail={"worker": self._worker}))
            await self._acknowledge()
        for task in (*self._asking, *self._tasks):
            task.cancel()
        await asyncio.gather(*self._asking, *self._tasks, return_exceptions=True)
        self._aside.end()

    async def _every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        """Does something again and again; a failure is logged and the next time comes."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await act()
            except Exception as error:
                log.warning("%s failed and is tried again: %s", act.__name__.strip("_"), error)

    async def explain(self, seat: Seat, transaction: int, reason: Reason) -> None:
        """What a person says afterwards of an inquiry of theirs, bound to it in the journal. Raises NotYours."""
        whose = Whose(seat.ori, seat.terminal)
        async with self._aside.connection(whose) as connection, acting(connection, seated(seat)):
            entry = await self.reasons.tell(connection, transaction, seat.person, reason, self._clock())
            number = self._numbers.batch(1)[0]
            entry = msgspec.structs.replace(entry, number=number, ori=seat.ori, terminal=seat.terminal)
            await self._writer.write(connection, [entry])
        self._committed()

    async def _recover(self) -> None:
        """Settles the questions of processes that are gone, and our own whose answer could not be written down."""
        async with self._aside.connection() as connection, acting(connection, UPKEEP):
            overdue = self._clock() - OVERDUE
            left = await ledger.orphaned(connection, self._texts, RECOVER_MAX, overdue)
            await ledger.forget_claims(connection, self._clock().date())
            await self.reasons.catch_up(connection, self._clock())
        words = wording()["switch.restarted"]
        for question in left:
            await self.settle(question, Answer(source=question.source, state=State.NO_ANSWER, text=words))


def _found(arrival: Arrival, reading: Reading, faults: Sequence[Fault]) -> Work | None:
    """The work of an arrival at whose addresses faults were found; None without any."""
    return Work(arrival, Reading(reading.text, None, tuple(faults)), None) if faults else None


def read_arrival(arrival: Arrival, catalogue: Catalogue) -> Reading:
    """Read what was sent, in the dialect of its way: dotted text, the one box, a document."""
    ori, today = arrival.seat.ori, day_of(arrival.at)
    return read_as(arrival.way, arrival.text, catalogue, ori=ori, today=today)


def _number(entry: Entry) -> int:
    return entry.number
