"""One arrival on its way: what was read of it, what was ruled, and what becomes of it in its batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from wireroom.catalog.file import Source, Verb
from wireroom.catalog.index import RECIPIENT, Catalogue
from wireroom.journal.entry import Entry
from wireroom.journal.tags import Tag
from wireroom.message.answer import Answer, Delivery, Question, Receipt, State
from wireroom.message.envelope import Arrival, Message, Reading, Way
from wireroom.message.reason import Weighed, told_of
from wireroom.message.reply import named, title, wording, write_faults, write_reply
from wireroom.message.turns import HOUSE, PRESSING, Whose
from wireroom.message.write import write
from wireroom.policy.directory import Directory
from wireroom.policy.ruling import Ruling
from wireroom.switch.plan import Asked

SWITCH = "SWITCH"  # what the switch says for itself
DOCUMENTS = frozenset({Way.JSON, Way.NIEM})
NAMED_MAX = 40  # terminals that the sender of a message is told by name
STRANGER = "?"  # on whose account waits what somebody did who is not known
STRANGERS = frozenset({Tag.SESSION_REFUSED})  # notes that anybody can cause
TAGS = {
    Verb.INQUIRE: Tag.INQUIRY_ASKED,
    Verb.LIST: Tag.INQUIRY_ASKED,
    Verb.MESSAGE: Tag.MESSAGE_ASKED,
    Verb.CONFIRM: Tag.MESSAGE_ASKED,
    Verb.REPLY: Tag.MESSAGE_ASKED,
    Verb.APPROVE: Tag.MESSAGE_ASKED,
}


class Work(msgspec.Struct, frozen=True):
    """An arrival that was read and ruled on, ready for its lane."""

    arrival: Arrival
    reading: Reading
    ruling: Ruling | None  # None where the text could not be read
    legs: tuple[Asked, ...] = ()
    terminals: tuple[str, ...] = ()  # whom a message goes to
    held: bool = False  # until a supervisor approves it
    weighed: Weighed | None = None  # of an inquiry: what is known of its reason

    @property
    def message(self) -> Message | None:
        """The message, where it may move."""
        return self.reading.message if self.ruling is not None and self.ruling.allowed else None

    @property
    def entries_max(self) -> int:
        """How many journal numbers it may need: the intent, the sender's answer, one for each leg."""
        return 2 + len(self.legs)

    def whose(self, catalogue: Catalogue) -> Whose:
        """On whose account it waits. What may not move, and training, is nothing that the field waits for."""
        seat, message = self.arrival.seat, self.message
        pressing = message is not None and not seat.test and catalogue.forms[message.key].verb in PRESSING
        return Whose(seat.ori, seat.terminal, pressing)

    @property
    def gave_way(self) -> str:
        """The rule that gave way because it is an emergency; empty where none did."""
        return self.ruling.gave_way if self.ruling is not None else ""

    @property
    def asked(self) -> Arrival:
        """The arrival as its question is told: of a document, the dotted text that means the same."""
        if self.message is None or self.arrival.way not in DOCUMENTS:
            return self.arrival
        return msgspec.structs.replace(self.arrival, text=write(self.message))


class Settled(msgspec.Struct, frozen=True):
    """An answer from outside, or that there was none, on its way into the journal and the terminal's queue."""

    question: Question
    answer: Answer


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened and is written down, though nobody asked for an answer."""

    tag: Tag
    ori: str = ""
    terminal: str = ""
    person: str = ""
    detail: dict[str, object] = {}

    def whose(self) -> Whose:
        """On whose account it waits: its agency's, a stranger's, or the house's own."""
        if self.ori or self.tag in STRANGERS:
            return Whose(self.ori or STRANGER, self.terminal, pressing=False)
        return HOUSE

    def entry(self, number: int, at: datetime) -> Entry:
        """The entry that it makes."""
        return Entry(number, self.tag, at, 0, self.ori, self.terminal, self.person, self.detail)


def withheld(entry: Entry) -> Entry:
    """The entry of an answer that nobody gets, because whoever asked lost the right to it."""
    return msgspec.structs.replace(entry, tag=Tag.ANSWER_WITHHELD)


