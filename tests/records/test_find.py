"""Claims about finding: what is meant is found, what is not stays hidden, and nothing is cut in silence."""

from __future__ import annotations

import asyncpg
import msgspec
import pytest

from tests.switch.stage import CATALOGUE, DESK, FILES, OTHER, PUPIL, SCHOOL, VAULT, Stage, car, wanted
from wireroom.catalog.file import Source
from wireroom.message.answer import Answer, Question
from wireroom.message.envelope import Seat
from wireroom.message.read import read
from wireroom.records.answerer import RecordFiles
from wireroom.records.bulk import BulkLoader
from wireroom.records.find import HITS_MAX
from wireroom.records.shape import Fields

pytestmark = pytest.mark.anyio
JANE = "TESTCASE, JANE"


class Desk:
    """Puts texts to the files of one holder, each in its own transaction."""

    def __init__(self, stage: Stage, line: asyncpg.Connection, files: RecordFiles = FILES) -> None:
        self.stage, self.line, self.files, self.count = stage, line, files, 0

    def question(self, text: str, seat: Seat = DESK) -> Question:
        self.count += 1
        reading = read(text, CATALOGUE, ori=seat.ori, today=self.stage.clock().date())
        assert reading.message is not None, (text, reading.faults)
        return Question(
            transaction=self.count << 12, leg=0, source=self.files.name, message=reading.message, seat=seat,
            at=self.stage.clock(),
        )  # fmt: skip

    async def ask(self, *texts: str, seat: Seat = DESK) -> list[Answer]:
        async with self.line.transaction():
            return await self.files.ask(self.line, [self.question(text, seat) for text in texts])

    async def one(self, text: str, seat: Seat = DESK) -> Answer:
        return (await self.ask(text, seat=seat))[0]

    async def load(self, code: str, *rows: Fields, owner: str = "CA0990100", test: bool = False) -> None:
        self.count += len(rows) + 1
        source = Source(self.files.name)
        loader = BulkLoader(CATALOGUE, source, VAULT, first_id=self.count << 22, test=test)
        await loader.load(
            await self._as_owner(), [(code, owner, "", fields) for fields in rows], self.stage.clock()
        )

    async def _as_owner(self) -> asyncpg.Connection:
        return self.line


@pytest.fixture
async def desk(stage: Stage) -> Desk:
    return Desk(stage, await stage.connect())


def person(name: str, born: str = "19900101", sex: str = "F", **more: str) -> Fields:
    return (("NAM", name), ("SEX", sex), ("RAC", "W"), ("DOB", born), *more.items(), ("OFF", "0101"))


async def test_a_plate_is_found_in_every_file_that_answers(desk: Desk) -> None:
    await desk.ask(car(), "EL.LIC/7QQQ001.LIS/CA.LIY/2026.LIT/PC.DOT/20260301.OCA/99-000007")
    await desk.ask(wanted(more=".LIC/7QQQ001.LIS/CA"))
    answer = await desk.one("QV.LIC/7QQQ001.LIS/CA")
    assert answer.state == "hit"
    assert [hit.file for hit in answer.hits] == ["plate", "vehicle", "wanted"]
    assert {hit.why for hit in answer.hits} == {"LIC exact"}


async def test_a_plate_of_another_state_is_another_plate(desk: Desk) -> None:
    await desk.ask(car(state="NV"))
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA")).state == "no record"
    assert (await desk.one("QV.LIC/7QQQ001.LIS/NV")).state == "hit"


async def test_a_stolen_car_is_found_by_its_vin_whatever_plate_it_bears(desk: Desk) -> None:
    vin = "1FTFW1ET9DFA00001"
    reading = read(f"QV.VIN/{vin}", CATALOGUE, ori=DESK.ori, today=desk.stage.clock().date())
    vin = CATALOGUE.files["vehicle"].field("VIN").kind.example if reading.message is None else vin
    await desk.ask(car(state="NV", more=f".VIN/{vin}"))
    answer = await desk.one(f"QV.LIC/7QQQ009.LIS/CA.LIT/TK.VIN/{vin}")
    assert [hit.why for hit in answer.hits] == ["VIN exact"]
    same = await desk.one(f"QV.LIC/7QQQ001.LIS/CA.VIN/{vin}")
    assert [hit.why for hit in same.hits] == ["VIN exact"], (
        "the plate's state hides the plate's way, not the VIN's"
    )


