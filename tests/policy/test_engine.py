"""The rules in Cedar against a second opinion: each rule on all that it looks at, and random requests."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import product
from random import Random

import cedarpy
import msgspec
import pytest

from tests.policy import rules_oracle as oracle
from wireroom.policy.directory import TerminalKind
from wireroom.policy.engine import NOT_DECIDED, Policies, RulesError, built_in, schema
from wireroom.policy.request import CONTEXT, WORDS, Emergency, Own, Request
from wireroom.policy.role import Role
from wireroom.policy.ruling import usual

SEEDS, BATCH = 8, 2_500
EACH = int(os.environ.get("WIREROOM_REQUESTS", "40000")) // SEEDS  # a million when asked for
CLEAN: dict[str, object] = {
    **dict.fromkeys(oracle.FLAGS, False),
    **{name: values[0] for name, values in oracle.WORDS.items()},
    **dict.fromkeys(
        ("bound", "cleared", "signed", "trained", "authorised", "declared", "files", "readable", "reserved_here",
         "covered", "way_approved", "of_courts", "orders_all", "reserved_all"), True,
    ),
    "purpose": "C",
}  # fmt: skip
ROLES = [*(role.value for role in Role), "root"]


def weighed(facts: list[dict[str, object]]) -> list[set[str]]:
    """The rules that refuse each; none where it may go."""
    split = [
        (str(one["role"]), str(one["verb"]), {k: v for k, v in one.items() if k not in ("role", "verb")})
        for one in facts
    ]
    return [{rule.name for rule in decision.rules} for decision in usual().weigh(split)]


def test_the_oracle_speaks_of_the_same_facts_words_and_rules() -> None:
    assert set(CONTEXT) == {*oracle.FLAGS, *oracle.WORDS}
    assert set(oracle.LOOKS) == set(oracle.RULES)
    assert {rule.name for rule in usual().rules} == {*oracle.RULES, "role-known", "role-may"}
    assert {name: set(words) for name, words in oracle.WORDS.items()} == WORDS
    assert set(WORDS["place"]) == set(TerminalKind)
    assert tuple(oracle.WORDS["own"]) == tuple(Own)
    assert tuple(oracle.WORDS["emergency"]) == tuple(Emergency)


def test_the_duties_are_those_of_the_oracle() -> None:
    assert {role.value: {verb.value for verb in may} for role, may in usual().duties.items()} == oracle.DUTIES


def looked_at() -> dict[str, set[str]]:
    """Which facts each rule of the state really names, as Cedar itself read it."""
    found: dict[str, set[str]] = {}

    def names(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            if node.get("left") == {"Var": "context"} and "attr" in node:
                yield str(node["attr"])
            for one in node.values():
                yield from names(one)
        elif isinstance(node, list):
            for one in node:
                yield from names(one)

    for policy in json.loads(cedarpy.policies_to_json_str(built_in()))["staticPolicies"].values():
        if policy["effect"] == "forbid":
            found[policy["annotations"]["id"]] = set(names(policy["conditions"]))
    return found


def test_no_rule_looks_at_more_than_the_oracle_says() -> None:
    said = {name: set(facts) for name, facts in oracle.LOOKS.items()}
    assert looked_at() == {**said, "role-known": set(), "role-may": set()}


@pytest.mark.parametrize("name", oracle.RULES)
def test_AC_3_a_rule_is_the_oracles_for_every_role_verb_and_state_of_what_it_looks_at(name: str) -> None:
    """A forbid always wins and looks at nothing else, so all rules together are judged over every combination."""
    looks = oracle.LOOKS[name]
    states = product(*(oracle.WORDS.get(fact, (False, True)) for fact in looks))
    asked = [
        {**CLEAN, **dict(zip(looks, state, strict=True)), "role": role, "verb": verb}
        for state in states
        for role in ROLES
        for verb in oracle.VERBS
    ]
    for facts, found in zip(asked, weighed(asked), strict=True):
        assert (name in found) is oracle.RULES[name](facts), facts
        assert found == oracle.refusing(facts), facts


def random_facts(dice: Random) -> dict[str, object]:
    """A request near one that may go, or anywhere; some lack a fact, or have one of another kind."""
    facts = {**CLEAN, "role": dice.choice(ROLES), "verb": dice.choice(oracle.VERBS)}
    for name in dice.sample((*oracle.FLAGS, *oracle.WORDS), dice.choice((0, 0, 1, 1, 2, 3, 8, 30))):
        facts[name] = dice.choice(oracle.WORDS.get(name, (False, True)))
    fate = dice.random()
    if fate < 0.1:
        del facts[dice.choice(CONTEXT)]
    elif fate < 0.12:
        facts[dice.choice(CONTEXT)] = dice.choice((None, 1, "True", [], {}))
    elif fate < 0.125:
        facts[dice.choice(tuple(oracle.WORDS))] = dice.choice(("", "True", "selfish", "NONE"))
    elif fate < 0.13:
        facts["spare"] = True
    return facts


@pytest.mark.parametrize("seed", range(SEEDS))
def test_AC_3_random_requests_with_facts_left_out_are_decided_alike(seed: int) -> None:
    dice = Random(seed)
    wrong: list[dict[str, object]] = []
    allowed = broken = 0
    for _ in range(0, EACH, BATCH):
        asked = [random_facts(dice) for _ in range(BATCH)]
        for facts, found in zip(asked, weighed(asked), strict=True):
            right = oracle.allows(facts) and "spare" not in facts
            allowed += right
            whole = oracle.whole(facts) and "spare" not in facts
            broken += not whole
            names = oracle.refusing(facts) if whole else {NOT_DECIDED}
            if (not found) is not right or found != names:
                wrong.append(facts)
    assert not wrong, f"{len(wrong)} of {EACH}, as {wrong[0]}"
    assert allowed > EACH // 20, "the dice must make requests that may go, too"
    assert broken > EACH // 20


@pytest.mark.parametrize("name", CONTEXT)
def test_AC_2_d_whoever_lacks_a_fact_is_refused(name: str) -> None:
    facts = {**CLEAN, "role": "operator", "verb": "inquire"}
    assert weighed([facts]) == [set()]
    del facts[name]
    assert weighed([facts]) == [{NOT_DECIDED}]


def test_without_the_schema_cedar_would_let_it_go() -> None:
    """Why the schema always stands beside the request: a rule that meets a missing fact is left out."""
    facts = {k: v for k, v in CLEAN.items() if k != "other_duty"}
    request = {"principal": {"type": "Seat", "id": "operator"}, "action": {"type": "Action", "id": "message"},
               "resource": {"type": "Text", "id": "it"}, "context": facts}  # fmt: skip
    entities: list[dict[str, object]] = [
        {"uid": {"type": "Role", "id": "operator"}, "attrs": {}, "parents": []},
        {"uid": {"type": "Seat", "id": "operator"}, "attrs": {}, "parents": [{"type": "Role", "id": "operator"}]},
        {"uid": {"type": "Action", "id": "message"}, "attrs": {}, "parents": [{"type": "Action", "id": "asks"}]},
    ]  # fmt: skip
    assert cedarpy.is_authorized(request, built_in(), entities).allowed
    assert not cedarpy.is_authorized(request, built_in(), entities, schema()).allowed


def test_equal_requests_are_weighed_once_and_decided_alike() -> None:
    facts = {**CLEAN, "role": "operator", "verb": "inquire"}
    one = msgspec.convert(facts, Request)
    rules = Policies(built_in())
    assert rules.decide(one) is rules.decide(msgspec.convert(facts, Request))
    assert rules.decide(one).allowed


# --------------------------------------------------------------------------- what agencies may add

NARROWS = """
@id("no-guns-at-night")
@sentence("Ask the watch commander to run this.")
forbid(principal, action == Action::"inquire", resource) when { context.wide_search };
"""


def test_AC_21_an_agency_may_forbid_more_and_only_its_own() -> None:
    rules = Policies(built_in(), {"CA0990100": NARROWS})
    wide = msgspec.convert({**CLEAN, "role": "operator", "verb": "inquire", "wide_search": True}, Request)
    assert rules.decide(wide, "CA0980100").allowed
    refused = rules.decide(wide, "CA0990100")
    assert [rule.name for rule in refused.rules] == ["no-guns-at-night"]
    assert refused.rules[0].of == "CA0990100"
    assert rules.digest != usual().digest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('@id("more") permit(principal, action, resource);', "permits, and an agency may only forbid"),
        ("forbid(principal, action, resource);", "has a name"),
        ('@id("cleared") @sentence("Something else.") forbid(principal, action, resource);', "already"),
        ('@id("mine") forbid(principal, action, resource);', "lacks the sentence"),
        ('@id("mine") @sentence("Not now, not here.") forbid(principal, action, resource) when { context.moon };',
         "do not fit the schema"),
        ("forbid everything", "are no Cedar"),
        ('@id("mine") @sentence("Not now, not here.") forbid(principal == ?principal, action, resource);', "templates"),
        (NARROWS + NARROWS, "two of one name"),
        ("//" + "x" * 300_000, "bytes"),
    ],
)  # fmt: skip
def test_rules_of_an_agency_that_are_none_are_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(RulesError, match=says):
        Policies(built_in(), {"CA0990100": text})


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (lambda text: text.replace('@id("role-may")', '@id("role-can")'), "name role-known and role-may"),
        (lambda text: text + '@id("x") permit(principal, action, resource) when { context.bound };', "on a condition"),
        (lambda text: text.replace("context.cleared ||", "context.clear ||"), "do not fit the schema"),
    ],
)  # fmt: skip
def test_rules_of_the_state_that_are_none_are_refused(changed: object, says: str) -> None:
    assert callable(changed)
    with pytest.raises(RulesError, match=says):
        Policies(changed(built_in()))
