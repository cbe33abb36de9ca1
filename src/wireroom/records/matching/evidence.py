"""The evidence that a recorded person is the one asked for, in bits: what agrees is worth how rare that is by chance.

The sum, less the bits of the file's size, is the strength: 0 is even odds, 4 is sixteen to one, -4 one to sixteen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from wireroom.records.matching.circles import NO_CIRCLES, Circles
from wireroom.records.matching.dates import UNKNOWN, Dates, Slip
from wireroom.records.matching.likeness import WORDS, Expansion, Likeness, Likenesses, initial_bits
from wireroom.records.matching.spelling import Name

MADE, FORMER = -1, -2
STRONG, POSSIBLE, WIDE = 0.0, -4.0, -8.0

# All in bits. Our choice, from development data; the ADR on search says how they were found.
LAST_DISAGREES = {"F": -6.0, "M": -8.0, "": -7.0}
GIVEN_DISAGREES = -7.0
INITIAL_DISAGREES = -4.5
MIDDLE_AS_LAST = -3.0
SWAPPED = -4.5  # last and first name in each other's place
MIDDLE_AS_FIRST = -3.0
SPLIT_OR_JOINED = -1.5
SECOND_LAST_DISAGREES, ONE_HAS_TWO_LASTS = -2.5, -1.0
SECOND_LAST_SHARE = 0.5  # of its own bits
MIDDLE = {"exact": 4.0, "near": 2.0, "initial": 2.2, "other initial": -2.5, "other": -2.0}
SUFFIX_AGREES, SUFFIX_DISAGREES, SUFFIX_MISSING = 3.0, -4.0, -0.3
SEX_AGREES, SEX_DISAGREES, SEX_DISAGREES_NEAR_NAME = 0.9, -4.5, -7.0
LAST_EXACT = f"last name {WORDS[Likeness.EXACT]}"
FIRST_DIFFERS, LAST_DIFFERS = "first name differs", "last name differs"
SIBLING_CEILING, NAMESAKE_CEILING = -2.0, -4.5  # strengths, with the file's size
ASKED_FOR = 1.0  # whoever is asked for is a little likelier to be in a file than anybody else
PEOPLE_MIN = 100_000  # a smaller file counts as so large: that it is small makes a likeness no surer


class Line(msgspec.Struct, frozen=True):
    """One piece of evidence: what it is, and its bits."""

    text: str
    bits: float


class Token(msgspec.Struct, frozen=True):
    """One token asked, or one that a joined or split writing would have; with what it costs to assume that."""

    text: str
    expansion: Expansion | None  # None: an initial
    cost: float = 0.0
    written: int = (
        0  # the place of the token that was typed; MADE of others, or FORMER, from among the middle names
    )


class Asked(msgspec.Struct, frozen=True):
    """A person asked for, taken apart: all that is needed to weigh one recorded name after another."""

    name: Name
    last: tuple[Token, ...]
    given: tuple[Token, ...]
    dates: Dates
    sex: str
    initials: tuple[float, ...]  # bits of an agreeing initial, A to Z


class Recorded(msgspec.Struct, frozen=True):
    """One name of a record as the index holds it, its tokens by number."""

    book: int
    record: int
    place: int
    last: tuple[int, ...]
    given: tuple[int, ...]
    suffix: str
    dob: int
    sex: str


class Weighed(msgspec.Struct, frozen=True):
    """A recorded name with its evidence. `bits` is the sum of the lines, before the file's size."""

    recorded: Recorded
    bits: float
    lines: tuple[Line, ...]
    exact: bool = False  # last name, first name and birth date are as asked
    ceiling: Line | None = None  # the strength, file size and all, that it cannot exceed, and why


def asked_for(name: Name, dates: Dates, sex: str, likenesses: Likenesses) -> Asked:
    """Takes a person asked for apart."""
    return Asked(
        name=name,
        last=(*_tokens(name.last, likenesses, surname=True), *_former(name, likenesses)),
        given=_tokens(name.given, likenesses, surname=False),
        dates=dates,
        sex=sex if sex in ("M", "F") else "",
        initials=tuple(initial_bits(float(share)) for share in likenesses.initials),
    )


