"""How long the law lets one order last: its first and last lawful day, and the day on which it ends by itself.

A day counts whole: where the law says the close of court, the order is in force to the end of that day, for nobody
looks up at night whether an order ended at five (ours). Years end on the same day of the year, and those of a 29
February on the 28th (ours).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Protocol

import msgspec

from wireroom.catalog.courts.calendar import court_days_after
from wireroom.catalog.courts.kinds import Kind, Span, Stage, kind_of
from wireroom.catalog.kinds_of_time import ENDLESS

EPO_COURT_DAYS, EPO_DAYS = 5, 7


class Named(Protocol):
    """Which fields of a record tell of its life."""

    @property
    def kind(self) -> str: ...
    @property
    def issued(self) -> str: ...
    @property
    def hearing(self) -> str: ...
    @property
    def renewed(self) -> str: ...
    @property
    def basis(self) -> str: ...


class Order(msgspec.Struct, frozen=True):
    """What decides how long one order lasts."""

    kind: Kind
    issued: date
    hearing: date | None = None
    renewed: date | None = None  # when the court moved its hearing, or made it last longer
    basis: str = ""  # of the table order_basis

    @property
    def since(self) -> str:
        """From when its life counts, in words."""
        if self.renewed and self.kind.stage is Stage.FINAL:
            return f"renewed on {written(self.renewed)}"
        return f"issued on {written(self.issued)}"

    @property
    def begins(self) -> date:
        """The day from which its life counts: only what is final is renewed, a temporary one waits for its hearing."""
        return self.renewed if self.renewed and self.kind.stage is Stage.FINAL else self.issued


class Life(msgspec.Struct, frozen=True):
    """The lawful ends of one order. `why` says for what reason there is no day after the last, or before the first."""

    first: date | None = None
    last: date | None = None
    why: str = ""
    endless: bool = False
    unnamed: str = ""  # the end where the order names none, canonical; empty where it must name one


def day_of(values: Mapping[str, tuple[str, ...]], code: str) -> date | None:
    """The day in a field; None where there is none."""
    value = values.get(code, ("",))[0]
    return date.fromisoformat(value) if len(value) == 8 and value.isdigit() else None


def written(day: date) -> str:
    """A day as a field holds it."""
    return f"{day:%Y%m%d}"


def years_after(day: date, count: int) -> date:
    """The same day of the year so many years later."""
    try:
        return day.replace(year=day.year + count)
    except ValueError:
        return day.replace(year=day.year + count, day=28)


def order_of(values: Mapping[str, tuple[str, ...]], named: Named) -> Order | None:
    """The order that a record's values tell of; None while its kind or its day is not known."""
    kind, issued = kind_of(values, named.kind), day_of(values, named.issued)
    if kind is None or issued is None:
        return None
    basis = values.get(named.basis, ("",))[0]
    return Order(kind, issued, day_of(values, named.hearing), day_of(values, named.renewed), basis)


def life_of(order: Order) -> Life:
    """What the law allows."""
    kind, span = order.kind, order.kind.life
    if span.unit == "epo":
        last = min(court_days_after(order.issued, EPO_COURT_DAYS), order.issued + timedelta(days=EPO_DAYS))
        why = "the fifth court day or the seventh day, whichever is first"
        return Life(None, last, why, unnamed=_latest(kind, last))
    if span.unit == "days":
        last = order.issued + timedelta(days=span.high)
        return Life(None, last, f"{span.high} days", unnamed=_latest(kind, last))
    if span.unit == "hearing":
        if order.hearing is None:
            return Life()
        return Life(order.hearing, order.hearing, unnamed=_latest(kind, order.hearing))
    if span.unit == "order":
        return Life(endless=_endless(order))
    return _years(order, kind.renewed if order.renewed else span)


def _latest(kind: Kind, last: date) -> str:
    return written(last) if kind.unnamed == "latest" else ""


def _years(order: Order, span: Span) -> Life:
    endless = _endless(order)
    unnamed = ENDLESS if endless and order.kind.endless.startswith("basis:") else ""
    if order.kind.unnamed.startswith("years:") and not order.renewed:
        unnamed = written(years_after(order.begins, int(order.kind.unnamed.removeprefix("years:"))))
    return Life(
        first=years_after(order.begins, span.low) if span.low else None,
        last=years_after(order.begins, span.high) if span.high else None,
        why=length(span),
        endless=endless,
        unnamed=unnamed,
    )


def _endless(order: Order) -> bool:
    how, _, basis = order.kind.endless.partition(":")
    return (
        how == "yes"
        or (how == "renewed" and order.renewed is not None)
        or (how == "basis" and order.basis == basis)
    )


def hearing_by(order: Order) -> date | None:
    """The last day for the hearing of a temporary order; None where none is set: the court may move the hearing."""
    if order.kind.life.unit != "hearing" or order.renewed is not None:
        return None
    return order.issued + timedelta(days=order.kind.life.high)


def length(span: Span) -> str:
    """A number of years in words: 5 years, 1 to 5 years, 5 years or more."""
    if not span.high:
        return f"{span.low} years or more"
    return f"{span.low} to {span.high} years" if span.low else f"{span.high} years"
