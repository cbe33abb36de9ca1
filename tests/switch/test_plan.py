"""Claims about the plan: who is asked, in which order, and with which words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.switch.stage import CATALOGUE, DESK, POLICE, car, wanted
from wireroom.catalog.file import Verb
from wireroom.message.envelope import Arrival, Message
from wireroom.message.read import read
from wireroom.switch.plan import Asked, plan, questions

ALL = frozenset({"STATE", "DMV", "NLETS", "NCIC"})
DAY = date(2026, 3, 2)


def message(text: str) -> Message:
    found = read(text, CATALOGUE, ori=POLICE, today=DAY).message
    assert found is not None, text
    return found


def legs(text: str, sources: frozenset[str] = ALL) -> list[str]:
    return [f"{one.source} {one.message.key}" for one in plan(message(text), CATALOGUE, sources)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("QV.LIC/7QQQ001.LIS/CA", ["STATE QV", "DMV RQ", "NCIC QV"]),
        ("QW.NAM/TESTCASE, JANE.DOB/19900101", ["STATE QW", "DMV DQ", "NCIC QW"]),
        ("QW.SOC/900-11-2222", ["STATE QW", "NCIC QW"]),
        ("QV.FCN/0992606100001", ["STATE QV"]),
        (car(), ["STATE EV"]),
        (wanted(), ["STATE EW"]),
        ("CV.FCN/0992606100001.DCL/20260301", ["STATE CV"]),
        ("AM.TO/Y001.TXT/HELLO", []),
    ],
)
def test_the_catalogue_says_who_is_asked(text: str, expected: list[str]) -> None:
    assert legs(text) == expected


def test_no_other_system_is_told_the_words_of_a_reason() -> None:
    asked = message("QV.LIC/7QQQ001.LIS/CA.CAS/26-1.RSK/STP.OBO/Y.ATN/12A.RMK/EXPIRED TAGS")
    told = {str(one.source): set(one.message.values) for one in plan(asked, CATALOGUE, ALL)}
    ours = {"RSK", "OBO", "RMK"}
    assert ours <= told["STATE"]
    assert not ours & (told["DMV"] | told["NCIC"])


def test_a_source_that_is_not_set_up_is_left_out_unless_nobody_else_is() -> None:
    assert legs("QV.LIC/7QQQ001.LIS/CA", frozenset({"STATE"})) == ["STATE QV"]
    assert legs("RQ.LIC/7QQQ001", frozenset({"STATE"})) == ["DMV RQ"]


def test_another_state_that_is_named_is_told_of_though_nobody_leads_there() -> None:
    asked = "DQ.OLN/ZZ1.OLS/NV"
    assert legs(asked) == ["STATE DQ", "NLETS DQ", "NCIC DQ"]
    assert legs(asked, frozenset({"STATE"})) == ["STATE DQ", "NLETS DQ"]
    assert legs("DQ.OLN/X1234567.OLS/CA", frozenset({"STATE"})) == ["STATE DQ"]


def test_each_state_is_asked_for_itself() -> None:
    text = "QV.LIC/7QQQ001.LIS/NV.CAS/99-1"
    [state, nlets, ncic] = plan(message(text), CATALOGUE, ALL)
    assert state.message.all("LIS") == ncic.message.all("LIS") == ("NV",)
    assert (nlets.name, nlets.message.fields) == (
        "NLETS NV",
        (("LIC", "7QQQ001"), ("LIS", "NV"), ("CAS", "99-1")),
    )
    several = plan(message("DQ.OLN/ZZ1.OLS/NV.OLS/CA.OLS/AZ"), CATALOGUE, ALL)
    assert [(one.name, one.message.all("OLS")) for one in several] == [
        ("STATE", ("NV", "CA", "AZ")),
        ("DMV", ("CA",)),
        ("NLETS NV", ("NV",)),
        ("NLETS AZ", ("AZ",)),
        ("NCIC", ("NV", "CA", "AZ")),
    ]


def test_a_source_gets_only_the_fields_that_its_key_takes() -> None:
    [_, dmv, _] = plan(message("QV.LIC/7QQQ001.LIS/CA.CAS/99-1"), CATALOGUE, ALL)
    form = CATALOGUE.forms["RQ"]
    assert dmv.message.get("LIC") == "7QQQ001"
    assert dmv.message.get("CAS") == "99-1"
    assert all(form.field(code) for code, _ in dmv.message.fields)


@given(st.sampled_from(sorted(CATALOGUE.forms)), st.sets(st.sampled_from(sorted(ALL)), min_size=1))
def test_whatever_is_asked_somebody_is_named_once(key: str, sources: set[str]) -> None:
    form = CATALOGUE.forms[key]
    for field in form.fields:
        given_ = Message(key, ((field.code, "1"),))
        found = plan(given_, CATALOGUE, frozenset(sources))
        assert len({(one.source, one.message.key) for one in found}) == len(found)
        if form.verb is not Verb.INQUIRE:
            assert [one.source.value for one in found] == ([] if form.notice is not None else ["STATE"])
        elif found and not sources & {one.source.value for one in found}:
            assert found == plan(given_, CATALOGUE, frozenset())


def test_questions_are_numbered_and_carry_the_seat() -> None:
    asked = plan(message("QV.LIC/7QQQ001.LIS/CA"), CATALOGUE, ALL)
    from datetime import UTC, datetime

    now = datetime(2026, 3, 2, tzinfo=UTC)
    arrival = Arrival(text="x" * 500, seat=DESK, key="k", at=now)
    found = questions(asked, arrival, 77, now)
    assert [(one.leg, one.parts, one.source) for one in found] == [
        (0, 3, "STATE"),
        (1, 3, "DMV"),
        (2, 3, "NCIC"),
    ]
    assert {(one.transaction, one.seat, one.key, len(one.asked)) for one in found} == {(77, DESK, "k", 200)}
    assert all(isinstance(one, Asked) for one in asked)
