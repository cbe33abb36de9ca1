"""Writes the records of a file out as CSV or JSON Lines, one by one, however many there are."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import BinaryIO

import asyncpg
import msgspec

from wireroom.catalog.file import File
from wireroom.records.importing.lines import ABOUT, Format, joined
from wireroom.records.life import IN_FORCE, Status, valued
from wireroom.records.shape import LIFE, Fields, from_json
from wireroom.records.vault import Vault

AT_ONCE = 2_000  # rows fetched and written in one go
RECORDS = """
select number, owner, status, entered_at, fields::text as fields from record
 where file = $1 and test = $2 and ($3 = '' or owner = $3) and status = any($4::text[]) order by id
"""
COUNT = """
select count(*) from record where file = $1 and test = $2 and ($3 = '' or owner = $3) and status = any($4::text[])
"""
ENDED = tuple(status for status in Status if status not in IN_FORCE)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which records are written, and how much of each."""

    file: File
    written: Format
    owner: str = ""  # empty: of every agency
    test: bool = False
    ended: bool = False  # those that have ended too
    secrets: bool = False
    marking: str = ""  # stands with each record: a line that is copied out is still marked

    @property
    def codes(self) -> tuple[str, ...]:
        """The fields that are written, the file's own first, then what its life added."""
        own = tuple(field.code for field in self.file.fields if self.secrets or not field.secret)
        return (*own, *(code for code in LIFE if code not in ABOUT))

    @property
    def arguments(self) -> tuple[object, ...]:
        """What the statements take."""
        status = [*IN_FORCE, *(ENDED if self.ended else ())]
        return self.file.code, self.test, self.owner, status


async def write_records(
    connection: asyncpg.Connection,
    wanted: Wanted,
    vault: Vault,
    handle: BinaryIO,
    progress: Callable[[int, int], None],
) -> int:
    """Writes records as of one moment; how many. In the caller's transaction, which must see one state throughout."""
    total = await connection.fetchval(COUNT, *wanted.arguments)
    write = _csv(wanted) if wanted.written is Format.CSV else partial(_jsonl, wanted.marking)
    codes, count = wanted.codes, 0
    shown = frozenset(codes)
    if wanted.written is Format.CSV:
        handle.write(_line((*ABOUT, *codes)))
    async for rows in _rows(connection, wanted):
        handle.write(b"".join([write(row, _fields(row, wanted.file, vault, shown)) for row in rows]))
        count += len(rows)
        progress(count, total)
    return count


async def _rows(connection: asyncpg.Connection, wanted: Wanted) -> AsyncIterator[list[asyncpg.Record]]:
    cursor = await connection.cursor(RECORDS, *wanted.arguments)
    while rows := await cursor.fetch(AT_ONCE):
        yield rows


def _fields(row: asyncpg.Record, file: File, vault: Vault, shown: frozenset[str]) -> Fields:
    """The fields that are shown; a secret one that is not is not even opened."""
    stored = msgspec.json.decode(row["fields"], type=dict[str, msgspec.Raw])
    kept = {code: value for code, value in stored.items() if code in shown}
    return from_json(file, msgspec.json.encode(kept).decode(), vault)


def _about(row: asyncpg.Record, marking: str) -> tuple[str, ...]:
    entered = row["entered_at"].isoformat(timespec="seconds")
    return row["number"], row["owner"], row["status"], entered, marking


def _csv(wanted: Wanted) -> Callable[[asyncpg.Record, Fields], bytes]:
    codes = wanted.codes
    repeated = {field.code for field in wanted.file.repeated}

    def write(row: asyncpg.Record, fields: Fields) -> bytes:
        values = valued(fields)
        cells = [
            joined(values.get(code, ())) if code in repeated else values.get(code, ("",))[0] for code in codes
        ]
        return _line((*_about(row, wanted.marking), *cells))

    return write


def _line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def _jsonl(marking: str, row: asyncpg.Record, fields: Fields) -> bytes:
    given: dict[str, object] = dict(zip(ABOUT, _about(row, marking), strict=True))
    given |= {
        code: several[0] if len(several) == 1 else list(several) for code, several in valued(fields).items()
    }
    return msgspec.json.encode(given) + b"\n"
