"""Claims about the doors' house: who comes in is written down first, and who has gone may send no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from random import Random

import msgspec
import pytest

from tests.conftest import Clock
from tests.policy.conftest import AGENCIES, CHEAP, PASSWORD, SEAL, SECRET, TERMINALS
from tests.switch.stage import CATALOGUE, DESK, Stage, soon
from wireroom.app.database import Pool
from wireroom.app.house import AppHouse
from wireroom.app.keys import Keys
from wireroom.app.line_door import WireDoor
from wireroom.app.populate import make_fit
from wireroom.gateways.link import Link
from wireroom.gateways.partner import Partner
from wireroom.journal import NotWritten
from wireroom.journal.tags import Tag
from wireroom.message.deadlines import Board, Group, Open
from wireroom.message.envelope import Arrival, Seat
from wireroom.policy.directory import Agency, Book, Terminal, add_agency, add_terminal, enable_terminal
from wireroom.policy.people import People, Person
from wireroom.policy.secret import Passwords, code_at
from wireroom.switch.transaction import Limits, Switch
from wireroom.web import house as doors
from wireroom.wire.payload import Logon, Refusal

pytestmark = pytest.mark.anyio
GUESS = "a guess at a password"
QV = "QV.LIC/7QQQ001.LIS/CA"


class World:
    """Both doors over one switch, with people to come in."""

    def __init__(self, stage: Stage, switch: Switch, pool: Pool, keys: Keys) -> None:
        self.stage, self.switch, self.pool = stage, switch, pool
        self.people = People(pool, SEAL, passwords=Passwords(CHEAP))
        self.book = Book(pool)
        self.keys = keys
        self.house = AppHouse(
            switch=switch, people=self.people, book=self.book, partners=(), demo=False, clock=stage.clock
        )
        self.door = WireDoor(switch=switch, people=self.people, book=self.book, keys=keys, clock=stage.clock)

    async def refresh(self) -> None:
        self.switch.directory = await self.book.refresh()

    def logon(self, terminal: str = "Z001", person: str = "p.vale", **changes: str | bool) -> Logon:
        """A person's sign-on on the line; a new code each time, for a code counts once."""
        self.stage.clock.tick(30)
        facts = {"secret": PASSWORD, "code": code_at(SECRET, self.stage.clock()), "purpose": "c"} | changes
        return Logon(terminal=terminal, person=person, **facts)  # type: ignore[arg-type]

    def interface(self, person: str = "cad.user", **changes: str) -> Logon:
        facts = {"secret": self.keys.interface_secret("Y001"), "purpose": "C"} | changes
        return Logon(terminal="Y001", person=person, **facts)  # type: ignore[arg-type]

    async def seated(self, logon: Logon) -> Seat:
        found = await self.door.logon(logon, "peer")
        assert isinstance(found, Seat), found
        return found

    async def sign_in(self, **changes: str) -> doors.Session | doors.Refusal:
        self.stage.clock.tick(30)
        facts = {
            "person": "p.vale", "password": PASSWORD, "code": code_at(SECRET, self.stage.clock()),
            "terminal": "z001", "peer": "peer",
        }  # fmt: skip
        return await self.house.sign_in(**(facts | changes))

    async def tags(self) -> list[str]:
        return [entry.tag for entry in await self.stage.journal()]


@pytest.fixture
async def world(database: str, clock: Clock, pool: Pool, tmp_path: Path) -> AsyncIterator[World]:
    async with Stage(database, clock) as stage, stage.running(limits=Limits(station_queue_max=5)) as switch:
        world = World(stage, switch, pool, Keys(tmp_path / "secrets"))
        for agency in AGENCIES:
            await add_agency(pool, agency, clock())
        for terminal in TERMINALS:
            await add_terminal(pool, terminal, clock())
        await world.people.add(
            Person(id="p.vale", name="Pat Vale", ori="CA0990100", role="operator"),
            password=PASSWORD, otp_secret=SECRET, now=clock(),
        )  # fmt: skip
        await make_fit(pool, clock())
        await world.refresh()
        yield world


