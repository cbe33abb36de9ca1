"""Who acts in a transaction of the database: said as it begins, so that rows of others are not there for it.

The database's row-level security looks at what is said here. It is the second lock: whoever may run statements of
their own may say something else. The first is that each statement asks for what its caller may have.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Protocol

import msgspec

from wireroom.message.envelope import Seat

ALL = "*"  # of a scope: every row, whosoever it is; no name of anybody's can be it
SCOPES = ("ori", "terminal", "person", "key")
SETTING = (
    "wireroom.acting"  # who acts and the scopes, in their order, between slashes: one statement says all
)
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

    @property
    def said(self) -> str:
        """The value of the setting: names of ours and nothing else, for it goes into a statement's text."""
        if not self.actor:
            return ""
        if self.every:
            return "/".join((self.actor, *(ALL for _ in SCOPES)))
        names = (getattr(self, one) for one in ("actor", *SCOPES))
        return "/".join(name if NAME.fullmatch(name) else "" for name in names)

    @property
    def begun(self) -> str:
        """The statement that says so for this transaction; the whole of it, so that nothing is left of another's."""
        return f"SET LOCAL {SETTING}='{self.said}';"

    @property
    def of_connection(self) -> dict[str, str]:
        """The same as what a connection is opened with, for one that serves a single act and is closed."""
        return {SETTING: self.said}


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


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that the database keeps, so that who acts is said and it is run in one round."""

    name: str
    takes: tuple[str, ...]  # the types of the statement's values, in their order
    gives: tuple[tuple[str, str], ...]  # the columns of its rows, with their types
    statement: str

    @property
    def signature(self) -> str:
        """What it is called with: the statement's values, and last who acts, so that each keeps its number."""
        return f"{self.name}({', '.join((*self.takes, 'text'))})"

    @property
    def definition(self) -> str:
        """What the database keeps. What is said ends with the call; within somebody's transaction it refuses."""
        gives = ", ".join(f'"{name}" {kind}' for name, kind in self.gives)
        return f"""CREATE FUNCTION {self.signature} RETURNS TABLE ({gives}) LANGUAGE plpgsql AS $function$
#variable_conflict use_column
BEGIN
    IF coalesce(current_setting('{SETTING}', true), '') <> '' THEN
        RAISE EXCEPTION 'who acts is said once, as a transaction begins';
    END IF;
    PERFORM set_config('{SETTING}', ${len(self.takes) + 1}, true);
    RETURN QUERY {self.statement.strip()};
END
$function$"""

    @property
    def call(self) -> str:
        """The statement that calls it."""
        given = ", ".join(f"${n + 1}" for n in range(len(self.takes) + 1))
        columns = ", ".join(f'"{name}"' for name, _ in self.gives)
        return f"SELECT {columns} FROM {self.name}({given})"  # noqa: S608 - names of ours


class acting:
    """A transaction in which somebody acts; nothing of them is left when it ends, however it ends.

    A connection of the assembly's says so in the round that begins the transaction; another needs one round more.
    """

    __slots__ = ("_begun", "_connection", "_transaction")

    # Any: the driver's connection and its terms, which have no name in this room, for it knows no database
    def __init__(self, connection: Any, actor: Actor, **terms: Any) -> None:
        self._connection, self._begun = connection, actor.begun
        self._transaction = connection.transaction(**terms)

    async def __aenter__(self) -> None:
        begins_with = getattr(self._connection, "begins_with", None)
        if begins_with is not None:
            begins_with(self._begun)
            try:
                await self._transaction.__aenter__()
            finally:
                begins_with("")
            return
        await self._transaction.__aenter__()
        try:
            await self._connection.execute(self._begun)
        except BaseException as error:
            await self._transaction.__aexit__(type(error), error, error.__traceback__)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transaction.__aexit__(kind, error, trace)


class Pooled(Protocol):
    """A pool of the driver's connections."""

    # Any: the driver's own way to lend one, and its rows
    def acquire(self, *, timeout: float | None = None) -> Any: ...
    async def fetchrow(self, query: str, *values: object) -> Any: ...
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

    async def call(self, call: str, *values: object) -> Any:
        """The first row of a function's `call`, or None: one round, in a transaction of its own."""
        return await self.pool.fetchrow(call, *values, self.actor.said)

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
