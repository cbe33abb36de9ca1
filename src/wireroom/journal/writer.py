"""Writes entries down, a whole batch in one statement, inside the transaction that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from wireroom.journal import JournalError, NotWritten
from wireroom.journal.entry import BODY_MAX, Entry, canonical
from wireroom.journal.numbers import batch_of
from wireroom.journal.sealing import JOURNAL, Texts

if TYPE_CHECKING:
    from wireroom.journal import Connection

SALT_SIZE = 16
WRITE_TIMEOUT_S = 10.0

# One round: the entries, and word of their batch to the sequencer. Both are there or neither is.
WRITE = """
WITH announced AS (INSERT INTO journal_pending (batch) SELECT unnest($10::bigint[]))
INSERT INTO journal (number, tag, at, transaction, ori, terminal, person, commitment, body)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::bigint[], $5::text[], $6::text[],
                     $7::text[], $8::bytea[], $9::bytea[])
"""

_LAST_NUMBER = "SELECT number FROM journal ORDER BY number DESC LIMIT 1"


class Rows(msgspec.Struct, frozen=True):
    """The arguments of WRITE, one list for each column."""

    numbers: list[int]
    tags: list[str]
    ats: list[datetime]
    transactions: list[int]
    oris: list[str]
    terminals: list[str]
    persons: list[str]
    commitments: list[bytes]
    bodies: list[bytes]  # salt and canonical bytes, sealed together
    batches: list[int]

    def arguments(self) -> tuple[list[object], ...]:
        """In the statement's order."""
        return msgspec.structs.astuple(self)


class Writer:
    """Turns entries into rows and writes them. `random` gives so many unguessable bytes: os.urandom."""

    def __init__(
        self, random: Callable[[int], bytes], texts: Texts, *, timeout_s: float = WRITE_TIMEOUT_S
    ) -> None:
        self._random, self._texts = random, texts
        self._timeout_s = timeout_s

    @property
    def texts(self) -> Texts:
        """What seals the entries, and what else is written with them."""
        return self._texts

    def rows(self, entries: Sequence[Entry]) -> Rows:
        """The rows for entries in the order of their numbers; a batch must be written whole, in one go.

        The texts must be ready to seal.
        """
        numbers = [entry.number for entry in entries]
        if any(later <= earlier for earlier, later in pairwise(numbers)):
            raise NotWritten("journal entries must come in the order of their numbers, each number once")
        salts = self._random(SALT_SIZE * len(entries))
        salted = [
            (entry.number, salts[at * SALT_SIZE : (at + 1) * SALT_SIZE] + _body(entry))
            for at, entry in enumerate(entries)
        ]
        return Rows(
            numbers=numbers,
            tags=[entry.tag for entry in entries],
            ats=[entry.at for entry in entries],
            transactions=[entry.transaction for entry in entries],
            oris=[entry.ori for entry in entries],
            terminals=[entry.terminal for entry in entries],
            persons=[entry.person for entry in entries],
            commitments=[sha256(text).digest() for _, text in salted],  # see tree.commitment
            bodies=self._texts.seal(JOURNAL, salted),
            batches=sorted({batch_of(number) for number in numbers}),
        )

    async def write(self, conn: Connection, entries: Sequence[Entry]) -> None:
        """Writes within the connection's transaction, or raises NotWritten: then nothing may move.

        Each entry gets its place in the tree within a moment after the commit, by the sequencer.
        """
        if not entries:
            return
        try:
            await self._texts.ready()
            rows = self.rows(entries)
            status = await conn.execute(WRITE, *rows.arguments(), timeout=self._timeout_s)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as trouble:
            raise NotWritten(
                f"the journal did not take entries {entries[0].number} to {entries[-1].number}: {trouble!r}. "
                "Nothing may be answered until it does; see that the database runs and has room"
            ) from trouble
        except NotWritten:
            raise
        except JournalError as trouble:
            raise NotWritten(f"nothing can be sealed, so nothing is written: {trouble}") from trouble
        if status != f"INSERT 0 {len(entries)}":
            raise NotWritten(f"the journal was given {len(entries)} entries and reported {status!r}")


async def last_number(conn: Connection) -> int:
    """The highest number in the journal, for a NumberMaker to start after; 0 where there is none."""
    number: int | None = await conn.fetchval(_LAST_NUMBER)
    return number or 0


def _body(entry: Entry) -> bytes:
    try:
        body = canonical(entry)
    except (TypeError, ValueError, OverflowError) as fault:
        raise NotWritten(f"entry {entry.number} ({entry.tag}) cannot be put into words: {fault}") from fault
    if len(body) > BODY_MAX:
        raise NotWritten(f"entry {entry.number} ({entry.tag}) has {len(body)} bytes, {BODY_MAX} is the most")
    return body
