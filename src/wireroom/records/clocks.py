"""The clocks that run on a record, as its file declares them: what must be done by when, and when it was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import asyncpg
import msgspec

from wireroom.catalog.consequences import Clock
from wireroom.catalog.courts.calendar import court_days_after
from wireroom.catalog.file import File
from wireroom.catalog.rules import Values
from wireroom.message.local import day_of, moment
from wireroom.records.life import midnight, valued
from wireroom.records.shape import Fields

# Of some records of one file: what does not run any more goes, what runs is kept. What was told keeps the moment at
# which it was told first. A clock that was met before and has no row is of a record that was loaded: when it was met
# nobody knows, and it gets none.
SET = """
with q as (
    select * from unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::timestamptz[],
                         $9::timestamptz[], $10::boolean[])
        as q(record, name, owner, other, test, due_at, met_at, met_before)
), gone as (
    delete from clock c
     where c.file = $1 and c.record = any($2::bigint[])
       and not exists (select from q where q.record = c.record and q.name = c.name)
)
insert into clock (file, record, name, owner, other, test, due_at, met_at)
select $1, record, name, owner, other, test, due_at, met_at from q
 where not met_before or exists (
        select from clock c where c.file = $1 and c.record = q.record and c.name = q.name)
on conflict (file, record, name) do update
   set owner = excluded.owner, other = excluded.other, due_at = excluded.due_at,
       met_at = case when clock.name = any($11::text[]) and excluded.met_at is not null
                     then least(clock.met_at, excluded.met_at) else excluded.met_at end
"""
END = "delete from clock where file = $1 and record = $2 and met_at is null"
DROP = "delete from clock where file = $1 and record = $2"
NOT_DECLARED = "delete from clock where file = $1 and name <> all($2::text[])"
FIRST_TOLD = """
select id, min(changed_at) as at from record_version
 where file = $1 and id = any($2::bigint[]) and fields ? $3 group by id
"""
COLUMNS = ("file", "record", "name", "owner", "other", "test", "due_at", "met_at")


class Running(NamedTuple):
    """A clock as it stands by a record's present state. `due_at` is the first moment that is too late."""

    name: str
    other: str  # the ORI that sees it beside the owner, or empty
    due_at: datetime
    met_at: datetime | None


class Timed(msgspec.Struct, frozen=True, kw_only=True):
    """A record on which clocks may run, at a moment of its life."""

    record: int
    owner: str
    test: bool
    entered_at: datetime
    changed_at: datetime  # when it became as it is
    fields: Fields
    former: Fields = ()  # before that; empty where it begins


def running(file: File, fields: Fields, entered_at: datetime, changed_at: datetime) -> list[Running]:
    """The clocks that run on a record that is so, met or open.

    A day without its hour counts to the record's advantage: what must be done by then runs from the day's end, and
    what was done then was done as it began, or as the clock did.
    """
    values = valued(fields)
    found = []
    for clock in file.clocks:
        start = _start(clock, values, entered_at)
        if start is None or not all(when.holds(values) for when in clock.when):
            continue
        began, day = start
        due_at = began + timedelta(hours=clock.within_hours)
        if clock.within_court_days:
            due_at = midnight(court_days_after(day, clock.within_court_days) + timedelta(days=1))
        other = _one(values, clock.also)
        found.append(Running(clock.name, other, due_at, _met(clock, values, began, (entered_at, changed_at))))
    return found


def _start(clock: Clock, values: Values, entered_at: datetime) -> tuple[datetime, date] | None:
    """When a clock began to run, and on which day; None where the record does not say."""
    if not clock.since:
        return entered_at, day_of(entered_at)
    day = _day(_one(values, clock.since))
    if day is None:
        return None
    hour = _one(values, clock.since_time)
    return moment(day, hour) if hour else midnight(day + timedelta(days=1)), day


def _met(
    clock: Clock, values: Values, began: datetime, entered_and_changed: tuple[datetime, datetime]
) -> datetime | None:
    """When it was done; None while it was not."""
    entered_at, changed_at = entered_and_changed
    if clock.by_entry:
        return entered_at
    day = _day(_one(values, clock.met))
    if day is None:
        return None
    if clock.told:
        return changed_at
    hour = _one(values, clock.met_time)
    return max(began, moment(day, hour) if hour else midnight(day))


