"""Claims about the switch's side of a conversation, without any socket."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wireroom.message.answer import Delivery, Receipt
from wireroom.message.envelope import Seat
from wireroom.wire.framing import Frame
from wireroom.wire.payload import Ack, Bye, Kind, Logon, Nak, Receipted, Refusal, Send, Welcome, read, write
from wireroom.wire.session import NOTHING, Due, Ended, Limits, Patience, Phase, Session, Step, bye

SEAT = Seat(terminal="A1B2", ori="CA0990100", person="P1", role="operator")
HELLO = write(Kind.HELLO, Logon(terminal="A1B2", person="P1", secret="s"))
LIMITS = Limits(window=3, deliveries_max=2)


def seated(limits: Limits = LIMITS, *, resume: bool = False) -> Session:
    session = Session(limits, 0.0)
    session.receive(write(Kind.HELLO, Logon(terminal="A1B2", resume=resume)), 0.0)
    session.welcome(SEAT, 0.0)
    return session


def send(session: Session, sequence: int, key: str = "", now: float = 0.0) -> Step:
    return session.receive(write(Kind.SEND, Send(sequence, key or f"K{sequence}", "QV.LIC/7ABC123")), now)


def nak(step: Step) -> Nak:
    (frame,), events = step
    assert not events
    assert frame.kind == Kind.NAK
    return read(frame.payload, Nak)


def refusal(step: Step) -> str:
    (frame,), (event,) = step
    assert frame.kind == Kind.REFUSED
    assert isinstance(event, Ended)
    return read(frame.payload, Refusal).reason


def last_word(step: Step) -> Bye:
    (frame,), (event,) = step
    assert isinstance(event, Ended)
    assert frame.kind == Kind.BYE
    return bye(frame)


def mail(number: int, text: str = "NO RECORD") -> Delivery:
    return Delivery(
        number=number,
        terminal="A1B2",
        transaction=0,
        kind="mail",
        source="STATE",
        state="",
        title="",
        text=text,
    )


def test_the_first_frame_must_be_a_sign_on() -> None:
    session = Session(LIMITS, 0.0)
    assert "Sign on first" in refusal(session.receive(write(Kind.SEND, Send(1, "K", "T")), 0.0))
    assert session.phase is Phase.ENDED


def test_a_sign_on_is_passed_to_the_door_and_answered_with_the_limits() -> None:
    session = Session(LIMITS, 0.0)
    frames, (logon,) = session.receive(HELLO, 0.0)
    assert not frames
    assert isinstance(logon, Logon)
    (frame,), _ = session.welcome(SEAT, 0.0)
    welcome = read(frame.payload, Welcome)
    assert (welcome.terminal, welcome.window, welcome.deliveries_max) == ("A1B2", 3, 2)


def test_a_malformed_sign_on_is_refused_in_words() -> None:
    assert "terminal" in refusal(Session(LIMITS, 0.0).receive(Frame(Kind.HELLO, b"{}"), 0.0))


def test_another_version_is_refused_and_ours_is_named() -> None:
    hello = write(Kind.HELLO, Logon(terminal="A1B2", version=7))
    assert "speak version 1" in refusal(Session(LIMITS, 0.0).receive(hello, 0.0))


def test_a_sign_on_that_does_not_come_in_time_ends_the_line() -> None:
    session = Session(Limits(logon_within_s=10), 100.0)
    assert session.tick(109.9) == NOTHING
    assert "within 10 s" in refusal(session.tick(110.0))


def test_nothing_is_taken_before_the_door_has_decided() -> None:
    session = Session(LIMITS, 0.0)
    session.receive(HELLO, 0.0)
    assert nak(send(session, 1)).code == "bad"


def test_a_second_sign_on_is_a_wrong_frame() -> None:
    assert "already" in nak(seated().receive(HELLO, 0.0)).reason


def test_a_gap_is_told_and_the_missing_number_named() -> None:
    session = seated()
    send(session, 1)
    told = nak(send(session, 3))
    assert (told.sequence, told.code) == (3, "gap")
    assert "Sequence 2 is missing" in told.reason
    _, (event,) = send(session, 2)
    assert isinstance(event, Send)


def test_numbering_begins_at_one_unless_it_is_resumed() -> None:
    assert nak(send(seated(), 5)).code == "gap"
    session = seated(resume=True)
    assert send(session, 5)[1]
    assert nak(send(session, 7)).code == "gap"


def test_a_repeat_is_passed_on_so_that_the_switch_gives_the_first_result() -> None:
    session = seated()
    send(session, 1, "K1")
    session.receipt(1, Receipt(number=9, state="accepted"))
    _, (event,) = send(session, 1, "K1")
    assert event == Send(1, "K1", "QV.LIC/7ABC123")


def test_a_used_number_with_another_key_is_told() -> None:
    session = seated()
    send(session, 1, "K1")
    assert nak(send(session, 1, "K2")).code == "sequence"


def test_a_number_from_long_ago_cannot_be_repeated() -> None:
    session = seated()
    for sequence in range(1, 20):
        send(session, sequence)
        session.receipt(sequence, Receipt(number=sequence, state="accepted"))
    assert "too old" in nak(send(session, 1)).reason


def test_more_than_the_window_is_told_busy_and_may_be_repeated() -> None:
    session = seated()
    for sequence in (1, 2, 3):
        assert send(session, sequence)[1]
    assert nak(send(session, 4)).code == "busy"
    session.receipt(2, Receipt(number=1, state="accepted"))
    assert send(session, 4)[1]


def test_busy_answers_do_not_count_as_wrong_frames() -> None:
    session = seated()
    for sequence in range(1, 30):
        send(session, sequence)
    assert session.phase is Phase.SEATED


def test_five_wrong_frames_are_told_and_the_sixth_closes_the_door() -> None:
    session = seated()
    for _ in range(5):
        assert nak(session.receive(Frame(0x7E, b"?"), 0.0)).code == "bad"
    assert last_word(session.receive(Frame(Kind.SEND, b"{"), 0.0)).code == "bad"
    assert session.receive(HELLO, 0.0) == NOTHING


def test_a_receipt_names_its_send() -> None:
    session = seated()
    send(session, 1)
    send(session, 2)
    (frame,), _ = session.receipt(2, Receipt(number=77, state="accepted"))
    assert read(frame.payload, Receipted) == Receipted(2, Receipt(number=77, state="accepted"))


def test_a_failed_send_makes_room_and_is_told() -> None:
    session = seated()
    send(session, 1)
    assert nak(session.failed(1)).code == "fault"
    assert session.unanswered == 0


def test_a_closing_switch_takes_no_new_sends() -> None:
    session = seated()
    session.closing = True
    assert nak(send(session, 1)).code == "closing"


def test_deliveries_stop_at_the_limit_until_one_is_acknowledged() -> None:
    session = seated()
    session.deliver(mail(10))
    assert session.may_deliver
    session.deliver(mail(11))
    assert not session.may_deliver
    _, events = session.receive(write(Kind.ACK, Ack((10,))), 0.0)
    assert events == (Ack((10,)),)
    assert session.may_deliver


def test_only_what_was_given_can_be_acknowledged_and_only_once() -> None:
    session = seated()
    session.deliver(mail(10))
    assert session.receive(write(Kind.ACK, Ack((10, 10, 11))), 0.0) == ((), (Ack((10,)),))
    assert session.receive(write(Kind.ACK, Ack((10, 11))), 0.0) == NOTHING


def test_a_delivery_too_long_for_the_line_is_replaced_by_words_that_say_so() -> None:
    session = seated(Limits(delivery_bytes_max=500))
    (frame,), _ = session.deliver(mail(10, "X" * 1_000))
    shown = read(frame.payload, Delivery)
    assert shown.number == 10
    assert "too long for the line" in shown.text
    assert len(frame.payload) < 500


def test_silence_is_asked_about_three_times_and_then_ends_the_line() -> None:
    session = seated(Limits(idle_s=60, missed_max=3))
    for now in (60.0, 120.0, 180.0):
        assert session.tick(now - 1) == NOTHING
        assert session.tick(now)[0] == (Frame(Kind.KEEPALIVE),)
    assert session.tick(239.0) == NOTHING
    assert last_word(session.tick(240.0)).code == "silent"


def test_any_frame_is_a_sign_of_life() -> None:
    session = seated(Limits(idle_s=60, missed_max=3))
    session.tick(60.0)
    session.receive(Frame(Kind.ALIVE), 70.0)
    assert session.tick(129.0) == NOTHING
    assert session.tick(130.0)[0] == (Frame(Kind.KEEPALIVE),)


def test_a_keepalive_is_answered() -> None:
    assert seated().receive(Frame(Kind.KEEPALIVE), 0.0) == ((Frame(Kind.ALIVE),), ())


def test_patience_asks_once_for_each_idle_time() -> None:
    patience = Patience(10.0, 1, 0.0)
    assert [patience.due(now) for now in (9.0, 10.0, 11.0, 20.0)] == [
        Due.NOTHING,
        Due.ASK,
        Due.NOTHING,
        Due.GIVE_UP,
    ]


def test_bye_ends_quietly() -> None:
    frames, (event,) = seated().receive(write(Kind.BYE, Bye()), 0.0)
    assert not frames
    assert isinstance(event, Ended)


def test_an_unreadable_bye_still_says_something() -> None:
    assert bye(Frame(Kind.BYE, b"?")).code == "bad"


def test_a_result_for_a_line_that_ended_is_not_said() -> None:
    session = seated()
    send(session, 1)
    session.end("displaced", "")
    assert session.receipt(1, Receipt(number=1, state="accepted")) == NOTHING
    assert session.deliver(mail(1)) == NOTHING
    assert session.refuse(Refusal("no")) == NOTHING


@pytest.mark.parametrize("phase", ["stranger", "asking", "seated"])
@settings(deadline=None)
@given(data=st.data())
def test_no_frames_crash_a_session_or_pass_its_limits(phase: str, data: st.DataObject) -> None:
    session = Session(LIMITS, 0.0)
    if phase != "stranger":
        session.receive(HELLO, 0.0)
    if phase == "seated":
        session.welcome(SEAT, 0.0)
    good = st.builds(Send, st.integers(1, 6), st.sampled_from("ab"), st.just("T")).map(msgspec.json.encode)
    payload = st.one_of(good, st.binary(max_size=20), st.sampled_from([b"{}", b'{"numbers":[1]}', b"[[[["]))
    kinds = st.one_of(st.sampled_from([int(kind) for kind in Kind]), st.integers(0, 255))
    ends = 0
    for frame in data.draw(st.lists(st.builds(Frame, kinds, payload), max_size=30)):
        was_over = session.phase is Phase.ENDED
        frames, events = session.receive(frame, 0.0)
        assert not (was_over and (frames or events))
        assert not any(isinstance(event, Send) for event in events) or phase == "seated"
        ends += sum(isinstance(event, Ended) for event in events)
        assert session.unanswered <= LIMITS.window
    assert ends == (session.phase is Phase.ENDED)
