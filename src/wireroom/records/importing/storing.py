"""Stores the chunks of an import: records, their numbers and names, and how far it is, in one transaction each."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime

import asyncpg
import msgspec

from wireroom.catalog.file import File
from wireroom.message.local import day_of
from wireroom.records.clocks import Timed, set_many
from wireroom.records.importing import CannotImport, rows
from wireroom.records.importing.lines import Faults
from wireroom.records.importing.twins import fields_of
from wireroom.records.importing.worker import Checked
from wireroom.records.life import IN_FORCE, first_validation
from wireroom.records.matching.keeping import Kept, keep
from wireroom.records.matching.people import People
from wireroom.records.pouring import pour
from wireroom.records.same import is_same, probed
from wireroom.records.shape import from_json
from wireroom.records.vault import Vault

SERIALS_MAX = 99_999  # of a series and day
SERIES = range(500, 900)  # of numbers given in bulk: no county has one (decision 22)

# Nobody enters a record of this agency into this file meanwhile; other chunks of the same import do.
LOCK_AGENCY_SHARED = "select pg_advisory_xact_lock_shared(hashtextextended($1, 0))"
# As for the index of people: what follows goes by keys, whatever the planner believes of an array's length.
BY_KEYS = """
select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true), set_config('enable_bitmapscan', 'off', true)
"""
# The values come in one text: to make an array of them costs the driver more than the rest of the question.
KNOWN = """
select q.n - 1 as n from string_to_table($3, E'\\n') with ordinality as q(value, n)
 cross join lateral (
        select from identifier i where i.kind = $1 and i.value = q.value and i.file = $2 limit 1) as found
"""
HELD = """
select q.n, r.number, r.fields::text as fields
  from unnest($3::text[], $4::int[]) as q(value, n)
  join identifier i on i.kind = $1 and i.value = q.value and i.file = $2
  join record r on r.file = i.file and r.id = i.record
 where r.owner = $5 and r.test = $6 and r.status = any($7::text[]) order by q.n, r.id
"""
ADD_SERIES = "insert into fcn_counter (agency, day, next) values ($1, $2, 0) on conflict do nothing"
LOCK_SERIES = "select next from fcn_counter where agency = $1 and day = $2 for update"
USE_SERIES = "update fcn_counter set next = $3 where agency = $1 and day = $2"
USED_UP = "select agency from fcn_counter where day = $1 and agency = any($2::text[]) and next >= $3"
TRANSACTION = "select pg_current_xact_id()::text"
GO_ON = """
update import_run
   set position = $3, line = $4, entered = entered + $5, refused = refused + $6, rejects = $7, changed_at = $8
 where key = $1 and position = $2
