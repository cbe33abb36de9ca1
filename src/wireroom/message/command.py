"""The one box: guesses what a person typed, and says what it understood before anything is sent.

A plate, a VIN, a licence number, a name with a birth date, a file number, or a key with fields after it.
"""

from __future__ import annotations

import re
from datetime import date

from wireroom.catalog.file import Field, Verb
from wireroom.catalog.index import Catalogue, Form
from wireroom.catalog.kinds import Bad, Kind, Prose, folded
from wireroom.catalog.kinds_of_number import Fcn, Nic, Plate, Ssn, plain
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.tables import table
from wireroom.message.envelope import Fault, Reading
from wireroom.message.read import TEXT_CHARACTERS_MAX, checked, form_of, read, segments

HOME_STATE = "CA"
TYPED_CHARACTERS_MAX = 120  # what is longer than a name with its dates is not guessed at
_LICENCE = re.compile(r"[A-Z][0-9]{7}")
_VIN_LIKE = re.compile(r"(?=.*[0-9])[A-Z0-9?]{17}")
_PART_OF_A_VIN = re.compile(r"(?=.*[0-9])(?=.*\*)(?:\**[A-Z0-9?]){9,17}\**")  # longer than any plate
_SSN_LIKE = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")
_DATE = re.compile(
    r"(?<![0-9])([0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{4})(?![0-9])"
)
_DOTTED = re.compile(r"\s*[A-Za-z][A-Za-z0-9-]{0,5}\s*\.[^,]*/")  # a key, a period, and somewhere a field
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9]{1,3}/")
_KEYED = re.compile(
    r"\s*([A-Za-z][A-Za-z0-9-]{0,5})\s+[A-Za-z][A-Za-z0-9]{1,3}/"
)  # a word, a blank and a field
_STRANGE = re.compile(r"\s([A-Z][A-Z0-9]{1,3})/", re.IGNORECASE | re.ASCII)

Pairs = list[tuple[str, str]]


def command(text: str, catalogue: Catalogue, *, ori: str, today: date) -> Reading:
    """Read what was typed into the one box: dotted text as it is, shorthand by guessing.

    The reading's `understood` says what was made of it. A text that nothing fits is a fault, never a guess at random.
    """
    head, dot, _ = text.partition(".")
    if len(text) > TEXT_CHARACTERS_MAX or (dot and (head in catalogue.forms or _DOTTED.match(text))):
        return read(text, catalogue, ori=ori, today=today)
    head, *rest = text.split(maxsplit=1) or [""]
    form = form_of(head, catalogue)
    if form is not None:
        return _with_key(text, form, rest[0].strip() if rest else "", catalogue, ori, today)
    if keyed := _KEYED.match(text):
        told = read(f"{keyed[1]}.", catalogue, ori=ori, today=today)  # that it is no key, and which are alike
        return Reading(text, None, told.faults)
    guess = (
        _guess(text, today)
        if len(text) <= TYPED_CHARACTERS_MAX
        else "is too long to be guessed at: begin with a key"
    )
    if isinstance(guess, str):
        return Reading(text, None, (Fault("TEXT", guess),))
    key, pairs = guess
    return _from_pairs(text, catalogue.forms[key], pairs, today)


def _from_pairs(text: str, form: Form, pairs: Pairs, today: date, more: str = "") -> Reading:
    """Through the one check, so that shorthand obeys all that dotted text does. `more` is dotted fields behind."""
    faults: list[Fault] = []
    given: list[tuple[Field, str]] = []
    for code, value in pairs:
        field = form.field(code)
        if field is not None:
            given.append((field, value))
        else:
            faults.append(
                Fault(code, f"is not a field of {form.key}, which takes {', '.join(form.by_code)}", value)
            )
    return checked(text, form, given + segments(more, form, faults), today, faults)


def _with_key(text: str, form: Form, rest: str, catalogue: Catalogue, ori: str, today: date) -> Reading:
    """A key, one bare value that one of its fields takes, and fields as FIELD/value parted by blanks."""
    codes = "|".join(sorted(form.by_code, key=len, reverse=True))
    first = re.search(rf"(?:^|\s)(?=(?:{codes})/)", rest, re.IGNORECASE | re.ASCII)
    value = rest[: first.start()] if first else rest
    more = _dotted(rest[len(value) :], form, codes)
    if form.verb is Verb.INQUIRE and value and not _FIELD.match(value):
        bare = _bare(form, value, today)
        if isinstance(bare, Fault):
            return Reading(text, None, (bare,))
        if ".LIS/" in f".{more.upper()}" and not _parted(folded(value).split())[1]:
            bare = [pair for pair in bare if pair[0] != "LIS"]  # the home state stands in for none only
        return _from_pairs(text, form, bare, today, more)
    reading = read(f"{form.key}.{value}{more}", catalogue, ori=ori, today=today)
    # A field that the key does not take went into the value before it: where that is at fault, it is told why.
    strange = dict.fromkeys(_STRANGE.findall(rest)) if reading.faults else ()
    faults = [
        Fault(code, f"is not a field of {form.key}") for code in strange if form.field(code.upper()) is None
    ]
    return Reading(text, reading.message, (*reading.faults, *faults), reading.understood)


