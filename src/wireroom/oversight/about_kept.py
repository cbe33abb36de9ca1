"""Finds in the journal who looked somebody up, and keeps the holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from wireroom.catalog.index import Catalogue
from wireroom.journal.entry import Entry
from wireroom.journal.numbers import first_number
from wireroom.journal.sealing import Texts
from wireroom.journal.tags import Tag
from wireroom.message.local import day_of
from wireroom.message.read import read
from wireroom.oversight.about import WALKED, Hold, Seen, Subject, asked_for, may_name, theirs
from wireroom.oversight.incidents_kept import CONSOLE
from wireroom.oversight.walking import Stretch, of_transaction, walk

if TYPE_CHECKING:
    from wireroom.journal import Connection

LISTED_MAX = 1_000
VERDICTS = "select transaction, verdict from reason where transaction = any($1::bigint[])"
AGENCIES = "select ori, name from agency where ori = any($1::text[])"
NUMBERED = """
select r.file, r.number from identifier i join record r on r.file = i.file and r.id = i.record
 where (i.kind, i.value) in (select * from unnest($1::text[], $2::text[])) and r.number <> '' limit 1000
"""
ASK = """
insert into journal_hold (number, ori, person, since, asked_at, asked_by, until) values ($1, $2, $3, $4, $5, $6, $7)
"""
APPROVE = "insert into hold_approval (hold, at, by, entry) values ($1, $2, $3, $4)"
HOLDS = """
select h.number, h.ori, h.person, h.since, h.until, h.asked_at, h.asked_by, a.at as approved_at,
       coalesce(a.by, '') as approved_by
  from journal_hold h left join hold_approval a on a.hold = h.number
 where ($1::bigint = 0 or h.number = $1) and ($2 or h.until > $3) order by h.number desc limit $4
"""
_PLACES = """
SELECT f.number, s.first + (
    SELECT count(*) FROM journal AS b WHERE b.number >= f.number & -4096 AND b.number < f.number
) AS leaf
FROM unnest($1::bigint[]) AS f (number) LEFT JOIN journal_span AS s ON s.batch = f.number & -4096
"""
_NEWEST = "SELECT note FROM journal_checkpoint ORDER BY size DESC LIMIT 1"


class Place(msgspec.Struct, frozen=True):
    """Where an entry stands in the tree: what a verifier of an export looks at."""

    number: int
    leaf: int | None


async def look_ups(
    connection: Connection,
    texts: Texts,
    subject: Subject,
    period: tuple[datetime, datetime],
    catalogue: Catalogue,
) -> list[Seen]:
    """Every inquiry of a period that asked for somebody or showed a record of theirs. Raises OversightError."""
    since, until = period
    named: dict[int, tuple[Entry, str]] = {}
    showed: dict[int, int] = {}
    async for entry in walk(connection, Stretch(since=since, until=until, tags=WALKED), texts):
        if entry.tag == Tag.INQUIRY_ASKED:
            if how := _named(entry, subject, catalogue):
                named[entry.number] = entry, how
        elif many := theirs(entry, subject):
            showed[entry.transaction] = showed.get(entry.transaction, 0) + many
    first = first_number(since)
    for number in showed.keys() - named.keys():
        if number >= first and (asked := await of_transaction(connection, number, texts, 1)):
            named[number] = asked[0], "record"
    return [Seen(entry, how, showed.get(number, 0)) for number, (entry, how) in sorted(named.items())]


def _named(entry: Entry, subject: Subject, catalogue: Catalogue) -> str:
    text = str(entry.detail.get("text", ""))
    if not may_name(text, subject):
        return ""
    message = read(text, catalogue, ori=entry.ori, today=day_of(entry.at)).message
    return "" if message is None else asked_for(message.fields, subject)


async def records_of(connection: Connection, numbers: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """The records that stand under some numbers, by kind and value as the index has them."""
    if not numbers:
        return set()
    kinds, values = zip(*numbers, strict=True)
    return {
        (row["file"], row["number"]) for row in await connection.fetch(NUMBERED, list(kinds), list(values))
    }


async def verdicts(connection: Connection, numbers: Sequence[int]) -> dict[int, str]:
    """What is known of the reasons of inquiries."""
    return {row["transaction"]: row["verdict"] for row in await connection.fetch(VERDICTS, list(numbers))}


async def agencies(connection: Connection, oris: Sequence[str]) -> dict[str, str]:
    """The names of agencies."""
    return {row["ori"]: row["name"] for row in await connection.fetch(AGENCIES, list(oris))}


async def proof(connection: Connection, numbers: Sequence[int]) -> tuple[tuple[Place, ...], str]:
    """Where entries stand in the tree, and the newest checkpoint; empty while nothing was signed."""
    rows = await connection.fetch(_PLACES, list(numbers))
    places = tuple(
        Place(row["number"], row["leaf"]) for row in sorted(rows, key=lambda row: int(row["number"]))
    )
    return places, await connection.fetchval(_NEWEST) or ""


async def told_lately(connection: Connection, texts: Texts, now: datetime) -> int:
    """How many reports were given out in the last day, at the machine itself."""
    stretch = Stretch(since=now - timedelta(days=1), until=now + timedelta(seconds=1), person=CONSOLE,
                      tags=(Tag.SUBJECT_TOLD,))  # fmt: skip
    return len([entry async for entry in walk(connection, stretch, texts)])


async def ask(connection: Connection, hold: Hold) -> None:
    """Keeps a hold that somebody asked for, in the transaction of its entry."""
    await connection.execute(
        ASK, hold.number, hold.ori, hold.person, hold.since, hold.asked_at, hold.asked_by, hold.until
    )


async def approve(connection: Connection, number: int, at: datetime, by: str, entry: int) -> None:
    """Keeps the word of the second person, in the transaction of its entry."""
    await connection.execute(APPROVE, number, at, by, entry)


async def holds(
    connection: Connection, now: datetime, *, number: int = 0, every: bool = False
) -> tuple[Hold, ...]:
    """Holds that have not ended, approved or not; or every one; or one."""
    return tuple(
        Hold(**row) for row in await connection.fetch(HOLDS, number, every or bool(number), now, LISTED_MAX)
    )
