"""Counts the index of people: how common each name and each birth date is, and which words nobody has any more.

It never holds anybody up: the counting reads, and the removal of unused words takes two statements for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import asyncpg
import msgspec
import numpy as np
from numpy.typing import NDArray

from wireroom.records.matching.burdening import burden
from wireroom.records.matching.circles import circles_of
from wireroom.records.matching.keeping import KEEPING_LOCK, LOCK_ALONE, SPELLED

Connection = asyncpg.Connection
LOCK_TIMEOUT = "set local lock_timeout = '5s'"
STATEMENT_TIMEOUT = "set local statement_timeout = '15min'"
ONE_AT_A_TIME = "select pg_try_advisory_lock(7301003)"
DONE = "select pg_advisory_unlock(7301003)"
MARK_IDLE = """
update name_token set idle = true where last = 0 and given = 0 and not idle
"""
COUNT_TOKENS = """
create temporary table counted as
select id, sum(last)::int as last, sum(given)::int as given, true as used from (
    select unnest(last) as id, 1 as last, 0 as given from person
    union all select given[1], 0, 1 from person where cardinality(given) > 0
    union all select unnest(given[2:]), 0, 0 from person where cardinality(given) > 1) as each group by id
"""
# Counts that hardly moved are left as they are: a row rewritten is a row to be vacuumed.
WRITE_COUNTS = """
update name_token t set last = coalesce(c.last, 0), given = coalesce(c.given, 0)
  from name_token old left join counted c on c.id = old.id
 where t.id = old.id
   and (abs(t.last - coalesce(c.last, 0)) > t.last / 20 or abs(t.given - coalesce(c.given, 0)) > t.given / 20)
"""
SWEEP = """
delete from name_token t where t.idle and not exists (select from counted c where c.id = t.id)
"""
WAKE_REST = "update name_token set idle = false where idle"
COUNT_BOOKS = """
update name_book b set people = coalesce(c.people, 0)
  from name_book old left join (select book, count(*) as people from person group by book) c on c.book = old.id
 where b.id = old.id
"""
BIRTHS = """
select dob / 10000 as year, dob % 10000 as day, count(*) as births from person where dob > 0 group by 1, 2
"""
WRITE_CENSUS = """
insert into name_census (id, generation, spelled, years, days, circles) values (1, 1, $1, $2::jsonb, $3::jsonb, $4)
on conflict (id) do update
   set generation = name_census.generation + 1, spelled = $1, years = $2::jsonb, days = $3::jsonb, circles = $4
"""
# Last and first names of a sample of people, with how often they occur together; the commoner names alone.
SAMPLE_MAX = 1_000_000
SAMPLE = """
select string_agg(int4send(last) || int4send(given) || int4send(many), ''::bytea) from (
    select p.last[1] as last, p.given[1] as given, count(*)::int as many from person p
      join counted l on l.id = p.last[1] and l.last >= 4
      join counted g on g.id = p.given[1] and g.given >= 4
     where p.record % $1 = 0
     group by 1, 2) as each
"""
TOKENS_IN_ORDER = "select string_agg(int4send(id), ''::bytea order by token) from name_token"
# Added to what was counted, so that a few births do not tell how all spread.
_EVEN_YEARS, _EVEN_DAYS = 60.0, 0.2


async def count(connection: Connection) -> bool:
    """Counts everything anew, in its own transactions; False where another process is at it."""
    if not await connection.fetchval(ONE_AT_A_TIME):
        return False
    try:
        await _alone(connection, lambda: connection.execute(MARK_IDLE))
        async with connection.transaction():
            await connection.execute(STATEMENT_TIMEOUT)
            await connection.execute("drop table if exists pg_temp.counted")
            await connection.execute(COUNT_TOKENS)
            await connection.execute("create index on counted (id)")
            await connection.execute("analyze counted")
            years, days = await _births(connection)
            circles = await _circles(connection)
            await connection.execute(WRITE_COUNTS)
            await connection.execute(COUNT_BOOKS)
            await connection.execute(WRITE_CENSUS, SPELLED, _json(years), _json(days), circles)
        await _alone(connection, lambda: connection.execute(f"{SWEEP}; {WAKE_REST}"))
        await burden(connection)
    finally:
        await connection.execute("drop table if exists pg_temp.counted")
        await connection.fetchval(DONE)
    return True


async def _alone(connection: Connection, work: Callable[[], Coroutine[object, object, object]]) -> None:
    """Does a short piece of work while nobody writes names."""
    async with connection.transaction():
        await connection.execute(LOCK_TIMEOUT)
        await connection.execute(LOCK_ALONE, KEEPING_LOCK)
        await work()


async def _births(connection: Connection) -> tuple[dict[int, float], dict[int, float]]:
    """Shares of births by year and by day of the year; few births are mixed with an even spread."""
    years = dict.fromkeys(range(1930, 2010), _EVEN_YEARS)
    days = {month * 100 + day: _EVEN_DAYS for month in range(1, 13) for day in range(1, 32)}
    for row in await connection.fetch(BIRTHS):
        years[row["year"]] = years.get(row["year"], 0.0) + row["births"]
        days[row["day"]] = days.get(row["day"], 0.0) + row["births"]
    all_years, all_days = sum(years.values()), sum(days.values())
    return {y: n / all_years for y, n in years.items()}, {d: n / all_days for d, n in days.items()}


async def _circles(connection: Connection) -> bytes:
    """Which names go together, from at most a million people; worked out beside the loop, for it takes seconds."""
    people = await connection.fetchval("select coalesce(sum(last), 0) from counted")
    packed = await connection.fetchval(SAMPLE, people // SAMPLE_MAX + 1)
    if not packed:
        return b""
    order = np.frombuffer(await connection.fetchval(TOKENS_IN_ORDER), ">i4").astype(np.int64)
    rows = np.frombuffer(packed, ">i4").reshape(-1, 3).astype(np.int64)
    return await asyncio.to_thread(_in_order, rows, order)


def _in_order(rows: NDArray[np.int64], order: NDArray[np.int64]) -> bytes:
    """The circles of a sample, worked out in the order of the alphabet: in which order names came must not matter."""
    places = np.empty(int(order.max()) + 1, np.int64)
    places[order] = np.arange(len(order))
    last, given = places[rows[:, 0]], places[rows[:, 1]]
    sorting = np.lexsort((given, last))
    return circles_of(last[sorting], given[sorting], rows[sorting, 2].astype(float), order)


def _json(shares: dict[int, float]) -> str:
    return msgspec.json.encode({str(key): round(share, 9) for key, share in shares.items()}).decode()
