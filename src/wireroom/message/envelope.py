"""Who sends, from where, what they sent: the facts that come with a text but are never read from it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec

from wireroom.message.reason import NO_REASON, Reason


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on record of a person, as the database has it. What is absent is not so: nothing is presumed."""

    fingerprint: date | None = None  # the day of the newest check, where it found nothing against the person
    background: date | None = None  # the same of the look at their background
    statement: str = ""  # the version of the statement that they signed last
    trained: date | None = None  # the day of the last class
    examined: date | None = None  # the day of the last examination
    score: int = -1  # what it came to, in per cent
    authorised: str = ""  # the agency whose head lets them work for it
    authorised_until: datetime | None = None  # when that ends by itself; far off where it does not
    own: tuple[
        tuple[str, str], ...
    ] = ()  # kind and mark of what is their own: themselves, household, dispute
    other_duty: bool = False  # another account of theirs has a duty that is kept apart from this one
    owing: bool = False  # an emergency that they declared was not explained in time


NO_FACTS = Facts()


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """Who sits where: the terminal, its agency and the person, as the session bound them.

    Nothing in here is ever taken from the text of a message (invariant 4 of the design).
    """

    terminal: str  # mnemonic, four characters
    ori: str  # the agency that the terminal belongs to, nine characters
    person: str  # identifier of the person signed in, never reused
    role: str  # a role of the policy, "operator" for instance
    test: bool = False  # a training seat: sees and touches training records only
    place: str = "fixed"  # what kind of terminal it is; the door says it, from the directory
    facts: Facts = NO_FACTS  # of the person
    spoken_for: bool = (
        False  # a program of an agency speaks for the person, and the agency answers for their facts
    )


class Way(StrEnum):
    """Through which door a text came, and so in which dialect it is. The door says it, never the text."""

    WIRE = "wire"  # dotted text of a program or a terminal's line
    FORM = "form"  # a person at a page
    JSON = "json"  # a document over HTTP
    NIEM = "niem"  # a document of XML over HTTP


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One text as it came in, with the seat it came from."""

    text: str
    seat: Seat
    key: str  # the sender's own key: a repeat from the same terminal and day gets the first result
    at: datetime  # aware, when the last byte arrived
    purpose: str = ""  # the purpose that stands on the session, used when the text names none
    case: str = ""  # the incident, case or warrant that stands on the session
    way: Way = Way.WIRE
    reason: Reason = (
        NO_REASON  # what the door took beside the text; of an inquiry the whole, once it was read
    )


class Message(msgspec.Struct, frozen=True):
    """A checked message: the key, and every field in the catalogue's order with its canonical value.

    A field that may repeat stands once for each value. A Message is always valid: whoever holds one need not
    check it again.
    """

    key: str
    fields: tuple[tuple[str, str], ...] = ()

    def get(self, code: str) -> str:
        """The first value of a field, or an empty string where it is absent."""
        for name, value in self.fields:
            if name == code:
                return value
        return ""

    @property
    def values(self) -> dict[str, tuple[str, ...]]:
        """Every value by its field: what rules look at."""
        found: dict[str, tuple[str, ...]] = {}
        for code, value in self.fields:
            found[code] = (*found.get(code, ()), value)
        return found

    def all(self, code: str) -> tuple[str, ...]:
        """Every value of a field, in the order given."""
        return tuple(value for name, value in self.fields if name == code)


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with a text, in the sender's words."""

    field: str  # the field's code, "KEY" for the message key, "TEXT" for the shape of the whole
    reason: str
    given: str = ""  # what was sent, shortened
    at: str = ""  # where in a document: a path in JSON, the path of an element in XML


class Reading(msgspec.Struct, frozen=True):
    """What came of reading a text: a message, or every fault found in it, and never both."""

    text: str
    message: Message | None
    faults: tuple[Fault, ...] = ()
    understood: str = ""  # one sentence: "Plate 7ABC123, California"
