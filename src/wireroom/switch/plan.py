"""Who is asked for a message, in the catalogue's order, and with which message each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import asyncpg
import msgspec

from wireroom.catalog.file import Source, Verb
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Answer, Question
from wireroom.message.envelope import Arrival, Message

ASKED_CHARACTERS_MAX = 200


class LocalFiles(Protocol):
    """Files in our own database: asked a batch at a time inside the transaction that journals the answers."""

    name: str

    async def ask(self, connection: asyncpg.Connection, questions: Sequence[Question]) -> list[Answer]:
        """One answer to each question, in their order."""
        ...


class Remote(Protocol):
    """Somebody else's system. `ask` never raises for its trouble: silence and a dead link are answers too."""

    name: str
    deadline_s: float

    @property
    def up(self) -> bool:
        """Whether questions can be sent now."""
        ...

    async def ask(self, question: Question) -> Answer:
        """The answer, within the deadline."""
        ...


class Asked(msgspec.Struct, frozen=True):
    """One leg of a plan: a source and the message in its own words."""

    source: Source
    message: Message


def plan(message: Message, catalogue: Catalogue, sources: frozenset[str]) -> tuple[Asked, ...]:
    """The legs of a checked message. `sources` are those that this switch is set up to ask.

    A source gets only the fields that its own key takes. A change of a record goes to the state's files. Where none of
    them is set up all are named, so that the asker is told that they are out of service, and not nothing.
    """
    form = catalogue.forms[message.key]
    if form.notice is not None:
        return ()
    if form.verb is not Verb.INQUIRE:
        return (Asked(Source.STATE, message),)
    given = frozenset(code for code, _ in message.fields)
    legs = catalogue.legs(message.key, given)
    asked = [leg for leg in legs if leg.source.value in sources] or legs
    return tuple(Asked(leg.source, restricted(message, leg.key, catalogue)) for leg in asked)


def restricted(message: Message, key: str, catalogue: Catalogue) -> Message:
    """The message under another key, with the fields that this key takes."""
    if key == message.key:
        return message
    form = catalogue.forms[key]
    return Message(key, tuple(pair for pair in message.fields if form.field(pair[0]) is not None))


def questions(legs: Sequence[Asked], arrival: Arrival, transaction: int, at: datetime) -> list[Question]:
    """The legs as questions of one transaction."""
    asked = arrival.text[:ASKED_CHARACTERS_MAX]
    return [
        Question(
            transaction=transaction,
            leg=place,
            source=leg.source.value,
            message=leg.message,
            seat=arrival.seat,
            at=at,
            parts=len(legs),
            key=arrival.key,
            asked=asked,
        )
        for place, leg in enumerate(legs)
    ]