def tag_of(work: Work, catalogue: Catalogue) -> Tag:
    """What kind of entry an arrival makes."""
    if work.reading.message is None:
        return Tag.TEXT_FAULTY
    if work.message is None:
        return Tag.TEXT_REFUSED
    return TAGS.get(catalogue.forms[work.message.key].verb, Tag.ENTRY_ASKED)


def intent(work: Work, number: int, catalogue: Catalogue) -> Entry:
    """The entry of an arrival: everything that is needed to know later who asked what, why and of whom."""
    arrival, message = work.arrival, work.reading.message
    detail: dict[str, object] = {"key": arrival.key, "text": write(message) if message else arrival.text}
    if message is not None and detail["text"] != arrival.text:
        detail["typed"] = arrival.text
    if arrival.purpose or arrival.case:
        detail["purpose"], detail["case"] = arrival.purpose, arrival.case
    if work.reading.faults:
        detail["faults"] = [[fault.field, fault.reason] for fault in work.reading.faults]
    if work.ruling is not None:
        detail |= _ruled(work.ruling)
    if work.legs:
        detail["sources"] = [leg.name for leg in work.legs]
    if work.held:
        detail["held"] = True
    elif work.terminals:
        detail["to"] = list(work.terminals)
    if message is not None and (recipient := message.get(RECIPIENT.code)):
        detail["history"] = {  # AU-3(1): all four in one place, as an auditor asks for them
            "operator": arrival.seat.person, "agency": arrival.seat.ori,
            "requester": message.get("ATN"), "recipient": recipient,
        }  # fmt: skip
    if work.weighed is not None:
        detail["reason"] = told_of(arrival.reason, work.weighed)
    if arrival.way in DOCUMENTS:
        detail["way"] = arrival.way.value
    if arrival.seat.test:
        detail["test"] = True
    seat = arrival.seat
    return Entry(
        number, tag_of(work, catalogue), arrival.at, number, seat.ori, seat.terminal, seat.person, detail
    )


def emergencies(fresh: Iterable[tuple[int, Work]]) -> list[tuple[int, str, str, str, datetime]]:
    """Those of some arrivals that go because they are emergencies: number, person, agency, what gave way, when."""
    return [
        (number, work.arrival.seat.person, work.arrival.seat.ori, work.gave_way, work.arrival.at)
        for number, work in fresh
        if work.message is not None and work.gave_way
    ]


def _ruled(ruling: Ruling) -> dict[str, object]:
    """What the journal keeps of a ruling."""
    detail: dict[str, object] = {"rule": ruling.rule, "policy": ruling.policy}
    if len(ruling.rules) > 1:
        detail["rules"] = list(ruling.rules)
    if ruling.gave_way:
        detail["gave_way"] = ruling.gave_way
    return detail


def receipt(work: Work, number: int) -> Receipt:
    """What the sender is told at once."""
    if work.reading.message is None:
        faults = tuple((fault.field, fault.reason) for fault in work.reading.faults)
        places = tuple(fault.at for fault in work.reading.faults) if work.arrival.way in DOCUMENTS else ()
        return Receipt(number=number, state="faulty", faults=faults, places=places,
                       reason=write_faults(work.reading.faults))  # fmt: skip
    assert work.ruling is not None, "a message that was read was ruled on"
    if not work.ruling.allowed:
        return Receipt(
            number=number,
            state="refused",
            understood=work.reading.understood,
            rule=work.ruling.told or work.ruling.rule,
            reason=work.ruling.reason,
        )
    sources = tuple(leg.name for leg in work.legs) or (SWITCH,)
    return Receipt(number=number, state="accepted", understood=work.reading.understood, sources=sources)


def whose(answer: Answer, catalogue: Catalogue, directory: Directory) -> Answer:
    """The answer with the name and telephone of whom to call, at each record that asks its reader to act."""
    if answer.state is not State.HIT:
        return answer
    hits = tuple(
        msgspec.structs.replace(hit, agency=directory.called(hit.owner)) if named(hit, catalogue)[0] else hit
        for hit in answer.hits
    )
    return msgspec.structs.replace(answer, hits=hits)


