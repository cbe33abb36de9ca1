"""Controls of CJIS Security Policy 5.9.5 over the journal's entries: their time, their order, what they show."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.conftest import Clock
from tests.journal.invented import Journal
from tests.sealed import bodies
from wireroom.journal.entry import Entry, canonical, parse
from wireroom.journal.numbers import NumberMaker, moment

pytestmark = pytest.mark.anyio
HOUR_S = 3600.0
PACIFIC = timezone(timedelta(hours=-8))


# --------------------------------------------------------------------------- AU-8: time


def test_AU_8_a_time_is_written_in_utc_and_to_the_microsecond() -> None:
    at = datetime(2026, 3, 2, 8, 0, 1, 230_456, tzinfo=PACIFIC)
    assert b'"at":"2026-03-02T16:00:01.230456Z"' in canonical(Entry(1, "a:b", at))


@pytest.mark.parametrize("fraction", [0, 1, 10_000, 999_999])
async def test_AU_8_the_fraction_of_a_second_is_kept_in_the_row_and_in_the_text(
    journal: Journal, clock: Clock, fraction: int
) -> None:
    clock.now = clock.now.replace(microsecond=fraction)
    [written] = await journal.write(1)
    row = await journal.pool.fetchrow("SELECT at FROM journal")
    async with journal.pool.acquire() as conn:
        [body] = await bodies(conn, journal.texts)
    assert row is not None
    assert (row["at"], parse(body).at, written.at) == (clock.now,) * 3
    assert row["at"].utcoffset() == timedelta(0)


def test_AU_8_a_number_tells_the_time_to_the_millisecond() -> None:
    at = datetime(2026, 3, 2, 16, 0, 1, 230_000, tzinfo=UTC)
    [number] = NumberMaker(1, lambda: int(at.timestamp() * 1000)).batch(1)
    assert moment(number) == at


async def test_AU_8_an_hour_forward_and_back_does_not_turn_the_order_round(
    journal: Journal, clock: Clock
) -> None:
    written, signed = [], []
    for step in (0.0, HOUR_S, -2 * HOUR_S, -1.0, HOUR_S):
        clock.tick(step)
        written += await journal.write(2)
        await journal.sequencer.fold_all()
        signed.append(await journal.pool.fetchval("SELECT max(size) FROM journal_checkpoint"))
    numbers = [
        row["number"] for row in await journal.pool.fetch("SELECT number FROM journal ORDER BY number")
    ]
    assert numbers == [entry.number for entry in written]
    times = [entry.at for entry in written]
    assert times != sorted(times), "the clock did go back, and the entries say so"
    places = await journal.pool.fetch("SELECT batch FROM journal_span ORDER BY first")
    assert [row["batch"] for row in places] == numbers[::2]
    assert signed == sorted(signed)
    assert signed[-1] == len(written)


async def test_AU_8_after_a_restart_with_the_clock_set_back_numbers_go_on(
    journal: Journal, clock: Clock
) -> None:
    [before] = await journal.write(1)
    clock.tick(-HOUR_S)
    maker = NumberMaker(1, lambda: int(clock().timestamp() * 1000), after=before.number)
    assert maker.batch(1)[0] > before.number


# --------------------------------------------------------------------------- AU-3: what an entry holds


async def test_AU_3_3_without_the_key_an_entry_shows_no_text_and_no_number_of_anybody(
    journal: Journal, clock: Clock
) -> None:
    secrets = ("TESTCASE", "900-12-3456", "7ABC123")
    text = f"QW.NAM/{secrets[0]}, JANE.SOC/{secrets[1]}.LIC/{secrets[2]}"
    number = journal.numbers.batch(1)[0]
    entry = Entry(number, "inquiry:asked", clock(), number, "CA0990100", "Z001", "p.vale", {"text": text})
    async with journal.pool.acquire() as conn:
        await journal.writer.write(conn, [entry])
        row = await conn.fetchrow("SELECT * FROM journal")
        [opened] = await bodies(conn, journal.texts)
    assert row is not None
    shown = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())
    assert re.search(rb"p\.vale", shown), "who asked stands in clear, to be found by"
    for secret in secrets:
        assert secret.encode() not in shown
        assert secret.encode() in opened, "and with the key it is all there"
