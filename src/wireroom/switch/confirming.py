"""Hit confirmation as work with a clock: who was asked, when an answer is due, and what happens where none comes.

Ten minutes for an urgent request, one hour for a routine one. Then the request goes out a second and a third time, with
copies to the control agency; then it is escalated: it stands in a list until somebody answers. The clock is a column of
the database, so a process that dies takes no request with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from wireroom.catalog.file import Verb
from wireroom.catalog.index import Catalogue
from wireroom.journal.sealing import Place, Texts
from wireroom.message.answer import Answer, Delivery, State
from wireroom.message.envelope import Message
from wireroom.message.local import timed
from wireroom.message.write import write
from wireroom.policy.directory import Directory
from wireroom.switch.work import SWITCH, Work, mail_to

REQUESTS = Place("confirmation", "text")
PERIOD = {"U": timedelta(minutes=10), "R": timedelta(hours=1)}  # sourced: national.md 4.4
ROUNDS_MAX = 3
SHOWN_MAX = 50
AT_ONCE = 500
BESIDE = frozenset({"TO", "PUR", "CAS", "ATN"})  # what the owner of a record is not told
NUMBER_MAX = (1 << 63) - 1  # of the journal; what is greater numbers nothing
ORDINAL = {1: "1ST", 2: "2ND", 3: "3RD"}
SAID = {
    "Y": "CONFIRMED",
    "N": "NOT CONFIRMED: DO NOT ACT ON IT",
    "V": "VALID, NO EXTRADITION",
    "E": "BEING CONFIRMED",
}

ASK = """
insert into confirmation (number, record, owner, ori, terminal, person, test, priority, round, state, said, asked_at,
                          due_at, text)
values ($1, $2, $3, $4, $5, $6, $7, $8, 1, 'waiting', '', $9, $10, $11)
"""
_ROW = """
select number, record, owner, ori, terminal, person, test, priority, round, state, said, asked_at, due_at, text
"""
# The priority of a hit: in the same table broadcasts wait for a supervisor, under a letter of their own.
_HITS = "priority in ('U', 'R')"
FOR_ANSWER = f"{_ROW} from confirmation where number = $1 and test = $2 and {_HITS} for update"
ANSWERED = "update confirmation set state = $2, said = $3, due_at = $4 where number = $1"
STRUCK = f"""
{_ROW} from confirmation where due_at <= $1 and {_HITS} order by due_at limit $2 for update skip locked
"""
AGAIN = "update confirmation set round = $2, state = $3, due_at = $4 where number = $1"
_OPEN = f"test = $2 and state <> 'answered' and {_HITS} order by asked_at, number limit $3"
LISTS = {
    "OWED": f"{_ROW} from confirmation where owner = $1 and {_OPEN}",
    "ASKED": f"{_ROW} from confirmation where ori = $1 and {_OPEN}",
    "ESCALATED": f"{_ROW} from confirmation where (owner = $1 or ori = $1) and state = 'escalated' and {_OPEN}",
}


async def carry(
    texts: Texts,
    connection: asyncpg.Connection,
    work: Work,
    number: int,
    now: datetime,
    directory: Directory,
    catalogue: Catalogue,
) -> tuple[Answer, list[Delivery]]:
    """What the sender of a request, an answer or a list is told, and what others get. In the caller's transaction."""
    message = work.message
    assert message is not None, "only a message that may move is carried"
    verb = catalogue.forms[message.key].verb
    if verb is Verb.CONFIRM:
        return await _ask(texts, connection, work, message, number, now, directory, catalogue)
    if verb is Verb.REPLY:
        return await _answer(connection, work, message, number, now, directory)
    return await _listed(connection, work, message, now), []


