"""A scratch file of people: loaded live, searched as any other, and removed again without a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import asyncpg
import msgspec

from wireroom.catalog.file import File, Source
from wireroom.catalog.files.shared import DOB, NAM, SEX, SOC
from wireroom.records.bulk import write
from wireroom.records.matching.dates import UNKNOWN
from wireroom.records.matching.keeping import LOCK_ALONE, VOCABULARY_LOCK, Called, Kept
from wireroom.records.matching.people import People
from wireroom.records.shape import Fields, identifiers, to_json
from wireroom.records.vault import Vault

PREFIX = "scratch_"  # of the code of every such file; no declared one begins so
OWNER = "SCRATCH"  # where a record has the agency that entered it
CHUNK = 20_000  # people of one transaction
BLOCKS = 8_192  # of a table, gone through in one transaction when people are removed
Progress = Callable[[int, int], None]

TRY_LOCK = "select pg_try_advisory_lock(hashtextextended($1, 0))"
IS_THERE = """
select exists (select from name_book where file = $1) or exists (select from record where file = $1)
"""
BLOCKS_OF = "select pg_relation_size($1::text::regclass) / current_setting('block_size')::bigint"
# A book's rows lie anywhere in these two, whose keys begin with something else: the tables are gone through as they
# lie on the disk, which touches no index.
REMOVE_PAIRS = """
delete from name_pair
 where ctid >= $2::tid and ctid < $3::tid and book in (select id from name_book where file = $1)
"""
REMOVE_IDENTIFIERS = "delete from identifier where ctid >= $2::tid and ctid < $3::tid and file = $1"
REMOVE_PERSONS = """
delete from person where book in (select id from name_book where file = $1) and record >= $2 and record < $3
"""
REMOVE_RECORDS = "delete from record where file = $1 and id >= $2 and id < $3"
REMOVE_VERSIONS = "delete from record_version where file = $1 and id >= $2 and id < $3"
REMOVE_BOOK = "delete from name_book where file = $1"
LAST = "select coalesce(max(id), 0) from record where file = $1"
LAST_PERSON = """
select coalesce(max(p.record), 0) from name_book b join person p on p.book = b.id where b.file = $1
"""


class Row(msgspec.Struct, frozen=True):
    """A person to be loaded: a number of one's own, a name in any writing, and what is known besides."""

    number: str
    name: str
    called: Called
    ssn: str = ""


class Scratch:
    """One scratch file. Each method does its work in transactions of its own, on a connection of the tables' owner."""

    def __init__(self, name: str, vault: Vault) -> None:
        self.file = File(
            code=PREFIX + name,
            title=f"Scratch file {name}",
            held_by=(Source.STATE,),
            fields=(NAM, DOB, SEX, SOC),
            found_by=(("NAM",), ("SOC",)),
        )
        self._vault = vault
        self._people = People()
        self._next = 1

    async def lock(self, connection: asyncpg.Connection) -> bool:
        """Keeps the file for this connection; False where another has it."""
        return bool(await connection.fetchval(TRY_LOCK, self.file.code))

    async def is_there(self, connection: asyncpg.Connection) -> bool:
        """Whether anything of the file is in the database."""
        return bool(await connection.fetchval(IS_THERE, self.file.code))

    async def load(self, connection: asyncpg.Connection, rows: Sequence[Row], at: datetime) -> None:
        """Loads people, records with numbers and names, in one transaction."""
        code = self.file.code
        records: list[tuple[object, ...]] = []
        numbers: list[tuple[object, ...]] = []
        kept: list[Kept] = []
        for record, row in enumerate(rows, self._next):
            fields = _fields(row)
            stored = to_json(self.file, fields, self._vault)
            records.append((code, record, row.number, OWNER, "active", 1, False, at, at, stored, None, None))
            numbers += [
                (kind, value, code, record) for kind, value in identifiers(self.file, fields, self._vault)
            ]
            kept.append(Kept(code, False, record, (row.called,)))
        self._next += len(rows)
        await write(connection, self._people, records, numbers, kept)

    async def remove(self, connection: asyncpg.Connection, progress: Progress) -> None:
        """Removes all of the file. To repeat it after an interruption ends what was begun."""
        code = self.file.code
        last = max(await connection.fetchval(LAST, code), await connection.fetchval(LAST_PERSON, code))
        work = [
            *[(REMOVE_PAIRS, *span) for span in await _blocks(connection, "name_pair")],
            *[(REMOVE_IDENTIFIERS, *span) for span in await _blocks(connection, "identifier")],
            *[
                (statement, low, low + CHUNK)
                for statement in (REMOVE_PERSONS, REMOVE_VERSIONS, REMOVE_RECORDS)
                for low in range(0, last + 1, CHUNK)
            ],
        ]
        for done, (statement, low, high) in enumerate(work):
            progress(done, len(work))
            await connection.execute(statement, code, low, high)
        async with connection.transaction():
            await connection.execute(LOCK_ALONE, VOCABULARY_LOCK)
            await connection.execute(REMOVE_BOOK, code)
        progress(len(work), len(work))


def _fields(row: Row) -> Fields:
    fields = [("NAM", row.name.replace("\0", " "))]  # which no database takes
    if row.called.dob != UNKNOWN:
        fields.append(("DOB", f"{row.called.dob:08}"))
    if row.called.sex:
        fields.append(("SEX", row.called.sex))
    if row.ssn:
        fields.append(("SOC", row.ssn))
    return tuple(fields)


async def _blocks(
    connection: asyncpg.Connection, table: str
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The blocks of a table as spans of places in it."""
    blocks = await connection.fetchval(BLOCKS_OF, table)
    return [((low, 0), (low + BLOCKS, 0)) for low in range(0, blocks, BLOCKS)]


def spelled_out(last: str, first: str, middle: str, suffix: str) -> str:
    """A name as a record has it: LAST, FIRST MIDDLE SUFFIX."""
    return f"{last}, {' '.join(filter(None, (first, middle, suffix)))}"


def chunks(rows: Iterator[Row], size: int = CHUNK) -> Iterator[list[Row]]:
    """Rows in lists of at most so many."""
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) >= size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
