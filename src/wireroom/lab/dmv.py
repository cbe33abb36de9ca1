"""What the invented DMV holds: licences of most adults, and vehicles with their registrations."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from random import Random

import msgspec

from wireroom.catalog.file import Source
from wireroom.catalog.files.licence import LICENCE
from wireroom.catalog.files.registration import REGISTRATION
from wireroom.lab.invented import Invented
from wireroom.lab.names import rows
from wireroom.lab.people import Person
from wireroom.lab.places import DMV, Pair
from wireroom.lab.reserved import VinHead

_STYLED_BITS, _TERMS_BITS = 13, 10
_YEARS = 25  # how old vehicles get
_COLOURS = {"WHI": 24, "BLK": 22, "GRY": 17, "SIL": 14, "BLU": 10, "RED": 8, "GRN": 2, "TAN": 1.5, "GLD": 1}
_CLASSES = {"C": 93, "M1": 4, "A": 2, "B": 1}
_YOUNG_DAYS = 26 * 366  # who is younger cannot have a licence that ended years ago

LIT_PASSENGER: Pair = ("LIT", "PC")
LIS_HOME: Pair = ("LIS", "CA")
OLS_HOME: Pair = ("OLS", "CA")


class Styled(msgspec.Struct, frozen=True, gc=False):
    """A vehicle but for its numbers."""

    head: VinHead
    fields: tuple[Pair, ...]  # VYR, VMA, VMO, VST, VCO


class Papers(msgspec.Struct, frozen=True):
    """What licences and registrations are made of on one day."""

    styled: tuple[Styled, ...]
    terms: tuple[tuple[Pair, ...], ...]  # CLS, STA, ISS, EXP of a licence
    terms_of_young: tuple[tuple[Pair, ...], ...]
    registered: tuple[tuple[Pair, Pair, Pair], ...]  # LIY, then STA and EXP of a registration


@lru_cache(maxsize=4)
def papers_on(today: date) -> Papers:
    """The tables for a day."""
    dice = Random("papers")
    return Papers(
        styled=tuple(_styled(dice, today.year)),
        terms=tuple(_terms(dice, today, ended=0.06) for _ in range(1 << _TERMS_BITS)),
        terms_of_young=tuple(_terms(dice, today, ended=0.0) for _ in range(1 << _TERMS_BITS)),
        registered=tuple(_registered(dice, today) for _ in range(1 << _TERMS_BITS)),
    )


def _day(today: date, days: int) -> str:
    return f"{today + timedelta(days=days):%Y%m%d}"


def _styled(dice: Random, this_year: int) -> list[Styled]:
    models = list(enumerate(rows("vehicle_models")))
    years = range(this_year - _YEARS + 1, this_year + 1)
    kinds: list[tuple[int, dict[str, str], int]] = []
    weights: list[float] = []
    for number, model in models:
        for year in years:
            if int(model["first"]) <= year <= int(model["last"]):
                kinds.append((number, model, year))
                # Half of all vehicles are younger than ten years; the rest get fewer by the year.
                weights.append(float(model["weight"]) * min(1.0, (year - years[0] + 2) / 15))
    found = []
    for number, model, year in dice.choices(kinds, weights, k=1 << _STYLED_BITS):
        colour = dice.choices(list(_COLOURS), list(_COLOURS.values()))[0]
        fields = (
            ("VYR", str(year)),
            ("VMA", model["make"]),
            ("VMO", model["model"]),
            ("VST", model["style"]),
            ("VCO", colour),
        )
        found.append(Styled(VinHead(number * 211 + 17, year), fields))
    return found


def _terms(dice: Random, today: date, *, ended: float) -> tuple[Pair, ...]:
    kind = dice.choices(list(_CLASSES), list(_CLASSES.values()))[0]
    old = dice.random() < ended
    issued = dice.randint(1_830, 2_900) if old else dice.randint(1, 1_820)
    status = "EXPIRED" if old else dice.choices(("VALID", "SUSPENDED", "REVOKED"), (950, 42, 8))[0]
    if not ended:
        issued = min(issued, 700)
    return (
        ("CLS", kind),
        ("STA", status),
        ("ISS", _day(today, -issued)),
        ("EXP", _day(today, 1_826 - issued)),
    )


def _registered(dice: Random, today: date) -> tuple[Pair, Pair, Pair]:
    status = dice.choices(("VALID", "EXPIRED", "PENDING", "NONOP"), (900, 60, 25, 15))[0]
    days = dice.randint(0, 365) if status == "VALID" else -dice.randint(1, 300)
    until = _day(today, days)
    return (("LIY", until[:4]), ("STA", status), ("EXP", until))


def licence(papers: Papers, dice: Random, number: str, person: Person) -> Invented:
    """The licence of an adult."""
    terms = papers.terms_of_young if person.days < _YOUNG_DAYS else papers.terms
    return Invented(
        Source.DMV,
        LICENCE.code,
        DMV,
        number,
        (("OLN", number), OLS_HOME, ("NAM", person.name), ("DOB", person.born), person.sex, *person.looks, *person.home,
         *terms[dice.getrandbits(_TERMS_BITS)]),
    )  # fmt: skip


class Vehicle(msgspec.Struct, frozen=True, gc=False):
    """A vehicle with its numbers, its plate's year and its owner."""

    plate: Pair
    year: Pair  # LIY
    vin: Pair
    fields: tuple[Pair, ...]  # VYR, VMA, VMO, VST, VCO
    status: tuple[Pair, Pair]  # STA, EXP
    owner: int  # the owner's place in the block


def registration(vehicle: Vehicle, owner: Person) -> Invented:
    """The registration of a vehicle to its owner."""
    return Invented(
        Source.DMV,
        REGISTRATION.code,
        DMV,
        vehicle.plate[1],
        (vehicle.plate, LIS_HOME, LIT_PASSENGER, vehicle.year, vehicle.vin, *vehicle.fields, ("OWN", owner.name),
         *owner.home, *vehicle.status),
    )  # fmt: skip


def styled(papers: Papers, dice: Random) -> Styled:
    """A vehicle but for its numbers."""
    return papers.styled[dice.getrandbits(_STYLED_BITS)]


def registered(papers: Papers, dice: Random) -> tuple[Pair, Pair, Pair]:
    """LIY of a plate, STA and EXP of its registration."""
    return papers.registered[dice.getrandbits(_TERMS_BITS)]
