"""Finds entries in the journal: by person, agency, terminal, number, time, or a text in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from wireroom.journal.entry import Entry, parse
from wireroom.journal.numbers import first_number, moment
from wireroom.journal.sealing import SealedShut, Texts
from wireroom.oversight.leaves import open_body, snapshot

if TYPE_CHECKING:
    import asyncpg

    from wireroom.journal import Connection, Pool

NUMBER_MAX = (1 << 63) - 1
LIMIT_MAX = 10_000
DEFAULT_DAYS = 7
TIMEOUT_S = 60.0

# The place in the tree is looked up for what was found only; a batch's leaves follow its numbers.
_PLACES = """
SELECT f.number, s.first + (
    SELECT count(*) FROM journal AS b WHERE b.number >= f.number & -4096 AND b.number < f.number
) AS leaf
FROM unnest($1::bigint[]) AS f (number) LEFT JOIN journal_span AS s ON s.batch = f.number & -4096
"""
_COLUMNS = "number, tag, at, transaction, ori, terminal, person, salt, body, commitment"
_PAGE = 2_000  # entries opened at a time
_PAGE_FIRST = 200
SCANNED_MAX = 2_000_000  # entries opened for one search of texts: about a minute


class TooWide(Exception):
    """A search of texts would open more entries than one may; the text says how far it came."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for; every part that is given must hold.

    Times are those at which entries were written down, to the millisecond: `since` counts, `until` does not.
    Without `since` and without a number the last seven days are searched. A terminal alone reads every entry of the
    time searched, and a text opens every entry that else fits: give an agency or a person too, or a short time, where
    there are many.
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


async def find(pool: Pool, wanted: Wanted, *, texts: Texts, now: datetime) -> list[Found]:
    """The newest entries that fit, newest first. Whoever asks must write down that they asked.

    Raises TooWide where a text is sought among too many entries.
    """
    if not 1 <= wanted.limit <= LIMIT_MAX:
        raise ValueError(f"ask for 1 to {LIMIT_MAX} entries, not {wanted.limit}")
    async with snapshot(pool) as connection:
        rows = await _fitting(connection, wanted, texts, now)
        numbers = [row["number"] for row, _ in rows]
        places = await connection.fetch(_PLACES, numbers, timeout=TIMEOUT_S)
    leaves = {place["number"]: place["leaf"] for place in places}
    return [_found(row, body, leaves[row["number"]]) for row, body in rows]


async def _fitting(
    connection: Connection, wanted: Wanted, texts: Texts, now: datetime
) -> list[tuple[asyncpg.Record, bytes | None]]:
    """The rows that fit with their bodies, newest first; no body where one does not open."""
    conditions, arguments = _conditions(wanted, now)
    place = len(arguments) + 1
    below = f"number < ${place}"
    page = (
        f"SELECT {_COLUMNS} FROM journal WHERE {' AND '.join([*conditions, below])} "  # noqa: S608 (our words)
        f"ORDER BY number DESC LIMIT ${place + 1}"
    )
    sought = _as_stored(wanted.text) if wanted.text else ()
    found: list[tuple[asyncpg.Record, bytes | None]] = []
    last, scanned = NUMBER_MAX, 0
    size = _PAGE_FIRST if sought else wanted.limit
    while rows := await connection.fetch(page, *arguments, last, size, timeout=TIMEOUT_S):
        await texts.learn(connection, (row["body"] for row in rows))
        for row in rows:
            body = _opened(row, texts)
            if not sought or (body is not None and any(one in body for one in sought)):
                found.append((row, body))
                if len(found) == wanted.limit:
                    return found
        last, scanned = rows[-1]["number"], scanned + len(rows)
        if len(rows) < size:
            break
        if scanned >= SCANNED_MAX:
            raise TooWide(
                f"{scanned:,} entries back to {moment(last):%F %T} UTC were opened and {len(found)} hold the text: "
                "search a shorter time with --since and --until, or name an agency or a person too"
            )
        size = _PAGE
    return found


def _opened(row: asyncpg.Record, texts: Texts) -> bytes | None:
    try:
        return open_body(row, texts)[1]
    except SealedShut:
        return None


async def newest_checkpoint(pool: Pool) -> str:
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
    return conditions, arguments


def _as_stored(text: str) -> tuple[bytes, bytes]:
    """A text as it stands within an entry's JSON: as given, and in capitals as stations write."""
    return msgspec.json.encode(text)[1:-1], msgspec.json.encode(text.upper())[1:-1]


def _found(row: asyncpg.Record, body: bytes | None, leaf: int | None) -> Found:
    try:
        if body is not None:
            return Found(leaf, parse(body))
    except ValueError:
        pass
    shown = [row[name] for name in Entry.__struct_fields__ if name != "detail"]
    return Found(leaf, Entry(*shown), "the stored entry cannot be read; run: wireroom journal verify")
