"""Claims about what stands in frames: one reading, limits, and secrets that do not print themselves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wireroom.wire.payload import Ack, BadPayload, Kind, Logon, Send, read, read_once, read_send, write


def test_a_sign_on_prints_neither_person_nor_secret_nor_code() -> None:
    shown = repr(Logon(terminal="A1B2", person="P77", secret="open sesame", code="123456"))
    assert "A1B2" in shown
    assert not any(hidden in shown for hidden in ("P77", "sesame", "123456"))


def test_a_send_does_not_print_its_text() -> None:
    assert "7ABC123" not in repr(Send(1, "K1", "QV.LIC/7ABC123"))


@settings(deadline=None)
@given(
    st.integers(1, 2**63 - 1),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
def test_a_send_comes_back_as_it_went(sequence: int, key: str, text: str) -> None:
    send = Send(sequence, key, text)
    assert read_send(write(Kind.SEND, send).payload) == send


@pytest.mark.parametrize(
    "payload",
    [
        b'{"sequence":1,"key":"a","text":"one","text":"two"}',
        b'{"sequence":1,"key":"a","te\\u0078t":"one","text":"two"}',
        b'{"sequence":1,"sequence":2,"key":"a:b","text":"x"}',
    ],
)
def test_a_field_named_twice_is_refused(payload: bytes) -> None:
    with pytest.raises(BadPayload, match="stands twice"):
        read_send(payload)


def test_a_secret_named_twice_is_refused() -> None:
    with pytest.raises(BadPayload, match="stands twice"):
        read_once(b'{"terminal":"A","secret":"one","secret":"two"}', Logon)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b'{"sequence":0,"key":"a","text":"x"}',
        b'{"sequence":1,"key":"","text":"x"}',
        b'{"sequence":1,"key":"a","text":""}',
        b'{"sequence":1,"key":"a"}',
        b'{"sequence":1,"key":"a","text":"x","more":1}',
        b'{"sequence":1.5,"key":"a","text":"x"}',
        b'{"sequence":9223372036854775808,"key":"a","text":"x"}',
        b'{"sequence":1,"key":"a","text":"\xff"}',
        b'{"sequence":1,"key":"a","text":"\\ud800"}',
        b'{"sequence":1,"key":"a","text":"x"}{}',
        b'\xef\xbb\xbf{"sequence":1,"key":"a","text":"x"}',
    ],
)
def test_a_send_that_is_not_quite_right_is_refused(payload: bytes) -> None:
    with pytest.raises(BadPayload):
        read_send(payload)


def test_the_complaint_is_short_even_when_the_frame_is_long() -> None:
    with pytest.raises(BadPayload) as caught:
        read(b'{"terminal":"A","' + b"x" * 60_000 + b'":1}', Logon)
    assert len(str(caught.value)) < 300


def test_too_many_acknowledgements_at_once_are_refused() -> None:
    with pytest.raises(BadPayload):
        read(b'{"numbers":[' + b",".join([b"1"] * 1_025) + b"]}", Ack)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_SI_10_no_payload_raises_anything_but_bad_payload(payload: bytes) -> None:
    for shape in (Logon, Ack):
        try:
            read_once(payload, shape)
        except BadPayload:
            continue
