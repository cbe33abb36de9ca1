"""Claims about people outside: who asked is told of each thing once, nobody else is, and nothing is said that harms."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog.inventing import TODAY
from tests.records.desk import LivingDesk, seat
from tests.switch.stage import DESK, OTHER, POLICE, PUPIL, SHERIFF, VAULT, Stage
from wireroom.catalog.files.confidential import CONFIDENTIAL
from wireroom.catalog.files.order import ORDER
from wireroom.catalog.informing import Channel
from wireroom.message.answer import State
from wireroom.message.envelope import Seat
from wireroom.message.letter import letter
from wireroom.records.hold import Held
from wireroom.records.informing import Step, of_step, written
from wireroom.records.life import IN_FORCE, Status
from wireroom.records.outbox import Kept, Outbox

pytestmark = pytest.mark.anyio
COURT = msgspec.structs.replace(DESK, terminal="Z950", ori="CA099023J", person="c.clerk", role="clerk")
CASE = "ZZ999001"
MAIL, NUMBER = "JANE,DOE@EXAMPLE,ORG", "ZZ123456"
SAFE_HOUSE = "999 HIDDEN LN, EXAMPLE CITY"
ALL = f"PAD/{SAFE_HOUSE}.PTL/555-0177.RLO/998 ELM ST.REM/SPECIMEN WORKS 999.RVE/9AAQ999 HOND BLU.MIS/KNOCK TWICE"


def order(
    name: str = "TESTCASE, JOHN", case: str = CASE, kind: str = "OAH", ends: str = "EXP/20260401"
) -> str:
    """An entry of an order."""
    return (
        f"EPO.NAM/{name}.SEX/M.RAC/W.DOB/19800101.TYO/{kind}.PNO/{case}.CTI/CA099023J.ISD/20260302.{ends}"
        f".PPN/TESTCASE, JANE;F;19820202;SP;Y.PCO/01.PCO/04.PCO/07.FRP/Y.OCA/99-77"
    )


def details(number: str, wish: str = f".NEM/{MAIL}", more: str = ALL) -> str:
    """An entry of confidential details onto an order."""
    return f"EOC.OFN/{number}{wish}{'.' if more else ''}{more}"


@pytest.fixture
async def desk(stage: Stage) -> LivingDesk:
    return LivingDesk(stage, await stage.connect())


async def letters(desk: LivingDesk) -> list[Kept]:
    """All that was ever written, the oldest first."""
    found = await Outbox(VAULT).listed(desk.line, over=True)
    return sorted(found, key=lambda one: (one.id, one.place))


async def events(desk: LivingDesk) -> list[str]:
    await desk.follow()
    return [one.event for one in await letters(desk)]


async def wished(desk: LivingDesk, wish: str = f".NEM/{MAIL}", text: str = "") -> tuple[str, str]:
    """An order with details on it; the numbers of both."""
    number = await desk.entered(text or order())
    attached = await desk.entered(details(number, wish))
    await desk.follow()
    return number, attached


async def status(desk: LivingDesk, number: str) -> str:
    return str((await desk.row(number))["status"])


# --------------------------------------------------------------------------- onto what it may be entered


async def test_details_stand_on_an_order_in_force_alone(desk: LivingDesk) -> None:
    answer = await desk.one(details("9992600199999"))
    assert (answer.state, answer.text) == (
        State.REFUSED, "NO PROTECTION ORDER IN FORCE HAS THE NUMBER 9992600199999",
    )  # fmt: skip
    number = await desk.entered(order())
    await desk.one(f"XPO.FCN/{number}")
    assert (await desk.one(details(number))).text == f"NO PROTECTION ORDER IN FORCE HAS THE NUMBER {number}"


async def test_the_owner_and_the_court_enter_them_and_nobody_else(desk: LivingDesk) -> None:
    number = await desk.entered(order())
    refused = await desk.one(details(number), OTHER)
    assert refused.text == f"NOT YOUR RECORD: FCN/{number} BELONGS TO {POLICE}, WHO ENTERS THIS OR ITS COURT"
    assert (await desk.one(f"{details(number)}.CTA/{SHERIFF}")).state is State.REFUSED, "nor for another"
    assert (await desk.one(details(number), COURT)).state is State.ACCEPTED


async def test_details_are_not_moved_onto_another_agencys_order(desk: LivingDesk) -> None:
    _, attached = await wished(desk)
    others = await desk.entered(order(case="ZZ999002"), OTHER)
    assert (await desk.one(f"MOC.FCN/{attached}.OFN/{others}")).state is State.REFUSED
    own = await desk.entered(order(case="ZZ999003"))
    assert (await desk.one(f"MOC.FCN/{attached}.OFN/{own}")).state is State.ACCEPTED


async def test_training_details_do_not_stand_on_a_live_order(desk: LivingDesk) -> None:
    number = await desk.entered(order())
    pupil = msgspec.structs.replace(PUPIL, ori=POLICE)
    assert (await desk.one(details(number), pupil)).state is State.REFUSED


# --------------------------------------------------------------------------- who may read them


async def test_an_answer_about_an_order_says_to_those_who_may_read_it_that_there_are_details(
    desk: LivingDesk,
) -> None:
    number, _ = await wished(desk)
    asked = "QPO.NAM/TESTCASE, JOHN.DOB/19800101"
    line = f"CONFIDENTIAL DETAILS OF AN ORDER ON FILE: QOC OFN/{number}"
    assert line in (await desk.one(asked)).text
    assert line in (await desk.one(asked, OTHER)).text, "every agency of law enforcement"
    assert line not in (await desk.one(asked, COURT)).text
    assert line not in (await desk.one(asked, seat("a", msgspec.structs.replace(DESK, role="auditor")))).text


async def test_details_are_found_by_number_and_by_nothing_else(desk: LivingDesk) -> None:
    number, attached = await wished(desk)
    for how in (f"OFN/{number}", f"FCN/{attached}"):
        answer = await desk.one(f"QOC.{how}.RSN/SERVICE OF THE ORDER", OTHER)
        assert ("PAD", SAFE_HOUSE) in answer.hits[0].fields
    for how in ("QW.NAM/TESTCASE, JOHN", "QVC.NAM/TESTCASE, JANE", "QV.LIC/9AAQ999", "QPO.PNO/ZZ999001"):
        hits = (await desk.one(how)).hits
        assert not [hit for hit in hits if hit.file == "confidential"], how


@pytest.mark.parametrize(
    "reader",
    [
        COURT,
        *(msgspec.structs.replace(DESK, role=role) for role in ("facility", "auditor", "administrator", "")),
    ],
    ids=lambda one: f"{one.role or 'nobody'}-{one.ori}",
)
async def test_whatever_would_show_details_shows_a_stranger_their_number_alone(
    reader: Seat, desk: LivingDesk
) -> None:
    number = await desk.entered(order())
    attached = await desk.entered(details(number), COURT)
    texts = (
        f"QOC.FCN/{attached}.RSN/CURIOUS",
        f"VFY.FCN/{attached}",
        "WL.LST/VERIFY",
        f"MOC.FCN/{attached}.PLG/SPANISH",
    )
    for text in texts:
        answer = await desk.one(text, msgspec.structs.replace(reader, person="another"))
        for hit in answer.hits:
            if hit.file == "confidential":
                assert hit.fields == (("OFN", number),), text
        assert SAFE_HOUSE not in str(answer.notices)


async def test_notices_to_terminals_say_the_number_alone(desk: LivingDesk) -> None:
    number = await desk.entered(order())
    await desk.one(f"QOC.OFN/{number}.RSN/SERVICE OF THE ORDER", OTHER)
    attached = await desk.entered(details(number))
    told = [one for one in await desk.follow() if one.number == attached]
    assert [one.to for one in told if one.code == "$.H."] == [OTHER.terminal, POLICE], (
        "who asked before is told"
    )
    assert {hit.fields for one in told for hit in one.hits} == {(("OFN", number),)}


async def test_nothing_secret_stands_in_the_tables_in_clear(desk: LivingDesk) -> None:
    number, attached = await wished(desk, f".NEM/{MAIL}.NSV/{NUMBER}")
    await desk.one(f"MOC.FCN/{attached}.PTL/555-0178")
    await desk.follow()
    rows = await desk.line.fetch(
        "select r::text from record r where file = 'confidential' union all"
        " select v::text from record_version v where file = 'confidential' union all"
        " select i::text from identifier i union all select o::text from outbox o union all"
        " select f::text from forward f union all select p::text from past_inquiry p"
    )
    text = "\n".join(row[0] for row in rows).upper()
    assert number in text
    for secret in (
        SAFE_HOUSE,
        "555-0177",
        "555-0178",
        "998 ELM",
        "SPECIMEN WORKS",
        "9AAQ999",
        "KNOCK",
        "JANE",
        NUMBER,
    ):
        assert secret not in text.replace(f"{CASE}", ""), secret


# --------------------------------------------------------------------------- of what they are told


async def test_whoever_asks_to_be_told_hears_that_the_order_is_on_file(desk: LivingDesk) -> None:
    number, attached = await wished(desk, f".NEM/{MAIL}.NSV/{NUMBER}")
    told = await letters(desk)
    assert [(one.event, one.channel, one.told.to) for one in told] == [
        ("ENTERED", "email", "jane.doe@example.org"), ("ENTERED", "service", NUMBER),
    ]  # fmt: skip
    assert {(one.told.owner, one.told.number, one.told.about, one.file) for one in told} == {
        (POLICE, number, CASE, "order")
    }
    await desk.one(f"MOC.FCN/{attached}.PLG/SPANISH")
    assert len(await events(desk)) == 2, "what else is changed is nothing new to them"
    await desk.one(f"MOC.FCN/{attached}.NEM/OTHER@EXAMPLE,ORG")
    assert [one.told.to for one in await letters(desk)] == ["jane.doe@example.org", NUMBER]
    await desk.follow()
    assert (await letters(desk))[-1].told.to == "other@example.org", "another address is another wish"


async def test_nobody_is_told_who_did_not_ask(desk: LivingDesk) -> None:
    number, _ = await wished(desk, "", order())
    await serve(desk, number)
    await desk.one(f"XPO.FCN/{number}")
    assert await events(desk) == []


async def serve(desk: LivingDesk, number: str) -> None:
    text = f"SPO.FCN/{number}.NAM/TESTCASE, JOHN.SVD/20260302.SVT/0900.SVM/P.SVN/OFFICER EXAMPLE"
    answer = await desk.one(text, OTHER)
    assert answer.state is State.ACCEPTED, answer.text


async def violate(desk: LivingDesk, number: str, hour: str = "0930") -> None:
    text = f"VPO.FCN/{number}.VDT/20260302.VTM/{hour}.VPL/999 OAK AVE.VSC/273.VAR/N.VOF/OFFICER EXAMPLE.VNA/CAME BACK"
    reading = await desk.one(text, OTHER)
    assert reading.state is State.ACCEPTED, reading.text


async def test_service_is_told_once(desk: LivingDesk) -> None:
    number, _ = await wished(desk)
    await serve(desk, number)
    assert await events(desk) == ["ENTERED", "SERVED"]
    await desk.one(f"MPO.FCN/{number}.MIS/NOTHING NEW")
    assert await events(desk) == ["ENTERED", "SERVED"]


async def test_each_violation_is_told_and_another_report_is_none(desk: LivingDesk) -> None:
    number, _ = await wished(desk)
    await violate(desk, number, "0930")
    await violate(desk, number, "0931")
    await serve(desk, number)
    assert await events(desk) == ["ENTERED", "VIOLATED", "VIOLATED", "SERVED"], (
        "none told twice, though all waited"
    )


async def test_the_end_is_told_by_what_it_was(desk: LivingDesk) -> None:
    number, attached = await wished(desk)
    await desk.one(f"XPO.FCN/{number}")
    assert await events(desk) == ["ENTERED", "ENDED"]
    assert await status(desk, attached) == "cancelled"
    number, attached = await wished(desk, text=order(case="ZZ999002"))
    await desk.age(desk.stage.clock() + timedelta(days=40))
    assert await events(desk) == ["ENTERED", "ENDED", "ENTERED", "EXPIRED"]
    assert await status(desk, attached) == "expired"
    assert (await desk.one(f"QOC.OFN/{number}.RSN/CURIOUS")).state is State.NO_RECORD


async def test_a_final_order_takes_the_details_and_the_wishes_over(desk: LivingDesk) -> None:
    number, attached = await wished(desk, text=order(kind="TRO", ends="HRD/20260320"))
    final = await desk.entered(order())
    assert await status(desk, number) == "superseded"
    assert await events(desk) == ["ENTERED", "REPLACED"]
    assert await status(desk, attached) == "active"
    answer = await desk.one(f"QOC.OFN/{final}.RSN/SERVICE OF THE ORDER")
    assert [hit.number for hit in answer.hits] == [attached]
    await serve(desk, final)
    assert await events(desk) == ["ENTERED", "REPLACED", "SERVED"]


async def test_details_are_dropped_with_their_order(desk: LivingDesk) -> None:
    number, attached = await wished(desk)
    await desk.one(f"XPO.FCN/{number}")
    await desk.follow()
    order_row, details_row = await desk.row(number), await desk.row(attached)
    assert order_row["due_at"] == details_row["due_at"]
    await desk.age(order_row["due_at"])
    assert await desk.line.fetchval("select count(*) from record") == 0
    assert await desk.line.fetchval("select count(*) from record_version") == 0
    assert await desk.line.fetchval("select count(*) from identifier") == 0


async def test_training_tells_nobody_outside(desk: LivingDesk) -> None:
    number = await desk.entered(order(), PUPIL)
    await desk.entered(details(number), PUPIL)
    await desk.one(f"XPO.FCN/{number}", PUPIL)
    assert await events(desk) == []
    assert await desk.line.fetchval("select status from record where file = 'confidential'") == "cancelled"


# --------------------------------------------------------------------------- firearms


def sale(
    name: str = "TESTCASE, JOHN", born: str = "19800101", category: str = "D", day: str = "20260302"
) -> str:
    return f"EGH.SER/ZZ7654321.MAK/GLC.CAL/9.TYP/PI.CAT/{category}.DTR/{day}.NAM/{name}.DOB/{born}.SEX/M.OCA/99-7"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (sale(), True),
        (sale(category="V"), False),
        (sale(day="20260301"), False),
        (sale("TESTCASE, JANE", "19820202"), False),
        (sale("EXAMPLE, PETER", "19700707"), False),
    ],
    ids=["sale", "registered", "before-the-order", "the-protected-person", "somebody-else"],
)
async def test_an_attempt_to_get_a_firearm_is_told(text: str, told: bool, desk: LivingDesk) -> None:
    await wished(desk)
    await desk.entered(text, OTHER)
    assert await events(desk) == ["ENTERED", *(["FIREARM"] if told else [])]
    gun = await desk.line.fetchval("select number from record where file = 'gun_history'")
    await desk.one(f"MGH.FCN/{gun}.MIS/NOTHING NEW", OTHER)
    assert await events(desk) == ["ENTERED", *(["FIREARM"] if told else [])], "once"


async def test_an_order_that_allows_firearms_makes_no_attempt(desk: LivingDesk) -> None:
    await wished(desk, text=order().replace(".PCO/07", "").replace(".FRP/Y", ".FRP/N"))
    await desk.entered(sale(), OTHER)
    assert await events(desk) == ["ENTERED"]


# --------------------------------------------------------------------------- crashes, and two at once


async def test_what_is_followed_up_and_not_committed_is_told_by_the_next(desk: LivingDesk) -> None:
    number, _ = await wished(desk)
    await serve(desk, number)
    newest = await desk.files.settled(desk.line)
    dying = desk.line.transaction()
    await dying.start()
    assert (await desk.files.follow(desk.line, newest, desk.stage.clock(), desk.numbers)).done
    await dying.rollback()
    assert [one.event for one in await letters(desk)] == ["ENTERED"], "the process died"
    assert await events(desk) == ["ENTERED", "SERVED"]


async def test_two_who_follow_up_a_violation_and_the_end_tell_both_and_end_what_stands_on_it(
    stage: Stage, desk: LivingDesk
) -> None:
    """Whichever comes first, the wish is there until the last change was told."""
    second = LivingDesk(stage, await stage.connect())
    number, attached = await wished(desk)
    await violate(desk, number)
    await desk.one(f"XPO.FCN/{number}")
    violated, ended = await desk.files.settled(desk.line)
    mine = desk.line.transaction()
    await mine.start()
    await desk.files.follow(desk.line, [ended], stage.clock(), desk.numbers)
    async with second.line.transaction():
        beside = await second.files.follow(second.line, [violated], stage.clock(), second.numbers)
    assert beside.done == 0, "somebody has this record in hand"
    await mine.commit()
    assert await status(desk, attached) == "active", "one change was not told yet"
    assert sorted(await events(second)) == ["ENDED", "ENTERED", "VIOLATED"]
    assert await status(desk, attached) == "cancelled"


# --------------------------------------------------------------------------- what is said


def held_with(fields: tuple[tuple[str, str], ...]) -> Held:
    at = datetime(2026, 3, 2, 16, tzinfo=UTC)
    return Held(
        file="order", id=7, number="9992600199999", owner=POLICE, status="active", version=1, test=False, changed_at=at,
        entered_at=at, entered_by="", checked_by="", validate_on=None, stored="", fields=fields,
    )  # fmt: skip


@given(seed=st.integers(0, 2**32), place=st.integers(0, len(ORDER.informs) - 1))
def test_no_letter_says_who_or_where_anybody_is(seed: int, place: int) -> None:
    """Neither names, nor addresses, nor anything else that the records hold but the number of the case."""
    dice = Random(seed)
    fields = tuple((field.code, field.kind.invent(dice, TODAY)) for field in ORDER.fields)
    hidden = [field.kind.invent(dice, TODAY) for field in CONFIDENTIAL.fields]
    event = ORDER.informs[place]
    [draft] = written(ORDER, held_with(fields), [event], frozenset({(Channel.EMAIL, "a@b.example")}))
    made = letter(
        draft.told, key="1-0", channel="email", event=event.event, made_at=datetime.now(UTC), agency="Example Police",
        phone="000-0000",
    )  # fmt: skip
    said = f"{made.subject}\n{made.text}".upper()
    assert dict(fields)["PNO"] in said
    assert event.words in made.text
    assert event.spanish in made.text
    assert "EXAMPLE POLICE, 000-0000" in said
    for value in [value for code, value in fields if code != "PNO"] + hidden:
        for part in re.split("[;,]", value):
            assert len(part) < 5 or part not in said.replace("EXAMPLE POLICE", ""), part


def test_a_letter_and_what_is_sealed_of_it_print_no_address() -> None:
    [draft] = written(ORDER, held_with(()), ORDER.informs[:1], frozenset({(Channel.EMAIL, "a@b.example")}))
    made = letter(
        draft.told,
        key="1-0",
        channel="email",
        event="ENTERED",
        made_at=datetime.now(UTC),
        agency="X",
        phone="",
    )
    assert "a@b" not in f"{draft!r}{made!r}"


_VALUES = st.dictionaries(st.sampled_from(["SVC", "MIS"]), st.tuples(st.sampled_from(["1", "2"])), max_size=2)


@given(before=st.none() | _VALUES, after=_VALUES, how=st.sampled_from(sorted(Status)))
def test_one_change_is_one_thing_or_nothing(
    before: dict[str, tuple[str, ...]] | None, after: dict[str, tuple[str, ...]], how: Status
) -> None:
    told = [one.event for one in of_step(ORDER, Step(before, after, how))]
    if before is None:
        assert told == [], "what begins is told to nobody: nobody can have asked yet"
    elif how not in IN_FORCE:
        assert told == [{"superseded": "REPLACED", "expired": "EXPIRED"}.get(how, "ENDED")]
    else:
        became = after.get("SVC") == ("1",) != before.get("SVC")
        assert told == (["SERVED"] if became else [])
