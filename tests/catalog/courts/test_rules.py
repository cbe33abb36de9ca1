"""Claims about every type of order: its life, its court, what it must say; and each refusal in its words."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog.courts.expected import ABROAD, EXPECTED, FINAL, ISSUED, LACKS, SUPERIOR, TEMPORARY, order
from wireroom.catalog.orders.checks import RULES
from wireroom.catalog.rules import CourtOfKind, EstimatedIsGiven, KindNeeds, LawfulLife, TermOfKind, Values

LIFE, COURT, NEEDS, TERM, ESTIMATED = (
    LawfulLife(),
    CourtOfKind(),
    KindNeeds(),
    TermOfKind(),
    EstimatedIsGiven(),
)
OF_ORDERS = (LIFE, COURT, NEEDS, TERM)
ALL = list(EXPECTED)


def faults(values: Values) -> list[tuple[str, str]]:
    return [fault for rule in OF_ORDERS for fault in rule.check(values)]


# --------------------------------------------------------------------------- every type, by the table


@pytest.mark.parametrize("code", ALL)
def test_a_lawful_order_of_each_type_is_taken_at_its_shortest_and_longest(code: str) -> None:
    assert faults(order(code)) == []
    assert faults(order(code, EXP=EXPECTED[code].shortest)) == []


@pytest.mark.parametrize("code", [code for code in ALL if EXPECTED[code].beyond])
def test_one_day_too_long_is_refused_with_the_last_lawful_day(code: str) -> None:
    assert faults(order(code, EXP=EXPECTED[code].beyond)) == [("EXP", EXPECTED[code].late)]


@pytest.mark.parametrize("code", ALL)
def test_an_end_before_the_order_is_refused(code: str) -> None:
    assert faults(order(code, EXP="20261127")) == [("EXP", "is before ISD")]


@pytest.mark.parametrize("code", TEMPORARY)
def test_a_temporary_order_ends_neither_before_nor_after_its_hearing(code: str) -> None:
    words = f"is not HRD: {EXPECTED[code].words} lasts to its hearing"
    for day in ("20261210", "20261212"):
        assert faults(order(code, HRD="20261211", EXP=day)) == [("EXP", words)]
    assert faults(order(code, HRD="20261211", EXP="20261211")) == []


@pytest.mark.parametrize("code", TEMPORARY)
def test_a_hearing_that_is_a_day_too_late_is_refused_unless_the_court_moved_it(code: str) -> None:
    one = EXPECTED[code]
    days = 21 if code == "TGV" else 25
    late = order(code, HRD=one.beyond, EXP=one.beyond)
    words = f"is later than {one.longest}, the last day for the hearing on {one.words} issued on {ISSUED}: {days} days"
    assert faults(late) == [("HRD", words)]
    assert faults({**late, "RND": ("20261215",)}) == []


@pytest.mark.parametrize("code", ALL)
def test_each_field_that_a_type_needs_is_missed_by_name_with_its_reason(code: str) -> None:
    for field in EXPECTED[code].needs:
        assert faults(order(code, **{field: ""})) == [
            (field, f"is missing: {EXPECTED[code].words} {LACKS[field]}")
        ]


@pytest.mark.parametrize("code", ALL)
def test_no_other_field_is_missed(code: str) -> None:
    for field in set(LACKS) - set(EXPECTED[code].needs):
        assert faults(order(code, **{field: ""})) == []


@pytest.mark.parametrize("code", ALL)
def test_a_wrong_court_is_refused(code: str) -> None:
    words = EXPECTED[code].words
    superior = (
        f"is not a superior court of California, which makes {words}: its ORI begins with CA and ends with J"
    )
    abroad = f"is an ORI of California: {words} comes from a court there"
    wrong = {SUPERIOR: abroad} if code == "FOR" else dict.fromkeys(("CA0990100", ABROAD), superior)
    for court, said in wrong.items():
        assert faults(order(code, CTI=court)) == [("CTI", said)]


@pytest.mark.parametrize("code", ALL)
def test_a_term_that_is_not_of_the_type_is_refused(code: str) -> None:
    one = EXPECTED[code]
    meaning = {"T": "temporary", "F": "final"}
    for term in "TF":
        said = [("TRM", f"is not {term} for {one.words}, which is {meaning[one.term]}")] if one.term else []
        assert faults(order(code, TRM=term)) == ([] if term == one.term else said)


@pytest.mark.parametrize("code", ALL)
def test_an_end_that_nobody_can_work_out_is_missed(code: str) -> None:
    one = EXPECTED[code]
    more = ", or NONEXP" if code == "FOR" else ""
    missed = [] if one.unnamed else [("EXP", f"is missing: {one.words} names its last day{more}")]
    assert faults(order(code, EXP="")) == missed


NEVER = {
    "EPO": "it ends by 20261204, the fifth court day or the seventh day, whichever is first",
    "EGV": "it ends by 20261219, 21 days",
    "OAH": "only one that was renewed, RND, is without end",
    "EAR": "only one that was renewed, RND, is without end",
    "EAF": "only one that was renewed, RND, is without end",
    "CHO": "it ends by 20311128, 5 years",
    "WHO": "it ends by 20291128, 3 years",
    "SVO": "it ends by 20291128, 3 years",
    "OGV": "it ends by 20311128, 1 to 5 years",
    "JUV": "it ends by 20291128, 3 years",
    "RTO": "it ends by 20281128, 2 years",
    "CPO": "only one with SBA 136 is without end",
}


@pytest.mark.parametrize("code", ALL)
def test_only_some_orders_are_without_end(code: str) -> None:
    why = NEVER.get(code, "it has an end")
    said = [] if code == "FOR" else [("EXP", f"is not NONEXP for {EXPECTED[code].words}: {why}")]
    assert faults(order(code, EXP="NONEXP")) == said


# --------------------------------------------------------------------------- what single types have


@pytest.mark.parametrize(
    ("issued", "last"),
    [
        ("20261120", "20261127"),  # a Friday before Thanksgiving: the seventh day is first
        ("20261123", "20261130"),  # a Monday: two holidays, so the seventh day is first
        ("20261130", "20261207"),  # a Monday: the fifth court day is the seventh day
        ("20261128", "20261204"),  # a Saturday: the fifth court day is first
        ("20261129", "20261204"),  # a Sunday
        ("20261224", "20261231"),  # Christmas on a Friday: the fifth court day and the seventh are one
    ],
)
def test_an_emergency_order_ends_by_what_is_first(issued: str, last: str) -> None:
    assert faults(order("EPO", ISD=issued, EXP=last)) == []
    after = f"{date.fromisoformat(last) + timedelta(days=1):%Y%m%d}"
    [(field, words)] = faults(order("EPO", ISD=issued, EXP=after))
    assert (field, words.split(",")[0]) == ("EXP", f"is later than {last}")


@given(st.dates(date(2024, 1, 1), date(2031, 12, 31)))
def test_an_emergency_order_lasts_five_to_seven_days(issued: date) -> None:
    [(_, words)] = LIFE.check(order("EPO", ISD=f"{issued:%Y%m%d}", EXP="20991231"))
    last = date.fromisoformat(words.removeprefix("is later than ")[:8])
    assert 5 <= (last - issued).days <= 7


def test_a_gun_violence_order_lasts_a_year_at_least() -> None:
    words = "is before 20271128, the first day on which a gun violence order after hearing issued on 20261128 may end"
    assert faults(order("OGV", EXP="20271127")) == [("EXP", f"{words}: 1 to 5 years")]


def test_a_renewed_domestic_violence_order_lasts_five_years_or_more_or_for_ever() -> None:
    words = "is before 20321201, the first day on which a domestic violence order after hearing renewed on 20271201"
    assert faults(order("OAH", RND="20271201", EXP="20321130")) == [
        ("EXP", f"{words} may end: 5 years or more")
    ]
    for end in ("20321201", "20601231", "NONEXP"):
        assert faults(order("OAH", RND="20271201", EXP=end)) == []


@pytest.mark.parametrize("code", ["CHO", "WHO", "OGV", "JUV", "RTO", "CPO"])
def test_another_order_counts_anew_from_its_renewal(code: str) -> None:
    one = EXPECTED[code]
    later = f"{int(one.longest[:4]) + 1}{one.longest[4:]}"
    assert faults(order(code, EXP=later)) == [("EXP", one.late)]
    assert faults(order(code, RND="20271128", EXP=later)) == []
    too_late = one.late.replace("issued on 20261128", "renewed on 20271128").replace(one.longest, later)
    assert faults(order(code, RND="20271128", EXP=f"{later[:6]}29")) == [("EXP", too_late)]


def test_an_order_of_a_pending_case_may_last_until_the_case_ends() -> None:
    assert faults(order("CPO", SBA="136", EXP="NONEXP")) == []
    assert faults(order("CPO", SBA="136", EXP="")) == []
    assert faults(order("CPO", SBA="136", EXP="20361129")) == [("EXP", EXPECTED["CPO"].late)]


def test_years_from_a_29_february_end_on_the_28th() -> None:
    leap = order("CHO", ISD="20240229", EXP="20290228")
    assert faults(leap) == []
    [(_, words)] = faults({**leap, "EXP": ("20290301",)})
    assert words.startswith("is later than 20290228")


@pytest.mark.parametrize("code", FINAL)
def test_an_order_that_begins_later_ends_later_still(code: str) -> None:
    assert faults(order(code, EFD=EXPECTED[code].longest)) == []
    assert ("EXP", "is before EFD") in faults(order(code, EFD=EXPECTED[code].beyond))


def test_nothing_that_follows_an_order_comes_before_it() -> None:
    early = {"EFD": "20261127", "HRD": "20261127", "RND": "20261127", "EXP": ISSUED}
    assert faults(order("CHO", **early)) == [
        ("EFD", "is before ISD"), ("HRD", "is before ISD"), ("RND", "is before ISD"),
    ]  # fmt: skip


def test_an_order_that_ends_on_its_first_day_ends_after_its_hour() -> None:
    said = [("EXT", "is not after IST, and the order ends on the day of ISD")]
    assert faults(order("EPO", EXP=ISSUED, EXT="0900")) == said
    assert faults(order("EPO", EXP=ISSUED, EXT="0901")) == []
    assert faults(order("EPO", EXP="20261129", EXT="0100")) == []


def test_a_field_that_could_not_be_read_is_not_judged_again() -> None:
    for field in order("TRO"):
        assert faults({**order("TRO"), field: ("",)}) == []
    assert faults({}) == []


@pytest.mark.parametrize("field", ["AGE", "DOB", "EYE", "HAI", "HGT", "RAC", "WGT"])
def test_what_is_called_estimated_is_given(field: str) -> None:
    assert ESTIMATED.check({"EST": (field,), field: ("1",)}) == ()
    assert ESTIMATED.check({"EST": (field, field)}) == ((field, "is missing: EST calls it estimated"),)


# --------------------------------------------------------------------------- all of them


def test_the_file_has_every_rule_about_orders() -> None:
    assert {*OF_ORDERS, ESTIMATED} <= set(RULES)


def test_every_rule_is_a_sentence_that_names_its_fields() -> None:
    for rule in (*OF_ORDERS, ESTIMATED):
        assert rule.words.endswith(".")
        assert rule.codes[0] in rule.words
    assert "EPO to the fifth court day or the seventh day, whichever is first; EGV 21 days;" in LIFE.words
    assert "OAH at most 5 years (3 where it names no day), renewed 5 years or more or NONEXP" in LIFE.words
    assert "CPO at most 10 years, or NONEXP where SBA is 136" in LIFE.words


@given(st.sampled_from(ALL), st.integers(0, 10**6))
def test_a_rule_mends_what_it_refuses(code: str, seed: int) -> None:
    dice = Random(seed)
    values: Values = order(
        code, CTI="CA0990100" if code != "FOR" else "CA099015J", EXP="19990101", HRD="20300101"
    )
    for rule in (COURT, LIFE):
        values = {**values, **rule.mended(values, dice, date(2026, 11, 28))}
    assert faults(values) == []
    other = order(code, TRM=dice.choice("TF"))
    assert TERM.check({**other, **TERM.mended(other, dice, date(2026, 11, 28))}) == ()
