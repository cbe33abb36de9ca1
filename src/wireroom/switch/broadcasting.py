"""Messages from one terminal to others: sent at once, refused for what a record says, or held for a supervisor.

What is held waits in the table of requests that an agency must answer, with the moment at which it lapses: a process
that dies takes none with it, and what nobody approved in time is told to its sender and not sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import asyncpg
import msgspec

from wireroom.catalog.broadcast import Broadcast, numbers_in
from wireroom.catalog.file import Verb
from wireroom.catalog.index import Catalogue
from wireroom.catalog.reach import Reach, spoken
from wireroom.catalog.tables import spoken as meaning
from wireroom.journal.sealing import Texts
from wireroom.message.answer import Answer, Delivery, State
from wireroom.message.envelope import Message, Seat
from wireroom.message.local import timed
from wireroom.message.reply import prose_of
from wireroom.policy.directory import Directory
from wireroom.switch.addressing import addressed
from wireroom.switch.confirming import REQUESTS
from wireroom.switch.work import SWITCH, Work, mail_to, queued

APPROVED_WITHIN = timedelta(hours=1)  # ours: what waits longer is stale, and is written anew
SHOWN_MAX = 50
MEMBERS_SHOWN_MAX = 500
LAPSED_AT_ONCE = 200
NUMBER_MAX = (1 << 63) - 1
HELD = "B"  # in the place of a request's priority: a broadcast that waits for a supervisor
SAID = {"Y": "APPROVED ALREADY", "N": "REFUSED ALREADY", "L": "NOT APPROVED IN TIME: IT MUST BE SENT ANEW"}

HOLD = """
insert into confirmation (number, record, owner, ori, terminal, person, test, priority, round, state, said, asked_at,
                          due_at, text)
values ($1, $2, $3, $3, $4, $5, $6, $10, 1, 'waiting', '', $7, $8, $9)
"""
_ROW = "select number, record, owner, ori, terminal, person, test, state, said, asked_at, due_at, text"
FOR_DECISION = f"{_ROW} from confirmation where number = $1 and test = $2 and priority = '{HELD}' for update"
DECIDED = "update confirmation set state = 'answered', said = $2, due_at = null where number = $1"
OVER = f"""
{_ROW} from confirmation where due_at <= $1 and priority = '{HELD}' order by due_at limit $2 for update skip locked
"""
WAITING = f"""
{_ROW} from confirmation where owner = $1 and test = $2 and state <> 'answered' and priority = '{HELD}'
 order by number limit $3
"""
_encode = msgspec.json.encode
_message = msgspec.json.Decoder(Message).decode


class Subjects(Protocol):
    """Files that say what a broadcast about a record of theirs is."""

    async def subjects(
        self, connection: asyncpg.Connection, numbers: Sequence[str], *, test: bool
    ) -> dict[str, str]:
        """Those of the numbers that are on file, each with the subject that its record gives to any broadcast."""
        ...


class Sender(msgspec.Struct, frozen=True):
    """Who wrote what is sent."""

    ori: str
    terminal: str


async def carry(
    texts: Texts,
    files: Subjects,
    connection: asyncpg.Connection,
    work: Work,
    number: int,
    now: datetime,
    directory: Directory,
    catalogue: Catalogue,
) -> tuple[Answer, list[Delivery]]:
    """What the sender of a message, a decision or a list is told, and what others get. In the caller's transaction."""
    message = work.message
    assert message is not None, "only a message that may move is carried"
    verb = catalogue.forms[message.key].verb
    if verb is Verb.MESSAGE:
        return await _send(texts, files, connection, work, message, number, now, directory, catalogue)
    if verb is Verb.APPROVE:
        return await _decide(texts, files, connection, work, message, number, now, directory, catalogue)
    return await _listed(texts, connection, work, message, directory), []


async def _send(  # noqa: PLR0913 - all that it needs
    texts: Texts,
    files: Subjects,
    connection: asyncpg.Connection,
    work: Work,
    message: Message,
    number: int,
    now: datetime,
    directory: Directory,
    catalogue: Catalogue,
) -> tuple[Answer, list[Delivery]]:
    seat, sender = work.arrival.seat, Sender(work.arrival.seat.ori, work.arrival.seat.terminal)
    if refusal := await _barred(files, connection, message, catalogue, test=seat.test):
        return _refused(refusal), []
    if not work.held:
        sent = mail(message, sender, work.terminals, number, now, catalogue)
        return Answer(source=SWITCH, state=State.ACCEPTED, text=queued(work.terminals)), sent
    due = now + APPROVED_WITHIN
    key = next(form.key for form in catalogue.forms.values() if form.verb is Verb.APPROVE)
    [sealed] = await texts.sealed(REQUESTS, [(number, _encode(message))])
    await connection.execute(
        HOLD, number, message.get("FCN"), seat.ori, seat.terminal, seat.person, seat.test, now, due,
        sealed, HELD,
    )  # fmt: skip
    desks = tuple(one for one in directory.desks(seat.ori, test=seat.test) if one != seat.terminal)
    lines = [
        f"{message.key}.{seat.ori}.{seat.terminal}",
        f"BY {seat.person}, LAPSES AT {timed(due)}",
        f"ANSWER WITH {key} REF/{number}",
        *_heading(message, catalogue),
        prose_of(message, catalogue),
    ]
    asked = mail_to(
        desks, number, now, source=seat.terminal, title=f"TO APPROVE: BROADCAST OF {seat.person}",
        text="\n".join(lines), asked=f"{key}.REF/{number}",
    )  # fmt: skip
    told = f"HELD FOR A SUPERVISOR OF {seat.ori} UNTIL {timed(due)}: {key} REF/{number}"
    return Answer(source=SWITCH, state=State.ACCEPTED, text=told), asked


