"""A form for every message key, derived from the catalogue: labels, hints, checks, nothing by hand."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence

import msgspec
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from wireroom.catalog.file import Field, File, Verb
from wireroom.catalog.index import Catalogue, Form
from wireroom.catalog.kinds import Bad, Code, Number, Prose
from wireroom.catalog.kinds_of_number import Address, Fcn, Ssn
from wireroom.catalog.kinds_of_order import PARTED_BY, Protected
from wireroom.catalog.kinds_of_person import Height, Weight
from wireroom.catalog.kinds_of_time import Day, Hour, Year
from wireroom.catalog.tables import Row, spoken, table
from wireroom.message.envelope import Fault, Message
from wireroom.message.local import day_of
from wireroom.message.write import write
from wireroom.web import cards
from wireroom.web.acts import TITLES, View
from wireroom.web.asking import Asking, Wish, words
from wireroom.web.cards import Card
from wireroom.web.door import Door, place_of, text, texts
from wireroom.web.filled import Before, changed, filled, record_before, request_before
from wireroom.web.house import OrderWords, Session

CHOICES_MAX = 25  # a longer table is typed into, with suggestions
CHECKS_MAX = 9  # of a field that may repeat: a longer table is typed from
SUGGESTIONS_MAX = 300  # a longer table has a page to search it
SLACK = 20  # blanks and hyphens that a person types and the kind removes
# What a key does, in the words of the index; a form is found by them too.
VERBS = {
    Verb.INQUIRE: "Ask",
    Verb.LIST: "List what waits",
    Verb.ENTER: "Enter",
    **TITLES,
    Verb.RESTRAIN: "Restrain",
    Verb.REPORT: "Report",
    Verb.CONFIRM: "Ask to confirm a hit",
    Verb.REPLY: "Answer whether a hit stands",
    Verb.MESSAGE: "Write a message",
    Verb.APPROVE: "Approve a broadcast",
}
READY = frozenset({Verb.CONFIRM, Verb.REPLY, Verb.APPROVE, Verb.LOCATE, Verb.CLEAR, Verb.CANCEL, Verb.REPORT})
_OF_A_TABLE = re.compile(r" of the table (\w+)")
BETWEEN, ANY_FILE = "Between desks", "Records of any file"


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """One field as a form shows it."""

    code: str
    title: str
    hint: str
    required: bool
    shape: str  # "select", "suggest", "checks", "people", "text", "lines", "prose"
    value: str
    length: int
    mode: str  # the keyboard that a touch screen offers
    rows: tuple[Row, ...] = ()
    table: str = ""
    fault: str = ""
    secret: bool = False
    people: tuple[tuple[str, ...], ...] = ()  # the parts of each value, where it has parts
    parts: tuple[Control, ...] = ()  # how each part shows
    apart: bool = False  # it stands folded away


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One key in the index."""

    key: str
    words: str  # what it does, short: the file's name stands above
    title: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside a form: what it is about, which drawing of it, and the page to go back to."""

    about: Card | None = None
    was: int = 0
    place: str = ""

    @property
    def request(self) -> bool:
        """Whether it is about a request to confirm, which has no record of its own."""
        return self.about is not None and not self.was


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of one file, or those that belong to none."""

    title: str
    source: str  # the name by which California or the FBI know the file
    entries: tuple[Entry, ...]


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
        """Every key, by its file; a key typed into the box and Enter opens its form."""
        session = await self.door.session(request)
        wanted = request.query_params.get("q", "").strip()[:60]
        catalogue = self.door.house.catalogue
        if wanted.upper() in catalogue.forms:
            return RedirectResponse(f"/form/{wanted.upper()}", 303)
        groups = groups_of(catalogue, wanted)
        found = sum(len(group.entries) for group in groups)
        values = {"groups": groups, "wanted": wanted, "found": found, "all": len(catalogue.forms)}
        return self.door.render(request, "forms.html", session, values=values)

    async def page(self, request: Request) -> Response:
        session = await self.door.session(request)
        form = self._form(request)
        if form is None:
            return self._missing(request)
        query = request.query_params
        said = {code: value[:4000] for code, value in query.items() if form.field(code)}
        before, about = self._before(session, said)
        given = filled(
            form,
            before,
            catalogue=self.door.house.catalogue,
            session=session,
            standing=self.asking.standing(session),
            now=self.door.house.now(),
        )
        shown = Shown(about=about, was=before.delivery.number if before else 0, place=query.get("place", ""))
        return self._draw(request, session, form, {**given, **said}, shown)

    def _before(self, session: Session, said: Mapping[str, str]) -> tuple[Before | None, Card | None]:
        """The record or request that a form is about, where this terminal saw it lately; and as a card."""
        shelf, catalogue = self.door.recent.of(session.seat.terminal), self.door.house.catalogue
        view = View(catalogue=catalogue)  # without a reader there are no acts
        request = request_before(shelf, said.get("REF", ""), catalogue)
        if request is not None:
            return None, cards.mail(request, view, seen=True)
        before = record_before(shelf, said.get("FCN") or said.get("NIC") or "")
        if before is None:
            return None, None
        alone = msgspec.structs.replace(before.delivery, hits=(before.hit,), kind="notice")
        return before, cards.mail(alone, view, seen=True)

    async def send(self, request: Request) -> Response:
        session = await self.door.session(request)
        sent = await self.door.form(request, session)
        form = self._form(request)
        if form is None:
            return self._missing(request)
        given = {field.code: gathered(field, sent) for field in form.fields}
        message, faults = self._message(form, given)
        about = self._before(session, given)[1]
        was = text(sent, "was")
        if form.verb is Verb.MODIFY and was.isdecimal() and not faults:
            seen = record_before(
                self.door.recent.of(session.seat.terminal), given.get("FCN") or given.get("NIC", ""), int(was)
            )
            if seen is not None:
                kept, more = changed(form, message.fields, seen.hit, self.door.house.now())
                message, faults = Message(form.key, kept), tuple(more)
        place = place_of(text(sent, "place"))
        if not faults:
            wish = Wish(
                text=write(message),
                purpose=message.get("PUR"),
                case=message.get("CAS"),
                key=text(sent, "key"),
            )
            result = await self.asking.send(session, wish)
            if result.receipt is not None:
                return RedirectResponse(f"/{place}?show={result.receipt.number}&wait=1", 303)
            faults = result.faults
        shown = Shown(about=about, was=int(was) if was.isdecimal() else 0, place=place)
        return self._draw(request, session, form, given, shown, faults)

    def _message(self, form: Form, given: Mapping[str, str]) -> tuple[Message, tuple[Fault, ...]]:
        """Every value through its kind, so that no value can pass for a field of its own."""
        today, inquiry = day_of(self.door.house.now()), form.verb is Verb.INQUIRE
        pairs: list[tuple[str, str]] = []
        faults: list[Fault] = []
        for field in form.fields:
            raw = given.get(field.code, "")
            values = [raw] if field.many == 1 else _split(field, raw)
            for value in filter(str.strip, values):
                read = field.kind.ask(value, today) if inquiry else field.kind.read(value, today)
                if isinstance(read, Bad):
                    which = value.strip()[:20] if field.many > 1 and not field.secret else ""
                    faults.append(Fault(field.code, f"{read.reason} ({which})" if which else read.reason))
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
        shown: Shown,
        faults: Sequence[Fault] = (),
    ) -> Response:
        inquiry = form.verb is Verb.INQUIRE
        faults = [msgspec.structs.replace(fault, reason=plain(fault.reason)) for fault in faults]
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
                control(field, given.get(field.code, ""), by_code, inquiry, form.asks)
                for field in _in_order(form)
            ],
            "summary": summary,
            "rules": [rule.words for rule in form.rules],
            "key": secrets.token_hex(12),
            "shown": shown,
            "place": place_of(shown.place),
            "modify": form.verb is Verb.MODIFY,
            "terms": self._terms(session, form, given),
            "ready": form.verb in READY and all(given.get(field.code) for field in form.required),
        }
        return self.door.render(request, "form.html", session, status=422 if faults else 200, values=values)

    def _terms(self, session: Session, form: Form, given: Mapping[str, str]) -> OrderWords | None:
        """What is read out before a report is sent, in each language, of the record that this terminal saw."""
        number = given.get("FCN") or given.get("NIC") or ""
        before = record_before(self.door.recent.of(session.seat.terminal), number)
        if form.report is None or not form.report.reads_out or before is None:
            return None
        return self.door.house.order_words(before.hit)

    def _form(self, request: Request) -> Form | None:
        return self.door.house.catalogue.forms.get(request.path_params["key"].upper())

    def _missing(self, request: Request) -> Response:
        return self.door.words(request, 404, "There is no such message key", "See the list of forms.")


