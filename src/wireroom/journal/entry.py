"""One entry, and the bytes that stand for it for ever."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

BODY_MAX = 1 << 20  # bytes; a text on the wire is far shorter


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happened, who did it from where, and everything else in `detail`.

    `transaction` is the number of the intent that this entry belongs to; an intent carries its own number.
    """

    number: int
    tag: str  # one of tags.Tag; text, so that an older reader can show a newer entry
    at: datetime  # aware
    transaction: int = 0
    ori: str = ""
    terminal: str = ""
    person: str = ""
    detail: dict[str, object] = {}  # whatever JSON can say


_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(Entry).decode


def canonical(entry: Entry) -> bytes:
    """The entry's one and only bytes: JSON in UTF-8, keys sorted, no spaces, time in UTC."""
    if entry.at.tzinfo is not UTC:
        if entry.at.tzinfo is None:
            raise ValueError(f"entry {entry.number} has a time without a zone: give it one")
        entry = msgspec.structs.replace(entry, at=entry.at.astimezone(UTC))
    return _encode(entry)


def parse(body: bytes) -> Entry:
    """Reads canonical bytes back; ValueError where they are not an entry."""
    return _decode(body)
