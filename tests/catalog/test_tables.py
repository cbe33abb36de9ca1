"""Claims about code tables: in order, dated, and every code can be sent."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.catalog.inventing import TODAY
from wireroom.catalog.kinds import Bad, Code, folded
from wireroom.catalog.tables import Row, UnknownTable, choices, spoken, table, tables

NAMES = tables()


def test_there_are_tables_in_order() -> None:
    assert list(NAMES) == sorted(set(NAMES))
    assert {"state", "vehicle_make", "offence", "purpose"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_sorted_and_has_each_code_once(name: str) -> None:
    codes = list(table(name))
    assert codes == sorted(set(codes))
    assert choices(name) == tuple(codes)


@pytest.mark.parametrize("name", NAMES)
def test_the_days_of_a_table_are_days(name: str) -> None:
    for row in table(name).values():
        for day in filter(None, (row.since, row.until)):
            assert date.fromisoformat(day)
        assert not row.since or not row.until or row.since <= row.until


@pytest.mark.parametrize("name", NAMES)
def test_every_code_can_be_sent_and_is_read_as_itself(name: str) -> None:
    """No period, no small letter, no double blank: else a code of the table could never be written in a message."""
    kind = Code(table=name)
    length_max = kind.length_max
    for code, row in table(name).items():
        assert folded(code) == code
        assert "." not in code
        if row.used_on(TODAY.strftime("%Y%m%d")):
            assert kind.read(code, TODAY) == code
        assert len(code) <= length_max
        assert kind.show(code)
        assert kind.say(code)


def test_a_code_is_used_from_its_first_day_to_its_last() -> None:
    row = Row("X", "TEST", "20200101", "20201231")
    assert [row.used_on(day) for day in ("20191231", "20200101", "20201231", "20210101")] == [
        False,
        True,
        True,
        False,
    ]
    assert row.dated
    assert not Row("X", "TEST").dated
    assert Row("X", "TEST").used_on("20261123")


@pytest.mark.parametrize("name", ["no_such_table", "../codes/state", "state.csv", "", "STATE", "a" * 60])
def test_a_table_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(UnknownTable, match=re.escape(repr(name))):
        table(name)


def test_a_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        table("sex")["X"] = Row("X", "NEW")  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("state", "NY", "New York"),
        ("caution", "00", "Armed and dangerous"),
        ("purpose", "C", "Criminal justice"),
        ("colour", "NO SUCH", "NO SUCH"),
    ],
)
def test_a_meaning_is_said_as_a_person_says_it(name: str, code: str, words: str) -> None:
    assert spoken(name, code) == words
    assert isinstance(Code(table="colour").read("NO SUCH", TODAY), Bad)
