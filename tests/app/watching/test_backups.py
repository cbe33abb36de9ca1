"""Claims about backups by the clock and their drill: made when due, proved, and old ones go only then."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import asyncpg
import msgspec
import pytest

from tests.app.test_backing import call, cleared, config
from tests.app.watching.facts import AT
from tests.conftest import Clock
from wireroom.app import AppError, backing
from wireroom.app import database as db
from wireroom.app.archive import BadArchive
from wireroom.app.assemble import connect, now
from wireroom.app.keys import keys_of
from wireroom.app.settings import load
from wireroom.app.watching import backups, chores
from wireroom.app.watching.backups import GOAL, Drilled
from wireroom.app.watching.chores import AGAIN, CHORES_LOCK, UNDER_WAY, Duty, Kept, is_due
from wireroom.app.watching.keeping import Lead
from wireroom.journal.sequencer import Sequencer
from wireroom.message.acting import UPKEEP

__all__ = ["cleared", "config"]  # fixtures
DAY = timedelta(days=1)


async def nothing() -> str:
    return "[]"


DAILY = Duty(name="backup", every=DAY, work=nothing)


@pytest.mark.parametrize(
    ("trouble", "ago", "due"),
    [
        ("", DAY, True), ("", DAY - timedelta(seconds=1), False), ("full", AGAIN, True),
        ("full", AGAIN - timedelta(seconds=1), False), (UNDER_WAY, AGAIN, True), ("", -DAY, True),
    ],
)  # fmt: skip
def test_CP_9_a_backup_is_due_each_day_and_soon_again_after_a_failure(
    trouble: str, ago: timedelta, due: bool
) -> None:
    """A clock that is set back makes none wait for the day that was."""
    kept = Kept(name="backup", tried_at=AT - ago, done_at=None, trouble=trouble, said="")
    assert is_due(DAILY, kept, AT) is due
    assert is_due(DAILY, None, AT)


@pytest.mark.anyio
async def test_CP_9_one_process_does_it_and_a_failure_is_kept(
    database: str, clock: Clock, pool: db.Pool
) -> None:
    done: list[str] = []

    async def work() -> str:
        done.append("made")
        if len(done) == 1:
            raise AppError("the disk is full")
        return '{"bytes": 7}'

    duty = Duty(name="backup", every=DAY, work=work)
    one, other = [Lead(lambda: connect(database, acts=UPKEEP), CHORES_LOCK) for _ in range(2)]
    await chores.once(one, [duty], clock)
    await chores.once(other, [duty], clock)
    assert len(done) == 1
    kept = (await chores.held(pool))["backup"]
    assert (kept.trouble, kept.done_at) == ("the disk is full", None)
    await one.leave()
    clock.tick(3600)
    await chores.once(other, [duty], clock)
    await chores.once(other, [duty], clock)
    kept = (await chores.held(pool))["backup"]
    assert (len(done), kept.trouble, kept.done_at, kept.said) == (2, "", clock(), '{"bytes": 7}')
    await other.leave()


def test_CP_9_an_old_backup_goes_only_after_a_newer_one_was_proved(
    config: Path, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, master = tmp_path / "kept", keys_of(load(config)).master()

    def make(hours: int) -> backing.BackedUp:
        at = AT + timedelta(hours=hours)
        return asyncio.run(backups.make(database, folder, master, keep=2, at=at))

    for hours in range(3):
        make(hours)
    assert [path.name for path in backups.made(folder)] == [
        "wireroom-20260302T170000Z.backup", "wireroom-20260302T180000Z.backup"
    ]  # fmt: skip
    (folder / "notes.txt").write_text("of somebody else")
    monkeypatch.setattr(backing, "proved", _not_proved)
    with pytest.raises(BadArchive):
        make(3)
    assert len(backups.made(folder)) == 2
    assert (folder / "wireroom-20260302T190000Z.bad").exists()
    assert backups.newest(folder).name == "wireroom-20260302T180000Z.backup"
    with pytest.raises(AppError, match="there is no backup in"):
        backups.newest(tmp_path / "elsewhere")


def _not_proved(path: Path, master: object, stop: object) -> None:
    raise BadArchive(f"{path} was altered")


@pytest.fixture
def signed(config: Path, database: str) -> Path:
    """Settings of a database with an agency, whose journal is folded and signed."""
    config.write_text(config.read_text() + '[backups]\nfolder = "kept"\n')
    assert call(config, "agency", "add", "CA0990100", "Example City Police").exit_code == 0
    _fold(config, database)
    return config


def _fold(config: Path, database: str) -> None:
    async def fold() -> None:
        async with asyncpg.create_pool(database, min_size=1, max_size=1) as pool:
            signer = keys_of(load(config)).signer("wireroom.example/journal")
            await Sequencer(pool, signer, now, "wireroom.example/journal").fold_all()

    asyncio.run(fold())


def test_CP_2_3_a_drill_brings_a_backup_back_within_the_day_with_the_checkpoint_of_before(
    signed: Path, tmp_path: Path, database: str
) -> None:
    """CP-10(2) too: what comes back is the journal as it was signed, entry by entry."""
    before = call(signed, "journal", "checkpoint").stdout
    _fold(signed, database)
    folder = tmp_path / "kept"
    asyncio.run(backups.make(database, folder, keys_of(load(signed)).master(), keep=2, at=AT))
    call(signed, "agency", "add", "CA0980100", "Sample County Sheriff")  # the running one goes on
    _fold(signed, database)
    result = call(signed, "database", "drill", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["good"], told["same"], told["trouble"]) == (True, True, "")
    assert told["seconds"] < told["goal_seconds"] == 86_400
    assert told["entries"] == told["size"] == int(before.splitlines()[1]) + 1
    assert told["accounts"] == told["records"] == 0
    found = json.loads(call(signed, "journal", "find", "--tag", "database:drilled", "--json").stdout)
    assert found[0]["entry"]["detail"]["root"] == told["root"]

    async def databases() -> list[str]:
        async with db.connect(database) as connection:
            return [row[0] for row in await connection.fetch("select datname from pg_database")]

    assert not [name for name in asyncio.run(databases()) if name.endswith("_drill")]


def test_CP_2_3_a_backup_of_another_journal_or_too_slow_a_one_does_not_pass() -> None:
    good = Drilled(
        path="b", made_at="", seconds=60, goal_seconds=GOAL.total_seconds(), size=7, root="00", same=True, trouble="",
        records=1, accounts=1, entries=8,
    )  # fmt: skip
    assert good.good
    for change in ({"same": False}, {"trouble": "leaf 3"}, {"seconds": 86_401.0}):
        assert not msgspec.structs.replace(good, **change).good
