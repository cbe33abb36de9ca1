"""Claims about who looked somebody up over a whole switch: by number, by name, by what was shown; what is held back."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest

from tests.app.test_house_doors import World, world
from tests.app.test_incidents import POLICE, incidents
from tests.switch.stage import CATALOGUE, DESK, NEXT_DESK, OTHER, send, wanted
from wireroom.app import subjects as telling
from wireroom.app.incidents import Incidents
from wireroom.app.subjects import Subjects
from wireroom.journal.tags import Tag
from wireroom.oversight import IllegalMove, Missing, NotTheirs, TooMuch
from wireroom.oversight.about import Hold, Subject

__all__ = ["incidents", "world"]  # fixtures
pytestmark = pytest.mark.anyio
PROVED = "HERSELF, DRIVING LICENCE AND A LETTER"


async def holds_of(
    subjects: Subjects, jane: Subject, period: tuple[datetime, datetime], left: tuple[int, ...]
) -> None:
    """Two people hold back what one account asked; one alone does not."""
    wait = Hold(number=0, ori=POLICE, person="p.vale", since=period[0], until=period[1] + timedelta(days=9),
                asked_at=period[1], asked_by="a.min")  # fmt: skip
    hold = await subjects.hold(wait, "IA-9")
    whole = await subjects.tell(jane, period, CATALOGUE, proved=PROVED, by="", officers=False)
    assert (len(whole.look_ups), whole.withheld) == (3, 0), "one person's word holds nothing"
    for by, missing in (("a.min", NotTheirs), ("s.min", NotTheirs), ("", NotTheirs)):
        with pytest.raises(missing):
            await subjects.approve(hold.number, by)
    with pytest.raises(Missing):
        await subjects.approve(1, "a.udit")
    await subjects.approve(hold.number, "a.udit")
    held = await subjects.tell(jane, period, CATALOGUE, proved=PROVED, by="", officers=False)
    assert ([one.number for one in held.look_ups], held.withheld) == (list(left), 1)
    assert "Held back for now: 1" in held.text()
    with pytest.raises(IllegalMove, match="already"):
        await subjects.approve(hold.number, "a.udit")
    assert [one.approved_by for one in await subjects.holds(every=False)] == ["a.udit"]


async def refusals(subjects: Subjects, jane: Subject, period: tuple[datetime, datetime]) -> None:
    """Who may not hand a report out, and for whom none is."""
    for by, proved, trouble in (
        ("p.vale", PROVED, NotTheirs),
        ("nobody", PROVED, NotTheirs),
        ("a.udit", "SHE", IllegalMove),
    ):
        with pytest.raises(trouble):
            await subjects.tell(jane, period, CATALOGUE, proved=proved, by=by, officers=False)


async def test_AC_3_14_a_person_is_told_who_looked_and_of_nobody_else(
    world: World, incidents: Incidents, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, switch = world.stage, world.switch
    await send(stage, switch, wanted(), OTHER)
    await send(stage, switch, wanted("ELSEWHERE, ROBERT", "19910202", case="99-000003"), OTHER)
    number = str(await stage.value("select number from record where fields->>'NAM' = 'TESTCASE, JANE'"))
    jane = Subject(names=("TESTCASE, JANE",), born="19900101", numbers=frozenset({("SOC", "900123456")}),
                   records=frozenset({("wanted", number)}))  # fmt: skip
    stage.clock.tick(60)
    since = stage.clock()
    by_name = (await send(stage, switch, "QW.NAM/TESTCASE, JANE.DOB/19900101")).number
    by_ssn = (await send(stage, switch, "QW.NAM/OTHER, NAME.DOB/19880808.SOC/900123456", OTHER)).number
    by_record = (await send(stage, switch, "QW.NAM/TESTCASE, JAYNE.DOB/19900101", NEXT_DESK)).number
    await send(stage, switch, "QW.NAM/ELSEWHERE, ROBERT.DOB/19910202")  # somebody else
    await send(
        stage, switch, "QW.NAM/TESTCASE, JANE.DOB/19900101", msgspec.structs.replace(DESK, role="auditor")
    )  # refused
    stage.clock.tick(60)
    period = (since, stage.clock())
    subjects = Subjects(await stage.connect(), stage.texts, stage.clock)
    await refusals(subjects, jane, period)
    report = await subjects.tell(jane, period, CATALOGUE, proved=PROVED, by="a.udit", officers=False)
    assert {(one.number, one.by) for one in report.look_ups} == {
        (by_name, "name and birth date"), (by_ssn, "number"), (by_record, "record"),
    }  # fmt: skip
    first = report.look_ups[0]
    assert (first.ori, first.agency, first.purpose, first.explained, first.showed, first.officer) == (
        POLICE, "Example City Police", "Criminal justice", "no", 1, "",
    )  # fmt: skip
    text = report.text()
    assert "p.vale" not in text
    assert "Example City Police" in text
    assert all(str(one) in text for one in (by_name, by_ssn, by_record))
    assert {place.number for place in report.places} == {by_name, by_ssn, by_record}
    named = await subjects.tell(jane, period, CATALOGUE, proved=PROVED, by="", officers=True)
    assert {one.officer for one in named.look_ups} == {"p.vale", "p.next", "s.other"}
    told = [entry for entry in await stage.journal() if entry.tag.startswith("subject:")]
    assert [entry.tag for entry in told] == [Tag.SUBJECT_REFUSED] * 3 + [Tag.SUBJECT_TOLD] * 2
    assert told[3].detail["for"] == PROVED
    assert told[3].detail["told"] == [by_name, by_ssn, by_record]
    await holds_of(subjects, jane, period, (by_ssn, by_record))
    monkeypatch.setattr(telling, "REPORTS_A_DAY", 4)
    with pytest.raises(TooMuch, match="no more today"):
        await subjects.tell(jane, period, CATALOGUE, proved=PROVED, by="", officers=False)
    stage.clock.tick(10 * 86_400)
    again = await subjects.tell(jane, period, CATALOGUE, proved=PROVED, by="", officers=False)
    assert (len(again.look_ups), again.withheld) == (3, 0), "a hold ends by itself"
