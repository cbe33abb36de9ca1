"""Claims about sealed texts: a key outlives every rollback, and what was moved or altered does not open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import asyncpg
import pytest

from tests.conftest import Clock
from tests.journal.invented import Journal
from tests.sealed import Masters, texts
from wireroom.app.keyring import KeysDown
from wireroom.journal import NotWritten
from wireroom.journal.sealing import NEWER_SOUGHT_S, OVERHEAD_BYTES, Place, SealedShut, Texts

pytestmark = pytest.mark.anyio
HERE, THERE = Place("delivery", "body"), Place("leg", "question")
KEYS = "select day, version from data_key order by day, version"


@pytest.fixture
def sealer(pool: asyncpg.Pool[asyncpg.Record], clock: Callable[[], datetime]) -> Texts:
    return texts(pool.acquire, clock)


async def test_another_process_opens_what_was_sealed_and_one_key_serves_both(
    pool: asyncpg.Pool[asyncpg.Record], sealer: Texts, clock: Clock
) -> None:
    other = texts(pool.acquire, clock)
    sealed = await sealer.sealed(HERE, [(1, b"one"), (2, b"two")])
    more = await other.sealed(HERE, [(3, b"three")])
    async with pool.acquire() as connection:
        found = await other.opened(connection, HERE, [(1, sealed[0]), (2, sealed[1]), (3, more[0])])
    assert found == [b"one", b"two", b"three"]
    assert [len(one) - OVERHEAD_BYTES for one in sealed] == [3, 3]
    assert len(await pool.fetch(KEYS)) == 1


async def test_each_day_has_its_key_and_a_rotation_another(
    pool: asyncpg.Pool[asyncpg.Record], clock: Clock
) -> None:
    masters = Masters()
    sealer = texts(pool.acquire, clock, masters)
    sealed = [(n, (await sealer.sealed(HERE, [(n, b"x")]))[0]) for n in range(2)]
    clock.tick(86_400)
    sealed.append((2, (await sealer.sealed(HERE, [(2, b"x")]))[0]))
    masters.rotate()
    clock.tick(NEWER_SOUGHT_S)
    sealed.append((3, (await sealer.sealed(HERE, [(3, b"x")]))[0]))
    assert [(row["day"].day, row["version"]) for row in await pool.fetch(KEYS)] == [(2, 1), (3, 1), (3, 2)]
    async with pool.acquire() as connection:
        fresh = texts(pool.acquire, clock, masters)
        assert await fresh.opened(connection, HERE, sealed) == [b"x"] * 4


async def test_a_rollback_does_not_take_the_key_away(journal: Journal) -> None:
    async with journal.pool.acquire() as connection:
        undone = connection.transaction()
        await undone.start()
        await journal.writer.write(connection, journal.entries(1))
        await undone.rollback()
    await journal.write(1)
    fresh = texts(journal.pool.acquire, journal.clock)
    async with journal.pool.acquire() as connection:
        [row] = await connection.fetch("select number, body from journal")
        assert await fresh.opened(connection, Place("journal", "body"), [(row["number"], row["body"])])


class Others(Masters):
    """The keys of another house."""

    def _master(self, version: int) -> bytes:
        return b"o" * 32


@pytest.mark.parametrize("change", ["row", "place", "bit", "short", "clear", "key", "other key"])
async def test_what_was_moved_or_altered_does_not_open(
    pool: asyncpg.Pool[asyncpg.Record], sealer: Texts, clock: Clock, change: str
) -> None:
    [sealed] = await sealer.sealed(HERE, [(1, b"text")])
    place, row = (THERE if change == "place" else HERE), (2 if change == "row" else 1)
    sealed = {
        "bit": sealed[:-1] + bytes((sealed[-1] ^ 1,)),
        "short": sealed[:20],
        "clear": b'{"text":"text that nobody sealed, and it is long"}',
        "key": sealed[:1] + bytes(7) + b"\7" + sealed[9:],
    }.get(change, sealed)
    if change == "other key":
        sealer = texts(pool.acquire, clock, Others())
    async with pool.acquire() as connection:
        with pytest.raises(KeysDown if change == "other key" else SealedShut):
            await sealer.opened(connection, place, [(row, sealed)])


async def test_where_no_key_can_be_had_nothing_is_written(journal: Journal) -> None:
    class Gone(Masters):
        def wrap(self, name: str, key: bytes) -> tuple[int, bytes]:
            raise KeysDown("the key service does not answer")

    journal.texts = texts(journal.pool.acquire, journal.clock, Gone())
    journal.writer._texts = journal.texts
    with pytest.raises(NotWritten, match="nothing can be sealed, so nothing is written"):
        await journal.write(1)
    assert await journal.pool.fetchval("select count(*) from journal") == 0
    assert await journal.pool.fetchval("select count(*) from data_key") == 0


async def test_no_two_seals_are_alike_and_nothing_of_a_text_shows(sealer: Texts) -> None:
    sealed = await sealer.sealed(HERE, [(1, b"the same text")] * 200)
    assert len(set(sealed)) == 200
    assert not any(b"same" in one for one in sealed)
    assert repr(sealer) == "Texts(\u2026)"
