"""The switch's side of one conversation with a station, as a machine without sockets, clocks or tasks.

Frames and the time go in; frames to send and events to act on come out. Who holds the socket does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import msgspec

from wireroom.message.answer import Delivery, Receipt
from wireroom.message.envelope import Seat
from wireroom.wire.framing import FRAME_BYTES_MAX, Frame
from wireroom.wire.payload import (
    VERSION,
    Ack,
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
    read_once,
    read_send,
    write,
)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much, and how long, the switch puts up with from its stations."""

    framer: str = "length"  # see framing.FRAMERS
    frame_bytes_max: int = FRAME_BYTES_MAX  # from a station
    delivery_bytes_max: int = 4_194_304  # to a station
    logon_within_s: float = 10.0  # from connection to HELLO, and the TLS handshake before it
    logon_answer_within_s: float = 15.0  # for the door to decide
    idle_s: float = 60.0
    missed_max: int = 3  # keepalives without any sign
    bad_frames_max: int = 5  # told; the next one closes the line
    window: int = 64  # sends without a receipt, per station
    receipt_within_s: float = 30.0  # then the station is told that it takes longer
    deliveries_max: int = 64  # without an acknowledgement, per station
    stations_max: int = 4_096  # signed on
    strangers_max: int = 256  # connected, not signed on; over it the oldest must go
    write_buffer_bytes_max: int = 1_048_576  # per station, then nothing more is read from it
    sweep_s: float = 0.5  # how often the clocks above are looked at


class Due(Enum):
    """What silence calls for."""

    NOTHING = 0
    ASK = 1
    GIVE_UP = 2


class Patience:
    """Watches for silence: asks after each idle time, and gives up after so many questions without a sign."""

    __slots__ = ("_asked", "_heard", "_idle_s", "_missed_max")

    def __init__(self, idle_s: float, missed_max: int, now: float) -> None:
        self._idle_s, self._missed_max = idle_s, missed_max
        self._heard, self._asked = now, 0

    def heard(self, now: float) -> None:
        """Anything at all came in."""
        self._heard, self._asked = now, 0

    def due(self, now: float) -> Due:
        """What to do at this moment; counts a question as asked."""
        if now - self._heard < self._idle_s * (self._asked + 1):
            return Due.NOTHING
        if self._asked >= self._missed_max:
            return Due.GIVE_UP
        self._asked += 1
        return Due.ASK


class Phase(Enum):
    """How far the conversation has come."""

    STRANGER = 0  # connected
    ASKING = 1  # the door decides on a sign-on
    SEATED = 2
    ENDED = 3


class Ended(msgspec.Struct, frozen=True):
    """Close the line once the frames are out."""

    code: str
    reason: str


Event = Logon | Send | Ack | Ended
Step = tuple[Sequence[Frame], Sequence[Event]]
NOTHING: Step = ((), ())

_ALIVE = Frame(Kind.ALIVE)
_KEEPALIVE = Frame(Kind.KEEPALIVE)
_SEND = int(Kind.SEND)


