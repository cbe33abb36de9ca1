"""Gathers what is seen of a running switch: from its database, its links, its disks and its files."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar

import asyncpg
import msgspec

from wireroom.app import AppError, authority
from wireroom.app.baseline import standing
from wireroom.app.reviews import Reviews
from wireroom.app.settings import Loaded
from wireroom.app.watching import chores
from wireroom.app.watching.integrity import Difference
from wireroom.app.watching.seen import WINDOW, Asked, Chore, Clocks, Disk, EmergencySeen, LinkSeen, Seen
from wireroom.gateways.link import LinkState
from wireroom.journal import JournalError
from wireroom.journal.numbers import first_number, moment
from wireroom.journal.sealing import Texts
from wireroom.journal.tags import Tag
from wireroom.oversight import incidents_kept
from wireroom.oversight.incidents import Late
from wireroom.oversight.incidents import overdue as late
from wireroom.oversight.refusals import refusals
from wireroom.oversight.room import Room, measure, room
from wireroom.policy import emergencies, staff
from wireroom.policy.directory import Pool
from wireroom.policy.fitness import Demands
from wireroom.switch import Busy, JournalDown
from wireroom.switch.pace import HOUR
from wireroom.switch.transaction import Switch
from wireroom.switch.work import Note

log = logging.getLogger(__name__)
Fact = TypeVar("Fact")

MIB = 1 << 20
SLOW = timedelta(minutes=10)  # between two looks at what changes slowly
TROUBLES = (
    asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError,
    AppError, JournalError,
)  # fmt: skip
DiskUsage = Callable[[Path], tuple[int, int, int]]  # total, used, free

_CLOCK = "SELECT clock_timestamp()"
_NEWEST = "SELECT number FROM journal ORDER BY number DESC LIMIT 1"
_WAITING = "SELECT min(batch) FROM journal_pending"
_SIGNED = """
SELECT t.size, c.size AS signed, c.at FROM journal_tree AS t
LEFT JOIN LATERAL (SELECT size, at FROM journal_checkpoint ORDER BY size DESC LIMIT 1) AS c ON true
"""
_LOCKED = "SELECT id, locked_at FROM account WHERE locked_at >= $1 ORDER BY locked_at LIMIT 1000"
# As `pace.unexplained` has it.
_UNEXPLAINED = """
SELECT person, count(*)::int AS asked FROM reason
WHERE transaction >= $1 AND (verdict = 'none' OR (verdict = 'stated' AND reference = ''))
GROUP BY person HAVING count(*) >= $2 ORDER BY asked DESC LIMIT 20
"""
_KEY_DAY = "SELECT min(day) FROM data_key WHERE version = (SELECT max(version) FROM data_key)"


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to look at."""

    loaded: Loaded
    pool: Pool  # of the switch
    people_pool: Pool
    texts: Texts
    switch: Switch
    links: Callable[[], Sequence[LinkState]]
    demands: Callable[[], Demands]
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    disk_usage: DiskUsage = shutil.disk_usage


