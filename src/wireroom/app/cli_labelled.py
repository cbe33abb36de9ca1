"""The command that makes a labelled search set."""

from __future__ import annotations

from pathlib import Path

import click

from wireroom.app.console import bar
from wireroom.app.demo import SEED
from wireroom.lab.search_set import MIXES, PEOPLE_FILE, PEOPLE_MAX, QUERIES_FILE, LabelledSet


@click.command("labelled")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--people",
    type=click.IntRange(100, PEOPLE_MAX),
    default=100_000,
    show_default=True,
    help="How many people.",
)
@click.option(
    "--queries",
    type=click.IntRange(0, 10_000_000),
    default=2_000,
    show_default=True,
    help="How many queries.",
)
@click.option(
    "--mix",
    type=click.Choice(list(MIXES)),
    default="stress",
    show_default=True,
    help="stress: every kind of mistake as often as another; field: most names and dates right.",
)
@click.option("--seed", default=SEED, show_default=True, help="The same seed gives the same set.")
@click.option(
    "--ssn",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Share of queries with a number.",
)
def labelled(folder: Path, people: int, queries: int, mix: str, seed: int, ssn: float) -> None:
    """Invent people and queries of which it is known whom they mean, to measure a search with.

    Writes people.csv and queries.csv into FOLDER. One query in four is about somebody who is not in the file.
    """
    made = LabelledSet(people, seed, mix)
    with bar("Inventing") as progress:
        made.write(folder, queries, progress, ssn)
    click.echo(f"{people:,} people in {folder / PEOPLE_FILE}, {queries:,} queries in {folder / QUERIES_FILE}")
