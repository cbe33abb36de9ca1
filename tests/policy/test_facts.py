"""AC-2, AC-5, AT-4, PS-4, PS-5: facts are kept with who recorded them and count at once; nobody judges themselves."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import asyncpg
import pytest

from tests.policy.conftest import World
from wireroom.lab.fit import recorded
from wireroom.message.envelope import NO_FACTS, Facts
from wireroom.message.local import day_of
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.facts import Fact, FactKind, checked, history, may_record, record
from wireroom.policy.fitness import USUAL
from wireroom.policy.role import apart
from wireroom.policy.staff import Member, due, leave, members, move

pytestmark = pytest.mark.anyio
K = FactKind


def fact(kind: FactKind = K.REVIEW, **more: object) -> Fact:
    return Fact(**{"person": "p.vale", "kind": kind, "day": date(2026, 3, 2)} | more)  # type: ignore[arg-type]


async def fit(world: World, person: str = "p.vale") -> None:
    await record(world.pool, recorded(person, day_of(world.now)), by="a.dean", now=world.now)
    world.tick(seconds=1)


async def facts_at_the_session(world: World, token: str) -> Facts:
    standing = await world.people.session(token, world.now)
    assert standing is not None
    return standing.seat.facts


async def member(world: World, person: str = "p.vale") -> Member:
    return next(one for one in await members(world.pool) if one.id == person)


async def whats(world: World, person: str = "p.vale") -> list[str]:
    found = due(await members(world.pool), USUAL, world.now)
    return [one.what for one in found if one.person == person]


# --------------------------------------------------------------------------- kept, and in force


async def test_AC_2_the_facts_come_with_the_session_and_a_change_is_there_with_the_next_look(
    world: World,
) -> None:
    token = (await world.signed_in()).token
    assert await facts_at_the_session(world, token) == NO_FACTS
    await fit(world)
    assert (await facts_at_the_session(world, token)).score == 92
    assert (await member(world)).wanting(world.now, USUAL) == ()
    world.tick(seconds=1)
    found = fact(K.FINGERPRINT, good=False)
    await record(world.pool, [found], by="a.dean", now=world.now)
    assert (await facts_at_the_session(world, token)).fingerprint is None
    assert (await member(world)).wanting(world.now, USUAL) == ("cleared",)


async def test_AT_4_all_that_was_recorded_stays_with_who_recorded_it_and_when(world: World) -> None:
    await fit(world)
    world.tick(days=1)
    again = fact(K.EXAMINATION, day=date(2026, 3, 3), score=71)
    await record(world.pool, [again], by="a.dean", now=world.now)
    exams = [one for one in await history(world.pool, "p.vale") if one.kind is K.EXAMINATION]
    assert [one.score for one in exams] == [92, 71]
    assert {one.recorded_by for one in exams} == {"a.dean"}
    assert exams[1].recorded_at == world.now
    assert exams[1].ori == "CA0990100"
    with pytest.raises(Unknown, match="no person nobody"):
        await history(world.pool, "nobody")


async def test_the_newest_day_counts_and_of_one_day_what_was_recorded_last(world: World) -> None:
    await fit(world)
    for day, score in ((2, 60), (2, 88), (1, 99)):
        world.tick(seconds=1)
        one = fact(K.EXAMINATION, day=date(2026, 3, day), score=score)
        await record(world.pool, [one], by="a.dean", now=world.now)
    assert (await member(world)).facts.score == 88


async def test_facts_are_kept_all_or_none_and_of_people_there_are(world: World) -> None:
    with pytest.raises(Unknown, match="no person nobody"):
        await record(world.pool, [fact(), fact(person="nobody")], by="a.dean", now=world.now)
    assert await history(world.pool, "p.vale") == ()
    with pytest.raises(Taken, match="this very moment"):
        await record(world.pool, [fact(), fact()], by="a.dean", now=world.now)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (fact(day=date(2026, 3, 3)), "yet to come"),
        (fact(K.EXAMINATION), "has a score"),
        (fact(K.EXAMINATION, score=101), "from 0 to 100"),
        (fact(K.EXAMINATION, score=-1), "from 0 to 100"),
        (fact(K.TRAINING, score=80), "of an examination"),
        (fact(K.STATEMENT), "has a version"),
        (fact(K.AUTHORISATION), "names who gave it"),
        (fact(K.AUTHORISATION, word="Chief", good=False, day=date(2026, 3, 1)), "from today on"),
        (fact(K.REVIEW, word="x" * 101), "at most 100"),
        (fact(K.REVIEW, word="a\x00b"), "printable"),
    ],
)
async def test_what_cannot_be_so_is_not_kept(one: Fact, words: str, world: World) -> None:
    with pytest.raises(Unfit, match=words):
        checked(one, by="a.dean", now=world.now)


async def test_an_authorisation_may_end_by_itself_and_nothing_else_does(world: World) -> None:
    soon = world.now + timedelta(hours=1)
    ends = fact(K.AUTHORISATION, word="Chief", until=soon)
    await record(world.pool, [ends], by="a.dean", now=world.now)
    assert (await member(world)).facts.authorised_until == soon
    assert "authorised" not in (await member(world)).wanting(world.now, USUAL)
    assert "authorised" in (await member(world)).wanting(soon, USUAL)
    for wrong in (fact(until=soon), fact(K.AUTHORISATION, word="Chief", until=world.now)):
        with pytest.raises(Unfit, match="authorisation"):
            checked(wrong, by="a.dean", now=world.now)


# --------------------------------------------------------------------------- duties apart


async def test_AC_5_nobody_records_their_own_facts_on_no_account_of_theirs(world: World) -> None:
    with pytest.raises(Unfit, match="their own facts"):
        await record(world.pool, [fact()], by="p.vale", now=world.now)
    await world.add(id="p.admin", name="pat  VALE", role="administrator")
    await world.add(id="a.dean", name="Ann Dean", role="administrator")
    with pytest.raises(Unfit, match="second account"):
        await may_record(world.pool, "p.admin", "p.vale")
    with pytest.raises(Unfit, match="own facts"):
        await may_record(world.pool, "a.dean", "a.dean")
    await may_record(world.pool, "a.dean", "p.vale")


async def test_AC_6_only_an_administrator_of_the_agency_records_facts(world: World) -> None:
    await world.add(id="s.far", name="Far Away", ori="CA0980100", role="administrator")
    await world.add(id="c.clerk", name="Cleo", role="clerk")
    for by in ("c.clerk", "nobody"):
        with pytest.raises(Unfit, match="records no facts"):
            await may_record(world.pool, by, "p.vale")
    for person in ("p.vale", "nobody"):
        with pytest.raises(Unknown, match="no person"):
            await may_record(world.pool, "s.far", person)


async def grant(world: World, by: str, **facts: str) -> None:
    await world.add(by=by, **{"id": "n.new", "name": "New One", "role": "operator"} | facts)


async def test_AC_2_e_nobody_approves_their_own_account(world: World) -> None:
    await world.add(id="a.dean", name="Ann Dean", role="administrator")
    for facts in ({"id": "a.dean"}, {"name": "ann dean"}):
        with pytest.raises(Unfit, match="their own account"):
            await grant(world, "a.dean", **facts)
    for by in ("p.vale", "nobody"):
        with pytest.raises(Unfit, match="does not give out"):
            await grant(world, by)
    with pytest.raises(Unfit, match="own agency only"):
        await grant(world, "a.dean", ori="CA0980100")
    await grant(world, "a.dean")


async def test_AC_5_administrator_and_auditor_are_never_one_person(world: World) -> None:
    assert apart("administrator", "auditor")
    assert apart("auditor", "administrator")
    assert not apart("auditor", "auditor")
    await world.add(id="a.dean", name="Ann Dean", role="administrator")
    await world.add(id="d.doj", name="Dora", ori="CA0980100", role="doj")
    with pytest.raises(Unfit, match="does not give out the role auditor"):
        await grant(world, "a.dean", role="auditor")
    with pytest.raises(Unfit, match="never administrator and auditor"):
        await grant(world, "", role="auditor", name="Ann  DEAN")
    await grant(world, "d.doj", role="auditor")
    with pytest.raises(Unfit, match="never administrator and auditor"):
        await move(world.pool, "a.dean", "CA0990100", role="auditor", by="console", now=world.now)
    await world.add(id="n.two", name="New One", ori="CA0980100", role="administrator")
    with pytest.raises(Unfit, match="kept apart"):
        await move(world.pool, "n.two", "CA0990100", by="console", now=world.now)


# --------------------------------------------------------------------------- movers and leavers


async def test_PS_5_whoever_moves_has_no_right_left_until_authorised_anew(world: World) -> None:
    await fit(world)
    token = (await world.signed_in()).token
    await move(world.pool, "p.vale", "CA0980100", role="clerk", by="a.dean", now=world.now)
    assert not await world.stands(token)
    moved = await member(world)
    assert (moved.ori, moved.role, moved.wanting(world.now, USUAL)) == ("CA0980100", "clerk", ("authorised",))
    assert moved.held[K.AUTHORISATION].word == "moved from CA0990100 to CA0980100, as clerk"
    world.tick(seconds=1)
    anew = fact(K.AUTHORISATION, word="Sheriff")
    await record(world.pool, [anew], by="a.dean", now=world.now)
    assert (await member(world)).wanting(world.now, USUAL) == ()


async def test_PS_4_whoever_leaves_is_out_at_once_and_the_identifier_is_nobodys(world: World) -> None:
    await fit(world)
    token = (await world.signed_in()).token
    await leave(world.pool, "p.vale", by="a.dean", now=world.now)
    assert not await world.stands(token)
    world.tick(seconds=30)
    await world.refused()
    with pytest.raises(Taken, match="in use, or was"):
        await world.add(name="Somebody Else")
    assert (await member(world)).wanting(world.now, USUAL) == ("authorised",)


async def test_who_moves_or_leaves_is_somebody_and_goes_somewhere_else(world: World) -> None:
    for by in ("p.vale",):
        with pytest.raises(Unfit, match="nobody moves themselves"):
            await move(world.pool, "p.vale", "CA0980100", by=by, now=world.now)
        with pytest.raises(Unfit, match="their own account"):
            await leave(world.pool, "p.vale", by=by, now=world.now)
    with pytest.raises(Unknown, match="no agency"):
        await move(world.pool, "p.vale", "CA0590100", by="console", now=world.now)
    with pytest.raises(Unfit, match="already"):
        await move(world.pool, "p.vale", "CA0990100", by="console", now=world.now)
    for act in (move(world.pool, "nobody", "CA0980100", by="x", now=world.now),
                leave(world.pool, "nobody", by="x", now=world.now)):  # fmt: skip
        with pytest.raises(Unknown, match="no person nobody"):
            await act


async def test_AC_2_no_process_takes_away_an_account_or_a_fact(world: World) -> None:
    await fit(world)
    for statement in (
        "delete from account", "delete from fact", "update fact set good = true", "truncate fact",
    ):  # fmt: skip
        async with world.pool.acquire() as connection, connection.transaction():
            await connection.execute("set local role wireroom_web")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
            break_off = connection.is_in_transaction()
            assert break_off
    assert len(await history(world.pool, "p.vale")) == 7


# --------------------------------------------------------------------------- what is due


async def test_AC_2_j_what_must_be_done_about_people_is_told_with_its_day(world: World) -> None:
    assert await whats(world) == ["train", "clear", "disable", "sign"]
    await fit(world)
    assert await whats(world) == []
    world.tick(days=290)
    assert await whats(world) == []
    for days, overdue in ((30, False), (40, True)):
        world.tick(days=days)
        found = due(await members(world.pool), USUAL, world.now)
        assert [(one.what, one.overdue) for one in found] == [("review", overdue), ("train", overdue)]


async def test_AC_2_h_movers_and_leavers_are_told_of_within_a_day_and_for_a_week(world: World) -> None:
    await fit(world)
    await move(world.pool, "p.vale", "CA0980100", by="a.dean", now=world.now)
    assert await whats(world) == ["moved", "disable"]
    [told, disable] = due(await members(world.pool), USUAL, world.now)
    assert (told.by - told.since, disable.by - disable.since) == (timedelta(days=1), timedelta(days=7))
    world.tick(days=8)
    [disable] = due(await members(world.pool, "CA0980100"), USUAL, world.now)
    assert (disable.what, disable.overdue) == ("disable", True)
    await leave(world.pool, "p.vale", by="a.dean", now=world.now)
    assert await whats(world) == ["left"]
    world.tick(days=8)
    assert await whats(world) == []


async def test_AC_2_3_an_authorisation_that_ended_by_itself_is_to_be_disabled_within_a_week(
    world: World,
) -> None:
    await fit(world)
    world.tick(hours=1)
    ends: datetime = world.now + timedelta(days=1)
    await record(world.pool, [fact(K.AUTHORISATION, word="Chief", until=ends)], by="a.dean", now=world.now)
    world.tick(days=2)
    [one] = due(await members(world.pool), USUAL, world.now)
    assert (one.what, one.since, one.by) == ("disable", day_of(ends), day_of(ends) + timedelta(days=7))
