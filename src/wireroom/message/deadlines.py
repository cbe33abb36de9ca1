"""What must be done in time with records, as plain data that every room may hold, and how late it is in words."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from wireroom.message.local import HERE

SOON = timedelta(hours=24)
DAYS = (30, 90)  # over which it is counted how much was done in time
SHOWN_MAX = 50  # of one clock; the others are counted, and move up as these are done


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done with one record: overdue, or due soon."""

    number: str
    owner: str
    other: str  # the ORI that sees it beside the owner, or empty
    about: str  # whom or what the record is of, in one line
    due_at: datetime  # the first moment that is too late


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """How well a clock was kept, by what was done in these days. Seconds are after the limit; before it, below 0."""

    days: int
    in_time: int
    late: int
    median_s: float
    worst_s: float


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One clock of one file: what is open, the most overdue first, and how well it was kept."""

    file: str
    clock: str
    title: str
    overdue: int
    soon: int
    later: int
    rows: tuple[Open, ...]  # those overdue and due soon, at most SHOWN_MAX
    kept: tuple[Kept, ...]


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that must be done in time by somebody, as it stood at a moment."""

    at: datetime
    groups: tuple[Group, ...]

    @property
    def overdue(self) -> int:
        """How much should have been done by now."""
        return sum(group.overdue for group in self.groups)

    @property
    def soon(self) -> int:
        """How much is due within a day."""
        return sum(group.soon for group in self.groups)

    def kept(self, days: int) -> tuple[int, int]:
        """Over all clocks, how much was done in these days in time, and how much late."""
        of = [one for group in self.groups for one in group.kept if one.days == days]
        return sum(one.in_time for one in of), sum(one.late for one in of)


def span(seconds: float) -> str:
    """So long, in the two largest units: `12 min`, `2 h 10 min`, `3 days 4 h`."""
    minutes = int(abs(seconds)) // 60
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    said = [f"{days} day{'s' if days != 1 else ''}"] if days else []
    said += [f"{hours} h"] if hours else []
    said += [f"{minutes} min"] if minutes and not days else []
    return " ".join(said) or "0 min"


def due(due_at: datetime, now: datetime) -> str:
    """`2 h 10 min late`, or `due in 3 h 5 min`."""
    left = (due_at - now).total_seconds()
    return f"due in {span(left)}" if left > 0 else f"{span(left)} late"


def after(seconds: float) -> str:
    """How long after its limit: `2 h 10 min late`, or `3 h 5 min early`."""
    return f"{span(seconds)} late" if seconds >= 0 else f"{span(seconds)} early"


def limit(due_at: datetime) -> str:
    """By when, by the clock here: `by the end of 23 Nov`, or `by 16:50 on 23 Nov`."""
    here = due_at.astimezone(HERE)
    if (here.hour, here.minute) == (0, 0):
        day = here - timedelta(days=1)
        return f"by the end of {day.day} {day:%b}"
    return f"by {here:%H:%M} on {here.day} {here:%b}"
