"""Imports and exports files of records; what is done stands in the journal first."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import asyncpg
import msgspec

from wireroom.app import AppError
from wireroom.app.assemble import clock_ms, connect, database_name, engine, now
from wireroom.app.console import FROM_OUTSIDE
from wireroom.app.handing_out import HandedOut, refuse_archive, scratch, seal, user
from wireroom.app.keys import Keys, keys_of
from wireroom.app.living import catalogue_of
from wireroom.app.noting import note_down
from wireroom.app.roles import SWITCH
from wireroom.app.settings import Loaded
from wireroom.app.upkeep import patient
from wireroom.catalog.file import File, Source
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds import Bad
from wireroom.catalog.kinds_of_number import Ori
from wireroom.journal.entry import Entry
from wireroom.journal.numbers import BATCH_MAX, NumberMaker
from wireroom.journal.sealing import Texts
from wireroom.journal.tags import Tag
from wireroom.journal.writer import Writer, last_number
from wireroom.message.acting import COMMAND
from wireroom.message.local import day_of
from wireroom.message.passing import Passing, faults, mark, told
from wireroom.records.exporting import Wanted, write_records
from wireroom.records.importing import CannotImport
from wireroom.records.importing import running as steps
from wireroom.records.importing.lines import Format
from wireroom.records.importing.storing import Note, Store, Stored, Terms
from wireroom.records.importing.worker import Ahead, Job, at_work
from wireroom.records.vault import Vault
from wireroom.switch import worker as workers

log = logging.getLogger(__name__)
JOURNAL_S = 60.0  # for one entry, while the disk is busy with a chunk
Progress = Callable[[int, int], None]
Bar = Callable[[str], AbstractContextManager[Progress]]


class ImportPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is imported, for whom, and how."""

    path: Path
    written: Format
    code: str
    ori: str
    person: str
    key: str = ""
    rejects: Path | None = None
    test: bool = False
    verified_by: str = ""
    all_or_nothing: bool = False
    again: bool = False


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an import, in all: what earlier runs entered of the same file too."""

    file: str
    owner: str
    path: str
    sha256: str
    lines: int
    entered: int
    refused: int
    rejects: str
    went_on_from_line: int = 1
    done: bool = True  # False where --all-or-nothing found a faulty line: then nothing was entered
    was_done: bool = False  # by an earlier run: this one entered nothing


# --------------------------------------------------------------------------- importing


async def import_file(loaded: Loaded, plan: ImportPlan, bar: Bar) -> Imported:
    """Enters the lines of a file, or goes on where an earlier run stopped. Raises AppError where it cannot."""
    catalogue = catalogue_of(loaded)
    file, key = _entry(catalogue, plan)
    terms = Terms(
        file=file, owner=_ori(plan.ori), person=plan.person, test=plan.test, checked_by=plan.verified_by
    )
    job = Job(
        plan.path,
        plan.written,
        file,
        key,
        partial(vault_in, loaded.secrets_folder, loaded.key_service),
        steps.CHUNK,
    )
    try:
        refuse_archive(plan.path)
        digest = await asyncio.to_thread(steps.digest_of, plan.path)
        with at_work(job, apart=False):
            pass  # the header is read: what is wrong with it is told before a database is begun
        async with engine(loaded, database_name(loaded)) as dsn:
            return await _import(loaded, dsn, plan, terms, job, digest, bar)
    except CannotImport as error:
        raise AppError(f"{plan.path.name}: {error}") from error
    except OSError as error:
        raise AppError(f"{error.filename or plan.path} cannot be used: {error.strerror or error}") from error


async def _import(
    loaded: Loaded, dsn: str, plan: ImportPlan, terms: Terms, job: Job, digest: steps.Digest, bar: Bar
) -> Imported:
    path = plan.rejects or plan.path.with_name(f"{plan.path.name}.rejects.jsonl")
    kind = "test" if terms.test else "live"
    key = "/".join((digest.sha256, terms.file.code, job.key, terms.owner, kind))
    said = partial(_told, plan, terms, digest, path)
    async with AsyncExitStack() as stack:
        lines = (await _line(dsn, stack), await _line(dsn, stack), await _line(dsn, stack))
        control = lines[2]
        await _refuse_seat(control, terms)
        run = await steps.begun(
            control, key, digest=digest.sha256, name=plan.path.name, file=terms.file.code, owner=terms.owner,
            at=now(), again=plan.again,
        )  # fmt: skip
        if run.done:
            return said(run, was_done=True)
        began = await _note(
            loaded, dsn, terms, {"began": said(run, done=False), "key": job.key, "test": terms.test}
        )
        rejects = steps.Rejects(path, run.rejects)
        stack.callback(rejects.close)
        if plan.all_or_nothing and not run.checked:
            count, faulty = await _check(job, rejects, digest, bar)
            if faulty:
                result = msgspec.structs.replace(said(run, done=False), lines=count, refused=faulty)
                await _note(loaded, dsn, terms, {"ended": result, "began": began})
                return result
            await control.execute(steps.CHECKED, key)
        numbers = await stack.enter_async_context(Numbers.leased(dsn))
        with bar("Importing") as progress:
            pipeline = steps.Pipeline(
                Store(terms, job.vault()), lines, key=key, run=run, rejects=rejects, ids=numbers.many,
                note=_chunk_note(keys_of(loaded).texts(dsn, now), numbers, terms, began),
                progress=lambda done: progress(min(done, digest.bytes), digest.bytes),
            )  # fmt: skip
            rest = msgspec.structs.replace(job, offset=run.position, line=run.line)
            with at_work(rest, apart=digest.bytes - run.position >= steps.SMALL_BYTES) as ask:
                await pipeline.run(Ahead(ask, now))
        after = await steps.ended(control, key, now())
        result = said(after, went_on_from_line=run.line)
        await _note(loaded, dsn, terms, {"ended": result, "began": began})
        return result


async def _check(job: Job, rejects: steps.Rejects, digest: steps.Digest, bar: Bar) -> tuple[int, int]:
    """How many lines there are, and how many of them are faulty."""
    with bar("Checking") as progress:
        return await steps.check_all(
            job, now(), rejects, lambda done: progress(min(done, digest.bytes), digest.bytes)
        )


async def _refuse_seat(connection: asyncpg.Connection, terms: Terms) -> None:
    """Training never meets what is live: an agency of the one kind enters nothing of the other."""
    test = await connection.fetchval("select test from agency where ori = $1", terms.owner)
    if test is None:
        log.warning(
            "%s is no agency of ours: nobody will be told of what becomes of its records", terms.owner
        )
    elif test != terms.test:
        why = "is for training: give --test" if test else "is not for training: leave --test out"
        raise AppError(f"{terms.owner} {why}")


def _chunk_note(texts: Texts, numbers: Numbers, terms: Terms, began: int) -> Note:
    writer = Writer(os.urandom, texts, timeout_s=JOURNAL_S)

    async def note(connection: asyncpg.Connection, stored: Stored) -> int:
        number = numbers.one()
        detail = {
            "import": began,
            "file": terms.file.code,
            "lines": list(stored.lines),
            "entered": stored.entered,
            "refused": stored.refused,
            "numbers": [stored.first_number, stored.last_number] if stored.entered else [],
        }
        entry = Entry(
            number, Tag.RECORDS_IMPORTED, stored.at, transaction=began, ori=terms.owner, person=terms.person,
            detail=detail,
        )  # fmt: skip
        await writer.write(connection, [entry])
        return number

    return note


async def _note(loaded: Loaded, dsn: str, terms: Terms, detail: dict[str, object]) -> int:
    return await note_down(loaded, dsn, Tag.RECORDS_IMPORTED, terms.person, detail)


async def _line(dsn: str, stack: AsyncExitStack) -> asyncpg.Connection:
    """A connection under the switch's role, for work that takes long; broken off where the work is."""
    connection = await patient(dsn, SWITCH)
    stack.callback(connection.terminate)
    return connection


