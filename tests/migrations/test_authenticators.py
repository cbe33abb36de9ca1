"""The tenth migration: everybody's one-time codes become the first authenticator on record, and sessions go on."""

from __future__ import annotations

import asyncpg
import pytest

from wireroom.app import database as db
from wireroom.app.schema import migrate

pytestmark = pytest.mark.anyio
BEFORE = """
insert into agency values ('CA0990100', 'Invented', '', '', false, now());
insert into terminal values ('Z001', 'CA0990100', 'mobile', '', true, false, now());
insert into account (id, name, ori, role, password_hash, otp_sealed, otp_last_step, enabled, failures, added_at,
                     active_at)
values ('p.vale', 'Pat Vale', 'CA0990100', 'operator', 'x', 'y'::bytea, 7, true, '{}', '2024-01-02Z', now()),
       ('o.ther', 'Other', 'CA0990100', 'operator', 'x', 'y'::bytea, 7, false, '{}', '2025-01-02Z', now());
insert into session (token_hash, person, terminal, ori, csrf, opened_at, seen_at, peer, kind)
values ('t'::bytea, 'p.vale', 'Z001', 'CA0990100', 'c', now(), now(), '', 'page')
"""


async def test_everybodys_codes_are_on_record_since_the_account_was_added(empty_database: str) -> None:
    await migrate(empty_database, "0013")
    async with db.connect(empty_database) as connection:
        await connection.execute(BEFORE)
    await migrate(empty_database, "0014")
    async with db.connect(empty_database) as connection:
        rows = await connection.fetch(
            "select person, kind, bound_by, bound_at = added_at as then, ended_at, length(authenticator.id) as long "
            "from authenticator join account on account.id = person order by person"
        )
        assert [tuple(row) for row in rows] == [
            (person, "code", "console", True, None, 16) for person in ("o.ther", "p.vale")
        ]
        assert await connection.fetchval("select authenticator from session where ended_at is null") == ""
        assert await connection.fetchval("select otp_last_step from account where id = 'p.vale'") == 7


REFUSED = {
    "('a', 'p.vale', 'passkey', 'n', now(), 'b', 'c', null)": asyncpg.CheckViolationError,
    "('a', 'p.vale', 'code', 'n', now(), 'b', 'c', 'k')": asyncpg.CheckViolationError,
    "('a', 'p.vale', 'e-mail', 'n', now(), 'b', null, null)": asyncpg.CheckViolationError,
    "('a', 'n.obody', 'code', 'n', now(), 'b', null, null)": asyncpg.ForeignKeyViolationError,
}


async def test_only_a_whole_authenticator_is_kept(empty_database: str) -> None:
    await migrate(empty_database, "0013")
    async with db.connect(empty_database) as connection:
        await connection.execute(BEFORE)
    await migrate(empty_database, "0014")
    into = "insert into authenticator (id, person, kind, name, bound_at, bound_by, credential, public_key) values "
    async with db.connect(empty_database) as connection:
        for row, refused in REFUSED.items():
            with pytest.raises(refused):
                await connection.execute(into + row)
        await connection.execute(into + "('a', 'p.vale', 'passkey', 'n', now(), 'b', 'c', 'k')")
        with pytest.raises(asyncpg.UniqueViolationError):  # one credential is one person's
            await connection.execute(into + "('b', 'o.ther', 'passkey', 'n', now(), 'b', 'c', 'k')")
