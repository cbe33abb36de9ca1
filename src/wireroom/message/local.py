"""The time of the place: days begin and end, and times are told, by the wall clock of the state."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

HERE = ZoneInfo("America/Los_Angeles")


def day_of(at: datetime) -> date:
    """The day that it is here at a moment."""
    return at.astimezone(HERE).date()


def timed(at: datetime) -> str:
    """A moment as it stands in a text."""
    return f"{at.astimezone(HERE):%Y%m%d %H%M %Z}"


def moment(day: date, hour: str, *, first: bool = False) -> datetime:
    """A day and an hour, HHMM, by the clock here, in UTC.

    Of an hour that comes twice in autumn the second, or the `first`: what protects somebody does so to the last. One
    that spring leaves out comes when the clock jumps past it.
    """
    wall = datetime(day.year, day.month, day.day, int(hour[:2]), int(hour[2:]), tzinfo=HERE, fold=not first)
    found = wall.astimezone(UTC)
    if found.astimezone(HERE).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return found
    found = min(wall.replace(fold=0).astimezone(UTC), wall.replace(fold=1).astimezone(UTC))
    before = found.astimezone(HERE).utcoffset()
    while found.astimezone(HERE).utcoffset() == before:
        found += timedelta(minutes=1)
    return found
