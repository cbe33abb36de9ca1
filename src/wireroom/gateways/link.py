"""A line to a partner that many questions share: each answer finds its question, or is known as late.

The partner is a wire server. It gives a receipt for each question, and the answer as a delivery that carries
our key, the control field. A question is answered, expired or refused: it never waits for ever, and an answer
never meets another question, because a control is not used twice while the link remembers it. When the line
breaks, open questions go out again on the next one, with the same keys.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import msgspec

from wireroom.message.answer import Delivery, Receipt
from wireroom.message.turns import HOUSE, Room, Space, Turns, Whose
from wireroom.wire import NoReceipt, NotLinked, QueueFull, WireError
from wireroom.wire.client import Client, Terms
from wireroom.wire.payload import Logon

log = logging.getLogger(__name__)

CONTROL_MAX = 10  # characters, as the national header has it

OnLate = Callable[[str, str], Awaitable[None] | None]


class LinkError(Exception):
    """Why a question got no answer from its partner."""


class LinkDown(LinkError):
    """There is no line to the partner; the question was not sent."""


class NoAnswer(LinkError):
    """The deadline passed. The partner may have taken the question; its answer may still come, as late."""


class Declined(LinkError):
    """The partner did not take the question, in its own words."""


class LinkBusy(LinkError):
    """Too many questions wait for this partner, of all or of one agency; the question was not sent."""


class ControlInUse(LinkError):
    """A question with this control waits, or was put lately: its answer could not be told from this one's."""


class LinkTerms(msgspec.Struct, frozen=True, kw_only=True):
    """How a link behaves. Times in seconds."""

    window: int = 64  # questions with the partner
    queue_max: int = 256  # more that wait for room
    agency_share: float = 1.0  # what one agency may have waiting, of what is free
    deadline_s: float = 5.0  # where the asker names none
    late_within_s: float = 10.0  # for `on_late` to take one
    remembered: int = 16_384  # controls of questions that are over
    wire: Terms = Terms()


class LinkState(msgspec.Struct, frozen=True, kw_only=True):
    """How a link does, for the operator."""

    name: str
    up: bool
    since: str  # ISO 8601, when it came up or went down
    waiting: int  # questions without an answer
    why: str = ""  # what keeps it down
    sent: int = 0
    answered: int = 0
    declined: int = 0
    expired: int = 0
    late: int = 0  # answers after the deadline
    unmatched: int = 0  # answers to nothing we remember


class Wheel:
    """Deadlines in slots: one timer for all, nothing to cancel. Never early, at most a slot late."""

    def __init__(self, slot_s: float = 0.05) -> None:
        self._slot_s = slot_s
        self._slots: dict[int, list[str]] = {}
        self._next = 0

    def add(self, name: str, at: float) -> None:
        """Names something that is due at that time."""
        slot = math.ceil(at / self._slot_s)
        if not self._slots or slot < self._next:
            self._next = slot
        self._slots.setdefault(slot, []).append(name)

    def due(self, now: float) -> list[str]:
        """Takes out what is due. The caller knows which of it has been done meanwhile."""
        reached = math.floor(now / self._slot_s)
        if not self._slots or reached < self._next:
            return []
        ripe = sorted(slot for slot in self._slots if slot <= reached)
        self._next = reached + 1
        return [name for slot in ripe for name in self._slots.pop(slot)]

    def __bool__(self) -> bool:
        return bool(self._slots)


class _Asked:
    """One question that waits."""

    __slots__ = ("agency", "control", "deadline", "future", "parts", "sent", "text")

    def __init__(
        self,
        text: str,
        control: str,
        deadline: float,
        future: asyncio.Future[tuple[Delivery, ...]],
        agency: str,
    ):
        self.text, self.control, self.deadline, self.future = text, control, deadline, future
        self.agency = agency
        self.parts: dict[int, Delivery] = {}
        self.sent = False


