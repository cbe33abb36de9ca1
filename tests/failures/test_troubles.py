"""Smaller troubles than kill -9: a full disk, a clock that steps back, a terminal that is away, a line that breaks."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import asyncpg
import pytest
from click.testing import CliRunner

from tests.conftest import Clock
from tests.switch.stage import DESK, NO_ROWS, OTHER, Stage, car, send, soon, take
from wireroom.app import assemble
from wireroom.app.cli_run import serve
from wireroom.journal import NotWritten
from wireroom.journal.checkpoint import Signer
from wireroom.journal.sequencer import Sequencer
from wireroom.message.turns import Room, Whose
from wireroom.switch import JournalDown, worker
from wireroom.switch.lane import Lane

pytestmark = pytest.mark.anyio
PATIENCE_S = 10.0
FULL = """
create function no_room() returns trigger language plpgsql as $$
begin raise exception using errcode = '53100', message = 'could not extend file: No space left on device'; end $$
"""


@pytest.fixture
async def stage(database: str, clock: Clock, anyio_backend: object) -> AsyncIterator[Stage]:
    async with Stage(database, clock) as stage:
        yield stage


@pytest.mark.parametrize("table", ["journal", "delivery", "claim"])
async def test_a_full_disk_is_told_and_nothing_moves_until_there_is_room(stage: Stage, table: str) -> None:
    async with stage.running() as switch:
        await stage.execute(FULL)
        await stage.execute(
            f"create trigger no_room before insert on {table} for each statement execute function no_room()"
        )
        with pytest.raises(
            JournalDown, match="the disk of the database is full: free some space, so nothing"
        ):
            await send(stage, switch, car(), key="k-full")
        assert await stage.counts() == NO_ROWS
        assert await stage.journal() == []
        await stage.execute(f"drop trigger no_room on {table}")
        receipt = await send(stage, switch, car(), key="k-full")
        [answer] = await take(switch, DESK.terminal, 1)
    assert (receipt.state, answer.state) == ("accepted", "accepted")


async def test_numbers_grow_though_the_clock_steps_back(stage: Stage, clock: Clock) -> None:
    async with stage.running() as switch:
        before = await send(stage, switch, "QV.LIC/7QQQ001.LIS/CA")
        clock.tick(-3600)
        after = await send(stage, switch, "QV.LIC/7QQQ002.LIS/CA")
    async with stage.running() as switch:  # and over a restart, with the clock still behind
        last = await send(stage, switch, "QV.LIC/7QQQ003.LIS/CA")
    assert before.number < after.number < last.number


async def test_a_message_waits_for_a_terminal_that_is_away_also_over_a_restart(stage: Stage) -> None:
    async with stage.running() as switch:
        receipt = await send(stage, switch, f"AM.TO/{OTHER.terminal}.TXT/INVENTED.")
    async with stage.running() as switch:
        [mail] = await take(switch, OTHER.terminal, 1)
        [again] = await take(switch, OTHER.terminal, 1)  # not acknowledged: it comes again, under its number
        await switch.acknowledge(OTHER.terminal, [mail.number])
        await switch._acknowledge()
    assert mail.number == again.number == receipt.number
    assert await stage.value("select count(*) from delivery where terminal = $1", OTHER.terminal) == 0


LOST = asyncpg.CannotConnectNowError("the database system is starting up")
BROKEN = asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress")


def not_written(cause: Exception) -> NotWritten:
    found = NotWritten("the journal did not take it")
    found.__cause__ = cause
    return found


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LOST, "cannot be reached"),
        (BROKEN, "cannot be reached"),
        (not_written(LOST), "cannot be reached"),
        (not_written(asyncpg.DiskFullError("no room")), "disk of the database is full"),
    ],
)
async def test_where_nothing_can_be_written_a_batch_is_not_tried_one_by_one(
    error: Exception, words: str
) -> None:
    tries = 0

    async def connect() -> asyncpg.Connection:
        nonlocal tries
        tries += 1
        raise error

    async def work(connection: asyncpg.Connection, items: list[int]) -> NoReturn:
        raise AssertionError("there is no connection")

    lane: Lane[int, int] = Lane("numbers", connect, work, batch_max=8, room=Room(8, 8.0))
    waiting = [lane.put(number, Whose("CA0990100")) for number in range(8)]
    running = asyncio.create_task(lane.run())
    for one in waiting:
        with pytest.raises(JournalDown, match=words):
            await soon(one)
    running.cancel()
    await asyncio.wait({running})
    assert tries == 1


async def test_the_sequencer_outlives_a_connection_that_broke_between_two_words(
    tmp_path: Path, clock: Clock
) -> None:
    stop, tries = asyncio.Event(), 0

    def acquire(*, timeout: float) -> NoReturn:
        nonlocal tries
        tries += 1
        if tries == 3:
            stop.set()
        raise BROKEN

    pool = SimpleNamespace(acquire=acquire)
    signer = Signer.create(tmp_path / "journal.key", "wireroom.example/test")
    sequencer = Sequencer(pool, signer, clock, "wireroom.example/test", poll_seconds=0.001)  # type: ignore[arg-type]
    await soon(sequencer.run(stop))
    assert tries >= 3


async def test_a_lease_is_renewed_on_a_new_line_when_the_old_one_broke(
    database: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "RENEW_EVERY_S", 0.01)
    async with AsyncExitStack() as stack:
        number = await assemble._lease(database, stack)
        await stage.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'wireroom'"
            " and datname = current_database()"
        )
        await stage.execute("update worker set until = now()")
        async with asyncio.timeout(PATIENCE_S):
            while not await stage.value("select until > now() from worker where id = $1", number):
                pass  # each look is a round to the database
    assert not await stage.value("select until > now() from worker where id = $1", number)  # given back


def test_a_start_without_its_database_asks_to_be_started_again(tmp_path: Path) -> None:
    config = tmp_path / "wireroom.toml"
    config.write_text(
        f'[database]\nurl = "postgresql://wireroom@/wireroom?host={tmp_path}"\n[wire]\nport = 0\n'
    )
    result = CliRunner().invoke(serve, ["--config", str(config)])
    assert result.exit_code == 70
    assert "the database server does not answer; start it" in result.output


class Exited(Exception):
    """What os._exit does, as far as a test can bear."""


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The codes with which the program would have ended."""
    codes: list[int] = []

    def leave(code: int) -> NoReturn:
        codes.append(code)
        raise Exited

    monkeypatch.setattr(os, "_exit", leave)
    return codes


async def test_a_switch_whose_own_server_is_gone_ends_and_says_so(
    exits: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    server = SimpleNamespace(lives=False, log="postgres.log")
    with caplog.at_level(logging.CRITICAL), pytest.raises(Exited):
        await assemble._watch(server)  # type: ignore[arg-type]
    assert exits == [70]
    assert "our own database server ended (see postgres.log)" in caplog.text


async def test_a_switch_whose_sequencer_failed_ends_and_says_so(
    exits: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise RuntimeError("the tree is damaged")

    task = asyncio.create_task(fail())
    await asyncio.wait({task})
    with caplog.at_level(logging.CRITICAL), pytest.raises(Exited):
        assemble._stop_if_failed(task)
    assert exits == [70]
    assert "the tree is damaged" in caplog.text
