"""Bad input by the million: no text and no byte may break, slow or fool what reads them. Run by `make fuzz`."""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import time
from collections.abc import Callable
from typing import TextIO

import msgspec

from tests.catalog.inventing import ORI, TODAY, full, text_of, with_bicycles
from wireroom.catalog.kinds import Prose
from wireroom.message.command import command
from wireroom.message.envelope import Message, Reading
from wireroom.message.read import TEXT_CHARACTERS_MAX, read
from wireroom.message.write import write
from wireroom.wire import FrameError
from wireroom.wire.framing import FRAMERS, BrokenStream, Decoder, Frame, framer
from wireroom.wire.payload import Ack, BadPayload, Kind, Logon, Send, read_once, read_send
from wireroom.wire.payload import write as write_frame

TEXTS = 1_000_000
TEXTS_A_STREAM = 10  # one stream of frames for so many texts
SLOW_MS = 100.0
SHOWN_MAX = 10  # failures that are printed whole
POOL_A_FORM = 40
BAR = 30

# What looks like something else: fields, keys, headers, controls, look-alikes, halves of pairs, piles of accents.
PIECES = (
    *(
        ".",
        "..",
        "/",
        "//",
        " ",
        "\n",
        "\r\n",
        "\t",
        "\x00",
        "\x02",
        "\x03",
        "\x1b",
        "\x7f",
        "\x85",
        "\u2028",
    ),
    *("․", "…", "／", "⁄", "ﷺ", "ß", "İ", "ı", "\u202e", "\ufeff", "\ud800", "\U0001f6a8"),
    *("\u0301", "\u0301" * 40, "\u0327\u0301" * 300),
    *("QV", "QV.", "EV.LIC/X", ".LIC/7ABQ999", ".LIS/NV", " LIC/1", ".PUR/I", ".ORI/CA0990200", ".CA0990200"),
    *("TXT/", ".TXT/", "1L01A", "MKE/STOLEN VEHICLE", "\n\nMKE/X\nFILE/vehicle"),
    *("'; drop table record; --", "<script>", "%s%n", "{0}", "\\", "9" * 400),
)
TYPED = (
    *(
        "7ABQ123",
        "7ABQ 123 NV",
        "1HGCM82633A004352",
        "X1234567",
        "900-12-3456",
        "9902632700001",
        "V123456782",
    ),
    *(
        "TESTCASE, JANE Q 1990-01-31 F",
        "QW TESTCASE, JANE 19900131",
        "QV FISHING",
        "QV LIC/7ABQ123 LIS/CA PUR/C",
    ),
    "AM TO/Z001 TXT/HELLO",
)
FOREIGN = "CA0990200"


class Failure(msgspec.Struct, frozen=True):
    """One input that was not borne, with what is needed to try it again."""

    what: str
    given: str


class Result(msgspec.Struct):
    """What came of a run."""

    texts: int = 0
    frames: int = 0
    accepted: int = 0
    refused: int = 0
    slowest_ms: float = 0.0
    slowest: str = ""
    failures: list[Failure] = []

    def fail(self, what: str, given: object) -> None:
        """One more failure; the first ones are kept whole."""
        if len(self.failures) < 1000:
            self.failures.append(Failure(what, repr(given)))


