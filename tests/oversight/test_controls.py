"""Controls of CJIS Security Policy 5.9.5 over what is read of the journal afterwards."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Clock
from tests.journal.invented import Journal
from tests.oversight.test_exporting import lines_of
from wireroom.journal.entry import parse
from wireroom.oversight.exporting import export
from wireroom.oversight.reading import Wanted, find

pytestmark = pytest.mark.anyio
PROGRAM = Path(__file__).resolve().parents[2] / "verify.py"


async def exported(journal: Journal, path: Path) -> bytes:
    await export(journal.pool, path, keys=journal.keys, texts=journal.texts)
    return await asyncio.to_thread(path.read_bytes)


def judged(path: Path) -> int:
    """What the program of a stranger says of a file, by its exit code."""
    return subprocess.run(
        [sys.executable, "-I", str(PROGRAM), str(path)], capture_output=True, timeout=60, check=False
    ).returncode


async def test_AU_7_exporting_twice_gives_the_same_bytes_and_they_verify(
    journal: Journal, tmp_path: Path
) -> None:
    await journal.fill((5, 7), (13,))
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    assert await exported(journal, first) == await exported(journal, second)
    assert (judged(first), judged(second)) == (0, 0)
    second.write_bytes(second.read_bytes().replace(b"7ABC123", b"7ABC124", 1))
    assert judged(second) == 1, "so that a file that is wrong would not have passed"


async def test_AU_7_a_report_alters_nothing_that_it_reports_of(journal: Journal, tmp_path: Path) -> None:
    await journal.fill((5, 7))

    async def all_of_it() -> list[tuple[object, ...]]:
        return [tuple(row) for row in await journal.pool.fetch("SELECT * FROM journal ORDER BY number")]

    before = await all_of_it()
    await exported(journal, tmp_path / "one.jsonl")
    await find(journal.pool, Wanted(), texts=journal.texts, now=journal.clock())
    assert await all_of_it() == before


async def test_AU_7_the_order_of_a_report_is_the_order_of_writing_whatever_the_clock_did(
    journal: Journal, clock: Clock, tmp_path: Path
) -> None:
    written = []
    for step in (0, 3600, -7200, 3600):
        clock.tick(step)
        written += await journal.fill((2,))
    path = tmp_path / "export.jsonl"
    await exported(journal, path)
    told = [parse(line["body"].encode()) for line in lines_of(path) if "body" in line]
    assert told == written
    assert judged(path) == 0
