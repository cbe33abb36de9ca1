"""Which of two orders is the more restrictive: a partial order on their terms, for many pairs are neither.

One is at least as strict as another where it bars all that the other bars, keeps away at least as far from every place
from which the other keeps away, and allows nothing that the other does not. It is stricter where the other is not at
least as strict in turn. What stands in remarks alone cannot be weighed: such a term is matched only by the same
remarks.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from wireroom.records.orders.order import FIREARMS, SEE_REMARKS, VISITS, Order

HOME_IS_THEIRS = "03"
STAY_AWAY = "04"


class Terms(msgspec.Struct, frozen=True):
    """What an order demands of the restrained person, as far as it can be compared."""

    bars: frozenset[str]  # conditions, and the codes of fields that bar something
    yards: Mapping[str, int]  # by place
    allows: frozenset[str]  # exceptions


def terms_of(order: Order) -> Terms:
    """The terms of an order, each said in one way: an order to move out is one that gives the home to the others."""
    bars = set(order.conditions) - {VISITS, SEE_REMARKS}
    further = {
        HOME_IS_THEIRS: order.moves_out,
        STAY_AWAY: bool(order.stays),
        FIREARMS: order.firearms.barred,
        "BAR": order.firearms.armor_barred,
        "ANM": order.animals,
        "GPS": order.monitored,
        f"{SEE_REMARKS} {order.remarks}": SEE_REMARKS in order.conditions,
    }
    exceptions = {
        VISITS: VISITS in order.conditions,
        "PCX": order.peaceful_contact,
        "WEX": order.firearms.at_work and order.firearms.barred,
    }
    return Terms(
        frozenset(bars | {code for code, said in further.items() if said}),
        dict(order.stays),
        frozenset(code for code, said in exceptions.items() if said),
    )


def as_strict(one: Order, other: Order) -> bool:
    """Whether an order is at least as strict as another."""
    return _covers(terms_of(one), terms_of(other))


def stricter(one: Order, other: Order) -> bool:
    """Whether an order is more restrictive than another; of many pairs neither is."""
    mine, theirs = terms_of(one), terms_of(other)
    return _covers(mine, theirs) and not _covers(theirs, mine)


def _covers(mine: Terms, theirs: Terms) -> bool:
    return (
        mine.bars >= theirs.bars
        and mine.allows <= theirs.allows
        and all(mine.yards.get(place, 0) >= yards for place, yards in theirs.yards.items())
    )
