"""The switch's end of the wire: takes connections, seats stations, carries sends in and deliveries out."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import msgspec

from wireroom.message.answer import Delivery, Receipt
from wireroom.message.envelope import Seat
from wireroom.wire.framing import Frame, framer
from wireroom.wire.line import Line
from wireroom.wire.payload import Ack, Logon, Refusal, Send
from wireroom.wire.session import Ended, Event, Limits, Phase, Session, Step

log = logging.getLogger(__name__)

_PARTING_S = 5.0  # for a peer to read its last words, and for the door to hear of it


class Door(Protocol):
    """What stands behind the wire: the switch, or a pretended partner. Every method has its own deadline.

    `send` may be called again with a key it knows and then gives the first result. `closed` is called once
    for each sign-on that gave a seat. When a terminal signs on anew, its old mailbox is closed and `closed`
    is told of the old line before the new mailbox is opened, though after `logon` of the new.
    """

    async def logon(self, logon: Logon, peer: str) -> Seat | Refusal:
        """Who may sit down. `peer` is "address:port", then " sha256:…" of a client certificate, if any."""

    async def send(self, seat: Seat, key: str, text: str, sequence: int) -> Receipt:
        """Takes a text; durable when it returns. Not cancelled when the station goes away."""

    def mailbox(self, seat: Seat) -> AbstractAsyncContextManager[AsyncIterator[Delivery]]:
        """Unacknowledged deliveries first, then live ones."""

    async def acknowledge(self, seat: Seat, numbers: Sequence[int]) -> None:
        """The station has these."""

    async def closed(self, seat: Seat) -> None:
        """The station's line is gone."""


class StationState(msgspec.Struct, frozen=True, kw_only=True):
    """One signed-on station, for the operator."""

    terminal: str
    ori: str
    peer: str
    since: float  # on the server's own clock
    unanswered: int
    unacknowledged: int


