"""Invents an endless crowd of people hard to tell apart, in which anybody can be made again by number."""

from __future__ import annotations

from random import Random

import msgspec
from msgspec.structs import replace

from wireroom.lab.naming import (
    DAY_BITS,
    GIVEN_BITS,
    HEAD_BITS,
    HISPANIC,
    ORIGINS,
    Places,
    Surname,
    makers,
    tail,
)
from wireroom.lab.origins import GROUPS
from wireroom.lab.slips import by_ear, typo

BLOCK = 64  # people share dice, so that one of them is soon made again

_ODD_BITS = 12
# Of 4096 people so many: misspelt by the clerk, a birthday that nobody knew, a twin, a son of the same name.
_MISSPELT = 61
_NEW_YEAR = _MISSPELT + 25
_TWIN = _NEW_YEAR + 20
_SON = _TWIN + 20
_NUMBERS, _STRIDE = 100_000_000, 73_939_133  # without a common divisor, so that no two people share a number
_SUFFIXES = ("JR", "JR", "JR", "II", "III", "III", "IV", "SR")
_GROUP_OF = tuple(GROUPS[origin] for origin in ORIGINS)
_YOUNGEST = "2009"
_TRIES = 5_000
_GIVEN_MASK = (1 << GIVEN_BITS) - 1


class Person(msgspec.Struct, frozen=True, gc=False):
    """Nobody: a line of the file of people, in its order."""

    id: int
    last: str
    first: str
    middle: str
    suffix: str
    dob: str  # CCYYMMDD
    sex: str
    ssn: str  # nine digits that begin with 9, so nobody's; or nothing
    group: str


class Crowd:
    """People by number from 0. Those of one block are made together, from dice of their own."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._offset = Random(f"numbers {seed}").randrange(_NUMBERS)
        self._makers, self._tail = makers(), tail()

    def block(self, number: int) -> list[Person]:
        """The people from BLOCK * number on. A person's id is the number of that person and one."""
        dice = Random((self.seed << 40) | number)
        bits = dice.getrandbits
        tables = self._makers
        surnames, birthdays, given, middles = tables.surnames, tables.birthdays, tables.given, tables.middle
        found: list[Person] = []
        for index in range(number * BLOCK, number * BLOCK + BLOCK):
            last, origin = surnames[bits(HEAD_BITS)] or self._rare(dice)
            born, decade = birthdays[bits(DAY_BITS)]
            chance = bits(30)
            sex = chance & 1
            first = given[origin][sex][decade][chance >> 1 & _GIVEN_MASK]
            if not first:
                first = _uncommon(tables.rare_given[origin][sex], dice)
            middle = ""
            much = chance >> 14 & 127
            if much > 31:  # a quarter has none
                middle = middles[origin][sex][decade][bits(GIVEN_BITS)]
                if not middle:
                    middle = _uncommon(tables.rare_given[origin][sex], dice)
                if much > 83:
                    middle = middle[0]
            if middle == first:
                middle = ""
            if origin == HISPANIC and bits(8) < 38:
                last = self._two(last, dice)
            suffix = _SUFFIXES[bits(3)] if sex and not chance >> 21 & 31 else ""
            ssn = "" if bits(8) < 77 else self._number_of(index)
            odd = bits(_ODD_BITS)
            person = Person(index + 1, last, first, middle, suffix, born, "FM"[sex], ssn, _GROUP_OF[origin])
            found.append(person if odd >= _SON else self._odd(odd, person, found, dice))
        return found

    def _rare(self, dice: Random) -> Surname:
        return self._makers.rare[self._tail.place(dice.random())]

    def _number_of(self, index: int) -> str:
        return str(900_000_000 + (index * _STRIDE + self._offset) % _NUMBERS)

    def _two(self, last: str, dice: Random) -> str:
        other = surname_like("hispanic", dice)
        return f"{last}{'-' if dice.random() < 0.4 else ' '}{other}"

    def _odd(self, odd: int, person: Person, found: list[Person], dice: Random) -> Person:
        """What happens to few; `found` are the people before, the last of whom may be family."""
        if odd < _MISSPELT:
            return _misspelt(person, dice)
        if odd < _NEW_YEAR:
            return replace(person, dob=f"{person.dob[:4]}0101")
        if not found:
            return person
        kin = found[-1]
        if odd < _TWIN:
            return replace(person, last=kin.last, dob=kin.dob, group=kin.group)
        born = int(kin.dob[:4]) + 19 + dice.getrandbits(4)
        if kin.sex != "M" or str(born) > _YOUNGEST:
            return person
        found[-1] = replace(kin, suffix="SR")
        day = person.dob[4:] if person.dob[4:] != "0229" else "0301"
        return replace(kin, id=person.id, suffix="JR", dob=f"{born}{day}", ssn=person.ssn)


def _uncommon(listed: Places, dice: Random) -> str:
    return listed[int(len(listed) * dice.random() ** 3)]


def _misspelt(person: Person, dice: Random) -> Person:
    field = "last" if dice.random() < 0.6 else "first"
    name = getattr(person, field)
    wrong = by_ear(name, person.group, dice) if dice.random() < 0.25 else typo(name, dice)
    return replace(person, **{field: wrong})


def surname_like(group: str, dice: Random) -> str:
    """A surname as somebody of a group bears it."""
    tables, law = makers(), tail()
    for _ in range(_TRIES):
        drawn = tables.surnames[dice.getrandbits(HEAD_BITS)] or tables.rare[law.place(dice.random())]
        if _GROUP_OF[drawn.origin] == group:
            return drawn.name
    raise ValueError(f"nobody found in the group {group!r}: they are {', '.join(sorted(set(_GROUP_OF)))}")
