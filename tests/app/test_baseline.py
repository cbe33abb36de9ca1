"""Controls CM-2, CM-3 and CM-6 of settings: two people approve them, what departs is told, and there is a way back."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.app.test_commands import POLICE, cli, config
from tests.policy.conftest import PASSWORD
from wireroom.app import AppError, SettingsError, baseline
from wireroom.app import database as db
from wireroom.app.assemble import connect, now
from wireroom.app.baseline import Difference
from wireroom.app.settings import Loaded, load, read
from wireroom.journal.tags import Tag
from wireroom.message.acting import UPKEEP
from wireroom.switch.work import Note

__all__ = ["config"]  # a fixture
FILE = Path("wireroom.toml")
STRICT = '[security]\nsettings_approved = "required"\n'


def loaded(text: str) -> Loaded:
    return read(text, FILE)


def test_CM_2_settings_that_say_the_same_are_the_same_and_each_key_that_does_not_is_named() -> None:
    one, other = loaded("[wire]\nport = 7701\n"), loaded("# why\n[web]\n[wire]\nport=7701")
    assert baseline.digest_of(one.settings) == baseline.digest_of(other.settings)
    changed = loaded('[wire]\nport = 7702\n[[links]]\nname = "DMV"\n')
    assert baseline.digest_of(changed.settings) != baseline.digest_of(one.settings)
    found = baseline.differences(baseline.shown(one.settings), baseline.shown(changed.settings))
    assert [one.key for one in found] == ["links", "wire.port"]
    assert found[1] == Difference("wire.port", 7701, 7702)


def test_CM_2_what_is_kept_of_settings_holds_no_secret(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("a secret word")
    text = '[database]\nurl = "postgresql://u@h/n"\npassword_file = "p"\n'
    one = read(text, tmp_path / "wireroom.toml")
    assert "a secret word" in one.database_url().replace("%20", " ")
    assert "a secret word" not in json.dumps(baseline.shown(one.settings))
    with pytest.raises(SettingsError, match="holds a password"):
        loaded('[database]\nurl = "postgresql://u:secret@h/n"')


@pytest.mark.anyio
async def test_CM_6_a_start_with_other_settings_is_an_entry_with_every_difference(pool: db.Pool) -> None:
    notes: list[Note] = []

    async def note(one: Note) -> None:
        notes.append(one)

    for text in ("", "", "[wire]\nport = 7701\n", "[wire]\nport = 7701\n", ""):
        await baseline.note_start(pool, loaded(text), note, now())
    assert [one.tag for one in notes] == [Tag.SETTINGS_CHANGED] * 3
    assert [one.detail["differences"] for one in notes] == [
        [], [("wire.port", 7700, 7701)], [("wire.port", 7701, 7700)]
    ]  # fmt: skip


@pytest.fixture
def two(config: Path) -> Path:
    """Two administrators, one of them with a second account, and an operator."""
    cli("agency", "add", POLICE, "Example City Police", config=config)
    for person, name, role in (
        ("a.one", "Ann One", "administrator"), ("b.two", "Bea Two", "administrator"),
        ("a.again", "Ann  ONE", "administrator"), ("o.per", "Oli Per", "operator"),
    ):  # fmt: skip
        words = ("person", "add", person, name, POLICE, "--role", role, "--password", PASSWORD)
        done = cli(*words, config=config)
        assert done.exit_code == 0, done.output
    return config


def settings(config: Path, *words: str) -> str:
    done = cli("settings", *words, config=config)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def judged(config: Path, database: str, *, start: bool = False) -> str:
    """What stands against the settings in force; with `start`, whether a switch begins with them."""

    async def work() -> str:
        connection = await connect(database, acts=UPKEEP)
        try:
            if start:
                await baseline.refuse_unless_approved(connection, load(config))
            return await baseline.standing(connection, load(config))
        finally:
            await connection.close()

    return asyncio.run(work())


def test_CM_6_two_people_approve_settings_a_departure_is_told_or_refused_and_one_goes_back(
    two: Path, database: str
) -> None:
    """CM-2, CM-3: what was approved is kept, and comes back whole."""
    base = two.read_text()
    two.write_text(base + STRICT)
    _approved_by_two(two, database)
    # Whoever edits the file, and takes the demand out of it too, departs from what was approved.
    two.write_text(base.replace("answer_seconds_max = 2", "answer_seconds_max = 3"))
    assert judged(two, database) == (
        "The settings in force depart from version 1, which was approved last: security.settings_approved, "
        "switch.answer_seconds_max."
    )
    with pytest.raises(SettingsError, match=r"answer_seconds_max.*wireroom settings restore"):
        judged(two, database, start=True)
    settings(two, "propose", "--by", "a.one", "--why", "faster")
    with pytest.raises(AppError, match="nobody approved version 2"):
        settings(two, "restore", "2")
    assert "answer_seconds_max = 3" in settings(two, "show", "--version", "2")
    shown = json.loads(settings(two, "show", "--version", "1", "--json"))
    assert [one["key"] for one in shown["differences"]] == [
        "security.settings_approved", "switch.answer_seconds_max"
    ]  # fmt: skip
    settings(two, "restore", "1")
    assert two.read_text() == base + STRICT
    assert "answer_seconds_max = 3" in two.with_name("wireroom.toml.before").read_text()
    assert judged(two, database, start=True) == ""
    history = json.loads(settings(two, "history", "--json"))
    assert [(one["version"], one["approved_by"]) for one in history["versions"]] == [(2, ""), (1, "b.two")]
    assert history["in_force"] == history["versions"][1]["digest"]


def _approved_by_two(config: Path, database: str) -> None:
    with pytest.raises(SettingsError, match="Nobody has approved the settings in force"):
        judged(config, database, start=True)
    with pytest.raises(AppError, match="name an account of an administrator"):
        settings(config, "propose", "--by", "o.per", "--why", "x")
    settings(config, "propose", "--by", "a.one", "--why", "as agreed")
    for by in ("a.one", "a.again"):  # nobody approves their own, with a second account neither
        with pytest.raises(AppError, match="somebody else approves it"):
            settings(config, "approve", "1", "--by", by)
    settings(config, "approve", "1", "--by", "b.two")
    with pytest.raises(AppError, match=r"was approved already, by b\.two"):
        settings(config, "approve", "1", "--by", "b.two")
    assert judged(config, database, start=True) == ""
