"""Claims about a client that meets a switch which does not keep the rules."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.wire.desk import PATIENCE_S
from wireroom.message.answer import Delivery, Receipt
from wireroom.wire import NotLinked
from wireroom.wire.client import Client, Terms
from wireroom.wire.framing import Decoder, Frame, LengthPrefix
from wireroom.wire.payload import (
    Bye,
    Kind,
    Logon,
    Nak,
    Receipted,
    Refusal,
    Send,
    Welcome,
    read,
    read_send,
    write,
)

pytestmark = pytest.mark.anyio

QUICK = Terms(backoff_first_s=0.005, backoff_max_s=0.01, tick_s=0.005)
WELCOME = write(Kind.WELCOME, Welcome(terminal="A1B2", ori="CA0990100", person="", role="operator", window=2))
Answer = Callable[[int, Frame], list[Frame]]


@asynccontextmanager
async def rogue(answer: Answer) -> AsyncIterator[Client]:
    """A switch that answers each frame of its n-th line as it likes, and a client that has begun to link."""
    lines = 0
    writers = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal lines
        lines += 1
        line, decoder = lines, Decoder()
        writers.append(writer)
        try:
            while data := await reader.read(65_536):
                for frame in decoder.feed(data):
                    writer.write(b"".join(LengthPrefix().encode(said) for said in answer(line, frame)))
        except ConnectionError:
            pass
        writer.close()

    listener = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    client = Client("127.0.0.1", port, Logon(terminal="A1B2"), dice=random.Random(1), terms=QUICK)
    client.start()
    try:
        yield client
    finally:
        await client.close()
        listener.close()
        for writer in writers:
            writer.transport.abort()


def receipt(frame: Frame) -> Frame:
    send = read_send(frame.payload)
    return write(Kind.RECEIPT, Receipted(send.sequence, Receipt(number=1, state="accepted")))


def honest(frame: Frame) -> list[Frame]:
    if frame.kind == Kind.HELLO:
        return [WELCOME]
    return [receipt(frame)] if frame.kind == Kind.SEND else []


@pytest.mark.parametrize(
    "first",
    [
        Frame(Kind.WELCOME, b"{}"),
        Frame(Kind.DELIVER, b"{}"),
        Frame(0x7E),
        write(Kind.BYE, Bye("not now", "closing")),
        write(Kind.REFUSED, Refusal("full", again=True)),
    ],
)
async def test_a_bad_first_word_is_survived_and_the_next_line_is_tried(first: Frame) -> None:
    async with rogue(lambda line, frame: [first] if line == 1 else honest(frame)) as client:
        assert (await client.send("TEXT", key="K1", deadline_s=PATIENCE_S)).number == 1


@pytest.mark.parametrize(
    "odd",
    [
        Frame(Kind.RECEIPT, b"?"),
        Frame(Kind.DELIVER, b"{}"),
        Frame(0x7E),
        WELCOME,
        write(Kind.NAK, Nak(0, "bad", "what?")),
        write(Kind.NAK, Nak(1, "gap", "Sequence 0 is missing.")),
        write(Kind.BYE, Bye("closing", "closing")),
    ],
)
async def test_after_a_word_that_makes_no_sense_the_message_goes_out_on_a_new_line(odd: Frame) -> None:
    def answer(line: int, frame: Frame) -> list[Frame]:
        return [odd] if line == 1 and frame.kind == Kind.SEND else honest(frame)

    async with rogue(answer) as client:
        assert (await client.send("TEXT", key="K1", deadline_s=PATIENCE_S)).number == 1


async def test_busy_is_waited_out_with_the_same_key() -> None:
    sends: list[Send] = []

    def answer(line: int, frame: Frame) -> list[Frame]:
        if frame.kind != Kind.SEND:
            return honest(frame)
        sends.append(read_send(frame.payload))
        if len(sends) <= 3:
            return [write(Kind.NAK, Nak(sends[-1].sequence, "busy", "wait"))]
        return honest(frame)

    async with rogue(answer) as client:
        await client.send("TEXT", key="K1", deadline_s=PATIENCE_S)
    assert [(send.sequence, send.key) for send in sends] == [(1, "K1"), (2, "K1"), (3, "K1"), (4, "K1")]


async def test_late_is_no_answer_and_receipts_for_nothing_are_ignored() -> None:
    def answer(line: int, frame: Frame) -> list[Frame]:
        if frame.kind != Kind.SEND:
            return honest(frame)
        nothing = write(Kind.RECEIPT, Receipted(99, Receipt(number=5, state="accepted")))
        late = write(Kind.NAK, Nak(read_send(frame.payload).sequence, "late", "not yet"))
        return [nothing, late, Frame(Kind.KEEPALIVE), receipt(frame)]

    async with rogue(answer) as client:
        assert (await client.send("TEXT", key="K1", deadline_s=PATIENCE_S)).number == 1


def mail(number: int) -> Frame:
    return write(
        Kind.DELIVER,
        Delivery(
            number=number,
            terminal="A1B2",
            transaction=0,
            kind="mail",
            source="STATE",
            state="",
            title="",
            text="X" * 10_000,
        ),
    )


async def test_a_flood_of_deliveries_is_read_no_faster_than_it_is_taken() -> None:
    def answer(line: int, frame: Frame) -> list[Frame]:
        return [WELCOME, *map(mail, range(1, 3_001))] if frame.kind == Kind.HELLO else []

    async with rogue(answer) as client:
        deliveries = client.deliveries()
        async with asyncio.timeout(PATIENCE_S):
            numbers = [(await anext(deliveries)).number for _ in range(3_000)]
        assert numbers == list(range(1, 3_001))


async def test_a_refused_line_cannot_go_on_talking() -> None:
    async with rogue(lambda line, frame: [write(Kind.REFUSED, Refusal("not you")), mail(1)]) as client:
        with pytest.raises(NotLinked, match="not you"):
            await anext(client.deliveries())
        assert not client.linked


async def test_hello_carries_the_sign_on_and_nothing_else_comes_before_welcome() -> None:
    seen: list[Frame] = []

    def answer(line: int, frame: Frame) -> list[Frame]:
        seen.append(frame)
        return honest(frame)

    async with rogue(answer) as client:
        await client.send("TEXT", key="K1", deadline_s=PATIENCE_S)
    assert [frame.kind for frame in seen[:2]] == [Kind.HELLO, Kind.SEND]
    assert read(seen[0].payload, Logon) == Logon(terminal="A1B2")
