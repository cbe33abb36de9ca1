"""Tables from which the people of a labelled set are drawn: surnames with an origin, given names that go with it."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

from wireroom.lab import origins
from wireroom.lab.names import names, rows
from wireroom.lab.rare import TAIL_SHARES, rare_given, rare_surnames
from wireroom.lab.wheel import Wheel

ON_DAY = date(2026, 1, 1)  # a seed means the same people for ever, so nobody grows older

HEAD_BITS, GIVEN_BITS, DAY_BITS = 20, 13, 18
_HEAD_SHARE = 0.78  # of people; all others have a surname that the census list is too short for
RARE_SURNAMES, _RARE_GIVEN = 150_000, 8_000
_FIRST_DECADE = 193
# How many adults are so old, by the first year of five.
_AGES = {16: 7, 20: 8.5, 25: 9, 30: 9.5, 35: 9.2, 40: 8.8, 45: 8.2, 50: 8, 55: 7.8, 60: 7.2, 65: 6, 70: 4.6, 75: 3.2,
         80: 2, 85: 1.1, 90: 0.5}  # fmt: skip
# Spanish names that Americans of any origin bear.
_EVERYBODYS = frozenset(
    origins.words(
        """ELIZABETH DANIEL DAVID LAURA PATRICIA DIANA SANDRA NANCY OSCAR VICTOR ANA GLORIA TERESA JULIA EVA
            ADRIAN IVAN MARTIN GABRIEL SIMON ABRAHAM BENJAMIN FELIX XAVIER NORMA SARA DANIELA ISABEL CLAUDIA
            CAROLINA DOLORES BERTHA IRMA OLGA ESTHER ALMA AURORA EDGAR HUGO OMAR NICOLAS SOFIA PAULA MARIO
            CARMEN MARLENE VERONICA ELENA YOLANDA"""
    )
)
_SPANISH_ELSEWHERE = 0.12  # as often as in the American list do others bear the other ones

Places = tuple[str, ...]


class Surname(NamedTuple):
    """A surname and which manner of naming its bearer follows, as a place in ORIGINS."""

    name: str
    origin: int


ORIGINS = tuple(origins.GROUPS)
HISPANIC, _VIETNAMESE = ORIGINS.index("hispanic"), ORIGINS.index("vietnamese")


class Makers(NamedTuple):
    """Tables filled once, read in the hot loop. None and "" send the reader to the rare ones."""

    surnames: tuple[Surname | None, ...]
    rare: tuple[Surname, ...]
    given: tuple[tuple[tuple[Places, ...], ...], ...]  # by origin, sex and decade
    middle: tuple[tuple[tuple[Places, ...], ...], ...]
    rare_given: tuple[tuple[Places, ...], ...]  # by origin and sex
    birthdays: tuple[tuple[str, int], ...]  # with its decade


@cache
def makers() -> Makers:
    """The tables; they take about two seconds."""
    rare = [Surname(name, ORIGINS.index(origin)) for name, origin in _rare()]
    given = tuple(tuple(_given(origin, sex) for sex in (0, 1)) for origin in ORIGINS)
    middle = list(given)
    middle[_VIETNAMESE] = (_often(given[_VIETNAMESE][0], "THI", 45), _often(given[_VIETNAMESE][1], "VAN", 30))
    uncommon = rare_given(_RARE_GIVEN)
    return Makers(
        surnames=_head(),
        rare=tuple(rare),
        given=given,
        middle=tuple(middle),
        rare_given=tuple(tuple(map(tuple, uncommon[origin])) for origin in ORIGINS),
        birthdays=_birthdays(),
    )


def _rare() -> list[tuple[str, str]]:
    return rare_surnames(RARE_SURNAMES, set(names().surnames.places))


@cache
def census() -> dict[Surname, float]:
    """Shares of people by surname of the census list and origin, so that all origins come out as in California."""
    listed: dict[str, dict[str, float]] = {row["name"]: _by_origin(row) for row in rows("us_surnames")}
    sums = dict.fromkeys(ORIGINS, 0.0)
    for by_origin in listed.values():
        for origin, weight in by_origin.items():
            sums[origin] += weight
    tail = 1 - _HEAD_SHARE
    scale = {one: (origins.SHARES[one] - tail * TAIL_SHARES[one]) / sums[one] for one in ORIGINS}
    shares: dict[Surname, float] = {}
    for name, by_origin in listed.items():
        for origin, weight in by_origin.items():
            for written, part in _written(name):
                shares[Surname(written, ORIGINS.index(origin))] = weight * scale[origin] * part
    return shares


_ASIAN = {origin: frozenset(text.split()) for origin, text in origins.ASIAN.items()}
_SLAVIC_ENDS, _MIDEAST = tuple(origins.SLAVIC_ENDS), frozenset(origins.MIDEAST)


def _by_origin(row: dict[str, str]) -> dict[str, float]:
    """How common a surname is with each origin, before the scales."""
    name, count = row["name"], float(row["percent_1990"])
    asian = [origin for origin, listed in _ASIAN.items() if name in listed] or ["filipino"]
    white = "mideast" if name in _MIDEAST else "slavic" if name.endswith(_SLAVIC_ENDS) else "anglo"
    found = {origin: count * float(row["api"]) / len(asian) for origin in asian}
    found[white] = count * float(row["white"])
    found["black"] = count * float(row["black"])
    found["hispanic"] = count * float(row["hispanic"])
    mixed = count * (float(row["native"]) + float(row["multiple"]))
    found["elsewhere"] = found.get("elsewhere", 0.0) + mixed
    return found


@cache
def apart() -> dict[str, tuple[str, float]]:
    """Surnames that the census list has joined, as other clerks write them, and how often they do."""
    return {
        joined + rest: (apart + rest, share)
        for joined, apart, share, stems in origins.WRITTEN_APART
        for rest in stems.split()
    }


def _written(name: str) -> tuple[tuple[str, float], ...]:
    """The ways in which clerks write a surname of the census list, which has neither blanks nor apostrophes."""
    if name.startswith("MC") and len(name) > 5:
        return ((name, 1 - origins.MC_APART), (f"MC {name[2:]}", origins.MC_APART))
    if name in apart():
        written, share = apart()[name]
        return ((name, 1 - share), (written, share))
    return ((name, 1.0),)


def _head() -> tuple[Surname | None, ...]:
    shares = census()
    rest = 1 - sum(shares.values())
    return Wheel([*shares, None], [*shares.values(), rest], HEAD_BITS).places


class Tail(NamedTuple):
    """A power law over the rare surnames that goes on where the census list ends."""

    listed: int  # surnames that are commoner
    power: float  # of the inverse
    span: float

    def place(self, chance: float) -> int:
        """Which rare surname a chance from 0 to 1 means."""
        return int(self.listed * ((1 - chance * self.span) ** self.power - 1))


@cache
def tail() -> Tail:
    """The power law that begins with the last counts of the census list and leaves nobody without a surname."""
    counts = [float(row["percent_1990"]) for row in rows("us_surnames")]
    begin = sum(counts[-500:]) / 500 * _HEAD_SHARE / sum(counts)
    wanted = (1 - _HEAD_SHARE) / (begin * len(counts))
    grown = 1 + RARE_SURNAMES / len(counts)
    low, high = 1.001, 4.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 - grown ** (1 - middle)) / (middle - 1) > wanted else (low, middle)
    return Tail(len(counts), 1 / (1 - low), 1 - grown ** (1 - low))


def _given(origin: str, sex: int) -> tuple[Places, ...]:
    """Wheels of given names by decade of birth."""
    american, own, rare = origins.GIVEN_SHARES[origin]
    dice = Random(f"given names {origin} {sex}")
    listed = _own(origin, sex, dice)
    total_own = sum(listed.values())
    wheels = []
    for decade in range(_FIRST_DECADE, 202):
        births = _american(decade, sex, spanish=origin in {"hispanic", "filipino"})
        total = sum(births.values())
        weights = {name: american * weight / total for name, weight in births.items()}
        for name, weight in listed.items():
            weights[name] = weights.get(name, 0.0) + own * weight / total_own
        weights[""] = rare
        wheels.append(Wheel(list(weights), list(weights.values()), GIVEN_BITS).places)
    return tuple(wheels)


def _own(origin: str, sex: int, dice: Random) -> dict[str, float]:
    """The hand-made list, each name as common as its place in it; syllables are put together by twos."""
    if origin not in origins.GIVEN:
        return {"": 1.0}
    listed = list(dict.fromkeys(origins.GIVEN[origin][sex].split()))
    weights = [1 / (place + 6) for place in range(len(listed))]
    if origin not in origins.SYLLABLES:
        return dict(zip(listed, weights, strict=True))
    steps = list(accumulate(weights))
    found: dict[str, float] = {}
    for _ in range(3_000):
        one, other = dice.choices(listed, cum_weights=steps, k=2)
        between = dice.choices((" ", "", "-", None), (50, 30, 10, 10))[0]
        name = one if between is None or one == other else f"{one}{between}{other}"
        found[name] = found.get(name, 0.0) + 1
    return found


@cache
def _births() -> dict[tuple[int, str], dict[str, int]]:
    births: dict[tuple[int, str], dict[str, int]] = {}
    for row in rows("ca_first_names"):
        births.setdefault((int(row["decade"][:3]), row["sex"]), {})[row["name"]] = int(row["births"])
    return births


def _american(decade: int, sex: int, *, spanish: bool) -> dict[str, float]:
    births = _births()[decade, "FM"[sex]]
    if spanish:
        return {name: float(count) for name, count in births.items()}
    theirs = set(origins.GIVEN["hispanic"][sex].split()) - _EVERYBODYS
    return {name: count * (_SPANISH_ELSEWHERE if name in theirs else 1) for name, count in births.items()}


def _often(wheels: tuple[Places, ...], name: str, percent: int) -> tuple[Places, ...]:
    """The wheels with a name on so many of their places."""
    return tuple(
        tuple(name if (at * 61) % 100 < percent else was for at, was in enumerate(places))
        for places in wheels
    )


def _birthdays() -> tuple[tuple[str, int], ...]:
    days, weights = [], []
    for years, weight in _AGES.items():
        oldest = 4 if years == 16 else 6 if years == 90 else 5
        begin = ON_DAY.replace(year=ON_DAY.year - years - oldest)
        span = (ON_DAY.replace(year=ON_DAY.year - years) - begin).days
        for passed in range(1, span + 1):
            day = begin + timedelta(days=passed)
            days.append((day.strftime("%Y%m%d"), day.year // 10 - _FIRST_DECADE))
            weights.append(weight / span)
    return Wheel(days, weights, DAY_BITS).places
