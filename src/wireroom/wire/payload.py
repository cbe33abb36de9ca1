"""What stands in each kind of frame, as typed JSON, with the limits of every field."""

from __future__ import annotations

import json
from enum import IntEnum
from functools import cache
from typing import Annotated, TypeVar

import msgspec

from wireroom.message.answer import Receipt
from wireroom.wire.framing import Frame

VERSION = 1
NUMBERS_MAX = 1_024  # in one acknowledgement

Count = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Sentence = Annotated[str, msgspec.Meta(max_length=1_024)]


class Kind(IntEnum):
    """The kind byte: a capital letter, so that a captured line can be read by a person."""

    HELLO = ord("H")  # station: Logon
    WELCOME = ord("W")  # switch: Welcome
    REFUSED = ord("X")  # switch: Refusal, and the line closes
    SEND = ord("S")  # station: Send
    RECEIPT = ord("R")  # switch: Receipted
    DELIVER = ord("D")  # switch: a Delivery
    ACK = ord("A")  # station: Ack
    KEEPALIVE = ord("K")  # either: empty, wants ALIVE
    ALIVE = ord("L")  # either: empty
    NAK = ord("N")  # switch: Nak
    BYE = ord("B")  # either: Bye, and the line closes


class Logon(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who asks to sit down where. Prints neither the secret nor the code."""

    terminal: Word
    person: Annotated[str, msgspec.Meta(max_length=64)] = ""
    secret: Annotated[str, msgspec.Meta(max_length=256)] = ""
    code: Annotated[str, msgspec.Meta(max_length=16)] = ""  # one-time
    purpose: Annotated[str, msgspec.Meta(max_length=8)] = ""  # stands for texts that name none
    case: Annotated[str, msgspec.Meta(max_length=20)] = ""
    resume: bool = False  # the numbering of sends goes on from an earlier line
    version: int = VERSION

    def __repr__(self) -> str:
        return f"Logon(terminal={self.terminal!r}, person='…', secret='…', code='…')"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [("terminal", self.terminal), ("person", "…"), ("secret", "…"), ("code", "…")]


class Welcome(msgspec.Struct, frozen=True, kw_only=True):
    """The seat as the switch bound it, and the limits that it will hold the station to."""

    terminal: str
    ori: str
    person: str
    role: str
    test: bool = False
    version: int = VERSION
    window: int = 64  # sends without a receipt
    deliveries_max: int = 64  # deliveries without an acknowledgement
    idle_s: float = 60.0
    frame_bytes_max: int = 65_536


class Refusal(msgspec.Struct, frozen=True):
    """Why nobody sits down; `again` when the same sign-on may succeed later."""

    reason: Sentence
    again: bool = False


class Send(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text for the switch; a repeat of the sender's `key` gets the first result. Does not print it."""

    sequence: Count
    key: Word
    text: Annotated[str, msgspec.Meta(min_length=1)]

    def __repr__(self) -> str:
        return f"Send(sequence={self.sequence}, key={self.key!r}, text='…')"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("sequence", self.sequence), ("key", self.key), ("text", "…")]


class Receipted(msgspec.Struct, frozen=True):
    """The receipt for the send of that sequence. Receipts come in any order."""

    sequence: int
    receipt: Receipt


class Ack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Deliveries that the station has shown or stored."""

    numbers: Annotated[tuple[Count, ...], msgspec.Meta(min_length=1, max_length=NUMBERS_MAX)]


class Nak(msgspec.Struct, frozen=True):
    """Something was not taken. `sequence` is 0 when it was no send; `code` is for programs.

    Codes: "busy" repeat later, "gap" and "sequence" the numbering is wrong, "bad" not understood,
    "late" no receipt yet, "fault" the switch failed, "closing" the switch goes down.
    """

    sequence: int
    code: str
    reason: str


class Bye(msgspec.Struct, frozen=True):
    """The last word. Codes: "done", "closing", "displaced", "revoked", "silent", "bad", "fault"."""

    reason: Sentence = ""
    code: Annotated[str, msgspec.Meta(max_length=64)] = "done"


_encoder = msgspec.json.Encoder()
_send_decoder = msgspec.json.Decoder(Send)
T = TypeVar("T", bound=msgspec.Struct)


class BadPayload(ValueError):
    """A frame whose content is not what its kind promises; the text may be shown to the sender."""


def write(kind: Kind, content: msgspec.Struct) -> Frame:
    """A frame with this content."""
    return Frame(kind, _encoder.encode(content))


def read(payload: bytes, shape: type[T]) -> T:
    """The content of a frame. Raises BadPayload, in words that quote no value."""
    try:
        return msgspec.json.decode(payload, type=shape)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as trouble:
        raise _bad(trouble) from None


def read_once(payload: bytes, shape: type[T]) -> T:
    """As `read`, and refuses a name that stands twice: two readers could take different ones."""
    content = read(payload, shape)
    if payload.count(b":") != _required(shape):
        _named_once(payload)
    return content


def read_send(payload: bytes) -> Send:
    """As `read_once` for a Send, on the hot path."""
    try:
        send = _send_decoder.decode(payload)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as trouble:
        raise _bad(trouble) from None
    if payload.count(b":") != _required(Send):
        _named_once(payload)
    return send


@cache
def _required(shape: type) -> int:
    """How many names must stand. Each brings a colon, so with just as many colons no name can stand twice."""
    return sum(field.required for field in msgspec.structs.fields(shape))


def _bad(trouble: Exception) -> BadPayload:
    # Cut, because the name of an unknown field stands in it and may be as long as the frame.
    return BadPayload(f"The frame's JSON is not right: {str(trouble)[:200]}.")


def _named_once(payload: bytes) -> None:
    try:
        json.loads(payload, object_pairs_hook=_refuse_twice)
    except (ValueError, RecursionError) as trouble:
        raise _bad(trouble) from None


def _refuse_twice(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice in one object; name each field once")
