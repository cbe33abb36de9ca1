"""Claims about other holders: whatever is lost between us, in the end both say the same of every record."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import asyncpg
import pytest

from tests.conftest import created
from tests.records.desk import LivingDesk
from tests.switch.stage import DESK, OTHER, POLICE, VAULT, Stage, car, wanted
from wireroom.app.engine import Embedded
from wireroom.catalog.file import Source, Verb
from wireroom.message.answer import Answer, Notification, State
from wireroom.records.forwarding import Telling
from wireroom.records.shape import from_json

pytestmark = pytest.mark.anyio
SILENT = Answer(source="NCIC", state=State.NO_ANSWER)


class Pair:
    """The state and another holder, and a line between them that may lose what is sent or what is answered."""

    def __init__(self, state: LivingDesk, there: LivingDesk) -> None:
        self.state, self.there = state, there
        self.source = Source(there.files.name)
        self.sent: list[str] = []

    async def tell(self, dice: Random | None = None) -> list[Notification]:
        """Tells all that is due, until nothing is. With dice, half of all messages or answers are lost."""
        told: list[Notification] = []
        await self.state.follow()
        for _ in range(400):
            line, now = self.state.line, self.state.stage.clock()
            async with line.transaction():
                tellings = await self.state.files.forwarding.waiting(line, self.source, now, 16)
            if not tellings:
                return told
            for telling in tellings:
                answer = await self._said(telling, dice)
                async with line.transaction():
                    told += await self.state.files.forwarding.told(line, telling, answer, now)
            if dice is not None:
                self.state.stage.clock.tick(400)
        raise AssertionError("it never ends")

    async def _said(self, telling: Telling, dice: Random | None) -> Answer:
        if dice is not None and dice.random() < 0.25:
            return SILENT  # it never arrived
        self.sent.append(telling.message.key)
        seat = DESK if telling.ori == DESK.ori else OTHER
        answer = (await self.there.put(telling.message, seat=seat))[0]
        return SILENT if dice is not None and dice.random() < 0.33 else answer

    async def agree(self) -> int:
        """That both say the same of every record in force; how many there are."""
        ours = await _in_force(self.state, self.source)
        theirs = await _in_force(self.there, self.source)
        assert ours == theirs
        return len(ours)


async def _in_force(
    desk: LivingDesk, holder: Source
) -> dict[str, tuple[str, str, frozenset[tuple[str, str]]]]:
    """By the state's number: owner, status, and the fields that both have."""
    found = {}
    rows = await desk.line.fetch("select file, number from record where status in ('active', 'located')")
    for row in rows:
        file = desk.catalogue.files[row["file"]]
        forwards = [one for one in file.forwards if one.to is holder]
        if desk.files.name == "STATE" and not forwards:
            continue
        held = await desk.line.fetchrow(
            "select r.owner, r.status, r.fields::text as fields from record r where file = $1 and number = $2"
            " and status in ('active', 'located')", row["file"], row["number"],
        )  # fmt: skip
        assert held is not None

        fields = from_json(file, held["fields"], VAULT)
        number = row["number"] if desk.files.name == "STATE" else dict(fields)["FCN"]
        only = {"LIC", "LIS", "VIN", "OCA", "LIT", "REG", "BHN"} if holder is Source.DMV else None
        said = frozenset(
            pair for pair in fields
            if pair[0] not in ("FCN", "NIC", "LATE", "VLN", "DOV", "RPT", "RST") and (only is None or pair[0] in only)
        )  # fmt: skip
        status = held["status"] if holder is Source.NCIC else "active"
        found[number] = (held["owner"], status, said)
    return found


@pytest.fixture
def there(server: Embedded, template: str) -> Iterator[str]:
    with created(server, template) as dsn:
        yield dsn


async def paired(stage: Stage, dsn: str, source: Source) -> Pair:
    state = LivingDesk(stage, await stage.connect())
    line = await asyncpg.connect(dsn, timeout=5, command_timeout=20)
    stage.connections.append(line)
    return Pair(state, LivingDesk(stage, line, source))


@pytest.fixture
async def pair(stage: Stage, there: str) -> Pair:
    return await paired(stage, there, Source.NCIC)


