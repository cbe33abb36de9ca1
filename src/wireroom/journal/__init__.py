"""The append-only, tamper-evident record of everything, durable before anything moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.pool import PoolConnectionProxy

    from wireroom.message.acting import As

    # A connection is the same to us whether it comes from a pool or not. Only the checker knows this name.
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record] | As  # or one in which somebody acts


class JournalError(Exception):
    """Something about the journal that somebody must act on; the text says what and what to do."""


class NotWritten(JournalError):
    """The entries are not in the journal. Whoever asked must refuse: no entry, no answer."""


class TreeBroken(JournalError):
    """What is stored contradicts itself. The sequencer stops rather than sign it."""


class BadCheckpoint(JournalError):
    """A checkpoint or a key that cannot be read, or that its key did not sign."""
