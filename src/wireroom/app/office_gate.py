"""The gate before every act of administration: role, need, both factors of late; and the one entry that each makes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from wireroom.app.door_trouble import database, journal
from wireroom.app.settings_devices import is_loopback
from wireroom.journal.tags import Tag
from wireroom.message.reason import need_fault
from wireroom.policy import PolicyError
from wireroom.policy.fitness import Demands, wanting
from wireroom.policy.office import CHANGES, MAY, Act
from wireroom.policy.ruling import sentence_of
from wireroom.switch.transaction import Switch
from wireroom.switch.work import Note
from wireroom.web.office_shapes import Call
from wireroom.web.session import UNFIT, Refusal

Given = TypeVar("Given")
Detail = dict[str, object]

NOT_THE_ROLE = "The role of this account has no such duty: ask who has it at your agency."
CONFIRM_FIRST = (
    "Nothing was changed: this act asks for both factors again (POST /api/v1/sessions/current/factors)."
)
# What each act or look is in the journal.
TAGS = {
    Act.PEOPLE: Tag.PEOPLE_LISTED, Act.DUE: Tag.PEOPLE_LISTED, Act.ACCOUNTS: Tag.PEOPLE_LISTED,
    Act.REQUESTS: Tag.PEOPLE_LISTED, Act.REVIEWS: Tag.PEOPLE_LISTED,
    Act.DEVICES: Tag.REGISTER_LISTED, Act.TERMINALS: Tag.REGISTER_LISTED, Act.AGREEMENTS: Tag.REGISTER_LISTED,
    Act.POSTURE: Tag.DEVICE_CHANGED, Act.REVOKE: Tag.DEVICE_CHANGED, Act.LOST: Tag.DEVICE_CHANGED,
    Act.CHANGE_TERMINAL: Tag.TERMINAL_CHANGED, Act.AGREE: Tag.AGENCY_CHANGED,
    Act.ACCESS_REPORT: Tag.JOURNAL_SEARCHED, Act.PERSON_REPORT: Tag.JOURNAL_SEARCHED,
}  # fmt: skip


class Gate:
    """Through it goes every act and look, and leaves one entry: done, or refused and why."""

    def __init__(self, switch: Switch, clock: Callable[[], datetime], confirm_within: timedelta) -> None:
        self._switch, self.clock, self._confirm_within = switch, clock, confirm_within

    @property
    def demands(self) -> Demands:
        """What is asked of people."""
        return self._switch.rulebook.demands

    def refused(self, call: Call, act: Act) -> Refusal | None:
        """Why this may not be, whatever it is about: the role, what stands of the person, the need, the factors."""
        seat, now = call.seat, self.clock()
        if seat.role not in MAY[act] or seat.spoken_for:
            return Refusal(reason=NOT_THE_ROLE, code="role-may")
        if missing := wanting(seat, now, self.demands):
            return Refusal(reason=sentence_of(missing[0]), code=missing[0])
        fault = need_fault(call.need)
        if fault and (call.need or not is_loopback(call.peer)):
            return Refusal(reason=f"Send the header Need: {fault}.", code="need")
        if act in CHANGES and (call.proven is None or not now - call.proven < self._confirm_within):
            return Refusal(reason=CONFIRM_FIRST, code="confirm")
        return None

    async def look(
        self, call: Call, act: Act, detail: Detail, read: Callable[[], Awaitable[Given]]
    ) -> Given | Refusal:
        """Something that is only shown: written down, then read."""
        return await self.do(call, act, detail, read, lambda: None)

    async def do(
        self,
        call: Call,
        act: Act,
        detail: Detail,
        do: Callable[[], Awaitable[Given]],
        check: Callable[[], Awaitable[object] | None],
    ) -> Given | Refusal:
        """An act: what can be known before is checked, then it is written down, then done.

        Where somebody else was quicker between the two, a second entry says that nothing came of it.
        """
        with database(), journal():
            refusal = self.refused(call, act)
            if refusal is None:
                refusal = await _checked(check)
            await self._note(call, act, detail, refusal)
            if refusal is not None:
                return refusal
            try:
                return await do()
            except PolicyError as error:
                refusal = _unfit(error)
                await self._note(call, act, detail, refusal)
                return refusal

    async def _note(self, call: Call, act: Act, detail: Detail, refusal: Refusal | None) -> None:
        seat = call.seat
        told: Detail = {"act": act.value, "by": seat.person, "peer": call.peer, **detail}
        if call.need:
            told["need"] = call.need[:200]
        if refusal is not None:
            told |= {"rule": refusal.code, "why": refusal.reason}
        tag = TAGS.get(act, Tag.PERSON_CHANGED)
        await self._switch.note(
            Note(tag=tag, ori=seat.ori, terminal=seat.terminal, person=seat.person, detail=told)
        )


async def _checked(check: Callable[[], Awaitable[object] | None]) -> Refusal | None:
    try:
        if (waits := check()) is not None:
            await waits
    except PolicyError as error:
        return _unfit(error)
    return None


def _unfit(error: PolicyError) -> Refusal:
    return Refusal(reason=str(error), code=UNFIT)