def _told(
    plan: ImportPlan, terms: Terms, digest: steps.Digest, rejects: Path, run: steps.Run, *,
    done: bool = True, was_done: bool = False, went_on_from_line: int = 1,
) -> Imported:  # fmt: skip
    return Imported(
        file=terms.file.code, owner=terms.owner, path=plan.path.name, sha256=digest.sha256,
        lines=run.entered + run.refused, entered=run.entered, refused=run.refused, rejects=str(rejects),
        went_on_from_line=went_on_from_line, done=done, was_done=was_done,
    )  # fmt: skip


def _entry(catalogue: Catalogue, plan: ImportPlan) -> tuple[File, str]:
    """The file and the key that enters into it. Raises AppError where there is none."""
    ours = {
        file.code: file for file in catalogue.files.values() if Source.STATE in file.held_by and file.enters
    }
    file = ours.get(plan.code.lower())
    if file is None:
        raise AppError(f"{plan.code} is no record file into which we enter; these are: {', '.join(ours)}")
    if file.attached is not None:
        raise AppError(f"records of {file.code} stand on those of {file.attached.to}: enter them one by one")
    keys = [one.key for one in file.enters]
    key = (plan.key or keys[0]).upper()
    if key not in keys:
        raise AppError(f"{plan.key} enters nothing into {file.code}; {' and '.join(keys)} do")
    return file, key


def _ori(text: str) -> str:
    read = Ori().read(text, day_of(now()))
    if isinstance(read, Bad):
        raise AppError(f"--ori {text} {read.reason}")
    return read


def vault_in(folder: Path, service: Path | None) -> Vault:
    """The vault of a folder of keys, wherever it is asked for: in another process too."""
    return Keys(folder, service).vault()


