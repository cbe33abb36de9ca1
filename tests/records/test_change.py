"""Claims about changes: whose record it is, what is kept, what goes, and that no number is given twice."""

from __future__ import annotations

import asyncio

import asyncpg
import msgspec
import pytest

from tests.records.test_find import Desk
from tests.switch.stage import DESK, NEXT_DESK, OTHER, POLICE, PUPIL, SHERIFF, Stage, car, soon, wanted
from wireroom.message.answer import Answer
from wireroom.records import change

pytestmark = pytest.mark.anyio
LIVING = "CV.FCN/{}.DCL/20260301", "XV.FCN/{}"


@pytest.fixture
async def desk(stage: Stage) -> Desk:
    return Desk(stage, await stage.connect())


async def entered(desk: Desk, text: str = "") -> str:
    answer = await desk.one(text or car())
    assert answer.state == "accepted", answer.text
    return answer.hits[0].number


async def indexed(desk: Desk) -> list[tuple[str, str]]:
    rows = await desk.line.fetch("select kind, value from identifier order by kind, value")
    return [tuple(row) for row in rows]


async def test_an_entry_gets_a_number_of_agency_day_and_serial(desk: Desk) -> None:
    assert await entered(desk) == "0992606100001"
    assert await entered(desk, car("7QQQ002")) == "0992606100002"
    desk.stage.clock.tick(86_400)
    assert await entered(desk, car("7QQQ003")) == "0992606200001"
    answer = await desk.one(car("7QQQ004"), OTHER)
    assert (answer.text, answer.hits[0].owner) == ("ENTERED FCN/0982606200001", SHERIFF)


async def test_twenty_entries_at_once_have_twenty_numbers(stage: Stage) -> None:
    lines = [await stage.connect() for _ in range(20)]

    async def enter(place: int, line: asyncpg.Connection) -> str:
        desk = Desk(stage, line)
        desk.count = place * 100
        seat = (DESK, NEXT_DESK, PUPIL, msgspec.structs.replace(DESK, ori="CA0990200"))[place % 4]
        return (await desk.one(car(f"7QQQ{place:03}"), seat)).hits[0].number

    numbers = await soon(asyncio.gather(*(enter(place, line) for place, line in enumerate(lines))))
    assert len(set(numbers)) == 20
    for line in lines:
        await line.close()


async def test_a_number_is_not_lost_with_a_batch_that_was_taken_back(desk: Desk) -> None:
    held = desk.line.transaction()
    await held.start()
    await entered(desk)
    await held.rollback()
    assert await entered(desk) == "0992606100001"


async def test_the_same_thing_is_not_entered_twice_by_one_agency(desk: Desk) -> None:
    number = await entered(desk)
    again = await desk.one(car(case="99-000099"))
    assert (again.state, again.text) == ("refused", f"ON FILE ALREADY FCN/{number}")
    assert again.hits[0].number == number
    assert (await desk.one(car(), OTHER)).state == "accepted", "another agency has its own record"
    assert (await desk.one(car(), msgspec.structs.replace(DESK, test=True))).state == "accepted"


async def test_the_same_thing_twice_in_one_batch_is_found_out(desk: Desk) -> None:
    found = await desk.ask(car(), car(), car("7QQQ002"))
    assert [answer.state for answer in found] == ["accepted", "refused", "accepted"]


async def test_the_same_entry_from_two_processes_at_once_is_one(stage: Stage) -> None:
    desks = [Desk(stage, await stage.connect()) for _ in range(8)]
    for place, desk in enumerate(desks):
        desk.count = place * 100
    found = await soon(asyncio.gather(*(desk.one(car()) for desk in desks)))
    assert sorted(answer.state for answer in found) == ["accepted", *["refused"] * 7]
    for desk in desks:
        await desk.line.close()


async def test_one_case_may_have_two_cars(desk: Desk) -> None:
    await entered(desk, car("7QQQ001", case="99-000001"))
    await entered(desk, car("7QQQ002", case="99-000001"))


async def test_a_plate_of_another_state_is_another_thing(desk: Desk) -> None:
    await entered(desk, car(state="CA"))
    await entered(desk, car(state="NV"))


