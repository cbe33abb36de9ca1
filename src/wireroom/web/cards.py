"""Folds all that came to one question into one card: the verdict first, then every source's own answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from wireroom.catalog.file import TOLD, Field, File, Verb
from wireroom.catalog.index import EMERGENCY, SEARCH, WHY, Catalogue
from wireroom.catalog.kinds import Code, Prose
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.kinds_of_time import BirthDay
from wireroom.message.answer import Delivery, Hit, State
from wireroom.message.describing import described, shown
from wireroom.message.envelope import Message
from wireroom.message.reply import titled
from wireroom.message.write import write
from wireroom.web import beside
from wireroom.web.acts import (
    TITLES,
    Act,
    View,
    list_of,
    numbered,
    of_record,
    of_request,
    pairs,
    request_of,
    verb_of,
)
from wireroom.web.beside import dated
from wireroom.web.recent import Asked

CAUTION_TABLE = "caution"
DELAYED_HIT = "$.H."  # a record that came after somebody had asked: as urgent as a hit
DONE_SHOWN_MAX = 3
WORDS_SAID_MAX = 12  # values in the sentence of a question; an order has thirty
WORD_CHARACTERS_MAX = 60
DOING = frozenset({Verb.ENTER, *TITLES, Verb.REPORT})  # where nothing is asked, and something would be done
YES_NO = frozenset({"yes_no", "yes_no_unknown"})  # tables whose meanings say nothing without a title
SAID = frozenset({*TOLD, "ENF", "PRE"})  # what an answer says of a record beside its fields
_TIERS = {"possible": "Possible: may be somebody else", "wide": "Wide search: likely somebody else"}
_ADDRESS = re.compile(r"[A-Z0-9]{4}|[A-Z]{2}[A-Z0-9]{7}")


class Look(msgspec.Struct, frozen=True):
    """How a verdict shows: never by its colour alone, but by shape and word too."""

    name: str  # the style's name, "hit"
    glyph: str
    word: str


HIT = Look("hit", "▲", "Hit")
RECORD = Look("record", "●", "Record")
NONE = Look("none", "✓", "No record")
DONE = Look("done", "✓", "Accepted")
DOUBT = Look("doubt", "◐", "Incomplete")
REFUSED = Look("refused", "■", "Refused")
NOTHING = Look("none", "✓", "Nothing waits")
LIST = Look("record", "●", "List")
WAITING = Look("waiting", "…", "Waiting")
MAIL = Look("mail", "✉", "Message")

_LOOKS = {
    State.HIT: HIT,
    State.RECORD: RECORD,
    State.NO_RECORD: NONE,
    State.ACCEPTED: DONE,
    State.REFUSED: REFUSED,
    State.NO_ANSWER: Look("doubt", "◌", "No answer"),
    State.OUT_OF_SERVICE: Look("doubt", "⊘", "Out of service"),
}


class Row(msgspec.Struct, frozen=True):
    """One field of a record as it is read: title, value, and the question that a click on it begins."""

    code: str
    title: str
    value: str
    ask: str = ""
    number: bool = False  # set in the typeface that tells 0 from O


class Done(msgspec.Struct, frozen=True):
    """What was done with a record since it was drawn."""

    look: Look
    words: str
    at: str


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One record found, in reading order."""

    title: str
    headline: str  # what it is, in one line
    rows: tuple[Row, ...]
    owner: str
    number: str
    status: str
    why: str
    agency: str = ""  # the owner by name and telephone
    tier: str = ""  # in words, where it may well be somebody else
    acts: tuple[Act, ...] = ()
    done: tuple[Done, ...] = ()
    now: tuple[str, ...] = ()  # what its reader may do at this moment, the largest of all
    first: str = ""  # which of several records prevails, in one sentence


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What one source said."""

    id: str
    source: str
    look: Look
    title: str
    at: str
    records: tuple[Record, ...] = ()
    text: str = ""
    late: bool = False


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one question, or one message that nobody asked for."""

    id: str
    version: int  # grows with every part, so that an older drawing never covers a newer one
    look: Look
    sentence: str  # the verdict
    what: str  # what was asked, in a few characters: "7ABQ123 CA"
    understood: str
    at: str
    text: str = ""  # as it was sent, to be sent again
    got: int = 0
    of: int = 0
    parts: tuple[Part, ...] = ()
    waiting: tuple[str, ...] = ()  # sources that have not answered yet
    cautions: tuple[str, ...] = ()
    raw: str = ""
    seen: bool = True
    body: str = ""
    unasked: bool = False  # stands among the messages
    sender: str = ""  # of a message, where it can be answered
    tone: str = ""  # "hit" or "safety": what sounds until the person has seen it


