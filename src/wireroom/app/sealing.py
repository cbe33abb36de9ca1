"""Seals what stands in the database in clear: once, after the upgrade of a database from before the sealing."""

from __future__ import annotations

from collections.abc import Callable

import asyncpg
import msgspec

from wireroom.app.console import bar
from wireroom.app.upkeep import owner
from wireroom.journal.sealing import JOURNAL, Place, Texts
from wireroom.switch.confirming import REQUESTS
from wireroom.switch.ledger import BODIES, QUESTIONS, RECEIPTS

AT_ONCE = 2_000
UNSEALED = b"\0"  # before a receipt that the migration has put together

_CLEAR = "SELECT exists (SELECT FROM journal WHERE commitment IS NULL)"
_ENTRIES = "SELECT number, salt, body FROM journal WHERE commitment IS NULL ORDER BY number LIMIT $1"
_SEAL = """
UPDATE journal AS j SET body = q.body, salt = '', commitment = sha256(j.salt || j.body)
FROM unnest($1::bigint[], $2::bytea[]) AS q (number, body) WHERE j.number = q.number
"""


class Column(msgspec.Struct, frozen=True):
    """A column of a queue whose texts are sealed: where they are, which are not yet, and how one is put back."""

    place: Place
    clear: str
    put: str


QUEUES = (
    Column(
        BODIES,
        "SELECT terminal || '/' || number AS row, body AS text, ctid FROM delivery WHERE get_byte(body, 0) <> 1",
        "UPDATE delivery SET body = $2 WHERE ctid = $1",
    ),
    Column(
        QUESTIONS,
        "SELECT transaction || '/' || leg AS row, question AS text, ctid FROM leg WHERE get_byte(question, 0) <> 1",
        "UPDATE leg SET question = $2 WHERE ctid = $1",
    ),
    Column(
        RECEIPTS,
        "SELECT transaction::text AS row, receipt AS text, ctid FROM claim WHERE get_byte(receipt, 0) <> 1",
        "UPDATE claim SET receipt = $2 WHERE ctid = $1",
    ),
    Column(
        REQUESTS,
        "SELECT number::text AS row, text, ctid FROM confirmation WHERE get_byte(text, 0) <> 1",
        "UPDATE confirmation SET text = $2 WHERE ctid = $1",
    ),
)


async def seal_clear(dsn: str, texts: Callable[[], Texts]) -> int:
    """Seals every text that is in clear, in as many transactions as it takes; how many there were.

    Nothing to do costs one look into each queue. A crash loses nothing: what is not sealed yet is, the next time.
    Old pages of the disk, the write-ahead log and backups keep what was in clear until they are written over.
    """
    async with owner(dsn) as connection:
        done = 0
        for queue in QUEUES:
            done += await _queue(connection, queue, texts)
        if await connection.fetchval(_CLEAR):
            done += await _journal(connection, texts())
    return done


async def _queue(connection: asyncpg.Connection, queue: Column, texts: Callable[[], Texts]) -> int:
    async with connection.transaction():
        rows = await connection.fetch(f"{queue.clear} FOR UPDATE")
        if not rows:
            return 0
        clear = [(row["row"], bytes(row["text"]).removeprefix(UNSEALED)) for row in rows]
        sealed = await texts().sealed(queue.place, clear)
        await connection.executemany(
            queue.put, [(row["ctid"], one) for row, one in zip(rows, sealed, strict=True)]
        )
        return len(rows)


async def _journal(connection: asyncpg.Connection, texts: Texts) -> int:
    total = await connection.fetchval("SELECT count(*) FROM journal WHERE commitment IS NULL")
    done = 0
    with bar("Sealing the journal") as progress:
        while rows := await connection.fetch(_ENTRIES, AT_ONCE):
            numbers = [row["number"] for row in rows]
            sealed = await texts.sealed(JOURNAL, [(row["number"], row["salt"] + row["body"]) for row in rows])
            await connection.execute(_SEAL, numbers, sealed)
            done += len(rows)
            progress(done, total)
    await connection.execute("VACUUM journal")  # else what was in clear stays in the pages
    return done