async def test_a_record_gets_its_national_number_and_is_found_by_it(pair: Pair) -> None:
    number = await pair.state.entered(car())
    await pair.tell()
    [hit] = (await pair.state.one("QV.LIC/7QQQ001.LIS/CA")).hits
    nic = dict(hit.fields)["NIC"]
    assert nic[0] == "V"
    assert [one.number for one in (await pair.state.one(f"QV.NIC/{nic}")).hits] == [number]
    assert (await pair.state.one(f"MV.NIC/{nic}.VCO/RED")).state is State.ACCEPTED
    await pair.tell()
    assert await pair.agree() == 1
    assert pair.sent == ["EV", "MV"]


async def test_each_step_of_a_life_is_told_and_nothing_is_told_twice(pair: Pair) -> None:
    number = await pair.state.entered(car())
    await pair.tell()
    await pair.state.one(f"LV.FCN/{number}.DOL/20260302.LCA/99-9", OTHER)
    await pair.tell()
    await pair.state.one(f"CV.FCN/{number}.DCL/20260302")
    await pair.tell()
    assert pair.sent == ["EV", "LV", "CV"]
    assert await pair.agree() == 0
    assert await pair.there.line.fetchval("select status from record") == "cleared"


async def test_what_came_and_went_while_the_line_was_down_is_not_told_at_all(pair: Pair) -> None:
    number = await pair.state.entered(car())
    await pair.state.follow()
    await pair.state.one(f"XV.FCN/{number}")
    await pair.tell()
    assert pair.sent == []
    assert await pair.state.line.fetchval("select count(*) from forward where source = 'NCIC'") == 0


async def test_a_stored_car_and_training_are_nobodys_business(pair: Pair) -> None:
    await pair.state.entered(car(more=".CAT/D.VYR/2019.VMA/TOYT"))
    await pair.tell()
    assert pair.sent == []


async def test_a_record_that_ages_out_here_goes_there_too(pair: Pair) -> None:
    await pair.state.entered(car())
    await pair.tell()
    ends = await pair.state.line.fetchval("select due_at from record")
    await pair.state.line.execute("update record set validate_on = null")
    await pair.state.age(ends)
    await pair.tell()
    assert pair.sent[-1] == "XV"
    assert await pair.agree() == 0


async def test_what_is_gone_there_is_entered_anew(pair: Pair) -> None:
    number = await pair.state.entered(car())
    await pair.tell()
    await pair.there.line.execute("update record set status = 'purged'")
    await pair.state.one(f"MV.FCN/{number}.VCO/RED")
    await pair.tell()
    assert pair.sent == ["EV", "MV", "EV"]
    assert await pair.agree() == 1


async def test_a_refusal_is_told_to_the_owner_and_not_tried_again(pair: Pair) -> None:
    number = await pair.state.entered(car())
    await pair.tell()
    await pair.there.line.execute("update record set owner = 'CA0970100'")
    await pair.state.one(f"MV.FCN/{number}.VCO/RED")
    [notice] = await pair.tell()
    assert (notice.code, notice.to) == ("$.E.", POLICE)
    assert "NCIC DID NOT TAKE MV" in notice.text
    assert await pair.tell() == []


async def test_what_was_not_taken_is_entered_once_it_is_corrected(pair: Pair) -> None:
    there = await pair.there.one(car())  # of the same agency, not from us: ours is refused
    number = await pair.state.entered(car())
    [notice] = await pair.tell()
    assert notice.code == "$.E."
    await pair.there.one(f"XV.NIC/{there.hits[0].number}")
    await pair.state.one(f"MV.FCN/{number}.VCO/RED")
    assert await pair.tell() == []
    assert pair.sent == ["EV", "EV"]
    assert await pair.agree() == 1


async def test_an_entry_that_was_taken_unheard_is_taken_back_with_the_record(pair: Pair) -> None:
    number = await pair.state.entered(car())
    await pair.state.follow()
    line, now = pair.state.line, pair.state.stage.clock()
    async with line.transaction():
        [telling] = await pair.state.files.forwarding.waiting(line, pair.source, now, 16)
    assert (await pair.there.put(telling.message))[0].state is State.ACCEPTED
    async with line.transaction():
        await pair.state.files.forwarding.told(line, telling, SILENT, now)
    await pair.state.one(f"XV.FCN/{number}")
    pair.state.stage.clock.tick(400)
    assert await pair.tell() == []
    assert pair.sent == ["XV"]
    assert await pair.agree() == 0
    assert await pair.there.line.fetchval("select status from record") == "cancelled"


