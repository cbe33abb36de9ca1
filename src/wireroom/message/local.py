"""The time of the place: days begin and end, and times are told, by the wall clock of the state."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

HERE = ZoneInfo("America/Los_Angeles")


def day_of(at: datetime) -> date:
    """The day that it is here at a moment."""
    return at.astimezone(HERE).date()


def timed(at: datetime) -> str:
    """A moment as it stands in a text."""
    return f"{at.astimezone(HERE):%Y%m%d %H%M %Z}"
