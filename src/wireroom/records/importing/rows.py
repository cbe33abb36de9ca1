"""Writes rows of `record` in PostgreSQL's binary format of COPY, which is read faster than words are.

A row is put together from three parts: what is known when it is stored, what was known when its line was checked, and
what all rows of a chunk share.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from struct import Struct

COLUMNS = (
    "id", "number", "fields", "due_at", "file", "owner", "status", "version", "test", "entered_at", "changed_at",
    "entered_by", "entered_ori", "checked_by", "validate_on",
)  # fmt: skip
BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_BEGUN = Struct(">hiqi")  # how many columns; a length of eight bytes and the id; the length of the number
_SIZE = Struct(">i")
_JSONB = Struct(">iB")  # the length of what follows, and the version of the format
_MOMENT = Struct(">iq")
_DAY = Struct(">ii")


def text(value: str) -> bytes:
    """A column of words."""
    body = value.encode()
    return _SIZE.pack(len(body)) + body


def moment(value: datetime | None) -> bytes:
    """A column of a moment; empty where there is none."""
    return NULL if value is None else _MOMENT.pack(8, (value - _EPOCH) // timedelta(microseconds=1))


def day(value: date | None) -> bytes:
    """A column of a day; empty where there is none."""
    return NULL if value is None else _DAY.pack(4, (value - _EPOCH.date()).days)


def whole(value: int) -> bytes:
    """A column of a whole number."""
    return _DAY.pack(4, value)


def truth(*, value: bool) -> bytes:
    """A column of yes or no."""
    return b"\0\0\0\1\1" if value else b"\0\0\0\1\0"


def checked(fields: str, ends: bytes) -> bytes:
    """What a line that was checked gives to its row: its fields as JSON, and the column of when its time is up."""
    body = fields.encode()
    return _JSONB.pack(len(body) + 1, 1) + body + ends


def fields_of(stored: bytes) -> str:
    """The JSON of what `checked` gave."""
    return stored[_JSONB.size : _SIZE.size + _SIZE.unpack_from(stored)[0]].decode()


def file_of(rows: Iterable[tuple[int, str, bytes]], shared: bytes) -> bytes:
    """What COPY reads: of each row its id, its number and what was checked, and what all share."""
    pack = _BEGUN.pack
    many = len(COLUMNS)
    return b"".join(
        [
            BEGIN,
            *[
                pack(many, 8, id, len(number)) + number.encode() + stored + shared
                for id, number, stored in rows
            ],
            END,
        ]
    )
