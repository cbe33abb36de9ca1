"""How many inquiries a person makes in an hour, so that a script that walks through the files is stopped early."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

import msgspec

from wireroom.message.reason import Verdict, Weighed

HOUR = timedelta(hours=1)
PEOPLE_MAX = 100_000  # whoever asked longest ago is forgotten first

RULE_UNEXPLAINED, RULE_ALL = "pace-unexplained", "pace"
SENTENCES = {
    RULE_UNEXPLAINED: "This is as much in an hour as may be asked without saying what for: give the incident, case or "
    "warrant in CAS, or wait.",
    RULE_ALL: "This is as much as one person may ask in an hour: wait, or ask your supervisor.",
}


class Pacing(msgspec.Struct, frozen=True, kw_only=True):
    """How many inquiries one person may make in an hour; 0: no limit."""

    unexplained: int = 0  # that nothing explains
    all: int = 0  # of every kind, those for an open incident of the person excepted


class Pace:
    """Counts what each person asked in the last hour, in this process and as others have told it.

    What is asked for an open incident that the person is on is never refused.
    """

    def __init__(self, limits: Pacing) -> None:
        self.limits = limits
        self._all: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._unexplained: dict[str, deque[datetime]] = {}

    @property
    def any(self) -> bool:
        """Whether there is a limit at all."""
        return bool(self.limits.unexplained or self.limits.all)

    def refuses(self, person: str, found: Weighed, reference: str, at: datetime) -> str:
        """The rule that refuses an inquiry; empty where none does, and then it is counted."""
        if not self.any:
            return ""
        bare = unexplained(found.verdict, reference)
        if found.verdict is not Verdict.CONFIRMED:
            if bare and _full(self._unexplained.get(person), self.limits.unexplained, at):
                return RULE_UNEXPLAINED
            if _full(self._all.get(person), self.limits.all, at):
                return RULE_ALL
        self.count(person, at, bare=bare)
        return ""

    def count(self, person: str, at: datetime, *, bare: bool) -> None:
        """An inquiry was made; `bare` where nothing explains it."""
        whole = self._all.setdefault(person, deque(maxlen=max(1, self.limits.all)))
        whole.append(at)
        self._all.move_to_end(person)
        if bare:
            longest = max(1, self.limits.unexplained)
            self._unexplained.setdefault(person, deque(maxlen=longest)).append(at)
        while len(self._all) > PEOPLE_MAX:
            gone, _ = self._all.popitem(last=False)
            self._unexplained.pop(gone, None)


def unexplained(verdict: Verdict, reference: str) -> bool:
    """Whether nothing that could be looked up was given: words alone explain nothing here."""
    return verdict is Verdict.NONE or (verdict is Verdict.STATED and not reference)


def _full(times: deque[datetime] | None, limit: int, at: datetime) -> bool:
    """Whether so many are younger than an hour: the oldest of the last `limit` says so."""
    return bool(limit and times is not None and len(times) >= limit and at - times[0] < HOUR)
