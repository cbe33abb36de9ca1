"""Which stretches of the index hold the numbers of which a part is known: from the beginning, or from the end."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from wireroom.catalog.kinds import Bad
from wireroom.catalog.kinds_of_number import (
    KNOWN_AT_AN_END_MIN,
    KNOWN_MIN,
    OPEN_MAX,
    is_partly_known,
    known_beginning,
)
from wireroom.records.near import LETTERS, SIGNS, VIN_LENGTH, VIN_SIGNS, vin_ending

IN_PART = ("LIC", "VIN")  # the indexes that stand in the reversed one too
RANGES_MAX = len(SIGNS) ** OPEN_MAX  # 1,296

# How many numbers there may be, by how much a known sign parts them, and what a stretch costs against one of its rows
# (about 5 and 0.15 microseconds). It matters only where a pattern could be served in several ways.
_NUMBERS, _BY_A_DIGIT, _BY_A_LETTER, _STRETCH = 40_000_000.0, 10.0, 23.0, 30.0
_LIKE = str.maketrans("?*", "_%")


class Part(msgspec.Struct, frozen=True):
    """How the numbers of a pattern are found: those from `low` to before `high`, in byte order, that fit it."""

    pattern: str
    backward: bool  # whether the stretches are of the numbers read from their end
    ranges: tuple[tuple[str, str], ...]  # low and high

    @property
    def like(self) -> str:
        """The pattern as SQL has it. No sign of a number means anything there."""
        return self.pattern.translate(_LIKE)


def pattern_of(index: str, value: str) -> str:
    """The pattern that a canonical value asks for, empty where it is a whole number and nothing more."""
    if index not in IN_PART:
        return ""
    if is_partly_known(value):
        return value
    return vin_ending(value) if index == "VIN" else ""


def part(pattern: str, index: str = "LIC") -> Part | Bad:
    """The stretches to read for a pattern, or what must be added to it.

    Served by its known beginning, by its known end, or by trying all signs in place of at most two unknown ones
    before either; the cheapest of these.
    """
    if sum(sign in SIGNS for sign in pattern) < KNOWN_MIN:
        return Bad(f"is known too little: give at least {KNOWN_MIN} characters beside ? and *")
    ways = [
        (known_beginning(way, unknown), backward)
        for way, backward in ((pattern, False), (pattern[::-1], True))
        for unknown in range(OPEN_MAX + 1)
    ]
    served = [way for way in ways if _known(way[0]) >= KNOWN_AT_AN_END_MIN]
    if not served:
        return Bad("is known at neither end: give the first or last two characters")
    begun, backward = min(served, key=lambda way: _cost(way[0]))
    signs = VIN_SIGNS if index == "VIN" and len(pattern) == VIN_LENGTH and "*" not in pattern else SIGNS
    last = begun[-1]  # a known one, so that the next in byte order ends the stretch
    stems = _filled(begun[:-1], signs)
    return Part(pattern, backward, tuple((stem + last, stem + chr(ord(last) + 1)) for stem in stems))


def fits(pattern: str, value: str) -> bool:
    """Whether a number is one that a pattern asks for."""
    return bool(_expression(pattern).fullmatch(value))


@lru_cache(maxsize=512)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"?": "[A-Z0-9]", "*": "[A-Z0-9]*"}.get(sign, sign) for sign in pattern))


def _known(begun: str) -> int:
    return len(begun) - begun.count("?")


def _cost(begun: str) -> float:
    letters = sum(sign in LETTERS for sign in begun)
    parted: float = _BY_A_LETTER**letters * _BY_A_DIGIT ** (_known(begun) - letters)
    stretches: int = len(SIGNS) ** begun.count("?")
    return _STRETCH * stretches + _NUMBERS / parted


def _filled(begun: str, signs: str) -> list[str]:
    """The beginning with every sign in place of each unknown one."""
    first, *rest = begun.split("?")
    filled = [first]
    for piece in rest:
        filled = [before + sign + piece for before in filled for sign in signs]
    return filled
