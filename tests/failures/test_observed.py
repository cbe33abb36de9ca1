"""Whoever looks after a crash finds each broken promise: every observation is doctored once."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from tests.failures.observed import Held, Seen, Sent, faults, missing
from wireroom.journal.entry import Entry
from wireroom.journal.tags import Tag
from wireroom.message.answer import Delivery, Receipt

AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
ENTERED, ANSWERED, MAILED, QUEUED, ASKED, FOUND = 100, 101, 200, 201, 300, 301


def entry(number: int, tag: Tag, transaction: int, **detail: object) -> Entry:
    return Entry(number, tag, AT, transaction, "CA0990100", "ZX00", "crash.test", detail)


def shown(number: int, transaction: int, key: str, **more: object) -> Delivery:
    base = Delivery(
        number=number,
        terminal="ZX00",
        transaction=transaction,
        kind="answer",
        source="STATE",
        state="accepted",
        title="",
        text="",
        part=1,
        parts=1,
        key=key,
    )
    return msgspec.structs.replace(base, **more)


def receipt(number: int, *sources: str, state: str = "accepted") -> Receipt:
    return Receipt(number=number, state=state, sources=sources)


def true_seen() -> Seen:
    """A record was entered, a message written to another terminal, a plate asked at two sources."""
    sent = (
        Sent(terminal="ZX00", key="k1", text="EV", oca="K000001"),
        Sent(terminal="ZX00", key="k2", text="AM", to="ZX01"),
        Sent(terminal="ZX00", key="k3", text="QV"),
    )
    mail = shown(MAILED, 0, "", kind="mail", terminal="ZX01", source="ZX00", text="AM\nKEY k2", part=0)
    return Seen(
        sent={(one.terminal, one.key): one for one in sent},
        receipts=[
            (("ZX00", "k1"), receipt(ENTERED, "STATE")),
            (("ZX00", "k1"), receipt(ENTERED, "STATE", state="repeat")),
            (("ZX00", "k2"), receipt(0, state="busy")),
            (("ZX00", "k2"), receipt(MAILED, "SWITCH")),
            (("ZX00", "k3"), receipt(ASKED, "STATE", "DMV")),
        ],
        deliveries=[
            shown(ANSWERED, ENTERED, "k1"),
            shown(QUEUED, MAILED, "k2", source="SWITCH"),
            mail,
            shown(FOUND, ASKED, "k3", state="no record", parts=2),
            mail,  # once more after a crash, under the same number
        ],
    )


def true_held() -> Held:
    entries = (
        entry(ENTERED, Tag.ENTRY_ASKED, ENTERED, key="k1"),
        entry(ANSWERED, Tag.ANSWER_GIVEN, ENTERED, source="STATE", leg=0),
        entry(MAILED, Tag.MESSAGE_ASKED, MAILED, key="k2", to=["ZX01"]),
        entry(QUEUED, Tag.ANSWER_GIVEN, MAILED, source="SWITCH", leg=0),
        entry(ASKED, Tag.INQUIRY_ASKED, ASKED, key="k3"),
        entry(FOUND, Tag.ANSWER_GIVEN, ASKED, source="STATE", leg=0),
    )
    return Held(
        entries={one.number: one for one in entries},
        claims={("ZX00", "k1"): ENTERED, ("ZX00", "k2"): MAILED, ("ZX00", "k3"): ASKED},
        open_legs=frozenset({(ASKED, 1)}),
        records=((ENTERED, "K000001"),),
    )


def without(held: Held, number: int) -> Held:
    entries = {key: value for key, value in held.entries.items() if key != number}
    return msgspec.structs.replace(held, entries=entries)


def with_entry(held: Held, one: Entry) -> Held:
    return msgspec.structs.replace(held, entries=held.entries | {one.number: one})


def test_what_is_in_order_has_no_fault() -> None:
    assert faults(true_seen(), true_held()) == []
    assert missing(true_seen(), true_held()) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (ENTERED, "receipt 100 (accepted) has no entry in the journal"),
        (ANSWERED, "answer 101 shown at ZX00 has no entry in the journal"),
        (MAILED, "mail 200 shown at ZX01 has no entry in the journal"),
        (FOUND, "STATE has neither answered 300 nor is it asked"),
        (ENTERED, "record K000001: was entered by 100, which is no entry"),
        (ASKED, "was claimed as 300 and has no entry"),
    ],
)
def test_what_is_not_in_the_journal_is_found(number: int, words: str) -> None:
    assert any(words in fault for fault in faults(true_seen(), without(true_held(), number)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"claims": {("ZX00", "k1"): 1, ("ZX00", "k2"): MAILED, ("ZX00", "k3"): ASKED}},
            "not what is claimed (1)",
        ),
        ({"claims": {("ZX00", "k2"): MAILED, ("ZX00", "k3"): ASKED}}, "entry 100 was made without its claim"),
        ({"open_legs": frozenset()}, "DMV has neither answered 300 nor is it asked"),
        ({"open_legs": frozenset({(ASKED, 0), (ASKED, 1)})}, "leg 0 of 300 was answered and is open still"),
        ({"records": ((ENTERED, "K000001"), (ENTERED, "K000001"))}, "record K000001 stands 2 times"),
        ({"records": ()}, "record K000001: its entry was accepted and it is not there"),
    ],
)
def test_what_the_tables_disagree_on_is_found(change: dict[str, object], words: str) -> None:
    held = msgspec.structs.replace(true_held(), **change)
    assert any(words in fault for fault in faults(true_seen(), held))


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (entry(150, Tag.ENTRY_ASKED, 150, key="k1"), "ZX00 k1: stands 2 times in the journal: [100, 150]"),
        (entry(150, Tag.ANSWER_GIVEN, ENTERED, source="STATE", leg=0), "leg 0 of 100 was answered 2 times"),
        (entry(150, Tag.ANSWER_MISSING, ASKED, source="STATE", leg=0), "leg 0 of 300 was answered 2 times"),
        (
            entry(150, Tag.ANSWER_LATE, ASKED, source="DMV", leg=1),
            "answer 150 for ZX00 was neither shown nor does it wait",
        ),
        (
            entry(150, Tag.MESSAGE_ASKED, 150, key="k4", to=["ZX02"]),
            "mail 150 for ZX02 was neither shown nor does it wait",
        ),
    ],
)
def test_what_is_doubled_or_lost_on_the_way_is_found(one: Entry, words: str) -> None:
    assert any(words in fault for fault in faults(true_seen(), with_entry(true_held(), one)))


@pytest.mark.parametrize(
    ("sender", "given", "words"),
    [
        (("ZX00", "k1"), receipt(ASKED, "STATE"), "was given 2 numbers: [100, 300]"),
        (("ZX00", "k1"), receipt(ASKED, "STATE"), "receipt 300 names the entry of another message"),
        (("ZX00", "k3"), receipt(FOUND, "STATE"), "receipt 301 names the entry of another message"),
    ],
)
def test_a_receipt_of_something_else_is_found(sender: tuple[str, str], given: Receipt, words: str) -> None:
    seen = true_seen()
    seen.receipts.append((sender, given))
    assert any(words in fault for fault in faults(seen, true_held()))


@pytest.mark.parametrize(
    ("delivery", "words"),
    [
        (shown(FOUND, ENTERED, "k1"), "answer 301 shown at ZX00 is the entry of another answer"),
        (shown(FOUND, ASKED, "k3", part=2), "is the entry of another answer"),
        (shown(FOUND, ASKED, "k3", terminal="ZX02"), "is the entry of another answer"),
        (shown(FOUND, ASKED, "k9"), "answers what that terminal did not ask"),
        (
            shown(MAILED, 0, "", kind="mail", terminal="ZX02", text="KEY k2"),
            "was not written to that terminal",
        ),
        (
            shown(MAILED + 5, 0, "", kind="mail", terminal="ZX01", text="KEY k2"),
            "mail k2 came to ZX01 under 2 numbers: [200, 205]",
        ),
        (shown(ANSWERED, ENTERED, "k1", state="refused"), "a new record was not accepted"),
    ],
)
def test_a_delivery_that_should_not_be_is_found(delivery: Delivery, words: str) -> None:
    seen = true_seen()
    seen.deliveries.append(delivery)
    assert any(words in fault for fault in faults(seen, true_held()))


def test_what_was_never_shown_is_named_until_it_is() -> None:
    seen, held = true_seen(), msgspec.structs.replace(true_held(), open_legs=frozenset())
    assert missing(seen, held) == ["ZX00 k3: the answer of DMV to 300 was never shown"]
    seen.deliveries = [delivery for delivery in seen.deliveries if delivery.kind != "mail"]
    assert "ZX00 k2: accepted as 200 and never shown at ZX01" in missing(seen, held)
