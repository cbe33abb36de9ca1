"""Claims about incidents without a database: its moves, its clocks, who may act, who was shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.journal.entry import Entry
from wireroom.journal.tags import Tag
from wireroom.oversight import IllegalMove, NotTheirs, TooMuch
from wireroom.oversight import reached as reaching
from wireroom.oversight.incidents import (
    DUTIES,
    MOVES,
    Act,
    Duty,
    Incident,
    Kind,
    Minder,
    State,
    clocks,
    may_act,
    overdue,
    step,
)
from wireroom.oversight.reached import Owner, Record, owed, reached

T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
POLICE, SHERIFF = "CA0990100", "CA0980100"
ACCOUNT = Incident(
    number=7,
    kind=Kind.ACCOUNT,
    ori=POLICE,
    person="p.vale",
    discovered_at=T0,
    opened_at=T0,
    opened_by="a.min",
)


def after(one: Incident, *acts: tuple[Act, tuple[str, ...]], minutes: int = 10) -> Incident:
    """An incident some steps later, one every few minutes."""
    for act, about in acts:
        at = (one.steps[-1].at if one.steps else one.opened_at) + timedelta(minutes=minutes)
        one = msgspec.structs.replace(
            one, steps=(*one.steps, step(one, act, about=about, by="a.min", now=at))
        )
    return one


REPORT, CSO = (Act.REPORT, ("officer",)), (Act.REPORT, ("cso",))
CONTAIN, CONFIRM, ASSESS, CLOSE = (Act.CONTAIN, ()), (Act.CONFIRM, ()), (Act.ASSESS, ()), (Act.CLOSE, ())


def test_IR_6_the_clock_of_an_incident_runs_from_its_discovery() -> None:
    late = msgspec.structs.replace(ACCOUNT, opened_at=T0 + timedelta(hours=3))
    assert [(one.duty, one.due_at) for one in clocks(late)] == [
        (Duty.CONTAIN, T0 + timedelta(minutes=30)), (Duty.REPORT, T0 + timedelta(hours=1)),
    ]  # fmt: skip
    assert overdue([ACCOUNT], T0 + timedelta(minutes=30) - timedelta(seconds=1)) == ()
    assert [one.duty for one in overdue([ACCOUNT], T0 + timedelta(minutes=30))] == [Duty.CONTAIN]
    assert [one.duty for one in overdue([ACCOUNT], T0 + timedelta(hours=1))] == [Duty.CONTAIN, Duty.REPORT]
    told = after(ACCOUNT, CONTAIN, REPORT)
    assert overdue([told], T0 + timedelta(days=9)) == ()
    elsewhere = after(ACCOUNT, CONTAIN, (Act.REPORT, ("other",)))
    assert [one.duty for one in overdue([elsewhere], T0 + timedelta(days=9))] == [Duty.REPORT], "not whoever"


def test_IR_6_confirmation_starts_the_clock_of_the_CSO_and_word_before_it_does_not_count() -> None:
    confirmed = after(ACCOUNT, CONTAIN, CSO, CONFIRM)
    [late] = overdue([confirmed], T0 + timedelta(days=1))
    assert (late.duty, late.due_at) == (Duty.CSO, T0 + timedelta(minutes=90))
    assert not late.told
    written = after(confirmed, (Act.OVERDUE, ("cso",)))
    assert overdue([written], T0 + timedelta(days=1))[0].told
    assert overdue([after(written, CSO)], T0 + timedelta(days=1)) == ()
    assert set(DUTIES) == set(Duty)


def test_IR_6_nothing_closes_while_something_is_owed() -> None:
    assessed = after(ACCOUNT, REPORT, CONFIRM, (Act.ASSESS, (SHERIFF, "subjects")))
    for more, lacks in (((), "disable the account"), ((CONTAIN,), "tell the CSO"), ((CSO,), f"tell {SHERIFF}"),
                        (((Act.REPORT, ("agency", SHERIFF)),), "tell subjects")):  # fmt: skip
        assessed = after(assessed, *more)
        with pytest.raises(IllegalMove, match=lacks):
            step(assessed, Act.CLOSE, by="a.min", now=T0 + timedelta(days=1))
    assert after(assessed, (Act.REPORT, ("subjects",)), CLOSE).state is State.CLOSED
    assert after(ACCOUNT, REPORT, CONTAIN, CLOSE).state is State.CLOSED, "it was none"


@given(st.lists(st.sampled_from(Act), max_size=9))
def test_no_order_of_acts_leads_where_the_table_does_not(acts: list[Act]) -> None:
    one = ACCOUNT
    order = list(State)
    for act in acts:
        before = one.state
        try:
            one = after(one, (act, ("officer",) if act is Act.REPORT else ()))
        except IllegalMove:
            continue
        assert MOVES[before, act] is one.state
        assert order.index(one.state) >= order.index(before), "never back"
        assert before is not State.CLOSED
    if one.state in (State.CONFIRMED, State.ASSESSED):
        assert {Act.REPORT, Act.CONFIRM} <= {step.act for step in one.steps}


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (Minder(), True),  # at the machine itself
        (Minder(person="a.min", name="Alan", role="administrator", ori=POLICE), True),
        (Minder(person="a.udit", name="Ann", role="auditor", ori=POLICE), True),
        (Minder(person="d.oj", name="Dee", role="doj", ori="CA0990001"), True),
        (Minder(person="a.min", name="Alan", role="administrator", ori=SHERIFF), False),
        (Minder(person="o.ther", name="Olga", role="operator", ori=POLICE), False),
        (Minder(person="p.vale", name="Pat Vale", role="administrator", ori=POLICE), False),
        (Minder(person="p.second", name="pat  VALE", role="doj", ori=POLICE), False),  # the same, elsewhere
    ],
)
def test_nobody_minds_an_incident_about_themself_or_of_another_agency(who: Minder, may: bool) -> None:
    if may:
        may_act(ACCOUNT, who, "Pat Vale")
    else:
        with pytest.raises(NotTheirs, match=who.person):
            may_act(ACCOUNT, who, "Pat Vale")


# ------------------------------------------------------------------ IR-8(1): whose data were shown


def entry(number: int, tag: Tag, **detail: object) -> Entry:
    return Entry(number, tag, T0, 1, POLICE, "Z001", "p.vale", detail)


CAR, WANT = ["vehicle", "V1", SHERIFF], ["wanted", "W1", POLICE]
SEEN = (
    entry(1, Tag.INQUIRY_ASKED, text="QV.LIC/7QQQ001.LIS/CA"),
    entry(2, Tag.ANSWER_GIVEN, state="hit", source="STATE", hits=[CAR, WANT], text="…"),
    entry(3, Tag.ANSWER_LATE, state="hit", source="NCIC", hits=[CAR], text="…"),
    entry(4, Tag.ANSWER_WITHHELD, state="hit", source="STATE", hits=[["wanted", "W2", SHERIFF]]),
    entry(5, Tag.ANSWER_MISSING, state="no answer", source="DMV"),
    entry(6, Tag.TEXT_REFUSED, text="QH.NAM/TESTCASE, JANE"),
    entry(7, Tag.ANSWER_GIVEN, state="no record", source="DMV"),
    entry(8, Tag.ANSWER_GIVEN, state="hit", source="DMV", hits=[["licence", "", "CADMV0000"]], text="…"),
    entry(9, Tag.NOTICE_GIVEN, record="W9", to=POLICE, terminals=["Z001", "Z002"]),
    entry(10, Tag.RECORDS_LISTED, hits=[["order", "O1", POLICE]]),
    entry(11, Tag.RECORDS_LISTED, rule="role-may"),
)


def test_IR_8_1_only_what_was_given_counts_and_each_record_once() -> None:
    found = reached(SEEN, frozenset({"wanted", "order"}))
    assert found.records == (
        Record("order", "O1", POLICE),
        Record("vehicle", "V1", SHERIFF),
        Record("wanted", "W1", POLICE),
    )
    assert (found.files, found.people) == ({"order": 1, "vehicle": 1, "wanted": 1}, 2)
    assert found.owners == (Owner(ori=SHERIFF, records=1), Owner(ori=POLICE, records=2))
    assert (found.entries, found.answers, found.unnumbered) == ((2, 3, 8, 10), 4, {"DMV": 1})
    assert owed(found, POLICE) == (SHERIFF, "subjects")
    assert "…" not in msgspec.json.encode(found.builtin()).decode(), "numbers, not contents"
    assert Record("notice", "W9", POLICE) in reached(SEEN, terminal="Z002").records
    assert owed(reached(SEEN[3:7]), POLICE) == ()


def test_IR_8_1_more_than_one_entry_holds_is_said_and_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "RECORDS_MAX", 2)
    with pytest.raises(TooMuch, match="a shorter one"):
        reached(SEEN)
