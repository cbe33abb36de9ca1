"""Tells people outside who asked for it what happened to a record: each change once, by what it made of the record.

Each change is held against the version before it, not against the record as it stands, so two changes in a row tell
of two things. What is told is written into the outbox by the transaction that marks the change as followed up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import asyncpg
import msgspec

from wireroom.catalog.file import File
from wireroom.catalog.index import Catalogue
from wireroom.catalog.informing import Channel, Informs, On
from wireroom.catalog.kinds_of_contact import Email, email
from wireroom.catalog.rules import Values
from wireroom.message.letter import Told
from wireroom.records.attaching import Attaching
from wireroom.records.hold import Hand, Held
from wireroom.records.life import IN_FORCE, valued
from wireroom.records.one_person import of_one_person
from wireroom.records.outbox import Draft, Outbox
from wireroom.records.persons import Persons
from wireroom.records.shape import from_json

REPORTS = "RPT"
BEFORE = """
select version, status, fields::text as fields from record_version where file = $1 and id = $2 and replaced_by = $3
 order by version
"""
VERSION = (
    "select status, fields::text as fields from record_version where file = $1 and id = $2 and version = $3"
)
# Two who follow up changes of one record at the same moment would each leave its end to the other.
MINE = "select pg_try_advisory_xact_lock(7301007, $1)"


class Later(Exception):
    """Another process follows up a change of the same record at this moment: this one is taken a moment later."""


class Step(msgspec.Struct, frozen=True):
    """What one change made of a record."""

    before: Values | None  # None: it began, or was not in force
    after: Values
    status: str

    @property
    def in_force(self) -> bool:
        """Whether the record is in force after it."""
        return self.status in IN_FORCE


Wished = frozenset[tuple[Channel, str]]  # how and at which address
NOBODY: Wished = frozenset()


class Informing:
    """Works out who is told what. Holds no connection."""

    def __init__(self, catalogue: Catalogue, hand: Hand, people: Persons) -> None:
        self._catalogue = catalogue
        self._hand = hand
        self._people = people
        self._outbox = Outbox(hand.vault)
        self._attaching = Attaching(catalogue, hand)
        self._done: dict[
            tuple[str, int], set[int]
        ] = {}  # changes of a record that this transaction followed up

    async def changed(
        self,
        connection: asyncpg.Connection,
        file: File,
        held: Held,
        *,
        by: int,
        at: datetime,
        numbers: Callable[[int], list[int]],
    ) -> None:
        """Whoever asked for it is told of one change, and what stands on a record that ended ends with it.

        Raises Later where somebody else has the same record in hand. Training tells nobody outside.
        """
        stood_on = bool(self._attaching.onto(file))
        if not (file.informs or file.wishes or file.seeks or stood_on):
            return
        if stood_on and not await connection.fetchval(MINE, held.id % 2**31):
            raise Later
        step = await self._step(connection, file, held, by)
        if not held.test:
            drafts = await self._drafts(connection, file, held, step)
            if drafts:
                await self._outbox.put(connection, drafts, numbers(1)[0], at)
        done = self._done.setdefault((file.code, held.id), set())
        if not held.in_force:
            await self._attaching.ended(connection, file, held, by=by, done={*done, by})
        done.add(by)

    async def _step(self, connection: asyncpg.Connection, file: File, held: Held, by: int) -> Step:
        """The versions before and after a change; several of one transaction are one step."""
        former = await connection.fetch(BEFORE, file.code, held.id, by)
        first, last = (former[0], former[-1]["version"]) if former else (None, 0)
        before = None
        if first is not None and first["status"] in IN_FORCE:
            before = valued(from_json(file, first["fields"], self._hand.vault))
        if last + 1 == held.version:
            return Step(before, valued(held.fields), held.status)
        row = await connection.fetchrow(VERSION, file.code, held.id, last + 1)
        if row is None:  # its history is gone: nothing can be said of this change
            return Step(None, {}, held.status)
        return Step(before, valued(from_json(file, row["fields"], self._hand.vault)), row["status"])

    async def _drafts(
        self, connection: asyncpg.Connection, file: File, held: Held, step: Step
    ) -> list[Draft]:
        drafts: list[Draft] = []
        if file.informs and (events := of_step(file, step)):
            drafts += await self._to_all(connection, file, held, events)
        if file.wishes and (wished := wishes(file, step)):
            below = await self._attaching.below(connection, file, held)
            if below is not None:
                events = [one for one in below[0].informs if one.on is On.WISHED]
                drafts += written(*below, events, wished)
        if file.seeks is not None and seeks(file, step):
            drafts += await self._of_seeker(connection, file, held, step.after[file.seeks.day][0])
        return drafts

    async def _to_all(
        self, connection: asyncpg.Connection, file: File, held: Held, events: Iterable[Informs]
    ) -> list[Draft]:
        """Letters to all who asked to be told of a record, each address once."""
        wished: Wished = NOBODY
        for other, one in await self._attaching.of(connection, file, held):
            wished |= asked(other, valued(one.fields))
        return written(file, held, events, wished)

    async def _of_seeker(
        self, connection: asyncpg.Connection, file: File, held: Held, day: str
    ) -> list[Draft]:
        """Letters about orders whose person, barred from firearms, seeks to get one."""
        among = [
            one.code for one in self._catalogue.files.values() if any(i.on is On.SOUGHT for i in one.informs)
        ]
        drafts: list[Draft] = []
        for other, one in await of_one_person(
            connection, file, held, among, catalogue=self._catalogue, hand=self._hand, people=self._people
        ):
            values = valued(one.fields)
            events = [
                told for told in other.informs
                if told.on is On.SOUGHT and values.get(told.since, ("",))[0] <= day
            ]  # fmt: skip
            if events and barred(other, values):
                drafts += await self._to_all(connection, other, one, events)
        return drafts


def of_step(file: File, step: Step) -> list[Informs]:
    """What a change did to a record, of that which people are told."""
    if step.before is None:
        return []
    if not step.in_force:
        fits = (
            one for one in file.informs if one.on is On.ENDED and (not one.ways or step.status in one.ways)
        )
        ended = next(fits, None)
        return [ended] if ended is not None else []
    return [
        one for one in file.informs if _became(one, step.before, step.after) or _reported(file, one, step)
    ]


def _became(one: Informs, before: Values, after: Values) -> bool:
    if one.on is not On.BECAME:
        return False
    return all(when.holds(after) for when in one.when) and not all(when.holds(before) for when in one.when)


def _reported(file: File, one: Informs, step: Step) -> bool:
    """Whether the newest report is another than before, and of the key that tells."""
    if one.on is not On.REPORTED or step.before is None:
        return False
    newest = step.after.get(REPORTS, ("",))[0].partition("\n")[0]
    title = next((report.title.upper() for report in file.reports if report.key == one.report), "")
    return step.after.get(REPORTS) != step.before.get(REPORTS) and bool(title) and newest.startswith(title)


def asked(file: File, values: Values) -> Wished:
    """How and at which addresses those of a record ask to be told."""
    return frozenset(
        (one.channel, email(value) if isinstance(file.field(one.field).kind, Email) else value)
        for one in file.wishes for value in values.get(one.field, ())
    )  # fmt: skip


def wishes(file: File, step: Step) -> Wished:
    """Who asks to be told since a change, and did not before."""
    before = asked(file, step.before) if step.before is not None else NOBODY
    return asked(file, step.after) - before if step.in_force else NOBODY


def seeks(file: File, step: Step) -> bool:
    """Whether a record says since a change, and not before, that its person seeks to get a firearm."""
    if file.seeks is None or not step.in_force or file.seeks.day not in step.after:
        return False
    before = step.before is not None and all(when.holds(step.before) for when in file.seeks.when)
    return all(when.holds(step.after) for when in file.seeks.when) and not before


def barred(file: File, values: Values) -> bool:
    """Whether a record bars its person from firearms."""
    return any(all(when.holds(values) for when in one.when) for one in file.prohibits)


def written(file: File, held: Held, events: Iterable[Informs], wished: Wished) -> list[Draft]:
    """The letters about a record: each event to each address."""
    values = valued(held.fields)
    return [
        Draft(
            channel=channel.value, event=one.event, file=file.code, record=held.id,
            told=Told(
                to=to, owner=held.owner, number=held.number, about=values.get(one.about, ("",))[0],
                words=one.words, spanish=one.spanish,
            ),
        )
        for one in events for channel, to in sorted(wished)
    ]  # fmt: skip
