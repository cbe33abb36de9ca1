"""Kinds of value in an order of a court: whom it protects, and how far away its other party stays."""

from __future__ import annotations

import re
from datetime import date
from random import Random
from typing import ClassVar

import msgspec

from wireroom.catalog.kinds import Bad, Code, Kind, Number, folded
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.kinds_of_time import BirthDay

PARTED_BY = ";"


class Person(msgspec.Struct, frozen=True):
    """A protected person as the value tells: what is not known is an empty string."""

    name: str
    sex: str = ""
    born: str = ""  # CCYYMMDD
    age: str = ""  # in years, where no birth date is known
    relation: str = ""  # a code of the table order_relation: what the protected person is to the restrained
    household: str = ""  # Y or N: whether of one household


class Protected(Kind, frozen=True):
    """A protected person: LAST, FIRST MIDDLE;sex;birth date or age;relation;household, what is known of it."""

    PARTS: ClassVar[tuple[tuple[str, PersonName | Code | BirthDay], ...]] = (
        ("name", PersonName()),
        ("sex", Code(table="sex", sample="F")),
        ("birth date or age", BirthDay()),
        ("relation", Code(table="order_relation", sample="SP")),
        ("of the household", Code(table="yes_no")),
    )
    AGE: ClassVar[Number] = Number(low=0, high=120)

    def read(self, text: str, today: date) -> str | Bad:
        given = folded(text).split(PARTED_BY)
        if len(given) > len(self.PARTS):
            return Bad(f"has more than {len(self.PARTS)} parts")
        read: list[str] = []
        for (title, kind), part in zip(self.PARTS, (one.strip() for one in given), strict=False):
            if not part and title != "name":
                read.append("")
                continue
            aged = kind is self.PARTS[2][1] and len(part) <= 3
            value = self.AGE.read(part, today) if aged else kind.read(part, today)
            if isinstance(value, Bad):
                return Bad(f"{value.reason} in the {title}")
            read.append(value)
        return PARTED_BY.join(read).rstrip(PARTED_BY)

    def show(self, value: str) -> str:
        one = person(value)
        said = [self.PARTS[0][1].show(one.name)]
        said += [self.PARTS[1][1].say(one.sex)] if one.sex else []
        said += [f"born {self.PARTS[2][1].show(one.born)}"] if one.born else []
        said += [f"about {one.age}"] if one.age else []
        said += [self.PARTS[3][1].say(one.relation)] if one.relation else []
        said += ["of the household"] if one.household == "Y" else []
        return ", ".join(said)

    def invent(self, dice: Random, today: date) -> str:
        parts = [kind.invent(dice, today) for _, kind in self.PARTS]
        return PARTED_BY.join(parts)

    @property
    def length_max(self) -> int:
        return sum(kind.length_max for _, kind in self.PARTS) + len(self.PARTS) - 1

    @property
    def words(self) -> str:
        return "LAST, FIRST MIDDLE;sex;birth date or age;relation;Y or N for the household, as far as known"


def person(value: str) -> Person:
    """The parts of a canonical value of Protected."""
    name, sex, born, relation, household = (*value.split(PARTED_BY), "", "", "", "")[:5]
    dated = len(born) == 8
    return Person(name, sex, born if dated else "", "" if dated else born, relation, household)


_STAY = re.compile(r"([A-Z]+)[ -]*([0-9]{1,5})")
YARDS_MAX = 2_000


class StayAway(Kind, frozen=True):
    """A place to stay away from, a code of the table stay_away, and how many yards: HOME 100."""

    def read(self, text: str, today: date) -> str | Bad:
        found = _STAY.fullmatch(folded(text))
        if found is None:
            return Bad("is not a place and yards, HOME 100")
        place = Code(table="stay_away").read(found[1], today)
        if isinstance(place, Bad):
            return place
        if not 1 <= int(found[2]) <= YARDS_MAX:
            return Bad(f"is not from 1 to {YARDS_MAX} yards")
        return f"{place} {int(found[2])}"

    def show(self, value: str) -> str:
        place, yards = stay(value)
        return f"{yards} yards from {Code(table='stay_away').say(place).lower()}"

    def invent(self, dice: Random, today: date) -> str:
        return f"{Code(table='stay_away').invent(dice, today)} {dice.choice((50, 100, 150))}"

    @property
    def length_max(self) -> int:
        return Code(table="stay_away").length_max + 5

    @property
    def words(self) -> str:
        return "a place of the table stay_away and yards, HOME 100"


def stay(value: str) -> tuple[str, int]:
    """Place and yards of a canonical value of StayAway."""
    place, _, yards = value.partition(" ")
    return place, int(yards)
