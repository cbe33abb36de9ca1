"""Whose data somebody or a device was shown in a period: from journal entries to numbers, files and agencies. Pure.

Only what was given counts: an answer that was refused, withheld or missing showed nothing. Texts are not repeated here,
only the numbers of records and of entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from wireroom.journal.entry import Entry
from wireroom.journal.tags import Tag
from wireroom.oversight import TooMuch

RECORDS_MAX = 8_000  # their numbers stand in one journal entry
SHOWN_BY = frozenset({Tag.ANSWER_GIVEN, Tag.ANSWER_LATE, Tag.RECORDS_LISTED})


class Record(msgspec.Struct, frozen=True, order=True):
    """A record that was shown."""

    file: str
    number: str
    owner: str  # the agency that keeps it


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """An agency and how many of its records were shown."""

    ori: str
    records: int


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """What was shown."""

    records: tuple[Record, ...]
    files: dict[str, int]  # records of each file
    owners: tuple[Owner, ...]
    unnumbered: dict[str, int]  # answers with data whose records have no number here, by source
    entries: tuple[int, ...]  # that showed it
    answers: int
    people: int  # records of files about people

    def builtin(self) -> dict[str, object]:
        """As it stands in the journal."""
        found: dict[str, object] = msgspec.to_builtins(self)
        return found


def reached(
    entries: Iterable[Entry], about_people: frozenset[str] = frozenset(), terminal: str = ""
) -> Reached:
    """What some entries showed. With a terminal, what came to it unasked counts as well. Raises TooMuch."""
    records: set[Record] = set()
    unnumbered: dict[str, int] = {}
    showed: list[int] = []
    for entry in entries:
        found, source = shown(entry, terminal)
        if not found and not source:
            continue
        showed.append(entry.number)
        if source:
            unnumbered[source] = unnumbered.get(source, 0) + 1
        records.update(found)
        if len(records) > RECORDS_MAX or len(showed) > RECORDS_MAX:
            raise TooMuch(
                f"more than {RECORDS_MAX:,} records or answers in this period: assess a shorter one at a time"
            )
    listed = tuple(sorted(records))
    files: dict[str, int] = {}
    owners: dict[str, int] = {}
    for one in listed:
        files[one.file] = files.get(one.file, 0) + 1
        owners[one.owner] = owners.get(one.owner, 0) + 1
    return Reached(
        records=listed, files=dict(sorted(files.items())), answers=len(showed), entries=tuple(sorted(showed)),
        owners=tuple(Owner(ori=ori, records=many) for ori, many in sorted(owners.items())),
        unnumbered=dict(sorted(unnumbered.items())), people=sum(one.file in about_people for one in listed),
    )  # fmt: skip


def shown(entry: Entry, terminal: str = "") -> tuple[list[Record], str]:
    """The records that one entry showed, and the source of an answer that showed something without a number."""
    detail = entry.detail
    if entry.tag == Tag.NOTICE_GIVEN:
        terminals = detail.get("terminals")
        if terminal and isinstance(terminals, list) and terminal in terminals and detail.get("record"):
            return [Record("notice", str(detail["record"]), str(detail.get("to", "")))], ""
        return [], ""
    if entry.tag not in SHOWN_BY:
        return [], ""
    hits = detail.get("hits")
    rows: Sequence[object] = hits if isinstance(hits, list) else ()
    found = [Record(*(str(part) for part in row)) for row in rows if isinstance(row, list) and len(row) == 3]
    numbered = [one for one in found if one.number]
    bare = detail.get("state") == "hit" and len(numbered) < max(len(found), 1)
    return numbered, str(detail.get("source", "?")) if bare else ""


def owed(found: Reached, own: str) -> tuple[str, ...]:
    """Who must be told of what was shown: the CSO, the other agencies whose records these are, and their subjects."""
    if not found.answers:
        return ()
    agencies = [one.ori for one in found.owners if one.ori and one.ori != own]
    return (*agencies, *(("subjects",) if found.people or found.unnumbered else ()))
