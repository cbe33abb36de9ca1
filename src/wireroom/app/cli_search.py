"""The commands that search for persons, and measure how well they are found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import click

from wireroom.app import AppError
from wireroom.app.assemble import database_name, engine
from wireroom.app.console import bar, config_option, json_option, loaded_from, print_json, run
from wireroom.app.keys import keys_of
from wireroom.app.living import catalogue_of
from wireroom.app.looking import Look, Looked, Seen, look
from wireroom.app.measuring import Evaluation, Terms
from wireroom.app.measuring import evaluate as evaluated
from wireroom.app.upkeep import index_people, owner
from wireroom.lab.labelled import BadSet, day_of
from wireroom.lab.scores import render
from wireroom.records.matching.counting import count
from wireroom.records.matching.published import Rule
from wireroom.records.matching.spelling import name_of

RULES = {"ncic": Rule.NCIC, "iii": Rule.III}
rule_option = click.option(
    "--rule",
    type=click.Choice(list(RULES), case_sensitive=False),
    help="Go by a published rule of the national files instead of weighing all evidence.",
)


class _PersonFirst(click.Group):
    """A group whose first word, where it is no command, is a person's name."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in context.help_option_names:
            args = ["person", *args]
        return super().parse_args(context, args)


@click.group(cls=_PersonFirst)
def search() -> None:
    """Persons: search for one, measure how well they are found.

    `wireroom search "DOE, JOHN" --dob 19800101` is short for `wireroom search person ...`.
    """


@search.command("person")
@click.argument("name")
@click.option("--dob", default="", help="Birth date: CCYYMMDD, CCYY-MM-DD or MM/DD/CCYY.")
@click.option("--sex", type=click.Choice(["M", "F"], case_sensitive=False), help="Sex.")
@click.option("--middle", default="", help="Middle name, where it does not stand in NAME.")
@click.option("--suffix", default="", help="JR, SR, II ..., where it does not stand in NAME.")
@click.option("--ssn", default="", help="Social security number; one digit may be wrong.")
@click.option(
    "--file", "files", multiple=True, metavar="CODE", help="Only this record file; may stand several times."
)
@click.option("--wide", is_flag=True, help="Show unlikely ones too.")
@rule_option
@click.option("--explain", is_flag=True, help="Show each piece of evidence with its bits.")
@click.option(
    "--limit", type=click.IntRange(1, 60), default=20, show_default=True, help="Show at most so many."
)
@json_option
@config_option
def person(  # noqa: PLR0913 - one parameter for each option
    name: str,
    dob: str,
    sex: str | None,
    middle: str,
    suffix: str,
    ssn: str,
    files: tuple[str, ...],
    wide: bool,
    rule: str | None,
    explain: bool,
    limit: int,
    as_json: bool,
    config: Path | None,
) -> None:
    """Search our own files for the person NAME: "LAST, FIRST MIDDLE".

    The search is written into the journal first. Bits say how strong the evidence is: 0 is even odds, 4 is sixteen to
    one. A find identifies nobody: confirm it with the agency that entered the record.

    Exit codes: 0 found, 1 nothing found, 2 wrong use.
    """
    last, _, given = name.partition(",")
    if not (asked := name_of(last, given, middle, suffix)).last and not asked.given:
        raise click.UsageError("NAME has no letter")
    if not given.strip() and len(last.split()) > 1:
        raise click.UsageError('NAME is written "LAST, FIRST MIDDLE", with a comma')
    try:
        born = day_of(dob.strip())
    except ValueError:
        raise click.UsageError("--dob is written CCYYMMDD, CCYY-MM-DD or MM/DD/CCYY") from None
    wanted = Look(
        last.strip(), given.strip(), middle.strip(), suffix.strip(), born, sex or "", ssn,
        files, wide, RULES.get(rule or "", Rule.BITS), limit,
    )  # fmt: skip
    found = run(look(loaded_from(config, made=True), wanted))
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(_told(found, weighed=wanted.rule is Rule.BITS, explain=explain)))
    raise SystemExit(0 if found.found else 1)


