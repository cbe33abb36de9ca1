"""One block as those see it who write records about its people and their things: who they are, and fresh numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from random import Random

import msgspec

from wireroom.catalog.kinds_of_person import parts
from wireroom.lab.block import BLOCK_LICENCES, BLOCK_PEOPLE, Block
from wireroom.lab.invented import Entry
from wireroom.lab.names import Names
from wireroom.lab.people import Person
from wireroom.lab.places import Agency
from wireroom.lab.reserved import Reserved

KNOWN_SSN_SHARE = 0.6
LEFT_ALONE = 12  # adults of the first block: the examples' own, of whom no further record tells
SERIALS, SERIALS_AWAY, SERIALS_FROM = (
    128,
    64,
    5_400_000,
)  # of a block here, of one's strangers, and where those begin
BOATS = 20
ANSWERS_FROM_DAYS = 16 * 366  # of age
STRANGERS_FROM, STRANGERS_MAX = 42_000_000, 32
WHO = ("NAM", "SEX", "RAC", "DOB", "HGT", "WGT", "EYE", "HAI")

Known = dict[str, str | tuple[str, ...]]


class Land(msgspec.Struct, frozen=True):
    """What all blocks of a state share."""

    seed: int
    today: date
    blocks: int
    agencies: tuple[Agency, ...]
    owners: tuple[str, ...]  # ORIs
    names: Names
    reserved: Reserved


class Draft(msgspec.Struct, frozen=True):
    """What one record is to say; all else is invented by the kinds of its file."""

    given: Known
    days: int = 1  # since the entry
    person: int = -1  # the place of its person in the block


class Scene:
    """A block, or so many strangers of another state: `away` is its code then."""

    def __init__(
        self, land: Land, block: Block, entries: Iterable[Entry] = (), *, away: str = "", beyond: int = 0
    ) -> None:
        """`beyond`: so many strangers of the block have been named already."""
        self.land, self.block, self.away, self._beyond = land, block, away, beyond
        self.today = land.today
        self.here = away or "CA"
        self.share = len(block.people) / BLOCK_PEOPLE
        self.adults = block.adults[LEFT_ALONE:] if block.index == 0 and not away else block.adults
        self.known = {entry.person: dict(entry.fields) for entry in entries if entry.person >= 0}
        self.supervised: list[int] = []  # places, in the order of their records
        self.guns: list[Known] = []  # with their owners
        self.boats: list[Known] = []  # with their owners
        self._licences = {
            place: rank for rank, place in enumerate(block.licensed, block.index * BLOCK_LICENCES)
        }
        first = 0 if away or block.index else 2  # the first block's first two are the examples
        self.vehicles = block.vehicles[first:]
        self._cars = {vehicle.owner: slot for slot, vehicle in enumerate(self.vehicles)}
        self._serials = beyond  # each of them had one thing at most

    # ----------------------------------------------------------------------- days

    def ago(self, days: int) -> str:
        """The day so many days ago, or ahead where it is less than none."""
        return f"{self.today - timedelta(days=days):%Y%m%d}"

    def since(self, place: int, dice: Random, low: int, high: int) -> int:
        """So many days ago, when somebody was old enough to answer for it."""
        return dice.randint(low, max(low, min(high, self.person(place).days - ANSWERS_FROM_DAYS)))

    def entered(self, days: int) -> str:
        """The day of an entry as file numbers have it; never today, when new numbers may be given."""
        return f"{self.today - timedelta(days=max(1, days)):%Y%j}"

    def case(self, days: int, dice: Random) -> str:
        """A case number of the year so many days ago."""
        return f"{self.ago(days)[2:4]}-{dice.randrange(10**6):06d}"

    # ----------------------------------------------------------------------- people

    def some(self, dice: Random, count: int) -> list[int]:
        """So many different adults."""
        return dice.sample(self.adults, min(count, len(self.adults)))

    def person(self, place: int) -> Person:
        """Who stands at a place."""
        return self.block.people[place]

    def who(self, place: int, dice: Random) -> Known:
        """What is known of somebody: the same in every record, as far as each agency knew it."""
        person, known = self.person(place), self.known.get(place, {})
        found: Known = {"NAM": person.name, "DOB": person.born, **dict((person.sex, *person.looks))}
        found["RAC"] = known.get("RAC") or self.land.names.race(
            parts(person.name)[0], Random(self.block.index * BLOCK_PEOPLE + place)
        )
        if dice.random() < KNOWN_SSN_SHARE:
            found["SOC"] = self.ssn(place)
        if number := self.licence(place):
            found["OLN"], found["OLS"] = number, self.here
        return found

    def home(self, place: int) -> Known:
        """Where somebody lives: ADR, CTY, STA, ZIP."""
        return {**dict(self.person(place).home), "STA": self.here}

    def household(self, place: int) -> list[int]:
        """Those who live with somebody; they stand side by side."""
        home, found = self.person(place).home, []
        for step in (-1, 1):
            other = place + step
            while 0 <= other < len(self.block.people) and self.block.people[other].home == home:
                found.append(other)
                other += step
        return found

    def _number(self, place: int) -> int:
        """Somebody's own number: strangers come behind all people of the largest state."""
        if self.away:
            return STRANGERS_FROM + self.block.index * STRANGERS_MAX + self._beyond + place
        return self.block.index * BLOCK_PEOPLE + place

    def ssn(self, place: int) -> str:
        """The social security number of somebody."""
        return self.land.reserved.ssn(self._number(place))

    def cii(self, place: int) -> str:
        """The state's identification number of somebody whose fingerprints it has."""
        return self.land.reserved.cii(self._number(place))

    def licence(self, place: int) -> str:
        """The licence number of somebody; empty where there is none."""
        if self.away:
            return self.land.reserved.licence_elsewhere(self._number(place))
        rank = self._licences.get(place)
        return "" if rank is None else self.land.reserved.licence(rank)

    def car(self, place: int) -> Known:
        """The plate of somebody's car; nothing where there is none."""
        slot = self._cars.get(place)
        return {} if slot is None else {"LIC": self.vehicles[slot].plate[1], "LIS": "CA"}

    # ----------------------------------------------------------------------- numbers and agencies

    def serial(self) -> str:
        """The number of one more thing."""
        here, base = (SERIALS_AWAY, SERIALS_FROM) if self.away else (SERIALS, 0)
        number, self._serials = self._serials, self._serials + 1
        assert number < here, f"block {self.block.index} has more things than are numbered"
        return self.land.reserved.serial(base + self.block.index * here + number)

    def boat(self) -> str:
        """The registration of one more boat."""
        if self.away:
            return self.serial()
        assert len(self.boats) < BOATS, f"block {self.block.index} has more boats than are numbered"
        return self.land.reserved.boat(self.block.index * BOATS + len(self.boats))

    def owner(self, dice: Random) -> str:
        """An agency that enters records."""
        if self.away:
            return f"{self.away}ZZZ{dice.randrange(1, 100):02d}00"
        return dice.choice(self.land.owners)


def weighed(table: Mapping[str, float], dice: Random) -> str:
    """One of a table, as often as it weighs."""
    return dice.choices(list(table), list(table.values()))[0]


def several(values: Sequence[str], dice: Random, most: int) -> tuple[str, ...]:
    """One to so many different values, in their order."""
    chosen = set(dice.sample(values, dice.randint(1, min(most, len(values)))))
    return tuple(value for value in values if value in chosen)
