"""How an order stands at a moment: in force or not, served or not. This is also the order of showing."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum

from wireroom.records.orders.order import Order

FOUND = frozenset(
    {"active", "located", "restrained"}
)  # statuses of a record that nobody and nothing has ended
TIMED_OUT = "expired"


class Standing(IntEnum):
    """Lower is shown first."""

    SERVED = 1
    UNSERVED = 2
    COMING = 3
    OVER = 4

    @property
    def in_force(self) -> bool:
        return self <= Standing.UNSERVED

    @property
    def words(self) -> str:
        """One line for whoever must act on it."""
        return WORDS[self]


WORDS = {
    Standing.SERVED: "IN FORCE AND SERVED: CONFIRM IT, THEN ENFORCE IT",
    Standing.UNSERVED: "IN FORCE, NOT SERVED: TELL THE TERMS, THAT IS SERVICE",
    Standing.COMING: "NOT IN FORCE NOW: IT BEGINS LATER, OR ITS HEARING IS TO COME",
    Standing.OVER: "OVER: HISTORY ONLY, NOTHING TO ENFORCE",
}


def standing(order: Order, at: datetime) -> Standing:
    """How an order stands at a moment, whether or not anybody has noted yet that its time is up.

    A temporary order that ran out before its hearing is not over: the court may bring it back at that hearing. A
    hearing that an order in force still awaits changes nothing.
    """
    at = at.astimezone(UTC)
    ended = order.ends is not None and order.ends <= at
    if order.status in FOUND and not ended:
        if order.begins is not None and at < order.begins:
            return Standing.COMING
        return Standing.SERVED if order.service.served else Standing.UNSERVED
    timed_out = order.status == TIMED_OUT or order.status in FOUND
    if timed_out and order.temporary and order.hearing is not None and at < order.hearing:
        return Standing.COMING
    return Standing.OVER
