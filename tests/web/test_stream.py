"""Streams of events: bounded, kept alive, ended with the session, and resumed by what is not acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from tests.web.fake_house import SESSION, TOKEN, message
from tests.web.fakes import ProgramsHouse, parsed
from wireroom.message.answer import Delivery
from wireroom.web import stream
from wireroom.web.asking import Asking
from wireroom.web.desk import Desk
from wireroom.web.door import Door
from wireroom.web.stream import AHEAD_MAX, KEEPALIVE, PREAMBLE, Beat, event, events

pytestmark = pytest.mark.anyio
SEAT = SESSION.seat
AT_ONCE = Beat(check_s=0)


async def take(pieces: AsyncIterator[bytes], many: int) -> str:
    return b"".join([await anext(pieces) for _ in range(many)]).decode()


async def test_what_is_not_acknowledged_comes_first_and_again_until_it_is() -> None:
    house = ProgramsHouse()
    for number in (7, 5):
        house.deliver(message(number, "FROM Z999", f"text {number}"))
    for _ in range(2):
        async with aclosing(events(house, SEAT)) as pieces:
            assert [one.id for one in parsed(await take(pieces, 3))] == ["5", "7"]
    await house.acknowledge(SEAT, [5])
    async with aclosing(events(house, SEAT)) as pieces:
        assert [one.id for one in parsed(await take(pieces, 2))] == ["7"]


async def test_what_comes_while_one_reads_is_sent_at_once() -> None:
    house = ProgramsHouse()
    async with aclosing(events(house, SEAT)) as pieces:
        assert await anext(pieces) == PREAMBLE
        waiting = asyncio.ensure_future(anext(pieces))
        while not house.readers.get("ZD01"):  # noqa: ASYNC110 - within a few turns of the loop
            await asyncio.sleep(0)
        house.deliver(message(5, "FROM Z999", "text"))
        (shown,) = parsed((await waiting).decode())
    body = msgspec.json.decode(shown.data)
    assert (shown.name, shown.id, body["number"], body["title"]) == ("mail", "5", "5", "FROM Z999")


async def test_the_pages_may_write_their_own() -> None:
    house = ProgramsHouse()
    house.deliver(message(5, "FROM Z999", "text"))
    async with aclosing(events(house, SEAT, write=lambda one: ("card", f"<p>\n{one.title}</p>"))) as pieces:
        assert parsed(await take(pieces, 2)) == parsed(
            "id: 5\nevent: card\ndata: <p>\ndata: FROM Z999</p>\n\n"
        )


async def test_a_quiet_stream_says_that_it_lives_every_second_time() -> None:
    async with aclosing(events(ProgramsHouse(), SEAT, beat=AT_ONCE)) as pieces:
        assert await anext(pieces) == PREAMBLE
        assert [await anext(pieces) for _ in range(3)] == [KEEPALIVE] * 3


async def test_a_stream_ends_with_its_session() -> None:
    answers = [True, True, False]

    async def alive() -> bool:
        return answers.pop(0)

    async with aclosing(events(ProgramsHouse(), SEAT, alive=alive, beat=AT_ONCE)) as pieces:
        text = b"".join([piece async for piece in pieces]).decode()
    assert [one.name for one in parsed(text)] == ["ended"]
    assert answers == []


async def test_an_answer_is_not_drawn_for_a_session_that_ended_meanwhile() -> None:
    house = ProgramsHouse()
    door = Door(house)
    desk = Desk(door, Asking(door))
    cookie = f"session={TOKEN}".encode()
    request = Request(
        {"type": "http", "path": "/live", "query_string": b"", "headers": [(b"cookie", cookie)]}
    )
    async with aclosing(desk.pieces(request, SESSION)) as pieces:
        assert [one.name for one in parsed(await take(pieces, 2))] == ["beat"]  # it stands
        house.sessions.clear()
        house.deliver(message(5, "FROM Z999", "text"))
        assert [one.name for one in parsed(await take(pieces, 1))] == ["ended"]
    assert not door.recent.of(SEAT.terminal).deliveries


async def test_a_session_is_looked_at_while_much_comes() -> None:
    """A busy mailbox must not keep a revoked session reading."""
    house = ProgramsHouse()
    for number in range(1, 40):
        house.deliver(message(number, "FROM Z999", "text"))

    async def alive() -> bool:
        return False

    async with aclosing(events(house, SEAT, alive=alive, beat=AT_ONCE)) as pieces:
        names = [one.name for one in parsed(b"".join([piece async for piece in pieces]).decode())]
    assert names == ["ended"]


async def test_a_mailbox_that_fails_ends_the_stream_so_that_the_reader_comes_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = ProgramsHouse()
    house.broken_mailbox = True
    async with aclosing(events(house, SEAT)) as pieces:
        assert [piece async for piece in pieces] == [PREAMBLE]
    assert "cannot be read" in caplog.text


async def test_a_reader_that_goes_gives_up_its_mailbox() -> None:
    house = ProgramsHouse()
    house.deliver(message(5, "FROM Z999", "text"))
    async with aclosing(events(house, SEAT)) as pieces:
        await take(pieces, 2)
        assert house.readers["ZD01"]
    assert not house.readers["ZD01"]


async def test_a_reader_that_takes_nothing_is_read_ahead_for_so_far_and_no_further() -> None:
    taken = 0

    class Endless(ProgramsHouse):
        @asynccontextmanager
        async def mailbox(self, terminal: str) -> AsyncIterator[AsyncIterator[Delivery]]:
            async def read() -> AsyncIterator[Delivery]:
                nonlocal taken
                while True:
                    taken += 1
                    yield message(taken, "FROM Z999", "text")

            yield read()

    async with stream.feed(Endless(), "ZD01") as ahead:
        for _ in range(3 * AHEAD_MAX):
            await asyncio.sleep(0)
        assert not ahead.empty
        assert taken == AHEAD_MAX + 1


async def test_a_mailbox_that_opens_late_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "OPEN_WITHIN_S", 0)

    class Stuck(ProgramsHouse):
        @asynccontextmanager
        async def mailbox(self, terminal: str) -> AsyncIterator[AsyncIterator[Delivery]]:
            await asyncio.Event().wait()
            async with super().mailbox(terminal) as deliveries:
                yield deliveries

    async with stream.feed(Stuck(), "ZD01") as ahead:
        with pytest.raises(TimeoutError):
            await ahead.next(0)


@given(st.text())
def test_no_text_breaks_out_of_its_event(data: str) -> None:
    wanted = data.replace("\r\n", "\n").replace("\r", "\n")
    text = event("answer", data, 5).decode("utf-8", "surrogatepass")
    assert text.endswith("\n\n")
    assert [(one.name, one.data, one.id) for one in parsed(text)] == [("answer", wanted, "5")]
