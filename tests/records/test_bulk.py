"""Claims about loading many: what is loaded is found like what was entered."""

from __future__ import annotations

import pytest

from tests.records.test_find import Desk, person
from tests.switch.stage import CATALOGUE, DESK, POLICE, PUPIL, SCHOOL, VAULT, Stage
from wireroom.catalog.file import Source
from wireroom.records.answerer import RecordFiles
from wireroom.records.bulk import BulkLoader
from wireroom.records.life import due

pytestmark = pytest.mark.anyio


@pytest.fixture
async def desk(stage: Stage) -> Desk:
    return Desk(stage, await stage.connect())


async def test_what_is_loaded_is_found_by_each_of_its_numbers_and_names(desk: Desk) -> None:
    loader = BulkLoader(CATALOGUE, Source.STATE, VAULT, first_id=1 << 22)
    fields = person("TESTCASE, JANE", SOC="900112222", OLN="X1234567", OLS="CA", AKA="SAMPLE, JO")
    rows = [("wanted", POLICE, "9002606100001", fields)]
    assert await loader.load(desk.line, rows, desk.stage.clock()) == 1
    asked = (
        "SOC/900112222",
        "OLN/X1234567.OLS/CA",
        "NAM/TESTCASE, JANE",
        "NAM/SAMPLE, JO.DOB/19900101",
        "FCN/9002606100001",
    )
    found = await desk.ask(*(f"QW.{one}" for one in asked))
    assert [(answer.state, len(answer.hits)) for answer in found] == [("hit", 1)] * len(asked)
    assert found[0].hits[0].number == "9002606100001"
    changed = await desk.one("CW.FCN/9002606100001.DCL/20260301")
    assert changed.state == "accepted"
    assert await desk.line.fetchval("select count(*) from person") == 0


async def test_ids_are_counted_on_from_load_to_load(desk: Desk) -> None:
    loader = BulkLoader(CATALOGUE, Source.STATE, VAULT, first_id=7)
    for _ in range(2):
        await loader.load(
            desk.line, [("wanted", POLICE, "", person("TESTCASE, JANE"))] * 2, desk.stage.clock()
        )
    assert [row[0] for row in await desk.line.fetch("select id from record order by id")] == [7, 8, 9, 10]


async def test_a_load_that_fails_leaves_nothing(desk: Desk) -> None:
    loader = BulkLoader(CATALOGUE, Source.STATE, VAULT, first_id=7)
    rows = [("wanted", POLICE, "", person("TESTCASE, JANE")), ("no such file", POLICE, "", ())]
    with pytest.raises(KeyError):
        await loader.load(desk.line, rows, desk.stage.clock())
    assert set((await desk.stage.counts()).values()) == {0}


async def test_training_is_loaded_as_training(desk: Desk) -> None:
    await desk.load("wanted", person("TESTCASE, JANE"), owner=SCHOOL, test=True)
    assert (await desk.one("QW.NAM/TESTCASE, JANE", PUPIL)).state == "hit"
    assert (await desk.one("QW.NAM/TESTCASE, JANE", DESK)).state == "no record"


async def test_a_partners_records_are_numbered_as_it_numbers_them(desk: Desk) -> None:
    ncic = Desk(desk.stage, desk.line, RecordFiles(CATALOGUE, Source.NCIC, VAULT))
    loader = BulkLoader(CATALOGUE, Source.NCIC, VAULT, first_id=1)
    nic = CATALOGUE.forms["QV"].field("NIC")
    assert nic is not None
    number = nic.kind.example
    await loader.load(
        desk.line, [("vehicle", POLICE, number, (("LIC", "7QQQ001"), ("LIS", "CA")))], desk.stage.clock()
    )
    answer = await ncic.one(f"QV.NIC/{number}")
    assert (answer.state, answer.hits[0].number) == ("hit", number)


async def test_what_is_loaded_has_its_day_on_which_its_time_is_up(desk: Desk) -> None:
    await desk.load("plate", (("LIC", "7QQQ001"), ("LIS", "CA"), ("LIY", "2027")))
    at = desk.stage.clock()
    ends, _ = due(CATALOGUE.files["plate"], (("LIC", "7QQQ001"), ("LIS", "CA"), ("LIY", "2027")), at)
    assert ends is not None
    assert await desk.line.fetchval("select due_at from record") == ends
