"""Claims about reasons: what explains an inquiry is found as it comes; what is planted afterwards explains nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest

from tests.switch.stage import (
    BROAD,
    DESK,
    NEXT_DESK,
    OTHER,
    POLICE,
    PUPIL,
    SHERIFF,
    Pretended,
    Stage,
    answers,
    car,
    send,
    soon,
)
from tests.switch.stage import take as take_mail
from wireroom.app import database as db
from wireroom.app.roles import WEB
from wireroom.message.acting import As
from wireroom.message.envelope import Seat
from wireroom.message.reason import Reason, ReasonKind
from wireroom.policy.cad import BadWords, Kept, Unit, Word, history, incidents, own, take
from wireroom.switch.pace import Pacing
from wireroom.switch.reasons import NotYours, listed, runs
from wireroom.switch.transaction import Limits, Switch

pytestmark = pytest.mark.anyio
PLATE = "QV.LIC/7QQQ001.LIS/CA"
HISTORY = "QH.FBI/550001ZZ1.ATN/DET A VALE 412.SRP/NONE.RMK/BURGLARY OF MONDAY"
AGENCY = "insert into agency values ($1, 'Invented', '', '', false, now())"
ACCOUNT = """
insert into account (id, name, ori, role, password_hash, otp_sealed, otp_last_step, enabled, failures, added_at,
                     active_at)
