"""The database's errors in words: what is wrong, and what to do next."""

from __future__ import annotations

import errno

import asyncpg
import pytest

from wireroom.app import DatabaseError, EngineError
from wireroom.app.trouble import in_words, trouble


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (asyncpg.DiskFullError("x"), EngineError, "no disk space left; free some"),
        (OSError(errno.ENOSPC, "x"), EngineError, "the disk is full; free some space"),
        (asyncpg.TooManyConnectionsError("x"), EngineError, "raise its max_connections"),
        (asyncpg.CannotConnectNowError("x"), EngineError, "try again in a moment"),
        (asyncpg.AdminShutdownError("x"), EngineError, "start it, then try again"),
        (asyncpg.ConnectionDoesNotExistError("x"), EngineError, "does not answer; start it"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), EngineError, "does not answer; start it"),
        (FileNotFoundError(errno.ENOENT, "no socket"), EngineError, "(no socket)"),
        (TimeoutError(), EngineError, "no answer within the deadline"),
        (asyncpg.InterfaceError("connection is closed"), EngineError, "does not answer"),
        (asyncpg.ReadOnlySQLTransactionError("x"), EngineError, "name the primary"),
        (asyncpg.InvalidPasswordError("x"), DatabaseError, "password_file"),
        (asyncpg.InvalidCatalogNameError("x"), DatabaseError, "wireroom database upgrade"),
        (asyncpg.UndefinedTableError("x"), DatabaseError, "wireroom database upgrade"),
        (asyncpg.LockNotAvailableError("x"), DatabaseError, "try again later"),
    ],
)
def test_a_trouble_of_the_world_is_told_with_what_to_do(
    error: Exception, kind: type[Exception], words: str
) -> None:
    told = trouble(error)
    assert type(told) is kind
    assert words in str(told)


def test_our_own_mistake_is_not_dressed_up() -> None:
    assert trouble(asyncpg.PostgresSyntaxError("x")) is None
    assert trouble(ValueError("x")) is None
    with pytest.raises(asyncpg.PostgresSyntaxError), in_words():
        raise asyncpg.PostgresSyntaxError("x")


def test_the_cause_is_kept_for_whoever_looks_deeper() -> None:
    with pytest.raises(EngineError) as caught, in_words():
        raise asyncpg.DiskFullError("could not extend file")
    assert isinstance(caught.value.__cause__, asyncpg.DiskFullError)
    assert "could not extend file" in str(caught.value)
