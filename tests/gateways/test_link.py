"""Claims about a link to a partner: an answer meets its own question, or is known as late or strange."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wireroom.gateways.link import (
    ControlInUse,
    Declined,
    Link,
    LinkBusy,
    LinkDown,
    LinkTerms,
    NoAnswer,
    Wheel,
)
from wireroom.message.answer import Delivery, Receipt
from wireroom.message.envelope import Seat
from wireroom.message.turns import Whose
from wireroom.wire import NotLinked
from wireroom.wire.client import Terms
from wireroom.wire.payload import Logon, Refusal
from wireroom.wire.server import Server

PATIENCE_S = 10.0  # for what must happen at once; reached only when a test fails
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUICK = Terms(backoff_first_s=0.005, backoff_max_s=0.01, tick_s=0.005)


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": request.param}


class Partner:
    """Takes questions; answers by itself when it is told to, or when the test says so."""

    def __init__(self) -> None:
        self.by_itself = True
        self.refusal: Refusal | None = None
        self.receipt = Receipt(number=1, state="accepted")
        self.asked: list[tuple[str, str]] = []
        self.acknowledged: list[int] = []
        self.logons = 0
        self._number = 0
        self._kept: dict[int, Delivery] = {}
        self._mail: asyncio.Queue[Delivery] = asyncio.Queue()
        self._changed = asyncio.Condition()

    async def logon(self, logon: Logon, peer: str) -> Seat | Refusal:
        self.logons += 1
        return self.refusal or Seat(terminal=logon.terminal, ori="CA0990100", person="", role="link")

    async def send(self, seat: Seat, key: str, text: str, sequence: int) -> Receipt:
        self.asked.append((key, text))
        if self.by_itself:
            self.answer(key, f"ANSWER TO {text}")
        await self._tell()
        return self.receipt

    def answer(self, key: str, text: str, *, part: int = 0, parts: int = 0) -> None:
        self._number += 1
        delivery = Delivery(
            number=self._number,
            terminal="STAT",
            transaction=1,
            kind="answer",
            source="NCIC",
            state="no record",
            title="",
            text=text,
            part=part,
            parts=parts,
            key=key,
        )
        self._kept[delivery.number] = delivery
        self._mail.put_nowait(delivery)

    @asynccontextmanager
    async def mailbox(self, seat: Seat) -> AsyncIterator[AsyncIterator[Delivery]]:
        mail: asyncio.Queue[Delivery] = asyncio.Queue()
        for delivery in self._kept.values():
            mail.put_nowait(delivery)
        self._mail = mail

        async def read() -> AsyncIterator[Delivery]:
            while True:
                yield await mail.get()

        yield read()

    async def acknowledge(self, seat: Seat, numbers: Sequence[int]) -> None:
        self.acknowledged.extend(numbers)
        for number in numbers:
            del self._kept[number]
        await self._tell()

    async def closed(self, seat: Seat) -> None:
        await self._tell()

    async def until_asked(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: len(self.asked) >= count)

    async def until_acknowledged(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: len(self.acknowledged) >= count)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


class Late:
    """Takes late answers, and may fail to."""

    def __init__(self) -> None:
        self.taken: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.fails = 0
        self.failed = asyncio.Event()

    async def __call__(self, control: str, text: str) -> None:
        if self.fails:
            self.fails -= 1
            self.failed.set()
            raise OSError("the disk is full")
        self.taken.put_nowait((control, text))

    async def next(self) -> tuple[str, str]:
        async with asyncio.timeout(PATIENCE_S):
            return await self.taken.get()


@pytest.fixture
def partner() -> Partner:
    return Partner()


@pytest.fixture
def late() -> Late:
    return Late()


@pytest.fixture
async def server(anyio_backend: object, partner: Partner) -> AsyncIterator[Server]:
    server = Server(partner)
    await server.start("127.0.0.1", 0)
    yield server
    await server.close()


def make(port: int, late: Late, terms: LinkTerms | None = None) -> Link:
    return Link(
        "NCIC",
        "127.0.0.1",
        port,
        Logon(terminal="STAT"),
        clock=lambda: NOON,
        dice=random.Random(1),
        on_late=late,
        terms=terms or LinkTerms(wire=QUICK, deadline_s=30.0),
    )


@asynccontextmanager
async def linked(server: Server, late: Late, terms: LinkTerms | None = None) -> AsyncIterator[Link]:
    link = make(server.port, late, terms)
    link.start()
    await link.linked_within(PATIENCE_S)
    try:
        yield link
    finally:
        await link.close()


@pytest.mark.anyio
async def test_many_questions_share_a_line_and_each_gets_its_own_answer(
    server: Server, partner: Partner, late: Late
) -> None:
    async with linked(server, late) as link:
        answers = await asyncio.gather(*(link.ask(f"QV {n}", f"C{n}") for n in range(150)))
        assert answers == [f"ANSWER TO QV {n}" for n in range(150)]
        await partner.until_acknowledged(150)
        state = link.state()
        assert (state.up, state.waiting, state.sent, state.answered) == (True, 0, 150, 150)
        assert state.since == NOON.isoformat()


@pytest.mark.anyio
async def test_answers_in_any_order_find_their_questions(
    server: Server, partner: Partner, late: Late
) -> None:
    partner.by_itself = False
    async with linked(server, late) as link:
        asking = [asyncio.ensure_future(link.ask("QV", control)) for control in ("A", "B", "C")]
        await partner.until_asked(3)
        for control in ("C", "A", "B"):
            partner.answer(control, f"FOR {control}")
        assert await asyncio.gather(*asking) == ["FOR A", "FOR B", "FOR C"]


@pytest.mark.anyio
async def test_an_answer_in_parts_is_whole_when_all_are_there(
    server: Server, partner: Partner, late: Late
) -> None:
    partner.by_itself = False
    async with linked(server, late) as link:
        asking = asyncio.ensure_future(link.ask_whole("QW", "A"))
        await partner.until_asked(1)
        partner.answer("A", "SECOND", part=2, parts=2)
        partner.answer("A", "FIRST", part=1, parts=2)
        assert [part.text for part in await asking] == ["FIRST", "SECOND"]
        await partner.until_acknowledged(2)


@pytest.mark.anyio
async def test_a_part_that_comes_twice_is_told_and_not_counted_twice(
    server: Server, partner: Partner, late: Late
) -> None:
    partner.by_itself = False
    async with linked(server, late) as link:
        asking = asyncio.ensure_future(link.ask("QW", "A"))
        await partner.until_asked(1)
        partner.answer("A", "FIRST", part=1, parts=2)
        partner.answer("A", "FIRST AGAIN", part=1, parts=2)
        assert await late.next() == ("A", "FIRST AGAIN")
        partner.answer("A", "SECOND", part=2, parts=2)
        assert await asking == "FIRST\nSECOND"
        await partner.until_acknowledged(3)


@pytest.mark.anyio
async def test_a_control_that_waits_or_was_used_lately_is_refused(
    server: Server, partner: Partner, late: Late
) -> None:
    partner.by_itself = False
    async with linked(server, late) as link:
        asking = asyncio.ensure_future(link.ask("QV", "A"))
        await partner.until_asked(1)
        with pytest.raises(ControlInUse, match="choose another"):
            await link.ask("QV", "A")
        partner.answer("A", "X")
        await asking
        with pytest.raises(ControlInUse):
            await link.ask("QV", "A")
        assert len(partner.asked) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("control", ["", "12345678901"])
async def test_a_control_has_one_to_ten_characters(server: Server, late: Late, control: str) -> None:
    async with linked(server, late) as link:
        with pytest.raises(ValueError, match="1 to 10"):
            await link.ask("QV", control)


@pytest.mark.anyio
async def test_a_late_answer_is_told_as_late_and_then_acknowledged(
    server: Server, partner: Partner, late: Late
) -> None:
    partner.by_itself = False
    async with linked(server, late) as link:
        with pytest.raises(NoAnswer, match="did not answer A"):
            await link.ask("QV", "A", 0.0)
        await partner.until_asked(1)
        partner.answer("A", "AT LAST")
        assert await late.next() == ("A", "AT LAST")
        await partner.until_acknowledged(1)
        state = link.state()
        assert (state.expired, state.late, state.unmatched, state.answered) == (1, 1, 0, 0)


@pytest.mark.anyio
async def test_an_answer_to_nothing_known_is_told_as_unmatched(
    server: Server, partner: Partner, late: Late
) -> None:
    async with linked(server, late) as link:
        partner.answer("WHO", "STRANGE")
        assert await late.next() == ("WHO", "STRANGE")
        await partner.until_acknowledged(1)
        assert (link.state().unmatched, link.state().late) == (1, 0)


@pytest.mark.anyio
async def test_a_second_answer_to_one_question_meets_no_other(
    server: Server, partner: Partner, late: Late
) -> None:
    async with linked(server, late) as link:
        await link.ask("QV", "A")
        partner.answer("A", "AGAIN")
        assert await late.next() == ("A", "AGAIN")
        assert link.state().unmatched == 1


@pytest.mark.anyio
async def test_what_came_of_an_unfinished_answer_is_told_as_late(
    server: Server, partner: Partner, late: Late
) -> None:
    partner.by_itself = False
    async with linked(server, late) as link:
        asking = asyncio.ensure_future(link.ask("QW", "A"))
        await partner.until_asked(1)
        partner.answer("A", "FIRST OF TWO", part=1, parts=2)
        partner.answer("B", "MARK")
        assert await late.next() == ("B", "MARK")  # so the first part has been read
        asking.cancel()
        assert await late.next() == ("A", "FIRST OF TWO")
        partner.answer("A", "SECOND OF TWO", part=2, parts=2)
        assert await late.next() == ("A", "SECOND OF TWO")


@pytest.mark.anyio
async def test_a_late_answer_that_could_not_be_kept_comes_again_on_the_next_line(
    server: Server, partner: Partner, late: Late
) -> None:
    late.fails = 1
    async with linked(server, late) as link:
        partner.answer("A", "KEEP ME")
        async with asyncio.timeout(PATIENCE_S):
            await late.failed.wait()
        assert not partner.acknowledged
        port = server.port
        await server.close()
        again = Server(partner)
        await again.start("127.0.0.1", port)
        assert await late.next() == ("A", "KEEP ME")
        await partner.until_acknowledged(1)
        assert link.up
        await link.close()
        await again.close()


@pytest.mark.anyio
async def test_without_a_line_a_question_fails_at_once(server: Server, partner: Partner, late: Late) -> None:
    link = make(server.port, late)
    with pytest.raises(LinkDown, match="NCIC is down since 2026-03-01T12:00:00"):
        await link.ask("QV", "A")
    assert link.state().why == "not started"


@pytest.mark.anyio
async def test_a_partner_that_refuses_the_sign_on_is_not_asked_again(
    server: Server, partner: Partner, late: Late
) -> None:
    partner.refusal = Refusal("This switch is not known here.")
    link = make(server.port, late)
    link.start()
    with pytest.raises(NotLinked):
        await link.linked_within(PATIENCE_S)
    with pytest.raises(LinkDown, match="not known here"):
        await link.ask("QV", "A")
    await link.close()
    assert partner.logons == 1


@pytest.mark.anyio
async def test_a_question_survives_a_broken_line(server: Server, partner: Partner, late: Late) -> None:
    partner.by_itself = False
    port = server.port
    async with linked(server, late) as link:
        asking = asyncio.ensure_future(link.ask("QV", "A"))
        await partner.until_asked(1)
        await server.close()
        partner.answer("A", "WHILE YOU WERE AWAY")
        again = Server(partner)
        await again.start("127.0.0.1", port)
        assert await asking == "WHILE YOU WERE AWAY"
        await link.close()
        await again.close()


@pytest.mark.anyio
async def test_over_the_window_questions_wait_and_over_the_queue_they_are_refused(
    server: Server, partner: Partner, late: Late
) -> None:
    partner.by_itself = False
    terms = LinkTerms(wire=QUICK, window=2, queue_max=1, deadline_s=30.0)
    async with linked(server, late, terms) as link:
        asking = [asyncio.ensure_future(link.ask("QV", control)) for control in ("A", "B", "C")]
        await partner.until_asked(2)
        with pytest.raises(LinkBusy, match="Too many questions wait for NCIC"):
            await link.ask("QV", "D")
        assert [control for control, _ in partner.asked] == ["A", "B"]
        partner.answer("A", "X")
        await partner.until_asked(3)
        partner.answer("B", "Y")
        partner.answer("C", "Z")
        assert await asyncio.gather(*asking) == ["X", "Y", "Z"]


@pytest.mark.anyio
async def test_SC_5_a_flood_of_one_agency_keeps_no_other_from_a_partner(
    server: Server, partner: Partner, late: Late
) -> None:
    """Threat 26. The one fills the window and as much of the room as is left; the others are asked next."""
    partner.by_itself = False
    terms = LinkTerms(wire=QUICK, window=2, queue_max=38, deadline_s=30.0)
    flood, others = Whose("CA0990100", "Z001"), [Whose(f"CA0980{n}00", "Y001") for n in range(1, 4)]
    async with linked(server, late, terms) as link:
        asking = [asyncio.ensure_future(link.ask("QV", f"F{n}", whose=flood)) for n in range(30)]
        await partner.until_asked(2)
        assert len([one for one in asking if one.done() and isinstance(one.exception(), LinkBusy)]) == 10
        with pytest.raises(LinkBusy, match="of your agency"):
            await link.ask("QV", "F30", whose=flood)
        rest = msgspec.structs.replace(others[0], terminal="Y002", pressing=False)
        asking += [asyncio.ensure_future(link.ask("EV", "R", whose=rest))]
        asking += [asyncio.ensure_future(link.ask("QV", f"O{n}", whose=one)) for n, one in enumerate(others)]
        for done in range(8):
            partner.answer(partner.asked[done][0], "X")
            await partner.until_asked(done + 3)
        assert [control for control, _ in partner.asked[2:10]] == [
            "F2",
            "O0",
            "O1",
            "R",
            "O2",
            "F3",
            "F4",
            "F5",
        ]
        for one in asking:
            one.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


@pytest.mark.anyio
async def test_a_question_that_expired_in_the_queue_was_never_sent(
    server: Server, partner: Partner, late: Late
) -> None:
    partner.by_itself = False
    async with linked(server, late, LinkTerms(wire=QUICK, window=1, deadline_s=30.0)) as link:
        first = asyncio.ensure_future(link.ask("QV", "A"))
        await partner.until_asked(1)
        with pytest.raises(NoAnswer):
            await link.ask("QV", "B", 0.0)
        partner.answer("A", "X")
        await first
        second = asyncio.ensure_future(link.ask("QV", "B"))  # its control is free, for nobody saw it
        await partner.until_asked(2)
        partner.answer("B", "Y")
        assert await second == "Y"


@pytest.mark.anyio
async def test_a_question_the_partner_will_not_take_need_not_wait(
    server: Server, partner: Partner, late: Late
) -> None:
    partner.by_itself = False
    partner.receipt = Receipt(number=0, state="faulty", faults=(("LIC", "too long"),))
    async with linked(server, late) as link:
        with pytest.raises(Declined, match="LIC: too long"):
            await link.ask("QV", "A")
        assert (link.state().declined, link.state().expired) == (1, 0)


@pytest.mark.anyio
async def test_closing_tells_those_who_wait(server: Server, partner: Partner, late: Late) -> None:
    partner.by_itself = False
    async with linked(server, late) as link:
        asking = asyncio.ensure_future(link.ask("QV", "A"))
        await partner.until_asked(1)
    with pytest.raises(LinkDown):
        await asking


times = st.floats(0, 50, allow_nan=False)


@settings(deadline=None)
@given(st.lists(times, max_size=30), st.lists(times, max_size=30))
def test_the_wheel_is_never_early_and_at_most_a_slot_late(deadlines: list[float], looks: list[float]) -> None:
    wheel = Wheel(0.5)
    for place, at in enumerate(deadlines):
        wheel.add(str(place), at)
    told: set[str] = set()
    for now in sorted(looks):
        for name in wheel.due(now):
            assert name not in told
            assert deadlines[int(name)] <= now
            told.add(name)
        assert all(str(place) in told for place, at in enumerate(deadlines) if at + 0.5 <= now)
    assert bool(wheel) == (len(told) < len(deadlines))


def test_the_wheel_takes_a_deadline_that_has_passed_already() -> None:
    wheel = Wheel(0.5)
    wheel.add("A", 100.0)
    assert wheel.due(50.0) == []
    wheel.add("B", 10.0)
    assert wheel.due(50.0) == ["B"]