async def test_a_name_is_found_though_the_plate_asked_with_it_is_of_another_state(desk: Desk) -> None:
    await desk.ask(wanted(more=".LIC/7QQQ001.LIS/NV"))
    answer = await desk.one(f"QW.NAM/{JANE}.DOB/19900101.LIC/7QQQ001.LIS/CA")
    assert [hit.why for hit in answer.hits] == ["name exact; birth date exact"]


async def test_the_state_of_a_plate_does_not_hide_what_a_licence_number_reached(desk: Desk) -> None:
    await desk.ask(wanted(more=".OLN/X1234567.OLS/CA.LIC/7QQQ001.LIS/CA"))
    answer = await desk.one("QW.OLN/X1234567.OLS/CA.LIC/7QQQ001.LIS/NV")
    assert [hit.why for hit in answer.hits] == ["OLN exact"]
    answer = await desk.one("QW.OLN/X1234567.OLS/NV.LIC/7QQQ001.LIS/CA")
    assert [hit.why for hit in answer.hits] == ["LIC exact"]


async def test_what_describes_a_person_does_not_hide_a_numbers_record(desk: Desk) -> None:
    await desk.ask(wanted(more=".OLN/X1234567.OLS/CA"))
    answer = await desk.one("QW.OLN/X1234567.OLS/CA.DOB/19710101.SEX/M")
    assert [hit.why for hit in answer.hits] == ["OLN exact"]
    assert (await desk.one("QW.OLN/X1234567.OLS/NV")).state == "no record"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("TESTCASE, JANE.DOB/19900101", True),
        ("TESTKASE, JOAN.DOB/19900101", True),  # same sound, same initial
        ("TESTCASE, JANE.DOB/19900101.SEX/F", True),
        ("TESTCASE, JANE.DOB/19900101.SEX/U", True),
        ("TESTCASE, JANE", True),
        ("TESTCASE, MARY.DOB/19900101", False),
        ("TESTCASE, JANE.DOB/19900102", False),
        ("TESTCASE, JANE.DOB/19900101.SEX/M", False),
        ("TESTKASE, JANE", False),  # without a birth date the whole name
        ("EXAMPLE, JANE.DOB/19900101", False),
    ],
)
async def test_a_name_is_found_by_sound_initial_and_birth_date(desk: Desk, asked: str, found: bool) -> None:
    await desk.ask(wanted(JANE))
    assert ((await desk.one(f"QW.NAM/{asked}")).state == "hit") is found


async def test_an_alias_finds_the_record_once(desk: Desk) -> None:
    await desk.ask(wanted(more=".AKA/SAMPLE, JO.AKA/SAMPEL, JILL"))
    answer = await desk.one("QW.NAM/SAMPLE, JACK.DOB/19900101")
    assert len(answer.hits) == 1
    assert answer.hits[0].why == "surname by sound, first initial; birth date exact"


async def test_more_than_the_most_is_told_and_nothing_is_cut(desk: Desk) -> None:
    await desk.load("wanted", *(person(JANE) for _ in range(HITS_MAX)))
    assert len((await desk.one(f"QW.NAM/{JANE}.DOB/19900101")).hits) == HITS_MAX
    await desk.load("wanted", person(JANE))
    for text in (f"QW.NAM/{JANE}.DOB/19900101", f"QW.NAM/{JANE}"):
        answer = await desk.one(text)
        assert (answer.state, answer.hits) == ("refused", ())
        assert answer.text == f"MORE THAN {HITS_MAX} RECORDS MATCH: ADD A BIRTH DATE OR A NUMBER"


async def test_too_many_by_number_is_told_too(desk: Desk) -> None:
    cars: list[Fields] = [(("LIC", "7QQQ001"), ("LIS", "CA"))] * (HITS_MAX + 1)
    await desk.load("vehicle", *cars)
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA")).text.startswith(f"MORE THAN {HITS_MAX}")


