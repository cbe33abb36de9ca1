"""Backups by the clock, which old ones go, and the drill: a backup is brought back beside, compared, and dropped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from wireroom.app import AppError, backing
from wireroom.app.archive import BadArchive
from wireroom.app.backing import Progress
from wireroom.app.database import open_as, open_database
from wireroom.app.roles import OVERSIGHT
from wireroom.journal.sealing import Master, Texts
from wireroom.message.acting import MAINTENANCE, READER, As
from wireroom.oversight.verifying import verify

PREFIX, SUFFIX = "wireroom-", ".backup"
GOAL = timedelta(hours=24)  # CP-2(3): essential work goes on again within a day
_COUNTS = """
SELECT (SELECT count(*) FROM record) AS records, (SELECT count(*) FROM account) AS accounts,
       (SELECT count(*) FROM journal) AS entries
"""
_NEWEST = "SELECT size, root FROM journal_checkpoint ORDER BY size DESC LIMIT 1"
_SAME = "SELECT root FROM journal_checkpoint WHERE size = $1"


class Drilled(msgspec.Struct, frozen=True, kw_only=True):
    """What a drill showed."""

    path: str
    made_at: str
    seconds: float
    goal_seconds: float
    size: int  # entries that the newest checkpoint in the backup covers
    root: str  # and its root, hex
    same: bool  # the running database has a checkpoint of that size and root
    trouble: str  # why the journal in the backup is not whole; empty where it is
    records: int
    accounts: int
    entries: int

    @property
    def good(self) -> bool:
        """Whether the backup would do."""
        return self.same and not self.trouble and self.seconds <= self.goal_seconds


def name_of(at: datetime) -> str:
    """The name of a backup made at that time; by name they are in the order of time."""
    return f"{PREFIX}{at:%Y%m%dT%H%M%SZ}{SUFFIX}"


def made(folder: Path) -> list[Path]:
    """The backups in a folder that were made by the clock, the oldest first."""
    return sorted(path for path in folder.glob(f"{PREFIX}*{SUFFIX}") if path.is_file())


def superfluous(backups: Sequence[Path], keep: int) -> Sequence[Path]:
    """Those beyond the newest `keep`."""
    return backups[: max(0, len(backups) - max(1, keep))]


async def make(dsn: str, folder: Path, master: Master, *, keep: int, at: datetime) -> backing.BackedUp:
    """One backup, read to its end and proved; only then do older ones go. Raises AppError."""
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise AppError(f"[backups] folder: {folder} cannot be made: {error.strerror or error}") from error
    path = folder / name_of(at)
    done = await backing.backup(dsn, path, master, at=at, progress=lambda done, total: None)
    stop = threading.Event()
    try:
        await asyncio.to_thread(backing.proved, path, master, stop)
    except asyncio.CancelledError:
        stop.set()  # a switch that stops does not wait for it
        raise
    except BadArchive:
        path.rename(path.with_suffix(".bad"))  # kept to look at, and never counted
        raise
    for old in superfluous(made(folder), keep):
        old.unlink(missing_ok=True)
    return done


def newest(folder: Path) -> Path:
    """The newest backup of a folder. Raises AppError where there is none."""
    found = made(folder)
    if not found:
        raise AppError(f"there is no backup in {folder}: name one with --path, or wait for the first")
    return found[-1]


async def drill(
    dsn: str,
    path: Path,
    master: Master,
    *,
    texts: Callable[[str], Texts],
    vkey: str,
    clock: Callable[[], datetime],
    monotonic: Callable[[], float],
    progress: Progress,
) -> Drilled:
    """Brings a backup back beside the running database, proves it, and drops it. Raises AppError."""
    scratch = f"{unquote(urlsplit(dsn).path.removeprefix('/'))}_drill"
    began = monotonic()
    about = await backing.beside(dsn, scratch, path, master, progress=progress)
    there = backing.named(dsn, scratch)
    try:
        pool = await open_as(there, OVERSIGHT, 2, actor=READER)
        try:
            verdict = await verify(pool, [vkey], texts=texts(there), now=clock())
            counts = await _counted(there)
            row = await pool.fetchrow(_NEWEST)
        finally:
            await pool.close()
        seconds = monotonic() - began
        size, root = (row["size"], row["root"]) if row else (0, b"")
        live = await open_as(dsn, OVERSIGHT, 1, actor=READER)
        try:
            same = row is not None and await live.fetchval(_SAME, size) == root
        finally:
            await live.close()
    finally:
        await backing.drop(dsn, scratch)
    return Drilled(
        path=path.name, made_at=about.made_at, seconds=round(seconds, 3), goal_seconds=GOAL.total_seconds(),
        size=size, root=root.hex(), same=same, trouble=verdict.trouble, **counts,
    )  # fmt: skip


async def _counted(dsn: str) -> dict[str, int]:
    pool = As(await open_database(dsn, None, 1), MAINTENANCE)
    try:
        row = await pool.fetchrow(_COUNTS)
        assert row is not None, "a SELECT without FROM has one row"
        return dict(row)
    finally:
        await pool.close()
