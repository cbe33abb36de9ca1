"""The house as the browser doors and the API see it, over one switch. The wire's door is in `line_door`."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from wireroom.app.authenticators import Authenticators
from wireroom.app.devices import Devices
from wireroom.app.door_trouble import database as _database
from wireroom.app.door_trouble import journal as _journal
from wireroom.app.door_trouble import word as _word
from wireroom.app.elsewhere import Elsewhere
from wireroom.app.office import Office, OfficeDoor, shown
from wireroom.app.order_words import words_of
from wireroom.app.postures import AppPostures
from wireroom.app.watching.keeping import Watchman
from wireroom.catalog.index import Catalogue
from wireroom.gateways.partner import Partner
from wireroom.journal.tags import Tag
from wireroom.message.answer import Delivery, Hit, Receipt
from wireroom.message.deadlines import Board
from wireroom.message.envelope import Arrival, Reading, Seat
from wireroom.message.passing import Passing, told
from wireroom.policy import posture
from wireroom.policy.directory import Book
from wireroom.policy.people import Claim, Opened, People, Refused, Standing
from wireroom.policy.standing import OFFICE
from wireroom.switch import Busy, JournalDown, KeyTaken
from wireroom.switch.transaction import Switch, read_arrival
from wireroom.switch.work import Note
from wireroom.web import house as doors
from wireroom.web.notice import VERSION

log = logging.getLogger(__name__)
DEADLINES = "WL LST/OVERDUE"  # who may ask for this list may see the board of deadlines


class AppHouse:
    """What the doors may do. Every sign-in, granted or refused, is written down before it is answered."""

    def __init__(  # noqa: PLR0913 - all that it needs, each by name
        self,
        *,
        switch: Switch,
        people: People,
        book: Book,
        partners: Sequence[Partner],
        demo: bool,
        clock: Callable[[], datetime],
        board: Callable[[Seat, datetime], Awaitable[Board]] | None = None,
        office: Office | None = None,
        explaining: doors.Explaining | None = None,
    ) -> None:
        self._switch, self._people, self._book = switch, people, book
        self._partners = tuple(partners)
        self._demo = demo
        self._clock = clock
        self._board, self._explaining = board, explaining
        self.office: Office | None = office  # None: administration is not at this door
        self.keyring = Authenticators(people, clock, opened=self._opened, note=self._note, admit=self._admit)
        self.elsewhere = Elsewhere(people, clock, opened=self._opened, admit=self._admit)
        self.personas: tuple[doors.Persona, ...] = ()
        self.devices: Devices | None = (
            None  # who judges them, before anybody's factors; nobody where it is not set
        )
        self.postures: AppPostures | None = None  # who takes measurements of devices
        self.watchman: Watchman | None = None  # nobody watches where it is not set
        self.well = True  # told by whoever looks at the database now and then

    @property
    def alarms(self) -> int:
        """How many alarms there are."""
        return len(self.watchman.open) if self.watchman is not None else 0

    @property
    def catalogue(self) -> Catalogue:
        """What may be said."""
        return self._switch.catalogue

    @property
    def demo(self) -> bool:
        """Whether everything here is invented."""
        return self._demo

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
        kind: str = "page",
        notice: str = "",
        device: str = "",
    ) -> doors.Session | doors.Refusal:
        """A session for a person at a terminal, or why there is none. The device is judged before any factor."""
        said = terminal.upper()
        with _database():
            admitted = await self._admit(device, said, peer)
            if isinstance(admitted, Refused):
                return await self._opened(admitted, person, said, peer, device)
            claim = Claim(
                person=person, password=password, code=code, terminal=admitted, peer=peer, kind=kind,
                notice=notice, device=device,
            )  # fmt: skip
            opened = await self._people.sign_in(claim, self._clock())
        return await self._opened(opened, person, claim.terminal, peer, device)

    async def _admit(self, device: str, said: str, peer: str) -> str | Refused:
        """The terminal at which a device may sign in."""
        return said if self.devices is None else await self.devices.admit(device, said, peer)

    async def sign_in_as(self, persona: str, peer: str) -> doors.Session | doors.Refusal:
        """A session as one of the demo's invented people; refused everywhere else."""
        found = next((one for one in self.personas if one.person == persona), None)
        if not self._demo or found is None:
            return doors.Refusal(reason="Only the demonstration lets you sign in as somebody.")
        with _database():
            opened = await self._people.admit(persona, found.terminal, peer, self._clock(), VERSION)
        return await self._opened(opened, persona, found.terminal, peer)

    def office_door(self, office: Office) -> OfficeDoor:
        """Administration behind a door of its own: who comes in there is written down as here."""

        async def opened(
            found: Opened | Refused, person: str, terminal: str, peer: str, device: str
        ) -> doors.Session | doors.Refusal:
            return await self._opened(found, person, terminal, peer, device, OFFICE)

        return OfficeDoor(
            office, self._people, self._clock, opened=opened, note=self._note, well=lambda: self.well,
            alarms=lambda: self.alarms,
        )  # fmt: skip

    async def _opened(
        self,
        opened: Opened | Refused,
        person: str,
        terminal: str,
        peer: str,
        device: str = "",
        door: str = "page",
    ) -> doors.Session | doors.Refusal:
        fingerprint: dict[str, object] = {"device": device} if device else {}
        if isinstance(opened, Refused):
            detail: dict[str, object] = {"cause": opened.cause, "peer": peer, "door": door, **fingerprint}
            who = _word(person or opened.person)
            await self._note(
                Note(tag=Tag.SESSION_REFUSED, terminal=_word(terminal, 9), person=who, detail=detail)
            )
            return doors.Refusal(reason=opened.reason, wait_seconds=opened.wait_seconds)
        seat, standing = opened.standing.seat, opened.standing
        detail = {"peer": peer, "door": standing.kind, "notice": standing.notice, **fingerprint}
        if standing.authenticator:
            detail["authenticator"] = standing.authenticator
        if opened.displaced:  # the same person, elsewhere: one of the two may be somebody else
            detail["displaced"] = [list(one) for one in opened.displaced]
        await self._note(
            Note(
                tag=Tag.SESSION_OPENED,
                ori=seat.ori,
                terminal=seat.terminal,
                person=seat.person,
                detail=detail,
            )
        )
        return self._shown(opened.standing, opened.token)

    async def _note(self, note: Note) -> None:
        with _journal():
            await self._switch.note(note)

    def _shown(self, standing: Standing, token: str = "") -> doors.Session:
        return shown(standing, token, demo=self._demo)

    async def session(self, token: str, *, used: bool = True, device: str = "") -> doors.Session | None:
        """The session of a token, while it lasts, at the device that it was opened at."""
        with _database():
            standing = await self._people.session(token, self._clock(), used=used, device=device)
        return None if standing is None else self._shown(standing)

    async def locked(self, token: str, *, device: str = "") -> doors.Locked | None:
        """Who may unlock the session of a token."""
        with _database():
            held = await self._people.locked(token, self._clock(), device=device)
        if held is None:
            return None
        seat = held.seat
        return doors.Locked(person=seat.person, name=held.name, terminal=seat.terminal, ori=seat.ori)

    async def unlock(
        self, token: str, *, password: str, code: str, peer: str, device: str = ""
    ) -> doors.Session | doors.Refusal:
        """The person of a locked session comes back with both factors."""
        with _database():
            held = await self._people.locked(token, self._clock(), device=device)
            if held is None:
                return doors.Refusal(reason="Nothing is locked here any more: sign in.", code="session")
            opened = await self._people.unlock(held, token, (password, code), peer, self._clock())
        return await self._opened(opened, held.seat.person, held.seat.terminal, peer, device)

    async def sign_out(self, token: str) -> None:
        """Ends a session."""
        with _database():
            standing = await self._people.session(token, self._clock(), used=False)
            await self._people.sign_out(token, self._clock())
        if standing is not None:
            seat = standing.seat
            await self._note(
                Note(tag=Tag.SESSION_CLOSED, ori=seat.ori, terminal=seat.terminal, person=seat.person)
            )

    def understand(self, text: str, seat: Seat) -> Reading:
        """What the one box makes of a text, without sending anything."""
        return read_arrival(Arrival(text=text, seat=seat, key="", at=self._clock()), self.catalogue)

    async def transact(self, arrival: Arrival) -> Receipt:
        """One arrival on its way; durable when it returns."""
        try:
            return await self._switch.transact(arrival)
        except Busy as error:
            raise doors.HouseBusy(1, str(error)) from error
        except KeyTaken as error:
            raise doors.KeyTaken(str(error)) from error
        except JournalDown as error:
            raise doors.JournalDown(str(error)) from error

    def mailbox(self, terminal: str) -> AbstractAsyncContextManager[AsyncIterator[Delivery]]:
        """What came for a terminal, and what comes."""
        return self._switch.mailbox(terminal)

    async def acknowledge(self, seat: Seat, numbers: Sequence[int]) -> None:
        """The terminal has these."""
        await self._switch.acknowledge(seat.terminal, numbers)

    def order_words(self, hit: Hit) -> doors.OrderWords:
        """What is said of an order now."""
        return words_of(hit, self._clock())

    async def deadlines(self, seat: Seat) -> Board | doors.Refusal:
        """What must be done in time by a seat's agency: which records are told of stands in the journal first."""
        at = self._clock()
        arrival = Arrival(text=DEADLINES, seat=seat, key="", at=at)
        message = read_arrival(arrival, self.catalogue).message
        assert message is not None, "the list is in the catalogue"
        assert self._board is not None, "whoever opens this door gives it a board"
        ruling = self._switch.ruled(message, arrival)
        tag = Tag.RECORDS_LISTED if ruling.allowed else Tag.TEXT_REFUSED
        detail: dict[str, object] = {"text": DEADLINES, "rule": ruling.rule}
        if ruling.allowed:
            with _database():
                board = await self._board(seat, at)
            shown = [[group.file, row.number, row.owner] for group in board.groups for row in group.rows]
            detail = {"text": DEADLINES, "hits": shown}
        await self._note(
            Note(tag=tag, ori=seat.ori, terminal=seat.terminal, person=seat.person, detail=detail)
        )
        return board if ruling.allowed else doors.Refusal(reason=ruling.reason, code=ruling.told)

    async def confirm(
        self, token: str, *, password: str, code: str, peer: str
    ) -> doors.Session | doors.Refusal:
        """Both factors again, in place of the session that stands."""
        return await self.keyring.confirm(token, password=password, code=code, answer="", peer=peer)

    @property
    def explaining(self) -> doors.Explaining:
        """Why things were asked, and what a CAD says of it."""
        assert self._explaining is not None, "whoever opens this door gives it the reasons"
        return self._explaining

    def asks_for(self, seat: Seat) -> tuple[tuple[str, str], ...]:
        """The agencies for which a seat's agency asks, itself first, by ORI and name; empty: for itself alone."""
        return self._switch.directory.asks_for(seat.ori)

    def printers(self, seat: Seat) -> tuple[tuple[str, str], ...]:
        """The printers of a seat's agency that are said to stand in a secure place: mnemonic and title."""
        return self._switch.directory.printers(seat.ori, test=seat.test)

    async def pass_on(self, seat: Seat, passing: Passing, what: str, hits: Sequence[Hit]) -> int:
        """Writes down what goes on to whom, before it is made; the number of its entry."""
        detail = told(passing, what, [[hit.file, hit.number, hit.owner] for hit in hits])
        note = Note(
            tag=Tag.RECORDS_PASSED_ON, ori=seat.ori, terminal=seat.terminal, person=seat.person, detail=detail
        )
        with _journal():
            return await self._switch.note(note)

    async def posture(
        self, terminal: str, secret: str, peer: str, claims: Sequence[posture.Claim]
    ) -> posture.Taken | doors.Refusal:
        """What an agency's device management measured."""
        assert self.postures is not None, "whoever opens this door gives it the measurements"
        with _database(), _journal():
            return await self.postures.take(terminal, secret, peer, claims)

    async def seen(self, seat: Seat, number: int) -> None:
        """The person has seen it: written down, because a machine's receipt does not say so."""
        await self._note(
            Note(
                tag=Tag.DELIVERY_SEEN,
                ori=seat.ori,
                terminal=seat.terminal,
                person=seat.person,
                detail={"seen": number},
            )
        )

    def links(self) -> tuple[doors.LinkState, ...]:
        """Every other system and whether it can be asked."""
        states = (partner.link.state() for partner in self._partners)
        return tuple(
            doors.LinkState(name=one.name, up=one.up, since=one.since, waiting=one.waiting) for one in states
        )
