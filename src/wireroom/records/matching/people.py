"""Searches the index of people: a batch of persons asked for, two statements, each find with its evidence."""

from __future__ import annotations

import math
from collections.abc import Sequence

import asyncpg
import msgspec
import numpy as np
from numpy.typing import NDArray

from wireroom.records.matching.circles import NO_CIRCLES, read_circles
from wireroom.records.matching.dates import UNKNOWN, Almanac, Calendar, even_calendar
from wireroom.records.matching.evidence import (
    POSSIBLE,
    Line,
    Recorded,
    Weighed,
    size_bits,
    weigh,
)  # fmt: skip
from wireroom.records.matching.keeping import Books, pair_of
from wireroom.records.matching.likeness import Likenesses
from wireroom.records.matching.probing import Probe, Prober, Sought, array, estimate, signature
from wireroom.records.matching.vocabulary import Vocabulary

WEIGHED_MAX = 60  # names weighed in full for one inquiry
MARGIN = 4.0  # bits that the first estimate may be too low: a middle name, a second last name

_FOUND = np.dtype(
    [("pair", ">i8"), ("dob", ">i4"), ("book", ">i2"), ("record", ">i8"), ("place", ">i2"), ("traits", ">i2")]
)

# Everything that changes under other processes' hands, in one statement: words, files, and whether they were counted.
# The planner's guesses about arrays would now and then choose to read whole tables: they are switched off for the
# rest of the transaction, whose other statements all go by keys.
REFRESH = """
select 0 as what, set_config('enable_seqscan', 'off', true) as text, 0::bigint as a, 0 as b, 0 as c
 union all select 1, set_config('enable_hashjoin', 'off', true), 0, 0, 0
 union all select 2, set_config('enable_bitmapscan', 'off', true), 0, 0, 0
 union all select 3, '', generation, 0, 0 from name_census
 union all select 5, file, people, id, test::int from name_book
 union all (select 4, token, id, last, given from name_token where id > $1 order by id)
"""
CENSUS = "select generation, years::text as years, days::text as days, circles from name_census"
COUNTS = """
select string_agg(int4send(id) || int4send(last) || int4send(given), ''::bytea order by id) from name_token
"""
# One row for each inquiry with all it found, packed. The four passes: rare pairs of names whatever the birth date;
# other pairs with a birth date near in some way; the nearest dates where either name is like one asked, told by a
# signature of a bit for each number; and the last names as typed with every date near.
#
# Arrays come as text, which the driver sends ten times as fast, and are read once, behind the fence of an OFFSET. A
# LIMIT in each branch keeps the planner to the index, whatever it believes of an array's length.
CANDIDATES = """
select q.n,
       string_agg(int8send(c.pair) || int4send(c.dob) || int2send(c.book) || int8send(c.record) || int2send(c.place)
                  || int2send(c.traits), ''::bytea) as found
  from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::text[])
       as q(n, rare, common, near, close, own, sign, book)
 cross join lateral (
        select q.rare::bigint[] as rare, q.common::bigint[] as common, q.near::int[] as near, q.close::int[] as close,
               q.own::bigint[] as own, q.book::smallint[] as book offset 0) as a
 cross join lateral (
        (select p.pair, p.dob, p.book, p.record, p.place, p.traits from name_pair p
          where p.pair = any(a.rare) and p.book = any(a.book) limit 12000)
        union all
        (select p.pair, p.dob, p.book, p.record, p.place, p.traits from name_pair p
          where p.pair = any(a.common) and p.dob = any(a.near) and p.book = any(a.book) limit 4000)
        union all
        (select p.pair, p.dob, p.book, p.record, p.place, p.traits from name_pair p
          where p.dob = any(a.close) and p.book = any(a.book)
            and (get_bit(q.sign, ((p.pair >> 31) & 16383)::int) = 1
                 or get_bit(q.sign, (16384 + (p.pair & 16383))::int) = 1)
          limit 4000)
        union all
        (select p.pair, p.dob, p.book, p.record, p.place, p.traits
           from unnest(a.own) as o(pair)
          cross join lateral (
                 select p.pair, p.dob, p.book, p.record, p.place, p.traits from name_pair p
                  where p.dob = any(a.near) and p.pair >= o.pair and p.pair < o.pair + 2147483648
                    and p.book = any(a.book)
                  limit 1000) as p)) as c
 group by q.n
"""
PERSONS = """
select q.n, p.book, p.record, p.place, p.last, p.given, p.suffix, p.dob, p.sex
  from unnest($1::int[], $2::smallint[], $3::bigint[], $4::smallint[]) as q(n, book, record, place)
  join person p on p.book = q.book and p.record = q.record and (q.place < 0 or p.place = q.place)
"""


