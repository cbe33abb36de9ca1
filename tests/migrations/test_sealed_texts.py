"""The twelfth migration: what stood in clear is sealed, goes on as before, and stays proved."""

from __future__ import annotations

from hashlib import sha256

import asyncpg
import pytest

from tests.conftest import Clock
from tests.sealed import bodies, texts
from wireroom.app import database as db
from wireroom.app.schema import migrate
from wireroom.app.sealing import seal_clear
from wireroom.journal.entry import Entry, canonical
from wireroom.journal.tree import commitment
from wireroom.switch import ledger

pytestmark = pytest.mark.anyio
RECEIPT = b'{"number":1,"state":"accepted","understood":"SECRET WORDS"}'
DELIVERY = (
    b'{"number":5,"terminal":"Z001","transaction":1,"kind":"mail","source":"Y001","state":"","title":"t",'
    b'"text":"SECRET WORDS"}'
)


async def old(dsn: str, clock: Clock) -> list[Entry]:
    """A database from before, with three entries and something in each queue."""
    await migrate(dsn, "0012")
    entries = [Entry(4096 + n, "message:asked", clock(), detail={"text": "SECRET WORDS"}) for n in range(3)]
    async with db.connect(dsn) as connection:
        for entry in entries:
            await connection.execute(
                "insert into journal values ($1, $2, $3, 0, '', '', '', $4, $5)",
                entry.number, entry.tag, entry.at, bytes((entry.number % 256,)) * 16, canonical(entry),
            )  # fmt: skip
        await connection.execute(
            "insert into claim values ('Z001', 'k', '2026-03-02', 1, $1, $2)",
            sha256(b"x").digest()[:16],
            RECEIPT,
        )
        await connection.execute("insert into delivery values ('Z001', 5, $1)", DELIVERY)
        await connection.execute(
            "insert into confirmation values (7, '1', 'o', 'o', 'Z001', 'p', false, 'U', 1, 'waiting', '', now(), "
            "null, 'YQ.SECRET WORDS')"
        )
    await migrate(dsn, "0013")
    return entries


async def test_all_that_stood_in_clear_is_sealed_and_opens_again(empty_database: str, clock: Clock) -> None:
    entries = await old(empty_database, clock)
    opener = texts(lambda: db.connect(empty_database), clock)
    assert await seal_clear(empty_database, lambda: opener) == 6
    assert await seal_clear(empty_database, lambda: opener) == 0
    async with db.connect(empty_database) as connection:
        found = texts(lambda: db.connect(empty_database), clock)
        assert await bodies(connection, found) == [canonical(entry) for entry in entries]
        digest, receipt = await ledger.claimed(connection, found, "Z001", "k", clock().date())
        assert (digest, receipt.understood) == (sha256(b"x").digest()[:16], "SECRET WORDS")
        [mail] = await ledger.waiting(connection, found, "Z001", 0, 9)
        assert mail.text == "SECRET WORDS"
        for table in ("journal", "claim", "delivery", "confirmation"):
            shown = await connection.fetch(f"select {table}::text as row from {table}")
            assert all(b"SECRET".hex() not in row["row"] and "SECRET" not in row["row"] for row in shown)


async def test_an_entry_that_is_sealed_keeps_its_leaf(empty_database: str, clock: Clock) -> None:
    entries = await old(empty_database, clock)
    opener = texts(lambda: db.connect(empty_database), clock)
    await seal_clear(empty_database, lambda: opener)
    async with db.connect(empty_database) as connection:
        rows = await connection.fetch("select commitment from journal order by number")
    expected = [commitment(bytes((one.number % 256,)) * 16, canonical(one)) for one in entries]
    assert [row["commitment"] for row in rows] == expected


CHANGES = (
    "body = 'x'",
    "body = 'x', salt = '', commitment = sha256('y')",
    "body = 'x', salt = '', commitment = sha256(salt || body), person = 'p'",
    "tag = ''",
)


async def test_the_journal_allows_no_other_change(empty_database: str, clock: Clock) -> None:
    await old(empty_database, clock)
    async with db.connect(empty_database) as connection:
        for change in CHANGES:
            with pytest.raises(asyncpg.RaiseError, match="append-only"):
                await connection.execute(f"update journal set {change}")
