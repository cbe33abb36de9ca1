"""What an agency's coordinator does at the doors: sees what stands of the agency's people, and records it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from wireroom.journal.tags import Tag
from wireroom.message.acting import As, seated
from wireroom.message.envelope import Seat
from wireroom.policy import PolicyError
from wireroom.policy.directory import Pool
from wireroom.policy.facts import MAY_RECORD, Fact, checked, may_record, record
from wireroom.policy.fitness import Demands, wanting
from wireroom.policy.ruling import sentence_of
from wireroom.policy.staff import Member, members
from wireroom.switch.transaction import Switch
from wireroom.switch.work import Note
from wireroom.web.house import UNFIT, Refusal

NOT_THE_ROLE = "The role of this account does not keep what stands of people: ask your agency's coordinator."


class Coordination:
    """People of one's own agency. Who looks and what is recorded stands in the journal first, refused or not."""

    def __init__(self, pool: Pool, switch: Switch, clock: Callable[[], datetime]) -> None:
        self._pool, self._switch, self._clock = pool, switch, clock

    @property
    def demands(self) -> Demands:
        """What is asked of people."""
        return self._switch.rulebook.demands

    async def members(self, seat: Seat) -> tuple[Member, ...] | Refusal:
        """Everybody of the seat's agency, with what stands on record."""
        refusal = self._refusal(seat)
        await self._note(seat, Tag.PEOPLE_LISTED, {"rule": refusal.code if refusal else ""})
        return refusal or await members(self._of(seat), seat.ori)

    async def record(self, seat: Seat, fact: Fact) -> Refusal | None:
        """Keep a fact of somebody of the seat's agency, or say why not."""
        now, refusal = self._clock(), self._refusal(seat)
        told = {"kind": fact.kind, "day": fact.day, "good": fact.good, "score": fact.score, "word": fact.word}
        detail: dict[str, object] = {"act": "record", "person": fact.person, "by": seat.person,
                                     "facts": [msgspec.to_builtins(told)]}  # fmt: skip
        if refusal is None:
            try:
                checked(fact, by=seat.person, now=now)
                await may_record(self._of(seat), seat.person, fact.person)
            except PolicyError as error:
                refusal = Refusal(reason=str(error), code=UNFIT)
        await self._note(seat, Tag.PERSON_CHANGED, detail | ({"rule": refusal.code} if refusal else {}))
        if refusal is not None:
            return refusal
        try:
            await record(self._of(seat), [fact], by=seat.person, now=now)
        except PolicyError as error:
            return Refusal(reason=str(error), code=UNFIT)
        return None

    def _of(self, seat: Seat) -> As:
        """The people of the seat's agency; nobody else's rows are there."""
        return As(self._pool, seated(seat))

    def _refusal(self, seat: Seat) -> Refusal | None:
        """Whoever keeps the facts of others meets all that is asked themselves, and is here in person."""
        if seat.role not in MAY_RECORD or seat.spoken_for:
            return Refusal(reason=NOT_THE_ROLE, code="role-may")
        missing = wanting(seat, self._clock(), self.demands)
        return Refusal(reason=sentence_of(missing[0]), code=missing[0]) if missing else None

    async def _note(self, seat: Seat, tag: Tag, detail: dict[str, object]) -> None:
        await self._switch.note(
            Note(tag=tag, ori=seat.ori, terminal=seat.terminal, person=seat.person, detail=detail)
        )
