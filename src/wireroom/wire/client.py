"""The station's end of the wire: keeps a line, and gets a receipt or a clear word for every message."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from types import TracebackType

import msgspec

from wireroom.message.answer import Delivery, Receipt
from wireroom.wire import FrameError, NoReceipt, NotLinked, QueueFull, SendRefused, SignOnRefused
from wireroom.wire.framing import Frame, framer
from wireroom.wire.line import Line
from wireroom.wire.mailbag import Mailbag
from wireroom.wire.payload import (
    BadPayload,
    Bye,
    Kind,
    Logon,
    Nak,
    Receipted,
    Refusal,
    Send,
    Welcome,
    read,
    write,
)
from wireroom.wire.session import Due, Patience, bye

log = logging.getLogger(__name__)

_KEEPALIVE, _ALIVE = Frame(Kind.KEEPALIVE), Frame(Kind.ALIVE)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How a client behaves towards its switch. Times in seconds."""

    framer: str = "length"
    frame_bytes_max: int = 4_194_304  # from the switch
    deadline_s: float = 10.0  # for a receipt, where the sender names none
    connect_within_s: float = 10.0  # connection, TLS and sign-on together
    idle_s: float = 60.0
    missed_max: int = 3
    queue_max: int = 4_096  # messages without a receipt, sent or waiting to be
    backoff_first_s: float = 0.2
    backoff_max_s: float = 30.0
    settled_s: float = 5.0  # a line that held this long starts the backoff anew
    tick_s: float = 0.1  # how often deadlines are looked at
    tls: ssl.SSLContext | None = None
    tls_name: str | None = None  # the name in the switch's certificate, where it is not the host


class _Pending:
    """One message on its way to a receipt."""

    __slots__ = ("deadline", "future", "key", "text")

    def __init__(self, text: str, key: str, deadline: float, future: asyncio.Future[Receipt]) -> None:
        self.text, self.key, self.deadline, self.future = text, key, deadline, future


class _Talk(Line):
    """One connection to the switch; the client outlives it.

    It reads on while its own write buffer is full: the switch stops reading from those who do not read, and
    two that wait for each other wait for ever. What it writes is bounded by the switch's window.
    """

    def __init__(self, client: Client, logon: Logon) -> None:
        terms = client.terms
        plain = framer(terms.framer, terms.frame_bytes_max)
        super().__init__(plain, plain, buffer_bytes_max=1_048_576)
        self._client = client
        self._logon = logon
        self.welcomed: asyncio.Future[Welcome] = asyncio.get_running_loop().create_future()
        self.why = "the connection was lost"
        self.final = False  # do not come back

    def on_open(self) -> None:
        self.say((write(Kind.HELLO, self._logon),))

    def on_frame(self, frame: Frame) -> None:
        try:
            if self.welcomed.done():
                self._client.on_frame(self, frame)
            else:
                self._on_first(frame)
        except BadPayload as trouble:
            self.on_broken(str(trouble))

    def on_broken(self, reason: str) -> None:
        self.give_up(f"the switch sent what cannot be read: {reason}")

    def on_gone(self, trouble: Exception | None) -> None:
        if not self.welcomed.done():
            self.welcomed.set_exception(
                NotLinked(f"The line closed before the sign-on was answered: {self.why}.")
            )
            self.welcomed.exception()  # seen: nobody may be waiting any more

    def give_up(self, why: str, *, final: bool = False) -> None:
        """Closes this line at once; what has no receipt goes out again on the next."""
        self.why, self.final = why, final
        self.abort()

    def _on_first(self, frame: Frame) -> None:
        if frame.kind == Kind.WELCOME:
            welcome = read(frame.payload, Welcome)
            self.welcomed.set_result(welcome)
            self._client.on_welcome(self, welcome)
        elif frame.kind == Kind.REFUSED:
            refusal = read(frame.payload, Refusal)
            self.welcomed.set_exception(SignOnRefused(refusal.reason, again=refusal.again))
        elif frame.kind == Kind.BYE:
            self.give_up(bye(frame).reason)
        elif frame.kind not in (Kind.KEEPALIVE, Kind.ALIVE, Kind.NAK):
            self.on_broken(f"a frame of kind {frame.kind:02X} before WELCOME")