def _dotted(rest: str, form: Form, codes: str) -> str:
    """FIELD/value FIELD/value with blanks between, as dotted fields; prose stays as it is, to the end of the text."""
    prose = next((field.code for field in form.fields if isinstance(field.kind, Prose)), "")
    fields, tail = rest, ""
    if prose and (found := re.search(rf"(?:^|[\s.])(?={prose}/)", rest, re.IGNORECASE | re.ASCII)):
        fields, tail = rest[: found.start()], rest[found.end() :]
    fields = re.sub(rf"\s+(?=(?:{codes})/)", ".", fields.strip(), flags=re.IGNORECASE | re.ASCII)
    return ".".join(filter(None, (fields, tail)))


def _bare(form: Form, value: str, today: date) -> Pairs | Fault:
    """The fields that a value without a code stands for under an inquiry's key."""
    if len(value) > TYPED_CHARACTERS_MAX:
        return Fault("TEXT", "is too long to be guessed at: write each field as FIELD/value")
    guess = _guess(value, today)
    if not isinstance(guess, str) and all(form.field(code) for code, _ in guess[1]):
        return guess[1]
    takers = [field for field in form.fields if _takes(field, value, today)]
    if isinstance(form.fields[0].kind, PersonName) and not any(map(_is_digit, value)):
        takers = []  # a name without its comma, and no number
    first = takers[0] if takers else form.fields[0]
    secret = next((field for field in takers[1:] if isinstance(field.kind, Ssn)), None)
    if secret is not None:
        return Fault("TEXT", f"could be two things: write {first.code}/ or {secret.code}/ before the number")
    return _plate_under(form, first, value) if isinstance(first.kind, Plate) else [(first.code, value)]


def _plate_under(form: Form, field: Field, value: str) -> Pairs:
    """A plate behind a key, which may be letters alone, and its state where the key takes one or another is named."""
    number, state = _parted(folded(value).split())
    state = state or (HOME_STATE if form.field("LIS") is not None else "")
    return [(field.code, number), *([("LIS", state)] if state else [])]


def _takes(field: Field, value: str, today: date) -> bool:
    return bool(field.kind.identifies) and _good(field.kind, value, today)


def _guess(text: str, today: date) -> tuple[str, Pairs] | str:
    """The key and fields that a bare text most likely means, or what to type instead."""
    if "," in text:
        return "QW", _person(text)
    compact = plain(text)
    if _VIN_LIKE.fullmatch(compact) or _PART_OF_A_VIN.fullmatch(compact):
        return "QV", [("VIN", compact)]
    if _LICENCE.fullmatch(compact):
        return "QW", [("OLN", compact)]
    if _SSN_LIKE.fullmatch(text.strip()):
        return "QW", [("SOC", compact)]
    if _good(Fcn(), compact, today):
        return "QV", [("FCN", compact)]
    if _good(Nic(), compact, today):
        return "QV", [("NIC", compact)]
    return _plate(folded(text).split(), compact, today)


def _plate(words: list[str], compact: str, today: date) -> tuple[str, Pairs] | str:
    """A plate of letters and digits, with its state behind it or the home state."""
    if not compact:
        return "is empty: type a plate, a VIN, a licence number, or LAST, FIRST and a birth date"
    if not any(map(_is_digit, compact)):
        return _letters_alone(compact)
    if not any(map(str.isalpha, compact)):
        return "could be several numbers: type QV and the plate, or QW and OLN/ or SOC/ before the number"
    number, state = _parted(words)
    if not state and len(words) > 1 and _is_state(words[0]):
        return (
            f"could be a plate that begins with {words[0]}, or one of the state {words[0]}: "
            "write it without the blank, or the state behind it"
        )
    if (
        2 <= len(number.replace("*", "")) <= 8
        and any(map(_is_digit, number))
        and _good(Plate(), number, today)
    ):
        return "QV", [("LIC", number), ("LIS", state or HOME_STATE)]
    return "is not understood: type a plate, a VIN, a licence number, LAST, FIRST with a birth date, or a key"


def _letters_alone(compact: str) -> str:
    if compact.isalpha():
        return "could be a name or a plate: type LAST, FIRST for a person, or QV and the plate"
    return "is not understood: type a plate, a VIN, a licence number, LAST, FIRST with a birth date, or a key"


def _parted(words: list[str]) -> tuple[str, str]:
    """A plate's number and the state that stands behind it, if one does."""
    state = words[-1] if len(words) > 1 and _is_state(words[-1]) else ""
    return plain(" ".join(words[:-1] if state else words)), state


def _is_state(word: str) -> bool:
    """Whether a word is a state as people write one; the table also has codes with a digit, which a plate ends with."""
    return len(word) == 2 and word.isalpha() and word in table("state")


def _is_digit(char: str) -> bool:
    return "0" <= char <= "9"


def _good(kind: Kind, text: str, today: date) -> bool:
    return not isinstance(kind.ask(text, today), Bad)


def _person(text: str) -> Pairs:
    """LAST, FIRST, a birth date and a sex, in this order: a letter before the date is a middle initial."""
    found = _DATE.search(text)
    before, after = (text[: found.start()], folded(text[found.end() :])) if found else (text, "")
    name, sex = before.strip(" ,"), after.strip(" ,")
    if not sex and name.count(",") == 2:
        name, _, sex = name.rpartition(",")
    pairs = [("NAM", name.strip(" ,"))]
    if found:
        pairs.append(("DOB", _day(found[1])))
    if sex:
        pairs.append(("SEX", folded(sex)))
    return pairs


def _day(text: str) -> str:
    """CCYYMMDD of a date in any of the three forms; month before day, as it is written here."""
    parts = re.split("[/-]", text)
    if len(parts) == 3 and len(parts[2]) == 4:
        month, day, year = parts
        return f"{year}{month:>02}{day:>02}"
    return "".join(parts)
