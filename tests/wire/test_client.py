"""Claims about the station's end of the wire, over real sockets on this machine."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.wire.desk import PATIENCE_S, Desk, Time
from wireroom.wire import FrameError, NoReceipt, NotLinked, QueueFull, SendRefused, SignOnRefused
from wireroom.wire.client import Client, Terms
from wireroom.wire.payload import Logon, Refusal
from wireroom.wire.server import Server
from wireroom.wire.session import Limits

pytestmark = pytest.mark.anyio

QUICK = Terms(backoff_first_s=0.005, backoff_max_s=0.01, tick_s=0.005)
LOGON = Logon(terminal="A1B2", person="P1")


class Proxy:
    """A line between client and server that a test can cut."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.port = 0
        self.writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.to)
        self.writers += [writer, there_writer]
        for source, target in ((reader, there_writer), (there_reader, writer)):
            task = asyncio.ensure_future(self._carry(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()

    async def ended(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=PATIENCE_S)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                target.write(data)
        except ConnectionError:
            pass
        target.close()


@asynccontextmanager
async def proxied(port: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(port)
    listener = await asyncio.start_server(proxy.join, "127.0.0.1", 0)
    proxy.port = listener.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        listener.close()
        proxy.cut()
        await proxy.ended()


@asynccontextmanager
async def station(port: int, terms: Terms = QUICK, now: Time | None = None) -> AsyncIterator[Client]:
    async with Client("127.0.0.1", port, LOGON, dice=random.Random(1), terms=terms, now=now) as client:
        yield client


async def relinked(client: Client, logons: int, desk: Desk) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not (client.linked and len(desk.logons) >= logons):
            await asyncio.get_running_loop().run_in_executor(None, lambda: None)


async def test_receipts_find_their_messages_in_any_order(server: Server, desk: Desk) -> None:
    async with station(server.port) as client:
        receipts = await asyncio.gather(*(client.send(f"TEXT {n}", key=f"K{n}") for n in range(200)))
        assert [receipt.understood for receipt in receipts] == [f"TEXT {n}" for n in range(200)]
        assert client.waiting == 0


async def test_no_more_is_sent_than_the_switch_will_take(desk: Desk) -> None:
    server = Server(desk, Limits(window=3))
    await server.start("127.0.0.1", 0)
    desk.open.clear()
    async with station(server.port) as client:
        futures = [client.send_nowait("TEXT", f"K{n}") for n in range(10)]
        await desk.until(3, desk.sends)
        assert client.waiting == 10
        desk.open.set()
        await asyncio.gather(*futures)
    assert [key for key, _ in desk.sends] == [f"K{n}" for n in range(10)]
    await server.close()


async def test_after_a_cut_the_same_keys_go_out_again_until_there_is_a_receipt(
    server: Server, desk: Desk
) -> None:
    async with proxied(server.port) as proxy, station(proxy.port) as client:
        await client.send("TEXT", key="K0")
        desk.open.clear()
        futures = [client.send_nowait(f"TEXT {n}", f"K{n}") for n in (1, 2)]
        await desk.until(3, desk.sends)
        proxy.cut()
        await desk.until(5, desk.sends)
        desk.open.set()
        assert [receipt.understood for receipt in await asyncio.gather(*futures)] == ["TEXT 1", "TEXT 2"]
    assert [key for key, _ in desk.sends] == ["K0", "K1", "K2", "K1", "K2"]
    assert [sequence for _, sequence in desk.sends] == [1, 2, 3, 4, 5]
    assert [logon.resume for logon in desk.logons] == [False, True]
    assert len(desk.results) == 3


async def test_a_new_line_has_the_whole_window_again(desk: Desk) -> None:
    server = Server(desk, Limits(window=2))
    await server.start("127.0.0.1", 0)
    desk.open.clear()
    async with proxied(server.port) as proxy, station(proxy.port) as client:
        futures = [client.send_nowait("TEXT", f"K{n}") for n in range(4)]
        await desk.until(2, desk.sends)
        proxy.cut()
        await desk.until(4, desk.sends)
        desk.open.set()
        await asyncio.gather(*futures)
    await server.close()


async def test_a_message_sent_while_there_is_no_line_goes_out_on_the_next(server: Server, desk: Desk) -> None:
    async with proxied(server.port) as proxy, station(proxy.port) as client:
        proxy.cut()
        async with asyncio.timeout(PATIENCE_S):
            while client.linked:
                await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        assert client.trouble
        assert (await client.send("TEXT", key="K1")).state == "accepted"
        assert client.linked


async def test_each_delivery_is_handed_over_once_although_it_was_sent_twice(
    server: Server, desk: Desk
) -> None:
    async with proxied(server.port) as proxy, station(proxy.port) as client:
        deliveries = client.deliveries()
        desk.post(10)
        assert (await anext(deliveries)).number == 10
        proxy.cut()
        await relinked(client, 2, desk)
        await desk.until(2, desk.taken)
        desk.post(11)
        assert (await anext(deliveries)).number == 11
        await client.acknowledge([10, 11])
        await desk.until(2, desk.acknowledged)


async def test_an_acknowledgement_that_was_lost_is_said_again(server: Server, desk: Desk) -> None:
    async with proxied(server.port) as proxy, station(proxy.port) as client:
        desk.post(10)
        await anext(client.deliveries())
        proxy.cut()
        await client.acknowledge([10])
        await desk.until(1, desk.acknowledged)
        assert desk.acknowledged == [10]
        assert not desk.undelivered


async def test_a_released_delivery_is_handed_over_again(server: Server, desk: Desk) -> None:
    async with proxied(server.port) as proxy, station(proxy.port) as client:
        deliveries = client.deliveries()
        desk.post(10)
        client.release([(await anext(deliveries)).number])
        proxy.cut()
        assert (await anext(deliveries)).number == 10


async def test_a_missing_receipt_is_told_at_the_deadline_and_the_key_can_be_sent_again(
    server: Server, desk: Desk
) -> None:
    time = Time()
    desk.open.clear()
    async with station(server.port, now=time) as client:
        waiting = client.send_nowait("TEXT", "K1", 5.0)
        await desk.until(1, desk.sends)
        time.at += 5.0
        with pytest.raises(NoReceipt, match="send it again with the same key"):
            await waiting
        again = client.send_nowait("TEXT", "K1")
        desk.open.set()
        assert (await again).number == 1


async def test_a_switch_that_falls_silent_is_left_after_three_keepalives(server: Server, desk: Desk) -> None:
    time = Time()
    async with proxied(server.port) as proxy, station(proxy.port, now=time) as client:
        for writer in proxy.writers:
            writer.transport.pause_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(PATIENCE_S):
            while client.linked:
                time.at += 60.0
                await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        assert "no sign from the switch" in client.trouble


async def test_a_keepalive_keeps_a_quiet_line(server: Server, desk: Desk) -> None:
    time = Time()
    async with station(server.port, now=time) as client:
        for turn in range(8):
            time.at += 30.0
            await client.send("TEXT", key=f"K{turn}")
        assert len(desk.logons) == 1


async def test_a_refusal_for_good_is_not_tried_again(server: Server, desk: Desk) -> None:
    desk.refusal = Refusal("The person or the secret is not right.")
    client = Client("127.0.0.1", server.port, LOGON, dice=random.Random(1), terms=QUICK)
    with pytest.raises(SignOnRefused, match="not right"):
        await client.__aenter__()
    assert len(desk.logons) == 1
    with pytest.raises(NotLinked, match="has ended"):
        client.send_nowait("TEXT", "K1")


async def test_a_refusal_for_now_is_tried_again(server: Server, desk: Desk) -> None:
    desk.refusal = Refusal("The switch is full.", again=True)
    client = Client("127.0.0.1", server.port, LOGON, dice=random.Random(1), terms=QUICK)
    client.start()
    async with asyncio.timeout(PATIENCE_S):
        while len(desk.logons) < 2:
            await asyncio.get_running_loop().run_in_executor(None, lambda: None)
    desk.refusal = None
    await client.linked_within(PATIENCE_S)
    await client.close()


async def test_each_sign_on_may_have_its_own_one_time_code(server: Server, desk: Desk) -> None:
    codes = iter(["111111", "222222", "333333"])
    async with proxied(server.port) as proxy:
        client = Client(
            "127.0.0.1",
            proxy.port,
            lambda: Logon(terminal="A1B2", code=next(codes)),
            dice=random.Random(1),
            terms=QUICK,
        )
        async with client:
            proxy.cut()
            await relinked(client, 2, desk)
        assert [logon.code for logon in desk.logons] == ["111111", "222222"]


async def test_a_displaced_station_does_not_fight_for_its_terminal(server: Server, desk: Desk) -> None:
    async with station(server.port) as old, station(server.port) as new:
        with pytest.raises(NotLinked, match="another line"):
            await anext(old.deliveries())
        assert (await new.send("TEXT", key="K1")).state == "accepted"
    assert len(desk.logons) == 2


async def test_nobody_there_is_told_with_the_place(server: Server, desk: Desk) -> None:
    port = server.port
    await server.close()
    client = Client("127.0.0.1", port, LOGON, dice=random.Random(1), terms=QUICK)
    client.start()
    with pytest.raises(NotLinked, match=f"127.0.0.1:{port}"):
        await client.linked_within(0.05)
    await client.close()


async def test_what_the_switch_could_not_do_is_told(server: Server, desk: Desk) -> None:
    desk.trouble = RuntimeError("no")
    async with station(server.port) as client:
        with pytest.raises(SendRefused) as caught:
            await client.send("TEXT", key="K1")
        assert caught.value.code == "fault"


async def test_a_text_too_long_for_the_switch_is_told_before_it_breaks_the_line(
    server: Server, desk: Desk
) -> None:
    async with station(server.port) as client:
        with pytest.raises(FrameError, match="shorten the text"):
            await client.send("X" * 70_000, key="K1")
        with pytest.raises(UnicodeError):
            await client.send("\ud800", key="K2")
        assert (await client.send("TEXT", key="K3")).state == "accepted"
    assert len(desk.logons) == 1


async def test_one_key_is_one_message(server: Server, desk: Desk) -> None:
    desk.open.clear()
    async with station(server.port) as client:
        first = client.send_nowait("TEXT", "K1")
        assert client.send_nowait("TEXT", "K1") is first
        with pytest.raises(ValueError, match="another text"):
            client.send_nowait("OTHER", "K1")
        with pytest.raises(ValueError, match="1 to 64"):
            client.send_nowait("TEXT", "")
        desk.open.set()
        await first


async def test_the_queue_has_an_end(server: Server, desk: Desk) -> None:
    desk.open.clear()
    async with station(server.port, Terms(queue_max=2)) as client:
        futures = [client.send_nowait("TEXT", f"K{n}") for n in range(2)]
        with pytest.raises(QueueFull):
            client.send_nowait("TEXT", "K2")
        desk.open.set()
        await asyncio.gather(*futures)


async def test_closing_tells_those_who_wait(server: Server, desk: Desk) -> None:
    desk.open.clear()
    async with station(server.port) as client:
        waiting = client.send_nowait("TEXT", "K1")
        await desk.until(1, desk.sends)
    with pytest.raises(NotLinked, match="closed"):
        await waiting
    assert [delivery async for delivery in client.deliveries()] == []
    await desk.until(1, desk.left)


async def test_the_switch_closing_and_coming_back_is_survived(desk: Desk) -> None:
    first = Server(desk)
    await first.start("127.0.0.1", 0)
    port = first.port
    async with station(port) as client:
        await client.send("TEXT", key="K1")
        await first.close()
        second = Server(desk)
        await second.start("127.0.0.1", port)
        assert (await client.send("TEXT", key="K2")).state == "accepted"
    await second.close()


async def test_coming_and_going_are_told(server: Server, desk: Desk) -> None:
    seen: list[bool] = []
    client = Client("127.0.0.1", server.port, LOGON, dice=random.Random(1), on_link=seen.append)
    async with client:
        assert client.linked
    assert seen == [True, False]
