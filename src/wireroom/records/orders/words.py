"""The words in which orders are told, from terms.toml beside this module, and how a language puts them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources

import msgspec

from wireroom.catalog.kinds_of_person import parts

FEET_IN_A_YARD = 3
METRES_IN_A_YARD = 0.9144
PERSONS = "PERSON"  # of the table stay_away: the protected persons themselves


class Short(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines for the officer's screen, in capitals."""

    lines: Mapping[str, str]
    conditions: Mapping[str, str]  # by code of the table order_condition
    places: Mapping[str, str]  # by code of the table stay_away


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"joined": "and"}):
    """Everything that is read out, in one language."""

    joined: str
    months: tuple[str, ...]
    day: str
    hour: str
    hour_one: str  # for one o'clock
    noon: str
    halves: tuple[str, str]
    them: tuple[str, str]  # the one whom an order protects, and those
    these: tuple[str, str]  # the same, just after they were named
    of_them: str
    yards: str
    yards_one: str
    kinds: Mapping[str, str]  # by code of the table order_type
    conditions: Mapping[str, str]
    places: Mapping[str, str]
    theirs: Mapping[str, str]  # places that belong to the protected persons
    say: Mapping[str, str]
    and_before_i: str = ""

    def spoken_day(self, day: str) -> str:
        """A canonical day as it is read out."""
        return self.day.format(day=int(day[6:]), month=self.months[int(day[4:6]) - 1], year=day[:4])

    def spoken_hour(self, hour: str) -> str:
        """An hour, HHMM, as it is read out."""
        if hour == "1200":
            return self.noon
        half, twelfth = divmod(int(hour[:2]), 12)
        shape = self.hour_one if twelfth == 1 else self.hour
        return shape.format(hour=twelfth or 12, minute=hour[2:], half=self.halves[half])

    def spoken_yards(self, yards: int) -> str:
        if yards == 1:
            return self.yards_one
        metres = round(yards * METRES_IN_A_YARD)
        return self.yards.format(yards=f"{yards:,}", feet=f"{yards * FEET_IN_A_YARD:,}", metres=metres)

    def spoken_places(self, places: Sequence[str], *, several: bool) -> str:
        """Places of the table stay_away in a row, the protected persons first, and what is theirs last."""
        places = sorted(places, key=lambda place: place != PERSONS)
        them = self.them[several]
        theirs = [self.theirs[place] for place in places if place in self.theirs]
        others = [self.places[place].format(them=them) for place in places if place not in self.theirs]
        if not theirs:
            return self.listed(others)
        them = self.these[several] if PERSONS in places else them
        return self.of_them.format(places=self.listed([*others, *theirs]), them=them)

    def listed(self, items: Sequence[str]) -> str:
        """Several things in a row, with the word for "and" before the last."""
        if len(items) < 2:
            return "".join(items)
        joined = self.and_before_i if self.and_before_i and _sounds_as_i(items[-1]) else self.joined
        return f"{', '.join(items[:-1])} {joined} {items[-1]}"


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    short: Short
    en: Language
    es: Language


@cache
def _words() -> _Words:
    text = resources.files("wireroom.records.orders").joinpath("terms.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=_Words)


def short() -> Short:
    """The words of the officer's screen."""
    return _words().short


def language(code: str) -> Language:
    """The words of a language, en or es; KeyError for another."""
    return {"en": _words().en, "es": _words().es}[code]


def languages() -> tuple[str, ...]:
    """The codes of the languages in which terms are read out."""
    return ("en", "es")


def plain(value: str) -> str:
    """A value of a record on one line of printable text, without a period at its end: the sentence has its own."""
    return " ".join("".join(char if char.isprintable() else " " for char in value).split()).rstrip(". ")


def spoken_name(name: str) -> str:
    """A canonical name as it is said: the first name first."""
    last, first, middle, suffix = parts(plain(name))
    return " ".join(filter(None, (first, middle, last, suffix)))


def spoken_names(names: Iterable[str]) -> list[str]:
    return [spoken for spoken in map(spoken_name, names) if spoken]


def _sounds_as_i(word: str) -> bool:
    """Whether Spanish writes "e" for "y" before a word: before the sound of i, not before that of y as in Hielo."""
    start = word.upper()
    return start.startswith(("I", "HI", "Í", "HÍ")) and not start.startswith(
        ("IA", "IE", "IO", "HIA", "HIE", "HIO")
    )
