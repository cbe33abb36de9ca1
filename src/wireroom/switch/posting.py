"""Sends what people outside are to be told: so many a turn, each with a deadline, later and later where it fails.

A letter is taken out and written down in one transaction, sent, and what became of it is written down in another. Who
dies between the two leaves it to be sent again under the same name: it is never lost, and known where it comes twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import asyncpg

from wireroom.journal.entry import Entry
from wireroom.journal.tags import Tag
from wireroom.message.answer import Notification
from wireroom.message.letter import Letter, Post, Posted, Told, letter
from wireroom.policy.directory import Directory

log = logging.getLogger(__name__)

AT_ONCE = 16  # letters of one turn
FORGET_EVERY = timedelta(hours=1)
TAGS = {Post.TAKEN: Tag.LETTER_TAKEN, Post.DELAYED: Tag.LETTER_DELAYED, Post.REFUSED: Tag.LETTER_GIVEN_UP}


class Courier(Protocol):
    """Carries letters of one channel. Never raises for the trouble of the other side."""

    async def post(self, letter: Letter) -> Posted: ...


class Waiting(Protocol):
    """A letter that is to be sent now."""

    @property
    def key(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def made_at(self) -> datetime: ...
    @property
    def tries(self) -> int: ...
    @property
    def told(self) -> Told: ...


class Outbox(Protocol):
    """The letters that wait. Every method works in the caller's transaction."""

    async def waiting(
        self, connection: asyncpg.Connection, channels: Iterable[str], now: datetime, limit: int
    ) -> Sequence[Waiting]: ...
    async def taken(self, connection: asyncpg.Connection, one: Any, now: datetime) -> None: ...
    async def missed(
        self,
        connection: asyncpg.Connection,
        one: Any,  # as `waiting` gave it
        now: datetime,
        trouble: str,
        *,
        for_good: bool,
    ) -> bool: ...
    async def forget(self, connection: asyncpg.Connection, now: datetime) -> None: ...


class Posting:
    """The letters of one process on their way. Holds no connection."""

    def __init__(
        self,
        outbox: Outbox,
        couriers: Mapping[str, Courier],
        directory: Callable[[], Directory],
        numbers: Callable[[int], list[int]],
    ) -> None:
        self._outbox, self._couriers = outbox, couriers
        self._directory, self._numbers = directory, numbers
        self._forget_at: datetime | None = None

    @property
    def any(self) -> bool:
        """Whether there is anybody to carry letters; without, they stay in the outbox."""
        return bool(self._couriers)

    async def waiting(
        self, connection: asyncpg.Connection, now: datetime
    ) -> tuple[Sequence[Waiting], list[Entry]]:
        """What is to be sent now, and the entries that say so, which are written before anything is sent."""
        if self._forget_at is None or self._forget_at <= now:
            self._forget_at = now + FORGET_EVERY
            await self._outbox.forget(connection, now)
        letters = await self._outbox.waiting(connection, self._couriers, now, AT_ONCE)
        numbers = self._numbers(len(letters)) if letters else []
        return letters, [
            Entry(number, Tag.LETTER_SENT, now, number, one.told.owner, detail=_about(one))
            for one, number in zip(letters, numbers, strict=True)
        ]

    async def sent(self, letters: Sequence[Waiting]) -> list[Posted]:
        """What became of each, all at once."""
        return list(await asyncio.gather(*map(self._sent, letters)))

    async def _sent(self, one: Waiting) -> Posted:
        try:
            return await self._couriers[one.channel].post(written(one, self._directory()))
        except Exception as error:  # a fault of ours in one letter is no reason to send none
            log.exception("letter %s could not be sent", one.key)
            return Posted(Post.DELAYED, type(error).__name__)

    async def settled(
        self, connection: asyncpg.Connection, several: Sequence[tuple[Waiting, Entry, Posted]], now: datetime
    ) -> tuple[list[Entry], list[Notification]]:
        """Writes into the outbox what became of letters; the entries, and word to the owners of what is given up."""
        entries: list[Entry] = []
        notices: list[Notification] = []
        for (one, sent, posted), number in zip(several, self._numbers(len(several)), strict=True):
            post = posted.post
            if post is Post.TAKEN:
                await self._outbox.taken(connection, one, now)
            elif await self._outbox.missed(
                connection, one, now, posted.trouble, for_good=post is Post.REFUSED
            ):
                post = Post.REFUSED
                notices.append(_given_up(one, posted))
            detail = _about(one) | ({"trouble": posted.trouble} if posted.trouble else {})
            entries.append(Entry(number, TAGS[post], now, sent.number, one.told.owner, detail=detail))
        return entries, notices


def written(one: Waiting, directory: Directory) -> Letter:
    """The letter, with whom to call."""
    agency = directory.agencies.get(one.told.owner)
    return letter(
        one.told, key=one.key, channel=one.channel, event=one.event, made_at=one.made_at,
        agency=agency.name if agency else one.told.owner, phone=agency.phone if agency else "",
    )  # fmt: skip


def _about(one: Waiting) -> dict[str, object]:
    """What the journal holds of a letter: not to whom it goes, and not what it says."""
    return {
        "letter": one.key, "channel": one.channel, "event": one.event, "file": one.file, "record": one.told.number,
        "try": one.tries,
    }  # fmt: skip


def _given_up(one: Waiting, posted: Posted) -> Notification:
    times = "ONCE" if one.tries == 1 else f"{one.tries} TIMES"
    text = f"{one.event} BY {one.channel.upper()}, TRIED {times}: {posted.trouble.upper()}. CALL THEM"
    return Notification(code="$.O.", to=one.told.owner, text=text, number=one.told.number)