def _former(name: Name, likenesses: Likenesses) -> tuple[Token, ...]:
    """The middle names as last names: a former name often stands there, and a mother's."""
    middles = [text for text in name.given[1:] if len(text) > 2 and text not in name.last]
    return tuple(Token(text, likenesses.expand(text), MIDDLE_AS_LAST, FORMER) for text in middles[:2])


def _tokens(written: Sequence[str], likenesses: Likenesses, *, surname: bool) -> tuple[Token, ...]:
    """The tokens as typed, then neighbours joined, then a long unknown one split where both parts are known."""
    found = [
        Token(text, likenesses.expand(text) if surname or len(text) > 1 else None, 0.0, place)
        for place, text in enumerate(written)
    ]
    for one, other in pairwise(written):
        if len(one) > 1 and len(other) > 1:
            found.append(Token(one + other, likenesses.expand(one + other), SPLIT_OR_JOINED, MADE))
    vocabulary = likenesses.vocabulary
    counts = vocabulary.last if surname else vocabulary.given
    for text in written:
        for part in _best_split(text, vocabulary.slots, counts):
            found.append(Token(part, likenesses.expand(part), SPLIT_OR_JOINED, MADE))
    return tuple(found)


def _best_split(text: str, slots: dict[str, int], counts: NDArray[np.float64]) -> tuple[str, ...]:
    """The two known tokens of which a token is most likely made; none where it is no rare word or falls apart badly."""
    if len(text) < 6:
        return ()
    best, parts = 0.0, tuple[str, ...]()
    own = float(counts[slots[text]]) if text in slots else 0.0
    for cut in range(2, len(text) - 1):
        one, other = text[:cut], text[cut:]
        if one in slots and other in slots:
            worth = min(float(counts[slots[one]]), float(counts[slots[other]]))
            if worth > best:
                best, parts = worth, (one, other)
    return parts if best > 20 * own and best >= 3 else ()


def weigh(
    asked: Asked, recorded: Recorded, text_of: dict[int, str], circles: Circles = NO_CIRCLES
) -> Weighed:
    """All evidence for and against one recorded name."""
    straight = _names(asked.last, asked.given, recorded, asked, text_of)
    if straight[0] < 6.0 and asked.last and asked.given:
        typed = [token for token in asked.last if token.written != FORMER]
        turned = _names(asked.given, typed, recorded, asked, text_of)
        if turned[0] + SWAPPED > straight[0]:
            lines = (*turned[1], Line("last and first name in each other's place", SWAPPED))
            straight = (turned[0] + SWAPPED, lines, turned[2])
    bits, lines, exact_first = straight
    company = _company(lines, recorded, circles)
    lines, bits = (*lines, *company), bits + sum(line.bits for line in company)
    slip, worth = asked.dates.evidence(recorded.dob)
    if asked.dates.asked != UNKNOWN and recorded.dob != UNKNOWN:
        lines = (*lines, Line(f"birth date {slip}", worth))
        bits += worth
    for line in (_suffix(asked.name.suffix, recorded.suffix), _sex(asked.sex, recorded.sex, exact_first)):
        if line is not None:
            lines = (*lines, line)
            bits += line.bits
    exact = exact_first and lines[0].text == LAST_EXACT and slip is Slip.SAME
    return Weighed(recorded, bits, lines, exact, _ceiling(lines, slip, asked, recorded))


def _company(lines: Sequence[Line], recorded: Recorded, circles: Circles) -> tuple[Line, ...]:
    """What is taken back for the company that the recorded names keep: they go together, or few names serve many."""
    last, given = recorded.last[:1], recorded.given[:1]
    found = []
    if last and given:
        burden = circles.burden(last[0], given[0])
        if burden <= -0.05:
            found.append(Line("names of a circle of few names", burden))
    if len(lines) < 2 or any(line.bits < 0 and line.text.endswith("name differs") for line in lines[:3]):
        return tuple(found)
    together = max((circles.together(one, other) for one in recorded.last for other in given), default=0.0)
    if abs(together) >= 0.2:
        found.append(Line("names that go together", -together))
    return tuple(found)


