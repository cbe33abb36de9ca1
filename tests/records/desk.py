"""A desk at the files of one holder: what a test asks them, how it lets time go on, and what is left to do."""

from __future__ import annotations

from datetime import datetime
from itertools import count

import asyncpg
import msgspec

from tests.switch.stage import CATALOGUE, DESK, VAULT, Stage
from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Answer, Notification, Question
from wireroom.message.envelope import Message, Seat
from wireroom.message.local import day_of
from wireroom.message.read import read
from wireroom.records.answerer import RecordFiles

DOJ = Seat(terminal="D001", ori="CA0990000", person="d.doj", role="doj")
_desks = count(1)


class LivingDesk:
    """Puts texts to the files of one holder, each in its own transaction, and does what nobody asks for."""

    def __init__(
        self,
        stage: Stage,
        line: asyncpg.Connection,
        source: Source = Source.STATE,
        catalogue: Catalogue = CATALOGUE,
    ) -> None:
        self.stage, self.line, self.catalogue = stage, line, catalogue.of(source)
        remembers = source is Source.STATE
        self.files = RecordFiles(self.catalogue, source, VAULT, deriver=DOJ.ori, remembers=remembers)
        self.count = next(_desks) << 30

    def numbers(self, many: int) -> list[int]:
        """Journal numbers, each greater than all before."""
        self.count += 1
        return [(self.count << 12) + place for place in range(many)]

    def question(self, message: Message, seat: Seat = DESK) -> Question:
        return Question(
            transaction=self.numbers(1)[0], leg=0, source=self.files.name, message=message, seat=seat,
            at=self.stage.clock(),
        )  # fmt: skip

    def read(self, text: str, seat: Seat = DESK) -> Message:
        reading = read(text, self.catalogue, ori=seat.ori, today=day_of(self.stage.clock()))
        assert reading.message is not None, (text, reading.faults)
        return reading.message

    async def put(self, *messages: Message, seat: Seat = DESK) -> list[Answer]:
        async with self.line.transaction():
            return await self.files.ask(self.line, [self.question(one, seat) for one in messages])

    async def one(self, text: str, seat: Seat = DESK) -> Answer:
        """The answer to one text."""
        return (await self.put(self.read(text, seat), seat=seat))[0]

    async def entered(self, text: str, seat: Seat = DESK) -> str:
        """The number of what is entered."""
        answer = await self.one(text, seat)
        assert answer.state == "accepted", answer.text
        return answer.hits[0].number

    async def follow(self) -> list[Notification]:
        """Follows up all that was changed; what others are told."""
        told: list[Notification] = []
        while newest := await self.files.settled(self.line):
            async with self.line.transaction():
                followed = await self.files.follow(self.line, newest, self.stage.clock(), self.numbers)
            told += followed.notices
            assert followed.done
        return told

    async def age(self, to: datetime | None = None) -> list[Notification]:
        """Lets time go on, and does what is due then; what owners are told."""
        if to is not None:
            self.stage.clock.now = to
        told: list[Notification] = []
        more = True
        while more:
            async with self.line.transaction():
                notices, more = await self.files.tick(self.line, self.stage.clock(), self.numbers(1)[0])
            told += notices
        return told

    async def row(self, number: str) -> asyncpg.Record:
        """A record as it stands in the database."""
        row = await self.line.fetchrow(
            "select r.*, r.fields::text as stored from record r where r.number = $1 order by r.id desc limit 1",
            number,
        )
        assert row is not None, f"no record {number}"
        return row

    async def former(self, number: str) -> list[tuple[int, str]]:
        """Every former version of a record, with its status."""
        rows = await self.line.fetch(
            "select v.version, v.status from record_version v join record r on r.file = v.file and r.id = v.id"
            " where r.number = $1 order by v.version",
            number,
        )
        return [(row[0], row[1]) for row in rows]


def seat(person: str, like: Seat = DESK) -> Seat:
    """Another person at the same terminal."""
    return msgspec.structs.replace(like, person=person)
