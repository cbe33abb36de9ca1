"""Claims about a message: a field is found by its code, once or each time it stands."""

from __future__ import annotations

from wireroom.message.envelope import Message

MESSAGE = Message("AM", (("TO", "Z001"), ("TO", "Z002"), ("TXT", "HELLO")))


def test_a_field_is_found_by_its_code() -> None:
    assert MESSAGE.get("TO") == "Z001"
    assert MESSAGE.get("TXT") == "HELLO"
    assert MESSAGE.get("PUR") == ""


def test_every_value_of_a_field_is_found_in_order() -> None:
    assert MESSAGE.all("TO") == ("Z001", "Z002")
    assert MESSAGE.all("PUR") == ()
