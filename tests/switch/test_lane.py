"""Claims about lanes: what has queued shares a commit, what fails fails alone, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest

from tests.switch.stage import PATIENCE_S, soon
from wireroom.message.turns import HOUSE, Room, Whose
from wireroom.switch import Busy, JournalDown, TooMany
from wireroom.switch.lane import Lane

pytestmark = pytest.mark.anyio
After = Callable[[], None]
ONE = Whose("CA0990100", "Z001")


class Line:
    """A connection that commits or breaks."""

    def __init__(self, breaks: BaseException | None = None) -> None:
        self.breaks, self.closed, self.log = breaks, False, list[str]()

    def is_closed(self) -> bool:
        return self.closed

    def terminate(self) -> None:
        self.closed = True

    async def execute(self, query: str) -> None:
        """Who acts."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        self.log.append("begin")
        try:
            yield
        except BaseException:
            self.log.append("rollback")
            raise
        if self.breaks is not None:
            raise self.breaks
        self.log.append("commit")


class Bench:
    """A lane over pretended connections."""

    def __init__(
        self, *, batch_max: int = 8, queue_max: int = 20, share: float = 20.0, part_max: int = 99
    ) -> None:
        self.lines: list[Line] = []
        self.next: list[Line | BaseException] = []
        self.seen: list[list[int]] = []
        self.began = asyncio.Event()
        self.poison: set[int] = set()
        self.after: After = lambda: None
        self.doubts = 0
        self.hold = asyncio.Event()
        self.hold.set()
        self.lane: Lane[int, str] = Lane(
            "test", self._connect, self._work, batch_max=batch_max,
            room=Room(queue_max, share), part_max=part_max, doubt=self._doubt,
        )  # fmt: skip

    def _doubt(self) -> None:
        self.doubts += 1

    async def _connect(self) -> asyncpg.Connection:
        coming = self.next.pop(0) if self.next else Line()
        if isinstance(coming, BaseException):
            raise coming
        self.lines.append(coming)
        return coming  # type: ignore[return-value]

    async def _work(self, connection: object, items: list[int]) -> tuple[list[str], After]:
        self.seen.append(list(items))
        self.began.set()
        await self.hold.wait()
        if self.poison & set(items):
            raise ValueError("poison")
        return [f"done {item}" for item in items], self.after

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Lane[int, str]]:
        task = asyncio.ensure_future(self.lane.run())
        try:
            yield self.lane
        finally:
            task.cancel()
            await asyncio.wait({task}, timeout=PATIENCE_S)


async def test_what_has_queued_is_one_batch_and_each_gets_its_own_result() -> None:
    bench = Bench()
    waiting = [bench.lane.put(item, ONE) for item in range(10)]
    async with bench.running() as lane:
        assert await soon(asyncio.gather(*waiting)) == [f"done {item}" for item in range(10)]
    assert bench.seen == [list(range(8)), [8, 9]]
    assert (lane.batches, lane.items, lane.waiting) == (2, 10, 0)
    assert bench.lines[0].log == ["begin", "commit"] * 2


async def test_a_full_queue_is_busy_at_once() -> None:
    bench = Bench(queue_max=2)
    waiting = [bench.lane.put(item, ONE) for item in range(2)]
    with pytest.raises(Busy, match="the switch is busy") as full:
        bench.lane.put(3, ONE)
    assert not isinstance(full.value, TooMany)
    of_the_house = bench.lane.put(4, HOUSE)
    async with bench.running():
        assert len(await soon(asyncio.gather(*waiting, of_the_house))) == 3


async def test_a_poisoned_item_fails_alone_and_each_other_is_done_once() -> None:
    bench = Bench()
    bench.poison = {3}
    waiting = [bench.lane.put(item, ONE) for item in range(6)]
    async with bench.running():
        done = await soon(asyncio.gather(*waiting, return_exceptions=True))
    assert [type(one) for one in done].count(JournalDown) == 1
    assert isinstance(done[3], JournalDown)
    committed = [items for line in bench.lines for items in [line.log.count("commit")]]
    assert sum(committed) == 5
    assert bench.doubts >= 1


