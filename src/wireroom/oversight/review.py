"""The weekly review of an agency's journal (AU-6): what needs looking at, a sample of the rest, which weeks wait.

The same entries, accounts and seed give the same bytes. The seed is drawn where nobody can foresee it and is written
down, so that anybody can draw the sample again and nobody could have known what would be looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec

from wireroom.journal.entry import Entry
from wireroom.journal.tags import Tag
from wireroom.message.local import HERE, day_of
from wireroom.message.reason import OPEN_VERDICTS
from wireroom.oversight import NotTheirs
from wireroom.oversight.incidents import Minder
from wireroom.oversight.walking import after_hours
from wireroom.policy.role import Role

WEEK = timedelta(days=7)
SIGNED_WITHIN = WEEK  # after the week's end
LOOKED_BACK = 8  # weeks; what nobody signed before that is told no more
LISTED_MAX = 500  # entries of one heading; all are counted
GROUPS_MAX = 200
SAMPLE_MAX = 200
UNUSED_AFTER = timedelta(days=30)

PRIVILEGED = frozenset(
    {
        Tag.PERSON_CHANGED, Tag.TERMINAL_CHANGED, Tag.DEVICE_CHANGED, Tag.AGENCY_CHANGED, Tag.APPROVAL_CHANGED,
        Tag.RULES_CHANGED, Tag.GROUPS_CHANGED, Tag.SETTINGS_CHANGED, Tag.CATALOGUE_CHANGED, Tag.RECORDS_SEARCHED,
        Tag.RECORDS_EXPORTED, Tag.RECORDS_IMPORTED, Tag.JOURNAL_SEARCHED, Tag.JOURNAL_EXPORTED, Tag.LETTER_SHOWN,
        Tag.DATABASE_RESTORED, Tag.HOLD_CHANGED,
    }
)  # fmt: skip
REASONED = frozenset({Tag.REASON_CHECKED, Tag.REASON_GIVEN})
OPEN = frozenset(verdict.value for verdict in OPEN_VERDICTS)
MAY_SIGN = frozenset({Role.AUDITOR, Role.DOJ})


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """Entries of one sort: how many, by what, and their numbers, the newest where there are too many."""

    what: str
    count: int
    by: dict[str, int]
    entries: tuple[int, ...]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the agency that may sign in."""

    id: str
    active_at: datetime


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """One agency's week."""

    ori: str
    week: date  # its Monday
    since: datetime
    until: datetime
    read: int  # entries
    headings: tuple[Heading, ...]
    unused: tuple[str, ...]  # accounts
    explained: int  # inquiries that something explains
    sample: tuple[int, ...]  # of these, drawn with the seed
    seed: str
    people: tuple[str, ...]  # whose acts are listed: none of them signs

    def bytes(self) -> bytes:
        """The review's one and only bytes."""
        return msgspec.json.encode(self, order="sorted")

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes, in hex."""
        return hashlib.sha256(self.bytes()).hexdigest()


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """A week that nobody signed in time."""

    ori: str
    week: date
    due_at: datetime


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def span(week: date) -> tuple[datetime, datetime]:
    """From when to when a week goes, by the clock here."""
    return _midnight(week), _midnight(week + WEEK)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HERE)


class _Pile:
    """What is gathered under one heading."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.by: dict[str, int] = {}
        self.numbers: list[int] = []
        self.people: set[str] = set()

    def add(self, entry: Entry, group: str) -> None:
        self.by[group] = self.by.get(group, 0) + 1
        self.numbers.append(entry.number)
        self.people.add(entry.person)

    def heading(self) -> Heading:
        kept = sorted(self.by, key=lambda group: (-self.by[group], group))[:GROUPS_MAX]
        listed = sorted(self.numbers)[-LISTED_MAX:]
        by = {group: self.by[group] for group in sorted(kept)}
        return Heading(what=self.what, count=len(self.numbers), by=by, entries=tuple(listed))


