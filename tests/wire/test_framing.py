"""Claims about framers and the decoder: one stream, one reading, however it is cut."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wireroom.wire import FrameError
from wireroom.wire.framing import FRAMERS, BrokenStream, Decoder, Frame, Framer, LengthPrefix, StxEtx, framer

MOST = 64
NAMES = sorted(FRAMERS)
names = st.sampled_from(NAMES)
plain = st.lists(st.integers(0x20, 0x7E), max_size=MOST - 1).map(bytes)
frames = st.builds(Frame, st.integers(0x41, 0x5A), plain)
# Bytes that mean something to a framer come up often, so that almost-frames are tried too.
noise = st.lists(
    st.one_of(
        st.binary(max_size=8),
        st.sampled_from(
            [b"\x02", b"\x03", b"\xff\x00\xaa\x55", b"\x55\xaa\x00\xff", b"\0\0\0\0", b"\0\0\0\x02"]
        ),
    ),
    max_size=6,
).map(b"".join)


def drink(name: str, pieces: list[bytes]) -> tuple[list[Frame], str]:
    """The frames of a stream in these pieces, and what broke it."""
    decoder = Decoder(framer(name, MOST))
    found: list[Frame] = []
    for piece in pieces:
        try:
            found += decoder.feed(piece)
        except BrokenStream as trouble:
            return found + trouble.frames, str(trouble)
    return found, ""


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@settings(deadline=None)
@given(names, st.lists(frames, max_size=5), noise, st.lists(st.integers(0, 400), max_size=8))
def test_any_cut_of_a_stream_gives_the_same_frames_and_the_same_verdict(
    name: str, said: list[Frame], tail: bytes, places: list[int]
) -> None:
    stream = b"".join(framer(name, MOST).encode(frame) for frame in said) + tail
    whole, verdict = drink(name, [stream])
    pieces, pieces_verdict = drink(name, cut(stream, places))
    single, single_verdict = drink(name, [bytes((byte,)) for byte in stream])
    assert whole[: len(said)] == said
    assert whole == pieces == single
    assert bool(verdict) == bool(pieces_verdict) == bool(single_verdict)


@settings(deadline=None)
@given(names, st.one_of(st.binary(max_size=300), noise))
def test_SI_10_no_bytes_do_worse_than_break_the_line(name: str, stream: bytes) -> None:
    found, _ = drink(name, [stream])
    assert all(len(frame.payload) < MOST for frame in found)


@settings(deadline=None)
@given(names, st.one_of(st.binary(max_size=300), noise))
def test_what_was_read_can_be_written_in_no_other_way(name: str, stream: bytes) -> None:
    found, _ = drink(name, [stream])
    assert stream.startswith(b"".join(framer(name, MOST).encode(frame) for frame in found))


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_of_exactly_the_limit_passes_and_one_more_does_not(name: str) -> None:
    way = framer(name, MOST)
    frame = Frame(0x53, b"x" * (MOST - 1))
    assert Decoder(way).feed(way.encode(frame)) == [frame]
    longer = Frame(0x53, b"x" * MOST)
    with pytest.raises(FrameError, match="longer than the 64 allowed"):
        way.encode(longer)
    with pytest.raises(FrameError, match="longer than the 64 allowed"):
        Decoder(way).feed(framer(name, MOST + 1).encode(longer))


def test_an_oversize_length_is_refused_before_its_bytes_come() -> None:
    with pytest.raises(FrameError, match="4294967295 bytes"):
        Decoder().feed(b"\xff\xff\xff\xff")


def test_text_without_end_is_refused_at_the_limit() -> None:
    decoder = Decoder(StxEtx(MOST))
    assert decoder.feed(b"\x02" + b"A" * MOST) == []
    with pytest.raises(FrameError, match="longer"):
        decoder.feed(b"A")


@pytest.mark.parametrize(
    ("way", "stream"),
    [
        (LengthPrefix(), b"\0\0\0\0"),
        (StxEtx(), b"\x02\x03"),
        (framer("pattern"), b"\xff\x00\xaa\x55\0\0\0\0\x55\xaa\x00\xff"),
    ],
)
def test_a_frame_of_no_length_is_refused(way: Framer, stream: bytes) -> None:
    with pytest.raises(FrameError, match="without a kind byte"):
        Decoder(way).feed(stream)


@pytest.mark.parametrize("name", NAMES)
def test_what_was_whole_before_the_trouble_is_not_lost(name: str) -> None:
    way = framer(name, MOST)
    frame = Frame(0x53, b"text")
    with pytest.raises(BrokenStream) as caught:
        Decoder(way).feed(way.encode(frame) + b"\xff" * 12)
    assert caught.value.frames == [frame]


def test_a_broken_line_stays_broken() -> None:
    decoder = Decoder()
    with pytest.raises(FrameError):
        decoder.feed(b"\0\0\0\0")
    with pytest.raises(FrameError):
        decoder.feed(LengthPrefix().encode(Frame(0x53, b"text")))


def test_a_text_cannot_smuggle_a_second_frame_in() -> None:
    with pytest.raises(FrameError, match="may not hold either byte"):
        StxEtx().encode(Frame(0x53, b"one\x03\x02Stwo"))
    with pytest.raises(FrameError, match="second STX"):
        Decoder(StxEtx()).feed(b"\x02Sone\x02Stwo\x03")
    with pytest.raises(FrameError, match="begins with STX"):
        Decoder(StxEtx()).feed(b"\x02Sone\x03\r\n\x02Stwo\x03")


def test_an_unknown_framer_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="stx-etx"):
        framer("dmpp")
