"""The migration of facts: what stands of people can be kept, and what was there stays."""

from __future__ import annotations

import asyncpg
import pytest

from wireroom.app import database as db
from wireroom.app.schema import migrate

pytestmark = pytest.mark.anyio
BEFORE, NOW = "0007", "0008"
AGENCY = "insert into agency values ('CA0990100', 'Example City Police', '', '', false, now())"
ACCOUNT = """
insert into account (id, name, ori, role, password_hash, otp_sealed, enabled, added_at, otp_last_step, failures)
values ('p.vale', 'Pat Vale', 'CA0990100', 'operator', '', '', true, now(), -1, '{}')
"""
FACT = """
insert into fact (person, kind, recorded_at, recorded_by, day, good, score, word, ori)
values ($1, $2, now(), 'a.dean', '2026-03-02', true, $3, '', 'CA0990100')
"""


async def test_it_adds_its_table_beside_the_people_that_are_there(empty_database: str) -> None:
    await migrate(empty_database, BEFORE)
    async with db.connect(empty_database) as connection:
        assert await connection.fetchval("select to_regclass('fact')") is None
        await connection.execute(AGENCY)
        await connection.execute(ACCOUNT)
    await migrate(empty_database, NOW)
    async with db.connect(empty_database) as connection:
        await connection.execute(FACT, "p.vale", "examination", 92)
        assert await connection.fetchval("select count(*) from fact join account on id = person") == 1


async def test_a_fact_is_of_somebody_there_is_of_a_kind_there_is_with_a_score_that_can_be(
    empty_database: str,
) -> None:
    await migrate(empty_database, NOW)
    async with db.connect(empty_database) as connection:
        await connection.execute(AGENCY)
        await connection.execute(ACCOUNT)
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await connection.execute(FACT, "nobody", "review", None)
        for kind, score in (("rumour", None), ("examination", 101)):
            with pytest.raises(asyncpg.CheckViolationError):
                await connection.execute(FACT, "p.vale", kind, score)
