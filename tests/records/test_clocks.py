"""Claims about the clocks of records: when each is due, when it is met, and that the table says what records say."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Clock, created
from tests.switch.stage import CATALOGUE, VAULT, Stage
from wireroom.app.database import connect
from wireroom.app.engine import Embedded
from wireroom.catalog.file import File, Source
from wireroom.catalog.files.order import ORDER
from wireroom.message.local import HERE
from wireroom.records.bulk import BulkLoader
from wireroom.records.clocks import running
from wireroom.records.dating import date_anew
from wireroom.records.hold import Hand, Held, New
from wireroom.records.shape import Fields

Result = TypeVar("Result")
Row = tuple[str, datetime, datetime | None]
COURT, SHERIFF = "CA099015J", "CA0990000"
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
SERVED = {"SVC": "1", "SVD": "20261120", "SVT": "1650"}  # a Friday
ARMED = SERVED | {"FRP": "Y", "FRA": "Y"}
_ids = count(1)


def here(text: str) -> datetime:
    """A moment by the clock of California: 1120 1650 is of November 2026, unless it names its year."""
    return datetime.strptime(text if len(text) > 9 else f"2026{text}", "%Y%m%d %H%M").replace(tzinfo=HERE)


def of(name: str, values: dict[str, str], at: datetime = NOW) -> tuple[datetime, datetime | None] | None:
    """When a clock of an order is due, and when it was met; None where it does not run."""
    found = {one.name: one for one in running(ORDER, tuple(values.items()), at, at)}
    one = found.get(name)
    return None if one is None else (one.due_at, one.met_at)


# --------------------------------------------------------------------------- when each is due


@pytest.mark.parametrize(
    ("name", "values", "due"),
    [
        ("ENTRY", {"TYO": "OAH", "ISD": "20261120", "IST": "1650"}, "1124 0000"),  # a Friday: to the end of Monday
        ("ENTRY", {"TYO": "OAH", "ISD": "20261120"}, "1124 0000"),
        ("ENTRY", {"TYO": "OAH", "ISD": "20261125", "IST": "1650"}, "1201 0000"),  # before Thanksgiving and its Friday
        ("ENTRY", {"TYO": "OAH", "ISD": "20261030", "IST": "1650"}, "1103 0000"),  # the clock goes back on Sunday
        ("ENTRY", {"TYO": "OAH", "ISD": "20261231"}, "20270105 0000"),  # before New Year's Day, a Friday
        ("SHIFT", {"TYO": "EPO", "ISD": "20261120", "IST": "2350"}, "1121 0350"),
        ("SHIFT", {"TYO": "EGV", "ISD": "20261120"}, "1121 0400"),  # without its hour, from the end of the day
        ("SHIFT", {"TYO": "EPO", "ISD": "20261101", "IST": "0030"}, "1101 0330"),  # one hour comes twice
        ("SHIFT", {"TYO": "EPO", "ISD": "20260308", "IST": "0100"}, "0308 0600"),  # and one not at all
        ("SERVICE", SERVED, "1124 0000"),
        ("SERVICE", SERVED | {"SVD": "20261110"}, "1113 0000"),  # over Veterans Day
        ("FILING", {"TYO": "EGV", "ISD": "20261120", "IST": "1650"}, "1126 0000"),
        ("FILING", {"TYO": "EGV", "ISD": "20261124"}, "1202 0000"),
        ("SURRENDER", ARMED, "1121 1650"),
        ("SURRENDER", {**ARMED, "SVT": ""}, "1122 0000"),
        ("SURRENDER", ARMED | {"SVD": "20261031", "SVT": "1200"}, "1101 1100"),  # 24 hours, not a day
        ("RECEIPT", ARMED, "1122 1650"),
    ],
)  # fmt: skip
def test_each_clock_is_due_when_the_law_says(name: str, values: dict[str, str], due: str) -> None:
    found = of(name, {code: value for code, value in values.items() if value})
    assert found is not None
    assert found[0] == here(due)
    assert found[0].tzinfo is UTC


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ENTRY", {"TYO": "EPO", "ISD": "20261120"}),  # has SHIFT instead
        ("ENTRY", {"TYO": "OAH"}),  # nobody knows since when
        ("SHIFT", {"TYO": "OAH", "ISD": "20261120"}),
        ("SERVICE", {"TYO": "OAH", "ISD": "20261120", "SVC": "2"}),
        ("SERVICE", {"TYO": "OAH", "ISD": "20261120"}),
        ("FILING", {"TYO": "EPO", "ISD": "20261120"}),
        ("SURRENDER", SERVED | {"FRP": "Y", "FRA": "U"}),
        ("SURRENDER", {"FRP": "Y", "FRA": "Y"}),
        ("RECEIPT", SERVED | {"FRA": "Y"}),
    ],
)
def test_a_clock_that_a_record_does_not_start_does_not_run(name: str, values: dict[str, str]) -> None:
    assert of(name, values) is None


# --------------------------------------------------------------------------- when each is met


@pytest.mark.parametrize(
    ("name", "values", "late"),
    [
        ("FILING", {"TYO": "EGV", "ISD": "20261120"}, None),
        ("FILING", {"TYO": "EGV", "ISD": "20261120", "FLD": "20261120"}, False),
        ("FILING", {"TYO": "EGV", "ISD": "20261120", "FLD": "20261125"}, False),  # the last day
        ("FILING", {"TYO": "EGV", "ISD": "20261120", "FLD": "20261126"}, True),
        ("SURRENDER", ARMED, None),
        ("SURRENDER", ARMED | {"RLD": "20261119"}, False),  # before it was asked for
        ("SURRENDER", ARMED | {"RLD": "20261121"}, False),  # some time on the last day: to the person's advantage
        ("SURRENDER", ARMED | {"RLD": "20261122"}, True),
        ("RECEIPT", ARMED | {"RCD": "20261122"}, False),
        ("RECEIPT", ARMED | {"RCD": "20261123"}, True),
    ],
)  # fmt: skip
def test_a_clock_is_met_by_the_day_in_the_record(
    name: str, values: dict[str, str], late: bool | None
) -> None:
    found = of(name, values)
    assert found is not None
    due, met = found
    assert (None if met is None else met >= due) is late


@pytest.mark.parametrize(
    ("entered", "late"), [("1123 2359", False), ("1124 0000", True), ("1125 0900", True)]
)
def test_an_entry_meets_its_clock_by_itself_and_service_when_it_is_told(entered: str, late: bool) -> None:
    at = here(entered).astimezone(UTC)
    for name, values in (("ENTRY", {"TYO": "OAH", "ISD": "20261120"}), ("SERVICE", SERVED)):
        found = of(name, values, at)
        assert found is not None
        assert found[1] == at
        assert (found[1] >= found[0]) is late


def test_a_clock_names_who_else_sees_it() -> None:
    [one] = running(ORDER, (("TYO", "OAH"), ("CTI", COURT), ("ISD", "20261120")), NOW, NOW)
    assert (one.name, one.other) == ("ENTRY", COURT)


# --------------------------------------------------------------------------- the table


class Files:
    """Orders that begin, change and end by the one hand that changes records."""

    def __init__(self, line: asyncpg.Connection, source: Source = Source.STATE, file: File = ORDER) -> None:
        self.line, self.file, self.hand = line, file, Hand(VAULT, source)

    async def begin(self, fields: Fields, at: datetime) -> int:
        number = next(_ids)
        new = New(id=number, number=f"{number:013d}", owner=SHERIFF, test=False, at=at, fields=fields,
                  entered_by="p.vale", entered_ori=SHERIFF)  # fmt: skip
        await self.hand.begin(self.line, self.file, new)
        return number

    async def held(self, record: int) -> Held:
        held = await self.hand.by_place(self.line, self.file, record)
        assert held is not None
        return held

    async def change(self, record: int, at: datetime, fields: Fields | None = None, status: str = "") -> None:
        await self.hand.replace(self.line, self.file, await self.held(record), by=next(_ids), at=at, fields=fields,
                                status=status)  # fmt: skip

    async def rows(self, record: int) -> dict[str, Row]:
        rows = await self.line.fetch("select * from clock where file = 'order' and record = $1", record)
        assert all((row["owner"], row["test"]) == (SHERIFF, False) for row in rows)
        return {row["name"]: (row["other"], row["due_at"], row["met_at"]) for row in rows}


FULL: Fields = (
    ("NAM", "TESTCASE, JANE"),
    ("TYO", "OAH"),
    ("CTI", COURT),
    ("ISD", "20261120"),
    *ARMED.items(),
)


@pytest.fixture
async def files(database: str, clock: Clock, anyio_backend: object) -> Any:  # an asynchronous generator
    async with Stage(database, clock) as stage:
        yield Files(await stage.connect())


@pytest.mark.anyio
async def test_what_was_told_once_was_told_then_whatever_is_changed_later(files: Files) -> None:
    record = await files.begin(FULL, NOW)
    assert (await files.rows(record))["SERVICE"][2] == NOW
    await files.change(record, NOW + timedelta(days=9), (*FULL, ("MIS", "A DOG")))
    assert (await files.rows(record))["SERVICE"][2] == NOW
    unserved = tuple(pair for pair in FULL if not pair[0].startswith("SV"))
    await files.change(record, NOW + timedelta(days=10), (*unserved, ("SVC", "2")))
    assert set(await files.rows(record)) == {"ENTRY"}
    await files.change(record, NOW + timedelta(days=11), FULL)  # it was served again
    assert (await files.rows(record))["SERVICE"][2] == NOW + timedelta(days=11)


@pytest.mark.anyio
async def test_what_has_ended_has_nothing_open_and_what_is_dropped_has_nothing(files: Files) -> None:
    record = await files.begin(FULL, NOW)
    assert set(await files.rows(record)) == {"ENTRY", "SERVICE", "SURRENDER", "RECEIPT"}
    await files.change(record, NOW, status="cleared")
    assert set(await files.rows(record)) == {"ENTRY", "SERVICE"}
    await files.hand.forget(files.line, ORDER, await files.held(record))
    assert not await files.rows(record)


@pytest.mark.anyio
async def test_what_ages_out_of_the_history_is_counted_no_more(files: Files) -> None:
    from wireroom.records.ageing import Ageing

    record = await files.begin(FULL, NOW)
    await files.change(record, NOW, status="cancelled")
    await Ageing(CATALOGUE, files.hand, owners=False).tick(
        files.line, NOW + timedelta(days=6 * 366), next(_ids)
    )
    assert not await files.rows(record)


@pytest.mark.anyio
async def test_other_holders_keep_no_clocks_and_other_files_pay_nothing(files: Files) -> None:
    told: list[str] = []
    files.line.add_query_logger(lambda query: told.append(query.query))
    elsewhere = Files(files.line, Source.NCIC)
    assert not await elsewhere.rows(await elsewhere.begin(FULL, NOW))
    vehicle = Files(files.line, file=CATALOGUE.files["vehicle"])
    record = await vehicle.begin((("VIN", "0WRABCDE80AW00001"),), NOW)
    await vehicle.change(record, NOW, (("VIN", "0WRABCDE80AW00001"), ("VCO", "SIL")))
    await vehicle.change(record, NOW, status="cleared")
    assert not any(" clock" in statement and "select *" not in statement for statement in told)


@pytest.mark.anyio
async def test_of_what_was_loaded_nobody_knows_when_it_was_told(files: Files, database: str) -> None:
    loader = BulkLoader(CATALOGUE, Source.STATE, VAULT, first_id=10_000_000)
    async with connect(database) as line:
        await loader.load(line, [("order", SHERIFF, "0000000000999", FULL)], NOW)
    assert set(await files.rows(10_000_000)) == {"SURRENDER", "RECEIPT"}
    await files.change(10_000_000, NOW + timedelta(days=1), (*FULL, ("RLD", "20261121")))
    rows = await files.rows(10_000_000)
    assert set(rows) == {"SURRENDER", "RECEIPT"}
    assert rows["SURRENDER"][2] is not None


@pytest.mark.anyio
async def test_clocks_are_set_anew_where_they_are_declared_anew(files: Files, database: str) -> None:
    entered = await files.begin(FULL[:4], NOW)
    await files.change(entered, NOW + timedelta(days=1), FULL)
    await files.change(entered, NOW + timedelta(days=2), (*FULL, ("MIS", "A DOG")))
    before = await files.rows(entered)
    assert before["SERVICE"][2] == NOW + timedelta(days=1)
    async with connect(database) as line:
        loader = BulkLoader(CATALOGUE, Source.STATE, VAULT, first_id=20_000_000)
        await loader.load(line, [("order", SHERIFF, "0000000000998", FULL)], NOW)
        loaded = await files.rows(20_000_000)
        await line.execute("delete from clock")
        await line.execute("insert into clock values ('order', 1, 'GONE', 'A', '', false, now(), null)")
        await date_anew(line, CATALOGUE, Source.STATE, date(2026, 11, 23), lambda done, total: None)
        assert await line.fetchval("select count(*) from clock where name = 'GONE'") == 0
    assert await files.rows(entered) == before
    assert await files.rows(20_000_000) == loaded


# --------------------------------------------------------------------------- any history

DAYS = st.sampled_from(("20261119", "20261120", "20261124", "20261125"))
HOURS = st.sampled_from(("0000", "1650", "2359"))
CHOICES = {
    "TYO": st.sampled_from(("OAH", "EPO", "EGV")), "CTI": st.sampled_from((COURT, "CA099025J")), "ISD": DAYS,
    "IST": HOURS, "SVC": st.sampled_from(("1", "2")), "SVD": DAYS, "SVT": HOURS, "FLD": DAYS, "RLD": DAYS, "RCD": DAYS,
    "FRP": st.just("Y"), "FRA": st.sampled_from(("Y", "U")),
}  # fmt: skip
STATES = st.fixed_dictionaries({}, optional=CHOICES).map(lambda values: tuple(values.items()))
STEPS = st.lists(
    st.tuples(STATES, st.integers(1, 5_000), st.sampled_from(("", "", "", "", "cancelled"))),
    min_size=1,
    max_size=8,
)


def expected(before: dict[str, Row], fields: Fields, entered: datetime, at: datetime) -> dict[str, Row]:
    """The clocks after a change: as the record says now, but that what was told stays told when it was."""
    told = {clock.name for clock in ORDER.clocks if clock.told}
    after = {}
    for one in running(ORDER, fields, entered, at):
        first = before.get(one.name, ("", at, None))[2]
        met = first if one.name in told and one.met_at is not None and first is not None else one.met_at
        after[one.name] = (one.other, one.due_at, met)
    return after


async def history(line: asyncpg.Connection, steps: list[tuple[Fields, int, str]]) -> None:
    files, at = Files(line), NOW
    record, clocks = 0, dict[str, Row]()
    for fields, minutes, status in steps:
        at += timedelta(minutes=minutes)
        if not record:
            record = await files.begin(fields, at)
            clocks = expected({}, fields, at, at)
        elif status:
            await files.change(record, at, status=status)
            clocks = {name: row for name, row in clocks.items() if row[2] is not None}
        else:
            held = await files.held(record)
            await files.change(record, at, fields)
            clocks = expected(clocks, fields, held.entered_at, at)
        assert await files.rows(record) == clocks
        if status and record:
            return


def test_after_any_history_the_table_says_what_the_record_says(server: Embedded, template: str) -> None:
    loop = asyncio.new_event_loop()

    def run(work: Coroutine[Any, Any, Result]) -> Result:
        return loop.run_until_complete(work)

    with created(server, template) as dsn:
        stage = Stage(dsn, Clock(NOW))
        line = run(stage.connect())
        try:

            @settings(max_examples=100, deadline=None)
            @given(steps=STEPS)
            def any_history(steps: list[tuple[Fields, int, str]]) -> None:
                run(history(line, steps))

            any_history()
        finally:
            run(line.close())
            loop.close()
