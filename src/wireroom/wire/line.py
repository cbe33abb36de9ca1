"""One TCP connection that speaks frames: reads what comes, writes what was said in one loop turn at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

from wireroom.wire.framing import BrokenStream, Decoder, Frame, Framer

_FLUSH_BYTES = 65_536


class Line(asyncio.Protocol):
    """What the server's and the client's end have in common. Subclasses fill in the `on_` methods."""

    def __init__(self, incoming: Framer, outgoing: Framer, buffer_bytes_max: int) -> None:
        self._decoder = Decoder(incoming)
        self._encode = outgoing.encode
        self._buffer_bytes_max = buffer_bytes_max
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._said: list[bytes] = []
        self._said_bytes = 0
        self._flush_due = False
        self._shut = False
        self._holding = 0  # reasons not to read: a full write buffer, a full queue
        self.drained = asyncio.Event()
        self.drained.set()
        self.gone = asyncio.Event()

    def on_open(self) -> None:
        """The connection stands."""

    def on_frame(self, frame: Frame) -> None:
        """One frame came."""

    def on_broken(self, reason: str) -> None:
        """What came is no frames; nothing more will be read."""

    def on_gone(self, trouble: Exception | None) -> None:
        """The connection is no more."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=self._buffer_bytes_max)
        self.on_open()

    def data_received(self, data: bytes) -> None:
        broken = ""
        try:
            frames = self._decoder.feed(data)
        except BrokenStream as trouble:
            frames, broken = trouble.frames, str(trouble)
        for frame in frames:
            if self._shut:
                return
            self.on_frame(frame)
        if broken and not self._shut:
            self.on_broken(broken)

    def connection_lost(self, exc: Exception | None) -> None:
        self._shut = True
        self._said.clear()
        self.drained.set()  # whoever waits finds the line shut
        self.gone.set()
        self.on_gone(exc)

    def pause_writing(self) -> None:
        self.drained.clear()

    def resume_writing(self) -> None:
        self.drained.set()

    def hold_reading(self) -> None:
        """One more reason not to read."""
        self._holding += 1
        if self._holding == 1 and self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def let_read(self) -> None:
        """One reason less not to read."""
        self._holding -= 1
        if self._holding == 0 and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def say(self, frames: Sequence[Frame]) -> None:
        """Queues frames; all that is said in one loop turn is written at once."""
        if self._shut:
            return
        for frame in frames:
            data = self._encode(frame)
            self._said.append(data)
            self._said_bytes += len(data)
        if self._said_bytes >= _FLUSH_BYTES:
            self._flush()  # only what is written makes the transport say that it has enough
        elif not self._flush_due and self._said:
            self._flush_due = True
            self._loop.call_soon(self._flush)

    def shut(self) -> None:
        """Writes what was said, then closes. A peer that does not read may hold it up: see `abort`."""
        self._flush()
        self._shut = True
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Closes at once; what was not written is lost."""
        self._shut = True
        if self._transport is not None:
            self._transport.abort()

    def _flush(self) -> None:
        self._flush_due = False
        self._said_bytes = 0
        if self._said and self._transport is not None and not self._shut:
            said, self._said = self._said, []
            self._transport.write(said[0] if len(said) == 1 else b"".join(said))
