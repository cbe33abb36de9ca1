"""What to look for in the index of people to find one: the likeliest pairs of names, dates, and a first estimate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from wireroom.records.matching.dates import UNKNOWN, Almanac
from wireroom.records.matching.evidence import (
    GIVEN_DISAGREES,
    LAST_DISAGREES,
    MIDDLE,
    MIDDLE_AS_FIRST,
    SEX_AGREES,
    SEX_DISAGREES,
    SUFFIX_AGREES,
    SWAPPED,
    WIDE,
    Asked,
    Token,
    asked_for,
    size_bits,
)
from wireroom.records.matching.keeping import GIVEN_BITS, SUFFIXES, Books, Called, pair_of
from wireroom.records.matching.likeness import BITS_MIN, Likenesses

PAIRS_MAX = 1_500  # pairs of names looked for, those of most bits
TURNED_MAX = 300  # of them with last and first name in each other's place
RARE_PEOPLE = 1.0  # a pair expected so often in the index is read whatever the birth date
UNDATED_ROWS = 16_000.0  # rows expected, generously, of all pairs that are read without a birth date
OWN_MAX = 4  # last names read by dates one slip away
INITIAL_NAMES_MAX = 400  # first names that an initial may stand for
SIGN_BITS = 16_384  # of each half of a signature: tokens by their number's last bits
# A pair of names is looked for though it lacks so many bits: those that a date one slip away may add, or, without a
# date, those that a middle name may, and the place among others of like name that are all too weak to show.
DATED_BELOW, UNDATED_BELOW = 10.0, 8.0


class Sought(msgspec.Struct, frozen=True):
    """A person asked for: a name, in which books, and the records that a number has reached already."""

    called: Called
    books: tuple[int, ...]
    reached: tuple[tuple[int, int], ...] = ()  # book and record
    from_bits: float = WIDE


Numbers: TypeAlias = NDArray[np.int64]
Bits: TypeAlias = NDArray[np.float64]


class Likely(msgspec.Struct, frozen=True):
    """Tokens by number, in order: their bits, and how likely each is to be the one meant."""

    ids: Numbers
    bits: Bits
    mass: Bits


NOBODY = Likely(np.empty(0, np.int64), np.empty(0), np.empty(0))


class Probe(msgspec.Struct):
    """One person asked for, on the way to the index."""

    asked: Asked
    sought: Sought
    rare: list[int] = []
    common: list[int] = []
    own: list[int] = []
    last: Likely = NOBODY
    given: Likely = NOBODY
    turned_last: Likely = NOBODY
    turned_given: Likely = NOBODY


class Prober:
    """Makes probes by one database's vocabulary and calendar."""

    def __init__(self, likenesses: Likenesses, books: Books) -> None:
        self.likenesses = likenesses
        self.vocabulary = likenesses.vocabulary
        self.books = books
        self._initials: dict[str, Likely] = {}

    def forget(self) -> None:
        """To be called when the vocabulary has grown or was counted."""
        self._initials.clear()

    def probe(self, sought: Sought, almanac: Almanac) -> Probe:
        """What to look for, to find a person."""
        called = sought.called
        asked = asked_for(called.name, almanac.dates(called.dob), called.sex, self.likenesses)
        probe = Probe(asked, sought)
        probe.last = self._likely(asked.last, surname=True)
        probe.given = self._likely(asked.given, surname=False)
        people = max((self.books.people(book) for book in sought.books), default=0)
        below = UNDATED_BELOW if asked.dates.asked == UNKNOWN else DATED_BELOW
        floor = max(sought.from_bits, WIDE) - size_bits(people) - below
        pairs, expected = self._pairs(probe.last, probe.given, PAIRS_MAX, floor)
        probe.turned_last = self._likely(asked.given, surname=True)
        probe.turned_given = self._likely(asked.last, surname=False)
        turned = self._pairs(probe.turned_last, probe.turned_given, TURNED_MAX, floor - SWAPPED)
        pairs, expected = np.concatenate((pairs, turned[0])), np.concatenate((expected, turned[1]))
        if asked.dates.asked == UNKNOWN:  # the likeliest pairs, as many as their rows can be read
            read = np.cumsum(expected) <= UNDATED_ROWS
            read[:1] = True
            probe.rare = _each_once(pairs[read])
        else:
            probe.rare = _each_once(pairs[expected <= RARE_PEOPLE])
            probe.common = _each_once(pairs[expected > RARE_PEOPLE])
            own = probe.last.ids[np.argsort(-probe.last.bits, kind="stable")[:OWN_MAX]]
            probe.own = [pair_of(number, 0) for number in own.tolist()]
        return probe

    def _likely(self, tokens: Sequence[Token], *, surname: bool) -> Likely:
        """All tokens that those asked may have meant."""
        parts: list[Likely] = []
        for token in tokens:
            expansion = token.expansion
            if expansion is not None:
                bits, mass = (
                    (expansion.last, expansion.last_mass)
                    if surname
                    else (expansion.given, expansion.given_mass)
                )
                cost = token.cost + (0.0 if surname or token.written <= 0 else MIDDLE_AS_FIRST)
                parts.append(Likely(expansion.ids, bits + cost, mass * 2.0**cost))
            elif not surname and token.written == 0:
                parts.append(self._names_of_initial(token.text))
        if not any(len(part.ids) for part in parts):
            return NOBODY
        ids = np.concatenate([part.ids for part in parts])
        bits = np.concatenate([part.bits for part in parts])
        mass = np.concatenate([part.mass for part in parts])
        order = np.lexsort((-bits, ids))
        ids, bits, mass = ids[order], bits[order], mass[order]
        first = np.concatenate(([True], ids[1:] != ids[:-1]))
        first &= bits > BITS_MIN - 1.0
        return Likely(ids[first], bits[first], mass[first])

    def _names_of_initial(self, initial: str) -> Likely:
        """The commonest first names of an initial, and those too new to be counted."""
        held = self._initials.get(initial)
        if held is None:
            vocabulary = self.vocabulary
            slots = np.array(
                [s for s, token in enumerate(vocabulary.tokens) if token[0] == initial], np.int64
            )
            uncounted = slots[vocabulary.given[slots] + vocabulary.last[slots] == 0][-INITIAL_NAMES_MAX:]
            slots = slots[np.argsort(-vocabulary.given[slots], kind="stable")[:INITIAL_NAMES_MAX]]
            slots = np.union1d(slots, uncounted)
            counts = vocabulary.given[slots] + 0.5
            held = Likely(vocabulary.ids[slots], np.full(len(slots), 3.0), counts / max(counts.sum(), 1.0))
            self._initials[initial] = held
        return held

    def _pairs(self, last: Likely, given: Likely, limit: int, floor: float) -> tuple[Numbers, Bits]:
        """The likeliest pairs that could still reach the floor, and how often each is to be expected."""
        if not len(last.ids) or not len(given.ids):
            return np.empty(0, np.int64), np.empty(0)
        chosen = np.flatnonzero((last.bits[:, None] + given.bits[None, :]).ravel() >= floor)
        mass = (last.mass[:, None] * given.mass[None, :]).ravel()[chosen]
        if len(chosen) > limit:
            best = np.argpartition(-mass, limit)[:limit]
            chosen, mass = chosen[best], mass[best]
        chosen = chosen[np.argsort(-mass, kind="stable")]
        rows, columns = np.divmod(chosen, len(given.ids))
        vocabulary = self.vocabulary
        lasts, givens = last.ids[rows], given.ids[columns]
        counts = vocabulary.last[np.searchsorted(vocabulary.ids, lasts)]
        share = vocabulary.given[np.searchsorted(vocabulary.ids, givens)] / self.likenesses.given_people
        # Names go together more often than by chance.
        return (lasts << GIVEN_BITS) | givens, counts * share * 4.0


