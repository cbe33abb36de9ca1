"""Backups of the whole database, encrypted on their way to the disk, and their way back."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg
import msgspec

from wireroom import __version__
from wireroom.app import AppError
from wireroom.app.archive import About, read_archive, write_archive
from wireroom.app.database import Version, connect, read_version, refuse_if_newer
from wireroom.app.locks import unlocked
from wireroom.app.programs import find
from wireroom.app.schema import upgrade
from wireroom.journal.sealing import Master
from wireroom.message.acting import MAINTENANCE

WORK_S = 3_600
SAID_BYTES_MAX = 2_000
PIECE_BYTES = 1 << 18

Progress = Callable[[int, int], None]


class BackedUp(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    path: str
    bytes: int
    schema: int


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What was put back, and where what was there before is now."""

    made_at: str
    schema: int
    former: str  # the name of the database that was replaced


class _Program:
    """A program of PostgreSQL with one end of a pipe. What it says of errors is kept; its line holds no password."""

    def __init__(self, dsn: str, name: str, options: Sequence[str], *, reads: bool) -> None:
        parts = urlsplit(dsn)
        who, _, where = parts.netloc.rpartition("@")
        user, _, password = who.partition(":")
        plain = parts._replace(netloc=f"{user}@{where}").geturl()
        self._name = name
        program = find(None).folder / name
        self.process = subprocess.Popen(  # noqa: S603 - a program that we found ourselves
            [str(program), *options, "--dbname", plain],
            stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if reads else subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={
                "PATH": "/usr/bin:/bin",
                "LC_ALL": "C",
                "TZ": "UTC",
                "PGPASSWORD": unquote(password),
                "PGOPTIONS": " ".join(
                    f"-c {name}={value}" for name, value in MAINTENANCE.of_connection.items()
                ),
            },
        )
        self._said = b""
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def _listen(self) -> None:
        assert self.process.stderr is not None, "it was asked for"
        for line in self.process.stderr:
            self._said = (self._said + line)[-SAID_BYTES_MAX:]

    def end(self) -> None:
        """Waits for its end. Raises AppError where it was not a good one."""
        status = self.process.wait()
        self._close()
        if status != 0:
            raise AppError(f"{self._name} ended with {status}: {self._said.decode(errors='replace').strip()}")

    def kill(self) -> None:
        """Ends it, whatever it does."""
        self.process.kill()
        self.process.wait()
        self._close()

    def _close(self) -> None:
        self._listening.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


async def backup(dsn: str, path: Path, master: Master, *, at: datetime, progress: Progress) -> BackedUp:
    """Writes the database as it stands at one moment. The switch may run meanwhile. Raises AppError."""
    async with connect(dsn) as connection:
        version = await read_version(connection)
        if bare := await unlocked(connection):  # else some of their rows might be left out, and nobody told
            raise AppError(
                f"rows of {', '.join(bare)} are not locked as declared; run `wireroom database upgrade`, then try again"
            )
        total = await connection.fetchval("SELECT pg_database_size(current_database())")

    started: list[_Program] = []

    def work() -> int:
        program = _Program(
            dsn, "pg_dump", ("--format=custom", "--compress=1", "--enable-row-security"), reads=False
        )
        started.append(program)
        try:
            return write_archive(
                path, _read(program, lambda done: progress(min(done, total), total)), master,
                made_at=f"{at:%FT%TZ}", schema=version.schema, code=__version__,
            )  # fmt: skip
        except BaseException:
            program.kill()
            raise

    try:
        size = await asyncio.to_thread(work)
    except asyncio.CancelledError:
        for program in started:  # its thread sees the end of it, and leaves nothing
            program.process.kill()
        raise
    except OSError as error:
        raise AppError(f"{error.filename or path} cannot be written: {error.strerror or error}") from error
    return BackedUp(path=str(path), bytes=size, schema=version.schema)


def _read(program: _Program, progress: Callable[[int], None]) -> Iterator[bytes]:
    """All that a program writes; its bad end is raised before the last chunk is sealed as such."""
    assert program.process.stdout is not None, "it was asked for"
    done = 0
    while piece := program.process.stdout.read(PIECE_BYTES):
        yield piece
        done += len(piece)
        progress(done)
    program.end()


