"""Reads and writes a message as JSON whose names come from the catalogue: a part of the record, in it each title.

    {"court": {"court": "CA099023J"}, "restrained": {"name": "TESTCASE, JOHN", "birth_date": "1979-03-03"}, ...}

A field that may repeat is a list; yes and no are true and false; a day is CCYY-MM-DD. A name that stands twice, or that
nobody declared, is a fault and never passed over.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date

from wireroom.catalog.file import Field
from wireroom.catalog.index import Catalogue, Form
from wireroom.catalog.kinds import Code, Kind, Number
from wireroom.catalog.kinds_of_time import ENDLESS, Day, Hour
from wireroom.message.document import (
    DOCUMENT_CHARACTERS_MAX,
    FAULTS_TOLD_MAX,
    Document,
    Given,
    apart,
    form_named,
    piece_given,
    pieces,
    read_document,
    together,
)
from wireroom.message.envelope import Fault, Message, Reading

KEY = "key"
FLAGS = frozenset({"yes_no", "yes_no_unknown"})
_NUMBER_MAX = 10**9
Names = Mapping[str, "Field | Mapping[str, Field]"]


def slug(title: str) -> str:
    """A title as a name: "licence's state" is licences_state."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower().replace("'", "")).strip("_")


def names(form: Form) -> Names:
    """What may stand in a document of a form: a part with its fields, or a field by itself."""
    found: dict[str, Field | dict[str, Field]] = {}
    placed: set[str] = set()
    for part in form.files[0].parts if form.files else ():
        inside = {slug(field.title): field for code in part.fields if (field := form.field(code)) is not None}
        placed.update(field.code for field in inside.values())
        if inside:
            found[part.name] = next(iter(inside.values())) if len(part.fields) == 1 else inside
    found.update({slug(field.title): field for field in form.fields if field.code not in placed})
    return found


def place_of(form: Form, code: str) -> str:
    """Where a field stands in a document: $.restrained.birth_date."""
    for name, held in names(form).items():
        if isinstance(held, Field):
            if held.code == code:
                return f"$.{name}"
            continue
        for inner, field in held.items():
            if field.code == code:
                return f"$.{name}.{inner}"
    return "$"


# --------------------------------------------------------------------------- reading


