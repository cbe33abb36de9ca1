"""The twentieth migration: whoever is signed in stays so, and is looked up by functions of the database."""

from __future__ import annotations

import pytest

from wireroom.app import database as db
from wireroom.app.functions import unlike
from wireroom.app.schema import check, migrate, upgrade

pytestmark = pytest.mark.anyio


async def test_who_is_signed_in_stays_so(empty_database: str) -> None:
    await migrate(empty_database, "0019")
    async with db.connect(empty_database) as connection:
        assert await unlike(connection) == ["session_standing", "vouched_session_standing"]
        await connection.execute(
            "set session_replication_role = replica;"
            "insert into session (token_hash, person, terminal, ori, csrf, opened_at, seen_at, peer, kind)"
            "values ('x', 'a.one', 'Z001', 'CA0990100', 'c', now(), now(), '127.0.0.1', 'page')"
        )
    await upgrade(empty_database)
    assert await check(empty_database) == []
    async with db.connect(empty_database) as connection:
        assert await connection.fetchval("select array_agg(person) from session") == ["a.one"]
