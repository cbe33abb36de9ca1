"""What stations saw of a switch that was killed, what its database holds now, and where the two disagree.

Only what a station was shown counts on the one side, and only what is durable on the other. Nothing here touches a
socket or a database, so each check can be shown a lie and must find it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from wireroom.journal.entry import Entry
from wireroom.journal.tags import Tag
from wireroom.message.answer import Delivery, Receipt, State

ASKED = frozenset({Tag.INQUIRY_ASKED, Tag.ENTRY_ASKED, Tag.MESSAGE_ASKED, Tag.TEXT_FAULTY, Tag.TEXT_REFUSED})
ANSWERED = frozenset({Tag.ANSWER_GIVEN, Tag.ANSWER_MISSING})  # a late answer comes on top of one of these
TAKEN = frozenset({"accepted", "repeat"})

Sender = tuple[str, str]  # terminal and key: what a claim is made under


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One message that a station means to have carried, however often it must send it."""

    terminal: str
    key: str
    text: str
    oca: str = ""  # of the record that it enters
    to: str = ""  # the terminal that it writes to; its text then holds the key


class Seen(msgspec.Struct):
    """Everything that the stations sent and were shown, in the order in which it came."""

    sent: dict[Sender, Sent] = {}
    receipts: list[tuple[Sender, Receipt]] = []
    deliveries: list[Delivery] = []

    def accepted(self) -> dict[Sender, Receipt]:
        """The first receipt of each message that the switch took on."""
        first: dict[Sender, Receipt] = {}
        for sender, receipt in self.receipts:
            if receipt.state in TAKEN:
                first.setdefault(sender, receipt)
        return first


class Held(msgspec.Struct, frozen=True):
    """What the database holds: all of it durable, for it was read after a crash or by another connection."""

    entries: dict[int, Entry]
    claims: dict[Sender, int]  # the transaction that was claimed
    waiting: frozenset[tuple[str, int]] = frozenset()  # terminal and number of what is not acknowledged
    open_legs: frozenset[tuple[int, int]] = frozenset()  # transaction and leg
    records: tuple[tuple[int, str], ...] = ()  # id, which is the transaction that entered it, and OCA


def faults(seen: Seen, held: Held) -> list[str]:
    """Every broken promise that can be seen at once, whatever is still on its way."""
    return [
        *_receipts(seen, held),
        *_deliveries(seen, held),
        *_nothing_lost(seen, held),
        *_nothing_doubled(held),
        *_records(seen, held),
    ]


def missing(seen: Seen, held: Held) -> list[str]:
    """What the stations have a right to see and have not seen yet. An open leg is reported within its time."""
    shown = {(d.terminal, d.transaction, d.part) for d in seen.deliveries if d.kind == "answer"}
    mailed = _mail_seen(seen)
    found = []
    for sender, receipt in seen.accepted().items():
        for leg, source in enumerate(receipt.sources):
            open_still = (receipt.number, leg) in held.open_legs
            if not open_still and (sender[0], receipt.number, leg + 1) not in shown:
                found.append(f"{_name(sender)}: the answer of {source} to {receipt.number} was never shown")
        to = seen.sent[sender].to
        if to and not mailed[to, sender[1]]:
            found.append(f"{_name(sender)}: accepted as {receipt.number} and never shown at {to}")
    return found


def _receipts(seen: Seen, held: Held) -> Iterator[str]:
    """A receipt names an entry, this message's own, and always the same."""
    numbers: dict[Sender, set[int]] = defaultdict(set)
    for sender, receipt in seen.receipts:
        if receipt.state == "busy":
            continue
        numbers[sender].add(receipt.number)
        entry = held.entries.get(receipt.number)
        if entry is None:
            yield f"{_name(sender)}: receipt {receipt.number} ({receipt.state}) has no entry in the journal"
        elif entry.tag not in ASKED or (entry.terminal, entry.detail.get("key")) != sender:
            yield f"{_name(sender)}: receipt {receipt.number} names the entry of another message"
        if held.claims.get(sender) != receipt.number:
            yield f"{_name(sender)}: receipt {receipt.number} is not what is claimed ({held.claims.get(sender)})"
    for sender, different in numbers.items():
        if len(different) > 1:
            yield f"{_name(sender)}: was given {len(different)} numbers: {sorted(different)}"


