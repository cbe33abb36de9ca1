"""Courts enter orders of their own court, on the ways that DOJ approved, and see nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from wireroom.catalog.file import Verb
from wireroom.catalog.index import Catalogue
from wireroom.lab.fit import facts
from wireroom.message.envelope import Arrival, Message, Seat, Way
from wireroom.policy import Taken, Unfit, Unknown, approvals
from wireroom.policy.approvals import Approval
from wireroom.policy.directory import Agency, Directory, add_agency, load
from wireroom.policy.ruling import Rulebook, Ruling, is_court

from .conftest import World

rule = Rulebook().rule

CATALOGUE = Catalogue()
COURT, OTHER, POLICE, TRIBE = "CA099023J", "CA099024J", "CA0990100", "CA099T100"
ENTRY = (("CTI", COURT),)
AT = datetime(2026, 3, 2, tzinfo=UTC)
ALL = frozenset(Way)
CLERK = Seat(terminal="Z961", ori=COURT, person="cara.court", role="court", facts=facts(COURT, AT.date()))


def ruled(
    key: str = "EPO",
    fields: tuple[tuple[str, str], ...] = ENTRY,
    *,
    seat: Seat = CLERK,
    way: Way = Way.FORM,
    ways: frozenset[str] = ALL,
) -> Ruling:
    arrival = Arrival(text="", seat=seat, key="1", at=AT, purpose="C", way=way)
    return rule(Message(key, fields), CATALOGUE.forms[key], arrival, ways)


def at(ori: str, role: str) -> Seat:
    return msgspec.structs.replace(CLERK, ori=ori, role=role, facts=facts(ori, AT.date()))


# --------------------------------------------------------------------------- the rules


@pytest.mark.parametrize("way", Way)
def test_a_court_enters_only_on_a_way_for_which_it_is_approved(way: Way) -> None:
    assert ruled(way=way, ways=frozenset({way})).allowed
    refusal = ruled(way=way, ways=ALL - {way})
    assert (refusal.allowed, refusal.rule) == (False, "court-approved")
    assert refusal.reason == "Your court is not approved to enter orders in this way."


@pytest.mark.parametrize("key", ["EPO", "EPOC", "ETO", "ETOC", "MPO", "EPON", "XPON", "CPO", "XPO"])
def test_every_entry_and_change_of_an_order_needs_the_approval(key: str) -> None:
    assert ruled(key, (), ways=frozenset()).rule == "court-approved"
    assert ruled(key, ()).allowed


@pytest.mark.parametrize("role", ["operator", "clerk", "court"])
def test_whoever_sits_at_a_court_needs_the_approval_whatever_the_role(role: str) -> None:
    assert ruled(seat=at(COURT, role), ways=frozenset()).rule == "court-approved"
    assert ruled(seat=at(COURT, role)).allowed


@pytest.mark.parametrize("role", ["operator", "clerk", "doj"])
def test_the_police_enter_orders_of_any_court_without_it(role: str) -> None:
    assert ruled(seat=at(POLICE, role), ways=frozenset()).allowed


def test_another_fit_agency_needs_it_too_and_enters_for_the_courts() -> None:
    assert ruled(seat=at(TRIBE, "court"), ways=frozenset()).rule == "court-approved"
    assert ruled(seat=at(TRIBE, "court")).allowed


@pytest.mark.parametrize("key", ["EPO", "MPO"])
@pytest.mark.parametrize("role", ["court", "operator"])
def test_a_court_enters_and_makes_no_order_of_another_court(key: str, role: str) -> None:
    assert ruled(key, (("CTI", OTHER),), seat=at(COURT, role)).rule == "own-court"
    assert ruled(key, (("CTI", COURT), ("CTA", POLICE)), seat=at(COURT, role)).allowed


def test_a_court_asks_about_orders_and_about_nothing_else() -> None:
    asks = {key for key, form in CATALOGUE.forms.items() if form.verb is Verb.INQUIRE}
    assert {key for key in asks if ruled(key, ()).allowed} == {"QPO"}
    assert {ruled(key, ()).rule for key in asks - {"QPO"}} <= {"orders-only", "file-reader"}
    assert ruled("QPO", (), ways=frozenset()).allowed


def test_a_court_keeps_its_records_and_changes_no_others() -> None:
    assert all(ruled(key, (), ways=frozenset()).allowed for key in ("VFY", "VAL", "WL", "AM", "YR"))
    for key, form in CATALOGUE.forms.items():
        changes = form.verb in {
            Verb.ENTER,
            Verb.MODIFY,
            Verb.CLEAR,
            Verb.CANCEL,
            Verb.SUPPLEMENT,
            Verb.STRIKE,
        }
        if changes and not any(file.court or file.attached for file in form.files):
            assert not ruled(key, ()).allowed, key
    assert {ruled(key, ()).rule for key in ("LV", "SPO", "VPO", "RST", "YQ")} == {"role-may"}


def test_a_court_is_known_by_its_ori() -> None:
    assert is_court(COURT)
    assert not is_court(POLICE)


# --------------------------------------------------------------------------- the approvals

DAY = timedelta(days=1)


def given(way: str = "niem", ori: str = COURT, **more: object) -> Approval:
    return msgspec.convert({"ori": ori, "way": way, "since": AT, "by": "dora.doj"} | more, Approval)


def test_an_approval_counts_from_its_day_to_its_end() -> None:
    directory = Directory(approvals=(given(until=AT + DAY), given("json"), given("form", OTHER)))
    assert directory.ways_of(COURT, AT - DAY) == frozenset()
    assert directory.ways_of(COURT, AT) == {"niem", "json"}
    assert directory.ways_of(COURT, AT + DAY) == {"json"}
    assert directory.ways_of(POLICE, AT) == frozenset()


async def _with_court(world: World) -> None:
    await add_agency(world.pool, Agency(ori=COURT, name="Invented Court"), world.now)


@pytest.mark.anyio
async def test_what_is_approved_is_in_force_until_it_is_withdrawn_and_may_be_again(world: World) -> None:
    await _with_court(world)
    pool = world.pool
    await approvals.approve(pool, given(since=world.now))
    assert (await load(pool)).ways_of(COURT, world.now) == {"niem"}
    with pytest.raises(Taken, match="is approved for niem since"):
        await approvals.approve(pool, given(since=world.now))
    world.tick(days=1)
    await approvals.withdraw(pool, COURT, "niem", by="alan.admin", now=world.now)
    assert (await load(pool)).ways_of(COURT, world.now) == frozenset()
    with pytest.raises(Unknown, match="is not approved for niem"):
        await approvals.withdraw(pool, COURT, "niem", by="alan.admin", now=world.now)
    world.tick(days=1)
    await approvals.approve(pool, given(since=world.now, until=world.now + DAY))
    assert (await load(pool)).ways_of(COURT, world.now) == {"niem"}
    first, second = await approvals.approvals(pool)
    assert (first.withdrawn_by, second.withdrawn_by) == ("alan.admin", "")


@pytest.mark.anyio
async def test_what_cannot_be_approved_is_told(world: World) -> None:
    await _with_court(world)
    with pytest.raises(Unknown, match="add it first"):
        await approvals.approve(world.pool, given(ori=OTHER))
    with pytest.raises(Unfit, match="wire, form, json, niem"):
        await approvals.approve(world.pool, given("pigeon"))
    with pytest.raises(Unfit, match="ends after it begins"):
        await approvals.approve(world.pool, given(until=AT))


@pytest.mark.anyio
async def test_only_doj_or_an_administrator_approves(world: World) -> None:
    await world.add(id="dora.doj", role="doj")
    await approvals.may_approve(world.pool, "dora.doj")
    for person in ("p.vale", "nobody"):
        with pytest.raises(Unfit, match="name an account of the role administrator or doj"):
            await approvals.may_approve(world.pool, person)
