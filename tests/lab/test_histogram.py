"""Claims about the histogram: its quantiles are those of the sorted list, a little longer at most."""

from __future__ import annotations

from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.lab.histogram import ERROR_MAX, Histogram
from wireroom.lab.wheel import Wheel

TIMES = st.lists(st.floats(0, 100_000), min_size=1, max_size=200)
SHARES = st.floats(0, 1)
MICROSECOND = 1e-6


def of(times: list[float]) -> Histogram:
    found = Histogram()
    for seconds in times:
        found.record(seconds)
    return found


@given(TIMES, SHARES)
def test_a_quantile_is_that_of_the_sorted_list(times: list[float], share: float) -> None:
    exact = sorted(times)[max(1, ceil(share * len(times))) - 1]
    found = of(times).quantile(share)
    assert exact - 1e-9 <= found <= exact * (1 + ERROR_MAX) + MICROSECOND


@given(TIMES)
def test_the_longest_is_exact(times: list[float]) -> None:
    found = of(times)
    assert found.max == found.quantile(1.0) == max(times)
    assert found.count == len(times)


@given(TIMES, TIMES)
def test_two_added_are_one_of_both(one: list[float], other: list[float]) -> None:
    both = of(one)
    both.add(of(other))
    whole = of(one + other)
    shares = (0.1, 0.5, 0.9, 0.99, 1.0)
    assert both.quantiles_of(shares) == whole.quantiles_of(shares)
    assert both.summary().mean == pytest.approx(whole.summary().mean)


def test_of_nothing_all_is_nought() -> None:
    summary = Histogram().summary()
    assert (summary.count, summary.p50, summary.p999, summary.max, summary.mean) == (0, 0, 0, 0, 0)


def test_what_cannot_be_is_counted_at_the_edge() -> None:
    found = of([-1.0, 1e9])
    assert found.quantile(0.5) == MICROSECOND
    assert found.count == 2


def test_a_summary_is_in_milliseconds() -> None:
    assert of([0.25]).summary().max == 250.0


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30))
def test_a_wheel_gives_each_value_its_share(weights: list[int]) -> None:
    wheel = Wheel(range(len(weights)), weights, 12)
    assert len(wheel.places) == 4_096
    for value, weight in enumerate(weights):
        assert abs(wheel.places.count(value) / 4_096 - weight / sum(weights)) <= 1 / 4_096
    assert wheel.draw(Random(1)) in wheel.places


def test_a_wheel_without_values_is_refused() -> None:
    with pytest.raises(ValueError, match="a weight for each value"):
        Wheel([], [], 3)