def words_of(message: Message, catalogue: Catalogue) -> str:
    """What a message says, as short as a person says it: "Plate 9QZZ123, California"."""
    form = catalogue.forms[message.key]
    unsaid = {*WHY, *dict(form.says)}  # what the key says by itself is in its title
    said = []
    for field in form.fields:
        for value in message.all(field.code):
            if field.code in unsaid or isinstance(field.kind, Prose):
                continue
            words = shown(field, value)
            if isinstance(field.kind, Code):
                words = _cut(words.removeprefix(f"{value} "))
                said.append(f"{field.title} {words.lower()}" if field.kind.table in YES_NO else words)
            else:
                said.append(f"{_title(field)} {words}" if not said else f"{field.title} {words}")
    if len(said) > WORDS_SAID_MAX:
        said[WORDS_SAID_MAX:] = [f"and {len(said) - WORDS_SAID_MAX} more"]
    what = ", ".join(said)
    if form.verb in (Verb.INQUIRE, Verb.LIST):
        return what
    return f"{form.title}: {what[:1].lower()}{what[1:]}" if what else form.title


def _cut(words: str) -> str:
    """The meaning of a code, short enough for a sentence: a condition of an order fills a paragraph."""
    return words if len(words) <= WORD_CHARACTERS_MAX else f"{words[: WORD_CHARACTERS_MAX - 1].rstrip()}…"


def asked_of(message: Message, catalogue: Catalogue) -> tuple[str, ...]:
    """The sources that an inquiry goes to, in the catalogue's order. Lists of records are of our own files."""
    form = catalogue.forms[message.key]
    if form.verb is Verb.LIST and form.files:
        return (catalogue.holder.value,)
    if form.verb is not Verb.INQUIRE:
        return ()
    legs = catalogue.asked(message.key, message.fields)
    return tuple(dict.fromkeys(leg.name for leg in legs))


def card(transaction: int, asked: Asked | None, came: Sequence[Delivery], view: View, *, seen: bool) -> Card:
    """The card of one question from what was asked and what has come so far."""
    current, late = _current(came)
    text = asked.text if asked else next((d.asked for d in came if d.asked), "")
    parts = tuple(_part(d, text, d.number in late, view) for d in current)
    sources = asked.sources if asked else ()
    of = max([d.parts for d in came] + [len(sources)], default=0)
    waiting = _waiting(sources, current, of)
    look, sentence = _verdict(current, waiting, asked, view.catalogue)
    if list_of(text, view.catalogue):
        look, sentence = _listed(current, look, sentence)
    return Card(
        id=str(transaction),
        version=2 * len(came) + (asked is not None),
        look=look,
        sentence=sentence,
        what=short(text, view.catalogue) or f"question {transaction}",
        understood=(asked.understood if asked else "") or text,
        at=asked.at if asked else came[0].at,
        text=text,
        got=len(current),
        of=max(of, len(current)),
        parts=tuple(sorted(parts, key=lambda part: _weight(part.look))),
        waiting=waiting,
        cautions=_cautions((hit for d in current for hit in d.hits), view.catalogue),
        raw="\n\n".join(f"{d.source}  {d.at}\n{d.text}".rstrip() for d in current),
        body=asked.reason if asked else "",
        seen=seen or look is not HIT,
        tone="hit" if look is HIT and not seen else "",
    )


