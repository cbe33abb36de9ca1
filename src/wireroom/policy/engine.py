"""The rules themselves, in Cedar: read once, checked against their schema, asked once for each kind of request.

Cedar leaves out a rule that it cannot evaluate, which would let a message pass that the rule forbids. So the schema
always stands beside the request, and only a clean Allow without any error passes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import cedarpy
import msgspec

from wireroom.catalog.file import Verb
from wireroom.policy import PolicyError
from wireroom.policy.request import CONTEXT, Request, is_spoken
from wireroom.policy.role import Role

Facts = tuple[str, str, Mapping[str, object]]  # role, verb and context
REMEMBERED_MAX = 16_384  # decisions; there are far fewer kinds of request in a day
TEXT_MAX = 200_000  # bytes of a set of rules
SENTENCE_MAX = 200
NOT_DECIDED = "not-decided"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
ROLE_KNOWN, ROLE_MAY = "role-known", "role-may"
FAILED = "The rules could not be applied; nothing was sent."


class RulesError(PolicyError):
    """A set of rules is not one: it does not parse, contradicts its schema, or lacks a name or a sentence."""


class Rule(msgspec.Struct, frozen=True):
    """A rule that forbids: its name, and what the person refused is told."""

    name: str
    sentence: str
    told: str = ""  # the name that the person refused is told instead; empty: its own
    of: str = ""  # the agency whose own it is; empty: the state's


class Decision(msgspec.Struct, frozen=True):
    """Whether a request may go, and every rule that forbids it: the first names the refusal."""

    allowed: bool
    rules: tuple[Rule, ...] = ()


UNDECIDED = Decision(False, (Rule(NOT_DECIDED, FAILED),))


class Policies:
    """One set of rules in force: the state's, and for some agencies their own that forbid more.

    `local` maps an agency's ORI to its text. Raises RulesError with what is wrong.
    """

    def __init__(self, text: str, local: Mapping[str, str] = MappingProxyType({})) -> None:
        self.text, self.local = text, MappingProxyType(dict(local))
        self._schema = cedarpy.Schema.from_str(schema())
        self._entities = cedarpy.Entities.from_json_str(json.dumps(_entities()), self._schema)
        state = _read(text, "")
        self.rules = state.rules
        if not {ROLE_KNOWN, ROLE_MAY} <= {one.name for one in self.rules}:
            raise RulesError(
                f"the rules name {ROLE_KNOWN} and {ROLE_MAY}: both are told where no duty permits"
            )
        self._state = cedarpy.PolicySet.from_str(text)
        self._of: dict[str, tuple[cedarpy.PolicySet, tuple[Rule, ...]]] = {}
        for ori, own in self.local.items():
            rules = _read(own, ori).rules
            if twice := {one.name for one in rules} & {one.name for one in self.rules}:
                raise RulesError(
                    f"the rules of {ori}: the state has a rule {min(twice)} already; name it otherwise"
                )
            whole = cedarpy.PolicySet.from_str(f"{text}\n{own}")
            self._of[ori] = (whole, (*self.rules, *rules))
        self.duties = self._permitted(cedarpy.PolicySet.from_str(state.permits))
        self.digest = _digest(text, self.local)
        self._decided = lru_cache(maxsize=REMEMBERED_MAX)(self._decide)

    def decide(self, request: Request, ori: str = "") -> Decision:
        """Whether a request of a seat of this agency may go. Equal requests are weighed once."""
        return self._decided(request, self.whose(ori))

    def whose(self, ori: str) -> str:
        """The agency itself, where it has rules of its own; else nobody."""
        return ori if ori in self._of else ""

    def rules_of(self, ori: str) -> tuple[Rule, ...]:
        """Every rule that may refuse somebody of an agency, in their order."""
        return self._of[ori][1] if ori in self._of else self.rules

    def _decide(self, request: Request, ori: str) -> Decision:
        return self.weigh([(request.role, request.verb, request.context)], ori)[0]

    def weigh(self, facts: Sequence[Facts], ori: str = "") -> list[Decision]:
        """The same of plain facts, which need not be whole: whatever is not a clean Allow is refused."""
        policies, rules = self._of.get(ori, (self._state, self.rules))
        results = self._asked(policies, facts)
        return [
            self._ruled(result, *one[:2], rules) if is_spoken(one[2]) else UNDECIDED
            for result, one in zip(results, facts, strict=True)
        ]

    def _asked(self, policies: cedarpy.PolicySet, facts: Sequence[Facts]) -> list[cedarpy.AuthzResult]:
        requests = [
            {
                "principal": {"type": "Seat", "id": role},
                "action": {"type": "Action", "id": verb},
                "resource": {"type": "Text", "id": "it"},
                "context": dict(context),
            }
            for role, verb, context in facts
        ]
        return cedarpy.is_authorized_batch(requests, policies, self._entities, self._schema)

    def _ruled(self, result: cedarpy.AuthzResult, role: str, verb: str, rules: tuple[Rule, ...]) -> Decision:
        found = result.diagnostics
        if result.decision is cedarpy.Decision.Allow and not found.errors:
            return Decision(True)
        if found.errors or result.decision is not cedarpy.Decision.Deny:
            return UNDECIDED
        names = set(found.id_annotations_by_reason.values())
        if role not in self.duties:
            names.add(ROLE_KNOWN)
        elif verb not in self.duties[Role(role)]:
            names.add(ROLE_MAY)
        forbidding = tuple(one for one in rules if one.name in names)
        return Decision(False, forbidding) if forbidding else UNDECIDED

    def _permitted(self, permits: cedarpy.PolicySet) -> Mapping[Role, frozenset[Verb]]:
        """What each role's duty includes, whatever else may forbid it. A permit has no conditions, so this is all."""
        pairs = [(role, verb) for role in Role for verb in Verb]
        asked = self._asked(permits, [(role.value, verb.value, _NOTHING_SAID) for role, verb in pairs])
        may = {pair for pair, result in zip(pairs, asked, strict=True) if result.allowed}
        return MappingProxyType(
            {role: frozenset(verb for verb in Verb if (role, verb) in may) for role in Role}
        )