# ------------------------------------------------------------------ pages and API


async def test_a_sign_in_is_written_down_before_it_is_answered(world: World) -> None:
    session = await world.sign_in()
    assert isinstance(session, doors.Session)
    [entry] = await world.stage.journal()
    assert (entry.tag, entry.ori, entry.terminal, entry.person) == (
        Tag.SESSION_OPENED, "CA0990100", "Z001", "p.vale"
    )  # fmt: skip
    assert await world.house.session(session.token) is not None
    await world.house.sign_out(session.token)
    assert await world.house.session(session.token) is None
    assert (await world.tags())[-1] == Tag.SESSION_CLOSED


async def test_AU_5_while_the_journal_is_down_nobody_comes_in(world: World) -> None:
    world.stage.writer.trouble = NotWritten("the disk is full")
    with pytest.raises(doors.JournalDown):
        await world.sign_in()
    found = await world.door.logon(world.logon(), "peer")
    assert isinstance(found, Refusal)
    assert found.again
    assert (
        await world.stage.value("select count(*) from session where ended_at is null and kind = 'line'") == 0
    )


@pytest.mark.parametrize("person", ["p.vale", "nobody", "a\x00b", "x" * 500, "\u202e"])
async def test_a_refused_sign_in_is_written_down_with_its_cause_and_no_secret(
    world: World, person: str
) -> None:
    refused = await world.sign_in(person=person, password=GUESS, terminal="z0\x0001-and-more")
    assert isinstance(refused, doors.Refusal)
    found = await world.door.logon(world.logon("Z0\x00", person[:64], secret=GUESS), "peer")
    assert isinstance(found, Refusal)
    assert not found.again
    entries = await world.stage.journal()
    assert [entry.tag for entry in entries] == [Tag.SESSION_REFUSED] * 2
    assert all(entry.detail["cause"] for entry in entries)
    assert all(GUESS not in str(entry) for entry in entries)


async def test_nobody_becomes_somebody_outside_the_demo(world: World) -> None:
    assert isinstance(await world.house.sign_in_as("p.vale", "peer"), doors.Refusal)
    assert await world.stage.value("select count(*) from session") == 0


async def test_trouble_of_the_switch_comes_in_the_doors_own_words(world: World) -> None:
    arrival = Arrival(text=QV, seat=DESK, key="one", at=world.stage.clock(), purpose="C")
    assert (await world.house.transact(arrival)).state == "accepted"
    with pytest.raises(doors.KeyTaken):
        await world.house.transact(msgspec.structs.replace(arrival, text=QV + ".CAS/1"))
    with pytest.raises(doors.KeyTaken):
        await world.house.transact(msgspec.structs.replace(arrival, key=""))
    world.stage.writer.trouble = NotWritten("the disk is full")
    with pytest.raises(doors.JournalDown):
        await world.house.transact(msgspec.structs.replace(arrival, key="two"))
    world.stage.writer.trouble = None
    for key in "abcd":
        await world.house.transact(msgspec.structs.replace(arrival, key=key))
    with pytest.raises(doors.HouseBusy):
        await world.house.transact(msgspec.structs.replace(arrival, key="e"))


async def test_understanding_a_text_sends_nothing(world: World) -> None:
    seat = Seat(terminal="Z001", ori="CA0990100", person="p.vale", role="operator")
    assert world.house.understand("7QQQ001", seat).message is not None
    assert await world.stage.journal() == []
    assert world.house.catalogue is CATALOGUE


async def test_the_links_are_told_as_they_are(world: World) -> None:
    partner = Partner(CATALOGUE, "NCIC", worker=0, deadline_s=1)
    clock = world.stage.clock
    link = Link(
        "NCIC", "127.0.0.1", 1, Logon(terminal="W000"), clock=clock, dice=Random(1), on_late=partner.late
    )
    partner.attach(link, world.switch.settle)
    house = AppHouse(
        switch=world.switch,
        people=world.people,
        book=world.book,
        partners=(partner,),
        demo=False,
        clock=clock,
    )
    [state] = house.links()
    assert (state.name, state.up, state.since, state.waiting) == ("NCIC", False, clock().isoformat(), 0)


