"""What the HTTP API takes and gives of an agency's people: facts, what is wanting, what is due."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, TypeVar

import msgspec

from wireroom.message.local import day_of as day_of
from wireroom.policy.facts import Fact, FactKind
from wireroom.policy.fitness import Demands
from wireroom.policy.ruling import sentence_of
from wireroom.policy.staff import Member, due
from wireroom.web.session import UNFIT, Refusal
from wireroom.web.trouble import Refuse

Given = TypeVar("Given")
Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=32, examples=["ada.dispatch"])]


class FactGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that became known of a person of one's own agency."""

    person: Identifier
    kind: FactKind
    day: Annotated[date | None, msgspec.Meta(description="on which it happened; left out: today")] = None
    good: Annotated[
        bool,
        msgspec.Meta(description="false: it speaks against the person, or an authorisation is withdrawn"),
    ] = True
    score: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=100)] | None,
        msgspec.Meta(description="of an examination, in per cent"),
    ] = None
    word: Annotated[str, msgspec.Meta(max_length=100, description="the version signed; who authorised")] = ""
    until: Annotated[
        Annotated[datetime, msgspec.Meta(tz=True)] | None,
        msgspec.Meta(description="when an authorisation ends"),
    ] = None


class FactShown(msgspec.Struct, frozen=True, kw_only=True):
    """The newest fact of a kind, with who recorded it and when."""

    kind: FactKind
    day: date
    good: bool
    score: int | None
    word: str
    until: datetime | None
    ori: str
    recorded_by: str
    recorded_at: datetime | None


class Wanting(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that a person does not meet, and what they are told."""

    rule: str
    reason: str


class PersonShown(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the agency."""

    person: str
    name: str
    role: str
    enabled: bool
    facts: tuple[FactShown, ...]
    wanting: tuple[Wanting, ...]


class PeopleShown(msgspec.Struct, frozen=True):
    """Everybody of the agency, in the order of the identifiers; those too who left."""

    people: tuple[PersonShown, ...]


class DueItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that must be done about a person."""

    person: str
    name: str
    what: Annotated[
        str,
        msgspec.Meta(
            description="clear, sign, train, disable, review; moved and left are told of within a day"
        ),
    ]
    since: date
    by: date
    overdue: bool


class DueShown(msgspec.Struct, frozen=True):
    """What must be done about the agency's people, the most urgent first."""

    due: tuple[DueItem, ...]


def fact_of(given: FactGiven, now: datetime) -> Fact:
    """The fact as the house keeps it."""
    return Fact(
        person=given.person, kind=given.kind, day=given.day or day_of(now), good=given.good, score=given.score,
        word=given.word, until=given.until,
    )  # fmt: skip


def people_shown(found: tuple[Member, ...], demands: Demands, now: datetime) -> PeopleShown:
    """An agency's people as the API shows them."""
    return PeopleShown(tuple(_person(one, demands, now) for one in found))


def _person(one: Member, demands: Demands, now: datetime) -> PersonShown:
    facts = tuple(
        FactShown(kind=f.kind, day=f.day, good=f.good, score=f.score, word=f.word, until=f.until, ori=f.ori,
                  recorded_by=f.recorded_by, recorded_at=f.recorded_at)
        for _, f in sorted(one.held.items())
    )  # fmt: skip
    missing = tuple(Wanting(rule=name, reason=sentence_of(name)) for name in one.wanting(now, demands))
    return PersonShown(
        person=one.id, name=one.name, role=one.role, enabled=one.enabled, facts=facts, wanting=missing
    )


def due_shown(found: tuple[Member, ...], demands: Demands, now: datetime) -> DueShown:
    """What is due, as the API shows it."""
    return DueShown(
        tuple(
            DueItem(
                person=one.person,
                name=one.name,
                what=one.what,
                since=one.since,
                by=one.by,
                overdue=one.overdue,
            )
            for one in due(found, demands, now)
        )
    )


def or_refuse(answer: tuple[Given, ...] | Refusal | None) -> tuple[Given, ...]:
    """What the house gave. Raises Refuse where it is a refusal."""
    if isinstance(answer, Refusal):
        raise Refuse(422 if answer.code == UNFIT else 403, answer.code, answer.reason)
    return answer or ()
