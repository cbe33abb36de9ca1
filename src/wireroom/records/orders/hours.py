"""Days and hours that an order names, by the clock on the wall here, as moments in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from wireroom.message.local import HERE


def begins(day: str, hour: str = "") -> datetime | None:
    """When an hour of a day comes for the first time; without an hour, when the day begins; None without a day."""
    return _moment(_day(day), hour, fold=0)


def ends(day: str, hour: str = "") -> datetime | None:
    """When an hour of a day is over for good; without an hour, the end of the day; None without a day.

    An hour that comes twice in autumn is over when it comes for the second time: an order protects to the last.
    """
    found = _day(day)
    if found is None:
        return None
    return _moment(found, hour, fold=1) if hour else _moment(found + timedelta(days=1), "", fold=1)


def _day(text: str) -> date | None:
    """The day of a canonical value; None for an order that never expires, and for what is no day."""
    if len(text) != 8 or not text.isdigit():
        return None
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _moment(day: date | None, hour: str, *, fold: int) -> datetime | None:
    """An hour that spring leaves out comes when the clock jumps past it."""
    if day is None:
        return None
    hours, minutes = (int(hour[:2]), int(hour[2:])) if hour else (0, 0)
    wall = datetime(day.year, day.month, day.day, hours, minutes, tzinfo=HERE, fold=fold)
    found = wall.astimezone(UTC)
    if found.astimezone(HERE).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return found
    found = min(wall.replace(fold=0).astimezone(UTC), wall.replace(fold=1).astimezone(UTC))
    before = found.astimezone(HERE).utcoffset()
    while found.astimezone(HERE).utcoffset() == before:
        found += timedelta(minutes=1)
    return found
