"""The vocabulary: every name token of the database, held by each process, and the tokens that one may have meant.

It is kept true by reading, before each batch, the tokens that are newer than the newest held (see `keeping`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from wireroom.records.matching.sounds import close, even, loose
from wireroom.records.matching.spelling import without_particle

PREFIX = 7  # letters that the edit keys look at
TWO_EDITS_FROM = 5  # letters: shorter tokens are allowed one edit
TRUNCATED_FROM = 3  # letters of a token that may have been cut short
CANDIDATES_MAX = 20_000  # tokens looked at for one token asked
MERGE_RATIO = 4

_SLOT_BITS = np.uint64(24)
_VALUE_BITS = 36
_EDIT, _CLOSE, _EVEN, _LOOSE, _PREFIX = range(5)
_ALPHABET = 27

Keys = NDArray[np.uint64]
Slots = NDArray[np.int64]


class Near(msgspec.Struct, frozen=True):
    """Tokens near one asked, by slot: those within two edits with their distance, and those that sound alike."""

    edits: Slots
    distances: NDArray[np.uint8]
    close: Slots  # alike in the close code; and so on
    even: Slots
    loose: Slots
    longer: Slots  # tokens that begin with the one asked


class Vocabulary:
    """Every token with its number and how often it is a last and a given name. Slots are places in its arrays."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.ids: NDArray[np.int64] = np.empty(0, np.int64)
        self.last: NDArray[np.float64] = np.empty(0)
        self.given: NDArray[np.float64] = np.empty(0)
        self.slots: dict[str, int] = {}
        self.newest = 0  # the highest number held
        self._letters: NDArray[np.uint32] = np.empty(0, np.uint32)
        self._lengths: NDArray[np.int16] = np.empty(0, np.int16)
        self._runs: list[Keys] = []

    def __len__(self) -> int:
        return len(self.tokens)

    def add(self, tokens: Sequence[tuple[int, str, int, int]]) -> None:
        """Adds tokens with their number and counts as last and given name, in the order of their numbers."""
        if not tokens:
            return
        first = len(self.tokens)
        names = [token for _, token, _, _ in tokens]
        self.tokens.extend(names)
        self.slots.update(zip(names, range(first, len(self.tokens)), strict=True))
        self.ids = np.concatenate((self.ids, np.fromiter((one[0] for one in tokens), np.int64, len(tokens))))
        self.last = np.concatenate((self.last, np.fromiter((one[2] for one in tokens), float, len(tokens))))
        self.given = np.concatenate((self.given, np.fromiter((one[3] for one in tokens), float, len(tokens))))
        codes = _codes(names)
        self._letters = np.concatenate((self._letters, _letter_sets(codes)))
        self._lengths = np.concatenate((self._lengths, np.fromiter(map(len, names), np.int16, len(names))))
        self.newest = max(self.newest, tokens[-1][0])
        self._runs.append(_sorted(_keys(names, codes, first)))
        while len(self._runs) > 1 and len(self._runs[-2]) < MERGE_RATIO * len(self._runs[-1]):
            merged = np.concatenate((self._runs[-2], self._runs[-1]))
            merged.sort(kind="stable")  # two sorted runs: a merge
            self._runs[-2:] = [merged]

    def count(self, counts: NDArray[np.int64]) -> None:
        """Takes in new counts: rows of number, count as last name, count as given name, in the order of numbers."""
        places = np.searchsorted(counts[:, 0], self.ids)
        places = np.minimum(places, len(counts) - 1)
        there = counts[places, 0] == self.ids
        self.last = np.where(there, counts[places, 1], 0).astype(float)
        self.given = np.where(there, counts[places, 2], 0).astype(float)

    def slot_of(self, number: int) -> int:
        """The slot of a token's number; -1 where it is not held."""
        place = int(np.searchsorted(self.ids, number))
        return place if place < len(self.ids) and int(self.ids[place]) == number else -1

    def near(self, token: str) -> Near:
        """What stands near a token in this vocabulary."""
        codes = [close(name) for name in (token, *without_particle(token)[:1])]
        edits, distances = self._within_edits(token)
        return Near(
            edits=edits,
            distances=distances,
            close=self._sounding(_CLOSE, codes),
            even=self._sounding(_EVEN, list(map(even, codes))),
            loose=self._sounding(_LOOSE, list(filter(None, [loose(codes[0])]))),
            longer=self._beginning_with(token),
        )

    def _sounding(self, kind: int, codes: Sequence[str]) -> Slots:
        return self._having([(kind, _hashed(code)) for code in codes]) if codes else np.empty(0, np.int64)

    def _having(self, wanted: Iterable[tuple[int, int]]) -> Slots:
        """The slots under any of these keys, without repeats."""
        keys = np.fromiter(((kind << _VALUE_BITS) | value for kind, value in wanted), np.uint64)
        low, high = keys << _SLOT_BITS, (keys + np.uint64(1)) << _SLOT_BITS
        found: list[Keys] = []
        for run in self._runs:
            begin, end = np.searchsorted(run, low), np.searchsorted(run, high)
            found.extend(run[a:b] for a, b in zip(begin.tolist(), end.tolist(), strict=True) if b > a)
        if not found:
            return np.empty(0, np.int64)
        slots = np.concatenate(found) & np.uint64((1 << 24) - 1)
        return _sorted(slots)[:CANDIDATES_MAX].astype(np.int64)

    def _within_edits(self, token: str) -> tuple[Slots, NDArray[np.uint8]]:
        """Slots of other tokens one edit away (two for longer ones), with their distance."""
        allowed = 2 if len(token) >= TWO_EDITS_FROM else 1
        slots = self._having((_EDIT, value) for value in _edit_values(token, allowed))
        if not len(slots):
            return slots, np.empty(0, np.uint8)
        own = np.uint32(_letter_set(token))
        apart = np.bitwise_count(self._letters[slots] ^ own)
        slots = slots[
            (apart <= 2 * allowed) & (np.abs(self._lengths[slots].astype(np.int32) - len(token)) <= allowed)
        ]
        if not len(slots):
            return slots, np.empty(0, np.uint8)
        tokens = self.tokens
        distances = cdist(
            [token],
            [tokens[slot] for slot in slots.tolist()],
            scorer=OSA.distance,
            score_cutoff=allowed,
            dtype=np.uint8,
        )[0]
        kept = (distances > 0) & (distances <= allowed)
        return slots[kept], distances[kept]

    def _beginning_with(self, token: str) -> Slots:
        if len(token) < TRUNCATED_FROM:
            return np.empty(0, np.int64)
        slots = self._having([(_PREFIX, _value(token[:PREFIX]))])
        if len(token) <= PREFIX:
            return slots
        tokens = self.tokens
        longer = [slot for slot in slots.tolist() if tokens[slot].startswith(token) and tokens[slot] != token]
        return np.array(longer, np.int64)


