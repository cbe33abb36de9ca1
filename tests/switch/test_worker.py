"""Claims about worker numbers: no two living processes have one, and a dead one's is free again."""

from __future__ import annotations

import asyncio

import pytest

from tests.switch.stage import Stage, soon
from wireroom.switch import worker

pytestmark = pytest.mark.anyio


async def test_twelve_processes_at_once_have_twelve_numbers(stage: Stage) -> None:
    lines = [await stage.connect() for _ in range(12)]
    taken = await soon(asyncio.gather(*(worker.take(line, f"p{n}") for n, line in enumerate(lines))))
    assert sorted(taken) == list(range(12))
    for line in lines:
        await line.close()


async def test_a_number_that_was_given_back_or_ran_out_is_free_again(stage: Stage) -> None:
    line = await stage.connect()
    assert [await worker.take(line, name) for name in ("a", "b", "c")] == [0, 1, 2]
    await worker.leave(line, 1, "b")
    await worker.leave(line, 2, "somebody else")
    assert await worker.take(line, "d") == 1
    await line.execute("update worker set until = now() - interval '1 second' where id = 0")
    assert await worker.take(line, "e") == 0
    with pytest.raises(worker.NoWorkerNumber, match="taken by another"):
        await worker.renew(line, 0, "a")
    await worker.renew(line, 0, "e")
    await line.close()


async def test_a_lease_ends_by_itself_and_renewing_lengthens_it(stage: Stage) -> None:
    line = await stage.connect()
    number = await worker.take(line, "a")
    left = "select extract(epoch from until - now())::float from worker where id = $1"
    assert 0 < await line.fetchval(left, number) <= worker.LEASE_S
    await line.execute("update worker set until = now() + interval '1 second'")
    await worker.renew(line, number, "a")
    assert await line.fetchval(left, number) > worker.LEASE_S - 2
    assert worker.RENEW_EVERY_S * 3 <= worker.LEASE_S
    await line.close()


async def test_when_all_numbers_are_in_use_it_is_told(stage: Stage) -> None:
    line = await stage.connect()
    await line.execute(
        "insert into worker select id, 'x', now() + interval '1 hour' from generate_series(0, 1023) id"
    )
    with pytest.raises(worker.NoWorkerNumber, match="no worker number is free"):
        await worker.take(line, "one too many")
    await line.close()
