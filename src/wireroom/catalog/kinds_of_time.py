"""Kinds of value that are days, years and times of day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from random import Random

from wireroom.catalog.kinds import Bad, Kind

YEARS_AHEAD = 100
ENDLESS = "NONEXP"  # NCIC's word for an order that never expires; as text it is after every day
_DAY = re.compile(r"([0-9]{4})([-/]?)([0-9]{2})\2([0-9]{2})")  # 20261123, 2026-11-23, 2026/11/23
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Day(Kind, frozen=True):
    """A day of the calendar, CCYYMMDD, or NONEXP where `endless` allows an order that never expires."""

    future: bool = False  # whether a day after today is allowed
    years_back: int = 130
    endless: bool = False

    def read(self, text: str, today: date) -> str | Bad:
        if self.endless and text.strip().upper() == ENDLESS:
            return ENDLESS
        found = _DAY.fullmatch(text.strip())
        if found is None:
            return Bad("is not a day written CCYYMMDD")
        value = found[1] + found[3] + found[4]
        try:
            day = date(int(value[:4]), int(value[4:6]), int(value[6:]))
        except ValueError:
            return Bad("is not a day of the calendar")
        if day > today and not self.future:
            return Bad("is in the future")
        if day.year < today.year - self.years_back:
            return Bad(f"is more than {self.years_back} years ago")
        if day.year > today.year + YEARS_AHEAD:
            return Bad(f"is more than {YEARS_AHEAD} years ahead")
        return value

    def show(self, value: str) -> str:
        if value == ENDLESS:
            return "does not expire"
        return f"{int(value[6:])} {MONTHS[int(value[4:6]) - 1]} {value[:4]}"

    def invent(self, dice: Random, today: date) -> str:
        return (today - timedelta(days=dice.randint(1, 700))).strftime("%Y%m%d")

    @property
    def length_max(self) -> int:
        return 8

    @property
    def words(self) -> str:
        day = "a day, CCYYMMDD" if self.future else "a day not after today, CCYYMMDD"
        return f"{day}, or {ENDLESS}" if self.endless else day


class BirthDay(Day, frozen=True):
    """The day a person was born."""

    def invent(self, dice: Random, today: date) -> str:
        return (today - timedelta(days=dice.randint(18 * 366, 80 * 365))).strftime("%Y%m%d")


class Year(Kind, frozen=True):
    """A year of four digits, or NX where `endless` allows a plate that never expires."""

    low: int = 1900
    ahead: int = 2  # how many years after this one are allowed
    endless: bool = False

    def read(self, text: str, today: date) -> str | Bad:
        value = text.strip().upper()
        if self.endless and value == "NX":
            return value
        if len(value) != 4 or not value.isascii() or not value.isdigit():
            return Bad(f"is not {self.words}")
        if not self.low <= int(value) <= today.year + self.ahead:
            return Bad(f"is not a year from {self.low} to {today.year + self.ahead}")
        return value

    def show(self, value: str) -> str:
        return "does not expire" if value == "NX" else value

    def invent(self, dice: Random, today: date) -> str:
        return str(dice.randint(max(self.low, today.year - 20), today.year))

    @property
    def length_max(self) -> int:
        return 4

    @property
    def words(self) -> str:
        return "a year of four digits" + (", or NX" if self.endless else "")


class Hour(Kind, frozen=True):
    """A time of day by the wall clock, HHMM."""

    def read(self, text: str, today: date) -> str | Bad:
        value = text.strip().replace(":", "")
        if len(value) != 4 or not value.isascii() or not value.isdigit():
            return Bad("is not a time written HHMM")
        if int(value[:2]) > 23 or int(value[2:]) > 59:
            return Bad("is not a time of day")
        return value

    def show(self, value: str) -> str:
        return f"{value[:2]}:{value[2:]}"

    def invent(self, dice: Random, today: date) -> str:
        return f"{dice.randrange(24):02d}{dice.randrange(60):02d}"

    @property
    def length_max(self) -> int:
        return 4

    @property
    def words(self) -> str:
        return "a time of day, HHMM"
