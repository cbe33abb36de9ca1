"""Records that stand on others: entered by who may, named where those are shown, ended or moved with them."""

from __future__ import annotations

from collections.abc import Collection

import asyncpg
import msgspec

from wireroom.catalog.file import File, Verb
from wireroom.catalog.index import Catalogue
from wireroom.catalog.informing import Attached
from wireroom.message.answer import Answer, Question
from wireroom.records.hold import Hand, Held
from wireroom.records.shape import merged

NUMBERED = """
select i.value, i.record from identifier i join record r on r.file = i.file and r.id = i.record
 where i.kind = $1 and i.value = any($2::text[]) and i.file = $3 and r.test = $4
   and r.status in ('active', 'located', 'restrained') order by i.value, i.record
"""
PENDING = (
    "select exists (select from followup where file = $1 and record = $2 and number <> all($3::bigint[]))"
)


class Attaching:
    """What stands on the records of one holder. Holds no connection."""

    def __init__(self, catalogue: Catalogue, hand: Hand) -> None:
        self._catalogue = catalogue
        self._hand = hand

    def onto(self, file: File) -> tuple[tuple[File, Attached], ...]:
        """The files whose records stand on those of this one, and how."""
        several = self._catalogue.files.values()
        return tuple((one, one.attached) for one in several if one.attached and one.attached.to == file.code)

    async def refusal(self, connection: asyncpg.Connection, question: Question) -> str:
        """Why a record may not stand on the one that a message names; empty where it may, or where it names none.

        That one is locked until the caller's transaction ends, so that it does not end meanwhile.
        """
        message, seat = question.message, question.seat
        form = self._catalogue.forms[message.key]
        rule = form.files[0].attached if len(form.files) == 1 else None
        if rule is None or not (number := message.get(rule.field)):
            return ""
        below = self._catalogue.files[rule.to]
        held = await self._hand.by_number(connection, "FCN", number, [below], test=seat.test)
        if held is None or not held.in_force:
            return f"NO {below.title.upper()} IN FORCE HAS THE NUMBER {number}"
        may = {held.owner, *(value for code, value in held.fields if code in rule.by)}
        owner = message.get("CTA") if form.verb is Verb.ENTER else ""
        if not may.issuperset(filter(None, (seat.ori, owner))):
            others = "".join(f" OR ITS {below.field(code).title.upper()}" for code in rule.by)
            return f"NOT YOUR RECORD: FCN/{number} BELONGS TO {held.owner}, WHO ENTERS THIS{others}"
        return ""

    async def of(self, connection: asyncpg.Connection, file: File, held: Held) -> list[tuple[File, Held]]:
        """The records in force that stand on one, as they are now."""
        found = []
        for other, rule in self.onto(file):
            index = other.field(rule.field).kind.identifies
            for row in await connection.fetch(NUMBERED, index, [held.number], other.code, held.test):
                one = await self._hand.seen(connection, other, row["record"])
                if one is not None:
                    found.append((other, one))
        return found

    async def below(self, connection: asyncpg.Connection, file: File, held: Held) -> tuple[File, Held] | None:
        """The record in force on which one stands; None where there is none."""
        if file.attached is None or file.attached.to not in self._catalogue.files:
            return None
        below = self._catalogue.files[file.attached.to]
        number = dict(held.fields).get(file.attached.field, "")
        for row in await connection.fetch(NUMBERED, "FCN", [number], below.code, held.test):
            one = await self._hand.seen(connection, below, row["record"])
            if one is not None:
                return below, one
        return None

    async def ended(
        self, connection: asyncpg.Connection, file: File, held: Held, *, by: int, done: Collection[int]
    ) -> None:
        """A record has ended: what stands on it ends with it, or goes over to the one that took its place.

        That one was entered by the change that ended this one, so its place is that change's number. Nothing is done
        while other changes of the record than those `done` are yet to be followed up: people whose wish would end here
        are told of those too.
        """
        if not self.onto(file) or await connection.fetchval(PENDING, file.code, held.id, list(done)):
            return
        newer = await self._hand.seen(connection, file, by)
        for other, one in await self.of(connection, file, held):
            locked = await self._hand.by_place(connection, other, one.id)
            if locked is None or not locked.in_force or other.attached is None:
                continue
            if newer is not None and newer.in_force and newer.id != held.id:
                moved = merged(other, locked.fields, ((other.attached.field, newer.number),))
                await self._hand.replace(connection, other, locked, by=by, at=held.changed_at, fields=moved)
            else:
                status = held.status
                await self._hand.replace(connection, other, locked, by=by, at=held.changed_at, status=status)

    async def named(self, connection: asyncpg.Connection, question: Question, answer: Answer) -> Answer:
        """The answer, which also says what stands on the records that it shows, where its reader may read that."""
        seat, lines = question.seat, []
        for code in dict.fromkeys(hit.file for hit in answer.hits):
            for other, rule in self.onto(self._catalogue.files[code]):
                if not other.read_of(seat.role, seat.ori):
                    continue
                numbers = [hit.number for hit in answer.hits if hit.file == code]
                index = other.field(rule.field).kind.identifies
                rows = await connection.fetch(NUMBERED, index, numbers, other.code, seat.test)
                there = dict.fromkeys(row["value"] for row in rows)
                lines += [f"{other.title.upper()} ON FILE: {other.inquire} {rule.field}/{n}" for n in there]
        text = "\n".join(filter(None, (answer.text, *lines)))
        return msgspec.structs.replace(answer, text=text) if lines else answer