values ($1, 'Invented', $2, 'operator', 'x', ''::bytea, 7, true, '{}', now(), now())
"""


@pytest.fixture
async def pool(stage: Stage) -> AsyncIterator[As]:
    """Connections as the doors have them, that write what a CAD says."""
    for ori in (POLICE, SHERIFF):
        await stage.execute(AGENCY, ori)
    opened = await db.open_as(stage.dsn, WEB, 2)
    try:
        yield opened
    finally:
        await opened.close()


def incident(stage: Stage, reference: str, key: str = "", **more: object) -> Word:
    """An incident with the unit of the desk on it, open since a minute."""
    units = (Unit(unit="12A", people=(DESK.person,)),)
    opened = stage.clock() - timedelta(minutes=1)
    said = {"key": key or reference, "reference": reference, "at": stage.clock(), "opened": opened,
            "by": "d.typed", "units": units}  # fmt: skip
    return msgspec.convert(msgspec.to_builtins(said | more), Word)


async def tell(pool: As, stage: Stage, *words: Word, ori: str = POLICE) -> Kept:
    def mark(kind: str, value: str) -> str:
        return f"{kind} {value}"[::-1]

    return await take(pool, ori, words, source="Z009", now=stage.clock(), mark=mark)


async def verdict(stage: Stage, switch: Switch, text: str, seat: Seat = DESK) -> tuple[str, str]:
    """What was found of the reason of an inquiry sent now: in the table, and the same in the journal."""
    receipt = await send(stage, switch, text, seat)
    assert receipt.state == "accepted", receipt
    row = (await stage.rows("select verdict, incident from reason where transaction = $1", receipt.number))[0]
    written = (await stage.journal(receipt.number))[0].detail["reason"]
    assert isinstance(written, dict)
    assert written["verdict"] == row["verdict"]
    assert written.get("incident", "") == row["incident"]
    assert receipt.unexplained == (row["verdict"] == "none")
    return row["verdict"], row["incident"]


async def again(stage: Stage, switch: Switch, seconds: float) -> list[str]:
    """What all reasons have come to, looked at again so much later."""
    stage.clock.tick(seconds)
    assert switch.upkeep is not None
    connection = await stage.connect()
    await switch.upkeep.weigh(connection)
    return [row["verdict"] for row in await stage.rows("select verdict from reason order by transaction")]


def upkept(switch: Switch) -> Switch:
    switch.look_after(switch._files, "CA0990000")  # type: ignore[arg-type]
    return switch


async def test_an_open_incident_with_the_person_on_it_confirms_what_is_said(stage: Stage, pool: As) -> None:
    await tell(pool, stage, incident(stage, "26-000001"))
    async with stage.running() as switch:
        assert await verdict(stage, switch, f"{PLATE}.CAS/26-000001") == ("confirmed", "26-000001")


async def test_an_open_incident_explains_though_nothing_is_said(stage: Stage, pool: As) -> None:
    await tell(pool, stage, incident(stage, "26-000001"))
    async with stage.running() as switch:
        assert await verdict(stage, switch, PLATE) == ("confirmed", "26-000001")
        loud = msgspec.structs.replace(DESK, person=DESK.person.upper())  # as an interface may write them
        assert await verdict(stage, switch, PLATE, loud) == ("confirmed", "26-000001")
        assert await verdict(stage, switch, PLATE, NEXT_DESK) == ("none", "")
        assert await verdict(stage, switch, PLATE, OTHER) == ("none", "")


async def test_an_incident_of_others_or_long_closed_is_known_and_no_more(stage: Stage, pool: As) -> None:
    early = stage.clock() - timedelta(days=2)
    old = incident(stage, "26-000002", opened=early, closed=early + timedelta(hours=1))
    await tell(pool, stage, incident(stage, "26-000001"), old)
    async with stage.running() as switch:
        assert await verdict(stage, switch, f"{PLATE}.CAS/26-000001", NEXT_DESK) == ("known", "26-000001")
        assert await verdict(stage, switch, f"{PLATE}.CAS/26-000002") == ("known", "26-000002")


async def test_what_no_cad_knows_is_taken_as_said_and_another_agencys_incident_is_unknown(
    stage: Stage, pool: As
) -> None:
    await tell(pool, stage, incident(stage, "26-000001"), ori=SHERIFF)
    async with stage.running() as switch:
        assert await verdict(stage, switch, f"{PLATE}.CAS/26-000001") == ("unknown", "")
        assert await verdict(stage, switch, f"{PLATE}.CAS/26-000001.RSK/WAR") == ("stated", "")
        assert await verdict(stage, switch, f"{PLATE}.RMK/BROKEN TAIL LIGHT.RSK/STP") == ("stated", "")


async def test_who_asks_for_a_unit_is_explained_by_the_incident_of_the_unit(stage: Stage, pool: As) -> None:
    await tell(pool, stage, incident(stage, "26-000001"))
    async with stage.running() as switch:
        assert await verdict(stage, switch, f"{PLATE}.ATN/12A", NEXT_DESK) == ("confirmed", "26-000001")


async def test_an_unknown_reference_delays_nothing_and_is_confirmed_when_the_cad_tells_late(
    stage: Stage, pool: As
) -> None:
    async with stage.running() as switch:
        upkept(switch)
        assert len(await answers(stage, switch, f"{PLATE}.CAS/26-000009")) == 1
        opened = stage.clock()
        assert await again(stage, switch, 60) == ["unknown"]
        await tell(pool, stage, incident(stage, "26-000009", opened=opened))
        assert await again(stage, switch, 15 * 60) == ["confirmed"]
        looked = [entry for entry in await stage.journal() if entry.tag == "reason:checked"]
        assert (looked[-1].detail["was"], looked[-1].detail["verdict"]) == ("unknown", "confirmed")


async def test_what_nothing_explains_in_a_day_is_unexplained_and_listed(stage: Stage, pool: As) -> None:
    async with stage.running() as switch:
        upkept(switch)
        await send(stage, switch, PLATE)
        await send(stage, switch, f"{PLATE}.CAS/26-000009", OTHER)
        for seconds in (15 * 60, 4 * 3600):
            assert await again(stage, switch, seconds) == ["none", "unknown"]
        assert await again(stage, switch, 24 * 3600) == ["unexplained", "unexplained"]
        assert not [row for row in await stage.rows("select due_at from reason") if row["due_at"]]
    side = await db.open_as(stage.dsn, "wireroom_switch", 1)
    try:
        assert [one.person for one in await listed(side, "")] == [OTHER.person, DESK.person]
        assert [one.person for one in await listed(side, POLICE)] == [DESK.person]
    finally:
        await side.close()


@pytest.mark.parametrize("planted_by", [DESK.person, "d.typed"])
async def test_what_a_person_writes_into_the_cad_after_the_inquiry_explains_nothing(
    stage: Stage, pool: As, planted_by: str
) -> None:
    """Threat 31: the same words of somebody else, a dispatcher behind with the typing, do explain it."""
    async with stage.running() as switch:
        upkept(switch)
        await send(stage, switch, PLATE)
        before = stage.clock() - timedelta(minutes=1)
        stage.clock.tick(120)
        await tell(pool, stage, incident(stage, "26-000666", by=planted_by, opened=before))
        found = "own-later" if planted_by == DESK.person else "confirmed"
        assert await again(stage, switch, 15 * 60) == [found]
        await again(stage, switch, 4 * 3600)
        assert await again(stage, switch, 24 * 3600) == [found]


async def test_a_person_who_puts_themself_on_an_incident_afterwards_is_not_explained(
    stage: Stage, pool: As
) -> None:
    await tell(pool, stage, incident(stage, "26-000001", units=()))
    async with stage.running() as switch:
        upkept(switch)
        assert await verdict(stage, switch, PLATE) == ("none", "")
        stage.clock.tick(60)
        await tell(pool, stage, incident(stage, "26-000001", "later", by=DESK.person, units=(Unit(
            unit="12A", people=(DESK.person,), since=stage.clock() - timedelta(minutes=5)),)))  # fmt: skip
        assert await again(stage, switch, 15 * 60) == ["own-later"]


async def test_every_change_of_an_incident_stays_with_who_made_it_when(stage: Stage, pool: As) -> None:
    first = incident(stage, "26-000001", plates=["9QZZ123"])
    assert await tell(pool, stage, first) == Kept(taken=1)
    assert await tell(pool, stage, first) == Kept(repeated=1)
    stage.clock.tick(600)
    closed = incident(stage, "26-000001", "two", opened=first.opened, closed=stage.clock())
    assert await tell(pool, stage, closed) == Kept(taken=1)
    stage.clock.tick(3600)
    more = incident(stage, "26-000001", "three", opened=first.opened, closed=closed.closed, by=DESK.person,
                    plates=["9QZZ124"])  # fmt: skip
    assert await tell(pool, stage, more) == Kept(taken=1, afterwards=("26-000001",))
    stage.clock.tick(1)
    behind = msgspec.structs.replace(first, key="four", kind="OTHER")
    assert await tell(pool, stage, behind) == Kept(overtaken=1)
    found = await history(pool, POLICE, "26-000001")
    assert [(one.key, one.changed, one.afterwards) for one in found] == [
        ("26-000001", ("opened",), False), ("two", ("closed",), False), ("three", ("subjects",), True),
        ("four", (), False),
    ]  # fmt: skip
    [shown] = await incidents(pool, POLICE)
    assert (shown.changes, shown.afterwards, shown.closed_at) == (3, 1, closed.closed)
    kept = await stage.rows("select mark, made_by from cad_subject order by made_at")
    assert [row["made_by"] for row in kept] == ["d.typed", DESK.person]
    assert not any("9QZZ123" in row["mark"] for row in kept)
    assert await own(pool, POLICE, DESK.person, "Z001", since=first.opened, limit=5) == (("26-000001", ""),)


async def test_words_that_cannot_be_are_refused_whole_and_told_by_field(stage: Stage, pool: As) -> None:
    good = incident(stage, "26-000001")
    tomorrow = stage.clock() + timedelta(days=1)
    bad = incident(stage, "26-000002", closed=good.opened - timedelta(days=1))
    ahead = incident(stage, "26-000003", at=tomorrow)
    with pytest.raises(BadWords) as told:
        await tell(pool, stage, good, bad, ahead)
    assert [(one.place, one.field) for one in told.value.faults] == [(1, "closed"), (2, "at")]
    assert await incidents(pool, POLICE) == ()
    await tell(pool, stage, good)
    with pytest.raises(BadWords, match="key came before with another content"):
        await tell(pool, stage, msgspec.structs.replace(good, place="ELSEWHERE"))


async def test_Policy_4_2_5_1_the_word_given_afterwards_is_bound_to_the_inquiry(
    stage: Stage, pool: As
) -> None:
    await tell(pool, stage, incident(stage, "26-000001"))
    async with stage.running() as switch:
        first = (await send(stage, switch, PLATE, NEXT_DESK)).number
        second = (await send(stage, switch, PLATE, NEXT_DESK)).number
        history = (await send(stage, switch, HISTORY, NEXT_DESK)).number
        await switch.explain(NEXT_DESK, history, Reason(kind=ReasonKind.CASE, reference="26-9"))
        assert "reason:given" in {one.tag for one in await stage.journal(history)}
        await switch.explain(NEXT_DESK, first, Reason(kind=ReasonKind.STOP, words="EXPIRED TAGS"))
        await switch.explain(NEXT_DESK, second, Reason(reference="26-000001"))
        with pytest.raises(NotYours):
            await switch.explain(DESK, first, Reason(words="MINE"))
        entry = (await stage.journal(first))[-1]
        assert (entry.tag, entry.person) == ("reason:given", NEXT_DESK.person)
        assert entry.detail["reason"] == {"kind": "STP", "words": "EXPIRED TAGS", "verdict": "told"}
        rows = await stage.rows("select verdict from reason order by transaction")
        assert [row["verdict"] for row in rows] == ["told", "known", "stated"]


async def test_whoever_is_named_as_requester_sees_what_was_run_in_their_name(stage: Stage, pool: As) -> None:
    """Threat 32."""
    await stage.execute(ACCOUNT, NEXT_DESK.person, POLICE)
    async with stage.running() as switch:
        await send(stage, switch, f"{PLATE}.OBO/Y.ATN/{NEXT_DESK.person.upper().replace('.', ' ')}")
        faulty = await send(stage, switch, f"{PLATE}.OBO/Y")
        assert (faulty.state, faulty.faults[0][0]) == ("faulty", "ATN")
    side = await db.open_as(stage.dsn, "wireroom_switch", 1)
    try:
        [run] = await runs(side, NEXT_DESK.person)
        assert (run.person, run.terminal, run.asked) == (DESK.person, DESK.terminal, "QV")
        assert await runs(side, DESK.person) == ()
    finally:
        await side.close()


async def test_training_and_changes_of_records_are_asked_for_no_reason(stage: Stage, pool: As) -> None:
    async with stage.running() as switch:
        await send(stage, switch, PLATE, PUPIL)
        await send(stage, switch, car())
    assert await stage.value("select count(*) from reason") == 0


async def test_a_scrape_of_ten_thousand_stops_before_a_hundred_unexplained(stage: Stage, pool: As) -> None:
    """Threat 19. What is asked for an open incident goes on meanwhile, and a repeat of a refused key stays refused."""
    await tell(pool, stage, incident(stage, "26-000001"))
    limits = Limits(pacing=Pacing(unexplained=60, all=600))
    async with stage.running(limits=limits) as switch:
        states = []
        for number in range(10_000):
            receipt = await send(stage, switch, f"QV.LIC/7QQ{number:04}.LIS/CA", NEXT_DESK, key=f"s{number}")
            states.append(receipt.state)
            if states[-3:] == ["refused"] * 3:  # nothing but time gets it going again
                break
        assert states.count("accepted") == 60
        assert (receipt.rule, (await stage.journal(receipt.number))[0].tag) == (
            "pace-unexplained",
            "text:refused",
        )
        repeated = await send(stage, switch, f"QV.LIC/7QQ{number:04}.LIS/CA", NEXT_DESK, key=f"s{number}")
        assert repeated == receipt
        assert (await send(stage, switch, PLATE, DESK)).state == "accepted"
        assert (await send(stage, switch, f"{PLATE}.CAS/26-000777", NEXT_DESK)).state == "accepted"
    async with stage.running(
        limits=limits, worker=1
    ) as switch:  # a restart, or another process, counts the same
        assert (await send(stage, switch, PLATE, NEXT_DESK)).state == "refused"
        stage.clock.tick(3601)
        assert (await send(stage, switch, PLATE, NEXT_DESK)).state == "accepted"


async def test_a_person_on_an_open_incident_is_never_stopped(stage: Stage, pool: As) -> None:
    await tell(pool, stage, incident(stage, "26-000001"))
    async with stage.running(limits=Limits(pacing=Pacing(unexplained=2, all=3))) as switch:
        for _ in range(8):
            assert (await send(stage, switch, PLATE)).state == "accepted"
        stated = [(await send(stage, switch, f"{PLATE}.CAS/W-1.RSK/WAR", NEXT_DESK)).state for _ in range(4)]
        assert stated == ["accepted"] * 3 + ["refused"]


REVOKED = {
    "disabled": "update account set enabled = false",
    "moved": f"update account set ori = '{SHERIFF}'",
    "not authorised": "insert into fact values ('p.vale', 'authorisation', $1, 'boss', '2026-03-02', false, null, "
    f"'withdrawn', '{POLICE}', null)",
}


@pytest.mark.parametrize("how", [*REVOKED, ""])
async def test_an_answer_whose_person_lost_the_right_meanwhile_is_withheld_and_written_down(
    stage: Stage, pool: As, how: str
) -> None:
    """Threat 28."""
    await stage.execute(ACCOUNT, DESK.person, POLICE)
    ncic = Pretended("NCIC")
    ncic.hold.clear()
    async with stage.running(ncic) as switch:
        receipt = await send(stage, switch, BROAD)
        await soon(ncic.reached.wait())
        if how:
            stage.clock.tick(1)
            await stage.execute(REVOKED[how], *((stage.clock(),) if "$1" in REVOKED[how] else ()))
        ncic.hold.set()
        await soon(asyncio.gather(*switch._asking))
        mine = [one.source for one in await take_mail(switch, DESK.terminal, 1 if how else 2)]
        assert mine == (["STATE"] if how else ["STATE", "NCIC"])
        assert await stage.value("select count(*) from delivery") == len(mine)
    tags = [one.tag for one in await stage.journal(receipt.number)]
    assert tags == ["inquiry:asked", "answer:given", "answer:withheld" if how else "answer:given"]
