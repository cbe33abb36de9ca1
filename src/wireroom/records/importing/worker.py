"""Reads and checks the file in a process of its own, one chunk ahead, while the database takes the last."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from wireroom.catalog.file import File
from wireroom.catalog.index import Catalogue, Form
from wireroom.records.importing import CannotImport
from wireroom.records.importing.checking import Checker, Chunk
from wireroom.records.importing.lines import Format, Reader
from wireroom.records.importing.twins import Twins
from wireroom.records.vault import Vault

END_S = 5.0


class Job(msgspec.Struct, frozen=True):
    """What is to be read, and from where on."""

    path: Path
    written: Format
    file: File
    key: str
    vault: Callable[[], Vault]  # called where the work is done; may cross to another process
    chunk: int  # lines
    offset: int = 0
    line: int = 1

    @property
    def form(self) -> Form:
        """What a line is checked against."""
        return Catalogue((self.file,), ()).forms[self.key]


class Checked(msgspec.Struct):
    """A chunk that was read: what came of its lines, and where the next begins."""

    chunk: Chunk
    twins: list[tuple[int, int, int]]
    numbers: list[int]
    raws: list[bytes]
    offset: int
    line: int


class Hand:
    """Reads and checks here, in the caller's own process."""

    def __init__(self, job: Job) -> None:
        form = job.form
        vault = job.vault()
        self._handle = job.path.open("rb")
        try:
            self._reader = Reader(self._handle, job.written, form, offset=job.offset, line=job.line)
        except BaseException:
            self._handle.close()
            raise
        self._checker = Checker(form, vault, parted=job.written is Format.CSV)
        self._twins = Twins(job.file, vault)
        self._count = job.chunk

    def next(self, at: datetime) -> Checked | None:
        """The next chunk, of lines that are entered at a moment; None at the end."""
        lines = self._reader.read(self._count)
        if lines is None:
            return None
        chunk = self._checker.check(lines, at)
        return Checked(
            chunk, self._twins.find(chunk), lines.numbers, lines.raws, self._reader.offset, self._reader.line
        )

    def close(self) -> None:
        """Nothing more is read."""
        self._handle.close()


class Ahead:
    """Asks a hand, here or in another process, for one chunk while the caller is busy with the last."""

    def __init__(self, ask: Callable[[datetime], Checked | None], clock: Callable[[], datetime]) -> None:
        self._ask, self._clock = ask, clock
        self._next: asyncio.Task[tuple[Checked | None, datetime]] | None = None

    async def take(self) -> tuple[Checked | None, datetime]:
        """The next chunk and the moment at which it is entered; what follows is begun."""
        coming = self._next or self._begin()
        got = await coming
        self._next = self._begin() if got[0] is not None else None
        return got

    def _begin(self) -> asyncio.Task[tuple[Checked | None, datetime]]:
        async def ask() -> tuple[Checked | None, datetime]:
            at = self._clock()
            return await asyncio.to_thread(self._ask, at), at

        return asyncio.create_task(ask())

    async def end(self) -> None:
        """Waits for what was begun, so that nobody reads on behind our back."""
        if self._next is not None:
            await asyncio.gather(self._next, return_exceptions=True)


@contextmanager
def at_work(job: Job, *, apart: bool) -> Iterator[Callable[[datetime], Checked | None]]:
    """Something to ask for chunks while this is open; with `apart` it works in a process of its own."""
    hand = Hand(job)  # also where another works: what is wrong with the file as a whole is told here, at once
    if not apart:
        try:
            yield hand.next
        finally:
            hand.close()
        return
    hand.close()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, job), daemon=True, name="wireroom import")
    process.start()
    theirs.close()  # so that our end hears of its death
    try:
        yield lambda at: _asked(ours, at)
    finally:
        ours.close()
        process.join(END_S)
        if process.is_alive():
            process.kill()
            process.join()


def _asked(connection: Connection, at: datetime) -> Checked | None:
    try:
        connection.send(at)
        answer = connection.recv()
    except (EOFError, OSError) as error:
        raise CannotImport("the process that reads the file ended; begin again, and it goes on") from error
    if isinstance(answer, BaseException):
        raise answer
    assert answer is None or isinstance(answer, Checked), "a chunk or the end"
    return answer


def _serve(connection: Connection, job: Job) -> None:
    """Answers until the asker is gone, however it went."""
    gc.disable()  # millions of cells and no circle among them: to look for one takes a third of the time
    try:
        hand = Hand(job)
        while True:
            connection.send(hand.next(connection.recv()))
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return
    except Exception as error:  # told where somebody can see it
        connection.send(error)
