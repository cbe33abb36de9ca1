"""AC-2(4), AC-5, AC-6: who keeps the facts of others is written down first, and is fit and somebody else."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from tests.app.offices import call, office
from tests.app.test_house_doors import QV, World, world
from tests.policy.conftest import PASSWORD, SECRET
from wireroom.app.office import Office
from wireroom.journal.tags import Tag
from wireroom.lab.fit import facts, recorded
from wireroom.message.envelope import NO_FACTS, Seat
from wireroom.policy.facts import Fact, FactKind, history, record
from wireroom.policy.people import Person
from wireroom.web.house import Refusal, Session

pytestmark = pytest.mark.anyio
__all__ = ["world"]
POLICE = "CA0990100"
ADMIN = Seat(
    terminal="Z001", ori=POLICE, person="a.dean", role="administrator", facts=facts(POLICE, date(2026, 3, 2))
)
BAD = Fact(person="p.vale", kind=FactKind.FINGERPRINT, day=date(2026, 3, 2), good=False)


async def coordination(world: World) -> Office:
    one = Person(id="a.dean", name="Ann Dean", ori=POLICE, role="administrator")
    await world.people.add(one, password=PASSWORD, otp_secret=SECRET, now=world.stage.clock())
    world.stage.clock.tick(1)
    return office(world)


async def test_AC_2_4_each_act_is_one_entry_refused_or_done(world: World) -> None:
    at = await coordination(world)
    for seat, fact, rule in (
        (ADMIN, BAD, None),
        (ADMIN, msgspec.structs.replace(BAD, person="a.dean"), "unfit"),
        (ADMIN, msgspec.structs.replace(BAD, person="nobody"), "unfit"),
        (msgspec.structs.replace(ADMIN, role="operator"), BAD, "role-may"),
        (msgspec.structs.replace(ADMIN, facts=NO_FACTS), BAD, "cleared"),
        (msgspec.structs.replace(ADMIN, spoken_for=True), BAD, "role-may"),
    ):
        before = len(await world.tags())
        answer = await at.people.record(call(world, seat), fact)
        assert (answer.code if answer else None) == rule
        [entry] = (await world.stage.journal())[before:]
        assert (entry.tag, entry.person, entry.detail.get("rule")) == (Tag.PERSON_CHANGED, "a.dean", rule)
        assert entry.detail["person"] == fact.person
    assert len(await history(world.pool, "p.vale")) == 7 + 1


async def test_a_list_is_of_ones_own_agency_and_is_written_down(world: World) -> None:
    at = await coordination(world)
    found = await at.people.members(call(world, ADMIN))
    assert not isinstance(found, Refusal)
    assert [one.id for one in found] == ["a.dean", "p.vale"]
    assert isinstance(
        await at.people.members(call(world, msgspec.structs.replace(ADMIN, role="clerk"))), Refusal
    )
    assert await at.people.members(
        call(world, msgspec.structs.replace(ADMIN, ori="CA0980100", facts=NO_FACTS))
    )
    far = msgspec.structs.replace(ADMIN, ori="CA0980100", facts=facts("CA0980100", date(2026, 3, 2)))
    assert await at.people.members(call(world, far)) == ()
    assert (await world.tags()) == [Tag.PEOPLE_LISTED] * 4


async def test_AC_2_a_page_refuses_with_the_next_request_after_a_change(world: World) -> None:
    session = await world.sign_in()
    assert isinstance(session, Session)
    held = await world.house.session(session.token)
    assert held is not None
    assert held.seat.facts == facts(POLICE, date(2026, 3, 2))
    await record(world.pool, [BAD], by="a.dean", now=world.stage.clock())
    held = await world.house.session(session.token)
    assert held is not None
    assert held.seat.facts.fingerprint is None


async def test_AC_2_a_line_refuses_within_five_seconds_of_a_change(world: World) -> None:
    seat = await world.seated(world.logon())
    assert (await world.door.send(seat, "1", QV, 1)).state == "accepted"
    await record(world.pool, [BAD], by="a.dean", now=world.stage.clock())
    world.stage.clock.tick(5)
    refused = await world.door.send(seat, "2", QV, 2)
    assert (refused.state, refused.rule) == ("refused", "cleared")
    world.stage.clock.tick(5)
    good = msgspec.structs.replace(recorded("p.vale", date(2026, 3, 2))[0], day=date(2026, 3, 2))
    await record(world.pool, [good], by="a.dean", now=world.stage.clock())
    assert (await world.door.send(seat, "3", QV, 3)).state == "accepted"


async def test_a_program_is_spoken_for_and_needs_no_facts(world: World) -> None:
    seat = await world.seated(world.interface())
    assert seat.spoken_for
    assert (await world.door.send(seat, "1", QV, 1)).state == "accepted"
