"""Reports of access: counted right, within limits, and honest about what cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.journal.invented import PLATES, Journal
from wireroom.oversight import access as reading
from wireroom.oversight.access import Span, TooMuch, access, asked_by

pytestmark = pytest.mark.anyio
ORI = "CA0991100"


def span(journal: Journal) -> Span:
    at = journal.clock()
    return Span(ori=ORI, since=at - timedelta(days=1), until=at + timedelta(days=1))


def files(key: str) -> tuple[str, ...]:
    return ("vehicle",) if key == "QV" else ()


async def test_AU_7_a_report_counts_an_agencys_own_and_tells_what_it_could_not_open(journal: Journal) -> None:
    written = [one for one in await journal.write(40) if one.ori == ORI]
    found = await access(journal.pool, span(journal), texts=journal.texts, files_of=files)
    assert sum(one.times for one in found.used) == len(written) == 20
    assert {(one.purpose, one.file) for one in found.used} == {("C", "vehicle")}
    assert (found.refused, found.unexplained, found.unread) == ((), (), 0)
    assert not any(plate in str(found) for plate in PLATES)
    await journal.tamper("UPDATE journal SET body = 'x' WHERE number = $1", written[0].number)
    assert (await access(journal.pool, span(journal), texts=journal.texts, files_of=files)).unread == 1


async def test_AU_7_a_persons_askings_come_in_parts_and_each_once(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PAGE", 3)
    await journal.write(100)
    numbers: list[int] = []
    before: int | None = None
    while part := await asked_by(
        journal.pool, span(journal), "P000", texts=journal.texts, files_of=files, before=before, limit=4
    ):
        numbers += [one.number for one in part]
        before = numbers[-1]
    assert len(numbers) == len(set(numbers)) == 10
    assert numbers == sorted(numbers, reverse=True)


async def test_AU_7_a_report_that_would_open_too_much_says_so_and_lets_go(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PAGE", 3)
    monkeypatch.setattr(reading, "ENTRIES_MAX", 5)
    await journal.write(40)
    for _ in range(12):  # more often than there are connections
        with pytest.raises(TooMuch, match="shorter"):
            await access(journal.pool, span(journal), texts=journal.texts, files_of=files)
    assert (
        len(await asked_by(journal.pool, span(journal), "", texts=journal.texts, files_of=files, limit=2))
        == 2
    )


def test_AU_7_a_span_is_of_at_most_a_month() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    assert not Span(ori=ORI, since=at, until=at + timedelta(days=31)).wrong
    assert "31 days" in Span(ori=ORI, since=at, until=at + timedelta(days=31, seconds=1)).wrong
    assert "before" in Span(ori=ORI, since=at, until=at).wrong
