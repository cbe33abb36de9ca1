"""Writes one entry and what is kept beside it in one transaction, outside the switch's lanes: for what is seldom."""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime

import asyncpg
import msgspec

from wireroom.journal.entry import Entry
from wireroom.journal.numbers import NumberMaker
from wireroom.journal.sealing import Texts
from wireroom.journal.writer import Writer, last_number
from wireroom.switch import worker as workers

Beside = Callable[[asyncpg.Connection, int], Awaitable[None]]


async def write_with(
    connection: asyncpg.Connection,
    texts: Texts,
    clock: Callable[[], datetime],
    entry: Entry,
    beside: Beside | None = None,
) -> int:
    """Write an entry, and what is kept beside it, durable when this returns: both are there, or neither. Its number.

    An entry whose transaction is -1 belongs to itself.
    """
    holder = f"command/{os.getpid()}/{secrets.token_hex(4)}"
    worker = await workers.take(connection, holder)
    try:
        after = await last_number(connection)
        number = NumberMaker(worker, lambda: int(clock().timestamp() * 1000), after=after).batch(1)[0]
        made = msgspec.structs.replace(
            entry, number=number, detail=msgspec.to_builtins(entry.detail),
            transaction=number if entry.transaction < 0 else entry.transaction,
        )  # fmt: skip
        async with connection.transaction():
            await Writer(os.urandom, texts).write(connection, [made])
            if beside is not None:
                await beside(connection, number)
    finally:
        if not connection.is_closed():
            await workers.leave(connection, worker, holder)
    return number
