"""Reads many entries of the journal, opened, in the order of their numbers, never more than a limit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from wireroom.journal.entry import Entry, parse
from wireroom.journal.numbers import first_number
from wireroom.journal.sealing import SealedShut, Texts
from wireroom.oversight import OversightError, TooMuch
from wireroom.oversight.leaves import open_body

if TYPE_CHECKING:
    import asyncpg

    from wireroom.journal import Connection

PAGE = 2_000
WALKED_MAX = 2_000_000
TIMEOUT_S = 120.0
_COLUMNS = "number, tag, at, transaction, ori, terminal, person, salt, body, commitment"


class Unreadable(OversightError):
    """An entry does not open, so a report of it would leave something out."""


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries: of a time (`since` counts, `until` does not), and of an agency, a person, a terminal, of tags."""

    since: datetime
    until: datetime
    ori: str | None = None  # "": those of no agency
    person: str = ""
    terminal: str = ""
    tags: Sequence[str] = ()


_OF = f"SELECT {_COLUMNS} FROM journal WHERE transaction = $1 OR number = $1 ORDER BY number LIMIT $2"  # noqa: S608


async def of_transaction(connection: Connection, number: int, texts: Texts, most: int) -> list[Entry]:
    """An entry and all that belong to it, in their order, at most so many. Raises Unreadable."""
    rows = await connection.fetch(_OF, number, most, timeout=TIMEOUT_S)
    await texts.learn(connection, (row["body"] for row in rows))
    return [_opened(row, texts) for row in rows]


async def walk(
    connection: Connection, stretch: Stretch, texts: Texts, most: int = WALKED_MAX
) -> AsyncIterator[Entry]:
    """The entries of a stretch. Raises TooMuch past `most`, and Unreadable: nothing is left out in silence."""
    conditions = ["number >= $1", "number < $2"]
    arguments: list[object] = [first_number(stretch.since), first_number(stretch.until)]
    for column, value in (
        ("ori", stretch.ori),
        ("person", stretch.person or None),
        ("terminal", stretch.terminal or None),
    ):
        if value is not None:
            arguments.append(value)
            conditions.append(f"{column} = ${len(arguments)}")
    if stretch.tags:
        arguments.append([str(tag) for tag in stretch.tags])
        conditions.append(f"tag = any(${len(arguments)}::text[])")
    page = (
        f"SELECT {_COLUMNS} FROM journal WHERE {' AND '.join(conditions)} "  # noqa: S608 - our own words alone
        f"ORDER BY number LIMIT {PAGE}"
    )
    walked = 0
    while rows := await connection.fetch(page, *arguments, timeout=TIMEOUT_S):
        walked += len(rows)
        if walked > most:
            raise TooMuch(f"more than {most:,} entries in this period: ask for a shorter one")
        await texts.learn(connection, (row["body"] for row in rows))
        for row in rows:
            yield _opened(row, texts)
        if len(rows) < PAGE:
            return
        arguments[0] = rows[-1]["number"] + 1


def _opened(row: asyncpg.Record, texts: Texts) -> Entry:
    try:
        return parse(open_body(row, texts)[1])
    except (SealedShut, ValueError) as error:
        raise Unreadable(
            f"entry {row['number']} cannot be read, so nothing is reported: run wireroom journal verify"
        ) from error
