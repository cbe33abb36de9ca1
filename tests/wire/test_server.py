"""Claims about the switch's end of the wire, over real sockets on this machine."""

from __future__ import annotations

import asyncio
import hashlib
import random
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trustme

from tests.wire.desk import PATIENCE_S, Desk, Raw, Time
from wireroom.message.answer import Delivery
from wireroom.message.envelope import Seat
from wireroom.wire import SignOnRefused
from wireroom.wire.client import Client, Terms
from wireroom.wire.framing import Frame, LengthPrefix
from wireroom.wire.payload import Ack, Kind, Logon, Nak, Receipted, Refusal, Send, read, write
from wireroom.wire.server import Server
from wireroom.wire.session import Limits, bye

pytestmark = pytest.mark.anyio

HELLO = write(Kind.HELLO, Logon(terminal="A1B2", person="P1"))


@asynccontextmanager
async def serving(desk: Desk, limits: Limits, now: Time | None = None) -> AsyncIterator[Server]:
    server = Server(desk, limits, now=now)
    await server.start("127.0.0.1", 0)
    try:
        yield server
    finally:
        desk.open.set()
        await server.close()


async def until_seated(server: Server, count: int) -> None:
    """Gives the loop its turns until that many are signed on; the test's own time limit ends it."""
    async with asyncio.timeout(PATIENCE_S):
        while len(server.stations()) != count:
            await asyncio.get_running_loop().run_in_executor(None, lambda: None)


async def test_a_send_gets_its_receipt(server: Server, desk: Desk) -> None:
    raw = await Raw.signed_on(server.port)
    raw.send(1, "K1", "QV.CA0990100.LIC/7ABC123")
    receipted = read((await raw.hear()).payload, Receipted)
    assert (receipted.sequence, receipted.receipt.understood) == (1, "QV.CA0990100.LIC/7ABC123")
    await raw.close()


async def test_frames_may_come_byte_by_byte(server: Server, desk: Desk) -> None:
    raw = await Raw.connect(server.port)
    connection = raw.writer.get_extra_info("socket")
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    stream = LengthPrefix().encode(HELLO) + LengthPrefix().encode(Frame(Kind.KEEPALIVE))
    for byte in stream[:-1]:
        raw.writer.write(bytes((byte,)))
        await raw.writer.drain()
    assert (await raw.hear()).kind == Kind.WELCOME
    raw.writer.write(stream[-1:])
    assert (await raw.hear()).kind == Kind.ALIVE
    await raw.close()


async def test_many_frames_in_one_piece_are_all_taken(server: Server, desk: Desk) -> None:
    raw = await Raw.signed_on(server.port)
    raw.say(*(write(Kind.SEND, Send(number, f"K{number}", "TEXT")) for number in range(1, 51)))
    told = {read((await raw.hear()).payload, Receipted).sequence for _ in range(50)}
    assert told == set(range(1, 51))
    await raw.close()


async def test_an_oversize_frame_closes_the_line_with_words(server: Server, desk: Desk) -> None:
    raw = await Raw.signed_on(server.port)
    raw.writer.write(b"\x00\xff\xff\xffS")
    (last,) = await raw.hear_all()
    assert "longer than the 65536 allowed" in bye(last).reason
    await raw.close()


async def test_sends_before_the_oversize_frame_still_reach_the_switch(server: Server, desk: Desk) -> None:
    raw = await Raw.signed_on(server.port)
    raw.writer.write(LengthPrefix().encode(write(Kind.SEND, Send(1, "K1", "T"))) + b"\xff\xff\xff\xff")
    await desk.until(1, desk.sends)
    await raw.close()


async def test_whoever_does_not_sign_on_first_is_shown_out(server: Server, desk: Desk) -> None:
    raw = await Raw.connect(server.port)
    raw.send(1, "K1")
    (told,) = await raw.hear_all()
    assert "Sign on first" in read(told.payload, Refusal).reason
    assert not desk.sends
    await raw.close()