@pytest.mark.parametrize("born", ["19900101", ""])
async def test_records_of_training_neither_show_nor_crowd_out_live_ones(desk: Desk, born: str) -> None:
    await desk.load("wanted", *(person(JANE) for _ in range(200)), owner=SCHOOL, test=True)
    await desk.load("wanted", person(JANE))
    text = f"QW.NAM/{JANE}" + (f".DOB/{born}" if born else "")
    live = await desk.one(text)
    assert [hit.owner for hit in live.hits] == ["CA0990100"]
    assert (await desk.one(text, PUPIL)).state == "refused"
    await desk.ask(car(), seat=PUPIL)
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA")).state == "no record"
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA", OTHER)).state == "no record"
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA", PUPIL)).state == "hit"


async def test_a_social_security_number_finds_its_record_through_a_keyed_hash(desk: Desk) -> None:
    await desk.ask(wanted(more=".SOC/900112222"))
    answer = await desk.one("QW.SOC/900-11-2222")
    assert dict(answer.hits[0].fields)["SOC"] == "900112222"
    assert (await desk.one("QW.SOC/900112223")).state == "no record"


async def test_a_record_is_found_by_its_own_number(desk: Desk) -> None:
    [entered] = await desk.ask(car())
    number = entered.hits[0].number
    assert (await desk.one(f"QV.FCN/{number}")).hits[0].number == number
    assert (await desk.one("QV.FCN/0992606199999")).state == "no record"


async def test_a_located_record_is_a_hit_and_says_so(desk: Desk) -> None:
    [entered] = await desk.ask(car())
    await desk.ask(f"LV.FCN/{entered.hits[0].number}.DOL/20260301.LCA/A1", seat=OTHER)
    answer = await desk.one("QV.LIC/7QQQ001.LIS/CA")
    assert (answer.state, answer.hits[0].status) == ("hit", "located")


async def test_a_record_that_only_informs_is_no_hit(desk: Desk) -> None:
    dmv = Desk(desk.stage, desk.line, RecordFiles(CATALOGUE, Source.DMV, VAULT))
    await dmv.load("registration", (("LIC", "7QQQ001"), ("VYR", "2020")), owner="")
    answer = await dmv.one("RQ.LIC/7QQQ001")
    assert (answer.source, answer.state) == ("DMV", "record")
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA")).state == "no record", (
        "each holder answers for its own files"
    )


async def test_each_of_a_batch_gets_its_own_answer_in_two_statements(desk: Desk) -> None:
    plates = [f"7QQQ{n:03}" for n in range(0, 60, 2)]
    await desk.ask(*(car(plate, case=f"99-1{plate}") for plate in plates))
    await desk.ask(wanted())
    desk.stage.statements.clear()
    asked = [f"7QQQ{n:03}" for n in range(60)]
    texts = [f"QV.LIC/{plate}.LIS/CA" for plate in asked] + [f"QW.NAM/{JANE}.DOB/19900101"] * 3
    found = await desk.ask(*texts)
    assert [answer.state for answer in found] == ["hit", "no record"] * 30 + ["hit"] * 3
    assert [dict(a.hits[0].fields)["LIC"] for a in found[:60] if a.hits] == plates
    looked_up = [one for _, one in desk.stage.statements if "from unnest" in one]
    assert len(looked_up) == 2


async def test_a_batch_of_training_and_live_is_kept_apart(desk: Desk) -> None:
    await desk.ask(car(), seat=PUPIL)
    questions = [desk.question("QV.LIC/7QQQ001.LIS/CA", seat) for seat in (DESK, PUPIL, OTHER)]
    found = await FILES.ask(desk.line, questions)
    assert [answer.state for answer in found] == ["no record", "hit", "no record"]


async def test_an_inquiry_sees_a_change_of_its_own_batch(desk: Desk) -> None:
    found = await desk.ask("QV.LIC/7QQQ001.LIS/CA", car())
    assert [answer.state for answer in found] == ["hit", "accepted"]


async def test_a_seat_is_not_known_to_be_live_by_its_agency(desk: Desk) -> None:
    await desk.ask(car(), seat=msgspec.structs.replace(PUPIL, ori=DESK.ori))
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA")).state == "no record"
