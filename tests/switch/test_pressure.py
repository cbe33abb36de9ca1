"""Claims about a switch under pressure: too much at once, poison, a lost database, and how much SQL a batch costs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from tests.switch.stage import (
    BROAD,
    NEXT_DESK,
    OTHER,
    Pretended,
    Stage,
    answers,
    send,
    soon,
    state_files,
    take,
)
from wireroom.journal.tags import Tag
from wireroom.message.answer import Answer, Question
from wireroom.switch import Busy, JournalDown, TooMany, transaction
from wireroom.switch.transaction import Limits
from wireroom.switch.work import Note

pytestmark = pytest.mark.anyio


# ------------------------------------------------------------------ limits, and trouble with the database


async def test_full_queues_say_busy_and_nothing_moves(stage: Stage) -> None:
    switch = stage.make(limits=Limits(queue_max=2, agency_share=2))  # not started: nothing leaves the queue
    sends = [asyncio.create_task(switch.transact(stage.arrival(BROAD))) for _ in range(3)]
    async with asyncio.timeout(5):
        done, waiting = await asyncio.wait(sends, return_when=asyncio.FIRST_COMPLETED)
    assert [type(one.exception()) for one in done] == [Busy]
    assert len(waiting) == 2
    await switch.start()
    try:
        assert {(await soon(one)).state for one in waiting} == {"accepted"}
    finally:
        await switch.stop()
    assert await stage.value("select count(*) from claim") == 2


async def test_SC_5_an_agency_with_too_much_waiting_is_told_before_its_text_is_read_and_others_are_served(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threat 26."""
    switch = stage.make(limits=Limits(queue_max=8))  # not started, so nothing leaves the queue
    flood = [asyncio.create_task(switch.transact(stage.arrival(BROAD))) for _ in range(4)]
    await asyncio.sleep(0)
    with monkeypatch.context() as patch:
        patch.setattr(transaction, "read_arrival", None)
        with pytest.raises(TooMany, match="of your agency"):
            await switch.transact(stage.arrival(BROAD, NEXT_DESK))
    other = asyncio.create_task(switch.transact(stage.arrival(BROAD, OTHER)))
    note = asyncio.create_task(switch.note(Note(tag=Tag.RULES_CHANGED)))
    await asyncio.sleep(0)
    await switch.start()
    try:
        assert {(await soon(one)).state for one in (*flood, other)} == {"accepted"}
        await soon(note)
    finally:
        await switch.stop()
    assert await stage.value("select count(*) from claim") == 5, "who was told to wait left no trace"


async def test_a_terminal_that_lets_too_much_wait_may_not_ask_for_more(stage: Stage) -> None:
    async with stage.running(limits=Limits(station_queue_max=3)) as switch:
        for _ in range(3):
            await send(stage, switch, BROAD)
        with pytest.raises(Busy, match="acknowledge"):
            await send(stage, switch, BROAD)
        assert (await send(stage, switch, BROAD, NEXT_DESK)).state == "accepted"
        await switch.acknowledge("Z001", [5, 6, 7])  # numbers that nobody gave it make no room
        await switch._acknowledge()
        with pytest.raises(Busy):
            await send(stage, switch, BROAD)
        await switch.acknowledge("Z001", [one.number for one in await take(switch, "Z001", 3)])
        await switch._acknowledge()
        assert (await send(stage, switch, BROAD)).state == "accepted"
    async with stage.running(limits=Limits(station_queue_max=1)) as switch:
        with pytest.raises(Busy):
            await send(stage, switch, BROAD)  # the count is the database's


async def test_an_acknowledgement_is_written_down_once_and_only_of_what_waited(stage: Stage) -> None:
    async with stage.running() as switch:
        [answer] = await take(switch, "Z001", len([await send(stage, switch, BROAD)]))
        for terminal, number in (
            ("Z001", answer.number),
            ("Z001", answer.number),
            ("Y001", answer.number),
            ("Z001", 5),
        ):
            await switch.acknowledge(terminal, [number])
        await switch._acknowledge()
        await switch.acknowledge("Z001", [answer.number])
        await switch._acknowledge()
        signed = [entry.detail for entry in await stage.journal() if entry.tag == Tag.DELIVERY_ACKNOWLEDGED]
    assert signed == [{"acknowledged": [["Z001", answer.number]]}]
    assert await stage.value("select count(*) from delivery") == 0


async def test_a_poisoned_message_fails_alone(stage: Stage) -> None:
    files = state_files()

    class Poisoned:
        name = "STATE"
        subjects = files.subjects

        async def ask(self, connection: asyncpg.Connection, questions: Sequence[Question]) -> list[Answer]:
            if any(question.message.get("LIC") == "7QQQ666" for question in questions):
                await connection.execute("select 1 / 0")
            return await files.ask(connection, questions)

    switch = stage.make(files=Poisoned())
    plates = [f"7QQQ{number:03}" for number in range(660, 670)]
    sends = [
        asyncio.create_task(switch.transact(stage.arrival(f"QV.LIC/{plate}.LIS/CA"))) for plate in plates
    ]
    await asyncio.sleep(0)
    await switch.start()
    try:
        done = await soon(asyncio.gather(*sends, return_exceptions=True))
    finally:
        await switch.stop()
    failed = [plate for plate, one in zip(plates, done, strict=True) if isinstance(one, JournalDown)]
    assert failed == ["7QQQ666"]
    assert await stage.value("select count(*) from delivery") == 9


