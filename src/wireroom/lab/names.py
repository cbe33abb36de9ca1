"""Names as often as they occur: surnames in California's mix, given names by sex and decade of birth."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib import resources
from random import Random

from wireroom.lab.wheel import Wheel

_SURNAME_BITS, GIVEN_BITS = 18, 13

# Shares of the population: the United States in 2010, whose shares the list has, and California now.
_NATION = {
    "white": 0.637,
    "black": 0.122,
    "api": 0.049,
    "native": 0.007,
    "multiple": 0.019,
    "hispanic": 0.163,
}
_CALIFORNIA = {
    "white": 0.35,
    "black": 0.055,
    "api": 0.152,
    "native": 0.004,
    "multiple": 0.038,
    "hispanic": 0.401,
}
_RACE = {"white": "W", "black": "B", "api": "A", "native": "I", "multiple": "U", "hispanic": "W"}


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a list that the lab ships."""
    source = resources.files("wireroom.lab").joinpath("data", f"{name}.csv")
    with source.open(encoding="ascii") as lines:
        yield from csv.DictReader(lines)


class Names:
    """The shipped lists, ready to be drawn from. `given[sex]` has a decade as CCY: 198 for the 1980s."""

    def __init__(self) -> None:
        surnames, weights = [], []
        self._groups: dict[str, tuple[float, ...]] = {}
        for row in rows("us_surnames"):
            groups = tuple(float(row[group]) * _CALIFORNIA[group] / _NATION[group] for group in _NATION)
            surnames.append(row["name"])
            weights.append(float(row["percent_1990"]) * sum(groups))
            self._groups[row["name"]] = groups
        self.surnames = Wheel(surnames, weights, _SURNAME_BITS)
        self.given = _given()

    def race(self, surname: str, dice: Random) -> str:
        """A race of the code table, as likely as the census has it for that surname."""
        groups = self._groups.get(surname)
        return "U" if groups is None else _RACE[dice.choices(tuple(_NATION), groups)[0]]


@cache
def names() -> Names:
    """The lists, read once."""
    return Names()


def _given() -> dict[str, dict[str, Wheel[str]]]:
    births: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for row in rows("ca_first_names"):
        births.setdefault((row["sex"], row["decade"]), []).append((row["name"], int(row["births"])))
    given: dict[str, dict[str, Wheel[str]]] = {"F": {}, "M": {}}
    for (sex, decade), counted in births.items():
        given[sex][decade[:3]] = Wheel([name for name, _ in counted], [n for _, n in counted], GIVEN_BITS)
    for by_decade in given.values():
        earliest = min(by_decade)
        latest = max(by_decade)
        for number in range(180, 221):  # the list begins with the 1930s and ends with the 2020s
            nearest = min(max(str(number), earliest), latest)
            by_decade.setdefault(str(number), by_decade[nearest])
    return given
