"""Makes a labelled search set: people, and queries of which it is known whom they mean. All of them are invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import msgspec
from msgspec.structs import astuple

from wireroom.lab.crowd import BLOCK, Crowd, Person
from wireroom.lab.mistakes import (
    CLEAN,
    DATE_MISTAKES,
    EXACT,
    MISTAKES,
    SURNAME_CHANGED,
    mistake,
    suits,
    surname_lost,
    wrong_date,
)

PEOPLE_MAX = 40_000_000
PEOPLE_COLUMNS = ("id", "last", "first", "middle", "suffix", "dob", "sex", "ssn", "group")
QUERY_COLUMNS = ("query_id", "last", "first", "middle", "suffix", "dob", "sex", "ssn", "true_id", "in_file", "class",
                 "dob_class", "group")  # fmt: skip
PEOPLE_FILE, QUERIES_FILE = "people.csv", "queries.csv"

# For each mix: how many names are right, and how many dates. All kinds of mistakes share the rest alike.
MIXES = {"stress": (1 / len(MISTAKES), 0.60), "field": (0.80, 0.90)}
ABSENT_SHARE = 0.25

_ABSENT_BLOCKS_BITS = 18  # after the people of the file: who is asked for there is nowhere
_WRITTEN_AT_ONCE = 256 * BLOCK
_TRIES = 60
_NAMES_WRONG = tuple(kind for kind in MISTAKES if kind != CLEAN)
_DATES_WRONG = tuple(DATE_MISTAKES)

Progress = Callable[[int, int], None]


class Query(msgspec.Struct, frozen=True):
    """An inquiry about somebody, and the truth about it, in the order of QUERY_COLUMNS."""

    query_id: int
    last: str
    first: str
    middle: str
    suffix: str
    dob: str  # CCYYMMDD or nothing
    sex: str
    ssn: str
    true_id: int | None  # of the person in the file; None for one who is not
    in_file: int  # 1 or 0
    name_class: str
    dob_class: str
    group: str


class LabelledSet:
    """So many people, numbered from 1, and as many queries as wanted. A seed means the same ones for ever.

    Everybody is invented: names are put together at random, and no number is one that anybody can have. Nothing is
    held in memory: a person of any number is made again when needed.

    `queries_seed` gives other queries about the same people: those that a search is tuned with must not be those
    that it is judged by. Without one the queries have the seed of the people.

    Who has changed her surname keeps the old one in half of the queries, as a middle name or as one half of a double
    surname. The other half have lost it wholly, and their date is always exact, whatever the mix says of dates: with
    both gone nothing is left to find anybody by.
    """

    def __init__(
        self, people: int, seed: int, mix: str = "stress", *, queries_seed: int | None = None
    ) -> None:
        if not 1 <= people <= PEOPLE_MAX:
            raise ValueError(f"{people} people: a set has from 1 to {PEOPLE_MAX:,}")
        if mix not in MIXES:
            raise ValueError(f"the mix {mix!r} is not known; it is one of {', '.join(MIXES)}")
        self.people, self.seed, self.mix = people, seed, mix
        self.queries_seed = seed if queries_seed is None else queries_seed
        self._crowd = Crowd(seed)
        self._blocks = -(-people // BLOCK)

    def people_rows(self, start: int = 0, stop: int | None = None) -> Iterator[Person]:
        """The people from one place to before another; the person at place 0 has id 1."""
        stop = self.people if stop is None else min(stop, self.people)
        for number in range(start // BLOCK, -(-stop // BLOCK)):
            first = number * BLOCK
            yield from self._crowd.block(number)[max(0, start - first) : stop - first]

    def person(self, id: int) -> Person:
        """The person of that id. Raises ValueError for one who is not in the file."""
        if not 1 <= id <= self.people:
            raise ValueError(f"nobody has the id {id}: they go from 1 to {self.people}")
        return self._crowd.block((id - 1) // BLOCK)[(id - 1) % BLOCK]

    def queries(self, count: int, ssn_share: float = 0.0) -> Iterator[Query]:
        """So many queries. A share of those about people with a number have it too, sometimes mistyped."""
        for number in range(count):
            yield self._query(number, Random((self.queries_seed << 40) | (1 << 39) | number), ssn_share)

    def write(
        self, folder: Path, queries: int, progress: Progress | None = None, ssn_share: float = 0.0
    ) -> None:
        """Writes people.csv and queries.csv; `progress` is told how many lines of how many are written."""
        folder.mkdir(parents=True, exist_ok=True)
        total, done = self.people + queries, 0
        tell = progress or (lambda done, total: None)
        with (folder / PEOPLE_FILE).open("w", encoding="ascii", newline="\n") as file:
            file.write(_line(PEOPLE_COLUMNS))
            for start in range(0, self.people, _WRITTEN_AT_ONCE):
                lines = [_person_line(one) for one in self.people_rows(start, start + _WRITTEN_AT_ONCE)]
                file.write("".join(lines))
                done += len(lines)
                tell(done, total)
        with (folder / QUERIES_FILE).open("w", encoding="ascii", newline="\n") as file:
            file.write(_line(QUERY_COLUMNS))
            for query in self.queries(queries, ssn_share):
                file.write(_line(astuple(query)))
                done += 1
                tell(done, total)

    def _query(self, number: int, dice: Random, ssn_share: float) -> Query:
        absent = dice.random() < ABSENT_SHARE
        while True:  # ends: a kind that suits nobody in a small file gives way to another
            name_class, dob_class = self._classes(dice)
            for _ in range(_TRIES):
                found = self._wrong_person(absent, name_class, dob_class, dice)
                if found:
                    classes = name_class, dob_class
                    return _query_of(number + 1, found, classes, (absent, ssn_share), dice)

    def _classes(self, dice: Random) -> tuple[str, str]:
        names_right, dates_right = MIXES[self.mix]
        name_class = CLEAN if dice.random() < names_right else dice.choice(_NAMES_WRONG)
        dob_class = EXACT if dice.random() < dates_right else dice.choice(_DATES_WRONG)
        return name_class, dob_class

    def _wrong_person(
        self, absent: bool, name_class: str, dob_class: str, dice: Random
    ) -> tuple[Person, Person] | None:
        """Somebody of a block to whom both mistakes can happen, before and after; None if it has nobody such."""
        if absent:
            people = self._crowd.block(self._blocks + dice.getrandbits(_ABSENT_BLOCKS_BITS))
        else:
            number = dice.randrange(self.people) // BLOCK
            people = self._crowd.block(number)[: self.people - number * BLOCK]
        begin = dice.randrange(len(people))
        for person in people[begin:] + people[:begin]:
            dob = wrong_date(dob_class, person.dob, dice)
            if dob is None or not suits(name_class, person, dice):
                continue
            wrong = mistake(name_class, person, dice)
            if name_class == CLEAN or (wrong.last, wrong.first) != (person.last, person.first):
                if name_class == SURNAME_CHANGED and surname_lost(person, wrong):
                    dob = person.dob
                return person, msgspec.structs.replace(wrong, dob=dob)
        return None


def _query_of(
    number: int,
    found: tuple[Person, Person],
    classes: tuple[str, str],
    how: tuple[bool, float],
    dice: Random,
) -> Query:
    (person, wrong), (name_class, dob_class), (absent, ssn_share) = found, classes, how
    kept = (
        0.0 if name_class == SURNAME_CHANGED else dice.random()
    )  # what may be the old surname is not left out
    middle = wrong.middle if kept < 0.4 else wrong.middle[:1] if kept < 0.7 else ""
    sex, chance = person.sex, dice.random()
    if chance < 0.11:
        sex = "" if chance < 0.10 else "M" if sex == "F" else "F"
    return Query(
        query_id=number,
        last=wrong.last,
        first=wrong.first,
        middle=middle,
        suffix=wrong.suffix if dice.random() < 0.5 else "",
        dob=wrong.dob,
        sex=sex,
        ssn=_typed(person.ssn, dice) if dice.random() < ssn_share else "",
        true_id=None if absent else person.id,
        in_file=0 if absent else 1,
        name_class=name_class,
        dob_class=dob_class if wrong.dob != person.dob else EXACT,
        group=person.group,
    )


def _typed(ssn: str, dice: Random) -> str:
    """A number as somebody typed it: one in four has a wrong digit, one in six two that changed places."""
    chance = dice.random()
    if not ssn or chance > 5 / 12:
        return ssn
    place = dice.randrange(1, 8)  # the leading 9 stays, so that it is nobody's still
    if chance < 1 / 4:
        digit = dice.choice([one for one in "0123456789" if one != ssn[place]])
        return f"{ssn[:place]}{digit}{ssn[place + 1 :]}"
    return f"{ssn[:place]}{ssn[place + 1]}{ssn[place]}{ssn[place + 2 :]}"


def _person_line(one: Person) -> str:
    return f"{one.id},{one.last},{one.first},{one.middle},{one.suffix},{one.dob},{one.sex},{one.ssn},{one.group}\n"


def _line(cells: tuple[object, ...]) -> str:
    """No name has a comma or a quote, so nothing needs quotes."""
    return ",".join("" if cell is None else str(cell) for cell in cells) + "\n"