async def test_another_protocol_is_shown_out(server: Server, desk: Desk) -> None:
    raw = await Raw.connect(server.port)
    raw.writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    (told,) = await raw.hear_all()
    assert told.kind == Kind.REFUSED
    await raw.close()


async def test_a_refused_sign_on_is_told_the_doors_reason(server: Server, desk: Desk) -> None:
    desk.refusal = Refusal("The person or the secret is not right.")
    raw = await Raw.connect(server.port)
    raw.say(HELLO)
    (told,) = await raw.hear_all()
    assert read(told.payload, Refusal) == desk.refusal
    assert server.stations() == ()
    await raw.close()


async def test_a_sign_on_that_never_comes_is_not_waited_for(desk: Desk) -> None:
    time = Time()
    async with serving(desk, Limits(sweep_s=0.005), time) as server:
        raw = await Raw.connect(server.port)
        raw.writer.write(b"\x00")  # half a length, so that the line is known to stand
        time.at += 10.0
        (told,) = await raw.hear_all()
        assert "No sign-on came within 10 s" in read(told.payload, Refusal).reason
        await raw.close()


async def test_a_gap_is_told_and_the_line_stays(server: Server, desk: Desk) -> None:
    raw = await Raw.signed_on(server.port)
    raw.send(2, "K2")
    assert read((await raw.hear()).payload, Nak).code == "gap"
    raw.send(1, "K1")
    assert (await raw.hear()).kind == Kind.RECEIPT
    await raw.close()


async def test_a_repeated_key_gets_the_first_result(server: Server, desk: Desk) -> None:
    raw = await Raw.signed_on(server.port)
    raw.send(1, "K1")
    first = read((await raw.hear()).payload, Receipted).receipt
    raw.send(1, "K1")
    assert read((await raw.hear()).payload, Receipted).receipt == first
    raw.send(2, "K1")
    assert read((await raw.hear()).payload, Receipted).receipt == first
    await raw.close()


async def test_more_sends_than_the_window_are_told_busy(desk: Desk) -> None:
    async with serving(desk, Limits(window=2)) as server:
        desk.open.clear()
        raw = await Raw.signed_on(server.port)
        for number in (1, 2, 3):
            raw.send(number, f"K{number}")
        told = read((await raw.hear()).payload, Nak)
        assert (told.sequence, told.code) == (3, "busy")
        assert len(desk.sends) == 2
        await raw.close()


async def test_a_send_that_fails_is_told_and_others_go_on(server: Server, desk: Desk) -> None:
    desk.trouble = RuntimeError("the journal is full")
    raw = await Raw.signed_on(server.port)
    raw.send(1, "K1")
    told = read((await raw.hear()).payload, Nak)
    assert told.code == "fault"
    assert "journal" not in told.reason
    desk.trouble = None
    raw.send(2, "K1")
    assert (await raw.hear()).kind == Kind.RECEIPT
    await raw.close()


async def test_a_slow_receipt_is_told_once_and_still_comes(desk: Desk) -> None:
    time = Time()
    async with serving(desk, Limits(sweep_s=0.005, receipt_within_s=30, idle_s=1_000), time) as server:
        desk.open.clear()
        raw = await Raw.signed_on(server.port)
        raw.send(1, "K1")
        await desk.until(1, desk.sends)
        time.at += 30.0
        assert read((await raw.hear()).payload, Nak).code == "late"
        time.at += 30.0
        raw.send(2, "K2")
        await desk.until(2, desk.sends)
        desk.open.set()
        assert {(await raw.hear()).kind for _ in range(2)} == {Kind.RECEIPT}
        await raw.close()


async def test_a_send_is_finished_although_its_station_went_away(server: Server, desk: Desk) -> None:
    desk.open.clear()
    raw = await Raw.signed_on(server.port)
    raw.send(1, "K1")
    await desk.until(1, desk.sends)
    raw.writer.transport.abort()
    await desk.until(1, desk.left)
    desk.open.set()
    raw = await Raw.signed_on(server.port, resume=True)
    raw.send(2, "K1")
    assert read((await raw.hear()).payload, Receipted).receipt.number == 1
    assert len(desk.results) == 1
    await raw.close()


