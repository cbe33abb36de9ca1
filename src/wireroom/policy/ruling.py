"""Whether this seat may send this message for this purpose, and which rule says no.

Pure: the same message from the same seat gets the same ruling, always. The rules are in `cedar/state.cedar`; what they
look at is in `request.py`; what no rule knows is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache

import msgspec

from wireroom.catalog.index import Form
from wireroom.message.envelope import Arrival, Message
from wireroom.policy.agreement import ALL_FILES, Agreement
from wireroom.policy.engine import FAILED, NOT_DECIDED, Decision, Policies, built_in
from wireroom.policy.fitness import USUAL, Demands
from wireroom.policy.request import Case, Emergency, Own, Request, is_court, request_of
from wireroom.policy.role import Role

__all__ = ("NOT_DECIDED", "Role", "Rulebook", "Ruling", "is_court", "sentence_of", "usual")
log = logging.getLogger(__name__)


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """May it go, and if not, by which rule. The reason is neutral: it tells nothing about any record."""

    allowed: bool
    rule: str = ""  # the rule that refused; empty when allowed
    told: str = ""  # what the person refused is told that it is called, which may say less
    reason: str = ""
    purpose: str = ""  # the purpose that counts: the text's own, or else the session's
    test: bool = False  # from a training seat: it may meet training records only
    rules: tuple[str, ...] = ()  # every rule that refuses it
    gave_way: str = ""  # the rule that would have refused it, were it no emergency
    policy: str = ""  # which set of rules was in force


Tally = Callable[
    [Request, str, str], None
]  # what was decided: the request, whose own rules counted, the rule


def nothing_own(case: Case) -> Own:
    """Nobody's own affairs are known."""
    return Own.NONE


class Rulebook:
    """A set of rules in force, with what the state asks of people and who knows of whose own affairs."""

    def __init__(
        self,
        policies: Policies | None = None,
        *,
        demands: Demands = USUAL,
        own: Callable[[Case], Own] = nothing_own,
        tally: Tally = lambda request, ori, rule: None,
    ) -> None:
        self.policies, self.demands = policies or usual(), demands
        self._own, self._tally = own, tally

    def rule(
        self,
        message: Message,
        form: Form,
        arrival: Arrival,
        ways: frozenset[str] = frozenset(),
        agreement: Agreement = ALL_FILES,
    ) -> Ruling:
        """Whether a message may go, and under which purpose. Never raises: what cannot be decided is refused.

        `ways` are those on which the seat's agency is approved to enter orders of a court, `agreement` is its own.
        """
        case = Case(message, form, arrival, ways, agreement, self.demands, self._own)
        try:
            purpose, test = case.purpose, bool(arrival.seat.test)
            request = request_of(case)
            decision = self.policies.decide(request, arrival.seat.ori)
            gave_way = self._gave_way(request, arrival.seat.ori) if decision.allowed else ""
            rule = "" if decision.allowed else decision.rules[0].name
            self._tally(request, self.policies.whose(arrival.seat.ori), rule)
        except Exception as error:  # a fault of ours must not open the door
            log.error("a rule failed with %s; the message is refused", type(error).__name__)
            return Ruling(allowed=False, rule=NOT_DECIDED, told=NOT_DECIDED, reason=FAILED)
        if decision.allowed:
            digest = self.policies.digest
            return Ruling(allowed=True, purpose=purpose, test=test, policy=digest, gave_way=gave_way)
        return self._refused(decision, purpose, test=test)

    def _gave_way(self, request: Request, ori: str) -> str:
        """Which rule would have refused it, were it no emergency; empty where none would."""
        if request.emergency != Emergency.DECLARED:
            return ""
        calm = self.policies.decide(msgspec.structs.replace(request, emergency=Emergency.NONE.value), ori)
        return "" if calm.allowed else calm.rules[0].name

    def _refused(self, decision: Decision, purpose: str, *, test: bool) -> Ruling:
        first = decision.rules[0]
        return Ruling(
            allowed=False,
            rule=first.name,
            told=first.told or first.name,
            reason=first.sentence,
            purpose=purpose,
            test=test,
            rules=tuple(one.name for one in decision.rules),
            policy=self.policies.digest,
        )


@cache
def usual() -> Policies:
    """The rules that come with the program."""
    return Policies(built_in())


def sentence_of(name: str) -> str:
    """What a person whom a rule refuses is told."""
    return next(one.sentence for one in usual().rules if one.name == name)
