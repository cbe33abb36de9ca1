"""Claims about orders that would hurt somebody were they not so: nobody's order is hidden, and none binds unsaid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.records.desk import LivingDesk
from tests.switch.stage import CATALOGUE, OTHER, VAULT, Stage
from wireroom.message.answer import State
from wireroom.message.local import HERE
from wireroom.records.exporting import ENDED
from wireroom.records.life import Status
from wireroom.records.rebuilding import rebuild

pytestmark = pytest.mark.anyio
JANE = "TESTCASE, JANE;F;19820202;SP;Y"
SERVED = ".SVC/1.SVD/20260302.SVM/P"
BY_NAME = "QPO.NAM/TESTCASE, JOHN.DOB/19800101.PUR/C"
GUN = (
    "EGH.CAT/D.SER/AR64{:04}.MAK/SW.CAL/9.TYP/PI.DTR/20250101.NAM/TESTCASE, JOHN.DOB/19800101.SEX/M.OCA/99-1"
)


def order(
    kind: str = "OAH", more: str = "", *, born: str = "19800101", case: str = "ZZ999001", whom: str = JANE
) -> str:
    """An entry of an order against John."""
    ends = "HRD/20260320" if kind.startswith("T") else "EXP/20260401"
    return (
        f"EPO.NAM/TESTCASE, JOHN.SEX/M.RAC/W.DOB/{born}.TYO/{kind}.PNO/{case}.CTI/CA099023J.ISD/20260302.{ends}"
        f".PPN/{whom}.PCO/01.PCO/04.FRP/Y.STY/HOME 50.OCA/99-77{more}"
    )


@pytest.fixture
async def desk(stage: Stage) -> LivingDesk:
    return LivingDesk(stage, await stage.connect())


async def found(desk: LivingDesk, text: str) -> dict[str, str]:
    """How each order that is found stands, by its number."""
    answer = await desk.one(text)
    return {hit.number: dict(hit.fields)["STD"] for hit in answer.hits if hit.file == "order"}


async def shown(desk: LivingDesk, number: str) -> dict[str, str]:
    [hit] = (await desk.one(f"QPO.FCN/{number}.PUR/C")).hits
    return dict(hit.fields)


def ago(desk: LivingDesk, **time: int) -> str:
    """The day and hour of a service so long ago."""
    here = (desk.stage.clock() - timedelta(**time)).astimezone(HERE)
    return f"SVD/{here:%Y%m%d}.SVT/{here:%H%M}"


def service(number: str, when: str) -> str:
    return f"SPO.FCN/{number}.NAM/TESTCASE, JOHN.{when}.SVM/V.SVN/DEPUTY TEST"


# --------------------------------------------------------------------------- what is in force is found


async def test_however_many_orders_are_over_the_one_in_force_is_found(desk: LivingDesk) -> None:
    past = [await desk.entered(order(case=f"ZZ9990{place:02}")) for place in range(30)]
    for number in past:
        await desk.one(f"XPO.FCN/{number}")
    number = await desk.entered(order())
    texts = (BY_NAME, "QPO.NAM/TESTCASE, JOHN.PUR/C", BY_NAME.replace("QPO", "QW"),
             "QPO.NAM/TESTCASE, JANE.DOB/19820202.PUR/C")  # fmt: skip
    for text in texts:
        answer = await desk.one(text)
        assert [hit.number for hit in answer.hits if hit.file == "order"] == [number], text
        assert answer.text == "", "what is over is not counted"
    recalled = await found(desk, f"{BY_NAME}.HST/Y")
    assert recalled.pop(number) == "UNSERVED"
    assert len(recalled) > 1
    assert set(recalled.values()) == {"OVER"}


async def test_an_index_made_anew_has_its_history_too(desk: LivingDesk, database: str) -> None:
    number = await desk.entered(order())
    await desk.one(f"XPO.FCN/{number}")
    owner = await desk.stage.connect()
    await owner.execute("reset role")
    await owner.execute("truncate person, name_pair")
    assert await found(desk, f"{BY_NAME}.HST/Y") == {}
    await rebuild(owner, CATALOGUE, VAULT, lambda done, total: None, whenever=True)
    assert await found(desk, f"{BY_NAME}.HST/Y") == {number: "OVER"}
    assert await found(desk, BY_NAME) == {}


async def test_nothing_of_a_history_that_is_dropped_stays_in_the_index_of_people(desk: LivingDesk) -> None:
    number = await desk.entered(order())
    await desk.one(f"XPO.FCN/{number}")
    assert await desk.line.fetchval("select count(*) from person") > 0
    await desk.age((await desk.row(number))["due_at"])
    assert await desk.line.fetchval("select count(*) from person") == 0
    assert await desk.line.fetchval("select count(*) from identifier") == 0


async def test_an_hour_of_issue_mistyped_hides_no_order(desk: LivingDesk) -> None:
    number = await desk.entered(order(more=".IST/2359"))
    assert await found(desk, BY_NAME) == {number: "UNSERVED"}


async def test_a_final_order_that_begins_later_ends_nothing_before(desk: LivingDesk) -> None:
    temporary = await desk.entered(order("TRO"))
    final = await desk.entered(order(more=".EFD/20260310.EFT/0900"))
    assert await found(desk, BY_NAME) == {temporary: "UNSERVED", final: "COMING"}


async def test_a_final_order_that_is_over_when_it_is_entered_ends_nothing(desk: LivingDesk) -> None:
    temporary = await desk.entered(order("TRO"))
    over = order().replace("ISD/20260302.EXP/20260401", "ISD/20250302.EXP/20260227")
    await desk.entered(over)
    assert await found(desk, BY_NAME) == {temporary: "UNSERVED"}


async def test_a_final_order_ends_no_order_against_a_namesake_in_the_same_case(desk: LivingDesk) -> None:
    son = await desk.entered(order("TRO", born="20040101"))
    father = await desk.entered(order("TRO"))
    answer = await desk.one(order())
    assert answer.text.splitlines()[1:] == [f"SUPERSEDED FCN/{father}"]
    assert (await shown(desk, son))["STD"] == "UNSERVED"


async def test_a_final_order_ends_no_order_that_protects_others(desk: LivingDesk) -> None:
    others = await desk.entered(order("TRO", whom="TESTCASE, JUNE;F;19900101"))
    answer = await desk.one(order())
    assert answer.text.splitlines()[1:] == []
    assert (await shown(desk, others))["STD"] == "UNSERVED"
    again = await desk.one(order("CHO", whom="TESTCASE, JUNE;F;19900102;OT"), OTHER)
    assert again.text.splitlines()[1:] == [f"SUPERSEDED FCN/{others}"], "the same person, better described"


async def test_each_victim_of_one_case_has_an_order_of_its_own(desk: LivingDesk) -> None:
    first = await desk.entered(order("CPO", ".SBA/136"))
    again = await desk.one(order("CPO", ".SBA/136"))
    assert again.text == f"ON FILE ALREADY FCN/{first}"
    second = await desk.entered(order("CPO", ".SBA/136", whom="TESTCASE, JUNE;F;19900101"))
    assert set(await found(desk, BY_NAME)) == {first, second}


# --------------------------------------------------------------------------- nobody is bound by what was not said


async def test_who_was_told_the_former_terms_was_not_told_the_stricter_ones(desk: LivingDesk) -> None:
    number = await desk.entered(order())
    desk.stage.clock.tick(7200)
    await desk.one(f"MPO.FCN/{number}.STY/HOME 100")
    desk.stage.clock.tick(600)
    refused = await desk.one(service(number, ago(desk, hours=1)), OTHER)
    assert (refused.state, refused.text) == (
        State.REFUSED,
        "STY STRICTER SINCE THEN: TELL IT AS IT IS NOW, OR ITS OWNER ENTERS THE SERVICE: FCN/" + number,
    )
    assert (await shown(desk, number))["STD"] == "UNSERVED"
    assert (await desk.one(service(number, ago(desk, minutes=1)), OTHER)).state is State.ACCEPTED
    assert (await shown(desk, number))["STD"] == "SERVED"


async def test_who_was_told_stricter_terms_was_told_the_milder_ones(desk: LivingDesk) -> None:
    number = await desk.entered(order())
    desk.stage.clock.tick(7200)
    await desk.one(f"MPO.FCN/{number}.STY/HOME 20")
    assert (await desk.one(service(number, ago(desk, hours=1)), OTHER)).state is State.ACCEPTED


async def test_who_was_served_before_the_entry_was_told_what_was_entered(desk: LivingDesk) -> None:
    number = await desk.entered(order())
    desk.stage.clock.tick(60)
    await desk.one(f"MPO.FCN/{number}.JDG/SPECIMEN, J")
    assert (await desk.one(service(number, ago(desk, hours=3)), OTHER)).state is State.ACCEPTED
    assert (await shown(desk, number))["STD"] == "SERVED"


async def test_a_record_sent_whole_with_stricter_terms_is_not_served_by_saying_so_again(
    desk: LivingDesk,
) -> None:
    number = await desk.entered(order(more=".PRS/Y"))
    before = await shown(desk, number)
    told = ".".join(f"{code}/{before[code]}" for code in ("SVC", "SVD", "SVM", "PRS"))
    answer = await desk.one(f"MPO.FCN/{number}.STY/HOME 100.{told}")
    assert answer.text.splitlines()[1:] == ["STY STRICTER: IT MUST BE SERVED AGAIN"]
    assert (await shown(desk, number))["STD"] == "UNSERVED"


@pytest.mark.parametrize(
    ("held", "change", "stricter"),
    [
        ("", "PPN/TESTCASE, JANE;F;19820203;SP;N", ""),  # put right
        ("", f"PPN/{JANE}.PPN/TESTCASE, JUNE;F;20150101;CH;Y", "PPN"),
        ("", f"PPN/{JANE}.PPN/TESTCASE, JANE;F;20150101;CH;Y", "PPN"),  # a daughter of her mother's name
        ("", "PCX/N", ""),
        (".PCX/Y", "PCX/N", "PCX"),
        ("", "WEX/N", ""),
        (".WEX/Y", "WEX/N", "WEX"),
        (".PCO/06", "PCO/01.PCO/04", "PCO"),  # visits are over
        ("", "PCO/01.PCO/04.PCO/06", ""),
        ("", "ANM/Y", "ANM"),
    ],
)
async def test_a_change_must_be_served_again_where_it_bars_more_and_only_there(
    desk: LivingDesk, held: str, change: str, stricter: str
) -> None:
    number = await desk.entered(order(more=SERVED + held))
    answer = await desk.one(f"MPO.FCN/{number}.{change}")
    words = [f"{stricter} STRICTER: IT MUST BE SERVED AGAIN"] if stricter else []
    assert answer.text.splitlines()[1:] == words
    assert (await shown(desk, number))["STD"] == ("UNSERVED" if stricter else "SERVED")


async def test_a_condition_struck_out_that_allowed_something_must_be_served_again(desk: LivingDesk) -> None:
    number = await desk.entered(order(more=SERVED + ".PCO/06"))
    answer = await desk.one(f"XPON.FCN/{number}.PCO/06")
    assert answer.text.splitlines()[1:] == ["PCO STRICTER: IT MUST BE SERVED AGAIN"]
    assert (await shown(desk, number))["STD"] == "UNSERVED"


async def test_a_delayed_hit_says_whether_the_order_is_in_force(desk: LivingDesk) -> None:
    await desk.one(BY_NAME, OTHER)
    desk.stage.clock.tick(60)
    await desk.entered(order(more=".EFD/20260320"))
    [first, *_] = await desk.follow()
    assert dict(first.hits[0].fields)["STD"] == "COMING"


# --------------------------------------------------------------------------- armed and prohibited


async def armed(desk: LivingDesk, name: str = "JOHN") -> list[str]:
    answer = await desk.one(f"QVA.NAM/TESTCASE, {name}.DOB/19800101.PUR/C")
    return [dict(hit.fields)["NAM"] for hit in answer.hits if hit.file == "armed"]


async def test_an_order_put_right_to_another_person_leaves_nobody_else_armed_and_prohibited(
    desk: LivingDesk,
) -> None:
    await desk.entered(GUN.format(1))
    number = await desk.entered(order())
    await desk.follow()
    assert await armed(desk) == ["TESTCASE, JOHN"]
    await desk.one(f"MPO.FCN/{number}.NAM/TESTCASE, PETER")
    told = [one.text for one in await desk.follow()]
    assert "NO LONGER ARMED AND PROHIBITED" in told
    assert await armed(desk) == []
    assert await armed(desk, "PETER") == []
    await desk.one(f"MPO.FCN/{number}.NAM/TESTCASE, JOHN ALBERT")
    await desk.follow()
    assert len(await armed(desk)) == 1
    await desk.one(f"MPO.FCN/{number}.NAM/TESTCASE, JOHN")
    await desk.follow()
    assert len(await armed(desk)) == 1, "the same person under a shorter name"


async def test_who_has_more_firearms_than_a_record_names_is_prohibited_to_the_end_of_the_order(
    desk: LivingDesk,
) -> None:
    guns = [await desk.entered(GUN.format(place)) for place in range(52)]
    number = await desk.entered(order())
    await desk.follow()
    await desk.one(f"MGH.FCN/{guns[0]}.OCA/99-2")
    assert await desk.follow() == []
    assert await armed(desk) == ["TESTCASE, JOHN"]
    await desk.one(f"XPO.FCN/{number}")
    await desk.follow()
    assert await armed(desk) == []


def test_what_was_superseded_is_written_out_with_all_that_ended() -> None:
    assert Status.SUPERSEDED in ENDED
