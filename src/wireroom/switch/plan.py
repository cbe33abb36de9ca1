"""Who is asked for a message, in the catalogue's order, and with which message each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import asyncpg
import msgspec

from wireroom.catalog.file import Source, Verb
from wireroom.catalog.index import REASONS, RECIPIENT, Catalogue, Leg
from wireroom.message.answer import Answer, Question
from wireroom.message.envelope import Arrival, Message

ASKED_CHARACTERS_MAX = 200
_OURS = frozenset(field.code for field in (*REASONS, RECIPIENT))  # why it is asked, for our own journal


class LocalFiles(Protocol):
    """Files in our own database: asked a batch at a time inside the transaction that journals the answers."""

    name: str

    async def ask(self, connection: asyncpg.Connection, questions: Sequence[Question]) -> list[Answer]:
        """One answer to each question, in their order."""
        ...

    async def subjects(
        self, connection: asyncpg.Connection, numbers: Sequence[str], *, test: bool
    ) -> dict[str, str]:
        """Those of the numbers that are on file, each with the subject that its record gives to any broadcast."""
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
    name: str  # what its answer comes under


def plan(
    message: Message, catalogue: Catalogue, sources: frozenset[str], purpose: str = ""
) -> tuple[Asked, ...]:
    """The legs of a checked message. `sources` are those that this switch is set up to ask.

    A source gets only the fields that its own key takes, and of the states named only its own. A change of a record
    goes to the state's files. Where none of them is set up all are named, so that the asker is told that they are out
    of service, and not nothing; so is whoever leads to another state that the asker named.

    Whoever holds criminal history is told the purpose too where it is the session's: `purpose`.
    """
    form = catalogue.forms[message.key]
    if form.notice is not None:
        return ()
    if form.verb is not Verb.INQUIRE:
        return (Asked(Source.STATE, message, Source.STATE.value),)
    if purpose and not message.get("PUR") and any(file.history for file in form.files):
        message = Message(message.key, (*message.fields, ("PUR", purpose)))
    legs = catalogue.asked(message.key, message.fields)
    asked = [leg for leg in legs if leg.source.value in sources or leg.abroad] or legs
    return tuple(Asked(leg.source, restricted(message, leg, catalogue), leg.name) for leg in asked)


def restricted(message: Message, leg: Leg, catalogue: Catalogue) -> Message:
    """The message under a leg's key, with the fields that this key takes, and the states that this source is asked."""
    fields = message.fields
    if leg.states:
        naming = {code for code, _ in leg.states}
        fields = tuple([pair for pair in fields if pair[0] not in naming or pair in leg.states])
    if leg.source is not Source.STATE and any(code in _OURS for code, _ in fields):
        fields = tuple([pair for pair in fields if pair[0] not in _OURS])
    if leg.key != message.key:
        form = catalogue.forms[leg.key]
        fields = tuple([pair for pair in fields if form.field(pair[0]) is not None])
    return message if fields is message.fields else Message(leg.key, fields)


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
            named=leg.name,
        )
        for place, leg in enumerate(legs)
    ]