def _listed(current: Sequence[Delivery], look: Look, sentence: str) -> tuple[Look, str]:
    """A list says how much waits, and not that records were found."""
    if look is NONE:
        return NOTHING, "Nothing waits in this list"
    if look not in (RECORD, DONE):
        return look, sentence
    count = sum(len(delivery.hits) for delivery in current)
    return LIST, f"{count} {'waits' if count == 1 else 'wait'}" if count else sentence


def mail(delivery: Delivery, view: View, *, seen: bool) -> Card:
    """A message that came unasked: of a person, of another desk that has a hit, or of the switch."""
    title = _sentence(delivery.title or "Message")
    delayed = delivery.source == DELAYED_HIT
    notice = delivery.kind == "notice"
    tone = "hit" if delayed else "safety" if "OFFICER SAFETY" in title.upper() else ""
    request = request_of(delivery, view.catalogue)
    parts = _told(delivery, view) if notice else (_request(delivery, view),) if request else ()
    heading = next((one.headline for part in parts for one in part.records if one.headline), "")
    return Card(
        id=str(delivery.number),
        version=1,
        look=HIT if delayed else MAIL,
        sentence=title,
        what=(heading if notice else "")[:40] or delivery.source or "Message",
        understood=f"{'Notice' if notice else 'From'} {delivery.source}" if delivery.source else "",
        at=delivery.at,
        parts=parts,
        cautions=_cautions(delivery.hits, view.catalogue),
        raw=delivery.text if parts else "",
        body=_body(delivery, view, notice=notice),
        seen=seen,
        unasked=True,
        sender=delivery.source if _ADDRESS.fullmatch(delivery.source) and not request else "",
        tone="" if seen else tone,
    )


def _body(delivery: Delivery, view: View, *, notice: bool) -> str:
    """What is read as words: all of a message, also of one that waits for approval; nothing of what stands in rows."""
    if notice:
        return _said(delivery)
    return "" if verb_of(delivery.asked, view.catalogue) is Verb.CONFIRM else delivery.text


def _said(delivery: Delivery) -> str:
    """What a notice says beside its title and its records."""
    return "\n".join(delivery.text.partition("\n\n")[0].split("\n")[2:])


def _told(delivery: Delivery, view: View) -> tuple[Part, ...]:
    return (_part(delivery, delivery.asked, False, view),) if delivery.hits else ()


def _request(delivery: Delivery, view: View) -> Part:
    """A request, to confirm a hit for instance, as a record of what is asked, with its answers."""
    key, said = pairs(delivery.asked)
    form, number = view.catalogue.forms[key], request_of(delivery, view.catalogue)
    fields = [(field, value) for code, value in said if (field := form.field(code))]
    rows = tuple(
        Row(field.code, _title(field), shown(field, value), "", bool(field.kind.identifies))
        for field, value in fields
    )
    record = Record(title="Request", headline="", rows=rows, owner="", number=number, status="", why="",
                    acts=of_request(delivery, view), done=_done(number, delivery, view))  # fmt: skip
    place = f"p-{delivery.number}"
    return Part(id=place, source=delivery.source, look=MAIL, title="", at=delivery.at, records=(record,))


def _done(number: str, delivery: Delivery, view: View) -> tuple[Done, ...]:
    """What was done since, the last first; what this delivery itself is the answer to is not told twice."""
    after = [
        one
        for one in view.after(number, delivery)
        if one.transaction != delivery.transaction or not one.transaction
    ]
    return tuple(Done(line(one), _sentence(one.title), one.at) for one in after[::-1][:DONE_SHOWN_MAX])


def line(delivery: Delivery) -> Look:
    """How one delivery shows in the rolling log."""
    if delivery.kind in {"refusal", "fault"}:
        return REFUSED
    if delivery.source == DELAYED_HIT:
        return HIT
    state = _state(delivery)
    return _LOOKS[state] if state else MAIL


