"""Armed and prohibited persons: made the moment that a prohibition meets a firearm, and gone when either is.

Any file may declare that its records prohibit a person (`prohibits`) or say that one has a firearm (`arms`); one file
is `derived` from the two. A person is the same where the search says so strongly: by numbers, or name and birth date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import asyncpg

from wireroom.catalog.consequences import Derived
from wireroom.catalog.file import File, Source
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds import Code
from wireroom.catalog.reach import COUNTY
from wireroom.message.answer import Hit, Notification
from wireroom.records.hold import Hand, Held, New
from wireroom.records.life import Status, valued
from wireroom.records.numbering import new_number
from wireroom.records.one_person import of_one_person
from wireroom.records.persons import Persons
from wireroom.records.shape import Fields, merged, persons

# Two processes that follow up both sides at the same moment make one record, not two.
ONE_AT_A_TIME = "select pg_advisory_xact_lock(7301006)"
LINKED = """
select i.file, i.record from identifier i join record r on r.file = i.file and r.id = i.record
 where i.kind = $1 and i.value = any($2::text[]) and i.file = $3 and r.test = $4 order by i.record limit 1
"""
BY_NUMBER = """
select i.file, i.record from identifier i where i.kind = 'FCN' and i.value = any($1::text[]) order by i.record
"""


class Deriving:
    """Keeps the derived file true. Holds no connection."""

    def __init__(self, catalogue: Catalogue, hand: Hand, people: Persons, owner: str) -> None:
        self._catalogue = catalogue
        self._hand = hand
        self._people = people
        self._owner = owner  # DOJ's ORI
        files = catalogue.files.values()
        self._file = next((file for file in files if file.derived is not None), None)
        self._arming = tuple(file for file in files if file.arms is not None)
        self._prohibiting = tuple(file for file in files if file.prohibits)

    async def changed(
        self,
        connection: asyncpg.Connection,
        file: File,
        held: Held,
        *,
        by: int,
        at: datetime,
        numbers: Callable[[int], list[int]],
    ) -> list[Notification]:
        """What follows from one change; `numbers` gives so many that a new record may take for its own."""
        if self._file is None or self._file.derived is None or not (file.prohibits or file.arms is not None):
            return []
        rule = self._file.derived
        old = await self._linked(connection, rule, [held.number], test=held.test)
        told: list[Notification] = []
        if old is not None:
            if not held.in_force or await self._is_of(connection, file, held, old):
                return await self._again(connection, self._file, rule, old, by, at)
            told = await self._again(connection, self._file, rule, old, by, at, without=held)
        if not held.in_force:
            return told
        return [*told, *await self._new(connection, file, held, by=by, at=at, numbers=numbers)]

    async def _new(
        self,
        connection: asyncpg.Connection,
        file: File,
        held: Held,
        *,
        by: int,
        at: datetime,
        numbers: Callable[[int], list[int]],
    ) -> list[Notification]:
        """What follows from a record that stands behind no derived one yet."""
        assert self._file is not None, "there is a derived file"
        assert self._file.derived is not None, "it says of what it is made"
        rule, mine = self._file.derived, [(file, held)]
        armed = [one for one in mine if _arms(*one)]
        prohibited = [one for one in mine if _words(*one)]
        if not armed and not prohibited:
            return []
        others = await self._others(connection, file, held)
        armed += [one for one in others if _arms(*one)]
        prohibited += [one for one in others if _words(*one)]
        if not armed or not prohibited:
            return []
        await connection.execute(ONE_AT_A_TIME)
        known = await self._linked(
            connection, rule, [one.number for _, one in (*armed, *prohibited)], test=held.test
        )
        if known is not None:
            return await self._again(connection, self._file, rule, known, by, at, (*armed, *prohibited))
        return await self._made(connection, self._file, rule, armed, prohibited, at, numbers(1)[0])

    async def _others(
        self, connection: asyncpg.Connection, file: File, held: Held
    ) -> list[tuple[File, Held]]:
        """The records of the same person on the other side, and on the same one."""
        codes = [one.code for one in (*self._arming, *self._prohibiting)]
        return await of_one_person(
            connection, file, held, codes, catalogue=self._catalogue, hand=self._hand, people=self._people
        )

    async def _is_of(self, connection: asyncpg.Connection, file: File, held: Held, known: Held) -> bool:
        """Whether a record is of the person of the derived one that stands on it: a name may have been put right."""
        assert self._file is not None, "there is a derived file"
        if set(persons(file, held.fields)) & set(persons(self._file, known.fields)):
            return True
        found = await of_one_person(
            connection, file, held, [self._file.code], catalogue=self._catalogue, hand=self._hand,
            people=self._people,
        )  # fmt: skip
        return any(one.id == known.id for _, one in found)

    async def _linked(
        self, connection: asyncpg.Connection, rule: Derived, numbers: Sequence[str], *, test: bool
    ) -> Held | None:
        """The derived record that stands on one of these."""
        assert self._file is not None, "there is a derived file"
        index = self._file.field(rule.links).kind.identifies
        row = await connection.fetchrow(LINKED, index, list(numbers), self._file.code, test)
        return None if row is None else await self._hand.by_place(connection, self._file, row["record"])

    async def _made(
        self,
        connection: asyncpg.Connection,
        derived: File,
        rule: Derived,
        armed: list[tuple[File, Held]],
        prohibited: list[tuple[File, Held]],
        at: datetime,
        number: int,
    ) -> list[Notification]:
        behind = (*armed, *prohibited)
        fields = _fields(derived, rule, behind)
        named = await new_number(connection, Source.STATE, derived, self._owner, at)
        new = New(id=number, number=named, owner=self._owner, test=behind[0][1].test, at=at, fields=fields)
        hit = await self._hand.begin(connection, derived, new)
        return [*_told(hit, "A FIREARM RECORD MEETS A PROHIBITION", behind), *_told_at_home(hit, behind)]

    async def _again(
        self,
        connection: asyncpg.Connection,
        derived: File,
        rule: Derived,
        known: Held,
        by: int,
        at: datetime,
        more: Sequence[tuple[File, Held]] = (),
        without: Held | None = None,
    ) -> list[Notification]:
        """A derived record, weighed anew by what stands behind it now; `without` one that is another person's now."""
        behind = {(file.code, held.id): (file, held) for file, held in more}
        links = valued(known.fields).get(rule.links, ())
        for row in await connection.fetch(BY_NUMBER, list(links)):
            file = self._catalogue.files.get(row["file"])
            held = await self._hand.seen(connection, file, row["record"]) if file else None
            if file is not None and held is not None and held.in_force:
                behind[file.code, held.id] = (file, held)
        if not _both(behind.values()):  # it may name no more than some of those behind it
            for one in await self._others(connection, derived, known):
                behind.setdefault((one[0].code, one[1].id), one)
        if without is not None:
            behind.pop((without.file, without.id), None)
        standing = tuple(behind.values())
        if not _both(standing):
            hit = await self._hand.replace(connection, derived, known, by=by, at=at, status=Status.CLEARED)
            return _told(hit, "NO LONGER ARMED AND PROHIBITED", standing)
        fields = _fields(derived, rule, standing)
        if fields != known.fields:
            await self._hand.replace(connection, derived, known, by=by, at=at, fields=fields)
        return []


