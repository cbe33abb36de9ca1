"""Controls AU of CJIS Security Policy 5.9.5 over a whole switch: what is written down, by whom, and who may undo it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import asyncpg
import msgspec
import pytest

from tests.app.offices import call, office
from tests.app.test_commands import POLICE, cli, config
from tests.app.test_coordination import ADMIN, BAD
from tests.app.test_coordination import coordination as staffed
from tests.app.test_explaining import explaining, incident
from tests.app.test_house_doors import GUESS, QV, World, world
from tests.policy.conftest import PASSWORD, SECRET
from tests.sealed import entries
from tests.switch.stage import DESK, car, send
from wireroom.app import database as db
from wireroom.app.assemble import now
from wireroom.app.house import AppHouse
from wireroom.app.roles import OVERSIGHT, ROLES, SWITCH, WEB
from wireroom.journal.entry import Entry
from wireroom.journal.tags import Tag
from wireroom.message.deadlines import Board
from wireroom.message.envelope import Seat
from wireroom.message.reason import Reason
from wireroom.policy.secret import code_at
from wireroom.web import house as doors
from wireroom.wire.payload import Refusal

__all__ = ["config", "world"]  # fixtures
NOW = now().isoformat()
SOURCE = Path(__file__).parents[2] / "src"
AUDITOR = msgspec.structs.replace(DESK, role="auditor")


# --------------------------------------------------------------------------- AU-2: each event, done and refused


async def signed_in(world: World) -> doors.Session:
    session = await world.sign_in()
    assert isinstance(session, doors.Session)
    return session


async def locked(world: World) -> str:
    token = (await signed_in(world)).token
    world.stage.clock.tick(31 * 60)
    return token


async def unlock(world: World, token: str, password: str) -> object:
    code = code_at(SECRET, world.stage.clock())
    return await world.house.unlock(token, password=password, code=code, peer="peer")


async def board(world: World, seat: Seat) -> object:
    async def read(seat: Seat, at: object) -> Board:
        return Board(at=world.stage.clock(), groups=())

    house = AppHouse(
        switch=world.switch, people=world.people, book=world.book, partners=(), demo=False,
        clock=world.stage.clock, board=read,
    )  # fmt: skip
    return await house.deadlines(seat)


async def nothing(world: World) -> object:
    return None


async def a_question(world: World) -> int:
    return (await send(world.stage, world.switch, QV)).number


async def a_seat(world: World) -> Seat:
    return await world.seated(world.logon())


Before = Callable[[World], Awaitable[object]]
Act = Callable[[World, object], Awaitable[object]]
# What happens; what must have been before; the act; the entries that tell of such an event; which one it is.
EVENTS: dict[str, tuple[Before, Act, frozenset[Tag], Tag]] = {}


def event(name: str, act: Act, tag: Tag, *others: Tag, before: Before = nothing) -> None:
    EVENTS[name] = (before, act, frozenset({tag, *others}), tag)


LOGON = (Tag.SESSION_OPENED, Tag.SESSION_REFUSED)
TEXT = (Tag.INQUIRY_ASKED, Tag.ENTRY_ASKED, Tag.MESSAGE_ASKED, Tag.TEXT_REFUSED, Tag.TEXT_FAULTY)
event("logon at a page", lambda w, _: w.sign_in(), Tag.SESSION_OPENED, *LOGON)
event("logon at a page, refused", lambda w, _: w.sign_in(password=GUESS), Tag.SESSION_REFUSED, *LOGON)
event("logon on a line", lambda w, _: w.door.logon(w.logon(), "peer"), Tag.SESSION_OPENED, *LOGON)
event("logon on a line, refused", lambda w, _: w.door.logon(w.logon(secret=GUESS), "peer"), Tag.SESSION_REFUSED,
      *LOGON)  # fmt: skip
event("logon of a system", lambda w, _: w.door.logon(w.interface(), "peer"), Tag.SESSION_OPENED, *LOGON)
event("logon of a system, refused", lambda w, _: w.door.logon(w.interface(secret="0" * 64), "peer"),
      Tag.SESSION_REFUSED, *LOGON)  # fmt: skip
event("unlocking", lambda w, t: unlock(w, str(t), PASSWORD), Tag.SESSION_OPENED, *LOGON, before=locked)
event("unlocking, refused", lambda w, t: unlock(w, str(t), GUESS), Tag.SESSION_REFUSED, *LOGON, before=locked)
event("the end of a session", lambda w, s: w.house.sign_out(s.token), Tag.SESSION_CLOSED,  # type: ignore[attr-defined]
      before=signed_in)  # fmt: skip
event("the end of a line", lambda w, s: w.door.closed(s), Tag.SESSION_CLOSED, before=a_seat)  # type: ignore[arg-type]
event("reading records", lambda w, _: send(w.stage, w.switch, QV), Tag.INQUIRY_ASKED, *TEXT)
event("reading records, refused", lambda w, _: send(w.stage, w.switch, QV, AUDITOR), Tag.TEXT_REFUSED, *TEXT)
event("reading records, faulty", lambda w, _: send(w.stage, w.switch, "QV.LIC/"), Tag.TEXT_FAULTY, *TEXT)
event("writing a record", lambda w, _: send(w.stage, w.switch, car()), Tag.ENTRY_ASKED, *TEXT)
event(
    "writing a record, refused", lambda w, _: send(w.stage, w.switch, car(), AUDITOR), Tag.TEXT_REFUSED, *TEXT
)
event(
    "a change of rights",
    lambda w, _: office(w).people.record(call(w, ADMIN), BAD),
    Tag.PERSON_CHANGED,
    before=staffed,
)
event(
    "a change of rights, refused",
    lambda w, _: office(w).people.record(call(w, DESK), BAD),
    Tag.PERSON_CHANGED,
)
event("reading rights", lambda w, _: office(w).people.members(call(w, ADMIN)), Tag.PEOPLE_LISTED)
event("reading rights, refused", lambda w, _: office(w).people.members(call(w, DESK)), Tag.PEOPLE_LISTED)
event("reading what others asked", lambda w, _: explaining(w).unexplained(AUDITOR), Tag.REASONS_LISTED)
event("reading what others asked, refused", lambda w, _: explaining(w).unexplained(DESK), Tag.REASONS_LISTED)
event("reading the board", lambda w, _: board(w, DESK), Tag.RECORDS_LISTED, Tag.TEXT_REFUSED)
event("reading the board, refused", lambda w, _: board(w, AUDITOR), Tag.TEXT_REFUSED, Tag.RECORDS_LISTED)
event("what a CAD says", lambda w, _: explaining(w).cad("Y001", w.keys.interface_secret("Y001"), "p", [incident(w)]),
      Tag.CAD_TAKEN, *LOGON)  # fmt: skip
event("what a CAD says, refused", lambda w, _: explaining(w).cad("Y001", "x", "p", [incident(w)]),
      Tag.SESSION_REFUSED, Tag.CAD_TAKEN)  # fmt: skip
event("a reason afterwards", lambda w, n: explaining(w).explain(DESK, int(str(n)), Reason(words="TAGS")),
      Tag.REASON_GIVEN, before=a_question)  # fmt: skip


def not_done(answer: object) -> bool:
    """Whether an act was refused, or could not be read."""
    return isinstance(answer, doors.Refusal | Refusal) or getattr(answer, "state", "accepted") != "accepted"


@pytest.mark.anyio
@pytest.mark.parametrize("name", EVENTS)
async def test_AU_2_each_event_is_exactly_one_entry_done_or_refused(world: World, name: str) -> None:
    before, act, kind, tag = EVENTS[name]
    given = await before(world)
    already = len(await world.stage.journal())
    answer = await act(world, given)
    assert not_done(answer) is ("," in name), answer
    told = [entry.tag for entry in (await world.stage.journal())[already:] if entry.tag in kind]
    assert told == [tag], answer


def test_AU_2_each_event_is_tried_both_ways() -> None:
    """But for what cannot be refused, and a faulty text beside."""
    refused = {name.removesuffix(", refused") for name in EVENTS if name.endswith(", refused")}
    done = {name for name in EVENTS if "," not in name}
    assert refused <= done
    assert done - refused == {"the end of a session", "the end of a line", "a reason afterwards"}


# Commands on the machine itself: what is typed, and whether it is done.
COMMANDS = {
    "a new account": (("person", "add", "q.new", "Q", POLICE, "--password", PASSWORD), Tag.PERSON_CHANGED, 0),
    "a new account, refused": (("person", "add", "q.new", "Q", "CA0960100", "--password", PASSWORD),
                               Tag.PERSON_CHANGED, 1),
    "a password": (("person", "password", "p.vale", "--password", PASSWORD + "!"), Tag.PERSON_CHANGED, 0),
    "a password, refused": (("person", "password", "p.vale", "--password", "Sheriff2026!"), Tag.PERSON_CHANGED, 1),
    "a stop": (("person", "stop", "p.vale"), Tag.PERSON_CHANGED, 0),
    "a stop, refused": (("person", "stop", "nobody"), Tag.PERSON_CHANGED, 1),
    "an authenticator": (("person", "authenticator", "p.vale"), Tag.PERSON_CHANGED, 0),
    "an authenticator, refused": (("person", "authenticator", "nobody"), Tag.PERSON_CHANGED, 1),
    "a terminal": (("terminal", "add", "zz09", POLICE), Tag.TERMINAL_CHANGED, 0),
    "a terminal, refused": (("terminal", "add", "zz09", "CA0960100"), Tag.TERMINAL_CHANGED, 1),
    "a look at the journal": (("journal", "find"), Tag.JOURNAL_SEARCHED, 0),
    "a report of access": (("journal", "access", POLICE, "--since", NOW[:10]), Tag.JOURNAL_SEARCHED, 0),
    "a check of the journal": (("journal", "verify"), Tag.JOURNAL_VERIFIED, 0),
    "an export of the journal, refused": (("journal", "export", "nowhere/x"), Tag.JOURNAL_EXPORTED, 1),
    "an incident": (("incident", "open", "other", POLICE, "--known", "X"), Tag.INCIDENT_OPENED, 0),
    "an incident, refused": (("incident", "open", "other", POLICE, "--known", "X", "--by", "p.vale"),
                             Tag.INCIDENT_REFUSED, 1),
    "a look at incidents": (("incident", "list"), Tag.INCIDENT_SHOWN, 0),
    "a review, refused": (("journal", "review", "prepare", POLICE, "--by", "p.vale"), Tag.REVIEW_REFUSED, 1),
    "a report to a subject, refused": (("journal", "about", "--name", "TESTCASE, JANE", "--dob", "19900101",
                                        "--for", "X"), Tag.SUBJECT_REFUSED, 1),
    "a hold, refused": (("journal", "hold", "ask", POLICE, "--since", "2026-01-01", "--until", "2036-01-01",
                         "--why", "X", "--by", "p.vale"), Tag.HOLD_CHANGED, 1),
    "a checkpoint, refused": (("journal", "checkpoint"), Tag.JOURNAL_EXPORTED, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_AU_2_each_command_is_exactly_one_entry_done_or_refused(
    config: Path, database: str, name: str
) -> None:
    cli("agency", "add", POLICE, "Example City Police", config=config)
    cli("person", "add", "p.vale", "Pat", POLICE, "--password", PASSWORD, config=config)
    already = len(entries(database, config.parent / "secrets"))
    words, tag, code = COMMANDS[name]
    result = cli(*words, config=config)
    assert (result.exit_code != 0) is bool(code), result.output
    assert [entry.tag for entry in entries(database, config.parent / "secrets")[already:]] == [tag]


# --------------------------------------------------------------------------- AU-3: what an entry says


@pytest.mark.anyio
async def test_AU_3_an_entry_says_what_when_where_whose_who_and_what_came_of_it(world: World) -> None:
    session = await signed_in(world)
    receipt = await send(world.stage, world.switch, QV, session.seat)
    opened, asked, answered = await world.stage.journal()
    assert [one.tag for one in (opened, asked, answered)] == [
        Tag.SESSION_OPENED, Tag.INQUIRY_ASKED, Tag.ANSWER_GIVEN,
    ]  # fmt: skip
    for entry in (opened, asked, answered):
        assert (entry.at, entry.terminal, entry.ori, entry.person) == (
            world.stage.clock(), "Z001", POLICE, "p.vale",
        )  # fmt: skip
    assert (opened.detail["peer"], opened.detail["door"]) == ("peer", "page")
    assert asked.number == asked.transaction == answered.transaction == receipt.number
    assert (asked.detail["text"], asked.detail["purpose"]) == (QV, "C")
    assert answered.detail["state"]


# --------------------------------------------------------------------------- AU-9(4), AU-11: who may undo it


async def parts_of_the_journal(pool: db.Pool) -> list[str]:
    """The table and every partition of it, and what proves it."""
    rows = await pool.fetch(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'journal'::regclass"
    )
    return ["journal", *(row["name"] for row in rows), "journal_span", "journal_checkpoint"]


@pytest.mark.anyio
@pytest.mark.parametrize("role", ROLES)
async def test_AU_11_no_role_deletes_changes_or_empties_anything_of_the_journal(
    pool: db.Pool, as_role: Callable[[str], str], role: str
) -> None:
    parts = await parts_of_the_journal(pool)
    assert len(parts) > 3, "there is a partition"
    async with await db.pool(as_role(role), role, 1) as own:
        for part in parts:
            column = {"journal_span": "leaves", "journal_checkpoint": "note"}.get(part, "tag")
            for statement in (
                f"DELETE FROM {part}",
                f"UPDATE {part} SET {column} = {column}",
                f"TRUNCATE {part}",
                f"DROP TABLE {part}",
                f"ALTER TABLE {part} DISABLE TRIGGER ALL",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await own.execute(statement)


@pytest.mark.anyio
async def test_AU_9_4_the_doors_do_not_read_the_journal_and_oversight_only_reads(
    pool: db.Pool, as_role: Callable[[str], str]
) -> None:
    async with await db.pool(as_role(WEB), WEB, 1) as doors_own:
        for part in await parts_of_the_journal(pool):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await doors_own.fetch(f"SELECT * FROM {part}")
    async with await db.pool(as_role(OVERSIGHT), OVERSIGHT, 1) as reader:
        assert await reader.fetch("SELECT number FROM journal") == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute("INSERT INTO journal_pending (batch) VALUES (1)")
    async with await db.pool(as_role(SWITCH), SWITCH, 1) as writer:
        assert await writer.fetch("SELECT number FROM journal") == []


# The one statement that touches an entry that stands: it seals what stood in clear before there was sealing.
SEALS = {"src/wireroom/app/sealing.py"}
UNDOES = re.compile(
    r"\b(delete\s+from|truncate(\s+table)?|update|drop\s+table(\s+if\s+exists)?|alter\s+table|detach\s+partition)"
    r"\s+(only\s+)?\"?journal(_rest|_span|_checkpoint|_2\w*)?\"?(?![\w.])(?!\s+alter\s+column\s+leaves)",
    re.IGNORECASE,
)


def undoing(folder: Path) -> set[str]:
    return {
        path.relative_to(SOURCE.parent).as_posix()
        for path in folder.rglob("*")
        if path.suffix in {".py", ".sql"} and "migrations" not in path.parts
        and UNDOES.search(path.read_text(encoding="utf-8"))
    }  # fmt: skip


def test_AU_11_no_code_of_ours_takes_an_entry_away() -> None:
    assert undoing(SOURCE) == SEALS


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM journal WHERE at < $1", True), ("drop table journal_2026_01", True),
        ("UPDATE journal AS j SET body = $1", True), ("ALTER TABLE journal DETACH PARTITION x", True),
        ("TRUNCATE journal_span", True), ("DELETE FROM journal_pending", False), ("UPDATE journal_tree SET", False),
        ("INSERT INTO journal (number)", False), ("SELECT * FROM journal", False),
    ],
)  # fmt: skip
def test_AU_11_the_rule_finds_a_statement_that_would(statement: str, found: bool) -> None:
    assert bool(UNDOES.search(statement)) is found


def test_AU_11_no_command_of_the_journal_takes_anything_away() -> None:
    listed = cli("journal", "--help").stdout.partition("Commands:")[2]
    assert re.findall(r"^  (\w+) ", listed, re.MULTILINE) == [
        "about", "access", "checkpoint", "export", "find", "hold", "review", "room", "verify",
    ]  # fmt: skip


def test_AU_11_whatever_is_done_the_entries_before_it_stand(config: Path, database: str) -> None:
    """Every entry of a story on the machine is there after each of its acts, as it was."""
    told: list[list[Entry]] = []
    for words in (
        ("agency", "add", POLICE, "Example City Police"),
        ("terminal", "add", "zz01", POLICE),
        ("person", "add", "p.vale", "Pat", POLICE, "--password", PASSWORD),
        ("person", "stop", "p.vale"),
        ("journal", "find"),
        ("database", "upgrade"),
        ("journal", "verify"),
    ):
        cli(*words, config=config)
        told.append(entries(database, config.parent / "secrets"))
    for earlier, later in pairwise(told):
        assert later[: len(earlier)] == earlier
    assert len(told[-1]) >= 6
