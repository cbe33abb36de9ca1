"""Threat 5 against the whole switch: a line that somebody captured is played again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.app.test_house_doors import QV, World, world
from tests.wire.desk import Raw
from wireroom.journal.tags import Tag
from wireroom.message.answer import Receipt
from wireroom.wire.framing import Frame
from wireroom.wire.payload import Kind, Logon, Receipted, Send, read, write
from wireroom.wire.server import Server

__all__ = ["world"]  # the fixture
pytestmark = pytest.mark.anyio
SENDS, TIMES = 3, 4  # a fifth refusal would lock the account


async def receipts(raw: Raw, count: int) -> list[Receipt]:
    """The next receipts on a line, whatever is delivered between them."""
    found: list[Receipt] = []
    while len(found) < count:
        frame = await raw.hear()
        if frame.kind == Kind.RECEIPT:
            found.append(read(frame.payload, Receipted).receipt)
    return found


async def signed_on(port: int, logon: Logon) -> Raw:
    raw = await Raw.connect(port)
    raw.say(write(Kind.HELLO, logon))
    assert (await raw.hear()).kind == Kind.WELCOME
    return raw


@pytest.fixture
async def listening(world: World) -> AsyncIterator[Server]:
    server = Server(world.door)
    await server.start("127.0.0.1", 0)
    yield server
    await server.close()


async def test_a_captured_line_played_again_executes_nothing(world: World, listening: Server) -> None:
    logon = world.logon()
    sends = [write(Kind.SEND, Send(n, f"K{n}", QV)) for n in range(1, SENDS + 1)]
    captured: list[Frame] = [write(Kind.HELLO, logon), *sends]
    raw = await signed_on(listening.port, logon)
    raw.say(*sends)
    first = await receipts(raw, SENDS)
    assert {one.state for one in first} == {"accepted"}
    await raw.close()
    for _ in range(TIMES):
        raw = await Raw.connect(listening.port)
        raw.say(*captured)
        assert (await raw.hear_all())[-1].kind == Kind.REFUSED  # the code was used
        await raw.close()
    thief = await signed_on(listening.port, world.logon(resume=True))
    thief.say(*sends)
    again = await receipts(thief, SENDS)
    assert {one.state for one in again} == {"repeat"}
    assert sorted(one.number for one in again) == sorted(one.number for one in first)
    await thief.close()
    tags = await world.tags()
    assert tags.count(Tag.INQUIRY_ASKED) == SENDS
    assert tags.count(Tag.ANSWER_GIVEN) == SENDS
