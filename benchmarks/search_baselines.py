"""What a search is compared with: phonetic keys and dates, as services have them, on tables of their own.

Three systems, one reasonable configuration each:

- NCIC-style: Soundex of the last name, the birth date exact or one year off, the sex.
- III-like: Soundex of the last name, day and month exact, the year within three, the sex.
- phonetic keys: NYSIIS of the last name with the first initial and a year within one; Metaphone of the last name with
  the date; the first name with the date; the same with last and first name in each other's place; at most 1,000
  rows of each. They are ordered by Jaro-Winkler similarity of both names and by the digits of the date, and the ten
  best are shown.

None of them gives odds, so every line they return is one that a reader sees.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import lru_cache

import asyncpg
import jellyfish
from rapidfuzz.distance import JaroWinkler

from benchmarks.search_ask import Progress
from wireroom.lab.labelled import Labelled, Subject
from wireroom.lab.scores import Answered, Shown

SHOWN_MAX = 10
SCHEMA = """
create schema baseline;
create table baseline.person (
  id bigint not null, last text collate "C" not null, first text collate "C" not null, dob int not null,
  sex text collate "C" not null, soundex text collate "C" not null, nysiis text collate "C" not null,
  initial text collate "C" not null, metaphone text collate "C" not null)
"""
COLUMNS = ("id", "last", "first", "dob", "sex", "soundex", "nysiis", "initial", "metaphone")
INDEXES = (
    "create index on baseline.person (soundex, dob)",
    "create index on baseline.person (nysiis, initial, dob)",
    "create index on baseline.person (metaphone, dob)",
    "create index on baseline.person (first, dob)",
)
SOUNDEX = """
select id, dob from baseline.person where soundex = $1 and dob = any($2::int[]) and ($3 = '' or sex = $3)
"""
KEYS = """
(select id, last, first, dob from baseline.person
  where nysiis = $1 and initial = $2 and dob between $3 and $4 limit 1000)
union (select id, last, first, dob from baseline.person where metaphone = $5 and dob = $6 limit 1000)
union (select id, last, first, dob from baseline.person where first = $7 and dob = $6 limit 1000)
union (select id, last, first, dob from baseline.person
  where nysiis = $8 and initial = $9 and dob between $3 and $4 limit 1000)
union (select id, last, first, dob from baseline.person where first = $10 and dob = $6 limit 1000)
"""
_OTHER = re.compile("[^A-Z]+")

Find = Callable[[Subject], Awaitable[list[int]]]


async def prepare(connection: asyncpg.Connection, people: Iterable[Subject]) -> float | None:
    """Makes the tables of the baselines, once; the seconds that took, or nothing where they are there."""
    if await connection.fetchval("select to_regclass('baseline.person')") is not None:
        return None
    begun = time.perf_counter()
    async with connection.transaction():
        await connection.execute(SCHEMA)
        await add(connection, people)
        for index in INDEXES:
            await connection.execute(index)
    await connection.execute("vacuum analyze baseline.person")
    return time.perf_counter() - begun


async def add(connection: asyncpg.Connection, people: Iterable[Subject]) -> None:
    """Copies people into the tables of the baselines; their ids are numbers."""
    await connection.copy_records_to_table(
        "person", schema_name="baseline", columns=COLUMNS, records=map(_row, people)
    )


def _row(one: Subject) -> tuple[object, ...]:
    last, first = letters(one.last), letters(one.first)
    return (int(one.id), last, first, one.dob, one.sex, *sounds(last)[:2], first[:1], sounds(last)[2])


def letters(name: str) -> str:
    """A name as such a service keys it: its letters, all in one."""
    return _OTHER.sub("", name.upper())


@lru_cache(maxsize=1 << 19)
def sounds(name: str) -> tuple[str, str, str]:
    """Soundex, NYSIIS and Metaphone of a name in letters."""
    return jellyfish.soundex(name), jellyfish.nysiis(name), jellyfish.metaphone(name)


class Baselines:
    """The three systems on one connection."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def systems(self) -> dict[str, Find]:
        """Each system by name, its statement prepared."""
        soundex = await self.connection.prepare(SOUNDEX)
        keys = await self.connection.prepare(KEYS)

        def by_soundex(years: int) -> Find:
            async def find(one: Subject) -> list[int]:
                if not one.dob:  # these services do not search a name without a date
                    return []
                days = [one.dob + year * 10_000 for year in range(-years, years + 1)]
                rows = await soundex.fetch(sounds(letters(one.last))[0], days, one.sex)
                return [
                    row["id"] for row in sorted(rows, key=lambda row: (abs(row["dob"] - one.dob), row["id"]))
                ]

            return find

        async def by_keys(one: Subject) -> list[int]:
            rows = await keys.fetch(*_keys(one))
            likest = sorted(
                rows, key=lambda row: (-alike(one, row["last"], row["first"], row["dob"]), row["id"])
            )
            return [row["id"] for row in likest[:SHOWN_MAX]]

        return {"NCIC-style": by_soundex(1), "III-like": by_soundex(3), "phonetic keys": by_keys}


def _keys(one: Subject) -> Iterator[object]:
    """What KEYS asks for; the years from the one before to the one after, or all where there is no date."""
    last, first = letters(one.last), letters(one.first)
    _, nysiis, metaphone = sounds(last)
    year = one.dob // 10_000
    years = ((year - 1) * 10_000, (year + 1) * 10_000 + 1231) if one.dob else (0, 99_999_999)
    yield from (nysiis, first[:1], *years, metaphone, one.dob, first)
    yield from (sounds(first)[1], last[:1], last)


def alike(one: Subject, last: str, first: str, dob: int) -> float:
    """How like a person is to the one asked for: names seven parts, the better way round; digits of the date three."""
    ours, given = letters(one.last), letters(one.first)
    straight = JaroWinkler.similarity(ours, last) + JaroWinkler.similarity(given, first)
    turned = JaroWinkler.similarity(ours, first) + JaroWinkler.similarity(given, last)
    same = sum(a == b for a, b in zip(f"{one.dob:08}", f"{dob:08}", strict=True)) / 8 if one.dob else 0.5
    return 0.35 * max(straight, 0.98 * turned) + 0.3 * same


async def answered(find: Find, queries: Sequence[Labelled], progress: Progress) -> list[Answered]:
    """All queries, one at a time; every line is shown to every reader."""
    found = []
    for number, one in enumerate(queries, 1):
        begun = time.perf_counter()
        ids = await find(one.query)
        seconds = time.perf_counter() - begun
        found.append(Answered(one, tuple(Shown(str(id), None, "strong") for id in ids), seconds))
        progress(number, len(queries))
    return found
