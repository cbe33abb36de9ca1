"""What is asked of a person before they may send anything: cleared, signed, trained, authorised.

CJIS Security Policy AC-2 (access depends on a person's attributes), AT-2 and AT-3 (training first, and again each
year), PS-3 (fingerprints and background before access), PS-6 (a signed statement). Pure: the same facts at the same
moment are judged alike. What is absent, or of a day to come, does not count.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec

from wireroom.message.envelope import Facts, Seat
from wireroom.message.local import day_of

WITHOUT_END = datetime.max.replace(tzinfo=UTC)


class Demands(msgspec.Struct, frozen=True, kw_only=True):
    """What the state asks of people: settings."""

    statement: str = "1"  # the version of the statement in force
    pass_mark: int = 70  # of an examination, in per cent
    training_days: int = 365  # for how long a class and an examination count
    review_days: int = 365  # how often an account is looked at


USUAL = Demands()

# The rules that ask for it, in their order.
RULES = ("cleared", "statement-signed", "trained", "authorised")


def cleared(seat: Seat, at: datetime) -> bool:
    """Whether fingerprints and background were checked, and nothing was found against the person."""
    facts, today = seat.facts, day_of(at)
    return _past(facts.fingerprint, today) and _past(facts.background, today)


def signed(seat: Seat, demands: Demands) -> bool:
    """Whether the version of the statement that is in force is signed."""
    return bool(demands.statement) and seat.facts.statement == demands.statement


def trained(seat: Seat, at: datetime, demands: Demands) -> bool:
    """Whether class and examination are recent and passed."""
    facts, today = seat.facts, day_of(at)
    recent = all(
        _past(day, today) and (today - day).days <= demands.training_days
        for day in (facts.trained, facts.examined)
        if day is not None
    )
    held = facts.trained is not None and facts.examined is not None
    return held and recent and facts.score >= demands.pass_mark


def authorised(seat: Seat, at: datetime) -> bool:
    """Whether the agency of the seat, and no other, lets the person work for it at this moment."""
    facts = seat.facts
    until = facts.authorised_until
    return bool(facts.authorised) and facts.authorised == seat.ori and until is not None and at < until


def wanting(seat: Seat, at: datetime, demands: Demands) -> tuple[str, ...]:
    """The rules that a person does not meet, in their order. Training seats are for those who are to be trained."""
    held = {
        "cleared": cleared(seat, at),
        "statement-signed": signed(seat, demands),
        "trained": seat.test or trained(seat, at, demands),
        "authorised": authorised(seat, at),
    }
    return tuple(name for name in RULES if not held[name])


def lapses(facts: Facts, demands: Demands) -> date | None:
    """The last day on which training counts; None where there is none, or it failed."""
    if facts.trained is None or facts.examined is None or facts.score < demands.pass_mark:
        return None
    return min(facts.trained, facts.examined) + timedelta(days=demands.training_days)


def _past(day: date | None, today: date) -> bool:
    return day is not None and day <= today
