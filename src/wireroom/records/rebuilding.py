"""Says when the index of people must be counted or made anew, and makes it anew from the records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg

from wireroom.catalog.file import File
from wireroom.catalog.index import Catalogue, name_fields
from wireroom.records.life import IN_FORCE
from wireroom.records.matching.counting import count
from wireroom.records.matching.keeping import SPELLED, Kept, keep
from wireroom.records.matching.people import People
from wireroom.records.shape import from_json, kept
from wireroom.records.vault import Vault

CHUNK = 5_000  # records of one transaction
EXACT_MAX = 100_000  # names are counted up to here; beyond, the server's own estimate will do
TURN_S = 0.5
FEW = 100  # names more than were counted are never worth a count
Progress = Callable[[int, int], None]

ONE_AT_A_TIME = "select pg_advisory_lock(7301004)"
DONE = "select pg_advisory_unlock(7301004)"
NEEDED = """
select coalesce((select spelled from name_census), 0) <> $1
       and exists (select from record where status in ('active', 'located', 'restrained'))
"""
MANY = "select count(*) from record where file = any($1::text[]) and status in ('active', 'located', 'restrained')"
# Locked against changes until the index says of them what is read here.
NEXT = """
select id, test, status, fields::text as fields from record
 where file = $1 and id > $2 and ($4 or status in ('active', 'located', 'restrained')) order by id limit $3 for share
"""
DUE = """
select not exists (select from name_census) as never,
       (select coalesce(sum(people), 0) from name_book)::bigint as counted,
       greatest((select reltuples from pg_class where oid = 'person'::regclass)::bigint,
                (select count(*) from (select from person limit $1) as few)) as names
"""
GENERATION = "select coalesce((select generation from name_census), 0)"


async def due(connection: asyncpg.Connection) -> bool:
    """Whether names were never counted, or there are a tenth more than when they were. Cheap."""
    row = await connection.fetchrow(DUE, EXACT_MAX)
    assert row is not None, "a SELECT without FROM has one row"
    return bool(row["never"] or row["names"] > max(row["counted"] * 1.1, row["counted"] + FEW))


async def generation(connection: asyncpg.Connection) -> int:
    """How often names were counted."""
    return int(await connection.fetchval(GENERATION))


async def count_in_turn(connection: asyncpg.Connection) -> None:
    """Counts names, after whoever counts them now: what was just loaded may not be in another's count."""
    while not await count(connection):  # noqa: ASYNC110 - the other may be another process, which tells nobody
        await asyncio.sleep(TURN_S)


async def needed(connection: asyncpg.Connection) -> bool:
    """Whether there are records of which the index says nothing, or says it by former rules."""
    return bool(await connection.fetchval(NEEDED, SPELLED))


async def rebuild(
    connection: asyncpg.Connection,
    catalogue: Catalogue,
    vault: Vault,
    progress: Progress,
    *,
    whenever: bool = False,
) -> int:
    """Makes the index anew where it is needed, or `whenever` it is asked; how many records were gone through.

    On a connection of the tables' owner. Each chunk is a transaction, so what was interrupted is begun again and harms
    nothing; that it is whole is noted at the end. Of two processes, the second waits and finds it done.
    """
    await connection.execute(ONE_AT_A_TIME)
    try:
        if not whenever and not await needed(connection):
            return 0
        files = [file for file in catalogue.files.values() if name_fields(file)]
        total = await connection.fetchval(MANY, [file.code for file in files])
        index, done = People(), 0
        for file in files:
            last = -1
            while True:
                async with connection.transaction():
                    rows = await connection.fetch(NEXT, file.code, last, CHUNK, file.recalled)
                    await index.refresh(connection)
                    await keep(connection, index.vocabulary, index.books, _kept(file, rows, vault))
                if not rows:
                    break
                last, done = rows[-1]["id"], done + len(rows)
                progress(done, max(done, total))
        await count_in_turn(connection)
    finally:
        await connection.execute(DONE)
    return done


def _kept(file: File, rows: list[asyncpg.Record], vault: Vault) -> list[Kept]:
    found: list[Kept] = []
    for row in rows:
        fields, over = from_json(file, row["fields"], vault), row["status"] not in IN_FORCE
        if over:
            found += kept(file, row["id"], (), fields, test=row["test"])
        found += kept(file, row["id"], fields, test=row["test"], over=over)
    return found
