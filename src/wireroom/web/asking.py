"""Sends what a person asks: understood first, with a purpose, once however often it is sent."""

from __future__ import annotations

import asyncio
import hashlib

import msgspec

from wireroom.catalog.file import Verb
from wireroom.catalog.index import ENVELOPE, FOR_AGENCY
from wireroom.catalog.kinds import Bad
from wireroom.message.answer import Receipt
from wireroom.message.envelope import Arrival, Fault, Message, Reading, Way
from wireroom.message.local import day_of
from wireroom.message.reason import Reason
from wireroom.message.write import write
from wireroom.web.cards import asked_of, words_of
from wireroom.web.door import Door
from wireroom.web.house import HouseBusy, Session
from wireroom.web.recent import Asked, Standing
from wireroom.web.stream import Ended, feed
from wireroom.web.whys import Whys

WAIT_S = 1.5  # how long a page without script waits for answers before it is drawn
_FIELDS = {field.code: field for field in ENVELOPE}
PURPOSE, CASE = _FIELDS["PUR"], _FIELDS["CAS"]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants sent, as the page gave it."""

    text: str
    purpose: str = ""
    case: str = ""
    requester: str = ""  # for whom it is run, where the text does not say it
    agency: str = ""  # for which agency, where theirs asks for others too and the text does not say it
    key: str = ""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: the receipt, or every fault and no receipt."""

    receipt: Receipt | None = None
    faults: tuple[Fault, ...] = ()


class Asking:
    """Takes wishes to the switch, and keeps on the terminal's shelf what was asked."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.whys = Whys(door)

    def understand(self, session: Session, text: str) -> Reading:
        """What is made of a text, in as few words as a person would use, without sending anything."""
        reading = self.door.house.understand(text, session.seat)
        if reading.message is None:
            return reading
        return msgspec.structs.replace(
            reading, understood=words_of(reading.message, self.door.house.catalogue)
        )

    def sources(self, reading: Reading) -> tuple[str, ...]:
        """Whom a reading would ask."""
        return asked_of(reading.message, self.door.house.catalogue) if reading.message else ()

    async def send(self, session: Session, wish: Wish) -> Sent:
        """Send a wish that is understood and has its purpose. The switch's own troubles pass through as they are."""
        reading = self.understand(session, wish.text)
        faults = list(reading.faults)
        standing = Standing(
            self._envelope("PUR", wish.purpose, faults),
            self._envelope("CAS", wish.case, faults),
            self._served(session, wish.agency),
        )
        message = reading.message
        if message is not None:
            faults += self._unset(session, standing, message)
        requester = self._envelope("ATN", wish.requester, faults)
        if faults or message is None:
            return Sent(faults=tuple(faults))
        text = write(message)
        house, seat = self.door.house, session.seat
        arrival = Arrival(
            text=text,
            seat=seat,
            key=key_of(wish, text),
            at=house.now(),
            purpose=standing.purpose,
            case=standing.case,
            way=Way.FORM,
            reason=Reason(requester=requester, for_agency=standing.agency),
        )
        receipt = await house.transact(arrival)
        if receipt.state == "busy":
            raise HouseBusy(1, receipt.reason)
        self._keep(session, receipt, text, reading.understood)
        shelf = self.door.recent.of(seat.terminal)
        shelf.standing[seat.person] = standing
        shelf.learn(seat.person, 0, message.get("CAS") or standing.case)
        await self.whys.note(session, receipt, text, house.now().isoformat())
        return Sent(receipt=receipt)

    async def collect(self, terminal: str, transaction: int) -> None:
        """For a page without script: put on the shelf what waits, and what comes while one can wait for it."""
        loop = asyncio.get_running_loop()
        shelf = self.door.recent.of(terminal)
        until = loop.time() + (WAIT_S if transaction else WAIT_S / 5)
        async with feed(self.door.house, terminal) as ahead:
            while (left := until - loop.time()) > 0:
                try:
                    shelf.add(await ahead.next(left))
                except (TimeoutError, Ended):
                    return
                came = shelf.answers(transaction)
                if came and ahead.empty and len({d.part for d in came}) >= max(d.parts for d in came):
                    return

    def standing(self, session: Session) -> Standing:
        """What stands on a person's desk now. An agency for which theirs asks no more does not."""
        stands = self.door.recent.of(session.seat.terminal).purpose(session.seat.person)
        return msgspec.structs.replace(stands, agency=self._served(session, stands.agency))

    def _served(self, session: Session, agency: str) -> str:
        """An agency for which the person's own asks; empty where it does not."""
        return agency if agency in dict(self.door.house.asks_for(session.seat)) else ""

    def _unset(self, session: Session, standing: Standing, message: Message) -> list[Fault]:
        """What an inquiry must say that neither its text nor the desk says."""
        if self.door.house.catalogue.forms[message.key].verb is not Verb.INQUIRE:
            return []
        faults = []
        if not standing.purpose and not message.get("PUR"):
            faults.append(Fault("PUR", "is not set: choose why you ask, then send"))
        several = self.door.house.asks_for(session.seat)
        if several and not standing.agency and not message.get(FOR_AGENCY):
            faults.append(Fault(FOR_AGENCY, "is not set: choose for which agency you ask, then send"))
        return faults

    def _envelope(self, code: str, value: str, faults: list[Fault]) -> str:
        """A canonical purpose or case; an empty one stays empty, a bad one is a fault."""
        field = _FIELDS[code]
        if not value.strip():
            return ""
        read = field.kind.read(value, day_of(self.door.house.now()))
        if isinstance(read, Bad):
            faults.append(Fault(code, read.reason, value[:40]))
            return ""
        return read

    def _keep(self, session: Session, receipt: Receipt, text: str, understood: str) -> None:
        reasons = [receipt.reason, *(f"{code} {reason}" for code, reason in receipt.faults)]
        self.door.recent.of(session.seat.terminal).ask(
            Asked(
                transaction=receipt.number,
                text=text,
                understood=understood,
                at=self.door.house.now().isoformat(),
                state=receipt.state,
                sources=receipt.sources,
                reason="; ".join(filter(None, reasons)) + (f" (rule {receipt.rule})" if receipt.rule else ""),
            )
        )


def key_of(wish: Wish, text: str) -> str:
    """The sender's key: the page's own, bound to what it sends, so that a page used twice never mixes two wishes."""
    whole = "\0".join((wish.key, text, wish.purpose, wish.case, wish.requester, wish.agency))
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def words(fault: Fault) -> str:
    """A fault as a sentence."""
    if fault.field == "TEXT":
        return f"This {fault.reason}"
    if fault.field == "KEY":
        return f"{fault.given or 'The key'} {fault.reason}"
    names = {
        "PUR": "The purpose",
        "CAS": "The case",
        "ATN": "For whom it is run",
        FOR_AGENCY: "The agency",
    }
    return f"{names.get(fault.field, fault.field)} {fault.reason}"
