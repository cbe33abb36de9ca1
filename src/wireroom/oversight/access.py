"""Reports of access: who of an agency asked how often, for what, of which files, when, and what was refused.

Only what the journal says about each asking is told, never what was asked about or answered. Whoever reads writes down
first that they do (CJIS Security Policy AU-6, AU-7).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from wireroom.catalog.index import Catalogue
from wireroom.journal.entry import Entry, parse
from wireroom.journal.numbers import first_number
from wireroom.journal.sealing import SealedShut, Texts
from wireroom.journal.tags import Tag
from wireroom.message.reason import OPEN_VERDICTS
from wireroom.oversight import TooMuch as TooMuch
from wireroom.oversight.leaves import open_body, snapshot
from wireroom.oversight.walking import Stretch, after_hours, rows_of

if TYPE_CHECKING:
    from wireroom.journal import Pool

DAYS_MAX = 31  # of one report
ENTRIES_MAX = 100_000  # opened for one report: some seconds
LISTED_MAX = 500  # entries of one person at a time
TIMEOUT_S = 60.0

ASKED = (Tag.INQUIRY_ASKED, Tag.ENTRY_ASKED, Tag.MESSAGE_ASKED)
NOT_ASKED = (Tag.TEXT_REFUSED, Tag.TEXT_FAULTY)
_PURPOSE = re.compile(r"\.PUR/([^.]*)")
_PAGE = 250  # opened at a time, between which others have their turn: this is the process of the switch
_UNEXPLAINED = """
SELECT person, count(*) AS times FROM reason
WHERE ori = $1 AND transaction >= $2 AND transaction < $3 AND verdict = ANY($4::text[]) GROUP BY person ORDER BY person
"""

FilesOf = Callable[[str], tuple[str, ...]]  # the files of a message key


def files_of(catalogue: Catalogue) -> FilesOf:
    """The files that a message key asks, by the catalogue in force."""

    def found(key: str) -> tuple[str, ...]:
        form = catalogue.forms.get(key)
        return tuple(file.code for file in form.files) if form is not None else ()

    return found


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Of which agency, from when, until before when."""

    ori: str
    since: datetime
    until: datetime

    @property
    def wrong(self) -> str:
        """What is wrong with it; empty where nothing is."""
        if not self.since < self.until:
            return "a report begins before it ends: give an earlier since, or a later until"
        if self.until - self.since > timedelta(days=DAYS_MAX):
            return f"a report is of at most {DAYS_MAX} days: ask for a shorter time"
        return ""


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """How often somebody asked one kind of thing."""

    person: str
    purpose: str
    file: str  # codes with commas, as the key asks them
    times: int
    after_hours: int  # of these


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """How often a rule refused somebody; `faulty` where the text could not be read."""

    person: str
    rule: str
    times: int


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What an agency's people asked in a time."""

    used: tuple[Use, ...]
    refused: tuple[Refused, ...]
    unexplained: tuple[tuple[str, int], ...]  # by person
    unread: int = 0  # entries that could not be opened


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One asking as the journal has it, without what was asked about."""

    number: int
    at: datetime
    what: str  # the entry's tag
    terminal: str
    key: str
    purpose: str
    files: tuple[str, ...]
    case: str
    rule: str  # that refused, or under which it was allowed
    after_hours: bool


async def access(pool: Pool, span: Span, *, texts: Texts, files_of: FilesOf) -> Access:
    """The counts of one agency. Raises TooMuch."""
    used, late, refused = (
        Counter[tuple[str, str, str]](),
        Counter[tuple[str, str, str]](),
        Counter[tuple[str, str]](),
    )
    unread = 0
    async with aclosing(_entries(pool, span, "", texts)) as entries:
        async for entry in entries:
            if entry is None:
                unread += 1
                continue
            told = _told(entry, files_of)
            if entry.tag in ASKED:
                kind = (entry.person, told.purpose, ",".join(told.files))
                used[kind] += 1
                late[kind] += told.after_hours
            else:
                refused[(entry.person, told.rule or "faulty")] += 1
    ends = (first_number(span.since), first_number(span.until))
    rows = await pool.fetch(
        _UNEXPLAINED, span.ori, *ends, [one.value for one in OPEN_VERDICTS], timeout=TIMEOUT_S
    )
    return Access(
        used=tuple(Use(person=p, purpose=why, file=file, times=times, after_hours=late[(p, why, file)])
                   for (p, why, file), times in sorted(used.items())),
        refused=tuple(Refused(person=p, rule=rule, times=times) for (p, rule), times in sorted(refused.items())),
        unexplained=tuple((row["person"], row["times"]) for row in rows), unread=unread,
    )  # fmt: skip


async def asked_by(
    pool: Pool,
    span: Span,
    person: str,
    *,
    texts: Texts,
    files_of: FilesOf,
    before: int | None = None,
    limit: int = LISTED_MAX,
) -> tuple[Asked, ...]:
    """What one person asked, the newest first, of numbers under `before`."""
    found: list[Asked] = []
    async with aclosing(_entries(pool, span, person, texts, before)) as entries:
        async for entry in entries:
            if entry is not None:
                found.append(_told(entry, files_of))
            if len(found) == min(limit, LISTED_MAX):
                break
    return tuple(found)


async def _entries(
    pool: Pool, span: Span, person: str, texts: Texts, before: int | None = None
) -> AsyncGenerator[Entry | None, None]:
    """The entries of askings, newest first; None for one that does not open."""
    stretch = Stretch(
        since=span.since, until=span.until, ori=span.ori, person=person, tags=(*ASKED, *NOT_ASKED)
    )
    async with (
        snapshot(pool) as connection,
        aclosing(
            rows_of(connection, stretch, texts, ENTRIES_MAX, page=_PAGE, newest=True, before=before)
        ) as rows,
    ):
        async for row in rows:
            try:
                yield parse(open_body(row, texts)[1])
            except (SealedShut, ValueError):
                yield None


def _told(entry: Entry, files_of: FilesOf) -> Asked:
    detail = entry.detail
    text = str(detail.get("text", ""))
    key = text.partition(".")[0][:10]
    said = _PURPOSE.search(text)
    return Asked(
        number=entry.number, at=entry.at, what=entry.tag, terminal=entry.terminal, key=key,
        purpose=said[1] if said else str(detail.get("purpose", "")), files=files_of(key),
        case=str(detail.get("case", "")), rule=str(detail.get("rule", "")),
        after_hours=after_hours(entry.at),
    )  # fmt: skip
