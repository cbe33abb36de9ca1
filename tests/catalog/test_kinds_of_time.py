"""Claims about days and years."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog.inventing import TODAY
from wireroom.catalog.kinds import Bad
from wireroom.catalog.kinds_of_time import BirthDay, Day, Year


@pytest.mark.parametrize("typed", ["20260229", "20261301", "00000101", "20260431", "99999999"])
def test_a_day_that_the_calendar_lacks_is_refused(typed: str) -> None:
    assert Day().read(typed, TODAY) == Bad("is not a day of the calendar")


@pytest.mark.parametrize("typed", ["20240229", "2024-02-29", "2024/02/29", " 20240229 "])
def test_a_day_is_read_with_or_without_marks(typed: str) -> None:
    assert Day().read(typed, TODAY) == "20240229"


@pytest.mark.parametrize(
    "typed", ["", "240229", "2024-0229", "2024-02/29", "02/29/2024", "20-24-02-29", "٢٠٢٤٠٢٢٩", "2024022"]
)
def test_any_other_way_to_write_a_day_is_refused(typed: str) -> None:
    assert Day().read(typed, TODAY) == Bad("is not a day written CCYYMMDD")


def test_a_day_has_limits_on_both_sides() -> None:
    tomorrow = (TODAY + timedelta(days=1)).strftime("%Y%m%d")
    assert Day().read(TODAY.strftime("%Y%m%d"), TODAY) == "20261123"
    assert Day().read(tomorrow, TODAY) == Bad("is in the future")
    assert Day(future=True).read(tomorrow, TODAY) == tomorrow
    assert Day(future=True).read("21270101", TODAY) == Bad("is more than 100 years ahead")
    assert Day().read("18951231", TODAY) == Bad("is more than 130 years ago")


def test_a_day_that_never_comes_is_taken_only_where_it_may_be() -> None:
    last = Day(future=True, endless=True)
    assert last.read(" nonexp ", TODAY) == "NONEXP"
    assert last.read("20270101", TODAY) == "20270101"
    assert last.show("NONEXP") == "does not expire"
    assert last.words == "a day, CCYYMMDD, or NONEXP"
    assert Day(future=True).read("NONEXP", TODAY) == Bad("is not a day written CCYYMMDD")


@given(st.dates(date(1900, 1, 1), TODAY))
def test_every_day_of_the_calendar_reads_and_shows(day: date) -> None:
    value = day.strftime("%Y%m%d")
    assert Day().read(value, TODAY) == BirthDay().read(day.isoformat(), TODAY) == value
    assert Day().show(value).endswith(str(day.year))


def test_a_day_is_shown_in_words_that_cannot_be_confused() -> None:
    assert Day().show("20260302") == "2 Mar 2026"


@pytest.mark.parametrize(
    ("typed", "good"),
    [
        ("1899", False),
        ("1900", True),
        ("2028", True),
        ("2029", False),
        ("26", False),
        ("NX", False),
        ("２０２６", False),
    ],
)
def test_a_year_has_limits(typed: str, good: bool) -> None:
    value = Year().read(typed, TODAY)
    assert value == typed if good else isinstance(value, Bad)


def test_a_plate_may_never_expire() -> None:
    kind = Year(endless=True)
    assert kind.read("nx", TODAY) == "NX"
    assert kind.show("NX") == "does not expire"
    assert kind.show("2026") == "2026"
    assert kind.read("0000", TODAY) == Bad("is not a year from 1900 to 2028")


def test_each_says_what_it_expects() -> None:
    assert Day().words == "a day not after today, CCYYMMDD"
    assert Day(future=True).words == "a day, CCYYMMDD"
    assert BirthDay().words == "a day not after today, CCYYMMDD"
    assert Year(endless=True).words == "a year of four digits, or NX"
