"""One process at an index of people, and invented names to fill it with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from random import Random

import asyncpg

from wireroom.records.matching.counting import count as count_people
from wireroom.records.matching.keeping import Called, Kept, called, keep
from wireroom.records.matching.people import Match, Matches, People
from wireroom.records.matching.probing import Sought

FILE = "wanted"
TABLES = ("person", "name_pair", "name_token", "name_book")
_records = count(1)
_ONSETS = (
    "B",
    "BR",
    "CH",
    "D",
    "F",
    "G",
    "GR",
    "H",
    "J",
    "K",
    "L",
    "M",
    "N",
    "P",
    "R",
    "S",
    "ST",
    "T",
    "V",
    "W",
    "Z",
)
_RIMES = (
    "A",
    "AN",
    "ARD",
    "E",
    "EL",
    "ELL",
    "EN",
    "ER",
    "I",
    "IK",
    "IN",
    "O",
    "ON",
    "OR",
    "OS",
    "U",
    "UL",
    "UM",
)


class Index:
    """What one process does with the index: its own vocabulary, its own connection."""

    def __init__(self, line: asyncpg.Connection) -> None:
        self.line, self.people = line, People()

    async def keep(self, *kept: Kept) -> None:
        """Writes in a transaction of its own."""
        async with self.line.transaction():
            await self.keep_here(*kept)

    async def keep_here(self, *kept: Kept) -> None:
        """Writes in the transaction that is open."""
        await self.people.refresh(self.line)
        await keep(self.line, self.people.vocabulary, self.people.books, kept)

    async def enter(self, *names: Called, file: str = FILE, test: bool = False) -> int:
        """A record of these names; its number."""
        record = next(_records)
        await self.keep(Kept(file, test, record, names))
        return record

    async def enter_all(self, several: Sequence[Called], file: str = FILE) -> list[int]:
        """A record of each name, all in one transaction."""
        records = [next(_records) for _ in several]
        await self.keep(
            *(Kept(file, False, record, (one,)) for record, one in zip(records, several, strict=True))
        )
        return records

    async def forget(self, *records: int, file: str = FILE, test: bool = False) -> None:
        await self.keep(*(Kept(file, test, record, ()) for record in records))

    async def search(
        self,
        *wanted: Called,
        from_bits: float = -8.0,
        file: str = FILE,
        test: bool = False,
        refresh: bool = True,
    ) -> list[Matches]:
        """What is found of each, in a transaction of its own."""
        async with self.line.transaction():
            if refresh:
                await self.people.refresh(self.line)
            books = (self.people.books.number(file, test),)
            return await self.people.search(
                self.line, [Sought(one, tuple(filter(None, books)), from_bits=from_bits) for one in wanted]
            )

    async def found(self, wanted: Called, from_bits: float = -8.0, file: str = FILE) -> dict[int, Match]:
        """The records found, the strongest first."""
        [matches] = await self.search(wanted, from_bits=from_bits, file=file)
        return {match.record: match for match in matches.found}

    async def count(self) -> None:
        assert await count_people(self.line)

    async def rows(self, *tables: str) -> dict[str, list[tuple[object, ...]]]:
        """All that stands in these tables, in order; the last count of a word or file is no part of it."""
        found = {}
        for table in tables or TABLES:
            columns = {"name_token": "id, token, idle", "name_book": "id, file, test"}.get(table, "*")
            rows = await self.line.fetch(f"select {columns} from {table}")
            found[table] = sorted(tuple(tuple(v) if isinstance(v, list) else v for v in row) for row in rows)
        return found


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[Index]:
    """A process of its own at an index."""
    line = await asyncpg.connect(dsn, timeout=10, command_timeout=60, server_settings={"jit": "off"})
    try:
        yield Index(line)
    finally:
        await line.close(timeout=10)


def invented(size: int, seed: int = 1) -> list[Called]:
    """People of made-up names, a few of them common and most of them rare, born on all days of fifty years."""
    dice = Random(seed)
    lasts = sorted({word(dice) for _ in range(size // 4 + 40)})
    firsts = sorted({word(dice) for _ in range(size // 40 + 40)})

    def one(names: list[str]) -> str:
        return names[int(len(names) * dice.random() ** 2)]

    return [
        called(
            one(lasts), one(firsts), one(firsts) if dice.random() < 0.5 else "",
            dob=dice.randrange(1945, 2005) * 10_000 + dice.randrange(1, 13) * 100 + dice.randrange(1, 29),
            sex=dice.choice("MF"),
        )
        for _ in range(size)
    ]  # fmt: skip


def word(dice: Random) -> str:
    """A made-up name of two to four syllables."""
    return "".join(dice.choice(_ONSETS) + dice.choice(_RIMES) for _ in range(dice.choice((2, 2, 3, 3, 4))))