"""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """For whom, by whom and as what the lines are entered."""

    file: File
    owner: str
    person: str
    test: bool = False
    checked_by: str = ""


class Refused(msgspec.Struct):
    """A line that was not entered. The first three stand in the list of refused lines."""

    line: int
    faults: Faults
    raw: str


class Prepared(msgspec.Struct):
    """A chunk about to be stored: every line has its record number, or the reason why it has none."""

    checked: Checked
    at: datetime
    ids: list[int]  # by place
    numbers: dict[int, str]  # by place, of those that are entered
    on_file: dict[int, str]  # by place, of those that are there already


class Stored(msgspec.Struct, frozen=True):
    """What was stored of a chunk, for the journal."""

    lines: tuple[int, int]
    entered: int
    refused: int
    first_number: str
    last_number: str
    at: datetime


Note = Callable[[asyncpg.Connection, Stored], Awaitable[int]]


class Store:
    """Puts chunks into the database. Holds no connection."""

    def __init__(self, terms: Terms, vault: Vault) -> None:
        self._terms, self._vault = terms, vault
        self._people = People()

    # ----------------------------------------------------------------------- before

    async def prepare(
        self,
        connection: asyncpg.Connection,
        numbering: asyncpg.Connection,
        checked: Checked,
        at: datetime,
        ids: list[int],
        before: Prepared | None,
    ) -> Prepared:
        """What is on file already, and a number for each line that is not. Inside the chunk's transaction."""
        terms = self._terms
        await connection.execute(LOCK_AGENCY_SHARED, f"{terms.file.code}/{terms.owner}")
        prepared = Prepared(checked, at, ids, {}, await self._held(connection, checked))
        new = [place for place in checked.chunk.places if place not in prepared.on_file]
        twins: dict[int, list[tuple[int, int]]] = {}
        for place, back, other in checked.twins:
            twins.setdefault(place, []).append((back, other))
        entered: dict[int, None] = {}
        same: dict[int, tuple[int, int]] = {}
        for place in new:
            first = None
            if place in twins:
                first = next((one for one in twins[place] if _is_entered(one, entered, before)), None)
            if first is None:
                entered[place] = None
            else:
                same[place] = first
        numbers = await give_numbers(numbering, at, len(entered))
        prepared.numbers = dict(zip(entered, numbers, strict=True))
        for place, (back, other) in same.items():
            there = prepared if back == 0 else before
            assert there is not None, "a line one chunk back is in a chunk"
            prepared.on_file[place] = there.numbers[other]
        return prepared

    async def _held(self, connection: asyncpg.Connection, checked: Checked) -> dict[int, str]:
        """The agency's own records of the same things, by the places of the lines."""
        terms = self._terms
        found: dict[int, str] = {}
        stored = dict(zip(checked.chunk.places, checked.chunk.stored, strict=True))
        await connection.execute(BY_KEYS)
        for kind in sorted(probed(terms.file)):
            here = checked.chunk.found.get(kind)
            if here is None:
                continue
            known = await connection.fetch(KNOWN, kind, terms.file.code, "\n".join(here.values))
            if not known:
                continue
            near = [(here.values[row["n"]], here.places[row["n"]]) for row in known]
            held_there = await connection.fetch(
                HELD, kind, terms.file.code, [value for value, _ in near], [place for _, place in near],
                terms.owner, terms.test, list(IN_FORCE),
            )  # fmt: skip
            for row in held_there:
                place = row["n"]
                if place in found:
                    continue
                held = from_json(terms.file, row["fields"], self._vault)
                if is_same(terms.file, kind, fields_of(terms.file, stored[place], self._vault), held):
                    found[place] = row["number"]
        return found

    # ----------------------------------------------------------------------- records

    async def records(self, connection: asyncpg.Connection, prepared: Prepared) -> None:
        """The records and the numbers that find them. What other chunks wait for comes after it."""
        terms, chunk, ids, numbers = self._terms, prepared.checked.chunk, prepared.ids, prepared.numbers
        if not numbers:
            return
        code, at = terms.file.code, prepared.at
        validate = first_validation(at) if terms.file.validated else None
        shared = b"".join(
            (rows.text(code), rows.text(terms.owner), rows.text("active"), rows.whole(1), rows.truth(value=terms.test),
             rows.moment(at), rows.moment(at), rows.text(terms.person), rows.text(terms.owner),
             rows.text(terms.checked_by), rows.day(validate))
        )  # fmt: skip
        lines = zip(chunk.places, chunk.stored, strict=True)
        entered = [(ids[place], numbers[place], stored) for place, stored in lines if place in numbers]
        source = io.BytesIO(rows.file_of(entered, shared))
        await pour(connection, "record", rows.COLUMNS, source, format="binary")
        ends = [f"\t{code}\t{id}\n" for id in ids]
        found = [f"FCN\t{number}{ends[place]}" for place, number in numbers.items()]
        for kind, here in sorted(chunk.found.items()):
            found += [f"{kind}\t{value}{ends[place]}" for value, place in here.pairs() if place in numbers]
        await _copy(connection, "identifier", found, ("kind", "value", "file", "record"))

    async def rest(self, connection: asyncpg.Connection, prepared: Prepared, note: Note) -> None:
        """The names, the journal, and word to those who follow changes up: in the order of the chunks."""
        terms, numbers, ids = self._terms, prepared.numbers, prepared.ids
        kept = [
            Kept(book, terms.test, ids[place], called)
            for book, place, called in prepared.checked.chunk.called
            if place in numbers
        ]
        if kept:
            await self._people.refresh(connection)
            await keep(connection, self._people.vocabulary, self._people.books, kept)
        await self._clocks(connection, prepared)
        by = await note(connection, stored_of(prepared))
        tx = await connection.fetchval(TRANSACTION)
        changes = [f"{by}\t{terms.file.code}\t{ids[place]}\t{tx}\n" for place in numbers]
        await _copy(connection, "followup", changes, ("number", "file", "record", "tx"))

    async def _clocks(self, connection: asyncpg.Connection, prepared: Prepared) -> None:
        """The clocks of a chunk's records, where their file has any: they are entered as one by one."""
        terms, chunk = self._terms, prepared.checked.chunk
        if not terms.file.clocks:
            return
        timed = [
            Timed(
                record=prepared.ids[place], owner=terms.owner, test=terms.test, entered_at=prepared.at,
                changed_at=prepared.at, fields=fields_of(terms.file, stored, self._vault),
            )
            for place, stored in zip(chunk.places, chunk.stored, strict=True)
            if place in prepared.numbers
        ]  # fmt: skip
        await set_many(connection, terms.file, timed)


