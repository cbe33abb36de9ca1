"""Judges the sequencer: no batch missed, no fork, no half round, whatever happens in between."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from tests.conftest import Clock
from tests.journal.invented import ORIGIN, Journal
from wireroom.journal import TreeBroken
from wireroom.journal import sequencer as module
from wireroom.journal.checkpoint import Checkpoint, Signer, open_checkpoint
from wireroom.journal.entry import Entry, canonical
from wireroom.journal.numbers import batch_of
from wireroom.journal.sequencer import Sequencer
from wireroom.journal.tree import commitment, leaf_hash, root_of
from wireroom.oversight.leaves import open_body

pytestmark = pytest.mark.anyio


async def leaves_of(journal: Journal, entries: list[Entry]) -> list[bytes]:
    """The leaf hashes that these entries must have, worked out by hand."""
    rows = await journal.pool.fetch("SELECT number, salt, body, commitment FROM journal")
    salts = {row["number"]: open_body(row, journal.texts)[0] for row in rows}
    return [leaf_hash(commitment(salts[entry.number], canonical(entry))) for entry in entries]


async def stored(journal: Journal) -> tuple[int, bytes]:
    row = await journal.pool.fetchrow("SELECT size, root FROM journal_tree")
    assert row is not None
    return row["size"], row["root"]


async def checkpoints(journal: Journal) -> list[Checkpoint]:
    rows = await journal.pool.fetch("SELECT note FROM journal_checkpoint ORDER BY size")
    return [open_checkpoint(row["note"], [journal.signer.key]).checkpoint for row in rows]


async def test_batches_are_folded_in_order_and_signed(journal: Journal) -> None:
    written = await journal.write(3, 1, 5)
    assert await journal.sequencer.fold_once() == 9
    root = root_of(await leaves_of(journal, written))
    assert await stored(journal) == (9, root)
    assert await checkpoints(journal) == [Checkpoint(ORIGIN, 9, root)]
    spans = await journal.pool.fetch("SELECT first, entries, batch FROM journal_span ORDER BY first")
    numbers = [batch_of(written[at].number) for at in (0, 3, 4)]
    assert [tuple(span) for span in spans] == list(zip((0, 3, 4), (3, 1, 5), numbers, strict=True))
    assert await journal.pool.fetchval("SELECT count(*) FROM journal_pending") == 0


async def test_the_tree_grows_round_by_round_to_the_root_of_the_whole(journal: Journal) -> None:
    written = await journal.fill((2, 3), (1,), (4, 4, 4))
    assert await stored(journal) == (18, root_of(await leaves_of(journal, written)))
    assert [checkpoint.size for checkpoint in await checkpoints(journal)] == [5, 6, 18]


async def test_a_batch_that_commits_late_is_not_missed(journal: Journal) -> None:
    early, later = journal.entries(2), journal.entries(3)
    async with journal.pool.acquire() as slow, journal.pool.acquire() as fast:
        pending = slow.transaction()
        await pending.start()
        await journal.writer.write(slow, early)
        await journal.writer.write(fast, later)
        assert await journal.sequencer.fold_once() == 3
        await pending.commit()
    assert await journal.sequencer.fold_once() == 2
    assert await stored(journal) == (5, root_of(await leaves_of(journal, later + early)))


async def test_sequencers_at_once_do_not_fork_the_tree(journal: Journal) -> None:
    rivals = [journal.another_sequencer() for _ in range(3)]
    for _ in range(8):
        await journal.write(3, 2)
        await asyncio.gather(*(rival.fold_once() for rival in rivals))
    await journal.sequencer.fold_all()
    spans = await journal.pool.fetch("SELECT first, entries, leaves FROM journal_span ORDER BY first")
    assert [span["first"] for span in spans] == [
        sum(span["entries"] for span in spans[:at]) for at in range(len(spans))
    ]
    whole = b"".join(span["leaves"] for span in spans)
    assert await stored(journal) == (40, root_of([whole[at : at + 32] for at in range(0, len(whole), 32)]))


async def test_while_another_holds_the_lock_nothing_is_folded(journal: Journal) -> None:
    await journal.write(2)
    async with journal.pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT pg_advisory_xact_lock($1)", module._LOCK)
        assert await journal.sequencer.fold_once() == 0
    assert await journal.sequencer.fold_once() == 2


class Breaking(Signer):
    """A signer that fails, as a broken key store would."""

    def sign(self, checkpoint: Checkpoint) -> str:
        raise OSError("the key store is away")


async def test_a_round_that_breaks_off_leaves_nothing_behind_and_is_done_again(journal: Journal) -> None:
    written = await journal.write(3, 2)
    private = journal.signer._private
    broken = Sequencer(journal.pool, Breaking(ORIGIN, private), journal.clock, ORIGIN)
    with pytest.raises(OSError, match="key store"):
        await broken.fold_once()
    assert await journal.pool.fetchval("SELECT count(*) FROM journal_pending") == 2
    assert await journal.pool.fetchval("SELECT count(*) FROM journal_span") == 0
    await journal.sequencer.fold_all()
    assert await stored(journal) == (5, root_of(await leaves_of(journal, written)))


async def test_checkpoints_are_signed_no_oftener_than_asked_and_never_forgotten(
    journal: Journal, clock: Clock
) -> None:
    signed = []
    for seconds in (0, 0.4, 0.4, 0.4):
        clock.tick(seconds)
        await journal.write(1)
        await journal.sequencer.fold_once()
        signed.append([checkpoint.size for checkpoint in await checkpoints(journal)])
    assert signed == [[1], [1], [1], [1, 4]]
    await journal.write(1)
    await journal.sequencer.fold_once()
    clock.tick(1.5)
    assert await journal.sequencer.fold_once() == 0  # nothing new, and yet it is time to sign
    assert (await checkpoints(journal))[-1].size == 5


async def test_an_idle_journal_is_not_signed_again(journal: Journal, clock: Clock) -> None:
    await journal.fill((2,))
    clock.tick(100)
    assert await journal.sequencer.fold_once() == 0
    assert await journal.another_sequencer().fold_once() == 0
    assert len(await checkpoints(journal)) == 1


async def test_a_clock_that_steps_back_does_not_stop_the_signing(journal: Journal, clock: Clock) -> None:
    await journal.fill((1,))
    clock.tick(-3600)
    await journal.write(1)
    await journal.sequencer.fold_once()
    assert [checkpoint.size for checkpoint in await checkpoints(journal)] == [1, 2]


async def test_a_round_takes_no_more_than_its_bound(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCHES_A_ROUND", 2)
    await journal.write(1, 1, 1, 1, 1)
    assert [await journal.sequencer.fold_once() for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE journal_tree SET root = decode(repeat('00', 32), 'hex')", "stored root"),
        ("UPDATE journal_tree SET size = size + 1", "cannot have a frontier"),
        ("UPDATE journal_tree SET size = 0, frontier = '', root = sha256('')", "contradicts"),
        ("DELETE FROM journal_tree", "contradicts"),
        ("DELETE FROM journal WHERE number > (SELECT max(batch) FROM journal_span) + 4095", "no entries"),
        ("INSERT INTO journal_pending SELECT batch FROM journal_span", "twice"),
    ],
)
async def test_what_contradicts_itself_is_not_signed(journal: Journal, statement: str, said: str) -> None:
    await journal.fill((3,))
    await journal.write(2)
    await journal.tamper(statement)
    with pytest.raises(TreeBroken, match=said):
        await journal.another_sequencer().fold_once()
    assert [checkpoint.size for checkpoint in await checkpoints(journal)] == [3]


async def test_a_journal_set_back_under_a_running_sequencer_is_not_signed(journal: Journal) -> None:
    await journal.fill((3,), (2,))
    await journal.tamper("DELETE FROM journal_checkpoint")
    await journal.tamper("UPDATE journal_tree SET size = 0, frontier = '', root = sha256('')")
    await journal.write(1)
    with pytest.raises(TreeBroken, match="seen here"):
        await journal.sequencer.fold_once()


class Telling(Signer):
    """A signer that says when it has signed."""

    def __init__(self, signer: Signer) -> None:
        super().__init__(ORIGIN, signer._private)
        self.signed = asyncio.Event()

    def sign(self, checkpoint: Checkpoint) -> str:
        self.signed.set()
        return super().sign(checkpoint)


async def test_a_running_sequencer_finds_what_is_written_by_itself(journal: Journal) -> None:
    signer, stop = Telling(journal.signer), asyncio.Event()
    running = asyncio.create_task(
        Sequencer(journal.pool, signer, journal.clock, ORIGIN, poll_seconds=0.001).run(stop)
    )
    await journal.write(3)
    await asyncio.wait_for(signer.signed.wait(), 20)
    stop.set()
    await asyncio.wait_for(running, 20)
    assert (await stored(journal))[0] == 3


async def test_a_sequencer_that_is_stopped_folds_and_signs_the_rest(journal: Journal) -> None:
    await journal.fill((1,))
    await journal.write(3)
    stop = asyncio.Event()
    stop.set()
    await journal.sequencer.run(stop)
    assert (await checkpoints(journal))[-1].size == 4


class Away:
    """A pool whose database is away at first."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], times: int) -> None:
        self._pool = pool
        self.times = times
        self.sequencer: Sequencer | None = None
        self.told: list[str] = []

    def acquire(self, *, timeout: float) -> object:
        if self.sequencer is not None:
            self.told.append(self.sequencer.trouble)
        if self.times > 0:
            self.times -= 1
            raise ConnectionRefusedError("nobody listens")
        return self._pool.acquire(timeout=timeout)


