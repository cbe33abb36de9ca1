"""Upgrading, comparing with what the rooms declare, and writing the next migration."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from sqlalchemy import Column, Index, MetaData, Table, Text

from wireroom.app import DatabaseError, schema
from wireroom.app import database as db
from wireroom.app.engine import Embedded
from wireroom.app.migrations import SCHEMA
from wireroom.app.migrations.script import split
from wireroom.app.schema import check, check_models, declared, new_migration, upgrade, write_migration

pytestmark = pytest.mark.anyio

TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


async def test_an_empty_database_is_brought_to_the_newest_schema(empty_database: str) -> None:
    assert await upgrade(empty_database) == (0, SCHEMA)
    assert await check(empty_database) == []


async def test_to_upgrade_twice_changes_nothing(database: str) -> None:
    assert await upgrade(database) == (SCHEMA, SCHEMA)
    assert await check(database) == []


async def test_a_database_that_is_not_there_is_made(server: Embedded) -> None:
    dsn = server.dsn('a "new" one')
    try:
        assert await upgrade(dsn) == (0, SCHEMA)
    finally:
        async with db.connect(server.dsn("postgres")) as connection:
            await connection.execute('DROP DATABASE "a ""new"" one" WITH (FORCE)')


async def test_two_upgrades_at_once_wait_for_each_other(empty_database: str) -> None:
    results = await asyncio.gather(*(upgrade(empty_database) for _ in range(3)))
    assert all(after == SCHEMA for _, after in results)
    assert await check(empty_database) == []


async def test_a_failed_upgrade_leaves_the_database_as_it_was(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "grants", lambda _: iter(["SELECT 1/0"]))
    with pytest.raises(Exception, match="division by zero"):
        await upgrade(empty_database)
    async with db.connect(empty_database) as connection:
        assert await connection.fetchval(TABLES) == 0


async def test_a_database_of_a_newer_program_is_not_touched(database: str, pool: db.Pool) -> None:
    await pool.execute("UPDATE wireroom_version SET schema = 99, oldest_code = '99.0.0'")
    with pytest.raises(DatabaseError, match="install a newer one"):
        await upgrade(database)
    await pool.execute("UPDATE wireroom_version SET oldest_code = '0.0.1'")
    assert await upgrade(database) == (99, 99)


async def test_the_number_of_the_schema_is_that_of_the_newest_migration() -> None:
    assert schema._newest().schema == SCHEMA


async def test_every_room_that_keeps_something_is_known() -> None:
    rooms = Path(schema.__file__).parent.parent
    found = {path.parent.name for path in rooms.glob("*/tables.py")}
    # The catalogue's tables are of codes, in files.
    assert found - {"catalog"} == set(schema.ROOMS_WITH_TABLES)


async def test_no_two_rooms_have_a_table_of_the_same_name() -> None:
    names = [name for metadata in declared().values() for name in metadata.tables]
    assert len(names) == len(set(names))


async def test_a_difference_is_named(database: str, pool: db.Pool) -> None:
    await pool.execute("ALTER TABLE delivery ADD COLUMN colour text")
    (difference,) = await check_models(database)
    assert "delivery" in difference
    assert "colour" in difference


async def test_a_new_partition_is_no_difference(database: str, pool: db.Pool) -> None:
    await pool.execute("CREATE TABLE journal_2031_01 PARTITION OF journal FOR VALUES FROM (1) TO (2)")
    assert await check_models(database) == []


@pytest.fixture
def one_more_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world in which a room declares a table that no migration makes."""
    more = MetaData()
    Table(
        "shelf",
        more,
        Column("place", Text, primary_key=True),
        Column("what", Text),
        Index("shelf_what", "what"),
    )
    now = {**declared(), "lab": more}
    monkeypatch.setattr(schema, "declared", lambda: now)


async def test_without_a_difference_no_migration_is_written(empty_database: str, tmp_path: Path) -> None:
    assert await new_migration(empty_database, "Nothing", folder=tmp_path) == []
    assert os.listdir(tmp_path) == []


def test_the_migrations_make_all_that_the_rooms_declare() -> None:
    assert write_migration("Nothing") == [], "run `make migration` and read what it wrote"


@pytest.mark.usefixtures("one_more_table")
async def test_a_difference_is_written_down_as_a_migration(empty_database: str, tmp_path: Path) -> None:
    sql, script = await new_migration(empty_database, "Shelves, at last", folder=tmp_path)
    assert sql.name == f"{SCHEMA + 1:04}_shelves_at_last.sql"
    assert script.name == f"{SCHEMA + 1:04}_shelves_at_last.py"
    table, index = split(sql.read_text())
    assert "CREATE TABLE shelf" in table
    assert index == "CREATE INDEX shelf_what ON shelf (what)"
    assert f'down_revision = "{SCHEMA:04}"' in script.read_text()
    compile(script.read_text(), script.name, "exec")


async def test_a_script_is_cut_where_an_empty_line_follows_a_semicolon() -> None:
    body = "CREATE FUNCTION f() AS $$\nBEGIN\n    x;\n    y;\nEND $$"
    assert split(f"-- One\n\nSELECT 1;\n\n{body};\n\nSELECT 2;\n") == ["-- One\n\nSELECT 1", body, "SELECT 2"]
    assert split("SELECT 1") == ["SELECT 1"]
    assert split("") == []
