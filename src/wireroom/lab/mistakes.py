"""What happens to a name and a birth date on the way into an inquiry: fourteen mistakes and nine."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from msgspec.structs import replace

from wireroom.lab.crowd import Person, surname_like
from wireroom.lab.naming import apart
from wireroom.lab.nicknames import LONG, called
from wireroom.lab.slips import by_ear, scanned, two_typos, typo

CLEAN, EXACT, SURNAME_CHANGED = "clean", "exact", "surname_changed"

# Words that stand before a surname, and those that somebody adds who thinks there must be one.
_PARTICLES = (
    *("DE LOS ", "DE LAS ", "DE LA ", "DELA ", "DELOS ", "DEL ", "DE ", "DI ", "LA "),
    *("VAN DER ", "VAN DEN ", "VANDER ", "VAN ", "VON ", "ST ", "MC ", "AL-", "AL ", "EL-", "EL ", "O'"),
)
_ADDED = {
    "hispanic": ("DE ", "DE LA ", "DEL ", "DE LOS "),
    "mideast": ("AL ", "AL-", "EL ", "EL-", "BIN "),
    "anglo": ("VAN ", "VON ", "DE "),
    "other": ("DE ", "DELA ", "VAN ", "DI "),
}
# Of those whose surname has no particle, how many are given one: most such queries are of those who have one.
_WHO_ADDS = {"hispanic": 0.012, "mideast": 0.012}
_OTHERS_WHO_ADD = 0.001


def _clean(person: Person, dice: Random) -> Person:
    return person


def _typo_last(person: Person, dice: Random) -> Person:
    return replace(person, last=typo(person.last, dice))


def _typo_first(person: Person, dice: Random) -> Person:
    return replace(person, first=typo(person.first, dice))


def _typo_both(person: Person, dice: Random) -> Person:
    return replace(person, last=typo(person.last, dice), first=typo(person.first, dice))


def _two_typos(person: Person, dice: Random) -> Person:
    field = _one_of(person, dice, 5)
    return _with(person, field, two_typos(getattr(person, field), dice)) if field else person


def _phonetic(person: Person, dice: Random) -> Person:
    fields = dice.choices((("last",), ("first",), ("last", "first")), (50, 30, 20))[0]
    made = person
    for field in fields:
        made = _with(made, field, by_ear(getattr(made, field), person.group, dice))
    return made


def _ocr(person: Person, dice: Random) -> Person:
    fields = dice.choices((("last",), ("first",), ("last", "first")), (45, 30, 25))[0]
    made = person
    for field in fields:
        made = _with(made, field, scanned(getattr(made, field), dice))
    return made


def _nickname(person: Person, dice: Random) -> Person:
    others = [name for name in called(person.first) if name != person.first]
    return replace(person, first=dice.choice(others)) if others else person


def _initial(person: Person, dice: Random) -> Person:
    return replace(person, first=person.first[0], middle=person.middle[:1])


def _swapped(person: Person, dice: Random) -> Person:
    return replace(person, last=person.first, first=person.last)


def _two_surnames(person: Person, dice: Random) -> Person:
    two = two_of(person.last)
    if two is None:
        mothers = surname_like(person.group if person.group == "hispanic" else "anglo", dice)
        return replace(person, last=f"{person.last}{dice.choice((' ', '-', ''))}{mothers}")
    one, other = two[0], two[1]
    between = "-" if "-" in person.last else " "
    another = " " if between == "-" else "-"
    ways = (one, one, other, other, one + other, one + another + other, other + between + one)
    return replace(person, last=dice.choice(ways))


def _middle_as_first(person: Person, dice: Random) -> Person:
    if len(person.middle) < 2:
        return person
    return replace(person, first=person.middle, middle=dice.choice(("", person.first[0], person.first)))


def _surname_changed(person: Person, dice: Random) -> Person:
    """Half have lost the old surname; the others have it as a middle name, or as one half of a double surname."""
    group = person.group if dice.random() < 0.7 else dice.choice(("anglo", "hispanic", "black", "other"))
    new, own = surname_like(group, dice), (two_of(person.last) or (person.last,))[0]
    if new in (own, person.last):
        return person
    chance = dice.random()
    if chance < 0.5:
        return replace(person, last=new, middle="", suffix="")
    if chance < 0.75:
        return replace(person, last=new, middle=own, suffix="")
    one, other = (new, own) if dice.random() < 0.5 else (own, new)
    return replace(person, last=f"{one}{dice.choice((' ', '-'))}{other}", middle="", suffix="")


def _truncated(person: Person, dice: Random) -> Person:
    cuts = [("last", cut) for cut in range(5, 9) if len(person.last[:cut].rstrip(" -'")) < len(person.last)]
    cuts += [
        ("first", cut) for cut in range(3, 6) if len(person.first[:cut].rstrip(" -'")) < len(person.first)
    ]
    if not cuts:
        return person
    field, cut = dice.choice(cuts)
    return _with(person, field, getattr(person, field)[:cut].rstrip(" -'"))


def _particle(person: Person, dice: Random) -> Person:
    particle = particle_of(person.last)
    rest = person.last[len(particle) :]
    if not particle and person.last in apart():
        written = apart()[person.last][0]
        return replace(person, last=dice.choice((written, written[len(particle_of(written)) :])))
    if not particle:
        added = dice.choice(_ADDED.get(person.group, _ADDED["other"]))
        joined = added.replace(" ", "").replace("-", "").replace("'", "")
        return replace(person, last=dice.choice((added, added, joined)) + rest)
    bare = particle.strip(" -'")
    ways = {rest, bare.replace(" ", "") + rest, f"{bare} {rest}", f"{bare.replace(' ', '')} {rest}"}
    return replace(person, last=dice.choice(sorted(ways - {person.last})))


MISTAKES: dict[str, Callable[[Person, Random], Person]] = {
    CLEAN: _clean,
    "typo_last": _typo_last,
    "typo_first": _typo_first,
    "typo_both": _typo_both,
    "two_typos": _two_typos,
    "phonetic": _phonetic,
    "ocr": _ocr,
    "nickname": _nickname,
    "initial": _initial,
    "swapped": _swapped,
    "two_surnames": _two_surnames,
    "middle_as_first": _middle_as_first,
    SURNAME_CHANGED: _surname_changed,
    "truncated": _truncated,
    "particle": _particle,
}


def mistake(kind: str, person: Person, dice: Random) -> Person:
    """The person as an inquiry has them; the same if this cannot happen to their name."""
    return MISTAKES[kind](person, dice)


def suits(kind: str, person: Person, dice: Random) -> bool:
    """Whether a mistake happens to such a person, as likely as it does: it is mostly women who change their names."""
    match kind:
        case "nickname":  # the bearers of a short name are many in our list, and few in life
            return person.first not in LONG or dice.random() < 0.5
        case "surname_changed":
            return person.sex == "F" or dice.random() < 0.12
        case "particle":
            has = particle_of(person.last) or person.last in apart()
            return bool(has) or dice.random() < _WHO_ADDS.get(person.group, _OTHERS_WHO_ADD)
        case "two_surnames":
            likely = 0.06 if person.group == "hispanic" else 0.004
            return two_of(person.last) is not None or dice.random() < likely
    return True


def surname_lost(person: Person, wrong: Person) -> bool:
    """Whether nothing is left of a person's surname: no part of it is a surname or a middle name any more."""
    left = f" {wrong.last} {wrong.middle} ".replace("-", " ")
    return not any(f" {one} ".replace("-", " ") in left for one in two_of(person.last) or (person.last,))


