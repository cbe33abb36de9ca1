"""Kills the switch and its database again and again under load, and looks after each whether a promise was broken.

    python -m tests.failures.crash --kills 200 --seed 1 [--json]

By turns the kills meet a switch that owns its database server, and one whose server is somebody else's. Exit code 0:
no promise was broken; 1: at least one was, and each is printed.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import click
import msgspec
import uvloop

from tests.failures.observed import Held, Seen, faults, missing
from tests.failures.stations import Questions, Station
from tests.failures.world import STATIONS, World
from wireroom.app.console import bar, print_json

LOAD_TICK_S = 0.004
RECEIPTS_MAX, DELAY_MAX_S = 60, 0.25  # before a kill, by the dice
KILLS_IN_A_WORLD = 50
RESTARTS_SHARE = 0.3  # kills with which a station's own program dies too
LINKED_S, RECEIPTS_S, SHOWN_S, FOLDED_S, LEGS_S = 30.0, 30.0, 15.0, 5.0, 30.0
LOOK_S = 0.01
FAULTS_SHOWN_MAX = 20

# Of a hundred kills: how many of each kind, where the server is the switch's own, and where it is not.
OWN = {"switch": 50, "server": 20, "server and its children": 10, "a child of the server": 10, "both": 10}
SERVED = {"switch": 30, "server": 30, "server and its children": 15, "a child of the server": 15, "both": 10}


class Kill(msgspec.Struct, frozen=True):
    """One kill as the dice planned it."""

    kind: str
    receipts: int  # that come first, since the last kill
    delay_s: float  # and then so much time
    station: int | None  # whose program dies at the same time


class Report(msgspec.Struct):
    """What was done and what came of it."""

    seed: int
    kills: dict[str, int] = {}
    exits: dict[str, int] = {}  # of the switch, by exit code
    messages: int = 0
    receipts: int = 0
    repeats: int = 0  # of those receipts: the same message had come before
    busy: int = 0  # of those receipts: the journal could not be written, so nothing was taken
    deliveries: int = 0
    entries: int = 0  # of the journal, each in the tree and proved against the signed checkpoints
    records: int = 0
    verified: int = 0  # times that the journal was proved whole
    seconds: float = 0.0
    faults: list[str] = []

    def words(self) -> str:
        """A few lines to print."""
        kills = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kills.items()))
        lines = [
            f"{sum(self.kills.values())} kills in {self.seconds:.0f} s from seed {self.seed}: {kills}",
            f"{self.messages:,} messages, {self.receipts:,} receipts ({self.repeats:,} repeats, {self.busy:,} not "
            f"taken because nothing could be written), {self.deliveries:,} deliveries",
            f"{self.entries:,} journal entries, {self.records:,} records entered; the journal was proved whole "
            f"{self.verified} times",
            f"{len(self.faults)} broken promises",
        ]
        return "\n".join((*lines, *self.faults[:FAULTS_SHOWN_MAX]))


class Campaign:
    """The kills of one world."""

    def __init__(self, world: World, report: Report) -> None:
        self.world, self._report = world, report
        self.seen = Seen()
        self._late: list[str] = []  # what did not come in time
        questions = Questions("served" if world.served else "own", Random(report.seed))
        self.stations = [Station(world, terminal, questions, self.seen) for terminal in STATIONS]

    async def run(self, kills: Sequence[Kill], progress: Callable[[], None]) -> None:
        """Load, kill, look; so many times. Stops at the first kill after which something is wrong."""
        try:
            await self._until(self._all_linked, LINKED_S, "not every station could sign on")
            for number, kill in enumerate(kills, 1):
                if not self._late:
                    await self._load(kill)
                    await self._kill(kill)
                self._report.faults += [
                    f"kill {number}, {kill.kind}: {fault}" for fault in await self._look()
                ]
                progress()
                if self._report.faults:
                    return
            await self.world.database_back()
            await self.world.let_time_pass()
            await self._until(self._no_open_legs, LEGS_S, "a question to another system was never settled")
            self._report.faults += await self._look()
        finally:
            self._count()
            for station in self.stations:
                await station.close()

    async def _load(self, kill: Kill) -> None:
        """Sends as fast as receipts come until the moment of the kill."""
        for station in self.stations:
            await station.acknowledge()
        goal = len(self.seen.receipts) + kill.receipts
        latest, until = time.monotonic() + RECEIPTS_S, None
        while time.monotonic() < (until or latest):
            for station in self.stations:
                station.send()
            if until is None and len(self.seen.receipts) >= goal:
                until = time.monotonic() + kill.delay_s
            await asyncio.sleep(LOAD_TICK_S)

    async def _kill(self, kill: Kill) -> None:
        world, kind = self.world, kill.kind
        if kind in ("switch", "both"):
            world.kill_switch()
        if kind in ("both", "server", "server and its children"):
            await world.kill_database(children=kind != "server")
        if kind == "a child of the server":
            world.kill_child()
        name = f"{kind} ({'served' if world.served else 'own'} database)"
        self._report.kills[name] = self._report.kills.get(name, 0) + 1
        if kill.station is not None:
            await self.stations[kill.station].restart()

    # ------------------------------------------------------------------------------------------------- looking

    async def _look(self) -> list[str]:
        """Waits until everything that was promised had its time, and tells what is wrong."""
        await self.world.database_back()
        await self._until(self._all_linked, LINKED_S, "not every station could sign on again")
        await self._until(self._all_receipted, RECEIPTS_S, "a message never got its receipt")
        await self._until(self._all_shown, SHOWN_S, "what was promised was never shown")
        await self._until(self._all_folded, FOLDED_S, "the journal's tree did not grow")
        verdict = await self.world.verdict()
        held = await self._held()  # last, for while we wait for anything late answers come
        self._report.verified += verdict.whole
        found = [*self._late, *self.world.trouble, *faults(self.seen, held), *missing(self.seen, held)]
        found += [words for station in self.stations for words in station.trouble]
        return found if verdict.whole else [*found, verdict.words()]

    async def _held(self) -> Held:
        """The database at a moment at which nothing was shown that it might not hold yet."""
        while True:
            before = len(self.seen.deliveries), len(self.seen.receipts)
            held = await self.world.held()
            if before == (len(self.seen.deliveries), len(self.seen.receipts)):
                return held

    async def _until(self, true: Callable[[], object], seconds: float, words: str) -> None:
        """Waits for a condition; what is not true in time is a broken promise."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    found = true()
                    if asyncio.iscoroutine(found):
                        found = await found
                    if found:
                        return
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            self._late.append(f"{words} within {seconds:g} s; {self.world.last_words()}")

    def _all_linked(self) -> bool:
        return all(station.linked for station in self.stations)

    def _all_receipted(self) -> bool:
        return not any(station.waiting for station in self.stations)

    async def _all_shown(self) -> bool:
        held = await self._held()
        return not missing(self.seen, held) or bool(faults(self.seen, held))  # no waiting for what is lost

    async def _all_folded(self) -> bool:
        return not await self.world.unfolded()

    async def _no_open_legs(self) -> bool:
        return not await self.world.open_legs()

    def _count(self) -> None:
        report, seen = self._report, self.seen
        states = Counter(receipt.state for _, receipt in seen.receipts)
        report.messages += len(seen.sent)
        report.receipts += len(seen.receipts)
        report.repeats += states["repeat"]
        report.busy += states["busy"]
        report.deliveries += len(seen.deliveries)
        for status, count in self.world.exits.items():
            report.exits[str(status)] = report.exits.get(str(status), 0) + count


