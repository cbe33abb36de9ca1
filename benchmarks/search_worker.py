"""A process that searches: told by its input what to ask, it says what its vocabulary cost and how fast it was.

One line of JSON comes in with the work, one goes out when it is ready; any line in lets it begin, and one goes out at
the end.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import msgspec

from benchmarks.search_ask import BATCH, matches, opened, ready
from wireroom.app.console import run
from wireroom.lab.labelled import Subject


class Work(msgspec.Struct, frozen=True):
    """What to ask, of which database."""

    dsn: str
    warming: list[Subject]
    asked: list[Subject]


class Ready(msgspec.Struct, frozen=True):
    """What it cost to be ready: seconds, and megabytes of memory before the vocabulary and after it."""

    seconds: float
    bare_mb: float
    with_vocabulary_mb: float
    tokens: int


class Done(msgspec.Struct, frozen=True):
    """When the asking began and ended, in seconds of the clock, and the memory at the end."""

    begun: float
    ended: float
    asked: int
    mb: float


async def work(line: bytes) -> None:
    """The whole of it."""
    job = msgspec.json.decode(line, type=Work)
    async with opened(job.dsn) as connection:
        bare = memory_mb()
        people, seconds = await ready(connection)
        with_vocabulary = memory_mb()
        for at in range(0, len(job.warming), BATCH):
            await matches(connection, people, job.warming[at : at + BATCH])
        _say(Ready(seconds, bare, with_vocabulary, len(people.vocabulary)))
        sys.stdin.buffer.readline()
        begun = time.time()
        for at in range(0, len(job.asked), BATCH):
            await matches(connection, people, job.asked[at : at + BATCH])
        _say(Done(begun, time.time(), len(job.asked), memory_mb()))


def memory_mb() -> float:
    """Megabytes of this process's memory that are in use."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _say(what: Ready | Done) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    run(work(sys.stdin.buffer.readline()))
