"""Claims about birth dates: each slip has its name, the nearer is worth more, and what is unknown says nothing."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.records.matching.dates import UNKNOWN, Almanac, Calendar, Slip, even_calendar, valid

ALMANAC = Almanac(even_calendar())
DAYS = st.dates(date(1881, 1, 2), date(2099, 12, 30)).map(lambda day: int(f"{day:%Y%m%d}"))
BORN = st.dates(date(1930, 1, 1), date(2009, 12, 31)).map(lambda day: int(f"{day:%Y%m%d}"))


@pytest.mark.parametrize(
    ("recorded", "slip"),
    [
        (19840507, Slip.SAME),
        (19840705, Slip.SWAPPED),
        (19830507, Slip.YEAR_BY_ONE),
        (19850507, Slip.YEAR_BY_ONE),
        (19840506, Slip.DAY_BY_ONE),
        (19840508, Slip.DAY_BY_ONE),
        (19480507, Slip.YEAR_DIGITS_SWAPPED),
        (19740507, Slip.TEN_YEARS),
        (19940507, Slip.TEN_YEARS),
        (20840507, Slip.TEN_YEARS),
        (19840517, Slip.ONE_DIGIT),
        (19840607, Slip.ONE_DIGIT),
        (19640507, Slip.ONE_DIGIT),
        (19840101, Slip.ESTIMATED),
        (19840531, Slip.MONTH_AND_YEAR),
        (19841107, Slip.DAY_AND_YEAR),
        (19930507, Slip.SAME_DAY),
        (19820913, Slip.TWO_YEARS),
        (19861231, Slip.TWO_YEARS),
        (19840930, Slip.TWO_YEARS),
        (19510913, Slip.OTHER),
    ],
)
def test_each_slip_has_its_name(recorded: int, slip: Slip) -> None:
    assert ALMANAC.dates(19840507).evidence(recorded)[0] is slip


def test_a_transposed_day_is_one_digit_off_and_a_day_of_another_month_is_the_next_day() -> None:
    assert ALMANAC.dates(19840521).evidence(19840512)[0] is Slip.ONE_DIGIT
    assert ALMANAC.dates(19840531).evidence(19840601)[0] is Slip.DAY_BY_ONE
    assert ALMANAC.dates(20000301).evidence(20000229)[0] is Slip.DAY_BY_ONE
    assert ALMANAC.dates(19840101).evidence(19831231)[0] is Slip.DAY_BY_ONE


def test_first_of_january_may_be_an_estimate_of_any_day_of_its_year() -> None:
    assert ALMANAC.dates(19840101).evidence(19840930)[0] is Slip.ESTIMATED
    assert ALMANAC.dates(19840930).evidence(19840101)[0] is Slip.ESTIMATED


@given(BORN, DAYS)
def test_the_exact_date_is_worth_most_of_all_dates(asked: int, recorded: int) -> None:
    dates = ALMANAC.dates(asked)
    best = dates.evidence(asked)
    assert best[0] is Slip.SAME
    assert best[1] > 10
    slip, bits = dates.evidence(recorded)
    assert math.isfinite(bits)
    assert bits < best[1] or recorded == asked
    if slip is Slip.OTHER:
        assert bits < 0
    if asked % 10_000 != 101:
        assert dates.evidence(asked)[1] > max(
            bits for slip, bits in dates.known.values() if slip is not Slip.SAME
        )


@given(DAYS)
def test_every_date_near_in_some_way_is_looked_for(asked: int) -> None:
    dates = ALMANAC.dates(asked)
    assert set(dates.known) <= set(dates.near)
    assert set(dates.nearest) <= set(dates.near)
    assert UNKNOWN in dates.near
    assert asked in dates.nearest
    assert UNKNOWN not in dates.nearest
    assert len(dates.near) <= 450
    assert len(dates.nearest) <= 7
    assert dates.near_array == "{" + ",".join(map(str, dates.near)) + "}"
    assert all(valid(day) for day in dates.near if day)


@given(st.integers(-1, 99_999_999), DAYS)
def test_what_is_no_day_breaks_nothing(asked: int, recorded: int) -> None:
    dates = ALMANAC.dates(asked)
    assert dates.asked in (UNKNOWN, asked)
    if dates.asked == UNKNOWN:
        assert dates.evidence(recorded) == (Slip.OTHER, 0.0)
        assert dates.near == ()
    assert all(valid(day) for day in dates.near if day)
    assert math.isfinite(dates.evidence(recorded)[1])


@given(BORN)
def test_an_unknown_date_on_either_side_says_nothing(known: int) -> None:
    assert ALMANAC.dates(known).evidence(UNKNOWN)[1] == 0.0
    assert ALMANAC.dates(UNKNOWN).evidence(known)[1] == 0.0


def test_a_common_birthday_says_less_than_a_rare_one() -> None:
    even = even_calendar()
    crowded = Calendar(even.years, {**even.days, 101: 0.05})
    dates = Almanac(crowded).dates
    assert dates(19840101).evidence(19840101)[1] < dates(19840507).evidence(19840507)[1]


def test_the_years_and_days_of_a_calendar_are_shares_of_all_births() -> None:
    calendar = even_calendar()
    assert sum(calendar.years.values()) == pytest.approx(1)
    assert sum(calendar.days.values()) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("day", [19000229, 19840431, 18791231, 21010101, 0, 19841301, 19840500])
def test_what_no_calendar_has_is_no_day(day: int) -> None:
    assert not valid(day)