async def set_clocks(connection: asyncpg.Connection, file: File, timed: Timed) -> None:
    """The clocks of a record as it is now, in the caller's transaction. Costs nothing where the file has none."""
    await set_many(connection, file, [timed])


async def set_many(connection: asyncpg.Connection, file: File, several: Sequence[Timed]) -> None:
    """The same of many records of one file."""
    if not file.clocks:
        return
    found = []
    for timed in several:
        now = running(file, timed.fields, timed.entered_at, timed.changed_at)
        ran = _known(
            file, running(file, timed.former, timed.entered_at, timed.changed_at) if timed.former else ()
        )
        found += [(timed, one, one.name in ran) for one in now]
    await _write(connection, file, [timed.record for timed in several], found)


async def end_clocks(connection: asyncpg.Connection, file: File, record: int) -> None:
    """A record has ended: what is still open on it does not matter any more."""
    if file.clocks:
        await connection.execute(END, file.code, record)


async def drop_clocks(connection: asyncpg.Connection, file: File, record: int) -> None:
    """Nothing of a record stays, nor of its clocks."""
    if file.clocks:
        await connection.execute(DROP, file.code, record)


def loaded(file: File, timed: Timed) -> list[tuple[object, ...]]:
    """The clocks of a record that was loaded as it stood, by COLUMNS: nobody knows when it was told what it tells."""
    if not file.clocks:
        return []
    now = running(file, timed.fields, timed.entered_at, timed.changed_at)
    unknown = _known(file, now)
    return [
        (file.code, timed.record, one.name, timed.owner, one.other, timed.test, one.due_at, one.met_at)
        for one in now
        if one.name not in unknown
    ]


async def set_anew(connection: asyncpg.Connection, file: File, rows: Sequence[tuple[Timed, bool]]) -> None:
    """The clocks of records of a file whose declaration changed; each with whether it was entered, not loaded.

    What was told is met at the moment at which the first version that tells it began.
    """
    first: Mapping[str, Mapping[int, datetime]] = {
        clock.name: {
            row["id"]: row["at"]
            for row in await connection.fetch(
                FIRST_TOLD, file.code, [timed.record for timed, _ in rows], clock.met
            )
        }
        for clock in file.clocks
        if clock.told
    }
    found = []
    for timed, entered in rows:
        now = running(file, timed.fields, timed.entered_at, timed.changed_at)
        unknown = () if entered else _known(file, now)
        for one in now:
            told = first.get(one.name, {}).get(timed.record)
            if one.met_at is not None and told is not None:
                one = one._replace(met_at=min(one.met_at, told))
            found.append((timed, one, one.name in unknown))
    await _write(connection, file, [timed.record for timed, _ in rows], found)


async def forget_undeclared(connection: asyncpg.Connection, file: File) -> None:
    """Clocks that a file no longer declares are gone from all its records."""
    await connection.execute(NOT_DECLARED, file.code, [clock.name for clock in file.clocks])


def _known(file: File, then: Iterable[Running]) -> frozenset[str]:
    """The clocks that were met then by what happened here: by the entry, or by being told."""
    here = {clock.name for clock in file.clocks if clock.by_entry or clock.told}
    return frozenset(one.name for one in then if one.name in here and one.met_at is not None)


async def _write(
    connection: asyncpg.Connection,
    file: File,
    records: Sequence[int],
    found: Sequence[tuple[Timed, Running, bool]],
) -> None:
    told = [clock.name for clock in file.clocks if clock.told]
    columns: tuple[list[object], ...] = ([], [], [], [], [], [], [], [])
    for timed, one, known in found:
        row = (timed.record, one.name, timed.owner, one.other, timed.test, one.due_at, one.met_at, known)
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    await connection.execute(SET, file.code, list(records), *columns, told)


def _one(values: Values, code: str) -> str:
    return values.get(code, ("",))[0] if code else ""


def _day(text: str) -> date | None:
    if len(text) != 8 or not text.isdigit():
        return None
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))
