"""Alarms as they are kept: what a look changes of them, which are to be told, and in what words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wireroom.app.watching.watches import BY_NAME, Judged
from wireroom.message.letter import Letter
from wireroom.policy.directory import Pool

KEEP = timedelta(days=400)  # ended ones; the journal has them for as long as it is kept
LISTED_MAX = 1_000
TOLD_MAX = 50  # in one letter; the rest is counted


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One alarm, under way or over."""

    watch: str
    about: str
    words: str
    began_at: datetime
    ended_at: datetime | None = None
    told_at: datetime | None = None
    end_told: bool = False

    @property
    def told(self) -> bool:
        """Whether anybody was told of this occurrence."""
        return self.told_at is not None and self.told_at >= self.began_at


class Step(msgspec.Struct, frozen=True):
    """What a look changes."""

    begun: tuple[Alarm, ...] = ()
    ended: tuple[Alarm, ...] = ()
    worded: tuple[Alarm, ...] = ()  # that last, in other words than before


def step(held: Sequence[Alarm], judged: Judged, now: datetime) -> Step:
    """What begins and what ends. What could not be looked at stays as it is."""
    known = {(one.watch, one.about): one for one in held}
    begun, worded = [], []
    for (watch, about), words in judged.wrong.items():
        before = known.get((watch, about))
        if before is None or before.ended_at is not None:
            told_at = before.told_at if before is not None else None
            begun.append(Alarm(watch=watch, about=about, words=words, began_at=now, told_at=told_at))
        elif before.words != words:
            worded.append(msgspec.structs.replace(before, words=words))
    ended = [
        msgspec.structs.replace(one, ended_at=now)
        for key, one in known.items()
        if one.ended_at is None and key not in judged.wrong and (one.watch in judged.seen or one.watch not in BY_NAME)
    ]  # fmt: skip
    return Step(tuple(begun), tuple(ended), tuple(worded))


def to_tell(held: Sequence[Alarm], now: datetime, again: timedelta) -> tuple[Alarm, ...]:
    """Those that are told now: begun or lasting, each at most once in `again`; and the end of each that was told."""
    return tuple(
        one
        for one in held
        if (one.ended_at is None and (one.told_at is None or now - one.told_at >= again))
        or (one.ended_at is not None and one.told and not one.end_told)
    )


def after_telling(one: Alarm, now: datetime) -> Alarm:
    """The alarm once it was told."""
    if one.ended_at is not None:
        return msgspec.structs.replace(one, end_told=True)
    return msgspec.structs.replace(one, told_at=now)


def letter_of(told: Sequence[Alarm], *, to: str, channel: str, where: str, now: datetime) -> Letter:
    """What somebody outside is told: no person is named in it. Sent again, it has the same key."""
    open_ones = [one for one in told if one.ended_at is None]
    over = [one for one in told if one.ended_at is not None]
    lines = []
    for one in open_ones[:TOLD_MAX]:
        watch = BY_NAME.get(one.watch)
        lines += [
            f"ALARM {one.watch}, since {one.began_at:%F %T} UTC",
            one.words,
            watch.do if watch else "",
            "",
        ]
    lines += [f"OVER {one.watch}, since {one.ended_at:%F %T} UTC: {one.words}" for one in over[:TOLD_MAX]]
    more = len(told) - len(open_ones[:TOLD_MAX]) - len(over[:TOLD_MAX])
    lines += [f"And {more} more."] if more else []
    lines += ["", "Whom and what it is about: wireroom alarms"]
    known = msgspec.json.encode(
        [(one.watch, one.about, one.began_at, one.ended_at, one.told_at) for one in told]
    )
    names = ", ".join(dict.fromkeys(one.watch for one in (open_ones or over)))
    state = "alarm" if open_ones else "over"
    return Letter(
        key=f"alarm-{hashlib.sha256(known).hexdigest()[:24]}", channel=channel, event="ALARM", to=to,
        subject=f"Wireroom {where}: {state}: {names}"[:200], text="\n".join(lines), made_at=now,
    )  # fmt: skip


# --------------------------------------------------------------------------- kept

_COLUMNS = "watch, about, words, began_at, ended_at, told_at, end_told"
_LIST = f"""
SELECT {_COLUMNS} FROM alarm WHERE $1 OR ended_at IS NULL ORDER BY ended_at IS NOT NULL, began_at DESC LIMIT $2
"""  # noqa: S608 - columns of ours
_PUT = f"""
INSERT INTO alarm ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (watch, about) DO UPDATE SET words = excluded.words, began_at = excluded.began_at,
    ended_at = excluded.ended_at, told_at = excluded.told_at, end_told = excluded.end_told
"""  # noqa: S608 - columns of ours
_FORGET = "DELETE FROM alarm WHERE ended_at < $1"


async def listed(
    connection: asyncpg.Connection | Pool, *, every: bool = False, limit: int = LISTED_MAX
) -> tuple[Alarm, ...]:
    """Alarms under way, the newest first; with `every` those that are over, too."""
    return tuple(Alarm(**row) for row in await connection.fetch(_LIST, every, limit))


async def put(connection: asyncpg.Connection | Pool, one: Alarm) -> None:
    """Keeps an alarm as it is now."""
    await connection.execute(_PUT, *msgspec.structs.astuple(one))


async def forget(connection: asyncpg.Connection | Pool, now: datetime) -> None:
    """Drops those that ended long ago."""
    await connection.execute(_FORGET, now - KEEP)
