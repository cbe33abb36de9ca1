"""On which days California's superior courts sit: the court days by which the law counts.

The holidays are data, one line each. One that falls on a Saturday is kept on the Friday before it, one on a Sunday on
the Monday after it (sourced: California Rules of Court 1.11, as the courts publish it).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

import msgspec

SATURDAY, SUNDAY = 5, 6  # as `date.weekday` counts
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIXED = re.compile(r"(\d\d)-(\d\d)", re.ASCII)
_WEEKDAY = re.compile(r"([1-4]|last) (mon|tue|wed|thu|fri|sat|sun) (\d\d)(?: \+ (\d))?", re.ASCII)


class Holiday(msgspec.Struct, frozen=True):
    """A day on which no court sits. Its years are the first and the last; zero where there is none.

    It `falls` on a day of the year (02-12), or on a weekday of a month, so many days later: 4 thu 11 + 1.
    """

    name: str
    falls: str
    since: int
    until: int
    mark: str

    def kept_on(self, year: int) -> date | None:
        """The day on which courts keep the holiday of a year; None where there is none in that year."""
        if (self.since and year < self.since) or (self.until and year > self.until):
            return None
        if fixed := _FIXED.fullmatch(self.falls):
            return _kept(date(year, int(fixed[1]), int(fixed[2])))
        found = _WEEKDAY.fullmatch(self.falls)
        if found is None:
            raise ValueError(f"{self.name} falls on {self.falls!r}: not like 02-12, nor like 4 thu 11 + 1")
        day = _weekday(year, int(found[3]), _DAYS.index(found[2]), found[1])
        return day + timedelta(days=int(found[4] or 0))


def _kept(day: date) -> date:
    away = {SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0)
    return day + timedelta(days=away)


def _weekday(year: int, month: int, weekday: int, which: str) -> date:
    """The first to fourth, or the last, of a weekday in a month."""
    first = date(year, month, 1)
    days = [first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * week) for week in range(5)]
    of_month = [day for day in days if day.month == month]
    return of_month[-1] if which == "last" else of_month[int(which) - 1]


def _holidays() -> tuple[Holiday, ...]:
    source = resources.files("wireroom.catalog.courts").joinpath("holidays.csv")
    rows = csv.DictReader(source.read_text(encoding="ascii").splitlines())
    return tuple(
        Holiday(row["name"], row["falls"], int(row["since"] or 0), int(row["until"] or 0), row["mark"])
        for row in rows
    )


HOLIDAYS = _holidays()


@lru_cache(maxsize=256)
def holidays_of(year: int) -> Mapping[date, str]:
    """The days of a year on which courts keep a holiday, and which: a New Year's Day may be kept in the year before."""
    kept = ((one.kept_on(of), one.name) for of in (year, year + 1) for one in HOLIDAYS)
    return MappingProxyType(
        dict(sorted((day, name) for day, name in kept if day is not None and day.year == year))
    )


def is_court_day(day: date) -> bool:
    """Whether courts sit on a day."""
    return day.weekday() < SATURDAY and day not in holidays_of(day.year)


def court_days_after(day: date, count: int) -> date:
    """The last of so many court days after a day, which is not counted itself; the day itself for none."""
    if count < 0:
        raise ValueError(f"court days are counted forwards: {count} is less than none")
    while count:
        day += timedelta(days=1)
        count -= is_court_day(day)
    return day
