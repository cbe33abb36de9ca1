"""Commands about the system itself: its alarms, its own files, the journal's room, the drill of a backup."""

from __future__ import annotations

import time
from pathlib import Path

import click
import msgspec

from wireroom.app import AppError
from wireroom.app.assemble import connect, database_name, engine, now
from wireroom.app.console import (
    FROM_OUTSIDE,
    bar,
    config_option,
    json_option,
    loaded_from,
    print_json,
    print_table,
    run,
)
from wireroom.app.database import open_as
from wireroom.app.keys import keys_of
from wireroom.app.noting import note_down
from wireroom.app.roles import OVERSIGHT
from wireroom.app.settings import Loaded
from wireroom.app.watching import alarms as kept
from wireroom.app.watching import backups, chores, integrity
from wireroom.app.watching.looking import room_now
from wireroom.app.watching.running import detail_of
from wireroom.app.watching.watches import BY_NAME, WATCHES
from wireroom.journal.tags import Tag
from wireroom.message.acting import COMMAND, READER
from wireroom.message.local import timed
from wireroom.oversight.room import Room

GIB = 1 << 30


@click.command()
@click.option("--all", "every", is_flag=True, help="Those that are over, too.")
@click.option("--watches", is_flag=True, help="What is watched, and what to do about each, instead.")
@json_option
@config_option
def alarms(every: bool, watches: bool, as_json: bool, config: Path | None) -> None:
    """The alarms under way, with what to do. Exit code 1 where there are any."""
    if watches:
        rows = [(one.name, one.looks_at, one.do) for one in WATCHES]
        if as_json:
            print_json([dict(zip(("watch", "looks_at", "do"), row, strict=True)) for row in rows])
        else:
            print_table(("Watch", "Looks at", "What to do"), rows)
        return

    async def work(loaded: Loaded) -> tuple[kept.Alarm, ...]:
        async with engine(loaded, database_name(loaded)) as dsn:
            connection = await connect(dsn, acts=COMMAND)
            try:
                return await kept.listed(connection, every=every)
            finally:
                await connection.close()

    found = run(work(loaded_from(config, made=True)))
    if as_json:
        print_json([msgspec.structs.asdict(one) | {"do": _do(one)} for one in found])
    else:
        print_table(
            ("Watch", "About", "Since", "Until", "Told", "What", "What to do"),
            [
                (one.watch, one.about, timed(one.began_at), timed(one.ended_at) if one.ended_at else "",
                 timed(one.told_at) if one.told_at else "", one.words, _do(one))
                for one in found
            ],
        )  # fmt: skip
    raise SystemExit(1 if any(one.ended_at is None for one in found) else 0)


def _do(one: kept.Alarm) -> str:
    return BY_NAME[one.watch].do if one.watch in BY_NAME else ""


# --------------------------------------------------------------------------- the program's own files


@click.group(name="integrity")
def integrity_() -> None:
    """The program's own files: check them against what was installed, or seal them as they are."""


@integrity_.command("check")
@json_option
@config_option
def integrity_check(as_json: bool, config: Path | None) -> None:
    """Compare every file of the program and of its packages with what was installed. Exit code 1 where one differs.

    The switch does the same each week. What came of it is written into the journal, and the alarm follows it.
    """
    loaded = loaded_from(config, made=True)
    sealer = integrity.Sealer(keys_of(loaded).integrity_seed())
    checked = integrity.check(integrity.read_seal(_seal_file(loaded), sealer))

    async def work() -> None:
        async with engine(loaded, database_name(loaded)) as dsn:
            await note_down(loaded, dsn, Tag.FILES_CHECKED, FROM_OUTSIDE, detail_of(checked))
            connection = await connect(dsn, acts=COMMAND)
            try:
                said = msgspec.json.encode(checked.wrong).decode()
                await chores.record(connection, chores.FILES, said, now())
            finally:
                await connection.close()

    run(work())
    if as_json:
        print_json(checked)
    else:
        for one in checked.wrong:
            click.echo(f"NOT AS INSTALLED: {one}")
        by = f"the seal of {checked.sealed_at}" if checked.sealed_at else "their RECORD, which nobody sealed"
        click.echo(f"{checked.files:,} files of {checked.packages} packages compared with {by}")
    raise SystemExit(1 if checked.wrong else 0)


@integrity_.command("seal")
@json_option
@config_option
def integrity_seal(as_json: bool, config: Path | None) -> None:
    """Take the program's files as they are now for right, and sign that with a key of this installation.

    Do it right after an installation that you trust, and after each upgrade; keep a copy of the seal elsewhere.
    """
    loaded = loaded_from(config, made=True)
    path = _seal_file(loaded)
    seal = integrity.Sealer(keys_of(loaded).integrity_seed()).seal(now())

    async def work() -> None:
        async with engine(loaded, database_name(loaded)) as dsn:
            digest = integrity.digest_of(seal)
            detail: dict[str, object] = {
                "files": len(seal.files),
                "packages": len(seal.records),
                "digest": digest,
            }
            await note_down(loaded, dsn, Tag.FILES_SEALED, FROM_OUTSIDE, detail)
        integrity.write_seal(path, seal)

    run(work())
    if as_json:
        print_json({"path": str(path), "files": len(seal.files), "packages": len(seal.records)})
    else:
        click.echo(f"{len(seal.files):,} files and {len(seal.records)} packages are sealed in {path}")