class Station(Line):
    """One connection from a station."""

    def __init__(self, server: Server) -> None:
        limits = server.limits
        super().__init__(server.incoming, server.outgoing, limits.write_buffer_bytes_max)
        self.server = server
        self.session = Session(limits, server.now())
        self.seat: Seat | None = None
        self.since = server.now()
        self.peer = "?"
        self.ended_at: float | None = None
        self._sends: dict[int, tuple[float, int]] = {}  # oldest first: since when, sequence
        self._tokens = 0
        self._late_from = 0  # the first token that was not told to be late
        self._room = asyncio.Event()
        self._mail: asyncio.Task[None] | None = None
        self._parting: asyncio.Task[None] | None = None
        self._acknowledged: list[int] = []
        self._acknowledging = False

    @property
    def sending(self) -> int:
        """How many sends the door still works on."""
        return len(self._sends)

    def on_open(self) -> None:
        assert self._transport is not None
        self.peer = _peer(self._transport)
        self.server.arrived(self)

    def on_frame(self, frame: Frame) -> None:
        self.act(self.session.receive(frame, self.server.now()))

    def on_broken(self, reason: str) -> None:
        self.act(self.session.broken(reason))

    def on_gone(self, trouble: Exception | None) -> None:
        self.session.phase = Phase.ENDED
        self._room.set()
        self.server.left(self)
        self.part()

    def pause_writing(self) -> None:
        # A station that does not read its answers must not be able to ask for more of them.
        super().pause_writing()
        self.hold_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.let_read()
        self.session.heard(
            self.server.now()
        )  # it reads, so it lives; while it did not, nothing was read from it

    def tick(self, now: float) -> None:
        """Looks at every clock of this station."""
        if self.ended_at is not None:
            if now - self.ended_at >= _PARTING_S:
                self.abort()  # it does not read its last words
            return
        self.act(self.session.tick(now))
        for token, (since, sequence) in self._sends.items():
            if now - since < self.session.limits.receipt_within_s:
                break
            if token >= self._late_from:
                self._late_from = token + 1
                self.act(self.session.late(sequence))

    def act(self, step: Step) -> None:
        """Says the frames and does the events of one step."""
        frames, events = step
        if frames:
            self.say(frames)
        for event in events:
            self._on_event(event)

    def part(self) -> asyncio.Task[None] | None:
        """Closes the mailbox and tells the door, once; the task that does it."""
        if self._parting is None and self.seat is not None:
            self._parting = self.server.spawn(self._part(self.seat))
        return self._parting

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Send):
            token = self._tokens
            self._tokens += 1
            self._sends[token] = (self.server.now(), event.sequence)
            self.server.spawn(self._carry(event, token))
        elif isinstance(event, Ack):
            self._room.set()
            self._acknowledged.extend(event.numbers)
            if not self._acknowledging:
                self._acknowledging = True
                self.server.spawn(self._acknowledge())
        elif isinstance(event, Logon):
            self.server.spawn(self._sign_on(event))
        else:
            self._end(event)

    def _end(self, ended: Ended) -> None:
        log.info("line to %s closed: %s", self.peer, ended.code)
        self.ended_at = self.server.now()
        self._room.set()
        self.shut()

    async def _sign_on(self, logon: Logon) -> None:
        found = await self._decide(logon)
        if isinstance(found, Refusal):
            self.act(self.session.refuse(found))
            return
        full = self.server.full_for(found)
        if full is not None:
            self.act(self.session.refuse(full))
        if self.session.phase is not Phase.ASKING:  # no room, or it went away while the door decided
            await self._part(found)
            return
        self.seat = found
        before = self.server.seat(self, found)
        self.act(self.session.welcome(found, self.server.now()))
        self._mail = self.server.spawn_mail(self._deliver(found, before))

    async def _decide(self, logon: Logon) -> Seat | Refusal:
        try:
            async with asyncio.timeout(self.session.limits.logon_answer_within_s):
                return await self.server.door.logon(logon, self.peer)
        except TimeoutError:
            return Refusal("The switch could not check the sign-on in time; try again.", again=True)
        except Exception:
            log.exception("sign-on from %s failed", self.peer)
            return Refusal("The switch failed while checking the sign-on; try again.", again=True)

    async def _carry(self, send: Send, token: int) -> None:
        assert self.seat is not None, "a send came through without a seat"
        try:
            receipt = await self.server.door.send(self.seat, send.key, send.text, send.sequence)
        except Exception:
            log.exception("send %d from %s failed", send.sequence, self.peer)
            step = self.session.failed(send.sequence)
        else:
            step = self.session.receipt(send.sequence, receipt)
        del self._sends[token]
        self.act(step)

    async def _deliver(self, seat: Seat, before: asyncio.Task[None] | None) -> None:
        """Fetches from the mailbox no faster than the station acknowledges and reads."""
        if before is not None:
            await asyncio.wait({before}, timeout=_PARTING_S)
        try:
            async with self.server.door.mailbox(seat) as mail:
                async for delivery in mail:
                    self.act(self.session.deliver(delivery))
                    while not self.session.may_deliver and self.session.phase is Phase.SEATED:
                        self._room.clear()
                        await self._room.wait()
                    await self.drained.wait()
                    if self.session.phase is not Phase.SEATED:
                        return
        except Exception:
            log.exception("mailbox of %s failed", seat.terminal)
        self.act(self.session.end("fault", "Your mailbox cannot be read; sign on again to get your mail."))

    async def _acknowledge(self) -> None:
        """One at a time: what comes meanwhile goes in the next round."""
        assert self.seat is not None, "an acknowledgement came through without a seat"
        try:
            while self._acknowledged:
                numbers, self._acknowledged = self._acknowledged, []
                await self.server.door.acknowledge(self.seat, numbers)
        except Exception:
            # They stay unacknowledged in the mailbox and are delivered again on the next line.
            log.exception("acknowledgement from %s failed", self.peer)
            self.act(self.session.end("fault", "Your acknowledgement could not be kept; sign on again."))
        finally:
            self._acknowledging = False

    async def _part(self, seat: Seat) -> None:
        if self._mail is not None:
            self._mail.cancel()
            await asyncio.wait({self._mail}, timeout=_PARTING_S)
        try:
            async with asyncio.timeout(_PARTING_S):
                await self.server.door.closed(seat)
        except Exception:
            log.exception("the door did not take that %s left", seat.terminal)


