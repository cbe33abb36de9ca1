"""Judges the writer: all of a batch is written with its announcement, or nothing may move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.journal.invented import Journal
from tests.sealed import bodies
from wireroom.journal import NotWritten
from wireroom.journal.entry import Entry, parse
from wireroom.journal.months import partitions
from wireroom.journal.numbers import batch_of
from wireroom.journal.tables import is_partition
from wireroom.journal.writer import Writer, last_number
from wireroom.oversight.leaves import open_body

if TYPE_CHECKING:
    from wireroom.journal import Connection

AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


def zeros(count: int) -> bytes:
    return bytes(count)


@pytest.mark.anyio
async def test_what_was_written_is_there_with_its_batch_announced(journal: Journal) -> None:
    written = await journal.write(3)
    rows = await journal.pool.fetch("SELECT * FROM journal ORDER BY number")
    async with journal.pool.acquire() as conn:
        assert [parse(body) for body in await bodies(conn, journal.texts)] == written
    for row, entry in zip(rows, written, strict=True):
        for name in ("number", "tag", "at", "transaction", "ori", "terminal", "person"):
            assert row[name] == getattr(entry, name)
    assert await journal.pool.fetchval("SELECT batch FROM journal_pending") == batch_of(written[0].number)


@pytest.mark.anyio
async def test_every_entry_has_a_salt_of_its_own(journal: Journal) -> None:
    await journal.write(50, 50)
    rows = await journal.pool.fetch("SELECT number, salt, body, commitment FROM journal")
    salts = {open_body(row, journal.texts)[0] for row in rows}
    assert len(salts) == 100
    assert {len(salt) for salt in salts} == {16}


@pytest.mark.anyio
async def test_a_batch_asks_once_for_its_randomness(journal: Journal) -> None:
    asked: list[int] = []

    def random(count: int) -> bytes:
        asked.append(count)
        return bytes(count)

    await journal.texts.ready()
    rows = Writer(random, journal.texts).rows([Entry(number, "a:b", AT) for number in range(4096, 4100)])
    assert asked == [64]
    assert rows.batches == [4096]


@pytest.mark.anyio
async def test_nothing_is_left_of_a_transaction_that_is_undone(journal: Journal) -> None:
    async with journal.pool.acquire() as conn:
        undone = conn.transaction()
        await undone.start()
        await journal.writer.write(conn, journal.entries(3))
        await undone.rollback()
    assert await journal.pool.fetchval("SELECT count(*) FROM journal") == 0
    assert await journal.pool.fetchval("SELECT count(*) FROM journal_pending") == 0


@pytest.mark.anyio
async def test_a_number_that_is_taken_is_refused_and_the_whole_batch_with_it(journal: Journal) -> None:
    first = (await journal.write(1))[0]
    batch = [Entry(first.number, "a:b", AT), Entry(first.number + 1, "a:b", AT)]
    async with journal.pool.acquire() as conn:
        with pytest.raises(NotWritten, match="Nothing may be answered"):
            await journal.writer.write(conn, batch)
    assert await journal.pool.fetchval("SELECT count(*) FROM journal") == 1


@pytest.mark.anyio
async def test_a_batch_cannot_be_added_to_after_it_was_announced(journal: Journal) -> None:
    first = (await journal.write(1))[0]
    async with journal.pool.acquire() as conn:
        with pytest.raises(NotWritten):
            await journal.writer.write(conn, [Entry(first.number + 1, "a:b", AT)])


@pytest.mark.anyio
async def test_a_lost_connection_is_told_as_not_written(journal: Journal) -> None:
    async with journal.pool.acquire() as conn:
        conn.terminate()
        with pytest.raises(NotWritten):
            await journal.writer.write(conn, journal.entries(1))


@pytest.mark.anyio
async def test_a_database_that_keeps_less_than_it_was_given_is_not_believed(journal: Journal) -> None:
    await journal.pool.execute(
        "CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
    )
    await journal.pool.execute(
        "CREATE TRIGGER drop_it BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION drop_it()"
    )
    async with journal.pool.acquire() as conn:
        with pytest.raises(NotWritten, match="INSERT 0 0"):
            await journal.writer.write(conn, journal.entries(2))


@pytest.mark.anyio
async def test_writing_nothing_asks_the_database_nothing(journal: Journal) -> None:
    async with journal.pool.acquire() as conn:
        conn.terminate()
        await journal.writer.write(conn, [])


@pytest.mark.parametrize(
    "entries",
    [
        [Entry(2, "a:b", AT), Entry(1, "a:b", AT)],
        [Entry(1, "a:b", AT), Entry(1, "a:b", AT)],
        [Entry(1, "a:b", AT.replace(tzinfo=None))],
        [Entry(1, "a:b", AT, person="\ud800")],
        [Entry(1, "a:b", AT, detail={"what": object()})],
        [Entry(1, "a:b", AT, detail={"text": "x" * (1 << 20)})],
    ],
    ids=["out of order", "twice", "no zone", "no text", "no json", "too long"],
)
@pytest.mark.anyio
async def test_entries_that_cannot_stand_in_the_journal_are_refused(
    journal: Journal, entries: list[Entry]
) -> None:
    await journal.texts.ready()
    with pytest.raises(NotWritten):
        Writer(zeros, journal.texts).rows(entries)


@pytest.mark.anyio
async def test_the_highest_number_is_known_after_a_restart(journal: Journal) -> None:
    async with journal.pool.acquire() as conn:
        assert await last_number(conn) == 0
        written = await journal.write(3, 2)
        assert await last_number(conn) == written[-1].number


@pytest.mark.anyio
@pytest.mark.parametrize("table", ["journal", "journal_rest", "journal_span", "journal_checkpoint"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = NULL", "TRUNCATE {} CASCADE"])
async def test_AU_9_what_is_written_cannot_be_changed_by_accident(
    journal: Journal, table: str, statement: str
) -> None:
    await journal.fill((2,))
    column = {"journal_span": "leaves", "journal_checkpoint": "note"}.get(table, "body")
    if statement.startswith("TRUNCATE") and table == "journal_rest":
        table = "journal"  # a partition can be emptied by whoever owns it, as it can be dropped
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await journal.pool.execute(statement.format(table, column))


@pytest.mark.anyio
async def test_months_are_made_ahead_and_only_once(journal: Journal, clock: Callable[[], datetime]) -> None:
    async with journal.pool.acquire() as conn:
        made = await partitions(conn, datetime(2026, 11, 30, tzinfo=UTC), 3)
        assert made == ["journal_2026_11", "journal_2026_12", "journal_2027_01"]
        assert all(map(is_partition, made))
        assert await partitions(conn, datetime(2026, 12, 1, tzinfo=UTC), 3) == ["journal_2027_02"]
        await partitions(conn, clock(), 1)
        written = await journal.write(2)
        assert await _where(conn, written[0].number) == "journal_2026_03"


@pytest.mark.anyio
async def test_a_month_that_began_without_a_partition_stays_in_the_default(journal: Journal) -> None:
    written = await journal.write(1)
    async with journal.pool.acquire() as conn:
        made = await partitions(conn, AT, 2)
        assert made == ["journal_2026_04"]
        assert await _where(conn, written[0].number) == "journal_rest"


@pytest.mark.anyio
@pytest.mark.parametrize("months", [0, 37])
async def test_a_number_of_months_out_of_reason_is_refused(journal: Journal, months: int) -> None:
    async with journal.pool.acquire() as conn:
        with pytest.raises(ValueError, match="at a time"):
            await partitions(conn, AT, months)


async def _where(conn: Connection, number: int) -> str:
    name: str = await conn.fetchval("SELECT tableoid::regclass::text FROM journal WHERE number = $1", number)
    return name
