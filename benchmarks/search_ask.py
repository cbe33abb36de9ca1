"""Asks the search about labelled people, one at a time or in batches, and notes what came and how long it took."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import asyncpg

from wireroom.lab.labelled import Labelled, Subject
from wireroom.lab.scores import Answered, Shown
from wireroom.records.find import few_enough, tier_of
from wireroom.records.matching.keeping import Called, called
from wireroom.records.matching.people import Match, Matches, People
from wireroom.records.matching.probing import Sought

FILE = "scratch"  # the file of the index that all people of a benchmark are in
BATCH = 16
# Weaker lines are looked for too: no reader is shown them, but they count for the place of the right person.
FROM_BITS = -20.0
STATEMENT_S = 3_600

Progress = Callable[[int, int], None]


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection for as long as this is open."""
    connection = await asyncpg.connect(dsn, command_timeout=STATEMENT_S)
    try:
        yield connection
    finally:
        await connection.close()


async def ready(connection: asyncpg.Connection) -> tuple[People, float]:
    """The search with its vocabulary in memory, and the seconds that took."""
    people, begun = People(), time.perf_counter()
    async with connection.transaction():
        await people.refresh(connection)
    return people, time.perf_counter() - begun


async def matches(
    connection: asyncpg.Connection, people: People, asked: Sequence[Subject], from_bits: float = FROM_BITS
) -> list[Matches]:
    """One batch in one transaction, with the look at what others have added that comes before each."""
    async with connection.transaction():
        await people.refresh(connection)
        book = people.books.number(FILE, False)
        return await people.search(
            connection, [Sought(called_of(one), (book,), (), from_bits) for one in asked]
        )


async def answered(
    connection: asyncpg.Connection, people: People, queries: Sequence[Labelled], progress: Progress
) -> list[Answered]:
    """All queries in batches; the seconds of each are its share of its batch's."""
    found: list[Answered] = []
    for at in range(0, len(queries), BATCH):
        part = queries[at : at + BATCH]
        begun = time.perf_counter()
        came = await matches(connection, people, [one.query for one in part])
        each = (time.perf_counter() - begun) / len(part)
        found += [
            Answered(one, _shown(several.found, dated=bool(one.query.dob)), each)
            for one, several in zip(part, came, strict=True)
        ]
        progress(len(found), len(queries))
    return found


def called_of(one: Subject) -> Called:
    """Somebody of a labelled set as the index knows people."""
    return called(one.last, one.first, one.middle, one.suffix, dob=one.dob, sex=one.sex)


def _shown(found: Sequence[Match], *, dated: bool) -> tuple[Shown, ...]:
    """What is found as a reader gets it: an uncertain crowd without a birth date is counted for him, not shown."""
    tiers = [tier_of(match.bits) for match in found]
    uncertain = [n for n, match in enumerate(found) if tiers[n] == "possible" and not match.exact]
    for n in uncertain[few_enough([found[n].bits for n in uncertain], dated=dated) :]:
        tiers[n] = "wide"
    return tuple(Shown(str(match.record), match.bits, tier) for match, tier in zip(found, tiers, strict=True))
