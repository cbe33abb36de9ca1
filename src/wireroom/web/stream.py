"""Server-sent events over a terminal's mailbox: bounded, kept alive, resumed by what is not acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from wireroom.message.answer import Delivery
from wireroom.message.envelope import Seat
from wireroom.web.house import House
from wireroom.web.shapes import delivered

log = logging.getLogger(__name__)

AHEAD_MAX = 64  # deliveries read from the mailbox before the reader took them; then the mailbox waits
RETRY_MS = 1000
OPEN_WITHIN_S = 5.0
HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # a proxy that collects events would hold back a hit
    "X-Content-Type-Options": "nosniff",
}
PREAMBLE = f"retry: {RETRY_MS}\n\n".encode()
KEEPALIVE = b": still here\n\n"

Alive = Callable[[], Awaitable[bool]]
Written = tuple[str, str]  # the event's name and its data


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """How often a quiet stream does something."""

    check_s: float = 3.0  # whether the session still stands: a revoked one must not go on reading
    checks_per_keepalive: int = 3


class Ended(Exception):
    """The mailbox gives no more: the switch is closing, or it failed. The reader should connect again."""


class Feed:
    """A mailbox read ahead by one task, so that a wait for the next delivery can be given up without harm."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Delivery | None] = asyncio.Queue(maxsize=AHEAD_MAX)
        self.opened = asyncio.Event()  # from now on nothing that comes is missed

    async def read(self, house: House, terminal: str) -> None:
        """Fill the queue until cancelled; a failing mailbox ends the feed, after what it gave."""
        try:
            async with house.mailbox(terminal) as mailbox:
                self.opened.set()
                async for delivery in mailbox:
                    await self._queue.put(delivery)
        except Exception:
            log.exception("the mailbox of a terminal cannot be read; its stream ends")
            self.opened.set()
        await self._queue.put(None)

    async def next(self, within_s: float) -> Delivery:
        """The next delivery. Raises TimeoutError when none came in time, Ended when none will come.

        What has come already is given even when there is no time left.
        """
        if self._queue.empty():
            delivery = await asyncio.wait_for(self._queue.get(), within_s)
        else:
            delivery = self._queue.get_nowait()
        if delivery is None:
            raise Ended
        return delivery

    @property
    def empty(self) -> bool:
        """Whether nothing waits to be taken."""
        return self._queue.empty()


@asynccontextmanager
async def feed(house: House, terminal: str) -> AsyncIterator[Feed]:
    """A feed of a terminal's mailbox that lasts as long as the block."""
    ahead = Feed()
    task = asyncio.create_task(ahead.read(house, terminal))
    try:
        with suppress(
            TimeoutError
        ):  # then it opens late, and what came meanwhile is unacknowledged: it comes first
            await asyncio.wait_for(ahead.opened.wait(), OPEN_WITHIN_S)
        yield ahead
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def as_json(delivery: Delivery) -> Written:
    """The event of a delivery for programs: its kind, and its JSON with numbers as strings."""
    return delivery.kind, msgspec.json.encode(delivered(delivery)).decode()


def event(name: str, data: str, number: int = 0) -> bytes:
    """One event in the text form of the standard; each line of the data stands on a line of its own.

    The name must come from us: a line break in it would begin a field of its own.
    """
    lines = data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    head = f"id: {number}\n" if number else ""
    return (head + f"event: {name}\n" + "".join(f"data: {line}\n" for line in lines) + "\n").encode()


async def events(
    house: House,
    seat: Seat,
    *,
    write: Callable[[Delivery], Written] = as_json,
    alive: Alive | None = None,
    beat: Beat = Beat(),  # noqa: B008 - frozen
) -> AsyncGenerator[bytes, None]:
    """All deliveries of a seat's terminal as events, without end.

    What is not acknowledged comes first, so a reader that comes back has missed nothing; it may see a
    delivery twice and knows it by its `id`. `write` gives each event's name and data (the pages pass their
    HTML). `alive` tells whether the session still stands; when it does not, one event `ended` closes the
    stream.
    """
    loop = asyncio.get_running_loop()
    yield PREAMBLE
    async with feed(house, seat.terminal) as ahead:
        checks, due = 0, loop.time() + beat.check_s
        while True:
            if loop.time() >= due:
                if alive is not None and not await alive():
                    yield event("ended", '{"reason":"The session has ended: sign in again."}')
                    return
                checks, due = checks + 1, loop.time() + beat.check_s
                if checks % beat.checks_per_keepalive == 0:
                    yield KEEPALIVE
            try:
                delivery = await ahead.next(due - loop.time())
            except TimeoutError:
                continue
            except Ended:
                return
            name, data = write(delivery)
            yield event(name, data, delivery.number)


class EventStream(Response):
    """A response of events that closes its generator, and so its mailbox, whenever the reader goes."""

    media_type = "text/event-stream"

    def __init__(self, pieces: AsyncGenerator[bytes, None]) -> None:
        super().__init__(headers=HEADERS)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._pieces) as pieces:
            answer: Response = StreamingResponse(pieces, headers=HEADERS, media_type=self.media_type)
            if scope["method"] == "HEAD":  # Starlette adds it to every GET, and nobody would read the events
                answer = Response(headers=HEADERS, media_type=self.media_type)
            with suppress(ClientDisconnect):
                await answer(scope, receive, send)
