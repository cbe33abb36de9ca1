"""A small switch behind the wire, and a station that speaks raw frames, for tests."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from wireroom.message.answer import Delivery, Receipt
from wireroom.message.envelope import Seat
from wireroom.wire.framing import Decoder, Frame, LengthPrefix
from wireroom.wire.payload import Kind, Logon, Refusal, Send, write

PATIENCE_S = 10.0  # for what must happen at once; reached only when a test fails


class Desk:
    """Keeps what it was told, and gives receipts; `open` may be cleared to hold them back."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.refusal: Refusal | None = None
        self.trouble: Exception | None = None
        self.logons: list[Logon] = []
        self.peers: list[str] = []
        self.sends: list[tuple[str, int]] = []
        self.results: dict[tuple[str, str], Receipt] = {}
        self.undelivered: dict[int, Delivery] = {}
        self.taken: list[int] = []  # out of the mailbox
        self.acknowledged: list[int] = []
        self.left: list[Seat] = []
        self.changed = asyncio.Condition()
        self._live: dict[str, asyncio.Queue[Delivery]] = {}

    async def logon(self, logon: Logon, peer: str) -> Seat | Refusal:
        self.logons.append(logon)
        self.peers.append(peer)
        if self.refusal is not None:
            return self.refusal
        return Seat(terminal=logon.terminal, ori="CA0990100", person=logon.person, role="operator")

    async def send(self, seat: Seat, key: str, text: str, sequence: int) -> Receipt:
        self.sends.append((key, sequence))
        await self._tell()
        await self.open.wait()
        if self.trouble is not None:
            raise self.trouble
        number = len(self.results) + 1
        return self.results.setdefault(
            (seat.terminal, key), Receipt(number=number, state="accepted", understood=text)
        )

    @asynccontextmanager
    async def mailbox(self, seat: Seat) -> AsyncIterator[AsyncIterator[Delivery]]:
        queue = self._live[seat.terminal] = asyncio.Queue()
        for delivery in self.undelivered.values():
            queue.put_nowait(delivery)

        async def read() -> AsyncIterator[Delivery]:
            while True:
                delivery = await queue.get()
                self.taken.append(delivery.number)
                await self._tell()
                yield delivery

        yield read()

    async def acknowledge(self, seat: Seat, numbers: Sequence[int]) -> None:
        self.acknowledged.extend(numbers)
        for number in numbers:
            self.undelivered.pop(number, None)
        await self._tell()

    async def closed(self, seat: Seat) -> None:
        self.left.append(seat)
        await self._tell()

    def post(self, number: int, terminal: str = "A1B2", text: str = "NO RECORD", key: str = "") -> None:
        delivery = Delivery(
            number=number,
            terminal=terminal,
            transaction=0,
            kind="mail",
            source="STATE",
            state="no record",
            title="NOTHING",
            text=text,
            key=key,
        )
        self.undelivered[number] = delivery
        if terminal in self._live:
            self._live[terminal].put_nowait(delivery)

    async def until(self, count: int, what: Sequence[object]) -> None:
        """Waits until that many stand in one of the lists."""
        async with asyncio.timeout(PATIENCE_S), self.changed:
            await self.changed.wait_for(lambda: len(what) >= count)

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()


class Raw:
    """A station that says exactly the bytes it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.decoder = Decoder(LengthPrefix(4_194_304))
        self.heard: list[Frame] = []

    @classmethod
    async def connect(cls, port: int, tls: ssl.SSLContext | None = None) -> Raw:
        name = "localhost" if tls else None
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname=name))

    @classmethod
    async def signed_on(cls, port: int, terminal: str = "A1B2", *, resume: bool = False) -> Raw:
        raw = await cls.connect(port)
        raw.say(write(Kind.HELLO, Logon(terminal=terminal, person="P1", resume=resume)))
        assert (await raw.hear()).kind == Kind.WELCOME
        return raw

    def say(self, *frames: Frame) -> None:
        self.writer.write(b"".join(LengthPrefix().encode(frame) for frame in frames))

    def send(self, sequence: int, key: str, text: str = "QV.CA0990100.LIC/7ABC123") -> None:
        self.say(write(Kind.SEND, Send(sequence, key, text)))

    async def hear(self) -> Frame:
        async with asyncio.timeout(PATIENCE_S):
            while not self.heard:
                data = await self.reader.read(65_536)
                if not data:
                    raise EOFError("the switch closed the line")
                self.heard += self.decoder.feed(data)
        return self.heard.pop(0)

    async def hear_all(self) -> list[Frame]:
        """Everything until the switch closes the line."""
        frames = []
        try:
            while True:
                frames.append(await self.hear())
        except (EOFError, ConnectionError):
            return frames

    async def close(self) -> None:
        self.writer.close()
        await asyncio.wait({asyncio.ensure_future(self._closed())}, timeout=PATIENCE_S)

    async def _closed(self) -> None:
        try:
            await self.writer.wait_closed()
        except (OSError, ssl.SSLError):
            return


class Time:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at
