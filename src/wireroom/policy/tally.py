"""What was decided, kind by kind and day by day; and another set of rules tried on it before it is in force."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from wireroom.message.acting import As
from wireroom.message.local import day_of
from wireroom.policy.engine import Policies
from wireroom.policy.request import Request

if TYPE_CHECKING:  # generic in the stubs only
    Pool = asyncpg.Pool[asyncpg.Record] | As
else:
    Pool = asyncpg.Pool

HELD_MAX = 20_000  # kinds of decisions between two times that they are written down
KEEP = timedelta(days=400)
Kind = tuple[date, Request, str, str]  # day, facts, whose own rules counted, the rule that refused


class Tally:
    """Counts decisions in memory. What a crash takes of them is minutes of a statistic: the journal has each."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._held: Counter[Kind] = Counter()
        self.lost = 0  # decisions that were not counted, because too many kinds waited

    def __call__(self, request: Request, ori: str, rule: str) -> None:
        kind = (day_of(self._clock()), request, ori, rule)
        if kind in self._held or len(self._held) < HELD_MAX:
            self._held[kind] += 1
        else:
            self.lost += 1

    def take(self) -> Counter[Kind]:
        """All that was counted since the last time."""
        held, self._held = self._held, Counter()
        return held

    def put_back(self, held: Counter[Kind]) -> None:
        """What could not be written down after all."""
        self._held.update(held)


_ADD = """
INSERT INTO decided (day, request, ori, ruleset, facts, rule, times)
SELECT * FROM unnest($1::date[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
ON CONFLICT (day, request, ori, ruleset) DO UPDATE SET times = decided.times + excluded.times
"""
_FORGET = "DELETE FROM decided WHERE day < $1"
_SINCE = """
SELECT facts, ori, rule, sum(times)::bigint AS times FROM decided WHERE day >= $1
GROUP BY facts, ori, rule ORDER BY times DESC, facts
"""


async def write(pool: Pool, held: Mapping[Kind, int], ruleset: str, today: date) -> None:
    """Add counts to those of the day, and forget what is older than is kept."""
    rows = []
    for (day, request, ori, rule), times in held.items():
        facts = msgspec.json.encode(request)
        rows.append((day, hashlib.sha256(facts).digest()[:16], ori, ruleset, facts.decode(), rule, times))
    if rows:
        await pool.execute(_ADD, *(list(column) for column in zip(*rows, strict=True)))
    await pool.execute(_FORGET, today - KEEP)


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of request that another set of rules would decide otherwise."""

    times: int  # how often it came
    was: str  # the rule that refused; empty: it was allowed
    would_be: str
    ori: str
    facts: Request

    @property
    def opens(self) -> bool:
        """Whether what was refused would be allowed."""
        return bool(self.was) and not self.would_be


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What another set of rules would have done with the decisions of some days."""

    since: date
    decisions: int
    kinds: int
    unknown: int = 0  # decisions of a time when the rules looked at other facts: not tried
    differences: tuple[Difference, ...] = ()

    @property
    def opened(self) -> int:
        """How many messages that were refused it would let go."""
        return sum(one.times for one in self.differences if one.opens)

    @property
    def closed(self) -> int:
        """How many that went it would refuse."""
        return sum(one.times for one in self.differences if not one.was)


async def replay(pool: Pool, policies: Policies, *, today: date, days: int = 30) -> Replay:
    """Try a set of rules on the decisions of the last days. It decides by the facts of then."""
    since = today - timedelta(days=days)
    rows = await pool.fetch(_SINCE, since)
    found: list[Difference] = []
    unknown = 0
    for row in rows:
        try:
            facts = msgspec.json.decode(row["facts"], type=Request)
        except msgspec.ValidationError:
            unknown += row["times"]
            continue
        decision = policies.decide(facts, row["ori"])
        would_be = "" if decision.allowed else decision.rules[0].name
        if would_be != row["rule"]:
            times, was = row["times"], row["rule"]
            found.append(Difference(times=times, was=was, would_be=would_be, ori=row["ori"], facts=facts))
    decisions = sum(row["times"] for row in rows)
    return Replay(
        since=since, decisions=decisions, kinds=len(rows), unknown=unknown, differences=tuple(found)
    )
