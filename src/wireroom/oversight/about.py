"""Who looked somebody up (AC-3(14)): which inquiries asked for a person, or showed their records. Pure.

Two ways lead to an inquiry: what was asked names the person, by a number or by name and birth date; or an answer to it
showed a record that is theirs. What neither tells is not found, and the manual says what that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from wireroom.catalog.kinds_of_person import parts
from wireroom.journal.entry import Entry
from wireroom.journal.tags import Tag
from wireroom.oversight import IllegalMove, NotTheirs, TooMuch
from wireroom.oversight.incidents import Minder
from wireroom.oversight.reached import shown
from wireroom.policy.role import Role

LOOK_UPS_MAX = 5_000  # in one report
REPORTS_A_DAY = 50
HOLD_DAYS_MAX = 180
NUMBERS = ("SOC", "OLN", "CII", "FBI")
WALKED = (Tag.INQUIRY_ASKED, Tag.ANSWER_GIVEN, Tag.ANSWER_LATE)
MAY_TELL = frozenset({Role.CLERK, Role.ADMINISTRATOR, Role.AUDITOR, Role.DOJ})
MAY_HOLD = frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.DOJ})
_NOBODYS = str.maketrans("", "", " -'.")


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who asks who looked them up, as the switch writes names, days and numbers."""

    names: tuple[str, ...]  # "LAST, FIRST", with those they had before
    born: str  # CCYYMMDD
    numbers: frozenset[tuple[str, str]] = frozenset()  # field and value
    records: frozenset[tuple[str, str]] = frozenset()  # file and number

    def __repr__(self) -> str:
        return "Subject(…)"


class LookUp(msgspec.Struct, frozen=True, kw_only=True):
    """One inquiry, as its subject is told of it."""

    number: int  # of its journal entry
    at: datetime
    ori: str
    agency: str
    asked: str  # the message key, in words
    purpose: str
    by: str  # how it was found: number, name and birth date, record
    showed: int  # records of theirs
    explained: str  # yes, no, or not known
    officer: str  # empty: names are not told


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Inquiries that their subjects are not told of for a time."""

    number: int
    ori: str
    person: str  # of whose inquiries; empty: of all of the agency
    since: datetime
    until: datetime
    asked_at: datetime
    asked_by: str
    approved_at: datetime | None = None
    approved_by: str = ""

    def covers(self, entry: Entry, now: datetime) -> bool:
        """Whether it holds this inquiry back now."""
        stands = self.approved_at is not None and self.approved_at <= now < self.until
        return (
            stands and entry.ori == self.ori and self.person in ("", entry.person) and entry.at >= self.since
        )


class Seen(msgspec.Struct, frozen=True):
    """An inquiry that is about a subject, and what is known of it."""

    asked: Entry
    by: str
    showed: int


def asked_for(fields: Sequence[tuple[str, str]], subject: Subject) -> str:
    """How an inquiry's fields name a person; empty where they do not."""
    if any(pair in subject.numbers for pair in fields):
        return "number"
    if any(code == "DOB" and value == subject.born for code, value in fields):
        called = {bare(value) for code, value in fields if code == "NAM"}
        if called & {bare(name) for name in subject.names}:
            return "name and birth date"
    return ""


def bare(name: str) -> str:
    """A name as two of it are compared: last and first without marks; the middle name plays no part."""
    last, first, _, _ = parts(name)
    return f"{last.translate(_NOBODYS)},{first.translate(_NOBODYS)}"


def may_name(text: str, subject: Subject) -> bool:
    """Whether an inquiry's text is worth reading: it holds a number of the person, or their birth date."""
    return subject.born in text or any(value in text for _, value in subject.numbers)


def theirs(entry: Entry, subject: Subject) -> int:
    """How many records of a person an answer showed."""
    return len({(one.file, one.number) for one in shown(entry)[0]} & subject.records)


def withheld(found: Iterable[Seen], holds: Sequence[Hold], now: datetime) -> tuple[list[Seen], int]:
    """What may be told, and how many are held back. Raises TooMuch."""
    told, held = [], 0
    for one in found:
        if any(hold.covers(one.asked, now) for hold in holds):
            held += 1
        else:
            told.append(one)
    if len(told) > LOOK_UPS_MAX:
        raise TooMuch(f"more than {LOOK_UPS_MAX:,} inquiries in this period: report a shorter one at a time")
    return told, held


def may_tell(who: Minder) -> None:
    """Raises NotTheirs unless somebody may hand such a report out."""
    if who.person and who.role not in MAY_TELL:
        raise NotTheirs(
            f"{who.person} does not report to subjects: name a clerk, administrator, auditor, or DOJ"
        )


def may_hold(who: Minder, hold: Hold, asker: str = "") -> None:
    """Raises NotTheirs unless somebody may ask for a hold, or approve one that `asker` asked for.

    Nobody holds back their own inquiries.
    """
    if who.role not in MAY_HOLD or (who.role != Role.DOJ and who.ori != hold.ori):
        raise NotTheirs(f"{who.person or 'the machine itself'} holds nothing of {hold.ori}: name an administrator or "
                        "auditor of that agency, or DOJ")  # fmt: skip
    if hold.person == who.person:
        raise NotTheirs(f"{who.person}: nobody holds back their own inquiries (AC-5)")
    if hold.asked_by == who.person or (asker and asker.casefold().split() == who.name.casefold().split()):
        raise NotTheirs(f"{who.person}: somebody else approves the hold that you asked for")


def sound(hold: Hold, why: str) -> None:
    """Raises IllegalMove where a hold has no reason or no near end."""
    if not why.strip() or len(why) > 500 or not why.isprintable():
        raise IllegalMove("say why in 1 to 500 characters that can be printed")
    if not hold.asked_at < hold.until <= hold.asked_at + timedelta(days=HOLD_DAYS_MAX):
        raise IllegalMove(
            f"a hold ends within {HOLD_DAYS_MAX} days: say when with --until, and ask again then"
        )
