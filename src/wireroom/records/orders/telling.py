"""What an answer says of orders beside their fields: in force or not, what may be enforced now, and which prevails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from wireroom.catalog.file import Source
from wireroom.records.life import valued
from wireroom.records.orders.enforcing import enforceable
from wireroom.records.orders.order import read
from wireroom.records.orders.precedence import Weighed, weighed
from wireroom.records.orders.standing import Standing, standing
from wireroom.records.shape import Fields

IN_ORDER = tuple(Standing)  # in force and served, in force, to come, over
PLACES = 100  # more than the records of one answer


class Record(Protocol):
    """A record that was found, as far as is needed here."""

    @property
    def number(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def fields(self) -> Fields: ...
    @property
    def party(self) -> str: ...


class Told(msgspec.Struct, frozen=True):
    """What is said of one record, and where it stands among the others: the lower, the sooner."""

    fields: Fields
    rank: int


def told_alone(number: str, owner: str, status: str, fields: Fields, at: datetime) -> Fields:
    """What is said of one of the state's orders by itself, where nobody asked: whether it is in force now, and what."""
    order = read(number, owner, status, valued(fields))
    return ("STD", standing(order, at).name), ("ENF", "\n".join(enforceable(order, at)))


def told_of(found: Sequence[Record], at: datetime, source: Source) -> list[Told]:
    """What is said of each, in their order. Other holders say whether an order is in force, the state all of it."""
    orders = [read(one.number, one.owner, one.status, valued(one.fields)) for one in found]
    ours = source is Source.STATE
    ranks: dict[str, list[Weighed]] = {}
    for one in weighed(orders, at) if ours else ():
        ranks.setdefault(one.number, []).append(
            one
        )  # one for each of those whom it protects beside another order
    told = []
    for record, order in zip(found, orders, strict=True):
        how = standing(order, at)
        fields = [("PTY", "PROTECTED")] if record.party else []
        fields.append(("STD", how.name))
        prevails = ranks.get(order.number, [])
        if ours:
            fields.append(("ENF", "\n".join(enforceable(order, at))))
        if sentences := "; ".join(dict.fromkeys(one.sentence for one in prevails if one.sentence)):
            fields.append(("PRE", sentences))
        place = IN_ORDER.index(how) * PLACES + min((one.rank for one in prevails), default=0)
        told.append(Told(tuple(fields), place))
    return told
