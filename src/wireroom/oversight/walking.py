"""Reads many entries of the journal, opened, by their numbers up or down, never more than a limit."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from wireroom.journal.entry import Entry, parse
from wireroom.journal.numbers import first_number
from wireroom.journal.sealing import SealedShut, Texts
from wireroom.message.local import HERE
from wireroom.oversight import OversightError, TooMuch
from wireroom.oversight.leaves import open_body

if TYPE_CHECKING:
    import asyncpg

    from wireroom.journal import Connection

PAGE = 2_000
WALKED_MAX = 2_000_000
TIMEOUT_S = 120.0
DAY_BEGINS, DAY_ENDS = 6, 22  # by the clock here
_COLUMNS = "number, tag, at, transaction, ori, terminal, person, salt, body, commitment"


def after_hours(at: datetime) -> bool:
    """Whether that was at an hour at which few are at work: between 22:00 and 06:00 by the clock here."""
    return not DAY_BEGINS <= at.astimezone(HERE).hour < DAY_ENDS


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
    async with aclosing(rows_of(connection, stretch, texts, most)) as rows:
        async for row in rows:
            yield _opened(row, texts)


async def rows_of(
    connection: Connection,
    stretch: Stretch,
    texts: Texts,
    most: int,
    *,
    page: int = PAGE,
    newest: bool = False,
    before: int | None = None,
) -> AsyncGenerator[asyncpg.Record, None]:
    """The rows of a stretch, which `texts` can open, the oldest first, or the `newest`; of numbers under `before`.

    Raises TooMuch past `most`.
    """
    until = first_number(stretch.until)
    conditions = ["number >= $1", "number < $2"]
    arguments: list[object] = [first_number(stretch.since), until if before is None else min(before, until)]
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
    statement = (
        f"SELECT {_COLUMNS} FROM journal WHERE {' AND '.join(conditions)} "  # noqa: S608 - our own words alone
        f"ORDER BY number{' DESC' if newest else ''} LIMIT {page}"
    )
    walked = 0
    while found := await connection.fetch(statement, *arguments, timeout=TIMEOUT_S):
        walked += len(found)
        if walked > most:
            raise TooMuch(f"more than {most:,} entries in this period: ask for a shorter one")
        await texts.learn(connection, (row["body"] for row in found))
        for row in found:
            yield row
        if len(found) < page:
            return
        last = found[-1]["number"]
        arguments[0 if not newest else 1] = last if newest else last + 1


def _opened(row: asyncpg.Record, texts: Texts) -> Entry:
    try:
        return parse(open_body(row, texts)[1])
    except (SealedShut, ValueError) as error:
        raise Unreadable(
            f"entry {row['number']} cannot be read, so nothing is reported: run wireroom journal verify"
        ) from error
