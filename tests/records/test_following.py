"""Claims about what follows from a change: late hits for those who asked before, armed persons, and who is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.records.desk import DOJ, LivingDesk
from tests.switch.stage import NEXT_DESK, OTHER, POLICE, PUPIL, SHERIFF, Stage, car, wanted
from wireroom.message.answer import Notification, State
from wireroom.records.past import KEPT_FOR

pytestmark = pytest.mark.anyio
OWNER = "EGH.SER/ZZ7654321.MAK/GLC.CAL/9.TYP/PI.CAT/D.DTR/20200101.NAM/{name}.DOB/{dob}.SEX/F.OCA/99-7"


@pytest.fixture
async def desk(stage: Stage) -> LivingDesk:
    return LivingDesk(stage, await stage.connect())


def whom(told: list[Notification], code: str = "$.H.") -> list[str]:
    return [one.to for one in told if one.code == code]


async def test_both_sides_hear_of_a_plate_that_was_asked_before_it_was_entered(desk: LivingDesk) -> None:
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA", OTHER)).state is State.NO_RECORD
    number = await desk.entered(car())
    told = await desk.follow()
    assert whom(told) == [OTHER.terminal, POLICE]
    assert {one.number for one in told} == {number}
    assert told[0].text.startswith("YOU ASKED QV AT 20260302 0800 PST")
    assert told[0].hits[0].number == number
    assert f"{SHERIFF}/{OTHER.terminal} ASKED" in told[1].text
    assert await desk.follow() == [], "once"


async def test_an_agency_is_not_told_of_its_own_inquiry_twice(desk: LivingDesk) -> None:
    await desk.one("QV.LIC/7QQQ001.LIS/CA", NEXT_DESK)
    await desk.entered(car())
    assert whom(await desk.follow()) == [NEXT_DESK.terminal]


async def test_who_asked_beside_or_after_the_entry_was_answered_and_is_not_told(desk: LivingDesk) -> None:
    beside = await desk.put(desk.read(car()), desk.read("QV.LIC/7QQQ001.LIS/CA"))
    assert beside[1].state is State.HIT
    desk.stage.clock.tick(60)
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA", OTHER)).state is State.HIT
    assert await desk.follow() == []


async def test_only_what_a_change_adds_finds_old_inquiries(desk: LivingDesk) -> None:
    number = await desk.entered(car())
    await desk.follow()
    desk.stage.clock.tick(60)
    await desk.one("QV.VIN/0WRABCDE2SW000001", OTHER)
    await desk.one("QV.LIC/7QQQ001.LIS/CA", OTHER)
    desk.stage.clock.tick(60)
    await desk.one(f"MV.FCN/{number}.VCO/RED")
    assert whom(await desk.follow()) == []
    await desk.one(f"MV.FCN/{number}.VIN/0WRABCDE2SW000001")
    assert whom(await desk.follow()) == [OTHER.terminal, POLICE]


@pytest.mark.parametrize(
    ("asked", "hit"),
    [
        ("QW.NAM/TESTCASE, JANE.DOB/19900101", True),
        ("QW.NAM/TESTCASSE, JAYNE.DOB/19900101", True),
        ("QW.NAM/TESTCASE, JANE.DOB/19910101", True),
        ("QW.NAM/TESTCASE, JANE", True),
        ("QW.NAM/TESTCASE, JANE.DOB/19600707", False),
        ("QW.NAM/EXAMPLE, OLGA.DOB/19900101", False),
        ("QW.SOC/900112222", True),
        ("QW.SOC/900112223", False),
        ("QM.NAM/TESTCASE, JANE.DOB/19900101", False),
    ],
)
async def test_a_person_is_found_late_as_today(asked: str, hit: bool, desk: LivingDesk) -> None:
    await desk.one(asked, OTHER)
    await desk.entered(wanted("TESTCASE, JANE", more=".SOC/900112222"))
    assert whom(await desk.follow()) == ([OTHER.terminal, POLICE] if hit else [])


async def test_no_clear_social_security_number_is_kept_of_an_inquiry(desk: LivingDesk) -> None:
    await desk.one("QW.SOC/900112222", OTHER)
    rows = await desk.line.fetch("select p::text from past_inquiry p")
    assert rows
    assert all("90011222" not in row[0] for row in rows)


async def test_a_plate_of_another_state_was_not_meant(desk: LivingDesk) -> None:
    await desk.one("QV.LIC/7QQQ001.LIS/NV", OTHER)
    await desk.one("QV.LIC/7QQQ001", NEXT_DESK)
    await desk.entered(car(state="CA"))
    assert whom(await desk.follow()) == [NEXT_DESK.terminal], "who named no state may have meant it"


async def test_of_several_states_that_were_named_each_was_meant(desk: LivingDesk) -> None:
    await desk.one("DQ.OLN/ZZ1234567.OLS/NV.OLS/AZ", OTHER)
    await desk.one("DQ.OLN/ZZ1234567.OLS/OR", NEXT_DESK)
    await desk.entered(wanted("TESTCASE, JANE", more=".OLN/ZZ1234567.OLS/NV"))
    assert whom(await desk.follow()) == [OTHER.terminal, POLICE]


async def test_after_five_days_nobody_is_told_and_nothing_is_kept(desk: LivingDesk) -> None:
    await desk.one("QV.LIC/7QQQ001.LIS/CA", OTHER)
    await desk.age(desk.stage.clock() + KEPT_FOR - timedelta(seconds=1))
    assert await desk.line.fetchval("select count(*) from past_inquiry") == 1
    await desk.age(desk.stage.clock() + timedelta(seconds=2))
    assert await desk.line.fetchval("select count(*) from past_inquiry") == 0


async def test_training_and_live_do_not_meet_late_either(desk: LivingDesk) -> None:
    await desk.one("QV.LIC/7QQQ001.LIS/CA", PUPIL)
    await desk.entered(car())
    assert await desk.follow() == []


async def test_an_inquiry_under_way_while_a_record_is_entered_is_answered_or_told(stage: Stage) -> None:
    """An inquiry that looked before the entry was there, and is written down after: the worst order of all."""
    one, clerk = LivingDesk(stage, await stage.connect()), LivingDesk(stage, await stage.connect())
    held = one.line.transaction()
    await held.start()
    await one.line.execute("select pg_current_xact_id()")
    answer = (await one.files.ask(one.line, [one.question(one.read("QV.LIC/7QQQ001.LIS/CA"), OTHER)]))[0]
    assert answer.state is State.NO_RECORD
    await clerk.entered(car())
    following = asyncio.create_task(clerk.follow())
    await asyncio.sleep(0)
    assert not following.done(), "it waits for those who may not have seen the entry"
    await held.commit()
    assert whom(await following) == [OTHER.terminal, POLICE]


async def test_a_want_that_meets_a_gun_makes_an_armed_person_at_once(desk: LivingDesk) -> None:
    gun = await desk.entered(OWNER.format(name="TESTCASE, JANE QUINN", dob="19900101"), OTHER)
    await desk.follow()
    want = await desk.entered(wanted("TESTCASE, JANE QUINN"))
    told = await desk.follow()
    assert sorted(whom(told, "$.N.")) == [SHERIFF, POLICE]
    found = await desk.one("QVA.NAM/TESTCASE, JANE QUINN.DOB/19900101")
    [armed] = [hit for hit in found.hits if hit.file == "armed"]
    assert armed.owner == DOJ.ori
    assert {value for code, value in armed.fields if code == "LNK"} == {gun, want}
    assert dict(armed.fields)["GUNS"] == "1"
    await desk.one(f"CW.FCN/{want}.DCL/20260302")
    assert whom(await desk.follow(), "$.N.")
    found = await desk.one("QVA.NAM/TESTCASE, JANE QUINN.DOB/19900101")
    assert [hit for hit in found.hits if hit.file == "armed"] == []


async def test_a_gun_that_comes_after_the_prohibition_is_met_as_well(desk: LivingDesk) -> None:
    await desk.entered(wanted("TESTCASE, JANE QUINN"))
    assert await desk.follow() == []
    await desk.entered(OWNER.format(name="TESTCASE, JANE QUINN", dob="19900101"), OTHER)
    assert whom(await desk.follow(), "$.N.")


async def test_a_namesake_is_not_made_armed(desk: LivingDesk) -> None:
    await desk.entered(OWNER.format(name="TESTCASE, JANE QUINN", dob="19550303"), OTHER)
    await desk.entered(wanted("TESTCASE, JANE QUINN"))
    assert whom(await desk.follow(), "$.N.") == []


async def test_a_second_prohibition_joins_the_first(desk: LivingDesk) -> None:
    await desk.entered(OWNER.format(name="TESTCASE, JANE QUINN", dob="19900101"), OTHER)
    first = await desk.entered(wanted("TESTCASE, JANE QUINN", case="99-1"))
    await desk.follow()
    second = await desk.entered(wanted("TESTCASE, JANE QUINN", case="99-2"))
    await desk.follow()
    assert await desk.line.fetchval("select count(*) from record where file = 'armed'") == 1
    await desk.one(f"CW.FCN/{first}.DCL/20260302")
    await desk.follow()
    found = await desk.one("QVA.NAM/TESTCASE, JANE QUINN.DOB/19900101")
    [armed] = [hit for hit in found.hits if hit.file == "armed"]
    assert second in {value for code, value in armed.fields if code == "LNK"}
    assert first not in {value for code, value in armed.fields if code == "LNK"}
