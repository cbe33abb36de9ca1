"""Texts that are sealed, in a test: master keys without a file, and what opens a row again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import asyncpg

from wireroom.app.assemble import now
from wireroom.app.keyring import Keyring
from wireroom.app.keys import Keys
from wireroom.journal.entry import Entry, parse
from wireroom.journal.sealing import Texts
from wireroom.oversight.leaves import open_body

if TYPE_CHECKING:
    from wireroom.journal import Connection

MASTERS = (b"m" * 32, b"n" * 32)


class Masters(Keyring):
    """A keyring in memory; `many` versions of the master key."""

    def __init__(self, many: int = 1, seed: int = 11) -> None:
        self.many = many
        self._random_bytes = Random(seed).randbytes
        self._locals = {}
        self._masters = {}

    def versions(self) -> tuple[int, ...]:
        return tuple(range(1, self.many + 1))

    def rotate(self) -> int:
        self.many += 1
        return self.many

    def _master(self, version: int) -> bytes:
        return MASTERS[version - 1]


def texts(
    connection: Callable[[], AbstractAsyncContextManager[Connection]],
    clock: Callable[[], datetime],
    masters: Masters | None = None,
) -> Texts:
    """What seals and opens in a test. Two of them on one database open what the other sealed."""
    return Texts(masters or Masters(), connection, random=Random(13).randbytes, clock=clock)


async def bodies(connection: Connection, opener: Texts) -> list[bytes]:
    """The canonical bytes of every entry, in order."""
    rows = await connection.fetch("select number, salt, body, commitment from journal order by number")
    await opener.learn(connection, (row["body"] for row in rows))
    return [open_body(row, opener)[1] for row in rows]


def entries(dsn: str, folder: Path) -> list[Entry]:
    """Every entry of a database whose keys lie in a folder, in order."""

    async def read() -> list[bytes]:
        connection = await asyncpg.connect(dsn)
        try:
            return await bodies(connection, Keys(folder).texts(dsn, now))
        finally:
            await connection.close()

    return [parse(body) for body in asyncio.run(read())]
