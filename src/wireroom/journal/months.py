"""Makes the journal's monthly partitions ahead of time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import asyncpg

from wireroom.journal.numbers import first_number

if TYPE_CHECKING:
    from wireroom.journal import Connection

MONTHS_MAX = 36


async def partitions(conn: Connection, since: datetime, months: int) -> list[str]:
    """Makes the partitions that are missing from the month of `since` on; returns the names of the new ones.

    A month that already has entries in the default partition stays there: moving them would stop the switch.
    Making one waits at most two seconds for a gap between writers, then raises asyncpg.LockNotAvailableError;
    call again later.
    """
    if not 1 <= months <= MONTHS_MAX:
        raise ValueError(f"make 1 to {MONTHS_MAX} months at a time, not {months}")
    made = []
    year, month = since.astimezone(UTC).year, since.astimezone(UTC).month
    for _ in range(months):
        name, start = f"journal_{year}_{month:02d}", datetime(year, month, 1, tzinfo=UTC)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        if await _make(conn, name, first_number(start), first_number(datetime(year, month, 1, tzinfo=UTC))):
            made.append(name)
    return made


async def _make(conn: Connection, name: str, low: int, high: int) -> bool:
    if await conn.fetchval("SELECT to_regclass($1) IS NOT NULL", name):
        return False
    try:
        async with conn.transaction():
            await conn.execute("SET LOCAL lock_timeout = '2s'")
            # DDL takes no parameters; the name and both bounds are made above, from a date.
            await conn.execute(
                f"CREATE TABLE {name} PARTITION OF journal FOR VALUES FROM ({low}) TO ({high})"
            )
    except (asyncpg.CheckViolationError, asyncpg.DuplicateTableError):
        return False
    return True