def _seal_file(loaded: Loaded) -> Path:
    return loaded.data_folder / integrity.SEAL_NAME


# --------------------------------------------------------------------------- under `wireroom journal`


@click.command("room")
@json_option
@config_option
def journal_room(as_json: bool, config: Path | None) -> None:
    """How much room the journal takes in a day, and how long the disk lasts. Exit code 1 where that is too short."""
    loaded = loaded_from(config, made=True)

    async def work() -> Room:
        async with engine(loaded, database_name(loaded)) as dsn:
            await note_down(loaded, dsn, Tag.JOURNAL_MEASURED, FROM_OUTSIDE, {})
            pool = await open_as(dsn, OVERSIGHT, 1, actor=READER)
            try:
                return await room_now(loaded, pool, now())
            finally:
                await pool.close()

    found = run(work())
    if as_json:
        print_json(msgspec.structs.asdict(found) | {"enough": found.enough})
    else:
        print_table(("What", "Value"), _room_rows(found))
    raise SystemExit(1 if found.enough is False else 0)


def _room_rows(found: Room) -> list[tuple[str, str]]:
    unknown = "not known before six hours of entries"
    free = (
        "the disk is on another machine" if found.free_bytes is None else f"{found.free_bytes / GIB:,.1f} GiB"
    )
    needed = unknown if found.needed_bytes is None else f"{found.needed_bytes / GIB:,.2f} GiB"
    lasts = unknown if found.lasts_days is None else f"{found.lasts_days:,} days"
    return [
        ("entries", f"{found.entries:,}"),
        ("room that they take", f"{found.bytes / GIB:,.3f} GiB, {found.bytes_an_entry:,} bytes each"),
        ("in a day", f"{found.entries_a_day:,} entries, {found.bytes_a_day / (1 << 20):,.1f} MiB"),
        ("free on the disk", free),
        ("of that in reserve", f"{found.reserve_bytes / (1 << 20):,.0f} MiB"),
        ("to be kept", f"{found.keep_days:,} days; {found.held_days:,} are there"),
        ("still needed for that", needed),
        ("at this rate the disk lasts", lasts if found.free_bytes is not None else "not known here"),
    ]


# --------------------------------------------------------------------------- under `wireroom database`


@click.command("drill")
@click.option(
    "--path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The backup; without it the newest in backups.folder.",
)
@json_option
@config_option
def database_drill(path: Path | None, as_json: bool, config: Path | None) -> None:
    """Bring a backup back into a scratch database beside the running one, prove its journal, and drop it.

    The switch may run meanwhile. Exit code 1 where the backup would not do, or took longer than 24 hours.
    """
    loaded = loaded_from(config, made=True)
    if path is None:
        if not loaded.settings.backups.folder:
            raise AppError(
                "no backups are made by the clock here: name one with --path, or set [backups] folder"
            )
        path = backups.newest(loaded.path(loaded.settings.backups.folder))
    chosen = path

    async def work() -> backups.Drilled:
        keys = keys_of(loaded)
        async with engine(loaded, database_name(loaded)) as dsn:
            with bar("Restoring") as progress:
                done = await backups.drill(
                    dsn, chosen, keys.master(), texts=lambda there: keys.texts(there, now),
                    vkey=keys.signer(loaded.settings.journal.origin).key.vkey, clock=now,
                    monotonic=time.monotonic, progress=progress,
                )  # fmt: skip
            detail = msgspec.to_builtins(done) | {"good": done.good}
            await note_down(loaded, dsn, Tag.DATABASE_DRILLED, FROM_OUTSIDE, detail)
            return done

    done = run(work())
    if as_json:
        print_json(msgspec.structs.asdict(done) | {"good": done.good})
    else:
        click.echo(
            f"{done.path} of {done.made_at} was back in {done.seconds:,.1f} seconds (24 hours are "
            f"{done.goal_seconds:,.0f}): {done.entries:,} entries, {done.records:,} records, {done.accounts:,} accounts"
        )
        click.echo(_tree_words(done))
    raise SystemExit(0 if done.good else 1)


def _tree_words(done: backups.Drilled) -> str:
    if done.trouble:
        return f"ITS JOURNAL IS NOT WHOLE: {done.trouble}"
    if not done.same:
        return f"THE RUNNING JOURNAL HAS NO CHECKPOINT of {done.size:,} entries with the root {done.root}"
    return f"its journal is whole, and its checkpoint of {done.size:,} entries is the running journal's own"