def plain(reason: str) -> str:
    """Why a value cannot stand, without the name of its table: beside the field its codes can be looked up."""
    return _OF_A_TABLE.sub("", reason.replace("is not a code of", "is not one of the codes of"))


def control(
    field: Field, value: str, faults: Mapping[str, str], inquiry: bool, asks: Sequence[str] = ()
) -> Control:
    """How a form shows one field; of a form that asks for some first, the others stand folded away."""
    shape, rows = _shape(field)
    name = field.kind.table if isinstance(field.kind, Code) else ""
    hint = {
        "select": "choose one",
        "suggest": "a code; type to see which there are",
        "checks": "tick all that hold",
    }.get(shape, field.kind.words)
    if of := _OF_A_TABLE.search(hint):
        name = name or of[1]
        hint = hint.replace(of[0], "")
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
        if isinstance(field.kind, Number | Day | Year | Hour | Fcn | Ssn | Height | Weight)
        else "text",
        rows=rows if shape in {"select", "suggest", "checks"} else (),
        table=name if shape not in {"select", "checks"} else "",
        fault=faults.get(field.code, ""),
        secret=field.secret,
        people=_people(field, value) if shape == "people" else (),
        parts=_parts(field) if shape == "people" else (),
        apart=bool(asks)
        and field.code not in (*asks, "PUR", "CAS")
        and not value
        and field.code not in faults,
    )


