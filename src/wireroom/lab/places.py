"""Invented cities and streets, and the agencies and terminals of a state that does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import msgspec

from wireroom.lab.wheel import Wheel

# ZIP codes 00989 to 00999 are given to no post office.
_ZIPS = tuple(f"{number:05d}" for number in range(989, 1000))
CITIES = (
    "EXAMPLE CITY", "PORT SPECIMEN", "NEW SAMPLE", "MOUNT PLACEHOLDER", "INVENTED SPRINGS", "TESTCASE HARBOR",
    "FICTION VALLEY", "DUMMY CREEK", "MOCKINGTON", "PRETEND HEIGHTS", "LAKE NOWHERE", "SAN EJEMPLO",
    "SANTA MUESTRA", "LOS INVENTADOS", "TEMPLATE FALLS", "DRAFT RIVER", "NOSUCH GROVE", "SCHEMA POINT",
    "FIXTURE PARK", "UTOPIA FLATS", "IMAGINARY COVE", "PROTOTYPE BEACH", "ANYTOWN", "SOMEWHERE JUNCTION",
)  # fmt: skip
_STREETS = (
    "SPECIMEN", "SAMPLE", "EXAMPLE", "MOCKUP", "TEMPLATE", "FICTION", "PRETEND", "DUMMY", "INVENTED",
    "NOSUCH", "PLACEHOLDER", "TESTCASE", "FIXTURE", "PROTOTYPE", "IMAGINARY", "BLUEPRINT", "MAKEBELIEVE",
    "TRIAL", "REHEARSAL", "DRILL", "EXERCISE", "PRACTICE",
)  # fmt: skip
_TREES = ("", " OAK", " MAPLE", " CEDAR", " WALNUT", " PALM", " LAUREL", " SYCAMORE")
_WAYS = ("ST", "AVE", "BLVD", "DR", "LN", "WAY", "CT", "RD")
STREETS = tuple(f"{name}{tree} {way}" for name, tree, way in product(_STREETS, _TREES, _WAYS))

DMV = "CA0590000"  # the invented department that holds licences and registrations
DOJ = "CA0990000"  # the department that owns what is derived, unless the settings name another

Pair = tuple[str, str]


class Agency(msgspec.Struct, frozen=True):
    """An agency that does not exist: California's counties end with 058."""

    ori: str
    name: str
    enters: bool = True  # police and sheriffs; the records of the state belong to these


class Terminal(msgspec.Struct, frozen=True):
    """A terminal of an invented agency."""

    mnemonic: str
    ori: str
    mobile: bool = False
    default: bool = False  # where mail to the agency's ORI goes first


def cities() -> Wheel[tuple[Pair, Pair]]:
    """City and ZIP as fields; a few cities are large and many are small."""
    fields = [(("CTY", city), ("ZIP", _ZIPS[n % len(_ZIPS)])) for n, city in enumerate(CITIES)]
    return Wheel(fields, [1 / (n + 2) for n in range(len(fields))], 10)


_FIRST = (
    Agency("CA0990100", "Example City Police Department"),
    Agency("CA0990000", "Specimen County Sheriff"),
    Agency("CA0990200", "Port Specimen Police Department"),
    Agency("CA099013A", "Specimen County District Attorney", enters=False),
    Agency("CA099023J", "Superior Court of Specimen County", enters=False),
    Agency("CA099033G", "Specimen County Probation", enters=False),
    Agency("CA0990300", "New Sample Police Department"),
    Agency("CA0990400", "Mount Placeholder Police Department"),
)
_COUNTIES = range(99, 58, -1)
_KINDS = ("Police Department", "Harbor Police", "Transit Police", "Airport Police", "School Police",
          "University Police", "Park Rangers", "Hospital Police", "Marshal")  # fmt: skip
_PARTS = ("", "North ", "South ", "East ", "West ", "Upper ", "Lower ", "Old ", "Outer ", "Inner ", "Far ",
          "Near ", "Great ", "Little ", "Central ", "Greater ", "Middle ", "Royal ", "Fort ")  # fmt: skip


def agencies(people: int) -> tuple[Agency, ...]:
    """About one for each ten thousand people, at least eight; at most as many as the reserved ORIs are."""
    wanted = max(len(_FIRST), people // 10_000)
    return (*_FIRST, *(agency for agency, _ in zip(_further(), range(wanted - len(_FIRST)), strict=False)))


def _further() -> Iterator[Agency]:
    taken = {agency.ori for agency in _FIRST} | {DMV}
    known = {agency.name for agency in _FIRST}
    titles = (f"{part}{city.title()} {kind}" for kind, part, city in product(_KINDS, _PARTS, CITIES))
    fresh = (title for title in titles if title not in known)
    for county, number in product(_COUNTIES, range(1, 100)):
        ori = f"CA{county:03d}{number:02d}00"
        if ori not in taken:
            yield Agency(ori, next(fresh))


_FIXED, _MOBILE = 4, 6
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def terminals(of: tuple[Agency, ...]) -> tuple[Terminal, ...]:
    """Four fixed terminals for each agency, the first of them its default, and six in cars."""
    found = []
    for place, agency in enumerate(of):
        for n in range(_FIXED + _MOBILE):
            number = place * (_FIXED + _MOBILE) + n + 1
            mnemonic = f"Z{_DIGITS[number // 1296]}{_DIGITS[number // 36 % 36]}{_DIGITS[number % 36]}"
            found.append(Terminal(mnemonic, agency.ori, mobile=n >= _FIXED, default=n == 0))
    return tuple(found)