class Gathering:
    """Takes a week's entries one by one, in any order, and makes the review of them."""

    def __init__(self, ori: str, week: date, terminals: frozenset[str], accounts: Sequence[Account]) -> None:
        self._ori, self._week, self._terminals = ori, week, terminals
        self._since, self._until = span(week)
        self._accounts = accounts
        self._ids = frozenset(one.id for one in accounts)
        names = (
            "refusals",
            "unexplained",
            "emergencies",
            "after hours",
            "privileged acts",
            "failed sign-ons",
        )
        self._piles = {name: _Pile(name) for name in names}
        self._asked: dict[int, Entry] = {}
        self._open: dict[int, bool] = {}  # inquiries: whether nothing explained them when they were made
        self._later: dict[int, tuple[int, bool]] = {}  # the newest look at each since
        self._read = 0

    def take(self, entry: Entry) -> None:
        """One entry: of the agency's week, of no agency in that week, or a later look at a reason."""
        verdict = _verdict(entry)
        if entry.tag in REASONED:
            if entry.number > self._later.get(entry.transaction, (0, False))[0]:
                self._later[entry.transaction] = entry.number, verdict in OPEN
            return
        if not self._since <= entry.at < self._until or not self._own(entry):
            return
        self._read += 1
        rule, gave_way = str(entry.detail.get("rule", "")), str(entry.detail.get("gave_way", ""))
        if entry.tag == Tag.TEXT_REFUSED:
            self._piles["refusals"].add(entry, rule)
        elif entry.tag == Tag.SESSION_REFUSED:
            self._piles["failed sign-ons"].add(entry, str(entry.detail.get("cause", "")))
        elif entry.tag in PRIVILEGED:
            self._piles["privileged acts"].add(entry, entry.tag)
        elif entry.tag == Tag.INQUIRY_ASKED:
            self._inquiry(entry, verdict)
        if gave_way:
            self._piles["emergencies"].add(entry, gave_way)

    def _inquiry(self, entry: Entry, verdict: str) -> None:
        if after_hours(entry.at):
            self._piles["after hours"].add(entry, entry.person)
        if verdict:
            self._asked[entry.number] = msgspec.structs.replace(entry, detail={})
            self._open[entry.number] = verdict in OPEN

    def _own(self, entry: Entry) -> bool:
        """Whether an entry is the agency's: by itself, or a command or a sign-on about it or its people."""
        if entry.ori:
            return entry.ori == self._ori
        detail = entry.detail
        about = {str(detail.get(name, "")) for name in ("ori", "of", "agency")}
        people = {entry.person, str(detail.get("person", ""))}
        terminals = {entry.terminal, str(detail.get("terminal", ""))}
        return self._ori in about or bool(people & self._ids) or bool(terminals & self._terminals)

    def review(self, *, seed: str, sample: int) -> Review:
        """The review of all that was taken."""
        explained = []
        for number, was_open in self._open.items():
            if self._later.get(number, (0, was_open))[1]:
                self._piles["unexplained"].add(self._asked[number], self._asked[number].person)
            else:
                explained.append(number)
        drawn = draw(explained, seed, min(sample, SAMPLE_MAX))
        people = {person for pile in self._piles.values() for person in pile.people}
        people |= {self._asked[number].person for number in drawn}
        before = self._until - UNUSED_AFTER
        return Review(
            ori=self._ori, week=self._week, since=self._since.astimezone(UTC), until=self._until.astimezone(UTC),
            read=self._read, headings=tuple(pile.heading() for pile in self._piles.values()),
            unused=tuple(sorted(one.id for one in self._accounts if one.active_at < before)),
            explained=len(explained), sample=drawn, seed=seed, people=tuple(sorted(people - {""})),
        )  # fmt: skip


def draw(numbers: Iterable[int], seed: str, many: int) -> tuple[int, ...]:
    """A sample: the numbers whose hash with the seed is lowest. Whoever has the seed draws the same."""
    ranked = sorted(numbers, key=lambda number: hashlib.sha256(f"{seed}.{number}".encode()).digest())
    return tuple(sorted(ranked[:many]))


def _verdict(entry: Entry) -> str:
    """What an entry says of a reason; empty where it says nothing."""
    if entry.tag == Tag.REASON_CHECKED:
        return str(entry.detail.get("verdict", ""))
    reason: Any = entry.detail.get("reason")  # whatever JSON can say
    return str(reason.get("verdict", "")) if isinstance(reason, dict) else ""


def overdue(
    agencies: Mapping[str, datetime],
    signed: Iterable[tuple[str, date]],
    now: datetime,
    back: int = LOOKED_BACK,
) -> tuple[Owed, ...]:
    """The weeks that no auditor signed within seven days of their end, by agency with the time since when it is one.

    A week in which an agency began counts; older ones than `back` weeks are told no more. The oldest first.
    """
    done = set(signed)
    newest = monday(day_of(now)) - 2 * WEEK  # of a later one the time is not up
    found = []
    for ori, since in agencies.items():
        for behind in range(back):
            week = newest - behind * WEEK
            until = span(week)[1]
            if until <= since:
                break
            due = _midnight(week + WEEK + SIGNED_WITHIN)
            if (ori, week) not in done and due <= now:
                found.append(Owed(ori=ori, week=week, due_at=due))
    return tuple(sorted(found, key=lambda one: (one.week, one.ori)))


def may_sign(review: Review, who: Minder, names: Mapping[str, str]) -> None:
    """Raises NotTheirs unless an auditor of the agency, or of DOJ, signs whose own acts are not in it.

    `names` are those of the people in the review, by account: somebody with two accounts is one person.
    """
    if who.role not in MAY_SIGN or (who.role != Role.DOJ and who.ori != review.ori):
        raise NotTheirs(
            f"{who.person or 'the machine itself'} does not sign reviews of {review.ori}: name its auditor"
        )
    called = who.name.casefold().split()
    if who.person in review.people or any(name.casefold().split() == called for name in names.values()):
        raise NotTheirs(
            f"{who.person}: acts of yours are in this review; another auditor, or DOJ, signs it (AC-5)"
        )