async def test_two_wanted_people_may_share_a_car_and_one_may_be_wanted_twice(desk: Desk) -> None:
    shared = ".LIC/7QQQ001.LIS/CA"
    await entered(desk, wanted("TESTCASE, JANE", more=shared + ".OLN/X1234567.OLS/CA"))
    await entered(desk, wanted("SAMPLE, JOAN", more=shared + ".OLN/X1234568.OLS/CA"))
    await entered(desk, wanted("SAMPLE, MARY", more=".OLN/X1234567.OLS/NV"))
    await entered(desk, wanted("TESTCASE, JANE", case="99-9", more=".OLN/X1234567.OLS/CA"))
    again = await desk.one(wanted("TESTCASE, JANE", case="99-9", more=".OLN/X1234567.OLS/CA"))
    assert again.state == "refused", "the same person for the same offence in the same case is one want"


async def test_a_cleared_thing_may_be_entered_anew(desk: Desk) -> None:
    number = await entered(desk)
    await desk.one(f"CV.FCN/{number}.DCL/20260301")
    assert await entered(desk) != number


@pytest.mark.parametrize("text", ["MV.FCN/{}.VCO/RED", *LIVING])
async def test_only_the_owner_modifies_clears_and_cancels(desk: Desk, text: str) -> None:
    number = await entered(desk)
    answer = await desk.one(text.format(number), OTHER)
    assert answer.state == "refused"
    assert answer.text == f"NOT YOUR RECORD: FCN/{number} BELONGS TO {POLICE}, SEND A LOCATE"
    assert await desk.line.fetchval("select count(*) from record_version") == 0
    assert await desk.line.fetchval("select version from record") == 1
    assert (await desk.one(text.format(number), NEXT_DESK)).state == "accepted", "its agency is the owner"


async def test_another_agency_locates_and_the_owner_does_not(desk: Desk) -> None:
    number = await entered(desk)
    locate = f"LV.FCN/{number}.DOL/20260301.LCA/A1.DIS/1"
    assert (await desk.one(locate)).text == f"YOUR OWN RECORD: SEND A CLEAR FOR FCN/{number}"
    answer = await desk.one(locate, OTHER)
    assert (answer.state, answer.text, answer.hits[0].status) == (
        "accepted",
        f"LOCATED FCN/{number}",
        "located",
    )
    fields = dict(answer.hits[0].fields)
    assert {code: fields[code] for code in ("DOL", "LCA", "DIS", "LOR")} == {
        "DOL": "20260301", "LCA": "A1", "DIS": "1", "LOR": SHERIFF,
    }  # fmt: skip
    assert fields["OCA"] == "99-000001", "what located it does not replace what the owner wrote"
    assert (await desk.one(f"CV.FCN/{number}.DCL/20260301")).state == "accepted"


@pytest.mark.parametrize("text", LIVING)
async def test_a_record_that_ended_leaves_its_number_and_nothing_else_to_find_it_by(
    desk: Desk, text: str
) -> None:
    number = await entered(desk, wanted(more=".SOC/900112222.OLN/X1234567.OLS/CA.AKA/SAMPLE, JO"))
    ended = await desk.one(text.format(number).replace("V.", "W."))
    assert ended.state == "accepted"
    assert await indexed(desk) == [("FCN", number)]
    assert await desk.line.fetchval("select count(*) from person") == 0
    for asked in ("QW.SOC/900112222", "QW.NAM/TESTCASE, JANE.DOB/19900101", f"QW.FCN/{number}"):
        assert (await desk.one(asked)).state == "no record"
    for again in ("MW.FCN/{}.HGT/511", "CW.FCN/{}.DCL/20260301", "XW.FCN/{}"):
        answer = await desk.one(again.format(number))
        assert (answer.state, answer.text) == ("refused", f"NOT ON FILE FCN/{number}")


