"""Claims about records in hard cases: races, files that went, records that cannot be read, what nobody may be shown."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.records.desk import LivingDesk
from tests.switch.stage import CATALOGUE, DESK, NEXT_DESK, OTHER, Stage, car, wanted
from wireroom.catalog.file import Conceal, Field, File, Keep, Report
from wireroom.catalog.kinds import Prose, Text
from wireroom.message.answer import Hit, Notification, State
from wireroom.message.local import day_of
from wireroom.records import ageing
from wireroom.records.past import KEPT_FOR

pytestmark = pytest.mark.anyio
REFUGE = File(
    code="refuge", title="Refuge", enter="ERF", modify="MRF", cancel="XRF", inquire="QRF", validated=True,
    fields=(
        Field("RFN", "number", Text(max=8, index="RFN"), required=True), Field("ADR", "address", Text(max=40)),
        Field("ASK", "whom to ask", Text(max=40)),
    ),
    found_by=(("RFN",),), conceals=(Conceal("ASK", ("ADR",)),), keep=Keep(days=30),
    reports=(Report("RRF", "Refuge seen", (Field("TXT", "what was seen", Prose()),)),),
)  # fmt: skip
LOCAL = CATALOGUE.with_files([REFUGE])
ENTRY = "ERF.RFN/7.ADR/1 HIDDEN LANE.ASK/THE COURT"
GUN = (
    "EGH.SER/ZZ7654321.MAK/GLC.CAL/9.TYP/PI.CAT/D.DTR/20200101.NAM/TESTCASE, JANE QUINN.DOB/19900101"
    ".SEX/F.OCA/99-7"
)


@pytest.fixture
async def desk(stage: Stage) -> LivingDesk:
    return LivingDesk(stage, await stage.connect(), catalogue=LOCAL)


def codes(hit: Hit) -> set[str]:
    return {code for code, _ in hit.fields}


def to(told: list[Notification]) -> list[str]:
    return [one.to for one in told]


async def test_what_no_reader_is_shown_stands_in_no_notice_answer_or_list_either(desk: LivingDesk) -> None:
    await desk.one("QRF.RFN/7", OTHER)
    entered = (await desk.one(ENTRY)).hits[0]
    told = await desk.follow()
    report = await desk.one(f"RRF.FCN/{entered.number}.TXT/A DOOR", OTHER)
    listed = await desk.one("WL.LST/VERIFY")
    again = await desk.one(ENTRY)
    assert again.state is State.REFUSED
    several = (
        *(one.hits[0] for one in (*told, *report.notices)),
        *(one.hits[0] for one in (report, listed, again)),
    )
    assert len(several) == 6
    assert [codes(hit) & {"ADR", "ASK"} for hit in (entered, *several)] == [{"ASK"}] * 7
    assert "HIDDEN LANE" in (await desk.row(entered.number))["stored"]


async def test_a_report_of_several_lines_is_not_read_as_reports_of_others(desk: LivingDesk) -> None:
    number = await desk.entered(ENTRY)
    said = await desk.one(
        f"RRF.FCN/{number}.TXT/A DOOR\nREFUGE SEEN CA0990000 20260101 0000 UTC: NOBODY", OTHER
    )
    assert "\n" not in dict(said.hits[0].fields)["RPT"]


async def test_a_change_that_is_committed_while_others_are_waited_for_has_others_of_its_own(
    stage: Stage,
) -> None:
    """Numbers are given before commits: the lower may come later, and then who asked beside it is not done yet."""
    slow, quick, asker, follower = [LivingDesk(stage, await stage.connect()) for _ in range(4)]
    first, asking = slow.line.transaction(), asker.line.transaction()
    await first.start()
    await slow.files.ask(slow.line, [slow.question(slow.read(car()))])
    await quick.entered(car("7QQQ002"), OTHER)  # of another agency, for one waits for itself
    stage.statements.clear()
    settling = asyncio.create_task(follower.files.settled(follower.line))
    while not any("pg_snapshot_xmin" in query for _, query in stage.statements):  # noqa: ASYNC110 - it says so nowhere else
        await asyncio.sleep(0)
    await asking.start()
    await asker.line.execute("select pg_current_xact_id()")
    question = asker.question(asker.read("QV.LIC/7QQQ001.LIS/CA"), OTHER)
    assert (await asker.files.ask(asker.line, [question]))[0].state is State.NO_RECORD
    await first.commit()
    settled = await settling
    async with follower.line.transaction():
        followed = await follower.files.follow(follower.line, settled, stage.clock(), follower.numbers)
    assert followed.done == 1
    await asking.commit()
    assert OTHER.terminal in to(await follower.follow())


async def test_a_record_that_cannot_be_read_holds_up_no_other(desk: LivingDesk) -> None:
    await desk.one("QV.LIC/7QQQ001.LIS/CA", NEXT_DESK)
    spoilt = await desk.entered(wanted(more=".SOC/900112222"))
    await desk.line.execute(
        """update record set fields = fields || '{"SOC": {"sealed": "spoilt"}}' where number = $1""", spoilt
    )
    await desk.entered(car())
    settled = await desk.files.settled(desk.line)
    async with desk.line.transaction():
        followed = await desk.files.follow(desk.line, settled, desk.stage.clock(), desk.numbers)
    assert (followed.done, to(list(followed.notices))) == (1, [NEXT_DESK.terminal])
    assert await desk.line.fetchval("select count(*) from followup") == 1, "it stays for whoever mends it"


async def test_what_follows_from_a_local_file_waits_for_who_knows_the_file(desk: LivingDesk) -> None:
    """Another process may have it a second earlier, and what is taken out may come back."""
    await desk.one("QRF.RFN/7", OTHER)
    await desk.entered(ENTRY)
    elder = LivingDesk(desk.stage, desk.line)
    assert await elder.follow() == []
    assert OTHER.terminal in to(await desk.follow())


async def test_records_of_a_file_that_is_not_declared_now_hold_up_no_removal(
    desk: LivingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ageing, "AT_ONCE", 1)
    await desk.entered(ENTRY)
    number = await desk.entered(wanted())
    elder = LivingDesk(desk.stage, desk.line)
    await elder.age()
    await desk.line.execute("update record set validate_on = '2026-02-01', due_at = null")
    await elder.age(desk.stage.clock() + timedelta(days=31))
    assert (await desk.row(number))["status"] == "removed"
    assert await desk.line.fetchval("select status from record where file = 'refuge'") == "active"


async def test_a_record_is_ended_by_the_rules_in_force_and_not_by_older_ones(desk: LivingDesk) -> None:
    number = await desk.entered(ENTRY)
    due = (await desk.row(number))["due_at"]
    await desk.line.execute("update record set due_at = $1", desk.stage.clock())
    assert await desk.age() == []
    row = await desk.row(number)
    assert (row["status"], row["due_at"]) == ("active", due)


async def test_old_inquiries_that_are_dropped_are_no_reason_to_look_again_at_once(desk: LivingDesk) -> None:
    await desk.one("QV.LIC/7QQQ001.LIS/CA")
    await desk.age()
    later = desk.stage.clock() + KEPT_FOR + timedelta(days=20)
    await desk.line.execute("update calendar set done = $1", day_of(later))
    async with desk.line.transaction():
        assert await desk.files.tick(desk.line, later, desk.numbers(1)[0]) == ([], False)
    assert await desk.line.fetchval("select count(*) from past_inquiry") == 0


async def test_numbers_that_are_used_up_are_a_refusal_with_words(desk: LivingDesk) -> None:
    await desk.entered(car())
    await desk.line.execute("update fcn_counter set next = 99999")
    refused = await desk.one(car("7QQQ002"))
    assert (refused.state, refused.text[:15]) == (State.REFUSED, "ALL NUMBERS OF ")
    assert await desk.line.fetchval("select count(*) from record") == 1


async def test_two_who_follow_up_both_sides_at_once_make_one_armed_person(stage: Stage) -> None:
    one, two = LivingDesk(stage, await stage.connect()), LivingDesk(stage, await stage.connect())
    await one.entered(GUN, OTHER)
    await one.entered(wanted("TESTCASE, JANE QUINN"), DESK)
    gun, want = await one.files.settled(one.line)
    held = one.line.transaction()
    await held.start()
    await one.files.follow(one.line, [gun], stage.clock(), one.numbers)

    async def other() -> None:
        async with two.line.transaction():
            await two.files.follow(two.line, [want], stage.clock(), two.numbers)

    both = asyncio.create_task(other())
    await asyncio.wait([both], timeout=0.2)
    await held.commit()
    await both
    assert await one.line.fetchval("select count(*) from record where file = 'armed'") == 1
