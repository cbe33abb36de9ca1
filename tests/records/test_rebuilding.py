"""Claims about making the index of people anew, and about when names must be counted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from tests.switch.stage import CATALOGUE, VAULT
from wireroom.app.schema import migrate, upgrade
from wireroom.app.upkeep import index_people, keep_counted
from wireroom.catalog.file import Source
from wireroom.message.acting import UPKEEP
from wireroom.records.answerer import RecordFiles
from wireroom.records.bulk import BulkLoader
from wireroom.records.matching.counting import count
from wireroom.records.matching.keeping import called
from wireroom.records.persons import PersonAsked
from wireroom.records.rebuilding import due, generation, needed, rebuild
from wireroom.records.shape import to_json

pytestmark = pytest.mark.anyio
RECORD = """
insert into record (file, id, number, owner, status, version, test, entered_at, changed_at, fields)
values ('wanted', $1, $2, 'CA0990100', $3, 1, $4, now(), now(), $5::jsonb)
"""
PATIENCE_S = 10.0


def nothing(done: int, total: int) -> None:
    """No progress is shown."""


async def enter(connection: asyncpg.Connection, record: int, name: str, **how: object) -> None:
    """A record as a former program wrote it: the index says nothing of it."""
    stored = to_json(CATALOGUE.files["wanted"], (("NAM", name), ("DOB", "19690208"), ("SEX", "F")), VAULT)
    await connection.execute(
        RECORD, record, f"99{record:011}", how.get("status", "active"), how.get("test", False), stored
    )


async def found(connection: asyncpg.Connection, last: str, first: str, *, test: bool = False) -> list[int]:
    asked = PersonAsked(called(last, first, dob=19690208), test=test)
    async with connection.transaction():
        [several] = await RecordFiles(CATALOGUE, Source.STATE, VAULT).persons(connection, [asked])
    return [one.record for one in several]


@pytest.fixture
async def former(empty_database: str) -> str:
    """A database of the first schema with records in it."""
    await migrate(empty_database, "0001")
    connection = await asyncpg.connect(empty_database)
    await enter(connection, 1, "HILDEBRAND, MICHELLE")
    await enter(connection, 2, "QUARTERMAIN, ODILE", status="located")
    await enter(connection, 3, "GONE, LONG", status="cleared")
    await enter(connection, 4, "PUPIL, PENNY", test=True)
    await connection.close()
    return empty_database


async def test_after_an_upgrade_all_who_stand_in_force_are_found_again(former: str) -> None:
    await upgrade(former)
    connection = await asyncpg.connect(former)
    assert await needed(connection)
    assert await found(connection, "HILDEBRAND", "MICHELLE") == []
    assert await index_people(former, lambda: CATALOGUE, lambda: VAULT) == 3
    assert not await needed(connection)
    assert await found(connection, "HILDEBRANT", "MICHELE") == [1]
    assert await found(connection, "QUARTERMAIN", "ODILE") == [2]
    assert await found(connection, "GONE", "LONG") == []
    assert await found(connection, "PUPIL", "PENNY") == []
    assert await found(connection, "PUPIL", "PENNY", test=True) == [4]
    assert await index_people(former, lambda: CATALOGUE, lambda: VAULT) == 0, "once is enough"
    await connection.close()


async def test_an_index_by_former_rules_is_made_anew(database: str) -> None:
    connection = await asyncpg.connect(database)
    await enter(connection, 1, "HILDEBRAND, MICHELLE")
    await rebuild(connection, CATALOGUE, VAULT, nothing)
    await connection.execute("update name_census set spelled = 0")
    await connection.execute("update name_pair set pair = 1")
    assert await needed(connection)
    assert await rebuild(connection, CATALOGUE, VAULT, nothing) == 1
    assert await found(connection, "HILDEBRAND", "MICHELLE") == [1]
    await connection.close()


async def test_to_begin_again_after_an_interruption_doubles_nothing(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wireroom.records.rebuilding.CHUNK", 2)
    connection = await asyncpg.connect(database)
    for record in range(1, 6):
        await enter(connection, record, f"HILDEBRAND, MICHELLE {'ABCDE'[record - 1]}")

    def stop(done: int, total: int) -> None:
        assert total == 5
        raise KeyError("the power goes")

    with pytest.raises(KeyError, match="power"):
        await rebuild(connection, CATALOGUE, VAULT, stop)
    assert await connection.fetchval("select count(*) from person") == 2
    assert await rebuild(connection, CATALOGUE, VAULT, nothing) == 5
    assert await connection.fetchval("select count(*) from person") == 5
    await connection.close()


async def test_two_at_once_do_it_once(former: str) -> None:
    await upgrade(former)
    both = await asyncio.gather(*(index_people(former, lambda: CATALOGUE, lambda: VAULT) for _ in range(2)))
    assert sorted(both) == [0, 3]


async def test_an_empty_database_needs_nothing(database: str, tmp_path: Path) -> None:
    connection = await asyncpg.connect(database)
    assert not await needed(connection)
    assert await due(connection), "it was never counted"
    await count(connection)
    assert not await due(connection)
    await connection.close()


async def test_a_tenth_more_names_are_due_to_be_counted(database: str) -> None:
    connection = await asyncpg.connect(database)
    await count(connection)
    loader = BulkLoader(CATALOGUE, Source.STATE, VAULT, first_id=1)
    rows = [
        ("wanted", "CA0990100", "", (("NAM", f"TESTCASE, {a}{b}{c}"),))
        for a in "ABCDEF"
        for b in "ABCDE"
        for c in "ABCDE"
    ]
    await loader.load(connection, rows, await connection.fetchval("select now()"))
    assert await due(connection)
    await count(connection)
    assert not await due(connection)
    await connection.close()


class Rounds:
    """Lets the counting go on by one round at a time."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
        self.time = 0.0
        self._rested, self._go = asyncio.Event(), asyncio.Event()
        self.task = asyncio.create_task(keep_counted(connect, lambda: self.time, self._rest))

    async def _rest(self) -> None:
        self._rested.set()
        await self._go.wait()
        self._go.clear()

    async def round(self) -> None:
        """Waits until the round is over in which it is."""
        await asyncio.wait_for(self._rested.wait(), PATIENCE_S)
        self._rested.clear()

    async def next(self, seconds: float) -> None:
        """The next round, so many seconds later."""
        self.time += seconds
        self._go.set()
        await self.round()

    async def end(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task], timeout=PATIENCE_S)
        assert self.task.done()


