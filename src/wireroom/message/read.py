"""Reads dotted text into a checked message, or into every fault found in it.

    KEY[.ORI].FIELD/value.FIELD/value

A period ends a field and a slash parts its code from its value. Prose comes last and takes all that follows, periods
too, so nothing in it can be mistaken for a field. The ORI may stand for readability; it must be the terminal's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from wireroom.catalog.file import Field
from wireroom.catalog.index import Catalogue, Form
from wireroom.catalog.kinds import Bad, Prose, folded
from wireroom.message.envelope import Fault, Message, Reading

TEXT_CHARACTERS_MAX = 16_384
SEGMENTS_MAX = 200
GIVEN_CHARACTERS_MAX = 40

_ORI = re.compile(r"[A-Z]{2}[A-Z0-9]{7}")
_CODE = re.compile(r"[A-Z][A-Z0-9]{1,3}")
_IGNORED = re.compile(r"[\r\n\t\x7f]")


def read(text: str, catalogue: Catalogue, *, ori: str, today: date) -> Reading:
    """Read one text sent from a terminal of the agency `ori` on the day `today`.

    Returns a Reading with a message, or with all faults and no message; it never raises for any text.
    """
    if len(text) > TEXT_CHARACTERS_MAX:
        return _faulty(text, Fault("TEXT", f"is longer than {TEXT_CHARACTERS_MAX} characters"))
    head, _, rest = text.strip().partition(".")
    key = folded(head).replace("-", "")
    form = catalogue.forms.get(key)
    if form is None:
        return _faulty(text, Fault("KEY", _unknown_key(key, catalogue), _short(head)))
    ori_given, rest = _own_ori(rest)
    faults: list[Fault] = []
    if ori_given and ori_given != ori:
        faults.append(Fault("ORI", f"is not your terminal's, which is {ori}; leave it out", ori_given))
    given = _segments(rest, form, faults)
    values = _values(given, form, faults, today)
    faults.extend(_missing(form, values, given))
    if not faults:
        for rule in form.rules:
            faults.extend(Fault(code, reason) for code, reason in rule.check(values))
    if faults:
        return Reading(text, None, tuple(faults))
    fields = tuple((field.code, value) for field in form.fields for value in values.get(field.code, ()))
    message = Message(key, fields)
    return Reading(text, message, understood=describe(message, catalogue))


def describe(message: Message, catalogue: Catalogue) -> str:
    """What a message asks for, in one sentence for the person who sends it."""
    form = catalogue.forms[message.key]
    shown = [
        f"{field.title} {_shown(field, value)}"
        for field in form.fields
        for value in message.all(field.code)
        if field.code not in {"PUR", "CAS", "ATN"} and not isinstance(field.kind, Prose)
    ]
    return f"{form.title}: {'; '.join(shown)}" if shown else form.title


def _shown(field: Field, value: str) -> str:
    shown = field.kind.show(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _faulty(text: str, *faults: Fault) -> Reading:
    return Reading(text, None, faults)


def _short(text: str) -> str:
    clean = "".join(char if char.isprintable() else " " for char in text)
    return clean if len(clean) <= GIVEN_CHARACTERS_MAX else clean[: GIVEN_CHARACTERS_MAX - 3] + "..."


def _unknown_key(key: str, catalogue: Catalogue) -> str:
    if not key:
        return "is missing: begin with a message key, QV for a vehicle or QW for a person"
    near = sorted(other for other in catalogue.forms if other[:1] == key[:1] and len(other) <= 3)
    hint = f"; keys that begin alike: {', '.join(near[:8])}" if near else ""
    return f"is not a message key{hint}"


def _own_ori(rest: str) -> tuple[str, str]:
    """The ORI that may stand behind the key, and what follows it."""
    first, _, after = rest.partition(".")
    candidate = folded(first)
    if "/" not in first and _ORI.fullmatch(candidate):
        return candidate, after
    return "", rest


def _segments(rest: str, form: Form, faults: list[Fault]) -> list[tuple[Field, str]]:
    """Every known field with its raw value, in the order sent; what is not a field becomes a fault."""
    found: list[tuple[Field, str]] = []
    remaining = rest
    for _ in range(SEGMENTS_MAX):
        if not remaining.strip():
            return found
        code_text, slash, after = remaining.partition("/")
        segment, _, following = remaining.partition(".")
        if not slash or len(segment) < len(code_text):
            code_text, after = segment, ""
        code = folded(_IGNORED.sub("", code_text))
        field = form.field(code)
        if field is not None and isinstance(field.kind, Prose) and len(segment) >= len(code_text):
            found.append((field, after))
            return found
        remaining = following
        if field is not None and slash:
            found.append((field, _IGNORED.sub(" ", segment[len(code_text) + 1 :])))
        else:
            faults.append(_not_a_field(segment, code, form))
    faults.append(Fault("TEXT", f"has more than {SEGMENTS_MAX} fields"))
    return found


def _not_a_field(segment: str, code: str, form: Form) -> Fault:
    if not segment.strip():
        return Fault("TEXT", "has an empty field between two periods")
    if "/" not in segment:
        return Fault("TEXT", "has a part that is not FIELD/value", _short(segment))
    shown = code if _CODE.fullmatch(code) else "TEXT"
    takes = ", ".join(field.code for field in form.fields)
    return Fault(shown, f"is not a field of {form.key}, which takes {takes}", _short(segment))


def _values(
    given: Iterable[tuple[Field, str]], form: Form, faults: list[Fault], today: date
) -> dict[str, tuple[str, ...]]:
    """The canonical values by field; a bad value or one too many becomes a fault."""
    values: dict[str, tuple[str, ...]] = {}
    for field, raw in given:
        value = field.kind.read(raw, today)
        if isinstance(value, Bad):
            faults.append(Fault(field.code, value.reason, "" if field.secret else _short(raw.strip())))
            continue
        before = values.get(field.code, ())
        if len(before) == field.many:
            times = "once" if field.many == 1 else f"{field.many} times"
            faults.append(Fault(field.code, f"may stand only {times}"))
            continue
        values[field.code] = (*before, value)
    return values


def _missing(form: Form, values: dict[str, tuple[str, ...]], given: list[tuple[Field, str]]) -> list[Fault]:
    """Required fields that were not sent at all; one that was sent badly has its own fault already."""
    sent = {field.code for field, _ in given}
    return [
        Fault(field.code, f"is missing: {field.title}, {field.kind.words}")
        for field in form.fields
        if field.required and field.code not in values and field.code not in sent
    ]