async def test_deliveries_wait_for_acknowledgements(desk: Desk) -> None:
    async with serving(desk, Limits(deliveries_max=2)) as server:
        for number in (10, 11, 12):
            desk.post(number)
        raw = await Raw.signed_on(server.port)
        assert [read((await raw.hear()).payload, Delivery).number for _ in range(2)] == [10, 11]
        raw.say(Frame(Kind.KEEPALIVE))
        assert (await raw.hear()).kind == Kind.ALIVE  # so nothing else was on its way
        assert desk.taken == [10, 11]
        raw.say(write(Kind.ACK, Ack((10,))))
        assert read((await raw.hear()).payload, Delivery).number == 12
        await desk.until(1, desk.acknowledged)
        assert desk.acknowledged == [10]
        await raw.close()


async def test_what_was_not_acknowledged_comes_again_on_the_next_line(server: Server, desk: Desk) -> None:
    desk.post(10)
    raw = await Raw.signed_on(server.port)
    assert (await raw.hear()).kind == Kind.DELIVER
    await raw.close()
    await desk.until(1, desk.left)
    raw = await Raw.signed_on(server.port)
    assert read((await raw.hear()).payload, Delivery).number == 10
    await raw.close()


async def test_a_station_that_does_not_read_is_not_read_from(desk: Desk) -> None:
    async with serving(desk, Limits(write_buffer_bytes_max=4_096, deliveries_max=10_000)) as server:
        for number in range(1, 401):
            desk.post(number, text="X" * 60_000)
        raw = await Raw.connect(server.port)
        raw.writer.transport.pause_reading()  # type: ignore[attr-defined]  # streams type it too narrowly
        raw.say(HELLO)
        await desk.until(1, desk.taken)
        taken = 0
        while taken != len(desk.taken):  # until the sockets between are full and it stands still
            taken = len(desk.taken)
            for _ in range(50):
                await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        assert taken < 400
        raw.writer.transport.resume_reading()  # type: ignore[attr-defined]
        assert (await raw.hear()).kind == Kind.WELCOME
        numbers = [read((await raw.hear()).payload, Delivery).number for _ in range(400)]
        assert numbers == list(range(1, 401))
        await raw.close()


async def test_a_silent_station_is_asked_three_times_and_then_let_go(desk: Desk) -> None:
    time = Time()
    async with serving(desk, Limits(sweep_s=0.005, idle_s=60), time) as server:
        raw = await Raw.signed_on(server.port)
        for _ in range(3):
            time.at += 60.0
            assert (await raw.hear()).kind == Kind.KEEPALIVE
        time.at += 60.0
        (last,) = await raw.hear_all()
        assert bye(last).code == "silent"
        await desk.until(1, desk.left)
        await raw.close()


async def test_the_newer_sign_on_takes_the_terminal_and_its_mail(server: Server, desk: Desk) -> None:
    old = await Raw.signed_on(server.port)
    new = await Raw.signed_on(server.port)
    (last,) = await old.hear_all()
    assert bye(last).code == "displaced"
    desk.post(10)
    assert (await new.hear()).kind == Kind.DELIVER
    await desk.until(1, desk.left)
    assert [station.terminal for station in server.stations()] == ["A1B2"]
    await old.close()
    await new.close()


async def test_a_full_house_says_so_but_a_terminal_may_come_back(desk: Desk) -> None:
    async with serving(desk, Limits(stations_max=1)) as server:
        first = await Raw.signed_on(server.port)
        second = await Raw.connect(server.port)
        second.say(write(Kind.HELLO, Logon(terminal="ZZZZ")))
        (told,) = await second.hear_all()
        assert read(told.payload, Refusal).again
        await desk.until(1, desk.left)  # the door had let it in
        again = await Raw.signed_on(server.port)
        for raw in (first, second, again):
            await raw.close()


