"""AC-2, AC-3, AT-2, PS-3, PS-6: whoever lacks one thing sends nothing, whatever they are and whatever they send."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from random import Random

import msgspec
import pytest

from tests.policy.oracle import DUTIES, allows
from tests.policy.test_ruling import KEYS, asked
from wireroom.lab.fit import facts
from wireroom.message.envelope import NO_FACTS, Arrival, Facts, Seat
from wireroom.policy.fitness import RULES, USUAL, WITHOUT_END, Demands, lapses, wanting
from wireroom.policy.ruling import Role, Rulebook, Ruling, sentence_of

POLICE = "CA0990100"
AT = datetime(2026, 3, 2, 16, tzinfo=UTC)
TODAY = date(2026, 3, 2)
FIT = facts(POLICE, TODAY)
# Which rule refuses where this alone is missing.
RULE_OF = {
    "fingerprint": "cleared", "background": "cleared", "statement": "statement-signed", "trained": "trained",
    "examined": "trained", "score": "trained", "authorised": "authorised", "authorised_until": "authorised",
}  # fmt: skip
NAMES = tuple(RULE_OF)  # what one must have; what one must not have is judged in test_engine.py
RANDOM_MANY = 20_000
USUALLY = Rulebook()


def seat(held: Facts, role: str = "operator", **more: object) -> Seat:
    said = {"terminal": "Z001", "ori": POLICE, "person": "p.vale", "role": role, "facts": held} | more
    return msgspec.convert(said, Seat)


def ruled(
    held: Facts, verb: str = "inquire", *, role: str = "operator", at: datetime = AT, **more: object
) -> Ruling:
    demands = more.pop("demands", USUAL)
    assert isinstance(demands, Demands)
    arrival = Arrival(text="", seat=seat(held, role, **more), key="1", at=at, purpose="C")
    return (USUALLY if demands == USUAL else Rulebook(demands=demands)).rule(*asked(verb), arrival)


def without(*missing: str) -> Facts:
    return msgspec.structs.replace(FIT, **{name: getattr(NO_FACTS, name) for name in missing})


# --------------------------------------------------------------------------- one thing at a time


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("verb", KEYS)
def test_AC_2_whoever_lacks_any_one_thing_sends_nothing(name: str, verb: str) -> None:
    assert ruled(FIT, verb, role="doj").allowed
    refused = ruled(without(name), verb, role="doj")
    assert (refused.allowed, refused.rule) == (False, RULE_OF[name])
    assert refused.reason == sentence_of(RULE_OF[name])


@pytest.mark.parametrize("name", NAMES)
def test_AC_2_whatever_else_stands_in_the_place_of_any_one_thing_is_refused(name: str) -> None:
    others: dict[str, tuple[object, ...]] = {
        "fingerprint": (TODAY + timedelta(days=1),),
        "background": (TODAY + timedelta(days=1),),
        "statement": ("0", "2", " 1", "1 "),
        "trained": (TODAY + timedelta(days=1), TODAY - timedelta(days=366), date.min),
        "examined": (TODAY + timedelta(days=1), TODAY - timedelta(days=366), date.min),
        "score": (-1, 0, 69),
        "authorised": ("CA0980100", "ca0990100", POLICE + " "),
        "authorised_until": (AT, AT - timedelta(microseconds=1)),
    }
    for other in others[name]:
        assert ruled(msgspec.structs.replace(FIT, **{name: other})).rule == RULE_OF[name], other


def test_AC_3_nobody_is_presumed_to_be_anything() -> None:
    assert Facts() == NO_FACTS
    assert Seat(terminal="Z001", ori=POLICE, person="p.vale", role="operator").facts == NO_FACTS
    assert wanting(seat(NO_FACTS), AT, USUAL) == RULES
    assert wanting(seat(FIT), AT, USUAL) == ()


def test_AT_2_a_class_and_an_examination_count_for_a_year_and_no_day_longer() -> None:
    last = FIT.trained
    assert last is not None
    noon = datetime(2026, 1, 21, 20, tzinfo=UTC)
    assert last == noon.date()
    assert ruled(FIT, at=noon + timedelta(days=365)).allowed
    assert ruled(FIT, at=noon + timedelta(days=366)).rule == "trained"
    assert lapses(FIT, USUAL) == last + timedelta(days=365)
    assert lapses(without("examined"), USUAL) is lapses(without("trained"), USUAL) is None
    assert lapses(without("score"), USUAL) is None


def test_AT_2_scenario_25_an_examination_of_25_months_ago_is_E07() -> None:
    old = msgspec.structs.replace(FIT, examined=TODAY - timedelta(days=760))
    for verb in ("inquire", "enter", "clear"):
        refused = ruled(old, verb)
        assert (refused.allowed, refused.rule) == (False, "trained")
        assert "E07" in refused.reason
        assert "coordinator" in refused.reason


@pytest.mark.parametrize("score", range(60, 101))
def test_AT_3_the_pass_mark_is_a_setting_and_decides(score: int) -> None:
    held = msgspec.structs.replace(FIT, score=score)
    assert ruled(held).allowed is (score >= 70)
    assert ruled(held, demands=Demands(pass_mark=80)).allowed is (score >= 80)


def test_PS_6_with_a_new_version_everybody_signs_again() -> None:
    assert ruled(FIT, demands=Demands(statement="2")).rule == "statement-signed"
    assert ruled(without("statement"), demands=Demands(statement="")).rule == "statement-signed"


def test_PS_5_authorised_by_one_agency_is_not_authorised_by_another() -> None:
    assert ruled(FIT, ori="CA0980100").rule == "authorised"


def test_a_pupil_at_a_training_seat_is_not_trained_yet_and_must_be_all_else() -> None:
    assert ruled(without("trained", "examined", "score"), test=True).allowed
    for name in set(NAMES) - {"trained", "examined", "score"}:
        assert not ruled(without(name), test=True).allowed


def test_a_program_that_speaks_for_a_person_keeps_its_rules() -> None:
    assert ruled(NO_FACTS, spoken_for=True).allowed
    assert ruled(NO_FACTS, spoken_for=True, role="auditor").rule == "role-may"


def test_every_sentence_says_what_to_do_and_nothing_of_the_person() -> None:
    assert all("coordinator" in sentence_of(name) for name in RULES)


# --------------------------------------------------------------------------- the oracle


def shown(held: Facts) -> dict[str, object]:
    return {name: getattr(held, name) for name in NAMES}


@pytest.mark.parametrize("role", [*Role, "root", ""])
def test_AC_3_the_oracle_agrees_for_every_role_verb_and_set_of_missing_things(role: str) -> None:
    for many in range(len(NAMES) + 1):
        for missing in combinations(NAMES, many):
            held = without(*missing)
            for verb in KEYS:
                assert ruled(held, verb, role=role).allowed is allows(shown(held), role, verb, AT), (
                    verb,
                    missing,
                )


def test_AC_3_the_oracle_agrees_on_twenty_thousand_random_people() -> None:
    dice, wrong, allowed = Random(37), [], 0
    verbs, roles = list(KEYS), [*DUTIES, "root"]
    sent = {verb: asked(verb) for verb in verbs}
    days = [None, *(TODAY + timedelta(days=n) for n in (-800, -366, -365, -364, -40, -1, -1, -1, 0, 0, 1))]
    for _ in range(RANDOM_MANY):
        held = Facts(
            fingerprint=dice.choice(days[4:]), background=dice.choice(days[1:]),
            statement=dice.choice(("1", "1", "1", "1", "", "0")),
            trained=dice.choice(days[2:]), examined=dice.choice(days[3:]),
            score=dice.choice((92, 92, 70, 100, 69, -1)),
            authorised=dice.choice((POLICE, POLICE, POLICE, "CA0980100", "")),
            authorised_until=dice.choice((WITHOUT_END, WITHOUT_END, AT + timedelta(seconds=1), AT, None)),
        )  # fmt: skip
        role, verb = dice.choice(roles), dice.choice(verbs)
        arrival = Arrival(text="", seat=Seat(terminal="Z001", ori=POLICE, person="p.vale", role=role, facts=held),
                          key="1", at=AT, purpose="C")  # fmt: skip
        got, right = USUALLY.rule(*sent[verb], arrival).allowed, allows(shown(held), role, verb, AT)
        allowed += right
        if got is not right:
            wrong.append((role, verb, held))
    assert not wrong, f"{len(wrong)} of {RANDOM_MANY}, as {wrong[0]}"
    assert allowed > 600, "the dice must make people who may send, too"
