"""The ninth migration: accounts end by themselves and devices have a class, and what was there stays."""

from __future__ import annotations

import asyncpg
import pytest

from wireroom.app import database as db
from wireroom.app.schema import migrate

pytestmark = pytest.mark.anyio
BEFORE = """
insert into agency values ('CA0990100', 'Invented', '', '', false, now());
insert into terminal values ('Z001', 'CA0990100', 'mobile', '', true, false, now());
insert into account (id, name, ori, role, password_hash, otp_sealed, otp_last_step, enabled, failures, added_at)
values ('p.vale', 'Pat Vale', 'CA0990100', 'operator', 'x', ''::bytea, 7, true, '{}', now() - interval '2 years');
insert into session (token_hash, person, terminal, ori, csrf, opened_at, seen_at, peer, kind)
values ('t'::bytea, 'p.vale', 'Z001', 'CA0990100', 'c', now(), now(), '', 'page')
"""


async def test_what_was_there_goes_on_as_before(empty_database: str) -> None:
    await migrate(empty_database, "0008")
    async with db.connect(empty_database) as connection:
        await connection.execute(BEFORE)
    await migrate(empty_database, "0009")
    async with db.connect(empty_database) as connection:
        kept = await connection.fetchrow(
            "select enabled, ends_at, disabled_for, otp_last_step, now() - active_at < interval '1 hour' as active "
            "from account"
        )
        assert kept is not None
        assert tuple(kept) == (True, None, "", 7, True)
        assert await connection.fetchval("select device from terminal") == "ordinary"
        assert await connection.fetchval("select notice from session where ended_at is null") == ""


async def test_a_device_has_a_class_there_is(empty_database: str) -> None:
    await migrate(empty_database, "0008")
    async with db.connect(empty_database) as connection:
        await connection.execute(BEFORE)
    await migrate(empty_database, "0009")
    async with db.connect(empty_database) as connection:
        await connection.execute("update terminal set device = 'vehicle'")
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute("update terminal set device = 'my own'")
