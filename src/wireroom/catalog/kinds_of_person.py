"""Kinds of value that describe a person: name, height, weight."""

from __future__ import annotations

import re
from datetime import date
from random import Random
from typing import Annotated

import msgspec

from wireroom.catalog.kinds import Bad, Kind, folded

_NAME = re.compile(r"[A-Z][A-Z' -]*, ?[A-Z][A-Z' -]*")
# 511 as it is sent; 5'11", 5 11 and 5-9 as people write it: with a mark between, one digit of inches is enough.
_HEIGHT = re.compile(r"""([4-7])(?:(0[0-9]|1[01])|(?: ?['’] ?|[ -])([0-9]|0[0-9]|1[01]) ?(?:["”]|''|’’)?)""")
_SUFFIXES = frozenset({"JR", "SR", "II", "III", "IV", "V"})
_GIVEN = ("JANE", "JOHN", "MARIA", "TOMAS", "WEI", "AMINA", "OLGA", "PETER")
_SURNAMES = ("TESTCASE", "EXAMPLE", "SAMPLE", "INVENTED", "SPECIMEN", "PLACEHOLDER")


class PersonName(Kind, frozen=True):
    """A person's name, LAST, FIRST MIDDLE SUFFIX: one comma, letters, hyphens and apostrophes."""

    max: Annotated[int, msgspec.Meta(ge=30, le=100)] = 50

    def read(self, text: str, today: date) -> str | Bad:
        value = folded(text.replace(".", " "))
        if not value:
            return Bad("is empty")
        if value.count(",") != 1:
            return Bad("is not LAST, FIRST MIDDLE with one comma")
        last, given = (part.strip() for part in value.split(","))
        value = f"{last}, {given}"
        if not last or not given:
            return Bad("lacks the last or the first name")
        if len(value) > self.max:
            return Bad(f"is longer than {self.max} characters")
        if not _NAME.fullmatch(value):
            return Bad("has characters other than letters, hyphens and apostrophes")
        return value

    def show(self, value: str) -> str:
        last, given = parts(value)[:2]
        return f"{last}, {' '.join(filter(None, (given, *parts(value)[2:])))}"

    def invent(self, dice: Random, today: date) -> str:
        return f"{dice.choice(_SURNAMES)}, {dice.choice(_GIVEN)} {dice.choice('ABCDEFGHJKLM')}"

    @property
    def length_max(self) -> int:
        return self.max

    @property
    def words(self) -> str:
        return "a name, LAST, FIRST MIDDLE"


def parts(name: str) -> tuple[str, str, str, str]:
    """Last, first, middle and suffix of a canonical name; what is absent is an empty string."""
    last, _, given = name.partition(", ")
    words = given.split()
    suffix = words.pop() if len(words) > 1 and words[-1] in _SUFFIXES else ""
    first = words[0] if words else ""
    return last, first, " ".join(words[1:]), suffix


class Height(Kind, frozen=True):
    """Feet and inches in three digits, 400 to 711."""

    def read(self, text: str, today: date) -> str | Bad:
        found = _HEIGHT.fullmatch(" ".join(text.split()))
        if not found:
            return Bad("is not feet and inches from 400 to 711")
        return f"{found[1]}{int(found[2] or found[3]):02d}"

    def show(self, value: str) -> str:
        return f"{value[0]} ft {int(value[1:])} in"

    def invent(self, dice: Random, today: date) -> str:
        return f"{dice.choice('56')}{dice.randrange(12):02d}"

    @property
    def length_max(self) -> int:
        return 3

    @property
    def words(self) -> str:
        return "feet and inches, 511 for 5 ft 11 in"


class Weight(Kind, frozen=True):
    """Pounds in three digits, 050 to 499."""

    def read(self, text: str, today: date) -> str | Bad:
        value = text.strip()
        if not value.isascii() or not value.isdigit() or len(value) > 3 or not 50 <= int(value) <= 499:
            return Bad("is not pounds from 050 to 499")
        return value.zfill(3)

    def show(self, value: str) -> str:
        return f"{int(value)} lb"

    def invent(self, dice: Random, today: date) -> str:
        return f"{dice.randint(100, 280):03d}"

    @property
    def length_max(self) -> int:
        return 3

    @property
    def words(self) -> str:
        return "pounds, 050 to 499"
