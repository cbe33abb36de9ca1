"""Claims about days: they begin at midnight here, in winter, in summer, and on the nights when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from wireroom.message.local import day_of, timed


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 29, 7, 59, 59, tzinfo=UTC), date(2026, 11, 28)),
        (datetime(2026, 11, 29, 8, 0, tzinfo=UTC), date(2026, 11, 29)),
        (datetime(2026, 7, 1, 6, 59, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 7, 1, 7, 0, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 3, 8, 7, 59, tzinfo=UTC), date(2026, 3, 7)),
        (datetime(2026, 3, 9, 6, 59, tzinfo=UTC), date(2026, 3, 8)),
        (datetime(2026, 11, 1, 6, 59, tzinfo=UTC), date(2026, 10, 31)),
        (datetime(2026, 11, 2, 7, 59, tzinfo=UTC), date(2026, 11, 1)),
    ],
)
def test_a_day_begins_at_midnight_here(at: datetime, day: date) -> None:
    assert day_of(at) == day


def test_a_time_says_which_of_the_two_clocks_it_is_by() -> None:
    assert timed(datetime(2026, 7, 1, 19, 5, tzinfo=UTC)) == "20260701 1205 PDT"
    assert timed(datetime(2026, 12, 1, 20, 5, tzinfo=UTC)) == "20261201 1205 PST"
