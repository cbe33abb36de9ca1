"""What a terminal asked and was told lately, kept in memory so that a page can be drawn again as it was."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import msgspec

from wireroom.message.answer import Delivery

DELIVERIES_MAX = 200  # of one terminal
QUESTIONS_MAX = 200
WHYS_MAX = 5  # questions of one person that wait for a word; older ones wait on the coordinator's list
CASES_MAX = 3
TERMINALS_MAX = 2000  # the terminal unused for longest goes first
UNASKED_KINDS = frozenset({"mail", "notice"})


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question as its sender saw it go, and what the switch said to it at once."""

    transaction: int
    text: str
    understood: str
    at: str  # ISO 8601, UTC
    state: str = "accepted"
    sources: tuple[str, ...] = ()
    reason: str = ""


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """A question that nothing explains, and what may be pressed to say what it was for."""

    transaction: int
    what: str  # what it was asked by, as a list shows it
    at: str  # ISO 8601, UTC
    offers: tuple[tuple[str, str], ...] = ()  # references, with the kind of an incident where it is known


class Standing(msgspec.Struct, frozen=True):
    """What stands on a person's desk between questions: why they ask, for which case, and for which agency."""

    purpose: str = ""
    case: str = ""
    agency: str = ""  # where theirs asks for others too


class Shelf:
    """One terminal's questions and deliveries, newest last, with what the person has seen."""

    def __init__(self) -> None:
        self.deliveries: OrderedDict[int, Delivery] = OrderedDict()
        self.asked: OrderedDict[int, Asked] = OrderedDict()
        self.seen: set[int] = set()  # transactions of hits, and numbers of messages
        self.standing: dict[str, Standing] = {}  # by person
        self._whys: dict[str, OrderedDict[int, Why]] = {}  # by person
        self._cases: dict[str, list[str]] = {}  # by person, the newest first
        self._turn = 0

    def add(self, delivery: Delivery) -> None:
        """Keep a delivery; the same one again changes nothing."""
        self.deliveries[delivery.number] = delivery
        while len(self.deliveries) > DELIVERIES_MAX:
            self.deliveries.popitem(last=False)
        self.seen &= {*self.transactions(), *self.deliveries}

    def ask(self, asked: Asked) -> None:
        """Keep a question; a repeat of one that was asked keeps the first."""
        self.asked.setdefault(asked.transaction, asked)
        while len(self.asked) > QUESTIONS_MAX:
            self.asked.popitem(last=False)

    def see(self, number: int) -> None:
        """The person has seen the hit of a transaction, or a message. Unknown numbers are passed over."""
        if number in self.deliveries or number in self.asked or number in self.transactions():
            self.seen.add(number)

    def transactions(self) -> set[int]:
        """Every question that is kept, or of which an answer is kept."""
        return {*self.asked, *(d.transaction for d in self.deliveries.values() if not is_mail(d))}

    def answers(self, transaction: int) -> tuple[Delivery, ...]:
        """What came to one question, first to last."""
        return tuple(
            d for _, d in sorted(self.deliveries.items()) if d.transaction == transaction and not is_mail(d)
        )

    def mails(self) -> tuple[Delivery, ...]:
        """What nobody asked for, newest first."""
        return tuple(d for _, d in sorted(self.deliveries.items(), reverse=True) if is_mail(d))

    def latest(self) -> tuple[Delivery, ...]:
        """Everything as it came, newest first: the rolling log."""
        return tuple(d for _, d in sorted(self.deliveries.items(), reverse=True))

    def wonder(self, person: str, why: Why) -> None:
        """Keep what a person is to be asked; of too many the oldest is left to the coordinator's list."""
        waiting = self._whys.setdefault(person, OrderedDict())
        waiting[why.transaction] = why
        while len(waiting) > WHYS_MAX:
            waiting.popitem(last=False)

    def whys(self, person: str) -> tuple[Why, ...]:
        """What a person is to be asked, the newest first."""
        return tuple(reversed(self._whys.get(person, OrderedDict()).values()))

    def learn(self, person: str, transaction: int, reference: str = "") -> None:
        """A person said what a question was for; the reference is offered for the next."""
        self._whys.get(person, OrderedDict()).pop(transaction, None)
        if reference:
            cases = [reference, *(one for one in self.cases(person) if one != reference)]
            self._cases[person] = cases[:CASES_MAX]

    def cases(self, person: str) -> tuple[str, ...]:
        """The references that a person gave lately, the newest first."""
        return tuple(self._cases.get(person, ()))

    def turn(self) -> int:
        """A number that grows: which of two drawings is the newer."""
        self._turn += 1
        return self._turn

    def purpose(self, person: str) -> Standing:
        """What stands on a person's desk here; nothing is ever guessed."""
        return self.standing.get(person, Standing())


class Recent:
    """The shelves of all terminals."""

    def __init__(self) -> None:
        self._shelves: OrderedDict[str, Shelf] = OrderedDict()

    def of(self, terminal: str) -> Shelf:
        """The shelf of one terminal, made when first needed."""
        shelf = self._shelves.setdefault(terminal, Shelf())
        self._shelves.move_to_end(terminal)
        while len(self._shelves) > TERMINALS_MAX:
            self._shelves.popitem(last=False)
        return shelf

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Put each delivery on the shelf of its terminal."""
        for delivery in deliveries:
            self.of(delivery.terminal).add(delivery)


def is_mail(delivery: Delivery) -> bool:
    """Whether it stands among the messages and not among the answers."""
    return delivery.kind in UNASKED_KINDS or delivery.transaction == 0
