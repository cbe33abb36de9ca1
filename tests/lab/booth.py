"""A pretended switch behind the wire: it answers at once, or misbehaves as it is told."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from wireroom.message.answer import Delivery, Receipt
from wireroom.message.envelope import Seat
from wireroom.wire.payload import Logon, Refusal

SOURCES = ("STATE", "DMV", "NCIC")


class Booth:
    """A door whose every text gets a receipt and an answer from each of three sources."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.keys: list[str] = []
        self.delivered = 0
        self.acknowledged = 0
        self.on_the_way: Counter[str] = Counter()
        self.most_on_the_way = 0
        self.refusal: Refusal | None = None
        self.receipt: Callable[[str, Receipt], Receipt] = lambda text, receipt: receipt
        self.answers: Callable[[str], Sequence[tuple[int, str]]] = lambda text: [(1, ""), (2, ""), (3, "")]
        self.hold_until = 0  # no receipt before so many texts came
        self.open = asyncio.Event()
        self._mail: dict[str, asyncio.Queue[Delivery]] = {}

    async def logon(self, logon: Logon, peer: str) -> Seat | Refusal:
        if self.refusal is not None:
            return self.refusal
        self._mail[logon.terminal] = asyncio.Queue()
        return Seat(terminal=logon.terminal, ori="CA0990100", person=logon.person, role="operator")

    async def send(self, seat: Seat, key: str, text: str, sequence: int) -> Receipt:
        self.texts.append(text)
        self.keys.append(key)
        self.on_the_way[seat.terminal] += 1
        self.most_on_the_way = max(self.most_on_the_way, self.on_the_way[seat.terminal])
        if len(self.texts) >= self.hold_until:
            self.open.set()
        await self.open.wait()
        number = len(self.texts)
        self.on_the_way[seat.terminal] -= 1
        if text.startswith("AM."):
            to = text.split(".")[1].removeprefix("TO/")
            self._post(to, "mail", 1, 1, "", "")
            return Receipt(number=number, state="accepted")
        receipt = self.receipt(text, Receipt(number=number, state="accepted", sources=SOURCES))
        for part, state in self.answers(text):
            self._post(seat.terminal, "answer", part, len(SOURCES), key, state)
        return receipt

    @asynccontextmanager
    async def mailbox(self, seat: Seat) -> AsyncIterator[AsyncIterator[Delivery]]:
        queue = self._mail[seat.terminal]

        async def read() -> AsyncIterator[Delivery]:
            while True:
                yield await queue.get()

        yield read()

    async def acknowledge(self, seat: Seat, numbers: Sequence[int]) -> None:
        self.acknowledged += len(numbers)

    async def closed(self, seat: Seat) -> None:
        return

    def _post(self, terminal: str, kind: str, part: int, parts: int, key: str, state: str) -> None:
        self.delivered += 1
        self._mail[terminal].put_nowait(
            Delivery(
                number=self.delivered,
                terminal=terminal,
                transaction=1,
                kind=kind,
                source=SOURCES[part - 1],
                state=state or "no record",
                title="INVENTED",
                text="INVENTED",
                part=part,
                parts=parts,
                key=key,
            )
        )
