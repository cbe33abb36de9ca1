"""Proves the journal whole against its signed checkpoints, or names the first place where it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING

import msgspec

from wireroom.journal import BadCheckpoint
from wireroom.journal.checkpoint import Key, open_checkpoint, read_key
from wireroom.journal.entry import parse
from wireroom.journal.numbers import moment
from wireroom.journal.sealing import Texts
from wireroom.journal.tree import Frontier, commitment, leaf_hash
from wireroom.oversight.leaves import TIMEOUT_S, Batch, Row, batches, snapshot

if TYPE_CHECKING:
    import asyncpg

    from wireroom.journal import Connection, Pool

PATIENCE_S = 60.0  # how long a batch may wait for its place in the tree

_CHECKPOINTS = "SELECT size, root, note FROM journal_checkpoint ORDER BY size"
_TREE = "SELECT size, frontier, root FROM journal_tree"
_PENDING = """
SELECT p.batch, (
    SELECT count(*) FROM journal AS j WHERE j.number >= p.batch AND j.number < p.batch + 4096
) AS entries
FROM journal_pending AS p ORDER BY p.batch
"""
_STRAY = """
SELECT min(j.number) FROM journal AS j
WHERE NOT EXISTS (SELECT 1 FROM journal_span AS s WHERE s.batch = j.number & -4096)
  AND NOT EXISTS (SELECT 1 FROM journal_pending AS p WHERE p.batch = j.number & -4096)
"""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. Where `trouble` is empty the journal is whole."""

    entries: int = 0  # in the tree, and found to be right
    checkpoints: int = 0  # that agree with them
    signed: int = 0  # how many entries the newest of these covers
    waiting: int = 0  # entries written, and not in the tree yet
    trouble: str = ""  # the first thing wrong, in words
    leaf: int | None = None  # where
    number: int | None = None  # the entry, where one can be named

    @property
    def whole(self) -> bool:
        return not self.trouble

    def words(self) -> str:
        """One line to print."""
        if self.trouble:
            return f"NOT WHOLE: {self.trouble}"
        return (
            f"OK: {self.entries} entries agree with {self.checkpoints} signed checkpoints; the newest covers "
            f"{self.signed}. {self.waiting} more wait for their place."
        )


async def verify(
    pool: Pool,
    keys: Sequence[str],
    *,
    texts: Texts,
    now: datetime,
    kept: Sequence[str] = (),
    patience_s: float = PATIENCE_S,
    progress: Callable[[int], None] | None = None,
) -> Verdict:
    """Recomputes everything from salts and bodies, which `texts` opens. `keys` are vkeys; `kept` are signed checkpoints
    that somebody kept elsewhere, without which it cannot be seen that the newest entries were cut off together
    with their checkpoints. `progress` is told the number of entries done. Raises BadCheckpoint where a key or
    a kept checkpoint is not fit to be used.
    """
    trusted = [read_key(key) for key in keys]
    claims = [_kept_claim(note, trusted) for note in kept]
    async with snapshot(pool) as conn:
        walk = _Walk(conn, texts, trusted, claims)
        try:
            await walk.tree(progress)
            waiting = await walk.outside(now - timedelta(seconds=patience_s))
        except _Trouble as found:
            return walk.verdict(trouble=str(found), leaf=found.leaf, number=found.number)
    return walk.verdict(waiting=waiting)


class _Trouble(Exception):
    def __init__(self, text: str, *, leaf: int | None = None, number: int | None = None) -> None:
        super().__init__(text)
        self.leaf = leaf
        self.number = number


class _Claim(msgspec.Struct, frozen=True):
    """A size and a root that somebody signed."""

    size: int
    root: bytes
    whose: str


