"""The database's roles: each may do what its kind of process needs, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from wireroom.app import AppError, DatabaseError
from wireroom.app import database as db
from wireroom.app.backing import backup, restore
from wireroom.app.engine import Embedded
from wireroom.app.keyring import Keyring
from wireroom.app.roles import OVERSIGHT, RIGHTS, ROLES, SWITCH, WEB, grants
from wireroom.app.schema import check, declared, upgrade
from wireroom.records.pouring import pour

pytestmark = pytest.mark.anyio

PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE")


async def rights(pool: db.Pool, role: str, table: str) -> str:
    """What a role may do with a table, by first letters."""
    found = [
        name[0]
        for name in PRIVILEGES
        if await pool.fetchval("SELECT has_table_privilege($1, $2, $3)", role, table, name)
    ]
    return "".join(found)


@pytest.mark.parametrize(
    ("table", "switch", "oversight", "web"),
    [
        ("journal", "SI", "S", ""),
        ("journal_span", "SI", "S", ""),
        ("data_key", "SI", "S", ""),
        ("journal_checkpoint", "SI", "S", ""),
        ("journal_pending", "SIUD", "S", ""),
        ("journal_tree", "SIUD", "S", ""),
        ("record", "SIUD", "S", ""),
        ("person", "SIUD", "S", ""),
        ("delivery", "SIUD", "", ""),
        ("leg", "SIUD", "", ""),
        ("incident", "SI", "S", ""),
        ("incident_step", "SI", "S", ""),
        ("weekly_review", "SI", "S", ""),
        ("review_signature", "SI", "S", ""),
        ("hold_approval", "SI", "S", ""),
        ("posture", "S", "", "SIU"),
        ("account", "S", "", "SIU"),
        ("fact", "S", "", "SI"),
        ("wireroom_version", "S", "S", "S"),
    ],
)
async def test_a_role_may_do_what_its_process_needs_and_no_more(
    pool: db.Pool, table: str, switch: str, oversight: str, web: str
) -> None:
    found = [await rights(pool, role, table) for role in (SWITCH, OVERSIGHT, WEB)]
    assert found == [switch, oversight, web]


async def test_no_role_may_empty_own_or_make_a_table(pool: db.Pool) -> None:
    tables = [name for metadata in declared().values() for name in metadata.tables]
    for role in ROLES:
        assert not await pool.fetchval("SELECT has_schema_privilege($1, 'public', 'CREATE')", role)
        for table in tables:
            assert not await pool.fetchval("SELECT has_table_privilege($1, $2, 'TRUNCATE')", role, table)
    owners = await pool.fetch("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
    assert not {row[0] for row in owners}.intersection(ROLES)


async def test_AU_9_the_switch_cannot_change_what_is_in_the_journal(as_role: Callable[[str], str]) -> None:
    async with await db.pool(as_role(SWITCH), SWITCH, 1) as pool:
        for statement in ("UPDATE journal SET tag = ''", "DELETE FROM journal", "TRUNCATE journal"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.execute(statement)


async def test_a_partition_is_no_way_around_the_rights_of_its_table(as_role: Callable[[str], str]) -> None:
    async with await db.pool(as_role(SWITCH), SWITCH, 1) as pool:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute("DELETE FROM journal_rest")


async def test_no_role_has_power_over_the_server(pool: db.Pool) -> None:
    for role in ROLES:
        row = await pool.fetchrow(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = $1", role
        )
        assert row is not None
        assert not any(row.values())


async def test_every_room_with_tables_says_who_may_use_them() -> None:
    assert set(declared()) == set(RIGHTS)


async def test_rights_that_were_given_by_hand_are_taken_back() -> None:
    statements = list(grants({"switch": ["delivery"]}))
    assert statements[: len(ROLES)] == [f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {r}" for r in ROLES]
    assert statements[len(ROLES) :] == [f'GRANT SELECT, INSERT, UPDATE, DELETE ON "delivery" TO {SWITCH}']


# --------------------------------------------------------------------------- a server that others run


@pytest.fixture
def county(server: Embedded, template: str) -> Iterator[str]:
    """An ordinary user of a server on which others made the roles, and its database, not made yet."""
    admin = server.dsn("postgres")

    async def run(*statements: str) -> None:
        async with db.connect(admin) as connection:
            for statement in statements:
                await connection.execute(statement)

    asyncio.run(run("CREATE ROLE county LOGIN CREATEDB"))
    try:
        yield server.dsn("county", role="county")
    finally:
        asyncio.run(run("DROP DATABASE IF EXISTS county WITH (FORCE)", "DROP ROLE county"))


async def test_a_user_who_is_not_in_the_roles_is_told_what_to_ask_for(county: str) -> None:
    with pytest.raises(
        DatabaseError, match=r"ask the server's administrator to run: .*GRANT wireroom_switch TO county"
    ):
        await upgrade(county)


async def test_a_user_who_is_in_the_roles_becomes_them(county: str, server: Embedded) -> None:
    async with db.connect(server.dsn("postgres")) as connection:
        await connection.execute(f"GRANT {', '.join(ROLES)} TO county")
    await upgrade(county)
    for role in ROLES:
        async with await db.open_database(county, role, 1) as pool:
            assert await pool.fetchval("SELECT session_user") == "county"
            assert await pool.fetchval("SELECT current_user") == role


async def test_rows_are_locked_for_a_plain_owner_too_and_a_backup_holds_every_one(
    county: str, server: Embedded, tmp_path: Path
) -> None:
    async with db.connect(server.dsn("postgres")) as connection:
        await connection.execute(f"GRANT {', '.join(ROLES)} TO county")
    await upgrade(county)
    async with db.connect(county) as connection:
        await connection.execute(
            "INSERT INTO agency VALUES ('CA0990100', 'Invented', '', '', false, now());"
            "INSERT INTO delivery VALUES ('Z001', 7, 'x'), ('Z002', 8, 'x');"
            "INSERT INTO journal VALUES (9, 't', now(), 9, '', '', '', '', 'x')"
        )
        async with connection.transaction():
            await pour(
                connection,
                "name_pair",
                ("pair", "dob", "book", "record", "place", "traits"),
                [(7, 1, 1, 7, 0, 0)],
            )
    counts = "SELECT (SELECT count(*) FROM delivery), (SELECT count(*) FROM journal), (SELECT count(*) FROM name_pair)"
    path, master = tmp_path / "whole", Keyring(tmp_path)
    await backup(county, path, master, at=datetime.now(UTC), progress=lambda done, total: None)
    restored = await restore(county, path, master, at=datetime.now(UTC), progress=lambda done, total: None)
    try:
        async with db.connect(county) as connection:
            assert tuple(await connection.fetchrow(counts) or ()) == (2, 1, 1)
            await connection.execute("RESET ALL; SET wireroom.acting = ''")
            assert tuple(await connection.fetchrow(counts) or ()) == (0, 0, 0), "nobody acts, whoever owns it"
        assert await check(county) == []
        async with db.connect(county) as connection:
            await connection.execute("CREATE POLICY narrow ON delivery AS RESTRICTIVE USING (number < 8)")
        with pytest.raises(AppError, match="rows of delivery are not locked as declared"):
            await backup(county, path, master, at=datetime.now(UTC), progress=lambda done, total: None)
    finally:
        async with db.connect(server.dsn("postgres")) as connection:
            await connection.execute(f'DROP DATABASE "{restored.former}" WITH (FORCE)')