def plan(kills: int, dice: Random, shares: dict[str, int]) -> list[Kill]:
    """So many kills, each kind as often as its share of a hundred says."""
    kinds = [kind for kind, share in shares.items() for _ in range(share)]
    return [
        Kill(
            dice.choice(kinds),
            dice.randrange(1, RECEIPTS_MAX),
            dice.uniform(0, DELAY_MAX_S),
            dice.randrange(len(STATIONS)) if dice.random() < RESTARTS_SHARE else None,
        )
        for _ in range(kills)
    ]


async def in_one_world(
    world: World, kills: Sequence[Kill], report: Report, progress: Callable[[], None] = lambda: None
) -> None:
    """Makes a world, kills in it, and adds to the report what came of it."""
    async with world.running():
        await Campaign(world, report).run(kills, progress)
        held = await world.held()
        report.entries += len(held.entries)
        report.records += len(held.records)


async def campaign(kills: int, seed: int, folder: Path, progress: Callable[[int, int], None]) -> Report:
    """The kills in worlds of both sorts by turns, so many in each that its journal can be proved anew each time."""
    report, began, left, turn = Report(seed=seed), time.monotonic(), kills, 0
    while left and not report.faults:
        served = turn % 2 == 1
        count = min(KILLS_IN_A_WORLD, left if turn else -(-kills // 2))
        planned = plan(count, Random(f"{seed}/{turn}"), SERVED if served else OWN)
        world = World(folder / f"world{turn}", Random(f"{seed}/world/{turn}"), served=served)
        await in_one_world(world, planned, report, lambda: progress(sum(report.kills.values()), kills))
        left, turn = left - count, turn + 1
    report.seconds = round(time.monotonic() - began, 1)
    return report


@click.command()
@click.option("--kills", type=click.IntRange(2, 100_000), default=200, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--keep", type=click.Path(path_type=Path, exists=False), help="A new folder to work in and leave."
)
def main(kills: int, seed: int, as_json: bool, keep: Path | None) -> None:
    """kill -9 of the switch and of the database under load; nothing accepted may be lost, doubled or unwritten."""
    with contextlib.ExitStack() as stack:
        if keep is not None:
            keep.mkdir()
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wireroom-crash-")))
        folder.chmod(0o711)  # root's PostgreSQL runs as another account
        report = uvloop.run(campaign(kills, seed, folder, stack.enter_context(bar("Killing"))))
    if as_json:
        print_json(msgspec.json.encode(report))
    else:
        click.echo(report.words())
    sys.exit(1 if report.faults else 0)


if __name__ == "__main__":
    main()