def _shape(field: Field) -> tuple[str, tuple[Row, ...]]:
    """Which control a field has, and the rows of its table."""
    if isinstance(field.kind, Prose):
        return "prose", ()
    if isinstance(field.kind, Protected):
        return "people", ()
    shape = "lines" if field.many > 1 else "text"
    if not isinstance(field.kind, Code):
        return shape, ()
    name, among = field.kind.table, field.kind.among
    rows = tuple(row for row in table(name).values() if not among or row.code in among)
    if shape == "text" and len(rows) <= SUGGESTIONS_MAX:
        return ("select" if len(rows) <= CHOICES_MAX else "suggest"), rows
    if shape == "lines" and len(rows) <= CHECKS_MAX:
        return "checks", tuple(msgspec.structs.replace(row, meaning=spoken(name, row.code)) for row in rows)
    return shape, rows


def _in_order(form: Form) -> list[Field]:
    """The fields as they stand on the page: what a form asks for first in its own order, then all others."""
    first = {code: place for place, code in enumerate(form.asks)}
    return sorted(form.fields, key=lambda field: first.get(field.code, len(first)))


def _parts(field: Field) -> tuple[Control, ...]:
    """The parts of a value that has some, each as a field of its own."""
    assert isinstance(field.kind, Protected), "its values have parts"
    return tuple(
        msgspec.structs.replace(control(Field(f"P{place}", title, kind), "", {}, False), code=str(place))
        for place, (title, kind) in enumerate(field.kind.PARTS)
    )