class _Walk:
    """The tree as it grows again under our eyes."""

    def __init__(self, conn: Connection, texts: Texts, keys: list[Key], kept: list[_Claim]) -> None:
        self._conn, self._texts = conn, texts
        self._keys = keys
        self._kept = sorted(kept, key=lambda claim: claim.size)
        self._stored: asyncpg.cursor.Cursor[asyncpg.Record] | None = None
        self._next: _Claim | None = None  # of the stored ones
        self._frontier = Frontier()
        self._good = 0  # leaves covered by the last claim that was right
        self._checked = 0

    def verdict(
        self, *, waiting: int = 0, trouble: str = "", leaf: int | None = None, number: int | None = None
    ) -> Verdict:
        return Verdict(
            entries=self._frontier.size,
            checkpoints=self._checked,
            signed=self._good,
            waiting=waiting,
            trouble=trouble,
            leaf=leaf,
            number=number,
        )

    async def tree(self, progress: Callable[[int], None] | None) -> None:
        """All that is in the tree, leaf by leaf, and that the tree is as large as was signed and stored."""
        self._stored = await self._conn.cursor(_CHECKPOINTS, timeout=TIMEOUT_S)
        await self._advance()
        async for batch in batches(self._conn, self._texts):
            _check_batch(batch, self._frontier.size)
            await self._grow(batch.leaves)
            if progress:
                progress(self._frontier.size)
            await asyncio.sleep(0)  # let others work between batches
        size = self._frontier.size
        if claim := self._claim():
            raise _Trouble(
                f"leaf {size}: the journal was cut off here. It ends after {size} entries, and {claim.whose} "
                f"signed {claim.size}",
                leaf=size,
            )
        row = await self._conn.fetchrow(_TREE, timeout=TIMEOUT_S)
        stored = (row["size"], row["frontier"], row["root"]) if row else (0, b"", Frontier().root())
        if stored != (size, self._frontier.dump(), self._frontier.root()):
            raise _Trouble(
                f"leaf {min(size, stored[0])}: the tree is stored with {stored[0]} leaves and another root "
                f"or size than its {size} entries have, the last {size - self._good} of them not signed",
                leaf=min(size, stored[0]),
            )

    async def outside(self, oldest: datetime) -> int:
        """What has no place in the tree: it must be announced, and not for long. Returns how many entries."""
        waiting = 0
        for row in await self._conn.fetch(_PENDING, timeout=TIMEOUT_S):
            batch, since = row["batch"], moment(row["batch"])
            if not row["entries"]:
                raise _Trouble(
                    f"entry {batch}: batch {batch} was announced and its entries are gone", number=batch
                )
            if since < oldest:
                raise _Trouble(
                    f"entry {batch}: batch {batch} has waited for its place in the tree since {since:%F %T} "
                    "UTC; is the sequencer running?",
                    number=batch,
                )
            waiting += row["entries"]
        await self._conn.execute("SET LOCAL enable_seqscan = on", timeout=TIMEOUT_S)
        stray: int | None = await self._conn.fetchval(_STRAY, timeout=TIMEOUT_S)
        if stray is not None:
            raise _Trouble(
                f"entry {stray}: it is in no batch of the tree and none that waits: it was put in from "
                "outside, or its batch was taken out of the tree's records",
                number=stray,
            )
        return waiting

    async def _grow(self, leaves: list[bytes]) -> None:
        """Appends leaves, stopping wherever somebody signed."""
        done = 0
        while (claim := self._claim()) and claim.size <= self._frontier.size + len(leaves) - done:
            step = claim.size - self._frontier.size
            self._frontier.extend(leaves[done : done + step])
            done += step
            if self._frontier.root() != claim.root:
                raise _Trouble(
                    f"leaves {self._good} to {claim.size - 1}: they are not what {claim.whose} signed; one "
                    "of them was changed together with its stored hash, put in, taken out or moved",
                    leaf=self._good,
                )
            self._good = claim.size
            self._checked += 1
            if self._kept and self._kept[0] is claim:
                del self._kept[0]
            else:
                await self._advance()
        self._frontier.extend(leaves[done:])

    def _claim(self) -> _Claim | None:
        """The next size that somebody signed."""
        if self._kept and (self._next is None or self._kept[0].size <= self._next.size):
            return self._kept[0]
        return self._next

    async def _advance(self) -> None:
        """Reads and checks the next stored checkpoint."""
        assert self._stored is not None, "the walk has begun"
        row = await self._stored.fetchrow(timeout=TIMEOUT_S)
        self._next = None
        if row is None:
            return
        size = row["size"]
        place = f"leaf {max(size - 1, 0)}: the stored checkpoint of {size} entries"
        try:
            checkpoint = open_checkpoint(row["note"], self._keys).checkpoint
        except BadCheckpoint as fault:
            raise _Trouble(f"{place} is not to be believed: {fault}", leaf=max(size - 1, 0)) from fault
        if (checkpoint.size, checkpoint.root) != (size, row["root"]):
            raise _Trouble(f"{place} says another size or root than its row", leaf=max(size - 1, 0))
        self._next = _Claim(size, checkpoint.root, f"the stored checkpoint of {size} entries")


