"""The seventh migration: approvals of courts can be kept, and what was there stays."""

from __future__ import annotations

import asyncpg
import pytest

from wireroom.app import database as db
from wireroom.app.schema import migrate

pytestmark = pytest.mark.anyio
AGENCY = "insert into agency values ('CA099023J', 'Invented Court', '', '', false, now())"
APPROVE = "insert into approval values ($1, $2, now(), 'dora.doj', null, '')"


async def test_it_adds_its_table_beside_what_is_there(empty_database: str) -> None:
    await migrate(empty_database, "0006")
    async with db.connect(empty_database) as connection:
        assert await connection.fetchval("select to_regclass('approval')") is None
        await connection.execute(AGENCY)
    await migrate(empty_database, "0007")
    async with db.connect(empty_database) as connection:
        await connection.execute(APPROVE, "CA099023J", "niem")
        assert await connection.fetchval("select count(*) from approval where until is null") == 1
        assert await connection.fetchval("select count(*) from agency") == 1


async def test_an_approval_is_of_an_agency_there_is_and_of_a_way_there_is(empty_database: str) -> None:
    await migrate(empty_database, "0007")
    async with db.connect(empty_database) as connection:
        await connection.execute(AGENCY)
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await connection.execute(APPROVE, "CA099024J", "niem")
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(APPROVE, "CA099023J", "pigeon")
