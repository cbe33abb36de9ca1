"""The door of the wire: stations sign on with their device and their factors, send, and receive while both stand."""

from __future__ import annotations

import contextlib
import hmac
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wireroom.app.devices import Devices, Held, parted
from wireroom.app.door_trouble import word as printable
from wireroom.app.keys import Keys
from wireroom.journal.tags import Tag
from wireroom.message.answer import Delivery, Receipt
from wireroom.message.envelope import NO_FACTS, Arrival, Facts, Seat
from wireroom.policy.directory import Book, TerminalKind
from wireroom.policy.people import Claim, People, Refused
from wireroom.policy.ruling import Role, is_court
from wireroom.switch import Busy, JournalDown, KeyTaken
from wireroom.switch.transaction import Switch
from wireroom.switch.work import Note
from wireroom.wire.payload import Logon, Refusal

log = logging.getLogger(__name__)
LOOKED_AT_EVERY = timedelta(seconds=2)  # whether the session and the device of a line still stand


class Line(msgspec.Struct):
    """What the door knows of one sign-on."""

    seat: Seat
    purpose: str
    case: str
    token: str  # of a person's session; empty for an interface
    looked_at: datetime
    device: str = ""  # the fingerprint of its certificate, if it came with one
    stands: bool = True
    facts: Facts = NO_FACTS  # of the person, as the session had them when it was looked at


class WireDoor:
    """Stations on the wire: people with their factors, interfaces with the secret of their terminal."""

    def __init__(
        self, *, switch: Switch, people: People, book: Book, keys: Keys, clock: Callable[[], datetime]
    ) -> None:
        self.devices: Devices | None = (
            None  # who judges them, before anybody's factors; nobody where it is not set
        )
        self._switch, self._people, self._book, self._keys, self._clock = switch, people, book, keys, clock
        self._lines: dict[
            int, Line
        ] = {}  # by the identity of the seat: two lines may claim one terminal for a moment

    async def logon(self, logon: Logon, peer: str) -> Seat | Refusal:
        """Who may sit down: first the device, then the person or the interface."""
        address, device = parted(peer)
        mnemonic = logon.terminal.upper()
        admitted: str | Refused = mnemonic
        if self.devices is not None:
            admitted = await self.devices.admit(device, mnemonic, address)
        terminal = self._book.directory.terminals.get(mnemonic)
        if terminal is None:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                self._switch.directory = await self._book.refresh()  # perhaps it was added a moment ago
            terminal = self._book.directory.terminals.get(mnemonic)
        if isinstance(admitted, Refused):
            seat, cause, token = None, admitted.cause, ""
        elif terminal is not None and terminal.kind == TerminalKind.INTERFACE:
            seat, cause, token = await self._interface(logon, mnemonic), "wrong secret", ""
        else:
            seat, cause, token = await self._person(logon, mnemonic, (address, device))
        detail: dict[str, object] = {"peer": peer, "door": "line"}
        try:
            if seat is None:
                await self._switch.note(
                    Note(
                        tag=Tag.SESSION_REFUSED,
                        terminal=printable(mnemonic, 9),
                        person=printable(logon.person),
                        detail=detail | {"cause": cause},
                    )
                )
                if isinstance(admitted, Refused):
                    return Refusal(admitted.reason)
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
            seat, logon.purpose.upper(), logon.case, token, self._clock(), device, facts=seat.facts
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
            place=directory.terminals[mnemonic].kind,
            spoken_for=True,
        )

    async def _person(
        self, logon: Logon, mnemonic: str, peer: tuple[str, str]
    ) -> tuple[Seat | None, str, str]:
        """The seat of a person with the right factors, else the cause; and the session's token."""
        claim = Claim(
            person=logon.person,
            password=logon.secret,
            code=logon.code,
            terminal=mnemonic,
            peer=peer[0],
            kind="line",
            device=peer[1] if self.devices is not None else "",
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
        if line.stands and now - line.looked_at >= LOOKED_AT_EVERY:
            line.looked_at = now
            if line.token:  # which ends with the certificate that it was opened with
                standing = await self._people.session(line.token, now, used=used)
                line.stands = standing is not None
                line.facts = standing.seat.facts if standing is not None else NO_FACTS
            elif self.devices is not None:
                line.stands = await self.devices.stands(line.device, seat.terminal)
        return line.stands

    def held(self) -> tuple[Held, ...]:
        """The lines that came with a certificate."""
        return tuple(Held(line.seat, line.device) for line in self._lines.values() if line.device)

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
