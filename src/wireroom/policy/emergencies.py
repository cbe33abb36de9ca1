"""Emergencies: inquiries for which a rule gave way, and what a supervisor says of each within a day.

Whoever declares one owes an explanation. Until somebody else has looked at it, no further emergency of theirs counts
once its day is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from wireroom.message.acting import As, transaction
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.role import Role

if TYPE_CHECKING:  # generic in the stubs only
    Pool = asyncpg.Pool[asyncpg.Record] | As
    Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection

WITHIN = timedelta(hours=24)
WORDS_MAX = 500
LISTED_MAX = 1000
MAY_EXPLAIN = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.DOJ})


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """One emergency, and what became of it."""

    number: int  # of the journal's entry
    person: str
    ori: str
    rule: str  # what gave way
    at: datetime
    due_at: datetime
    explained_at: datetime | None = None
    explained_by: str = ""
    stands: bool | None = None  # whether whoever looked at it found that it was one
    words: str = ""


_ADD = """
INSERT INTO emergency (number, person, ori, rule, at, due_at)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[])
ON CONFLICT (number) DO NOTHING
"""
_LIST = """
SELECT number, person, ori, rule, at, due_at, explained_at, explained_by, stands, words FROM emergency
WHERE ($1 = '' OR ori = $1) AND ($2 OR explained_at IS NULL) ORDER BY at DESC LIMIT $3
"""
_ONE = "SELECT person, ori, explained_at FROM emergency WHERE number = $1 FOR UPDATE"
_WHO = "SELECT role, ori, name FROM account WHERE id = $1 AND enabled"
_NAME = "SELECT name FROM account WHERE id = $1"
_EXPLAIN = (
    "UPDATE emergency SET explained_at = $2, explained_by = $3, stands = $4, words = $5 WHERE number = $1"
)


async def declare(connection: Connection, rows: Iterable[tuple[int, str, str, str, datetime]]) -> None:
    """Write emergencies down: number, person, agency, the rule that gave way, when. In the caller's transaction."""
    several = list(rows)
    if several:
        columns = [list(column) for column in zip(*several, strict=True)]
        await connection.execute(_ADD, *columns, [row[4] + WITHIN for row in several])


async def listed(pool: Pool, ori: str = "", *, every: bool = False) -> tuple[Declared, ...]:
    """Emergencies of an agency, or of all: those that wait to be explained, or every one; the newest first."""
    return tuple(
        msgspec.convert(dict(row), Declared) for row in await pool.fetch(_LIST, ori, every, LISTED_MAX)
    )


async def explain(pool: Pool, number: int, words: str, *, stands: bool, by: str, now: datetime) -> None:
    """Somebody else's word on an emergency. Raises Unfit, Unknown, or Taken where it was given already."""
    if not words.strip() or len(words) > WORDS_MAX or not words.isprintable():
        raise Unfit(f"say in at most {WORDS_MAX} printable characters what was found")
    async with transaction(pool) as connection:
        one = await connection.fetchrow(_ONE, number)
        who = await connection.fetchrow(_WHO, by)
        if who is None or who["role"] not in MAY_EXPLAIN:
            raise Unfit(f"{by} explains no emergencies: name a supervisor, an administrator, or one of DOJ")
        if one is None or (who["role"] != Role.DOJ and one["ori"] != who["ori"]):
            raise Unknown(
                f"there is no emergency {number} of the agency of {by}: see `wireroom emergency list`"
            )
        name = await connection.fetchval(_NAME, one["person"]) or ""
        if one["person"] == by or name.casefold().split() == who["name"].casefold().split():
            raise Unfit(f"{by}: nobody explains their own emergency (AC-5)")
        if one["explained_at"] is not None:
            raise Taken(f"the emergency {number} was explained already")
        await connection.execute(_EXPLAIN, number, now, by, stands, words.strip())