def stored_of(prepared: Prepared) -> Stored:
    """What is told of a chunk."""
    checked, numbers = prepared.checked, list(prepared.numbers.values())
    return Stored(
        lines=(checked.numbers[0], checked.numbers[-1]),
        entered=len(numbers),
        refused=len(checked.numbers) - len(numbers),
        first_number=numbers[0] if numbers else "",
        last_number=numbers[-1] if numbers else "",
        at=prepared.at,
    )


def refused_of(prepared: Prepared) -> list[Refused]:
    """The lines of a chunk that were not entered, in their order, each with its reasons."""
    checked = prepared.checked
    faults = dict(checked.chunk.faulty)
    for place, number in prepared.on_file.items():
        faults[place] = (("FCN", f"is on file already as {number}"),)
    return [
        Refused(
            checked.numbers[place], faults[place], checked.raws[place].decode("utf-8", "backslashreplace")
        )
        for place in sorted(faults)
    ]


async def give_numbers(connection: asyncpg.Connection, at: datetime, count: int) -> list[str]:
    """So many new file control numbers of the series for bulk, committed at once: a number is never given twice.

    Numbers of a chunk that is then not stored are lost, and nobody misses them.
    """
    day, given = f"{day_of(at):%y%j}", list[str]()
    if not count:
        return given
    names = [str(series) for series in SERIES]
    full = {row["agency"] for row in await connection.fetch(USED_UP, day, names, SERIALS_MAX)}
    for series in (name for name in names if name not in full):
        async with connection.transaction():
            await connection.execute(ADD_SERIES, series, day)
            used = await connection.fetchval(LOCK_SERIES, series, day)
            taken = min(count - len(given), SERIALS_MAX - used)
            await connection.execute(USE_SERIES, series, day, used + taken)
        given += [f"{series}{day}{serial:05d}" for serial in range(used + 1, used + taken + 1)]
        if len(given) == count:
            return given
    raise CannotImport(
        f"all {len(SERIES) * SERIALS_MAX:,} numbers for bulk of day {day} are given: tomorrow the same command goes on"
    )


async def go_on(
    connection: asyncpg.Connection, key: str, before: int, prepared: Prepared, rejects: int
) -> None:
    """Notes how far the import is, in the chunk's transaction. Raises CannotImport where another is further."""
    checked, entered = prepared.checked, len(prepared.numbers)
    status = await connection.execute(
        GO_ON, key, before, checked.offset, checked.line, entered, len(checked.numbers) - entered, rejects,
        prepared.at,
    )  # fmt: skip
    if status != "UPDATE 1":
        raise CannotImport(
            "another process imported a part of this file meanwhile: begin again, and it goes on"
        )


def _is_entered(one: tuple[int, int], entered: dict[int, None], before: Prepared | None) -> bool:
    back, place = one
    return place in entered if back == 0 else before is not None and place in before.numbers


async def _copy(
    connection: asyncpg.Connection, table: str, lines: Iterable[str], columns: Sequence[str]
) -> None:
    """Copies lines of words, in which there is no tab or line end but those that part them."""
    source = io.BytesIO("".join(lines).replace("\\", "\\\\").encode())
    await pour(connection, table, columns, source)
