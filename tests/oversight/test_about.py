"""Claims about who looked somebody up, without a database: what names a person, what is held back, who may say so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from wireroom.journal.entry import Entry
from wireroom.journal.tags import Tag
from wireroom.oversight import IllegalMove, NotTheirs, TooMuch
from wireroom.oversight import about as asking
from wireroom.oversight.about import (
    Hold,
    Seen,
    Subject,
    asked_for,
    may_hold,
    may_name,
    may_tell,
    sound,
    theirs,
    withheld,
)
from wireroom.oversight.incidents import Minder

T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
POLICE, SHERIFF = "CA0990100", "CA0980100"
JANE = Subject(
    names=("TESTCASE, JANE ANN", "O'SAMPLE, JANE"), born="19900101",
    numbers=frozenset({("SOC", "900123456"), ("OLN", "X9999999")}), records=frozenset({("wanted", "W1")}),
)  # fmt: skip
HOLD = Hold(
    number=1, ori=POLICE, person="p.vale", since=T0, until=T0 + timedelta(days=30), asked_at=T0, asked_by="a.min",
    approved_at=T0, approved_by="a.udit",
)  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "how"),
    [
        ((("NAM", "TESTCASE, JANE"), ("DOB", "19900101")), "name and birth date"),
        ((("NAM", "TESTCASE, JANE MARIE"), ("DOB", "19900101")), "name and birth date"),
        ((("NAM", "OSAMPLE, JANE"), ("DOB", "19900101")), "name and birth date"),
        ((("NAM", "TESTCASE, JANE"), ("DOB", "19900102")), ""),  # somebody else's birth date
        ((("NAM", "TESTCASE, JANE"),), ""),  # a name alone may be anybody's
        ((("NAM", "TESTCASE, JOHN"), ("DOB", "19900101")), ""),
        ((("SOC", "900123456"),), "number"),
        ((("OLN", "X9999999"), ("OLS", "CA")), "number"),
        ((("OLN", "900123456"),), ""),  # of another kind
    ],
)
def test_AC_3_14_an_inquiry_is_about_somebody_by_a_number_or_by_name_and_birth_date(
    fields: tuple[tuple[str, str], ...], how: str
) -> None:
    assert asked_for(fields, JANE) == how
    if how:
        assert may_name(".".join(f"{code}/{value}" for code, value in fields), JANE)


def test_AC_3_14_an_answer_counts_where_it_showed_a_record_of_theirs() -> None:
    hits = [["wanted", "W1", POLICE], ["wanted", "W2", POLICE], ["order", "W1", POLICE]]
    given = Entry(2, Tag.ANSWER_GIVEN, T0, 1, detail={"state": "hit", "hits": hits})
    assert theirs(given, JANE) == 1
    assert theirs(msgspec.structs.replace(given, tag=Tag.ANSWER_WITHHELD), JANE) == 0
    assert "900" not in repr(JANE)


def seen(number: int, at: datetime = T0, person: str = "p.vale", ori: str = POLICE) -> Seen:
    return Seen(Entry(number, Tag.INQUIRY_ASKED, at, number, ori, "Z001", person), "number", 0)


def test_AC_3_14_a_hold_withholds_and_is_counted_until_it_ends() -> None:
    found = [seen(1), seen(2, T0 - timedelta(days=1)), seen(3, person="p.next"), seen(4, ori=SHERIFF)]
    now = T0 + timedelta(days=1)
    for holds, told, held in (
        ((HOLD,), [2, 3, 4], 1),
        ((), [1, 2, 3, 4], 0),
        ((msgspec.structs.replace(HOLD, person=""),), [2, 4], 2),
        ((msgspec.structs.replace(HOLD, approved_at=None),), [1, 2, 3, 4], 0),  # one person's word is none
    ):
        given, count = withheld(found, holds, now)
        assert ([one.asked.number for one in given], count) == (told, held)
    assert withheld(found, (HOLD,), HOLD.until)[1] == 0, "it ends by itself"


def test_AC_3_14_a_report_that_is_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "LOOK_UPS_MAX", 2)
    with pytest.raises(TooMuch, match="a shorter one"):
        withheld([seen(1), seen(2), seen(3)], (), T0)


@pytest.mark.parametrize(
    ("who", "asker", "may"),
    [
        (Minder(person="a.udit", name="Ann", role="auditor", ori=POLICE), "Alan", True),
        (Minder(person="d.oj", name="Dee", role="doj", ori="CA0990001"), "Alan", True),
        (
            Minder(person="a.min", name="Alan", role="administrator", ori=POLICE),
            "Alan",
            False,
        ),  # asked for it
        (Minder(person="a.other", name="alan", role="auditor", ori=POLICE), "Alan", False),  # the same person
        (
            Minder(person="p.vale", name="Pat", role="auditor", ori=POLICE),
            "Alan",
            False,
        ),  # whose inquiries they are
        (Minder(person="s.min", name="Sam", role="administrator", ori=SHERIFF), "Alan", False),
        (Minder(person="o.per", name="Ola", role="operator", ori=POLICE), "Alan", False),
        (Minder(), "Alan", False),
    ],
)
def test_AC_3_14_a_hold_takes_two_people_and_neither_is_whose_inquiries_it_holds(
    who: Minder, asker: str, may: bool
) -> None:
    if may:
        may_hold(who, HOLD, asker)
    else:
        with pytest.raises(NotTheirs):
            may_hold(who, HOLD, asker)


def test_a_hold_has_a_reason_and_a_near_end() -> None:
    sound(HOLD, "IA-9")
    for hold, why in ((HOLD, " "), (msgspec.structs.replace(HOLD, until=T0 + timedelta(days=181)), "IA-9"),
                      (msgspec.structs.replace(HOLD, until=T0), "IA-9")):  # fmt: skip
        with pytest.raises(IllegalMove):
            sound(hold, why)
    may_tell(Minder(person="c", name="C", role="clerk", ori=POLICE))
    with pytest.raises(NotTheirs):
        may_tell(Minder(person="o", name="O", role="operator", ori=POLICE))
