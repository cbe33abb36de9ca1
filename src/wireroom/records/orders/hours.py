"""Days and hours that an order names, by the clock on the wall here, as moments in UTC."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from wireroom.message.local import moment

MIDNIGHT = "0000"


def begins(day: str, hour: str = "") -> datetime | None:
    """When an hour of a day comes for the first time; without an hour, when the day begins; None without a day."""
    found = _day(day)
    return None if found is None else moment(found, hour or MIDNIGHT, first=True)


def ends(day: str, hour: str = "") -> datetime | None:
    """When an hour of a day is over for good; without an hour, the end of the day; None without a day.

    An hour that comes twice in autumn is over when it comes for the second time: an order protects to the last.
    """
    found = _day(day)
    if found is None:
        return None
    return moment(found, hour) if hour else moment(found + timedelta(days=1), MIDNIGHT)


def _day(text: str) -> date | None:
    """The day of a canonical value; None for an order that never expires, and for what is no day."""
    if len(text) != 8 or not text.isdigit():
        return None
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))
