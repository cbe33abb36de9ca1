"""A court's document through the switch: what it may, what the journal keeps of it, and how its answer is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import msgspec
import pytest

from tests.message.test_documents import JSON, XML
from tests.switch.stage import DIRECTORY, Stage, soon
from wireroom.lab.fit import facts
from wireroom.message.answer import Receipt
from wireroom.message.envelope import Seat, Way
from wireroom.policy.approvals import Approval
from wireroom.policy.directory import Agency, Directory, Terminal
from wireroom.switch.transaction import Switch

pytestmark = pytest.mark.anyio
COURT = "CA099023J"
CLERK = Seat(
    terminal="J001", ori=COURT, person="cara.court", role="court", facts=facts(COURT, date(2026, 3, 2))
)


def directory(stage: Stage, *ways: Way) -> Directory:
    """The stage's, with a court that is approved for some ways."""
    return Directory(
        (*DIRECTORY.agencies.values(), Agency(ori=COURT, name="Invented Court")),
        (*DIRECTORY.terminals.values(), Terminal(mnemonic="J001", ori=COURT)),
        tuple(Approval(ori=COURT, way=way, since=stage.clock(), by="dora.doj") for way in ways),
    )


@pytest.fixture
async def switch(stage: Stage) -> AsyncIterator[Switch]:
    stage.clock.now = stage.clock.now.replace(month=11, day=23)  # the day of the golden documents
    async with stage.running() as running:
        running.directory = directory(stage, Way.JSON, Way.NIEM)
        yield running


async def sent(stage: Stage, switch: Switch, text: str, way: Way) -> Receipt:
    arrival = msgspec.structs.replace(stage.arrival(text, CLERK), way=way)
    return await soon(switch.transact(arrival))


@pytest.mark.parametrize(("way", "text"), [(Way.JSON, JSON), (Way.NIEM, XML)])
async def test_a_document_makes_a_record_of_the_court_and_the_journal_keeps_it_whole(
    stage: Stage, switch: Switch, way: Way, text: str
) -> None:
    receipt = await sent(stage, switch, text, way)
    assert receipt.state == "accepted", receipt
    async with switch.mailbox("J001") as mail:
        answer = await soon(anext(mail))
    assert answer.state == "accepted"
    assert answer.hits[0].owner == COURT
    assert answer.asked.startswith("EPO.NAM/TESTCASE, JOHN MARK JR.")
    intent = (await stage.journal(receipt.number))[0]
    assert intent.detail["way"] == way
    assert intent.detail["typed"] == text
    assert str(intent.detail["text"]).startswith("EPO.NAM/TESTCASE")


async def test_a_way_that_is_not_approved_is_refused_and_nothing_is_touched(
    stage: Stage, switch: Switch
) -> None:
    switch.directory = directory(stage, Way.JSON)
    receipt = await sent(stage, switch, XML, Way.NIEM)
    assert (receipt.state, receipt.rule) == ("refused", "court-approved")
    assert (await stage.counts())["record"] == 0
    assert (await sent(stage, switch, JSON, Way.JSON)).state == "accepted"
    switch.directory = directory(stage)
    assert (await sent(stage, switch, JSON, Way.JSON)).rule == "court-approved"


async def test_another_courts_order_is_refused(stage: Stage, switch: Switch) -> None:
    receipt = await sent(stage, switch, JSON.replace(COURT, "CA099024J"), Way.JSON)
    assert (receipt.state, receipt.rule) == ("refused", "own-court")


async def test_a_faulty_document_is_in_the_journal_and_its_receipt_has_the_places(
    stage: Stage, switch: Switch
) -> None:
    receipt = await sent(stage, switch, JSON.replace("1979-03-03", "yesterday"), Way.JSON)
    assert receipt.state == "faulty"
    assert receipt.faults[0][0] == "DOB"
    assert receipt.places == ("$.restrained.birth_date",)
    (entry,) = await stage.journal(receipt.number)
    assert entry.tag == "text:faulty"
