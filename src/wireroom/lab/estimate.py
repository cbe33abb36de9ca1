"""Shares and means with their 95 % intervals, from counts, so that a million observations cost no more than a few."""

from __future__ import annotations

from collections import Counter
from math import ceil, floor, log, log1p, sqrt
from random import Random

import msgspec

ROUNDS_MAX = 400
_Z = 1.959964  # 95 % of a normal curve
_NONE_SEEN = 3.689  # -log(0.025): of n looks that saw nothing, the truth is below this / n


class Estimate(msgspec.Struct, frozen=True):
    """A share or a mean, with its 95 % interval; nothing but n = 0 where there was nothing to count."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0


def share(count: int, n: int) -> Estimate:
    """A share with Wilson's interval."""
    if not n:
        return Estimate()
    found, spread = count / n, _Z * _Z / n
    middle = (found + spread / 2) / (1 + spread)
    half = sqrt(found * (1 - found) * spread + spread * spread / 4) / (1 + spread)
    low = max(0.0, middle - half) if count else 0.0
    return Estimate(found, low, min(1.0, middle + half) if count < n else 1.0, n)


def mean(seen: Counter[float], dice: Random, rounds: int = ROUNDS_MAX) -> Estimate:
    """A mean, of values counted, with its bootstrap interval (percentiles of so many rounds).

    Where all values are 0 no round sees anything else; the interval then ends where so many looks would still have
    seen nothing once in forty times.
    """
    n = seen.total()
    if not n:
        return Estimate()
    value = sum_of(seen) / n
    if not value:
        return Estimate(0.0, 0.0, _NONE_SEEN / n, n)
    means = sorted(drawn(seen, n, dice) / n for _ in range(rounds))
    return Estimate(value, means[rounds - 1 - upper(rounds)], means[upper(rounds)], n)


def upper(rounds: int) -> int:
    """The place of the 97.5th percentile among so many in rising order."""
    return ceil(0.975 * rounds) - 1


def sum_of(seen: Counter[float]) -> float:
    """The sum of values counted."""
    return sum(value * count for value, count in seen.items())


def drawn(seen: Counter[float], n: int, dice: Random) -> float:
    """The sum of n values drawn with replacement: how often each value comes, so that a large n costs no more."""
    left, pool, total = n, seen.total(), 0.0
    for value, count in seen.most_common():
        times = _binomial(left, count / pool, dice)
        total += value * times
        left -= times
        pool -= count
        if not left:
            break
    return total


def _binomial(n: int, chance: float, dice: Random) -> int:
    """How many of n come; a normal curve where both outcomes are expected more than thirty times."""
    if chance >= 1:
        return n
    if chance > 0.5:
        return n - _binomial(n, 1 - chance, dice)
    if n * chance > 30:
        return max(0, min(n, round(dice.gauss(n * chance, sqrt(n * chance * (1 - chance))))))
    came, at, per_gap = 0, 0, log1p(-chance)
    while True:  # from one that comes to the next; ends after about thirty
        at += floor(log(1 - dice.random()) / per_gap) + 1
        if at > n:
            return came
        came += 1