class _Twice(ValueError):
    """A name stands twice in one object."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1)
        raise _Twice(f"has the name {twice[:40]!r} twice in one object")
    return found


def _constant(name: str) -> object:
    raise _Twice(f"holds {name}, which is no JSON")


def document(text: str, catalogue: Catalogue, today: date) -> Document:
    """What a text of JSON says. Never raises for any text."""
    if len(text) > DOCUMENT_CHARACTERS_MAX:
        return _none(f"is longer than {DOCUMENT_CHARACTERS_MAX} characters")
    try:
        told = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except _Twice as error:
        return _none(str(error))
    except json.JSONDecodeError as error:
        return _none(f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}")
    except (ValueError, RecursionError):
        return _none("is not JSON that can be read: its numbers or its depth are beyond all need")
    if not isinstance(told, dict):
        return _none("is not an object of JSON")
    key = told.pop(KEY, "")
    if not isinstance(key, str):
        return Document(None, faults=(Fault("KEY", "is not a text", "", f"$.{KEY}"),))
    form = form_named(key, catalogue, f"$.{KEY}")
    if isinstance(form, Fault):
        return Document(None, faults=(form,))
    reader = _Reader(today)
    reader.part(told, names(form), "$")
    return Document(form, tuple(reader.given), tuple(reader.faults))


def read(text: str, catalogue: Catalogue, *, today: date) -> Reading:
    """The message of a text of JSON, or every fault in it with its path. Never raises for any text."""
    made = document(text, catalogue, today)
    form = made.form
    return read_document(text, made, today, lambda code: place_of(form, code) if form is not None else "$")


def _none(why: str) -> Document:
    return Document(None, faults=(Fault("TEXT", why, "", "$"),))


class _Reader:
    """Goes through a document and collects what is given and what cannot be."""

    def __init__(self, today: date) -> None:
        self._today = today
        self.given: list[Given] = []
        self.faults: list[Fault] = []

    def part(self, told: Mapping[str, object], known: Names, at: str) -> None:
        for name, value in told.items():
            if len(self.faults) >= FAULTS_TOLD_MAX:
                return
            held = known.get(name)
            here = f"{at}.{name}"
            if held is None:
                self.faults.append(Fault("TEXT", _unknown(name, known), "", f"{at}.{name[:60]}"))
            elif isinstance(held, Field):
                self.field(held, value, here)
            elif isinstance(value, dict):
                self.part(value, held, here)
            elif value is not None:
                self.faults.append(Fault("TEXT", "is not an object", "", here))

    def field(self, field: Field, value: object, at: str) -> None:
        if isinstance(value, list):
            for place, one in enumerate(value):
                self.one(field, one, f"{at}[{place}]")
        elif value is not None:  # what has no value may be said to have none
            self.one(field, value, at)

    def one(self, field: Field, value: object, at: str) -> None:
        if isinstance(value, dict) and pieces(field.kind):
            self.pieces(field, value, at)
            return
        raw = _raw(field.kind, value)
        if raw is None:
            expected = (
                f"an object of {', '.join(p.name for p in pieces(field.kind))}" if pieces(field.kind) else ""
            )
            self.faults.append(Fault(field.code, f"is not {expected or field.kind.words}", "", at))
        else:
            self.given.append(Given(field, raw, at))

    def pieces(self, field: Field, told: Mapping[str, object], at: str) -> None:
        known = {piece.name: piece for piece in pieces(field.kind)}
        found: dict[str, Given] = {}
        before = len(self.faults)
        for name, value in told.items():
            if len(self.faults) >= FAULTS_TOLD_MAX:
                return
            piece = known.get(name)
            raw = _raw(piece.kind, value) if piece is not None else None
            if piece is None:
                self.faults.append(Fault(field.code, _unknown(name, known), "", f"{at}.{name[:60]}"))
            elif raw is not None:
                found[name] = piece_given(field, piece, raw, f"{at}.{name}")
            elif value is not None:
                self.faults.append(Fault(field.code, f"is not {piece.kind.words}", "", f"{at}.{name}"))
        made = together(field, found, at, self._today)
        if isinstance(made, Given):
            if len(self.faults) == before:
                self.given.append(made)
        else:
            self.faults.extend(made)


def _raw(kind: Kind, value: object) -> str | None:
    """The text of a JSON value, as a person would have typed it; None where it is none."""
    if isinstance(value, bool):
        return ("Y" if value else "N") if isinstance(kind, Code) and kind.table in FLAGS else None
    if isinstance(value, int):
        return str(value) if 0 <= value < _NUMBER_MAX else None
    return value if isinstance(value, str) else None


def _unknown(name: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name[:60], known, n=3)
    return (
        f"is not a name here: perhaps {' or '.join(near)}"
        if near
        else f"is not a name here: {', '.join(known)}"
    )


# --------------------------------------------------------------------------- writing


def write(message: Message, catalogue: Catalogue) -> str:
    """The one JSON text of a message; `read(write(message))` gives the message again."""
    return json.dumps(told(message, catalogue), ensure_ascii=False, indent=2)


def told(message: Message, catalogue: Catalogue) -> dict[str, object]:
    """A message as the values of its JSON. Fields that the form has not are left out."""
    form = catalogue.forms[message.key]
    plain = next(iter(form.files[0].enters)).key if form.files and form.files[0].enters else ""
    made: dict[str, object] = {} if message.key == plain else {KEY: message.key}
    for name, held in names(form).items():
        if isinstance(held, Field):
            for value in _values(held, message):
                made[name] = value
            continue
        inside = {inner: value for inner, field in held.items() for value in _values(field, message)}
        if inside:
            made[name] = inside
    return made


def _values(field: Field, message: Message) -> Iterator[object]:
    """The one JSON value of a field that is there: a list, where it may repeat."""
    several = [_value(field.kind, value) for value in message.all(field.code)]
    if several:
        yield several if field.many > 1 else several[0]


def _value(kind: Kind, value: str) -> object:
    if parts := pieces(kind):
        found = apart(kind, value)
        return {piece.name: _value(piece.kind, found[piece.name]) for piece in parts if piece.name in found}
    if isinstance(kind, Code) and kind.table in FLAGS and value in ("Y", "N"):
        return value == "Y"
    if isinstance(kind, Number):
        return int(value)
    if isinstance(kind, Day) and value != ENDLESS:
        return f"{value[:4]}-{value[4:6]}-{value[6:]}"
    return f"{value[:2]}:{value[2:]}" if isinstance(kind, Hour) else value
