"""What people do with their own authenticators at the browser's door: sign in, unlock, add, end, report a loss."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from wireroom.app.door_trouble import database, journal
from wireroom.journal.tags import Tag
from wireroom.policy import PolicyError, Unfit
from wireroom.policy.authenticators import BINDS_AFTER, STALE, Authenticator, Purpose
from wireroom.policy.passkeys import COPIED, ELSEWHERE, UNVERIFIED, Unproven
from wireroom.policy.people import Claim, Opened, People, Refused, Standing
from wireroom.switch.work import Note
from wireroom.web import house as doors

GONE = doors.Refusal(reason="The session is over. Sign in again.", code="session")
NOTHING_LOCKED = doors.Refusal(reason="Nothing is locked here any more: sign in.", code="session")
CONFIRM_FIRST = doors.Refusal(
    reason="Nothing was changed: show both factors again, which you last did more than 30 minutes ago.",
    code="confirm",
)
# What to do about an answer that proved nothing, for somebody who is known already.
TOLD = {
    STALE: "The passkey was not added: it took longer than five minutes, or was begun on another page. Try again.",
    ELSEWHERE: "The passkey was not added: it was made for another address. Open Wireroom at its own address.",
    UNVERIFIED: "The passkey was not added: the device did not ask for your finger, face or PIN. Set one up on it.",
    COPIED: "The passkey was not added, because its maker copies it to other devices. Take a security key, or the "
    "device's own store.",
}
NOT_ADDED = "The passkey was not added: what the device sent is not right. Try again, or take another device."

_Answer = Awaitable[doors.Session | doors.Refusal]


class Authenticators:
    """The doors' Authenticators. What is changed, or refused, is written down before it is answered."""

    def __init__(
        self,
        people: People,
        clock: Callable[[], datetime],
        *,
        opened: Callable[[Opened | Refused, str, str, str, str], _Answer],
        note: Callable[[Note], Awaitable[object]],
        admit: Callable[[str, str, str], Awaitable[str | Refused]],
    ) -> None:
        self._people, self._clock, self._opened, self._note = people, clock, opened, note
        self._admit = admit  # a device, at a terminal, from an address: the terminal, or why not

    @property
    def origin(self) -> str:
        """The one address at which passkeys count; empty where there are none."""
        place = self._people.keys.place
        return "" if place is None else place.origin

    async def question(self, purpose: str, holder: str, peer: str) -> str | doors.Refusal:
        """What a browser asks its devices for, for one purpose, bound to one cookie."""
        wanted, now, person, name = Purpose(purpose), self._clock(), "", ""
        with database():
            if wanted is not Purpose.SIGN_IN:
                unlocks = wanted is Purpose.UNLOCK
                held = await (self._people.locked(holder, now) if unlocks else self._session(holder))
                if held is None:
                    return NOTHING_LOCKED if unlocks else GONE
                if wanted is Purpose.BIND and not self._proven(held):
                    return CONFIRM_FIRST
                person, name = held.seat.person, held.name
            try:
                return await self._people.keys.question(wanted, holder, peer, now, person=person, name=name)
            except Unfit as error:
                return doors.Refusal(reason=str(error), code="passkey")

    async def sign_in(
        self, *, answer: str, door: str, terminal: str, peer: str, notice: str, device: str = ""
    ) -> doors.Session | doors.Refusal:
        """A session for whose passkey it is. The device is judged before it."""
        said = terminal.upper()
        with database():
            admitted = await self._admit(device, said, peer)
            if isinstance(admitted, Refused):
                return await self._opened(admitted, "", said, peer, device)
            claim = Claim(
                person="", password="", code="", terminal=admitted, peer=peer, notice=notice, answer=answer,
                purpose=Purpose.SIGN_IN, holder=door, device=device,
            )  # fmt: skip
            opened = await self._people.sign_in(claim, self._clock())
        return await self._opened(opened, "", claim.terminal, peer, device)

    async def unlock(
        self, token: str, *, answer: str, peer: str, device: str = ""
    ) -> doors.Session | doors.Refusal:
        """The person of a locked session comes back with a passkey, at the session's own device."""
        with database():
            held = await self._people.locked(token, self._clock(), device=device)
            if held is None:
                return NOTHING_LOCKED
            claim = _again(token, peer, answer=answer, purpose=Purpose.UNLOCK)
            opened = await self._people.renew(held, claim, self._clock())
        return await self._opened(opened, held.seat.person, held.seat.terminal, peer, held.device)

    async def confirm(
        self, token: str, *, password: str, code: str, answer: str, peer: str
    ) -> doors.Session | doors.Refusal:
        """Both factors again: a whole sign-in with all that belongs to one, in place of the session that stands."""
        with database():
            held = await self._session(token)
            if held is None:
                return GONE
            claim = _again(token, peer, answer=answer, purpose=Purpose.CONFIRM, password=password, code=code)
            opened = await self._people.renew(held, claim, self._clock())
        return await self._opened(opened, held.seat.person, held.seat.terminal, peer, held.device)

    async def own(self, token: str) -> doors.OwnKeys | doors.Refusal:
        """Every authenticator that the person ever had."""
        with database():
            held = await self._session(token)
            if held is None:
                return GONE
            found = await self._people.keys.of(held.seat.person)
        keys = tuple(_shown(one) for one in found)
        return doors.OwnKeys(keys=keys, proven=self._proven(held), person=held.seat.person)

    async def bind(self, token: str, *, name: str, answer: str) -> doors.Refusal | None:
        """Bind a passkey that was just made; written down before it is looked at, and after: bound, or why not."""
        with database(), journal():
            held = await self._session(token)
            if held is None:
                return GONE
            if not self._proven(held):
                await self._noted(held, "bind", refused="both factors were not shown of late")
                return CONFIRM_FIRST
            await self._noted(held, "bind", name=name[:100])
            try:
                made = await self._people.keys.bind(held.seat.person, name, answer, token, self._clock())
            except PolicyError as error:
                await self._noted(held, "bind", refused=str(error))
                return doors.Refusal(reason=str(error), code="passkey")
            if isinstance(made, Unproven):
                await self._noted(held, "bind", refused=made.cause)
                return doors.Refusal(reason=TOLD.get(made.cause, NOT_ADDED), code="passkey")
            await self._noted(held, "bound", authenticator=made)
        return None

    async def end(self, token: str, key: str) -> doors.Refusal | None:
        """End one of the person's own, and no session."""
        with database(), journal():
            held = await self._session(token)
            if held is None:
                return GONE
            if not self._proven(held):
                await self._noted(
                    held, "end", authenticator=key[:32], refused="both factors were not shown of late"
                )
                return CONFIRM_FIRST
            await self._noted(held, "end", authenticator=key[:32])
            return await self._done(held, "end", self._people.keys.end(held.seat.person, key, self._clock()))

    async def lost(self, token: str, key: str) -> doors.Refusal | None:
        """One is lost. This asks for no factors: they may be what was lost, and it takes rights away only."""
        with database(), journal():
            held = await self._session(token)
            if held is None:
                return GONE
            person = held.seat.person
            await self._noted(held, "lost", authenticator=key[:32])
            work = self._people.keys.lost(person, self._clock(), by=person, which=[key])
            return await self._done(held, "lost", work)

    async def _done(self, held: Standing, act: str, work: Awaitable[object]) -> doors.Refusal | None:
        try:
            await work
        except PolicyError as error:
            await self._noted(held, act, refused=str(error))
            return doors.Refusal(reason=f"Nothing was changed: {error}.", code="passkey")
        return None

    async def _session(self, token: str) -> Standing | None:
        return await self._people.session(token, self._clock())

    def _proven(self, held: Standing) -> bool:
        """Whether both factors were shown of late: with them every session begins, but those of the demo's press."""
        return bool(held.authenticator) and self._clock() - held.opened_at < BINDS_AFTER

    async def _noted(self, held: Standing, act: str, **more: object) -> None:
        seat = held.seat
        detail = {"act": act, "person": seat.person, "by": seat.person, **more}
        await self._note(
            Note(
                tag=Tag.PERSON_CHANGED,
                ori=seat.ori,
                terminal=seat.terminal,
                person=seat.person,
                detail=detail,
            )
        )


def _again(
    token: str, peer: str, *, answer: str, purpose: Purpose, password: str = "", code: str = ""
) -> Claim:
    """The factors of somebody who is known, for a session in place of theirs."""
    return Claim(
        person="", password=password, code=code, terminal="", peer=peer, answer=answer, purpose=purpose,
        holder=token, replaces=token,
    )  # fmt: skip


def _shown(one: Authenticator) -> doors.OwnKey:
    return doors.OwnKey(
        id=one.id, kind=one.kind.value, name=one.name, bound=one.bound_at.isoformat(), bound_by=one.bound_by,
        used=one.used_at.isoformat() if one.used_at else "", ended=one.ended_at.isoformat() if one.ended_at else "",
        ended_by=one.ended_by, ended_for=one.ended_for,
    )  # fmt: skip
