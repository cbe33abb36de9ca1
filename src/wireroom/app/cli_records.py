"""The commands that bring files of records in and out."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from wireroom.app import AppError
from wireroom.app.bulk import Exported, ExportPlan, Imported, ImportPlan, export_file, import_file
from wireroom.app.cli_handing import sealed_options
from wireroom.app.console import (
    bar,
    config_option,
    json_option,
    loaded_from,
    print_json,
    print_table,
    run,
)
from wireroom.app.handing_out import handed_out, user
from wireroom.app.late import late
from wireroom.message.deadlines import Board, after, due
from wireroom.message.passing import Passing
from wireroom.records.importing import CannotImport
from wireroom.records.importing.lines import Format, format_of

format_option = click.option(
    "--format",
    "written",
    type=click.Choice([one.value for one in Format], case_sensitive=False),
    help="How the file is written; left out: as its name ends, .csv or .jsonl.",
)
file_option = click.option(
    "--file", "code", required=True, metavar="CODE", help="The record file: vehicle for instance."
)
EXIT_REFUSED = 3


@click.group()
def records() -> None:
    """Records in bulk: a file of them in, a file of them out, and what must be done with them in time."""


@records.command("import")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@file_option
@click.option("--ori", required=True, help="The agency whose records they are.")
@click.option("--person", help="Who enters them; left out: who is signed in on this machine.")
@click.option(
    "--key", default="", help="The message key as which each line is read; left out: the file's first."
)
@format_option
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where refused lines are listed; left out: FILE.rejects.jsonl.",
)
@click.option(
    "--verified-by", default="", help="Who compared every line with its papers already: not who enters."
)
@click.option("--test", is_flag=True, help="They are records for training.")
@click.option(
    "--all-or-nothing", is_flag=True, help="Check the whole file first; enter nothing where a line is faulty."
)
@click.option("--again", is_flag=True, help="Begin anew with a file that was imported before.")
@json_option
@config_option
def records_import(  # noqa: PLR0913 - one parameter for each option
    path: Path,
    code: str,
    ori: str,
    person: str | None,
    key: str,
    written: str | None,
    rejects: Path | None,
    verified_by: str,
    test: bool,
    all_or_nothing: bool,
    again: bool,
    as_json: bool,
    config: Path | None,
) -> None:
    """Enter the records of FILE, CSV or JSON Lines.

    Each line is checked like a message. Good lines are entered; the others are listed with every fault. After an
    interruption the same command goes on where it stopped, and enters no line twice.

    Exit codes: 0 done, refused lines or none; 2 wrong use; 3 refused as a whole, by --all-or-nothing.
    """
    person = person or user()
    if verified_by and verified_by.strip().casefold() == person.strip().casefold():
        raise click.UsageError("--verified-by names who enters them; another person verifies")
    plan = ImportPlan(
        path=path, written=_format(path, written), code=code, ori=ori, person=person, key=key, rejects=rejects,
        test=test, verified_by=verified_by, all_or_nothing=all_or_nothing, again=again,
    )  # fmt: skip
    done = run(import_file(loaded_from(config), plan, bar))
    if as_json:
        print_json(done)
    else:
        click.echo("\n".join(_imported(done)))
    raise SystemExit(0 if done.done else EXIT_REFUSED)


def _imported(done: Imported) -> list[str]:
    if not done.done:
        return [
            f"{done.refused:,} of {done.lines:,} lines are faulty, so nothing was entered: see {done.rejects}"
        ]
    lines = []
    if done.was_done:
        lines.append("This file was imported before, and nothing was entered now; --again begins anew")
    elif done.went_on_from_line > 1:
        lines.append(f"Went on from line {done.went_on_from_line:,}")
    lines.append(f"{done.entered:,} of {done.lines:,} lines entered into {done.file} for {done.owner}")
    if done.refused:
        lines.append(f"{done.refused:,} refused: see {done.rejects}")
    return lines


@records.command("export")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@file_option
@click.option("--recipient", required=True, help="The person who gets it, by name.")
@click.option("--agency", required=True, help="The agency of that person.")
@click.option("--purpose", required=True, help="What it is for, in words.")
@sealed_options
@click.option("--ori", default="", help="Only the records of this agency.")
@format_option
@click.option("--all", "ended", is_flag=True, help="Those that have ended too.")
@click.option("--secrets", is_flag=True, help="Secret fields too, in clear: social security numbers.")
@click.option("--test", is_flag=True, help="Records for training instead.")
@json_option
@config_option
def records_export(  # noqa: PLR0913 - one parameter for each option
    path: Path,
    code: str,
    recipient: str,
    agency: str,
    purpose: str,
    sealed_for: Path | None,
    clear_because: str,
    ori: str,
    written: str | None,
    ended: bool,
    secrets: bool,
    test: bool,
    as_json: bool,
    config: Path | None,
) -> None:
    """Write the records of a record file to FILE, CSV or JSON Lines.

    All that are in force, as they stand at one moment. Who gets it and what for is in the journal first, and each
    record is marked. It is written over no other file, and leaves this machine sealed.
    """
    loaded = loaded_from(config, made=True)
    plan = ExportPlan(
        out=handed_out(path, sealed_for, clear_because, home=loaded.data_folder),
        passing=Passing(recipient=recipient, agency=agency, purpose=purpose),
        written=_format(path, written), code=code, ori=ori, test=test, ended=ended, secrets=secrets,
    )  # fmt: skip
    done: Exported = run(export_file(loaded, plan, bar))
    if as_json:
        print_json(msgspec.to_builtins(done))
    else:
        click.echo(f"{done.records:,} records in {done.path}")


@records.command("late")
@click.option("--ori", default="", help="Only the records of this agency.")
@click.option(
    "--court", default="", help="Only the records that name this court, or whoever else sees a clock."
)
@click.option("--test", is_flag=True, help="Records for training instead.")
@json_option
@config_option
def records_late(ori: str, court: str, test: bool, as_json: bool, config: Path | None) -> None:
    """What must be done with records in time: overdue, or due within a day, the most overdue first.

    And for each clock, over the last 30 and 90 days, how often it was met in time and how often late, with the
    median and the worst. That it is asked is in the journal first.
    """
    board = run(late(loaded_from(config, made=True), ori=ori, court=court, test=test))
    if as_json:
        print_json(board)
    else:
        _show_late(board)


def _show_late(board: Board) -> None:
    click.echo(f"{board.overdue:,} overdue, {board.soon:,} due within a day")
    rows = [
        (due(one.due_at, board.at), group.clock, one.number, one.owner, one.other, one.about)
        for group in board.groups
        for one in group.rows
    ]
    if rows:
        print_table(("When", "Clock", "FCN", "Owner", "Court", "About"), rows)
    kept = [
        (group.clock, one.days, one.in_time, one.late, after(one.median_s), after(one.worst_s), group.title)
        for group in board.groups
        for one in group.kept
    ]
    if kept:
        click.echo()
        print_table(("Clock", "Days", "In time", "Late", "Median", "Worst", "Is"), kept)


def _format(path: Path, said: str | None) -> Format:
    try:
        return format_of(path, said)
    except CannotImport as error:
        raise AppError(str(error)) from error
