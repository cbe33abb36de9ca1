"""Versions of the rules: put forward by one, tried on past decisions, approved by another, signed."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from tests.policy.conftest import World
from tests.policy.test_engine import CLEAN, NARROWS
from wireroom.message.local import day_of
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.engine import Policies, built_in
from wireroom.policy.request import Request
from wireroom.policy.rulesets import RulesSigner, approve, in_force, propose, rulesets
from wireroom.policy.ruling import usual
from wireroom.policy.tally import HELD_MAX, Tally, replay, write

pytestmark = pytest.mark.anyio

SIGNER = RulesSigner(b"r" * 32)
ASKS = 'permit(principal in Role::"inquiry", action in Action::"asks", resource);'
WIDER = built_in().replace(ASKS, ASKS.replace('Action::"asks"', '[Action::"asks", Action::"vouches"]'))
PEOPLE = (
    ("d.one", "Dora One", "doj"), ("d.two", "Dan Two", "doj"), ("d.three", "Dora  one", "doj"),
    ("a.root", "Ada Root", "administrator"), ("a.next", "Abe Next", "administrator"),
    ("o.peer", "Olga Peer", "operator"),
)  # fmt: skip


@pytest.fixture
async def staffed(world: World) -> World:
    for person, name, role in PEOPLE:
        await world.add(id=person, name=name, role=role)
    return world


def requests() -> Iterator[tuple[Request, str]]:
    """Some of a day: what an inquiry-only account asked, validated in vain, and an operator."""
    for role, verb, times in (
        ("inquiry", "inquire", 50),
        ("inquiry", "validate", 3),
        ("operator", "enter", 20),
    ):
        request = msgspec.convert({**CLEAN, "role": role, "verb": verb}, Request)
        decision = usual().decide(request)
        for _ in range(times):
            yield request, "" if decision.allowed else decision.rules[0].name


async def decided(world: World) -> None:
    tally = Tally(lambda: world.now)
    for request, rule in requests():
        tally(request, "", rule)
    await write(world.pool, tally.take(), usual().digest, day_of(world.now))


async def test_CM_3_rules_are_in_force_when_somebody_else_approved_them(staffed: World) -> None:
    pool, now = staffed.pool, staffed.now
    assert built_in() != WIDER
    one = await propose(pool, Policies(WIDER), "Inquiry-only accounts validate, too.", by="d.one", now=now)
    assert await in_force(pool, SIGNER, now) is None
    with pytest.raises(Taken):
        await propose(pool, Policies(WIDER), "Once more.", by="d.two", now=now)
    for by in (
        "d.one",
        "d.three",
        "o.peer",
        "a.root",
    ):  # himself, his second account, no right, the state's rules
        with pytest.raises(Unfit):
            await approve(pool, one.digest, SIGNER, "{}", by=by, now=now)
    with pytest.raises(Unknown):
        await approve(pool, "0" * 16, SIGNER, "{}", by="d.two", now=now)
    await approve(pool, one.digest, SIGNER, "{}", by="d.two", now=now)
    held = await in_force(pool, SIGNER, now)
    assert held is not None
    assert (held.digest, held.approved_by) == (Policies(WIDER).digest, "d.two")


@pytest.mark.parametrize(
    "change",
    ["text = text || '// x'", "approved_by = 'd.one'", "signature = ''", "differences = 'none'",
     "in_force_from = in_force_from - interval '1 second'", "local = '{\"CA0990100\": \"\"}'"],
)  # fmt: skip
async def test_CM_5_rules_that_somebody_changed_in_the_database_are_never_in_force(
    staffed: World, change: str
) -> None:
    pool, now = staffed.pool, staffed.now
    one = await propose(pool, Policies(WIDER), "Inquiry-only accounts validate, too.", by="d.one", now=now)
    await approve(pool, one.digest, SIGNER, "{}", by="d.two", now=now)
    await pool.execute(f"UPDATE ruleset SET {change}")
    with pytest.raises(Unfit, match="not as they were approved"):
        await in_force(pool, SIGNER, now)


async def test_an_agency_changes_its_own_rules_and_no_others(staffed: World) -> None:
    pool, now = staffed.pool, staffed.now
    own = Policies(built_in(), {"CA0990100": NARROWS})
    for wrong in (Policies(WIDER), Policies(built_in(), {"CA0980100": NARROWS})):
        with pytest.raises(Unfit):
            await propose(pool, wrong, "Not ours.", by="a.root", now=now)
    one = await propose(pool, own, "Wide searches go over the watch commander.", by="a.root", now=now)
    await approve(pool, one.digest, SIGNER, "{}", by="a.next", now=now)
    held = await in_force(pool, SIGNER, now)
    assert held is not None
    assert dict(held.local) == {"CA0990100": NARROWS}
    assert [one.digest for one in await rulesets(pool)] == [own.digest]


async def test_other_rules_are_tried_on_what_was_decided_and_the_difference_is_shown(staffed: World) -> None:
    pool = staffed.pool
    await decided(staffed)
    await decided(staffed)
    today = day_of(staffed.now)
    same = await replay(pool, usual(), today=today)
    assert (same.decisions, same.kinds, same.differences, same.opened, same.closed) == (146, 3, (), 0, 0)
    wider = await replay(pool, Policies(WIDER), today=today)
    [difference] = wider.differences
    assert (difference.times, difference.was, difference.would_be, difference.opens) == (
        6,
        "role-may",
        "",
        True,
    )
    assert (wider.opened, wider.closed) == (6, 0)
    barred = (
        built_in()
        + '@id("none") @sentence("Nobody enters today.") forbid(principal, action == Action::"enter", resource);'
    )
    narrower = await replay(pool, Policies(barred), today=today)
    assert (narrower.opened, narrower.closed) == (0, 40)
    staffed.tick(days=31)
    assert (await replay(pool, Policies(WIDER), today=day_of(staffed.now))).decisions == 0
    await pool.execute("""UPDATE decided SET facts = '{"role": "operator"}'""")
    assert (await replay(pool, Policies(WIDER), today=today)).unknown == 146


async def test_counts_are_bounded_and_put_back(staffed: World) -> None:
    tally = Tally(lambda: staffed.now)
    request = msgspec.convert({**CLEAN, "role": "operator", "verb": "enter"}, Request)
    for n in range(HELD_MAX + 5):
        tally(request, str(n), "")
    assert tally.lost == 5
    held = tally.take()
    assert len(held) == HELD_MAX
    tally(request, "", "")
    tally.put_back(held)
    assert sum(tally.take().values()) == HELD_MAX + 1
