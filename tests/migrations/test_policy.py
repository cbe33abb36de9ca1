"""The migration of the rules: agencies have an agreement on all, and what is added lets in what it must and no more."""

from __future__ import annotations

import asyncpg
import pytest

from wireroom.app import database as db
from wireroom.app.schema import migrate

pytestmark = pytest.mark.anyio
BEFORE, NOW = "0009", "0010"
AGENCY = """
insert into agency (ori, name, county, phone, test, added_at) values ($1, 'Example', '', '', false, now())
"""
ACCOUNT = """
insert into account (id, name, ori, role, password_hash, otp_sealed, enabled, added_at, active_at, otp_last_step,
                     failures)
values ('p.vale', 'Pat Vale', 'CA0990100', 'operator', '', '', true, now(), now(), -1, '{}')
"""
MARK = (
    "insert into own_mark (person, kind, mark, since, recorded_by) values ($1, $2, '\\x01', now(), 'a.dean')"
)


async def test_an_agency_that_was_there_has_an_agreement_on_every_file(empty_database: str) -> None:
    await migrate(empty_database, BEFORE)
    async with db.connect(empty_database) as connection:
        await connection.execute(AGENCY, "CA0990100")
    await migrate(empty_database, NOW)
    async with db.connect(empty_database) as connection:
        [row] = await connection.fetch("select agreed_files, agreed_until from agency")
        assert (row["agreed_files"], row["agreed_until"]) == ([], None)


async def test_a_mark_is_of_somebody_there_is_and_of_a_kind_there_is(empty_database: str) -> None:
    await migrate(empty_database, NOW)
    async with db.connect(empty_database) as connection:
        await connection.execute(AGENCY, "CA0990100")
        await connection.execute(ACCOUNT)
        await connection.execute(MARK, "p.vale", "self")
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await connection.execute(MARK, "nobody", "self")
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(MARK, "p.vale", "friend")