def estimate(probe: Probe, rows: NDArray[np.void]) -> NDArray[np.float64]:
    """The bits of index rows by names and date, the best that full weighing could find."""
    pair = rows["pair"].astype(np.int64)
    last, given = pair >> GIVEN_BITS, pair & ((1 << GIVEN_BITS) - 1)
    straight = _looked_up(probe.last, last, LAST_DISAGREES["F"]) + _looked_up(
        probe.given, given, GIVEN_DISAGREES
    )
    turned = SWAPPED + _looked_up(probe.turned_last, last, -6.0) + _looked_up(probe.turned_given, given, -6.0)
    names = np.maximum(straight, turned)
    dates = probe.asked.dates
    evidence = {day: dates.evidence(day)[1] for day in set(rows["dob"].tolist())}
    worth = np.fromiter((evidence[day] for day in rows["dob"].tolist()), float, len(rows))
    return np.asarray(names + worth + _traits(probe.asked, rows["traits"].astype(np.int64)))


def _traits(asked: Asked, traits: NDArray[np.int64]) -> NDArray[np.float64]:
    """The bits of what an index row tells beside names and date: sex, a middle initial, the suffix."""
    worth = np.zeros(len(traits))
    sex, initial, suffix = traits & 3, traits >> 2 & 31, traits >> 7 & 7
    if asked.sex:
        own = 1 if asked.sex == "M" else 2
        worth += np.where(sex == own, SEX_AGREES, np.where(sex == 0, 0.0, SEX_DISAGREES))
    middles = {ord(token[0]) - 64 for token in asked.name.given[1:]}
    if middles:
        agrees = np.isin(initial, list(middles))
        worth += np.where(agrees, MIDDLE["initial"], np.where(initial == 0, 0.0, MIDDLE["other initial"]))
    if asked.name.suffix:
        worth += np.where(suffix == SUFFIXES.index(asked.name.suffix), SUFFIX_AGREES, 0.0)
    return worth + np.where(traits >> 10 & 1, 0.0, MIDDLE_AS_FIRST)


def _looked_up(likely: Likely, numbers: NDArray[np.int64], otherwise: float) -> NDArray[np.float64]:
    ids, bits = likely.ids, likely.bits
    if not len(ids):
        return np.full(len(numbers), otherwise)
    places = np.minimum(np.searchsorted(ids, numbers), len(ids) - 1)
    return np.where(ids[places] == numbers, bits[places], otherwise)


def _each_once(pairs: NDArray[np.int64]) -> list[int]:
    pairs = np.sort(pairs)
    return pairs[np.concatenate(([True], pairs[1:] != pairs[:-1]))].tolist() if len(pairs) else []


def signature(probe: Probe) -> bytes:
    """Two bit strings in one, as PostgreSQL's get_bit counts them: a bit for each likely last, then given, name."""
    bits = np.zeros(2 * SIGN_BITS, np.uint8)
    either = np.concatenate((probe.last.ids, probe.given.ids))
    bits[either % SIGN_BITS] = 1
    bits[SIGN_BITS + either % SIGN_BITS] = 1
    return np.packbits(bits, bitorder="little").tobytes()


def array(numbers: Iterable[int]) -> str:
    """An array as PostgreSQL reads it."""
    return "{" + ",".join(map(str, numbers)) + "}"
