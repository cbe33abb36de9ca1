"""Stations that ask, enter and write to each other while everything is killed under them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from tests.failures.observed import TAKEN, Seen, Sent
from tests.failures.world import FIRST_DAY, PEOPLE, SEED, STATIONS, World
from wireroom.app.populate import state_of
from wireroom.message.answer import Receipt
from wireroom.wire import NoReceipt, NotLinked, QueueFull, SendRefused
from wireroom.wire.client import Client, Terms
from wireroom.wire.payload import Logon

AT_ONCE = 4  # messages of one station without a receipt
AGAIN_S = 0.02
TERMS = Terms(deadline_s=2.0, connect_within_s=5.0, backoff_first_s=0.02, backoff_max_s=0.2, tick_s=0.02)
REPEAT_SHARE, HOLD_SHARE = 0.1, 0.1  # messages sent twice; deliveries acknowledged only after the next kill


class Station:
    """One terminal: sends until every message has its receipt, and remembers everything that it was shown."""

    def __init__(self, world: World, terminal: str, questions: Callable[[str], Sent], seen: Seen) -> None:
        self._world, self.terminal, self._questions, self._seen = world, terminal, questions, seen
        self._dice = Random(f"station {terminal}")
        self._held_back: list[int] = []
        self._open: set[asyncio.Task[None]] = set()
        self._client = self._new_client()
        self._reader = asyncio.create_task(self._read(self._client))
        self.trouble: list[str] = []

    def _new_client(self) -> Client:
        secret = self._world.keys.interface_secret(self.terminal)
        logon = Logon(terminal=self.terminal, person="crash.test", secret=secret, purpose="C")
        client = Client("127.0.0.1", self._world.port, logon, dice=self._dice, terms=TERMS)
        client.start()
        return client

    @property
    def waiting(self) -> int:
        """Messages without a receipt."""
        return len(self._open)

    @property
    def linked(self) -> bool:
        return self._client.linked

    def send(self) -> None:
        """One more message, if there is room."""
        if len(self._open) < AT_ONCE:
            sent = self._questions(self.terminal)
            self._seen.sent[sent.terminal, sent.key] = sent
            task = asyncio.create_task(self._carry(sent))
            self._open.add(task)
            task.add_done_callback(self._open.discard)

    async def acknowledge(self) -> None:
        """Says now what was held back: who never acknowledges gets no more after a while."""
        numbers, self._held_back = self._held_back, []
        await self._client.acknowledge(numbers)

    async def restart(self) -> None:
        """The station's own program dies and comes back: it forgets what it was shown and not acknowledged."""
        old, self._client, self._held_back = self._client, self._new_client(), []
        self._reader.cancel()
        self._reader = asyncio.create_task(self._read(self._client))
        await old.close()

    async def close(self) -> None:
        for task in (self._reader, *self._open):
            task.cancel()
        await asyncio.gather(self._reader, *self._open, return_exceptions=True)
        await self._client.close()

    async def _carry(self, sent: Sent) -> None:
        """Sends a message until the switch has said what became of it, now and then once more."""
        await self._send(sent)
        if self._dice.random() < REPEAT_SHARE:
            await self._send(sent)

    async def _send(self, sent: Sent) -> None:
        while True:
            receipt = await self._try(sent)
            if receipt is not None:
                self._seen.receipts.append(((sent.terminal, sent.key), receipt))
                if receipt.state != "busy":
                    break
            await asyncio.sleep(AGAIN_S)
        if receipt.state not in TAKEN:
            self.trouble.append(f"{sent.key}: {receipt.state}: {receipt.reason}")

    async def _try(self, sent: Sent) -> Receipt | None:
        try:
            return await self._client.send(sent.text, key=sent.key)
        except (NoReceipt, SendRefused, QueueFull, NotLinked):
            return None  # not known: the same key again

    async def _read(self, client: Client) -> None:
        async for delivery in client.deliveries():
            self._seen.deliveries.append(delivery)
            if self._dice.random() < HOLD_SHARE:
                self._held_back.append(delivery.number)
            else:
                await client.acknowledge([delivery.number])


class Questions:
    """Texts of every kind, each with a key that nothing else has."""

    def __init__(self, run: str, dice: Random) -> None:
        self._run, self._dice = run, dice
        self._state = state_of(PEOPLE, SEED, FIRST_DAY.date())
        self._count = 0
        self._day = datetime.now(UTC).date() - timedelta(days=2)

    def __call__(self, terminal: str) -> Sent:
        self._count += 1
        number, chance = self._count, self._dice.random()
        key = f"{self._run}-{number:06d}"
        if chance < 0.4:
            plate = self._state.plate(self._dice.randrange(2 * self._state.vehicles))
            return Sent(terminal=terminal, key=key, text=f"QV.LIC/{plate}.LIS/CA")
        if chance < 0.7:
            plate, oca = self._state.plate(1_000_000 + number), f"K{number:06d}"
            text = f"EV.LIC/{plate}.LIS/CA.VYR/2019.VMA/TOYT.DOT/{self._day:%Y%m%d}.OCA/{oca}"
            return Sent(terminal=terminal, key=key, text=text, oca=oca)
        to = self._dice.choice(STATIONS)
        text = f"AM.TO/{to}.TXT/THIS IS A TEST MESSAGE. INVENTED. KEY {key}"
        return Sent(terminal=terminal, key=key, text=text, to=to)
