"""The words of an order as a record of it was shown: what may be enforced now, and what is read out."""

from __future__ import annotations

from datetime import datetime

from wireroom.message.answer import Hit
from wireroom.records.life import valued
from wireroom.records.orders.enforcing import enforceable, terms
from wireroom.records.orders.order import read
from wireroom.web.house import OrderWords


def words_of(hit: Hit, at: datetime, court: str = "") -> OrderWords:
    """What is said of an order at a moment, by its record alone; `court` is the name of the one that issued it."""
    order = read(hit.number, hit.owner, hit.status, valued(hit.fields))
    return OrderWords(
        now=tuple(enforceable(order, at)),
        english=tuple(terms(order, "en", court=court, at=at)),
        spanish=tuple(terms(order, "es", court=court, at=at)),
    )
