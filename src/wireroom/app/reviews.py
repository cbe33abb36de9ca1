"""Prepares, shows and signs weekly reviews of the journal, each with its entry in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import asyncpg
import msgspec

from wireroom.app.written import Beside, write_with
from wireroom.journal.entry import Entry
from wireroom.journal.sealing import Texts
from wireroom.journal.tags import Tag
from wireroom.message.local import day_of
from wireroom.oversight import IllegalMove, NotTheirs, OversightError
from wireroom.oversight import incidents_kept as people
from wireroom.oversight import reviews_kept as kept
from wireroom.oversight.incidents import Minder
from wireroom.oversight.review import LOOKED_BACK, WEEK, Owed, Review, may_sign, monday, overdue
from wireroom.policy.role import Role

CONSOLE = people.CONSOLE
MAY_LOOK = frozenset({Role.AUDITOR, Role.DOJ})
WORDS_MAX = 2_000


class Reviews:
    """What may be done with reviews, over one connection of the switch's role. The clock is passed in."""

    def __init__(self, connection: asyncpg.Connection, texts: Texts, clock: Callable[[], datetime]) -> None:
        self._connection, self._texts, self._clock = connection, texts, clock

    async def prepare(
        self, ori: str, day: date | None, *, seed: str, sample: int, by: str
    ) -> tuple[int, Review]:
        """Prepare the review of a week, the last one that is over where no day of it is given; and its number.

        The read is the very entry that holds what was found.
        """
        week = monday(day or day_of(self._clock()) - WEEK)
        who = await self._minder(by)
        try:
            _may_look(who, ori)
            if (ori, week) in await kept.signed(self._connection, week):
                raise IllegalMove(
                    f"the week of {week} of {ori} is signed already: see `wireroom journal review list`"
                )
            gathering = await kept.gather(self._connection, self._texts, ori, week, self._clock())
        except OversightError as error:
            await self._refused(ori, by, error)
            raise
        review = gathering.review(seed=seed, sample=sample)

        async def beside(connection: asyncpg.Connection, number: int) -> None:
            await kept.keep(connection, number, review, self._clock(), by or CONSOLE)

        detail: dict[str, object] = {"digest": review.digest, "review": msgspec.to_builtins(review)}
        return await self._write(Tag.REVIEW_PREPARED, ori, by, detail, beside), review

    async def show(self, number: int, by: str) -> tuple[kept.Kept, Review]:
        """A review, as it was prepared. That somebody looks is an entry."""
        who = await self._minder(by)
        one, review = await kept.one(self._connection, self._texts, number)
        try:
            _may_look(who, one.ori)
        except NotTheirs as error:
            await self._refused(one.ori, by, error)
            raise
        await self._write(Tag.REVIEW_SHOWN, one.ori, by, {"review": number})
        return one, review

    async def sign(self, number: int, words: str, by: str) -> kept.Kept:
        """An auditor says that a week was looked at, and what came of it. Raises OversightError."""
        who = await self._minder(by)
        one, review = await kept.one(self._connection, self._texts, number)
        said = words.strip()
        try:
            may_sign(review, who, await kept.names(self._connection, review.people))
            if (one.ori, one.week) in await kept.signed(self._connection, one.week):
                raise IllegalMove(f"the week of {one.week} of {one.ori} is signed already")
            if not 0 < len(said) <= WORDS_MAX or not said.isprintable():
                raise IllegalMove(f"say what was found in 1 to {WORDS_MAX:,} characters that can be printed")
        except OversightError as error:
            await self._refused(one.ori, by, error)
            raise
        at = self._clock()

        async def beside(connection: asyncpg.Connection, entry: int) -> None:
            await kept.sign(connection, one, entry, at, by)

        detail: dict[str, object] = {
            "review": number,
            "week": one.week.isoformat(),
            "digest": one.digest,
            "words": said,
        }
        await self._write(Tag.REVIEW_SIGNED, one.ori, by, detail, beside, number)
        return (await kept.listed(self._connection, number=number))[0]

    async def listed(self, ori: str) -> tuple[kept.Kept, ...]:
        """Reviews, the newest week first. They are numbers and names of who signed."""
        return await kept.listed(self._connection, ori)

    async def overdue(self) -> tuple[Owed, ...]:
        """The weeks that nobody signed in time."""
        now = self._clock()
        signed = await kept.signed(self._connection, day_of(now) - (LOOKED_BACK + 3) * WEEK)
        return overdue(await kept.agencies(self._connection), signed, now)

    async def _minder(self, by: str) -> Minder:
        try:
            return await people.minder(self._connection, by)
        except NotTheirs as error:
            await self._refused("", by, error)
            raise

    async def _refused(self, ori: str, by: str, error: OversightError) -> None:
        await self._write(Tag.REVIEW_REFUSED, ori, by, {"refused": str(error)[:WORDS_MAX]})

    async def _write(
        self, tag: Tag, ori: str, by: str, detail: dict[str, object], beside: Beside | None = None, of: int = 0
    ) -> int:  # fmt: skip
        entry = Entry(0, tag, self._clock(), of, ori, person=by or CONSOLE, detail=detail)
        return await write_with(self._connection, self._texts, self._clock, entry, beside)


def _may_look(who: Minder, ori: str) -> None:
    """Raises NotTheirs where an account is named that is no auditor of the agency."""
    if who.person and (who.role not in MAY_LOOK or (who.role != Role.DOJ and who.ori != ori)):
        raise NotTheirs(f"{who.person} does not review the journal of {ori}: name its auditor, or DOJ")


def week_of(text: str) -> date | None:
    """A week as it is typed: 2026-W10, or any day of it. Raises IllegalMove."""
    if not text:
        return None
    try:
        year, _, number = text.upper().partition("-W")
        return date.fromisocalendar(int(year), int(number), 1) if number else date.fromisoformat(text)
    except ValueError:
        raise IllegalMove(f"{text!r} is no week, as 2026-W10 is, nor a day, as 2026-03-02 is") from None