async def test_names_are_counted_by_the_switchs_own_role_and_once_a_day(database: str) -> None:
    watcher = await asyncpg.connect(database)

    async def connect() -> asyncpg.Connection:
        connection = await asyncpg.connect(database, server_settings=UPKEEP.of_connection)
        await connection.execute("set role wireroom_switch")
        return connection

    rounds = Rounds(connect)
    try:
        await rounds.round()
        assert await generation(watcher) == 1, "it never was"
        await rounds.next(600)
        await rounds.next(80_000)
        assert await generation(watcher) == 1, "nothing is due"
        await rounds.next(10_000)
        assert await generation(watcher) == 2, "a day is over"
        await count(watcher)  # as another process does
        await rounds.next(80_000)
        await rounds.next(80_000)
        assert await generation(watcher) == 3, "what another has counted need not be counted again"
    finally:
        await rounds.end()
        await watcher.close()


async def test_a_database_that_is_gone_for_a_while_stops_no_counting(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    gone = True

    async def connect() -> asyncpg.Connection:
        if gone:
            raise OSError("no way there")
        return await asyncpg.connect(database)

    rounds = Rounds(connect)
    try:
        await rounds.round()
        assert "names could not be counted, and will be later: no way there" in caplog.text
        gone = False
        await rounds.next(600)
        watcher = await asyncpg.connect(database)
        assert await generation(watcher) == 1
        await watcher.close()
    finally:
        await rounds.end()
