"""Administration over a world of tests, and calls as the doors make them."""

from __future__ import annotations

from datetime import date

import msgspec

from tests.app.test_house_doors import World
from tests.policy.conftest import PASSWORD, SECRET
from wireroom.app.office import Office
from wireroom.lab.fit import facts
from wireroom.message.envelope import Seat
from wireroom.policy.people import Person
from wireroom.web.office_shapes import Call

POLICE, SHERIFF = "CA0990100", "CA0980100"
NEED = "the yearly review of accounts"
TODAY = date(2026, 3, 2)


def office(world: World) -> Office:
    """All of administration over this world."""
    return Office(
        switch=world.switch, people=world.people, pool=world.pool, journal_pool=world.pool,
        texts=world.stage.texts, clock=world.stage.clock,
    )  # fmt: skip


def seat(role: str, person: str = "a.dean", ori: str = POLICE) -> Seat:
    """Somebody fit, at a terminal of an agency."""
    return Seat(terminal="Z001", ori=ori, person=person, role=role, facts=facts(ori, TODAY))


def call(world: World, who: Seat, **changes: object) -> Call:
    """A call from afar, with a need and both factors shown just now."""
    made = Call(seat=who, peer="192.0.2.9", need=NEED, proven=world.stage.clock())
    return msgspec.structs.replace(made, **changes)


async def account(world: World, person: str, name: str, role: str, ori: str = POLICE) -> None:
    """One more account."""
    one = Person(id=person, name=name, ori=ori, role=role)
    await world.people.add(one, password=PASSWORD, otp_secret=SECRET, now=world.stage.clock())
