"""The fifteenth migration: rows that were there stay, and are locked from then on."""

from __future__ import annotations

import pytest

from wireroom.app import database as db
from wireroom.app.locks import unlocked
from wireroom.app.schema import check, migrate, upgrade
from wireroom.message.acting import Actor, acting

pytestmark = pytest.mark.anyio


async def test_what_was_there_stays_and_is_locked(empty_database: str) -> None:
    await migrate(empty_database, "0018")
    async with db.connect(empty_database) as connection:
        await connection.execute("insert into delivery values ('Z001', 7, 'x'), ('Z002', 8, 'x')")
    await upgrade(empty_database)
    assert await check(empty_database) == []
    async with db.connect(empty_database) as connection:
        assert await unlocked(connection) == []
        await connection.execute("set wireroom.acting = ''; set role wireroom_switch")
        assert await connection.fetchval("select count(*) from delivery") == 0
        async with acting(connection, Actor(actor="mailbox", terminal="Z002")):
            assert await connection.fetchval("select array_agg(number) from delivery") == [8]
