"""Fills in a form from what its reader has before them, and tells afterwards what was changed from what stayed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from wireroom.catalog.file import Field, Verb
from wireroom.catalog.index import ENVELOPE, FOR_AGENCY, Catalogue, Form
from wireroom.catalog.kinds import Bad
from wireroom.catalog.kinds_of_time import Day, Hour
from wireroom.message.answer import Delivery, Hit
from wireroom.message.envelope import Fault
from wireroom.message.local import HERE, day_of
from wireroom.policy.ruling import Role
from wireroom.web.acts import numbered, request_of
from wireroom.web.house import Session
from wireroom.web.recent import Shelf, Standing

NUMBERS = frozenset({"FCN", "NIC"})
BESIDE = frozenset({*NUMBERS, *(field.code for field in ENVELOPE)})
# What a request to confirm takes from a record under another name.
CALLED_THERE: Mapping[str, str] = {"OCC": "OCA"}
NOW = frozenset({Verb.LOCATE, Verb.CLEAR, Verb.REPORT})  # say when; that is mostly today
Given = Mapping[str, str]


class Before(msgspec.Struct, frozen=True):
    """A record as its reader saw it, with the delivery that brought it."""

    delivery: Delivery
    hit: Hit


def record_before(shelf: Shelf, number: str, brought_by: int = 0) -> Before | None:
    """The record of a number as this terminal saw it last, or as one delivery brought it.

    The holder's own comes before a copy elsewhere that names the number: NCIC answers too, and knows less of an order.
    """
    copy: Before | None = None
    for delivery in shelf.latest():
        if not number or (brought_by and delivery.number != brought_by):
            continue
        for hit in delivery.hits:
            if number == hit.number:
                return Before(delivery, hit)
            if copy is None and number == numbered(hit)[1]:
                copy = Before(delivery, hit)
    return copy


def request_before(shelf: Shelf, number: str, catalogue: Catalogue) -> Delivery | None:
    """The request to confirm that came under a number."""
    return next((d for d in shelf.latest() if number and request_of(d, catalogue) == number), None)


def filled(
    form: Form,
    before: Before | None,
    *,
    catalogue: Catalogue,
    session: Session,
    standing: Standing,
    now: datetime,
) -> dict[str, str]:
    """The values that a form comes with. Each may be changed before it is sent; none is guessed."""
    given = {"PUR": standing.purpose, "CAS": standing.case, FOR_AGENCY: standing.agency, **dict(form.says)}
    if form.verb in NOW:
        local = now.astimezone(HERE)
        for field in form.fields:
            if field.required and isinstance(field.kind, Day):
                given[field.code] = f"{local:%Y-%m-%d}"
            elif field.required and isinstance(field.kind, Hour):
                given[field.code] = f"{local:%H%M}"
    if form.report is not None and form.report.writes and before is not None:
        held = _several(before.hit.fields)
        given |= {code: held[code][0] for code in form.report.matches if code in held}
        given |= {code: session.name for code in form.report.who if form.field(code)}
        given |= dict(form.report.mostly)
    if form.verb is Verb.ENTER and session.seat.role == Role.COURT:
        given |= {file.court: session.seat.ori for file in form.files if file.court}  # it enters no other's
    match form.verb:
        case Verb.LOCATE:
            given["LCA"] = standing.case
        case Verb.REPLY:
            given["CNA"] = session.name
        case Verb.CONFIRM:
            given |= {
                "RNA": session.name,
                "PRI": "U",
                **(_asked(form, before.hit, catalogue) if before else {}),
            }
        case Verb.MODIFY if before is not None:
            given |= present(form, before.hit)
    return {code: value for code, value in given.items() if _fits(form.field(code), value, now)}


def _asked(form: Form, hit: Hit, catalogue: Catalogue) -> dict[str, str]:
    """What a request to confirm says of a record, and to whom it goes."""
    values = _several(hit.fields)
    said = {
        field.code: values.get(CALLED_THERE.get(field.code, field.code), [""])[0] for field in form.fields
    }
    given = {code: value for code, value in said.items() if value and code not in BESIDE}
    return {**given, "TO": hit.owner, "RTY": catalogue.files[hit.file].confirm_as}


def present(form: Form, hit: Hit) -> dict[str, str]:
    """The values of a record that a form can change, a repeated one on lines of its own."""
    given: dict[str, list[str]] = {}
    for code, value in hit.fields:
        if form.field(code) is not None and code not in BESIDE:
            given.setdefault(code, []).append(value)
    return {code: "\n".join(values) for code, values in given.items()}


def _fits(field: Field | None, value: str, now: datetime) -> bool:
    """Whether a value can stand in its field: a name with a period, for instance, cannot."""
    if field is None or not value:
        return False
    values = value.split("\n") if field.many > 1 else [value]
    return not any(isinstance(field.kind.read(one, day_of(now)), Bad) for one in values)


def changed(
    form: Form, pairs: tuple[tuple[str, str], ...], before: Hit, now: datetime
) -> tuple[tuple[tuple[str, str], ...], list[Fault]]:
    """What differs from the record as it was shown; what somebody else changed meanwhile is not put back.

    A value that was taken out is a fault, for a change can only put another in its place.
    """
    held, sent = _several(before.fields), _several(pairs)
    kept = tuple(pair for pair in pairs if pair[0] in BESIDE or sent[pair[0]] != held.get(pair[0]))
    shown = [code for code, value in present(form, before).items() if _fits(form.field(code), value, now)]
    gone = [code for code in shown if code not in sent]
    faults = [Fault(code, "cannot be left empty: a change puts another value in its place") for code in gone]
    if not faults and all(code in BESIDE for code, _ in kept):
        faults = [Fault("TEXT", "changes nothing: every value is as it was")]
    return kept, faults


def _several(pairs: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for code, value in pairs:
        values.setdefault(code, []).append(value)
    return values
