"""Numbers that could be meant by one that was misheard, misread or mistyped, and in words how two differ.

All of them are worked out from the number asked, so the index of exact numbers finds them and no other is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, combinations, islice, product

from wireroom.catalog.kinds_of_number import is_partly_known, vin_check_digit

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIGNS = DIGITS + LETTERS
VIN_SIGNS = "".join(sign for sign in SIGNS if sign not in "IOQ")  # 49 CFR 565: no I, O or Q
VIN_LENGTH = 17
VIN_ENDING = 8  # model year, plant and serial: what is legible on a wreck, and asked for
PLATE_MAX = 10

# The most values that each gives. None is reached by a number of ordinary length: nine digits make at most 89 values,
# a California licence 95, a plate of seven characters 539 and of nine 683, a VIN 560.
NEAR_DIGITS_MAX, NEAR_PLATE_MAX, LOOK_ALIKES_MAX, NEAR_VIN_MAX = 130, 700, 200, 1_200
PARTS_SAID_MAX = 3

# What is taken for what by eye and by camera. The sets are our choice, the likeliest first in each.
LIKE: dict[str, str] = {}
for _set in ("O0QD", "1IL", "B8", "S5", "Z2", "G6", "UV", "VY", "MN", "A4", "T7", "EF", "PR", "CG"):
    for _sign in _set:
        LIKE[_sign] = LIKE.get(_sign, "") + _set.replace(_sign, "")
_CHECK_PLACE, _CHECK_DIGITS = 8, "0123456789X"
# What each sign adds to the check digit in each place: asked of the check digit itself, one sign among zeros.
_WORTH = [
    {
        sign: _CHECK_DIGITS.index(vin_check_digit("0" * place + sign + "0" * (VIN_LENGTH - 1 - place)))
        for sign in VIN_SIGNS
    }
    for place in range(VIN_LENGTH)
]
_AS_IN_A_VIN = str.maketrans("IOQ", "100")


def near(index: str, value: str) -> tuple[str, ...]:
    """All values of an index that could be meant by a value, the likeliest first; none where only a part is known."""
    if is_partly_known(value):
        return ()
    if index == "VIN":
        return near_vin(value)
    if index == "LIC":
        return tuple(dict.fromkeys(chain(look_alikes(value), near_plate(value))))
    return near_digits(value)


def near_digits(value: str) -> tuple[str, ...]:
    """One digit wrong, two neighbours transposed, or one letter taken for another; a digit never becomes a letter.

    Of a number longer than thirteen digits only the first values are given: the transpositions and its first places.
    """
    return _within(
        NEAR_DIGITS_MAX,
        value,
        chain(
            (
                changed
                for place, changed in _transposed(value)
                if value[place].isdigit() == value[place + 1].isdigit()
            ),
            (one for place, sign in enumerate(value) if sign in DIGITS for one in _put(value, place, DIGITS)),
            (
                one
                for place, sign in enumerate(value)
                if sign in LETTERS
                for one in _put(value, place, LETTERS)
            ),
        ),
    )


def near_plate(value: str) -> tuple[str, ...]:
    """One character wrong, missing or one too many, or two neighbours transposed."""
    return _within(
        NEAR_PLATE_MAX,
        value,
        chain(
            (changed for _, changed in _transposed(value)),
            _shortened(value),
            (one for place in range(len(value)) for one in _put(value, place, SIGNS)),
            _lengthened(value, SIGNS) if len(value) < PLATE_MAX else (),
        ),
    )


def look_alikes(value: str) -> tuple[str, ...]:
    """One or two characters taken for what looks like them, the closest likenesses first."""
    likenesses = [
        [(place, sign, rank) for rank, sign in enumerate(LIKE.get(held, ""))]
        for place, held in enumerate(value)
    ]
    pairs = sorted(
        (pair for first, second in combinations(likenesses, 2) for pair in product(first, second)),
        key=lambda pair: pair[0][2] + pair[1][2],
    )
    found: list[str] = []
    for changes in chain(((one,) for likeness in likenesses for one in likeness), pairs):
        signs = list(value)
        for place, sign, _ in changes:
            signs[place] = sign
        found.append("".join(signs))
    return _within(LOOK_ALIKES_MAX, value, found)


def near_vin(value: str) -> tuple[str, ...]:
    """What a VIN that holds I, O or Q must be; one character wrong, transposed, missing or one too many.

    Of seventeen characters, those whose check digit holds come first. A VIN of another length is of an older vehicle,
    where any sign may stand, or has lost or gained one.
    """
    meant = value.translate(_AS_IN_A_VIN)
    if len(value) == VIN_LENGTH:
        transposed = [one for _, one in _transposed(meant)]
        holding = [one for one in transposed if not _check_fails(one)]
        held, failing = _misread(meant)
        return _within(NEAR_VIN_MAX, value, chain((meant,), holding, held, transposed, failing))
    whole: Iterable[str] = ()
    if len(value) == VIN_LENGTH + 1:
        whole = _shortened(meant)
    elif len(value) == VIN_LENGTH - 1:
        whole = _lengthened(meant, VIN_SIGNS)
    found = chain(
        sorted(whole, key=_check_fails),
        (changed for _, changed in _transposed(value)),
        (one for place in range(len(value)) for one in _put(value, place, SIGNS)),
    )
    return _within(NEAR_VIN_MAX, value, found)


def _misread(vin: str) -> tuple[list[str], list[str]]:
    """A VIN with one character wrong: where the check digit holds, and where it fails."""
    total = sum(worth[sign] for worth, sign in zip(_WORTH, vin, strict=True))
    due = _CHECK_DIGITS.find(vin[_CHECK_PLACE])
    held: list[str] = []
    failing: list[str] = []
    for place, sign in enumerate(vin):
        if place == _CHECK_PLACE:
            right = _CHECK_DIGITS[total % 11]
            for one in _put(vin, place, VIN_SIGNS):
                (held if one[place] == right else failing).append(one)
            continue
        # What the sign in this place must be worth for the check digit as it stands, if it is one at all.
        worth_right = (due - total + _WORTH[place][sign]) % 11 if due >= 0 else due
        for one, worth in zip(_put(vin, place, VIN_SIGNS), _WORTH[place].values(), strict=True):
            (held if worth == worth_right else failing).append(one)
    return held, failing


def _check_fails(vin: str) -> bool:
    return vin_check_digit(vin) != vin[_CHECK_PLACE]


def vin_ending(value: str) -> str:
    """The pattern that a VIN's last eight characters ask for, which an older vehicle's whole number fits too."""
    return f"*{value}" if len(value) == VIN_ENDING and not is_partly_known(value) else ""


def _within(most: int, value: str, found: Iterable[str]) -> tuple[str, ...]:
    """The first values, each once, without the one that was asked."""
    others = dict.fromkeys(one for one in found if one and one != value)
    return tuple(islice(others, most))


def _transposed(value: str) -> Iterator[tuple[int, str]]:
    for place in range(len(value) - 1):
        yield place, value[:place] + value[place + 1] + value[place] + value[place + 2 :]


def _put(value: str, place: int, signs: str) -> list[str]:
    before, after = value[:place], value[place + 1 :]
    return [before + sign + after for sign in signs]


def _lengthened(value: str, signs: str) -> Iterator[str]:
    for place in range(len(value) + 1):
        before, after = value[:place], value[place:]
        yield from [before + sign + after for sign in signs]


def _shortened(value: str) -> Iterator[str]:
    return (value[:place] + value[place + 1 :] for place in range(len(value)))


def differences(asked: str, held: str) -> str:
    """What differs between two numbers, in words; what was asked stands first. Empty where nothing does.

    Digits are told by their place alone, so the words may be said of a secret number.
    """
    if len(asked) == len(held):
        return _exchanged(asked, held)
    shorter, longer = sorted((asked, held), key=len)
    place = next((n for n, sign in enumerate(shorter) if sign != longer[n]), len(shorter))
    if shorter != longer[:place] + longer[place + 1 :]:
        return "several characters differ"
    return f"one character {'missing' if shorter == asked else 'too many'} ({_ordinal(place)})"


def _exchanged(asked: str, held: str) -> str:
    places = [place for place, sign in enumerate(asked) if sign != held[place]]
    digits = all(asked[place] in DIGITS and held[place] in DIGITS for place in places)
    if not places:
        return ""
    if len(places) > PARTS_SAID_MAX:
        return "several characters differ"
    first, last = places[0], places[-1]
    if last == first + 1 and asked[first] == held[last] and asked[last] == held[first]:
        what = "digit" if digits else "character"
        return f"{_ordinal(first)} and {_ordinal(last)} {what} transposed"
    if digits:
        count = {1: "one digit", 2: "two digits", 3: "three digits"}[len(places)]
        return f"{count} wrong ({', '.join(map(_ordinal, places))})"
    return ", ".join(f"{_ordinal(place)} character {asked[place]} for {held[place]}" for place in places)


def _ordinal(place: int) -> str:
    """The place of a character as people count it: 1st, 2nd, 11th."""
    number = place + 1
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