class Slow(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at seldom."""

    at: datetime
    room: Room | None
    overdue: dict[str, dict[str, int]] | None
    reviews_owed: dict[str, int] | None
    known_passwords_at: datetime | None
    key_since: datetime | None
    certificate_ends: datetime | None


class Looking:
    """Looks around. One part that cannot be seen leaves the others."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._began_at = around.clock()
        self._ticked = (self._began_at, around.monotonic())
        self._slow: Slow | None = None
        self._lost: list[str] = []

    async def look(self) -> Seen:
        """All that can be seen now."""
        around, now = self._around, self._around.clock()
        self._lost = []
        if self._slow is None or not timedelta() <= now - self._slow.at < SLOW:
            self._slow = await self._slowly(now)
        slow, settings = self._slow, around.loaded.settings
        held = await self._try("what is done by the clock", chores.held(around.pool)) or {}
        files = held.get(chores.FILES)
        return Seen(
            at=now,
            began_at=self._began_at,
            not_writing=await self._not_writing(),
            waiting_since=await self._try("the journal's tree", self._waiting_since(now)),
            unsigned_since=await self._try("checkpoints", self._unsigned_since(now)),
            disks=self._disks(),
            room=slow.room,
            links=tuple(
                LinkSeen(one.name, one.up, datetime.fromisoformat(one.since)) for one in around.links()
            ),
            clocks=await self._try("the database's clock", self._clocks()),
            refusals=await self._try("refusals", refusals(around.pool, around.texts, now - WINDOW)),
            locked=await self._try("accounts", self._locked(now)),
            unexplained=await self._try("reasons", self._unexplained(now)),
            unexplained_max=settings.reasons.pacing.unexplained,
            emergencies=await self._try("emergencies", self._emergencies()),
            known_passwords_at=slow.known_passwords_at,
            key_since=slow.key_since,
            certificate_ends=slow.certificate_ends,
            overdue=slow.overdue,
            incidents_late=await self._try("incidents", self._incidents_late(now)),
            reviews_owed=slow.reviews_owed,
            backups_every=timedelta(hours=settings.backups.every_hours) if settings.backups.folder else None,
            backup=_seen(held.get(chores.BACKUP)),
            files_checked=_seen(files),
            files_wrong=_wrong_files(files),
            settings_unapproved=await self._try("settings", standing(around.pool, around.loaded)),
            lost=tuple(self._lost),
        )

    async def _try(self, what: str, looking: Awaitable[Fact]) -> Fact | None:
        try:
            return await looking
        except TROUBLES as error:
            self._lost.append(what)
            log.warning("%s could not be looked at: %s", what, type(error).__name__)
            return None

    # ----------------------------------------------------------------------- the journal

    async def _not_writing(self) -> str:
        """Why nothing can be written down. After a trouble an entry is tried, which says that it is over."""
        switch = self._around.switch
        lanes = (switch.answers_lane, switch.numbers_lane, switch.names_lane)
        trouble = next((lane.trouble for lane in lanes if lane.trouble), "")
        if trouble:
            try:
                await switch.note(Note(tag=Tag.JOURNAL_RESUMED, detail={"was": trouble}))
            except (Busy, JournalDown) as error:
                return str(error)
            for lane in lanes:
                lane.trouble = ""
        return switch.numbers_lane.refuses

    async def _waiting_since(self, now: datetime) -> datetime:
        batch = await self._around.pool.fetchval(_WAITING)
        return now if batch is None else min(now, moment(batch))

    async def _unsigned_since(self, now: datetime) -> datetime:
        row = await self._around.pool.fetchrow(_SIGNED)
        if row is None or row["size"] == (row["signed"] or 0):
            return now
        return min(now, row["at"] or self._began_at)

    # ----------------------------------------------------------------------- disks, clocks

    def _disks(self) -> tuple[Disk, ...] | None:
        return tuple(
            Disk(holds, usage[2], usage[0])
            for holds, folder in folders(self._around.loaded)
            if (usage := _usage(self._around.disk_usage, folder)) is not None
        )

    async def _clocks(self) -> Clocks:
        around = self._around
        before, mono = around.clock(), around.monotonic()
        there = await around.pool.fetchval(_CLOCK)
        newest = await around.pool.fetchval(_NEWEST)
        after = around.clock()
        (was, was_mono), self._ticked = self._ticked, (before, mono)
        behind = (moment(newest) - after).total_seconds() if newest else 0.0
        return Clocks(
            ahead_of_database=_apart(before, there, after),
            leapt=(before - was).total_seconds() - (mono - was_mono),
            behind_journal=max(0.0, behind),
        )

    # ----------------------------------------------------------------------- people

    async def _locked(self, now: datetime) -> tuple[tuple[str, datetime], ...]:
        rows = await self._around.people_pool.fetch(_LOCKED, now - WINDOW)
        return tuple((row["id"], row["locked_at"]) for row in rows)

    async def _unexplained(self, now: datetime) -> tuple[Asked, ...]:
        most = self._around.loaded.settings.reasons.pacing.unexplained
        if not most:
            return ()
        rows = await self._around.pool.fetch(_UNEXPLAINED, first_number(now - HOUR), max(1, most // 2))
        return tuple(Asked(row["person"], row["asked"]) for row in rows)

    async def _emergencies(self) -> tuple[EmergencySeen, ...]:
        found = await emergencies.listed(self._around.people_pool)
        return tuple(EmergencySeen(one.number, one.ori, one.due_at) for one in found)

    # ----------------------------------------------------------------------- what changes slowly

    async def _slowly(self, now: datetime) -> Slow:
        around = self._around
        list_file = around.loaded.known_passwords_file
        return Slow(
            at=now,
            room=await self._try(
                "the journal's room", room_now(around.loaded, around.pool, now, around.disk_usage)
            ),
            overdue=await self._try("facts of people", self._overdue(now)),
            reviews_owed=await self._try("weekly reviews", self._reviews_owed()),
            known_passwords_at=await self._try("the known passwords", _written(list_file)),
            key_since=await self._try("data keys", self._key_since()),
            certificate_ends=await self._try("the certificate", _ends(around.loaded)),
        )

    async def _overdue(self, now: datetime) -> dict[str, dict[str, int]]:
        people = await staff.members(self._around.people_pool)
        found: dict[str, Counter[str]] = {}
        for one in staff.due(people, self._around.demands(), now):
            if one.overdue:
                found.setdefault(one.ori, Counter())[one.what] += 1
        return {ori: dict(counts) for ori, counts in found.items()}

    async def _incidents_late(self, now: datetime) -> tuple[Late, ...]:
        async with self._around.pool.acquire() as connection:
            return late(await incidents_kept.listed(connection), now)

    async def _reviews_owed(self) -> dict[str, int]:
        around = self._around
        async with around.pool.acquire() as connection:
            owed = await Reviews(connection, around.texts, around.clock).overdue()  # type: ignore[arg-type]  # a proxy
        return dict(Counter(one.ori for one in owed))

    async def _key_since(self) -> datetime | None:
        day: date | None = await self._around.pool.fetchval(_KEY_DAY)
        return None if day is None else datetime.combine(day, time(), UTC)


def folders(loaded: Loaded) -> list[tuple[str, Path]]:
    """The folders of ours whose disks are watched, by what they hold."""
    found = [] if loaded.settings.database.url else [("the data folder", loaded.data_folder)]
    if loaded.settings.backups.folder:
        found.append(("the backups", loaded.path(loaded.settings.backups.folder)))
    return found


def _usage(disk_usage: DiskUsage, folder: Path) -> tuple[int, int, int] | None:
    try:
        return disk_usage(folder)
    except OSError:
        return None  # not made yet, or gone: whoever writes there says so


def free_for_journal(loaded: Loaded, disk_usage: DiskUsage = shutil.disk_usage) -> int | None:
    """Bytes free where the journal lies; None where that is on another machine."""
    if loaded.settings.database.url:
        return None
    usage = _usage(disk_usage, loaded.data_folder)
    return usage[2] if usage else None


def reserve_refuses(free: int | None, reserve_mb: int) -> str:
    """Why nothing new is taken where the disk is almost full; empty where there is room.

    What is left is for answers to what was taken before, and for telling.
    """
    if free is None or free >= reserve_mb * MIB:
        return ""
    return (
        f"the disk of the journal has {free // MIB:,} MB free and {reserve_mb:,} MB are its reserve "
        "(journal.reserve_mb): free some space"
    )


async def room_now(
    loaded: Loaded, pool: Pool, now: datetime, disk_usage: DiskUsage = shutil.disk_usage
) -> Room:
    """The journal's room as it is now."""
    settings = loaded.settings.journal
    return room(
        await measure(pool, now), now=now, free_bytes=free_for_journal(loaded, disk_usage),
        reserve_bytes=settings.reserve_mb * MIB, keep_years=settings.keep_years,
    )  # fmt: skip


def _apart(before: datetime, there: datetime, after: datetime) -> float:
    """Seconds by which we are ahead of a clock that was read between two moments of ours."""
    if there < before:
        return (before - there).total_seconds()
    return -(there - after).total_seconds() if there > after else 0.0


def _seen(kept: chores.Kept | None) -> Chore | None:
    if kept is None:
        return None
    return Chore(kept.tried_at, kept.done_at, "" if kept.trouble == chores.UNDER_WAY else kept.trouble)


def _wrong_files(kept: chores.Kept | None) -> tuple[str, ...] | None:
    if kept is None or not kept.said:
        return None
    return tuple(str(one) for one in msgspec.json.decode(kept.said, type=tuple[Difference, ...]))


async def _written(path: Path | None) -> datetime | None:
    """When a file was written."""
    if path is None:
        return None
    return datetime.fromtimestamp((await asyncio.to_thread(path.stat)).st_mtime, UTC)


async def _ends(loaded: Loaded) -> datetime | None:
    name = loaded.settings.devices.certificate_file
    if not name:
        return None
    return authority.read_certificate(authority.read_file(loaded.path(name))).not_valid_after_utc
