"""What JSON and XML documents about a record share: raw values with their places, and faults that name the place.

A document is another dialect of a message. Its values go through the same check as a dotted text, so it can say
nothing that a text could not; a fault says besides where in the document it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

import msgspec

from wireroom.catalog.file import Field, Verb
from wireroom.catalog.index import Catalogue, Form
from wireroom.catalog.kinds import Bad, Code, Kind, Number
from wireroom.catalog.kinds_of_order import YARDS_MAX, Protected, StayAway, person, stay
from wireroom.message.envelope import Fault, Reading
from wireroom.message.read import checked

DOCUMENT_CHARACTERS_MAX = 65_536
FAULTS_TOLD_MAX = 200  # faults of one document that are told
_MISSING = "is missing"  # how the check of a message begins to say so


class Given(msgspec.Struct, frozen=True):
    """One raw value of a field, and where in the document it stands."""

    field: Field
    raw: str
    at: str


class Document(msgspec.Struct, frozen=True):
    """What a document says, before it is checked. Without a form its faults tell why it is none."""

    form: Form | None
    given: tuple[Given, ...] = ()
    faults: tuple[Fault, ...] = ()


def forms_of(catalogue: Catalogue) -> Mapping[str, Form]:
    """The messages that may come as documents: what enters or changes an order of a court, the plain entry first."""
    return {
        key: catalogue.forms[key]
        for file in catalogue.files.values()
        if file.court
        for verb, key in file.keys
        if verb is not Verb.REPORT and key in catalogue.forms
    }


def form_named(key: str, catalogue: Catalogue, at: str) -> Form | Fault:
    """The form of the key that a document names; the plain entry where it names none."""
    forms = forms_of(catalogue)
    form = forms.get(key.strip().upper()) if key else next(iter(forms.values()), None)
    if form is None:
        return Fault("KEY", f"is not one of {', '.join(forms)}", key[:40], at)
    return form


def read_document(text: str, document: Document, today: date, where: Callable[[str], str]) -> Reading:
    """The message of a document, or every fault in it. `where` is the place at which a missing field belongs."""
    form = document.form
    if form is None:
        return Reading(text, None, document.faults)
    pairs = [(one.field, one.raw) for one in document.given]
    reading = checked(text, form, pairs, today, document.faults)
    if reading.message is not None:
        return reading
    told = {fault.field for fault in document.faults}
    faults = [f for f in reading.faults if f.at or f.field not in told or not f.reason.startswith(_MISSING)]
    placed = _placed(faults, document.given, today, where)
    return msgspec.structs.replace(reading, faults=tuple(placed[:FAULTS_TOLD_MAX]))


def _placed(
    faults: Iterable[Fault], given: Sequence[Given], today: date, where: Callable[[str], str]
) -> list[Fault]:
    """The faults with the place of the value that each is about; of several alike each has its own."""
    bad: dict[tuple[str, str], list[str]] = {}
    for one in given:
        value = one.field.kind.read(one.raw, today)
        if isinstance(value, Bad):
            bad.setdefault((one.field.code, value.reason), []).append(one.at)
    last = {one.field.code: one.at for one in given}
    placed = []
    for fault in faults:
        if not fault.at:
            own = bad.get((fault.field, fault.reason))
            at = own.pop(0) if own else last.get(fault.field) or where(fault.field)
            fault = msgspec.structs.replace(fault, at=at)
        placed.append(fault)
    return placed


# --------------------------------------------------------------------------- values of several pieces


class Piece(msgspec.Struct, frozen=True):
    """One piece of a value that has several: what a document calls it, and what kind of value it is."""

    name: str
    kind: Kind


def _protected() -> tuple[Piece, ...]:
    name, sex, born, relation, household = (kind for _, kind in Protected.PARTS)
    names = ("name", "sex", "born", "age", "relation", "household")
    kinds = (name, sex, born, Protected.AGE, relation, household)
    return tuple(Piece(*pair) for pair in zip(names, kinds, strict=True))


_PROTECTED = _protected()
_STAY_AWAY = (Piece("place", Code(table="stay_away")), Piece("yards", Number(low=1, high=YARDS_MAX)))


def pieces(kind: Kind) -> tuple[Piece, ...]:
    """The pieces of a kind of value; none where it is one piece."""
    if isinstance(kind, Protected):
        return _PROTECTED
    return _STAY_AWAY if isinstance(kind, StayAway) else ()


def apart(kind: Kind, value: str) -> dict[str, str]:
    """The pieces of a canonical value that are there, by their names."""
    if isinstance(kind, Protected):
        one = person(value)
        found = {piece.name: str(getattr(one, piece.name)) for piece in _PROTECTED}
    else:
        place, yards = stay(value)
        found = {"place": place, "yards": str(yards)}
    return {name: piece for name, piece in found.items() if piece}


def together(field: Field, given: Mapping[str, Given], at: str, today: date) -> Given | list[Fault]:
    """The raw value of pieces, or every fault in them: one that is bad by itself is told at its own place."""
    faults = []
    for one in given.values():
        value = one.field.kind.read(one.raw, today)
        if isinstance(value, Bad):
            faults.append(Fault(field.code, value.reason, one.raw.strip()[:40], one.at))
    said = {name: one.raw.strip() for name, one in given.items()}
    if "born" in said and "age" in said:
        faults.append(Fault(field.code, "has a birth date and an age: leave the age out", "", at))
    if faults:
        return faults
    if isinstance(field.kind, StayAway):
        return Given(field, f"{said.get('place', '')} {said.get('yards', '')}".strip(), at)
    born = said.get("born") or said.get("age", "")
    parts = (
        said.get("name", ""),
        said.get("sex", ""),
        born,
        said.get("relation", ""),
        said.get("household", ""),
    )
    return Given(field, ";".join(parts), at)


def piece_given(field: Field, piece: Piece, raw: str, at: str) -> Given:
    """A piece of a field's value, to be put together with the others."""
    return Given(msgspec.structs.replace(field, kind=piece.kind), raw, at)