def answered(
    question: Question, answer: Answer, number: int, at_iso: str, catalogue: Catalogue
) -> tuple[Entry, Delivery]:
    """The journal entry of an answer and its delivery, under one number."""
    if question.named:
        answer = msgspec.structs.replace(answer, source=question.named)
    seat = question.seat
    text = write_reply(answer, question.message, catalogue, control=str(question.transaction), ori=seat.ori)
    delivery = Delivery(
        number=number,
        terminal=seat.terminal,
        transaction=question.transaction,
        kind="answer",
        source=answer.source,
        state=answer.state.value,
        title=_title(answer, catalogue),
        text=text,
        hits=answer.hits,
        part=question.leg + 1,
        parts=question.parts,
        at=at_iso,
        asked=question.asked,
        key=question.key,
    )
    return _entry_of_answer(question, answer, number, text), delivery


def _title(answer: Answer, catalogue: Catalogue) -> str:
    words = title(answer, catalogue)
    return f"{wording()['switch.late']}: {words}" if answer.late else words


def _entry_of_answer(question: Question, answer: Answer, number: int, text: str) -> Entry:
    tag = Tag.ANSWER_LATE if answer.late else Tag.ANSWER_GIVEN
    if answer.state in (State.NO_ANSWER, State.OUT_OF_SERVICE):
        tag = Tag.ANSWER_MISSING
    detail: dict[str, object] = {"source": answer.source, "state": answer.state.value, "leg": question.leg}
    if answer.hits:
        detail["hits"] = [[hit.file, hit.number, hit.owner] for hit in answer.hits]
        detail["text"] = text
    elif answer.text:
        detail["text"] = answer.text
    seat = question.seat
    return Entry(number, tag, question.at, question.transaction, seat.ori, seat.terminal, seat.person, detail)


def mail_to(
    terminals: Sequence[str],
    number: int,
    at: datetime,
    *,
    source: str,
    title: str,
    text: str,
    asked: str = "",
) -> list[Delivery]:
    """A text as it comes unasked to terminals."""
    return [
        Delivery(
            number=number,
            terminal=terminal,
            transaction=0,
            kind="mail",
            source=source,
            state="mail",
            title=title,
            text=text,
            at=at.isoformat(timespec="milliseconds"),
            asked=asked or title,
        )
        for terminal in terminals
    ]


def taken(
    work: Work,
    question_number: int,
    number: int,
    at_iso: str,
    catalogue: Catalogue,
    answer: Answer,
    sent: Sequence[Delivery],
) -> tuple[Entry, Delivery]:
    """The answer of the switch itself to the sender of a message; the journal has whom it reached besides."""
    assert work.message is not None, "only a message that may move is answered"
    arrival = work.arrival
    question = Question(
        transaction=question_number,
        leg=0,
        source=SWITCH,
        message=work.message,
        seat=arrival.seat,
        at=arrival.at,
        key=arrival.key,
        asked=arrival.text[:200],
    )
    entry, delivery = answered(question, answer, number, at_iso, catalogue)
    known = () if work.held else work.terminals
    if more := [one for one in dict.fromkeys(d.terminal for d in sent) if one not in set(known)]:
        entry = msgspec.structs.replace(entry, detail={**entry.detail, "to": more})
    return entry, delivery


def queued(terminals: Sequence[str]) -> str:
    """For whom a message lies ready: the first by name, the others counted."""
    more = len(terminals) - NAMED_MAX
    others = f" AND {more:,} MORE" if more > 0 else ""
    return f"QUEUED FOR {', '.join(terminals[:NAMED_MAX])}{others}"


def is_name_search(work: Work) -> bool:
    """Whether a work goes to the lane of names, so that numbers never queue behind names."""
    return work.message is not None and any(_asks_name(leg) for leg in work.legs)


def _asks_name(leg: Asked) -> bool:
    return leg.source is Source.STATE and bool(leg.message.get("NAM"))


def local_questions(questions: Sequence[Question], local: str) -> list[Question]:
    """Those that our own files answer."""
    return [question for question in questions if question.source == local]
