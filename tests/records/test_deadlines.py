"""Claims about what is overdue: whose it is, in which order, how well each clock was kept, and the list on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count

import asyncpg
import msgspec
import pytest

from tests.conftest import Clock
from tests.records.desk import LivingDesk
from tests.switch.stage import CATALOGUE, DESK, OTHER, VAULT, Stage
from wireroom.catalog.file import Source
from wireroom.message.answer import State
from wireroom.message.deadlines import Board
from wireroom.message.envelope import Seat
from wireroom.records import deadlines
from wireroom.records.deadlines import Whose, board
from wireroom.records.hold import Hand, New
from wireroom.records.shape import Fields

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # a Monday, ten o'clock in the morning
COURT = Seat(terminal="J001", ori="CA099015J", person="c.clerk", role="operator")
_ids = count(1)
ARMED: Fields = (("SVC", "1"), ("SVD", "20261120"), ("SVT", "1650"), ("FRP", "Y"), ("FRA", "Y"))


class Orders:
    """Orders of several agencies, as the one hand that changes records enters them."""

    def __init__(self, line: asyncpg.Connection, desk: LivingDesk) -> None:
        self.line, self.desk, self.hand = line, desk, Hand(VAULT, Source.STATE)

    async def enter(
        self, *fields: tuple[str, str], owner: str = DESK.ori, at: datetime = NOW, test: bool = False
    ) -> str:
        """An order issued on the Friday before."""
        number = f"{(id := next(_ids)):013d}"
        stands = {
            "NAM": f"TESTCASE, {number}",
            "TYO": "EGV",
            "CTI": COURT.ori,
            "ISD": "20261120",
            "EXP": "20261211",
        }
        new = New(id=id, number=number, owner=owner, test=test, at=at, fields=tuple((stands | dict(fields)).items()),
                  entered_by="p.vale", entered_ori=owner)  # fmt: skip
        await self.hand.begin(self.line, CATALOGUE.files["order"], new)
        return number

    async def board(self, **whose: str) -> Board:
        return await board(self.line, CATALOGUE, VAULT, Whose(**whose), NOW)  # type: ignore[arg-type]

    async def numbers(self, clock: str, **whose: str) -> list[str]:
        found = await self.board(**whose)
        return [one.number for group in found.groups for one in group.rows if group.clock == clock]


@pytest.fixture
async def orders(database: str, clock: Clock, anyio_backend: object) -> AsyncIterator[Orders]:
    clock.now = NOW
    async with Stage(database, clock) as stage:
        line = await stage.connect()
        yield Orders(line, LivingDesk(stage, line))


async def test_an_agency_sees_its_own_and_a_court_those_that_name_it(orders: Orders) -> None:
    mine = await orders.enter(*ARMED)
    theirs = await orders.enter(*ARMED, ("CTI", "CA099025J"), owner=OTHER.ori)
    await orders.enter(*ARMED, test=True)
    assert await orders.numbers("SURRENDER", own=DESK.ori) == [mine]
    assert await orders.numbers("SURRENDER", own=COURT.ori) == [mine]
    assert await orders.numbers("SURRENDER", owner=OTHER.ori) == [theirs]
    assert await orders.numbers("SURRENDER", other="CA099025J") == [theirs]
    assert await orders.numbers("SURRENDER", owner=DESK.ori, other="CA099025J") == []
    assert await orders.numbers("SURRENDER") == [mine, theirs]
    assert await orders.numbers("SURRENDER", own="CA0970100") == []


async def test_the_most_overdue_stand_first_and_what_is_due_later_is_counted(orders: Orders) -> None:
    late = await orders.enter(*ARMED, ("SVT", "1800"))
    later = await orders.enter(*ARMED, ("SVT", "1650"))
    soon = await orders.enter(*ARMED, ("SVD", "20261122"), ("SVT", "1200"))
    found = await orders.board(own=DESK.ori)
    groups = {group.clock: group for group in found.groups}
    surrender, receipt, filing = groups["SURRENDER"], groups["RECEIPT"], groups["FILING"]
    assert [one.number for one in surrender.rows] == [later, late, soon]
    assert (surrender.overdue, surrender.soon, surrender.later) == (2, 1, 0)
    assert (receipt.overdue, receipt.soon, receipt.later) == (2, 0, 1)  # the third has until Tuesday noon
    assert (filing.overdue, filing.soon, filing.later) == (0, 0, 3)  # it is due on Wednesday
    assert found.groups[0] is surrender
    assert (found.overdue, found.soon) == (4, 1)
    assert surrender.rows[0].about.startswith("TESTCASE, 0")
    assert surrender.rows[0].due_at == datetime(2026, 11, 22, 0, 50, tzinfo=UTC)


async def test_how_well_a_clock_was_kept_is_counted_over_a_month_and_three(orders: Orders) -> None:
    issued = (("TYO", "EPO"), ("ISD", "20261120"), ("IST", "0600"))  # to be entered by ten
    friday = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    for hours in (1, 2, 7):
        await orders.enter(*issued, at=friday + timedelta(hours=hours))
    await orders.enter(("TYO", "EPO"), ("ISD", "20260901"), ("IST", "0600"), at=NOW - timedelta(days=60))
    await orders.enter(("TYO", "EPO"), ("ISD", "20260101"), ("IST", "0600"), at=NOW - timedelta(days=91))
    [shift] = [group for group in (await orders.board(own=DESK.ori)).groups if group.clock == "SHIFT"]
    month, quarter = shift.kept
    assert (month.days, month.in_time, month.late, month.median_s, month.worst_s) == (
        30,
        2,
        1,
        -7200.0,
        3 * 3600.0,
    )
    assert (quarter.days, quarter.in_time, quarter.late) == (90, 2, 2)
    assert (await orders.board(own=DESK.ori)).kept(30) == (2, 1)


async def test_only_so_many_of_a_clock_are_shown_and_all_are_counted(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "_ROWS", deadlines._ROWS.replace("<= 50", "<= 2"))
    for _ in range(3):
        await orders.enter(*ARMED)
    [surrender] = [group for group in (await orders.board(own=DESK.ori)).groups if group.clock == "SURRENDER"]
    assert (surrender.overdue, len(surrender.rows)) == (3, 2)


# --------------------------------------------------------------------------- the list on the wire


async def test_the_list_says_of_each_record_once_all_that_is_late(orders: Orders) -> None:
    second = await orders.enter(*ARMED, ("SVT", "1700"))
    first = await orders.enter(*ARMED)
    await orders.enter()
    answer = await orders.desk.one("WL.LST/OVERDUE")
    assert (answer.state, answer.text) == (State.RECORD, "2 IN ALL")
    assert [hit.number for hit in answer.hits] == [first, second]
    assert answer.hits[0].why == (
        "firearms given up after service: 1 day 17 h late; receipt for firearms filed after service: 17 h 10 min late"
    )
    assert ("NAM", f"TESTCASE, {first}") in answer.hits[0].fields


async def test_a_court_is_told_of_the_orders_that_name_it(orders: Orders) -> None:
    number = await orders.enter(*ARMED)
    answer = await orders.desk.one("WL.LST/OVERDUE", COURT)
    assert [(hit.number, hit.owner) for hit in answer.hits] == [(number, DESK.ori)]


async def test_others_and_training_are_told_that_nothing_waits(orders: Orders) -> None:
    await orders.enter(*ARMED)
    for seat in (OTHER, msgspec.structs.replace(DESK, test=True)):
        answer = await orders.desk.one("WL.LST/OVERDUE", seat)
        assert (answer.state, answer.text) == (State.NO_RECORD, "NOTHING WAITS IN THIS LIST")


async def test_a_long_list_is_cut_and_says_so(orders: Orders) -> None:
    for _ in range(26):
        await orders.enter(*ARMED)
    answer = await orders.desk.one("WL.LST/OVERDUE")
    assert (len(answer.hits), answer.text) == (25, "26 IN ALL, THE FIRST 25 ARE SHOWN")