async def test_an_entry_that_was_lost_is_taken_back_without_a_word_to_its_owner(pair: Pair) -> None:
    number = await pair.state.entered(car())
    await pair.state.follow()
    line, now = pair.state.line, pair.state.stage.clock()
    async with line.transaction():
        [telling] = await pair.state.files.forwarding.waiting(line, pair.source, now, 16)
        await pair.state.files.forwarding.told(line, telling, SILENT, now)
    await pair.state.one(f"XV.FCN/{number}")
    pair.state.stage.clock.tick(400)
    assert await pair.tell() == []
    assert await line.fetchval("select count(*) from forward where source = 'NCIC'") == 0


async def test_the_stop_at_the_dmv_stands_as_long_as_the_record(stage: Stage, there: str) -> None:
    pair = await paired(stage, there, Source.DMV)
    number = await pair.state.entered(car())
    await pair.tell()
    found = await pair.there.one("RQ.LIC/7QQQ001.LIS/CA")
    assert [(hit.file, hit.number) for hit in found.hits] == [("stop", number)]
    await pair.state.one(f"LV.FCN/{number}.DOL/20260302.LCA/99-9", OTHER)
    await pair.tell()
    assert (await pair.there.one("RQ.LIC/7QQQ001.LIS/CA")).hits, "a located car is not yet the owner's again"
    await pair.state.one(f"CV.FCN/{number}.DCL/20260302")
    await pair.tell()
    assert (await pair.there.one("RQ.LIC/7QQQ001.LIS/CA")).state is State.NO_RECORD
    assert await pair.agree() == 0


@pytest.mark.parametrize("seed", range(6))
async def test_after_any_history_on_any_line_both_agree(seed: int, pair: Pair) -> None:
    dice = Random(seed)
    numbers: list[str] = []
    for step in range(40):
        await _something(pair.state, dice, numbers, step)
        if dice.random() < 0.3:
            await pair.tell(dice)
    await pair.tell(dice)
    pair.state.stage.clock.tick(1000)
    await pair.tell()
    assert await pair.agree() == await pair.state.line.fetchval(
        "select count(*) from record where status in ('active', 'located')"
    )


async def _something(state: LivingDesk, dice: Random, numbers: list[str], step: int) -> None:
    if not numbers or dice.random() < 0.35:
        text = (
            car(f"7QQQ{step:03}", case=f"99-{step:06}")
            if dice.random() < 0.5
            else wanted(f"TESTCASE, A{step}".replace("0", "O").translate(_LETTERS), case=f"99-{step:06}")
        )
        numbers.append(await state.entered(text))
        return
    number = dice.choice(numbers)
    file = await state.line.fetchval("select file from record where number = $1", number)
    key = {"vehicle": "V", "wanted": "W"}[file]
    forms = {
        Verb.MODIFY: f"M{key}.FCN/{number}.{'VCO' if key == 'V' else 'EYE'}/{dice.choice(('BLU', 'BRO'))}",
        Verb.LOCATE: f"L{key}.FCN/{number}.DOL/20260302.LCA/99-{step}",
        Verb.CLEAR: f"C{key}.FCN/{number}.DCL/20260302",
        Verb.CANCEL: f"X{key}.FCN/{number}",
    }
    if key == "W":
        forms[Verb.SUPPLEMENT] = f"EN.FCN/{number}.AKA/SPECIMEN, OLGA {dice.choice('ABC')}"
        forms[Verb.STRIKE] = f"XN.FCN/{number}.AKA/SPECIMEN, OLGA {dice.choice('ABC')}"
    weights = {Verb.CLEAR: 1, Verb.CANCEL: 1}
    verb = dice.choices(list(forms), [weights.get(one, 4) for one in forms])[0]
    await state.one(forms[verb], OTHER if verb is Verb.LOCATE else DESK)


_LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")
