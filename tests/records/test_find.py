"""Claims about finding: what is meant is found, what is not stays hidden, and nothing is cut in silence."""

from __future__ import annotations

import re

import asyncpg
import msgspec
import pytest

from tests.switch.stage import CATALOGUE, DESK, OTHER, PUPIL, SCHOOL, VAULT, Stage, car, state_files, wanted
from wireroom.catalog.file import Source
from wireroom.message.answer import Answer, Question
from wireroom.message.envelope import Seat
from wireroom.message.local import day_of
from wireroom.message.read import read
from wireroom.message.reply import title
from wireroom.records.answerer import RecordFiles
from wireroom.records.bulk import BulkLoader
from wireroom.records.find import HITS_MAX
from wireroom.records.matching.published import Rule
from wireroom.records.shape import Fields

pytestmark = pytest.mark.anyio
JANE = "TESTCASE, JANE"


class Desk:
    """Puts texts to the files of one holder, each in its own transaction."""

    def __init__(self, stage: Stage, line: asyncpg.Connection, files: RecordFiles | None = None) -> None:
        self.stage, self.line, self.files, self.count = stage, line, files or state_files(), 0

    def question(self, text: str, seat: Seat = DESK) -> Question:
        self.count += 1
        reading = read(text, CATALOGUE, ori=seat.ori, today=day_of(self.stage.clock()))
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


def told(why: str) -> list[str]:
    """The evidence of a hit without its bits and its sum."""
    return [re.sub(r" [+-][0-9]+\.[0-9]", "", one) for one in why.partition(" = ")[0].split("; ")]


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
    assert [hit.file for hit in answer.hits] == ["wanted", "vehicle", "plate"]
    assert {hit.why for hit in answer.hits} == {"LIC exact"}


async def test_a_plate_of_another_state_is_another_plate(desk: Desk) -> None:
    await desk.ask(car(state="NV"))
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA")).state == "no record"
    assert (await desk.one("QV.LIC/7QQQ001.LIS/NV")).state == "hit"


async def test_a_stolen_car_is_found_by_its_vin_whatever_plate_it_bears(desk: Desk) -> None:
    vin = CATALOGUE.files["vehicle"].field("VIN").kind.example
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
    [hit] = answer.hits
    assert told(hit.why) == ["last name exact", "first name exact", "birth date exact", "size of the file"]
    assert hit.tier == ""


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


# --------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("asked", "tier"),
    [
        ("TESTCASE, JANE.DOB/19900101", "strong"),
        ("TESTCASE, JANE.DOB/19900101.SEX/F", "strong"),
        ("TESTCASE, JANE.DOB/19900101.SEX/U", "strong"),
        ("TESTCASE, JANE.DOB/19900101.SEX/M", "strong"),
        ("TESTKASE, JANE.DOB/19900101", "strong"),
        ("TESTCASE, JAYNE.DOB/19900101", "strong"),
        ("TETSCASE, JANE.DOB/19910101", "strong"),
        ("TESTCASE, JANE.DOB/19900102", "strong"),
        ("JANE, TESTCASE.DOB/19900101", "strong"),
        ("TESTCASE, J.DOB/19900101", "strong"),
        ("TESTCASE, JANE", "strong"),
        ("TESTKASE, JANE", "possible"),
        ("TESTCASE, J", "possible"),
        ("TESTCASE, MARY.DOB/19900101", "possible"),  # a sister, or another name of hers
        ("TESTCASE, MARY.DOB/19550813", ""),
        ("INVENTED, MARY.DOB/19900101", ""),
        ("INVENTED, MARY", ""),
    ],
)
async def test_who_agrees_is_a_hit_and_who_may_be_somebody_else_is_said_to_be(
    desk: Desk, asked: str, tier: str
) -> None:
    await desk.ask(wanted(JANE))
    answer = await desk.one(f"QW.NAM/{asked}")
    assert (answer.state == "hit") is bool(tier)
    assert [hit.tier or "strong" for hit in answer.hits] == ([tier] if tier else [])


