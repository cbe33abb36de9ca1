"""The migration that keeps alarms, what is done by the clock and settings: refusals are found by their index."""

from __future__ import annotations

import asyncpg
import pytest

from wireroom.app import database as db
from wireroom.app.schema import migrate

pytestmark = pytest.mark.anyio
ENTRY = """
insert into journal (number, tag, at, transaction, ori, terminal, person, body)
values ($1, $2, now(), 0, '', '', '', '')
"""


async def test_what_was_there_goes_on_and_the_newest_refusals_are_found_at_once(empty_database: str) -> None:
    await migrate(empty_database, "0015")
    async with db.connect(empty_database) as connection:
        for number, tag in ((1, "inquiry:asked"), (2, "session:refused"), (3, "text:faulty")):
            await connection.execute(ENTRY, number, tag)
    await migrate(empty_database, "0016")
    async with db.connect(empty_database) as connection:
        await connection.execute("set enable_seqscan = off")
        sought = (
            "select number from journal where number >= 0 and tag in ('session:refused', 'text:refused', "
            "'text:faulty') order by number desc limit 5"
        )
        assert [row["number"] for row in await connection.fetch(sought)] == [3, 2]
        plan = await connection.fetch(f"explain {sought}")
        assert any("journal_rest_number_idx" in row[0] for row in plan), plan
        await connection.execute("insert into settings_started values (true, now(), '', '{}')")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("insert into settings_started values (true, now(), '', '{}')")
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute("insert into settings_started values (false, now(), '', '{}')")
