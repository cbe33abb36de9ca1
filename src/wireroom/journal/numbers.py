"""Journal numbers: 63 bits that grow with time, made without asking the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
EPOCH_MS = 1_577_836_800_000  # the same moment in Unix milliseconds
BATCH_MAX = 4096  # entries that share one batch number
WORKER_MAX = 1023
_MILLISECONDS_MAX = (1 << 41) - 1  # until September 2089


class Parts(msgspec.Struct, frozen=True):
    """What a number is made of."""

    milliseconds: int  # since 2020-01-01 UTC
    worker: int
    position: int  # in its batch


class NumberMaker:
    """Hands out numbers, each greater than all before it, also when the clock steps back.

    Each batch takes a millisecond of its own, so above 1,000 batches a second, or after the clock stepped
    back, numbers run ahead of the clock; an entry's `at` is the time that counts. Two makers that run at once
    must not share a worker number: the primary key refuses the second of two equal numbers. After a restart
    give `after`, the highest number in the journal (`writer.last_number`). Not for use by several threads.
    """

    def __init__(self, worker: int, clock_ms: Callable[[], int], *, after: int = 0) -> None:
        if not 0 <= worker <= WORKER_MAX:
            raise ValueError(f"worker number {worker} is not between 0 and {WORKER_MAX}")
        self._worker = worker << 12
        self._clock_ms = clock_ms  # Unix milliseconds
        self._last = after >> 22

    def batch(self, count: int) -> list[int]:
        """Numbers for one batch of 1 to 4096 entries: consecutive, from position 0."""
        if not 1 <= count <= BATCH_MAX:
            raise ValueError(f"a batch holds 1 to {BATCH_MAX} entries, not {count}: split it")
        milliseconds = max(self._clock_ms() - EPOCH_MS, self._last + 1)
        if milliseconds > _MILLISECONDS_MAX:
            raise ValueError("the clock is past 2089, where journal numbers end: set the clock")
        self._last = milliseconds
        first = milliseconds << 22 | self._worker
        return list(range(first, first + count))


def batch_of(number: int) -> int:
    """The batch that a number belongs to, which is the number of its first possible entry."""
    return number & ~0xFFF


def parse(number: int) -> Parts:
    """Takes a number apart."""
    if not 0 <= number < 1 << 63:
        raise ValueError(f"{number} is not a journal number: those have 63 bits")
    return Parts(number >> 22, number >> 12 & WORKER_MAX, number & 0xFFF)


def moment(number: int) -> datetime:
    """When the number was made, to the millisecond."""
    return EPOCH + timedelta(milliseconds=parse(number).milliseconds)


def first_number(at: datetime) -> int:
    """The lowest number that can have been made at that moment: the bound for a search by time."""
    milliseconds = (at - EPOCH) // timedelta(milliseconds=1)
    return min(max(milliseconds, 0), _MILLISECONDS_MAX) << 22
