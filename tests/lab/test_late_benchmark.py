"""Claims about the benchmark of late hits: it asks for people and cars of the state, and tells what is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

from benchmarks import late
from benchmarks.place import settings


def test_who_was_asked_for_is_told_of_and_who_was_not_is_not(tmp_path: Path) -> None:
    found = asyncio.run(late.run(settings(tmp_path, links=False, wire=0, partners={}), inquiries=4_000))
    told = {name.rpartition(", ")[2]: one.more["notices"] for name, one in found.items()}
    fewest = {name: min(many) for name, many in told.items() if isinstance(many, list)}
    assert fewest == {
        "a car that was asked for": 1,
        "a person who was asked for": 1,
        "a person nobody asked for": 0,
    }
    assert [(one.runs, one.more["inquiries"]) for one in found.values()] == [(late.ENTRIES, 4_000)] * 3
