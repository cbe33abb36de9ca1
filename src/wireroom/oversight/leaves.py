"""Walks through the journal in the order of its leaves, with little in memory however long it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from wireroom.journal.sealing import JOURNAL, SealedShut, Texts
from wireroom.journal.tree import commitment, split
from wireroom.journal.writer import SALT_SIZE
from wireroom.message.acting import transaction

if TYPE_CHECKING:
    import asyncpg

    from wireroom.journal import Connection, Pool

TIMEOUT_S = 600.0  # for one statement of a walk; the slowest looks at every number once
_PATIENT = "SET LOCAL statement_timeout = '600s'; SET LOCAL idle_in_transaction_session_timeout = '600s'"
_SPANS_AT_ONCE = 64
_ENTRIES_AT_ONCE = 2048

_SPANS = "SELECT first, batch, entries, leaves FROM journal_span WHERE first > $1 ORDER BY first LIMIT $2"
# Where a batch ends is worked out first: before a lock on rows an index takes plain comparisons only.
_ROWS = """
SELECT j.number, j.tag, j.at, j.transaction, j.ori, j.terminal, j.person, j.salt, j.body,
       j.commitment
FROM (SELECT batch, batch + 4096 AS beyond FROM unnest($1::bigint[]) AS given (batch) OFFSET 0) AS b
JOIN journal AS j ON j.number >= b.batch AND j.number < b.beyond
"""

_COLUMNS = ("number", "tag", "at", "transaction", "ori", "terminal", "person")


class Row(msgspec.Struct, frozen=True):
    """An entry as it is stored, opened."""

    number: int
    tag: str
    at: datetime
    transaction: int
    ori: str
    terminal: str
    person: str
    salt: bytes
    body: bytes  # as it is stored where it does not open
    trouble: str = ""  # why salt and body are not what the writer sealed


class Batch(msgspec.Struct, frozen=True):
    """A batch with the place it was given, and what is found there now."""

    first: int  # its first leaf
    batch: int
    entries: int
    leaves: list[bytes]  # the leaf hashes when it was folded
    rows: list[Row]  # in the order of their numbers


@asynccontextmanager
async def snapshot(pool: Pool) -> AsyncIterator[Connection]:
    """The journal as it stands now, unmoved by what is written meanwhile, and nothing can be written here."""
    async with transaction(pool, timeout=TIMEOUT_S, isolation="repeatable_read", readonly=True) as conn:
        await conn.execute(_PATIENT)
        yield conn


async def batches(conn: Connection, texts: Texts) -> AsyncIterator[Batch]:
    """Every batch in the tree, in the tree's order."""
    # A walk reads by number; the planner must not read everything anew for each step of it.
    await conn.execute("SET LOCAL enable_seqscan = off", timeout=TIMEOUT_S)
    last = -1
    while spans := await conn.fetch(_SPANS, last, _SPANS_AT_ONCE, timeout=TIMEOUT_S):
        last = spans[-1]["first"]
        for group in _groups(spans):
            found: dict[int, list[Row]] = {span["batch"]: [] for span in group}
            records = await conn.fetch(_ROWS, list(found), timeout=TIMEOUT_S)
            await texts.learn(conn, (record["body"] for record in records))
            for record in records:
                found[record["number"] & ~0xFFF].append(_row(record, texts))
            for span in group:
                rows = sorted(found[span["batch"]], key=lambda row: row.number)
                yield Batch(span["first"], span["batch"], span["entries"], split(span["leaves"]), rows)


def open_body(record: asyncpg.Record, texts: Texts) -> tuple[bytes, bytes]:
    """Salt and canonical bytes of an entry, after `texts.learn`. Raises SealedShut.

    One from before the sealing has no commitment of its own, and stands in clear.
    """
    if record["commitment"] is None:
        return record["salt"], record["body"]
    if record["salt"]:
        raise SealedShut(
            f"entry {record['number']} has a salt beside its sealed body: it was put there later"
        )
    text = texts.open(JOURNAL, record["number"], record["body"])
    return text[:SALT_SIZE], text[SALT_SIZE:]


def _row(record: asyncpg.Record, texts: Texts) -> Row:
    columns = {name: record[name] for name in _COLUMNS}
    try:
        salt, body = open_body(record, texts)
    except SealedShut as shut:
        return Row(**columns, salt=b"", body=record["body"], trouble=str(shut))
    if record["commitment"] not in (None, commitment(salt, body)):
        said = "its column commitment is not what salt and body are committed to"
        return Row(**columns, salt=salt, body=body, trouble=said)
    return Row(**columns, salt=salt, body=body)


def _groups(spans: Sequence[asyncpg.Record]) -> Iterator[list[asyncpg.Record]]:
    """Spans in handfuls that are not too many entries together."""
    group: list[asyncpg.Record] = []
    entries = 0
    for span in spans:
        if group and entries + span["entries"] > _ENTRIES_AT_ONCE:
            yield group
            group, entries = [], 0
        group.append(span)
        entries += span["entries"]
    if group:
        yield group
