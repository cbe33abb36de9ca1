"""How much room the journal's entries take, and how long there is room for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from wireroom.journal.numbers import first_number, moment

if TYPE_CHECKING:
    from wireroom.journal import Pool

TIMEOUT_S = 60.0
WEEK = timedelta(days=7)
MEASURED_MIN = timedelta(hours=6)  # from less, nobody can say what a day takes
DAYS_A_YEAR = 365.25
SECONDS_A_DAY = 86_400

# Entries, what proves them, and their indexes: all that grows with them.
_BYTES = """
SELECT relname AS part, pg_total_relation_size(oid) AS bytes FROM pg_class
WHERE oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'journal'::regclass)
   OR oid IN ('journal_span'::regclass, 'journal_checkpoint'::regclass, 'journal_tree'::regclass)
ORDER BY relname
"""
_ENTRIES = "SELECT coalesce(max(size), 0) FROM journal_tree"
# Leaves are given out almost in the order of numbers: the first of a time says how many came before it.
_FIRST = "SELECT first, batch FROM journal_span WHERE batch >= $1 ORDER BY batch LIMIT 1"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The journal's size and growth, as it was found."""

    parts: dict[str, int] = {}  # bytes of each table and month, with its indexes
    entries: int = 0
    began_at: datetime | None = None  # the first entry
    lately: int = 0  # entries of the time below
    lately_since: datetime | None = None

    @property
    def bytes(self) -> int:
        """All of it."""
        return sum(self.parts.values())


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """What that means for the disk. Without enough entries yet, the days are None."""

    entries: int
    bytes: int
    bytes_an_entry: int
    entries_a_day: int
    bytes_a_day: int
    free_bytes: int | None  # None: the disk is on another machine
    reserve_bytes: int
    keep_days: int
    held_days: int  # from the first entry until now
    lasts_days: int | None  # so long the disk lasts at that rate, down to the reserve
    needed_bytes: int | None  # that are still to come until `keep_days` are held

    @property
    def enough(self) -> bool | None:
        """Whether there is room for what is to be kept; None where that cannot be said yet."""
        if self.free_bytes is None or self.needed_bytes is None:
            return None
        return self.needed_bytes <= self.free_bytes - self.reserve_bytes


async def measure(pool: Pool, now: datetime) -> Measured:
    """Looks at sizes and at a few rows, however long the journal is."""
    async with pool.acquire(timeout=TIMEOUT_S) as connection:
        parts = {row["part"]: row["bytes"] for row in await connection.fetch(_BYTES, timeout=TIMEOUT_S)}
        entries = await connection.fetchval(_ENTRIES, timeout=TIMEOUT_S)
        first = await connection.fetchrow(_FIRST, 0, timeout=TIMEOUT_S)
        week = await connection.fetchrow(_FIRST, first_number(now - WEEK), timeout=TIMEOUT_S)
    return Measured(
        parts=parts,
        entries=entries,
        began_at=moment(first["batch"]) if first else None,
        lately=entries - week["first"] if week else 0,
        lately_since=max(now - WEEK, moment(first["batch"])) if first else None,
    )


def room(
    measured: Measured, *, now: datetime, free_bytes: int | None, reserve_bytes: int, keep_years: int
) -> Room:
    """How long the disk lasts, against how long entries are to be kept."""
    keep_days = round(keep_years * DAYS_A_YEAR)
    each = measured.bytes / measured.entries if measured.entries else 0.0
    lately_s = (now - measured.lately_since).total_seconds() if measured.lately_since else 0.0
    a_day = measured.lately * SECONDS_A_DAY / lately_s if lately_s > 0 else 0.0
    held = (now - measured.began_at).days if measured.began_at else 0
    known = lately_s >= MEASURED_MIN.total_seconds() and each * a_day >= 1
    lasts = None
    if known and free_bytes is not None:
        lasts = int(max(0, free_bytes - reserve_bytes) / (each * a_day))
    return Room(
        entries=measured.entries,
        bytes=measured.bytes,
        bytes_an_entry=round(each),
        entries_a_day=round(a_day),
        bytes_a_day=round(each * a_day),
        free_bytes=free_bytes,
        reserve_bytes=reserve_bytes,
        keep_days=keep_days,
        held_days=held,
        lasts_days=lasts,
        needed_bytes=round(max(0, keep_days - held) * each * a_day) if known else None,
    )
