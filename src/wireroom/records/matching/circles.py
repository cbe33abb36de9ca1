"""Which last and first names go together more often than chance: found from the names themselves, by nobody's list.

Names of one language keep company, so "first name agrees" says less where the last name has said it already. Without
this, people of a circle of few names (a third of Vietnamese names are NGUYEN) would meet many more false hits than
others. The circles are those of a mixture model of last and first names (probabilistic latent semantic analysis,
Hofmann 1999), fitted by expectation maximisation on a sample; nobody gives them names.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

CIRCLES = 14
ROUNDS = 30
NAMES_MIN = 4  # a name that occurs less often keeps no known company
LIFT_BITS_MAX, LIFT_BITS_MIN = 8.0, -1.0
_SMOOTH, _SIXTEENTHS = 0.02, 16.0
_HEAD = np.dtype([("id", ">i4"), ("of", "u1", (CIRCLES,))])

Shares = NDArray[np.float64]
NO_BURDENS: Shares = np.zeros(CIRCLES)


class Circles(msgspec.Struct, frozen=True):
    """For tokens by number: how a name's bearers spread over the circles, as last and as first name."""

    sizes: Shares
    last: dict[int, Shares]
    given: dict[int, Shares]
    burdens: Shares = NO_BURDENS  # bits that a find costs in each circle, see burdening.py

    def together(self, last: int, given: int) -> float:
        """How much more often than by chance two names go together, in bits; 0 where it is not known."""
        one, other = self.last.get(last), self.given.get(given)
        if one is None or other is None:
            return 0.0
        lift = math.log2(max(float((one * other / self.sizes).sum()), 1e-6))
        return min(max(lift, LIFT_BITS_MIN), LIFT_BITS_MAX)

    def belongs(self, last: int, given: int) -> Shares | None:
        """How two names together spread over the circles; None where neither is known."""
        one, other = self.last.get(last), self.given.get(given)
        if one is None and other is None:
            return None
        of = self.sizes.copy()
        for spread in (one, other):
            if spread is not None:
                of *= spread / self.sizes
        return of / max(float(of.sum()), 1e-12)

    def burden(self, last: int, given: int) -> float:
        """The bits that a find of two names costs, for the circles that they belong to; never more than 0."""
        of = self.belongs(last, given)
        return 0.0 if of is None else float((of * self.burdens).sum())


NO_CIRCLES = Circles(np.ones(CIRCLES) / CIRCLES, {}, {})


def circles_of(
    last: NDArray[np.int64], given: NDArray[np.int64], counts: Shares, numbers: NDArray[np.int64]
) -> bytes:
    """The circles of a sample of names, packed: pairs of names with how often each occurs.

    A name is its place in `numbers`, which holds the token's number.
    """
    if len(last) == 0:
        return b""
    lasts, rows = np.unique(last, return_inverse=True)
    givens, columns = np.unique(given, return_inverse=True)
    dice = np.random.default_rng(7)
    sizes = np.full(CIRCLES, 1 / CIRCLES)
    of_last = dice.dirichlet(np.full(len(lasts), 1.0), CIRCLES) if len(lasts) > 1 else np.ones((CIRCLES, 1))
    of_given = (
        dice.dirichlet(np.full(len(givens), 1.0), CIRCLES) if len(givens) > 1 else np.ones((CIRCLES, 1))
    )
    total = counts.sum()
    for _ in range(ROUNDS):
        belongs = sizes[:, None] * of_last[:, rows] * of_given[:, columns]
        belongs *= counts / np.maximum(belongs.sum(axis=0), 1e-300)
        sizes = np.maximum(belongs.sum(axis=1) / total, 1e-6)
        for circle in range(CIRCLES):
            weight = belongs[circle]
            of_last[circle] = np.bincount(rows, weights=weight, minlength=len(lasts)) / max(
                weight.sum(), 1e-300
            )
            of_given[circle] = np.bincount(columns, weights=weight, minlength=len(givens)) / max(
                weight.sum(), 1e-300
            )
    sizes /= sizes.sum()
    parts = [np.round(sizes * 65_535).astype(">u2").tobytes()]
    for names, of_names, counted in (
        (lasts, of_last, np.bincount(rows, weights=counts)),
        (givens, of_given, np.bincount(columns, weights=counts)),
    ):
        joint = of_names * sizes[:, None]
        spread = joint / np.maximum(joint.sum(axis=0), 1e-300)
        # A name seen seldom is believed to keep the company of all, the less the more often it was seen.
        spread = (spread * counted + 2.0 * sizes[:, None]) / (counted + 2.0)
        packed = np.zeros(len(names), _HEAD)
        packed["id"] = numbers[names]
        packed["of"] = np.round(spread.T * 255).astype(np.uint8)
        parts.append(len(names).to_bytes(4, "big") + packed.tobytes())
    return b"".join(parts)


def read_circles(packed: bytes) -> Circles:
    """The circles that were packed; none where nothing was."""
    if not packed:
        return NO_CIRCLES
    sizes = np.frombuffer(packed, ">u2", CIRCLES).astype(float)
    sizes = np.maximum(sizes / sizes.sum(), 1e-4)
    tables: list[dict[int, Shares]] = []
    at = 2 * CIRCLES
    for _ in range(2):
        count = int.from_bytes(packed[at : at + 4], "big")
        rows = np.frombuffer(packed, _HEAD, count, at + 4)
        spread = rows["of"].astype(float) + _SMOOTH
        spread /= spread.sum(axis=1, keepdims=True)
        tables.append(dict(zip(rows["id"].tolist(), spread, strict=True)))
        at += 4 + count * _HEAD.itemsize
    burdens = np.frombuffer(packed, np.int8, CIRCLES, at) / -_SIXTEENTHS if len(packed) > at else NO_BURDENS
    return Circles(sizes, tables[0], tables[1], burdens)


def with_burdens(packed: bytes, burdens: Shares) -> bytes:
    """Packed circles that had no burdens, with them."""
    return packed + np.round(-_SIXTEENTHS * burdens).astype(np.int8).tobytes()
