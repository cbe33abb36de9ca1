"""Claims about the days on which courts sit, against days written out by hand and against what always holds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.catalog.courts.calendar import HOLIDAYS, Holiday, court_days_after, holidays_of, is_court_day

# Month and day on which courts are closed though it is no weekend. 2025 and 2026 are as courts published them; the
# others were taken from a calendar by hand. The New Year's Day of 2028, a Saturday, is kept in 2027.
CLOSED = {
    2024: "0101 0115 0212 0219 0401 0527 0619 0704 0902 0927 1111 1128 1129 1225",
    2025: "0101 0120 0212 0217 0331 0526 0619 0704 0901 0926 1111 1127 1128 1225",
    2026: "0101 0119 0212 0216 0331 0525 0619 0703 0907 0925 1111 1126 1127 1225",
    2027: "0101 0118 0212 0215 0331 0531 0618 0705 0906 0924 1111 1125 1126 1224 1231",
    2028: "0117 0211 0221 0331 0529 0619 0704 0904 0922 1110 1123 1124 1225",
    2029: "0101 0115 0212 0219 0330 0528 0619 0704 0903 0928 1112 1122 1123 1225",
    2030: "0101 0121 0212 0218 0401 0527 0619 0704 0902 0927 1111 1128 1129 1225",
    2031: "0101 0120 0212 0217 0331 0526 0619 0704 0901 0926 1111 1127 1128 1225",
}
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize("year", CLOSED)
def test_courts_are_closed_on_the_days_written_out_and_on_no_others(year: int) -> None:
    assert [f"{day:%m%d}" for day in holidays_of(year)] == CLOSED[year].split()


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 7, 3), "Independence Day"),  # the fourth is a Saturday
        (date(2027, 7, 5), "Independence Day"),  # a Sunday
        (date(2027, 12, 31), "New Year's Day"),  # of 2028, a Saturday
        (date(2026, 11, 27), "Day after Thanksgiving"),
        (date(2021, 10, 11), "Columbus Day"),
        (date(2022, 9, 23), "Native American Day"),
    ],
)
def test_a_holiday_is_called_by_its_name(day: date, name: str) -> None:
    assert holidays_of(day.year)[day] == name


@pytest.mark.parametrize("day", [date(2022, 10, 10), date(2021, 9, 24), date(2022, 6, 20), date(2028, 1, 3)])
def test_a_holiday_is_kept_only_in_its_years(day: date) -> None:
    assert is_court_day(day)


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        (date(2026, 11, 28), 5, date(2026, 12, 4)),  # a Saturday: the weekend is not counted
        (date(2026, 11, 20), 5, date(2026, 12, 1)),  # over Thanksgiving
        (date(2026, 12, 24), 1, date(2026, 12, 28)),  # over Christmas, a Friday
        (date(2027, 12, 30), 1, date(2028, 1, 3)),
        (date(2026, 6, 1), 3, date(2026, 6, 4)),
        (date(2026, 6, 6), 0, date(2026, 6, 6)),
    ],
)
def test_court_days_are_counted_from_the_day_after(day: date, count: int, then: date) -> None:
    assert court_days_after(day, count) == then


def test_court_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="counted forwards"):
        court_days_after(date(2026, 6, 1), -1)


def test_a_holiday_that_falls_on_no_day_is_told_by_name() -> None:
    with pytest.raises(ValueError, match="Feast falls on '5 mon'"):
        Holiday("Feast", "5 mon", 0, 0, "ours").kept_on(2026)


def test_every_holiday_says_where_it_comes_from() -> None:
    assert all(one.mark.startswith(("sourced: ", "general knowledge: ")) for one in HOLIDAYS)


@given(DAYS, st.integers(1, 30))
def test_exactly_so_many_court_days_lie_in_between(day: date, count: int) -> None:
    then = court_days_after(day, count)
    between = [day + timedelta(days=one) for one in range(1, (then - day).days + 1)]
    assert sum(map(is_court_day, between)) == count
    assert is_court_day(then)


@given(DAYS, st.integers(0, 10), st.integers(0, 10))
def test_counting_on_is_counting_together(day: date, first: int, more: int) -> None:
    assert court_days_after(court_days_after(day, first), more) == court_days_after(day, first + more)


@given(DAYS)
def test_no_court_sits_on_a_weekend_and_no_holiday_is_kept_on_one(day: date) -> None:
    if day.weekday() >= 5:
        assert not is_court_day(day)
        assert day not in holidays_of(day.year)


@given(DAYS)
def test_five_court_days_are_never_fewer_than_five_days_nor_more_than_eleven(day: date) -> None:
    assert 5 <= (court_days_after(day, 5) - day).days <= 11
