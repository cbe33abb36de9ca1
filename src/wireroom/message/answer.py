"""Questions to sources and the answers that come back, as plain data that every room may hold."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from wireroom.message.envelope import Message, Seat
from wireroom.message.turns import Whose


class State(StrEnum):
    """What a source said, or that it said nothing. Each is final for its question but NO_ANSWER (see `late`)."""

    HIT = "hit"  # a record that asks for an act: stolen, wanted
    RECORD = "record"  # a record that informs: a licence, a registration
    NO_RECORD = "no record"
    ACCEPTED = "accepted"  # an entry, change or message was taken
    REFUSED = "refused"  # by the source: not the owner, on file already
    NO_ANSWER = "no answer"  # the deadline passed
    OUT_OF_SERVICE = "out of service"  # the link is down; the question was not sent


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One message put to one source on behalf of a seat."""

    transaction: int  # the journal number of the intent
    leg: int  # the place of this question among those of its transaction, from 0
    source: str  # "STATE", "DMV", "NCIC"
    message: Message  # with the key that this source knows
    seat: Seat
    at: datetime
    parts: int = 1  # how many sources are asked in the same transaction
    key: str = ""  # the sender's key
    asked: str = ""  # the sender's text, shortened, so that an answer can be read alone
    named: str = ""  # what the answer comes under, where one source leads to several: "NLETS NV"

    def whose(self, *, pressing: bool = True) -> Whose:
        """On whose account it waits, and its answer."""
        return Whose(self.seat.ori, self.seat.terminal, pressing and not self.seat.test)


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One record found, as much of it as the reader may see."""

    file: str  # the file's code in the catalogue
    number: str  # FCN, NIC or licence number: what names the record in its file
    owner: str  # the ORI that entered it
    status: str  # "active", "located", "restrained"; after a change also what it ended as
    fields: tuple[tuple[str, str], ...]
    tier: str = ""  # "possible" or "wide" where it may well be somebody else
    agency: str = ""  # the owner's name and telephone, where the switch knows them
    why: str = ""  # why it matched, with the strength of the evidence where that is not plain


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an agency or a terminal must be told though it did not ask: the `$.` messages."""

    code: str  # "$.L." for a locate; see [notice] in wording.toml
    to: str  # an ORI, or a terminal's mnemonic
    text: str = ""
    number: str = ""  # FCN or NIC of the record that it is about
    hits: tuple[Hit, ...] = ()
    test: bool = False


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one source said to one question."""

    source: str
    state: State
    hits: tuple[Hit, ...] = ()
    text: str = ""  # one line or more for the reader, where the state alone does not say it
    late: bool = False  # came after the deadline, when NO_ANSWER had been told already
    notices: tuple[Notification, ...] = ()  # whom else to tell, in the same transaction


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be shown at a terminal, kept until the terminal acknowledges it.

    `number` grows with time and is unique, not dense. `transaction` is 0 for what nobody asked for.
    """

    number: int
    terminal: str
    transaction: int
    kind: str  # "answer", "mail", "notice", "refusal", "fault"
    source: str
    state: str
    title: str  # the verdict in one sentence: "STOLEN VEHICLE - CONFIRM FIRST"
    text: str  # the whole, as the terminal's dialect writes it
    hits: tuple[Hit, ...] = ()
    part: int = 0  # the how-manieth answer of its transaction, from 1
    parts: int = 0  # of how many
    at: str = ""  # ISO 8601, UTC
    asked: str = ""  # the question's text, so that an answer can be read alone
    key: str = ""  # the sender's key of the question


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender is told at once: the journal number, and what will follow."""

    number: int  # journal number of the intent
    state: str  # "accepted", "refused", "faulty", "repeat", "busy"
    understood: str = ""
    sources: tuple[str, ...] = ()  # who was asked, in the order of the catalogue
    faults: tuple[tuple[str, str], ...] = ()  # field and reason
    places: tuple[str, ...] = ()  # of each fault, where in a document it is; none for a text
    rule: str = ""  # the policy's rule when refused
    reason: str = ""  # a neutral sentence when refused
    unexplained: bool = (
        False  # nothing given or known explains the inquiry: its person is asked after the answers
    )