async def test_the_oldest_stranger_goes_when_too_many_wait(desk: Desk) -> None:
    async with serving(desk, Limits(strangers_max=2)) as server:
        seated = await Raw.signed_on(server.port)
        strangers = [await Raw.connect(server.port) for _ in range(3)]
        (told,) = await strangers[0].hear_all()
        assert "wait to sign on" in read(told.payload, Refusal).reason
        strangers[2].say(write(Kind.HELLO, Logon(terminal="ZZZZ")))
        assert (await strangers[2].hear()).kind == Kind.WELCOME
        for raw in (seated, *strangers):
            await raw.close()


async def test_closing_lets_receipts_out_and_says_why(desk: Desk) -> None:
    server = Server(desk)
    await server.start("127.0.0.1", 0)
    desk.open.clear()
    raw = await Raw.signed_on(server.port)
    raw.send(1, "K1")
    await desk.until(1, desk.sends)
    closing = asyncio.ensure_future(server.close())
    desk.open.set()
    receipt, last = await raw.hear_all()
    assert receipt.kind == Kind.RECEIPT
    assert bye(last).code == "closing"
    await closing
    assert len(desk.left) == 1
    await raw.close()


async def test_bye_frees_the_seat(server: Server, desk: Desk) -> None:
    raw = await Raw.signed_on(server.port)
    raw.say(Frame(Kind.BYE))
    assert await raw.hear_all() == []
    await desk.until(1, desk.left)
    await until_seated(server, 0)
    await raw.close()


async def test_tls_carries_the_line_and_names_the_device(desk: Desk) -> None:
    authority = trustme.CA()
    here, there = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(here)
    authority.configure_trust(here)
    here.verify_mode = ssl.CERT_REQUIRED
    device = authority.issue_cert("device-1.example")
    device.configure_cert(there)
    authority.configure_trust(there)
    server = Server(desk)
    await server.start("127.0.0.1", 0, tls=here)
    terms = Terms(tls=there, tls_name="localhost")
    dice = random.Random(1)
    async with Client("127.0.0.1", server.port, Logon(terminal="A1B2"), dice=dice, terms=terms) as client:
        assert (await client.send("TEXT", key="K1")).state == "accepted"
    der = ssl.PEM_cert_to_DER_cert(device.cert_chain_pems[0].bytes().decode())
    assert desk.peers[0].endswith(f" sha256:{hashlib.sha256(der).hexdigest()}")
    await server.close()


async def test_several_processes_may_share_a_port(desk: Desk) -> None:
    first, second = Server(desk), Server(desk)
    await first.start("127.0.0.1", 0, reuse_port=True)
    await second.start("127.0.0.1", first.port, reuse_port=True)
    raw = await Raw.signed_on(first.port)
    await raw.close()
    await first.close()
    await second.close()


@pytest.mark.parametrize("framer", ["length", "stx-etx", "pattern"])
async def test_every_framer_carries_a_conversation(desk: Desk, framer: str) -> None:
    text = 'QV.NAM/"DOE"\x02\x03\n'
    async with serving(desk, Limits(framer=framer)) as server:
        client = Client(
            "127.0.0.1",
            server.port,
            Logon(terminal="A1B2"),
            dice=random.Random(1),
            terms=Terms(framer=framer),
        )
        async with client:
            assert (await client.send(text, key="K1")).understood == text
            desk.post(10, text=text)
            assert (await anext(client.deliveries())).text == text


async def test_SI_11_a_door_that_fails_refuses_but_does_not_say_why(server: Server, desk: Desk) -> None:
    desk.logons = None  # type: ignore[assignment]  # the next sign-on finds a broken door
    client = Client("127.0.0.1", server.port, Logon(terminal="A1B2"), dice=random.Random(1))
    client.start()
    with pytest.raises(Exception, match="switch failed while checking") as caught:
        await client.linked_within(0.5)
    assert not isinstance(caught.value, SignOnRefused)  # it goes on trying
    await client.close()


