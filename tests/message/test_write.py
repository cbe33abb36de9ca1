"""Claims about writing: one text for a message, and reading it gives the message again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.message.messages import CATALOGUE, messages, reading_of
from wireroom.message.envelope import Message
from wireroom.message.write import write


def test_a_message_is_written_with_periods_and_slashes() -> None:
    message = Message("QV", (("LIC", "7ABQ123"), ("LIS", "CA"), ("PUR", "C")))
    assert write(message) == "QV.LIC/7ABQ123.LIS/CA.PUR/C"


@given(messages())
def test_reading_what_was_written_gives_the_same_message_with_the_same_fields(message: Message) -> None:
    reading = reading_of(write(message))
    assert reading.faults == ()
    assert reading.message == message


@given(messages(), st.sampled_from(["\r\n", "\n", " ", "\x7f", "\t"]))
def test_what_a_line_adds_at_its_end_changes_nothing(message: Message, end: str) -> None:
    if "TXT" not in CATALOGUE.forms[message.key].by_code or end != "\x7f":
        assert reading_of(write(message) + end).message == message