def _both(behind: Iterable[tuple[File, Held]]) -> bool:
    """Whether somebody is armed and prohibited."""
    behind = tuple(behind)
    return any(_arms(*one) for one in behind) and any(_words(*one) for one in behind)


def _arms(file: File, held: Held) -> bool:
    return file.arms is not None and all(when.holds(valued(held.fields)) for when in file.arms)


def _words(file: File, held: Held) -> tuple[str, ...]:
    """Why the person of a record may have no firearm; empty where it says no such thing."""
    values = valued(held.fields)
    return tuple(one.words for one in file.prohibits if all(when.holds(values) for when in one.when))


def _fields(derived: File, rule: Derived, behind: Sequence[tuple[File, Held]]) -> Fields:
    """What a derived record says: the person, why, and the records behind it."""
    known = {field.code: field for field in derived.fields}
    said: list[tuple[str, str]] = []
    for _, held in behind:
        for code, value in held.fields:
            field = known.get(code)
            if field is None or code in (rule.words, rule.links, rule.count) or (code, value) in said:
                continue
            if sum(one == code for one, _ in said) < field.many:
                said.append((code, value))
    words = dict.fromkeys(word for file, held in behind for word in _words(file, held))
    said += [(rule.words, word) for word in list(words)[: known[rule.words].many]]
    if len(behind) > known[rule.links].many:  # prohibitions are few, and must be among these
        behind = sorted(behind, key=lambda one: not _words(*one))
    said += [(rule.links, held.number) for _, held in behind][: known[rule.links].many]
    guns = max(1, sum(_arms(file, held) for file, held in behind))
    said.append((rule.count, known[rule.count].kind.load(guns)))
    return merged(derived, (), dict.fromkeys(said))


def _told_at_home(hit: Hit, behind: Sequence[tuple[File, Held]]) -> list[Notification]:
    """The agencies of the county in which such a person lives are told: who it is, and that it is one of theirs."""
    counties = dict.fromkeys(
        value
        for file, held in behind
        for code, value in held.fields
        if isinstance(kind := _kind(file, code), Code) and kind.table == "county"
    )
    return [
        Notification(code="$.N.", to=f"{COUNTY}{county.zfill(3)}", number=hit.number, hits=(hit,),
                     text="ARMED AND PROHIBITED, AND LIVES IN YOUR COUNTY", test=behind[0][1].test)
        for county in counties
    ]  # fmt: skip


def _kind(file: File, code: str) -> object:
    return next((field.kind for field in file.fields if field.code == code), None)


def _told(hit: Hit, text: str, behind: Sequence[tuple[File, Held]]) -> list[Notification]:
    """Those whose records stand behind it are told, each once."""
    test = bool(behind) and behind[0][1].test
    owners = dict.fromkeys(held.owner for _, held in behind)
    return [
        Notification(code="$.N.", to=owner, text=text, number=hit.number, hits=(hit,), test=test)
        for owner in owners
    ]
