"""Commands about keys, and about backups, which nothing but the keys opens."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

import click

from wireroom.app import AppError, backing
from wireroom.app.assemble import database_name, engine, now
from wireroom.app.console import FROM_OUTSIDE, bar, config_option, json_option, loaded_from, print_json, run
from wireroom.app.keyring import Keyring, KeysStatus
from wireroom.app.keys import keys_of
from wireroom.app.keyservice import KeyServer
from wireroom.app.noting import note_down
from wireroom.app.settings import Loaded
from wireroom.journal.tags import Tag

LOG_BYTES_MAX = 64 * 1024 * 1024
LOGS_KEPT = 16


@click.group()
def keys() -> None:
    """The master keys: hold them in a process apart, rotate them, see what there is."""


@keys.command("serve")
@config_option
def keys_serve(config: Path | None) -> None:
    """Hold the master keys, for the processes that keys.service in their settings leads here, until stopped.

    Run it under an account of its own or the switch's, without the database. Each use is a line in keys.log beside
    the keys: what was done, how often, for which process; never a key or a value.
    """
    loaded = loaded_from(config)
    if loaded.key_service is None:
        raise AppError('keys.service is empty: name a socket under [keys], as service = "keys.socket"')
    run(_serve(loaded, loaded.key_service))


async def _serve(loaded: Loaded, socket: Path) -> None:
    settings, folder = loaded.settings.keys, loaded.keyring_folder
    ring = Keyring(folder)
    ring.newest()
    _log_into(folder / "keys.log")
    server = KeyServer(
        ring,
        socket,
        blinds_a_second_max=settings.blinds_a_second_max,
        keys_a_minute_max=settings.keys_a_minute_max,
        monotonic=time.monotonic,
    )
    await server.start()
    try:
        click.echo(f"Keys at {socket}, version {ring.newest()}")
        await asyncio.Event().wait()
    finally:
        await server.close()


def _log_into(path: Path) -> None:
    """The log of uses, readable by its owner alone; kept by size."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES_MAX, backupCount=LOGS_KEPT, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    uses = logging.getLogger("wireroom.app.keyservice")
    uses.setLevel(logging.INFO)
    uses.propagate = False
    uses.addHandler(handler)


@keys.command("rotate")
@json_option
@config_option
def keys_rotate(as_json: bool, config: Path | None) -> None:
    """Make a new version of the master key, for all that is sealed from now on. What was sealed before still opens.

    On the machine that holds the keys. Processes that run follow within a minute; secret fields of records follow
    when they are started anew. Copy the folder of the keys to a safe place afterwards.
    """
    ring = Keyring(loaded_from(config).keyring_folder)
    version = ring.rotate()
    if as_json:
        print_json({"version": version})
    else:
        click.echo(f"version {version} seals from now on; keep a copy of the keys apart from the backups")


@keys.command("status")
@json_option
@config_option
def keys_status(as_json: bool, config: Path | None) -> None:
    """Which versions of the master key there are, and who holds them. Exit code 2 where they cannot be had."""
    status: KeysStatus = keys_of(loaded_from(config)).master().status()
    if as_json:
        print_json(status)
    else:
        held = (
            "in this machine's files" if status.service == "here" else f"by the service on {status.service}"
        )
        click.echo(f"version {status.newest} seals; {len(status.versions)} in all, held {held}")


# --------------------------------------------------------------------------- backups, under `wireroom database`


@click.command("backup")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@config_option
def database_backup(path: Path, as_json: bool, config: Path | None) -> None:
    """Write the whole database to PATH, encrypted. The switch may run meanwhile.

    Only the master key opens it, and is not in it: keep both, and not together.
    """
    loaded = loaded_from(config, made=True)

    async def work() -> backing.BackedUp:
        async with engine(loaded, database_name(loaded)) as dsn:
            await note_down(loaded, dsn, Tag.DATABASE_BACKED_UP, FROM_OUTSIDE, {"path": path.name})
            with bar("Backing up") as progress:
                master = keys_of(loaded).master()
                return await backing.backup(dsn, path, master, at=now(), progress=progress)

    done = run(work())
    if as_json:
        print_json(done)
    else:
        click.echo(f"{done.bytes:,} bytes in {path}, encrypted")


@click.command("restore")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@config_option
def database_restore(path: Path, as_json: bool, config: Path | None) -> None:
    """Put the backup in PATH in the place of the database. Stop the switch first.

    A backup that was altered or cut off is refused, and the database stays as it was. What was there before is kept
    under another name, until you drop it. The journal is then as old as the backup: compare it with a checkpoint that
    was kept elsewhere.
    """
    loaded = loaded_from(config)

    async def work() -> backing.Restored:
        async with engine(loaded, database_name(loaded)) as dsn:
            with bar("Restoring") as progress:
                master = keys_of(loaded).master()
                restored = await backing.restore(dsn, path, master, at=now(), progress=progress)
            detail: dict[str, object] = {"made_at": restored.made_at, "former": restored.former}
            await note_down(loaded, dsn, Tag.DATABASE_RESTORED, FROM_OUTSIDE, detail)
            return restored

    done = run(work())
    if as_json:
        print_json(done)
    else:
        click.echo(f"restored as of {done.made_at}; what was there before is the database {done.former}")
