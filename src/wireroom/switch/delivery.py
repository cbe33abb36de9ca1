"""Mailboxes: what waits for a terminal is kept until acknowledged, and shown at once to whoever listens."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from wireroom.message.answer import Delivery

LIVE_MAX = 256  # deliveries a slow listener may lag behind before it is served from the database again
PAGE = 100

Fetch = Callable[[str, int, int], Awaitable[list[Delivery]]]


class Listener:
    """One reader of a mailbox: what was waiting, then what comes."""

    def __init__(self) -> None:
        self.live: asyncio.Queue[Delivery | None] = asyncio.Queue(LIVE_MAX)  # None only wakes
        self.missed = True  # at first everything in the database is unread

    def push(self, delivery: Delivery) -> None:
        """Hands over a delivery, or notes that the listener must look into the database."""
        try:
            self.live.put_nowait(delivery)
        except asyncio.QueueFull:
            self.missed = True

    def look_again(self) -> None:
        """There may be more in the database than was handed over."""
        self.missed = True
        if self.live.empty():
            self.live.put_nowait(None)


class Mailboxes:
    """All terminals' mailboxes in this process.

    `fetch(terminal, after, limit)` gives the oldest unacknowledged deliveries from the database.
    """

    def __init__(self, fetch: Fetch, *, waiting_max: int) -> None:
        self._fetch = fetch
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._waiting: dict[str, int] = defaultdict(int)
        self._gone: dict[tuple[str, int], None] = {}  # acknowledged, perhaps not yet deleted
        self._waiting_max = waiting_max

    def recount(self, counts: dict[str, int]) -> None:
        """Takes the numbers of waiting deliveries as the database has them."""
        self._waiting = defaultdict(int, counts)

    def full(self, terminal: str) -> bool:
        """Whether a terminal has so much waiting that it may not ask for more."""
        return self._waiting[terminal] >= self._waiting_max

    def listening(self, terminal: str) -> bool:
        """Whether anybody in this process reads the terminal's mailbox."""
        return bool(self._listeners.get(terminal))

    def push(self, deliveries: Sequence[Delivery]) -> None:
        """Shows what was committed to whoever listens."""
        for delivery in deliveries:
            self._waiting[delivery.terminal] += 1
            for listener in self._listeners.get(delivery.terminal, ()):
                listener.push(delivery)

    def look_again(self) -> None:
        """A commit is in doubt, so every listener looks into the database."""
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.look_again()

    def acknowledged(self, pairs: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
        """Notes acknowledgements; those that are new."""
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._gone]
        self._gone.update(dict.fromkeys(new))
        return new

    def deleted(self, pairs: Sequence[tuple[str, int]], gone: Sequence[tuple[str, int]]) -> None:
        """The database has looked for these pairs, and let go of those that waited."""
        for pair in pairs:
            self._gone.pop(pair, None)
        for terminal, _ in gone:
            self._waiting[terminal] = max(0, self._waiting[terminal] - 1)

    @asynccontextmanager
    async def open(self, terminal: str) -> AsyncIterator[AsyncIterator[Delivery]]:
        """The terminal's deliveries: unacknowledged first, oldest first, then each as it comes."""
        listener = Listener()
        self._listeners[terminal].add(listener)
        try:
            yield self._read(terminal, listener)
        finally:
            self._listeners[terminal].discard(listener)
            if not self._listeners[terminal]:
                del self._listeners[terminal]

    async def _read(self, terminal: str, listener: Listener) -> AsyncIterator[Delivery]:
        seen: dict[int, None] = {}
        while True:
            if listener.missed:
                listener.missed = False
                async for delivery in self._stored(terminal):
                    if delivery.number not in seen:
                        _remember(seen, delivery.number)
                        yield delivery
            while not listener.live.empty() or not listener.missed:
                came = await listener.live.get()
                if came is not None and came.number not in seen:
                    _remember(seen, came.number)
                    yield came

    async def _stored(self, terminal: str) -> AsyncIterator[Delivery]:
        after = 0
        while page := await self._fetch(terminal, after, PAGE):
            for delivery in page:
                after = delivery.number
                if (terminal, delivery.number) not in self._gone:
                    yield delivery
            if len(page) < PAGE:  # all that waited; what comes meanwhile is handed over by itself
                return


SEEN_MAX = 4 * LIVE_MAX + 4096


def _remember(seen: dict[int, None], number: int) -> None:
    seen[number] = None
    if len(seen) > SEEN_MAX:
        del seen[next(iter(seen))]
