"""Counts the bad sign-ins of one source, so that a stranger cannot lock out a whole watch."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta


class Throttle:
    """So many bad sign-ins from one source within a time; then that source waits, whoever it claims to be.

    In memory, for this process: the lock of the account itself is in the database.
    """

    def __init__(
        self,
        *,
        bad_max: int = 30,
        within: timedelta = timedelta(minutes=15),
        sources_max: int = 10_000,
    ) -> None:
        self._bad_max, self._within, self._sources_max = bad_max, within, sources_max
        self._bad: OrderedDict[str, deque[datetime]] = (
            OrderedDict()
        )  # the source that was bad last stands last

    def wait(self, source: str, now: datetime) -> int:
        """Seconds until the source may try again; 0 when it may now."""
        times = self._bad.get(source)
        if times is None or len(times) < self._bad_max:
            return 0
        return max(0, int((times[0] + self._within - now).total_seconds()))

    def bad(self, source: str, now: datetime) -> None:
        """Note a bad sign-in."""
        self._bad.setdefault(source, deque(maxlen=self._bad_max)).append(now)
        self._bad.move_to_end(source)
        if len(self._bad) > self._sources_max:
            self._bad.popitem(last=False)
