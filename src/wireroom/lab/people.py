"""Invents people, household by household: names, birth dates, looks and a shared address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from itertools import product
from random import Random

import msgspec

from wireroom.lab.names import GIVEN_BITS, Names, names
from wireroom.lab.places import STREETS, Pair, cities
from wireroom.lab.wheel import Wheel, even

FEMALE, MALE = ("SEX", "F"), ("SEX", "M")
_YEARS_MAX = 110
_GREY_FROM_YEARS = 58

# How many households have so many people, and how many heads of household are so old.
_SIZES = {1: 0.24, 2: 0.29, 3: 0.17, 4: 0.16, 5: 0.08, 6: 0.06}
_HEADS = {18: 2, 22: 6, 27: 9, 32: 10, 37: 10, 42: 10, 47: 9.5, 52: 9.5, 57: 9, 62: 8, 67: 6.5, 72: 4.5,
          77: 3, 82: 2, 87: 1, 92: 0.4}  # fmt: skip

_EYES = {"BRO": 62, "BLU": 15, "HAZ": 11, "GRN": 8, "BLK": 3, "GRY": 1}
_HAIR = {"BRO": 52, "BLK": 33, "BLN": 11, "RED": 2, "SDY": 1, "XXX": 1}
_GREY = {"GRY": 46, "WHI": 12, "BRO": 25, "BLK": 11, "BLN": 4, "XXX": 2}
_LOOKS_BITS = 11


class Person(msgspec.Struct, frozen=True, gc=False):
    """Nobody. `home` and `looks` are fields as a record has them."""

    name: str  # LAST, FIRST MIDDLE SUFFIX
    born: str  # CCYYMMDD
    days: int  # since birth
    sex: Pair
    home: tuple[Pair, ...]  # ADR, CTY, ZIP
    looks: tuple[Pair, ...]  # HGT, WGT, EYE, HAI


class Makers(msgspec.Struct, frozen=True):
    """What people are made of on one day: tables filled once, read in the hot loop."""

    names: Names
    birthdays: tuple[str, ...]  # the day so many days before today
    adult_days: int
    heads: Wheel[int]  # age in days
    sizes: Wheel[int]
    cities: Wheel[tuple[Pair, Pair]]
    looks: dict[tuple[bool, Pair], tuple[tuple[Pair, ...], ...]]  # by greyness and sex


@lru_cache(maxsize=4)
def makers_on(today: date) -> Makers:
    """The tables for a day."""
    dice = Random("looks")
    return Makers(
        names=names(),
        birthdays=tuple(_canonical(today - timedelta(days=n)) for n in range(_YEARS_MAX * 366)),
        adult_days=(today - _years_before(today, 18)).days,
        heads=Wheel([years * 365 + 5 for years in _HEADS], list(_HEADS.values()), 10),
        sizes=Wheel(list(_SIZES), list(_SIZES.values()), 8),
        cities=cities(),
        looks={
            (grey, sex): tuple(_looks(dice, sex, _GREY if grey else _HAIR) for _ in range(1 << _LOOKS_BITS))
            for grey, sex in product((False, True), (FEMALE, MALE))
        },
    )


def _canonical(day: date) -> str:
    return day.isoformat().replace("-", "")


def _years_before(today: date, years: int) -> date:
    return date(today.year - years, today.month, min(today.day, 28 if today.month == 2 else today.day))


def _looks(dice: Random, sex: Pair, hair: dict[str, int]) -> tuple[Pair, ...]:
    middle, spread, heavy = (69.1, 2.9, 190) if sex is MALE else (63.7, 2.7, 163)
    inches = min(84, max(52, round(dice.gauss(middle, spread))))
    pounds = min(399, max(85, round(dice.gauss(heavy + 5 * (inches - middle), 32))))
    eye = dice.choices(list(_EYES), list(_EYES.values()))[0]
    colour = dice.choices(list(hair), list(hair.values()))[0]
    return (
        ("HGT", f"{inches // 12}{inches % 12:02d}"),
        ("WGT", f"{pounds:03d}"),
        ("EYE", eye),
        ("HAI", colour),
    )


_STREET_WHEEL = even(STREETS, 14)
_SUFFIXES = ("JR", "JR", "JR", "SR", "SR", "II", "III", "IV")


def people(makers: Makers, dice: Random, count: int) -> list[Person]:
    """So many people, in whole households but perhaps the last. The head of a household comes first in it."""
    found: list[Person] = []
    bits = dice.getrandbits
    surnames, sizes, heads = makers.names.surnames, makers.sizes, makers.heads
    while len(found) < count:
        surname = surnames.places[bits(surnames.bits)]
        size = sizes.places[bits(sizes.bits)]
        home = _home(makers, dice)
        head = heads.places[bits(heads.bits)] + bits(11) * 1825 // 2048
        found.append(_person(makers, bits, surname, head, home))
        if size == 1:
            continue
        partner = size > 2 or bits(2) > 0
        for place in range(1, size):
            if place == 1 and partner:
                other = surname if bits(3) > 1 else surnames.places[bits(surnames.bits)]
                days = max(makers.adult_days, head + bits(11) + bits(11) - 2047)
                found.append(_person(makers, bits, other, days, home))
            else:
                # A child, born when the head was from 20 to 42; of an old head, a grown one.
                days = head - 7_300 - bits(13)
                found.append(_person(makers, bits, surname, days if days > 0 else bits(11), home))
    return found[:count]


def _home(makers: Makers, dice: Random) -> tuple[Pair, ...]:
    bits = dice.getrandbits
    chance = bits(20)
    street = f"{100 + (chance >> 7)} {_STREET_WHEEL.places[bits(14)]}"
    if chance & 127 < 38:
        street = f"{street} APT {1 + (chance & 127)}"
    city, code = makers.cities.places[bits(makers.cities.bits)]
    return (("ADR", street), city, code)


_GIVEN_MASK = (1 << GIVEN_BITS) - 1
_CHANCE_BITS = 2 * GIVEN_BITS + 6


def _person(
    makers: Makers, bits: Callable[[int], int], surname: str, days: int, home: tuple[Pair, ...]
) -> Person:
    born = makers.birthdays[days]
    chance = bits(_CHANCE_BITS)
    sex = MALE if chance & 1 else FEMALE
    given = makers.names.given[sex[1]][born[:3]].places
    name = f"{surname}, {given[(chance >> 6) & _GIVEN_MASK]}"
    middle = (chance >> 1) & 31
    if middle > 4:  # five in 32 have none, eight in 32 only an initial
        second = given[chance >> (6 + GIVEN_BITS)]
        name = f"{name} {second[0] if middle < 13 else second}"
        if middle == 31 and sex is MALE:
            name = f"{name} {_SUFFIXES[days & 7]}"
    looks = makers.looks[days > _GREY_FROM_YEARS * 365, sex]
    return Person(name, born, days, sex, home, looks[bits(_LOOKS_BITS)])
