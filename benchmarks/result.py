"""What a benchmark found, and how it is written down."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

import msgspec

LATEST = Path(__file__).parent / "latest.json"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One figure beside its baseline. `value` and `baseline` are medians over `runs` passes taken in turn."""

    value: float
    unit: str
    baseline: float | None = None
    baseline_name: str = ""
    ratio: float | None = None
    target: str = ""
    runs: int = 1
    more: dict[str, object] = {}  # what else was seen: quantiles, ranges, counts


def against(
    values: Sequence[float], baselines: Sequence[float], *, unit: str, baseline_name: str, target: str = "",
    more: dict[str, object] | None = None,
) -> Result:  # fmt: skip
    """A result from passes of ours and of the baseline taken in turn, with the ranges of both."""
    value, baseline = statistics.median(values), statistics.median(baselines)
    ranges: dict[str, object] = {
        "range": [min(values), max(values)],
        "baseline_range": [min(baselines), max(baselines)],
    }
    return Result(
        value=value, unit=unit, baseline=baseline, baseline_name=baseline_name,
        ratio=round(value / baseline, 4) if baseline else None, target=target, runs=len(values),
        more=ranges | (more or {}),
    )  # fmt: skip


def keep(results: dict[str, Result], path: Path = LATEST) -> None:
    """Write results into the file of the latest figures; those not measured now stay as they were."""
    known: dict[str, object] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    known.update({name: msgspec.to_builtins(result) for name, result in results.items()})
    path.write_bytes(msgspec.json.format(msgspec.json.encode(dict(sorted(known.items()))), indent=2) + b"\n")


def line(name: str, result: Result) -> str:
    """A result for a person."""
    text = f"{name:44} {shown(result.value):>12} {result.unit}"
    if result.ratio is not None:
        text += f"   {result.ratio:.2f} x {result.baseline_name} ({shown(result.baseline or 0.0)})"
    return text + (f"   target {result.target}" if result.target else "")


def shown(value: float) -> str:
    """A figure for a person: what is below one has four digits that count, for 0.9871 is not 0.99."""
    return f"{value:.4g}" if abs(value) < 1 else f"{value:,.2f}"
