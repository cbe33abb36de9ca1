"""Whether one agency's flood slows the others: ten agencies ask at given instants, one of them fifty times as much."""

from __future__ import annotations

import asyncio
import os
import statistics
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from random import Random
from time import perf_counter, process_time
from typing import Any, TypeVar, cast

import asyncpg
import msgspec

from benchmarks.place import SEED, filled
from benchmarks.result import Result
from benchmarks.search_speed import quantile
from wireroom.app.assemble import Running, now, running
from wireroom.app.database import open_as
from wireroom.app.roles import WEB
from wireroom.app.settings import Loaded
from wireroom.catalog.file import Source
from wireroom.lab.fit import facts
from wireroom.lab.population import State
from wireroom.message.envelope import Arrival, Seat
from wireroom.message.turns import HOUSE, Room, Space, Turns, Whose
from wireroom.policy import Taken
from wireroom.policy.directory import Agency, add_agency
from wireroom.switch import Busy
from wireroom.switch.lane import Lane

AGENCIES, TERMINALS, TIMES = 10, 3, 50
RATES = (0.5, 2.0, 4.0)  # inquiries a second of each agency
PASSES = 3
ORIS = tuple(f"CA0{60 + place}0900" for place in range(AGENCIES))
PEOPLE = 20_000
DRAIN_S = 60.0
COST_ITEMS, COST_ROUNDS, COST_PASSES = 250, 100, 9
TARGET = "under 1.10 where the machine is not at its limit"
Item = TypeVar("Item")


class InOrder(Turns[Item]):
    """The baseline: first come, first served, whoever it is."""

    def put(self, item: Item, whose: Whose) -> None:
        super().put(item, HOUSE)


class InLine(Turns[Item]):
    """The least that a queue can be, for what turns cost."""

    def __init__(self) -> None:
        super().__init__()
        self._line: deque[Item] = deque()

    def __len__(self) -> int:
        return len(self._line)

    def put(self, item: Item, whose: Whose) -> None:
        self._line.append(item)

    def take(self) -> Item:
        return self._line.popleft()


class Endless(Room):
    """Room for everybody, and nobody counts."""

    def enter(self, agency: str, many: int = 1) -> Space:
        return Space.FREE

    def leave(self, agency: str, many: int = 1) -> None:
        return


class Nothing:
    """A connection to no database."""

    def is_closed(self) -> bool:
        return False

    def terminate(self) -> None:
        return

    def begins_with(self, statement: str) -> None:
        return

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        yield


class Seen(msgspec.Struct):
    """What was seen of one way over all passes."""

    p99s: list[float] = []  # of the nine, of each pass, in milliseconds
    took: list[float] = []  # of the nine, of all passes
    flood: list[float] = []
    refused_flood: int = 0
    refused: int = 0


async def run(loaded: Loaded, seconds: float) -> dict[str, Result]:
    """At each rate, in turn: nobody floods, one floods, one floods and all wait in one line."""
    quiet = os.getloadavg()[0]
    async with filled(loaded, PEOPLE, (Source.STATE,)) as (state, dsns):
        await _agreed(dsns[Source.STATE])
        async with running(loaded, doors=False) as ready:
            bench = Bench(ready, state)
            await bench.load(8.0, seconds=3, times=1)  # warm
            found = {"flood, what a lane costs an item": await cost()}
            for rate in RATES:
                found |= await _at(bench, rate, seconds, quiet)
            return found


async def _agreed(dsn: str) -> None:
    """Agencies that may ask."""
    pool = await open_as(dsn, WEB, 1)
    try:
        for ori in ORIS:
            with suppress(Taken):  # in a folder that was kept
                await add_agency(pool, Agency(ori=ori, name="Invented Police"), now())
    finally:
        await pool.close()


async def cost() -> Result:
    """Microseconds an item through a lane whose work is nothing, beside the same lane with a bare queue; in turn."""
    ours, bare = [], []
    for _ in range(COST_PASSES):
        ours.append(await _through(Turns(), Room(COST_ITEMS, 1e9)))
        bare.append(await _through(InLine(), Endless(COST_ITEMS, 1.0)))
    value, base = statistics.median(ours), statistics.median(bare)
    return Result(
        value=round(value, 2), unit="us", baseline=round(base, 2), baseline_name="with a bare queue",
        ratio=round(value / base, 2), runs=COST_PASSES,
        more={"range": [round(min(ours), 2), round(max(ours), 2)],
              "baseline_range": [round(min(bare), 2), round(max(bare), 2)], "agencies": AGENCIES},
    )  # fmt: skip


async def _through(turns: Turns[Any], room: Room) -> float:  # Any: the items are the lane's own affair
    whose = [Whose(f"CA09{number:02}100", f"Z{number:03}") for number in range(AGENCIES)]

    async def connect() -> asyncpg.Connection:
        return cast(asyncpg.Connection, Nothing())

    async def work(connection: asyncpg.Connection, items: list[int]) -> tuple[list[int], Callable[[], None]]:
        return items, lambda: None

    lane: Lane[int, int] = Lane("cost", connect, work, batch_max=256, room=room)
    lane._turns = turns
    task = asyncio.create_task(lane.run())
    begun = process_time()  # of the processor: a clock on the wall counts what else the machine does
    for _ in range(COST_ROUNDS):
        await asyncio.gather(*(lane.put(number, whose[number % AGENCIES]) for number in range(COST_ITEMS)))
    took = process_time() - begun
    task.cancel()
    await asyncio.wait({task})
    return took / COST_ITEMS / COST_ROUNDS * 1e6


