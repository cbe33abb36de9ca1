"""Every role, verb and purpose against a table written by hand; and that what is unknown is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.catalog.file import Verb
from wireroom.catalog.index import Catalogue, Form
from wireroom.lab import fit
from wireroom.message.envelope import Arrival, Message, Seat
from wireroom.policy.ruling import NOT_DECIDED, Role, Rulebook, usual

CATALOGUE = Catalogue()
rule = Rulebook().rule
KEYS = {
    "inquire": "QV",
    "enter": "EV",
    "modify": "MV",
    "locate": "LV",
    "clear": "CV",
    "cancel": "XV",
    "message": "AM",
    "list": "WL",
    "supplement": "EN",
    "strike": "XN",
    "verify": "VFY",
    "validate": "VAL",
    "restrain": "RST",
    "report": "SRC",
    "confirm": "YQ",
    "reply": "YR",
    "approve": "AMA",
}
# Written by hand from the duties: + may, - may not. The columns are the verbs in the order above.
TABLE = {
    "operator": "++++++++++++-+++-",
    "supervisor": "++++++++++++-++++",
    "inquiry": "+-----++-----+++-",
    "clerk": "++++++++++++-+++-",
    "administrator": "------+----------",
    "auditor": "-----------------",
    "doj": "+++++++++++++++++",
    "court": "OFF-FF++FF++---+-",  # of orders, which the vehicles of this table are not: O asks, F changes
    "facility": "-FF-FF+----------",  # F: of its own files, which the vehicles of this table are not
}
PURPOSES = ("", "C", "I", "U", "c", "CC", " ")


def arrival(role: str = "operator", purpose: str = "", **seat: object) -> Arrival:
    facts: dict[str, object] = {
        "terminal": "Z001",
        "ori": "CA0990100",
        "person": "p.vale",
        "role": role,
    } | seat
    facts.setdefault("facts", fit.facts(str(facts["ori"]), date(2026, 3, 2)))
    return Arrival(
        text="",
        seat=msgspec.convert(facts, Seat),
        key="1",
        at=datetime(2026, 3, 2, tzinfo=UTC),
        purpose=purpose,
    )


def asked(verb: str, purpose: str = "") -> tuple[Message, Form]:
    key = KEYS[verb]
    fields = (("PUR", purpose),) if purpose else ()
    return Message(key, fields), CATALOGUE.forms[key]


def expected(role: str, verb: str, purpose: str) -> str:
    """The rule that refuses, by the table; empty where the message may go."""
    may = TABLE[role][list(KEYS).index(verb)]
    if may in "-FO":
        return {"-": "role-may", "F": "file-role", "O": "orders-only"}[may]
    if purpose == "":
        return "purpose-required" if verb == "inquire" else ""
    return {"C": "", "I": "purpose-immigration"}.get(purpose, "purpose-known")


@pytest.mark.parametrize("role", TABLE)
@pytest.mark.parametrize("verb", KEYS)
@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_role_may_what_the_table_says_for_each_purpose_in_the_text_or_on_the_session(
    role: str, verb: str, purpose: str
) -> None:
    in_text = rule(*asked(verb, purpose), arrival(role))
    on_session = rule(*asked(verb), arrival(role, purpose))
    wanted = expected(role, verb, purpose)
    assert in_text.rule == on_session.rule == wanted
    assert in_text.allowed is on_session.allowed is (wanted == "")
    assert in_text.purpose == on_session.purpose == purpose


def test_the_table_names_every_role_and_every_verb() -> None:
    assert set(TABLE) == set(Role) == set(usual().duties)
    assert set(KEYS) == set(Verb)


def test_only_doj_and_a_facility_enter_prohibitions_for_mental_health() -> None:
    message, form = Message("EMH"), CATALOGUE.forms["EMH"]
    may = {role for role in TABLE if rule(message, form, arrival(role)).allowed}
    assert may == {"doj", "facility"}
    assert rule(message, form, arrival("clerk")).rule == "file-role"
    assert rule(Message("QMH"), CATALOGUE.forms["QMH"], arrival("facility", "C")).rule == "role-may"


def test_who_may_not_ask_about_records_names_none_in_a_message() -> None:
    message, form = Message("AM", (("TO", "Z001"), ("FCN", "0992632700001"))), CATALOGUE.forms["AM"]
    may = {role for role in TABLE if rule(message, form, arrival(role)).allowed}
    assert may == {"operator", "supervisor", "inquiry", "clerk", "doj"}
    assert rule(message, form, arrival("administrator")).rule == "record-named"


def test_an_inquiry_for_criminal_justice_may_go() -> None:
    ruling = rule(*asked("inquire", "C"), arrival())
    assert (ruling.allowed, ruling.rule, ruling.purpose) == (True, "", "C")
    assert ruling.policy == usual().digest


def test_the_purpose_of_the_text_counts_before_that_of_the_session() -> None:
    assert rule(*asked("inquire", "I"), arrival(purpose="C")).rule == "purpose-immigration"
    assert rule(*asked("inquire", "C"), arrival(purpose="I")).allowed


@pytest.mark.parametrize("key", [key for key, form in CATALOGUE.forms.items() if form.verb is Verb.INQUIRE])
def test_no_inquiry_of_the_catalogue_serves_immigration_enforcement(key: str) -> None:
    ruling = rule(Message(key, (("PUR", "I"),)), CATALOGUE.forms[key], arrival())
    assert (ruling.allowed, ruling.rule) == (False, "purpose-immigration")
    assert "AB 1747" in ruling.reason


def test_a_training_seat_is_marked_and_not_refused_for_it() -> None:
    ruling = rule(*asked("inquire", "C"), arrival(test=True))
    assert ruling.allowed
    assert ruling.test
    assert rule(*asked("inquire", ""), arrival(test=True)).test


@pytest.mark.parametrize("missing", ["terminal", "ori", "person"])
def test_a_seat_that_is_not_bound_sends_nothing(missing: str) -> None:
    assert rule(*asked("inquire", "C"), arrival(**{missing: ""})).rule == "seat-bound"


@pytest.mark.parametrize("role", ["", "Operator", "root", "operator ", "sergeant"])
def test_an_unknown_role_sends_nothing(role: str) -> None:
    assert rule(*asked("message"), arrival(role)).rule == "role-known"


def test_a_form_of_another_key_is_refused() -> None:
    message, _ = asked("inquire", "C")
    assert rule(message, CATALOGUE.forms["AM"], arrival()).rule == "key-declared"
    assert rule(Message(""), CATALOGUE.forms["AM"], arrival()).rule == "key-declared"


def test_a_verb_that_the_rules_do_not_know_is_refused() -> None:
    form = msgspec.structs.replace(CATALOGUE.forms["QV"], verb="erase")
    assert rule(asked("inquire", "C")[0], form, arrival()).rule == NOT_DECIDED


def test_a_rule_that_fails_refuses() -> None:
    broken = msgspec.structs.replace(arrival(), seat=None)
    ruling = rule(*asked("inquire", "C"), broken)
    assert (ruling.allowed, ruling.rule) == (False, NOT_DECIDED)


def test_every_rule_has_a_name_and_a_sentence_of_its_own() -> None:
    rules = usual().rules
    told = {one.told or one.name: one.sentence for one in rules}
    assert len({one.name for one in rules}) == len(rules)
    assert len(set(told.values())) == len(told), "what is told under one name is one sentence, and no other's"


@given(
    role=st.sampled_from([*Role, "", "root"]),
    key=st.sampled_from(sorted(CATALOGUE.forms)),
    in_text=st.sampled_from(["", "C", "I", "U", "X"]),
    on_session=st.text(max_size=3),
    test=st.booleans(),
)
def test_whatever_is_asked_a_refusal_names_its_rule_and_an_inquiry_goes_only_for_criminal_justice(
    role: str, key: str, in_text: str, on_session: str, test: bool
) -> None:
    message = Message(key, (("PUR", in_text),) if in_text else ())
    ruling = rule(message, CATALOGUE.forms[key], arrival(role, on_session, test=test))
    assert ruling.allowed is (ruling.rule == "") is (ruling.reason == "")
    assert ruling.test is test
    if ruling.allowed and any(file.history for file in CATALOGUE.forms[key].files):
        assert ruling.purpose in {"C", "X"}
    elif ruling.allowed:
        assert ruling.purpose in ({"C"} if CATALOGUE.forms[key].verb is Verb.INQUIRE else {"C", ""})
        assert role not in {"auditor", "", "root"}