class Server:
    """Listens, and keeps the list of who is there. Start it in a running loop, uvloop for speed.

    `now` is a steady clock in seconds; without one the loop's own.
    """

    def __init__(
        self, door: Door, limits: Limits | None = None, *, now: Callable[[], float] | None = None
    ) -> None:
        self.door = door
        self.limits = limits or Limits()
        self.incoming = framer(self.limits.framer, self.limits.frame_bytes_max)
        self.outgoing = framer(self.limits.framer, self.limits.delivery_bytes_max)
        self._now = now
        self._listener: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._lines: set[Station] = set()
        self._strangers: dict[Station, None] = {}  # oldest first
        self._seated: dict[str, Station] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._mails: set[asyncio.Task[None]] = set()
        self._closing = False

    def now(self) -> float:
        return self._now() if self._now is not None else asyncio.get_running_loop().time()

    @property
    def port(self) -> int:
        """The port that was given, or found when 0 was asked for."""
        assert self._listener is not None, "the server was not started"
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    async def start(
        self,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        reuse_port: bool = False,
    ) -> None:
        """Listens. `reuse_port` lets several processes share the port."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: Station(self),
            host,
            port,
            ssl=tls,
            ssl_handshake_timeout=self.limits.logon_within_s if tls else None,
            reuse_port=reuse_port or None,
            backlog=1_024,
        )
        self._sweeper = loop.call_later(self.limits.sweep_s, self._sweep)

    async def close(self, within_s: float = 5.0) -> None:
        """Takes nothing new, lets the receipts of the old go out, says BYE, and closes every line."""
        self._closing = True
        if self._listener is not None:
            self._listener.close()
        for line in self._lines:
            line.session.closing = True
        if not await self._finish(within_s):
            log.warning("closing with %d sends unfinished", sum(line.sending for line in self._lines))
        lines = list(self._lines)
        for line in lines:
            line.act(line.session.end("closing", "The switch is closing; sign on again in a moment."))
        try:
            async with asyncio.timeout(within_s):
                for line in lines:
                    await line.gone.wait()
        except TimeoutError:
            for line in lines:
                line.abort()
        if self._sweeper is not None:
            self._sweeper.cancel()
        for mail in self._mails:
            mail.cancel()
        await self._finish(within_s)
        for task in self._tasks:
            task.cancel()

    async def _finish(self, within_s: float) -> bool:
        """Waits for sends, sign-ons and partings; whether all ended in time."""
        try:
            async with asyncio.timeout(within_s):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            return False
        return True

    def stations(self) -> tuple[StationState, ...]:
        """Who is signed on."""
        return tuple(
            StationState(
                terminal=terminal,
                ori=station.seat.ori,
                peer=station.peer,
                since=station.since,
                unanswered=station.session.unanswered,
                unacknowledged=len(station.session.unacknowledged),
            )
            for terminal, station in self._seated.items()
            if station.seat is not None
        )

    def arrived(self, station: Station) -> None:
        """A connection was made. Over the limit the stranger who has waited longest must go."""
        self._lines.add(station)
        self._strangers[station] = None
        if self._closing:
            station.act(station.session.refuse(Refusal("The switch is closing; connect again.", again=True)))
        if len(self._strangers) > self.limits.strangers_max:
            oldest = next(iter(self._strangers))
            del self._strangers[oldest]
            told = (
                f"More than {self.limits.strangers_max} connections wait to sign on; try again in a moment."
            )
            if oldest.ended_at is None:
                oldest.act(oldest.session.refuse(Refusal(told, again=True)))
            else:
                oldest.abort()  # it was told to go before and did not

    def left(self, station: Station) -> None:
        """A connection is gone."""
        self._lines.discard(station)
        self._strangers.pop(station, None)
        seat = station.seat
        if seat is not None and self._seated.get(seat.terminal) is station:
            del self._seated[seat.terminal]

    def full_for(self, seat: Seat) -> Refusal | None:
        """Why there is no place, if there is none. Signing on anew at a terminal takes no more room."""
        if len(self._seated) < self.limits.stations_max or seat.terminal in self._seated:
            return None
        return Refusal(f"All {self.limits.stations_max} places are taken; try again later.", again=True)

    def seat(self, station: Station, seat: Seat) -> asyncio.Task[None] | None:
        """Seats a station; whoever sat at that terminal must go. Gives the parting to wait for."""
        self._strangers.pop(station, None)
        old = self._seated.get(seat.terminal)
        self._seated[seat.terminal] = station
        station.since = self.now()
        if old is None:
            return None
        # The newer sign-on wins, because the older line is usually one that died without saying so.
        old.act(old.session.end("displaced", "Somebody signed on at this terminal from another line."))
        return old.part()

    def dismiss(self, seat: Seat, reason: str) -> None:
        """Ends the line of a seat, with a last word; a seat that has no line any more is no fault."""
        station = self._seated.get(seat.terminal)
        if station is not None and station.seat is seat:
            station.act(station.session.end("revoked", reason))

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs work that is waited for on closing. (`Any`: what a coroutine yields only the loop knows.)"""
        return _keep(work, self._tasks)

    def spawn_mail(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs work that ends with its line."""
        return _keep(work, self._mails)

    def _sweep(self) -> None:
        self._sweeper = asyncio.get_running_loop().call_later(self.limits.sweep_s, self._sweep)
        now = self.now()
        for line in list(self._lines):
            line.tick(now)


def _keep(work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> asyncio.Task[None]:
    """A task that the loop may not forget: it holds them only weakly."""
    task = asyncio.get_running_loop().create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return task


def _peer(transport: asyncio.Transport) -> str:
    name = transport.get_extra_info("peername")
    peer = f"{name[0]}:{name[1]}" if name else "?"
    tls = transport.get_extra_info("ssl_object")
    certificate = tls.getpeercert(binary_form=True) if tls is not None else None
    return f"{peer} sha256:{hashlib.sha256(certificate).hexdigest()}" if certificate else peer
