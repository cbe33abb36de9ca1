"""Runs the benchmarks, prints what they found and writes benchmarks/latest.json."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from benchmarks import access, cost, fair, imports, late, lookup, micro, numbers, orders, page, search, system
from benchmarks.place import filled, settings
from benchmarks.result import LATEST, Result, keep, line
from wireroom.app.console import run
from wireroom.catalog.file import Source

NAMES = (
    "micro",
    "cost",
    "system",
    "lookup",
    "numbers",
    "search",
    "imports",
    "late",
    "orders",
    "access",
    "fair",
)
SEARCH, ORDERS = search.Plan(), orders.Plan()


@click.command()
@click.option("--only", type=click.Choice(NAMES), help="One group of benchmarks.")
@click.option("--people", default=1_000_000, show_default=True, help="How many people the system holds.")
@click.option("--seconds", default=10.0, show_default=True, help="How long each load lasts.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the databases lie; kept when given.")
@click.option(
    "--sizes", default="100000,1000000,5000000", show_default=True, help="People, for the plate look-up."
)
@click.option(
    "--import-lines", default=imports.LINES, show_default=True, help="Lines of the file to be imported."
)
@click.option(
    "--orders", default=ORDERS.orders, show_default=True, help="Orders that a court submits, five a second."
)
@click.option(
    "--orders-people", default=ORDERS.people, show_default=True, help="People, while orders are submitted."
)
@click.option("--search-people", default=SEARCH.people, show_default=True, help="People to be searched.")
@click.option(
    "--search-sizes",
    default=",".join(map(str, SEARCH.sizes)),
    show_default=True,
    help="People, for the growth of the search.",
)
@click.option(
    "--search-background",
    default=SEARCH.background,
    show_default=True,
    help="People among whom the families made by hand are.",
)
@click.option(
    "--search-queries", default=SEARCH.queries, show_default=True, help="Queries of each mix of mistakes."
)
@click.option(
    "--search-absent",
    default=SEARCH.absent_each,
    show_default=True,
    help="Absent people of each name group, for fairness.",
)
@click.option("--search-timed", default=SEARCH.timed, show_default=True, help="Queries timed one by one.")
@click.option(
    "--search-seed", default=SEARCH.queries_seed, show_default=True, help="Another one: other queries."
)
@click.option(
    "--search-part",
    type=click.Choice(search.PARTS),
    multiple=True,
    help="One part of the search's benchmark, or several; all of them when none is named.",
)
def bench(
    only: str | None, people: int, seconds: float, folder: Path | None, sizes: str, **words: Any
) -> None:
    """Measure, each beside its baseline."""
    plan = _plan(words)
    base = folder or Path(tempfile.mkdtemp(prefix="wireroom-bench-"))
    try:
        results: dict[str, Result] = {}
        for name in NAMES if only is None else (only,):
            found = run(_group(name, base, people, seconds, _numbers(sizes), plan, words))
            for title, result in found.items():
                click.echo(line(title, result))
            results |= found
            keep(found | {"machine": _machine()})
        page.write()
        click.echo(f"written to {LATEST} and docs/performance.md")
    finally:
        if folder is None:
            shutil.rmtree(base, ignore_errors=True)


def _plan(words: Mapping[str, Any]) -> search.Plan:
    """What the options say of the search's benchmark."""
    return search.Plan(
        people=words["search_people"],
        sizes=_numbers(words["search_sizes"]),
        queries=words["search_queries"],
        queries_seed=words["search_seed"],
        absent_each=words["search_absent"],
        timed=words["search_timed"],
        background=words["search_background"],
        parts=words["search_part"] or search.PARTS,
    )


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


async def _group(
    name: str,
    base: Path,
    people: int,
    seconds: float,
    sizes: tuple[int, ...],
    plan: search.Plan,
    words: Mapping[str, Any],  # the options of one group alone
) -> dict[str, Result]:
    if name == "micro":
        return micro.run()
    if name == "access":
        return await access.run(settings(base / "access", links=False, wire=0, partners={}))
    if name == "fair":
        return await fair.run(settings(base / "fair", links=False, wire=0, partners={}), seconds)
    if name == "system":
        return await system.run(base / "system", people=people, seconds=seconds)
    if name == "late":
        return await late.run(settings(base / "system", links=False, wire=0, partners={}))
    if name == "orders":
        return await orders.run(
            base / "orders", orders.Plan(people=words["orders_people"], orders=words["orders"])
        )
    if name == "imports":
        loaded = settings(base / "imports", links=False, wire=0, partners={})
        return await imports.run(loaded, words["import_lines"])
    if name == "search":
        return await search.run(base / "search", plan, keep)
    loaded = settings(base / "system", links=False, wire=0, partners={})
    if name == "numbers":
        return await numbers.run(loaded, max(sizes))
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
