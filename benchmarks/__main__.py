"""Runs the benchmarks, prints what they found and writes benchmarks/latest.json."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click

from benchmarks import cost, lookup, micro, page, system
from benchmarks.place import filled, settings
from benchmarks.result import LATEST, Result, keep, line
from wireroom.app.console import run
from wireroom.catalog.file import Source

NAMES = ("micro", "cost", "system", "lookup")


@click.command()
@click.option("--only", type=click.Choice(NAMES), help="One group of benchmarks.")
@click.option("--people", default=1_000_000, show_default=True, help="How many people the system holds.")
@click.option("--seconds", default=10.0, show_default=True, help="How long each load lasts.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the databases lie; kept when given.")
@click.option(
    "--sizes", default="100000,1000000,5000000", show_default=True, help="People, for the plate look-up."
)
def bench(only: str | None, people: int, seconds: float, folder: Path | None, sizes: str) -> None:
    """Measure, each beside its baseline."""
    base = folder or Path(tempfile.mkdtemp(prefix="wireroom-bench-"))
    try:
        results: dict[str, Result] = {}
        for name in NAMES if only is None else (only,):
            found = run(_group(name, base, people, seconds, tuple(int(size) for size in sizes.split(","))))
            for title, result in found.items():
                click.echo(line(title, result))
            results |= found
            keep(found | {"machine": _machine()})
        page.write()
        click.echo(f"written to {LATEST} and docs/performance.md")
    finally:
        if folder is None:
            shutil.rmtree(base, ignore_errors=True)


async def _group(
    name: str, base: Path, people: int, seconds: float, sizes: tuple[int, ...]
) -> dict[str, Result]:
    if name == "micro":
        return micro.run()
    if name == "system":
        return await system.run(base / "system", people=people, seconds=seconds)
    loaded = settings(base / "system", links=False, wire=0, partners={})
    if name == "lookup":
        return await lookup.run(loaded, sizes)
    async with filled(loaded, people, (Source.STATE,)):
        return await cost.run(loaded, people)


def _machine() -> Result:
    return Result(
        value=float(os.cpu_count() or 0),
        unit="cores",
        more={
            "python": platform.python_version(),
            "system": platform.machine(),
            "on": f"{datetime.now(UTC):%Y-%m-%d}",
        },
    )


if __name__ == "__main__":
    bench()
