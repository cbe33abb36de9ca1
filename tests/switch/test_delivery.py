"""Claims about mailboxes: what waits comes first, what comes is shown once, and what is not taken is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from random import Random

import pytest

from tests.switch.stage import OTHER, PATIENCE_S, Stage, send, take
from wireroom.message.answer import Delivery
from wireroom.switch import delivery as room
from wireroom.switch.delivery import Mailboxes
from wireroom.switch.transaction import Limits

pytestmark = pytest.mark.anyio
QV = "QV.LIC/7QQQ001.LIS/CA"


def letter(number: int, terminal: str = "Z001") -> Delivery:
    return Delivery(
        number=number,
        terminal=terminal,
        transaction=0,
        kind="mail",
        source="Y001",
        state="mail",
        title="",
        text="",
    )


class Cupboard:
    """What the database holds, for a mailbox without one."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Delivery]] = {}
        self.boxes = Mailboxes(self.fetch, waiting_max=1000)
        self.fetched = 0

    async def fetch(self, terminal: str, after: int, limit: int) -> list[Delivery]:
        self.fetched += 1
        await asyncio.sleep(0)
        waiting = sorted(self.kept.get(terminal, []), key=lambda one: one.number)
        return [one for one in waiting if one.number > after][:limit]

    def commit(self, *numbers: int) -> None:
        """Commits without telling anybody."""
        for number in numbers:
            self.kept.setdefault("Z001", []).append(letter(number))

    def put(self, *numbers: int) -> None:
        """Commits and tells whoever listens."""
        self.commit(*numbers)
        self.boxes.push([letter(number) for number in numbers])


async def some(mail: AsyncIterator[Delivery], count: int) -> list[int]:
    async with asyncio.timeout(PATIENCE_S):
        return [(await anext(mail)).number for _ in range(count)]


async def nothing_more(mail: AsyncIterator[Delivery]) -> bool:
    """Whether a reader waits, after everything else had its turn."""
    reading = asyncio.ensure_future(anext(mail))
    for _ in range(20):
        await asyncio.sleep(0)
    reading.cancel()
    return (await asyncio.gather(reading, return_exceptions=True))[0].__class__ is asyncio.CancelledError


async def test_what_waited_comes_first_and_then_what_comes() -> None:
    cupboard = Cupboard()
    cupboard.commit(*range(1, 251))
    async with cupboard.boxes.open("Z001") as mail:
        assert await some(mail, 250) == list(range(1, 251))
        cupboard.put(251, 252)
        assert await some(mail, 2) == [251, 252]
        assert await nothing_more(mail)


async def test_what_comes_while_the_first_are_read_comes_once() -> None:
    cupboard = Cupboard()
    cupboard.commit(2, 4)
    async with cupboard.boxes.open("Z001") as mail:
        assert await some(mail, 1) == [2]
        cupboard.put(1, 5)  # 1 committed late: its number is lower than what was read
        assert sorted(await some(mail, 3)) == [1, 4, 5]
        assert await nothing_more(mail)


async def test_a_slow_listener_loses_nothing_and_gets_nothing_twice() -> None:
    cupboard = Cupboard()
    count = 3 * room.LIVE_MAX
    async with cupboard.boxes.open("Z001") as mail:
        cupboard.put(1)
        assert await some(mail, 1) == [1]
        cupboard.put(*range(2, count + 1))
        assert sorted(await some(mail, count - 1)) == list(range(2, count + 1))
        cupboard.put(count + 1)
        assert await some(mail, 1) == [count + 1]
        assert await nothing_more(mail)


async def test_however_it_is_mixed_each_comes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LIVE_MAX", 4)
    for seed in range(30):
        dice, cupboard, got = Random(seed), Cupboard(), list[int]()
        numbers = list(range(1, 120))
        dice.shuffle(numbers)
        async with cupboard.boxes.open("Z001") as mail:

            async def read(mail: AsyncIterator[Delivery] = mail, got: list[int] = got) -> None:
                async for one in mail:
                    got.append(one.number)

            reading = asyncio.ensure_future(read())
            while numbers:
                size = dice.randrange(12)
                part, numbers = numbers[:size], numbers[size:]
                cupboard.put(*part)
                for _ in range(dice.randrange(4)):
                    await asyncio.sleep(0)
            for _ in range(2000):
                await asyncio.sleep(0)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        assert sorted(got) == list(range(1, 120)), f"seed {seed}"


async def test_after_a_commit_in_doubt_a_listener_looks_again() -> None:
    cupboard = Cupboard()
    async with cupboard.boxes.open("Z001") as mail:
        reading = asyncio.ensure_future(some(mail, 1))
        for _ in range(10):
            await asyncio.sleep(0)
        cupboard.commit(7)
        cupboard.boxes.look_again()
        assert await reading == [7]
        assert await nothing_more(mail)


async def test_two_listeners_of_one_terminal_both_see_it_and_another_terminal_does_not() -> None:
    cupboard = Cupboard()
    async with (
        cupboard.boxes.open("Z001") as one,
        cupboard.boxes.open("Z001") as two,
        cupboard.boxes.open("Z002") as other,
    ):
        cupboard.put(1)
        assert await some(one, 1) == await some(two, 1) == [1]
        assert await nothing_more(other)
        assert cupboard.boxes.listening("Z001")
    assert not cupboard.boxes.listening("Z001")


async def test_what_is_acknowledged_is_not_shown_again_before_the_database_let_go() -> None:
    cupboard = Cupboard()
    cupboard.put(1, 2)
    assert cupboard.boxes.acknowledged([("Z001", 1), ("Z001", 1)]) == [("Z001", 1)]
    assert cupboard.boxes.acknowledged([("Z001", 1)]) == []
    async with cupboard.boxes.open("Z001") as mail:
        assert await some(mail, 1) == [2]
        assert await nothing_more(mail)


async def test_a_broken_line_gets_what_it_did_not_acknowledge_again(stage: Stage) -> None:
    async with stage.running() as switch:
        for _ in range(3):
            await send(stage, switch, QV)
        first = await take(switch, "Z001", 2)  # and the line breaks
        await switch.acknowledge("Z001", [first[0].number])
        again = await take(switch, "Z001", 2)
        assert again[0] == first[1]
        await switch._acknowledge()
    assert await stage.value("select count(*) from delivery") == 2
    stage.clock.tick(1)
    async with stage.running() as switch:
        assert await take(switch, "Z001", 2) == again


async def test_nobody_signs_for_another_terminal(stage: Stage) -> None:
    async with stage.running() as switch:
        await send(stage, switch, QV)
        await send(stage, switch, QV, OTHER)
        [mine] = await take(switch, "Z001", 1)
        await switch.acknowledge("Y001", [mine.number])
        await switch._acknowledge()
        assert await take(switch, "Z001", 1) == [mine]


async def test_acknowledgements_wait_while_the_database_is_away(stage: Stage) -> None:
    async with stage.running(limits=Limits()) as switch:
        await send(stage, switch, QV)
        [answer] = await take(switch, "Z001", 1)
        stage.writer.trouble = OSError("away")
        await switch.acknowledge("Z001", [answer.number])
        with pytest.raises(OSError, match="away"):
            await switch._acknowledge()
        assert await stage.value("select count(*) from delivery") == 1
        stage.writer.trouble = None
        await switch._acknowledge()
    assert await stage.value("select count(*) from delivery") == 0