def _deliveries(seen: Seen, held: Held) -> Iterator[str]:
    """What was shown was written down first, as what it is, for the terminal that saw it."""
    for delivery in seen.deliveries:
        entry = held.entries.get(delivery.number)
        what = f"{delivery.kind} {delivery.number} shown at {delivery.terminal}"
        if entry is None:
            yield f"{what} has no entry in the journal"
        elif delivery.kind == "mail":
            to = entry.detail.get("to")
            if entry.tag != Tag.MESSAGE_ASKED or not isinstance(to, list) or delivery.terminal not in to:
                yield f"{what} was not written to that terminal"
        elif (entry.transaction, entry.terminal, entry.detail.get("source"), entry.detail.get("leg")) != (
            delivery.transaction,
            delivery.terminal,
            delivery.source,
            delivery.part - 1,
        ):
            yield f"{what} is the entry of another answer"
        elif (delivery.terminal, delivery.key) not in seen.sent:
            yield f"{what} answers what that terminal did not ask"
    for (terminal, key), different in _mail_seen(seen).items():
        if len(different) > 1:
            yield f"mail {key} came to {terminal} under {len(different)} numbers: {sorted(different)}"


def _nothing_lost(seen: Seen, held: Held) -> Iterator[str]:
    """Each source of an accepted message has answered or is open; each answer was shown or waits."""
    answered = {
        (entry.transaction, entry.detail.get("leg"))
        for entry in held.entries.values()
        if entry.tag in ANSWERED
    }
    for sender, receipt in seen.accepted().items():
        for leg, source in enumerate(receipt.sources):
            if (receipt.number, leg) not in answered and (receipt.number, leg) not in held.open_legs:
                yield f"{_name(sender)}: {source} has neither answered {receipt.number} nor is it asked"
    safe = held.waiting | {(delivery.terminal, delivery.number) for delivery in seen.deliveries}
    for number, entry in held.entries.items():
        if entry.tag in ANSWERED or entry.tag == Tag.ANSWER_LATE:
            if (entry.terminal, number) not in safe:
                yield f"answer {number} for {entry.terminal} was neither shown nor does it wait"
        elif entry.tag == Tag.MESSAGE_ASKED:
            to = entry.detail.get("to")
            for terminal in to if isinstance(to, list) else ():
                if (terminal, number) not in safe:
                    yield f"mail {number} for {terminal} was neither shown nor does it wait"


def _nothing_doubled(held: Held) -> Iterator[str]:
    """A message has one entry however often it was sent, a source one answer, and a claim its entry."""
    asked: dict[Sender, list[int]] = defaultdict(list)
    answers: Counter[tuple[int, object]] = Counter()
    for number, entry in held.entries.items():
        if entry.tag in ASKED:
            asked[entry.terminal, str(entry.detail.get("key"))].append(number)
        elif entry.tag in ANSWERED:
            answers[entry.transaction, entry.detail.get("leg")] += 1
    for sender, numbers in asked.items():
        if len(numbers) > 1:
            yield f"{_name(sender)}: stands {len(numbers)} times in the journal: {sorted(numbers)}"
        if held.claims.get(sender) not in numbers:
            yield f"{_name(sender)}: entry {numbers[0]} was made without its claim"
    for sender, number in held.claims.items():
        if sender not in asked:
            yield f"{_name(sender)}: was claimed as {number} and has no entry"
    for (transaction, leg), count in answers.items():
        if count > 1:
            yield f"leg {leg} of {transaction} was answered {count} times"
        if (transaction, leg) in held.open_legs:
            yield f"leg {leg} of {transaction} was answered and is open still"


def _records(seen: Seen, held: Held) -> Iterator[str]:
    """A record was entered by a journalled message, once; an entry that was accepted made one."""
    kept = Counter(oca for _, oca in held.records)
    for number, oca in held.records:
        entry = held.entries.get(number)
        if entry is None or entry.tag != Tag.ENTRY_ASKED:
            yield f"record {oca}: was entered by {number}, which is no entry of the journal that enters"
    for oca, count in kept.items():
        if count > 1:
            yield f"record {oca} stands {count} times"
    ocas = {sender: sent.oca for sender, sent in seen.sent.items() if sent.oca}
    for delivery in seen.deliveries:
        sender = (delivery.terminal, delivery.key)
        if delivery.kind == "answer" and delivery.source == "STATE" and sender in ocas:
            if delivery.state != State.ACCEPTED:
                yield f"{_name(sender)}: a new record was not accepted: {delivery.title}"
            elif not kept[ocas[sender]]:
                yield f"record {ocas[sender]}: its entry was accepted and it is not there"


def _mail_seen(seen: Seen) -> dict[tuple[str, str], set[int]]:
    """The numbers under which each message came to each terminal."""
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for delivery in seen.deliveries:
        if delivery.kind == "mail":
            key = delivery.text.rpartition("KEY ")[2].split()[0]
            found[delivery.terminal, key].add(delivery.number)
    return found


def _name(sender: Sender) -> str:
    return f"{sender[0]} {sender[1]}"