def mail(
    message: Message,
    sender: Sender,
    terminals: Sequence[str],
    number: int,
    at: datetime,
    catalogue: Catalogue,
    approved: str = "",
) -> list[Delivery]:
    """A message as it comes to each terminal it goes to."""
    head = f"{message.key}.{sender.ori}.{sender.terminal}"
    title = f"{catalogue.forms[message.key].title.upper()} FROM {sender.ori}/{sender.terminal}"
    by = (f"APPROVED BY {approved}",) if approved else ()
    text = "\n".join((head, *_heading(message, catalogue), *by, prose_of(message, catalogue)))
    return mail_to(terminals, number, at, source=sender.terminal, title=title, text=text, asked=head)


def _heading(message: Message, catalogue: Catalogue) -> list[str]:
    """What stands above the text of a message that has a subject: whom it is for, what it is, about which record."""
    rules = _rules(message, catalogue)
    subject = message.get(rules.subject) if rules else ""
    if rules is None or not subject:
        return []
    to = ", ".join(spoken(one) for one in message.all(rules.to)).upper()
    danger = ", A LIFE IS IN DANGER" if message.get(rules.grave) else ""
    lines = [f"TO {to}", f"{meaning(rules.subjects, subject).upper()}{danger}"]
    return [*lines, *([f"FCN/{message.get('FCN')}"] if message.get("FCN") else [])]


def _rules(message: Message, catalogue: Catalogue) -> Broadcast | None:
    notice = catalogue.forms[message.key].notice
    return notice.broadcast if notice else None


async def _barred(
    files: Subjects, connection: asyncpg.Connection, message: Message, catalogue: Catalogue, *, test: bool
) -> str:
    """Why a message may not go so far by what the records say that it names; empty where it may.

    The field names one, and the text may: what a record is decides, whatever subject was said.
    """
    rules, linked = _rules(message, catalogue), message.get("FCN")
    if rules is None:
        return ""
    values = message.values
    wide = rules.widest(values) > Reach.AGENCY
    numbers = dict.fromkeys(
        (*((linked,) if linked else ()), *(numbers_in(message.get(rules.text)) if wide else ()))
    )
    found = await files.subjects(connection, tuple(numbers), test=test) if numbers else {}
    if linked and linked not in found:
        return f"FCN NOT ON FILE {linked}"
    for number, subject in found.items():
        if wide and (reason := rules.barred(subject, values)):
            return f"{rules.subject} BY RECORD {number}: {reason}".upper()
    return ""


async def _decide(  # noqa: PLR0913 - all that it needs
    texts: Texts,
    files: Subjects,
    connection: asyncpg.Connection,
    work: Work,
    message: Message,
    number: int,
    now: datetime,
    directory: Directory,
    catalogue: Catalogue,
) -> tuple[Answer, list[Delivery]]:
    seat = work.arrival.seat
    held = int(message.get("REF"))
    row = await connection.fetchrow(FOR_DECISION, held, seat.test) if held <= NUMBER_MAX else None
    if row is None or row["owner"] != seat.ori:
        return _refused(f"REF NO BROADCAST {message.get('REF')} OF YOUR AGENCY WAITS"), []
    if row["state"] == "answered":
        return _refused(f"REF {SAID[row['said']]}"), []
    if row["person"] == seat.person:
        return _refused("REF YOU SENT IT YOURSELF: ANOTHER SUPERVISOR APPROVES IT"), []
    teller = directory.reach(row["terminal"], test=seat.test)
    if message.get("APV") != "Y":
        await connection.execute(DECIDED, held, "N")
        words = f"BROADCAST {held} WAS REFUSED BY {seat.person}: {message.get('REM')}"
        return _accepted(f"REFUSED, AND ITS SENDER WAS TOLD: {held}"), _word(teller, number, now, words)
    [sent_text] = await _opened(texts, connection, [row])
    terminals, refusal = await _ready(files, connection, sent_text, message, row, directory, catalogue)
    if refusal:
        return _refused(refusal), []
    await connection.execute(DECIDED, held, "Y")
    sender = Sender(row["ori"], row["terminal"])
    sent = mail(sent_text, sender, terminals, number, now, catalogue, approved=seat.person)
    words = f"BROADCAST {held} WAS APPROVED BY {seat.person}: {queued(terminals)}"
    told = tuple(one for one in teller if one not in terminals)
    return _accepted(f"APPROVED: {queued(terminals)}"), [*sent, *_word(told, number, now, words)]


