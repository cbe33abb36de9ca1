"""What came of a load: counts and times, for people and for programs."""

from __future__ import annotations

import msgspec
from rich.table import Table

from wireroom.lab.histogram import Quantiles


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """A load as it went. Every text sent is in exactly one of `answered`, `refused` and `lost`."""

    mix: str
    seed: int
    stations: int
    rate: float  # asked for, per second; 0 where each station asked again as soon as it was answered
    seconds: float  # how long texts were sent
    sent: int
    unsent: int  # due, but the station's own queue was full or its line was gone
    answered: int  # every answer came
    late: int  # of the answered, those whose last answer came after `late_s`
    refused: int  # by the switch: refused, faulty or busy
    lost: int  # no receipt, or not every answer, by the end of the wait
    stray: int  # answers that came again, or after their text was closed
    silent: int  # answers that said that a source gave none
    mail: int  # messages that arrived at a station
    late_s: float
    answered_per_s: float
    receipt: Quantiles  # from the scheduled instant, like all but `behind`
    first: Quantiles
    last: Quantiles
    behind: (
        Quantiles  # from the scheduled instant to the sending: the generator's own delay, part of the others
    )
    by_kind: dict[str, Quantiles]  # the last answer, by kind of text

    def as_json(self) -> bytes:
        """For programs."""
        return msgspec.json.encode(self)

    def as_table(self) -> Table:
        """For people, in milliseconds."""
        pace = f"{self.rate:g} a second" if self.rate else "as fast as answered"
        title = f"{self.mix}: {self.stations} stations, {pace}, {self.seconds:.1f} s, seed {self.seed}"
        counts = (
            f"{self.answered:,} of {self.sent:,} answered ({self.answered_per_s:,.0f} a second), "
            f"{self.late:,} after {self.late_s:g} s; {self.refused:,} refused, {self.lost:,} lost, "
            f"{self.stray:,} stray, {self.silent:,} without a source, {self.mail:,} mail, "
            f"{self.unsent:,} unsent"
        )
        table = Table(title=title, caption=counts)
        table.add_column("ms")
        for name in ("count", "mean", "p50", "p95", "p99", "p99.9", "max"):
            table.add_column(name, justify="right")
        rows = {
            "to the receipt": self.receipt,
            "to the first answer": self.first,
            "to the last answer": self.last,
        }
        rows |= {f"  {kind}": quantiles for kind, quantiles in self.by_kind.items()}
        rows["sent behind schedule"] = self.behind
        for name, times in rows.items():
            values = (times.mean, times.p50, times.p95, times.p99, times.p999, times.max)
            table.add_row(name, f"{times.count:,}", *(f"{value:,.2f}" for value in values))
        return table
