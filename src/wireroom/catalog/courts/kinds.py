"""Every kind of order that a court makes: its forms, how long it may last, who makes it, what must be said of it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType

import msgspec

from wireroom.catalog.tables import table


class Stage(StrEnum):
    """How far the case has come. An order of another state is what it says."""

    EMERGENCY = "emergency"
    TEMPORARY = "temporary"
    FINAL = "final"
    EITHER = "either"


class Rank(StrEnum):
    """What decides which of several orders prevails."""

    EMERGENCY = "emergency"
    CRIMINAL = "criminal"
    CIVIL = "civil"


class Court(StrEnum):
    """Which courts make it."""

    SUPERIOR = "superior"  # of California
    ELSEWHERE = "elsewhere"  # of another state, or of a tribe


class Span(msgspec.Struct, frozen=True):
    """How long: `epo`, `days:21`, `hearing:25` (so many days at most to it), `years:1-5`, `order` (as it says).

    `high` is zero where there is no longest; `low` is zero where there is no shortest.
    """

    unit: str
    low: int = 0
    high: int = 0


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of order."""

    code: str  # of the table order_type
    forms: tuple[str, ...]  # of the Judicial Council
    family: str
    stage: Stage
    life: Span
    renewed: Span  # how long it lasts when it was renewed
    unnamed: str  # the end where the order names none: `latest`, or years:3; empty where it must
    endless: str  # whether it may be without end: no, yes, only `renewed`, or only on a `basis:136`
    court: Court
    firearms: bool  # whether it bars firearms by itself
    needs: tuple[str, ...]  # the fields without which it says too little
    rank: Rank
    final: str  # the kind that follows a temporary one
    mark: str

    @property
    def title(self) -> str:
        """What it is called."""
        return table("order_type")[self.code].meaning

    @property
    def words(self) -> str:
        """What it is called in a sentence: an emergency protective order."""
        title = self.title[:1].lower() + self.title[1:]
        return f"{'an' if title[0] in 'aeiou' else 'a'} {title}"

    @property
    def term(self) -> str:
        """Of the table order_term; empty where the order itself says it."""
        return "" if self.stage is Stage.EITHER else "F" if self.stage is Stage.FINAL else "T"


def _span(text: str) -> Span:
    unit, _, length = text.partition(":")
    low, _, high = length.rpartition("-")
    return Span(unit, int(low or 0), int(high or 0)) if length else Span(unit)


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its code."""
    source = resources.files("wireroom.catalog.courts").joinpath("kinds.csv")
    rows = csv.DictReader(source.read_text(encoding="ascii").splitlines())
    return MappingProxyType({row["code"]: _kind(row) for row in rows})


def _kind(row: Mapping[str, str]) -> Kind:
    return Kind(
        code=row["code"],
        forms=tuple(row["forms"].split()),
        family=row["family"],
        stage=Stage(row["stage"]),
        life=_span(row["life"]),
        renewed=_span(row["renewed"] or row["life"]),
        unnamed=row["unnamed"],
        endless=row["endless"],
        court=Court(row["court"]),
        firearms=row["firearms"] == "Y",
        needs=tuple(row["needs"].split()),
        rank=Rank(row["rank"]),
        final=row["final"],
        mark=row["mark"],
    )


def kind_of(values: Mapping[str, tuple[str, ...]], code: str) -> Kind | None:
    """The kind of an order by the field that names it; None where it names none, or badly."""
    return kinds().get(values.get(code, ("",))[0])
