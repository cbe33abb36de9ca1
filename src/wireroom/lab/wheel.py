"""Weighted choice that costs one index: values stand on a power of two of places, as often as they weigh."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Wheel(Generic[T]):
    """Values on 2**bits places. In a hot loop take `places` and `bits` and draw by hand."""

    def __init__(self, values: Sequence[T], weights: Sequence[float], bits: int) -> None:
        if len(values) != len(weights) or not values:
            raise ValueError(
                f"a wheel needs a weight for each value: {len(values)} values, {len(weights)} weights"
            )
        total, size = sum(weights), 1 << bits
        places: list[T] = []
        reached = 0.0
        for value, weight in zip(values, weights, strict=True):
            reached += weight
            # Where the value ends is rounded, not how wide it is, so that errors do not add up.
            places.extend([value] * (round(reached / total * size) - len(places)))
        self.bits = bits
        self.places = tuple(places)

    def draw(self, dice: Random) -> T:
        """One value."""
        return self.places[dice.getrandbits(self.bits)]


def even(values: Sequence[T], bits: int) -> Wheel[T]:
    """A wheel of values that weigh the same."""
    return Wheel(values, [1.0] * len(values), bits)
