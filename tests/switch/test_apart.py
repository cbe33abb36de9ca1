"""Claims about what is kept apart: the refused from all files, and training from all that is live."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import msgspec
import pytest

from tests.switch.stage import (
    BROAD,
    DESK,
    NO_ROWS,
    OTHER,
    POLICE,
    PUPIL,
    Pretended,
    Stage,
    answers,
    car,
    send,
    wanted,
)
from wireroom.journal.tags import Tag
from wireroom.message.answer import Answer, Question
from wireroom.switch import ledger

pytestmark = pytest.mark.anyio


# ------------------------------------------------------------------ 5 refused means untouched


class Untouchable:
    """Files that nobody may ask."""

    name = "STATE"

    async def ask(self, connection: asyncpg.Connection, questions: Sequence[Question]) -> list[Answer]:
        raise AssertionError("a refused message reached the files")


@pytest.mark.parametrize(
    ("text", "role"),
    [
        (BROAD + ".PUR/I", "operator"),
        (BROAD, "administrator"),
        (BROAD, "auditor"),
        (BROAD, "nobody"),
        (car(), "inquiry"),
        ("XV.FCN/0992606100001", "inquiry"),
    ],
)
async def test_what_is_refused_touches_nothing(stage: Stage, text: str, role: str) -> None:
    far = Pretended("NCIC")
    async with stage.running(far, files=Untouchable()) as switch:
        receipt = await send(stage, switch, text, msgspec.structs.replace(DESK, role=role))
        [entry] = await stage.journal()
    assert receipt.state == "refused"
    assert receipt.rule == entry.detail["rule"]
    assert entry.tag == Tag.TEXT_REFUSED
    assert far.asked == []
    assert await stage.counts() == {**NO_ROWS, "claim": 1}


# ------------------------------------------------------------------ 6 training and live never meet


async def test_training_and_live_see_each_others_records_neither_by_number_nor_by_name(stage: Stage) -> None:
    texts = (BROAD, "QW.NAM/TESTCASE, JANE.DOB/19900101", "QW.NAM/TESTCASE, JANE")
    async with stage.running() as switch:
        await answers(stage, switch, car(), PUPIL)
        await answers(stage, switch, wanted(), PUPIL)
        for text in texts:
            assert (await answers(stage, switch, text))[0].state == "no record"
            assert (await answers(stage, switch, text, PUPIL))[0].state == "hit"
        await answers(stage, switch, car("7QQQ002", case="99-000003"))
        [live] = await answers(stage, switch, "QV.LIC/7QQQ002.LIS/CA")
        [taught] = await answers(stage, switch, "QV.LIC/7QQQ002.LIS/CA", PUPIL)
    assert (live.state, taught.state) == ("hit", "no record")


async def test_neither_changes_a_record_of_the_other(stage: Stage) -> None:
    async with stage.running() as switch:
        numbers = {}
        for seat in (DESK, PUPIL):
            [entered] = await answers(stage, switch, car(), seat)
            numbers[seat.terminal] = entered.hits[0].number
        other = msgspec.structs.replace(PUPIL, ori=POLICE, facts=DESK.facts)
        for text in ("XV.FCN/{}", "MV.FCN/{}.VCO/RED", "LV.FCN/{}.DOL/20260301.LCA/1"):
            for seat, number in ((other, numbers["Z001"]), (OTHER, numbers["T001"])):
                [said] = await answers(stage, switch, text.format(number), seat)
                assert (said.state, said.title) == ("refused", f"NOT ON FILE FCN/{number}")
    assert {row[0] for row in await stage.rows("select version from record")} == {1}


async def test_training_is_not_asked_of_another_system(stage: Stage) -> None:
    ncic, dmv = Pretended("NCIC"), Pretended("DMV")
    async with stage.running(ncic, dmv) as switch:
        assert [one.source for one in await answers(stage, switch, BROAD, PUPIL)] == ["STATE"]
        [answer] = await answers(stage, switch, "RQ.LIC/7QQQ001", PUPIL)
        assert [one.source for one in await answers(stage, switch, BROAD)] == ["STATE", "DMV", "NCIC"]
    assert (answer.source, answer.state) == ("DMV", "out of service")
    assert "TRAINING DOES NOT REACH" in answer.text
    assert {question.seat.test for question in (*ncic.asked, *dmv.asked)} == {False}


async def test_messages_of_training_reach_training_and_nobody_else(stage: Stage) -> None:
    async with stage.running() as switch:
        for seat, address in ((PUPIL, "Z001"), (PUPIL, POLICE), (DESK, "T002"), (DESK, "CA0970100")):
            assert (await send(stage, switch, f"AM.TO/{address}.TXT/HELLO", seat)).state == "faulty"
        [queued] = await answers(stage, switch, "AM.TO/CA0970100.TXT/HELLO", PUPIL)
    assert queued.title == "QUEUED FOR T002"
    line, found = await stage.connect(), set()
    for terminal in {row[0] for row in await stage.rows("select terminal from delivery")}:
        mail = await ledger.waiting(line, stage.texts, terminal, 0, 100)
        found |= {terminal for one in mail if "HELLO" in one.text}
    assert found == {"T002"}