# ------------------------------------------------------------------ the board of deadlines


def board_of(world: World, board: Board) -> AppHouse:
    """The house with a board that stands still."""

    async def read(seat: Seat, at: datetime) -> Board:
        assert (seat.ori, at) == ("CA0990100", world.stage.clock())
        return board

    return AppHouse(
        switch=world.switch, people=world.people, book=world.book, partners=(), demo=False,
        clock=world.stage.clock, board=read,
    )  # fmt: skip


def one_overdue(world: World) -> Board:
    now = world.stage.clock()
    row = Open(number="9012632700001", owner="CA0990100", other="", about="TESTCASE, JANE", due_at=now)
    group = Group(file="order", clock="ENTRY", title="t", overdue=1, soon=0, later=0, rows=(row,), kept=())
    return Board(at=now, groups=(group,))


async def test_which_records_a_board_tells_of_is_written_down_before_it_is_shown(world: World) -> None:
    board = one_overdue(world)
    assert await board_of(world, board).deadlines(DESK) == board
    [entry] = await world.stage.journal()
    assert (entry.tag, entry.ori, entry.terminal, entry.person) == (
        Tag.RECORDS_LISTED, "CA0990100", "Z001", "p.vale"
    )  # fmt: skip
    assert entry.detail["hits"] == [["order", "9012632700001", "CA0990100"]]
    assert "TESTCASE" not in str(entry.detail)


async def test_a_board_that_cannot_be_written_down_is_not_shown(world: World) -> None:
    world.stage.writer.trouble = NotWritten("the disk is full")
    with pytest.raises(doors.JournalDown):
        await board_of(world, one_overdue(world)).deadlines(DESK)


async def test_who_may_not_ask_for_lists_sees_no_board_and_the_attempt_is_written_down(world: World) -> None:
    auditor = msgspec.structs.replace(DESK, role="auditor")
    refused = await board_of(world, one_overdue(world)).deadlines(auditor)
    assert isinstance(refused, doors.Refusal)
    assert refused.code == "role-may"
    [entry] = await world.stage.journal()
    assert (entry.tag, entry.detail["rule"]) == (Tag.TEXT_REFUSED, "role-may")


# ------------------------------------------------------------------ the line


async def test_a_person_signs_on_with_their_factors_and_sends(world: World) -> None:
    seat = await world.seated(world.logon())
    receipt = await soon(world.door.send(seat, "k", QV, 1))
    assert receipt.state == "accepted", receipt
    await world.door.closed(seat)
    assert await world.tags() == [Tag.SESSION_OPENED, Tag.INQUIRY_ASKED, Tag.ANSWER_GIVEN, Tag.SESSION_CLOSED]
    assert await world.stage.value("select count(*) from session where ended_at is null") == 0


@pytest.mark.parametrize(
    "changes", [{"secret": "0" * 64}, {"person": ""}, {"person": "a\x00b"}, {"person": "  "}], ids=repr
)
async def test_an_interface_needs_its_secret_and_a_name(world: World, changes: dict[str, str]) -> None:
    found = await world.door.logon(world.interface(**changes), "peer")
    assert isinstance(found, Refusal)
    assert not found.again
    seat = await world.seated(world.interface())
    assert (seat.terminal, seat.ori, seat.person, seat.test) == ("Y001", "CA0980100", "cad.user", False)


async def test_the_secret_of_one_terminal_opens_no_other(world: World) -> None:
    logon = world.interface(secret=world.keys.interface_secret("Z001"))
    assert isinstance(await world.door.logon(logon, "peer"), Refusal)
    person = msgspec.structs.replace(world.logon(), secret=world.keys.interface_secret("Z001"))
    assert isinstance(await world.door.logon(person, "peer"), Refusal)