class Client:
    """A line to the switch that comes back by itself, for one terminal.

    Messages without a receipt go out again, with the same keys, on the next line. `dice` spreads the
    reconnections of many clients; `logon` may be a callable, so that each sign-on gets a fresh one-time code.
    A sign-on that is refused for good is not tried again, for that would lock the person out.
    """

    def __init__(
        self,
        host: str,
        port: int,
        logon: Logon | Callable[[], Logon],
        *,
        dice: random.Random,
        terms: Terms | None = None,
        now: Callable[[], float] | None = None,
        on_link: Callable[[bool], None] | None = None,
    ) -> None:
        self.terms = terms or Terms()
        self.welcome: Welcome | None = None
        self.linked = False
        self.trouble = "not started"  # why there is no line
        self._host, self._port, self._logon = host, port, logon
        self._dice, self._clock, self._on_link = dice, now, on_link
        self._ended: Exception | None = None
        self._talk: _Talk | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._ticker: asyncio.TimerHandle | None = None
        self._patience = Patience(self.terms.idle_s, self.terms.missed_max, 0.0)
        self._change = asyncio.Event()  # linked, or ended
        self._pending: dict[str, _Pending] = {}  # oldest first
        self._queue: deque[_Pending] = deque()
        self._sent: dict[int, _Pending] = {}  # those that take room in the switch's window
        self._sequence = 0
        self._held = False  # the switch was busy: wait a moment
        self._bag = Mailbag()
        self._mail_held = False
        self._acks_due = False
        self.since = 0.0

    def now(self) -> float:
        return self._clock() if self._clock is not None else asyncio.get_running_loop().time()

    @property
    def waiting(self) -> int:
        """Messages without a receipt."""
        return len(self._pending)

    def start(self) -> None:
        """Begins to link, and goes on trying. See `linked_within` to wait for it."""
        assert self._keeper is None, "the client was started already"
        self.since = self.now()
        self._keeper = asyncio.get_running_loop().create_task(self._keep())
        self._tick()

    async def linked_within(self, seconds: float) -> None:
        """Waits for a line. Raises NotLinked with the reason, SignOnRefused when there will be none."""
        try:
            async with asyncio.timeout(seconds):
                while not self.linked and self._ended is None:
                    self._change.clear()
                    await self._change.wait()
        except TimeoutError:
            place = f"{self._host}:{self._port}"
            told = f"No line to {place} within {seconds:g} s: {str(self.trouble).rstrip('.')}."
            raise NotLinked(told) from None
        if self._ended is not None:
            raise self._ended

    async def __aenter__(self) -> Client:
        self.start()
        try:
            await self.linked_within(self.terms.connect_within_s)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def send(self, text: str, *, key: str, deadline_s: float | None = None) -> Receipt:
        """Sends, and waits for the receipt. For what it raises see `send_nowait`."""
        return await self.send_nowait(text, key, deadline_s)

    def send_nowait(self, text: str, key: str, deadline_s: float | None = None) -> asyncio.Future[Receipt]:
        """Sends when there is a line and room, and gives the receipt to come.

        The future fails with NoReceipt at the deadline, SendRefused when the switch did not take it,
        FrameError when it is too long, NotLinked when the client ends. Raises QueueFull or NotLinked at once
        where nothing can be queued. The same key again while the first is on its way gives the same future.
        """
        if self._ended is not None:
            raise NotLinked(f"This client has ended: {self._ended}")
        known = self._pending.get(key)
        if known is not None:
            if known.text != text:
                raise ValueError(f"Key {key!r} is on its way with another text; choose a new key.")
            return known.future
        if not 1 <= len(key) <= 64 or not text:
            raise ValueError("A message needs a text, and a key of 1 to 64 characters.")
        if len(self._pending) >= self.terms.queue_max:
            raise QueueFull(
                f"{self.terms.queue_max} messages wait for a receipt already; wait for some of them."
            )
        deadline = self.now() + (self.terms.deadline_s if deadline_s is None else deadline_s)
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        pending = self._pending[key] = _Pending(text, key, deadline, future)
        self._queue.append(pending)
        self._push()
        return future

    async def deliveries(self) -> AsyncIterator[Delivery]:
        """What the switch delivers, each number once. Ends when closed; raises when it ended otherwise."""
        while True:
            delivery = await self._bag.queue.get()
            if delivery is None:
                self._bag.queue.put_nowait(None)  # for the next reader
                if isinstance(self._ended, NotLinked) and not isinstance(self._ended, _Closed):
                    raise self._ended
                return
            if self._mail_held and self._bag.queue.qsize() < self._mail_max() and self._talk is not None:
                self._mail_held = False
                self._talk.let_read()
            yield delivery

    async def acknowledge(self, numbers: Iterable[int]) -> None:
        """Tells the switch that these were shown or stored. Without a line they are told on the next one."""
        self._bag.acknowledge(numbers)
        self._say_acks_soon()

    def release(self, numbers: Iterable[int]) -> None:
        """Takes back that these were handed over: when they come again they are given out again."""
        self._bag.release(numbers)

    async def close(self) -> None:
        """Says BYE and ends. What has no receipt fails with NotLinked."""
        self._end(_Closed("The client was closed."))
        talk = self._talk
        if talk is not None:
            self._say_acks()
            talk.say((write(Kind.BYE, Bye()),))
            talk.shut()
            try:
                async with asyncio.timeout(2.0):
                    await talk.gone.wait()
            except TimeoutError:
                talk.abort()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper}, timeout=2.0)

    def on_welcome(self, talk: _Talk, welcome: Welcome) -> None:
        """The line stands: everything without a receipt goes out, oldest first."""
        self._talk, self.welcome, self.trouble = talk, welcome, ""
        self._held = self._mail_held = False
        idle_s = min(self.terms.idle_s, welcome.idle_s)
        self._patience = Patience(idle_s, self.terms.missed_max, self.now())
        self._bag.new_line()
        self._queue = deque(pending for pending in self._pending.values() if not pending.future.done())
        self._sent.clear()
        self._set_linked(True)
        self._push()

    def on_frame(self, talk: _Talk, frame: Frame) -> None:
        """One frame of a standing line."""
        if talk is not self._talk:
            return
        self._patience.heard(self.now())
        kind = frame.kind
        if kind == Kind.RECEIPT:
            self._on_receipt(read(frame.payload, Receipted))
        elif kind == Kind.DELIVER:
            self._on_delivery(talk, read(frame.payload, Delivery))
        elif kind == Kind.KEEPALIVE:
            talk.say((_ALIVE,))
        elif kind == Kind.NAK:
            self._on_nak(talk, read(frame.payload, Nak))
        elif kind == Kind.BYE:
            last = bye(frame)
            talk.give_up(last.reason, final=last.code == "displaced")
        elif kind != Kind.ALIVE:
            talk.on_broken(f"a frame of kind {kind:02X}")

    def _on_receipt(self, receipted: Receipted) -> None:
        pending = self._sent.pop(receipted.sequence, None)
        self._held = False
        if pending is not None:
            self._forget(pending)
            if not pending.future.done():
                pending.future.set_result(receipted.receipt)
        if self._queue:
            self._push()

    def _on_nak(self, talk: _Talk, nak: Nak) -> None:
        if nak.code in ("gap", "sequence") or nak.sequence not in self._sent:
            if nak.sequence or nak.code == "bad":
                talk.give_up(f"the numbering is out of step: {nak.reason}")
            return
        if nak.code == "late":
            return  # the receipt may still come, and our own deadline stands
        pending = self._sent.pop(nak.sequence)
        if pending.future.done():
            return
        if nak.code in ("busy", "closing"):
            self._held = True
            self._queue.appendleft(pending)
            return
        self._forget(pending)
        pending.future.set_exception(SendRefused(nak.code, nak.reason))

    def _on_delivery(self, talk: _Talk, delivery: Delivery) -> None:
        self._bag.take(delivery)
        if self._bag.has_to_say:
            self._say_acks_soon()
        if not self._mail_held and self._bag.queue.qsize() >= self._mail_max():
            self._mail_held = True
            talk.hold_reading()

    def _mail_max(self) -> int:
        # More than the switch may have unacknowledged, so an honest one never makes us stop reading receipts.
        return 4 * (self.welcome.deliveries_max if self.welcome is not None else 64)

    def _push(self) -> None:
        """Sends what waits, as far as the switch's window allows."""
        talk, welcome, queue = self._talk, self.welcome, self._queue
        if talk is None or welcome is None or not self.linked or self._held:
            return
        frames = []
        while queue and len(self._sent) < welcome.window:
            pending = queue.popleft()
            if pending.future.done():
                self._forget(pending)
                continue
            try:
                frame = write(Kind.SEND, Send(self._sequence + 1, pending.key, pending.text))
                _fit(frame, welcome)
            except (FrameError, UnicodeError) as trouble:
                self._forget(pending)
                pending.future.set_exception(trouble)
                continue
            self._sequence += 1
            self._sent[self._sequence] = pending
            frames.append(frame)
        talk.say(frames)

    def _forget(self, pending: _Pending) -> None:
        if self._pending.get(pending.key) is pending:
            del self._pending[pending.key]

    def _say_acks_soon(self) -> None:
        """All acknowledgements of one loop turn go in one frame."""
        if self.linked and not self._acks_due:
            self._acks_due = True
            asyncio.get_running_loop().call_soon(self._say_acks)

    def _say_acks(self) -> None:
        self._acks_due = False
        if self._talk is not None and self._bag.has_to_say:
            self._talk.say(self._bag.say())

    def _tick(self) -> None:
        self._ticker = asyncio.get_running_loop().call_later(self.terms.tick_s, self._tick)
        now = self.now()
        for pending in [
            each for each in self._pending.values() if now >= each.deadline or each.future.done()
        ]:
            self._forget(pending)
            if not pending.future.done():
                told = f"No receipt for key {pending.key!r} by its deadline; send it again with the same key."
                pending.future.set_exception(NoReceipt(told))
        self._held = False
        self._push()
        if self._mail_held:
            self._patience.heard(now)  # it is we who do not listen
        if self.linked and self._talk is not None:
            due = self._patience.due(now)
            if due is Due.ASK:
                self._talk.say((_KEEPALIVE,))
            elif due is Due.GIVE_UP:
                self._talk.give_up(f"no sign from the switch after {self.terms.missed_max} keepalives")

    async def _keep(self) -> None:
        """Links, waits for the line to go, backs off, links again."""
        tries = 0
        while self._ended is None:
            linked_at = self.now()
            try:
                talk = await self._link()
                await talk.gone.wait()
            except SignOnRefused as refused:
                self.trouble = str(refused)
                if not refused.again:
                    self._end(refused)
            except (OSError, TimeoutError, NotLinked) as trouble:
                self.trouble = str(trouble) or "no answer in time"
            except Exception as trouble:
                log.exception("linking to %s:%d cannot go on", self._host, self._port)
                self._end(NotLinked(f"Linking failed for good: {trouble!r}"))
            else:
                tries = 0 if self.now() - linked_at >= self.terms.settled_s else tries
                self._lost(talk)
            if self._ended is None:
                longest = min(self.terms.backoff_max_s, self.terms.backoff_first_s * 2.0 ** min(tries, 30))
                tries += 1
                await asyncio.sleep(longest * self._dice.uniform(0.5, 1.0))

    async def _link(self) -> _Talk:
        logon = self._logon() if callable(self._logon) else self._logon
        logon = msgspec.structs.replace(logon, resume=self._sequence > 0)
        terms = self.terms
        talk = _Talk(self, logon)
        try:
            async with asyncio.timeout(terms.connect_within_s):
                await asyncio.get_running_loop().create_connection(
                    lambda: talk,
                    self._host,
                    self._port,
                    ssl=terms.tls,
                    server_hostname=(terms.tls_name or self._host) if terms.tls else None,
                )
                await talk.welcomed
        except BaseException:
            talk.abort()
            raise
        return talk

    def _lost(self, talk: _Talk) -> None:
        self.trouble = talk.why
        self._talk = None
        self._set_linked(False)
        if talk.final:
            self._end(NotLinked(f"The switch ended this sign-on: {talk.why}"))

    def _set_linked(self, linked: bool) -> None:
        self.linked, self.since = linked, self.now()
        self._change.set()
        if self._on_link is not None:
            self._on_link(linked)

    def _end(self, why: Exception) -> None:
        if self._ended is not None:
            return
        self._ended = why
        if self._ticker is not None:
            self._ticker.cancel()
        for pending in self._pending.values():
            if not pending.future.done():
                pending.future.set_exception(NotLinked(f"No receipt for key {pending.key!r}: {why}"))
        self._pending.clear()
        self._queue.clear()
        self._bag.queue.put_nowait(None)
        self._change.set()


class _Closed(NotLinked):
    """The client was closed by its owner."""


def _fit(frame: Frame, welcome: Welcome) -> None:
    size = len(frame.payload) + 1
    if size > welcome.frame_bytes_max:
        most = welcome.frame_bytes_max
        raise FrameError(f"The message takes {size} bytes and the switch reads {most}; shorten the text.")
