"""Orders of courts as documents: what the API takes of a court's own system, and what it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from starlette.responses import Response

from wireroom.catalog.file import Verb
from wireroom.catalog.index import Catalogue, Form
from wireroom.message import by_name
from wireroom.message.answer import Delivery, Hit, Receipt, State
from wireroom.message.dialects import document_of, where
from wireroom.message.envelope import Arrival, Fault, Message, Way
from wireroom.message.local import day_of
from wireroom.message.niem_answer import Became, write_answer
from wireroom.web.shapes import FieldFault, Number, Trouble, Value, received
from wireroom.web.stream import Ended, Feed
from wireroom.web.trouble import FAULTS, NO_STORE, as_json, refused

ANSWERED_BEFORE_S = 2.0  # how long the answer to a repeat is looked for in what waits for the terminal
MEDIA: Mapping[str, Way] = MappingProxyType(
    {"application/json": Way.JSON, "application/xml": Way.NIEM, "text/xml": Way.NIEM}
)
XML = "application/xml"


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """An order that was entered or changed, and the record as it stands now."""

    number: Number  # of the transaction
    delivery: Number  # of the answer, to be acknowledged
    file_control_number: str
    owner: str
    status: str
    text: str
    worked_out: tuple[Value, ...]  # what the document left out and the state filled, by the path of each
    order: dict[str, Any]  # any JSON, as the catalogue says: the record in the shape of the document


async def answer_to(receipt: Receipt, ahead: Feed, within_s: float) -> Delivery | None:
    """The answer of the state's files to a receipt; None where it does not come in time or was acknowledged."""
    loop = asyncio.get_running_loop()
    due = loop.time() + (within_s if receipt.state == "accepted" else ANSWERED_BEFORE_S)
    try:
        while True:
            delivery = await ahead.next(due - loop.time())
            if delivery.transaction == receipt.number and delivery.kind == "answer":
                return delivery
            if loop.time() >= due:
                return None  # however much else waits, this response has an end
    except (TimeoutError, Ended):
        return None


def response_to(
    arrival: Arrival, receipt: Receipt, delivery: Delivery | None, catalogue: Catalogue
) -> Response:
    """What the sender of a document is told, in the dialect of the document."""
    if receipt.state == "refused":
        trouble = Trouble(code=receipt.rule, reason=receipt.reason, transaction=str(receipt.number))
        return _told(403, trouble, arrival, catalogue)
    if receipt.state == "faulty":
        fields = _placed(arrival, receipt, catalogue)
        trouble = Trouble(code="faults", reason=FAULTS, fields=fields, transaction=str(receipt.number))
        return _told(422, trouble, arrival, catalogue)
    if delivery is None:
        return as_json(received(receipt), 202)
    if delivery.state != State.ACCEPTED or not delivery.hits:
        trouble = Trouble(code="not-taken", reason=delivery.title, transaction=str(receipt.number))
        return _told(409, trouble, arrival, catalogue)
    return _entered(arrival, receipt, delivery, catalogue)


def _placed(arrival: Arrival, receipt: Receipt, catalogue: Catalogue) -> tuple[FieldFault, ...]:
    """Every fault with its place; where the switch found one that the document's reader could not see, the field's."""
    form = document_of(arrival.way, arrival.text, catalogue, day_of(arrival.at)).form
    places = receipt.places or ("",) * len(receipt.faults)
    return tuple(
        FieldFault(code, reason, at or (where(arrival.way, form, code) if form is not None else ""))
        for (code, reason), at in zip(receipt.faults, places, strict=True)
    )


def _told(status: int, trouble: Trouble, arrival: Arrival, catalogue: Catalogue) -> Response:
    if arrival.way is not Way.NIEM:
        return refused(status, trouble)
    faults = tuple(Fault(one.field, one.reason, at=one.at) for one in trouble.fields)
    became = Became(state=trouble.code, text=trouble.reason, number=trouble.transaction or "", faults=faults)
    return _xml(status, became, catalogue)


def _xml(status: int, became: Became, catalogue: Catalogue) -> Response:
    return Response(write_answer(became, catalogue), status_code=status, headers=NO_STORE, media_type=XML)


def _entered(arrival: Arrival, receipt: Receipt, delivery: Delivery, catalogue: Catalogue) -> Response:
    hit = delivery.hits[0]
    made = document_of(arrival.way, arrival.text, catalogue, day_of(arrival.at))
    assert made.form is not None, "what was taken had a form"
    form = made.form
    sent = {one.field.code for one in made.given}
    worked = tuple(code for code in dict(hit.fields) if code not in sent) if form.verb is Verb.ENTER else ()
    record = _record(hit, form, catalogue)
    worked = tuple(code for code in worked if record.get(code))
    status = 201 if form.verb is Verb.ENTER and receipt.state == "accepted" else 200
    if arrival.way is Way.NIEM:
        became = Became(state="accepted", text=delivery.title, number=str(receipt.number), status=hit.status,
                        owner=hit.owner, worked_out=worked, record=record)  # fmt: skip
        return _xml(status, became, catalogue)
    entered = Entered(
        number=str(receipt.number), delivery=str(delivery.number), file_control_number=hit.number, owner=hit.owner,
        status=hit.status, text=delivery.title, order=by_name.told(record, catalogue),
        worked_out=tuple(Value(by_name.place_of(form, code), record.get(code)) for code in worked),
    )  # fmt: skip
    return as_json(entered, status)


def _record(hit: Hit, form: Form, catalogue: Catalogue) -> Message:
    """The record as the message that would change it: with its number, and every field of its own."""
    modify = catalogue.forms[form.files[0].modify]
    fields = dict.fromkeys((("FCN", hit.number), *hit.fields))
    return Message(modify.key, tuple(pair for pair in fields if modify.field(pair[0]) is not None))