async def test_a_mailbox_that_fails_is_told_and_the_line_closes(server: Server, desk: Desk) -> None:
    desk.post(10)
    desk.taken = None  # type: ignore[assignment]  # the next delivery breaks the mailbox
    raw = await Raw.connect(server.port)
    raw.say(HELLO)
    welcome, last = await raw.hear_all()
    assert welcome.kind == Kind.WELCOME
    assert "mailbox" in bye(last).reason
    await desk.until(1, desk.left)
    await raw.close()


async def test_an_acknowledgement_that_cannot_be_kept_is_told_and_the_mail_comes_again(
    server: Server, desk: Desk
) -> None:
    desk.post(10)
    raw = await Raw.signed_on(server.port)
    await raw.hear()
    kept, desk.acknowledged = desk.acknowledged, None  # type: ignore[assignment]
    raw.say(write(Kind.ACK, Ack((10,))))
    (last,) = await raw.hear_all()
    assert "acknowledgement" in bye(last).reason
    desk.acknowledged = kept
    again = await Raw.signed_on(server.port)
    assert read((await again.hear()).payload, Delivery).number == 10
    for station in (raw, again):
        await station.close()


async def test_whoever_leaves_while_the_door_decides_is_told_to_the_door(server: Server, desk: Desk) -> None:
    decide = asyncio.Event()
    asked = asyncio.Event()
    usual = desk.logon

    async def slow(logon: Logon, peer: str) -> Seat | Refusal:
        asked.set()
        await decide.wait()
        return await usual(logon, peer)

    desk.logon = slow  # type: ignore[method-assign]
    raw = await Raw.connect(server.port)
    raw.say(HELLO)
    async with asyncio.timeout(PATIENCE_S):
        await asked.wait()
    raw.say(Frame(Kind.BYE))
    assert await raw.hear_all() == []
    decide.set()
    await desk.until(1, desk.left)
    assert server.stations() == ()
    await raw.close()


async def test_a_door_that_does_not_decide_is_not_waited_for(desk: Desk) -> None:
    async def never(logon: Logon, peer: str) -> Seat | Refusal:
        await asyncio.Event().wait()
        raise AssertionError

    desk.logon = never  # type: ignore[method-assign]
    async with serving(desk, Limits(logon_answer_within_s=0.01)) as server:
        raw = await Raw.connect(server.port)
        raw.say(HELLO)
        (told,) = await raw.hear_all()
        assert read(told.payload, Refusal).again
        await raw.close()


async def test_the_old_mailbox_is_closed_before_the_new_one_opens(server: Server, desk: Desk) -> None:
    order: list[str] = []
    mailbox, closed = desk.mailbox, desk.closed

    @asynccontextmanager
    async def watched(seat: Seat) -> AsyncIterator[AsyncIterator[Delivery]]:
        order.append("open")
        async with mailbox(seat) as mail:
            try:
                yield mail
            finally:
                order.append("shut")

    async def told(seat: Seat) -> None:
        order.append("closed")
        await closed(seat)

    desk.mailbox, desk.closed = watched, told  # type: ignore[method-assign]
    old = await Raw.signed_on(server.port)
    new = await Raw.signed_on(server.port)
    desk.post(10)
    assert (await new.hear()).kind == Kind.DELIVER
    assert order == ["open", "shut", "closed", "open"]
    await old.close()
    await new.close()


async def test_a_station_that_does_not_read_its_last_words_is_cut_off(desk: Desk) -> None:
    time = Time()
    limits = Limits(sweep_s=0.005, write_buffer_bytes_max=4_096, deliveries_max=10_000, idle_s=1.0)
    async with serving(desk, limits, time) as server:
        for number in range(1, 401):
            desk.post(number, text="X" * 60_000)
        raw = await Raw.connect(server.port)
        raw.writer.transport.pause_reading()  # type: ignore[attr-defined]
        raw.say(HELLO)
        await desk.until(1, desk.taken)
        async with asyncio.timeout(PATIENCE_S):
            while not desk.left:
                time.at += 1.0
                await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        assert server.stations() == ()
        await raw.close()
