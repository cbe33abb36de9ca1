"""A form for every message key, derived from the catalogue: labels, hints, checks, nothing by hand."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from wireroom.catalog.file import Field, Verb
from wireroom.catalog.index import Form
from wireroom.catalog.kinds import Bad, Code, Number, Prose
from wireroom.catalog.kinds_of_number import Fcn, Ssn
from wireroom.catalog.kinds_of_person import Height, Weight
from wireroom.catalog.kinds_of_time import Day, Year
from wireroom.catalog.tables import Row, table
from wireroom.message.envelope import Fault, Message
from wireroom.message.write import write
from wireroom.web.asking import Asking, Wish, words
from wireroom.web.door import Door, text, texts
from wireroom.web.house import Session

CHOICES_MAX = 12  # a longer table is typed into, with suggestions
SUGGESTIONS_MAX = 300  # a longer table has a page to search it
SLACK = 20  # blanks and hyphens that a person types and the kind removes
VERBS = {
    Verb.INQUIRE: "Ask",
    Verb.ENTER: "Enter a record",
    Verb.MODIFY: "Change a record",
    Verb.LOCATE: "Say that something is located",
    Verb.CLEAR: "Clear a record",
    Verb.CANCEL: "Cancel a record entered by mistake",
    Verb.MESSAGE: "Write a message",
}


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """One field as a form shows it."""

    code: str
    title: str
    hint: str
    required: bool
    shape: str  # "select", "suggest", "text", "lines", "prose"
    value: str
    length: int
    mode: str  # the keyboard that a touch screen offers
    rows: tuple[Row, ...] = ()
    table: str = ""
    fault: str = ""
    secret: bool = False


class Forms:
    """The forms and their index."""

    def __init__(self, door: Door, asking: Asking) -> None:
        self.door = door
        self.asking = asking

    def routes(self) -> list[Route]:
        return [
            Route("/forms", self.index),
            Route("/form/{key:str}", self.page),
            Route("/form/{key:str}", self.send, methods=["POST"]),
        ]

    async def index(self, request: Request) -> Response:
        session = await self.door.session(request)
        forms = self.door.house.catalogue.forms.values()
        groups = [(title, [form for form in forms if form.verb is verb]) for verb, title in VERBS.items()]
        return self.door.render(
            request, "forms.html", session, values={"groups": [g for g in groups if g[1]]}
        )

    async def page(self, request: Request) -> Response:
        session = await self.door.session(request)
        form = self._form(request)
        if form is None:
            return self._missing(request)
        standing = self.door.recent.of(session.seat.terminal).purpose(session.seat.person)
        given = {"PUR": standing.purpose, "CAS": standing.case}
        given |= {code: value[:4000] for code, value in request.query_params.items() if form.field(code)}
        return self._draw(request, session, form, given)

    async def send(self, request: Request) -> Response:
        session = await self.door.session(request)
        sent = await self.door.form(request, session)
        form = self._form(request)
        if form is None:
            return self._missing(request)
        given = {field.code: "\n".join(texts(sent, field.code)) for field in form.fields}
        message, faults = self._message(form, given)
        if not faults:
            wish = Wish(
                text=write(message),
                purpose=message.get("PUR"),
                case=message.get("CAS"),
                key=text(sent, "key"),
            )
            result = await self.asking.send(session, wish)
            if result.receipt is not None:
                return RedirectResponse(f"/desk?show={result.receipt.number}&wait=1", 303)
            faults = result.faults
        return self._draw(request, session, form, given, faults)

    def _message(self, form: Form, given: Mapping[str, str]) -> tuple[Message, tuple[Fault, ...]]:
        """Every value through its kind, so that no value can pass for a field of its own."""
        today, inquiry = self.door.house.now().date(), form.verb is Verb.INQUIRE
        pairs: list[tuple[str, str]] = []
        faults: list[Fault] = []
        for field in form.fields:
            raw = given.get(field.code, "")
            values = [raw] if field.many == 1 else _split(field, raw)
            for value in filter(str.strip, values):
                read = field.kind.ask(value, today) if inquiry else field.kind.read(value, today)
                if isinstance(read, Bad):
                    faults.append(Fault(field.code, read.reason))
                else:
                    pairs.append((field.code, read))
            if field.required and not any(map(str.strip, values)):
                faults.append(Fault(field.code, "is missing"))
        return Message(form.key, tuple(pairs)), tuple(faults)

    def _draw(
        self,
        request: Request,
        session: Session,
        form: Form,
        given: Mapping[str, str],
        faults: Sequence[Fault] = (),
    ) -> Response:
        inquiry = form.verb is Verb.INQUIRE
        by_code = {fault.field: fault.reason for fault in reversed(faults)}
        titles = {field.code: _title(field) for field in form.fields}
        summary = [
            (fault.field if fault.field in titles else "", f"{titles[fault.field]} {fault.reason}")
            if fault.field in titles else ("", words(fault))
            for fault in faults
        ]  # fmt: skip
        values = {
            "form": form,
            "controls": [
                control(field, given.get(field.code, ""), by_code, inquiry) for field in form.fields
            ],
            "summary": summary,
            "rules": [rule.words for rule in form.rules],
            "key": secrets.token_hex(12),
        }
        return self.door.render(request, "form.html", session, status=422 if faults else 200, values=values)

    def _form(self, request: Request) -> Form | None:
        return self.door.house.catalogue.forms.get(request.path_params["key"].upper())

    def _missing(self, request: Request) -> Response:
        return self.door.words(request, 404, "There is no such message key", "See the list of forms.")


def control(field: Field, value: str, faults: Mapping[str, str], inquiry: bool) -> Control:
    """How a form shows one field."""
    rows: tuple[Row, ...] = ()
    name = ""
    if isinstance(field.kind, Prose):
        shape = "prose"
    elif field.many > 1:
        shape = "lines"
    else:
        shape = "text"
    if isinstance(field.kind, Code):
        name = field.kind.table
        rows = tuple(table(name).values())
        if shape == "text" and len(rows) <= SUGGESTIONS_MAX:
            shape = "select" if len(rows) <= CHOICES_MAX else "suggest"
    hint = {"select": "choose one", "suggest": "a code; type to see which there are"}.get(
        shape, field.kind.words
    )
    if name:
        hint = hint.replace(f"a code of the table {name}", "a code")
    if shape == "lines":
        hint += f"; up to {field.many}, " + ("parted by blanks" if _blanks(field) else "one on a line")
    if field.note:
        hint += f"; {field.note}"
    return Control(
        code=field.code,
        title=_title(field),
        hint=hint,
        required=field.required or (inquiry and field.code == "PUR"),
        shape=shape,
        value=value,
        length=(field.kind.length_max + SLACK) * field.many,
        mode="numeric"
        if isinstance(field.kind, Number | Day | Year | Fcn | Ssn | Height | Weight)
        else "text",
        rows=rows if shape in {"select", "suggest"} else (),
        table=name if shape != "select" else "",
        fault=faults.get(field.code, ""),
        secret=field.secret,
    )


def _blanks(field: Field) -> bool:
    """Whether values have no blanks of their own, so that blanks may part them."""
    return field.kind.length_max <= 9


def _split(field: Field, raw: str) -> list[str]:
    return raw.split() if _blanks(field) else raw.splitlines()


def _title(field: Field) -> str:
    return field.title[:1].upper() + field.title[1:]
