"""What the commands share: where the settings are, how data is printed, how long work shows its progress."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from wireroom.app import AppError
from wireroom.app.settings import FILE_NAME, Loaded, load

Result = TypeVar("Result")
Command = TypeVar("Command", bound=Callable[..., Any])
DEMO_SETTINGS = Path(".wireroom/demo.toml")
WIDTH_MAX = 20_000  # of a table that no terminal shows
TOLD_EVERY_S = 2.0
FROM_OUTSIDE = "console"  # who acts, in the journal, where nobody signed in: a command on the machine itself


def config_option(command: Command) -> Command:
    """--config: which settings."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="WIREROOM_CONFIG",
        help="Settings file. Without it: wireroom.toml here, else those of a demo that was started here.",
    )(command)


def json_option(command: Command) -> Command:
    """--json: data for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def loaded_from(config: Path | None, *, made: bool = False) -> Loaded:
    """The settings in force. With `made`, raises AppError where no Wireroom was started yet.

    A command that only looks must not begin a new, empty system in whatever folder somebody stands.
    """
    if config is None and not Path(FILE_NAME).exists() and DEMO_SETTINGS.exists():
        config = DEMO_SETTINGS
    loaded = load(config)
    if made and not loaded.settings.database.url and not (loaded.data_folder / "postgres").exists():
        where = loaded.file or f"the folder {Path.cwd()}"
        raise AppError(
            f"no Wireroom was started with {where} yet: go to the folder where one was, name its settings "
            "with --config, or begin one with `wireroom demo` or `wireroom serve`"
        )
    return loaded


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a command's work; a polite end (SIGTERM) is taken like Ctrl-C, so that everything is closed."""

    async def guarded() -> Result:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None

    return uvloop.run(guarded())


def print_json(data: object) -> None:
    """Data as JSON on standard output."""
    encoded = data if isinstance(data, bytes) else msgspec.json.encode(data)
    click.echo(msgspec.json.format(encoded, indent=2).decode())


def print_table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Data as a table for a person."""
    table = Table(*titles, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    show(table)


def show(table: Table) -> None:
    """A table: as wide as the terminal, or each row on one line for whatever reads a pipe."""
    if sys.stdout.isatty():
        Console().print(table)
        return
    for column in table.columns:
        column.no_wrap = True
    wide = Console(width=Console(width=WIDTH_MAX).measure(table).maximum)
    with wide.capture() as captured:
        wide.print(table)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


@contextlib.contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal, a line now and then elsewhere; call it with done and total."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(what)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as shown:
        task = shown.add_task(what)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def _lines(what: str) -> Callable[[int, int], None]:
    told = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= TOLD_EVERY_S:  # what is soon done says nothing
            told = time.monotonic()
            click.echo(f"{what}: {done:,} of {total:,}", err=True)

    return tell
