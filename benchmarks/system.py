"""The switch as its stations see it: answered inquiries a second and how long they take, over the real socket."""

from __future__ import annotations

import asyncio
import statistics
import sys
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.bare import pgbench, prepare
from benchmarks.place import counters, filled, program, settings
from benchmarks.result import Result, against
from wireroom.app.settings import Loaded
from wireroom.catalog.file import Source

WIRE, PARTNERS = 7790, {"NCIC": 7791, "DMV": 7792}
STATIONS = (1, 64, 512)
NATION_A_SECOND = 162.0  # NCIC's mean of 2017: 14 million a day
PASSES = 3


async def run(folder: Path, *, people: int, seconds: float) -> dict[str, Result]:
    """Both mixes, our own files alone and with both partners on the same cores, beside pgbench."""
    results: dict[str, Result] = {}
    for links in (False, True):
        loaded = settings(folder, links=links, wire=WIRE, partners=PARTNERS)
        async with filled(loaded, people, tuple(Source)) as (_, dsns):
            await prepare(dsns[Source.STATE])
            results |= await _whole(
                loaded, dsns[Source.STATE], folder, people=people, seconds=seconds, links=links
            )
    return results


async def _whole(
    loaded: Loaded, dsn: str, folder: Path, *, people: int, seconds: float, links: bool
) -> dict[str, Result]:
    name = "with both partners" if links else "own files"
    results: dict[str, Result] = {}
    async with _everything(loaded, links):
        for mix in ("numbers", "field"):
            await drive(loaded, mix, 64, 0, 3, people)  # warm
            for stations in STATIONS:
                ours, bare, last = [], [], {}
                for _ in range(PASSES if stations == 64 else 1):
                    before = await counters(dsn)
                    last = await drive(loaded, mix, stations, 0, seconds, people)
                    after = await counters(dsn)
                    ours.append(last["answered_per_s"])
                    if stations == 64:
                        bare.append(
                            await asyncio.to_thread(pgbench, dsn, folder, clients=64, seconds=int(seconds))
                        )
                    cost = {key: (after[key] - before[key]) / max(1, last["answered"]) for key in before}
                more = _quantiles(last) | {
                    f"{key} an inquiry": round(value, 3) for key, value in cost.items()
                }
                title = f"{mix}, {stations} stations, {name}"
                if bare:
                    target = "ratio 0.5" if mix == "numbers" and not links else ""
                    results[title] = against(ours, bare, unit="answered/s", baseline_name="pgbench, 64 clients",
                                             target=target, more=more)  # fmt: skip
                else:
                    results[title] = Result(value=statistics.median(ours), unit="answered/s", more=more)
        results |= await _nation(loaded, people, seconds, name)
    return results


async def _nation(loaded: Loaded, people: int, seconds: float, name: str) -> dict[str, Result]:
    """The field mix at the nation's mean rate."""
    report = await drive(loaded, "field", 64, NATION_A_SECOND, max(seconds, 20), people)
    return {
        f"field at 162 a second, {name}": Result(
            value=round(report["last"]["p99"], 2),
            unit="ms p99",
            target="under 150 ms",
            more=_quantiles(report),
        )
    }


class _everything:
    """The switch, and its partners where they are linked, as programs."""

    def __init__(self, loaded: Loaded, links: bool) -> None:
        self._contexts = [program(loaded, "serve", ready=WIRE)]
        if links:
            self._contexts = [
                *(program(loaded, "partner", name.lower(), ready=port) for name, port in PARTNERS.items()),
                *self._contexts,
            ]

    async def __aenter__(self) -> None:
        for context in self._contexts:
            await context.__aenter__()

    async def __aexit__(self, *problem: object) -> None:
        for context in reversed(self._contexts):
            await context.__aexit__(None, None, None)


async def drive(
    loaded: Loaded, mix: str, stations: int, rate: float, seconds: float, people: int
) -> dict[str, Any]:  # a report's fields differ in kind
    """One run of the load generator, in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "wireroom",
        "lab",
        "load",
        "--config",
        str(loaded.file),
        "--json",
        "--mix",
        mix,
        "--stations",
        str(stations),
        "--rate",
        str(rate),
        "--seconds",
        str(seconds),
        "--people",
        str(people),
    ]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, errors = await asyncio.wait_for(process.communicate(), seconds + 120)
    finally:
        if process.returncode is None:  # we were given up, or it does not end
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"the load generator ended with {process.returncode}: {errors.decode()[-500:]}")
    report: dict[str, Any] = msgspec.json.decode(out)
    return report


def _quantiles(report: dict[str, Any]) -> dict[str, object]:
    last = report["last"]
    shown: dict[str, object] = {f"{key}_ms": round(last[key], 2) for key in ("p50", "p95", "p99")}
    return shown | {key: report[key] for key in ("answered", "lost", "refused", "late", "stray")}
