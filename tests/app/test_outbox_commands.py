"""Claims about `wireroom outbox`: what waits is listed without whom it goes to, and one letter is shown whole."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from wireroom.app.cli import wireroom
from wireroom.app.cli_outbox import masked
from wireroom.app.keys import Keys
from wireroom.journal.tags import Tag
from wireroom.message.letter import Told
from wireroom.records.outbox import Draft, Outbox

ADDRESS = "jane.doe@example.org"


@pytest.fixture
def config(database: str, tmp_path: Path) -> Path:
    path = tmp_path / "wireroom.toml"
    path.write_text(f'[database]\nurl = "{database}"\n[secrets]\nfolder = "secrets"\n')

    async def put() -> None:
        connection = await asyncpg.connect(database)
        told = Told(
            to=ADDRESS, owner="CA0990100", number="9992606100001", about="ZZ1", words="So.", spanish="Así."
        )
        drafts = [
            Draft(channel="email", event="SERVED", file="order", record=5, told=told),
            Draft(channel="service", event="SERVED", file="order", record=5, told=told),
        ]
        outbox = Outbox(Keys(tmp_path / "secrets").vault())
        now = datetime(2026, 3, 2, 16, tzinfo=UTC)
        await outbox.put(connection, drafts, 77, now)
        [one] = await outbox.waiting(connection, ["service"], now, 1)
        await outbox.taken(connection, one, now)
        await connection.execute("insert into agency (ori, name, county, phone, test, added_at)"
                                 " values ('CA0990100', 'Example Police', '', '555-0100', false, now())")  # fmt: skip
        await connection.close()

    asyncio.run(put())
    return path


def call(config: Path, *words: str) -> Result:
    return CliRunner().invoke(wireroom, ["outbox", *words, "--config", str(config)], catch_exceptions=True)


def test_what_waits_is_listed_with_its_address_masked(config: Path) -> None:
    done = call(config, "list")
    assert done.exit_code == 0, done.output
    assert "77-0" in done.output
    assert "77-1" not in done.output, "it was sent"
    assert "j…@e….org" in done.output
    assert ADDRESS not in done.output
    found = json.loads(call(config, "list", "--all", "--json").stdout)
    assert [(one["letter"], one["state"], one["record"]) for one in found] == [
        ("77-0", "waits", "9992606100001"), ("77-1", "sent", "9992606100001"),
    ]  # fmt: skip
    assert ADDRESS not in str(found)


def test_one_letter_is_shown_whole_and_that_is_written_down(config: Path, database: str) -> None:
    done = call(config, "show", "77-0")
    assert done.exit_code == 0, done.output
    assert f"To: {ADDRESS}" in done.output
    assert "Questions: call Example Police, 555-0100." in done.output
    shown = json.loads(call(config, "show", "77-0", "--json").stdout)
    assert shown["to"] == ADDRESS
    assert "Así." in shown["text"]

    async def tags() -> list[str]:
        connection = await asyncpg.connect(database)
        try:
            return [row[0] for row in await connection.fetch("select tag from journal order by number")]
        finally:
            await connection.close()

    assert asyncio.run(tags()).count(Tag.LETTER_SHOWN) == 2


@pytest.mark.parametrize("name", ["78-0", "77", "x-0", "77-99999999"])
def test_a_letter_that_is_not_there_is_named(name: str, config: Path) -> None:
    done = call(config, "show", name)
    assert done.exit_code != 0
    assert name in str(done.exception)


@pytest.mark.parametrize(
    ("address", "shown"),
    [("jane@example.org", "j…@e….org"), ("ZZ123456", "…56"), ("ZZ1", "…"), ("a@b.co", "a…@b….co")],
)
def test_a_masked_address_is_nobodys(address: str, shown: str) -> None:
    assert masked(address) == shown


def test_confidential_records_go_neither_in_nor_out_as_files(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("OFN\n9992600199999\n")
    who = ["--recipient", "Kim Specimen", "--agency", "Example County Sheriff", "--purpose", "case 26-9"]
    words = [
        "records",
        "export",
        str(tmp_path / "y.csv"),
        "--file",
        "confidential",
        *who,
        "--config",
        str(config),
    ]
    assert "not exported" in str(CliRunner().invoke(wireroom, words).exception)
    words = [
        "records",
        "import",
        str(path),
        "--file",
        "confidential",
        "--ori",
        "CA0990100",
        "--config",
        str(config),
    ]
    assert "one by one" in str(CliRunner().invoke(wireroom, words).exception)
