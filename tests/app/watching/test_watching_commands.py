"""Claims about the commands of the watch: what they print, what their exit codes say, and what they write down."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.app.test_commands import cli, config
from tests.app.watching.facts import AT
from wireroom.app import database as db
from wireroom.app.watching import alarms, integrity
from wireroom.app.watching.alarms import Alarm
from wireroom.app.watching.watches import WATCHES

__all__ = ["config"]  # a fixture


def tags(config: Path) -> list[str]:
    found = json.loads(cli("journal", "find", "--json", config=config).stdout)
    return [one["entry"]["tag"] for one in found][::-1]


def test_SI_4_alarms_are_listed_with_whom_they_are_about_and_what_to_do(config: Path, database: str) -> None:
    assert cli("agency", "add", "CA0990100", "Example City Police", config=config).exit_code == 0
    none = cli("alarms", "--json", config=config)
    assert (none.exit_code, json.loads(none.stdout)) == (0, [])

    async def begin() -> None:
        async with db.connect(database) as connection:
            one = Alarm(watch="messages-refused", about="p.vale", words="A person was refused.", began_at=AT)
            await alarms.put(connection, one)
            await alarms.put(connection, Alarm(watch="clock", about="", words="x", began_at=AT, ended_at=AT))

    asyncio.run(begin())
    listed = cli("alarms", "--json", config=config)
    assert listed.exit_code == 1
    [one] = json.loads(listed.stdout)
    assert (one["watch"], one["about"], one["told_at"]) == ("messages-refused", "p.vale", None)
    assert "journal find --person" in one["do"]
    assert len(json.loads(cli("alarms", "--all", "--json", config=config).stdout)) == 2
    assert "p.vale" in cli("alarms", config=config).stdout
    assert len(json.loads(cli("alarms", "--watches", "--json", config=config).stdout)) == len(WATCHES)
    assert "journal-stopped" in cli("alarms", "--watches", config=config).stdout


def test_SI_7_1_the_files_are_sealed_checked_and_one_that_changed_is_named(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = tmp_path / "site" / "wireroom"
    ours.mkdir(parents=True)
    (ours / "a.py").write_text("a")
    config.write_text(config.read_text().replace("[database]\n", f'[database]\ndata_folder = "{tmp_path}"\n'))
    monkeypatch.setattr(integrity, "OURS", ours)
    monkeypatch.setattr(integrity, "distributions", lambda: [])
    refused = cli("integrity", "check", config=config)
    assert "nothing says how its files were" in str(refused.exception)
    sealed = cli("integrity", "seal", "--json", config=config)
    assert json.loads(sealed.stdout)["files"] == 1, sealed.output
    assert cli("integrity", "check", config=config).exit_code == 0
    (ours / "a.py").write_text("b")
    wrong = cli("integrity", "check", "--json", config=config)
    assert wrong.exit_code == 1
    assert json.loads(wrong.stdout)["wrong"] == [{"file": "wireroom/a.py", "what": "changed"}]
    assert "NOT AS INSTALLED: wireroom/a.py (changed)" in cli("integrity", "check", config=config).stdout
    assert tags(config)[:2] == ["files:sealed", "files:checked"]


def test_AU_4_the_room_of_the_journal_is_printed_and_that_it_was_measured_is_an_entry(config: Path) -> None:
    assert cli("agency", "add", "CA0990100", "Example City Police", config=config).exit_code == 0
    told = json.loads(cli("journal", "room", "--json", config=config).stdout)
    assert (told["keep_days"], told["free_bytes"], told["enough"]) == (1096, None, None)
    assert told["bytes"] > 0
    assert "1,096 days" in cli("journal", "room", config=config).stdout
    assert tags(config)[1:3] == ["journal:measured"] * 2