async def _at(bench: Bench, rate: float, seconds: float, quiet: float) -> dict[str, Result]:
    calm, fair, in_order = Seen(), Seen(), Seen()
    for _ in range(PASSES):
        await bench.load(rate, seconds=seconds, times=1, into=calm)
        await bench.load(rate, seconds=seconds, times=TIMES, into=fair)
        with bench.in_one_line():
            await bench.load(rate, seconds=seconds, times=TIMES, into=in_order)
    return {
        f"flood, nine agencies at {rate:g} a second each, {name}": Result(
            value=round(statistics.median(seen.p99s), 2), unit="ms p99",
            baseline=round(statistics.median(calm.p99s), 2), baseline_name="nobody floods",
            ratio=round(statistics.median(seen.p99s) / statistics.median(calm.p99s), 3),
            target=TARGET if seen is fair else "", runs=PASSES,
            more={
                "range": [min(seen.p99s), max(seen.p99s)], "baseline_range": [min(calm.p99s), max(calm.p99s)],
                "p50_ms": round(quantile(seen.took, 0.5), 2), "baseline_p50_ms": round(quantile(calm.took, 0.5), 2),
                "refused": seen.refused, "flood_a_second": rate * TIMES,
                "flood_p99_ms": round(quantile(seen.flood, 0.99), 2) if seen.flood else 0.0,
                "flood_refused": seen.refused_flood, "load_average_before": round(quiet, 1),
            },
        )
        for name, seen in (("agencies in turn", fair), ("all in one line", in_order))
    }  # fmt: skip


class Bench:
    """A switch with its database in this process, and the seats of ten agencies."""

    def __init__(self, ready: Running, state: State) -> None:
        self._switch, self._state, self._dice = ready.switch, state, Random(SEED)
        self._runs = 0
        self._seats = _seats()

    async def load(self, rate: float, *, seconds: float, times: int, into: Seen | None = None) -> None:
        """Each agency asks so often a second, the first one `times` as often, whether or not answers keep up."""
        self._runs += 1
        seen, took = into or Seen(), list[float]()
        begun = perf_counter() + 0.1
        async with asyncio.timeout(seconds + DRAIN_S), asyncio.TaskGroup() as tasks:
            for number, (due, agency) in enumerate(self._instants(rate, seconds, times)):
                if (wait := begun + due - perf_counter()) > 0:
                    await asyncio.sleep(wait)
                elif number % 32 == 0:
                    await asyncio.sleep(0)
                seat = self._seats[agency][number % TERMINALS]
                key = f"fair-{begun}-{self._runs}-{number}"
                tasks.create_task(self._ask(seat, key, begun + due, seen, seen.flood if not agency else took))
        seen.took += took
        seen.p99s.append(round(quantile(took, 0.99), 2))

    def _instants(self, rate: float, seconds: float, times: int) -> list[tuple[float, int]]:
        """When, and which agency: drawn beforehand, the same for every way."""
        found = []
        for agency in range(AGENCIES):
            dice, due = Random(f"{SEED}/{agency}/{rate}"), 0.0
            while (due := due + dice.expovariate(rate * (times if agency == 0 else 1))) < seconds:
                found.append((due, agency))
        return sorted(found)

    async def _ask(self, seat: Seat, key: str, due: float, seen: Seen, took: list[float]) -> None:
        """One plate; its time counts from when it was due until its answer is written down and on its way."""
        text = f"QV.LIC/{self._state.plate(self._dice.randrange(self._state.vehicles))}.PUR/C"
        try:
            receipt = await self._switch.transact(Arrival(text=text, seat=seat, key=key, at=now()))
        except Busy:
            if took is seen.flood:
                seen.refused_flood += 1
            else:
                seen.refused += 1
            return
        took.append((perf_counter() - due) * 1000)
        assert receipt.state == "accepted", receipt
        await self._switch.acknowledge(seat.terminal, [receipt.number + 1])

    @contextmanager
    def in_one_line(self) -> Iterator[None]:
        """The lane as it was before agencies had turns. Only while nothing waits."""
        lane = self._switch.numbers_lane  # all ask for plates
        turns, room, part_max = lane._turns, lane._room, lane.part_max
        lane._turns, lane.part_max = InOrder(), 1_000_000
        lane._room = self._switch._arrivals = Room(room.places, 1e9)
        try:
            yield
        finally:
            lane.part_max = part_max
            lane._turns, lane._room, self._switch._arrivals = turns, room, room


def _seats() -> list[list[Seat]]:
    """Seats of ten invented agencies."""
    fit = now().date()
    return [
        [
            Seat(
                terminal=f"Y{10 * place + n:03}",
                ori=ori,
                person="bench",
                role="operator",
                facts=facts(ori, fit),
            )
            for n in range(TERMINALS)
        ]
        for place, ori in enumerate(ORIS)
    ]
