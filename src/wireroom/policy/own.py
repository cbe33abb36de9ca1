"""Whom somebody may not ask about because they are their own: themselves, their household, the other side of a dispute.

What is kept of them is a keyed hash of a name with a date of birth or of a number, never the name: whoever reads the
database learns of nobody's family. An inquiry is compared by the same hash.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from wireroom.catalog.file import Field
from wireroom.catalog.index import FILES
from wireroom.catalog.kinds_of_person import parts
from wireroom.message.acting import As, transaction
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.request import Case, Own

if TYPE_CHECKING:  # generic in the stubs only
    Pool = asyncpg.Pool[asyncpg.Record] | As
else:
    Pool = asyncpg.Pool

MARK_BYTES = 16
MARKS_MAX = 100  # of one person
# Fields that name a person or a thing by themselves, as they stand in inquiries.
NUMBERS = ("OLN", "SOC", "LIC", "VIN", "CII", "FBI", "PNO")
# The worst first: of one's own record nobody makes an exception.
_ORDER = (Own.SELF, Own.HOUSEHOLD, Own.DISPUTE)


class Marker:
    """Makes marks under a key that is not in the database."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Marker(…)"

    def marks(self, values: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """The marks of whom and what these fields name, each 32 hex characters."""
        return tuple(self._mark(token) for token in tokens(values))

    def _mark(self, token: str) -> str:
        return hmac.digest(self._key, token.encode(), "sha256")[:MARK_BYTES].hex()

    def own(self, case: Case) -> Own:
        """Whom of the sender's own a message asks about, the worst first. To be asked of few people costs nothing."""
        held = case.arrival.seat.facts.own
        if not held:
            return Own.NONE
        asked = set(self.marks(case.message.values))
        kinds = {kind for kind, mark in held if mark in asked}
        return next((one for one in _ORDER if one.value in kinds), Own.NONE)


def tokens(values: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """What fields name, in one form each: surname and first given name's first letter with the date, or a number."""
    for name in values.get("NAM", ()):
        last, first, _, _ = parts(name)
        for born in values.get("DOB", ()):
            yield f"person|{last}|{first[:1]}|{born}"
    for code in NUMBERS:
        for value in values.get(code, ()):
            yield f"{code}|{value}"


def field_of(code: str) -> Field | None:
    """The field by which somebody or something of theirs is named; None where it names nobody."""
    if code not in ("NAM", "DOB", *NUMBERS):
        return None
    return next(field for file in FILES for field in file.fields if field.code == code)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """That something is a person's own, as it was recorded."""

    kind: Own
    mark: str
    since: datetime
    until: datetime | None = None
    recorded_by: str = ""


_HELD = """
SELECT kind, encode(mark, 'hex') AS mark, since, until, recorded_by FROM own_mark
WHERE person = $1 ORDER BY since, kind, mark
"""
_ADD = (
    "INSERT INTO own_mark (person, kind, mark, since, recorded_by) VALUES ($1, $2, decode($3, 'hex'), $4, $5)"
)
_STANDING = (
    "SELECT mark FROM own_mark WHERE person = $1 AND kind = $2 AND mark = decode($3, 'hex') AND until IS NULL"
)
_COUNT = "SELECT count(*) FROM own_mark WHERE person = $1 AND until IS NULL"
_END = "UPDATE own_mark SET until = $3 WHERE person = $1 AND mark = decode($2, 'hex') AND until IS NULL RETURNING kind"
_HOLD = "SELECT id FROM account WHERE id = $1 FOR UPDATE"


async def held(pool: Pool, person: str) -> tuple[Kept, ...]:
    """What is recorded as a person's own, ended ones too, the oldest first."""
    return tuple(msgspec.convert(dict(row), Kept) for row in await pool.fetch(_HELD, person))


async def keep(pool: Pool, person: str, kind: Own, marks: tuple[str, ...], *, by: str, now: datetime) -> int:
    """Record marks as somebody's own; how many are new. Raises Unknown, Unfit where there are too many, or Taken."""
    async with transaction(pool) as connection:
        if await connection.fetchval(_HOLD, person) is None:
            raise Unknown(f"there is no person {person}")
        new = [one for one in marks if await connection.fetchval(_STANDING, person, kind.value, one) is None]
        if await connection.fetchval(_COUNT, person) + len(new) > MARKS_MAX:
            raise Unfit(f"{person} has {MARKS_MAX} marks, which is the most: end some first")
        try:
            for one in new:
                await connection.execute(_ADD, person, kind.value, one, now, by)
        except asyncpg.UniqueViolationError as error:
            raise Taken(f"the same was recorded of {person} at this very moment") from error
    return len(new)


async def end(pool: Pool, person: str, marks: tuple[str, ...], *, now: datetime) -> int:
    """These are somebody's own no more; how many were. Raises Unknown where none was."""
    ended = 0
    async with transaction(pool) as connection:
        for one in marks:
            ended += len(await connection.fetch(_END, person, one, now))
    if not ended:
        raise Unknown(f"nothing of the kind is recorded of {person}: see `wireroom person own {person}`")
    return ended
