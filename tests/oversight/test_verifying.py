"""Judges the verification of the journal: a superuser's every change is found and its place named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.conftest import Clock
from tests.journal.invented import ORIGIN, Journal
from tests.sealed import texts
from wireroom.journal import BadCheckpoint
from wireroom.journal.checkpoint import Checkpoint, Signer
from wireroom.message.acting import READER
from wireroom.oversight.reading import newest_checkpoint
from wireroom.oversight.verifying import Verdict, verify

pytestmark = pytest.mark.anyio


async def judge(journal: Journal, *kept: str) -> Verdict:
    """As another process does it, which has no data key in memory."""
    opening = texts(journal.pool.acquire, journal.clock)
    return await verify(journal.pool, journal.keys, texts=opening, now=journal.clock(), kept=kept)


async def test_a_journal_that_is_whole_is_found_so(journal: Journal) -> None:
    await journal.fill((5, 7), (13,), (1, 14))
    await journal.write(2)
    done: list[int] = []
    verdict = await verify(
        journal.pool, journal.keys, texts=journal.texts, now=journal.clock(), progress=done.append
    )
    assert verdict == Verdict(entries=40, checkpoints=3, signed=40, waiting=2)
    assert verdict.whole
    assert verdict.words().startswith("OK: 40 entries agree with 3 signed checkpoints")
    assert done == [5, 12, 25, 26, 40]


def _pool(dsn: str) -> asyncpg.Pool[asyncpg.Record]:
    return asyncpg.create_pool(dsn, min_size=1, max_size=2, server_settings=READER.of_connection)


async def test_the_switch_s_role_writes_and_oversight_s_reads_and_neither_needs_more(
    journal: Journal, as_role: Callable[[str], str]
) -> None:
    async with _pool(as_role("wireroom_switch")) as pool:
        await Journal(pool, journal.clock).fill((5, 7), (13,))
    async with _pool(as_role("wireroom_oversight")) as pool:
        assert (await verify(pool, journal.keys, texts=journal.texts, now=journal.clock())).entries == 25
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute("DELETE FROM journal_pending")


async def test_an_empty_journal_is_whole(journal: Journal) -> None:
    assert await judge(journal) == Verdict()


async def test_entries_folded_and_not_signed_yet_are_no_trouble(journal: Journal) -> None:
    await journal.fill((3,))
    await journal.write(2)
    await journal.sequencer.fold_once()  # the checkpoint is not due
    assert await judge(journal) == Verdict(entries=5, checkpoints=1, signed=3)


async def test_many_batches_are_walked_in_portions(journal: Journal) -> None:
    await journal.fill(tuple([1] * 70 + [1500, 1500]), (4096,))
    assert await judge(journal) == Verdict(entries=7166, checkpoints=2, signed=7166)


BODY = "set_byte(body, 60, get_byte(body, 60) # 1)"  # one bit within what is sealed
LEAF = "sha256('\\x00'::bytea || commitment)"
COLUMNS = "tag, at, transaction, ori, terminal, person, salt, body, commitment"

# What a superuser does, the leaf that must be named, and a word of what must be said. Entry $1 is that of leaf
# 6, in the second batch of three, which has leaves 3 to 7.
TAMPERING = {
    "body": (f"UPDATE journal SET body = {BODY} WHERE number = $1", 6, "body does not match its commitment"),
    "salt": (
        "UPDATE journal SET salt = decode(repeat('00', 16), 'hex') WHERE number = $1",
        6,
        "put there later",
    ),
    "clear": (
        "UPDATE journal SET salt = decode(repeat('00', 16), 'hex'), body = '{}', commitment = NULL WHERE number = $1",
        6,
        "commitment",
    ),
    "commitment": (
        "UPDATE journal SET commitment = sha256('') WHERE number = $1",
        6,
        "column commitment is not",
    ),
    "key gone": ("DELETE FROM data_key WHERE $1::bigint > 0", 0, "its data key"),
    "deleted": ("DELETE FROM journal WHERE number = $1", 6, "is missing; 4 of 5"),
    "added": (
        f"INSERT INTO journal (number, {COLUMNS}) SELECT number + 50, {COLUMNS} "
        "FROM journal WHERE number = $1",
        8,
        "first that does not belong",
    ),
    "swapped": (
        "UPDATE journal AS a SET body = b.body, commitment = b.commitment FROM journal AS b "
        "WHERE (a.number, b.number) IN (($1::bigint, $1::bigint - 1), ($1::bigint - 1, $1::bigint))",
        5,
        "commitment",
    ),
    "renumbered": ("UPDATE journal SET number = number + 100 WHERE number = $1", 6, "commitment"),
    "person": ("UPDATE journal SET person = 'P999' WHERE number = $1", 6, "column person says P999"),
    "time": ("UPDATE journal SET at = at + interval '1 hour' WHERE number = $1", 6, "column at"),
    "transaction": ("UPDATE journal SET transaction = 1 WHERE number = $1", 6, "column transaction says 1"),
    "whole batch": (
        "DELETE FROM journal WHERE number >= $1::bigint & -4096 AND number < $1 + 100",
        3,
        "0 of 5",
    ),
}


@pytest.mark.parametrize("kind", TAMPERING)
async def test_AU_9_what_a_superuser_does_to_an_entry_is_found_and_named(journal: Journal, kind: str) -> None:
    statement, leaf, said = TAMPERING[kind]
    written = await journal.fill((3,), (5, 4))
    await journal.tamper(statement, written[6].number)
    verdict = await judge(journal)
    assert not verdict.whole
    assert (verdict.leaf, said in verdict.trouble) == (leaf, True), verdict
    assert f"leaf {leaf}" in verdict.words()


RECORDS = {
    "span gone": ("DELETE FROM journal_span WHERE first = 3", 3, "starts at leaf 8"),
    "span moved": ("UPDATE journal_span SET first = 4 WHERE first = 3", 3, "leaves are missing"),
    "span twice": (
        "INSERT INTO journal_span SELECT 2, 1, 1, leaves FROM journal_span WHERE first = 0",
        3,
        "twice",
    ),
    "span count": ("UPDATE journal_span SET entries = 6 WHERE first = 3", 3, "6 entries and 5 hashes"),
    "hash": ("UPDATE journal_span SET leaves = reverse(leaves) WHERE first = 3", 3, "commitment"),
    "last span gone": ("DELETE FROM journal_span WHERE first = 8", 8, "cut off here"),
    "signature": (
        "UPDATE journal_checkpoint SET note = replace(note, '3', '4') WHERE size = 3",
        2,
        "not to be believed",
    ),
    "note of another": (
        "UPDATE journal_checkpoint SET note = (SELECT note FROM journal_checkpoint WHERE size = 12) "
        "WHERE size = 3",
        2,
        "another size or root",
    ),
    "checkpoint root": (
        "UPDATE journal_checkpoint SET root = sha256('') WHERE size = 12",
        11,
        "another size or root",
    ),
    "tree root": ("UPDATE journal_tree SET root = sha256('')", 12, "the tree is stored with 12"),
    "tree gone": ("DELETE FROM journal_tree", 0, "the tree is stored with 0"),
    "all gone": ("DELETE FROM journal_span", 0, "cut off here"),
}


@pytest.mark.parametrize("kind", RECORDS)
async def test_what_a_superuser_does_to_the_tree_s_records_is_found(journal: Journal, kind: str) -> None:
    statement, leaf, said = RECORDS[kind]
    await journal.fill((3,), (5, 4))
    await journal.tamper(statement)
    verdict = await judge(journal)
    assert (verdict.leaf, said in verdict.trouble) == (leaf, True), verdict


async def test_an_entry_changed_together_with_its_hash_is_found_between_two_checkpoints(
    journal: Journal,
) -> None:
    written = await journal.fill((3,), (5, 4))
    # Somebody who has the keys too seals another text for it, with all that hangs on that.
    rows = journal.writer.rows(
        [msgspec.structs.replace(written[6], detail={"text": "QV.CA0990100.LIC/OTHER"})]
    )
    await journal.tamper(
        "UPDATE journal SET body = $2, commitment = $3, salt = '' WHERE number = $1",
        written[6].number, rows.bodies[0], rows.commitments[0],
    )  # fmt: skip
    await journal.tamper(
        f"UPDATE journal_span SET leaves = (SELECT string_agg({LEAF}, ''::bytea ORDER BY number) FROM journal "
        "WHERE number >= batch AND number < batch + 4096) WHERE first = 3"
    )
    verdict = await judge(journal)
    assert verdict.leaf == 3
    assert "leaves 3 to 11: they are not what the stored checkpoint of 12 entries signed" in verdict.trouble


async def test_a_body_that_is_no_entry_is_found_even_if_it_was_signed(journal: Journal) -> None:
    await journal.pool.execute(
        "INSERT INTO journal SELECT 4096, 'a:b', now(), 0, '', '', '', decode(repeat('00', 16), 'hex'), '{}'"
    )
    await journal.pool.execute("INSERT INTO journal_pending VALUES (4096)")
    await journal.sequencer.fold_all()
    verdict = await judge(journal)
    assert (verdict.number, verdict.leaf) == (4096, 0)
    assert "the body is not an entry" in verdict.trouble


CUT = (
    "DELETE FROM journal WHERE number >= (SELECT min(batch) FROM journal_span WHERE first >= 3)",
    "DELETE FROM journal_span WHERE first >= 3",
    "DELETE FROM journal_checkpoint WHERE size > 3",
)


async def test_a_tail_cut_off_with_its_checkpoints_is_seen_by_a_checkpoint_kept_elsewhere(
    journal: Journal,
) -> None:
    await journal.fill((3,))
    frontier = await journal.pool.fetchrow("SELECT size, frontier, root FROM journal_tree")
    assert frontier is not None
    early = await newest_checkpoint(journal.pool)
    await journal.fill((5, 4))
    kept = await newest_checkpoint(journal.pool)
    for statement in CUT:
        await journal.tamper(statement)
    await journal.tamper("UPDATE journal_tree SET size = $1, frontier = $2, root = $3", *frontier)
    assert (await judge(journal, early)).whole, "nothing in the database can show it"
    verdict = await judge(journal, kept)
    assert verdict.leaf == 3
    assert "the checkpoint of 12 entries kept elsewhere" in verdict.trouble


async def test_a_checkpoint_kept_from_another_history_is_seen(journal: Journal) -> None:
    await journal.fill((3,), (5, 4))
    kept = journal.signer.sign(Checkpoint(ORIGIN, 5, bytes(32)))
    verdict = await judge(journal, kept)
    assert verdict.leaf == 3
    assert "leaves 3 to 4: they are not what the checkpoint of 5 entries kept elsewhere" in verdict.trouble


async def test_a_kept_checkpoint_counts_beside_the_stored_one_of_its_size(journal: Journal) -> None:
    await journal.fill((3,), (5,))
    kept = await newest_checkpoint(journal.pool)
    assert await judge(journal, kept) == Verdict(entries=8, checkpoints=3, signed=8)


async def test_a_kept_checkpoint_that_the_key_did_not_sign_is_no_use(journal: Journal) -> None:
    await journal.fill((1,))
    other = Signer(ORIGIN, Ed25519PrivateKey.generate())
    with pytest.raises(BadCheckpoint, match="none of the log's known keys"):
        await judge(journal, other.sign(Checkpoint(ORIGIN, 1, bytes(32))))


async def test_checkpoints_of_a_key_that_is_not_trusted_are_not_believed(journal: Journal) -> None:
    await journal.fill((2,))
    other = Signer(ORIGIN, Ed25519PrivateKey.generate())
    verdict = await verify(journal.pool, [other.key.vkey], texts=journal.texts, now=journal.clock())
    assert verdict.leaf == 1
    assert "not to be believed" in verdict.trouble


async def test_an_entry_put_in_without_a_batch_is_found(journal: Journal) -> None:
    written = await journal.fill((2,))
    await journal.tamper(
        f"INSERT INTO journal (number, {COLUMNS}) SELECT number + 8192, {COLUMNS} "
        "FROM journal WHERE number = $1",
        written[0].number,
    )
    verdict = await judge(journal)
    assert verdict.number == written[0].number + 8192
    assert "put in from outside" in verdict.trouble


async def test_a_batch_that_waits_too_long_is_told(journal: Journal, clock: Clock) -> None:
    written = await journal.write(2)
    clock.tick(59)
    assert (await judge(journal)).waiting == 2
    clock.tick(2)
    verdict = await judge(journal)
    assert verdict.number == written[0].number
    assert "is the sequencer running?" in verdict.trouble


async def test_a_batch_that_was_announced_and_is_gone_is_told(journal: Journal) -> None:
    await journal.write(2)
    await journal.tamper("DELETE FROM journal")
    assert "announced and its entries are gone" in (await judge(journal)).trouble


async def test_what_is_written_meanwhile_does_not_disturb(journal: Journal) -> None:
    await journal.fill((3,), (4,))
    stop = asyncio.Event()

    async def write() -> None:
        while not stop.is_set():
            await journal.fill((2,))

    writing = asyncio.create_task(write())
    verdicts = [await judge(journal) for _ in range(5)]
    stop.set()
    await writing
    assert all(verdict.whole for verdict in verdicts), verdicts