@pytest.mark.parametrize(
    "error", [asyncpg.ConnectionDoesNotExistError("gone"), OSError("gone"), TimeoutError("gone")], ids=repr
)
async def test_a_lost_line_fails_its_batch_and_the_next_takes_a_new_one(error: Exception) -> None:
    bench = Bench()
    bench.next = [Line(breaks=error)]
    async with bench.running() as lane:
        with pytest.raises(JournalDown, match="cannot be reached"):
            await soon(lane.put(1, ONE))
        assert await soon(lane.put(2, ONE)) == "done 2"
    assert len(bench.lines) == 2
    assert all(line.closed for line in bench.lines)
    assert bench.doubts == 1


async def test_a_database_that_cannot_be_reached_is_told_and_tried_again() -> None:
    bench = Bench()
    bench.next = [OSError("refused"), asyncpg.CannotConnectNowError("starting")]
    async with bench.running() as lane:
        for item in (1, 2):
            with pytest.raises(JournalDown):
                await soon(lane.put(item, ONE))
        assert await soon(lane.put(3, ONE)) == "done 3"


async def test_who_no_longer_waits_stops_nobody() -> None:
    bench = Bench()
    first, second = bench.lane.put(1, ONE), bench.lane.put(2, ONE)
    first.cancel()
    async with bench.running():
        assert await soon(second) == "done 2"


async def test_what_follows_a_commit_may_fail_without_ending_the_lane() -> None:
    bench = Bench()

    def after() -> None:
        raise RuntimeError("our fault")

    bench.after = after
    async with bench.running() as lane:
        assert await soon(lane.put(1, ONE)) == "done 1"
        assert await soon(lane.put(2, ONE)) == "done 2"
    assert bench.doubts == 2


async def test_a_lane_that_ends_leaves_nobody_waiting() -> None:
    bench = Bench()
    bench.hold.clear()
    under_way = bench.lane.put(1, ONE)
    async with bench.running() as lane:
        await soon(bench.began.wait())
        queued = lane.put(2, ONE)
    for one in (under_way, queued):
        with pytest.raises(JournalDown, match="stopping"):
            await soon(one)
    with pytest.raises(JournalDown, match="stopping"):
        lane.put(3, ONE)
    assert bench.lines[0].closed


async def test_SC_5_in_each_batch_every_agency_has_its_part_whatever_one_of_them_puts_in() -> None:
    """Threat 26."""
    bench = Bench(batch_max=12, queue_max=2_000, share=1.0)
    others = [Whose(f"CA0980{n}00", "Y001") for n in range(10)]
    waiting = [bench.lane.put(item, ONE) for item in range(500)]
    waiting += [bench.lane.put(1_000 + 10 * n + k, one) for k in range(10) for n, one in enumerate(others)]
    async with bench.running() as lane:
        done = await soon(asyncio.gather(*waiting))
    assert (lane.items, len(set(done))) == (600, 600)
    for place, batch in enumerate(bench.seen[:9]):
        assert len(batch) == 12
        assert len([item for item in batch if item >= 1_000]) >= 10, place
    assert [item for batch in bench.seen for item in batch if item < 1_000] == list(range(500))
    assert all(len(batch) == 12 for batch in bench.seen[:50]), "who is alone gets the whole batch"


async def test_an_agency_with_too_much_waiting_is_told_so_and_finds_space_as_it_is_served() -> None:
    bench = Bench(batch_max=4, queue_max=8, share=1.0)
    waiting = [bench.lane.put(item, ONE) for item in range(4)]
    with pytest.raises(TooMany, match="of your agency"):
        bench.lane.put(5, ONE)
    waiting.append(bench.lane.put(6, Whose("CA0980100", "Y001")))
    async with bench.running() as lane:
        await soon(asyncio.gather(*waiting))
        assert await soon(lane.put(7, ONE)) == "done 7"


async def test_SC_5_one_agencys_items_make_up_no_more_than_a_part_of_a_batch() -> None:
    """Threat 26: whoever comes next waits for the whole batch that is under way."""
    bench = Bench(batch_max=12, queue_max=200, part_max=4)
    waiting = [bench.lane.put(item, ONE) for item in range(20)]
    waiting += [bench.lane.put(100 + item, Whose(f"CA0980{item}00", "Y001")) for item in range(2)]
    async with bench.running():
        await soon(asyncio.gather(*waiting))
    assert bench.seen == [[0, 100, 101, 1, 2, 3], *([4 * n + k for k in range(4)] for n in range(1, 5))]