async def test_every_former_version_is_kept_with_what_replaced_it(desk: Desk) -> None:
    number = await entered(desk)
    desk.stage.clock.tick(60)
    first = await desk.one(f"MV.FCN/{number}.VCO/RED")
    desk.stage.clock.tick(60)
    await desk.one(f"LV.FCN/{number}.DOL/20260301.LCA/A1", OTHER)
    desk.stage.clock.tick(60)
    await desk.one(f"CV.FCN/{number}.DCL/20260301")
    rows = await desk.line.fetch(
        "select version, status, changed_at, replaced_by, fields ->> 'VCO' as colour from record_version"
        " order by version"
    )
    assert [(row["version"], row["status"], row["colour"]) for row in rows] == [
        (1, "active", None), (2, "active", "RED"), (3, "located", "RED")
    ]  # fmt: skip
    assert [row["replaced_by"] >> 12 for row in rows] == [2, 3, 4]
    assert len({row["changed_at"] for row in rows}) == 3
    now = await desk.line.fetchrow("select version, status, fields ->> 'DCL' as day from record")
    assert now is not None
    assert tuple(now) == (4, "cleared", "20260301")
    assert dict(first.hits[0].fields)["VCO"] == "RED"


async def test_a_changed_number_finds_the_record_and_the_old_one_no_more(desk: Desk) -> None:
    number = await entered(desk)
    await desk.one(f"MV.FCN/{number}.LIC/7QQQ002.LIS/CA")
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA")).state == "no record"
    assert (await desk.one("QV.LIC/7QQQ002.LIS/CA")).hits[0].number == number


async def test_a_change_that_breaks_a_rule_of_the_file_is_refused_whole(desk: Desk) -> None:
    number = await entered(desk)
    answer = await desk.one(f"MV.FCN/{number}.CMC/01")
    assert answer.state == "refused"
    assert answer.text == "MIS IS MISSING: CMC 01 MUST BE EXPLAINED IN IT"
    assert await desk.line.fetchval("select count(*) from record_version") == 0


async def test_what_is_not_on_file_is_told_as_that(desk: Desk) -> None:
    for text in ("MV.FCN/0992606100001.VCO/RED", *LIVING):
        answer = await desk.one(text.format("0992606100001"))
        assert (answer.state, answer.text) == ("refused", "NOT ON FILE FCN/0992606100001")


async def test_a_number_of_another_file_is_not_on_file(desk: Desk) -> None:
    number = await entered(desk)
    assert (await desk.one(f"XW.FCN/{number}")).state == "refused"
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA")).state == "hit"


async def test_two_changes_at_once_both_count(stage: Stage) -> None:
    desks = [Desk(stage, await stage.connect()) for _ in range(2)]
    number = await entered(desks[0])
    desks[1].count = 100
    texts = (f"MV.FCN/{number}.VCO/RED", f"MV.FCN/{number}.VMA/AAA")
    found: list[Answer] = await soon(
        asyncio.gather(*(desk.one(text) for desk, text in zip(desks, texts, strict=True)))
    )
    assert [answer.state for answer in found] == ["accepted"] * 2
    fields = dict((await desks[0].one("QV.LIC/7QQQ001.LIS/CA")).hits[0].fields)
    assert (fields["VCO"], fields["VMA"]) == ("RED", "AAA")
    assert await stage.value("select version from record") == 3
    for desk in desks:
        await desk.line.close()


async def test_purpose_and_case_of_the_message_are_no_part_of_the_record(desk: Desk) -> None:
    number = await entered(desk, car() + ".PUR/C.CAS/99-1.ATN/SMITH")
    await desk.one(f"MV.FCN/{number}.VCO/RED.PUR/C.CAS/99-1")
    stored = await desk.line.fetchval("select fields::text from record")
    assert not {code for code in change.BESIDE if f'"{code}"' in stored}


async def test_no_clear_social_security_number_is_anywhere_in_the_files(desk: Desk) -> None:
    number = await entered(desk, wanted(more=".SOC/900112222"))
    await desk.one(f"MW.FCN/{number}.SOC/900112223.HGT/511")
    await desk.one(f"CW.FCN/{number}.DCL/20260301")
    for table in ("record", "record_version", "identifier", "person"):
        for row in await desk.line.fetch(f"select t::text from {table} t"):
            assert "90011222" not in row[0], table
