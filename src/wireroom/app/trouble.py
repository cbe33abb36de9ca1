"""What the database's errors mean, in words for the operator: what is wrong, and what to do next."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from wireroom.app import AppError, DatabaseError, EngineError

# What may go wrong with a connection or a statement, other than our own SQL being wrong.
TROUBLES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)

_GONE = "does not answer; start it (see postgres.log in the data folder), or correct [database] url"
_ENGINE: tuple[tuple[type[BaseException], str], ...] = (
    (asyncpg.DiskFullError, "has no disk space left; free some, then try again: what was accepted is safe"),
    (asyncpg.OutOfMemoryError, "has no memory left; lower shared_buffers_mb or the number of processes"),
    (
        asyncpg.TooManyConnectionsError,
        "has no connection left; raise its max_connections or run fewer processes",
    ),
    (asyncpg.CannotConnectNowError, "is starting or stopping; try again in a moment"),
    (asyncpg.AdminShutdownError, "was shut down; start it, then try again"),
    (asyncpg.CrashShutdownError, "lost one of its processes and recovers; try again in a moment"),
    (
        asyncpg.ReadOnlySQLTransactionError,
        "takes no changes, it is a replica; name the primary in [database] url",
    ),
    (asyncpg.DataCorruptedError, "found damaged data; stop, keep a copy of the folder, restore a backup"),
    (asyncpg.IndexCorruptedError, "found a damaged index; stop, keep a copy of the folder, run REINDEX"),
)
_ACCESS: tuple[tuple[type[BaseException], str], ...] = (
    (asyncpg.InvalidPasswordError, "does not accept the password; correct the file named in password_file"),
    (asyncpg.InvalidAuthorizationSpecificationError, "does not know this user; correct [database] url"),
    (asyncpg.InvalidCatalogNameError, "has no such database; run `wireroom database upgrade` to make it"),
    (
        asyncpg.InsufficientPrivilegeError,
        "does not allow this to this user; run `wireroom database upgrade` as owner",
    ),
    (asyncpg.UndefinedTableError, "lacks a table; run `wireroom database upgrade`"),
    (asyncpg.QueryCanceledError, "gave up a statement that took too long; see `wireroom database check`"),
    (
        asyncpg.LockNotAvailableError,
        "waited too long for a lock; another upgrade may be running, try again later",
    ),
)


def trouble(error: BaseException) -> AppError | None:
    """An error in words, or None for one that is our own mistake and should be seen as it is."""
    for table, kind in ((_ENGINE, EngineError), (_ACCESS, DatabaseError)):
        for cause, words in table:
            if isinstance(error, cause):
                return kind(f"the database server {words} ({error})")
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return EngineError("the disk is full; free some space, then try again: what was accepted is safe")
    if isinstance(error, OSError | asyncpg.ConnectionDoesNotExistError | asyncpg.PostgresConnectionError):
        return EngineError(f"the database server {_GONE} ({_reason(error)})")
    if isinstance(error, asyncpg.InterfaceError) and "closed" in str(error):
        return EngineError(f"the database server {_GONE} ({_reason(error)})")
    return None


@contextmanager
def in_words() -> Iterator[None]:
    """Tell the database's troubles in words."""
    try:
        yield
    except TROUBLES as error:
        told = trouble(error)
        if told is None:
            raise
        raise told from error


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer within the deadline"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