def _ceiling(lines: Sequence[Line], slip: Slip, asked: Asked, recorded: Recorded) -> Line | None:
    """What chance cannot say: relatives share last names, birth dates of twins and names of fathers."""
    dated = asked.dates.asked != UNKNOWN and recorded.dob != UNKNOWN
    if dated and slip in (Slip.OTHER, Slip.SAME_YEAR, Slip.TWO_YEARS):
        ceiling = NAMESAKE_CEILING if slip is Slip.OTHER else SIBLING_CEILING
        return Line("a namesake in the family would fit as well", ceiling)
    if any(line.text == FIRST_DIFFERS for line in lines):
        return Line("a brother or sister would fit as well", SIBLING_CEILING)
    if any(line.text == LAST_DIFFERS for line in lines):
        return Line("somebody else of that first name and date would fit as well", SIBLING_CEILING)
    return None


_Names = tuple[float, tuple[Line, ...], bool]


def _names(
    last: Sequence[Token], given: Sequence[Token], recorded: Recorded, asked: Asked, text_of: dict[int, str]
) -> _Names:
    """Evidence of last names and given names, read in these roles."""
    surname = _surname(last, recorded, asked.sex)
    first, exact, used, held = _first(given, recorded, asked, text_of)
    middle = _middle(given, used, recorded, held, text_of)
    lines = (*surname, *first, *middle)
    return sum(line.bits for line in lines), lines, exact


def _surname(tokens: Sequence[Token], recorded: Recorded, sex: str) -> tuple[Line, ...]:
    best, how, which, where = -99.0, 0, tokens[0] if tokens else None, -1
    for token in tokens:
        if token.expansion is None:
            continue
        for place, number in enumerate(recorded.last):
            found = token.expansion.known.get(number)
            if found is not None and found[1] + token.cost > best:
                best, how, which, where = found[1] + token.cost, found[0], token, place
    if which is None or not recorded.last:
        return ()
    if where < 0:
        return (Line(LAST_DIFFERS, LAST_DISAGREES[sex or recorded.sex]),)
    lines = [Line(_LAST_WORDS.get(which.written, f"last name {WORDS[how]}"), best)]
    written = [token for token in tokens if token.written >= 0 and token is not which]
    others = [number for place, number in enumerate(recorded.last) if place != where]
    if which.written < 0:
        written = []
    if written or others:
        lines.append(_second_last(written, others, recorded.given[1:], two=bool(written) and bool(others)))
    return tuple(lines)


_LAST_WORDS = {MADE: "last name joined or split", FORMER: "last name stands among the middle names asked"}


def _second_last(
    written: Sequence[Token], others: Sequence[int], middles: Sequence[int], *, two: bool
) -> Line:
    """What a second last name on one side or both says; one that stands among the middle names counts too."""
    best = max(
        (
            found[1]
            for token in written
            if token.expansion is not None
            for number in (*others, *middles)
            if (found := token.expansion.known.get(number)) is not None
        ),
        default=0.0,
    )
    if best > 0:
        return Line("second last name agrees", SECOND_LAST_SHARE * best)
    return (
        Line("second last names differ", SECOND_LAST_DISAGREES)
        if two
        else Line("one has a second last name", ONE_HAS_TWO_LASTS)
    )


_First = tuple[tuple[Line, ...], bool, int, int]  # lines, whether exact, place asked, place recorded


def _first(tokens: Sequence[Token], recorded: Recorded, asked: Asked, text_of: dict[int, str]) -> _First:
    """Evidence of the first name: with the recorded first name, or either with a middle name of the other side."""
    if not tokens or not recorded.given:
        return (), False, -1, -1
    best, how, used, held, made = -99.0, 0, -1, -1, False
    for token in tokens:
        if token.expansion is None:
            continue
        for place, number in enumerate(recorded.given):
            found = token.expansion.known.get(number)
            if found is None or (token.written > 0 and place > 0):
                continue
            bits = found[2] + token.cost + (MIDDLE_AS_FIRST if token.written > 0 or place > 0 else 0.0)
            if bits > best:
                best, how, used, held, made = bits, found[0], token.written, place, token.written < 0
    if best < 1.5:
        initial = _initial(tokens[0], recorded.given[0], asked, text_of)
        if initial is not None and initial.bits > best:
            return (initial,), False, 0, 0
    if held < 0:
        return (Line(FIRST_DIFFERS, GIVEN_DISAGREES),), False, 0, 0
    words = "first name joined or split" if made else f"first name {WORDS[how]}"
    if used > 0 or held > 0:
        words = f"first name with a middle name, {WORDS[how]}"
    return (Line(words, best),), how == Likeness.EXACT and held == 0, max(used, 0), held