def _told(looked: Looked, *, weighed: bool, explain: bool) -> list[str]:
    """What was found as lines of text."""
    titles = ("Bits", "Odds", "File", "Number", "Name", "Born")
    rows = [_row(one, weighed) for one in looked.found]
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    lines = [] if not rows else [_line(titles, widths)]
    for one, row in zip(looked.found, rows, strict=True):
        lines.append(_line(row, widths))
        if explain:
            wide = max(len(line.text) for line in one.evidence)
            lines += [
                f"      {line.text:{wide}}  {line.bits:+5.1f}" if weighed else f"      {line.text}"
                for line in one.evidence
            ]
    if not rows:
        lines.append("Nobody found")
    if looked.not_shown:
        lines.append(
            f"{looked.not_shown} more of like name are not shown: add a birth date or a number"
            + ("" if looked.wide else ", or see them with --wide")
        )
    return lines


def _row(one: Seen, weighed: bool) -> tuple[str, ...]:
    strength = (f"{one.bits:+.1f}", one.odds) if weighed else ("-", "-")
    return (*strength, one.file, one.number or "-", one.name, one.born)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    bits, *rest = (
        cell.rjust(width) if place == 0 else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join((bits, *rest)).rstrip()


@search.command("evaluate")
@click.argument("queries", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--people",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The people of the file, as CSV.",
)
@click.option("--name", default="scratch", show_default=True, help="Of the scratch file: small letters.")
@click.option("--limit-queries", type=click.IntRange(1), help="Ask only the first so many.")
@click.option(
    "--batch",
    type=click.IntRange(1, 1_000),
    default=1,
    show_default=True,
    help="Queries asked in one go; a query's time is then its share of the batch.",
)
@click.option("--keep", is_flag=True, help="Leave the people where they are.")
@click.option(
    "--clear", is_flag=True, help="Remove what an interrupted run, or --keep, left of this name first."
)
@rule_option
@json_option
@config_option
def evaluate(  # noqa: PLR0913 - one parameter for each option
    queries: Path,
    people: Path,
    name: str,
    limit_queries: int | None,
    batch: int,
    keep: bool,
    clear: bool,
    rule: str | None,
    as_json: bool,
    config: Path | None,
) -> None:
    """Measure the search with QUERIES of which it is known whom they mean.

    Loads the people live into a scratch file of their own, asks, prints what was found, and removes the people again.
    """
    if not re.fullmatch("[a-z][a-z_]{0,20}", name):
        raise click.UsageError("--name takes at most 21 small letters and underscores")
    terms = Terms(queries, people, name, limit_queries, batch, keep, clear, RULES.get(rule or "", Rule.BITS))
    try:
        done = run(evaluated(loaded_from(config), terms, bar))
    except BadSet as error:
        raise AppError(str(error)) from error
    if as_json:
        print_json(done.as_json())
    else:
        _print(done)
    if keep:
        click.echo(f"The people stay in the scratch file {name}; --clear removes them", err=True)


def _print(done: Evaluation) -> None:
    assert done.score is not None
    assert done.engine is not None
    click.echo("\n".join(render(done.score)))
    removed = "kept" if done.remove_seconds is None else f"removed in {done.remove_seconds:.0f} s"
    click.echo(
        f"\n{done.people:,} people loaded in {done.load_seconds:.0f} s, counted in {done.count_seconds:.0f} s, "
        f"{removed}; "
        f"{done.engine.words:,} words of names, {done.engine.index_bytes / 1e6:,.0f} MB of index, "
        f"PostgreSQL {done.engine.server}"
    )


@search.command("count")
@config_option
def search_count(config: Path | None) -> None:
    """Count how common each name is, and forget words that nobody has any more.

    A running switch does it by itself, once a day and when many people were added.
    """
    loaded = loaded_from(config, made=True)

    async def work() -> bool:
        async with engine(loaded, database_name(loaded)) as dsn, owner(dsn) as connection:
            return await count(connection)

    if not run(work()):
        raise AppError("another process counts the names at this moment; nothing is to be done")
    click.echo("the names are counted")


@search.command("rebuild")
@config_option
def search_rebuild(config: Path | None) -> None:
    """Make the index of people anew from the records.

    An upgrade does it by itself where it must. Nothing is lost by doing it again.
    """
    loaded = loaded_from(config, made=True)

    async def work() -> int:
        async with engine(loaded, database_name(loaded)) as dsn:
            vault = keys_of(loaded).vault
            return await index_people(dsn, lambda: catalogue_of(loaded), vault, whenever=True)

    click.echo(f"{run(work()):,} records can be found by name")