def short(text: str, catalogue: Catalogue) -> str:
    """The values that a question was asked by, without its key: what a reader looks for in a list."""
    key, _, rest = text.partition(".")
    if key not in catalogue.forms or not rest:
        return text[:60]
    form = catalogue.forms[key]
    prose = next((f.code for f in form.fields if isinstance(f.kind, Prose)), "")
    head = text.partition(f".{prose}/")[0] if prose else text
    unsaid = {*WHY, SEARCH.code, EMERGENCY.code, *dict(form.says)}
    if form.verb is Verb.CONFIRM:  # which record it is, and not what else is said of it
        unsaid |= {field.code for field in form.fields if not field.kind.identifies}
    values = [value for code, value in pairs(head)[1] if code not in unsaid]
    prefix = "" if form.verb is Verb.INQUIRE else f"{key} "
    return (prefix + " ".join(values))[:60] or key


def _state(delivery: Delivery) -> State | None:
    try:
        return State(delivery.state)
    except ValueError:
        return None


def _weight(look: Look) -> int:
    """What must be read first stands first."""
    order = ("hit", "refused", "record", "doubt", "done", "none")
    return order.index(look.name) if look.name in order else len(order)


def _current(came: Sequence[Delivery]) -> tuple[list[Delivery], set[int]]:
    """The last word for each part, and which of them came after "no answer" had been told."""
    last: dict[tuple[int, str], Delivery] = {}
    late: set[int] = set()
    for delivery in sorted(came, key=lambda d: d.number):
        place = (delivery.part, delivery.source) if delivery.part else (-delivery.number, "")
        if place in last and last[place].state == State.NO_ANSWER:
            late.add(delivery.number)
        last[place] = delivery
    return list(last.values()), late


def _waiting(sources: Sequence[str], current: Sequence[Delivery], of: int) -> tuple[str, ...]:
    if current and len(current) >= of > 0:
        return ()
    missing = list(sources)
    for delivery in current:
        if delivery.source in missing:
            missing.remove(delivery.source)
    unnamed = of - len(current) - len(missing)
    return (*missing, *["another source"] * max(0, unnamed))


def _verdict(
    current: Sequence[Delivery], waiting: Sequence[str], asked: Asked | None, catalogue: Catalogue
) -> tuple[Look, str]:
    """The worst news decides; "no record" is said only when everybody has said it."""
    if asked and asked.state in {"refused", "faulty"}:
        why = "Refused" if asked.state == "refused" else "Not understood"
        return REFUSED, f"{why}: nothing was {'done' if verb_of(asked.text, catalogue) in DOING else 'asked'}"
    hits = [d for d in current if d.state == State.HIT]
    if hits:  # whatever another source could not answer
        return HIT, _sentence(hits[0].title or "Hit: confirm first")
    for delivery in current:
        if delivery.kind in {"refusal", "fault"} or delivery.state == State.REFUSED:
            return REFUSED, _sentence(delivery.title or delivery.text or "Refused")
    silent = [d for d in current if d.state in {State.NO_ANSWER, State.OUT_OF_SERVICE}]
    records = [d for d in current if d.state == State.RECORD]
    if waiting:
        sofar = "Record found, more to come" if records else "No record so far" if current else "Waiting"
        return WAITING, f"{sofar}: {', '.join(dict.fromkeys(waiting))} not heard yet"
    if silent:
        names = ", ".join(dict.fromkeys(d.source for d in silent))
        if len(silent) == len(current):
            return DOUBT, f"No answer from {names}"
        return DOUBT, f"{'Record found' if records else 'No record so far'}, but {names} did not answer"
    if records:
        return RECORD, _sentence(records[0].title or "Record found")
    accepted = [d for d in current if d.state == State.ACCEPTED]
    if accepted:
        return DONE, _sentence(accepted[0].title or "Accepted")
    return NONE, "No record"


