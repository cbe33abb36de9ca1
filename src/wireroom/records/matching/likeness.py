"""How like one token is to another, and what that is worth: bits by how many people's names are as near."""

from __future__ import annotations

import math
from enum import IntEnum
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from wireroom.records.matching.sounds import close, even, loose
from wireroom.records.matching.spelling import with_particle, without_particle
from wireroom.records.matching.variants import Kin, variants
from wireroom.records.matching.vocabulary import Vocabulary

EXPANSION_MAX = 500  # tokens that one token may have meant, those of most bits
BITS_MIN = -2.0  # what is likelier by chance by more than this is not followed
BITS_MAX = 17.0  # of one name: beyond this a name is as rare as a typing error
# Names assumed to be in any file, of which half a one is like any name asked: in an empty file a last name is shared by
# one in 2,000, a first name by one in 600. Among a million counted names this weighs nothing.
LAST_ASSUMED, GIVEN_ASSUMED = 1_000.0, 300.0
LONGER_MAX = 300
CACHE_MAX = 50_000
NEW_TOKENS_MAX = 200  # since an expansion was made; beyond them it is made anew


class Likeness(IntEnum):
    """In which way one token is like another, the nearer first."""

    EXACT = 0
    SPELLING = 1
    LETTER_AND_SOUND = 2
    NICKNAME = 3
    LETTER = 4
    PARTICLE = 5
    SOUND = 6
    COUSIN = 7
    CUT = 8
    LETTERS = 9
    VOWELS = 10
    CONSONANTS = 11


WORDS: dict[int, str] = {
    Likeness.EXACT: "exact",
    Likeness.SPELLING: "another spelling of it",
    Likeness.LETTER_AND_SOUND: "one letter off, sounds alike",
    Likeness.NICKNAME: "nickname",
    Likeness.LETTER: "one letter off",
    Likeness.PARTICLE: "with or without its particle",
    Likeness.SOUND: "sounds alike",
    Likeness.COUSIN: "nickname of the same name",
    Likeness.CUT: "cut short",
    Likeness.LETTERS: "two letters off",
    Likeness.VOWELS: "other vowels",
    Likeness.CONSONANTS: "same consonants",
}

# Of a hundred true records, how many hold the name in this way (our choice, from development data: see the ADR).
_LAST = {
    Likeness.EXACT: 0.72,
    Likeness.SPELLING: 0.025,
    Likeness.LETTER_AND_SOUND: 0.045,
    Likeness.NICKNAME: 0.003,
    Likeness.LETTER: 0.065,
    Likeness.PARTICLE: 0.03,
    Likeness.SOUND: 0.02,
    Likeness.COUSIN: 0.002,
    Likeness.CUT: 0.035,
    Likeness.LETTERS: 0.03,
    Likeness.VOWELS: 0.006,
    Likeness.CONSONANTS: 0.004,
}
_GIVEN = {
    Likeness.EXACT: 0.68,
    Likeness.SPELLING: 0.03,
    Likeness.LETTER_AND_SOUND: 0.035,
    Likeness.NICKNAME: 0.06,
    Likeness.LETTER: 0.06,
    Likeness.PARTICLE: 0.004,
    Likeness.SOUND: 0.015,
    Likeness.COUSIN: 0.006,
    Likeness.CUT: 0.04,
    Likeness.LETTERS: 0.02,
    Likeness.VOWELS: 0.005,
    Likeness.CONSONANTS: 0.002,
}
_KINDS = len(Likeness)
_M_LAST = np.array([_LAST[kind] for kind in Likeness])
_M_GIVEN = np.array([_GIVEN[kind] for kind in Likeness])

_KIN = {Kin.SPELLING: Likeness.SPELLING, Kin.NICKNAME: Likeness.NICKNAME, Kin.COUSIN: Likeness.COUSIN}


class Expansion(msgspec.Struct, frozen=True):
    """The tokens that one token may have meant, by number: likeness, and bits as a last and as a given name."""

    token: str
    known: dict[int, tuple[int, float, float]]  # a Likeness as a plain number
    ids: NDArray[np.int64]
    last: NDArray[np.float64]
    given: NDArray[np.float64]
    last_mass: NDArray[np.float64]  # how likely each is to be the one meant, before anything is looked up
    given_mass: NDArray[np.float64]
    upto: int  # how many tokens the vocabulary had


