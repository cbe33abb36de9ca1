"""Claims about the work on one's own records: a second person verifies, the owner validates, others may write to it."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import msgspec
import pytest

from tests.records.desk import LivingDesk, seat
from tests.records.test_every_file_lives import CATALOGUE, message
from tests.records.test_every_file_lives import invented as living
from tests.switch.stage import DESK, OTHER, PUPIL, SHERIFF, Stage, car, wanted
from wireroom.message.answer import State

pytestmark = pytest.mark.anyio
SECOND = seat("p.second")
CONTACT = "CDT/20260301.CHR/1405.CPL/MAIN AND 1ST.CRE/TRAFFIC STOP.COF/OFFICER VALE"


async def invented(desk: LivingDesk, key: str) -> str:
    """The number of an invented record."""
    form = CATALOGUE.forms[key]
    answer = (await desk.put(message(form, living(form, Random(key)))))[0]
    assert answer.state is State.ACCEPTED, answer.text
    return answer.hits[0].number


@pytest.fixture
async def desk(stage: Stage) -> LivingDesk:
    return LivingDesk(stage, await stage.connect())


async def listed(desk: LivingDesk, name: str, at: object = DESK) -> list[str]:
    answer = await desk.one(f"WL.LST/{name}", at)  # type: ignore[arg-type]
    return [hit.number for hit in answer.hits]


async def test_whoever_entered_a_record_does_not_verify_it(desk: LivingDesk) -> None:
    number = await desk.entered(car())
    assert await listed(desk, "VERIFY") == [number]
    assert await listed(desk, "VERIFY", OTHER) == [], "another agency's work is not shown"
    refused = await desk.one(f"VFY.FCN/{number}")
    assert refused.text == f"ENTERED OR CHANGED BY YOU: ANOTHER PERSON VERIFIES FCN/{number}"
    assert (await desk.one(f"VFY.FCN/{number}", SECOND)).text == f"VERIFIED FCN/{number}"
    assert (await desk.row(number))["checked_by"] == "p.second"
    assert await listed(desk, "VERIFY") == []
    assert (await desk.one(f"VFY.FCN/{number}", SECOND)).text == f"VERIFIED ALREADY FCN/{number}"


async def test_a_change_is_verified_anew_by_somebody_else(desk: LivingDesk) -> None:
    number = await desk.entered(car())
    await desk.one(f"VFY.FCN/{number}", SECOND)
    await desk.one(f"MV.FCN/{number}.VCO/RED", SECOND)
    assert await listed(desk, "VERIFY") == [number]
    assert (await desk.one(f"VFY.FCN/{number}", SECOND)).state is State.REFUSED
    assert (await desk.one(f"VFY.FCN/{number}", DESK)).state is State.ACCEPTED


async def test_another_agency_verifies_nothing(desk: LivingDesk) -> None:
    number = await desk.entered(car())
    assert (await desk.one(f"VFY.FCN/{number}", OTHER)).text.startswith("NOT YOUR RECORD")


async def test_a_list_shows_the_first_and_counts_the_rest(desk: LivingDesk) -> None:
    for place in range(30):
        await desk.entered(car(f"7QQQ{place:03}", case=f"99-{place:06}"))
    answer = await desk.one("WL.LST/VERIFY")
    assert (len(answer.hits), answer.text) == (25, "30 IN ALL, THE FIRST 25 ARE SHOWN")
    assert (await desk.one("WL.LST/LATE")).text == "NOTHING WAITS IN THIS LIST"


async def test_validation_comes_again_in_a_year(desk: LivingDesk) -> None:
    number = await desk.entered(car())
    assert str((await desk.row(number))["validate_on"]) == "2026-06-01"
    assert await listed(desk, "VALIDATE") == []
    desk.stage.clock.now = datetime(2026, 6, 3, 18, tzinfo=UTC)
    assert await listed(desk, "VALIDATE") == [number]
    answer = await desk.one(f"VAL.FCN/{number}")
    assert answer.text == f"VALIDATED FCN/{number}, AGAIN IN JUNE 2027"
    assert ("VLN", "P.VALE") in answer.hits[0].fields
    assert await listed(desk, "VALIDATE") == []
    assert str((await desk.row(number))["validate_on"]) == "2027-06-01"
    assert (await desk.row(number))["checked_by"] == "", "to validate is not to verify"


async def test_a_file_without_validation_says_so(desk: LivingDesk) -> None:
    number = await invented(desk, "EPN")
    assert (await desk.one(f"VAL.FCN/{number}")).text.startswith("RECORDS OF THIS FILE ARE NOT VALIDATED")


async def test_a_courtesy_entry_is_the_other_agencys_and_it_is_told(desk: LivingDesk) -> None:
    answer = await desk.one(f"{car()}.CTA/{SHERIFF}.CTM/Y002")
    number = answer.hits[0].number
    assert (answer.hits[0].owner, number[:3]) == (SHERIFF, "098")
    assert [(one.code, one.to) for one in answer.notices] == [("$.C.", "Y002")]
    row = await desk.row(number)
    assert (row["entered_by"], row["entered_ori"], row["owner"]) == (DESK.person, DESK.ori, SHERIFF)
    assert (await desk.one(f"CV.FCN/{number}.DCL/20260302")).state is State.REFUSED
    assert (await desk.one(f"CV.FCN/{number}.DCL/20260302", OTHER)).state is State.ACCEPTED


async def test_an_alias_is_added_found_by_and_taken_out_again(desk: LivingDesk) -> None:
    number = await desk.entered(wanted("TESTCASE, JANE"))
    assert (await desk.one(f"EN.FCN/{number}.AKA/SPECIMEN, OLGA")).text == f"SUPPLEMENTED FCN/{number}"
    assert [hit.number for hit in (await desk.one("QW.NAM/SPECIMEN, OLGA.DOB/19900101")).hits] == [number]
    again = await desk.one(f"EN.FCN/{number}.AKA/SPECIMEN, OLGA")
    assert [value for code, value in again.hits[0].fields if code == "AKA"] == ["SPECIMEN, OLGA"]
    assert (await desk.one(f"XN.FCN/{number}.AKA/NOBODY, JO")).text == "AKA HAS NO VALUE NOBODY, JO"
    assert (await desk.one(f"XN.FCN/{number}.AKA/SPECIMEN, OLGA")).state is State.ACCEPTED
    assert (await desk.one("QW.NAM/SPECIMEN, OLGA.DOB/19900101")).state is State.NO_RECORD


async def test_a_supplement_that_is_too_much_changes_nothing(desk: LivingDesk) -> None:
    number = await desk.entered(wanted())
    many = [
        f".AKA/SPECIMEN, {name}"
        for name in ("ANN", "BEA", "CLEO", "DORA", "EVA", "FAY", "GIA", "HEDY", "IDA", "JO")
    ]
    assert (await desk.one(f"EN.FCN/{number}{''.join(many)}")).state is State.ACCEPTED
    refused = await desk.one(f"EN.FCN/{number}.AKA/SPECIMEN, KIM")
    assert refused.text == "AKA MAY STAND ONLY 10 TIMES"


async def test_a_report_stands_in_the_record_and_its_owner_is_told(desk: LivingDesk) -> None:
    number = await invented(desk, "ESR")
    answer = await desk.one(f"SRC.FCN/{number}.{CONTACT}", OTHER)
    assert answer.state is State.ACCEPTED, answer.text
    [notice] = answer.notices
    assert (notice.code, notice.to) == ("$.R.", DESK.ori)
    reports = dict(answer.hits[0].fields)["RPT"]
    assert reports.startswith(f"CONTACT WITH A SUPERVISED PERSON {SHERIFF} 20260302 0800 PST:")
    for _ in range(12):
        answer = await desk.one(f"SRC.FCN/{number}.{CONTACT}", OTHER)
    assert len(dict(answer.hits[0].fields)["RPT"].split("\n")) == 10, "the newest ten are kept"
    assert (await desk.row(number))["checked_by"] == "", "what others write is not the owner's change"


async def test_what_makes_two_records_one_is_what_their_file_says(desk: LivingDesk) -> None:
    number = await desk.entered(wanted("TESTCASE, JANE", case="99-1"))
    same = await desk.one(wanted("TESTCASE, JANE", case="99-1"))
    assert (same.state, same.text) == (State.REFUSED, f"ON FILE ALREADY FCN/{number}")
    assert (await desk.one(wanted("TESTCASE, JANE", case="99-2"))).state is State.ACCEPTED, "another warrant"
    assert (await desk.one(wanted("TESTCASE, JANE", case="99-1"), OTHER)).state is State.ACCEPTED


async def test_training_has_lists_of_its_own(desk: LivingDesk) -> None:
    pupil = msgspec.structs.replace(PUPIL, ori=DESK.ori)
    number = await desk.entered(car(), pupil)
    assert await listed(desk, "VERIFY") == []
    assert await listed(desk, "VERIFY", pupil) == [number]
    assert (await desk.one(f"VFY.FCN/{number}", SECOND)).text == f"NOT ON FILE FCN/{number}"
