"""The migration that keeps why inquiries are made: what was there stays, and a verdict is looked for by its index."""

from __future__ import annotations

import asyncpg
import pytest

from wireroom.app import database as db
from wireroom.app.schema import migrate

pytestmark = pytest.mark.anyio
BEFORE = """
insert into agency values ('CA0990100', 'Invented', '', '', false, now());
insert into claim values ('Z001', 'k', '2026-03-02', 7, ''::bytea, '{}'::bytea);
"""
INCIDENT = """
insert into cad_incident values ($1, '26-000001', '', '', now(), null, now(), 'd.typed', now())
"""


async def test_what_was_there_goes_on_and_an_incident_is_of_an_agency_there_is(empty_database: str) -> None:
    await migrate(empty_database, "0010")
    async with db.connect(empty_database) as connection:
        await connection.execute(BEFORE)
    await migrate(empty_database, "0011")
    async with db.connect(empty_database) as connection:
        assert await connection.fetchval("select transaction from claim") == 7
        assert await connection.fetchval("select count(*) from reason") == 0
        await connection.execute(INCIDENT, "CA0990100")
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await connection.execute(INCIDENT, "CA0990900")
        plan = await connection.fetch(
            "explain select from reason where ori = 'CA0990100' "
            "and verdict in ('none', 'unknown', 'own-later', 'unexplained')"
        )
        assert any("reason_open" in row[0] for row in plan), plan
