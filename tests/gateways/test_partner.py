"""Claims about a partner: whatever it sends, a question gets its own answer, or silence told as silence."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.switch.stage import CATALOGUE, DESK, PUPIL, soon
from wireroom.catalog.file import Source
from wireroom.gateways.link import ControlInUse, Link, LinkBusy, LinkDown, LinkError, LinkTerms, NoAnswer
from wireroom.gateways.partner import CONTROLS, Partner
from wireroom.gateways.pretend import PretendedPartner
from wireroom.message.answer import Answer, Hit, Question, State
from wireroom.message.envelope import Message
from wireroom.message.reply import write_reply
from wireroom.message.turns import HOUSE, Whose
from wireroom.wire.client import Terms
from wireroom.wire.payload import Logon
from wireroom.wire.server import Server

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUICK = Terms(backoff_first_s=0.005, backoff_max_s=0.01, tick_s=0.005)
SECRET = "agreed"


def question(transaction: int, plate: str = "7QQQ001") -> Question:
    message = Message("QV", (("LIC", plate), ("LIS", "CA")))
    return Question(transaction=transaction, leg=1, source="NCIC", message=message, seat=DESK, at=NOON)


def hit_of(plate: str) -> Answer:
    found = Hit(
        file="vehicle",
        number="V000000000",
        owner="CA0990100",
        status="active",
        fields=(("LIC", plate), ("LIS", "CA")),
    )
    return Answer(source="NCIC", state=State.HIT, hits=(found,))


def reply(control: str, answer: Answer, plate: str = "7QQQ001") -> str:
    return write_reply(answer, question(0, plate).message, CATALOGUE, control=control, ori="CA0990000")


class Wire:
    """A link without a line: the test says what comes back."""

    def __init__(self) -> None:
        self.up = True
        self.open: dict[str, asyncio.Future[str]] = {}
        self.texts: dict[str, str] = {}
        self.came = asyncio.Event()

    async def ask(
        self, text: str, control: str, deadline_s: float | None = None, *, whose: Whose = HOUSE
    ) -> str:
        assert control not in self.texts, "a control was used twice"
        self.open[control] = asyncio.get_running_loop().create_future()
        self.texts[control] = text
        self.came.set()
        return await self.open[control]


class Lates:
    def __init__(self) -> None:
        self.taken: list[tuple[Question, Answer]] = []
        self.trouble: Exception | None = None
        self.came = asyncio.Event()

    async def __call__(self, asked: Question, answer: Answer) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.taken.append((asked, answer))
        self.came.set()


def made(wire: Wire, lates: Lates, *, worker: int = 0, first: int = 0) -> Partner:
    partner = Partner(CATALOGUE, "NCIC", worker=worker, deadline_s=1.0, first=first)
    partner.attach(wire, lates)  # type: ignore[arg-type]
    return partner


async def asking(partner: Partner, wire: Wire, one: Question) -> tuple[str, asyncio.Task[Answer]]:
    """A question that waits, and its control."""
    wire.came.clear()
    task = asyncio.create_task(partner.ask(one))
    await wire.came.wait()
    return next(reversed(wire.open)), task


async def seen_down(partner: Partner) -> None:
    """Until the link knows that its line is gone, which needs nothing but turns of the loop."""
    async with asyncio.timeout(10):
        while partner.up:  # noqa: ASYNC110 - a link tells nobody when it goes down
            await asyncio.sleep(0)


# ------------------------------------------------------------------ what a reply may be


@pytest.mark.anyio
async def test_a_reply_is_the_answer_to_its_question() -> None:
    wire = Wire()
    control, task = await asking(made(wire, Lates()), wire, question(1))
    assert wire.texts[control] == f"QV.{question(1).seat.ori}.LIC/7QQQ001.LIS/CA", (
        "for whom it is asked stands in it"
    )
    wire.open[control].set_result(reply(control, hit_of("7QQQ001")))
    answer = await soon(task)
    assert (answer.source, answer.state, answer.late) == ("NCIC", "hit", False)
    assert answer.hits == hit_of("7QQQ001").hits


WRONG: tuple[Callable[[str], str], ...] = (
    lambda control: reply("0000000000", hit_of("7QQQ001")),
    lambda control: "",
    lambda control: "\x00\x01 garbage",
    lambda control: reply(control, hit_of("7QQQ001")).replace("NCIC HIT", "NCIC MAYBE"),
    lambda control: reply(control, hit_of("7QQQ001")).replace("NCIC HIT", "DMV HIT"),
    lambda control: reply(control, hit_of("7QQQ001")).replace("FILE/vehicle", "FILE/submarine"),
    lambda control: f"1L01{control}\nCA0990000\nNCIC HIT",
    lambda control: f"1L01{control}\nCA0990000\nNCIC RECORD",
    lambda control: reply(control, hit_of("7QQQ001")).replace("FILE/vehicle", "FILE/registration"),
    lambda control: reply(control, hit_of("7QQQ001")) + "X" * 70_000,
)


@pytest.mark.anyio
@pytest.mark.parametrize("wrong", WRONG)
async def test_a_reply_that_cannot_be_this_questions_is_no_answer(wrong: Callable[[str], str]) -> None:
    wire = Wire()
    control, task = await asking(made(wire, Lates()), wire, question(1))
    wire.open[control].set_result(wrong(control))
    answer = await soon(task)
    assert (answer.state, answer.hits) == ("no answer", ())
    assert answer.text in ("THE REPLY COULD NOT BE READ", "THE REPLY BELONGS TO ANOTHER QUESTION")


@given(
    st.text(max_size=400), st.sampled_from(["", "1L01{c}\nX\nNCIC HIT\n\nMKE/", "1L01{c}\nX\nNCIC RECORD\n"])
)
@settings(deadline=None, max_examples=200)
def test_no_text_of_a_partner_makes_it_raise(text: str, head: str) -> None:
    async def run() -> None:
        wire = Wire()
        control, task = await asking(made(wire, Lates()), wire, question(1))
        wire.open[control].set_result(head.format(c=control) + text)
        answer = await task
        assert answer.state != "hit" or answer.hits

    asyncio.run(run())


# ------------------------------------------------------------------ trouble is an answer too


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("trouble", "state"),
    [
        (LinkDown("down"), "out of service"),
        (LinkBusy("full"), "out of service"),
        (NoAnswer("silent"), "no answer"),
        (ControlInUse("used"), "no answer"),
        (LinkError("other"), "no answer"),
    ],
)
async def test_trouble_is_an_answer_and_never_raises(trouble: LinkError, state: str) -> None:
    wire = Wire()
    control, task = await asking(made(wire, Lates()), wire, question(1))
    wire.open[control].set_exception(trouble)
    assert (await soon(task)).state == state


@pytest.mark.anyio
async def test_a_training_seat_is_not_asked_for() -> None:
    wire = Wire()
    answer = await made(wire, Lates()).ask(msgspec.structs.replace(question(1), seat=PUPIL))
    assert answer.state == "out of service"
    assert wire.texts == {}


@pytest.mark.anyio
@pytest.mark.parametrize(
    "trouble", [NoAnswer("silent"), LinkDown("the line ended after the question went out")]
)
async def test_what_comes_after_all_comes_marked_as_late_and_once(trouble: LinkError) -> None:
    wire, lates = Wire(), Lates()
    partner = made(wire, lates)
    control, task = await asking(partner, wire, question(1))
    wire.open[control].set_exception(trouble)
    await soon(task)
    for _ in range(2):
        await partner.late(control, reply(control, hit_of("7QQQ001")))
    [(asked, answer)] = lates.taken
    assert (asked.transaction, answer.state, answer.late) == (1, "hit", True)


@pytest.mark.anyio
async def test_a_late_answer_that_was_not_taken_may_come_again() -> None:
    wire, lates = Wire(), Lates()
    partner = made(wire, lates)
    control, task = await asking(partner, wire, question(1))
    wire.open[control].set_exception(NoAnswer("silent"))
    await soon(task)
    lates.trouble = OSError("the disk is full")
    with pytest.raises(OSError, match="full"):
        await partner.late(control, reply(control, hit_of("7QQQ001")))
    lates.trouble = None
    await partner.late(control, reply(control, hit_of("7QQQ001")))
    assert len(lates.taken) == 1


@pytest.mark.anyio
async def test_what_answers_nothing_we_asked_reaches_nobody() -> None:
    wire, lates = Wire(), Lates()
    partner = made(wire, lates)
    await partner.late("0000000009", reply("0000000009", hit_of("7QQQ001")))
    control, task = await asking(partner, wire, question(1))
    wire.open[control].set_result(reply(control, hit_of("7QQQ001")))
    await soon(task)
    await partner.late(control, reply(control, hit_of("7QQQ001")))
    assert lates.taken == []


# ------------------------------------------------------------------ controls


@pytest.mark.anyio
async def test_no_two_processes_of_any_time_use_one_control() -> None:
    used: set[str] = set()
    millisecond = 1_800_000_000_000
    for worker, first in (
        (0, 8 * millisecond),
        (0, 8 * (millisecond + 1_000)),
        (1, 8 * millisecond),
        (1023, 0),
    ):
        wire = Wire()
        partner = made(wire, Lates(), worker=worker, first=first)
        for transaction in range(300):
            control, task = await asking(partner, wire, question(transaction))
            assert len(control) == 10
            used.add(control)
            wire.open[control].cancel()
            await asyncio.gather(task, return_exceptions=True)
    assert len(used) == 1200
    wire = Wire()
    control, task = await asking(made(wire, Lates(), first=CONTROLS - 1), wire, question(1))
    assert control == "0" * 10
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


# ------------------------------------------------------------------ any order of any replies

Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["ask", "answer", "swap", "garbage", "expire", "down", "late", "late swap"]),
              st.integers(0, 5), st.integers(0, 5)),
    max_size=40,
)  # fmt: skip


@given(STEPS)
@settings(deadline=None, max_examples=150)
def test_whatever_comes_in_whatever_order_no_answer_meets_another_question(steps: Sequence[Step]) -> None:
    asyncio.run(_play(steps))


async def _play(steps: Sequence[Step]) -> None:
    wire, lates = Wire(), Lates()
    partner = made(wire, lates)
    asked: list[tuple[str, asyncio.Task[Answer]]] = []
    for act, at, other in steps:
        if act == "ask":
            asked.append(await asking(partner, wire, question(len(asked), f"7QQQ{len(asked):03}")))
            continue
        if at >= len(asked) or other >= len(asked):
            continue
        control, waits = asked[at][0], wire.open[asked[at][0]]
        of = asked[other][0]
        own = reply(control, hit_of(f"7QQQ{at:03}"))
        another = reply(of, hit_of(f"7QQQ{other:03}"))
        if act == "late":
            await partner.late(control, own)
        elif act == "late swap" and at != other:
            await partner.late(control, another)
        elif waits.done():
            continue
        elif act in ("expire", "down"):
            waits.set_exception(NoAnswer("") if act == "expire" else LinkDown(""))
        elif act != "late swap":
            waits.set_result({"answer": own, "swap": another, "garbage": "?"}[act])
        for _ in range(3):
            await asyncio.sleep(0)
    for place, (control, task) in enumerate(asked):
        if not wire.open[control].done():
            wire.open[control].set_exception(NoAnswer(""))
        answer = await task
        assert all(dict(hit.fields)["LIC"] == f"7QQQ{place:03}" for hit in answer.hits)
    for late_question, answer in lates.taken:
        assert answer.late
        assert all(dict(hit.fields)["LIC"] == late_question.message.get("LIC") for hit in answer.hits)
    assert len({one.transaction for one, _ in lates.taken}) == len(lates.taken)


# ------------------------------------------------------------------ over a real line

AskFiles = Callable[[Sequence[Question]], Awaitable[list[Answer]]]


class Far:
    """A pretended partner behind a real socket, that can go away and come back at the same port."""

    def __init__(self) -> None:
        self.port = 0
        self.open = asyncio.Event()
        self.open.set()
        self.asked = 0
        self.asked_now = asyncio.Event()

    async def _ask(self, questions: Sequence[Question]) -> list[Answer]:
        self.asked += len(questions)
        self.asked_now.set()
        await self.open.wait()
        return [hit_of(one.message.get("LIC")) for one in questions]

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        door = PretendedPartner(Source.NCIC, CATALOGUE, self._ask, secret=SECRET, clock=lambda: NOON)
        server = Server(door)
        await server.start("127.0.0.1", self.port)
        self.port = server.port
        running = asyncio.create_task(door.run())
        try:
            yield
        finally:
            running.cancel()
            await server.close(0.2)
            await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def linked(far: Far, lates: Lates, deadline_s: float) -> AsyncIterator[Partner]:
    partner = Partner(CATALOGUE, "NCIC", worker=0, deadline_s=deadline_s)
    link = Link(
        "NCIC", "127.0.0.1", far.port, Logon(terminal="W000", secret=SECRET), clock=lambda: NOON,
        dice=random.Random(1), on_late=partner.late, terms=LinkTerms(wire=QUICK, deadline_s=deadline_s),
    )  # fmt: skip
    partner.attach(link, lates)
    link.start()
    await link.linked_within(10)
    try:
        yield partner
    finally:
        await link.close()


@pytest.mark.anyio
async def test_a_partner_that_is_down_is_out_of_service_at_once_and_back_when_it_is_up() -> None:
    far = Far()
    async with far.up():
        pass
    async with far.up():
        going = linked(far, Lates(), 30.0)
        partner = await going.__aenter__()
        assert (await soon(partner.ask(question(1)))).state == "hit"
    try:
        await seen_down(partner)
        async with asyncio.timeout(1):
            assert (await partner.ask(question(2))).state == "out of service"
        async with far.up():
            await partner.link.linked_within(10)
            assert (await soon(partner.ask(question(3)))).state == "hit"
    finally:
        await going.__aexit__(None, None, None)


@pytest.mark.anyio
async def test_a_silent_partner_is_no_answer_at_the_deadline_and_its_answer_comes_late() -> None:
    far, lates = Far(), Lates()
    async with far.up(), linked(far, lates, 0.05) as partner:
        far.open.clear()
        assert (await soon(partner.ask(question(7, "7QQQ007")))).state == "no answer"
        far.open.set()
        await soon(lates.came.wait())
    [(asked, answer)] = lates.taken
    assert (asked.transaction, answer.late, dict(answer.hits[0].fields)["LIC"]) == (7, True, "7QQQ007")