async def test_a_stranger_at_a_courts_interface_is_of_the_court_and_no_operator(world: World) -> None:
    now = world.stage.clock()
    await add_agency(world.pool, Agency(ori="CA099023J", name="Invented Court"), now)
    await add_terminal(world.pool, Terminal(mnemonic="J001", ori="CA099023J", kind="interface"), now)
    await world.refresh()
    secret = world.keys.interface_secret("J001")
    seat = await world.seated(Logon(terminal="J001", person="case.system", secret=secret))
    assert (seat.ori, seat.role) == ("CA099023J", "court")
    assert (await world.seated(world.interface())).role == "operator"


async def test_a_disabled_interface_neither_signs_on_nor_sends(world: World) -> None:
    seat = await world.seated(world.interface())
    assert (await world.door.send(seat, "one", QV, 1)).state == "accepted"
    await enable_terminal(world.pool, "Y001", False)
    await world.refresh()
    assert isinstance(await world.door.logon(world.interface(), "peer"), Refusal)
    receipt = await world.door.send(seat, "two", QV, 2)
    assert (receipt.state, receipt.rule) == ("refused", "seat-bound")


async def test_a_suspended_person_sends_no_more_and_the_attempt_is_written_down(world: World) -> None:
    seat = await world.seated(world.logon())
    await world.people.disable("p.vale", "suspended", world.stage.clock())
    world.stage.clock.tick(5)
    receipt = await world.door.send(seat, "one", QV, 1)
    assert (receipt.state, receipt.rule) == ("refused", "seat-bound")
    assert (await world.tags())[-1] == Tag.TEXT_REFUSED


async def test_a_line_that_is_used_is_not_idle_and_one_that_is_not_ends(world: World) -> None:
    seat = await world.seated(world.logon())
    for minute in range(3):
        world.stage.clock.tick(20 * 60)
        assert (await world.door.send(seat, f"k{minute}", QV, minute)).state == "accepted"
        await world.people.sweep(world.stage.clock())
    world.stage.clock.tick(31 * 60)
    assert (await world.door.send(seat, "late", QV, 9)).state == "refused"


async def test_a_terminal_that_becomes_one_of_training_must_sign_on_again(world: World) -> None:
    seat = await world.seated(world.interface())
    await world.pool.execute("update terminal set test = true where mnemonic = 'Y001'")
    await world.refresh()
    assert (await world.door.send(seat, "one", QV, 1)).state == "refused"
    assert (await world.seated(world.interface())).test


async def test_the_end_of_a_displaced_line_does_not_end_the_newer(world: World) -> None:
    old = await world.seated(world.logon(purpose=""))
    new = await world.seated(world.logon())
    await world.door.closed(old)  # the server ends the older line after the newer was let in
    world.stage.clock.tick(60)
    assert (await world.door.send(new, "one", QV, 1)).state == "accepted"
    assert (await world.door.send(old, "two", QV, 1)).state == "refused"
    assert await world.stage.value("select count(*) from session where ended_at is null") == 1


async def test_purpose_and_case_are_those_of_the_own_line(world: World) -> None:
    old = await world.seated(world.interface(purpose="i", case="OLD"))
    new = await world.seated(world.interface(purpose="c", case="NEW"))
    assert (await world.door.send(old, "one", QV, 1)).rule == "purpose-immigration"
    assert (await world.door.send(new, "two", QV, 1)).state == "accepted"
    asked = [entry for entry in await world.stage.journal() if entry.tag == Tag.INQUIRY_ASKED]
    assert [(entry.detail["purpose"], entry.detail["case"]) for entry in asked] == [("C", "NEW")]


async def test_trouble_of_the_switch_is_a_receipt(world: World) -> None:
    seat = await world.seated(world.interface())
    await world.door.send(seat, "one", QV, 1)
    taken = await world.door.send(seat, "one", QV + ".CAS/1", 2)
    assert (taken.state, taken.faults[0][0]) == ("faulty", "KEY")
    assert (await world.door.send(seat, "a\x00b", QV, 3)).state == "faulty"
    world.stage.writer.trouble = NotWritten("the disk is full")
    assert (await world.door.send(seat, "two", QV, 3)).state == "busy"
    await world.door.closed(seat)  # it cannot be written down, and the line ends all the same