async def restore(dsn: str, path: Path, master: Master, *, at: datetime, progress: Progress) -> Restored:
    """Puts a backup in the place of the database, which stays beside it under another name.

    Everything is read, proved and made beside it first: of an archive that was altered or cut off, or made by a newer
    program, nothing remains, and the database is as it was. Raises AppError, BadArchive among them.
    """
    name = unquote(urlsplit(dsn).path.removeprefix("/"))
    half, former = f"{name}_restoring", f"{name}_before_{at:%Y%m%d%H%M%S}"
    about = await beside(dsn, half, path, master, progress=progress)
    try:
        await _swap(dsn, name, half, former)
    except BaseException:
        await drop(dsn, half)
        raise
    return Restored(made_at=about.made_at, schema=about.schema, former=former)


async def beside(dsn: str, half: str, path: Path, master: Master, *, progress: Progress) -> About:
    """Makes a database of another name from a backup, whole or not at all. Raises AppError, BadArchive among them."""
    try:
        about, content, total = await asyncio.to_thread(read_archive, path, master)
    except OSError as error:
        raise AppError(f"{path} cannot be read: {error.strerror or error}") from error
    refuse_if_newer(Version(schema=about.schema, oldest_code=about.code, written_by=about.code))
    await _admin(dsn, f"DROP DATABASE IF EXISTS {_quoted(half)}")
    await _admin(dsn, f"CREATE DATABASE {_quoted(half)} ENCODING 'UTF8' TEMPLATE template0")
    try:
        there = named(dsn, half)
        await asyncio.to_thread(_pour, there, content, lambda done: progress(min(done, total), total))
        await upgrade(there)
    except BaseException:
        await drop(dsn, half)
        raise
    return about


def named(dsn: str, database: str) -> str:
    """The address of another database on the same server."""
    return urlsplit(dsn)._replace(path=f"/{database}").geturl()


async def drop(dsn: str, database: str) -> None:
    """Takes away a database that was made beside; what cannot be taken away stays for the next time."""
    with suppress(AppError):
        await _admin(dsn, f"DROP DATABASE IF EXISTS {_quoted(database)} WITH (FORCE)")


def proved(path: Path, master: Master, stop: threading.Event) -> None:
    """Reads a backup to its end, unless told to stop. Raises BadArchive where it would not come back."""
    try:
        for _ in read_archive(path, master)[1]:
            if stop.is_set():
                return
    except OSError as error:
        raise AppError(f"{path} cannot be read: {error.strerror or error}") from error


def _pour(dsn: str, content: Iterator[bytes], progress: Callable[[int], None]) -> None:
    program = _Program(dsn, "pg_restore", ("--exit-on-error", "--single-transaction"), reads=True)
    assert program.process.stdin is not None, "it was asked for"
    done = 0
    try:
        for chunk in content:
            try:
                program.process.stdin.write(chunk)
            except BrokenPipeError:
                break  # it says why at its end
            done += len(chunk)
            progress(done)
        with suppress(BrokenPipeError):
            program.process.stdin.close()
        program.end()
    except BaseException:
        program.kill()
        raise


async def _swap(dsn: str, name: str, half: str, former: str) -> None:
    """Both names change in one transaction."""
    async with connect(dsn, database="postgres", seconds=WORK_S) as connection:
        try:
            async with connection.transaction():
                await connection.execute(f"ALTER DATABASE {_quoted(name)} RENAME TO {_quoted(former)}")
                await connection.execute(f"ALTER DATABASE {_quoted(half)} RENAME TO {_quoted(name)}")
        except asyncpg.ObjectInUseError as error:
            raise AppError(
                f"the database {name} is in use, so nothing was restored: stop every Wireroom on it, then try again"
            ) from error


async def _admin(dsn: str, statement: str) -> None:
    async with connect(dsn, database="postgres", seconds=WORK_S) as connection:
        await connection.execute(statement)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