async def test_a_hit_by_name_shows_its_evidence_in_bits_that_add_up(desk: Desk) -> None:
    await desk.ask(wanted(JANE))
    [hit] = (await desk.one("QW.NAM/TESTKASE, JANE.DOB/19900201.SEX/F")).hits
    assert told(hit.why) == [
        "last name one letter off, sounds alike",
        "first name exact",
        "birth date one digit off",
        "sex agrees",
        "size of the file",
    ]
    bits = [float(one) for one in re.findall("[+-][0-9]+\\.[0-9]", hit.why)]
    assert sum(bits[:-1]) == pytest.approx(bits[-1], abs=0.3)
    assert re.search(r" = \+[0-9.]+: (about [0-9]+ in [0-9]+|more than 999 in 1,000)$", hit.why)


async def test_an_alias_finds_the_record_once(desk: Desk) -> None:
    await desk.ask(wanted(more=".AKA/SAMPLE, JO.AKA/SAMPEL, JILL"))
    [hit] = (await desk.one("QW.NAM/SAMPLE, JO.DOB/19900101")).hits
    assert told(hit.why)[:2] == ["last name exact", "first name exact"]
    assert hit.tier == ""


async def test_a_licence_of_one_of_several_states_is_found(desk: Desk) -> None:
    await desk.ask(wanted("SAMPLE, MARY", more=".OLN/ZZ1234567.OLS/AZ"))
    assert (await desk.one("DQ.OLN/ZZ1234567.OLS/NV.OLS/AZ")).state == "hit"
    assert (await desk.one("DQ.OLN/ZZ1234567.OLS/NV.OLS/OR")).state == "no record"


async def test_a_possible_one_is_shown_for_a_wanted_person_and_not_for_a_licence(desk: Desk) -> None:
    dmv = Desk(desk.stage, desk.line, RecordFiles(CATALOGUE, Source.DMV, VAULT))
    await dmv.load(
        "licence", (("OLN", "X1234567"), ("NAM", JANE), ("DOB", "19900101"), ("SEX", "F")), owner=""
    )
    await desk.ask(wanted(JANE))
    asked = "NAM/TESTCASE, MARY.DOB/19900101"
    answer = await desk.one(f"QW.{asked}")
    assert [hit.tier for hit in answer.hits] == ["possible"]
    assert title(answer, CATALOGUE) == "POSSIBLE WANTED PERSON - CONFIRM FIRST"
    assert (await dmv.one(f"DQ.{asked}")).state == "no record"
    assert [hit.tier for hit in (await dmv.one(f"DQ.{asked}.SRH/W")).hits] == ["possible"]
    assert [hit.tier for hit in (await dmv.one(f"DQ.NAM/{JANE}.DOB/19900101")).hits] == [""]


async def test_a_wide_search_shows_weaker_likenesses_and_says_so(desk: Desk) -> None:
    await desk.ask(wanted(JANE))
    tiers = set()
    for asked in ("INVENTED, JANE.DOB/19910101", "INVENTED, JANE.DOB/19900108", "TESTCASE, MARY.DOB/19900108",
                  "TESTCASE, MARY.DOB/19910101", "TESTCASE, JANE.DOB/19550813"):  # fmt: skip
        narrow, wide = await desk.ask(f"QW.NAM/{asked}", f"QW.NAM/{asked}.SRH/W")
        assert len(narrow.hits) <= len(wide.hits)
        if not narrow.hits:
            tiers |= {hit.tier for hit in wide.hits}
    assert tiers == {"wide"}


@pytest.mark.parametrize(
    ("asked", "hot", "history"),
    [
        ("TESTCASE, JANE.DOB/19900101", True, True),
        ("TESTKASE, JOAN.DOB/19900101", True, True),
        ("TESTCASE, JANE.DOB/19900102", False, False),
        ("TESTCASE, JANE.DOB/19920101", False, True),
        ("TESTCASE, JANE.DOB/19900101.SEX/M", True, False),
        ("TESTCASE, MARY.DOB/19900101", False, False),
        ("TESTCASE, JANE", True, True),
        ("TESTKASE, JANE", False, False),
    ],
)
async def test_a_published_rule_finds_just_what_it_says(
    desk: Desk, asked: str, hot: bool, history: bool
) -> None:
    await desk.ask(wanted(JANE))
    ncic = Desk(desk.stage, desk.line, RecordFiles(CATALOGUE, Source.STATE, VAULT, Rule.NCIC))
    for answer, found in (
        (await desk.one(f"QW.NAM/{asked}.SRH/N"), hot),
        (await desk.one(f"QW.NAM/{asked}.SRH/I"), history),
        (await ncic.one(f"QW.NAM/{asked}"), hot),
    ):
        assert (answer.state == "hit") is found
        assert not found or "exact" in answer.hits[0].why or "within 3 years" in answer.hits[0].why
        assert [hit.tier for hit in answer.hits] == [""] * found


