"""Trouble behind the doors as the doors know it, and what a stranger said as the journal can hold it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

import asyncpg

from wireroom.switch import Busy, JournalDown
from wireroom.web import house as doors

log = logging.getLogger(__name__)
PERSON_CHARACTERS_MAX = 64


@contextlib.contextmanager
def journal() -> Iterator[None]:
    """Whatever cannot be written down is not done."""
    try:
        yield
    except (Busy, JournalDown) as error:
        raise doors.JournalDown(str(error)) from error


@contextlib.contextmanager
def database() -> Iterator[None]:
    """Trouble with the database as the doors know it: nothing was taken, and it may be tried again."""
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        log.warning("the database cannot be reached: %s", error)
        raise doors.JournalDown(
            "the database cannot be reached: nobody can be signed in, and nothing shown"
        ) from error


def word(text: str, characters_max: int = PERSON_CHARACTERS_MAX) -> str:
    """What a stranger said, so that the journal can hold it: no text column takes a zero character."""
    return "".join(char if char.isprintable() else "?" for char in text[:characters_max])
