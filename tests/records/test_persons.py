"""Claims about searching for persons outside the message path: what is reached, how strong it is, what is counted."""

from __future__ import annotations

import asyncpg
import pytest

from tests.records.test_find import Desk
from tests.switch.stage import CATALOGUE, VAULT, Stage, state_files
from wireroom.catalog.file import Source
from wireroom.records.answerer import RecordFiles
from wireroom.records.bulk import BulkLoader
from wireroom.records.find import CROWD_MAX, HITS_MAX
from wireroom.records.matching.counting import count
from wireroom.records.matching.keeping import called
from wireroom.records.matching.published import Rule
from wireroom.records.persons import PersonAsked, PersonFound
from wireroom.records.scratch import Row, Scratch
from wireroom.records.shape import Fields

pytestmark = pytest.mark.anyio
SSN, SSN_SLIP = "912345678", "912345687"


def person(name: str, born: str = "19900101", **more: str) -> Fields:
    fields = (("NAM", name), ("SEX", "F"), ("RAC", "W"), ("DOB", born), ("OFF", "0101"), *more.items())
    return tuple(pair for pair in fields if pair[1])


def asked(last: str, first: str = "", dob: int = 0, *, ssn: str = "", test: bool = False) -> PersonAsked:
    numbers = (("SOC", ssn, True),) if ssn else ()
    return PersonAsked(called(last, first, dob=dob), numbers, test=test)


class House:
    """The state's files with some people in them."""

    def __init__(self, stage: Stage, line: asyncpg.Connection) -> None:
        self.stage, self.line, self.files, self.ids = stage, line, state_files(), 1

    async def load(self, *rows: Fields, test: bool = False) -> None:
        loader = BulkLoader(CATALOGUE, Source.STATE, VAULT, first_id=self.ids, test=test)
        numbered = [("wanted", "CA0990100", f"99{self.ids + n:011}", row) for n, row in enumerate(rows)]
        self.ids += len(rows)
        await loader.load(self.line, numbered, self.stage.clock())
        await count(self.line)

    async def ask(self, *several: PersonAsked, files: RecordFiles | None = None) -> list[list[PersonFound]]:
        async with self.line.transaction():
            return await (files or self.files).persons(self.line, several)

    async def one(self, asked: PersonAsked) -> list[PersonFound]:
        return (await self.ask(asked))[0]


@pytest.fixture
async def house(stage: Stage) -> House:
    house = House(stage, await stage.connect())
    await house.load(
        person("HILDEBRAND, MICHELLE", "19690208", SOC=SSN),
        person("QUARTERMAIN, ODILE", "19751130"),
    )
    return house


async def test_a_misspelt_person_is_found_with_the_evidence_and_their_sum(house: House) -> None:
    [found] = await house.one(asked("HILDEBRANT", "MICHELLE", 19690208))
    assert found.file == "wanted"
    assert found.number == "9900000000001"
    assert found.tier == "strong"
    assert found.bits == pytest.approx(sum(line.bits for line in found.lines))
    assert any("one letter off" in line.text for line in found.lines)


async def test_a_batch_is_answered_in_its_order(house: House) -> None:
    one, nobody, other = await house.ask(
        asked("QUARTERMAIN", "ODILE", 19751130), asked("ZZYZX", "XQ"), asked("HILDEBRAND", "MICHELLE")
    )
    assert [found.number[-1] for found in one[:1] + other[:1]] == ["2", "1"]
    assert not nobody


async def test_a_whole_number_adds_its_bits_and_is_always_strong(house: House) -> None:
    [found] = await house.one(asked("QUITEOTHER", "NAME", 19200505, ssn=SSN))
    assert found.lines[0].text == "SOC exact"
    assert found.tier == "strong"


async def test_a_number_with_a_slip_adds_less(house: House) -> None:
    [whole] = await house.one(asked("HILDEBRAND", "MICHELLE", 19690208, ssn=SSN))
    [slip] = await house.one(asked("HILDEBRAND", "MICHELLE", 19690208, ssn=SSN_SLIP))
    [name] = await house.one(asked("HILDEBRAND", "MICHELLE", 19690208))
    assert name.bits < slip.bits < whole.bits
    assert slip.lines[0].text.startswith("SOC ")
    assert SSN not in slip.lines[0].text


async def test_records_for_training_are_apart(house: House) -> None:
    await house.load(person("HILDEBRAND, MICHELLE", "19690208", SOC=SSN), test=True)
    live = await house.one(asked("HILDEBRAND", "MICHELLE", 19690208, ssn=SSN))
    training = await house.one(asked("HILDEBRAND", "MICHELLE", 19690208, ssn=SSN, test=True))
    assert [found.record for found in live] == [1]
    assert [found.record for found in training] == [3]


async def test_without_a_birth_date_a_crowd_is_counted_as_wide(house: House) -> None:
    crowd = CROWD_MAX + 3
    await house.load(*(person("OVERBECK, LUDMILLA", f"19{60 + n}0101") for n in range(crowd)))
    found = await house.one(asked("OVERBECK", "LUDMILLA"))
    assert len(found) == crowd
    assert "possible" not in {one.tier for one in found}
    [dated] = [
        one for one in await house.one(asked("OVERBECK", "LUDMILLA", 19610101)) if one.tier == "strong"
    ]
    assert dated.record == house.ids - crowd + 1


async def test_only_the_best_are_read(house: House) -> None:
    await house.load(*(person("OVERBECK, LUDMILLA", f"19{50 + n}0101") for n in range(HITS_MAX + 5)))
    found = await house.one(asked("OVERBECK", "LUDMILLA"))
    assert len(found) == HITS_MAX + 5
    assert [bool(one.number) for one in found] == [True] * HITS_MAX + [False] * 5


async def test_a_record_that_ended_is_found_neither_by_name_nor_by_number(house: House) -> None:
    await house.line.execute("update record set status = 'cleared' where id = 1")
    await house.line.execute("delete from name_pair where record = 1")
    await house.line.execute("delete from person where record = 1")
    assert not await house.one(asked("HILDEBRAND", "MICHELLE", 19690208, ssn=SSN))


async def test_a_published_rule_finds_by_sound(house: House) -> None:
    files = RecordFiles(CATALOGUE, Source.STATE, VAULT, Rule.NCIC)
    [[found]] = await house.ask(asked("HILDEBRANT", "MONA", 19690208), files=files)
    assert found.number == "9900000000001"
    [none] = await house.ask(asked("HILDEBRAND", "MICHELLE", 19690209), files=files)
    assert not none


async def test_an_inquiry_finds_nobody_in_a_scratch_file(house: House) -> None:
    scratch = Scratch("other", VAULT)
    name = called("SELDOM", "SEEN", dob=19690208)
    await scratch.load(house.line, [Row("p1", "SELDOM, SEEN", name, "987654321")], house.stage.clock())
    await count(house.line)
    desk = Desk(house.stage, house.line)
    for text in (
        "QW.NAM/SELDOM, SEEN.DOB/19690208",
        "QW.SOC/987654321",
        "QW.NAM/SELDOM, SEEN.SOC/987654312.SRH/W",
    ):
        assert (await desk.one(text)).state == "no record", text
    assert not await house.one(asked("SELDOM", "SEEN", 19690208, ssn="987654321"))
    [found] = await house.one(PersonAsked(name, files=(scratch.file.code,)))
    assert found.number == "p1"
