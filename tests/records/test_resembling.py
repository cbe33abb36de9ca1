"""Claims about the missing and the unidentified, about reminders, and about what others have located."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.records.desk import LivingDesk
from tests.switch.stage import OTHER, POLICE, SHERIFF, Stage, wanted
from wireroom.catalog.tables import choices
from wireroom.message.answer import Notification, State

pytestmark = pytest.mark.anyio
LOST = (
    "EMO.NAM/TESTCASE, JANE.SEX/F.RAC/W.DOB/19900101.HGT/506.WGT/140.EYE/BRO.HAI/BRO.MRT/{report}.DLC/20260201"
    ".DRP/20260302.TRP/0700.OCA/99-1.MIS/TEST RECORD"
)
FOUND = (
    "EUD.SEX/{sex}.RAC/W.EYB/{low}.EYL/1995.HGT/{height}.WGT/150.EYE/BRO.HAI/BRO.DBF/{found}.BPS/ALL.OCA/99-2"
)


@pytest.fixture
async def desk(stage: Stage) -> LivingDesk:
    return LivingDesk(stage, await stage.connect())


def lost() -> str:
    return LOST.format(report=choices("missing_report")[0])


def found(sex: str = "F", low: str = "1985", height: str = "507", day: str = "20260301") -> str:
    return FOUND.format(sex=sex, low=low, height=height, found=day)


def matches(told: list[Notification]) -> list[str]:
    return [one.to for one in told if one.code == "$.M."]


@pytest.mark.parametrize("first", ["missing", "unidentified"])
async def test_whichever_is_entered_second_both_owners_hear_that_two_may_be_one(
    first: str, desk: LivingDesk
) -> None:
    entries = [(lost(), None), (found(), OTHER)]
    for text, seat in entries if first == "missing" else entries[::-1]:
        await (desk.entered(text, seat) if seat else desk.entered(text))
        told = await desk.follow()
    assert sorted(matches(told)) == [SHERIFF, POLICE]
    assert {hit.file for hit in told[-1].hits} == {"missing", "unidentified"}


@pytest.mark.parametrize(
    "other",
    [found(sex="M"), found(low="1991"), found(height="511"), found(day="20260115")],
    ids=["another sex", "born too early", "too tall", "found before the other was lost"],
)
async def test_what_disagrees_in_one_thing_is_no_match(other: str, desk: LivingDesk) -> None:
    await desk.entered(lost())
    await desk.follow()
    await desk.entered(other, OTHER)
    assert matches(await desk.follow()) == []


async def test_a_change_that_adds_nothing_is_not_told_again(desk: LivingDesk) -> None:
    number = await desk.entered(lost())
    await desk.entered(found(), OTHER)
    assert matches(await desk.follow())
    await desk.one(f"MM.FCN/{number}.CLO/RED COAT")
    assert matches(await desk.follow()) == []


async def test_after_thirty_days_an_owner_is_reminded_of_teeth_and_dna_once(desk: LivingDesk) -> None:
    number = await desk.entered(lost())
    await desk.line.execute("update record set validate_on = null")
    await desk.age()
    told = await desk.age(desk.stage.clock() + timedelta(days=29))
    assert told == []
    [one] = await desk.age(desk.stage.clock() + timedelta(days=1))
    assert (one.code, one.to, one.number) == ("$.K.", POLICE, number)
    assert await desk.age(desk.stage.clock() + timedelta(days=5)) == []


async def test_whoever_has_added_them_is_not_reminded(desk: LivingDesk) -> None:
    number = await desk.entered(lost())
    await desk.line.execute("update record set validate_on = null")
    assert (await desk.one(f"MM.FCN/{number}.DCH/01-MOD")).state is State.ACCEPTED
    await desk.age()
    assert [one.code for one in await desk.age(desk.stage.clock() + timedelta(days=40))] == []


async def test_what_another_agency_located_waits_until_it_is_cleared_or_a_detainer_is_placed(
    desk: LivingDesk,
) -> None:
    numbers = [await desk.entered(wanted(case=f"99-{place}")) for place in range(2)]
    for number in numbers:
        await desk.one(f"LW.FCN/{number}.DOL/20260302.LCA/99-9.DIS/5", OTHER)
    assert [hit.number for hit in (await desk.one("WL.LST/LOCATED")).hits] == numbers
    await desk.one(f"CW.FCN/{numbers[0]}.DCL/20260302")
    await desk.one(f"MW.FCN/{numbers[1]}.DOD/20260302.DNO/D-1.DPL/SAMPLE COUNTY JAIL")
    assert (await desk.one("WL.LST/LOCATED")).state is State.NO_RECORD
