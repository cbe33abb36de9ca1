"""Claims about lines that mean harm: captured frames that come again, and sockets that say nothing or too little."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest

from tests.wire.desk import Desk, Raw
from tests.wire.sockets import connected, is_gone, many_sockets
from wireroom.message.answer import Receipt
from wireroom.message.envelope import Seat
from wireroom.wire.framing import Frame, LengthPrefix
from wireroom.wire.payload import Kind, Logon, Refusal, Send, write
from wireroom.wire.server import Server
from wireroom.wire.session import Ended, Limits, Session

SEAT = Seat(terminal="A1B2", ori="CA0990100", person="P1", role="operator")
CAPTURED, REPLAYED = 1_000, 100_000
SLOW, STRANGERS_MAX, STALLED = 2_000, 256, 200


class Ledger:
    """A door as the switch is one: a code counts once, and a key that it knows gets the first result."""

    def __init__(self) -> None:
        self.codes: set[str] = set()
        self.results: dict[str, Receipt] = {}
        self.executed: Counter[str] = Counter()

    def talk(self, session: Session, frame: Frame) -> None:
        """One frame into the session, and what follows from it."""
        _, events = session.receive(frame, 0.0)
        for event in events:
            if isinstance(event, Logon):
                if event.code in self.codes:
                    session.refuse(Refusal("Sign-on refused."))
                else:
                    self.codes.add(event.code)
                    session.welcome(SEAT, 0.0)
            elif isinstance(event, Send):
                if event.key not in self.results:
                    self.executed[event.key] += 1
                    self.results[event.key] = Receipt(number=len(self.results) + 1, state="accepted")
                session.receipt(event.sequence, self.results[event.key])
            else:
                assert isinstance(event, Ended)


def hello(code: str, *, resume: bool = False) -> Frame:
    return write(Kind.HELLO, Logon(terminal="A1B2", person="P1", secret="s", code=code, resume=resume))


def captured() -> list[Frame]:
    """A day's line as somebody wrote it down."""
    sends = [write(Kind.SEND, Send(n, f"K{n}", "QV.LIC/7ABC123")) for n in range(1, CAPTURED + 1)]
    return [hello("111111"), *sends]


@pytest.mark.parametrize(
    "way", ["into the line itself", "on new lines", "behind a sign-on of the thief's own"]
)
def test_a_hundred_thousand_replayed_frames_execute_nothing_twice(way: str) -> None:
    """Threat 5. TLS stands before all of this; here a thief got past it."""
    frames, ledger, dice = captured(), Ledger(), Random(5)
    session = Session(Limits(), 0.0)
    for frame in frames:
        ledger.talk(session, frame)
    assert ledger.executed.total() == CAPTURED
    for number in range(REPLAYED // len(frames) + 1):
        if way == "on new lines":
            session = Session(Limits(), 0.0)
        elif way == "behind a sign-on of the thief's own":
            session = Session(Limits(bad_frames_max=REPLAYED), 0.0)
            ledger.talk(session, hello(f"2{number}", resume=True))
        again = frames if way == "on new lines" else dice.sample(frames, len(frames))
        for frame in again:
            ledger.talk(session, frame)
    assert ledger.executed.total() == CAPTURED
    assert set(ledger.executed.values()) == {1}


@asynccontextmanager
async def serving(desk: Desk, limits: Limits) -> AsyncIterator[Server]:
    server = Server(desk, limits)
    await server.start("127.0.0.1", 0)
    try:
        yield server
    finally:
        await server.close(1.0)


@pytest.mark.anyio
async def test_SC_5_two_thousand_slow_sockets_are_counted_and_the_others_are_answered(desk: Desk) -> None:
    """Threat 24: they say nothing, a byte, half a sign-on, and wait. The oldest go; who is signed on goes on."""
    halves = (b"", hello("1").payload[:1], LengthPrefix().encode(hello("1"))[:7])
    limits = Limits(strangers_max=STRANGERS_MAX, logon_within_s=600)
    with many_sockets() as slow:
        async with serving(desk, limits) as server:
            station = await Raw.signed_on(server.port)
            for number in range(SLOW):
                slow.append(await connected(server.port, halves[number % len(halves)]))
                if number % 50 == 49:
                    station.send(number // 50 + 1, f"K{number}")
                    assert (await station.hear()).kind == Kind.RECEIPT
            newcomer = await Raw.signed_on(server.port, "A1B3")
            newcomer.send(1, "K1")
            assert (await newcomer.hear()).kind == Kind.RECEIPT
            gone = [is_gone(one) for one in slow]
            waiting = STRANGERS_MAX - 1  # for the newcomer, while it was not signed on, one more had to go
            assert gone.count(False) == waiting, "as many as may wait"
            assert not any(gone[-waiting:]), "the youngest, for the oldest had their time"
            for raw in (station, newcomer):
                await raw.close()


@pytest.mark.anyio
async def test_SC_5_stations_that_read_nothing_hold_no_more_than_their_measure_and_the_others_are_answered(
    desk: Desk,
) -> None:
    """Threat 24: signed on, they let everything wait. Each gets what it may leave unacknowledged, and no more."""
    limits = Limits(deliveries_max=8, idle_s=600)
    async with serving(desk, limits) as server:
        station = await Raw.signed_on(server.port)
        stalled = [await Raw.signed_on(server.port, f"S{number:03}") for number in range(STALLED)]
        for number in range(STALLED * 3 * limits.deliveries_max):
            desk.post(number + 1, f"S{number % STALLED:03}", text="NO RECORD " * 100)
        station.send(1, "K1")
        assert (await station.hear()).kind == Kind.RECEIPT
        await desk.until(STALLED * limits.deliveries_max, desk.taken)
        station.send(2, "K2")
        assert (await station.hear()).kind == Kind.RECEIPT
        held = [one.unacknowledged for one in server.stations() if one.terminal != "A1B2"]
        assert held == [limits.deliveries_max] * STALLED
        for raw in (station, *stalled):
            await raw.close()
