"""Reads dotted text into a checked message, or into every fault found in it.

    KEY[.ORI].FIELD/value.FIELD/value

A period ends a field and a slash parts its code from its value. Prose comes last and takes all that follows, periods
too, so nothing in it can be mistaken for a field. The ORI may stand for readability; it must be the terminal's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from wireroom.catalog.file import Field, Verb
from wireroom.catalog.fills import WORKED_OUT, filled
from wireroom.catalog.index import WHY, Catalogue, Form
from wireroom.catalog.kinds import Bad, Code, Prose, folded
from wireroom.message.envelope import Fault, Message, Reading

TEXT_CHARACTERS_MAX = 16_384
SEGMENTS_MAX = 200
GIVEN_CHARACTERS_MAX = 40
NEAR_KEYS_MAX = 12  # named where a key is unknown

_ORI = re.compile(r"[A-Z]{2}[A-Z0-9]{7}")
_CODE = re.compile(r"[A-Z][A-Z0-9]{1,3}")
_IGNORED = re.compile(r"[\r\n\t\x7f]")
_SAID_CHARACTERS_MAX = 60


def read(text: str, catalogue: Catalogue, *, ori: str, today: date) -> Reading:
    """Read one text sent from a terminal of the agency `ori` on the day `today`.

    Returns a Reading with a message, or with all faults and no message; it never raises for any text.
    """
    if len(text) > TEXT_CHARACTERS_MAX:
        return _faulty(text, Fault("TEXT", f"is longer than {TEXT_CHARACTERS_MAX} characters"))
    head, _, rest = text.strip().partition(".")
    form = form_of(head, catalogue)
    if form is None:
        return _faulty(text, Fault("KEY", _unknown_key(head, catalogue), _short(head)))
    ori_given, rest = _own_ori(rest)
    faults: list[Fault] = []
    if ori_given and ori_given != ori:
        faults.append(Fault("ORI", f"is not your terminal's, which is {ori}; leave it out", ori_given))
    return checked(text, form, segments(rest, form, faults), today, faults)


def said_for(text: str) -> str:
    """The ORI behind the key of a text; empty where there is none. Only who speaks for many may name it."""
    return _own_ori(text.partition(".")[2])[0]


def form_of(head: str, catalogue: Catalogue) -> Form | None:
    """The form of a message key as people write it: small letters and hyphens are allowed."""
    return catalogue.forms.get(head) or catalogue.forms.get(folded(head).replace("-", ""))


def checked(
    text: str, form: Form, given: Sequence[tuple[Field, str]], today: date, faults: Iterable[Fault] = ()
) -> Reading:
    """The message of these raw values, or every fault in them; `faults` are those that were found on the way here.

    Everything that becomes a message comes through here, whatever it was typed as.
    """
    found = list(faults)
    values, bad = _values(given, found, today, asked=form.verb is Verb.INQUIRE)
    for code, said in form.says:
        if code not in bad:
            values.setdefault(code, (said,))
    worked = _worked_out(form, values, bad, found, today) if form.fills else frozenset()
    for field in form.required:
        if field.code not in values and field.code not in bad:
            found.append(Fault(field.code, f"is missing: {field.title}, {field.kind.words}"))
    if form.rules:
        # A field that was sent badly has its own fault; the rules take it as given, and are not told its value.
        seen = {**values, **dict.fromkeys(bad, ("",))} if bad else values
        told = {fault.field for fault in found}
        for rule in form.rules:
            found.extend([Fault(code, why) for code, why in rule.check(seen) if code not in told])
    if found:
        return Reading(text, None, tuple(found))
    order = sorted(values, key=form.places.__getitem__)
    message = Message(form.key, tuple([(code, value) for code in order for value in values[code]]))
    return Reading(text, message, understood=_sentence(message, form, worked))


def _worked_out(
    form: Form, values: dict[str, tuple[str, ...]], bad: set[str], faults: list[Fault], today: date
) -> frozenset[str]:
    """The fields that an entry leaves out and the state works out; what is not for the sender to say is a fault."""
    if form.verb is not Verb.ENTER:
        always = (code for fill in form.fills for code in fill.always)
        faults += [Fault(code, WORKED_OUT) for code in always if code in values and code not in bad]
        return frozenset()
    seen = {**values, **dict.fromkeys(bad, ("",))}
    worked = filled(form.fills, seen, today)
    seen.update(worked)
    faults += [Fault(code, why) for fill in form.fills for code, why in fill.faults(seen, today)]
    values.update(worked)
    return frozenset(worked)


def describe(message: Message, catalogue: Catalogue) -> str:
    """What a message asks for, in one sentence for the person who sends it: "Plate 7ABQ123, California"."""
    return _sentence(message, catalogue.forms[message.key])


def _sentence(message: Message, form: Form, worked: frozenset[str] = frozenset()) -> str:
    """An inquiry says what it is asked by; what it asks for follows from that. A change names its file too."""
    fields = form.by_code
    inquiry = form.verb is Verb.INQUIRE
    said: list[str] = []
    for code, value in message.fields:
        field = fields[code]
        if code not in WHY and not isinstance(field.kind, Prose):
            words = _said(field, value, alone=inquiry and bool(said))
            said.append(f"{words} (worked out)" if code in worked else words)
    what = ", ".join(said)
    if inquiry:
        return f"{what[:1].upper()}{what[1:]}"
    return f"{form.title}: {what}" if what else form.title


def _said(field: Field, value: str, *, alone: bool) -> str:
    """A field in a sentence; the meaning of a code can stand `alone`."""
    words = field.kind.say(value)
    if field.secret and words == value:
        words = "…"  # a sentence is kept in receipts and shown on screens that others see
    if len(words) > _SAID_CHARACTERS_MAX:
        words = words[: _SAID_CHARACTERS_MAX - 3] + "..."
    return words if alone and isinstance(field.kind, Code) else f"{field.title} {words}"


def _faulty(text: str, *faults: Fault) -> Reading:
    return Reading(text, None, faults)


def _short(text: str) -> str:
    clean = "".join([char if char.isprintable() else " " for char in text[: GIVEN_CHARACTERS_MAX + 1]])
    return clean if len(clean) <= GIVEN_CHARACTERS_MAX else clean[: GIVEN_CHARACTERS_MAX - 3] + "..."


def _unknown_key(head: str, catalogue: Catalogue) -> str:
    key = folded(head)
    if not key:
        return "is missing: begin with a message key, QV for a vehicle or QW for a person"
    alike = [other for other in catalogue.forms if other[0] == key[0] and len(other) <= len(key) + 1]
    near = sorted(alike, key=lambda other: (not other.startswith(key), len(other), other))[:NEAR_KEYS_MAX]
    hint = f"; keys that begin alike: {', '.join(near)}" if near else ""
    return f"is not a message key{hint}"


def _own_ori(rest: str) -> tuple[str, str]:
    """The ORI that may stand behind the key, and what follows it."""
    first, _, after = rest.partition(".")
    if "/" not in first and _ORI.fullmatch(candidate := folded(first)):
        return candidate, after
    return "", rest


def segments(rest: str, form: Form, faults: list[Fault]) -> list[tuple[Field, str]]:
    """Every known field with its raw value, in the order sent; what is not a field becomes a fault."""
    found: list[tuple[Field, str]] = []
    fields = form.by_code
    parts = rest.split(".")
    last = len(parts) - 1
    for place, segment in enumerate(parts):
        if place == SEGMENTS_MAX:
            faults.append(Fault("TEXT", f"has more than {SEGMENTS_MAX} fields"))
            break
        code, slash, raw = segment.partition("/")
        field = fields.get(code) or fields.get(folded(_IGNORED.sub("", code)))
        if field is not None and isinstance(field.kind, Prose):
            found.append((field, ".".join((raw, *parts[place + 1 :])) if slash else ""))
            break
        if field is not None and slash:
            found.append((field, as_sent(raw)))
        elif place < last or segment.strip():  # a period may stand behind the last field
            faults.append(_not_a_field(segment, code, form))
    return found


def as_sent(raw: str) -> str:
    """The raw value of a field that is not prose: the ends of lines and tabs in it are blanks."""
    return raw if raw.isprintable() else _IGNORED.sub(" ", raw)


def _not_a_field(segment: str, code: str, form: Form) -> Fault:
    if not segment.strip():
        return Fault("TEXT", "has an empty field between two periods")
    if "/" not in segment:
        return Fault("TEXT", "has a part that is not FIELD/value", _short(segment))
    code, takes = folded(code), ", ".join(form.by_code)
    if _CODE.fullmatch(code):
        return Fault(code, f"is not a field of {form.key}, which takes {takes}", _short(segment))
    return Fault(
        "TEXT", f"has a part that is not a field of {form.key}, which takes {takes}", _short(segment)
    )


def _values(
    given: Sequence[tuple[Field, str]], faults: list[Fault], today: date, *, asked: bool
) -> tuple[dict[str, tuple[str, ...]], set[str]]:
    """The canonical values by field, and the fields that have a fault of their own: bad, or one too many."""
    values: dict[str, tuple[str, ...]] = {}
    bad: set[str] = set()
    told: set[str] = set()  # which fields stand too often
    for field, raw in given:
        code = field.code
        value = field.kind.ask(raw, today) if asked else field.kind.read(raw, today)
        if isinstance(value, Bad):
            faults.append(Fault(code, value.reason, "" if field.secret else _short(raw.strip())))
            bad.add(code)
        elif code not in values:
            values[code] = (value,)
        elif len(values[code]) < field.many:
            values[code] = (*values[code], value)
        elif code not in told:
            told.add(code)
            faults.append(Fault(code, _too_often(field, sum(other is field for other, _ in given))))
    return values, bad


def _too_often(field: Field, stands: int) -> str:
    if field.many == 1:
        return "may stand only once"
    then = f": {field.beyond}" if field.beyond else ""
    return f"may stand only {field.many} times, and stands {stands} times{then}"