# --------------------------------------------------------------------------- too many


async def test_of_more_than_the_most_the_strongest_are_shown_and_the_rest_counted(desk: Desk) -> None:
    await desk.load("wanted", *(person(JANE) for _ in range(HITS_MAX)))
    answer = await desk.one(f"QW.NAM/{JANE}.DOB/19900101")
    assert (len(answer.hits), answer.text) == (HITS_MAX, "")
    await desk.load("wanted", *(person("TESTCASE, JAYNE") for _ in range(7)))
    answer = await desk.one(f"QW.NAM/{JANE}.DOB/19900101")
    assert {dict(hit.fields)["NAM"] for hit in answer.hits} == {JANE}
    assert len(answer.hits) == HITS_MAX
    assert answer.text == "7 MORE OF LIKE NAME ARE NOT SHOWN: ADD A MIDDLE NAME OR A NUMBER"


@pytest.mark.parametrize(
    ("many", "asked"),
    [(4, "TESTCASE, JANE"), (5, "TESTCASE, JAYNE"), (20, "TESTCASE, JAYNE"), (60, "TESTCASE, JAYNE"),
     (130, "TESTCASE, JAYNE"), (20, "TESTCASE, JANE"), (60, "TESTCASE, JANE"), (130, "TESTCASE, JANE")],
)  # fmt: skip
async def test_without_a_birth_date_an_uncertain_crowd_is_counted_and_not_shown(
    desk: Desk, many: int, asked: str
) -> None:
    born = [f"{1900 + n % 100}03{n // 100 + 1:02}" for n in range(many)]
    await desk.load("wanted", *(person("TESTCASE, JAYNE", born=day) for day in born))
    answer = await desk.one(f"QW.NAM/{asked}")
    assert (answer.state, answer.hits) == ("refused", ())
    more = "ADD A BIRTH DATE OR A NUMBER"
    assert answer.text == f"{many} RECORDS OF LIKE NAME, NONE SURE ENOUGH TO SHOW: {more}"
    answer = await desk.one(f"QW.NAM/{asked}.DOB/{born[2]}")
    assert dict(answer.hits[0].fields)["DOB"] == born[2]


async def test_who_stands_out_of_a_crowd_is_shown(desk: Desk) -> None:
    await desk.load("wanted", *(person("TESTCASE, JAYNE", born=f"{1950 + n}0304") for n in range(20)))
    await desk.load("wanted", person(JANE))
    answer = await desk.one(f"QW.NAM/{JANE}.DOB/19900101")
    assert dict(answer.hits[0].fields)["NAM"] == JANE
    assert answer.hits[0].tier == ""


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
    assert live.text == ""
    assert {hit.owner for hit in (await desk.one(text, PUPIL)).hits} <= {SCHOOL}
    await desk.ask(car(), seat=PUPIL)
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA")).state == "no record"
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA", OTHER)).state == "no record"
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA", PUPIL)).state == "hit"


async def test_a_social_security_number_finds_its_record_through_a_keyed_hash(desk: Desk) -> None:
    await desk.ask(wanted(more=".SOC/900112222"))
    answer = await desk.one("QW.SOC/900-11-2222")
    assert dict(answer.hits[0].fields)["SOC"] == "900112222"
    assert (await desk.one("QW.SOC/900112223")).state == "no record"


# --------------------------------------------------------------------------- numbers with a slip, or of a part


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        ("SOC/900112223", "SOC one digit wrong (9th)"),
        ("SOC/900112122", "SOC one digit wrong (7th)"),
        ("OLN/X1234576.OLS/CA", "OLN 7th and 8th digit transposed"),
        ("OLN/X1234567.OLS/CA", "OLN exact"),
    ],
)
async def test_a_number_with_a_slip_is_shown_with_a_name_that_agrees_and_not_without(
    desk: Desk, slip: str, words: str
) -> None:
    await desk.ask(wanted(more=".OLN/X1234567.OLS/CA.SOC/900112222"))
    [hit] = (await desk.one(f"QW.NAM/TESTKASE, JANE.{slip}")).hits
    assert told(hit.why)[:2] == [words, "last name one letter off, sounds alike"]
    exact = words.endswith("exact")
    assert (await desk.one(f"QW.{slip}")).state == ("hit" if exact else "no record")
    assert (await desk.one(f"QW.NAM/INVENTED, TOM.DOB/19550813.{slip}")).state == (
        "hit" if exact else "no record"
    )


