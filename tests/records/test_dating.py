"""Claims about dating anew: after an upgrade every record has the dates of its file's rules, and nothing else."""

from __future__ import annotations

import msgspec
import pytest

from tests.records.desk import LivingDesk
from tests.switch.stage import CATALOGUE, Stage, car, wanted
from wireroom.catalog.file import Keep, Source
from wireroom.catalog.index import Catalogue
from wireroom.records.dating import date_anew, rules_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(stage: Stage) -> LivingDesk:
    return LivingDesk(stage, await stage.connect())


async def dated(desk: LivingDesk, catalogue: Catalogue = CATALOGUE) -> int:
    today = desk.stage.clock().date()
    return await date_anew(desk.line, catalogue, Source.STATE, today, lambda done, total: None)


async def test_records_of_an_older_program_get_their_dates_once(desk: LivingDesk) -> None:
    number, want = await desk.entered(car()), await desk.entered(wanted())
    before = [(await desk.row(one))["due_at"] for one in (number, want)]
    await desk.line.execute("update record set due_at = null, validate_on = null")
    assert await dated(desk) == 2
    assert [(await desk.row(one))["due_at"] for one in (number, want)] == before
    assert str((await desk.row(want))["validate_on"]) == "2026-06-01"
    await desk.line.execute("update record set due_at = null")
    assert await dated(desk) == 0, "by these rules it was done"


async def test_what_was_validated_keeps_its_month_and_what_has_ended_its_history(desk: LivingDesk) -> None:
    number, gone = await desk.entered(car()), await desk.entered(car("7QQQ002"))
    await desk.one(f"XV.FCN/{gone}")
    await desk.line.execute("update record set validate_on = '2027-06-01' where number = $1", number)
    history = (await desk.row(gone))["due_at"]
    assert await dated(desk) == 0
    assert str((await desk.row(number))["validate_on"]) == "2027-06-01"
    assert (await desk.row(gone))["due_at"] == history


async def test_old_records_are_validated_in_a_month_to_come_and_not_removed_unasked(desk: LivingDesk) -> None:
    number = await desk.entered(wanted())
    await desk.line.execute("update record set entered_at = '2019-01-15', validate_on = null")
    await dated(desk)
    assert str((await desk.row(number))["validate_on"]) == "2026-04-01", "April, as each January's records"


async def test_another_rule_dates_anew(desk: LivingDesk) -> None:
    number = await desk.entered(car())
    assert await dated(desk) == 0
    shorter = [
        msgspec.structs.replace(file, keep=Keep(days=9), keep_if=())
        if file.code == CATALOGUE.files["vehicle"].code
        else file
        for file in CATALOGUE.files.values()
    ]
    other = Catalogue(shorter)
    assert rules_of(other, Source.STATE) != rules_of(CATALOGUE, Source.STATE)
    assert await dated(desk, other) == 1
    row = await desk.row(number)
    assert (row["due_at"] - row["entered_at"]).days == 9
