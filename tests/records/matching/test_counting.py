"""Claims about counting: shares come from what is there, unused words go, and no word goes that somebody uses."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.records.matching.index import Index, opened, word
from wireroom.records.matching.counting import ONE_AT_A_TIME, count
from wireroom.records.matching.keeping import Called, called

pytestmark = pytest.mark.anyio
JANE = called("TESTCASE", "JANE", "QUINN", dob=19900131, sex="F")


async def words(index: Index) -> dict[str, int]:
    return {row["token"]: row["id"] for row in await index.line.fetch("select token, id from name_token")}


async def test_each_word_is_counted_as_last_and_as_first_name(index: Index) -> None:
    await index.enter_all([JANE, called("TESTCASE", "OLGA"), called("EXAMPLE-TESTCASE", "JANE JANE")])
    await index.count()
    rows = await index.line.fetch("select token, last, given from name_token")
    assert {row["token"]: (row["last"], row["given"]) for row in rows} == {
        "TESTCASE": (3, 0), "JANE": (0, 2), "QUINN": (0, 0), "OLGA": (0, 1), "EXAMPLE": (1, 0),
    }  # fmt: skip
    await index.search(JANE)
    assert index.people.books.people(index.people.books.number("wanted", False)) == 3
    assert index.people.likenesses.last_people == 4


async def test_every_process_learns_of_a_new_count(index: Index, other: Index) -> None:
    async def strength(process: Index) -> float:
        return max(match.bits for match in (await process.found(JANE)).values())

    await index.enter(JANE)
    await index.enter_all([called("TESTCASE", "OLGA", dob=19500101 + n % 20) for n in range(600)])
    uncounted = await strength(other)
    await index.count()
    assert await strength(index) == await strength(other) < uncounted


async def test_words_that_nobody_has_go_at_the_second_count_at_latest(index: Index) -> None:
    record = await index.enter(JANE)
    kept = await index.enter(called("EXAMPLE", "JANE", "O"))
    await index.count()
    await index.forget(record)
    for _ in range(2):
        await index.count()
    assert set(await words(index)) == {"EXAMPLE", "JANE", "O"}
    assert list(await index.found(called("EXAMPLE", "JANE"))) == [kept]


async def test_a_number_is_never_used_twice_and_a_word_that_comes_back_is_found(
    index: Index, other: Index
) -> None:
    await index.forget(await index.enter(JANE))
    await other.search(JANE)
    first = await words(index)
    await index.count()
    assert await words(index) == {}
    record = await index.enter(JANE)
    second = await words(index)
    assert min(second.values()) > max(first.values())
    for process in (index, other):
        assert list(await process.found(JANE)) == [record]
        assert list(await process.found(called("TESTKASE", "JAYNE", dob=19900131))) == [record]


async def test_only_one_counts_at_a_time(index: Index, other: Index) -> None:
    await other.line.execute(ONE_AT_A_TIME)
    assert not await count(index.line)
    await other.line.execute("select pg_advisory_unlock_all()")
    assert await count(index.line)


async def test_an_empty_index_can_be_counted(index: Index) -> None:
    await index.count()
    assert await index.found(JANE) == {}


async def test_an_idle_word_that_somebody_begins_to_use_stays(index: Index, other: Index) -> None:
    await index.forget(await index.enter(JANE))
    await index.line.execute("update name_token set idle = true")  # as a count does first
    record = await other.enter(JANE)
    await index.count()
    assert set(await words(index)) == {"TESTCASE", "JANE", "QUINN"}
    assert list(await index.found(JANE)) == [record]


async def test_an_open_transaction_keeps_its_words_from_a_count(index: Index, other: Index) -> None:
    await index.forget(await index.enter(JANE))
    async with other.line.transaction():
        counting = asyncio.create_task(index.count())
        record = await other.enter(JANE)
    await counting
    assert list(await index.found(JANE)) == [record]
    assert set(await words(index)) == {"TESTCASE", "JANE", "QUINN"}


async def test_no_word_goes_that_a_writer_uses_whatever_is_counted_meanwhile(database: str) -> None:
    """Three writers enter and cancel people of few names, so that words fall idle and are needed again all the time."""
    dice = Random(4)
    names = [word(dice) for _ in range(24)]
    numbers: dict[int, str] = {}

    async def write(index: Index, dice: Random) -> dict[int, Called]:
        standing: dict[int, Called] = {}
        for _ in range(60):
            if standing and dice.random() < 0.5:
                gone = dice.choice(list(standing))
                del standing[gone]
                await index.forget(gone)
            else:
                one = called(dice.choice(names), dice.choice(names), dob=19000101 + dice.randrange(28))
                standing[await index.enter(one)] = one
        return standing

    async def sweep(index: Index, writers: list[asyncio.Task[dict[int, Called]]]) -> None:
        while not all(writer.done() for writer in writers):
            await index.count()
            for row in await index.line.fetch("select id, token from name_token"):
                assert numbers.setdefault(row["id"], row["token"]) == row["token"]

    async with (
        opened(database) as one,
        opened(database) as two,
        opened(database) as three,
        opened(database) as sweeper,
    ):
        writers = [
            asyncio.create_task(write(index, Random(seed))) for seed, index in enumerate((one, two, three))
        ]
        await sweep(sweeper, writers)
        for _ in range(2):
            await sweeper.count()
        standing = {record: name for writer in writers for record, name in writer.result().items()}
        used = {n for row in (await sweeper.rows("person"))["person"] for n in (*row[3], *row[4])}  # type: ignore[misc]
        assert used == set((await words(sweeper)).values())
        for process in (one, sweeper):
            for record, name in standing.items():
                assert record in await process.found(name)
    assert len(numbers) > len(names), "words have gone and come back"