async def _ask(
    texts: Texts,
    connection: asyncpg.Connection,
    work: Work,
    message: Message,
    number: int,
    now: datetime,
    directory: Directory,
    catalogue: Catalogue,
) -> tuple[Answer, list[Delivery]]:
    seat, to = work.arrival.seat, message.get("TO")
    owner = directory.ori_of(to) or to
    record, priority = message.get("FCN") or message.get("NIC"), message.get("PRI")
    due = now + PERIOD[priority]
    said = [f"{code}/{value}" for code, value in message.fields]
    text = _request(said, seat.ori, seat.terminal, number, 1)
    [sealed] = await texts.sealed(REQUESTS, [(number, write(message).encode())])
    await connection.execute(
        ASK, number, record, owner, seat.ori, seat.terminal, seat.person, seat.test, priority, now, due, sealed
    )  # fmt: skip
    deliveries = mail_to(
        work.terminals, number, now, source=seat.terminal, title=_title(priority, 1, record), text=text,
        asked=_to_answer(write(message), number),
    )  # fmt: skip
    told = f"{owner} WAS ASKED TO CONFIRM {record}, AN ANSWER IS DUE BY {timed(due)}"
    return Answer(source=SWITCH, state=State.ACCEPTED, text=told), deliveries


async def _answer(
    connection: asyncpg.Connection,
    work: Work,
    message: Message,
    number: int,
    now: datetime,
    directory: Directory,
) -> tuple[Answer, list[Delivery]]:
    seat = work.arrival.seat
    request = int(message.get("REF"))
    row = await connection.fetchrow(FOR_ANSWER, request, seat.test) if request <= NUMBER_MAX else None
    if row is None or row["owner"] != seat.ori:
        return _refused(f"NO REQUEST {message.get('REF')} WAS SENT TO YOUR AGENCY"), []
    if row["state"] == "answered":
        return _refused(f"ANSWERED ALREADY: {SAID[row['said']]}"), []
    said = message.get("CON")
    promised = said == "E"
    due = now + timedelta(hours=int(message.get("ELP"))) if promised else None
    await connection.execute(ANSWERED, row["number"], "promised" if promised else "answered", said, due)
    words = SAID[said] + (f" BY {timed(due)}" if due is not None else "")
    lines = [
        f"YR.{seat.ori}.{seat.terminal}",
        f"REQUEST {row['number']} ABOUT {row['record']}: {words}",
        *(f"{code}/{message.get(code)}" for code in ("CNA", "PHO", "REM") if message.get(code)),
    ]
    to = directory.reach(row["terminal"], test=seat.test) or directory.desks(row["ori"], test=seat.test)
    deliveries = mail_to(
        to, number, now, source=seat.terminal, title=f"HIT {words} - {row['record']}", text="\n".join(lines),
        asked=f"{_about(row, message.key)}.CON/{said}",
    )  # fmt: skip
    told = f"{row['ori']}/{row['terminal']} WAS TOLD: {words}"
    return Answer(source=SWITCH, state=State.ACCEPTED, text=told), deliveries


async def _listed(connection: asyncpg.Connection, work: Work, message: Message, now: datetime) -> Answer:
    seat = work.arrival.seat
    rows = await connection.fetch(LISTS[message.get("LST")], seat.ori, seat.test, SHOWN_MAX)
    if not rows:
        return Answer(source=SWITCH, state=State.NO_RECORD, text="NOTHING WAITS IN THIS LIST")
    lines = [
        f"{row['number']} {row['record']} {row['owner']} ASKED BY {row['ori']}/{row['terminal']} "
        f"{ORDINAL[row['round']]} REQUEST, {_standing(row)}"
        for row in rows
    ]
    return Answer(source=SWITCH, state=State.ACCEPTED, text="\n".join((f"{len(rows)} WAIT", *lines)))


def _standing(row: asyncpg.Record) -> str:
    if row["due_at"] is None:
        return "NOBODY ANSWERED: CALL THEM"
    return f"{'PROMISED' if row['state'] == 'promised' else 'DUE'} BY {timed(row['due_at'])}"


