"""A journal with invented entries, for the tests of those who write it and those who read it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.sealed import texts
from wireroom.journal.checkpoint import Signer
from wireroom.journal.entry import Entry
from wireroom.journal.numbers import NumberMaker
from wireroom.journal.sequencer import Sequencer
from wireroom.journal.tags import Tag
from wireroom.journal.writer import Writer

ORIGIN = "wireroom.example/journal"
PLATES = ("7ABC123", "8XYZ999", "6QRS456")


class Journal:
    """A writer, a sequencer and a clock that stands still unless moved."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], clock: Callable[[], datetime]) -> None:
        self.pool = pool
        self.clock = clock
        self.dice = Random(7)
        self.numbers = NumberMaker(1, lambda: int(clock().timestamp() * 1000))
        self.texts = texts(pool.acquire, clock)
        self.writer = Writer(self.dice.randbytes, self.texts)
        self.signer = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
        self.keys = [self.signer.key.vkey]
        self.sequencer = self.another_sequencer()

    def another_sequencer(self) -> Sequencer:
        return Sequencer(self.pool, self.signer, self.clock, ORIGIN, poll_seconds=0.001)

    def entries(self, count: int) -> list[Entry]:
        """A batch of inquiries by a handful of people at two agencies."""
        return [
            Entry(
                number,
                Tag.INQUIRY_ASKED,
                self.clock(),
                number,
                f"CA099{1 + at % 2}100",
                f"T{at % 3:03d}",
                f"P{at % 5:03d}",
                {"text": f"QV.CA0990100.LIC/{PLATES[at % 3]}.LIS/CA", "purpose": "C"},
            )
            for at, number in enumerate(self.numbers.batch(count))
        ]

    async def write(self, *sizes: int) -> list[Entry]:
        """Batches of these sizes, committed one by one."""
        written = []
        for size in sizes:
            batch = self.entries(size)
            async with self.pool.acquire() as conn:
                await self.writer.write(conn, batch)
            written += batch
        return written

    async def fill(self, *rounds: tuple[int, ...]) -> list[Entry]:
        """Batches, folded and signed after each round of them."""
        written = []
        for sizes in rounds:
            written += await self.write(*sizes)
            await self.sequencer.fold_all()
        return written

    async def tamper(self, statement: str, *arguments: object) -> None:
        """What a superuser can do, past every trigger."""
        async with self.pool.acquire() as conn, conn.transaction():
            await conn.execute("SET LOCAL session_replication_role = replica")
            await conn.execute(statement, *arguments)