class Match(msgspec.Struct, frozen=True):
    """One record with the best of its names, its strength in bits, and the evidence for it."""

    book: int
    record: int
    bits: float
    lines: tuple[Line, ...]
    dob: int = 0  # of the name that matched best
    exact: bool = False  # name and birth date are as asked
    alone: float = 0.0  # its strength if there were no rivals


class Matches(msgspec.Struct, frozen=True):
    """What a search found, the strongest first; and who bears exactly the name asked."""

    found: tuple[Match, ...]
    namesakes: tuple[tuple[int, int], ...] = ()  # book and record of those of just this name, found or not
    unweighed: tuple[
        tuple[int, int], ...
    ] = ()  # of those who may be possible, but are one too many to be weighed


class People:
    """One database's index of people, as a process holds it. Every method works in the caller's transaction."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.books = Books()
        self.likenesses = Likenesses(self.vocabulary)
        self.prober = Prober(self.likenesses, self.books)
        self.almanac = Almanac(even_calendar())
        self.circles = NO_CIRCLES
        self._generation = -1

    async def refresh(self, connection: asyncpg.Connection) -> None:
        """Takes in what others have added since the last time. Before each batch: a search then misses nothing."""
        rows = await connection.fetch(REFRESH, self.vocabulary.newest)
        generation = -1
        tokens: list[tuple[int, str, int, int]] = []
        for row in rows:
            if row["what"] == 3:
                generation = row["a"]
            elif row["what"] == 4 and row["a"] > self.vocabulary.newest:
                tokens.append((row["a"], row["text"], row["b"], row["c"]))
        self.books.learn(
            (row["b"], row["text"], bool(row["c"]), row["a"]) for row in rows if row["what"] == 5
        )
        self.vocabulary.add(tokens)
        if tokens:
            self.prober.forget()
        if generation != self._generation:
            await self._recount(connection)

    async def _recount(self, connection: asyncpg.Connection) -> None:
        row = await connection.fetchrow(CENSUS)
        packed = await connection.fetchval(COUNTS)
        if row is not None:
            years = {
                int(year): share
                for year, share in msgspec.json.decode(row["years"], type=dict[str, float]).items()
            }
            days = {
                int(day): share
                for day, share in msgspec.json.decode(row["days"], type=dict[str, float]).items()
            }
            if years and days:
                self.almanac = Almanac(Calendar(years, days))
            self.circles = read_circles(row["circles"])
        if packed:
            counts = np.frombuffer(packed, np.dtype(">i4")).reshape(-1, 3).astype(np.int64)
            self.vocabulary.count(counts)
        self.likenesses.recount()
        self.prober.forget()
        self._generation = -1 if row is None else row["generation"]

    async def search(self, connection: asyncpg.Connection, sought: Sequence[Sought]) -> list[Matches]:
        """Who may be the persons asked for, each with its evidence."""
        probes = [self.prober.probe(one, self.almanac) for one in sought]
        found = await self._candidates(connection, probes)
        chosen = [self._chosen(probe, rows) for probe, rows in zip(probes, found, strict=True)]
        persons = await self._persons(connection, probes, [weighed for weighed, _ in chosen])
        return [
            msgspec.structs.replace(self._matches(probe, rows, recorded), unweighed=unweighed)
            for probe, rows, recorded, (_, unweighed) in zip(probes, found, persons, chosen, strict=True)
        ]

    # ----------------------------------------------------------------------- asking the index

    async def _candidates(
        self, connection: asyncpg.Connection, probes: Sequence[Probe]
    ) -> list[NDArray[np.void]]:
        """The index rows of each probe."""
        rows = await connection.fetch(
            CANDIDATES,
            list(range(len(probes))),
            [array(probe.rare) for probe in probes],
            [array(probe.common) for probe in probes],
            [probe.asked.dates.near_array for probe in probes],
            [probe.asked.dates.nearest_array for probe in probes],
            [array(probe.own) for probe in probes],
            [signature(probe) for probe in probes],
            [array(probe.sought.books) for probe in probes],
        )
        found = [np.empty(0, _FOUND)] * len(probes)
        for row in rows:
            found[row["n"]] = np.frombuffer(row["found"], _FOUND)
        return found

    def _chosen(
        self, probe: Probe, rows: NDArray[np.void]
    ) -> tuple[list[tuple[int, int, int]], tuple[tuple[int, int], ...]]:
        """Book, record and place of the candidates worth weighing: the best by what the index row alone says.

        And the records of those that may be possible too, but are one too many.
        """
        reached = [(book, record, -1) for book, record in probe.sought.reached]
        if not len(rows):
            return reached, ()
        bits = estimate(probe, rows)
        order = np.argsort(-bits, kind="stable")
        chosen: dict[tuple[int, int, int], None] = dict.fromkeys(reached)
        floors = {
            book: probe.sought.from_bits - MARGIN - size_bits(self.books.people(book))
            for book in probe.sought.books
        }
        for rank, place in enumerate(order.tolist(), 1):
            row = rows[place]
            if bits[place] < floors[int(row["book"])]:
                continue
            chosen[(int(row["book"]), int(row["record"]), int(row["place"]))] = None
            if len(chosen) >= WEIGHED_MAX + len(reached):
                rest = order[rank:]
                lowest = max(floors.values()) + MARGIN - probe.sought.from_bits + POSSIBLE
                rest = rest[bits[rest] >= lowest]
                records = zip(rows["book"][rest].tolist(), rows["record"][rest].tolist(), strict=True)
                return list(chosen), tuple(dict.fromkeys(records))
        return list(chosen), ()

    async def _persons(
        self,
        connection: asyncpg.Connection,
        probes: Sequence[Probe],
        chosen: Sequence[Sequence[tuple[int, int, int]]],
    ) -> list[list[Recorded]]:
        wanted = [(n, *one) for n, several in enumerate(chosen) for one in several]
        found: list[list[Recorded]] = [[] for _ in probes]
        if not wanted:
            return found
        for row in await connection.fetch(PERSONS, *map(list, zip(*wanted, strict=True))):
            found[row["n"]].append(
                Recorded(
                    row["book"],
                    row["record"],
                    row["place"],
                    tuple(row["last"]),
                    tuple(row["given"]),
                    row["suffix"],
                    row["dob"],
                    row["sex"],
                )
            )
        return found

    # ----------------------------------------------------------------------- weighing

    def _matches(self, probe: Probe, rows: NDArray[np.void], recorded: Sequence[Recorded]) -> Matches:
        best: dict[tuple[int, int], Weighed] = {}
        text_of = self.texts(sorted({number for one in recorded for number in one.given}))
        for one in recorded:
            weighed = weigh(probe.asked, one, text_of, self.circles)
            held = best.get((one.book, one.record))
            if held is None or weighed.bits > held.bits:
                best[(one.book, one.record)] = weighed
        reached = set(probe.sought.reached)
        found = []
        for (book, record), weighed in best.items():
            size = size_bits(self.books.people(book))
            bits = weighed.bits + size
            lines = (*weighed.lines, Line("size of the file", size))
            if weighed.exact and bits < POSSIBLE:
                lines = (*lines, Line("name and birth date exactly as asked", POSSIBLE - bits))
                bits = POSSIBLE
            if weighed.ceiling is not None and bits > weighed.ceiling.bits:
                lines = (*lines, Line(weighed.ceiling.text, weighed.ceiling.bits - bits))
                bits = weighed.ceiling.bits
            if bits >= probe.sought.from_bits or (book, record) in reached:
                dob = weighed.recorded.dob
                found.append(Match(book, record, bits, lines, dob, weighed.exact, bits))
        found = _among_rivals(found)
        return Matches(tuple(found), self._namesakes(probe, rows))

    def _namesakes(self, probe: Probe, rows: NDArray[np.void]) -> tuple[tuple[int, int], ...]:
        """The records of just this first and last name, and of just this birth date where one is asked."""
        slots, ids = self.vocabulary.slots, self.vocabulary.ids
        name = probe.asked.name
        pairs = [
            pair_of(int(ids[slots[last]]), int(ids[slots[name.given[0]]]))
            for last in name.last
            if last in slots and name.given and name.given[0] in slots
        ]
        here = rows[np.isin(rows["pair"], pairs)]
        if probe.asked.dates.asked != UNKNOWN:
            here = here[here["dob"] == probe.asked.dates.asked]
        return tuple(dict.fromkeys(zip(here["book"].tolist(), here["record"].tolist(), strict=True)))

    def texts(self, numbers: Sequence[int]) -> dict[int, str]:
        """The tokens of these numbers, those that are held."""
        if not numbers or not len(self.vocabulary):
            return {}
        vocabulary = self.vocabulary
        slots = np.minimum(np.searchsorted(vocabulary.ids, numbers), len(vocabulary) - 1).tolist()
        return {
            number: vocabulary.tokens[slot]
            for number, slot in zip(numbers, slots, strict=True)
            if vocabulary.ids[slot] == number
        }


def _among_rivals(found: Sequence[Match]) -> list[Match]:
    """The matches with what each loses to the others who are certainly somebody else, the strongest first.

    Of twenty people of one name none can be likelier than one in twenty. A rival that is stronger counts as no more
    than an equal: the same person may stand in two records, under two birth dates.
    """
    fitting: list[Match] = []
    for match in found:
        others = sum(
            2.0 ** min(other.bits, match.bits)
            for other in found
            if other is not match and other.dob and match.dob and other.dob != match.dob
        )
        loss = 0.0 if match.exact else -math.log2(1.0 + others)
        if loss < -0.05:
            lines = (*match.lines, Line("others who fit", loss))
            match = msgspec.structs.replace(match, bits=match.bits + loss, lines=lines)
        fitting.append(match)
    return sorted(fitting, key=lambda match: (-match.bits, match.book, match.record))
