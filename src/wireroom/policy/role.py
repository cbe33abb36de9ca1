"""The roles: what somebody is here to do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is here to do. One person has one role; a second duty is a second account."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"  # an operator who also answers for what the agency broadcasts
    INQUIRY = "inquiry"
    CLERK = "clerk"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    DOJ = "doj"  # the department that runs the state's files
    FACILITY = "facility"  # reports prohibitions, and sees nothing
    COURT = "court"  # enters and keeps the orders of a court, and sees nothing else


# Who gives out the rights does not read afterwards how they were used (CJIS Security Policy AC-5).
APART = (frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),)


def apart(one: str, other: str) -> bool:
    """Whether two roles are never one person's."""
    return one != other and any({one, other} <= pair for pair in APART)
