"""Claims about reasons at the doors: who tells of incidents is who they say, and who looks is written down first."""

from __future__ import annotations

import msgspec
import pytest

from tests.app.test_coordination import ADMIN, POLICE
from tests.app.test_house_doors import QV, World, world
from tests.switch.stage import DESK, send
from wireroom.app.explaining import AppExplaining
from wireroom.journal import NotWritten
from wireroom.journal.tags import Tag
from wireroom.message.reason import Reason
from wireroom.policy import cad
from wireroom.policy.cad import Unit, Word
from wireroom.switch import JournalDown
from wireroom.web.house import Refusal

__all__ = ["world"]
pytestmark = pytest.mark.anyio
OTHERS = "CA0980100"  # whose interface Y001 is


def explaining(world: World) -> AppExplaining:
    return AppExplaining(
        switch=world.switch, pool=world.pool, cad_pool=world.pool, book=world.book, keys=world.keys,
        clock=world.stage.clock,
    )  # fmt: skip


def incident(world: World, **more: object) -> Word:
    now = world.stage.clock()
    said = {
        "key": "1",
        "reference": "26-000001",
        "at": now,
        "opened": now,
        "by": "d.typed",
        "plates": ("9QZZ123",),
    }
    return Word(**(said | more))  # type: ignore[arg-type]


async def test_an_interface_tells_of_its_own_agencys_incidents_and_it_is_written_down_first(
    world: World,
) -> None:
    at, secret = explaining(world), world.keys.interface_secret("Y001")
    assert await at.cad("Y001", secret, "peer", [incident(world)]) == cad.Kept(taken=1)
    [entry] = await world.stage.journal()
    assert (entry.tag, entry.ori, entry.terminal) == (Tag.CAD_TAKEN, OTHERS, "Y001")
    assert entry.detail["words"] == [["1", "26-000001", "d.typed", world.stage.clock().isoformat()]]
    assert [one.reference for one in await cad.incidents(world.pool, OTHERS)] == ["26-000001"]
    assert await cad.incidents(world.pool, POLICE) == ()
    [mark] = await world.stage.rows("select mark from cad_subject")
    assert "9QZZ123" not in mark["mark"]


@pytest.mark.parametrize(("terminal", "whose"), [("Y001", "Z001"), ("Z001", "Z001"), ("NONE", "NONE")])
async def test_who_is_no_interface_or_has_not_its_secret_tells_of_nothing(
    world: World, terminal: str, whose: str
) -> None:
    refusal = await explaining(world).cad(
        terminal, world.keys.interface_secret(whose), "peer", [incident(world)]
    )
    assert isinstance(refusal, Refusal)
    assert await world.tags() == [Tag.SESSION_REFUSED]
    assert await world.stage.value("select count(*) from cad_incident") == 0


async def test_while_the_journal_takes_nothing_no_incident_is_kept(world: World) -> None:
    world.stage.writer.trouble = NotWritten("the disk is full")
    with pytest.raises(JournalDown):
        await explaining(world).cad("Y001", world.keys.interface_secret("Y001"), "peer", [incident(world)])
    assert await world.stage.value("select count(*) from cad_incident") == 0


async def test_only_coordinator_and_auditor_see_what_nothing_explains_and_that_is_written_down(
    world: World,
) -> None:
    at = explaining(world)
    await send(world.stage, world.switch, QV)
    for seat, rule in ((ADMIN, ""), (msgspec.structs.replace(ADMIN, role="auditor"), ""),
                       (DESK, "role-may"), (msgspec.structs.replace(ADMIN, spoken_for=True), "role-may")):  # fmt: skip
        found = await at.unexplained(seat)
        last = (await world.stage.journal())[-1]
        assert (last.tag, last.person, last.detail["rule"]) == (Tag.REASONS_LISTED, seat.person, rule)
        assert isinstance(found, Refusal) == bool(rule)
        if not isinstance(found, Refusal):
            assert [(one.person, one.verdict) for one in found] == [("p.vale", "none")]


async def test_a_word_of_nothing_or_of_anothers_inquiry_is_refused(world: World) -> None:
    at = explaining(world)
    number = (await send(world.stage, world.switch, QV)).number
    for seat, reason in ((DESK, Reason(requester="X")), (ADMIN, Reason(words="MINE"))):
        assert isinstance(await at.explain(seat, number, reason), Refusal)
    assert await at.explain(DESK, number, Reason(words="EXPIRED TAGS")) is None
    assert await world.stage.value("select verdict from reason") == "told"


async def test_the_own_incidents_are_offered_also_when_they_closed_lately(world: World) -> None:
    at, now = explaining(world), world.stage.clock()
    unit = Unit(unit="12A", people=("p.vale",))
    await cad.take(
        world.pool, POLICE, [incident(world, units=(unit,), kind="NOISE")], source="Z009", now=now,
        mark=lambda kind, value: value,
    )  # fmt: skip
    assert await at.own_incidents(DESK) == (("26-000001", "NOISE"),)
    assert await at.own_incidents(msgspec.structs.replace(DESK, person="p.next", terminal="Z002")) == ()
