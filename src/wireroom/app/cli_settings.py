"""Commands about the settings: what is in force, and how others are put forward, approved and gone back to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import click
import msgspec

from wireroom.app import AppError, baseline
from wireroom.app.assemble import connect, database_name, engine, now
from wireroom.app.console import (
    FROM_OUTSIDE,
    config_option,
    json_option,
    loaded_from,
    print_json,
    print_table,
    run,
)
from wireroom.app.noting import note_down
from wireroom.app.settings import FILE_NAME, Loaded, explain, read
from wireroom.journal.tags import Tag
from wireroom.message.acting import COMMAND
from wireroom.message.local import timed

_by = click.option("--by", required=True, help="Whose account: of an administrator, or of DOJ.")


@click.group(invoke_without_command=True)
@json_option
@config_option
@click.pass_context
def settings(context: click.Context, as_json: bool, config: Path | None) -> None:
    """Every setting in force, and where it came from."""
    if context.invoked_subcommand is not None:
        return
    rows = explain(loaded_from(config))
    if as_json:
        print_json([dict(zip(("key", "value", "origin", "meaning"), row, strict=True)) for row in rows])
    else:
        print_table(("Key", "Value", "From", "Meaning"), rows)


@asynccontextmanager
async def _opened(
    loaded: Loaded, detail: dict[str, object] | None = None
) -> AsyncIterator[asyncpg.Connection]:
    """The database; what is about to be changed is written into the journal first."""
    async with engine(loaded, database_name(loaded)) as dsn:
        if detail is not None:
            await note_down(loaded, dsn, Tag.SETTINGS_CHANGED, FROM_OUTSIDE, detail)
        connection = await connect(dsn, acts=COMMAND)
        try:
            yield connection
        finally:
            await connection.close()


@settings.command("propose")
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_by
@click.option("--why", required=True, help="Why they are as they are, for whoever approves them.")
@config_option
def settings_propose(file: Path | None, by: str, why: str, config: Path | None) -> None:
    """Put a file of settings forward, that in use where FILE is left out. Somebody else approves it."""
    loaded = loaded_from(config, made=True)
    path = file or loaded.file
    try:
        text = path.read_text("utf-8") if path is not None else ""
    except (OSError, UnicodeDecodeError) as error:
        raise AppError(f"{path} cannot be read: {error}") from error
    digest = baseline.digest_of(read(text, path or Path(FILE_NAME)).settings)

    async def work() -> int:
        detail: dict[str, object] = {"act": "propose", "digest": digest, "by": by, "why": why}
        async with _opened(loaded, detail) as connection:
            return await baseline.propose(connection, text, why, by=by, now=now())

    number = run(work())
    click.echo(
        f"version {number} is put forward; somebody else looks at it with `wireroom settings show --version {number}`, "
        f"then: wireroom settings approve {number} --by …"
    )


@settings.command("approve")
@click.argument("number", metavar="VERSION", type=click.IntRange(1))
@_by
@config_option
def settings_approve(number: int, by: str, config: Path | None) -> None:
    """Approve a version that somebody else put forward. The switch reads its own file, at its next start."""
    loaded = loaded_from(config, made=True)

    async def work() -> baseline.Version:
        async with _opened(loaded, {"act": "approve", "version": number, "by": by}) as connection:
            return await baseline.approve(connection, number, by=by, now=now())

    one = run(work())
    click.echo(f"version {number} ({one.digest}) is approved")


@settings.command("history")
@json_option
@config_option
def settings_history(as_json: bool, config: Path | None) -> None:
    """Every version that was put forward, and which of them is in force."""
    loaded = loaded_from(config, made=True)

    async def work() -> tuple[baseline.Version, ...]:
        async with _opened(loaded) as connection:
            return await baseline.versions(connection)

    found, digest = run(work()), baseline.digest_of(loaded.settings)
    if as_json:
        print_json({"in_force": digest, "versions": found})
        return
    print_table(
        ("Version", "Digest", "", "Why", "Put forward by", "On", "Approved by", "On"),
        [
            (one.version, one.digest, "in force" if one.digest == digest else "", one.words, one.proposed_by,
             timed(one.proposed_at), one.approved_by, timed(one.approved_at) if one.approved_at else "")
            for one in found
        ],
    )  # fmt: skip


@settings.command("show")
@click.option("--version", "number", required=True, type=click.IntRange(1), help="Which version.")
@json_option
@config_option
def settings_show(number: int, as_json: bool, config: Path | None) -> None:
    """The text of one version, and with --json how it differs from what is in force."""
    loaded = loaded_from(config, made=True)

    async def work() -> baseline.Version:
        async with _opened(loaded) as connection:
            return await baseline.version(connection, number)

    one = run(work())
    if not as_json:
        click.echo(one.text, nl=not one.text.endswith("\n"))
        return
    theirs = baseline.shown(read(one.text, Path(FILE_NAME)).settings)
    changed = baseline.differences(baseline.shown(loaded.settings), theirs)
    print_json(msgspec.structs.asdict(one) | {"differences": changed})


@settings.command("restore")
@click.argument("number", metavar="VERSION", type=click.IntRange(1))
@config_option
def settings_restore(number: int, config: Path | None) -> None:
    """Write an approved version over the file in use, which stays beside it. It counts from the next start."""
    loaded = loaded_from(config, made=True)
    file = loaded.file or Path(FILE_NAME)

    async def work() -> Path:
        async with _opened(loaded, {"act": "restore", "version": number}) as connection:
            return baseline.put_back(await baseline.version(connection, number), file)

    former = run(work())
    click.echo(f"{file} is version {number} again, from the next start on; what stood there is in {former}")
