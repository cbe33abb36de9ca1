"""Which order prevails where several are in force between the same two people (california.md 3.8).

The rules are tried in turn, and the first that tells some of the orders from the rest counts. Where it leaves more than
one, they begin again among those. What is found so is first; the second is found among the rest, and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise

import msgspec

from wireroom.records.orders import nature
from wireroom.records.orders.order import Order
from wireroom.records.orders.pairs import Pair, pairs
from wireroom.records.orders.standing import standing
from wireroom.records.orders.strictness import stricter

Orders = tuple[Order, ...]
NEVER = datetime.min.replace(tzinfo=UTC)
PLACES = ("FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "SIXTH", "SEVENTH", "EIGHTH", "NINTH")


class Rule(StrEnum):
    """Why an order goes before others."""

    EMERGENCY = "emergency"  # an emergency protective order, more restrictive than the rest
    NO_CONTACT = "no contact"
    CRIMINAL = "criminal"  # over civil orders, where they conflict
    LATEST = "latest"  # issued last
    NUMBER = "number"  # nothing else tells them apart


class Weighed(msgspec.Struct, frozen=True):
    """An order's place among those that are in force between the same two people."""

    number: str
    rank: int  # 1 is enforced first
    sentence: str = ""  # one line in capitals; empty where there is nothing to weigh
    rules: tuple[Rule, ...] = ()  # those that put it before the ones behind it, in turn
    protected: tuple[str, ...] = ()  # the names of those for whom it has this place


def weighed(orders: Iterable[Order], at: datetime) -> tuple[Weighed, ...]:
    """The place of every order that is in force at a moment, pair by pair, first first.

    An order that meets others for two people stands there twice. One that meets none is first by itself, without words.
    """
    numbered = {one.number: one for one in orders if standing(one, at).in_force}
    living = tuple(numbered[number] for number in sorted(numbered))
    met = pairs(living)
    among = {one.number for pair in met for one in pair.orders}
    beside = tuple(Weighed(one.number, 1) for one in living if one.number not in among)
    return (*(one for pair in met for one in _ranked(pair)), *beside)


def _ranked(pair: Pair) -> Iterable[Weighed]:
    left = pair.orders
    for rank in range(1, len(pair.orders) + 1):
        first, rules = _first(left)
        behind = tuple(one for one in left if one.number != first.number)
        sentence = _sentence(pair, rank, first, behind, rules)
        yield Weighed(first.number, rank, sentence, tuple(rules), pair.protected)
        left = behind


def _first(orders: Orders) -> tuple[Order, list[Rule]]:
    """The order that goes before the others, and the rules that say so, in turn."""
    used: list[Rule] = []
    while len(orders) > 1:
        for rule, chosen_by in RULES:
            chosen = chosen_by(orders)
            if 0 < len(chosen) < len(orders):
                used.append(rule)
                orders = chosen
                break
    return orders[0], used


def _emergency(orders: Orders) -> Orders:
    """Emergency orders stricter than every order of another kind; of several such those than which none is stricter."""
    emergencies = [one for one in orders if nature.emergency(one.kind)]
    others = [one for one in orders if not nature.emergency(one.kind)]
    above = [one for one in emergencies if all(stricter(one, other) for other in others)]
    return tuple(one for one in above if not any(stricter(other, one) for other in above))


def _no_contact(orders: Orders) -> Orders:
    return tuple(one for one in orders if one.no_contact)


def _criminal(orders: Orders) -> Orders:
    return tuple(one for one in orders if nature.criminal(one.kind))


def _latest(orders: Orders) -> Orders:
    last = max(one.issued or NEVER for one in orders)
    return tuple(one for one in orders if (one.issued or NEVER) == last)


def _number(orders: Orders) -> Orders:
    return (min(orders, key=lambda one: one.number),)


RULES: tuple[tuple[Rule, Callable[[Orders], Orders]], ...] = (
    (Rule.EMERGENCY, _emergency),
    (Rule.NO_CONTACT, _no_contact),
    (Rule.CRIMINAL, _criminal),
    (Rule.LATEST, _latest),
    (Rule.NUMBER, _number),
)

OF = {
    Rule.EMERGENCY: "SUCH EMERGENCY ORDERS",
    Rule.NO_CONTACT: "THE NO-CONTACT ORDERS",
    Rule.CRIMINAL: "THE CRIMINAL ORDERS",
    Rule.LATEST: "THOSE ISSUED LAST",
}


def _sentence(pair: Pair, rank: int, first: Order, behind: Orders, rules: Sequence[Rule]) -> str:
    whom = "" if pair.alone else f"FOR {_listed(pair.protected)}: "
    if not behind:
        return f"{whom}{first.named} COMES LAST OF {rank}"
    if rank == 1:
        head = f"{whom}ENFORCE {first.named} FIRST"
    else:
        place = PLACES[rank - 1] if rank <= len(PLACES) else f"NUMBER {rank}"
        head = f"{whom}{first.named} COMES {place} OF {rank + len(behind)}"
    return f"{head}: {_why(behind, rules)}"


def _why(behind: Orders, rules: Sequence[Rule]) -> str:
    """The rules that were used, as one goes through them: what it is, and what it is among those that are so too."""
    one = len(behind) == 1
    others = "OTHER" if one else f"OTHER {len(behind)}"
    several = len(rules) > 1
    alone = {
        Rule.EMERGENCY: f"EMERGENCY PROTECTIVE ORDER, MORE RESTRICTIVE THAN THE {'REST' if several else others}",
        Rule.NO_CONTACT: "A NO-CONTACT ORDER" if several else f"THE {'' if one else 'ONLY '}NO-CONTACT ORDER",
        Rule.CRIMINAL: _over(behind),
        Rule.LATEST: "ISSUED LAST" if several else f"ISSUED AFTER THE {others}",
        Rule.NUMBER: f"ISSUED WITH THE {others}, AND FIRST BY ITS NUMBER",
    }
    among = {
        Rule.EMERGENCY: "THE EMERGENCY PROTECTIVE ORDER, MORE RESTRICTIVE",
        Rule.NO_CONTACT: "THE NO-CONTACT ORDER",
        Rule.CRIMINAL: _over(behind),
        Rule.LATEST: "THE LAST ISSUED",
        Rule.NUMBER: "THE FIRST BY ITS NUMBER",
    }
    further = (f"OF {OF[before]} {among[rule]}" for before, rule in pairwise(rules))
    return "; ".join((alone[rules[0]], *further))


def _over(behind: Orders) -> str:
    """What the criminal order does to the civil ones behind it: their terms stand where they do not conflict."""
    civil = [one.named for one in behind if not nature.criminal(one.kind)]
    if not civil:
        return ""
    stand = f"{'ITS' if len(civil) == 1 else 'THEIR'} OTHER TERMS STAND"
    return f"THE CRIMINAL PROTECTIVE ORDER PREVAILS OVER {_listed(civil)} WHERE THEY CONFLICT; {stand}"


def _listed(items: Sequence[str]) -> str:
    return " AND ".join((", ".join(items[:-1]), items[-1])) if len(items) > 1 else items[0]
