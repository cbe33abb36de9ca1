"""A plate look-up as the number of people grows, beside the bare indexed SELECT of the same rows."""

from __future__ import annotations

import random
import statistics
import time
from pathlib import Path

import asyncpg

from benchmarks.place import SEED
from benchmarks.result import Result
from wireroom.app.assemble import connect, engine, now
from wireroom.app.console import bar
from wireroom.app.demo import FIRST_DAY
from wireroom.app.keys import keys_of
from wireroom.app.populate import CHUNK
from wireroom.app.settings import Loaded
from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.journal.numbers import first_number
from wireroom.lab.population import State
from wireroom.message.acting import UPKEEP
from wireroom.message.answer import Question
from wireroom.message.answer import State as Said
from wireroom.message.envelope import Message, Seat
from wireroom.records.answerer import RecordFiles
from wireroom.records.bulk import BulkLoader

SIZES = (100_000, 1_000_000, 5_000_000)
PASSES, LOOKUPS, BATCH = 7, 1_500, 64
SEAT = Seat(terminal="Z001", ori="CA0990100", person="bench", role="operator")
BARE = """
select r.file, r.id, r.number, r.owner, r.status, r.fields::text from identifier i
  join record r on r.file = i.file and r.id = i.record where i.kind = 'LIC' and i.value = $1
"""


async def run(loaded: Loaded, sizes: tuple[int, ...] = SIZES) -> dict[str, Result]:
    """Microseconds a plate at each size, one at a time and in batches of 64; the growth over the sizes."""
    results: dict[str, Result] = {}
    singles: dict[int, float] = {}
    for people in sizes:
        async with engine(loaded, f"wireroom_plates_{people}") as dsn:
            await _fill(loaded, dsn, people)
            single, batched, bare = await _measure(loaded, dsn, people)
        singles[people] = single
        shown = f"{people / 1e6:g} million people"
        results[f"plate look-up, {shown}"] = Result(
            value=round(single, 1), unit="us", baseline=round(bare, 1), baseline_name="a bare indexed SELECT",
            ratio=round(single / bare, 3), runs=PASSES, more={"us_each_in_batches_of_64": round(batched, 1)},
        )  # fmt: skip
    smallest, largest = min(singles), max(singles)
    growth = singles[largest] / singles[smallest]
    results["plate look-up, growth"] = Result(
        value=round(growth, 3), unit="times", baseline=1.0, baseline_name=f"{smallest / 1e6:g} million people",
        ratio=round(growth, 3), target="at most 1.5", runs=PASSES, more={"to": largest},
    )  # fmt: skip
    return results


async def _fill(loaded: Loaded, dsn: str, people: int) -> None:
    """The registrations of so many people."""
    connection = await asyncpg.connect(dsn, command_timeout=1800)
    try:
        if await connection.fetchval("select exists (select from record)"):
            return
        await connection.execute("truncate record, identifier, person, name_pair")
        state = State(people, SEED, FIRST_DAY.date())
        vault = keys_of(loaded).vault()
        loader = BulkLoader(Catalogue(), Source.DMV, vault, first_id=first_number(FIRST_DAY))
        with bar(f"Inventing the vehicles of {people:,} people") as progress:
            for chunk in state.stream(CHUNK, sources=(Source.DMV,), progress=progress):
                rows = (
                    (one.file, one.owner, one.number, one.fields)
                    for one in chunk
                    if one.file == "registration"
                )
                await loader.load(connection, rows, FIRST_DAY)
        await connection.execute("vacuum analyze record, identifier")
    finally:
        await connection.close()


async def _measure(loaded: Loaded, dsn: str, people: int) -> tuple[float, float, float]:
    """Medians of the passes, in turn: one at a time, in batches, and the bare statement; microseconds each."""
    state = State(people, SEED, FIRST_DAY.date())
    files = RecordFiles(Catalogue(), Source.DMV, keys_of(loaded).vault())
    dice = random.Random(SEED)
    connection = await connect(dsn, acts=UPKEEP)
    singles, batches, bares = [], [], []
    try:
        statement = await connection.prepare(BARE)
        for passed in range(PASSES + 1):
            plates = [state.plate(dice.randrange(state.vehicles)) for _ in range(LOOKUPS)]
            asked = [_question(plate) for plate in plates]
            begun = time.perf_counter()
            for plate in plates:
                await statement.fetch(plate)
            bare = time.perf_counter() - begun
            begun = time.perf_counter()
            for question in asked:
                answers = await files.ask(connection, [question])
                assert answers[0].state is Said.RECORD, f"{question.message} must be found"
            single = time.perf_counter() - begun
            begun = time.perf_counter()
            for at in range(0, LOOKUPS, BATCH):
                await files.ask(connection, asked[at : at + BATCH])
            batch = time.perf_counter() - begun
            if passed:  # the first warms
                bares.append(bare)
                singles.append(single)
                batches.append(batch)
    finally:
        await connection.close()
    each = 1e6 / LOOKUPS
    return (
        statistics.median(singles) * each,
        statistics.median(batches) * each,
        statistics.median(bares) * each,
    )


def _question(plate: str) -> Question:
    return Question(
        transaction=1, leg=0, source="DMV", message=Message("RQ", (("LIC", plate),)), seat=SEAT, at=now()
    )


def folder_of(base: Path) -> Path:
    """Where the databases of this benchmark lie."""
    return base
