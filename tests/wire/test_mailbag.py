"""Claims about deliveries at the station: given out once, acknowledged as often as it takes."""

from __future__ import annotations

from wireroom.message.answer import Delivery
from wireroom.wire.mailbag import Mailbag
from wireroom.wire.payload import Ack, read


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


def given(bag: Mailbag) -> list[str]:
    found = []
    while not bag.queue.empty():
        delivery = bag.queue.get_nowait()
        assert delivery is not None
        found.append(delivery.text)
    return found


def said(bag: Mailbag) -> list[int]:
    return [number for frame in bag.say() for number in read(frame.payload, Ack).numbers]


def test_a_delivery_sent_twice_is_given_out_once() -> None:
    bag = Mailbag()
    bag.take(mail(1))
    bag.take(mail(1))
    assert given(bag) == ["NO RECORD"]
    assert not bag.has_to_say


def test_one_that_was_acknowledged_is_acknowledged_again() -> None:
    bag = Mailbag()
    bag.take(mail(1))
    bag.acknowledge([1])
    assert said(bag) == [1]
    bag.take(mail(1))
    assert said(bag) == [1]


def test_an_old_number_on_a_new_text_is_a_new_delivery() -> None:
    bag = Mailbag()
    bag.take(mail(1, "BEFORE THE PARTNER STARTED ANEW"))
    bag.acknowledge([1])
    bag.take(mail(1, "AFTER"))
    assert given(bag) == ["BEFORE THE PARTNER STARTED ANEW", "AFTER"]


def test_what_was_released_is_given_out_again() -> None:
    bag = Mailbag()
    bag.take(mail(1))
    bag.release([1])
    bag.take(mail(1))
    assert len(given(bag)) == 2


def test_acknowledgements_for_an_old_line_are_not_said_on_a_new_one() -> None:
    bag = Mailbag()
    bag.acknowledge([1])
    bag.new_line()
    assert not bag.has_to_say


def test_many_acknowledgements_are_cut_to_what_a_frame_may_hold() -> None:
    bag = Mailbag()
    bag.acknowledge(range(1, 2_001))
    assert len(frames := bag.say()) == 2
    assert sum(len(read(frame.payload, Ack).numbers) for frame in frames) == 2_000


def test_its_memory_has_an_end() -> None:
    bag = Mailbag()
    for number in range(1, 5_001):
        bag.take(mail(number))
    given(bag)
    bag.take(mail(1))
    bag.take(mail(5_000))
    assert given(bag) == ["NO RECORD"]