class Link:
    """Questions to one partner over one line that comes back by itself.

    `on_late(control, text)` takes answers that came after their deadline or to nothing known; it may be a
    coroutine function. Only when it returned is such an answer acknowledged; if it raises, the partner
    delivers it again on the next line. What the partner sends unasked comes here too, with its own key.
    """

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        logon: Logon | Callable[[], Logon],
        *,
        clock: Callable[[], datetime],
        dice: random.Random,
        on_late: OnLate,
        terms: LinkTerms | None = None,
    ) -> None:
        self.name = name
        self.terms = terms or LinkTerms()
        self._clock, self._on_late = clock, on_late
        self._client = Client(host, port, logon, dice=dice, terms=self.terms.wire, on_link=self._linked)
        self._since = clock()
        self._waiting: dict[str, _Asked] = {}
        self._queue: Turns[_Asked] = Turns()
        self._room = Room(self.terms.window + self.terms.queue_max, self.terms.agency_share)
        self._out = 0  # of the waiting, those with the partner
        self._over: OrderedDict[str, bool] = OrderedDict()  # and whether a late answer may come
        self._wheel = Wheel()
        self._ticker: asyncio.TimerHandle | None = None
        self._late: asyncio.Queue[Delivery] = asyncio.Queue(maxsize=1_024)
        self._readers: list[asyncio.Task[None]] = []
        self._sent = self._answered = self._declined = self._expired = self._lates = self._unmatched = 0

    @property
    def up(self) -> bool:
        """Whether questions can be put at this moment."""
        return self._client.linked

    def state(self) -> LinkState:
        """How the link does, and what it has done since it was made."""
        return LinkState(
            name=self.name,
            up=self.up,
            since=self._since.isoformat(),
            waiting=len(self._waiting),
            why="" if self.up else self._client.trouble,
            sent=self._sent,
            answered=self._answered,
            declined=self._declined,
            expired=self._expired,
            late=self._lates,
            unmatched=self._unmatched,
        )

    def start(self) -> None:
        """Begins to link, and goes on trying until `close`."""
        loop = asyncio.get_running_loop()
        self._client.start()
        self._readers = [loop.create_task(self._read()), loop.create_task(self._hand_over_late())]

    async def linked_within(self, seconds: float) -> None:
        """Waits for the line. Raises wire.NotLinked."""
        await self._client.linked_within(seconds)

    async def close(self) -> None:
        """Ends the link. Questions that wait fail with LinkDown."""
        for reader in self._readers:
            reader.cancel()
        if self._readers:
            await asyncio.wait(self._readers, timeout=2.0)
        if self._ticker is not None:
            self._ticker.cancel()
        await self._client.close()
        for asked in list(self._waiting.values()):
            self._settle(asked, LinkDown(f"The link to {self.name} was closed."))

    async def ask(
        self, text: str, control: str, deadline_s: float | None = None, *, whose: Whose = HOUSE
    ) -> str:
        """The partner's answer; of an answer in parts, the parts below each other. Raises as `ask_whole`."""
        return "\n".join(part.text for part in await self.ask_whole(text, control, deadline_s, whose=whose))

    async def ask_whole(
        self, text: str, control: str, deadline_s: float | None = None, *, whose: Whose = HOUSE
    ) -> tuple[Delivery, ...]:
        """The partner's answer with all its parts, in order. What waits for room goes out agency by agency.

        Raises LinkDown, LinkBusy, ControlInUse or ValueError at once and without sending, Declined when the
        partner did not take the question, NoAnswer at the deadline.
        """
        if not 1 <= len(control) <= CONTROL_MAX or not text:
            raise ValueError(f"A question needs a text, and a control of 1 to {CONTROL_MAX} characters.")
        if control in self._waiting or control in self._over:
            raise ControlInUse(f"Control {control!r} was used towards {self.name} lately; choose another.")
        if not self.up:
            why = self._client.trouble
            raise LinkDown(f"The link to {self.name} is down since {self._since.isoformat()}: {why}.")
        if (space := self._room.enter(whose.agency)) is not Space.FREE:
            of = " of your agency" if space is Space.AGENCY_FULL else ""
            raise LinkBusy(f"Too many questions{of} wait for {self.name} already; ask again in a moment.")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + (self.terms.deadline_s if deadline_s is None else deadline_s)
        asked = _Asked(text, control, deadline, loop.create_future(), whose.agency)
        self._waiting[control] = asked
        self._queue.put(asked, whose)
        self._wheel.add(control, deadline)
        self._push()
        self._wind()
        try:
            return await asked.future
        except asyncio.CancelledError:
            if (
                self._waiting.get(control) is asked
            ):  # nobody waits any more; the answer goes the way of the late
                self._expire(asked)
            raise

    def _linked(self, up: bool) -> None:
        self._since = self._clock()
        if up:
            self._push()

    def _push(self) -> None:
        """Puts what is queued to the partner, as far as the window allows."""
        while self._queue and self._out < self.terms.window and self.up:
            asked = self._queue.take()
            if self._waiting.get(asked.control) is not asked:
                continue
            remaining = max(asked.deadline - asyncio.get_running_loop().time(), 0.0)
            try:
                receipt = self._client.send_nowait(asked.text, asked.control, remaining)
            except (WireError, ValueError) as trouble:
                kind = LinkBusy if isinstance(trouble, QueueFull) else LinkDown
                self._settle(asked, kind(f"{self.name} could not be asked: {trouble}"))
                continue
            asked.sent = True
            self._out += 1
            self._sent += 1
            receipt.add_done_callback(partial(self._receipted, asked))

    def _receipted(self, asked: _Asked, done: asyncio.Future[Receipt]) -> None:
        """A question that was not taken need not wait for its deadline."""
        if done.cancelled() or self._waiting.get(asked.control) is not asked:
            if not done.cancelled():
                done.exception()  # seen: the question is over
            return
        trouble = done.exception()
        if trouble is None:
            receipt = done.result()
            if receipt.state == "busy":
                self._settle(asked, LinkBusy(f"{self.name} has too much to do: {receipt.reason}"))
            elif receipt.state in ("refused", "faulty"):
                why = receipt.reason or "; ".join(f"{field}: {said}" for field, said in receipt.faults)
                self._settle(
                    asked, Declined(f"{self.name} did not take {asked.control}: {why or receipt.state}.")
                )
        elif isinstance(trouble, NotLinked):
            self._settle(asked, LinkDown(f"The link to {self.name} ended: {trouble}"))
        elif not isinstance(trouble, NoReceipt):  # that is the deadline, which the wheel tells
            self._settle(asked, Declined(f"{self.name} did not take {asked.control}: {trouble}"))

    def _settle(self, asked: _Asked, outcome: tuple[Delivery, ...] | LinkError) -> None:
        """A question is over."""
        del self._waiting[asked.control]
        self._room.leave(asked.agency)
        if asked.sent:
            self._out -= 1
            self._over[asked.control] = isinstance(outcome, LinkError)
            if len(self._over) > self.terms.remembered:
                self._over.popitem(last=False)
        self._declined += isinstance(outcome, Declined)
        if not asked.future.done():
            if isinstance(outcome, LinkError):
                asked.future.set_exception(outcome)
            else:
                asked.future.set_result(outcome)
        self._push()

    def _wind(self) -> None:
        if self._ticker is None and self._wheel:
            self._ticker = asyncio.get_running_loop().call_later(0.05, self._tick)

    def _tick(self) -> None:
        self._ticker = None
        now = asyncio.get_running_loop().time()
        for control in self._wheel.due(now):
            asked = self._waiting.get(control)
            if asked is not None and asked.deadline <= now:
                self._expire(asked)
        self._wind()

    def _expire(self, asked: _Asked) -> None:
        self._expired += 1
        self._settle(asked, NoAnswer(f"{self.name} did not answer {asked.control} by its deadline."))
        for part in asked.parts.values():  # came, but not all: what there is goes the way of the late
            self._lates += 1
            self._set_aside(part)

    async def _read(self) -> None:
        """Matches each delivery with its question, by the key that the partner gives back."""
        try:
            async for delivery in self._client.deliveries():
                await self._match(delivery)
        except WireError as trouble:
            log.warning("the link to %s ended: %s", self.name, trouble)
            for asked in list(self._waiting.values()):
                self._settle(asked, LinkDown(f"The link to {self.name} ended: {trouble}"))

    async def _match(self, delivery: Delivery) -> None:
        asked = self._waiting.get(delivery.key)
        if asked is None or not asked.sent or delivery.part in asked.parts:
            expected = self._over.get(delivery.key, False)
            self._lates += expected
            self._unmatched += not expected
            self._set_aside(delivery)
            return
        asked.parts[delivery.part] = delivery
        if len(asked.parts) < delivery.parts:
            return
        parts = tuple(asked.parts[part] for part in sorted(asked.parts))
        self._answered += 1
        self._settle(asked, parts)
        await self._client.acknowledge(part.number for part in parts)

    def _set_aside(self, delivery: Delivery) -> None:
        try:
            self._late.put_nowait(delivery)
        except asyncio.QueueFull:
            self._client.release((delivery.number,))  # not acknowledged: it comes again on the next line

    async def _hand_over_late(self) -> None:
        """One after the other, away from the live answers."""
        while True:
            delivery = await self._late.get()
            try:
                async with asyncio.timeout(self.terms.late_within_s):
                    taken = self._on_late(delivery.key, delivery.text)
                    if taken is not None:
                        await taken
            except Exception:
                log.exception("a late answer from %s was not taken; it will be delivered again", self.name)
                self._client.release((delivery.number,))
            else:
                await self._client.acknowledge((delivery.number,))
