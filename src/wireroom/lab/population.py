"""An invented state: agencies, people, licences, vehicles and records, the same for the same seed and day.

It is made in blocks of a thousand people, each from its own dice, so any part can be had without the rest and
nothing need be held in memory. What a thousand people have is fixed: 800 vehicles and 600 licences; so a
plate or licence number follows from its index alone. All is invented, and no number can belong to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from random import Random

import msgspec

from wireroom.catalog.file import File, Source
from wireroom.catalog.index import FILES
from wireroom.lab.block import BLOCK_LICENCES, BLOCK_PEOPLE, BLOCK_VEHICLES, Block
from wireroom.lab.crime import Book, Identified, plate_fields
from wireroom.lab.dmv import LIS_HOME, Vehicle, licence, papers_on, registered, registration, styled
from wireroom.lab.further import FIRST, Further, first_number
from wireroom.lab.invented import Entry, Invented
from wireroom.lab.other_states import STATES, OtherStates
from wireroom.lab.people import makers_on, people
from wireroom.lab.places import agencies, terminals
from wireroom.lab.reserved import PLATES_MAX, SSNS_MAX, VINS_MAX, Reserved
from wireroom.lab.scene import Land, weighed

PEOPLE_MIN, PEOPLE_MAX = 100, 42_000_000
CHUNK = 10_000

WANTED_SHARE, STOLEN_SHARE, PLATE_SHARE = 0.009, 0.006, 0.003  # of adults, vehicles, vehicles
_EVERYBODY = tuple(Source)


class Examples(msgspec.Struct, frozen=True):
    """What a visitor can type, and what will be found."""

    stolen_plate: str  # a hit in the state's file and NCIC's
    clean_plate: str  # registered, and in no other file
    absent_plate: str  # in no file at all
    wanted_name: str  # a hit, with a caution
    wanted_born: str
    wanted_sex: str
    clean_licence: str  # a licence of somebody who is not wanted
    clean_name: str
    clean_born: str
    gun_serial: str  # stolen from who bought it: a hit at the state and NCIC, and the record of its sale
    gun_number: str  # its FCN
    gun_owner: str  # the agency to ask
    boat: str  # a stolen boat's registration: hits at the state and NCIC, at the DMV its owner and a stop
    supervised_name: str
    supervised_born: str
    driver: str  # the licence of somebody with a history
    other_licence: str  # of another state, in no file of ours
    other_state: str
    other_owner: str  # the ORI under which that state answers
    armed_name: str  # on supervision, and bought a gun
    armed_born: str


class State:
    """An invented state of so many people. Two with the same people, seed and day are the same."""

    def __init__(self, people: int, seed: int, today: date, files: Iterable[File] = FILES) -> None:
        """`files` are those of which there are records; what the others have is the same without them."""
        if not PEOPLE_MIN <= people <= PEOPLE_MAX:
            raise ValueError(f"a state has from {PEOPLE_MIN:,} to {PEOPLE_MAX:,} people, not {people:,}")
        self.people, self.seed, self.today = people, seed, today
        self.blocks = -(-people // BLOCK_PEOPLE)
        self.vehicles = people * BLOCK_VEHICLES // BLOCK_PEOPLE
        self.licences = people * BLOCK_LICENCES // BLOCK_PEOPLE
        self.agencies = agencies(people)
        self.terminals = terminals(self.agencies)
        self._reserved = Reserved(seed)
        self._makers = makers_on(today)
        self._papers = papers_on(today)
        owners = tuple(agency.ori for agency in self.agencies if agency.enters)
        land = Land(seed, today, self.blocks, self.agencies, owners, self._makers.names, self._reserved)
        self._further = Further(land, self._makers, tuple(files))
        self._states = OtherStates(land, self._makers, self._papers)

    def __repr__(self) -> str:
        return f"State({self.people}, {self.seed}, {self.today!r})"

    def plate(self, index: int) -> str:
        """The plate of a vehicle, from 0 to `vehicles` - 1; beyond it, one that no vehicle has."""
        return self._reserved.plate(index)

    def licence(self, index: int) -> str:
        """The number of a licence, from 0 to `licences` - 1; beyond it, one that nobody has."""
        return self._reserved.licence(index)

    def block(self, index: int) -> Block:
        """One block, from 0 to `blocks` - 1."""
        if not 0 <= index < self.blocks:
            raise ValueError(f"there is no block {index} in {self.blocks}")
        dice = Random(f"{self.seed}/{index}")
        found = people(self._makers, dice, BLOCK_PEOPLE)
        del found[self.people - index * BLOCK_PEOPLE :]
        adult_days = self._makers.adult_days
        adults = [place for place, person in enumerate(found) if person.days >= adult_days]
        count = min(len(adults), len(found) * BLOCK_LICENCES // BLOCK_PEOPLE)
        without = set(dice.sample(range(len(adults)), len(adults) - count))
        licensed = [place for n, place in enumerate(adults) if n not in without]
        vehicles = self._vehicles(index, adults, len(found), dice)
        return Block(index, tuple(found), tuple(adults), tuple(licensed), vehicles)

    def _vehicles(self, index: int, adults: list[int], people: int, dice: Random) -> tuple[Vehicle, ...]:
        first, count = index * BLOCK_VEHICLES, people * BLOCK_VEHICLES // BLOCK_PEOPLE
        bits, reserved, papers = dice.getrandbits, self._reserved, self._papers
        found = []
        for number in range(first, first + count):
            looks = styled(papers, dice)
            year, status, until = registered(papers, dice)
            vin = reserved.vin(number, looks.head)
            owner = adults[bits(20) * len(adults) >> 20]
            plate = ("LIC", reserved.plate(number))
            found.append(Vehicle(plate, year, ("VIN", vin), looks.fields, (status, until), owner))
        return tuple(found)

    def stream(
        self,
        chunk: int = CHUNK,
        *,
        sources: Collection[Source] = _EVERYBODY,
        progress: Callable[[int, int], None] | None = None,
    ) -> Iterator[list[Invented]]:
        """Every record of these holders, in lists of `chunk` (the last may be shorter).

        `progress` is told how many people are done, and of how many, after each block.
        """
        if chunk < 1:
            raise ValueError(f"a chunk has at least one record, not {chunk}")
        waiting: list[Invented] = []
        for index in range(self.blocks):
            waiting.extend(self.records(self.block(index), sources))
            while len(waiting) >= chunk:
                yield waiting[:chunk]
                del waiting[:chunk]
            if progress is not None:
                progress(min(self.people, (index + 1) * BLOCK_PEOPLE), self.people)
        if waiting:
            yield waiting

    def records(self, block: Block, sources: Collection[Source] = _EVERYBODY) -> list[Invented]:
        """The records of one block: licences and registrations first, then what else there is at everybody."""
        found: list[Invented] = []
        if Source.DMV in sources:
            dice = Random(f"{self.seed}/{block.index}/papers")
            papers, numbered, first = self._papers, self._reserved.licence, block.index * BLOCK_LICENCES
            for rank, place in enumerate(block.licensed, first):
                found.append(licence(papers, dice, numbered(rank), block.people[place]))
            for vehicle in block.vehicles:
                found.append(registration(vehicle, block.people[vehicle.owner]))
            found += self._further.drivers(block, found)
        dice = Random(f"{self.seed}/{block.index}/crime")
        crimes = self._crimes(block, Book(self._makers.names, dice, self.today), dice)
        assert len(crimes) < FIRST // 2, (
            f"block {block.index} has {len(crimes)} crimes, more than are numbered"
        )
        held = self._further.records(block, crimes, dice)
        held += self._elsewhere(block.index, len(block.people), dice)
        found += held if len(sources) == len(Source) else [one for one in held if one.source in sources]
        if Source.NLETS in sources:
            found += self._states.records(block, held)
        return found

    def _crimes(self, block: Block, book: Book, dice: Random) -> list[Entry]:
        """The state's records of a block. The first one's begin with a wanted person and a stolen vehicle."""
        first = block.index == 0
        cars: dict[int, int] = {}
        for slot, vehicle in enumerate(block.vehicles):
            if slot > 1 or not first:  # the first two are the examples, and nobody wanted drives them
                cars[vehicle.owner] = slot
        licences = {place: rank for rank, place in enumerate(block.licensed, block.index * BLOCK_LICENCES)}
        found = []
        for place in block.adults:
            armed = first and place == 0
            if dice.random() < WANTED_SHARE or armed:
                known = self._known(block, place, cars.get(place), licences.get(place), dice)
                found.append(book.wanted(block.people[place], known, armed=armed, place=place))
        for slot, vehicle in enumerate(block.vehicles):
            chance = dice.random()
            example = first and slot == 0
            if first and slot == 1:
                continue
            plate = plate_fields(vehicle.plate, LIS_HOME, vehicle.year)
            if chance < STOLEN_SHARE or example:
                crime = book.stolen_vehicle(plate, vehicle.vin, vehicle.fields)
                found.insert(1 if example else len(found), crime)
            elif chance < STOLEN_SHARE + PLATE_SHARE:
                found.append(book.stolen_plate(plate))
        return found

    def _known(
        self, block: Block, place: int, car: int | None, licence: int | None, dice: Random
    ) -> Identified:
        ssn = self._reserved.ssn(block.index * BLOCK_PEOPLE + place) if dice.random() < 0.6 else ""
        numbered = (("OLN", self._reserved.licence(licence)), ("OLS", "CA")) if licence is not None else ()
        drives = car is not None and dice.random() < 0.2
        plate = (block.vehicles[car].plate, LIS_HOME) if car is not None and drives else ()
        return Identified(ssn, numbered, plate)

    def _elsewhere(self, index: int, people_here: int, dice: Random) -> list[Invented]:
        """NCIC's records of other states, about half as many again as the state's own."""
        share = people_here / BLOCK_PEOPLE
        book = Book(self._makers.names, dice, self.today)
        crimes: list[tuple[Entry, str]] = []
        strangers = [
            person for person in people(self._makers, dice, 20) if person.days >= self._makers.adult_days
        ]
        for slot in range(8):
            if dice.random() > share:
                continue
            number = first_number(index) + FIRST // 2 + slot
            state = weighed(STATES, dice)
            if slot < 4:
                person = strangers[slot % len(strangers)]
                numbered = (("OLN", self._reserved.licence_elsewhere(number)), ("OLS", state))
                known = Identified(self._reserved.ssn(SSNS_MAX - 1 - number), numbered)
                crimes.append((book.wanted(person, known), state))
                continue
            year = registered(self._papers, dice)[0]
            plate = plate_fields(
                ("LIC", self._reserved.plate_elsewhere(index * 4 + slot - 4)), ("LIS", state), year
            )
            looks = styled(self._papers, dice)
            vin = ("VIN", self._reserved.vin(VINS_MAX - 1 - number, looks.head))
            crime = book.stolen_vehicle(plate, vin, looks.fields) if slot < 7 else book.stolen_plate(plate)
            crimes.append((crime, state))
        return [
            Invented(
                Source.NCIC,
                crime.file.code,
                f"{state}ZZZ{dice.randrange(1, 100):02d}00",
                self._reserved.nic(crime.file.letter, first_number(index) + FIRST // 2 + n),
                crime.fields,
            )
            for n, (crime, state) in enumerate(crimes)
        ]


def examples(state: State) -> Examples:
    """What to type in the demo. Looks at the first block alone."""
    block = state.block(0)
    wanted = block.people[0]
    held = state.records(block)
    first: dict[tuple[Source, str], Invented] = {}
    for record in held:
        first.setdefault((record.source, record.file), record)
    told = {key: dict(record.fields) for key, record in first.items()}
    gun, supervised, armed = (told[Source.STATE, code] for code in ("gun", "supervised", "armed"))
    named = {
        value
        for record in held
        if record.file not in ("licence", "registration")
        for code, value in record.fields
        if code in {"NAM", "AKA"}
    }
    rank, clean = next(
        (rank, block.people[place])
        for rank, place in enumerate(block.licensed)
        if block.people[place].name not in named
    )
    return Examples(
        stolen_plate=state.plate(0),
        clean_plate=state.plate(1),
        absent_plate=state.plate(PLATES_MAX - 1),
        wanted_name=wanted.name,
        wanted_born=wanted.born,
        wanted_sex=wanted.sex[1],
        clean_licence=state.licence(rank),
        clean_name=clean.name,
        clean_born=clean.born,
        gun_serial=gun["SER"],
        gun_number=first[Source.STATE, "gun"].number,
        gun_owner=first[Source.STATE, "gun"].owner,
        boat=told[Source.STATE, "boat"]["REG"],
        supervised_name=supervised["NAM"],
        supervised_born=supervised["DOB"],
        driver=told[Source.DMV, "driver_history"]["OLN"],
        other_licence=told[Source.NLETS, "licence"]["OLN"],
        other_state=told[Source.NLETS, "licence"]["OLS"],
        other_owner=first[Source.NLETS, "licence"].owner,
        armed_name=armed["NAM"],
        armed_born=armed["DOB"],
    )