async def struck(
    connection: asyncpg.Connection,
    texts: Texts,
    now: datetime,
    numbers: Sequence[int],
    directory: Directory,
    control: str,
) -> tuple[list[tuple[int, dict[str, object]]], list[Delivery]]:
    """What becomes of requests whose time is up: asked again, or escalated. In the caller's transaction.

    At most as many as there are numbers. Gives the details for the journal, by number, and the deliveries.
    """
    details: list[tuple[int, dict[str, object]]] = []
    deliveries: list[Delivery] = []
    rows = await connection.fetch(STRUCK, now, min(len(numbers), AT_ONCE))
    opened = await texts.opened(connection, REQUESTS, [(row["number"], row["text"]) for row in rows])
    for number, row, request in zip(numbers, rows, opened, strict=False):
        again = row["round"] + 1
        over = again > ROUNDS_MAX
        period = PERIOD[row["priority"]]
        due = None if over else max(row["due_at"] + period, now)
        state = "escalated" if over else "waiting"
        await connection.execute(AGAIN, row["number"], min(again, ROUNDS_MAX), state, due)
        details.append(
            (number, {"request": row["number"], "record": row["record"], "round": again, "state": state})
        )
        deliveries += _sent_again(row, request.decode(), number, now, again, directory, control)
    return details, deliveries


def _sent_again(
    row: asyncpg.Record,
    request: str,
    number: int,
    now: datetime,
    again: int,
    directory: Directory,
    control: str,
) -> list[Delivery]:
    """The next request to the owner, with its copies; and word to whoever asked."""
    test = row["test"]
    owners = directory.desks(row["owner"], test=test)
    copies = tuple(t for t in directory.desks(control, test=test) if t not in owners)
    asker = directory.reach(row["terminal"], test=test) or directory.desks(row["ori"], test=test)
    if again > ROUNDS_MAX:
        words = f"NOBODY CONFIRMED {row['record']}: {row['owner']} DID NOT ANSWER THREE REQUESTS"
        to = dict.fromkeys((*owners, *copies, *asker))
        text = f"{words}\nREQUEST {row['number']}"
        return mail_to(tuple(to), number, now, source=SWITCH, title=words, text=text, asked=_about(row))
    _, *said = request.split(".")
    text = _request(said, row["ori"], row["terminal"], row["number"], again)
    title = _title(row["priority"], again, row["record"])
    data = _to_answer(request, row["number"])
    sent = mail_to(owners, number, now, source=row["terminal"], title=title, text=text, asked=data)
    copied = mail_to(copies, number, now, source=row["terminal"], title=f"COPY: {title}", text=text)
    word = f"NO ANSWER YET ABOUT {row['record']}: {ORDINAL[again]} REQUEST SENT TO {row['owner']}"
    told = [one for one in asker if one not in owners and one not in copies]
    word_sent = mail_to(tuple(told), number, now, source=SWITCH, title=word, text=word, asked=_about(row))
    return [*sent, *copied, *word_sent]


def _to_answer(text: str, number: int) -> str:
    """A request as data for whoever shows it to the owner: what it says of the record, and how to answer it."""
    said = [one for one in text.split(".") if one.partition("/")[0] not in BESIDE]
    return ".".join((*said, f"REF/{number}"))


def _about(row: asyncpg.Record, key: str = "YQ") -> str:
    """Which record a word about a request is about, as data for whoever shows it."""
    kind = "FCN" if row["record"].isdigit() else "NIC"
    return f"{key}.{kind}/{row['record']}"


def _request(said: Sequence[str], ori: str, terminal: str, number: int, round_: int) -> str:
    """The same each time but for its number: whoever reads the third has not read the first."""
    lines = [f"YQ.{ori}.{terminal}", f"{ORDINAL[round_]} REQUEST"]
    lines += [pair for pair in said if pair.partition("/")[0] not in BESIDE]
    return "\n".join((*lines, f"ANSWER WITH YR REF/{number}"))


def _title(priority: str, round_: int, record: str) -> str:
    word = "URGENT" if priority == "U" else "ROUTINE"
    return f"CONFIRM HIT {record} - {word}, {ORDINAL[round_]} REQUEST"


def _refused(text: str) -> Answer:
    return Answer(source=SWITCH, state=State.REFUSED, text=text)
