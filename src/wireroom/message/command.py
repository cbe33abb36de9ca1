"""The one box: guesses what a person typed, and says what it understood before anything is sent.

A plate, a VIN, a licence number, a name with a birth date, a file number, or a key with fields after it.
"""

from __future__ import annotations

import re
from datetime import date

from wireroom.catalog.file import Field, Verb
from wireroom.catalog.index import Catalogue, Form
from wireroom.catalog.kinds import Bad, Kind, folded
from wireroom.catalog.kinds_of_number import Fcn, Nic, Plate, Vin, plain
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.kinds_of_time import BirthDay
from wireroom.message.envelope import Fault, Message, Reading
from wireroom.message.read import TEXT_CHARACTERS_MAX, describe, read
from wireroom.message.write import write

HOME_STATE = "CA"
_LICENCE = re.compile(r"[A-Z][0-9]{7}")
_DATE = re.compile(
    r"(?<![0-9])([0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{4})(?![0-9])"
)
_SEX = re.compile(r"(?:^|[ ,])([MFU])$")


def command(text: str, catalogue: Catalogue, *, ori: str, today: date) -> Reading:
    """Read what was typed into the one box: dotted text as it is, shorthand by guessing.

    The reading's `understood` says what was made of it. A text that nothing fits is a fault, never a guess at random.
    """
    if len(text) > TEXT_CHARACTERS_MAX:
        return read(text, catalogue, ori=ori, today=today)
    clean = " ".join(text.split())
    head, _, rest = clean.partition(" ")
    if _is_dotted(clean, catalogue):
        return read(text, catalogue, ori=ori, today=today)
    form = catalogue.forms.get(folded(head).replace("-", ""))
    if form is not None and (rest or form.verb is Verb.MESSAGE):
        return _with_key(form, text, rest, catalogue, ori, today)
    guess = _guess(clean, today)
    if guess is None:
        return Reading(text, None, (Fault("TEXT", _what_to_type(clean)),))
    key, pairs = guess
    return _finish(text, key, pairs, catalogue, ori, today)


def _is_dotted(text: str, catalogue: Catalogue) -> bool:
    head, dot, _ = text.partition(".")
    return bool(dot) and folded(head).replace("-", "") in catalogue.forms and " " not in head.strip()


def _finish(
    text: str, key: str, pairs: list[tuple[str, str]], catalogue: Catalogue, ori: str, today: date
) -> Reading:
    """Through the one reader, so that shorthand obeys every check that dotted text does."""
    reading = read(write(Message(key, tuple(pairs))), catalogue, ori=ori, today=today)
    understood = describe(reading.message, catalogue) if reading.message else ""
    return Reading(text, reading.message, reading.faults, understood)


def _with_key(form: Form, text: str, rest: str, catalogue: Catalogue, ori: str, today: date) -> Reading:
    """A key, then fields as FIELD/value parted by blanks, or one bare value that one of its fields takes."""
    if "/" in rest and form.field(folded(rest.partition("/")[0])) is not None:
        dotted = f"{form.key}.{_dotted(rest, form)}"
        return read(dotted, catalogue, ori=ori, today=today)
    guess = _guess(rest, today)
    if guess is not None and all(form.field(code) for code, _ in guess[1]):
        return _finish(text, form.key, guess[1], catalogue, ori, today)
    for field in form.fields:
        if form.verb is Verb.INQUIRE and _takes(field, rest, today):
            return _finish(text, form.key, [(field.code, rest)], catalogue, ori, today)
    return read(f"{form.key}.{rest}", catalogue, ori=ori, today=today)


def _dotted(rest: str, form: Form) -> str:
    """FIELD/value FIELD/value with blanks between, as dotted fields; a value may hold blanks itself."""
    codes = "|".join(sorted((field.code for field in form.fields), key=len, reverse=True))
    return re.sub(rf" (?=(?:{codes})/)", ".", rest, flags=re.IGNORECASE)


def _takes(field: Field, value: str, today: date) -> bool:
    return bool(field.kind.identifies) and not isinstance(field.kind.read(value, today), Bad)


def _guess(text: str, today: date) -> tuple[str, list[tuple[str, str]]] | None:
    """The key and fields that a bare text most likely means, or None."""
    if "," in text:
        return _person(text, today)
    words = folded(text).split()
    compact = plain(text)
    if _good(Vin(), compact, today) and len(compact) == 17:
        return "QV", [("VIN", compact)]
    if _LICENCE.fullmatch(compact):
        return "QW", [
            ("OLN", compact),
        ]
    if _good(Fcn(), compact, today):
        return "QV", [("FCN", compact)]
    if _good(Nic(), compact, today):
        return "QV", [("NIC", compact)]
    return _plate(words, compact, today)


def _plate(words: list[str], compact: str, today: date) -> tuple[str, list[tuple[str, str]]] | None:
    """A plate, with its state behind it or the home state; one of letters alone must be written with QV."""
    from wireroom.catalog.tables import table

    if (
        len(words) > 1
        and len(words[-1]) == 2
        and words[-1] in table("state")
        and any(map(_digit, words[:-1]))
    ):
        plate = "".join(words[:-1])
        if _good(Plate(), plate, today):
            return "QV", [("LIC", plate), ("LIS", words[-1])]
    if 2 <= len(compact) <= 8 and _digit(compact) and _good(Plate(), compact, today):
        return "QV", [("LIC", compact), ("LIS", HOME_STATE)]
    return None


def _digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _good(kind: Kind, text: str, today: date) -> bool:
    return not isinstance(kind.read(text, today), Bad)


def _person(text: str, today: date) -> tuple[str, list[tuple[str, str]]] | None:
    """LAST, FIRST with a birth date and a sex behind it, in any order of the two."""
    pairs: list[tuple[str, str]] = []
    rest = text
    if found := _DATE.search(rest):
        day = _day(found[1])
        if isinstance(BirthDay().read(day, today), Bad):
            return None
        pairs.append(("DOB", day))
        rest = " ".join((rest[: found.start()] + " " + rest[found.end() :]).split()).strip(" ,")
    if pairs and (sex := _SEX.search(folded(rest))):
        pairs.append(("SEX", sex[1]))
        rest = rest[: -len(sex[0])].strip(" ,")
    name = PersonName().read(rest, today)
    return None if isinstance(name, Bad) else ("QW", [("NAM", name), *pairs])


def _day(text: str) -> str:
    if "/" in text or (text.count("-") == 2 and len(text.split("-")[0]) < 3):
        month, day, year = re.split("[/-]", text)
        return f"{year}{int(month):02d}{int(day):02d}"
    return text.replace("-", "")


def _what_to_type(text: str) -> str:
    if not text:
        return "is empty: type a plate, a VIN, a licence number, or LAST, FIRST and a birth date"
    if text.isalpha():
        return "could be a name or a plate: type LAST, FIRST for a person, or QV and the plate"
    return "is not understood: type a plate, a VIN, a licence number, LAST, FIRST with a birth date, or a key"
