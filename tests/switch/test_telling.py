"""Claims about what is told unasked: however much is due at once, and to whom a record may be given."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.switch.stage import CATALOGUE, DIRECTORY, POLICE, Stage, answers, car, send
from wireroom.journal.numbers import BATCH_MAX, NumberMaker
from wireroom.message.answer import Notification
from wireroom.switch.telling import told

pytestmark = pytest.mark.anyio


def test_more_notices_than_a_batch_of_numbers_are_told_all_the_same(stage: Stage) -> None:
    numbers = NumberMaker(0, lambda: 1_800_000_000_000)
    many = 2 * BATCH_MAX + 1
    entries, deliveries = told(
        [Notification(code="$.V.", to=POLICE, text="TEST")] * many,
        directory=DIRECTORY, catalogue=CATALOGUE, numbers=numbers.batch, at=stage.clock(),
    )  # fmt: skip
    assert (len(entries), len(deliveries)) == (many, many * len(DIRECTORY.terminals_of[POLICE]))
    assert all(a.number < b.number for a, b in pairwise(entries))


@pytest.mark.parametrize(
    ("courtesy", "field"),
    [
        ("CTA/CA0960100", "CTA"),  # nobody's
        ("CTA/CA0970100", "CTA"),  # for training
        ("CTA/CA0980100.CTM/Z002", "CTM"),
        ("CTA/CA0980100.CTM/XXXX", "CTM"),
    ],
)
async def test_no_record_is_entered_for_who_cannot_keep_it(courtesy: str, field: str, stage: Stage) -> None:
    async with stage.running() as switch:
        receipt = await send(stage, switch, f"{car()}.{courtesy}")
    assert (receipt.state, receipt.faults[0][0]) == ("faulty", field)
    assert await stage.value("select count(*) from record") == 0


async def test_a_courtesy_entry_for_another_agency_is_taken(stage: Stage) -> None:
    async with stage.running() as switch:
        [answer] = await answers(stage, switch, f"{car()}.CTA/CA0980100.CTM/Y002")
    assert answer.state == "accepted"
    assert await stage.value("select owner from record") == "CA0980100"
