"""Dates records anew, and sets their clocks, where the rules of their life have changed: after an upgrade, say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, datetime

import asyncpg
import msgspec

from wireroom.catalog.file import File, Source
from wireroom.catalog.index import Catalogue
from wireroom.records.clocks import Timed, forget_undeclared, set_anew
from wireroom.records.life import IN_FORCE, due, first_validation
from wireroom.records.shape import plain

CHUNK = 5_000
DATED = "dated "
Progress = Callable[[int, int], None]

ONE_AT_A_TIME = "select pg_advisory_lock(7301005)"
DONE = "select pg_advisory_unlock(7301005)"
KNOWN = "select exists (select from calendar where name = $1)"
FORGET = "delete from calendar where name like $1"
MARK = "insert into calendar (name, done) values ($1, $2) on conflict do nothing"
MANY = "select count(*) from record where file = any($1::text[]) and status = any($2::text[])"
# Locked, so that no change of the same moment is overwritten by what was read before it.
NEXT = """
select id, owner, test, entered_at, entered_ori, changed_at, due_at, validate_on, fields::text as fields from record
 where file = $1 and id > $2 and status = any($3::text[]) order by id limit $4 for update
"""
DATE = """
update record r set due_at = q.due_at, validate_on = q.validate_on
  from unnest($2::bigint[], $3::timestamptz[], $4::date[]) as q(id, due_at, validate_on)
 where r.file = $1 and r.id = q.id
"""


def rules_of(catalogue: Catalogue, source: Source) -> str:
    """The name under which it is noted that all records are dated by the rules now in force."""
    rules = [
        (
            file.code,
            file.keep,
            file.keep_if,
            *((file.validated, file.clocks) if source is Source.STATE else ()),
        )
        for file in _held(catalogue, source)
    ]
    digest = hashlib.sha256(msgspec.json.encode(rules, order="sorted")).hexdigest()
    return DATED + digest[:32]


async def date_anew(
    connection: asyncpg.Connection, catalogue: Catalogue, source: Source, today: date, progress: Progress
) -> int:
    """Dates all records in force by the rules now in force, once; how many were given another date.

    Each chunk is a transaction, so what was interrupted is begun again and harms nothing.
    """
    name = rules_of(catalogue, source)
    if await connection.fetchval(KNOWN, name):
        return 0
    await connection.execute(ONE_AT_A_TIME)
    try:
        if await connection.fetchval(KNOWN, name):
            return 0  # another process has done it meanwhile
        files = list(_held(catalogue, source))
        total = await connection.fetchval(MANY, [file.code for file in files], list(IN_FORCE))
        seen = changed = 0
        for file in files:
            last, timed = -1, bool(file.clocks) and source is Source.STATE
            if source is Source.STATE:
                await forget_undeclared(connection, file)
            while True:
                async with connection.transaction():
                    rows = await connection.fetch(NEXT, file.code, last, list(IN_FORCE), CHUNK)
                    others = [one for row in rows if (one := _other(file, row, source, today)) is not None]
                    if others:
                        await connection.execute(DATE, file.code, *map(list, zip(*others, strict=True)))
                    if rows and timed:
                        await set_anew(
                            connection, file, [(_timed(row), bool(row["entered_ori"])) for row in rows]
                        )
                if not rows:
                    break
                last, seen, changed = rows[-1]["id"], seen + len(rows), changed + len(others)
                progress(seen, max(seen, total))
        async with connection.transaction():
            await connection.execute(FORGET, f"{DATED}%")
            await connection.execute(MARK, name, today)
        return changed
    finally:
        await connection.execute(DONE)


def _held(catalogue: Catalogue, source: Source) -> Iterator[File]:
    return (file for file in catalogue.files.values() if source in file.held_by)


def _timed(row: asyncpg.Record) -> Timed:
    return Timed(
        record=row["id"], owner=row["owner"], test=row["test"], entered_at=row["entered_at"],
        changed_at=row["changed_at"], fields=plain(row["fields"]),
    )  # fmt: skip


def _other(
    file: File, row: asyncpg.Record, source: Source, today: date
) -> tuple[int, datetime | None, date | None] | None:
    """The dates of a record by the rules now in force; None where it has them already."""
    ends, _ = due(file, plain(row["fields"]), row["entered_at"])
    first = first_validation(row["entered_at"])
    while (
        first <= today
    ):  # nobody was asked for it in the months that are over: it is due in the next such month
        first = date(first.year + 1, first.month, 1)
    wants = file.validated and source is Source.STATE
    validate_on = (row["validate_on"] or first) if wants else None
    if (ends, validate_on) == (row["due_at"], row["validate_on"]):
        return None
    return row["id"], ends, validate_on