def _kept_claim(note: str, keys: list[Key]) -> _Claim:
    checkpoint = open_checkpoint(note, keys).checkpoint
    return _Claim(
        checkpoint.size, checkpoint.root, f"the checkpoint of {checkpoint.size} entries kept elsewhere"
    )


def _check_batch(batch: Batch, size: int) -> None:
    """That the batch stands where the tree ends, and that its entries are those whose hashes were folded."""
    if batch.first != size:
        raise _Trouble(
            f"leaf {size}: the next batch in the tree's records starts at leaf {batch.first}, so that "
            f"{'leaves are missing' if batch.first > size else 'leaves stand twice'} before "
            f"batch {batch.batch}",
            leaf=size,
        )
    if len(batch.leaves) != batch.entries:
        raise _Trouble(
            f"leaf {size}: batch {batch.batch} is recorded with {batch.entries} entries and "
            f"{len(batch.leaves)} hashes",
            leaf=size,
        )
    for leaf, (row, hashed) in enumerate(zip_longest(batch.rows, batch.leaves), size):
        if row is None or hashed is None or row.trouble or _leaf_of(row) != hashed:
            raise _wrong(batch, leaf, row)
        _check_columns(row, leaf)


def _leaf_of(row: Row) -> bytes:
    return leaf_hash(commitment(row.salt, row.body))


def _wrong(batch: Batch, leaf: int, row: Row | None) -> _Trouble:
    """Says what is wrong with the first place where entries and hashes part."""
    found, known = len(batch.rows), batch.entries
    if found < known:
        return _Trouble(
            f"leaf {leaf}: an entry of batch {batch.batch} is missing; {found} of {known} are there",
            leaf=leaf,
        )
    assert row is not None, "as many rows as hashes at least"
    if found > known:
        return _Trouble(
            f"entry {row.number} (leaf {leaf}): batch {batch.batch} has {found} entries and was folded with "
            f"{known}; this is the first that does not belong",
            leaf=leaf,
            number=row.number,
        )
    return _Trouble(
        f"entry {row.number} (leaf {leaf}): body does not match its commitment; "
        + (row.trouble or "the body, the salt or the stored hash was changed"),
        leaf=leaf,
        number=row.number,
    )


def _check_columns(row: Row, leaf: int) -> None:
    """That the columns by which an entry is found say what the entry says."""
    place = f"entry {row.number} (leaf {leaf})"
    try:
        entry = parse(row.body)
    except ValueError as fault:
        raise _Trouble(f"{place}: the body is not an entry: {fault}", leaf=leaf, number=row.number) from fault
    for name in ("number", "tag", "at", "transaction", "ori", "terminal", "person"):
        told, stored = getattr(entry, name), getattr(row, name)
        if told != stored:
            raise _Trouble(
                f"{place}: column {name} says {stored!s:.80} and the body {told!s:.80}",
                leaf=leaf,
                number=row.number,
            )
