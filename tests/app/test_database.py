"""Connections, the version that a database states, and how it says that it is well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from wireroom.app import DatabaseError, EngineError
from wireroom.app import database as db
from wireroom.app.database import Version, health, open_database, problems, refuse_unless_usable
from wireroom.app.engine import Embedded
from wireroom.app.migrations import SCHEMA
from wireroom.app.roles import OVERSIGHT, SWITCH

pytestmark = pytest.mark.anyio


async def test_a_session_is_set_up_the_same_on_every_server(database: str) -> None:
    pool = await db.pool(database, size=1, application_name="wireroom desk")
    async with pool:
        for name, value in {**db.SESSION, "application_name": "wireroom desk"}.items():
            shown = await pool.fetchval("SELECT current_setting($1)", name)
            assert shown == ("1min" if value == "60s" else "UTC" if name == "timezone" else value), name


async def test_a_pool_has_a_limit(database: str) -> None:
    async with await db.pool(database, size=2) as pool, pool.acquire(), pool.acquire():
        with pytest.raises(TimeoutError):
            await pool.acquire(timeout=0.01)


async def test_a_pool_stays_in_its_role_when_connections_are_used_again(database: str) -> None:
    async with await db.pool(database, SWITCH, 1) as pool:
        for _ in range(3):
            assert await pool.fetchval("SELECT current_user") == SWITCH


async def test_an_embedded_server_lets_us_connect_as_the_role_itself(
    database: str, as_role: Callable[[str], str]
) -> None:
    async with await db.pool(as_role(OVERSIGHT), OVERSIGHT, 1) as pool:
        assert await pool.fetchval("SELECT session_user") == OVERSIGHT


async def test_a_user_that_may_not_become_the_role_is_told(as_role: Callable[[str], str]) -> None:
    with pytest.raises(DatabaseError, match="does not allow this to this user"):
        await db.pool(as_role(OVERSIGHT), SWITCH, 1)


async def test_a_server_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not answer; start it"):
        await db.pool(Embedded(tmp_path / "nothing").dsn())


async def test_a_database_that_is_not_there_is_told(server: Embedded) -> None:
    with pytest.raises(DatabaseError, match="no such database; run `wireroom database upgrade`"):
        await open_database(server.dsn("nowhere"))


async def test_an_empty_database_is_not_opened(empty_database: str) -> None:
    with pytest.raises(DatabaseError, match="is empty; run `wireroom database upgrade`"):
        await open_database(empty_database)


async def test_a_database_of_this_schema_is_opened_by_each_role(as_role: Callable[[str], str]) -> None:
    for role in (SWITCH, OVERSIGHT, "wireroom_web"):
        async with await open_database(as_role(role), role, 1) as pool:
            assert await pool.fetchval("SELECT schema FROM wireroom_version") == SCHEMA


async def test_a_database_that_needs_a_newer_program_is_not_opened(database: str, pool: db.Pool) -> None:
    await pool.execute(
        "UPDATE wireroom_version SET schema = 99, oldest_code = '99.1.0', written_by = '99.2.0'"
    )
    with pytest.raises(
        DatabaseError, match=r"schema 99, written by Wireroom 99\.2\.0; it needs Wireroom 99\.1\.0"
    ):
        await open_database(database)


def version(schema: int, oldest_code: str) -> Version:
    return Version(schema=schema, oldest_code=oldest_code, written_by="0.12.0")


async def test_a_newer_schema_that_says_we_may_is_opened() -> None:
    refuse_unless_usable(version(9, "0.9.0"), code="0.10.0", schema=8)


async def test_versions_are_compared_as_numbers() -> None:
    with pytest.raises(DatabaseError, match=r"needs Wireroom 0\.10\.0 or newer, and this is 0\.9\.0"):
        refuse_unless_usable(version(9, "0.10.0"), code="0.9.0", schema=8)


async def test_an_older_schema_must_be_upgraded_first() -> None:
    with pytest.raises(DatabaseError, match=r"has schema 7, and this Wireroom 0\.9\.0 needs 8"):
        refuse_unless_usable(version(7, "0.1.0"), code="0.9.0", schema=8)


async def test_a_program_that_has_not_reached_a_version_can_still_read_it(
    database: str, pool: db.Pool
) -> None:
    await pool.execute("DELETE FROM wireroom_version")
    async with db.connect(database) as connection:
        assert (await db.read_version(connection)).schema == 0


async def test_health_tells_what_an_operator_asks_first(server: Embedded, database: str) -> None:
    now = await health(database, folder=server.folder)
    assert now.server.split(".")[0].isdecimal()
    assert now.schema == SCHEMA
    assert now.size_bytes > 1_000_000
    assert 1 <= now.connections <= now.connections_max
    assert now.checkpoint_age_seconds >= 0
    assert now.replicas == ()
    assert now.disk_free_bytes is not None
    assert now.disk_free_bytes > 0
    assert (await health(database)).disk_free_bytes is None


async def test_health_sees_a_transaction_left_open(database: str, pool: db.Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT 1")
        assert (await health(database)).oldest_transaction_seconds > 0


async def test_a_sound_database_has_no_problems(database: str) -> None:
    assert await problems(database) == []


async def test_durability_that_was_switched_off_is_a_problem(server: Embedded, database: str) -> None:
    async with db.connect(database) as connection:
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    assert [problem.split()[0] for problem in await problems(database)] == ["synchronous_commit"]


async def test_an_unfinished_index_is_a_problem(database: str, pool: db.Pool) -> None:
    await pool.execute("CREATE TABLE twice AS SELECT 1 AS one FROM generate_series(1, 2)")
    with pytest.raises(asyncpg.UniqueViolationError):
        await pool.execute("CREATE UNIQUE INDEX CONCURRENTLY twice_one ON twice (one)")
    assert await problems(database) == [
        "index twice_one is unfinished; run REINDEX INDEX CONCURRENTLY twice_one"
    ]


async def test_an_empty_database_is_a_problem(empty_database: str) -> None:
    assert await problems(empty_database) == ["the database is empty; run `wireroom database upgrade`"]