async def _ready(
    files: Subjects,
    connection: asyncpg.Connection,
    sent: Message,
    approval: Message,
    row: asyncpg.Record,
    directory: Directory,
    catalogue: Catalogue,
) -> tuple[tuple[str, ...], str]:
    """The terminals of a broadcast that is approved, or why it cannot go: as things stand now, not when it was sent."""
    rules, notice = _rules(sent, catalogue), catalogue.forms[sent.key].notice
    assert rules is not None, "what is held is a message to many"
    assert notice is not None, "and touches no file"
    if sent.get(rules.grave) and not approval.get(rules.grave):
        return (
            (),
            f"{rules.grave} IT SAYS THAT A LIFE IS IN DANGER: DECLARE IT TOO WITH {rules.grave}/Y, OR REFUSE IT",
        )
    if refusal := await _barred(files, connection, sent, catalogue, test=row["test"]):
        return (), refusal
    terminals, faults = addressed(sent, notice, directory, _seat_of(row))
    return terminals, "; ".join(f"{fault.field} {fault.reason} {fault.given}".upper() for fault in faults)


def _seat_of(row: asyncpg.Record) -> Seat:
    return Seat(terminal=row["terminal"], ori=row["ori"], person=row["person"], role="", test=row["test"])


async def _opened(
    texts: Texts, connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]
) -> list[Message]:
    """What was sent, of each row."""
    sealed = [(row["number"], row["text"]) for row in rows]
    return [_message(one) for one in await texts.opened(connection, REQUESTS, sealed)]


async def _listed(
    texts: Texts, connection: asyncpg.Connection, work: Work, message: Message, directory: Directory
) -> Answer:
    seat = work.arrival.seat
    if message.get("LST") == "GROUPS":
        lines = _members(message.get("GRP"), directory) if message.get("GRP") else _groups(directory)
    else:
        rows = await connection.fetch(WAITING, seat.ori, seat.test, SHOWN_MAX)
        lines = [
            f"{row['number']} BY {row['person']} AT {row['terminal']}, LAPSES AT {timed(row['due_at'])}: "
            f"TO {', '.join(sent.all('TO'))}"
            for row, sent in zip(rows, await _opened(texts, connection, rows), strict=True)
        ]
    if not lines:
        return Answer(source=SWITCH, state=State.NO_RECORD, text="NOTHING STANDS IN THIS LIST")
    return _accepted("\n".join(lines))


def _groups(directory: Directory) -> list[str]:
    groups = sorted(directory.groups.items())
    return [f"GRP-{name} {len(group.members)} {group.title.upper()}" for name, group in groups]


def _members(name: str, directory: Directory) -> list[str]:
    group = directory.groups.get(name)
    members = group.members[:MEMBERS_SHOWN_MAX] if group else ()
    return [f"{one} {directory.name_of(directory.ori_of(one) or one).upper()}" for one in members]


async def lapsed(
    connection: asyncpg.Connection, now: datetime, numbers: Sequence[int], directory: Directory
) -> tuple[list[tuple[int, dict[str, object]]], list[Delivery]]:
    """What nobody approved in time: over, and its sender told. In the caller's transaction.

    At most as many as there are numbers. Gives the details for the journal, by number, and the deliveries.
    """
    details: list[tuple[int, dict[str, object]]] = []
    deliveries: list[Delivery] = []
    rows = await connection.fetch(OVER, now, min(len(numbers), LAPSED_AT_ONCE))
    for number, row in zip(numbers, rows, strict=False):
        await connection.execute(DECIDED, row["number"], "L")
        details.append((number, {"broadcast": row["number"], "ori": row["ori"]}))
        sender = directory.reach(row["terminal"], test=row["test"])
        to = sender or directory.desks(row["ori"], test=row["test"])
        words = f"NOBODY APPROVED BROADCAST {row['number']} IN TIME: IT WAS NOT SENT"
        deliveries += _word(to, number, now, words)
    return details, deliveries


def _word(terminals: Sequence[str], number: int, now: datetime, words: str) -> list[Delivery]:
    return mail_to(terminals, number, now, source=SWITCH, title=words, text=words)


def _accepted(text: str) -> Answer:
    return Answer(source=SWITCH, state=State.ACCEPTED, text=text)


def _refused(text: str) -> Answer:
    return Answer(source=SWITCH, state=State.REFUSED, text=text)
