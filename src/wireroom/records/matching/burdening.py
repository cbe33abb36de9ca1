"""Measures how many strangers stand near the people of each circle of names, so that none is shown others much oftener.

Even where all odds are right, people of some circles meet more strangers at the same strength: their names are short,
or few serve many. A sample of each circle is asked for as if it were not on file; a circle that meets more strangers
than most people do must show more evidence. That the right ones of it are found a little later is the price: our
choice, for fairness, and the only place where a name's company and not its rarity decides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import asyncpg
import numpy as np
from numpy.typing import NDArray

from wireroom.records.matching.circles import CIRCLES, NO_BURDENS, with_burdens
from wireroom.records.matching.evidence import POSSIBLE
from wireroom.records.matching.keeping import Called
from wireroom.records.matching.people import People
from wireroom.records.matching.probing import Sought
from wireroom.records.matching.spelling import Name

PEOPLE_LEAST = 50_000  # in a smaller file strangers are too few to be counted
EACH, EACH_LEAST = 300, 60  # people of a circle that are asked for; fewer than the least say nothing
ROWS = 40_000.0  # sampled, to have so many of the smaller circles too
BATCH = 16
STRANGERS_MAX = 3  # of one inquiry: one crowd must not speak for a circle
BITS_FOR_TWICE = 2.0  # so many bits more of evidence for each doubling of strangers (set on development data)
BURDEN_MAX = 4.0

PEOPLE = "select coalesce(sum(people), 0) from name_book"
SAMPLE = """
select p.book, p.record, p.last, p.given, p.suffix, p.dob, p.sex from person p tablesample system ($1) repeatable (11)
 where p.dob > 0 and cardinality(p.last) > 0 and cardinality(p.given) > 0
"""
CIRCLES_HELD = "select circles from name_census"
KEEP = "update name_census set circles = $1, generation = generation + 1"


async def burden(connection: asyncpg.Connection) -> None:
    """Measures the burdens of all circles and keeps them with the census, after it was written without them."""
    people = int(await connection.fetchval(PEOPLE))
    if people < PEOPLE_LEAST:
        return
    index = People()
    async with connection.transaction():
        await index.refresh(connection)
        rows = await connection.fetch(SAMPLE, min(100.0, 100.0 * ROWS / people))
        asked = _asked(index, rows)
        burdens = _burdens(index, [await _strangers(connection, index, several) for several in asked])
        packed = bytes(await connection.fetchval(CIRCLES_HELD))
        if packed:
            await connection.execute(KEEP, with_burdens(packed, burdens))


def _asked(index: People, rows: Sequence[asyncpg.Record]) -> list[list[tuple[int, Sought]]]:
    """For each circle some of its people, with their own record."""
    asked: list[list[tuple[int, Sought]]] = [[] for _ in range(CIRCLES)]
    for row in rows:
        of = index.circles.belongs(row["last"][0], row["given"][0])
        if of is None or len(asked[int(of.argmax())]) >= EACH:
            continue
        texts = index.texts((*row["last"], *row["given"]))
        name = Name(_spelled(row["last"], texts), _spelled(row["given"], texts), row["suffix"])
        sought = Sought(Called(name, row["dob"], row["sex"]), (row["book"],), (), POSSIBLE)
        asked[int(of.argmax())].append((row["record"], sought))
    return asked


def _spelled(numbers: Sequence[int], texts: dict[int, str]) -> tuple[str, ...]:
    return tuple(texts[number] for number in numbers if number in texts)


async def _strangers(
    connection: asyncpg.Connection, index: People, asked: Sequence[tuple[int, Sought]]
) -> float:
    """How many others each of these people meets, in the mean; not a number where they are too few."""
    if len(asked) < EACH_LEAST:
        return math.nan
    met = 0
    for at in range(0, len(asked), BATCH):
        part = asked[at : at + BATCH]
        for (record, _), matches in zip(
            part, await index.search(connection, [one for _, one in part]), strict=True
        ):
            others = sum(match.record != record and match.alone >= POSSIBLE for match in matches.found)
            met += min(others, STRANGERS_MAX)
    return (met + 1) / len(asked)


def _burdens(index: People, rates: Sequence[float]) -> NDArray[np.float64]:
    """Bits for each circle that meets more strangers than half of all people do."""
    known = [place for place, rate in enumerate(rates) if not math.isnan(rate)]
    if not known:
        return NO_BURDENS
    order = sorted(known, key=lambda place: rates[place])
    sizes = np.cumsum([float(index.circles.sizes[place]) for place in order])
    middle = rates[order[int(np.searchsorted(sizes, sizes[-1] / 2))]]
    burdens = np.zeros(CIRCLES)
    for place in known:
        more = BITS_FOR_TWICE * math.log2(rates[place] / middle)
        burdens[place] = -min(max(more, 0.0), BURDEN_MAX)
    return burdens
