"""Finds entries in the journal: by person, agency, terminal, number, time, or a text in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from wireroom.journal.entry import Entry, parse
from wireroom.journal.numbers import first_number

if TYPE_CHECKING:
    import asyncpg

LIMIT_MAX = 10_000
DEFAULT_DAYS = 7
TIMEOUT_S = 60.0

# The place in the tree is looked up for what was found only; a batch's leaves follow its numbers.
_PLACE = """
SELECT f.*, s.first + (
    SELECT count(*) FROM journal AS b WHERE b.number >= f.batch AND b.number < f.number
) AS leaf
FROM f LEFT JOIN journal_span AS s ON s.batch = f.batch
ORDER BY f.number DESC
"""
_COLUMNS = "number, number & -4096 AS batch, tag, at, transaction, ori, terminal, person, body"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for; every part that is given must hold.

    Times are those at which entries were written down, to the millisecond: `since` counts, `until` does not.
    Without `since` and without a number the last seven days are searched. A terminal or a text alone reads
    every entry of the time searched: give an agency or a person too, or a short time, where there are many.
    """

    person: str = ""
    ori: str = ""
    terminal: str = ""
    tag: str = ""
    text: str = ""  # anywhere in the entry, as given or in capitals
    number: int = 0  # an entry, or all that belongs to that transaction
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 100


class Found(msgspec.Struct, frozen=True):
    """An entry, and its leaf in the tree: None while it has none yet."""

    leaf: int | None
    entry: Entry
    trouble: str = ""  # why the entry could not be read; then it is made up of the columns


async def find(pool: asyncpg.Pool[asyncpg.Record], wanted: Wanted, *, now: datetime) -> list[Found]:
    """The newest entries that fit, newest first. Whoever asks must write down that they asked."""
    if not 1 <= wanted.limit <= LIMIT_MAX:
        raise ValueError(f"ask for 1 to {LIMIT_MAX} entries, not {wanted.limit}")
    conditions, arguments = _conditions(wanted, now)
    chosen = f"SELECT {_COLUMNS} FROM journal WHERE {' AND '.join(conditions)}"  # noqa: S608 (our words)
    limited = f"WITH f AS ({chosen} ORDER BY number DESC LIMIT ${len(arguments) + 1})"
    rows = await pool.fetch(limited + _PLACE, *arguments, wanted.limit, timeout=TIMEOUT_S)
    return [_found(row) for row in rows]


async def newest_checkpoint(pool: asyncpg.Pool[asyncpg.Record]) -> str:
    """The newest signed checkpoint, for somebody else to keep; empty while nothing was signed."""
    newest = "SELECT note FROM journal_checkpoint ORDER BY size DESC LIMIT 1"
    note: str | None = await pool.fetchval(newest, timeout=TIMEOUT_S)
    return note or ""


def _conditions(wanted: Wanted, now: datetime) -> tuple[list[str], list[object]]:
    """The words of the search, none of them from outside, and its arguments."""
    conditions: list[str] = []
    arguments: list[object] = []

    def add(condition: str, *values: object) -> None:
        places = [f"${len(arguments) + place}" for place in range(1, len(values) + 1)]
        conditions.append(condition.format(*places))
        arguments.extend(values)

    since = wanted.since
    if wanted.number:
        add("(number = {0} OR transaction = {0})", wanted.number)
    elif since is None:
        since = (wanted.until or now) - timedelta(days=DEFAULT_DAYS)
    if since is not None:
        add("number >= {0}", first_number(since))
    if wanted.until is not None:
        add("number < {0}", first_number(wanted.until))
    for column in ("person", "ori", "terminal", "tag"):
        if value := getattr(wanted, column):
            add(column + " = {0}", value)
    if wanted.text:
        add(
            "(position({0}::bytea IN body) > 0 OR position({1}::bytea IN body) > 0)", *_as_stored(wanted.text)
        )
    return conditions, arguments


def _as_stored(text: str) -> tuple[bytes, bytes]:
    """A text as it stands within an entry's JSON: as given, and in capitals as stations write."""
    return msgspec.json.encode(text)[1:-1], msgspec.json.encode(text.upper())[1:-1]


def _found(row: asyncpg.Record) -> Found:
    try:
        return Found(row["leaf"], parse(row["body"]))
    except ValueError:
        shown = [row[name] for name in Entry.__struct_fields__ if name != "detail"]
        trouble = "the stored entry cannot be read; run: wireroom journal verify"
        return Found(row["leaf"], Entry(*shown), trouble)
