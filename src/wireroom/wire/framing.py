"""Cuts a stream of bytes into frames, and joins frames into bytes, in one of three ways.

Every framer is strict: a byte that is not exactly where it should be breaks the line for good. Looking for
the next likely beginning instead would let one stream be read in two ways.
"""

from __future__ import annotations

import re
import struct
from typing import Protocol

import msgspec

from wireroom.wire import FrameError

FRAME_BYTES_MAX = 65_536

_HEAD = struct.Struct(">IB")
_LENGTH = struct.Struct(">I")
_STX, _ETX = 0x02, 0x03
_STX_OR_ETX = re.compile(rb"[\x02\x03]")
_START, _STOP = bytes.fromhex("ff00aa55"), bytes.fromhex("55aa00ff")


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One byte that says what it is, and what stands in it."""

    kind: int
    payload: bytes = b""


class Framer(Protocol):
    """A way to write frames as bytes. It keeps nothing between calls, so one may serve many lines."""

    def encode(self, frame: Frame) -> bytes:
        """The frame as bytes. Raises FrameError when this framer cannot carry it."""

    def read(self, data: bytes | bytearray, start: int, seen: int) -> tuple[Frame | None, int]:
        """The frame that begins at `start`, and where the next begins.

        When it is not whole yet: None, and how long `data` must be before another look can help. Nothing
        before `seen` needs to be looked at again. Raises FrameError as soon as no frame can come of it.
        """


class LengthPrefix:
    """Four bytes of length (big-endian, of kind and payload), one byte of kind, the payload. Our default."""

    def __init__(self, frame_bytes_max: int = FRAME_BYTES_MAX) -> None:
        self.frame_bytes_max = frame_bytes_max

    def encode(self, frame: Frame) -> bytes:
        length = len(frame.payload) + 1
        _fits(length, self.frame_bytes_max)
        return _HEAD.pack(length, frame.kind) + frame.payload

    def read(self, data: bytes | bytearray, start: int, seen: int) -> tuple[Frame | None, int]:
        if len(data) - start < 4:
            return None, start + 4
        (length,) = _LENGTH.unpack_from(data, start)
        _fits(length, self.frame_bytes_max)
        end: int = start + 4 + length
        if len(data) < end:
            return None, end
        return Frame(data[start + 4], bytes(data[start + 5 : end])), end


class StxEtx:
    """STX, one byte of kind, text, ETX, as older links are described (general knowledge, no copy of one)."""

    def __init__(self, frame_bytes_max: int = FRAME_BYTES_MAX) -> None:
        self.frame_bytes_max = frame_bytes_max

    def encode(self, frame: Frame) -> bytes:
        body = bytes((frame.kind,)) + frame.payload
        _fits(len(body), self.frame_bytes_max)
        if _STX_OR_ETX.search(body):
            raise FrameError(
                "A text between STX and ETX may not hold either byte; take them out and send again."
            )
        return b"\x02" + body + b"\x03"

    def read(self, data: bytes | bytearray, start: int, seen: int) -> tuple[Frame | None, int]:
        if data[start] != _STX:
            raise FrameError(f"A frame begins with STX (02), not with {data[start]:02X}; sign on again.")
        found = _STX_OR_ETX.search(data, max(seen, start + 1))
        length = (found.start() if found else len(data)) - start - 1
        if length > self.frame_bytes_max:
            _fits(length, self.frame_bytes_max)
        if not found:
            return None, len(data) + 1
        if data[found.start()] != _ETX:
            raise FrameError("A second STX (02) came before ETX (03); sign on again.")
        _fits(length, self.frame_bytes_max)
        return Frame(data[start + 1], bytes(data[start + 2 : found.start()])), found.end()


class PatternLength:
    """FF 00 AA 55, length in four bytes, kind, payload, 55 AA 00 FF (general knowledge, no copy of one)."""

    def __init__(self, frame_bytes_max: int = FRAME_BYTES_MAX) -> None:
        self.frame_bytes_max = frame_bytes_max

    def encode(self, frame: Frame) -> bytes:
        length = len(frame.payload) + 1
        _fits(length, self.frame_bytes_max)
        return b"".join((_START, _HEAD.pack(length, frame.kind), frame.payload, _STOP))

    def read(self, data: bytes | bytearray, start: int, seen: int) -> tuple[Frame | None, int]:
        if not _START.startswith(bytes(data[start : start + 4])):
            raise FrameError("A frame begins with the bytes FF 00 AA 55; sign on again.")
        if len(data) - start < 4:
            return None, len(data) + 1
        if len(data) - start < 8:
            return None, start + 8
        (length,) = _LENGTH.unpack_from(data, start + 4)
        _fits(length, self.frame_bytes_max)
        end: int = start + 8 + length
        if len(data) < end + 4:
            return None, end + 4
        if data[end : end + 4] != _STOP:
            raise FrameError(
                "A frame ends with the bytes 55 AA 00 FF; its length does not fit. Sign on again."
            )
        return Frame(data[start + 8], bytes(data[start + 9 : end])), end + 4


def _fits(length: int, most: int) -> None:
    if length > most:
        raise FrameError(f"A frame of {length} bytes is longer than the {most} allowed; shorten the text.")
    if length == 0:
        raise FrameError("A frame without a kind byte means nothing; sign on again.")


FRAMERS: dict[str, type[LengthPrefix] | type[StxEtx] | type[PatternLength]] = {
    "length": LengthPrefix,
    "stx-etx": StxEtx,
    "pattern": PatternLength,
}


def framer(name: str, frame_bytes_max: int = FRAME_BYTES_MAX) -> Framer:
    """The framer that a setting names: "length", "stx-etx" or "pattern"."""
    if name not in FRAMERS:
        raise ValueError(f"There is no framer {name!r}; choose one of {', '.join(FRAMERS)}.")
    return FRAMERS[name](frame_bytes_max)


class BrokenStream(FrameError):
    """A FrameError with the frames that were whole before it."""

    def __init__(self, reason: str, frames: list[Frame]) -> None:
        super().__init__(reason)
        self.frames = frames


class Decoder:
    """The reading end of one line: takes bytes as they come, gives frames as they are whole.

    Holds at most one unfinished frame, which the framer bounds. Trouble is final, and brings along the frames
    that were whole before it, so that the result does not depend on how the bytes were cut.
    """

    def __init__(self, framer: Framer | None = None) -> None:
        self._read = (framer or LengthPrefix()).read
        self._rest = bytearray()
        self._need = 0
        self._broken: str = ""

    def feed(self, data: bytes) -> list[Frame]:
        """Every frame that these bytes complete. Raises BrokenStream (a FrameError) at a wrong byte."""
        if self._broken:
            raise BrokenStream(self._broken, [])
        rest, seen = self._rest, 0
        stream: bytes | bytearray = data
        if rest:
            seen = len(rest)
            rest += data
            if len(rest) < self._need:
                return []
            stream = rest
        frames: list[Frame] = []
        start, size = 0, len(stream)
        try:
            while start < size:
                frame, place = self._read(stream, start, seen)
                if frame is None:
                    self._need = place - start
                    break
                frames.append(frame)
                start = place
        except FrameError as trouble:
            self._broken = str(trouble)
            rest.clear()
            raise BrokenStream(self._broken, frames) from None
        if stream is rest:
            del rest[:start]
        elif start < size:
            rest += data[start:]
        return frames
