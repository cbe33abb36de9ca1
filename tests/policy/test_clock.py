"""Threat 27: a clock that goes an hour forward and back lengthens no session, and no code counts twice."""

from __future__ import annotations

import pytest

from tests.policy.conftest import SECRET, World
from wireroom.policy.people import Refused
from wireroom.policy.secret import code_at

pytestmark = pytest.mark.anyio


async def looked_after(world: World) -> None:
    """What a switch that runs does every few seconds."""
    await world.people.sweep(world.now)


async def test_threat_27_a_clock_set_forward_ends_sooner_and_never_later(world: World) -> None:
    token = (await world.signed_in()).token
    world.tick(hours=1)
    assert not await world.stands(token)
    await looked_after(world)
    world.tick(hours=-1)
    assert not await world.stands(token), "what had ended does not come back with the clock"


async def test_threat_27_what_was_used_while_the_clock_was_ahead_is_idle_from_when_it_was_set_right(
    world: World,
) -> None:
    token = (await world.signed_in()).token
    world.tick(minutes=29)
    assert await world.people.session(token, world.now) is not None
    world.tick(minutes=29)
    assert (
        await world.people.session(token, world.now) is not None
    )  # used at what the clock calls 58 minutes later
    world.tick(hours=-1)
    await looked_after(world)
    world.tick(minutes=29)
    assert await world.stands(token)
    world.tick(minutes=2)
    assert not await world.stands(token)


async def test_threat_27_a_clock_set_back_keeps_no_idle_session_alive(world: World) -> None:
    token = (await world.signed_in()).token
    world.tick(hours=-1)
    await looked_after(world)
    world.tick(minutes=31)
    assert not await world.stands(token)


async def test_threat_27_a_session_opened_while_the_clock_was_ahead_has_its_twelve_hours_and_no_more(
    world: World,
) -> None:
    world.tick(hours=1)
    token = (await world.signed_in()).token
    world.tick(hours=-1)
    await looked_after(world)
    for _ in range(12 * 60 // 20 - 1):
        world.tick(minutes=20)
        assert await world.people.session(token, world.now) is not None
    world.tick(minutes=20)
    assert not await world.stands(token)


async def test_threat_27_no_sweep_moves_a_session_of_a_clock_that_goes_right(world: World) -> None:
    token = (await world.signed_in()).token
    before = await world.pool.fetchrow("SELECT opened_at, seen_at, ended_at FROM session")
    world.tick(minutes=10)
    await looked_after(world)
    assert await world.pool.fetchrow("SELECT opened_at, seen_at, ended_at FROM session") == before
    assert await world.stands(token)


@pytest.mark.parametrize("hours", [1, -1])
async def test_threat_27_a_code_counts_once_whatever_the_clock_does(world: World, hours: int) -> None:
    code = code_at(SECRET, world.now)
    await world.signed_in(code=code)
    world.tick(hours=hours)
    world.tick(hours=-hours)
    refused = await world.sign_in(code=code)
    assert isinstance(refused, Refused)
    assert refused.cause.startswith("code used before")


async def test_threat_27_codes_of_before_do_not_count_again_when_the_clock_is_set_back(world: World) -> None:
    earlier = code_at(SECRET, world.now)
    world.tick(hours=1)
    await world.signed_in()
    world.tick(hours=-1)
    refused = await world.sign_in(code=earlier)
    assert isinstance(refused, Refused), "it was never used, and is older than one that was"
    world.tick(hours=1, seconds=30)
    await world.signed_in()