def _initial(token: Token, number: int, asked: Asked, text_of: dict[int, str]) -> Line | None:
    """Evidence where either first name is only an initial; None where neither is."""
    other = text_of.get(number, "")
    if not other or (len(token.text) > 1 and len(other) > 1):
        return None
    if token.text[0] == other[0]:
        return Line("first initial agrees", asked.initials[ord(other[0]) - 65])
    return Line("first initial differs", INITIAL_DISAGREES)


def _middle(
    tokens: Sequence[Token], used: int, recorded: Recorded, held: int, text_of: dict[int, str]
) -> tuple[Line, ...]:
    """Evidence of the middle names that neither side has used for the first name."""
    ours = [token for token in tokens if token.written >= 0 and token.written != used]
    theirs = [number for place, number in enumerate(recorded.given) if place != held]
    if not ours or not theirs or used < 0:
        return ()
    best = "other"
    for token in ours:
        for number in theirs:
            other = text_of.get(number, "")
            if not other:
                continue
            if token.expansion is not None and len(other) > 1:
                found = token.expansion.known.get(number)
                if found is not None:
                    kind = "exact" if found[0] == Likeness.EXACT else "near"
                else:
                    continue
            else:
                kind = "initial" if token.text[0] == other[0] else "other initial"
            if MIDDLE[kind] > MIDDLE[best] or best == "other":
                best = kind
    return (Line(_MIDDLE_WORDS[best], MIDDLE[best]),)


_MIDDLE_WORDS = {
    "exact": "middle name exact",
    "near": "middle name nearly the same",
    "initial": "middle initial agrees",
    "other initial": "middle initial differs",
    "other": "middle name differs",
}


def _suffix(asked: str, recorded: str) -> Line | None:
    if not asked and not recorded:
        return None
    if asked == recorded:
        return Line(f"{asked} on both", SUFFIX_AGREES)
    if not asked or not recorded:
        return Line(f"{asked or recorded} on one side only", SUFFIX_MISSING)
    if {asked, recorded} == {"JR", "II"}:
        return Line("JR and II", 0.0)
    return Line(f"{asked} against {recorded}", SUFFIX_DISAGREES)


def _sex(asked: str, recorded: str, exact_first: bool) -> Line | None:
    if not asked or not recorded:
        return None
    if asked == recorded:
        return Line("sex agrees", SEX_AGREES)
    return Line("sex differs", SEX_DISAGREES if exact_first else SEX_DISAGREES_NEAR_NAME)


def size_bits(people: int) -> float:
    """What the size of a file costs: among a million names, twenty bits agree by chance."""
    return ASKED_FOR - math.log2(max(people, PEOPLE_MIN))


def odds(bits: float) -> str:
    """A strength in words: about 5 in 6."""
    share = 1 / (1 + 2.0**-bits)
    if share > 0.999:
        return "more than 999 in 1,000"
    if share < 0.001:
        return "less than 1 in 1,000"
    rare = min(share, 1 - share)
    whole = round(1 / rare)
    return f"about {whole - 1 if share > 0.5 else 1} in {whole}"


def explained(lines: Sequence[Line], bits: float) -> str:
    """The evidence in one line, as a detective reads it: each piece with its bits, the sum, and what it means."""
    told = "; ".join(f"{line.text} {line.bits:+.1f}" if line.bits else line.text for line in lines)
    return told if not any(line.bits for line in lines) else f"{told} = {bits:+.1f}: {odds(bits)}"


__all__ = ["Asked", "Line", "Recorded", "Slip", "Token", "Weighed", "asked_for", "odds", "size_bits", "weigh"]