# --------------------------------------------------------------------------- keys


def _codes(names: Sequence[str]) -> NDArray[np.uint8]:
    """The letters of tokens as numbers 1 to 26, 0 beyond their end; one row each, as wide as the longest."""
    wide = max(map(len, names))
    padded = "".join(name.ljust(wide, "@") for name in names)
    return (np.frombuffer(padded.encode("ascii"), np.uint8) - 64).reshape(len(names), wide)


def _letter_sets(codes: NDArray[np.uint8]) -> NDArray[np.uint32]:
    found = np.zeros(len(codes), np.uint32)
    for column in codes.T:
        found |= np.where(column > 0, np.uint32(1) << column.astype(np.uint32), 0).astype(np.uint32)
    return found


def _letter_set(token: str) -> int:
    found = 0
    for char in token:
        found |= 1 << (ord(char) - 64)
    return found


def _keys(names: Sequence[str], codes: NDArray[np.uint8], first: int) -> Keys:
    """Every key of the tokens, with their slots, not sorted."""
    slots = np.arange(first, first + len(names), dtype=np.uint64)
    lengths = np.minimum((codes > 0).sum(axis=1), PREFIX)
    found = []
    for length in range(1, PREFIX + 1):
        rows = lengths == length
        if not rows.any():
            continue
        letters, here = codes[rows][:, :length].astype(np.uint64), slots[rows]
        depth = 2 if length >= TWO_EDITS_FROM else 1
        for gone in range(min(depth, length - 1) + 1):
            for kept in combinations(range(length), length - gone):
                found.append(_placed(_EDIT, _polynomial(letters, kept), here))
        for cut in range(TRUNCATED_FROM, length):
            found.append(_placed(_PREFIX, _polynomial(letters, range(cut)), here))
    longer = (codes > 0).sum(axis=1) > PREFIX
    if longer.any():
        letters = codes[longer][:, :PREFIX].astype(np.uint64)
        found.append(_placed(_PREFIX, _polynomial(letters, range(PREFIX)), slots[longer]))
    closes = [close(name) for name in names]
    # A name sounds like another too where that lacks its particle: ALKHOURY and KHOURI.
    bare = [(slot, close(rest[0])) for slot, name in enumerate(names) if (rest := without_particle(name))]
    for kind, code in ((_CLOSE, str), (_EVEN, even)):
        values = np.fromiter((_hashed(code(sound)) for _, sound in bare), np.uint64, len(bare))
        found.append(_placed(kind, values, slots[[slot for slot, _ in bare]]))
    for kind, sounds in (
        (_CLOSE, closes),
        (_EVEN, list(map(even, closes))),
        (_LOOSE, list(map(loose, closes))),
    ):
        there = np.fromiter(map(bool, sounds), bool, len(sounds))
        values = np.fromiter(map(_hashed, sounds), np.uint64, len(sounds))
        found.append(_placed(kind, values[there], slots[there]))
    return np.concatenate(found)


def _sorted(keys: Keys) -> Keys:
    """Keys in order, each once; ten times as fast here as numpy's own `unique`, which hashes."""
    keys.sort()
    different = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=different[1:])
    return keys[different]


def _polynomial(letters: Keys, kept: Iterable[int]) -> Keys:
    value = np.zeros(len(letters), np.uint64)
    for column in kept:
        value = value * np.uint64(_ALPHABET) + letters[:, column]
    return value


def _placed(kind: int, values: Keys, slots: Keys) -> Keys:
    return ((np.uint64(kind << _VALUE_BITS) | values) << _SLOT_BITS) | slots


def _value(letters: str) -> int:
    value = 0
    for char in letters:
        value = value * _ALPHABET + ord(char) - 64
    return value


def _edit_values(token: str, depth: int) -> set[int]:
    """The keys of a token with up to `depth` letters left out of its beginning."""
    begin = token[:PREFIX]
    return {
        _value("".join(kept))
        for gone in range(min(depth, len(begin) - 1) + 1)
        for kept in combinations(begin, len(begin) - gone)
    }


def _hashed(sound: str) -> int:
    """A number for a code of sound; two of a million codes may share one, which the evidence then counts as alike."""
    return crc32(sound.encode("ascii"))
