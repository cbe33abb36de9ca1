"""Claims about `wireroom records late`: what it tells of whom, for people and programs, and that it is written down."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from tests.sealed import entries
from wireroom.app import AppError
from wireroom.app.cli import wireroom

SHERIFF, COURT = "CA0990000", "CA099015J"
ADD = """
insert into record (file, id, number, owner, status, version, test, entered_at, changed_at, fields)
values ('order', $1::bigint, $2, $3, 'active', 1, $4, now(), now(), '{"NAM": "TESTCASE, JANE", "TYO": "OAH"}')
"""
CLOCK = """
insert into clock (file, record, name, owner, other, test, due_at, met_at)
values ('order', $1, $2, $3, $4, $5, $6, $7)
"""


@pytest.fixture
def config(database: str, tmp_path: Path) -> Path:
    path = tmp_path / "wireroom.toml"
    path.write_text(f'[database]\nurl = "{database}"\n[secrets]\nfolder = "secrets"\n')
    return path


async def _fill(database: str) -> None:
    now = datetime.now(UTC)
    connection = await asyncpg.connect(database)
    try:
        for record, owner, test, due, met in (
            (1, SHERIFF, False, now - timedelta(hours=26, minutes=1), None),
            (2, SHERIFF, False, now + timedelta(hours=3, minutes=1), None),
            (3, "CA0990100", False, now - timedelta(days=3, minutes=1), None),
            (4, SHERIFF, True, now - timedelta(days=3), None),
            (5, SHERIFF, False, now - timedelta(hours=5), now - timedelta(hours=3)),
        ):
            await connection.execute(ADD, record, f"{record:013d}", owner, test)
            await connection.execute(CLOCK, record, "FILING", owner, COURT, test, due, met)
    finally:
        await connection.close()


@pytest.fixture
def filled(database: str, config: Path) -> Path:
    asyncio.run(_fill(database))
    return config


def late(config: Path, *words: str) -> Result:
    return CliRunner().invoke(wireroom, ["records", "late", *words, "--config", str(config)])


def numbers(result: Result) -> list[str]:
    groups = json.loads(result.stdout)["groups"]
    return [row["number"].lstrip("0") for group in groups for row in group["rows"]]


def test_it_tells_people_what_is_late_and_how_well_clocks_are_kept(filled: Path, database: str) -> None:
    done = late(filled)
    assert done.exit_code == 0
    head, titles, *rows = done.stdout.splitlines()
    assert head == "2 overdue, 1 due within a day"
    assert titles.split() == ["When", "Clock", "FCN", "Owner", "Court", "About"]
    assert [row.split("  ")[0] for row in rows[:3]] == ["3 days late", "1 day 2 h late", "due in 3 h"]
    assert "TESTCASE, JANE" in rows[0]
    assert rows[-1].split()[:4] == ["FILING", "90", "0", "1"]
    assert rows[-1].count("2 h late") == 2

    noted = [
        one.person for one in entries(database, filled.parent / "secrets") if one.tag == "records:listed"
    ]
    assert noted == ["console"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), ["3", "1", "2"]),
        (("--ori", SHERIFF), ["1", "2"]),
        (("--court", COURT), ["3", "1", "2"]),
        (("--ori", "CA0990100", "--court", COURT), ["3"]),
        (("--court", "CA099025J"), []),
        (("--test",), ["4"]),
    ],
)
def test_it_tells_programs_of_those_that_are_asked_for(
    filled: Path, words: tuple[str, ...], found: list[str]
) -> None:
    done = late(filled, "--json", *words)
    assert (numbers(done), done.exit_code) == (found, 0)


def test_an_agency_that_cannot_be_is_told(filled: Path) -> None:
    done = late(filled, "--ori", "X")
    assert isinstance(done.exception, AppError)
    assert "--ori X" in str(done.exception)
