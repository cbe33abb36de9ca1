"""The facts of people in the database: each with its day, who recorded it and when; nothing is ever replaced."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from wireroom.message.acting import As, transaction
from wireroom.message.envelope import Facts
from wireroom.message.local import day_of
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.fitness import WITHOUT_END
from wireroom.policy.role import Role

if TYPE_CHECKING:  # generic in the stubs only
    Pool = asyncpg.Pool[asyncpg.Record] | As
    Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection

WORD_MAX = 100
MAY_RECORD = frozenset({Role.ADMINISTRATOR})


class FactKind(StrEnum):
    """What may be on record of a person."""

    FINGERPRINT = "fingerprint"
    BACKGROUND = "background"
    STATEMENT = "statement"  # the version that was signed is its word
    TRAINING = "training"
    EXAMINATION = "examination"
    AUTHORISATION = "authorisation"  # who authorised is its word; not good: moved, or left
    REVIEW = "review"


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that became known of a person."""

    person: str
    kind: FactKind
    day: date
    good: bool = (
        True  # False: the check found something, the examination was not sat to its end, it was withdrawn
    )
    score: int | None = None
    word: str = ""
    until: datetime | None = None  # of an authorisation that ends by itself
    ori: str = ""  # the agency of the person then: filled in when it is recorded
    recorded_by: str = ""
    recorded_at: datetime | None = None


# The newest of each kind, as JSON, for a statement that has the person at hand: by day, then as it was recorded.
NEWEST = """(
    SELECT json_agg(one)::text FROM (
        SELECT DISTINCT ON (kind) person, kind, day, good, score, word, until, ori, recorded_by, recorded_at
        FROM fact WHERE fact.person = {person} ORDER BY kind, day DESC, recorded_at DESC
    ) AS one
)"""
_HISTORY = """
SELECT person, kind, day, good, score, word, until, ori, recorded_by, recorded_at
FROM fact WHERE person = $1 ORDER BY recorded_at, kind
"""
# Whoever writes holds the account's row, so a move and an authorisation do not pass each other.
_HOLD = "SELECT ori, name, added_at FROM account WHERE id = $1 FOR UPDATE"
_RECORD = """
INSERT INTO fact (person, kind, day, good, score, word, until, ori, recorded_by, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_RECORDER = "SELECT ori, role, name FROM account WHERE id = $1 AND enabled"
_SUBJECT = "SELECT ori, name FROM account WHERE id = $1"


def newest(text: str | None) -> dict[FactKind, Fact]:
    """What `NEWEST` gave, by its kind."""
    found = msgspec.json.decode(text, type=tuple[Fact, ...]) if text else ()
    return {one.kind: one for one in found}


def facts_of(held: dict[FactKind, Fact]) -> Facts:
    """What the rules look at. Whatever is not good counts as absent."""
    good = {kind: one for kind, one in held.items() if one.good}
    day = {kind: one.day for kind, one in good.items()}
    exam, authorisation = good.get(FactKind.EXAMINATION), good.get(FactKind.AUTHORISATION)
    signed = good.get(FactKind.STATEMENT)
    score = exam.score if exam is not None else None
    return Facts(
        fingerprint=day.get(FactKind.FINGERPRINT),
        background=day.get(FactKind.BACKGROUND),
        statement=signed.word if signed else "",
        trained=day.get(FactKind.TRAINING),
        examined=day.get(FactKind.EXAMINATION),
        score=-1 if score is None else score,
        authorised=authorisation.ori if authorisation else "",
        authorised_until=(authorisation.until or WITHOUT_END) if authorisation else None,
    )


def checked(fact: Fact, *, by: str, now: datetime) -> Fact:
    """The fact, if it may be kept. Raises Unfit with what to do."""
    if by == fact.person:
        raise Unfit(f"{by}: nobody records their own facts; ask another administrator (AC-5)")
    if fact.day > day_of(now):
        raise Unfit(f"{fact.day} is yet to come: record what happened, on its day or later")
    if fact.kind is FactKind.AUTHORISATION and not fact.good and fact.day != day_of(now):
        raise Unfit("an authorisation is withdrawn from today on: leave the day out")
    if fact.kind is FactKind.EXAMINATION and fact.score is None:
        raise Unfit("an examination has a score from 0 to 100: give it")
    if fact.score is not None and (fact.kind is not FactKind.EXAMINATION or not 0 <= fact.score <= 100):
        raise Unfit("a score is of an examination, from 0 to 100")
    if fact.kind is FactKind.STATEMENT and not fact.word:
        raise Unfit("a signed statement has a version: give it")
    if fact.kind is FactKind.AUTHORISATION and not fact.word:
        raise Unfit("an authorisation names who gave it: give the name of the agency's head")
    if len(fact.word) > WORD_MAX or not fact.word.isprintable():
        raise Unfit(f"a version or a name has at most {WORD_MAX} characters, all printable")
    if fact.until is not None and (fact.kind is not FactKind.AUTHORISATION or not fact.good):
        raise Unfit("only an authorisation ends by itself")
    if fact.until is not None and fact.until <= now:
        raise Unfit("an authorisation ends in time to come; without an end it stands until it is withdrawn")
    return fact


async def may_record(pool: Pool | Connection, by: str, person: str) -> None:
    """Raises Unfit unless `by` is an administrator of the person's agency, and somebody else."""
    recorder, subject = await pool.fetchrow(_RECORDER, by), await pool.fetchrow(_SUBJECT, person)
    if recorder is None or recorder["role"] not in MAY_RECORD:
        raise Unfit(f"{by} records no facts of people: name an account of an administrator")
    if subject is None or subject["ori"] != recorder["ori"]:
        raise Unknown(f"there is no person {person} of the agency of {by}")
    if by == person or _alike(subject["name"], recorder["name"]):
        raise Unfit(f"{by}: nobody records their own facts, on a second account neither (AC-5)")


def _alike(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


async def record(pool: Pool, facts: Iterable[Fact], *, by: str, now: datetime) -> None:
    """Keep facts, all or none. Raises Unfit, Unknown or Taken."""
    kept = [checked(fact, by=by, now=now) for fact in facts]
    async with transaction(pool) as connection:
        for fact in kept:
            await write(connection, fact, by=by, now=now)


async def write(connection: Connection, fact: Fact, *, by: str, now: datetime) -> None:
    """Keep a fact that was checked, in the caller's transaction. It is of the agency that the person is of now."""
    account = await connection.fetchrow(_HOLD, fact.person)
    if account is None:
        raise Unknown(f"there is no person {fact.person}")
    values = (fact.person, fact.kind.value, fact.day, fact.good, fact.score, fact.word, fact.until)
    try:
        await connection.execute(_RECORD, *values, account["ori"], by, now)
    except asyncpg.UniqueViolationError as error:
        raise Taken(
            f"{fact.kind} of {fact.person} was recorded at this very moment: look at it first"
        ) from error


async def history(pool: Pool, person: str) -> tuple[Fact, ...]:
    """All that was ever recorded of a person, first to last. Raises Unknown."""
    if await pool.fetchrow(_SUBJECT, person) is None:
        raise Unknown(f"there is no person {person}")
    return tuple(msgspec.convert(dict(row), Fact) for row in await pool.fetch(_HISTORY, person))