def _sentence(title: str) -> str:
    """Capitals of the wire stay; a lone hyphen between words becomes the dash that it stands for."""
    return title.strip().replace(" - ", " — ")


def _part(delivery: Delivery, asked: str, late: bool, view: View) -> Part:
    records = tuple(_record(hit, delivery, asked, view) for hit in delivery.hits)
    return Part(
        id=f"p-{delivery.transaction}-{delivery.part or delivery.number}",
        source=delivery.source,
        look=line(delivery),
        title="" if list_of(asked, view.catalogue) else _sentence(delivery.title),
        at=delivery.at,
        records=records,
        text=_beside_records(delivery.text) if records or delivery.kind == "notice" else delivery.text,
        late=late,
    )


def _beside_records(text: str) -> str:
    """What a source says in a reply beside its records, as that there are more."""
    head = text.partition("\n\n")[0]
    return "\n".join(line.removeprefix("TXT/") for line in head.split("\n") if line.startswith("TXT/"))


def _record(hit: Hit, delivery: Delivery, asked: str, view: View) -> Record:
    file = view.catalogue.files.get(hit.file)
    values = dict(hit.fields)
    rows = tuple(
        row
        for code, value in hit.fields
        if code not in SAID
        for row in _rows(code, value, values, file, asked)
    )
    return Record(
        title=titled(hit, view.catalogue) if file else hit.file,
        headline=described(file, hit.fields) if file else "",
        rows=rows,
        owner=hit.owner,
        agency=hit.agency,
        number=hit.number,
        status=hit.status,
        why=hit.why,
        tier=_TIERS.get(hit.tier, hit.tier),
        acts=of_record(hit, delivery, asked, view),
        done=_done(numbered(hit)[1], delivery, view),
        now=tuple(dated(values["ENF"]).upper().split("\n")) if "ENF" in values else (),
        first=values.get("PRE", ""),
    )


def _rows(code: str, value: str, values: dict[str, str], file: File | None, asked: str) -> tuple[Row, ...]:
    field = next((f for f in file.fields if f.code == code), None) if file else None
    if file is not None and code == beside.REPORTS:
        return tuple(Row(code, beside.title(code), line) for line in beside.reports(file, value))
    if field is None:
        return (Row(code, beside.title(code), beside.value(code, value), "", code in {"FCN", "NIC"}),)
    ask, number = _ask(field, value, values, file), bool(field.kind.identifies)
    return (Row(code, _title(field), shown(field, value), "" if ask == asked else ask, number),)


def _title(field: Field) -> str:
    return field.title[:1].upper() + field.title[1:]


def _ask(field: Field, value: str, values: dict[str, str], file: File | None) -> str:
    """The question that a click begins: a name with its birth date, a plate with its state, a VIN, a licence."""
    if isinstance(field.kind, PersonName):
        pairs = [("NAM", value)]
        births = [f.code for f in file.fields if isinstance(f.kind, BirthDay)] if file else []
        own = field.code == "NAM"  # the birth date of a record is its subject's, not its owner's or alias's
        if own and births and births[0] in values:
            pairs.append(("DOB", values[births[0]]))
        return write(Message("QW", tuple(pairs)))
    match field.kind.identifies:
        case "LIC":
            state = values.get("LIS", "CA")
            return write(Message("QV", (("LIC", value), ("LIS", state))))
        case "VIN":
            return write(Message("QV", (("VIN", value),)))
        case "OLN":
            return write(Message("QW", (("OLN", value),)))
    return ""


def _cautions(hits: Iterable[Hit], catalogue: Catalogue) -> tuple[str, ...]:
    """Every caution in any record, in words, each once."""
    found: dict[str, None] = {}
    for hit in hits:
        file = catalogue.files.get(hit.file)
        for code, value in hit.fields:
            field = next((f for f in file.fields if f.code == code), None) if file else None
            if field and isinstance(field.kind, Code) and field.kind.table == CAUTION_TABLE:
                found[field.kind.show(value).removeprefix(f"{value} ")] = None
    return tuple(found)
