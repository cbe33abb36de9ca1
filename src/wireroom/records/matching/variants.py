"""Names that are known to stand for one another: nicknames, spellings, romanisations, forms of other languages."""

from __future__ import annotations

import csv
from enum import IntEnum
from functools import cache
from importlib import resources

import msgspec
from nicknames import NickNamer


class Kin(IntEnum):
    """How two names are related, the nearer first."""

    SPELLING = 0  # one name in another spelling
    NICKNAME = 1  # one is the short or familiar form of the other
    COUSIN = 2  # both are familiar forms of a third


class Variants(msgspec.Struct, frozen=True):
    """For each name its relatives, as given name and as surname."""

    given: dict[str, dict[str, Kin]]
    last: dict[str, dict[str, Kin]]


_DISTANT = frozenset(("sino-vietnamese",))  # one sign read in two countries: seldom one person


@cache
def variants() -> Variants:
    """The shipped tables and the package of English nicknames, read once."""
    given: dict[str, dict[str, Kin]] = {}
    last: dict[str, dict[str, Kin]] = {}
    for formal, familiar in NickNamer().nickname_lookup.items():
        _related(given, (formal, *sorted(familiar)))
    source = resources.files("wireroom.records.matching").joinpath("data", "name_variants.csv")
    with source.open(encoding="ascii") as lines:
        for row in csv.DictReader(lines):
            names = row["names"].split()
            if row["kind"] == "given":
                _related(given, names)
            else:
                kin = Kin.COUSIN if row["language"] in _DISTANT else Kin.SPELLING
                _alike(last if row["kind"] == "surname" else given, names, kin)
    for short, whole in _ABBREVIATED.items():
        for table in (given, last):
            _note(table, whole, short, Kin.NICKNAME)
    return Variants(given, last)


def _related(into: dict[str, dict[str, Kin]], names: tuple[str, ...] | list[str]) -> None:
    """A formal name and its familiar ones, which are weaker relatives of each other."""
    formal, *familiar = (name.upper() for name in names)
    for one in familiar:
        _note(into, formal, one, Kin.NICKNAME)
        for other in familiar:
            if other != one:
                _note(into, one, other, Kin.COUSIN)


def _alike(into: dict[str, dict[str, Kin]], names: list[str], kin: Kin) -> None:
    for one in names:
        for other in names:
            if one != other:
                _note(into, one, other, kin)


def _note(into: dict[str, dict[str, Kin]], one: str, other: str, kin: Kin) -> None:
    for here, there in ((one, other), (other, one)):
        held = into.setdefault(here, {})
        held[there] = min(kin, held.get(there, kin))


# Given names as clerks and registers cut them (our choice, from forms and old registers of several countries).
_ABBREVIATED = {
    "MA": "MARIA", "MRIA": "MARIA", "GPE": "GUADALUPE", "FCO": "FRANCISCO", "FCA": "FRANCISCA", "JUN": "JUNIOR",
    "ANT": "ANTONIO", "DGO": "DOMINGO", "FDO": "FERNANDO", "GMO": "GUILLERMO", "HDEZ": "HERNANDEZ", "MTZ": "MARTINEZ",
    "RDZ": "RODRIGUEZ", "GLEZ": "GONZALEZ", "GZZ": "GONZALEZ", "FDEZ": "FERNANDEZ", "SNZ": "SANCHEZ", "PZ": "PEREZ",
    "WM": "WILLIAM", "CHAS": "CHARLES", "THOS": "THOMAS", "JAS": "JAMES", "GEO": "GEORGE", "ROBT": "ROBERT",
    "EDW": "EDWARD", "EDWD": "EDWARD", "BENJ": "BENJAMIN", "JOS": "JOSEPH", "JNO": "JOHN", "JON": "JONATHAN",
    "SAML": "SAMUEL", "DANL": "DANIEL", "RICHD": "RICHARD", "CHRIS": "CHRISTOPHER", "XTOPHER": "CHRISTOPHER",
    "ALEX": "ALEXANDER", "MICHL": "MICHAEL", "PATK": "PATRICK", "MARGT": "MARGARET", "ELIZ": "ELIZABETH",
    "CATH": "CATHERINE", "KATH": "KATHERINE", "MOHD": "MOHAMMED", "MUHD": "MUHAMMAD", "MD": "MOHAMMED",
    "ABD": "ABDUL", "SK": "SHEIKH", "KR": "KUMAR",
}  # fmt: skip
