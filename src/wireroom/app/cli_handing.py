"""The commands for files that leave: the journal's export, and what a recipient opens a sealed file with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec

from wireroom.app import AppError
from wireroom.app.assemble import now
from wireroom.app.cli_data import oversight, vkey
from wireroom.app.console import bar, config_option, json_option, loaded_from, print_json, run
from wireroom.app.handing_out import handed_out, scratch, seal, unseal, user
from wireroom.journal.tags import Tag
from wireroom.message.passing import mark
from wireroom.oversight.exporting import CannotExport, Exported, export

Command = Callable[..., Any]


def sealed_options(command: Command) -> Command:
    """--sealed and --clear-because: how a file is guarded on its way."""
    sealed = click.option(
        "--sealed",
        "sealed_for",
        metavar="KEYFILE",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="Encrypt it for whoever has the passphrase or key in this file too.",
    )
    clear = click.option(
        "--clear-because", default="", help="Why it leaves this machine unsealed; it stands in the journal."
    )
    return sealed(clear(command))


@click.command("export")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@sealed_options
@json_option
@config_option
def journal_export(
    path: Path, sealed_for: Path | None, clear_because: str, as_json: bool, config: Path | None
) -> None:
    """Write the journal with its proofs to PATH, for `python verify.py PATH`.

    Its first line is marked with who made it and when. It is written over no other file.
    """
    loaded = loaded_from(config, made=True)
    out = handed_out(path, sealed_for, clear_because, home=loaded.data_folder)

    async def work() -> Exported:
        async with oversight(loaded, Tag.JOURNAL_EXPORTED, out.told) as (pool, texts, event):
            marking = mark(user(), now(), event)
            with bar("Exporting") as progress:
                tell = partial(
                    export, pool, path, keys=[vkey(loaded)], texts=texts, marking=marking,
                    progress=lambda done: progress(done, done),
                )  # fmt: skip
                if out.sealed_for is None:
                    return await tell()
                with scratch(loaded.data_folder) as handle:
                    made = await tell(into=handle)
                    size = await asyncio.to_thread(seal, handle, out, at=now(), marking=marking)
                    return msgspec.structs.replace(made, size=size)

    try:
        written = run(work())
    except CannotExport as error:
        raise AppError(str(error)) from error
    except OSError as error:
        raise AppError(f"{error.filename or path} cannot be written: {error.strerror}") from error
    if as_json:
        print_json(
            {
                "path": str(written.path),
                "leaves": written.leaves,
                "checkpoints": written.checkpoints,
                "bytes": written.size,
                "key": vkey(loaded),
                "newest": written.newest,
            }
        )
    else:
        click.echo(f"{written.leaves} entries and {written.checkpoints} checkpoints in {path}")
        if out.sealed_for is not None:
            click.echo("It is sealed; its recipient opens it with: wireroom unseal FILE OPENED --key KEYFILE")
            return
        click.echo(f"Check it with: python verify.py {path} --key {vkey(loaded)}")


@click.command("unseal")
@click.argument("path", metavar="SEALED", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("to", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--key",
    "key_file",
    metavar="KEYFILE",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The file with the passphrase or key that it was sealed for.",
)
@json_option
def unseal_command(path: Path, to: Path, key_file: Path, as_json: bool) -> None:
    """Open what was exported with --sealed into FILE. Needs no Wireroom that runs, and no settings."""
    try:
        marking, size = unseal(path, to, key_file)
    except OSError as error:
        raise AppError(f"{error.filename or to} cannot be used: {error.strerror or error}") from error
    if as_json:
        print_json({"path": str(to), "bytes": size, "marking": marking})
    else:
        click.echo(f"{size:,} bytes in {to}\nKeep it as it is marked: {marking}")
