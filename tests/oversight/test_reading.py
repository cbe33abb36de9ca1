"""Judges the search of the journal: what is asked for is found, with its place in the tree."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import Clock
from tests.journal.invented import Journal
from wireroom.journal.checkpoint import open_checkpoint
from wireroom.journal.entry import Entry
from wireroom.oversight import reading
from wireroom.oversight.reading import Found, Wanted, find, newest_checkpoint

pytestmark = pytest.mark.anyio


async def search(journal: Journal, wanted: Wanted) -> list[Found]:
    return await find(journal.pool, wanted, texts=journal.texts, now=journal.clock())


def numbers(found: list[Found]) -> list[int]:
    return [one.entry.number for one in found]


async def test_all_that_was_written_lately_is_found_newest_first_with_its_leaf(journal: Journal) -> None:
    written = await journal.fill((4, 3))
    journal.clock.tick(1)  # type: ignore[attr-defined]
    found = await search(journal, Wanted())
    assert [one.entry for one in found] == written[::-1]
    assert [one.leaf for one in found] == [6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(person="P002"),
        Wanted(ori="CA0992100"),
        Wanted(terminal="T001"),
        Wanted(tag="inquiry:asked", person="P001", ori="CA0992100", terminal="T001"),
        Wanted(text="7ABC123"),
        Wanted(text="lic/8xyz999"),
    ],
    ids=str,
)
async def test_each_part_of_a_search_narrows_it(journal: Journal, wanted: Wanted) -> None:
    written = await journal.fill((20,))
    journal.clock.tick(1)  # type: ignore[attr-defined]

    def fits(entry: Entry) -> bool:
        parts = ((wanted.person, entry.person), (wanted.ori, entry.ori), (wanted.terminal, entry.terminal))
        text = str(entry.detail["text"])
        return wanted.text.upper() in text and all(asked in ("", has) for asked, has in parts)

    expected = [entry.number for entry in written if fits(entry)]
    assert 0 < len(expected) < 20
    assert numbers(await search(journal, wanted)) == expected[::-1]


async def test_a_text_is_found_as_it_was_said_whatever_json_makes_of_it(journal: Journal) -> None:
    batch = journal.entries(2)
    odd = Entry(batch[0].number, "message:asked", journal.clock(), detail={"text": 'said "Muñoz\\100%_"\n'})
    async with journal.pool.acquire() as conn:
        await journal.writer.write(conn, [odd, batch[1]])
    journal.clock.tick(1)  # type: ignore[attr-defined]
    for text in ('"Muñoz\\', "100%_", '"\n'):
        assert numbers(await search(journal, Wanted(text=text))) == [odd.number]
    assert await search(journal, Wanted(text="100__")) == []


async def test_a_number_finds_the_entry_and_all_of_its_transaction_however_old(journal: Journal) -> None:
    asked = (await journal.write(3))[1]
    journal.clock.tick(40 * 86_400)  # type: ignore[attr-defined]
    number = journal.numbers.batch(1)[0]
    answer = Entry(number, "answer:late", journal.clock(), transaction=asked.number)
    async with journal.pool.acquire() as conn:
        await journal.writer.write(conn, [answer])
    assert numbers(await search(journal, Wanted(number=asked.number))) == [answer.number, asked.number]
    assert numbers(await search(journal, Wanted(number=answer.number))) == [answer.number]


async def test_without_a_time_the_last_week_is_searched(journal: Journal, clock: Clock) -> None:
    await journal.write(1)
    clock.tick(8 * 86_400)
    lately = await journal.write(1)
    clock.tick(1)
    assert numbers(await search(journal, Wanted())) == [lately[0].number]


async def test_a_time_has_a_beginning_that_counts_and_an_end_that_does_not(
    journal: Journal, clock: Clock
) -> None:
    start = clock()
    written = []
    for _ in range(4):
        written += await journal.write(1)
        clock.tick(60)
    found = await search(
        journal, Wanted(since=start + timedelta(minutes=1), until=start + timedelta(minutes=3))
    )
    assert numbers(found) == [written[2].number, written[1].number]


async def test_a_search_gives_no_more_than_its_limit(journal: Journal) -> None:
    written = await journal.write(9)
    journal.clock.tick(1)  # type: ignore[attr-defined]
    found = await search(journal, Wanted(limit=2))
    assert numbers(found) == [written[8].number, written[7].number]


@pytest.mark.parametrize("limit", [0, 10_001])
async def test_a_limit_out_of_reason_is_refused(journal: Journal, limit: int) -> None:
    with pytest.raises(ValueError, match="1 to 10000"):
        await search(journal, Wanted(limit=limit))


async def test_what_waits_for_its_place_has_no_leaf_yet(journal: Journal) -> None:
    await journal.write(1)
    journal.clock.tick(1)  # type: ignore[attr-defined]
    assert [one.leaf for one in await search(journal, Wanted())] == [None]


async def test_a_damaged_entry_does_not_hide_the_others(journal: Journal) -> None:
    written = await journal.fill((3,))
    await journal.tamper("UPDATE journal SET body = 'nonsense' WHERE number = $1", written[1].number)
    journal.clock.tick(1)  # type: ignore[attr-defined]
    found = await search(journal, Wanted())
    assert numbers(found) == [entry.number for entry in written[::-1]]
    assert [bool(one.trouble) for one in found] == [False, True, False]
    assert found[1].entry.person == written[1].person


async def test_the_newest_checkpoint_can_be_had_to_keep_it(journal: Journal) -> None:
    assert await newest_checkpoint(journal.pool) == ""
    await journal.fill((1,), (2,))
    note = await newest_checkpoint(journal.pool)
    assert open_checkpoint(note, [journal.signer.key]).checkpoint.size == 3


async def test_a_text_is_looked_for_page_by_page_and_no_further_than_the_limit(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PAGE_FIRST", 3)
    monkeypatch.setattr(reading, "_PAGE", 3)
    written = await journal.fill((20,))
    journal.clock.tick(1)  # type: ignore[attr-defined]
    expected = [entry.number for entry in written if "7ABC123" in str(entry.detail)][::-1]
    assert numbers(await search(journal, Wanted(text="7ABC123"))) == expected
    monkeypatch.setattr(reading, "SCANNED_MAX", 6)
    with pytest.raises(reading.TooWide, match=r"6 entries back to .* search a shorter time"):
        await search(journal, Wanted(text="7ABC123"))
    assert len(await search(journal, Wanted(text="7ABC123", limit=1))) == 1, (
        "what is near is found all the same"
    )