class Numbers:
    """Journal numbers for a long work: the worker number is kept while it lasts."""

    def __init__(self, maker: NumberMaker) -> None:
        self._maker = maker
        self._lost = False

    def one(self) -> int:
        """The next number."""
        return self.many(1)[0]

    def many(self, count: int) -> list[int]:
        """So many numbers, each greater than all before it."""
        if self._lost:
            raise AppError("another process works under our number: begin again, and it goes on")
        found: list[int] = []
        while len(found) < count:
            found += self._maker.batch(min(BATCH_MAX, count - len(found)))
        return found

    @classmethod
    @asynccontextmanager
    async def leased(cls, dsn: str) -> AsyncIterator[Numbers]:
        """Numbers while this is open."""
        connection = await connect(dsn, acts=COMMAND)
        holder = f"command/{os.getpid()}/{secrets.token_hex(4)}"
        worker = await workers.take(connection, holder)
        numbers = cls(NumberMaker(worker, clock_ms, after=await last_number(connection)))

        async def renew() -> None:
            try:
                while True:
                    await asyncio.sleep(workers.RENEW_EVERY_S)
                    await workers.renew(connection, worker, holder)
            except (workers.NoWorkerNumber, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                numbers._lost = True

        task = asyncio.create_task(renew())
        try:
            yield numbers
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if not connection.is_closed():
                await workers.leave(connection, worker, holder)
                await connection.close()


# --------------------------------------------------------------------------- exporting


class ExportPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is exported, and where to."""

    out: HandedOut
    passing: Passing
    written: Format
    code: str
    ori: str = ""
    test: bool = False
    ended: bool = False
    secrets: bool = False


class Exported(msgspec.Struct, frozen=True):
    """What came of an export."""

    file: str
    path: str
    records: int
    secrets: bool
    sha256: str


async def export_file(loaded: Loaded, plan: ExportPlan, bar: Bar) -> Exported:
    """Writes the records of a file as they stand at one moment. Raises AppError where it cannot."""
    file = catalogue_of(loaded).files.get(plan.code.lower())
    if file is None or Source.STATE not in file.held_by:
        raise AppError(f"{plan.code} is no record file of ours; see `wireroom catalog list`")
    if file.read_by:
        raise AppError(f"records of {file.code} are shown to law enforcement only: they are not exported")
    if wrong := faults(plan.passing):
        raise AppError("; ".join(f"--{fault.field} {fault.reason}" for fault in wrong))
    wanted = Wanted(
        file=file, written=plan.written, owner=_ori(plan.ori) if plan.ori else "", test=plan.test,
        ended=plan.ended, secrets=plan.secrets,
    )  # fmt: skip
    detail: dict[str, object] = {
        "file": file.code, "ori": wanted.owner, "ended": plan.ended, "secrets": plan.secrets, "test": plan.test,
        **plan.out.told,
    }  # fmt: skip
    who = user()
    async with engine(loaded, database_name(loaded)) as dsn, AsyncExitStack() as stack:
        passed = {**told(plan.passing, f"export of {file.code}", []), "user": who}
        event = await note_down(loaded, dsn, Tag.RECORDS_PASSED_ON, FROM_OUTSIDE, passed)
        began = await note_down(loaded, dsn, Tag.RECORDS_EXPORTED, FROM_OUTSIDE, detail | {"passed": event})
        wanted = msgspec.structs.replace(wanted, marking=mark(who, now(), event))
        connection = await _line(dsn, stack)

        async def write(handle: BinaryIO) -> int:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                with bar("Exporting") as progress:
                    return await write_records(connection, wanted, keys_of(loaded).vault(), handle, progress)

        count = await _placed(plan.out, write, home=loaded.data_folder, marking=wanted.marking)
        sha256 = (await asyncio.to_thread(steps.digest_of, plan.out.path)).sha256
        result = Exported(file.code, str(plan.out.path), count, plan.secrets, sha256)
        await note_down(loaded, dsn, Tag.RECORDS_EXPORTED, FROM_OUTSIDE, {"ended": result, "began": began})
        return result


async def _placed(
    out: HandedOut, write: Callable[[BinaryIO], Awaitable[int]], *, home: Path, marking: str
) -> int:
    """What is written, in its place whole or not at all, sealed where it has a recipient. Raises AppError."""
    half = out.path.with_name(f"{out.path.name}.part")
    try:
        if out.sealed_for is not None:
            with scratch(home) as handle:
                count = await write(handle)
                await asyncio.to_thread(seal, handle, out, at=now(), marking=marking)
            return count
        half.unlink(missing_ok=True)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            count = await write(handle)
        half.replace(out.path)
    except OSError as error:
        raise AppError(f"{error.filename or out.path} cannot be written: {error.strerror}") from error
    finally:
        half.unlink(missing_ok=True)
    return count
