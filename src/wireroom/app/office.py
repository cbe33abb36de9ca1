"""Administration put together, and its own door: who comes in there, for how long, and how each session ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from wireroom.app.door_trouble import database, journal, word
from wireroom.app.office_gate import Gate
from wireroom.app.office_people import PeopleOffice
from wireroom.app.office_register import RegisterOffice
from wireroom.app.office_reports import ReportsOffice
from wireroom.journal.sealing import Texts
from wireroom.journal.tags import Tag
from wireroom.policy.devices import Register
from wireroom.policy.directory import Pool
from wireroom.policy.fitness import Demands
from wireroom.policy.people import Claim, Opened, People, Refused, Standing
from wireroom.policy.standing import OFFICE, Over
from wireroom.switch.transaction import Switch
from wireroom.switch.work import Note
from wireroom.web import house as doors

NO_CERTIFICATE = Refused(
    reason="This door opens for administrators' certificates only: ask the operator of the switch.",
    cause="no certificate at the door of administration",
)
GONE = doors.Refusal(reason="The session is over. Sign in again.", code="session")
Tell = Callable[[Opened | Refused, str, str, str, str], Awaitable[doors.Session | doors.Refusal]]


class Office:
    """All of administration over one switch."""

    def __init__(
        self,
        *,
        switch: Switch,
        people: People,
        pool: Pool,
        journal_pool: Pool,
        texts: Texts,
        clock: Callable[[], datetime],
        confirm_within: timedelta = timedelta(minutes=15),
    ) -> None:
        self._gate = gate = Gate(switch, clock, confirm_within)
        register = Register(pool)
        self.people = PeopleOffice(gate, pool, people, register)
        self.register = RegisterOffice(gate, pool, register, lambda: switch.catalogue)
        self.reports = ReportsOffice(gate, pool, journal_pool, texts, lambda: switch.catalogue)

    @property
    def demands(self) -> Demands:
        """What is asked of people."""
        return self._gate.demands


class OfficeDoor:
    """The house as administration's own door sees it. There is nothing here by which a record could be asked for."""

    def __init__(
        self,
        office: Office,
        people: People,
        clock: Callable[[], datetime],
        *,
        opened: Tell,
        note: Callable[[Note], Awaitable[object]],
        well: Callable[[], bool] = lambda: True,
        alarms: Callable[[], int] = lambda: 0,
    ) -> None:
        self.office, self._alarms = office, alarms
        self._people, self._clock, self._opened, self._note, self._well = people, clock, opened, note, well

    @property
    def well(self) -> bool:
        """Whether the database could be reached a moment ago."""
        return self._well()

    @property
    def alarms(self) -> int:
        """How many alarms there are."""
        return self._alarms()

    def now(self) -> datetime:
        """The time."""
        return self._clock()

    async def sign_in(
        self,
        *,
        person: str,
        password: str,
        code: str,
        terminal: str,
        peer: str,
        kind: str = OFFICE,
        notice: str = "",
        device: str = "",
    ) -> doors.Session | doors.Refusal:
        """A short session for both factors, over a line with an administrator's certificate."""
        if not device:
            return await self._opened(NO_CERTIFICATE, person, terminal, peer, device)
        claim = Claim(person=person, password=password, code=code, terminal=terminal.upper(), peer=peer, kind=OFFICE,
                      notice=notice, device=device)  # fmt: skip
        with database():
            opened = await self._people.sign_in(claim, self._clock())
        return await self._opened(opened, person, claim.terminal, peer, device)

    async def session(self, token: str, *, used: bool = True, device: str = "") -> doors.Session | None:
        """The session of a token that was opened here, with this certificate."""
        with database():
            found = await self._people.session(token, self._clock(), used=used, device=device, office=True)
        return None if found is None or not device else shown(found)

    async def confirm(
        self, token: str, *, password: str, code: str, peer: str
    ) -> doors.Session | doors.Refusal:
        """Both factors again: a new session in place of the one that stands."""
        with database():
            held = await self._people.session(token, self._clock(), office=True)
            if held is None:
                return GONE
            claim = Claim(person="", password=password, code=code, terminal="", peer=peer, replaces=token)
            opened = await self._people.renew(held, claim, self._clock())
        return await self._opened(opened, held.seat.person, held.seat.terminal, peer, held.device)

    async def sign_out(self, token: str) -> None:
        """Ends a session."""
        with database(), journal():
            held = await self._people.session(token, self._clock(), used=False, office=True)
            if held is None:
                return
            seat = held.seat
            await self._note(_closed(seat.person, seat.terminal, seat.ori, "signed out"))
            await self._people.sign_out(token, self._clock())

    async def end_over(self) -> None:
        """Ends the sessions whose time is up, each with its entry. They open nothing already."""

        async def tell(over: Over) -> None:
            await self._note(_closed(over.person, over.terminal, over.ori, over.why))

        await self._people.end_over(self._clock(), tell)


def _closed(person: str, terminal: str, ori: str, why: str) -> Note:
    detail: dict[str, object] = {"door": OFFICE, "why": why}
    return Note(tag=Tag.SESSION_CLOSED, ori=ori, terminal=word(terminal, 9), person=person, detail=detail)


def shown(standing: Standing, token: str = "", *, demo: bool = False) -> doors.Session:
    """A session as the doors see it."""
    return doors.Session(
        seat=standing.seat,
        name=standing.name,
        agency=standing.agency,
        csrf=standing.csrf,
        since=standing.opened_at.isoformat(),
        idle_until=standing.idle_until.isoformat(),
        proven=standing.opened_at.isoformat() if standing.authenticator else "",
        demo=demo,
        token=token,
    )
