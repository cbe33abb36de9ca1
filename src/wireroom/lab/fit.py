"""Invented people who meet everything that is asked of them, so that a lab, a demo or a test can work."""

from __future__ import annotations

from datetime import date, timedelta

from wireroom.message.envelope import Facts
from wireroom.policy.facts import Fact, FactKind
from wireroom.policy.fitness import USUAL, WITHOUT_END, Demands

SCORE = 92
HEAD = "Invented Chief"
AGO = timedelta(days=40)  # so that a day more or less matters nowhere


def facts(ori: str, today: date, demands: Demands = USUAL) -> Facts:
    """All facts of somebody of an agency, complete."""
    day = today - AGO
    return Facts(
        fingerprint=day, background=day, statement=demands.statement, trained=day, examined=day, score=SCORE,
        authorised=ori, authorised_until=WITHOUT_END,
    )  # fmt: skip


def recorded(person: str, today: date, demands: Demands = USUAL, *, ago: timedelta = AGO) -> tuple[Fact, ...]:
    """The same as rows of the database."""
    day = today - ago
    return (
        Fact(person=person, kind=FactKind.FINGERPRINT, day=day),
        Fact(person=person, kind=FactKind.BACKGROUND, day=day),
        Fact(person=person, kind=FactKind.STATEMENT, day=day, word=demands.statement),
        Fact(person=person, kind=FactKind.TRAINING, day=day),
        Fact(person=person, kind=FactKind.EXAMINATION, day=day, score=SCORE),
        Fact(person=person, kind=FactKind.AUTHORISATION, day=day, word=HEAD),
        Fact(person=person, kind=FactKind.REVIEW, day=day),
    )