class _Text(msgspec.Struct, frozen=True):
    """One text of rules as it was read."""

    rules: tuple[Rule, ...]
    permits: str  # its permits alone, in Cedar


def _read(text: str, ori: str) -> _Text:
    """The rules of a text in their order. Raises RulesError."""
    whose = f"the rules of {ori}" if ori else "the rules"
    if len(text.encode()) > TEXT_MAX:
        raise RulesError(f"{whose} have more than {TEXT_MAX:,} bytes")
    try:
        checked = cedarpy.validate_policies(text, schema())
        raw = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError as error:
        raise RulesError(f"{whose} are no Cedar: {error}") from error
    if not checked:
        raise RulesError(f"{whose} do not fit the schema: " + "; ".join(str(one) for one in checked.errors))
    if raw["templates"] or raw["templateLinks"]:
        raise RulesError(f"{whose} have templates, which are not taken: write each rule out")
    held = raw["staticPolicies"]
    rules: list[Rule] = []
    for key in sorted(held, key=lambda name: int(name.removeprefix("policy"))):
        rule = _one(held[key], whose, ori)
        if rule is not None:
            rules.append(rule)
    if len({one.name for one in rules}) < len(rules):
        raise RulesError(f"{whose} have two of one name")
    permits = {key: one for key, one in held.items() if one["effect"] == "permit"}
    alone = {"templates": {}, "staticPolicies": permits, "templateLinks": []}
    return _Text(tuple(rules), cedarpy.policies_from_json_str(json.dumps(alone)))


def _one(policy: Mapping[str, Any], whose: str, ori: str) -> Rule | None:
    """The rule that a policy is; None of a duty."""
    notes = policy.get("annotations", {})
    name, sentence = notes.get("id") or "", notes.get("sentence") or ""
    if not _NAME.fullmatch(name):
        raise RulesError(
            f'{whose}: each has a name, @id("two-words"), of small letters, digits and hyphens; {name!r} is none'
        )
    if policy["effect"] == "permit":
        if ori:
            raise RulesError(f"{whose}: {name} permits, and an agency may only forbid")
        if policy["conditions"]:
            raise RulesError(
                f"{whose}: {name} permits on a condition: a duty is for a role and verbs, and a rule forbids"
            )
        return None
    if not (sentence.endswith(".") and 10 <= len(sentence) <= SENTENCE_MAX and sentence.isprintable()):
        raise RulesError(
            f'{whose}: {name} lacks the sentence that the person is told, @sentence("…"), with a full stop'
        )
    return Rule(name, sentence, notes.get("told") or "", ori)


def schema() -> str:
    """What the rules may speak of."""
    return resources.files("wireroom.policy").joinpath("cedar/state.cedarschema").read_text("utf-8")


def built_in() -> str:
    """The rules that come with the program."""
    return resources.files("wireroom.policy").joinpath("cedar/state.cedar").read_text("utf-8")


def _entities() -> list[dict[str, object]]:
    """Each role and a seat of it; and the text that is sent."""
    roles: list[dict[str, object]] = [
        {"uid": {"type": "Role", "id": role.value}, "attrs": {}, "parents": []} for role in Role
    ]
    seats: list[dict[str, object]] = [
        {
            "uid": {"type": "Seat", "id": role.value},
            "attrs": {},
            "parents": [{"type": "Role", "id": role.value}],
        }
        for role in Role
    ]
    return [*roles, *seats, {"uid": {"type": "Text", "id": "it"}, "attrs": {}, "parents": []}]


def _digest(text: str, local: Mapping[str, str]) -> str:
    """What this set is called in the journal: 16 hex characters of a SHA-256 over schema and texts."""
    whole = json.dumps([schema(), text, sorted(local.items())], ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


# A request of which nothing is said: whole for the schema, and no permit looks at it.
_NOTHING_SAID: Mapping[str, object] = MappingProxyType(
    {
        name: "none" if kind == "str" else False
        for name, kind in Request.__annotations__.items()
        if name in CONTEXT
    }
)
