"""What an order of a court must say to be entered, and what the state works out of it where it says no more."""

from __future__ import annotations

from wireroom.catalog.courts.rules import CourtOfKind, EstimatedIsGiven, KindNeeds, LawfulLife, TermOfKind
from wireroom.catalog.fills import Brady, Default, Fill, FirearmsFill, InCourt, LastDay, TermFill
from wireroom.catalog.rules import Needs, NotBefore, OneOf, OnlyWith, Rule

RULES: tuple[Rule, ...] = (
    OneOf((("DOB",), ("AGE",), ("OLN",), ("SOC",), ("FBI",), ("CII",), ("HGT", "WGT", "HAI"))),
    EstimatedIsGiven("EST"),
    TermOfKind(),
    CourtOfKind(),
    KindNeeds(),
    LawfulLife(),
    Needs("PCO", ("08",), "MIS"),
    Needs("SVC", ("1",), "SVD"),
    OnlyWith("SVD", "SVC", ("1",)),
    NotBefore("SVD", "ISD"),
)
FILLS: tuple[Fill, ...] = (InCourt(), Default("SVC", "2"), TermFill(), LastDay(), FirearmsFill(), Brady())