class Likenesses:
    """Expands tokens over one vocabulary, and remembers; what is remembered takes in every newer token."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._remembered: dict[str, Expansion] = {}
        self.last_people = self.given_people = 1.0
        self.initials: NDArray[np.float64] = np.full(26, 1 / 26)

    def recount(self) -> None:
        """To be called when the vocabulary's counts have changed: shares are worked out anew."""
        vocabulary = self.vocabulary
        self._remembered.clear()
        self.last_people = max(float(vocabulary.last.sum()), 1.0)
        self.given_people = max(float(vocabulary.given.sum()), 1.0)
        first = np.fromiter((ord(token[0]) - 65 for token in vocabulary.tokens), np.int64, len(vocabulary))
        counts = np.bincount(first, weights=vocabulary.given, minlength=26) if len(first) else np.zeros(26)
        self.initials = (counts + 1) / (counts.sum() + 26)

    def expand(self, token: str) -> Expansion:
        """What a token may have meant."""
        held = self._remembered.pop(token, None)
        if held is None or held.upto < len(self.vocabulary):
            if held is None or not self._untouched(held):
                held = self._made(token)
            else:
                held = msgspec.structs.replace(held, upto=len(self.vocabulary))
        self._remembered[token] = held
        if len(self._remembered) > CACHE_MAX:
            del self._remembered[next(iter(self._remembered))]
        return held

    def _untouched(self, held: Expansion) -> bool:
        """Whether none of the newer tokens can be one that the expansion ought to hold: nearly always so."""
        new = self.vocabulary.tokens[held.upto :]
        if len(new) > NEW_TOKENS_MAX:
            return False
        token = held.token
        kin = {**variants().given.get(token, {}), **variants().last.get(token, {})}
        return not any(_may_be_near(token, other) or other in kin for other in new)

    def _made(self, token: str) -> Expansion:
        vocabulary = self.vocabulary
        near = vocabulary.near(token)
        parts: list[tuple[NDArray[np.int64], int]] = [
            (near.edits[near.distances == 1], Likeness.LETTER),
            (near.edits[near.distances > 1], Likeness.LETTERS),
            (near.close, Likeness.SOUND),
            (near.even, Likeness.VOWELS),
            (near.loose, Likeness.CONSONANTS),
            (self._commonest(near.longer), Likeness.CUT),
        ]
        named: list[tuple[int, int]] = []
        slots = vocabulary.slots
        for related in (variants().given.get(token), variants().last.get(token)):
            for name, kin in (related or {}).items():
                if (slot := slots.get(name)) is not None:
                    named.append((slot, _KIN[kin]))
        for name in (*without_particle(token), *with_particle(token)):
            if (slot := slots.get(name)) is not None:
                named.append((slot, Likeness.PARTICLE))
        for length in range(3, len(token)):
            if (slot := slots.get(token[:length])) is not None:
                named.append((slot, Likeness.CUT))
        if (slot := slots.get(token)) is not None:
            named.append((slot, Likeness.EXACT))
        for slot, kind in named:
            parts.append((np.array([slot], np.int64), kind))
        return self._weighed(token, parts)

    def _commonest(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        if len(slots) <= LONGER_MAX:
            return slots
        count = self.vocabulary.last[slots] + self.vocabulary.given[slots]
        return slots[np.argpartition(-count, LONGER_MAX)[:LONGER_MAX]]

    def _weighed(self, token: str, parts: list[tuple[NDArray[np.int64], int]]) -> Expansion:
        """The nearest likeness of each slot, with its bits: m over the share of people who are at least as near."""
        vocabulary = self.vocabulary
        slots = np.concatenate([part for part, _ in parts])
        flags = np.concatenate([np.full(len(part), 1 << kind, np.int64) for part, kind in parts])
        order = np.argsort(slots, kind="stable")
        slots, flags = slots[order], flags[order]
        if not len(slots):
            empty = np.empty(0)
            return Expansion(token, {}, np.empty(0, np.int64), empty, empty, empty, empty, len(vocabulary))
        begins = np.flatnonzero(np.concatenate(([True], slots[1:] != slots[:-1])))
        slots, flags = slots[begins], np.bitwise_or.reduceat(flags, begins)
        sounding = (1 << Likeness.SOUND) | (1 << Likeness.VOWELS)
        both = (flags & (1 << Likeness.LETTER) != 0) & (flags & sounding != 0)
        flags = np.where(both, flags | (1 << Likeness.LETTER_AND_SOUND), flags)
        kinds = np.log2(flags & -flags).astype(np.int64)
        last = _bits(kinds, vocabulary.last[slots], self.last_people + LAST_ASSUMED, _M_LAST)
        given = _bits(kinds, vocabulary.given[slots], self.given_people + GIVEN_ASSUMED, _M_GIVEN)
        best = np.maximum(last, given)
        kept = np.flatnonzero(best > BITS_MIN)
        if len(kept) > EXPANSION_MAX:
            kept = kept[np.argpartition(-best[kept], EXPANSION_MAX)[:EXPANSION_MAX]]
            kept.sort()
        last_mass = _mass(kinds, vocabulary.last[slots], _M_LAST)[kept]
        given_mass = _mass(kinds, vocabulary.given[slots], _M_GIVEN)[kept]
        ids, last, given, kinds = vocabulary.ids[slots[kept]], last[kept], given[kept], kinds[kept]
        known = dict(
            zip(ids.tolist(), zip(kinds.tolist(), last.tolist(), given.tolist(), strict=True), strict=True)
        )
        return Expansion(token, known, ids, last, given, last_mass, given_mass, len(vocabulary))


def _bits(
    kinds: NDArray[np.int64], counts: NDArray[np.float64], people: float, m: NDArray[np.float64]
) -> NDArray[np.float64]:
    by_kind = np.bincount(kinds, weights=counts, minlength=_KINDS)
    share = (np.cumsum(by_kind) + 0.5) / people
    return np.asarray(np.minimum(np.log2(m / share), BITS_MAX)[kinds])


def _mass(
    kinds: NDArray[np.int64], counts: NDArray[np.float64], m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How likely each token is the one meant: its likeness's share, parted by how common the tokens are."""
    by_kind = np.bincount(kinds, weights=counts + 0.5, minlength=_KINDS)
    return np.asarray(m[kinds] * (counts + 0.5) / by_kind[kinds])


def initial_bits(share: float) -> float:
    """Bits of an agreeing initial, by the share of first names that begin with it."""
    return min(math.log2(0.9 / max(share, 0.002)), 6.0)


def _may_be_near(token: str, other: str) -> bool:
    """Whether another token belongs into a token's expansion; by chance yes where it does not, never the reverse."""
    return (
        OSA.distance(token, other, score_cutoff=2) <= 2
        or other.startswith(token)
        or token.startswith(other)
        or other.endswith(token)
        or token.endswith(other)
        or bool(_sounds(token) & _sounds(other))
    )


@lru_cache(maxsize=4096)
def _sounds(token: str) -> frozenset[str]:
    code = close(token)
    return frozenset(("." + code, "=" + even(code), loose(code))) - {""}
