"""What an inquiry costs in SQL rounds, when so many are asked at once; commits and bytes are with the whole system."""

from __future__ import annotations

import asyncio
import random

import asyncpg

from benchmarks.place import SEED
from benchmarks.result import Result
from wireroom.app.assemble import connect, now, running
from wireroom.app.demo import FIRST_DAY
from wireroom.app.settings import Loaded
from wireroom.lab.fit import facts
from wireroom.lab.population import State
from wireroom.message.acting import BATCH
from wireroom.message.envelope import Arrival, Seat

ORI = "CA0990100"
INQUIRIES = 2_000


async def run(loaded: Loaded, people: int) -> dict[str, Result]:
    """Rounds an inquiry with 1, 64 and 512 stations that ask all the time."""
    state = State(people, SEED, FIRST_DAY.date())
    results = {}
    async with running(loaded, doors=False) as ready:
        rounds = 0

        def count(_: object) -> None:
            nonlocal rounds
            rounds += 1

        opened: list[asyncpg.Connection] = []

        async def counted() -> asyncpg.Connection:
            connection = await connect(ready.dsn, acts=BATCH)
            connection.add_query_logger(count)
            opened.append(connection)
            return connection

        lane = ready.switch.numbers_lane
        lane._connect = counted  # the benchmark counts what the lane says to the database
        fit = facts(ORI, now().date())
        dice = random.Random(SEED)
        begun = now().timestamp()  # so that no key is a repeat of an earlier run's
        for stations in (1, 64, 512):
            rounds, batches = 0, lane.batches
            each = max(1, INQUIRIES // stations)

            async def ask(station: int, count: int, run: int) -> None:
                seat = Seat(
                    terminal=f"{run % 10}{station:03X}", ori=ORI, person="bench", role="operator", facts=fit
                )
                for place in range(count):
                    text = f"QV.LIC/{state.plate(dice.randrange(state.vehicles))}.PUR/C"
                    key = f"cost-{run}-{station}-{place}-{begun}"
                    receipt = await ready.switch.transact(Arrival(text=text, seat=seat, key=key, at=now()))
                    # Our own files answer under the number after the question's.
                    await ready.switch.acknowledge(seat.terminal, [receipt.number + 1])

            await asyncio.gather(*(ask(station, each, stations) for station in range(stations)))
            asked = each * stations
            done = lane.batches - batches
            results[f"SQL rounds an inquiry, {stations} stations"] = Result(
                value=round(rounds / asked, 3), unit="rounds",
                more={"batches": done, "inquiries": asked, "rounds a batch": round(rounds / max(1, done), 2)},
            )  # fmt: skip
    return results