class Inputs:
    """Texts and streams from dice: the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.catalogue = with_bicycles()
        self.pool: list[Message] = [
            Message(form.key, tuple(full(form, self.dice)))
            for form in self.catalogue.forms.values()
            for _ in range(POOL_A_FORM)
        ]
        self.makers: tuple[Callable[[], str], ...] = (
            self.changed,
            self.changed,
            self.shorthand,
            self.noise,
            self.nested,
        )

    def text(self) -> str:
        """Some text, now and then as long as one may be and longer."""
        text = self.dice.choice(self.makers)()
        if self.dice.random() < 0.002:
            text = (text or "Q") * (TEXT_CHARACTERS_MAX // max(1, len(text)) + self.dice.randrange(2))
        return text

    def valid(self) -> Message:
        """A message that is right."""
        return self.dice.choice(self.pool)

    def changed(self) -> str:
        """A right text with a few things wrong."""
        message = self.valid()
        return self._edited(text_of(self.catalogue.forms[message.key], list(message.fields)))

    def shorthand(self) -> str:
        """What a person types into the box, with a few things wrong."""
        return self._edited(self.dice.choice(TYPED))

    def noise(self) -> str:
        """Bytes as somebody's wrong decoding gives them, behind a key or alone."""
        raw = self.dice.randbytes(self.dice.randrange(1, 60))
        how = self.dice.randrange(3)
        text = (
            raw.decode("latin-1")
            if how == 0
            else raw.decode("utf-8", "surrogateescape" if how == 1 else "replace")
        )
        return self.dice.choice(("", "QV.LIC/", "AM.TO/Z001.TXT/", "QW ")) + text

    def nested(self) -> str:
        """One text inside another."""
        outer, inner = self.changed(), write(self.valid())
        cut = self.dice.randrange(len(outer) + 1)
        return outer[:cut] + inner + outer[cut:]

    def _edited(self, text: str) -> str:
        dice = self.dice
        for _ in range(dice.randrange(1, 5)):
            place, act = dice.randrange(len(text) + 1), dice.randrange(7)
            if act == 0:
                text = text[:place] + text[place + dice.randrange(1, 4) :]
            elif act == 1:
                text = text[:place] + dice.choice(PIECES) + text[place:]
            elif act == 2:
                text = (
                    text[:place]
                    + chr(
                        dice.choice((dice.randrange(128), dice.randrange(0x3000), dice.randrange(0x110000)))
                    )
                    + text[place:]
                )
            elif act == 3:
                end = place + dice.randrange(1, 12)
                text = text[:end] + text[place:]
            elif act == 4:
                text = text[:place].lower() + text[place:]
            elif act == 5:
                other = write(self.valid())
                text = text[:place] + other[dice.randrange(len(other)) :]
            else:
                text = text[:place]
        return text

    def stream(self) -> bytes:
        """Frames of the line's own kinds, some of them damaged."""
        dice = self.dice
        way = framer(dice.choice(tuple(FRAMERS)))
        data = b""
        for sequence in range(1, dice.randrange(2, 6)):
            said = (
                Logon(terminal="Z001"),
                Ack(numbers=(sequence,)),
                Send(sequence, "k", dice.choice(TYPED)),
            )
            frame = write_frame(dice.choice((Kind.SEND, Kind.HELLO, Kind.ACK)), dice.choice(said))
            if dice.random() < 0.3:
                frame = Frame(dice.randrange(256), dice.randbytes(dice.randrange(40)))
            try:
                data += way.encode(frame)
            except FrameError:
                continue
        for _ in range(dice.randrange(3)):
            place = dice.randrange(len(data) + 1)
            data = data[:place] + dice.randbytes(dice.randrange(3)) + data[place + dice.randrange(3) :]
        return data


class Fuzzer:
    """Puts inputs through what reads them, and holds each result to what is promised."""

    def __init__(self, seed: int) -> None:
        self.inputs = Inputs(seed)
        self.dice = self.inputs.dice
        self.catalogue = self.inputs.catalogue
        self.result = Result()

    def one(self) -> None:
        """One text, and now and then a smuggling attempt and a stream."""
        text = self.inputs.text()
        reading = self._timed(text, command)
        if reading is not None:
            self._keeps(text, reading)
        if self.result.texts % 4 == 0:
            self._smuggle()
        if self.result.texts % TEXTS_A_STREAM == 0:
            self._stream()
        self.result.texts += 1

    def _timed(self, text: str, reader: Callable[..., Reading]) -> Reading | None:
        try:
            began = time.perf_counter()
            reading = reader(text, self.catalogue, ori=ORI, today=TODAY)
            took = (time.perf_counter() - began) * 1000
            if (
                took > self.result.slowest_ms and took > SLOW_MS / 10
            ):  # again, for the machine may have been elsewhere
                took = min(took, *(self._again(text, reader) for _ in range(3)))
        except Exception as error:
            self.result.fail(f"{reader.__name__} raised {type(error).__name__}: {error}", text)
            return None
        if took > self.result.slowest_ms:
            self.result.slowest_ms, self.result.slowest = took, text
        if took > SLOW_MS:
            self.result.fail(f"{reader.__name__} took {took:.0f} ms", text)
        return reading

    def _again(self, text: str, reader: Callable[..., Reading]) -> float:
        began = time.perf_counter()
        reader(text, self.catalogue, ori=ORI, today=TODAY)
        return (time.perf_counter() - began) * 1000

    def _keeps(self, text: str, reading: Reading) -> None:
        """The promises of a reading: a message or faults, and a message that reads as itself."""
        if reading.text != text:
            self.result.fail("the reading is of another text", text)
        if reading.message is None:
            self.result.refused += 1
            if not reading.faults or not all(
                fault.reason and fault.given.isprintable() for fault in reading.faults
            ):
                self.result.fail("refused without a fault that can be shown", text)
            return
        self.result.accepted += 1
        if reading.faults:
            self.result.fail("accepted with faults", text)
        form = self.catalogue.forms[reading.message.key]
        for code, value in reading.message.fields:
            prose = isinstance(form.by_code[code].kind, Prose)
            if not value or not (prose or (value.isascii() and value.isprintable() and "." not in value)):
                self.result.fail(f"accepted with a value of {code} that is not canonical", text)
        again = read(write(reading.message), self.catalogue, ori=ORI, today=TODAY)
        if again.message != reading.message:
            self.result.fail("accepted, and its own text reads as another message", text)

    def _smuggle(self) -> None:
        """Something in a value without a period: the value changes or is refused, and no other field moves."""
        message = self.inputs.valid()
        place = self.dice.randrange(len(message.fields))
        code, value = message.fields[place]
        junk = self.dice.choice([piece for piece in PIECES if "." not in piece])
        cut = self.dice.randrange(len(value) + 1)
        pairs = list(message.fields)
        pairs[place] = (code, value[:cut] + junk + value[cut:])
        text = write(Message(message.key, tuple(pairs)))
        reading = self._timed(text, read)
        if reading is not None and reading.message is not None:
            others = [pair for pair in reading.message.fields if pair[0] != code]
            if (
                others != [pair for pair in message.fields if pair[0] != code]
                or reading.message.key != message.key
            ):
                self.result.fail(f"what was put into {code} moved another field", text)
        foreign = f"{message.key}.{FOREIGN}{write(message)[len(message.key) :]}"
        reading = self._timed(foreign, command)
        if reading is not None and reading.message is not None:
            self.result.fail("accepted under the ORI of another agency", foreign)

    def _stream(self) -> None:
        """The frames of a stream do not depend on how it is cut, and what is in them is read or refused."""
        data = self.inputs.stream()
        for name in FRAMERS:
            try:
                whole, cut = self._decoded(data, name, pieces=False), self._decoded(data, name, pieces=True)
            except Exception as error:
                self.result.fail(f"the {name} decoder raised {type(error).__name__}: {error}", data)
                continue
            if whole != cut:
                self.result.fail(f"the {name} decoder gives other frames when the stream is cut", data)
            for frame in whole[0]:
                self.result.frames += 1
                self._payload(frame)

    def _decoded(self, data: bytes, name: str, *, pieces: bool) -> tuple[list[Frame], str]:
        decoder, frames, at = Decoder(framer(name)), [], 0
        while at < len(data):
            size = self.dice.randrange(1, 9) if pieces else len(data)
            try:
                frames.extend(decoder.feed(data[at : at + size]))
            except BrokenStream as trouble:
                return [*frames, *trouble.frames], str(trouble)
            at += size
        return frames, ""

    def _payload(self, frame: Frame) -> None:
        shape = {Kind.HELLO: Logon, Kind.ACK: Ack}.get(frame.kind)  # type: ignore[call-overload]
        try:
            if frame.kind == Kind.SEND:
                read_send(frame.payload)
            elif shape is not None:
                read_once(frame.payload, shape)
        except BadPayload:
            return
        except Exception as error:
            self.result.fail(f"a payload raised {type(error).__name__}: {error}", frame)


