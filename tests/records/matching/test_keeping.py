"""Claims about keeping: what is written is found by everybody at once, and what is not committed by nobody."""

from __future__ import annotations

import pytest

from tests.records.matching.index import FILE, Index, invented
from wireroom.records.matching.keeping import COPY_FROM, Kept, called, pairs_of

pytestmark = pytest.mark.anyio
JANE = called("TESTCASE", "JANE", "QUINN", dob=19900131, sex="F")


async def undone(index: Index, *kept: Kept) -> None:
    """Writes names and takes them in, in a transaction that is rolled back."""
    transaction = index.line.transaction()
    await transaction.start()
    await index.keep_here(*kept)
    await index.people.refresh(index.line)
    await transaction.rollback()


async def test_what_one_process_adds_another_finds_at_its_next_refresh(index: Index, other: Index) -> None:
    assert await other.found(JANE) == {}
    record = await index.enter(JANE)
    assert list(await other.found(JANE)) == [record]


@pytest.mark.parametrize(
    ("last", "first", "dob"),
    [
        ("TESTKASE", "JANE", 19900131),
        ("TESTCASE", "JAINE", 19900131),
        ("TETSCASE", "JNAE", 19900131),
        ("TESTCASE", "JANE", 19900113),
        ("TESTCASE", "J", 19900131),
        ("JANE", "TESTCASE", 19900131),
        ("TESTCASE", "QUINN", 19900131),
        ("EXAMPLE", "JANE", 19900131),
    ],
)
async def test_it_is_found_misspelt_too_by_a_process_that_asked_before(
    index: Index, other: Index, last: str, first: str, dob: int
) -> None:
    asked = called(last, first, dob=dob)
    assert await other.found(asked) == {}
    record = await index.enter(JANE)
    assert list(await other.found(asked, from_bits=-12)) == [record]


async def test_a_new_first_name_is_found_by_its_initial(index: Index, other: Index) -> None:
    await index.enter(called("GARFIELD", "JOHN", dob=19800101))
    asked = called("GARFIELD", "J")
    assert len(await other.found(asked)) == 1
    record = await index.enter(called("GARFIELD", "JAXTON", dob=19700101))
    assert record in await other.found(asked)


async def test_a_transaction_that_is_rolled_back_leaves_nothing(index: Index, other: Index) -> None:
    await index.enter(called("EXAMPLE", "OLGA"))
    before = await index.rows()
    await undone(index, Kept("licence", False, 7, (JANE,)))
    assert await index.rows() == before
    assert await other.found(JANE) == {}
    record = await index.enter(JANE)  # by the process that remembers words that never were
    for process in (index, other):
        assert list(await process.found(JANE)) == [record]
        assert list(await process.found(called("TESTKASE", "JAYNE", dob=19900131))) == [record]


async def test_words_of_a_transaction_that_is_rolled_back_are_numbered_anew_by_another(
    index: Index, other: Index
) -> None:
    await undone(index, Kept(FILE, False, 7, (JANE,)))
    record = await other.enter(JANE)
    assert list(await index.found(JANE)) == [record]
    second = await index.enter(JANE)
    assert set(await other.found(JANE)) == {record, second}


async def test_a_search_sees_what_its_own_transaction_has_written(index: Index) -> None:
    async with index.line.transaction():
        await index.keep_here(Kept(FILE, False, 7, (JANE,)))
        assert list(await index.found(JANE)) == [7]


async def test_other_names_take_the_place_of_the_old_ones(index: Index) -> None:
    record = await index.enter(JANE, called("EXAMPLE", "JO", dob=19900131))
    await index.keep(Kept(FILE, False, record, (called("SPECIMEN", "MARIA", dob=19900131),)))
    assert list(await index.found(called("SPECIMEN", "MARIA"))) == [record]
    assert await index.found(JANE, from_bits=0) == {}
    assert await index.found(called("EXAMPLE", "JO")) == {}
    assert len((await index.rows("person"))["person"]) == 1


async def test_the_last_word_on_a_record_holds(index: Index) -> None:
    await index.keep(Kept(FILE, False, 7, (called("EXAMPLE", "JO"),)), Kept(FILE, False, 7, (JANE,)))
    assert list(await index.found(JANE)) == [7]
    await index.keep(Kept(FILE, False, 7, (called("EXAMPLE", "JO"),)), Kept(FILE, False, 7, ()))
    assert not any((await index.rows("person", "name_pair")).values())


async def test_each_alias_and_each_birth_date_finds_the_record_once(index: Index) -> None:
    record = await index.enter(
        JANE, called("EXAMPLE", "JAYNE", dob=19900131), called("EXAMPLE", "JAYNE", dob=19880131)
    )
    for asked in (JANE, called("EXAMPLE", "JAYNE", dob=19900131), called("EXAMPLE", "JAYNE", dob=19880131)):
        [match] = (await index.found(asked)).values()
        assert (match.record, match.dob) == (record, asked.dob)


async def test_files_and_training_are_apart(index: Index) -> None:
    live, drill = await index.enter(JANE), await index.enter(JANE, test=True)
    licence = await index.enter(JANE, file="licence")
    assert list(await index.found(JANE)) == [live]
    assert list(await index.found(JANE, file="licence")) == [licence]
    [matches] = await index.search(JANE, test=True)
    assert [match.record for match in matches.found] == [drill]
    assert await index.found(JANE, file="protection") == {}


async def test_many_at_once_are_kept_as_each_by_itself(index: Index) -> None:
    several = invented(COPY_FROM)
    await index.keep(*(Kept("many", False, n, (one,)) for n, one in enumerate(several)))
    for n, one in enumerate(several):
        await index.keep(Kept("few", False, n, (one,)))
    many, few = index.people.books.number("many", False), index.people.books.number("few", False)
    for table, book in (("person", 0), ("name_pair", 2)):
        rows = (await index.rows(table))[table]
        halves = [
            [(*row[:book], *row[book + 1 :]) for row in rows if row[book] == number] for number in (many, few)
        ]
        assert halves[0] == halves[1]
        assert len(halves[0]) >= COPY_FROM


async def test_a_name_without_a_letter_is_kept_and_removed_like_any(index: Index) -> None:
    before = await index.rows("person", "name_pair", "name_token")
    record = await index.enter(called("李", "小龙"), called("", "JANE"), called("TESTCASE", ""))
    assert len((await index.rows("person"))["person"]) == 3
    await index.forget(record)
    assert (await index.rows("person", "name_pair")) == {"person": [], "name_pair": []}
    await index.count()
    assert await index.rows("person", "name_pair", "name_token") == before


def test_what_is_missing_on_a_side_of_a_pair_stands_as_nothing() -> None:
    assert pairs_of((), (5,)) == [5]
    assert pairs_of((1,), ()) == [1 << 31]
    assert pairs_of((1, 2), (5, 6)) == [1 << 31 | 5, 1 << 31 | 6, 2 << 31 | 5, 2 << 31 | 6]
