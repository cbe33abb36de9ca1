"""Late hits: a new entry held against a million past inquiries, beside a bare SELECT of the inquiries that it meets."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, islice
from random import Random

import asyncpg

from benchmarks.lookup import SEAT
from benchmarks.place import SEED
from benchmarks.result import Result
from wireroom.app.assemble import connect, engine, now
from wireroom.app.console import bar
from wireroom.app.demo import FIRST_DAY
from wireroom.app.keys import Keys, keys_of
from wireroom.app.populate import state_of
from wireroom.app.settings import Loaded
from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds_of_person import parts
from wireroom.journal.numbers import first_number
from wireroom.message.acting import BATCH
from wireroom.message.answer import Question, State
from wireroom.message.envelope import Message
from wireroom.records.answerer import RecordFiles
from wireroom.records.matching.keeping import called
from wireroom.records.past import NAME, sounds

INQUIRIES, CHUNK, ENTRIES = 1_000_000, 20_000, 60
UNDATED = 0.2  # of the inquiries by name
COLUMNS = ("kind", "value", "dob", "number", "test", "terminal", "ori", "person", "key", "name", "at", "tx")
BARE = "select number, terminal, ori, at from past_inquiry where kind = $1 and value = $2 and dob = $3"
Person = tuple[str, str]  # name and birth date


async def run(loaded: Loaded, inquiries: int = INQUIRIES) -> dict[str, Result]:
    """Milliseconds from the commit of an entry to that of the notices, by what the entry is found by."""
    async with engine(loaded, f"wireroom_late_{inquiries}") as dsn:
        people, plates = await _fill(dsn, inquiries)
        connection = await connect(dsn, acts=BATCH)
        try:
            bench = Bench(connection, keys_of(loaded))
            dice = Random(SEED)
            return {
                "late hits, a car that was asked for": await bench.measure(
                    [_car(plate, place) for place, plate in enumerate(dice.sample(plates, ENTRIES))],
                    inquiries,
                ),
                "late hits, a person who was asked for": await bench.measure(
                    [_want(one, place) for place, one in enumerate(dice.sample(people, ENTRIES))], inquiries
                ),
                "late hits, a person nobody asked for": await bench.measure(
                    [_want(("ZYXWVUT, QUILL", "19010101"), place) for place in range(ENTRIES)], inquiries
                ),
            }
        finally:
            await connection.close()


async def _fill(dsn: str, inquiries: int) -> tuple[list[Person], list[str]]:
    """So many past inquiries, half by name and half by plate; some of those who were asked for."""
    people, plates = _asked(inquiries)
    connection = await asyncpg.connect(dsn, command_timeout=1800)
    try:
        if not await connection.fetchval("select exists (select from past_inquiry)"):
            numbers, dice = count(first_number(now() - timedelta(days=4))), Random(SEED)
            rows = _rows(people, plates, numbers, dice)
            done = 0
            with bar(f"Asking {inquiries:,} times") as progress:
                while chunk := list(islice(rows, CHUNK)):
                    await connection.copy_records_to_table("past_inquiry", records=chunk, columns=COLUMNS)
                    done += len(chunk)
                    progress(min(done, inquiries), inquiries)
            await connection.execute("vacuum analyze past_inquiry")
    finally:
        await connection.close()
    return people, plates


def _asked(inquiries: int) -> tuple[list[Person], list[str]]:
    """People and plates of an invented state."""
    people: list[Person] = []
    plates: list[str] = []
    for chunk in state_of(inquiries, SEED, FIRST_DAY.date()).stream(CHUNK, sources=(Source.DMV,)):
        for one in chunk:
            fields = dict(one.fields)
            if one.file == "licence" and len(people) < inquiries // 2:
                people.append((fields["NAM"], fields["DOB"]))
            elif one.file == "registration" and len(plates) < inquiries // 2:
                plates.append(fields["LIC"])
        if len(people) == len(plates) == inquiries // 2:
            break
    return people, plates


def _rows(
    people: list[Person], plates: list[str], numbers: Iterator[int], dice: Random
) -> Iterator[tuple[object, ...]]:
    at = now() - timedelta(days=1)
    for (name, dob), plate in zip(people, plates, strict=True):
        day = 0 if dice.random() < UNDATED else int(dob)
        seat = (False, "Y001", SEAT.ori, "p.vale")
        for sound in sounds(called(*parts(name))):
            yield NAME, sound, day, next(numbers), *seat, "QW", name, at, 0
        yield "LIC", plate, 0, next(numbers), *seat, "QV", "", at, 0


def _car(plate: str, place: int) -> Message:
    pairs = (("LIC", plate), ("LIS", "CA"), ("VYR", "2019"), ("VMA", "TOYT"), ("DOT", "20261101"))
    return Message("EV", (*pairs, ("OCA", f"99-{place:06}")))


def _want(person: Person, place: int) -> Message:
    pairs = (("NAM", person[0]), ("SEX", "F"), ("RAC", "W"), ("DOB", person[1]), ("OFF", "1313"))
    return Message("EW", (*pairs, ("DOW", "20261101"), ("EXL", "01"), ("OCA", f"99-{place:06}")))


class Bench:
    """One connection to a database that has been asked a great deal."""

    def __init__(self, connection: asyncpg.Connection, keys: Keys) -> None:
        self.connection = connection
        self.catalogue = Catalogue()
        self.files = RecordFiles(self.catalogue, Source.STATE, keys.vault(), deriver=SEAT.ori, remembers=True)
        self.count = first_number(now()) + (1 << 30)

    def numbers(self, many: int) -> list[int]:
        self.count += 1
        return [(self.count << 2) + place for place in range(many)]

    async def measure(self, entries: list[Message], inquiries: int) -> Result:
        """Follows each entry up in turn; every time is from the entry's commit to the end of what follows."""
        spent, bare, told = [], [], []
        for entry in entries:
            question = Question(
                transaction=self.numbers(1)[0], leg=0, source="STATE", message=entry, seat=SEAT, at=now()
            )
            async with self.connection.transaction():
                [answer] = await self.files.ask(self.connection, [question])
            assert answer.state is State.ACCEPTED, answer.text
            begun = time.perf_counter()
            newest = await self.files.settled(self.connection)
            async with self.connection.transaction():
                followed = await self.files.follow(self.connection, newest, now(), self.numbers)
            spent.append((time.perf_counter() - begun) * 1000)
            told.append(len(followed.notices))
            bare.append(await self._bare(entry))
        return Result(
            value=statistics.median(spent),
            unit="ms",
            baseline=statistics.median(bare),
            baseline_name="bare SELECT of the inquiries of that number or sound and day",
            ratio=round(statistics.median(spent) / statistics.median(bare), 2),
            target="median under 200 ms",
            runs=len(entries),
            more={
                "p95": sorted(spent)[int(0.95 * len(spent))],
                "max": max(spent),
                "notices": [min(told), statistics.median(told), max(told)],
                "inquiries": inquiries,
            },
        )

    async def _bare(self, entry: Message) -> float:
        plate = entry.get("LIC")
        asked = (
            [("LIC", plate, 0)]
            if plate
            else [(NAME, s, int(entry.get("DOB"))) for s in sounds(called(*parts(entry.get("NAM"))))]
        )
        begun = time.perf_counter()
        for one in asked:
            await self.connection.fetch(BARE, *one)
        return (time.perf_counter() - begun) * 1000
