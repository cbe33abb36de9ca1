"""Claims about lanes: what has queued shares a commit, what fails fails alone, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest

from tests.switch.stage import PATIENCE_S, soon
from wireroom.switch import Busy, JournalDown
from wireroom.switch.lane import Lane

pytestmark = pytest.mark.anyio
After = Callable[[], None]


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

    def __init__(self, *, batch_max: int = 8, queue_max: int = 20) -> None:
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
            "test", self._connect, self._work, batch_max=batch_max, queue_max=queue_max, doubt=self._doubt
        )

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
    waiting = [bench.lane.put(item) for item in range(10)]
    async with bench.running() as lane:
        assert await soon(asyncio.gather(*waiting)) == [f"done {item}" for item in range(10)]
    assert bench.seen == [list(range(8)), [8, 9]]
    assert (lane.batches, lane.items, lane.waiting) == (2, 10, 0)
    assert bench.lines[0].log == ["begin", "commit"] * 2


async def test_a_full_queue_is_busy_at_once() -> None:
    bench = Bench(queue_max=2)
    waiting = [bench.lane.put(item) for item in range(2)]
    with pytest.raises(Busy, match="2 messages wait"):
        bench.lane.put(3)
    async with bench.running():
        assert len(await soon(asyncio.gather(*waiting))) == 2


async def test_a_poisoned_item_fails_alone_and_each_other_is_done_once() -> None:
    bench = Bench()
    bench.poison = {3}
    waiting = [bench.lane.put(item) for item in range(6)]
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
            await soon(lane.put(1))
        assert await soon(lane.put(2)) == "done 2"
    assert len(bench.lines) == 2
    assert all(line.closed for line in bench.lines)
    assert bench.doubts == 1


async def test_a_database_that_cannot_be_reached_is_told_and_tried_again() -> None:
    bench = Bench()
    bench.next = [OSError("refused"), asyncpg.CannotConnectNowError("starting")]
    async with bench.running() as lane:
        for item in (1, 2):
            with pytest.raises(JournalDown):
                await soon(lane.put(item))
        assert await soon(lane.put(3)) == "done 3"


async def test_who_no_longer_waits_stops_nobody() -> None:
    bench = Bench()
    first, second = bench.lane.put(1), bench.lane.put(2)
    first.cancel()
    async with bench.running():
        assert await soon(second) == "done 2"


async def test_what_follows_a_commit_may_fail_without_ending_the_lane() -> None:
    bench = Bench()

    def after() -> None:
        raise RuntimeError("our fault")

    bench.after = after
    async with bench.running() as lane:
        assert await soon(lane.put(1)) == "done 1"
        assert await soon(lane.put(2)) == "done 2"
    assert bench.doubts == 2


async def test_a_lane_that_ends_leaves_nobody_waiting() -> None:
    bench = Bench()
    bench.hold.clear()
    under_way = bench.lane.put(1)
    async with bench.running() as lane:
        await soon(bench.began.wait())
        queued = lane.put(2)
    for one in (under_way, queued):
        with pytest.raises(JournalDown, match="stopping"):
            await soon(one)
    with pytest.raises(JournalDown, match="stopping"):
        lane.put(3)
    assert bench.lines[0].closed
