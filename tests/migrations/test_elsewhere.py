"""The fifteenth migration: directories and cards are kept beside what stands, and only whole."""

from __future__ import annotations

import asyncpg
import pytest

from tests.migrations.test_authenticators import BEFORE
from wireroom.app import database as db
from wireroom.app.schema import migrate

pytestmark = pytest.mark.anyio
INSERT = """
insert into authenticator (id, person, kind, name, bound_at, bound_by, credential, public_key, ended_at)
values ($1, 'p.vale', $2, 'n', now(), 'b', $3, $4, case when $5 then now() end)
"""
# Each in turn: identifier, kind, credential, public key, whether it has ended, and what it meets.
ROWS = (
    ("a", "directory", b"d", None, False, None),
    ("b", "directory", b"d", None, False, asyncpg.UniqueViolationError),
    ("c", "directory", b"e", None, True, None),
    ("d", "directory", b"e", None, False, None),  # whom a directory knows may be bound to it again
    ("e", "card", b"f", None, True, None),
    ("f", "card", b"f", None, False, asyncpg.UniqueViolationError),  # a card that was lost is lost
    ("g", "passkey", b"k", b"p", False, asyncpg.UniqueViolationError),
    ("h", "passkey", b"l", None, False, asyncpg.CheckViolationError),
    ("i", "directory", b"g", b"p", False, asyncpg.CheckViolationError),
    ("j", "directory", None, None, False, asyncpg.CheckViolationError),
    ("k", "code", b"h", None, False, asyncpg.CheckViolationError),
    ("l", "e-mail", b"i", None, False, asyncpg.CheckViolationError),
    ("m", "code", None, None, False, None),
)


async def test_what_stands_stays_and_only_a_whole_authenticator_is_added(empty_database: str) -> None:
    await migrate(empty_database, "0013")
    async with db.connect(empty_database) as connection:
        await connection.execute(BEFORE)
    await migrate(empty_database, "0017")
    async with db.connect(empty_database) as connection:
        await connection.execute(INSERT, "z", "passkey", b"k", b"p", False)
        await connection.execute("insert into challenge values ('n'::bytea, 'sign-in', 'h'::bytea, now())")
        before = await connection.fetch("select * from authenticator order by id")
    await migrate(empty_database, "0018")
    async with db.connect(empty_database) as connection:
        assert await connection.fetch("select * from authenticator order by id") == before
        assert await connection.fetchval("select about from challenge") == ""
        for *row, refused in ROWS:
            if refused is None:
                await connection.execute(INSERT, *row)
            else:
                with pytest.raises(refused):
                    await connection.execute(INSERT, *row)
