"""Searches for persons outside the message path: for the command line, and for measuring how well people are found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue, name_fields
from wireroom.records.find import (
    BY_IDENTIFIER,
    BY_PLACE,
    HITS_MAX,
    few_enough,
    number_line,
    tier_of,
)  # fmt: skip
from wireroom.records.life import IN_FORCE
from wireroom.records.matching.dates import UNKNOWN
from wireroom.records.matching.evidence import Line
from wireroom.records.matching.keeping import Called
from wireroom.records.matching.people import Match, Matches, People
from wireroom.records.matching.probing import Sought
from wireroom.records.matching.published import Rule, search_published
from wireroom.records.near_found import Sought as Number
from wireroom.records.near_found import near_found
from wireroom.records.vault import Vault

FROM_BITS = -20.0


class PersonAsked(msgspec.Struct, frozen=True):
    """A person asked for: a name with what is known of its bearer, and in which files."""

    called: Called
    numbers: tuple[
        tuple[str, str, bool], ...
    ] = ()  # index, canonical value, whether the index holds keyed hashes
    files: tuple[str, ...] = ()  # codes; empty: every file of the holder that has names
    test: bool = False


class PersonFound(msgspec.Struct, frozen=True):
    """A record that may be the person's. Number, owner and fields are read for the best of them only."""

    file: str
    record: int
    number: str
    bits: float
    tier: str  # strong, possible, wide or beyond
    lines: tuple[Line, ...]
    owner: str = ""
    stored: str = ""  # the fields' JSON, secrets sealed


class _Reached(msgspec.Struct, frozen=True):
    """A record that a number reached."""

    row: asyncpg.Record
    line: Line
    sure: bool


class _One(msgspec.Struct, frozen=True):
    """A record on its way to be told."""

    place: tuple[str, int]
    bits: float
    lines: tuple[Line, ...]
    sure: bool
    exact: bool = False


_ByPlace = dict[tuple[str, int], _Reached]


class Persons:
    """Searches one holder's files for persons, by names and by numbers. Holds no connection."""

    def __init__(
        self, catalogue: Catalogue, source: Source, vault: Vault, people: People, rule: Rule = Rule.BITS
    ) -> None:
        self.files = tuple(
            file.code for file in catalogue.files.values() if source in file.held_by and name_fields(file)
        )
        self._vault = vault
        self._people = people
        self._rule = rule

    async def search(
        self, connection: asyncpg.Connection, asked: Sequence[PersonAsked], from_bits: float = FROM_BITS
    ) -> list[list[PersonFound]]:
        """Who may be each person, the strongest first. In the caller's transaction."""
        reached = await self._reached(connection, asked)
        await self._people.refresh(connection)
        sought = [self._sought(one, reached[n], from_bits) for n, one in enumerate(asked)]
        several = (
            await self._people.search(connection, sought)
            if self._rule is Rule.BITS
            else await search_published(connection, self._people, self._rule, sought)
        )
        ordered = [self._ordered(matches, reached[n]) for n, matches in enumerate(several)]
        rows = await self._rows(connection, ordered, reached)
        return [
            self._found(one, ordered[n], {place: hit.row for place, hit in reached[n].items()} | rows[n])
            for n, one in enumerate(asked)
        ]

    # ----------------------------------------------------------------------- by numbers

    async def _reached(
        self, connection: asyncpg.Connection, asked: Sequence[PersonAsked]
    ) -> defaultdict[int, _ByPlace]:
        """The records that each person's numbers reach, whole ones first."""
        exact: list[tuple[int, str, str, bool]] = []
        nearly: list[Number] = []
        for n, one in enumerate(asked):
            files = ",".join(one.files or self.files)
            for index, value, secret in one.numbers:
                exact.append((n, index, self._vault.blind(index, value) if secret else value, one.test))
                nearly.append(
                    Number(place=n, index=index, value=value, files=files, test=one.test, secret=secret)
                )
        found: defaultdict[int, _ByPlace] = defaultdict(dict)
        if not exact:
            return found
        rows = await connection.fetch(BY_IDENTIFIER, *zip(*exact, strict=True))
        slips = await near_found(connection, self._vault, nearly)
        for row, slip in (*((row, False) for row in rows), *((row, True) for row in slips)):
            one = asked[row["n"]]
            if row["file"] in (one.files or self.files) and row["status"] in IN_FORCE:
                value, secret = next(
                    (value, secret) for index, value, secret in one.numbers if index == row["how"]
                )
                line = number_line(row, value, slip=slip, secret=secret)
                found[row["n"]].setdefault((row["file"], row["id"]), _Reached(row, line, not slip))
        return found

    # ----------------------------------------------------------------------- by names

    def _sought(self, one: PersonAsked, reached: _ByPlace, from_bits: float) -> Sought:
        books = {file: self._people.books.number(file, one.test) for file in one.files or self.files}
        return Sought(
            one.called,
            tuple(book for book in books.values() if book),
            tuple((books[file], record) for file, record in reached if books[file]),
            from_bits,
        )

    def _ordered(self, matches: Matches, reached: _ByPlace) -> list[_One]:
        """All that was found, the strongest first, what a whole number reached before all else."""
        found: dict[tuple[str, int], _One] = {}
        for match in matches.found:
            place = self._place(match)
            hit = reached.get(place)
            lines, bits = match.lines, match.bits
            if hit is not None:
                lines, bits = (hit.line, *lines), bits + hit.line.bits
            found[place] = _One(place, bits, lines, hit is not None and hit.sure, match.exact)
        for place, hit in reached.items():
            if hit.sure and place not in found:
                found[place] = _One(place, hit.line.bits, (hit.line,), True)
        return sorted(found.values(), key=lambda one: (not one.sure, -round(one.bits, 6), one.place))

    def _place(self, match: Match) -> tuple[str, int]:
        return self._people.books.file(match.book)[0], match.record

    # ----------------------------------------------------------------------- what is told

    async def _rows(
        self,
        connection: asyncpg.Connection,
        ordered: Sequence[Sequence[_One]],
        reached: Mapping[int, _ByPlace],
    ) -> list[dict[tuple[str, int], asyncpg.Record]]:
        """The records of the best of each person's that no number has brought."""
        wanted = [
            (n, *one.place)
            for n, several in enumerate(ordered)
            for one in several[:HITS_MAX]
            if one.place not in reached.get(n, {})
        ]
        rows: list[dict[tuple[str, int], asyncpg.Record]] = [{} for _ in ordered]
        if wanted:
            for row in await connection.fetch(BY_PLACE, *zip(*wanted, strict=True)):
                rows[row["n"]][row["file"], row["id"]] = row
        return rows

    def _found(
        self,
        asked: PersonAsked,
        ordered: Sequence[_One],
        rows: Mapping[tuple[str, int], asyncpg.Record],
    ) -> list[PersonFound]:
        tiers = [tier_of(one.bits, sure=one.sure) for one in ordered]
        # What is possible, but one too many, is counted by an answer and not shown: as what is wide.
        uncertain = [n for n, one in enumerate(ordered) if tiers[n] == "possible" and not one.exact]
        fit = few_enough([ordered[n].bits for n in uncertain], dated=asked.called.dob != UNKNOWN)
        for n in uncertain[fit:]:
            tiers[n] = "wide"
        told = []
        for one, tier in zip(ordered, tiers, strict=True):
            row = rows.get(one.place)
            about = ("", "", "") if row is None else (row["number"], row["owner"], row["fields"])
            told.append(PersonFound(*one.place, about[0], one.bits, tier, one.lines, *about[1:]))
        return told
