"""Claims about confirming hits: each request is answered, asked again by the clock, or escalated; none is forgotten.

Two thousand requests run with all tests, ten thousand with WIREROOM_CONFIRMATIONS=10000: a minute more.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from datetime import datetime, timedelta
from random import Random

import asyncpg
import pytest

from tests.switch.stage import DESK, OTHER, SHERIFF, Stage, answers, soon, state_files
from wireroom.journal.tags import Tag
from wireroom.message.answer import Delivery
from wireroom.switch import ledger
from wireroom.switch.confirming import PERIOD
from wireroom.switch.transaction import Limits, Switch

pytestmark = pytest.mark.anyio
CONTROL = "CA0970100"
ROOM = Limits(station_queue_max=10_000_000)
MOMENTS = 100
AT_ONCE = int(os.environ.get("WIREROOM_CONFIRMATIONS", "2000")) // MOMENTS
LOOK_S = 0.5  # how often a process looks at its clocks


def asked(priority: str = "U", fcn: str = "0982606100001") -> str:
    return f"YQ.TO/{SHERIFF}.RTY/SV.PRI/{priority}.FCN/{fcn}.LIC/7QQQ001.LIS/CA.RNA/VALE"


class Desk:
    """A switch whose clocks are minded by hand."""

    def __init__(self, stage: Stage, switch: Switch) -> None:
        self.stage, self.switch = stage, switch
        switch.look_after(state_files(), CONTROL)
        assert switch.upkeep is not None, "it was given something to look after"
        self.upkeep = switch.upkeep
        self.line: asyncpg.Connection | None = None

    async def mind(self) -> None:
        """What a process does twice a second."""
        self.line = self.line or await self.stage.connect()
        while await self.upkeep.mind(self.line):
            pass

    async def ask(self, text: str, seat: object = DESK) -> Delivery:
        """The answer of the switch to one message."""
        [answer] = await answers(self.stage, self.switch, text, seat)  # type: ignore[arg-type]
        return answer

    async def request(self, priority: str = "U") -> int:
        """The number of a new request."""
        answer = await self.ask(asked(priority))
        assert answer.state == "accepted", answer.text
        return answer.transaction


async def row(stage: Stage, number: int) -> asyncpg.Record:
    return (await stage.rows("select * from confirmation where number = $1", number))[0]


async def waiting(stage: Stage, terminal: str) -> list[str]:
    """The titles of what waits at a terminal."""
    connection = await stage.connect()
    return [one.title for one in await ledger.waiting(connection, stage.texts, terminal, 0, 1000)]


async def test_a_request_reaches_the_owner_and_its_answer_whoever_asked(stage: Stage) -> None:
    async with stage.running() as switch:
        desk = Desk(stage, switch)
        number = await desk.request()
        assert await waiting(stage, "Y001") == ["CONFIRM HIT 0982606100001 - URGENT, 1ST REQUEST"]
        told = await desk.ask(f"YR.REF/{number}.CON/Y.CNA/OTHER", OTHER)
        assert told.title == f"{DESK.ori}/{DESK.terminal} WAS TOLD: CONFIRMED"
        assert (await waiting(stage, DESK.terminal))[-1] == "HIT CONFIRMED - 0982606100001"
        held = await row(stage, number)
        assert (held["state"], held["said"], held["due_at"]) == ("answered", "Y", None)
        again = await desk.ask(f"YR.REF/{number}.CON/N", OTHER)
        assert (again.state, again.title) == ("refused", "ANSWERED ALREADY: CONFIRMED")


@pytest.mark.parametrize("priority", ["U", "R"])
async def test_silence_is_asked_again_twice_and_then_escalated(priority: str, stage: Stage) -> None:
    async with stage.running() as switch:
        desk = Desk(stage, switch)
        number = await desk.request(priority)
        seconds = PERIOD[priority].total_seconds()
        stage.clock.tick(seconds - 1)
        await desk.mind()
        assert (await row(stage, number))["round"] == 1, "not a second early"
        stage.clock.tick(1)
        for round_, state in ((2, "waiting"), (3, "waiting"), (3, "escalated")):
            await desk.mind()
            held = await row(stage, number)
            assert (held["round"], held["state"]) == (round_, state)
            stage.clock.tick(seconds)
        await desk.mind()
        struck = [entry.detail for entry in await stage.journal() if entry.tag == Tag.CONFIRMATION_DUE]
        assert [one["round"] for one in struck] == [2, 3, 4], "and then it rests"
        titles = await waiting(stage, "Y001")
        assert len(titles) == 4
        assert titles[-1] == f"NOBODY CONFIRMED 0982606100001: {SHERIFF} DID NOT ANSWER THREE REQUESTS"
        listed = await desk.ask("YL.LST/ESCALATED", OTHER)
        assert str(number) in listed.text
        assert (await desk.ask(f"YR.REF/{number}.CON/N", OTHER)).state == "accepted", (
            "late is better than never"
        )
        assert (await desk.ask("YL.LST/ESCALATED", OTHER)).state == "no record"


async def test_a_promise_has_its_own_clock(stage: Stage) -> None:
    async with stage.running() as switch:
        desk = Desk(stage, switch)
        number = await desk.request()
        await desk.ask(f"YR.REF/{number}.CON/E.ELP/2", OTHER)
        stage.clock.tick(7_199)
        await desk.mind()
        assert (await row(stage, number))["state"] == "promised"
        stage.clock.tick(1)
        await desk.mind()
        held = await row(stage, number)
        assert (held["state"], held["round"]) == ("waiting", 2)


async def test_only_the_agency_that_was_asked_answers(stage: Stage) -> None:
    async with stage.running() as switch:
        desk = Desk(stage, switch)
        number = await desk.request()
        refused = await desk.ask(f"YR.REF/{number}.CON/Y")
        assert (refused.state, (await row(stage, number))["state"]) == ("refused", "waiting")
        assert (await desk.ask("YR.REF/999999999999.CON/Y", OTHER)).state == "refused"
        assert (await desk.ask(f"YR.REF/{'9' * 19}.CON/Y", OTHER)).state == "refused", "more than 63 bits"
        assert (await desk.ask("YL.LST/OWED", OTHER)).text.count(str(number)) == 1
        assert (await desk.ask("YL.LST/ASKED")).text.count(str(number)) == 1
        assert (await desk.ask("YL.LST/OWED")).state == "no record"


@pytest.mark.timeout(600)
async def test_thousands_of_requests_are_answered_or_asked_again_in_time_over_a_restart(stage: Stage) -> None:
    """The clock strikes within a second of simulated time; what came due while no process ran strikes at the start."""
    dice = Random(4)
    start = stage.clock()
    world = World(stage, dice)
    async with stage.running(limits=ROOM) as switch:
        await world.live(Desk(stage, switch), moments=MOMENTS // 2)
    gone = (stage.clock(), stage.clock() + timedelta(minutes=25))
    stage.clock.now = gone[1]
    async with stage.running(limits=ROOM) as switch:
        desk = Desk(stage, switch)
        await world.live(desk, moments=MOMENTS - MOMENTS // 2)
        await world.until_it_rests(desk)
    assert len(world.asked) == MOMENTS * AT_ONCE
    struck = await world.struck()
    worst = 0.0
    for number, (at, priority) in world.asked.items():
        answered = world.answered.get(number)
        real = struck[number]
        expected = _expected(at + PERIOD[priority], PERIOD[priority], answered, gone, len(real))
        assert len(real) == len(expected), (number, at - start, priority, answered, expected, real)
        worst = max([worst, *(abs((r - e).total_seconds()) for r, e in zip(real, expected, strict=True))])
    assert worst < 1.0, f"a clock struck {worst} s off"
    assert await stage.value("select count(*) from confirmation where due_at is not null") == 0


def _expected(
    due: datetime, period: timedelta, answered: datetime | None, gone: tuple[datetime, datetime], real: int
) -> list[datetime]:
    """When the clock of a request has to strike. What is answered at the very look at which it is due may do either."""
    strikes: list[datetime] = []
    while len(strikes) < 3:
        at = gone[1] if gone[0] < due <= gone[1] else due
        if answered is not None and answered <= at:
            break
        if answered is not None and answered - at <= timedelta(seconds=LOOK_S) and real <= len(strikes):
            break
        strikes.append(at)
        due = max(due + period, at)
    return strikes


class World:
    """Requests of many stations over hours, and owners who answer some of them."""

    def __init__(self, stage: Stage, dice: Random) -> None:
        self.stage, self.dice = stage, dice
        self.asked: dict[int, tuple[datetime, str]] = {}
        self.answered: dict[int, datetime] = {}
        self._plans: list[tuple[datetime, int]] = []  # when the owner will answer which

    async def live(self, desk: Desk, moments: int) -> None:
        """Some time in which requests are made, answers given and clocks minded."""
        for _ in range(moments):
            until = self.stage.clock() + timedelta(seconds=self.dice.randint(5, 90))
            await self._pass(desk, until)
            texts = [(asked(p), p) for p in self.dice.choices("UR", (3, 1), k=AT_ONCE)]
            sent = [desk.switch.transact(self.stage.arrival(text, DESK)) for text, _ in texts]
            for receipt, (_, priority) in zip(await soon(asyncio.gather(*sent)), texts, strict=True):
                self.asked[receipt.number] = (self.stage.clock(), priority)
                if self.dice.random() < 0.6:
                    wait = timedelta(seconds=self.dice.expovariate(1 / 600))
                    self._plans.append((self.stage.clock() + wait, receipt.number))

    async def until_it_rests(self, desk: Desk) -> None:
        """Until no clock runs any more."""
        while due := await self._next_due(desk):
            await self._pass(desk, due + timedelta(seconds=LOOK_S))

    async def _next_due(self, desk: Desk) -> datetime | None:
        desk.line = desk.line or await self.stage.connect()
        due: datetime | None = await desk.line.fetchval("select min(due_at) from confirmation")
        plans = [at for at, _ in self._plans]
        return min(filter(None, (due, *plans)), default=None)

    async def _pass(self, desk: Desk, until: datetime) -> None:
        """Time goes on to a moment, by looks half a second apart; looks at which nothing is due are left out."""
        while (due := await self._next_due(desk)) is not None and due <= until:
            behind = max(0.0, (due - self.stage.clock()).total_seconds())
            looks = -(-behind // LOOK_S)
            self.stage.clock.tick(looks * LOOK_S)
            await self._answer(desk)
            await desk.mind()
        self.stage.clock.now = max(until, self.stage.clock())

    async def _answer(self, desk: Desk) -> None:
        now = self.stage.clock()
        ripe = [number for at, number in self._plans if at <= now]
        self._plans = [plan for plan in self._plans if plan[0] > now]
        if not ripe:
            return
        arrivals = [self.stage.arrival(f"YR.REF/{number}.CON/Y", OTHER) for number in ripe]
        await soon(asyncio.gather(*(desk.switch.transact(one) for one in arrivals)))
        self.answered.update(dict.fromkeys(ripe, now))

    async def struck(self) -> dict[int, list[datetime]]:
        """When the clock of each request struck, by the journal."""
        found: dict[int, list[datetime]] = defaultdict(list)
        for entry in await self.stage.journal():
            if entry.tag == Tag.CONFIRMATION_DUE:
                found[int(str(entry.detail["request"]))].append(entry.at)
        return found
