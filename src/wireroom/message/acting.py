"""Who acts in a transaction of the database: said as it begins, so that rows of others are not there for it.

The database's row-level security looks at what is said here. It is the second lock: whoever may run statements of
their own may say something else. The first is that each statement asks for what its caller may have.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import msgspec

from wireroom.message.envelope import Seat

ALL = "*"  # of a scope: every row, whosoever it is; no name of anybody's can be it
SCOPES = ("ori", "terminal", "person", "key")
SETTINGS = ("actor", *SCOPES)
NAME = re.compile(r"[A-Za-z0-9._-]{1,4096}", re.ASCII)


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts, and whose rows there are for them: of an agency, a terminal, a person, or the one with a key.

    A scope that is empty, or that cannot be a name of ours, has no rows.
    """

    actor: str
    ori: str = ""
    terminal: str = ""
    person: str = ""
    key: str = ""
    every: bool = False  # something that serves many at once: everybody's rows are there for it

    def settings(self, *, local: bool) -> str:
        """The statements that say so: for this transaction, or for as long as the connection lasts."""
        word = "SET LOCAL" if local else "SET"
        return "".join(f"{word} wireroom.{name}='{value}';" for name, value in self._said())

    @property
    def begun(self) -> str:
        """The statements that say so for this transaction; every setting, so that none is left of another's."""
        return self.settings(local=True)

    @property
    def of_connection(self) -> dict[str, str]:
        """The same as what a connection is opened with, for one that serves a single act and is closed."""
        return {f"wireroom.{name}": value for name, value in self._said()}

    def _said(self) -> Iterator[tuple[str, str]]:
        """Each setting and its value: a name of ours and nothing else, for it goes into a statement's text."""
        for name in SETTINGS:
            value = ALL if self.every and name in SCOPES else getattr(self, name)
            yield name, value if (value == ALL and self.every) or NAME.fullmatch(value) else ""


def everywhere(actor: str) -> Actor:
    """Something that serves many people at once, so that no agency's or person's rows alone would do."""
    return Actor(actor=actor, every=True)


def seated(seat: Seat) -> Actor:
    """A person at a terminal: rows of their agency, that terminal and themselves."""
    return Actor(actor="seat", ori=seat.ori, terminal=seat.terminal, person=seat.person)


def mailbox_of(terminal: str) -> Actor:
    """What a terminal reads of what came for it; no other's is there."""
    return Actor(actor="mailbox", terminal=terminal)


BATCH = everywhere("batch")  # of messages, of many people
UPKEEP = everywhere("upkeep")  # what the switch does by itself
READER = everywhere("oversight")  # of the journal; who it is stands there first
COMMAND = everywhere("command")  # of whoever runs the machine; what they do stands in the journal
MAINTENANCE = everywhere("maintenance")  # the tables' owner: migrations, backups, indexing


@asynccontextmanager
async def acting(connection: Any, actor: Actor, **terms: object) -> AsyncIterator[None]:  # Any: see below
    """A transaction in which somebody acts; nothing of them is left when it ends, however it ends.

    A connection of the assembly's says so in the round that begins the transaction; another needs one round more.
    (The driver's connection and its terms have no name in this room, which knows no database.)
    """
    at_once = getattr(connection, "begin_as", None)
    if at_once is not None:
        async with at_once(actor, **terms):
            yield
        return
    async with connection.transaction(**terms):
        await connection.execute(actor.begun)
        yield


class Pooled(Protocol):
    """A pool of the driver's connections."""

    def acquire(self, *, timeout: float | None = None) -> Any: ...  # Any: the driver's own way to lend one
    async def close(self) -> None: ...


class As:
    """A pool in which somebody acts: each statement is a transaction of theirs, and so is each connection lent.

    It stands wherever a pool does; what it gives is what the driver gives.
    """

    def __init__(self, pool: Pooled | As, actor: Actor) -> None:
        self.pool: Pooled = pool.pool if isinstance(pool, As) else pool
        self.actor = actor

    @asynccontextmanager
    async def acquire(self, *, timeout: float | None = None, **terms: object) -> AsyncIterator[Any]:
        """A connection, in a transaction that ends with the loan."""
        async with self.pool.acquire(timeout=timeout) as connection, acting(connection, self.actor, **terms):
            yield connection

    async def close(self) -> None:
        """Closes the pool that is below."""
        await self.pool.close()

    async def fetch(self, query: str, *values: object, timeout: float | None = None) -> Any:
        """All rows of a statement."""
        async with self.acquire() as connection:
            return await connection.fetch(query, *values, timeout=timeout)

    async def fetchrow(self, query: str, *values: object, timeout: float | None = None) -> Any:
        """The first row of a statement, or None."""
        async with self.acquire() as connection:
            return await connection.fetchrow(query, *values, timeout=timeout)

    async def fetchval(self, query: str, *values: object, timeout: float | None = None) -> Any:
        """The first value of a statement, or None."""
        async with self.acquire() as connection:
            return await connection.fetchval(query, *values, timeout=timeout)

    async def execute(self, query: str, *values: object, timeout: float | None = None) -> Any:
        """What became of a statement."""
        async with self.acquire() as connection:
            return await connection.execute(query, *values, timeout=timeout)


@asynccontextmanager
async def transaction(
    pool: Pooled | As, *, timeout: float | None = None, **terms: object
) -> AsyncIterator[Any]:
    """One transaction on a connection of a pool, of whoever acts in it; of nobody where nobody does."""
    if isinstance(pool, As):
        async with pool.acquire(timeout=timeout, **terms) as connection:
            yield connection
    else:
        async with pool.acquire(timeout=timeout) as connection, connection.transaction(**terms):
            yield connection
