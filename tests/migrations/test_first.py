"""The first migration: from nothing to the tables of the journal, the records, the switch and the policy."""

from __future__ import annotations

import asyncpg
import pytest

from wireroom.app import database as db
from wireroom.app.schema import FOLDER, migrate

pytestmark = pytest.mark.anyio


@pytest.fixture
async def first(empty_database: str) -> str:
    """A database with the first migration and none that came later."""
    await migrate(empty_database, "0001")
    return empty_database


async def test_it_makes_the_tables_of_every_room(first: str) -> None:
    async with db.connect(first) as connection:
        rows = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind IN ('r', 'p') AND NOT relispartition"
        )
    assert {row[0] for row in rows} >= {
        "alembic_version",
        "wireroom_version",
        "journal",
        "journal_pending",
        "journal_span",
        "journal_tree",
        "journal_checkpoint",
        "record",
        "record_version",
        "identifier",
        "person",
        "claim",
        "delivery",
        "leg",
        "worker",
        "agency",
        "terminal",
        "account",
        "session",
    }


@pytest.mark.parametrize("table", ["journal", "record"])
async def test_a_partitioned_table_takes_what_no_partition_was_made_for(first: str, table: str) -> None:
    async with db.connect(first) as connection:
        assert await connection.fetchval(
            "SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = $1::regclass AND pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'",
            table,
        )


async def test_an_entry_of_the_journal_cannot_be_changed_even_by_the_owner(first: str) -> None:
    async with db.connect(first) as connection:
        await connection.execute(
            "INSERT INTO journal (number, tag, at, transaction, ori, terminal, person, salt, body) "
            "VALUES (4096, 'message:asked', now(), 4096, 'CA0990100', 'D001', 'p1', '\\x00', '{}')"
        )
        for statement in ("UPDATE journal SET tag = ''", "DELETE FROM journal", "TRUNCATE journal"):
            with pytest.raises(asyncpg.RaiseError, match="append-only"):
                await connection.execute(statement)
        assert await connection.fetchval("SELECT count(*) FROM journal") == 1


async def test_it_uses_no_sequence_so_that_a_cluster_can_hold_it(first: str) -> None:
    async with db.connect(first) as connection:
        assert await connection.fetchval("SELECT count(*) FROM pg_class WHERE relkind = 'S'") == 0


def test_every_migration_has_its_sql_and_its_oldest_program() -> None:
    scripts = sorted((FOLDER / "versions").glob("[0-9]*.py"))
    assert [script.name[:4] for script in scripts] == [f"{n:04}" for n in range(1, len(scripts) + 1)]
    for script in scripts:
        assert script.with_suffix(".sql").is_file(), script.name
        assert "OLDEST_CODE = " in script.read_text(), script.name