class Session:
    """One station's conversation. Nothing it is given makes it raise."""

    def __init__(self, limits: Limits, now: float) -> None:
        self.limits = limits
        self.phase = Phase.STRANGER
        self.unanswered = 0
        self.unacknowledged: set[int] = set()
        self.closing = False  # no new sends, the old ones get their receipts
        self._patience = Patience(limits.idle_s, limits.missed_max, now)
        self._logon_by = now + limits.logon_within_s
        self._bad = 0
        self._last = 0  # the highest sequence taken
        self._any_start = False  # a resumed numbering begins anywhere
        self._keys: dict[int, str] = {}  # of the latest sequences, to know a repeat

    @property
    def may_deliver(self) -> bool:
        """Whether the station has few enough deliveries to acknowledge."""
        return self.phase is Phase.SEATED and len(self.unacknowledged) < self.limits.deliveries_max

    def receive(self, frame: Frame, now: float) -> Step:
        """One frame from the station."""
        self._patience.heard(now)
        if self.phase is Phase.SEATED:
            return self._send(frame) if frame.kind == _SEND else self._seated(frame)
        if self.phase is Phase.STRANGER:
            return self._hello(frame)
        if self.phase is Phase.ASKING:
            return self._asking(frame)
        return NOTHING

    def heard(self, now: float) -> None:
        """A sign of life that was no frame."""
        self._patience.heard(now)

    def tick(self, now: float) -> Step:
        """Time has passed: asks for a sign of life, or ends what has waited too long."""
        if self.phase is Phase.STRANGER and now >= self._logon_by:
            return self.refuse(
                Refusal(
                    f"No sign-on came within {self.limits.logon_within_s:g} s; connect again.", again=True
                )
            )
        if self.phase is Phase.SEATED:
            due = self._patience.due(now)
            if due is Due.ASK:
                return (_KEEPALIVE,), ()
            if due is Due.GIVE_UP:
                missed = self.limits.missed_max
                return self.end("silent", f"No sign from you after {missed} keepalives; sign on again.")
        return NOTHING

    def refuse(self, refusal: Refusal) -> Step:
        """The door said no."""
        if self.phase is Phase.ENDED:
            return NOTHING
        self.phase = Phase.ENDED
        return (write(Kind.REFUSED, refusal),), (Ended("refused", refusal.reason),)

    def welcome(self, seat: Seat, now: float) -> Step:
        """The door said yes."""
        assert self.phase is Phase.ASKING, f"a seat was given in phase {self.phase.name}"
        self.phase = Phase.SEATED
        self._patience.heard(now)
        limits = self.limits
        content = Welcome(
            terminal=seat.terminal,
            ori=seat.ori,
            person=seat.person,
            role=seat.role,
            test=seat.test,
            window=limits.window,
            deliveries_max=limits.deliveries_max,
            idle_s=limits.idle_s,
            frame_bytes_max=limits.frame_bytes_max,
        )
        return (write(Kind.WELCOME, content),), ()

    def receipt(self, sequence: int, receipt: Receipt) -> Step:
        """The switch took the send, or refused it in its own words."""
        self.unanswered -= 1
        if self.phase is not Phase.SEATED:
            return NOTHING
        return (write(Kind.RECEIPT, Receipted(sequence, receipt)),), ()

    def failed(self, sequence: int) -> Step:
        """The switch could not say what became of the send."""
        self.unanswered -= 1
        return self._nak(
            sequence, "fault", "The switch failed on this message; send it again with the same key."
        )

    def late(self, sequence: int) -> Step:
        """The receipt takes longer than it should. It may still come, so the send stays counted."""
        return self._nak(sequence, "late", "No receipt yet; send it again with the same key to ask after it.")

    def deliver(self, delivery: Delivery) -> Step:
        """Something for the station. Counted until it is acknowledged."""
        if self.phase is not Phase.SEATED:
            return NOTHING
        frame = write(Kind.DELIVER, delivery)
        size = len(frame.payload) + 1
        if size > self.limits.delivery_bytes_max:
            # Said instead of cut: a long answer that looks whole would be worse than none.
            frame = write(Kind.DELIVER, _too_long(delivery, size))
        self.unacknowledged.add(delivery.number)
        return (frame,), ()

    def broken(self, reason: str) -> Step:
        """The bytes went out of step; there is no way back in."""
        if self.phase is Phase.STRANGER:
            return self.refuse(Refusal(reason))
        return self.end("bad", reason)

    def end(self, code: str, reason: str) -> Step:
        """The last word, whatever the phase."""
        if self.phase is Phase.ENDED:
            return NOTHING
        self.phase = Phase.ENDED
        return (write(Kind.BYE, Bye(reason, code)),), (Ended(code, reason),)

    def _hello(self, frame: Frame) -> Step:
        if frame.kind != Kind.HELLO:
            return self.refuse(Refusal("Sign on first: the first frame must be HELLO."))
        try:
            logon = read_once(frame.payload, Logon)
        except BadPayload as trouble:
            return self.refuse(Refusal(str(trouble)))
        if logon.version != VERSION:
            return self.refuse(
                Refusal(f"Version {logon.version} is not spoken here; speak version {VERSION}.")
            )
        self.phase = Phase.ASKING
        self._any_start = logon.resume
        return (), (logon,)

    def _asking(self, frame: Frame) -> Step:
        if frame.kind == Kind.BYE:
            return self._bye()
        if frame.kind == Kind.KEEPALIVE:
            return (_ALIVE,), ()
        return self._misfit("Wait for WELCOME before sending anything.")

    def _seated(self, frame: Frame) -> Step:
        kind = frame.kind
        if kind == Kind.ACK:
            return self._ack(frame)
        if kind == Kind.KEEPALIVE:
            return (_ALIVE,), ()
        if kind == Kind.ALIVE:
            return NOTHING
        if kind == Kind.BYE:
            return self._bye()
        if kind == Kind.HELLO:
            return self._misfit("You are signed on already; say BYE first to sign on as somebody else.")
        return self._misfit(f"A station does not send frames of kind {kind:02X}.")

    def _send(self, frame: Frame) -> Step:
        try:
            send = read_send(frame.payload)
        except BadPayload as trouble:
            return self._misfit(str(trouble))
        sequence = send.sequence
        if sequence <= self._last:
            known = self._keys.get(sequence)
            if known != send.key:
                told = "is too old to repeat" if known is None else "was used for another key"
                return self._misfit(
                    f"Sequence {sequence} {told}; go on from {self._last + 1}.", sequence, "sequence"
                )
        elif sequence == self._last + 1 or self._any_start:
            self._remember(sequence, send.key)
        else:
            expected = self._last + 1
            return self._misfit(
                f"Sequence {expected} is missing: {sequence} came instead. Send {expected} first.",
                sequence,
                "gap",
            )
        if self.closing:
            return self._nak(sequence, "closing", "The switch is closing; sign on again and repeat the key.")
        if self.unanswered >= self.limits.window:
            told = f"{self.limits.window} messages have no receipt yet; wait for one, then repeat the key."
            return self._nak(sequence, "busy", told)
        self.unanswered += 1
        return (), (send,)

    def _remember(self, sequence: int, key: str) -> None:
        self._last, self._any_start = sequence, False
        self._keys[sequence] = key
        if len(self._keys) > 4 * self.limits.window:
            del self._keys[next(iter(self._keys))]

    def _ack(self, frame: Frame) -> Step:
        try:
            ack = read_once(frame.payload, Ack)
        except BadPayload as trouble:
            return self._misfit(str(trouble))
        # Only what was sent on this line counts: a station cannot sign for what it has not been given. What
        # it was given on an earlier line is sent again, and can be acknowledged then.
        waiting = self.unacknowledged
        known = tuple(number for number in dict.fromkeys(ack.numbers) if number in waiting)
        if not known:
            return NOTHING
        waiting.difference_update(known)
        return (), (Ack(known),)

    def _bye(self) -> Step:
        self.phase = Phase.ENDED
        return (), (Ended("done", "the station said BYE"),)

    def _misfit(self, reason: str, sequence: int = 0, code: str = "bad") -> Step:
        self._bad += 1
        if self._bad > self.limits.bad_frames_max:
            return self.end("bad", f"Too many wrong frames, the last one: {reason}")
        return self._nak(sequence, code, reason)

    def _nak(self, sequence: int, code: str, reason: str) -> Step:
        if self.phase is Phase.ENDED:
            return NOTHING
        return (write(Kind.NAK, Nak(sequence, code, reason)),), ()


def _too_long(delivery: Delivery, size: int) -> Delivery:
    place = f"Read number {delivery.number} at a desk."
    words = f"This {delivery.kind} of {size} bytes is too long for the line. {place}"
    return msgspec.structs.replace(delivery, hits=(), text=words, title=delivery.title[:200], asked="")


def bye(frame: Frame) -> Bye:
    """What a BYE frame says; an unreadable one says that it could not be read."""
    try:
        return read(frame.payload, Bye) if frame.payload else Bye()
    except BadPayload as trouble:
        return Bye(str(trouble), "bad")
