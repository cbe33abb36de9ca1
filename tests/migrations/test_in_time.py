"""The sixth migration: what must be done in time can be kept, and what goes to people outside; what was there stays."""

from __future__ import annotations

import pytest

from wireroom.app import database as db
from wireroom.app.schema import migrate

pytestmark = pytest.mark.anyio
OPEN = """
insert into clock (file, record, name, owner, other, test, due_at) values ('order', 1, $1, 'A', 'B', false, now())
"""


async def test_it_adds_its_tables_beside_what_is_there(empty_database: str) -> None:
    await migrate(empty_database, "0005")
    async with db.connect(empty_database) as connection:
        assert await connection.fetchval("select to_regclass('clock')") is None
        await connection.execute("insert into calendar (name, done) values ('daily', '2026-03-01')")
    await migrate(empty_database, "0006")
    async with db.connect(empty_database) as connection:
        await connection.execute(OPEN, "ENTRY")
        await connection.execute(OPEN, "FILING")
        assert await connection.fetchval("select count(*) from clock where met_at is null") == 2
        assert await connection.fetchval("select count(*) from outbox") == 0
        assert await connection.fetchval("select count(*) from calendar") == 1


async def test_what_is_open_and_what_is_to_be_sent_is_found_without_reading_the_rest(
    empty_database: str,
) -> None:
    await migrate(empty_database, "0006")
    async with db.connect(empty_database) as connection:
        rows = await connection.fetch(
            "select indexname, indexdef from pg_indexes where tablename in ('clock', 'outbox')"
        )
    found = {row[0]: row[1].partition(" WHERE ")[2] for row in rows if " WHERE " in row[1]}
    assert set(found) == {"clock_open", "clock_open_other", "clock_met", "clock_met_other", "outbox_due"}
    assert found["clock_open"] == "(met_at IS NULL)"
    assert found["outbox_due"] == "(due_at IS NOT NULL)"
