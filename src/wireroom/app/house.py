"""The house as its doors see it: the browser's and the API's House, and the wire's Door, over one switch."""

from __future__ import annotations

import contextlib
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wireroom.app.coordination import Coordination
from wireroom.app.door_trouble import database as _database
from wireroom.app.door_trouble import journal as _journal
from wireroom.app.door_trouble import word as _word
from wireroom.app.keyring import Keyring
from wireroom.app.keys import Keys
from wireroom.app.order_words import words_of
from wireroom.catalog.index import Catalogue
from wireroom.gateways.partner import Partner
from wireroom.journal.tags import Tag
from wireroom.message.answer import Delivery, Hit, Receipt
from wireroom.message.deadlines import Board
from wireroom.message.envelope import NO_FACTS, Arrival, Facts, Reading, Seat
from wireroom.policy.directory import Book, TerminalKind
from wireroom.policy.facts import Fact
from wireroom.policy.fitness import Demands
from wireroom.policy.people import Claim, Opened, People, Refused, Standing
from wireroom.policy.ruling import Role, is_court, rule
from wireroom.policy.staff import Member
from wireroom.switch import Busy, JournalDown, KeyTaken
from wireroom.switch.transaction import Switch, read_arrival
from wireroom.switch.work import Note
from wireroom.web import house as doors
from wireroom.web.notice import VERSION
from wireroom.wire.payload import Logon, Refusal

log = logging.getLogger(__name__)
DEADLINES = "WL LST/OVERDUE"  # who may ask for this list may see the board of deadlines
LOOKED_AT_EVERY = timedelta(seconds=2)  # whether the session of a line still stands


class AppHouse:
    """What the doors may do. Every sign-in, granted or refused, is written down before it is answered."""

    def __init__(
        self,
        *,
        switch: Switch,
        people: People,
        book: Book,
        partners: Sequence[Partner],
        demo: bool,
        clock: Callable[[], datetime],
        board: Callable[[Seat, datetime], Awaitable[Board]] | None = None,
        coordination: Coordination | None = None,
    ) -> None:
        self._switch, self._people, self._book = switch, people, book
        self._partners = tuple(partners)
        self._demo = demo
        self._clock = clock
        self._board, self._coordination = board, coordination
        self.keyring = Keyring(people, clock, opened=self._opened, note=self._note)
        self.personas: tuple[doors.Persona, ...] = ()
        self.well = True  # told by whoever looks at the database now and then

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
    ) -> doors.Session | doors.Refusal:
        """A session for a person at a terminal, or why there is none."""
        claim = Claim(
            person=person, password=password, code=code, terminal=terminal.upper(), peer=peer, kind=kind,
            notice=notice,
        )  # fmt: skip
        with _database():
            opened = await self._people.sign_in(claim, self._clock())
        return await self._opened(opened, person, claim.terminal, peer)

    async def sign_in_as(self, persona: str, peer: str) -> doors.Session | doors.Refusal:
        """A session as one of the demo's invented people; refused everywhere else."""
        found = next((one for one in self.personas if one.person == persona), None)
        if not self._demo or found is None:
            return doors.Refusal(reason="Only the demonstration lets you sign in as somebody.")
        with _database():
            opened = await self._people.admit(persona, found.terminal, peer, self._clock(), VERSION)
        return await self._opened(opened, persona, found.terminal, peer)

    async def _opened(
        self, opened: Opened | Refused, person: str, terminal: str, peer: str
    ) -> doors.Session | doors.Refusal:
        if isinstance(opened, Refused):
            detail: dict[str, object] = {"cause": opened.cause, "peer": peer, "door": "page"}
            who = _word(person or opened.person)
            await self._note(
                Note(tag=Tag.SESSION_REFUSED, terminal=_word(terminal, 9), person=who, detail=detail)
            )
            return doors.Refusal(reason=opened.reason, wait_seconds=opened.wait_seconds)
        seat, standing = opened.standing.seat, opened.standing
        detail = {"peer": peer, "door": standing.kind, "notice": standing.notice}
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
        return doors.Session(
            seat=standing.seat,
            name=standing.name,
            agency=standing.agency,
            csrf=standing.csrf,
            since=standing.opened_at.isoformat(),
            idle_until=standing.idle_until.isoformat(),
            demo=self._demo,
            token=token,
        )

    async def session(self, token: str, *, used: bool = True) -> doors.Session | None:
        """The session of a token, while it lasts."""
        with _database():
            standing = await self._people.session(token, self._clock(), used=used)
        return None if standing is None else self._shown(standing)

    async def locked(self, token: str) -> doors.Locked | None:
        """Who may unlock the session of a token."""
        with _database():
            held = await self._people.locked(token, self._clock())
        if held is None:
            return None
        return doors.Locked(person=held.seat.person, name=held.name, terminal=held.seat.terminal)

    async def unlock(
        self, token: str, *, password: str, code: str, peer: str
    ) -> doors.Session | doors.Refusal:
        """The person of a locked session comes back with both factors."""
        with _database():
            held = await self._people.locked(token, self._clock())
            if held is None:
                return doors.Refusal(reason="Nothing is locked here any more: sign in.", code="session")
            opened = await self._people.unlock(held, token, (password, code), peer, self._clock())
        return await self._opened(opened, held.seat.person, held.seat.terminal, peer)

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
            raise doors.HouseBusy(1) from error
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
        demands = self._switch.demands
        ruling = rule(message, self.catalogue.forms[message.key], arrival, demands=demands)
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
        return board if ruling.allowed else doors.Refusal(reason=ruling.reason, code=ruling.rule)

    @property
    def demands(self) -> Demands:
        """What is asked of people."""
        return self._switch.demands

    async def members(self, seat: Seat) -> tuple[Member, ...] | doors.Refusal:
        """Everybody of a coordinator's agency, with what stands on record."""
        assert self._coordination is not None, "whoever opens this door gives it the people"
        with _database(), _journal():
            return await self._coordination.members(seat)

    async def record(self, seat: Seat, fact: Fact) -> doors.Refusal | None:
        """Keep a fact of somebody of a coordinator's agency."""
        assert self._coordination is not None, "whoever opens this door gives it the people"
        with _database(), _journal():
            return await self._coordination.record(seat, fact)

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