def two_of(last: str) -> tuple[str, str] | None:
    """Both surnames of somebody who has two; particles go with what follows them."""
    begin = len(particle_of(last))
    place = max(last.find(" ", begin), last.find("-", begin))
    if place < 2 or place + 2 >= len(last):
        return None
    return last[:place], last[place + 1 :]


def particle_of(last: str) -> str:
    """The particle that a surname begins with, with what stands between them; nothing if it has none."""
    return next((one for one in _PARTICLES if last.startswith(one) and len(last) > len(one) + 1), "")


def _one_of(person: Person, dice: Random, letters: int) -> str:
    """The last name rather than the first, of those that are long enough."""
    fields = [field for field in ("last", "last", "first") if len(getattr(person, field)) >= letters]
    return dice.choice(fields) if fields else ""


def _with(person: Person, field: str, name: str) -> Person:
    return replace(person, last=name) if field == "last" else replace(person, first=name)


# --------------------------------------------------------------------------- dates

_FIRST_YEAR, _LAST_YEAR = 1900, 2025
_BESIDE = {
    digit: "1234567890"[max(0, at - 1) : at] + "1234567890"[at + 1 : at + 2]
    for at, digit in enumerate("1234567890")
}


def _day(year: int, month: int, day: int) -> str:
    """CCYYMMDD, or nothing where the calendar or an inquiry has no such birth date."""
    if not (
        _FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
    ):
        return ""
    return f"{year:04d}{month:02d}{day:02d}"


def _one_digit(dob: str, dice: Random) -> list[str]:
    for place in dice.sample(range(2, 8), 6):
        days = [
            _read(dob[:place] + digit + dob[place + 1 :]) for digit in "0123456789" if digit != dob[place]
        ]
        if any(days):
            return days
    return []


def _read(dob: str) -> str:
    return _day(int(dob[:4]), int(dob[4:6]), int(dob[6:]))


def _year_moved(dob: str, by: int) -> list[str]:
    year = int(dob[:4])
    return [_read(f"{year - by}{dob[4:]}"), _read(f"{year + by}{dob[4:]}")]


def _day_moved(dob: str, dice: Random) -> list[str]:
    day = date(int(dob[:4]), int(dob[4:6]), int(dob[6:]))
    return [(day + timedelta(days=by)).strftime("%Y%m%d") for by in (-1, 1)]


def _month_key(dob: str, dice: Random) -> list[str]:
    tens, ones = dob[4], dob[5]
    months = [other + ones for other in _BESIDE[tens]] + [tens + other for other in _BESIDE[ones]]
    return [_read(f"{dob[:4]}{month}{dob[6:]}") for month in months]


DATE_MISTAKES: dict[str, Callable[[str, Random], list[str]]] = {
    "digit": _one_digit,
    "year_off": lambda dob, _: _year_moved(dob, 1),
    "day_month": lambda dob, _: [_read(f"{dob[:4]}{dob[6:]}{dob[4:6]}")],
    "day_off": _day_moved,
    "decade_off": lambda dob, _: _year_moved(dob, 10),
    "year_digits": lambda dob, _: [_read(f"{dob[:2]}{dob[3]}{dob[2]}{dob[4:]}")],
    "new_year": lambda dob, _: [f"{dob[:4]}0101"],
    "blank": lambda dob, _: [],
    "month_key": _month_key,
}


def wrong_date(kind: str, dob: str, dice: Random) -> str | None:
    """The birth date as an inquiry has it; None if this cannot happen to it."""
    if kind == EXACT:
        return dob
    if kind == "blank":
        return ""
    found = [day for day in DATE_MISTAKES[kind](dob, dice) if day and day != dob]
    return dice.choice(found) if found else None
