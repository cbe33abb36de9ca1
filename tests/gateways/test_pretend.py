"""Claims about a pretended partner: it lets in who has the secret, answers what it takes, and outlives its troubles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from tests.switch.stage import CATALOGUE, soon
from wireroom.catalog.file import Source
from wireroom.gateways import pretend
from wireroom.gateways.pretend import PretendedPartner
from wireroom.message.answer import Answer, Delivery, Question, State
from wireroom.message.envelope import Seat
from wireroom.message.reply import read_reply
from wireroom.wire.payload import Logon, Refusal

pytestmark = pytest.mark.anyio
QV = "QV.LIC/{}.LIS/CA"


class Files:
    """Answers whatever it is asked, unless a question is poison."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.oris: list[str] = []
        self.poison = ""
        self.short = False

    async def __call__(self, questions: Sequence[Question]) -> list[Answer]:
        self.batches.append(len(questions))
        self.oris += [one.seat.ori for one in questions]
        plates = [one.message.get("LIC") for one in questions]
        if self.poison in plates:
            raise ValueError("poison")
        answers = [Answer(source="NCIC", state=State.REFUSED, text=plate) for plate in plates]
        return answers[1:] if self.short else answers


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def partner(files: Files) -> PretendedPartner:
    return PretendedPartner(
        Source.NCIC, CATALOGUE, files, secret="agreed", clock=lambda: datetime(2026, 3, 2, tzinfo=UTC)
    )


async def seated(partner: PretendedPartner, terminal: str = "W000") -> Seat:
    found = await partner.logon(Logon(terminal=terminal, secret="agreed"), "peer")
    assert isinstance(found, Seat)
    return found


@asynccontextmanager
async def answering(partner: PretendedPartner) -> AsyncIterator[None]:
    task = asyncio.create_task(partner.run())
    try:
        yield
        assert not task.done(), "a pretended partner never gives up"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def some(mail: AsyncIterator[Delivery], count: int) -> list[Delivery]:
    return [await soon(anext(mail)) for _ in range(count)]


@pytest.mark.parametrize("secret", ["", "Agreed", "agreed ", "é"])
async def test_only_who_has_the_secret_is_let_in(partner: PretendedPartner, secret: str) -> None:
    assert isinstance(await partner.logon(Logon(terminal="W000", secret=secret), "peer"), Refusal)
    assert (await seated(partner)).terminal == "W000"


async def test_each_question_is_answered_under_its_own_key(partner: PretendedPartner, files: Files) -> None:
    seat = await seated(partner)
    for n in range(20):
        assert (await partner.send(seat, f"K{n}", QV.format(f"7QQQ{n:03}"), n)).state == "accepted"
    async with answering(partner), partner.mailbox(seat) as mail:
        for n, one in enumerate(await some(mail, 20)):
            control, answer = read_reply(one.text, CATALOGUE, source="NCIC")
            assert (one.key, control, answer.text) == (f"K{n}", f"K{n}", f"7QQQ{n:03}")
    assert files.batches == [20]


async def test_a_text_it_cannot_read_gets_its_faults(partner: PretendedPartner) -> None:
    receipt = await partner.send(await seated(partner), "K", "QV.LIC/*", 1)
    assert receipt.state == "faulty"
    assert receipt.faults


@pytest.mark.parametrize("text", ["AM.TO/Z001.TXT/HELLO", "YL.LST/OWED"])
async def test_it_takes_no_message_from_terminal_to_terminal(
    partner: PretendedPartner, files: Files, text: str
) -> None:
    assert (await partner.send(await seated(partner), "K", text, 1)).state == "refused"
    assert files.batches == []


async def test_the_states_own_keys_are_none_of_its(partner: PretendedPartner, files: Files) -> None:
    receipt = await partner.send(await seated(partner), "K", "VFY.FCN/0992606100001", 1)
    assert (receipt.state, files.batches) == ("faulty", [])


async def test_a_change_is_made_for_the_agency_that_the_state_names(
    partner: PretendedPartner, files: Files
) -> None:
    seat = await seated(partner)
    text = "XV.CA0980100.NIC/V000000018"
    assert (await partner.send(seat, "K", text, 1)).state == "accepted"
    async with answering(partner), partner.mailbox(seat) as mail:
        await some(mail, 1)
    assert files.oris == ["CA0980100"]


async def test_a_full_queue_is_busy(
    partner: PretendedPartner, monkeypatch: pytest.MonkeyPatch, files: Files
) -> None:
    monkeypatch.setattr(pretend, "QUEUE_MAX", 2)
    small = PretendedPartner(Source.NCIC, CATALOGUE, files, secret="agreed", clock=lambda: datetime.now(UTC))
    seat = await seated(small)
    states = [(await small.send(seat, f"K{n}", QV.format("7QQQ001"), n)).state for n in range(3)]
    assert states == ["accepted", "accepted", "busy"]


async def test_a_poisoned_question_fails_alone(partner: PretendedPartner, files: Files) -> None:
    files.poison = "7QQQ003"
    seat = await seated(partner)
    for n in range(6):
        await partner.send(seat, f"K{n}", QV.format(f"7QQQ{n:03}"), n)
    async with answering(partner), partner.mailbox(seat) as mail:
        states = [one.state for one in await some(mail, 6)]
    assert states == ["refused"] * 3 + ["out of service"] + ["refused"] * 2


async def test_two_switches_get_their_own_answers(partner: PretendedPartner) -> None:
    one, two = await seated(partner, "W000"), await seated(partner, "W001")
    await partner.send(one, "K", QV.format("7QQQ001"), 1)
    await partner.send(two, "K", QV.format("7QQQ002"), 1)
    async with answering(partner), partner.mailbox(one) as first, partner.mailbox(two) as second:
        assert "7QQQ001" in (await some(first, 1))[0].text
        assert "7QQQ002" in (await some(second, 1))[0].text


async def test_a_newer_line_of_the_same_switch_keeps_its_answers_when_the_older_ends(
    partner: PretendedPartner,
) -> None:
    old = await seated(partner)
    async with answering(partner):
        async with partner.mailbox(old):
            new = await seated(partner)  # the line broke and came back before the old one was seen to end
            mailbox = partner.mailbox(new)
            mail = await mailbox.__aenter__()
        await partner.closed(old)
        await partner.send(new, "K", QV.format("7QQQ001"), 1)
        assert (await some(mail, 1))[0].key == "K"
        await mailbox.__aexit__(None, None, None)


async def test_an_answer_for_a_line_that_ended_is_nobodys(partner: PretendedPartner) -> None:
    seat = await seated(partner)
    async with partner.mailbox(seat):
        pass
    await partner.send(seat, "GONE", QV.format("7QQQ001"), 1)
    async with answering(partner):
        again = await seated(partner)
        async with partner.mailbox(again) as mail:
            await partner.send(again, "K", QV.format("7QQQ002"), 1)
            keys = {one.key for one in await some(mail, 1)}
    assert keys <= {"GONE", "K"}
