"""Counts times in buckets that widen with the time, so that any quantile is right to within one percent."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import msgspec

_FINE_BITS = 7  # 128 buckets between a time and its double
_FINE = 1 << _FINE_BITS
_MICROSECONDS_MAX = (1 << 40) - 1  # twelve days
_BUCKETS = (40 - _FINE_BITS + 1) << _FINE_BITS
ERROR_MAX = 1 / _FINE


class Quantiles(msgspec.Struct, frozen=True):
    """What a histogram says, in milliseconds."""

    count: int
    mean: float
    p50: float
    p95: float
    p99: float
    p999: float
    max: float


class Histogram:
    """Times in seconds, kept in whole microseconds. Small (35 kB), and two can be added."""

    __slots__ = ("_buckets", "_sum", "count", "max")

    def __init__(self) -> None:
        self._buckets = [0] * _BUCKETS
        self._sum = 0.0
        self.count = 0
        self.max = 0.0

    def record(self, seconds: float) -> None:
        """One time. A negative one counts as none, one of more than twelve days as twelve days."""
        value = int(seconds * 1_000_000)
        if value < 0:
            value, seconds = 0, 0.0
        elif value > _MICROSECONDS_MAX:
            value = _MICROSECONDS_MAX
        shift = value.bit_length() - _FINE_BITS - 1
        self._buckets[value if shift <= 0 else (shift << _FINE_BITS) + (value >> shift)] += 1
        self.count += 1
        self._sum += seconds
        if seconds > self.max:
            self.max = seconds

    def add(self, other: Histogram) -> None:
        """Everything that the other has."""
        self._buckets = [a + b for a, b in zip(self._buckets, other._buckets, strict=True)]
        self.count += other.count
        self._sum += other._sum
        self.max = max(self.max, other.max)

    def quantile(self, share: float) -> float:
        """The time in seconds that this share did not exceed, at most ERROR_MAX too long; 0 if none."""
        return self.quantiles_of((share,))[0]

    def quantiles_of(self, shares: Sequence[float]) -> tuple[float, ...]:
        """As `quantile`, for shares in rising order, in one walk."""
        wanted = [max(1, ceil(share * self.count)) for share in shares]
        found: list[float] = []
        reached = 0
        for index, here in enumerate(self._buckets):
            if not here:
                continue
            reached += here
            while len(found) < len(wanted) and wanted[len(found)] <= reached:
                found.append(min(_longest(index), self.max))
        return (*found, *([self.max] * (len(wanted) - len(found))))

    def summary(self) -> Quantiles:
        """The usual quantiles in milliseconds."""
        p50, p95, p99, p999 = (1_000 * seconds for seconds in self.quantiles_of((0.5, 0.95, 0.99, 0.999)))
        mean = 1_000 * self._sum / self.count if self.count else 0.0
        return Quantiles(self.count, mean, p50, p95, p99, p999, 1_000 * self.max)


def _longest(index: int) -> float:
    """The longest time of a bucket, in seconds."""
    shift = (index >> _FINE_BITS) - 1
    if shift <= 0:
        return (index + 1) / 1_000_000
    return (((index & (_FINE - 1)) + _FINE + 1) << shift) / 1_000_000
