"""Claims about the switch's own tables: a claim is first once, a leg closes once, a queue is read in order."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import asyncpg
import pytest

from tests.switch.stage import DESK, Stage, soon
from wireroom.message.answer import Delivery, Question, Receipt
from wireroom.message.envelope import Message
from wireroom.switch import ledger, weighing

pytestmark = pytest.mark.anyio
DAY = date(2026, 3, 2)
Row = tuple[str, str, date, int, bytes, Receipt]


def row(number: int, key: str = "k", day: date = DAY, text: str = "QV", terminal: str = "Z001") -> Row:
    return terminal, key, day, number, ledger.digest(text), Receipt(number=number, state="accepted")


def question(stage: Stage, transaction: int, leg: int = 1) -> Question:
    return Question(
        transaction=transaction, leg=leg, source="NCIC", message=Message("QV", (("LIC", "7QQQ001"),)), seat=DESK,
        at=stage.clock(),
    )  # fmt: skip


async def claim(
    stage: Stage, line: asyncpg.Connection, rows: list[Row], since: int | None = None
) -> set[int]:
    """The numbers of those that came first."""
    return set(await weighing.claim(line, stage.texts, rows, since))


async def connected(stage: Stage) -> asyncpg.Connection:
    return await stage.connect()


async def test_the_first_of_a_batch_and_of_all_batches_claims(stage: Stage) -> None:
    line = await connected(stage)
    assert await claim(stage, line, [row(1), row(2), row(3, "other"), row(4, terminal="Z002")]) == {1, 3, 4}
    assert await claim(stage, line, [row(5), row(6, day=DAY + timedelta(days=1))]) == {6}
    digest, first = await ledger.claimed(line, stage.texts, "Z001", "k", DAY)
    assert (digest, first.number) == (ledger.digest("QV"), 1)
    await line.close()


async def test_two_batches_at_once_wait_for_each_other(stage: Stage) -> None:
    one, two = await connected(stage), await connected(stage)
    held = one.transaction()
    await held.start()
    assert await claim(stage, one, [row(1)]) == {1}
    other = asyncio.ensure_future(claim(stage, two, [row(2)]))
    await asyncio.sleep(0)
    assert not other.done()
    await held.commit()
    assert await soon(other) == set()
    for line in (one, two):
        await line.close()


async def test_a_claim_that_was_taken_back_is_free(stage: Stage) -> None:
    line = await connected(stage)
    held = line.transaction()
    await held.start()
    await claim(stage, line, [row(1)])
    await held.rollback()
    assert await claim(stage, line, [row(2)]) == {2}
    await line.close()


async def test_over_midnight_a_key_of_the_day_before_is_a_repeat_if_it_is_recent(stage: Stage) -> None:
    line = await connected(stage)
    await claim(stage, line, [row(100)])
    morrow = DAY + timedelta(days=1)
    assert await claim(stage, line, [row(200, day=morrow)], since=50) == set()
    assert (await ledger.claimed(line, stage.texts, "Z001", "k", morrow))[1].number == 100
    assert await claim(stage, line, [row(201, day=morrow)], since=150) == {201}
    assert (await ledger.claimed(line, stage.texts, "Z001", "k", morrow))[1].number == 201
    await line.close()


async def test_claims_are_forgotten_after_days(stage: Stage) -> None:
    line = await connected(stage)
    days = [DAY - timedelta(days=back) for back in range(5)]
    await claim(stage, line, [row(n, day=day) for n, day in enumerate(days, 1)])
    await ledger.forget_claims(line, DAY)
    left = await stage.rows("select day from claim order by day desc")
    assert [one["day"] for one in left] == days[: ledger.CLAIM_DAYS_KEPT + 1]
    await line.close()


async def test_one_text_is_told_from_another() -> None:
    texts = ["", " ", "QV", "qv", "QV ", "\ud800", "é"]
    assert len({ledger.digest(text) for text in texts}) == len(texts)


async def test_a_leg_closes_once(stage: Stage) -> None:
    one, two = await connected(stage), await connected(stage)
    asked = [question(stage, 1), question(stage, 1, 2), question(stage, 2)]
    await ledger.open_legs(one, stage.texts, asked, 7, 5.0)
    intime = [(each, False) for each in asked]
    now = stage.clock()
    closed = await soon(
        asyncio.gather(ledger.close_legs(one, intime[:2], now), ledger.close_legs(two, intime, now))
    )
    assert sorted([*closed[0][0], *closed[1][0]]) == [(1, 1), (1, 2), (2, 1)]
    assert await ledger.close_legs(one, intime, now) == (set(), set())
    for line in (one, two):
        await line.close()


async def test_orphaned_are_those_of_no_living_worker_and_those_long_overdue(stage: Stage) -> None:
    line = await connected(stage)
    await line.execute(
        "insert into worker values (1, 'lives', now() + interval '1 hour'), (2, 'dead', now())"
    )
    for transaction, worker in ((1, 1), (2, 2), (3, 3)):
        await ledger.open_legs(line, stage.texts, [question(stage, transaction)], worker, 5.0)
    found = await ledger.orphaned(line, stage.texts, 10, stage.clock())
    assert [one.transaction for one in found] == [2, 3]
    assert found[0] == question(stage, 2)
    overdue = await ledger.orphaned(line, stage.texts, 10, stage.clock() + timedelta(seconds=6))
    assert [one.transaction for one in overdue] == [1, 2, 3]
    assert len(await ledger.orphaned(line, stage.texts, 1, stage.clock())) == 1
    await line.close()


async def test_a_queue_is_read_in_order_a_page_at_a_time_and_counted(stage: Stage) -> None:
    line = await connected(stage)
    letters = [
        Delivery(number=n, terminal=terminal, transaction=0, kind="mail", source="", state="mail", title="", text="")
        for n in (3, 1, 2)
        for terminal in ("Z001", "Z002")
    ]  # fmt: skip
    await ledger.deliver(line, stage.texts, letters)
    await ledger.deliver(line, stage.texts, [])
    assert [one.number for one in await ledger.waiting(line, stage.texts, "Z001", 0, 2)] == [1, 2]
    assert [one.number for one in await ledger.waiting(line, stage.texts, "Z001", 2, 2)] == [3]
    assert await ledger.waiting_counts(line) == {"Z001": 3, "Z002": 3}
    assert await ledger.acknowledge(line, [("Z001", 1), ("Z001", 9)]) == [("Z001", 1)]
    assert await ledger.waiting_counts(line) == {"Z001": 2, "Z002": 3}
    await line.close()
