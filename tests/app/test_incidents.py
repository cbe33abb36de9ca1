"""Claims about incidents over a whole switch: what opens one, each step an entry, exactly whose data were shown."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tests.app.test_house_doors import QV, World, world
from tests.policy.conftest import PASSWORD, SECRET
from tests.switch.stage import CATALOGUE, DESK, NEXT_DESK, OTHER, car, send, take, wanted
from wireroom.app.incidents import Incidents, Period, new
from wireroom.journal.entry import Entry
from wireroom.journal.tags import Tag
from wireroom.oversight import IllegalMove, Missing, NotTheirs, OversightError
from wireroom.oversight.incidents import Act, Duty, Kind, State, clocks
from wireroom.oversight.reached import Reached
from wireroom.policy.people import Person
from wireroom.policy.role import Role

__all__ = ["world"]
pytestmark = pytest.mark.anyio
POLICE, SHERIFF = "CA0990100", "CA0980100"


@pytest.fixture
async def incidents(world: World) -> Incidents:
    """Incidents of a world with an administrator, an auditor, and an administrator of another agency."""
    for person, ori, role in (("a.min", POLICE, Role.ADMINISTRATOR), ("a.udit", POLICE, Role.AUDITOR),
                              ("s.min", SHERIFF, Role.ADMINISTRATOR)):  # fmt: skip
        await world.people.add(
            Person(id=person, name=person, ori=ori, role=role), password=PASSWORD, otp_secret=SECRET,
            now=world.stage.clock(),
        )  # fmt: skip
    await world.stage.execute("insert into worker values (0, 'the stage', now() + interval '1 hour')")
    return Incidents(await world.stage.connect(), world.stage.texts, world.stage.clock)


async def told(world: World) -> list[Entry]:
    return [one for one in await world.stage.journal() if one.tag.startswith("incident:")]


async def test_IR_6_each_step_is_an_entry_with_who_and_a_move_that_may_not_be_is_one_too(
    world: World, incidents: Incidents
) -> None:
    now = world.stage.clock()
    made = new(Kind.ACCOUNT, POLICE, person="p.vale", discovered_at=now, now=now)
    one = await incidents.open(made, "SOLD A PLATE TO A COUSIN", "a.min")
    for by, act, trouble in (
        ("a.min", Act.CLOSE, IllegalMove), ("s.min", Act.REPORT, NotTheirs), ("p.vale", Act.REPORT, NotTheirs),
        ("nobody", Act.REPORT, NotTheirs), ("a.min", Act.CONTAIN, IllegalMove),
    ):  # fmt: skip
        with pytest.raises(trouble):
            await incidents.act(one.number, act, by=by, words="X", about=("officer",))
    assert [(entry.tag, entry.person) for entry in await told(world)] == [
        (Tag.INCIDENT_OPENED, "a.min"),
        *((Tag.INCIDENT_REFUSED, by) for by in ("a.min", "s.min", "p.vale", "nobody", "a.min")),
    ]  # fmt: skip
    await world.people.disable("p.vale", "stopped", world.stage.clock())
    for act, about in (
        (Act.CONTAIN, ()),
        (Act.REPORT, ("officer",)),
        (Act.CONFIRM, ()),
        (Act.REPORT, ("cso",)),
    ):
        world.stage.clock.tick(60)
        one = await incidents.act(one.number, act, by="a.min", words=f"DONE {act}", about=about)
    assert one.state is State.CONFIRMED
    assert all(clock.done_at is not None and clock.done_at <= clock.due_at for clock in clocks(one))
    found, entries = await incidents.show(one.number, "a.udit")
    assert found == one
    assert [(entry.tag, entry.transaction, entry.number) for entry in entries] == [
        (Tag.INCIDENT_OPENED, one.number, one.number),
        *((Tag.INCIDENT_CHANGED, one.number, made_step.entry) for made_step in one.steps),
    ]
    assert (await told(world))[-1].tag == Tag.INCIDENT_SHOWN
    with pytest.raises(NotTheirs):
        await incidents.show(one.number, "p.vale")
    rows = [str(tuple(row)) for row in await world.stage.rows("select * from incident")]
    assert not any("COUSIN" in row for row in rows), "words stand in the journal, sealed"


async def test_IR_6_the_switch_opens_what_it_knows_and_writes_once_that_a_duty_is_overdue(
    world: World, incidents: Incidents
) -> None:
    clock, now = world.stage.clock, world.stage.clock()
    await world.stage.execute(
        "insert into device_authority values ('f', $1, 's', 'p', true, $2, 'x', $3);".rstrip(";"),
        POLICE, now, now + timedelta(days=900),
    )  # fmt: skip
    for print_, why in (("a", "stolen from the car"), ("b", "stolen from the car"), ("c", "retired")):
        await world.stage.execute(
            "insert into device_certificate (fingerprint, serial, authority, terminal, ori, encrypted, managed, "
            "located, issued_at, issued_by, ends_at, revoked_at, revoked_for) "
            "values ($1, $1, 'f', 'Z003', $2, true, true, true, $3, 'x', $4, $3, $5)",
            print_, POLICE, now, now + timedelta(days=30), why,
        )  # fmt: skip
    for number, due in ((5, now), (6, now + timedelta(days=1))):
        await world.stage.execute(
            "insert into emergency (number, person, ori, rule, at, due_at) values ($1, 'p.vale', $2, 'r', $3, $3)",
            number, POLICE, due,
        )  # fmt: skip
    await incidents._write(
        Entry(0, Tag.PERSON_CHANGED, now, person="console", detail={"act": "stop", "person": "a.udit"})
    )
    await incidents._write(
        Entry(0, Tag.PERSON_CHANGED, now, person="console", detail={"act": "suspend", "person": "s.min"})
    )
    for person in ("a.udit", "s.min"):
        await world.people.disable(person, "stopped", now)
    assert await incidents.look() == 3
    assert await incidents.look() == 0, "one for each"
    broken = new(Kind.JOURNAL, "", discovered_at=now, now=now, origin="journal/today")
    assert (await incidents.seen(broken, "LEAF 3 WAS CHANGED")).number
    with pytest.raises(IllegalMove, match="already"):
        await incidents.seen(broken, "LEAF 3 WAS CHANGED")
    found, late = await incidents.listed(POLICE, every=False, by="a.min")
    assert {(one.kind, one.person or one.terminal) for one in found} == {
        (Kind.LOST_DEVICE, "Z003"), (Kind.EMERGENCY, "p.vale"), (Kind.ACCOUNT, "a.udit"),
    }  # fmt: skip
    assert late == ()
    clock.tick(3600)
    assert await incidents.look() == 4
    assert await incidents.look() == 0
    _, late = await incidents.listed("", every=False, by="a.min")
    assert [(one.duty, one.told) for one in late] == [(Duty.REPORT, True)] * 3
    assert [entry.person for entry in await told(world) if entry.tag == Tag.INCIDENT_OVERDUE] == [
        "switch"
    ] * 4


async def test_IR_8_1_exactly_what_was_shown_is_found_and_nothing_that_was_refused_or_withheld(
    world: World, incidents: Incidents
) -> None:
    switch, stage = world.switch, world.stage
    await send(stage, switch, car())
    await send(stage, switch, wanted(), OTHER)
    await send(stage, switch, car("7QQQ002"), OTHER)
    await send(stage, switch, car("7QQQ003"), OTHER)
    stage.clock.tick(60)
    since = stage.clock()
    await send(stage, switch, QV)
    await send(stage, switch, "QW.NAM/TESTCASE, JANE.DOB/19900101")
    await send(
        stage, switch, "QV.LIC/7QQQ002.LIS/CA", msgspec.structs.replace(DESK, role="auditor")
    )  # refused
    await send(stage, switch, "QV.LIC/")  # faulty
    await send(stage, switch, "QV.LIC/7QQQ002.LIS/CA", NEXT_DESK)  # another person, at another terminal
    await incidents._write(
        Entry(0, Tag.ANSWER_WITHHELD, stage.clock(), 1, POLICE, "Z001", "p.vale",
              {"state": "hit", "source": "STATE", "hits": [["vehicle", "WITHHELD", SHERIFF]]})
    )  # fmt: skip
    stage.clock.tick(60)
    until = stage.clock()
    await send(stage, switch, "QV.LIC/7QQQ003.LIS/CA")  # after the period
    numbers = {row["number"] for row in await stage.rows("select number from record")}
    lost = new(Kind.LOST_DEVICE, POLICE, terminal="Z001", discovered_at=until, now=until)
    one = await incidents.open(lost, "LOST", "a.min")
    with pytest.raises(IllegalMove):
        await incidents.assess(one.number, Period(since=since, until=until), CATALOGUE, by="a.min")
    await incidents.act(one.number, Act.REPORT, by="a.min", words="X", about=("officer", "cso"))
    await incidents.act(one.number, Act.CONFIRM, by="a.min", words="X")
    expected = {("vehicle", POLICE), ("wanted", SHERIFF)}
    for period in (Period(since=since, until=until), Period(since=since, until=until, person="p.vale")):
        one, found = await incidents.assess(one.number, period, CATALOGUE, by="a.min")
        assert {(record.file, record.owner) for record in found.records} == expected
        assert {record.number for record in found.records} <= numbers
        assert (found.files, found.people, found.answers) == ({"vehicle": 1, "wanted": 1}, 1, 2)
        assert one.owed == (SHERIFF, "subjects")
    kept = (await told(world))[-1]
    assert msgspec.convert(kept.detail["reached"], Reached) == found
    assert (kept.person, kept.detail["act"], one.state) == ("a.min", "assess", State.ASSESSED)
    assert "TESTCASE" not in str(kept.detail)
    await take(switch, "Z001", 1)


async def test_an_incident_that_cannot_be_is_refused_in_words(world: World, incidents: Incidents) -> None:
    now = world.stage.clock()
    for made, known, trouble in (
        (new(Kind.OTHER, "CA0960100", discovered_at=now, now=now), "X", "no agency"),
        (new(Kind.ACCOUNT, POLICE, person="n.obody", discovered_at=now, now=now), "X", "no account"),
        (new(Kind.OTHER, POLICE, discovered_at=now + timedelta(1), now=now), "X", "in the future"),
        (new(Kind.OTHER, POLICE, discovered_at=now, now=now), " ", "in 1 to"),
    ):
        with pytest.raises(OversightError, match=trouble):
            await incidents.open(made, known, "a.min")
    with pytest.raises(Missing, match="incident list"):
        await incidents.show(1, "a.min")
    assert await world.stage.value("select count(*) from incident") == 0
    assert [entry.tag for entry in await told(world)] == [Tag.INCIDENT_REFUSED] * 4
