"""What may be done about reasons at the doors: a CAD tells of incidents, a person says why, a coordinator looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import asyncpg

from wireroom.app.interfaces import speaker
from wireroom.app.keys import Keys
from wireroom.journal.tags import Tag
from wireroom.message.acting import As, seated
from wireroom.message.envelope import Seat
from wireroom.message.reason import Reason
from wireroom.policy import cad
from wireroom.policy.directory import Book
from wireroom.policy.ruling import Role
from wireroom.switch import reasons
from wireroom.switch.transaction import Switch
from wireroom.switch.work import Note
from wireroom.web.house import UNFIT, Refusal

MAY_LOOK = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
LATELY = timedelta(hours=12)  # an incident that closed so long ago may still be what it was for
OFFERED_MAX = 3
NOT_THE_ROLE = "The role of this account does not see what others asked: ask your agency's coordinator."


class AppExplaining:
    """One agency's reasons and incidents. What a CAD says and who looks stands in the journal before it counts."""

    def __init__(
        self,
        *,
        switch: Switch,
        pool: asyncpg.Pool,
        cad_pool: asyncpg.Pool,
        book: Book,
        keys: Keys,
        clock: Callable[[], datetime],
    ) -> None:
        self._switch, self._pool, self._cad_pool = switch, pool, cad_pool
        self._book, self._keys, self._clock = book, keys, clock
        self._mark = keys.vault().blind

    async def own_incidents(self, seat: Seat) -> tuple[tuple[str, str], ...]:
        """The incidents that a person is on, or was until lately."""
        since = self._clock() - LATELY
        return await cad.own(
            As(self._cad_pool, seated(seat)),
            seat.ori,
            seat.person,
            seat.terminal,
            since=since,
            limit=OFFERED_MAX,
        )

    async def explain(self, seat: Seat, transaction: int, reason: Reason) -> Refusal | None:
        """What a person says afterwards of an inquiry of theirs."""
        if not (reason.kind or reason.reference or reason.words):
            return Refusal(reason="Say what it was for: a kind, a reference or words.", code=UNFIT)
        try:
            await self._switch.explain(seat, transaction, reason)
        except reasons.NotYours as error:
            return Refusal(reason=f"{str(error)[:1].upper()}{str(error)[1:]}.", code=UNFIT)
        return None

    async def unexplained(self, seat: Seat) -> tuple[reasons.Kept, ...] | Refusal:
        """Inquiries of the seat's agency that nothing explains."""
        refusal = None
        if seat.role not in MAY_LOOK or seat.spoken_for:
            refusal = Refusal(reason=NOT_THE_ROLE, code="role-may")
        await self._note(seat, Tag.REASONS_LISTED, {"rule": refusal.code if refusal else ""})
        return refusal or await reasons.listed(As(self._pool, seated(seat)), seat.ori)

    async def runs(self, seat: Seat) -> tuple[reasons.Kept, ...]:
        """What others asked in the person's name."""
        await self._note(seat, Tag.REASONS_LISTED, {"runs": True})
        found = await reasons.runs(As(self._pool, seated(seat)), seat.person)
        return tuple(one for one in found if one.person != seat.person)

    async def cad(
        self, terminal: str, secret: str, peer: str, words: Sequence[cad.Word]
    ) -> cad.Kept | Refusal:
        """What a CAD says, by its interface terminal and that one's secret."""
        seat = await speaker(self._switch, self._book, self._keys, (terminal, secret), peer, "cad")
        if isinstance(seat, Refusal):
            return seat
        if wrong := cad.faults(words, self._clock()):
            raise cad.BadWords(wrong)
        await self._note(seat, Tag.CAD_TAKEN, {"words": told(words), "peer": peer})
        return await cad.take(
            As(self._cad_pool, seated(seat)),
            seat.ori,
            words,
            source=terminal,
            now=self._clock(),
            mark=self._mark,
        )

    async def _note(self, seat: Seat, tag: Tag, detail: dict[str, object]) -> None:
        await self._switch.note(
            Note(tag=tag, ori=seat.ori, terminal=seat.terminal, person=seat.person, detail=detail)
        )


def told(words: Sequence[cad.Word]) -> list[list[str]]:
    """A CAD's words as the journal has them: key, reference, who and when; the rest stands with the incidents."""
    return [[one.key, one.reference, one.by, one.at.isoformat()] for one in words]