def _people(field: Field, value: str) -> tuple[tuple[str, ...], ...]:
    """The parts of each value, and of as many more as may still be given."""
    assert isinstance(field.kind, Protected), "its values have parts"
    count = len(field.kind.PARTS)
    given = [(*line.split(PARTED_BY), *[""] * count)[:count] for line in value.splitlines() if line.strip()]
    return (*given[: field.many], *[("",) * count] * (field.many - len(given)))


def gathered(field: Field, sent: FormData) -> str:
    """What a form sent for a field, a value on a line; the parts of a value put together."""
    if not isinstance(field.kind, Protected):
        return "\n".join(texts(sent, field.code))
    lines = texts(sent, field.code)  # as text, by whoever has no form of ours
    for row in range(field.many):
        parts = [text(sent, f"{field.code}-{row}-{place}").strip() for place in range(len(field.kind.PARTS))]
        if any(parts):
            lines = [*lines, PARTED_BY.join(part.replace(PARTED_BY, ",") for part in parts).rstrip(PARTED_BY)]
    return "\n".join(lines)


def _blanks(field: Field) -> bool:
    """Whether values have no blanks of their own, so that blanks may part them."""
    return field.kind.length_max <= 9 or isinstance(field.kind, Address)


def _split(field: Field, raw: str) -> list[str]:
    return raw.split() if _blanks(field) else raw.splitlines()


def _title(field: Field) -> str:
    return field.title[:1].upper() + field.title[1:]


# --------------------------------------------------------------------------- the index


def groups_of(catalogue: Catalogue, wanted: str = "") -> list[Group]:
    """The keys of the index that fit what is looked for: every word of it begins a word of theirs."""
    groups = [_group(BETWEEN, "", [form for form in catalogue.forms.values() if form.notice], wanted)]
    shared = [
        form for form in catalogue.forms.values() if len(form.files) > 1 and form.verb is not Verb.INQUIRE
    ]
    groups.append(_group(ANY_FILE, "", shared, wanted))
    for file in catalogue.files.values():
        own = [form for form in catalogue.forms.values() if form not in shared and _first(form) is file]
        groups.append(_group(file.title, file.source, own, wanted))
    found = [group for group in groups if group.entries]
    if wanted:  # the file that is meant comes before those that only speak of it
        found.sort(key=lambda group: (not _begins(group.title, wanted), len(group.title)))
    return found


def _first(form: Form) -> File | None:
    """The file under which a key stands: its own, or the first that answers it."""
    own = (file for file in form.files if file.inquire == form.key)
    return next(own, form.files[0] if form.files else None)


def _group(title: str, source: str, forms: Sequence[Form], wanted: str) -> Group:
    order = list(VERBS)
    found = [form for form in forms if _fits(form, f"{title} {source}", wanted)]
    found.sort(key=lambda form: order.index(form.verb))
    entries = tuple(Entry(key=form.key, words=_does(form, title), title=form.title) for form in found)
    return Group(title=title, source=source, entries=entries)


def _does(form: Form, file: str) -> str:
    """What a key does, without the name of the file that it stands under."""
    if not form.files or (len(form.files) > 1 and form.verb is not Verb.INQUIRE):
        return form.title.partition(":")[0]
    said = form.title.partition(": ")[2]
    if form.verb is Verb.ENTER and said != file.lower():
        return f"Enter: {said}"
    return form.title if form.verb is Verb.REPORT else VERBS[form.verb]


def _fits(form: Form, beside: str, wanted: str) -> bool:
    return _begins(f"{form.key} {VERBS[form.verb]} {form.title} {beside}", wanted)


def _begins(said: str, wanted: str) -> bool:
    """Whether every word that is looked for begins a word of what is said."""
    there = re.findall(r"[A-Z0-9]+", said.upper())
    return all(any(one.startswith(word) for one in there) for word in wanted.upper().split())
