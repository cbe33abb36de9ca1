"""One way of the HTTP API: its address, what it takes and gives, and at which door it is."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class At(StrEnum):
    """A door. Administration stands beside the messages, or behind a door of its own (SC-2)."""

    MESSAGES = "messages"
    ADMINISTRATION = "administration"
    BOTH = "both"  # signing in and out, health, the description


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One address and method: from this list come the routes and their description, so the two agree."""

    method: str
    path: str
    does: str  # the method of the API that answers
    at: At  # at which door; every way says it
    title: str
    gives: tuple[tuple[int, type | None], ...]
    takes: type | None = None
    refuses: tuple[int, ...] = ()
    events: tuple[type, ...] = ()  # what comes as server-sent events where the reader accepts them
    only_events: bool = False
    keyed: bool = False  # needs an Idempotency-Key
    open: bool = False  # without a session
    interface: bool = False  # by an interface terminal and its secret
    need: bool = False  # an act of administration: from afar it has a stated need
    pages: bool = False  # a list, of which so many are shown at a time
    asks: tuple[tuple[str, str, bool], ...] = ()  # what stands in the address: name, words, whether it must
    document: bool = False  # takes an order as JSON or XML, whose shape the catalogue gives