def run(
    texts: int, seed: int, *, show: Callable[[Result], None] = lambda result: None, every: int = 5000
) -> Result:
    """So many texts from a seed; stops early where failures are many."""
    fuzzer = Fuzzer(seed)
    while fuzzer.result.texts < texts and len(fuzzer.result.failures) < SHOWN_MAX:
        fuzzer.one()
        if fuzzer.result.texts % every == 0:
            show(fuzzer.result)
    return fuzzer.result


def bar(done: int, of: int, began: float, out: TextIO) -> None:
    """How far it is: drawn over itself on a screen, a line for each tenth in a log."""
    rate = done / max(time.monotonic() - began, 1e-6)
    full_cells = BAR * done // of
    line = f"[{'#' * full_cells}{'.' * (BAR - full_cells)}] {done:>9,} of {of:,} texts, {rate:,.0f} a second"
    if out.isatty():
        print(f"\r{line}", end="\n" if done >= of else "", file=out, flush=True)
    elif done % max(1, of // 10) < 5000:
        print(line, file=out, flush=True)


def summary(result: Result, seed: int, seconds: float) -> str:
    """What a person reads at the end."""
    lines = [
        f"fuzz: seed {seed}, {result.texts:,} texts and {result.frames:,} frames in {seconds:.0f} s",
        f"  refused {result.refused:,}, accepted {result.accepted:,}, each of these read again as itself",
        f"  slowest {result.slowest_ms:.1f} ms: {result.slowest[:60]!a} ({len(result.slowest):,} characters)",
        f"  crashes, wrong accepts and texts over {SLOW_MS:.0f} ms: {len(result.failures)}",
    ]
    lines += [f"  {failure.what}\n    {failure.given[:2000]}" for failure in result.failures[:SHOWN_MAX]]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """0 when nothing was found, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--texts", type=int, default=TEXTS, help="how many texts (%(default)s)")
    parser.add_argument(
        "--seed", type=int, default=None, help="replay a run; without it a seed is chosen and printed"
    )
    given = parser.parse_args(arguments)
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    print(f"fuzz: seed {seed}", flush=True)
    began = time.monotonic()
    result = run(given.texts, seed, show=lambda so_far: bar(so_far.texts, given.texts, began, sys.stdout))
    print(summary(result, seed, time.monotonic() - began))
    return 1 if result.failures else 0


if __name__ == "__main__":
    sys.exit(main())
