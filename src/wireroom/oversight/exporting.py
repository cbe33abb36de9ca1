"""Writes the journal to one file that `verify.py`, and so a stranger without us, can check.

The file is JSON lines: a header; the signed checkpoints by size, so that one pass can compare with them
and cutting off the end does not take them along; one line for each leaf with its salt, its body and its
leaf hash, so that a changed entry is named and not merely noticed; and an end line with the number of leaves
and the SHA-256 of all lines before it. It holds the entries up to the newest checkpoint: what is not
signed yet would prove nothing.
"""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from wireroom.journal.sealing import Texts
from wireroom.oversight.leaves import TIMEOUT_S, Batch, batches, snapshot

if TYPE_CHECKING:
    from wireroom.journal import Connection, Pool

FORMAT = "wireroom-journal/1"
CHECKPOINTS_MAX = 256  # evenly spread; checking a signature in plain Python takes milliseconds
_CHUNK = 1 << 20

# Every so many counted from the newest, which is always there.
_CHECKPOINTS = """
SELECT size, note FROM (
    SELECT size, note, row_number() OVER (ORDER BY size DESC) - 1 AS back, count(*) OVER () AS number
    FROM journal_checkpoint
) AS c
WHERE back % ((number + $1 - 1) / $1) = 0
ORDER BY size
"""


class CannotExport(Exception):
    """Nothing was written; the text says why and what to do."""


class Exported(msgspec.Struct, frozen=True):
    """What was written."""

    path: Path
    leaves: int
    checkpoints: int
    newest: str  # the newest checkpoint, for the auditor to keep until the next export
    size: int  # bytes


class _Header(msgspec.Struct, frozen=True, omit_defaults=True):
    format: str
    origin: str
    keys: Sequence[str]
    leaves: int
    checkpoints: int
    marking: str = ""


class _Leaf(msgspec.Struct, frozen=True, omit_defaults=True):
    leaf: int
    number: int
    salt: str
    hash: str
    body: str = ""
    body64: str = ""  # instead of `body` where that is not text, which only damage brings about


async def export(
    pool: Pool,
    path: Path,
    *,
    keys: Sequence[str],
    texts: Texts,
    marking: str = "",
    into: BinaryIO | None = None,
    checkpoints_max: int = CHECKPOINTS_MAX,
    progress: Callable[[int], None] | None = None,
) -> Exported:
    """Writes the export, readable by its owner alone, and puts it in place when it is complete.

    `keys` are the log's public keys as vkeys; `marking` says how the file is to be kept. With `into` it is written
    there, to be sealed, and nothing at the path. Texts stand in the export in clear, so that it proves with nothing of
    ours. One that does not open stands as it is stored, and fails the check. Raises CannotExport and leaves nothing
    behind where there is nothing signed, or where entries are missing.
    """
    async with snapshot(pool) as conn:
        checkpoints = await conn.fetch(_CHECKPOINTS, checkpoints_max, timeout=TIMEOUT_S)
        if not checkpoints:
            raise CannotExport("no checkpoint was signed yet: let the switch run for a second and try again")
        notes = [row["note"] for row in checkpoints]
        leaves: int = checkpoints[-1]["size"]
        out = await asyncio.to_thread(_Out, path, into)
        try:
            origin = notes[-1].partition("\n")[0]
            await out.write(_line(_Header(FORMAT, origin, keys, leaves, len(notes), marking)))
            for note in notes:
                await out.write(_line({"checkpoint": note}))
            async for chunk in _leaf_lines(conn, texts, leaves, progress):
                await out.write(chunk)
            size = await out.finish(leaves)
        finally:
            await asyncio.to_thread(out.discard)
    return Exported(path, leaves, len(notes), notes[-1], size)


async def _leaf_lines(
    conn: Connection, texts: Texts, leaves: int, progress: Callable[[int], None] | None
) -> AsyncIterator[bytes]:
    done = 0
    async for batch in batches(conn, texts):
        if batch.first >= leaves:
            break
        if batch.first != done or len(batch.rows) != len(batch.leaves):
            raise CannotExport(
                f"the journal is damaged at leaf {done}, batch {batch.batch}: run wireroom journal verify, "
                "which says how, and export from a copy that is whole"
            )
        yield b"".join(_batch_lines(batch))
        done = batch.first + len(batch.rows)
        if progress:
            progress(done)
    if done != leaves:
        raise CannotExport(
            f"the journal ends at leaf {done} and a checkpoint covers {leaves}: run wireroom journal verify"
        )


def _batch_lines(batch: Batch) -> list[bytes]:
    lines = []
    for leaf, (row, hashed) in enumerate(zip(batch.rows, batch.leaves, strict=True), batch.first):
        salt = b64encode(row.salt).decode()
        try:
            made = _Leaf(leaf, row.number, salt, hashed.hex(), body=row.body.decode())
        except UnicodeDecodeError:
            made = _Leaf(leaf, row.number, salt, hashed.hex(), body64=b64encode(row.body).decode())
        lines.append(_line(made))
    return lines


def _line(content: object) -> bytes:
    return msgspec.json.encode(content) + b"\n"


class _Out:
    """A file that is there whole or not at all; or one that somebody else opened, and will seal."""

    def __init__(self, path: Path, into: BinaryIO | None) -> None:
        self._path, self._into = path, into
        self._part = path.with_name(path.name + ".part")
        self._file = into or self._opened()
        self._digest = sha256()
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._size = 0

    async def write(self, data: bytes) -> None:
        self._digest.update(data)
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes >= _CHUNK:
            await asyncio.to_thread(self._flush)

    async def finish(self, leaves: int) -> int:
        await self.write(_line({"end": leaves, "sha256": self._digest.hexdigest()}))
        await asyncio.to_thread(self._place)
        return self._size

    def discard(self) -> None:
        """Closes, and removes what was not put in place."""
        if self._into is not None:
            return
        self._file.close()
        self._part.unlink(missing_ok=True)

    def _opened(self) -> BinaryIO:
        self._part.unlink(missing_ok=True)
        return os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def _flush(self) -> None:
        self._size += self._waiting_bytes
        self._file.write(b"".join(self._waiting))
        self._waiting, self._waiting_bytes = [], 0

    def _place(self) -> None:
        self._flush()
        self._file.flush()
        if self._into is not None:
            return
        os.fsync(self._file.fileno())
        self._part.replace(self._path)
