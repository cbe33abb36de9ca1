"""A system in which all is well, as it is seen; tests change one fact at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from wireroom.app.watching.seen import Chore, Clocks, Disk, LinkSeen, Seen
from wireroom.oversight.refusals import Refusal
from wireroom.oversight.room import Room

AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
GIB = 1 << 30
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROOM = Room(
    entries=1000, bytes=2_000_000, bytes_an_entry=2000, entries_a_day=1000, bytes_a_day=2_000_000,
    free_bytes=80 * GIB, reserve_bytes=GIB, keep_days=1096, held_days=10, lasts_days=40_000, needed_bytes=2 * GIB,
)  # fmt: skip
WELL = Seen(
    at=AT,
    began_at=AT - 2 * DAY,
    not_writing="",
    waiting_since=AT,
    unsigned_since=AT,
    disks=(Disk("the data folder", 80 * GIB, 100 * GIB),),
    room=ROOM,
    links=(LinkSeen("NCIC", up=True, since=AT - DAY),),
    clocks=Clocks(0.0, 0.0, 0.0),
    refusals=(),
    locked=(),
    unexplained=(),
    unexplained_max=100,
    emergencies=(),
    known_passwords_at=AT - 10 * DAY,
    key_since=AT - 10 * DAY,
    certificate_ends=AT + 100 * DAY,
    overdue={},
    incidents_late=(),
    reviews_owed={},
    backups_every=DAY,
    backup=Chore(AT - HOUR, AT - HOUR, ""),
    files_checked=Chore(AT - HOUR, AT - HOUR, ""),
    files_wrong=(),
    settings_unapproved="",
)


def seen(**changes: object) -> Seen:
    """All is well but for this."""
    return msgspec.structs.replace(WELL, **changes)


def refused(tag: str, count: int, person: str = "p.vale", **more: object) -> tuple[Refusal, ...]:
    """So many refusals of one kind."""
    return tuple(Refusal(AT, tag, "CA0990100", person, **more) for _ in range(count))  # type: ignore[arg-type]
