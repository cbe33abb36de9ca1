"""Numbers found whole, one slip off, by look-alikes and by a part, each beside a bare SELECT of the same rows."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from benchmarks.lookup import SEAT
from benchmarks.place import SEED
from benchmarks.result import Result
from wireroom.app.assemble import connect, engine, now
from wireroom.app.console import bar
from wireroom.app.demo import FIRST_DAY
from wireroom.app.keys import keys_of
from wireroom.app.settings import Loaded
from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.journal.numbers import first_number
from wireroom.lab.dmv import papers_on, styled
from wireroom.lab.reserved import Reserved
from wireroom.message.acting import BATCH
from wireroom.message.answer import Question
from wireroom.message.envelope import Message
from wireroom.records.answerer import RecordFiles
from wireroom.records.bulk import BulkLoader
from wireroom.records.near import DIGITS, LIKE, SIGNS
from wireroom.records.near_found import FOUND_MAX, Sought, near_found, part_found
from wireroom.records.shape import Fields, from_json
from wireroom.records.vault import Vault

PASSES, LOOKUPS = 5, 200
VEHICLES, CHUNK = 5_000_000, 20_000
BARE = """
select r.file, r.id, r.number, r.owner, r.status, r.fields::text from identifier i
  join record r on r.file = i.file and r.id = i.record where i.kind = $1 and i.value = any($2)
