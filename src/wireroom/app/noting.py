"""Writes one entry into the journal from a command that is not the switch: whoever looks is written down first."""

from __future__ import annotations

import os
import secrets

import msgspec

from wireroom.app.assemble import clock_ms, connect, now
from wireroom.app.keys import keys_of
from wireroom.app.settings import Loaded
from wireroom.journal.entry import Entry
from wireroom.journal.numbers import NumberMaker
from wireroom.journal.tags import Tag
from wireroom.journal.writer import Writer, last_number
from wireroom.message.acting import COMMAND
from wireroom.switch import worker as workers


async def note_down(loaded: Loaded, dsn: str, tag: Tag, person: str, detail: dict[str, object]) -> int:
    """Write an entry, durable when this returns; its number."""
    connection = await connect(dsn, acts=COMMAND)
    holder = f"command/{os.getpid()}/{secrets.token_hex(4)}"
    try:
        worker = await workers.take(connection, holder)
        number = NumberMaker(worker, clock_ms, after=await last_number(connection)).batch(1)[0]
        async with connection.transaction():
            plain = msgspec.to_builtins(detail)
            await Writer(os.urandom, keys_of(loaded).texts(dsn, now)).write(
                connection, [Entry(number, tag, now(), person=person, detail=plain)]
            )
        await workers.leave(connection, worker, holder)
    finally:
        await connection.close()
    return number
