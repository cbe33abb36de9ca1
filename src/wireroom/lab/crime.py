"""What the state's own files hold, and NCIC's: wanted persons, stolen vehicles, stolen plates."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import msgspec

from wireroom.catalog.files.plate import PLATE
from wireroom.catalog.files.vehicle import VEHICLE
from wireroom.catalog.files.wanted import WANTED
from wireroom.catalog.kinds_of_person import parts
from wireroom.lab.dmv import LIT_PASSENGER
from wireroom.lab.invented import Entry, Fields
from wireroom.lab.names import Names
from wireroom.lab.people import Person
from wireroom.lab.places import Pair

# Offence (a code of the table), how often of a thousand, and whether it is a felony.
_OFFENCES: tuple[tuple[str, int, bool], ...] = (
    ("5015", 260, False), ("5404", 110, False), ("5011", 90, True), ("3572", 70, True), ("2404", 60, True),
    ("2303", 50, False), ("1313", 50, False), ("2202", 45, True), ("2399", 40, False), ("1315", 40, True),
    ("5005", 35, False), ("2803", 30, True), ("2610", 25, True), ("2605", 20, True), ("5401", 20, False),
    ("1204", 15, True), ("5212", 15, True), ("2902", 10, False), ("5707", 8, False), ("0999", 3, True),
)  # fmt: skip
_OF_ANOTHER = {"5011": "2202"}  # a violated parole names the offence that it was for: here a burglary
ARMED_ROBBERY = "1204"
_LIMITS = {True: ("01", "02", "03", "04", "05", "06"), False: ("A", "B", "C", "D", "E", "F")}
_LIMIT_WEIGHTS = (40, 12, 18, 20, 4, 6)
_EXPLAINED = {"02": "WILL EXTRADITE WITHIN 500 MILES", "B": "WILL EXTRADITE WITHIN 100 MILES",
              "05": "ARRANGEMENTS PENDING, CALL AGENCY", "E": "ARRANGEMENTS PENDING, CALL AGENCY",
              "04": "INSTATE PICK-UP ONLY", "D": "INSTATE PICK-UP ONLY"}  # fmt: skip
_CAUTIONS = {"00": 30, "05": 25, "25": 12, "20": 15, "70": 6, "01": 6, "10": 2, "80": 2, "90": 2}
_OTHER_CAUTION = "INVENTED CAUTION, APPROACH WITH A SECOND UNIT"
_WANTED_DAYS, _STOLEN_DAYS = 2_000, 900


class Identified(msgspec.Struct, frozen=True):
    """The numbers of a wanted person, as far as they are known."""

    ssn: str = ""
    licence: tuple[Pair, ...] = ()  # OLN, OLS
    plate: tuple[Pair, ...] = ()  # LIC, LIS


class Book:
    """Writes the records of one day with one set of dice."""

    def __init__(self, names: Names, dice: Random, today: date) -> None:
        self._names, self._dice, self._today = names, dice, today

    def wanted(self, person: Person, known: Identified, *, armed: bool = False, place: int = -1) -> Entry:
        """A warrant for an adult; `armed` for one whose caution every reader must see."""
        dice = self._dice
        offence, _, felony = dice.choices(_OFFENCES, [weight for _, weight, _ in _OFFENCES])[0]
        limit = dice.choices(_LIMITS[felony], _LIMIT_WEIGHTS)[0]
        cautions = dice.choices(list(_CAUTIONS), list(_CAUTIONS.values())) if dice.random() < 0.22 else []
        if armed:
            offence, limit, cautions = ARMED_ROBBERY, "01", ["00"]
        remarks = [_EXPLAINED[limit]] if limit in _EXPLAINED else []
        if "01" in cautions:
            remarks.append(_OTHER_CAUTION)
        issued, entered = self._when(min(_WANTED_DAYS, person.days - 18 * 365))
        fields = [("NAM", person.name), *(("AKA", alias) for alias in self._aliases(person)), person.sex]
        fields.append(("RAC", self._names.race(parts(person.name)[0], dice)))
        fields += [("DOB", person.born), *person.looks]
        if known.ssn:
            fields.append(("SOC", known.ssn))
        fields += [*known.licence, *known.plate, *(("CMC", caution) for caution in cautions)]
        fields += [
            ("OFF", offence),
            *(("OOC", first) for code, first in _OF_ANOTHER.items() if code == offence),
            ("DOW", issued),
            ("WNO", f"W{dice.randrange(10**6):06d}"),
            ("EXL", limit),
        ]
        fields.append(self._case(issued))
        if remarks:
            fields.append(("MIS", ", ".join(remarks)))
        return Entry(WANTED, tuple(fields), entered, place)

    def stolen_vehicle(self, plate: tuple[Pair, ...], vin: Pair, fields: Fields) -> Entry:
        """A stolen vehicle. `plate` is LIC, LIS, LIY, LIT; `fields` are VYR to VCO."""
        dice = self._dice
        stolen, entered = self._when(_STOLEN_DAYS)
        found = [*plate, vin, *fields]
        if dice.random() < 0.03:
            found.append(("CMC", "00"))
        found += [("DOT", stolen), self._case(stolen)]
        return Entry(VEHICLE, tuple(found), entered)

    def stolen_plate(self, plate: tuple[Pair, ...]) -> Entry:
        """A stolen plate. `plate` is LIC, LIS, LIY, LIT."""
        stolen, entered = self._when(300)
        return Entry(PLATE, (*plate, ("DOT", stolen), self._case(stolen)), entered)

    def _when(self, days_max: int) -> tuple[str, str]:
        """A day in the past and that of the entry, which is never today: new numbers may be given today."""
        days = self._dice.randint(1, max(1, days_max))
        entered = max(1, days - self._dice.choice((0, 0, 0, 1, 1, 2, 5)))
        return f"{self._today - timedelta(days=days):%Y%m%d}", f"{self._today - timedelta(days=entered):%Y%j}"

    def _case(self, day: str) -> Pair:
        return ("OCA", f"{day[2:4]}-{self._dice.randrange(10**6):06d}")

    def _aliases(self, person: Person) -> list[str]:
        """None for most; else another surname, another given name, or two letters changed about."""
        dice = self._dice
        if dice.random() > 0.22:
            return []
        last, first, middle, _ = parts(person.name)
        given = self._names.given[person.sex[1]][person.born[:3]]
        place = dice.randrange(len(last) - 1)
        swapped = last[:place] + last[place + 1] + last[place] + last[place + 2 :]
        choices = (
            f"{self._names.surnames.draw(dice)}, {first}",
            f"{last}, {given.draw(dice)}",
            f"{swapped}, {first} {middle}".rstrip(),
            f"{last}, {middle} {first}" if middle else f"{last}, {given.draw(dice)}",
        )
        found = dict.fromkeys(dice.choices(choices, k=dice.choices((1, 2, 3), (70, 22, 8))[0]))
        return [alias for alias in found if alias != person.name]


def plate_fields(plate: Pair, state: Pair, year: Pair) -> tuple[Pair, ...]:
    """LIC, LIS, LIY, LIT of a passenger plate."""
    return (plate, state, year, LIT_PASSENGER)
