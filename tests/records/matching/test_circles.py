"""Claims about circles: names that go together are noticed, those that do not are not, and what is packed is read."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from wireroom.records.matching.circles import (
    CIRCLES,
    LIFT_BITS_MAX,
    LIFT_BITS_MIN,
    NO_CIRCLES,
    Circles,
    circles_of,
    read_circles,
)


def of_two_languages() -> Circles:
    """Last names 0 to 19 and first names 100 to 119; the first ten of each go together, and the others."""
    dice = Random(3)
    counts: dict[tuple[int, int], int] = {}
    for _ in range(20_000):
        half = 10 * dice.randrange(2)
        pair = half + dice.randrange(10), 100 + half + dice.randrange(10)
        counts[pair] = counts.get(pair, 0) + 1
    last, given = (np.array(side) for side in zip(*counts, strict=True))
    return read_circles(
        circles_of(last, given, np.array(list(counts.values()), float), np.arange(1_000, 2_000))
    )


def test_names_of_one_language_go_together_and_those_of_two_do_not() -> None:
    circles = of_two_languages()
    assert all(circles.together(1_000 + n, 1_100 + n) > 0.3 for n in range(20))
    assert all(circles.together(1_000 + n, 1_110 + n) < -0.3 for n in range(10))


def test_what_is_not_known_says_nothing() -> None:
    circles = of_two_languages()
    assert (
        circles.together(1_000, 1_999) == circles.together(5, 1_100) == NO_CIRCLES.together(1_000, 1_100) == 0
    )


def test_what_names_say_of_each_other_is_bounded() -> None:
    circles = of_two_languages()
    found = [circles.together(last, given) for last in range(1_000, 1_020) for given in range(1_100, 1_120)]
    assert min(found) >= LIFT_BITS_MIN
    assert max(found) <= LIFT_BITS_MAX


def test_the_same_names_give_the_same_circles() -> None:
    last, given, counts = np.array([0, 1, 2]), np.array([3, 4, 3]), np.array([5.0, 6.0, 7.0])
    assert circles_of(last, given, counts, np.arange(9)) == circles_of(last, given, counts, np.arange(9))


@pytest.mark.parametrize("size", [0, 1])
def test_of_hardly_any_name_nothing_is_said(size: int) -> None:
    names = np.zeros(size, np.int64)
    circles = read_circles(circles_of(names, names, np.ones(size), np.array([7])))
    assert len(circles.sizes) == CIRCLES
    assert circles.together(7, 7) == pytest.approx(0, abs=0.01)


def test_nothing_packed_is_no_circles() -> None:
    assert read_circles(b"") is NO_CIRCLES
