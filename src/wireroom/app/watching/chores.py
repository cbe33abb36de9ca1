"""What is done by the clock, by one process for all, and how it went: kept so that a crash or a failure is seen."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wireroom.app import AppError
from wireroom.app.trouble import TROUBLES, trouble
from wireroom.app.watching.keeping import NOT_WRITTEN, Lead
from wireroom.journal import JournalError
from wireroom.policy.directory import Pool

log = logging.getLogger(__name__)

BACKUP, FILES = "backup", "files"
CHORES_LOCK = 0x63686F726573  # "chores"
TROUBLE_MAX = 300
AGAIN = timedelta(hours=1)  # after a failure, or sooner where it is done more often

_HELD = "SELECT name, tried_at, done_at, trouble, said FROM chore"
_TRIED = """
INSERT INTO chore (name, tried_at, trouble, said) VALUES ($1, $2, $3, '')
ON CONFLICT (name) DO UPDATE SET tried_at = excluded.tried_at, trouble = excluded.trouble
"""
_DONE = "UPDATE chore SET done_at = $2, trouble = '', said = $3 WHERE name = $1"
UNDER_WAY = "under way, or broken off"  # until its end is kept


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """How it went the last time."""

    name: str
    tried_at: datetime
    done_at: datetime | None
    trouble: str
    said: str


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is done by the clock; `work` gives what is to be kept of it, as JSON."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[str]]


def is_due(duty: Duty, kept: Kept | None, now: datetime) -> bool:
    """Whether it is time: never done, done long ago, or failed a while ago. A clock set back makes nothing wait."""
    if kept is None:
        return True
    since = now - kept.tried_at
    return not timedelta() <= since < (min(AGAIN, duty.every) if kept.trouble else duty.every)


async def held(pool: Pool | asyncpg.Connection) -> dict[str, Kept]:
    """All that was ever done or tried, by its name."""
    return {row["name"]: Kept(**row) for row in await pool.fetch(_HELD)}


async def record(pool: Pool | asyncpg.Connection, name: str, said: str, now: datetime) -> None:
    """It was done, and well."""
    await pool.execute(_TRIED, name, now, "")
    await pool.execute(_DONE, name, now, said)


async def once(lead: Lead, duties: Sequence[Duty], clock: Callable[[], datetime]) -> None:
    """Does what is due, if this process is the one that does it. A failure is kept, and told by an alarm."""
    connection = await lead.mine()
    if connection is None:
        return
    for duty in duties:
        if not is_due(duty, (await held(connection)).get(duty.name), clock()):
            continue
        await connection.execute(_TRIED, duty.name, clock(), UNDER_WAY)
        try:
            said = await duty.work()
        except (*TROUBLES, *NOT_WRITTEN, AppError, JournalError) as error:
            told = trouble(error) if not isinstance(error, AppError | JournalError) else error
            words = str(told or error or type(error).__name__)[:TROUBLE_MAX]
            log.warning("%s failed, and is tried again later: %s", duty.name, words)
            await connection.execute(_TRIED, duty.name, clock(), words)
        else:
            await connection.execute(_DONE, duty.name, clock(), said)
