"""Emergencies: owed for a day, explained by somebody else, and counted in the session."""

from __future__ import annotations

import pytest

from tests.policy.conftest import World
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.directory import Pool
from wireroom.policy.emergencies import WITHIN, declare, explain, listed

pytestmark = pytest.mark.anyio


async def owed(world: World, pool: Pool, number: int = 7) -> None:
    async with pool.acquire() as connection:
        await declare(connection, [(number, "p.vale", "CA0990100", "own-affairs", world.now)])


async def test_an_emergency_is_owed_after_a_day_until_somebody_else_explained_it(world: World) -> None:
    pool = world.pool
    for person, name, role in (("s.lead", "Sam Lead", "supervisor"), ("o.peer", "Olga Peer", "operator")):
        await world.add(id=person, name=name, role=role)
    await owed(world, pool)
    assert [(one.number, one.due_at) for one in await listed(pool)] == [(7, world.now + WITHIN)]
    assert (await listed(pool, "CA0980100")) == ()
    world.tick(hours=24, seconds=1)
    opened = await world.signed_in()

    async def owing() -> bool:
        standing = await world.people.session(opened.token, world.now)
        assert standing is not None
        return standing.seat.facts.owing

    assert await owing()
    for by, error in (("p.vale", Unfit), ("o.peer", Unfit), ("nobody", Unfit)):
        with pytest.raises(error):
            await explain(pool, 7, "It was my neighbour.", stands=True, by=by, now=world.now)
    with pytest.raises(Unknown):
        await explain(pool, 8, "It was one.", stands=True, by="s.lead", now=world.now)
    with pytest.raises(Unfit):
        await explain(pool, 7, " ", stands=True, by="s.lead", now=world.now)
    await explain(
        pool, 7, "A child was missing; the car was the mother's.", stands=True, by="s.lead", now=world.now
    )
    assert not await owing()
    with pytest.raises(Taken):
        await explain(pool, 7, "Once more.", stands=False, by="s.lead", now=world.now)
    [one] = await listed(pool, "CA0990100", every=True)
    assert (one.stands, one.explained_by) == (True, "s.lead")
    assert await listed(pool) == ()


async def test_written_down_twice_it_is_owed_once(world: World) -> None:
    await owed(world, world.pool)
    await owed(world, world.pool)
    assert len(await listed(world.pool)) == 1