class Line(msgspec.Struct):
    """What the door knows of one sign-on, beside the seat."""

    purpose: str
    case: str
    token: str  # of a person's session; empty for an interface
    looked_at: datetime
    stands: bool = True
    facts: Facts = NO_FACTS  # of the person, as the session had them when it was looked at


class WireDoor:
    """Stations on the wire: people with their factors, interfaces with the secret of their terminal."""

    def __init__(
        self, *, switch: Switch, people: People, book: Book, keys: Keys, clock: Callable[[], datetime]
    ) -> None:
        self._switch, self._people, self._book, self._keys, self._clock = switch, people, book, keys, clock
        self._lines: dict[
            int, Line
        ] = {}  # by the identity of the seat: two lines may claim one terminal for a moment

    async def logon(self, logon: Logon, peer: str) -> Seat | Refusal:
        """Who may sit down."""
        mnemonic = logon.terminal.upper()
        terminal = self._book.directory.terminals.get(mnemonic)
        if terminal is None:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                self._switch.directory = await self._book.refresh()  # perhaps it was added a moment ago
            terminal = self._book.directory.terminals.get(mnemonic)
        if terminal is not None and terminal.kind == TerminalKind.INTERFACE:
            seat, cause, token = await self._interface(logon, mnemonic), "wrong secret", ""
        else:
            seat, cause, token = await self._person(logon, mnemonic, peer)
        detail: dict[str, object] = {"peer": peer, "door": "line"}
        try:
            if seat is None:
                await self._switch.note(
                    Note(
                        tag=Tag.SESSION_REFUSED,
                        terminal=_word(mnemonic, 9),
                        person=_word(logon.person),
                        detail=detail | {"cause": cause},
                    )
                )
                return Refusal("Sign-on refused: terminal, person and secret do not go together.")
            await self._switch.note(
                Note(
                    tag=Tag.SESSION_OPENED,
                    ori=seat.ori,
                    terminal=seat.terminal,
                    person=seat.person,
                    detail=detail,
                )
            )
        except (Busy, JournalDown):
            if token:
                await self._people.sign_out(token, self._clock())
            return Refusal("The journal cannot be written, so nobody may sign on: try again.", again=True)
        self._lines[id(seat)] = Line(
            logon.purpose.upper(), logon.case, token, self._clock(), facts=seat.facts
        )
        return seat

    async def _interface(self, logon: Logon, mnemonic: str) -> Seat | None:
        """An interface names the person it speaks for; its own secret stands for the person's factors.

        Where the person has an account, its role counts, and it must be of the terminal's agency.
        """
        directory = self._book.directory
        good = hmac.compare_digest(self._keys.interface_secret(mnemonic).encode(), logon.secret.encode())
        known = logon.person.strip() and logon.person.isprintable()
        if not good or not directory.terminals[mnemonic].enabled or not known:
            return None
        ori = directory.ori_of(mnemonic)
        role = await self._people.role_at(logon.person, ori, self._clock())
        if role is None:
            return None
        return Seat(
            terminal=mnemonic,
            ori=ori,
            person=logon.person,
            role=role or (Role.COURT if is_court(ori) else Role.OPERATOR).value,
            test=directory.is_test(mnemonic),
            spoken_for=True,
        )

    async def _person(self, logon: Logon, mnemonic: str, peer: str) -> tuple[Seat | None, str, str]:
        """The seat of a person with the right factors, else the cause; and the session's token."""
        claim = Claim(
            person=logon.person,
            password=logon.secret,
            code=logon.code,
            terminal=mnemonic,
            peer=peer.rpartition(":")[0] or peer,  # without the port: the throttle counts addresses
            kind="line",
        )
        opened = await self._people.sign_in(claim, self._clock())
        if isinstance(opened, Refused):
            return None, opened.cause, ""
        return opened.standing.seat, "", opened.token

    async def send(self, seat: Seat, key: str, text: str, sequence: int) -> Receipt:
        """One text of a station."""
        line = self._lines.get(id(seat))
        if line is None or not await self._stands(seat, line):
            # Nobody sits there any more: the rule of the bound seat refuses, and the attempt is written down.
            seat = msgspec.structs.replace(seat, person="")
        elif line.facts is not seat.facts:  # something became known of the person since the sign-on
            seat = msgspec.structs.replace(seat, facts=line.facts)
        purpose, case = (line.purpose, line.case) if line is not None else ("", "")
        arrival = Arrival(text=text, seat=seat, key=key, at=self._clock(), purpose=purpose, case=case)
        try:
            return await self._switch.transact(arrival)
        except Busy as error:
            return Receipt(number=0, state="busy", reason=str(error))
        except KeyTaken as error:
            return Receipt(number=0, state="faulty", faults=(("KEY", str(error)),), reason=str(error))
        except JournalDown as error:
            return Receipt(number=0, state="busy", reason=str(error))

    async def _stands(self, seat: Seat, line: Line, *, used: bool = True) -> bool:
        """Whether the terminal is still its agency's and in use, and the person still signed in."""
        directory = self._book.directory
        terminal = directory.terminals.get(seat.terminal)
        if terminal is None or not terminal.enabled or terminal.ori != seat.ori:
            return False
        if directory.is_test(seat.terminal) is not seat.test:
            return False  # it went from live to training or back: sign on again
        now = self._clock()
        if line.token and line.stands and now - line.looked_at >= LOOKED_AT_EVERY:
            line.looked_at = now
            standing = await self._people.session(line.token, now, used=used)
            line.stands = standing is not None
            line.facts = standing.seat.facts if standing is not None else NO_FACTS
        return line.stands

    @contextlib.asynccontextmanager
    async def mailbox(self, seat: Seat) -> AsyncIterator[AsyncIterator[Delivery]]:
        """The station's deliveries, while its person is signed in: to receive is not to be there."""

        async def given(deliveries: AsyncIterator[Delivery]) -> AsyncIterator[Delivery]:
            async for delivery in deliveries:
                line = self._lines.get(id(seat))
                if line is None or not await self._stands(seat, line, used=False):
                    return
                yield delivery

        async with self._switch.mailbox(seat.terminal) as deliveries:
            yield given(deliveries)

    async def acknowledge(self, seat: Seat, numbers: Sequence[int]) -> None:
        """The station has these."""
        await self._switch.acknowledge(seat.terminal, numbers)

    async def closed(self, seat: Seat) -> None:
        """The station's line is gone."""
        line = self._lines.pop(id(seat), None)
        if line is not None and line.token:
            await self._people.sign_out(line.token, self._clock())
        try:
            await self._switch.note(
                Note(tag=Tag.SESSION_CLOSED, ori=seat.ori, terminal=seat.terminal, person=seat.person)
            )
        except (Busy, JournalDown) as error:
            log.warning("the end of the session at %s could not be written down: %s", seat.terminal, error)
