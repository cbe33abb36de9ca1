"""Weekly reviews in the database: prepared, signed, shown. What each holds stands in its journal entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from wireroom.journal.sealing import Texts
from wireroom.journal.tags import Tag
from wireroom.oversight import IllegalMove, Missing
from wireroom.oversight.review import PRIVILEGED, REASONED, Account, Gathering, Review, span
from wireroom.oversight.walking import Stretch, of_transaction, walk

if TYPE_CHECKING:
    from wireroom.journal import Connection

LISTED_MAX = 1_000
READ_MAX = 1_000_000  # entries of one review

ACCOUNTS = "select id, active_at from account where ori = $1 and enabled order by id"
TERMINALS = "select mnemonic from terminal where ori = $1"
AGENCIES = "select ori, added_at from agency where not test order by ori"
NAMES = "select id, name from account where id = any($1::text[])"
PREPARED = """
insert into weekly_review (number, ori, week, digest, prepared_at, prepared_by) values ($1, $2, $3, $4, $5, $6)
"""
SIGNED = "insert into review_signature (review, ori, week, digest, at, by, entry) values ($1, $2, $3, $4, $5, $6, $7)"
LIST = """
select r.number, r.ori, r.week, r.digest, r.prepared_at, r.prepared_by, s.at as signed_at,
       coalesce(s.by, '') as signed_by, coalesce(s.entry, 0) as entry
  from weekly_review r left join review_signature s on s.review = r.number
 where ($1 = '' or r.ori = $1) and ($2::bigint = 0 or r.number = $2) order by r.week desc, r.ori, r.number desc limit $3
"""
ALL_SIGNED = "select ori, week from review_signature where week >= $1"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A review that was prepared, and who signed it."""

    number: int
    ori: str
    week: date
    digest: str
    prepared_at: datetime
    prepared_by: str
    signed_at: datetime | None
    signed_by: str
    entry: int  # of the signature


async def gather(connection: Connection, texts: Texts, ori: str, week: date, now: datetime) -> Gathering:
    """All of an agency's week, read. Raises OversightError: Missing, IllegalMove before it is over, or too much."""
    since, until = span(week)
    if until > now:
        raise IllegalMove(f"the week of {week} is over on {until:%Y-%m-%d}: prepare its review then")
    if ori not in await agencies(connection):
        raise Missing(f"there is no agency {ori} whose journal is reviewed")
    accounts = [Account(**row) for row in await connection.fetch(ACCOUNTS, ori)]
    terminals = frozenset(row["mnemonic"] for row in await connection.fetch(TERMINALS, ori))
    gathering = Gathering(ori, week, terminals, accounts)
    privileged = (*PRIVILEGED, Tag.SESSION_REFUSED)
    for stretch in (
        Stretch(since=since, until=until, ori=ori),
        Stretch(since=since, until=until, ori="", tags=sorted(privileged)),
        Stretch(since=until, until=now + timedelta(seconds=1), ori=ori, tags=sorted(REASONED)),
    ):
        async for entry in walk(connection, stretch, texts, READ_MAX):
            gathering.take(entry)
    return gathering


async def agencies(connection: Connection) -> dict[str, datetime]:
    """The agencies whose journal is reviewed, with since when: all but those of training."""
    return {row["ori"]: row["added_at"] for row in await connection.fetch(AGENCIES)}


async def signed(connection: Connection, since: date) -> list[tuple[str, date]]:
    """The weeks that were signed."""
    return [(row["ori"], row["week"]) for row in await connection.fetch(ALL_SIGNED, since)]


async def names(connection: Connection, people: Sequence[str]) -> dict[str, str]:
    """The names of accounts."""
    return {row["id"]: row["name"] for row in await connection.fetch(NAMES, list(people))}


async def listed(connection: Connection, ori: str = "", number: int = 0) -> tuple[Kept, ...]:
    """Reviews of an agency or of all, the newest week first; or one by its number."""
    return tuple(Kept(**row) for row in await connection.fetch(LIST, ori, number, LISTED_MAX))


async def keep(connection: Connection, number: int, review: Review, at: datetime, by: str) -> None:
    """Keeps a prepared review, in the transaction of its entry."""
    await connection.execute(PREPARED, number, review.ori, review.week, review.digest, at, by)


async def sign(connection: Connection, kept: Kept, entry: int, at: datetime, by: str) -> None:
    """Keeps a signature, in the transaction of its entry. Raises IllegalMove where the week is signed already."""
    try:
        await connection.execute(SIGNED, kept.number, kept.ori, kept.week, kept.digest, at, by, entry)
    except asyncpg.UniqueViolationError as error:
        raise IllegalMove(f"the week of {kept.week} of {kept.ori} is signed already") from error


async def one(connection: Connection, texts: Texts, number: int) -> tuple[Kept, Review]:
    """A review as it was prepared. Raises Missing, and IllegalMove where it is not what its digest says."""
    found = await listed(connection, number=number)
    if not found:
        raise Missing(f"there is no review {number}: see `wireroom journal review list`")
    entries = await of_transaction(connection, number, texts, 1)
    review = msgspec.convert(entries[0].detail.get("review"), Review)
    if review.digest != found[0].digest:
        raise IllegalMove(f"the review {number} is not what was prepared: run wireroom journal verify")
    return found[0], review
