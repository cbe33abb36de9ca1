"""Birth dates as evidence: in which way two dates differ, and how often such a thing happens by chance."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

import msgspec

UNKNOWN = 0
YEAR_MIN, YEAR_MAX = 1880, 2100


class Slip(StrEnum):
    """In which way a recorded date differs from the one asked, the nearer first."""

    SAME = "exact"
    SWAPPED = "day and month swapped"
    YEAR_BY_ONE = "one year off"
    DAY_BY_ONE = "one day off"
    YEAR_DIGITS_SWAPPED = "year digits swapped"
    TEN_YEARS = "ten years off"
    ONE_DIGIT = "one digit off"
    ESTIMATED = "1 January, perhaps estimated"
    MONTH_AND_YEAR = "same month and year"
    DAY_AND_YEAR = "same day and year"
    SAME_DAY = "same day and month, other year"
    SAME_YEAR = "same year"
    TWO_YEARS = "within two years"
    OTHER = "another date"


# How often the date of the same person is recorded so (our choice, from development data; see the ADR on search).
_SHARE_OF_SAME = {
    Slip.SAME: 0.70,
    Slip.SWAPPED: 0.035,
    Slip.YEAR_BY_ONE: 0.035,
    Slip.DAY_BY_ONE: 0.03,
    Slip.YEAR_DIGITS_SWAPPED: 0.028,
    Slip.TEN_YEARS: 0.028,
    Slip.ONE_DIGIT: 0.055,
    Slip.ESTIMATED: 0.028,
    Slip.MONTH_AND_YEAR: 0.01,
    Slip.DAY_AND_YEAR: 0.015,
    Slip.SAME_DAY: 0.008,
    Slip.SAME_YEAR: 0.05,
    Slip.TWO_YEARS: 0.006,
    Slip.OTHER: 0.008,
}
BITS_MIN = -8.0


class Calendar(msgspec.Struct, frozen=True):
    """How births spread over years, and over the days of a year: shares that sum to one."""

    years: Mapping[int, float]
    days: Mapping[int, float]  # by month * 100 + day

    def share(self, day: int) -> float:
        """The share of people born on a day CCYYMMDD."""
        year = self.years.get(day // 10_000, 0.0)
        return max(year, 0.002) * max(self.days.get(day % 10_000, 0.0), 0.000_5)

    def year(self, year: int) -> float:
        """The share of people born in a year."""
        return max(self.years.get(year, 0.0), 0.002)


def even_calendar() -> Calendar:
    """Births spread evenly over eighty years: what is assumed before anything was counted."""
    days = [(date(2000, 1, 1) + timedelta(n)) for n in range(366)]
    return Calendar(
        years=dict.fromkeys(range(1930, 2010), 1 / 80),
        days={day.month * 100 + day.day: 1 / 365.25 for day in days},
    )


class Dates(msgspec.Struct, frozen=True):
    """What every recorded date says about one date asked."""

    asked: int
    known: Mapping[int, tuple[Slip, float]]  # dates near in some way, with bits
    years: Mapping[int, tuple[Slip, float]]  # other dates of these years
    same_day: tuple[Slip, float]
    other: tuple[Slip, float]
    near: tuple[int, ...] = ()  # the dates worth a look where the name is not rare, with "unknown"
    nearest: tuple[int, ...] = ()  # those worth a look whatever the name
    near_array: str = "{}"  # both as PostgreSQL reads an array
    nearest_array: str = "{}"

    def evidence(self, recorded: int) -> tuple[Slip, float]:
        """In which way a recorded date differs, with its bits; an unknown one on either side says nothing."""
        if recorded == UNKNOWN or self.asked == UNKNOWN:
            return Slip.OTHER, 0.0
        found = self.known.get(recorded)
        if found is not None:
            return found
        if recorded % 10_000 == self.asked % 10_000:
            return self.same_day
        return self.years.get(recorded // 10_000, self.other)


def valid(day: int) -> bool:
    """Whether a number CCYYMMDD is a day."""
    try:
        date(day // 10_000, day // 100 % 100, day % 100)
    except ValueError:
        return False
    return YEAR_MIN <= day // 10_000 <= YEAR_MAX


class Almanac:
    """Makes `Dates` by a calendar, and remembers them."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.dates: Callable[[int], Dates] = lru_cache(maxsize=8192)(self._dates)

    def _dates(self, asked: int) -> Dates:
        nothing = (Slip.OTHER, 0.0)
        if not 0 < asked < 100_000_000:
            return Dates(UNKNOWN, {}, {}, nothing, nothing)
        kinds: dict[int, Slip] = {}
        for slip, days in _slips(asked):
            for day in days:
                if valid(day):
                    kinds.setdefault(day, slip)
        year = asked // 10_000
        if not kinds:
            return Dates(UNKNOWN, {}, {}, nothing, nothing)
        chance: dict[Slip, float] = {}
        for day, slip in kinds.items():
            chance[slip] = chance.get(slip, 0.0) + self.calendar.share(day)
        covered = sum(chance.values())
        chance[Slip.SAME_DAY] = max(self.calendar.days.get(asked % 10_000, 0.0), 0.000_5)
        about = sum(self.calendar.year(year + n) for n in (-2, -1, 0, 1, 2))
        chance[Slip.TWO_YEARS] = max(about - covered, 0.001)
        chance[Slip.OTHER] = max(1.0 - about, 0.01)
        # A day that never was is surely a slip, so each slip is likelier than where the date may be right.
        sure = 1.0 if valid(asked) else 1.0 / (1.0 - _SHARE_OF_SAME[Slip.SAME])
        bits = {
            slip: max(BITS_MIN, math.log2(min(0.9, sure * _SHARE_OF_SAME[slip]) / share))
            for slip, share in chance.items()
        }
        known = {day: (slip, bits[slip]) for day, slip in kinds.items()}
        two_years = (Slip.TWO_YEARS, bits[Slip.TWO_YEARS])
        nearest = [
            day for day, slip in kinds.items() if slip in _NEAREST or (sure > 1.0 and slip is Slip.ONE_DIGIT)
        ]
        near = list(kinds)
        near += [UNKNOWN]
        near += [
            day for day in (y * 10_000 + asked % 10_000 for y in range(year - 30, year + 31)) if valid(day)
        ]
        return Dates(
            asked=asked,
            known=known,
            years={year + n: two_years for n in (-2, -1, 0, 1, 2)},
            same_day=(Slip.SAME_DAY, bits[Slip.SAME_DAY]),
            other=(Slip.OTHER, bits[Slip.OTHER]),
            near=tuple(sorted(set(near))),
            nearest=tuple(nearest),
            near_array=f"{{{','.join(map(str, sorted(set(near))))}}}",
            nearest_array=f"{{{','.join(map(str, nearest))}}}",
        )


