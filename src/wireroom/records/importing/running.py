"""Runs an import from where it stopped to its end: one chunk is read while two are on their way into the database."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import asyncpg
import msgspec

from wireroom.records.importing import CannotImport
from wireroom.records.importing.storing import Note, Prepared, Refused, Store, go_on, refused_of
from wireroom.records.importing.worker import Ahead, Job, at_work

CHUNK = 20_000  # lines
DIGEST_BLOCK = 1 << 20
SMALL_BYTES = 1 << 20  # a file that is read where it is stored: a process takes longer to begin

BEGIN = """
insert into import_run (key, digest, name, file, owner, started_at, changed_at, position, line, entered, refused,
                        rejects, checked, done)
values ($1, $2, $3, $4, $5, $6, $6, 0, 1, 0, 0, 0, false, false) on conflict (key) do nothing
"""
STATE = """
select position, line, entered, refused, rejects, checked, done from import_run where key = $1
"""
CHECKED = "update import_run set checked = true where key = $1"
DONE = "update import_run set done = true, changed_at = $2 where key = $1"
FORGET = "delete from import_run where key = $1"
ALONE = "select pg_try_advisory_lock(hashtextextended($1, 1))"


class Run(msgspec.Struct, frozen=True):
    """How far an import is, as the database knows it."""

    position: int = 0
    line: int = 1
    entered: int = 0
    refused: int = 0
    rejects: int = 0  # bytes of the list of refused lines that belong to what is stored
    checked: bool = False
    done: bool = False


class Digest(msgspec.Struct, frozen=True):
    """What a file is: its SHA-256 and its size."""

    sha256: str
    bytes: int


def digest_of(path: Path) -> Digest:
    """The digest of a file, read once from end to end."""
    made, size = hashlib.sha256(), 0
    with path.open("rb") as handle:
        while block := handle.read(DIGEST_BLOCK):
            made.update(block)
            size += len(block)
    return Digest(made.hexdigest(), size)


async def begun(
    connection: asyncpg.Connection,
    key: str,
    *,
    digest: str,
    name: str,
    file: str,
    owner: str,
    at: datetime,
    again: bool = False,
) -> Run:
    """The import of this key, begun where it was not. Raises CannotImport while another process is at it."""
    if not await connection.fetchval(ALONE, f"import/{file}/{owner}"):
        raise CannotImport(f"another import of {owner} into {file} runs at this moment: wait for its end")
    if again:
        await connection.execute(FORGET, key)
    await connection.execute(BEGIN, key, digest, name, file, owner, at)
    row = await connection.fetchrow(STATE, key)
    assert row is not None, "it was just made"
    return Run(**dict(row))


async def ended(connection: asyncpg.Connection, key: str, at: datetime) -> Run:
    """The import is done; what it came to."""
    await connection.execute(DONE, key, at)
    row = await connection.fetchrow(STATE, key)
    assert row is not None, "it was begun"
    return Run(**dict(row))


class Rejects:
    """The list of refused lines, one JSON object a line, and never more than belongs to what is stored."""

    def __init__(self, path: Path, kept: int) -> None:
        if kept and (not path.exists() or path.stat().st_size < kept):
            raise CannotImport(
                f"{path} does not hold the lines that were refused so far: name the list of the last time, --rejects"
            )
        self._handle: BinaryIO = path.open("r+b" if path.exists() else "w+b")
        self._handle.truncate(kept)
        self._handle.seek(kept)
        self.path, self.size = path, kept

    def add(self, refused: list[Refused]) -> None:
        """Writes lines, on the disk when this returns."""
        if refused:
            self._handle.write(b"".join([msgspec.json.encode(one) + b"\n" for one in refused]))
            self._handle.flush()
            os.fsync(self._handle.fileno())
            self.size = self._handle.tell()

    def close(self) -> None:
        """Nothing more is refused."""
        self._handle.close()


class Pipeline:
    """Stores chunks over two connections in turn; each commits after the one before it, so an end is always clean."""

    def __init__(
        self,
        store: Store,
        connections: tuple[asyncpg.Connection, asyncpg.Connection, asyncpg.Connection],
        *,
        key: str,
        run: Run,
        rejects: Rejects,
        ids: Callable[[int], list[int]],
        note: Note,
        progress: Callable[[int], None],
    ) -> None:
        self._store, self._key, self._rejects = store, key, rejects
        self._lines, self._numbering = connections[:2], connections[2]
        self._ids, self._note, self._progress = ids, note, progress
        self._position = run.position
        self._before: Prepared | None = None
        self._storing: list[asyncio.Task[None]] = []  # two at most, the older first

    async def run(self, ahead: Ahead) -> None:
        """Stores all that comes. Whatever goes wrong, what was committed stays and the rest has not been."""
        turn = 0
        gc.freeze()  # nothing of what was there before is looked through for circles while this lasts
        gc.disable()  # and chunks have none: one look after each is enough for what the driver leaves
        try:
            while True:
                checked, at = await ahead.take()
                if checked is None:
                    break
                if len(self._storing) == 2:
                    await self._storing.pop(0)
                connection = self._lines[turn % 2]
                transaction = connection.transaction()
                await transaction.start()
                try:
                    prepared = await self._store.prepare(
                        connection,
                        self._numbering,
                        checked,
                        at,
                        self._ids(len(checked.numbers)),
                        self._before,
                    )
                except BaseException:
                    await transaction.rollback()
                    raise
                former = self._storing[-1] if self._storing else None
                self._before = prepared
                self._storing.append(
                    asyncio.create_task(self._put(connection, transaction, prepared, former))
                )
                turn += 1
                gc.collect()
            while self._storing:
                await self._storing.pop(0)
        finally:
            gc.enable()
            gc.unfreeze()
            for task in self._storing:
                task.cancel()
            await asyncio.gather(*self._storing, return_exceptions=True)
            await ahead.end()

    async def _put(
        self,
        connection: asyncpg.Connection,
        transaction: asyncpg.transaction.Transaction,
        prepared: Prepared,
        former: asyncio.Task[None] | None,
    ) -> None:
        try:
            await self._store.records(connection, prepared)
            if former is not None:
                await asyncio.shield(former)
            await self._store.rest(connection, prepared, self._note)
            self._rejects.add(refused_of(prepared))
            await go_on(connection, self._key, self._position, prepared, self._rejects.size)
        except BaseException:
            if not connection.is_closed():
                await transaction.rollback()
            raise
        await transaction.commit()
        self._position = prepared.checked.offset
        self._progress(self._position)


async def check_all(
    job: Job, at: datetime, rejects: Rejects, progress: Callable[[int], None]
) -> tuple[int, int]:
    """How many lines there are and how many of them are faulty, which are listed; nothing is entered."""
    lines = faulty = 0
    with at_work(job, apart=False) as ask:
        while (checked := await asyncio.to_thread(ask, at)) is not None:
            told = dict(checked.chunk.faulty)
            lines, faulty = lines + len(checked.numbers), faulty + len(told)
            rejects.add(
                [
                    Refused(checked.numbers[p], told[p], checked.raws[p].decode("utf-8", "backslashreplace"))
                    for p in sorted(told)
                ]
            )
            progress(checked.offset)
    return lines, faulty
