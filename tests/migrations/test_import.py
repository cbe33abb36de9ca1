"""The fourth migration: how far an import is can be kept, and what was there before stays."""

from __future__ import annotations

import pytest

from wireroom.app import database as db
from wireroom.app.schema import migrate

pytestmark = pytest.mark.anyio


async def test_it_adds_the_table_of_imports_beside_what_is_there(empty_database: str) -> None:
    await migrate(empty_database, "0003")
    async with db.connect(empty_database) as connection:
        assert await connection.fetchval("select to_regclass('import_run')") is None
        await connection.execute("insert into calendar (name, done) values ('daily', '2026-03-01')")
    await migrate(empty_database, "0004")
    async with db.connect(empty_database) as connection:
        assert await connection.fetchval("select count(*) from import_run") == 0
        assert await connection.fetchval("select count(*) from calendar") == 1
