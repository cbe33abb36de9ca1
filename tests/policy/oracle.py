"""A second opinion on who may send: written from the duties, without a line of the program's rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

# By hand: what each role does, in the words of the verbs.
ASKS = {"inquire", "list", "message", "confirm", "reply", "report"}
CHANGES = {"enter", "modify", "supplement", "strike", "locate", "clear", "cancel", "verify", "validate"}
DUTIES: dict[str, set[str]] = {
    "operator": ASKS | CHANGES,
    "supervisor": ASKS | CHANGES | {"approve"},
    "inquiry": ASKS,
    "clerk": ASKS | CHANGES,
    "administrator": {"message"},
    "auditor": set(),
    "doj": ASKS | CHANGES | {"restrain", "approve"},
    # Of stolen vehicles, which a court and a facility have nothing to do with.
    "court": {"list", "message", "reply", "verify", "validate"},
    "facility": {"message"},
}


def allows(person: dict[str, object], role: str, verb: str, at: datetime) -> bool:
    """Whether somebody may send for criminal justice, of stolen vehicles. `person` has what stands on record."""
    if verb not in DUTIES.get(role, set()):
        return False
    today = at.astimezone(ZoneInfo("America/Los_Angeles")).date()

    def happened(what: str, within: int | None = None) -> bool:
        day = person.get(what)
        if not isinstance(day, date) or day > today:
            return False
        return within is None or today <= day + timedelta(days=within)

    ends = person.get("authorised_until")
    score = person.get("score")
    return (
        happened("fingerprint")
        and happened("background")
        and person.get("statement") == "1"
        and happened("trained", 365)
        and happened("examined", 365)
        and isinstance(score, int)
        and score >= 70
        and person.get("authorised") == "CA0990100"
        and isinstance(ends, datetime)
        and at < ends
    )