async def test_a_database_that_is_away_is_waited_for_and_told_of(journal: Journal) -> None:
    signer, stop = Telling(journal.signer), asyncio.Event()
    away = Away(journal.pool, 2)
    sequencer = Sequencer(away, signer, journal.clock, ORIGIN, poll_seconds=0.001)  # type: ignore[arg-type]
    away.sequencer = sequencer
    await journal.write(3)
    running = asyncio.create_task(sequencer.run(stop))
    await asyncio.wait_for(signer.signed.wait(), 20)
    stop.set()
    await asyncio.wait_for(running, 20)
    assert away.told[0] == ""
    assert all("nobody listens" in told for told in away.told[1:3])
    assert sequencer.trouble == ""


async def test_a_database_that_is_away_at_the_end_is_left_for_the_next_start(journal: Journal) -> None:
    stop = asyncio.Event()
    stop.set()
    away = Away(journal.pool, 1)
    await Sequencer(away, journal.signer, journal.clock, ORIGIN).run(stop)  # type: ignore[arg-type]
    assert away.times == 0


async def test_another_sequencer_goes_on_where_the_first_ended(journal: Journal) -> None:
    written = await journal.fill((3,))
    written += await journal.write(4)
    await journal.another_sequencer().fold_all()
    assert await stored(journal) == (7, root_of(await leaves_of(journal, written)))


async def test_a_checkpoint_carries_the_time_it_was_signed(journal: Journal) -> None:
    await journal.fill((1,))
    at: datetime = await journal.pool.fetchval("SELECT at FROM journal_checkpoint")
    assert at == datetime(2026, 3, 2, 16, tzinfo=UTC)
