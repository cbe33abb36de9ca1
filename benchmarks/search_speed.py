"""How fast the search is: one inquiry at a time beside the bare SELECT of the same rows, and two processes at once."""

from __future__ import annotations

import asyncio
import math
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from benchmarks.search_ask import FROM_BITS, matches, opened, ready
from benchmarks.search_worker import Done, Ready, Work
from wireroom.lab.labelled import Subject

BARE = """
select book, record, place, last, given, suffix, dob, sex from person where book = $1 and record = any($2::bigint[])
"""
TURN = 100  # inquiries of ours, then the bare statements of the same, and so on
READY_S, DONE_S = 600.0, 3_600.0


class Timed(msgspec.Struct, frozen=True):
    """Milliseconds of each inquiry, and of the bare SELECT of what it found; lines found in the mean."""

    ours: list[float]
    bare: list[float]
    lines: float


async def timed(
    dsn: str, warming: Sequence[Subject], asked: Sequence[Subject], from_bits: float = FROM_BITS
) -> Timed:
    """One inquiry at a time, after others have warmed the search; ours and the bare statement in turns."""
    ours: list[float] = []
    bare: list[float] = []
    found: list[tuple[int, list[int]]] = []
    async with opened(dsn) as connection:
        people, _ = await ready(connection)
        statement = await connection.prepare(BARE)
        for one in warming:
            await matches(connection, people, [one], from_bits)
            await statement.fetch(0, [])
        for at in range(0, len(asked), TURN):
            turn = []
            for one in asked[at : at + TURN]:
                begun = time.perf_counter()
                [several] = await matches(connection, people, [one], from_bits)
                ours.append((time.perf_counter() - begun) * 1000)
                turn.append(several.found)
            for lines in turn:
                book, records = lines[0].book if lines else 0, [line.record for line in lines]
                begun = time.perf_counter()
                await statement.fetch(book, records)
                bare.append((time.perf_counter() - begun) * 1000)
                found.append((book, records))
    return Timed(ours, bare, statistics.fmean(len(records) for _, records in found))


def quantile(values: Sequence[float], share: float) -> float:
    """What this share of the values does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def exponent(by_size: Mapping[int, float]) -> float:
    """The power of the size with which something grows: the slope of the logarithms, by least squares."""
    slope, _ = statistics.linear_regression(
        [math.log(size) for size in by_size], [math.log(value) for value in by_size.values()]
    )
    return slope


async def together(works: Sequence[Work]) -> tuple[list[Ready], list[Done]]:
    """A process for each piece of work, all ready before any begins."""
    workers = [await _worker(work) for work in works]
    try:
        async with asyncio.timeout(READY_S):
            readies = [msgspec.json.decode(await _said(worker), type=Ready) for worker in workers]
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write(b"go\n")
        async with asyncio.timeout(DONE_S):
            dones = [msgspec.json.decode(await _said(worker), type=Done) for worker in workers]
            for worker in workers:
                await worker.wait()
    finally:
        for worker in workers:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()
    return readies, dones


async def _worker(work: Work) -> asyncio.subprocess.Process:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.search_worker", cwd=Path(__file__).parent.parent,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert worker.stdin is not None
    worker.stdin.write(msgspec.json.encode(work) + b"\n")
    await worker.stdin.drain()
    return worker


async def _said(worker: asyncio.subprocess.Process) -> bytes:
    assert worker.stdout is not None
    line = await worker.stdout.readline()
    if not line:
        raise RuntimeError(f"a process that searches ended with {await worker.wait()}; see what it printed")
    return line
