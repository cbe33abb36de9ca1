"""Finds the records of numbers near the one asked, and of numbers of which a part is known, in one statement each."""

from __future__ import annotations

from collections.abc import Iterable

import asyncpg
import msgspec

from wireroom.catalog.kinds import Bad
from wireroom.records.near import near
from wireroom.records.parts_known import part, pattern_of
from wireroom.records.vault import Vault

FOUND_MAX = 26  # one more than an answer holds tells that there are too many: nothing is cut in silence

# Of both statements: training is told from live, and what the message's state or type parts from it is left out,
# before anything is counted or cut; a field that a record has not parts nothing. A record has at most 50 numbers of an
# index, so 1,300 numbers are 26 records. "offset 0" keeps the look-up of a record a loop over its key, and the
# sub-selects keep the number of inquiries out of the plan, so that it is made once and not for each batch.

# An array is looked up in one scan, in the order of the index, so neighbours in it are read from one page.
BY_NEAR = """
with asked as materialized (
    select n, kind, string_to_array(near, ',') as near, test, string_to_array(files, ',') as files,
           narrow::jsonb as narrow
      from unnest((select $1::int[]), (select $2::text[]), (select $3::text[]), (select $4::bool[]),
                  (select $5::text[]), (select $6::text[])) as q(n, kind, near, test, files, narrow))
select q.n, r.file, r.id, r.number, r.owner, r.status, r.fields::text as fields, r.due_at, q.kind as how,
       q.near[found.rank] as value, found.rank
  from asked q
 cross join lateral (
        select reached.file, reached.record, min(array_position(q.near, reached.value)) as rank from (
            select i.file, i.record, i.value from identifier i
             cross join lateral (
                    select from record r
                     where r.file = i.file and r.id = i.record and r.test = q.test
                       and not exists (select from jsonb_each_text(q.narrow) as w(code, value)
                                        where r.fields ->> w.code <> w.value)
                    offset 0) as kept
             where i.kind = q.kind and i.value = any(q.near) and i.file = any(q.files)
             limit 1300) as reached
         group by reached.file, reached.record
         order by rank
         limit 26) as found
 cross join lateral (select * from record r where r.file = found.file and r.id = found.record offset 0) as r
 order by q.n, found.rank
"""

# A stretch of the index is read forward by the identifiers' own key, or by the key of the numbers turned round.
BY_PART = """
with asked as materialized (
    select n, kind, fit, backward, string_to_array(lows, ',') as lows, string_to_array(highs, ',') as highs, test,
           string_to_array(files, ',') as files, narrow::jsonb as narrow
      from unnest((select $1::int[]), (select $2::text[]), (select $3::text[]), (select $4::bool[]),
                  (select $5::text[]), (select $6::text[]), (select $7::bool[]), (select $8::text[]),
                  (select $9::text[]))
           as q(n, kind, fit, backward, lows, highs, test, files, narrow))
select q.n, r.file, r.id, r.number, r.owner, r.status, r.fields::text as fields, r.due_at, q.kind as how, found.value
  from asked q
 cross join lateral (
        select reached.file, reached.record, min(reached.value) as value from (
            select i.file, i.record, i.value from unnest(q.lows, q.highs) as span(low, high)
             cross join lateral (
                    select i.file, i.record, i.value from identifier i
                     where not q.backward and i.kind = q.kind and i.value >= span.low and i.value < span.high
                       and i.value like q.fit and i.file = any(q.files)
                    union all
                    select i.file, i.record, i.value from identifier i
                     where q.backward and i.kind = q.kind and i.kind in ('LIC', 'VIN')
                       and reverse(i.value) >= span.low and reverse(i.value) < span.high
                       and i.value like q.fit and i.file = any(q.files)
                    offset 0) as i
             cross join lateral (
                    select from record r
                     where r.file = i.file and r.id = i.record and r.test = q.test
                       and not exists (select from jsonb_each_text(q.narrow) as w(code, value)
                                        where r.fields ->> w.code <> w.value)
                    offset 0) as kept
             limit 1300) as reached
         group by reached.file, reached.record
         limit 26) as found
 cross join lateral (select * from record r where r.file = found.file and r.id = found.record offset 0) as r
 order by q.n, found.value
"""


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """One number of one inquiry, and what its records must be."""

    place: int  # of the inquiry in its batch
    index: str
    value: str  # canonical, in the clear
    files: str  # codes of the files that answer, with commas
    test: bool
    secret: bool = False  # whether the index holds keyed hashes
    narrow: tuple[tuple[str, str], ...] = ()  # fields that part two records of one number


async def near_found(
    connection: asyncpg.Connection, vault: Vault, sought: Iterable[Sought]
) -> list[asyncpg.Record]:
    """Records of numbers near those sought, at most 26 for each; `rank` is a place in `near`, from 1."""
    probes = [probe for one in sought if (probe := near_probe(one, vault)) is not None]
    return await connection.fetch(BY_NEAR, *zip(*probes, strict=True)) if probes else []


async def part_found(connection: asyncpg.Connection, sought: Iterable[Sought]) -> list[asyncpg.Record]:
    """Records of numbers that fit what is known of those sought, at most 26 for each."""
    probes = [probe for one in sought if (probe := part_probe(one)) is not None]
    return await connection.fetch(BY_PART, *zip(*probes, strict=True)) if probes else []


def near_probe(one: Sought, vault: Vault) -> tuple[int, str, str, bool, str, str] | None:
    """A row of what BY_NEAR takes; none where nothing is near."""
    values = near(one.index, one.value)
    if one.secret:
        values = tuple([vault.blind(one.index, value) for value in values])
    return (one.place, one.index, ",".join(values), one.test, one.files, _narrow(one)) if values else None


def part_probe(one: Sought) -> tuple[int, str, str, bool, str, str, bool, str, str] | None:
    """A row of what BY_PART takes; none where a whole number is sought, or too little of it is known."""
    pattern = pattern_of(one.index, one.value)
    known = part(pattern, one.index) if pattern else Bad("is whole")
    if isinstance(known, Bad):
        return None
    lows, highs = (",".join(ends) for ends in zip(*known.ranges, strict=True))
    return (one.place, one.index, known.like, known.backward, lows, highs, one.test, one.files, _narrow(one))


def _narrow(one: Sought) -> str:
    return msgspec.json.encode({code: value for code, value in one.narrow if value}).decode()