async def test_the_switch_goes_on_when_its_connections_are_killed(stage: Stage) -> None:
    kill = (
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    far = Pretended("NCIC")
    async with stage.running(far) as switch:
        await answers(stage, switch, BROAD)
        await stage.execute(kill)
        for key in ("one", "two", "three"):  # the first may be told that nothing was written down
            try:
                assert (await send(stage, switch, BROAD, key=key)).state == "accepted"
                break
            except JournalDown:
                continue
        else:
            raise AssertionError("the switch did not come back")
        await soon(asyncio.gather(*switch._asking))
        stage.clock.tick(60)
        await switch._recover()
        got = await answers(stage, switch, BROAD)
    assert [one.source for one in got] == ["STATE", "NCIC"]
    assert await stage.value("select count(*) from leg") == 0


async def test_a_commit_whose_word_was_lost_is_found_by_its_key_and_its_answers_come(stage: Stage) -> None:
    class LostWord:
        """A connection that breaks just after the database has committed, once."""

        def __init__(self, real: asyncpg.Connection) -> None:
            self._real = real

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

        def transaction(self) -> object:
            return self._Transaction(self._real.transaction())

        class _Transaction:
            def __init__(self, real: object) -> None:
                self._real = real

            async def __aenter__(self) -> None:
                await self._real.__aenter__()  # type: ignore[attr-defined]

            async def __aexit__(self, *trouble: object) -> None:
                await self._real.__aexit__(*trouble)  # type: ignore[attr-defined]
                if armed:
                    armed.clear()
                    raise asyncpg.ConnectionDoesNotExistError("the line broke")

    async def connect() -> object:
        return LostWord(await stage.connect())

    armed: list[bool] = []
    far = Pretended("NCIC")
    async with stage.running(far, connect=connect) as switch, switch.mailbox("Z001") as mail:
        first = await send(stage, switch, BROAD)
        assert {(await soon(anext(mail))).transaction for _ in range(2)} == {first.number}
        armed.append(True)
        with pytest.raises(JournalDown):
            await send(stage, switch, BROAD, key="one")
        again = await send(stage, switch, BROAD, key="one")
        local = await soon(anext(mail))
        stage.clock.tick(60)
        await switch._recover()
        remote = await soon(anext(mail))
    assert again.state == "repeat"
    assert [(one.source, one.transaction) for one in (local, remote)] == [
        ("STATE", again.number), ("NCIC", again.number)
    ]  # fmt: skip
    assert remote.state == "no answer"


async def test_a_switch_that_stops_leaves_nobody_waiting(stage: Stage) -> None:
    began, never = asyncio.Event(), asyncio.Event()

    class Slow:
        name = "STATE"
        subjects = state_files().subjects

        async def ask(self, connection: asyncpg.Connection, questions: Sequence[Question]) -> list[Answer]:
            began.set()
            await never.wait()
            return []

    switch = stage.make(files=Slow())
    await switch.start()
    under_way = asyncio.create_task(switch.transact(stage.arrival(BROAD)))
    await soon(began.wait())
    queued = asyncio.create_task(switch.transact(stage.arrival(BROAD)))
    await asyncio.sleep(0)
    await switch.stop()
    for one in (under_way, queued, asyncio.create_task(switch.transact(stage.arrival(BROAD)))):
        with pytest.raises(JournalDown, match="stopping"):
            await soon(one)


# ------------------------------------------------------------------ rounds of SQL


async def test_a_batch_of_64_plates_takes_at_most_seven_rounds(stage: Stage) -> None:
    ncic, dmv = Pretended("NCIC"), Pretended("DMV")
    async with stage.running(ncic, dmv) as switch:
        await answers(stage, switch, BROAD)  # the driver asks for the types once
        ncic.hold.clear()
        dmv.hold.clear()
        batches = switch.numbers_lane.batches
        stage.statements.clear()
        await soon(asyncio.gather(*(send(stage, switch, f"QV.LIC/7QQQ{n:03}.LIS/CA") for n in range(64))))
        assert switch.numbers_lane.batches == batches + 1
        [whose] = [line for line, one in stage.statements if "insert into claim" in one]
        rounds = [" ".join(one.split()[:3]) for line, one in stage.statements if line == whose]
        assert len(rounds) <= 7, rounds  # begin, claim, look up, journal, deliver, open the legs, commit
        ncic.hold.set()
        dmv.hold.set()