async def test_a_number_reached_with_another_name_says_so(desk: Desk) -> None:
    await desk.ask(wanted(more=".OLN/X1234567.OLS/CA"))
    [hit] = (await desk.one("QW.NAM/INVENTED, TOM.DOB/19550813.OLN/X1234567.OLS/CA")).hits
    assert told(hit.why)[:4] == [
        "OLN exact",
        "last name differs",
        "first name differs",
        "birth date another date",
    ]


async def test_a_wide_search_shows_plates_one_character_off(desk: Desk) -> None:
    await desk.ask(car("7QQQ001"), car("7QQQ002", case="99-000003"), car("7QQQ019", case="99-000004"))
    assert (await desk.one("QV.LIC/7QQQ00I.LIS/CA")).state == "no record"
    answer = await desk.one("QV.LIC/7QQQ00I.LIS/CA.SRH/W")
    assert [dict(hit.fields)["LIC"] for hit in answer.hits] == ["7QQQ001", "7QQQ002"]
    assert told(answer.hits[0].why) == ["LIC 7th character I for 1"]
    assert [hit.tier for hit in answer.hits] == ["possible", "possible"], "it may well be another car"
    answer = await desk.one("QV.LIC/7QQQ001.LIS/CA.SRH/W")
    assert [(dict(hit.fields)["LIC"], hit.tier) for hit in answer.hits][:1] == [("7QQQ001", "")]


@pytest.mark.parametrize("part", ["7QQQ0*", "7QQQ??1", "*Q001", "7QQQ001*", "7QQQ*1"])
async def test_a_plate_of_which_a_part_is_known_is_found(desk: Desk, part: str) -> None:
    await desk.ask(car("7QQQ001"))
    [hit] = (await desk.one(f"QV.LIC/{part}.LIS/CA")).hits
    assert told(hit.why) == [f"LIC fits {part}"]
    assert (await desk.one(f"QV.LIC/{part}.LIS/NV")).state == "no record"


async def test_a_vin_is_found_by_its_last_eight_characters(desk: Desk) -> None:
    vin = CATALOGUE.files["vehicle"].field("VIN").kind.example
    await desk.ask(car(more=f".VIN/{vin}"))
    [hit] = (await desk.one(f"QV.VIN/{vin[-8:]}")).hits
    assert dict(hit.fields)["VIN"] == vin


async def test_more_plates_than_can_be_shown_are_told(desk: Desk) -> None:
    await desk.load("vehicle", *((("LIC", f"7QQQ{n:03}"), ("LIS", "CA")) for n in range(HITS_MAX + 1)))
    answer = await desk.one("QV.LIC/7QQQ*.LIS/CA")
    assert (answer.state, answer.hits) == ("refused", ())
    assert answer.text.startswith(f"MORE THAN {HITS_MAX}")


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


async def test_each_of_a_batch_gets_its_own_answer_in_few_statements(desk: Desk) -> None:
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
    assert len(looked_up) == 4, "numbers; pairs of names; the people; their records"


async def test_a_batch_of_training_and_live_is_kept_apart(desk: Desk) -> None:
    await desk.ask(car(), seat=PUPIL)
    questions = [desk.question("QV.LIC/7QQQ001.LIS/CA", seat) for seat in (DESK, PUPIL, OTHER)]
    found = await desk.files.ask(desk.line, questions)
    assert [answer.state for answer in found] == ["no record", "hit", "no record"]


async def test_an_inquiry_sees_a_change_of_its_own_batch(desk: Desk) -> None:
    found = await desk.ask("QV.LIC/7QQQ001.LIS/CA", car())
    assert [answer.state for answer in found] == ["hit", "accepted"]


async def test_a_seat_is_not_known_to_be_live_by_its_agency(desk: Desk) -> None:
    await desk.ask(car(), seat=msgspec.structs.replace(PUPIL, ori=DESK.ori))
    assert (await desk.one("QV.LIC/7QQQ001.LIS/CA")).state == "no record"
