"""The fifteenth migration: accounts can be asked for by one and decided on by another, and what was there stays."""

from __future__ import annotations

import asyncpg
import pytest

from wireroom.app import database as db
from wireroom.app.schema import migrate

pytestmark = pytest.mark.anyio
AGENCY = "insert into agency values ('CA0990100', 'Invented', '', '', false, now())"
ASK = (
    "insert into account_request (id, person, name, ori, role, words, asked_by, asked_at) "
    "values ($1, $2, 'Jo Doe', 'CA0990100', 'operator', 'new', 'a.dean', now())"
)


async def test_it_adds_its_table_beside_what_is_there_and_one_person_decides_on_no_own_request(
    empty_database: str,
) -> None:
    await migrate(empty_database, "0016")
    async with db.connect(empty_database) as connection:
        assert await connection.fetchval("select to_regclass('account_request')") is None
        await connection.execute(AGENCY)
    await migrate(empty_database, "0017")
    async with db.connect(empty_database) as connection:
        assert await connection.fetchval("select count(*) from agency") == 1
        await connection.execute(ASK, "1", "j.doe")
        with pytest.raises(asyncpg.UniqueViolationError):  # while one waits
            await connection.execute(ASK, "2", "j.doe")
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "update account_request set decided_by = 'a.dean', decision = 'approved'"
            )
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute("update account_request set decided_by = 'b.adm', decision = 'perhaps'")
        await connection.execute(
            "update account_request set decided_by = 'b.adm', decision = 'refused', decided_at = now()"
        )
        await connection.execute(ASK, "2", "j.doe")