"""
READY = "select exists (select from pg_indexes where tablename = 'identifier' and indexdef like '%reverse(%')"
SLIPS_MAX = 20  # of dice that change nothing
Ask = Callable[[str], Awaitable[list[str]]]  # the values that were found


async def run(loaded: Loaded, vehicles: int = VEHICLES) -> dict[str, Result]:
    """Milliseconds and recall of each way among so many stolen cars, and a fifth as many social security numbers."""
    vault = keys_of(loaded).vault()
    async with engine(loaded, f"wireroom_numbers_{vehicles}") as dsn:
        await _fill(dsn, vault, vehicles)
        return await measured(dsn, vault)


async def _fill(dsn: str, vault: Vault, vehicles: int) -> None:
    """Invented cars with plate and VIN, and people of whom nothing is known but a number."""
    connection = await asyncpg.connect(dsn, command_timeout=1800)
    try:
        if await connection.fetchval("select exists (select from record)"):
            return
        reserved, dice = Reserved(SEED), random.Random(SEED)
        papers = papers_on(FIRST_DAY.date())
        loader = BulkLoader(Catalogue(), Source.STATE, vault, first_id=first_number(FIRST_DAY))
        with bar(f"Inventing {vehicles:,} cars") as progress:
            for begin in range(0, vehicles, CHUNK):
                numbers = range(begin, min(begin + CHUNK, vehicles))
                rows: list[tuple[str, str, str, Fields]] = [
                    ("vehicle", SEAT.ori, "", (("LIC", reserved.plate(n)), ("LIS", "CA"), ("VIN", vin)))
                    for n in numbers
                    for vin in (reserved.vin(n, styled(papers, dice).head),)
                ]
                rows += [("wanted", SEAT.ori, "", (("SOC", reserved.ssn(n)),)) for n in numbers[::5]]
                await loader.load(connection, rows, FIRST_DAY)
                progress(numbers[-1] + 1, vehicles)
        await connection.execute("vacuum analyze record, identifier")
    finally:
        await connection.close()


async def measured(dsn: str, vault: Vault, source: Source = Source.STATE) -> dict[str, Result]:
    """Milliseconds and recall of each way, at the size that the given database has; nothing is written to it."""
    connection = await connect(dsn, acts=BATCH)
    try:
        return await Bench(connection, vault, source).run()
    finally:
        await connection.close()


class Bench:
    """The ways of asking on one connection, and the slips that are asked about, from dice."""

    def __init__(self, connection: asyncpg.Connection, vault: Vault, source: Source) -> None:
        self.connection, self.vault = connection, vault
        self.dice = random.Random(SEED)
        self.catalogue = Catalogue()
        self.source, self.holder = source, RecordFiles(self.catalogue, source, vault)
        held = [file.code for file in self.catalogue.files.values() if source in file.held_by]
        self.files = ",".join(held)

    async def run(self) -> dict[str, Result]:
        """Every way for which the database has numbers."""
        assert await self.connection.fetchval(READY), "make the index of the numbers turned round first"
        size = await self.connection.fetchval("select reltuples from pg_class where relname = 'identifier'")
        assert size > 0, "fill the database and analyze it first"
        plates, vins = await self._held("LIC", size), await self._held("VIN", size)
        people = await self._secrets()
        ways: list[tuple[str, Sequence[str], Callable[[str], str], str, Ask]] = [
            ("plate, exact", plates, str, "LIC", self._exact),
            ("plate, one error", plates, self.one_error, "LIC", self._near("LIC")),
            ("plate, two look-alikes", plates, self.look_alike, "LIC", self._near("LIC")),
            ("plate, two unknown", plates, lambda one: self.unknown(one, 2), "LIC", self._part("LIC")),
            ("plate, first four known", plates, lambda one: f"{one[:4]}*", "LIC", self._part("LIC")),
            ("plate, last four known", plates, lambda one: f"*{one[-4:]}", "LIC", self._part("LIC")),
            ("VIN, last eight", vins, lambda one: one[-8:], "VIN", self._part("VIN")),
            ("VIN, one error", vins, self.one_error_of_a_vin, "VIN", self._near("VIN")),
            ("SSN, one digit wrong", people, self.one_digit, "SOC", self._near("SOC")),
        ]
        return {
            f"number, {name}": await self._measured(held, slip, index, ask, int(size))
            for name, held, slip, index, ask in ways
            if held
        }

    async def _held(self, index: str, size: float) -> list[str]:
        """Some numbers of an index, from pages all over its table."""
        rows = await self.connection.fetch(
            f"select value from identifier tablesample system ({min(100.0, 1e4 * LOOKUPS / size)}) repeatable (7)"
            " where kind = $1 order by hashtext(value) limit $2",
            index,
            LOOKUPS,
        )
        return list(dict.fromkeys(row["value"] for row in rows))

    async def _secrets(self) -> list[str]:
        """Some social security numbers, opened from the records that hold them."""
        file = self.catalogue.files["wanted"]
        rows = await self.connection.fetch(
            "select fields::text as fields from record where file = $1 and fields ? 'SOC' limit $2",
            file.code,
            LOOKUPS,
        )
        return [dict(from_json(file, row["fields"], self.vault))["SOC"] for row in rows]

    async def _measured(
        self, held: Sequence[str], slip: Callable[[str], str], index: str, ask: Ask, size: int
    ) -> Result:
        """Medians of the passes in turn: ours, and the bare statement for the rows that ours found."""
        bare = await self.connection.prepare(BARE)
        ours, bares, found, reached, crowded = [], [], 0, 0, 0
        for passed in range(PASSES + 1):
            asked = [self._slipped(slip, meant) for meant in held]
            answers = []
            for one in asked:
                begun = time.perf_counter()
                answers.append(await ask(one))
                ours.append((time.perf_counter() - begun) * 1000)
            for values in answers:
                begun = time.perf_counter()
                await bare.fetch(index, values)
                bares.append((time.perf_counter() - begun) * 1000)
            if not passed:  # the first warms
                ours.clear()
                bares.clear()
                continue
            reached += sum(map(len, answers))
            found += sum(
                self._key(index, meant) in values for meant, values in zip(held, answers, strict=True)
            )
            crowded += sum(len(values) == FOUND_MAX for values in answers)
        count = len(ours)
        value, baseline = statistics.median(ours), statistics.median(bares)
        return Result(
            value=round(value, 3), unit="ms", baseline=round(baseline, 3), runs=PASSES,
            baseline_name="a bare indexed SELECT of the same rows", ratio=round(value / baseline, 3),
            more={"p99_ms": round(sorted(ours)[int(count * 0.99)], 3), "recall": round(found / count, 4),
                  "rows": round(reached / count, 2), "too many": crowded, "numbers": size},
        )  # fmt: skip

    def _slipped(self, slip: Callable[[str], str], meant: str) -> str:
        """What was asked: not what is meant, unless the slip is none."""
        tried = (slip(meant) for _ in range(SLIPS_MAX))
        return next((one for one in tried if one != meant), meant)

    def _key(self, index: str, value: str) -> str:
        return self.vault.blind(index, value) if index == "SOC" else value

    async def _exact(self, asked: str) -> list[str]:
        """As the switch asks, answers and all."""
        key = "RQ" if self.source is Source.DMV else "QV"
        message = Message(key, (("LIC", asked),))
        question = Question(
            transaction=1, leg=0, source=self.source.value, message=message, seat=SEAT, at=now()
        )
        [answer] = await self.holder.ask(self.connection, [question])
        return [value for hit in answer.hits for code, value in hit.fields if code == "LIC"]

    def _near(self, index: str) -> Ask:
        async def ask(asked: str) -> list[str]:
            rows = await near_found(self.connection, self.vault, [self._sought(index, asked)])
            return [row["value"] for row in rows]

        return ask

    def _part(self, index: str) -> Ask:
        async def ask(asked: str) -> list[str]:
            rows = await part_found(self.connection, [self._sought(index, asked)])
            return [row["value"] for row in rows]

        return ask

    def _sought(self, index: str, value: str) -> Sought:
        return Sought(place=0, index=index, value=value, files=self.files, test=False, secret=index == "SOC")

    def one_error(self, plate: str) -> str:
        """One character wrong, missing, added or transposed, in equal draw."""
        place, sign, how = (
            self.dice.randrange(len(plate) - 1),
            self.dice.choice(SIGNS),
            self.dice.randrange(4),
        )
        tail = plate[place + 1 :]
        return (
            plate[:place] + (sign + tail, tail, sign + plate[place:], tail[:1] + plate[place] + tail[1:])[how]
        )

    def one_error_of_a_vin(self, vin: str) -> str:
        """One character wrong."""
        place = self.dice.randrange(len(vin))
        return vin[:place] + self.dice.choice(SIGNS) + vin[place + 1 :]

    def look_alike(self, plate: str) -> str:
        """Up to two characters taken for what looks like them."""
        places = [place for place, sign in enumerate(plate) if sign in LIKE]
        for place in self.dice.sample(places, min(2, len(places))):
            plate = plate[:place] + self.dice.choice(LIKE[plate[place]]) + plate[place + 1 :]
        return plate

    def unknown(self, plate: str, count: int) -> str:
        """So many characters unknown."""
        for place in self.dice.sample(range(len(plate)), count):
            plate = plate[:place] + "?" + plate[place + 1 :]
        return plate

    def one_digit(self, number: str) -> str:
        """One digit wrong."""
        place = self.dice.randrange(len(number))
        return number[:place] + self.dice.choice(DIGITS) + number[place + 1 :]