_NEAREST = frozenset((Slip.SAME,))  # with a date one slip off, one name alone is never enough to be shown


def _slips(asked: int) -> Iterator[tuple[Slip, Iterator[int] | tuple[int, ...]]]:
    """The dates that each kind of slip makes of a date; the nearer kinds first."""
    year, month, day = asked // 10_000, asked // 100 % 100, asked % 100
    if not valid(asked):  # a day that never was: only the slips that may have made it
        yield Slip.SWAPPED, (year * 10_000 + day * 100 + month,)
        yield Slip.ONE_DIGIT, _one_digit(asked)
        yield Slip.SAME_YEAR, (year * 10_000 + m * 100 + d for m in range(1, 13) for d in range(1, 32))
        return
    here = date(year, month, day)
    yield Slip.SAME, (asked,)
    yield Slip.SWAPPED, (year * 10_000 + day * 100 + month,)
    yield Slip.YEAR_BY_ONE, (asked - 10_000, asked + 10_000)
    yield Slip.DAY_BY_ONE, tuple(_number(here + timedelta(n)) for n in (-1, 1))
    tens, ones = year // 10 % 10, year % 10
    yield Slip.YEAR_DIGITS_SWAPPED, ((year // 100 * 100 + ones * 10 + tens) * 10_000 + asked % 10_000,)
    yield Slip.TEN_YEARS, tuple(asked + n * 10_000 for n in (-10, 10, -100, 100))
    yield Slip.ONE_DIGIT, _one_digit(asked)
    if (month, day) == (1, 1):
        yield Slip.ESTIMATED, (year * 10_000 + m * 100 + d for m in range(1, 13) for d in range(1, 32))
    else:
        yield Slip.ESTIMATED, (year * 10_000 + 101,)
    yield Slip.MONTH_AND_YEAR, (year * 10_000 + month * 100 + d for d in range(1, 32))
    yield Slip.DAY_AND_YEAR, (year * 10_000 + m * 100 + day for m in range(1, 13))


def _one_digit(asked: int) -> Iterator[int]:
    """The date with one digit of year, month or day replaced, or two digits of the day or month transposed."""
    for power in (10**n for n in range(7)):  # the millennium is never mistaken
        digit = asked // power % 10
        for other in range(10):
            if other != digit:
                yield asked + (other - digit) * power
    for power in (1, 100):
        tens, ones = asked // power // 10 % 10, asked // power % 10
        yield asked + (ones * 10 + tens - tens * 10 - ones) * power


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day
