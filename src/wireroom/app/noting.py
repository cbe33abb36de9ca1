"""Writes one entry into the journal from a command that is not the switch: whoever looks is written down first."""

from __future__ import annotations

from wireroom.app.assemble import connect, now
from wireroom.app.keys import keys_of
from wireroom.app.settings import Loaded
from wireroom.app.written import Beside, write_with
from wireroom.journal.entry import Entry
from wireroom.journal.tags import Tag
from wireroom.message.acting import COMMAND


async def note_down(loaded: Loaded, dsn: str, tag: Tag, person: str, detail: dict[str, object]) -> int:
    """Write an entry, durable when this returns; its number."""
    return await note_with(loaded, dsn, Entry(0, tag, now(), person=person, detail=detail))


async def note_with(loaded: Loaded, dsn: str, entry: Entry, beside: Beside | None = None) -> int:
    """Write an entry and what is kept beside it in one transaction: both are there, or neither. The entry's number."""
    connection = await connect(dsn, acts=COMMAND)
    try:
        return await write_with(connection, keys_of(loaded).texts(dsn, now), now, entry, beside)
    finally:
        await connection.close()
