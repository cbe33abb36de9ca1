"""Gives committed batches their leaves in the tree, in order, and signs checkpoints over it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from wireroom.journal import TreeBroken
from wireroom.journal.checkpoint import Checkpoint, Signer
from wireroom.journal.tree import EMPTY_ROOT, HASH_SIZE, Frontier, split
from wireroom.message.acting import Actor, acting

if TYPE_CHECKING:
    from wireroom.journal import Connection

BATCHES_A_ROUND = 256
FOLDING = Actor(actor="sequencer")  # it needs no agency's or person's rows, and the journal's are all one
_LOCK = 0x6A6F75726E616C  # "journal"; one sequencer folds, others stand by
_TIMEOUT_S = 30.0
_RETRY_MAX_S = 2.0
_ADVICE = "Stop, keep the database as it is, and run: wireroom journal verify"

# The lock ends with the transaction, so a sequencer that died or was cut off holds nothing. The planner must
# not choose to read the whole journal because its figures are from when there was little in it.
_ENTER = "SELECT set_config('enable_seqscan', 'off', true), pg_try_advisory_xact_lock($1) AS mine"
_PEEK = "SELECT EXISTS (SELECT 1 FROM journal_pending)"
_START = "INSERT INTO journal_tree (size, frontier, root) VALUES (0, '', $1) ON CONFLICT DO NOTHING"
# Two sequencers cannot both hold this row, whatever becomes of the lock: that is the fence.
_HEAD = """
SELECT t.size, t.frontier, t.root, c.size AS signed, c.root AS signed_root, c.at AS signed_at
FROM journal_tree AS t
LEFT JOIN LATERAL (SELECT size, root, at FROM journal_checkpoint ORDER BY size DESC LIMIT 1) AS c ON true
FOR UPDATE OF t
"""
_TAKE = """
DELETE FROM journal_pending
WHERE batch = ANY (ARRAY(SELECT batch FROM journal_pending ORDER BY batch LIMIT $1))
RETURNING batch
"""
# The database hashes: a batch comes back as 32 bytes an entry, and the bodies stay where they are.
# What an entry from before the sealing is committed to, it works out.
_LEAVES = """
SELECT b.batch, l.entries, l.leaves
FROM unnest($1::bigint[]) AS b (batch)
CROSS JOIN LATERAL (
    SELECT count(*)::int AS entries, string_agg(h.leaf, ''::bytea ORDER BY h.number) AS leaves
    FROM (SELECT number, sha256('\\x00'::bytea || coalesce(commitment, sha256(salt || body))) AS leaf FROM journal
          WHERE number >= b.batch AND number < b.batch + 4096 OFFSET 0) AS h
) AS l
WHERE l.entries > 0 ORDER BY b.batch
"""
_SPANS = """
INSERT INTO journal_span (first, batch, entries, leaves)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::bytea[])
"""
_GROW = "UPDATE journal_tree SET size = $1, frontier = $2, root = $3 WHERE size = $4"
_SIGN = "INSERT INTO journal_checkpoint (size, root, at, note) VALUES ($1, $2, $3, $4)"

# Trouble of the world that may pass by itself.
_PASSING = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that broke between two words
    OSError,
    TimeoutError,
)

_log = logging.getLogger(__name__)


class _Head(msgspec.Struct, frozen=True):
    """The tree as stored, checked, and the newest checkpoint over it."""

    frontier: Frontier
    signed: int
    signed_at: datetime | None


class Sequencer:
    """Folds batches into the tree. Any number may run: one works at a time, and the tree cannot fork.

    Everything that a round does is one transaction, so a crash loses nothing and repeats nothing. A batch
    that commits late, after others with higher numbers, simply gets later leaves. It looks for work by itself
    each `poll_seconds`: taking what has gathered costs less than a round for each commit.
    """

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        signer: Signer,
        clock: Callable[[], datetime],
        origin: str,
        *,
        checkpoint_seconds: float = 1.0,
        poll_seconds: float = 0.05,
    ) -> None:
        self.trouble = ""  # why the last round failed, for whoever watches
        self._pool = pool
        self._signer = signer
        self._clock = clock
        self._origin = origin
        self._every = timedelta(seconds=checkpoint_seconds)
        self._poll_s = poll_seconds
        self._unsigned = True  # until a round has looked
        self._seen = (0, EMPTY_ROOT)  # the tree after this sequencer's last round

    async def run(self, stop: asyncio.Event) -> None:
        """Works until told to stop, then folds and signs the rest. Raises TreeBroken, retries others."""
        pause = self._poll_s
        while not stop.is_set():
            folded = 0
            try:
                folded = await self.fold_once()
                self.trouble, pause = "", self._poll_s
            except _PASSING as trouble:
                pause = min(pause * 2, _RETRY_MAX_S)
                self.trouble = f"the journal's sequencer cannot work, trying again: {trouble!r}"
                _log.warning("%s", self.trouble)
            if folded < BATCHES_A_ROUND:  # a full round has at least so many, and more may wait
                await _wait(stop, pause)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await self.fold_all()
        except _PASSING as trouble:
            _log.warning("the last journal batches wait for the next start: %r", trouble)

    async def fold_all(self) -> int:
        """Folds until nothing waits, or another sequencer is at it, and signs the tree, due or not."""
        folded = 0
        while True:
            count = await self.fold_once(sign=True)
            folded += count
            if not count:
                return folded

    async def fold_once(self, *, sign: bool = False) -> int:
        """One bounded round; the number of entries folded. `sign` asks for a checkpoint now, due or not."""
        async with self._pool.acquire(timeout=_TIMEOUT_S) as conn:
            if not (sign or self._unsigned) and not await conn.fetchval(_PEEK, timeout=_TIMEOUT_S):
                return 0
            async with acting(conn, FOLDING):
                entered = await conn.fetchrow(_ENTER, _LOCK, timeout=_TIMEOUT_S)
                if not entered or not entered["mine"]:
                    return 0
                head = await self._head(conn)
                before = head.frontier.size
                await self._fold(conn, head.frontier)
                signed = await self._sign(conn, head, now=sign)
        # Only here is it committed, and true.
        self._seen = (head.frontier.size, head.frontier.root())
        self._unsigned = signed < head.frontier.size
        return head.frontier.size - before

    async def _head(self, conn: Connection) -> _Head:
        """The stored tree, if it can be the one that was last signed and the one that we last saw."""
        row = await conn.fetchrow(_HEAD, timeout=_TIMEOUT_S)
        if row is None:
            await conn.execute(_START, EMPTY_ROOT, timeout=_TIMEOUT_S)
            row = await conn.fetchrow(_HEAD, timeout=_TIMEOUT_S)
            assert row is not None, "the row of the journal's tree was just written"
        try:
            frontier = Frontier.load(row["size"], row["frontier"])
        except ValueError as fault:
            raise TreeBroken(f"the journal's tree was damaged: {fault}. {_ADVICE}") from fault
        size, root = frontier.size, frontier.root()
        if root != row["root"]:
            raise TreeBroken(f"the journal's tree of {size} leaves does not have its stored root. {_ADVICE}")
        signed, signed_root = row["signed"] or 0, row["signed_root"] or EMPTY_ROOT
        for known, known_root, what in ((signed, signed_root, "signed"), (*self._seen, "seen here")):
            if size < known or (size == known and root != known_root):
                raise TreeBroken(
                    f"the journal's tree of {size} leaves contradicts that of {known} {what}. {_ADVICE}"
                )
        return _Head(frontier, signed, row["signed_at"])

    async def _fold(self, conn: Connection, frontier: Frontier) -> None:
        taken = await conn.fetch(_TAKE, BATCHES_A_ROUND, timeout=_TIMEOUT_S)
        if not taken:
            return
        rows = await conn.fetch(_LEAVES, [row["batch"] for row in taken], timeout=_TIMEOUT_S)
        if len(rows) != len(taken):
            gone = min({row["batch"] for row in taken} - {row["batch"] for row in rows})
            raise TreeBroken(f"batch {gone} was announced and has no entries in the journal. {_ADVICE}")
        before = frontier.size
        firsts = []
        for row in rows:
            assert len(row["leaves"]) == row["entries"] * HASH_SIZE, "one hash for each entry"
            firsts.append(frontier.size)
            frontier.extend(split(row["leaves"]))
        columns = [[row[name] for row in rows] for name in ("batch", "entries", "leaves")]
        try:
            await conn.execute(_SPANS, firsts, *columns, timeout=_TIMEOUT_S)
        except asyncpg.UniqueViolationError as fault:
            twice = f"a batch would enter the journal's tree twice: {fault.detail}"
            raise TreeBroken(f"{twice} {_ADVICE}") from fault
        grown = (frontier.size, frontier.dump(), frontier.root(), before)
        status = await conn.execute(_GROW, *grown, timeout=_TIMEOUT_S)
        assert status == "UPDATE 1", "another sequencer grew the tree within our lock"

    async def _sign(self, conn: Connection, head: _Head, *, now: bool) -> int:
        """Signs the tree where that is due; the size of the newest checkpoint."""
        size = head.frontier.size
        if size == head.signed:
            return size
        at = self._clock()
        # A clock that stepped back must not silence the checkpoints.
        due = now or head.signed_at is None or not timedelta() <= at - head.signed_at < self._every
        if not due:
            return head.signed
        root = head.frontier.root()
        note = self._signer.sign(Checkpoint(self._origin, size, root))
        await conn.execute(_SIGN, size, root, at, note, timeout=_TIMEOUT_S)
        return size


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
