"""What the commands share: where the settings are, how data is printed, how long work shows its progress."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from wireroom.app.settings import FILE_NAME, Loaded, load

Result = TypeVar("Result")
Command = TypeVar("Command", bound=Callable[..., Any])
DEMO_SETTINGS = Path(".wireroom/demo.toml")


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


def loaded_from(config: Path | None) -> Loaded:
    """The settings in force."""
    if config is None and not Path(FILE_NAME).exists() and DEMO_SETTINGS.exists():
        config = DEMO_SETTINGS
    return load(config)


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
    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "160"))
    Console(width=width, soft_wrap=True).print(table)


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
    told = -1

    def tell(done: int, total: int) -> None:
        nonlocal told
        tenth = 10 * done // max(1, total)
        if tenth > told:
            told = tenth
            click.echo(f"{what}: {done:,} of {total:,}", err=True)

    return tell
