"""Judges journal numbers: they grow whatever the clock does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.journal.numbers import BATCH_MAX, EPOCH_MS, NumberMaker, batch_of, first_number, moment, parse

NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp() * 1000)


@given(st.lists(st.tuples(st.integers(EPOCH_MS, EPOCH_MS + (1 << 40)), st.integers(1, 20)), min_size=1))
def test_numbers_always_grow_even_if_the_clock_steps_back(batches: list[tuple[int, int]]) -> None:
    clock = iter([at for at, _ in batches])
    maker = NumberMaker(3, lambda: next(clock))
    made = [number for _, count in batches for number in maker.batch(count)]
    assert made == sorted(set(made))
    assert all(0 < number < 1 << 63 for number in made)


@given(st.integers(0, 1023), st.integers(1, BATCH_MAX), st.integers(EPOCH_MS, EPOCH_MS + (1 << 40)))
def test_a_batch_shares_its_number_and_counts_from_nought(worker: int, count: int, at: int) -> None:
    numbers = NumberMaker(worker, lambda: at).batch(count)
    assert {batch_of(number) for number in numbers} == {numbers[0]}
    assert [parse(number).position for number in numbers] == list(range(count))
    assert parse(numbers[0]).worker == worker


def test_a_number_tells_when_it_was_made() -> None:
    number = NumberMaker(0, lambda: NOON).batch(5)[4]
    assert moment(number) == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert first_number(datetime(2026, 3, 2, 12, tzinfo=UTC)) <= number
    assert number < first_number(datetime(2026, 3, 2, 12, 0, 0, 1000, tzinfo=UTC))


def test_after_a_restart_numbers_go_on_from_the_highest_known() -> None:
    before = NumberMaker(1, lambda: NOON + 5000).batch(3)
    after = NumberMaker(0, lambda: NOON, after=before[-1]).batch(1)
    assert after[0] > before[-1]


@pytest.mark.parametrize("count", [0, -1, BATCH_MAX + 1])
def test_a_batch_that_cannot_be_numbered_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="split it"):
        NumberMaker(0, lambda: NOON).batch(count)


@pytest.mark.parametrize("worker", [-1, 1024])
def test_a_worker_out_of_range_is_refused(worker: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 1023"):
        NumberMaker(worker, lambda: NOON)


def test_a_clock_past_the_end_of_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="set the clock"):
        NumberMaker(0, lambda: EPOCH_MS + (1 << 41)).batch(1)


def test_a_clock_before_the_beginning_still_gives_numbers() -> None:
    assert NumberMaker(0, lambda: 0).batch(1)[0] > 0


@pytest.mark.parametrize("number", [-1, 1 << 63])
def test_what_is_no_number_is_not_taken_apart(number: int) -> None:
    with pytest.raises(ValueError, match="63 bits"):
        parse(number)


def test_a_time_before_the_first_number_starts_at_nought() -> None:
    assert first_number(datetime(1999, 1, 1, tzinfo=UTC)) == 0
