"""What the states behind the invented Nlets hold: licences, registrations and histories of a few of their own.

Whoever NCIC knows by another state's licence or plate has it there, so that both answers tell of the same person or
car. Beside those, each block has a few people of other states of whom nobody else knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random

from wireroom.catalog.file import Source
from wireroom.catalog.files.driver_history import DRIVER_HISTORY
from wireroom.catalog.files.licence import LICENCE
from wireroom.catalog.files.registration import REGISTRATION
from wireroom.catalog.files.vehicle import VEHICLE
from wireroom.catalog.tables import table
from wireroom.lab.block import BLOCK_PEOPLE, Block
from wireroom.lab.dmv import Papers, registered, styled
from wireroom.lab.driving import LOST, history
from wireroom.lab.filling import filled
from wireroom.lab.invented import Invented
from wireroom.lab.people import Makers, Person, people
from wireroom.lab.reserved import VINS_MAX
from wireroom.lab.scene import ANSWERS_FROM_DAYS, Known, Land, Scene, weighed

STATES = {"NV": 4, "AZ": 3, "OR": 3, "TX": 3, "WA": 2, "UT": 1, "NM": 1, "CO": 1, "FL": 1, "NY": 1}
DRIVERS, CARS = 6, 4  # of other states, in a thousand people; the first two drivers of a block have a history
_STRANGERS = 16  # people who are drawn, so that there are always adults enough
# Where numbers begin that no other series of other states' reaches; for each block there are so many.
_LICENCES_FROM, _LICENCES = 50_000_000, 8
_PLATES_FROM, _PLATES = 600_000, 4
_VINS_FROM, _VINS = 10_000_000, 4


def owner(state: str) -> str:
    """The ORI under which a state answers through Nlets: of no true agency."""
    return f"{state}NLETS99"


class OtherStates:
    """Writes what a block has at other states."""

    def __init__(self, land: Land, makers: Makers, papers: Papers) -> None:
        self._land, self._makers, self._papers = land, makers, papers

    def records(self, block: Block, held: Iterable[Invented]) -> Iterator[Invented]:
        """Of those nobody else knows first, then of those that NCIC holds among what is `held` of the block."""
        dice = Random(f"{self._land.seed}/{block.index}/states")
        adults = [
            one for one in people(self._makers, dice, _STRANGERS) if one.days >= self._makers.adult_days
        ]
        share = len(block.people) / BLOCK_PEOPLE
        first = 2 if block.index == 0 else 0
        for n, person in enumerate(adults[: max(first, round(DRIVERS * share))]):
            yield from self._driver(block, n, person, dice)
        for n in range(max(first, round(CARS * share))):
            yield self._car(block, n, adults[n % len(adults)], dice)
        known: set[str] = set()
        for record in held:
            if record.source is Source.NCIC:
                yield from self._known(record, adults, known, dice)

    def _driver(self, block: Block, n: int, person: Person, dice: Random) -> Iterator[Invented]:
        state = weighed(STATES, dice)
        number = self._land.reserved.licence_elsewhere(_LICENCES_FROM + block.index * _LICENCES + n)
        given: Known = {"OLN": number, "OLS": state, "NAM": person.name, "DOB": person.born,
                        **dict((person.sex, *person.looks))}  # fmt: skip
        licence = self._licence(given, person, dice)
        yield licence
        if n < 2:
            scene = Scene(self._land, block, away=state)
            days = person.days - ANSWERS_FROM_DAYS
            lost = not LOST.isdisjoint(licence.fields)
            fields = history(scene, dict(licence.fields), dice, days=days, lost=lost)
            yield Invented(Source.NLETS, DRIVER_HISTORY.code, owner(state), number, fields)

    def _licence(self, given: Known, person: Person, dice: Random) -> Invented:
        terms = dict(dice.choice(self._papers.terms_of_young))
        fields = filled(LICENCE, {**given, **dict(person.home), **terms}, dice, self._land.today)
        return Invented(Source.NLETS, LICENCE.code, owner(str(given["OLS"])), str(given["OLN"]), fields)

    def _car(self, block: Block, n: int, person: Person, dice: Random) -> Invented:
        reserved, looks = self._land.reserved, styled(self._papers, dice)
        given: Known = {
            "LIC": reserved.plate_elsewhere(_PLATES_FROM + block.index * _PLATES + n),
            "LIS": weighed(STATES, dice),
            "LIT": "PC",
            "VIN": reserved.vin(VINS_MAX - 1 - _VINS_FROM - block.index * _VINS - n, looks.head),
            **dict(looks.fields),
        }
        return self._registration(given, person, dice)

    def _registration(self, given: Known, person: Person, dice: Random) -> Invented:
        terms = dict(registered(self._papers, dice))
        home = {"OWN": person.name, **dict(person.home)}
        fields = filled(REGISTRATION, {**terms, **home, **given}, dice, self._land.today)
        return Invented(Source.NLETS, REGISTRATION.code, owner(str(given["LIS"])), str(given["LIC"]), fields)

    def _known(
        self, record: Invented, adults: list[Person], known: set[str], dice: Random
    ) -> Iterator[Invented]:
        """The papers of somebody, or of a car, that NCIC knows by another state's number; once each."""
        fields = dict(record.fields)
        number, plate, places = fields.get("OLN", ""), fields.get("LIC", ""), table("nlets_destination")
        if number not in known and fields.get("OLS") in places and {"NAM", "DOB"} <= fields.keys():
            known.add(number)
            person: Known = {code: fields[code] for code in (*_OF_A_PERSON, "OLN", "OLS") if code in fields}
            yield self._licence(person, dice.choice(adults), dice)
        if (
            record.file == VEHICLE.code
            and plate not in known
            and fields.get("LIS") in places
            and "VIN" in fields
        ):
            known.add(plate)
            car: Known = {code: fields[code] for code in _OF_A_CAR if code in fields}
            yield self._registration(car, dice.choice(adults), dice)


_OF_A_PERSON = ("NAM", "DOB", "SEX", "HGT", "WGT", "EYE", "HAI")
_OF_A_CAR = ("LIC", "LIS", "LIT", "LIY", "VIN", "VYR", "VMA", "VMO", "VST", "VCO")
