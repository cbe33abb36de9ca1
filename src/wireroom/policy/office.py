"""What administration is made of: each act and look, and who may do it. Pure.

CJIS Security Policy 5.9.5: AC-5 (who gives out rights does not read how they were used, and the other way round), AC-6
(whoever has no duty here does nothing here), AC-17(4) and IA-11 (a need in words, and both factors of late).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from wireroom.policy.role import Role


class Act(StrEnum):
    """One act or look of administration, by the name that its entry in the journal has."""

    PEOPLE = "people"
    DUE = "due"
    FACT = "record"
    ACCOUNTS = "accounts"
    REQUESTS = "requests"
    REQUEST = "request"  # ask for an account
    DECIDE = "decide"  # on an account that somebody else asked for
    FIRST_PASSWORD = "first-password"  # noqa: S105 - an act: whoever asked for the account collects it
    CHANGE_ACCOUNT = "account"
    CHANGE_ROLE = "role"
    REVIEWS = "reviews"
    REVIEW = "review"
    DEVICES = "devices"
    POSTURE = "posture"
    REVOKE = "revoke"
    LOST = "lost"
    TERMINALS = "terminals"
    CHANGE_TERMINAL = "terminal"
    AGREEMENTS = "agreements"
    AGREE = "agree"
    ACCESS_REPORT = "access-report"
    PERSON_REPORT = "person-report"


_MINDS = frozenset({Role.ADMINISTRATOR})
_GRANTS = frozenset({Role.ADMINISTRATOR, Role.DOJ})
_ASKS = _GRANTS | {Role.SUPERVISOR}  # in an agency with one administrator somebody else asks
_READS = frozenset({Role.AUDITOR})

MAY: Mapping[Act, frozenset[Role]] = MappingProxyType({
    Act.PEOPLE: _MINDS, Act.DUE: _MINDS, Act.FACT: _MINDS, Act.REVIEWS: _MINDS, Act.REVIEW: _MINDS,
    Act.ACCOUNTS: _GRANTS, Act.DECIDE: _GRANTS, Act.CHANGE_ACCOUNT: _GRANTS, Act.CHANGE_ROLE: _GRANTS,
    Act.REQUESTS: _ASKS, Act.REQUEST: _ASKS, Act.FIRST_PASSWORD: _ASKS,
    Act.DEVICES: _GRANTS, Act.POSTURE: _GRANTS, Act.REVOKE: _GRANTS, Act.LOST: _GRANTS,
    Act.TERMINALS: _MINDS, Act.CHANGE_TERMINAL: _MINDS,
    Act.AGREEMENTS: _GRANTS | _READS, Act.AGREE: frozenset({Role.DOJ}),
    Act.ACCESS_REPORT: _READS, Act.PERSON_REPORT: _READS,
})  # fmt: skip

# What changes something. All else looks.
CHANGES = frozenset({
    Act.FACT, Act.REQUEST, Act.DECIDE, Act.FIRST_PASSWORD, Act.CHANGE_ACCOUNT, Act.CHANGE_ROLE, Act.REVIEW, Act.POSTURE,
    Act.REVOKE, Act.LOST, Act.CHANGE_TERMINAL, Act.AGREE,
})  # fmt: skip


def scope(role: str, ori: str) -> str:
    """Whose things an account minds: its own agency's; "" (anybody's) for DOJ."""
    return "" if role == Role.DOJ else ori
