"""Controls about every authenticator ever bound: on record, ended, lost; and two places at once, in a database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta

import asyncpg
import pytest

from tests.policy.conftest import PASSWORD, SECRET
from tests.policy.device import Device
from tests.policy.key_world import PEER, KeyWorld, device, world
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.authenticators import (
    STANDING_MAX,
    Purpose,
)
from wireroom.policy.directory import Device as DeviceClass
from wireroom.policy.directory import set_device
from wireroom.policy.passkeys import Kept
from wireroom.policy.people import Claim, Opened, Refused
from wireroom.policy.secret import code_at, new_otp_secret

__all__ = ["device", "world"]  # fixtures
pytestmark = pytest.mark.anyio


# --------------------------------------------------------------------------- IA-5 n: all that was ever bound


async def test_IA_5_n_every_authenticator_that_was_ever_bound_stays_on_record(
    world: KeyWorld, device: Device
) -> None:
    at = world.now
    second = await world.bound(Device("two"), name="black key")
    world.tick(minutes=1)
    await world.people.set_otp_secret("p.vale", new_otp_secret(), world.now, by="a.dean")
    await world.keys.end("p.vale", second, world.now)
    found = sorted(await world.keys.of("p.vale"), key=lambda one: (one.kind, one.bound_at, one.name))
    assert [(one.kind, one.name, one.bound_by, one.ended_for, one.ended_by) for one in found] == [
        ("code", "One-time codes", "console", "replaced", "a.dean"),
        ("code", "One-time codes", "a.dean", "", ""),
        ("passkey", "a key", "p.vale", "", ""),
        ("passkey", "black key", "p.vale", "ended", "p.vale"),
    ]
    assert [one.bound_at for one in found] == [at, world.now, at, at]
    assert {one.ended_at for one in found if one.ended_for} == {world.now}
    opened = await world.entered(device)
    assert (await world.one(opened.standing.authenticator)).used_at == world.now


async def test_IA_5_n_nobody_takes_an_authenticator_off_the_record(
    world: KeyWorld, database: str, as_role: Callable[[str], str]
) -> None:
    connection = await asyncpg.connect(as_role("wireroom_web"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM authenticator")
    finally:
        await connection.close()


async def test_IA_5_n_an_end_ends_no_session_and_the_last_one_stays(world: KeyWorld, device: Device) -> None:
    opened = await world.entered(device)
    [code, key] = sorted(await world.keys.of("p.vale"), key=lambda one: one.kind)
    await world.keys.end("p.vale", code.id, world.now)
    assert await world.stands(opened.token)
    await world.refused()  # codes count no more
    with pytest.raises(Unfit, match="your only one"):
        await world.keys.end("p.vale", key.id, world.now)
    with pytest.raises(Unknown, match="or it has ended"):
        await world.keys.end("p.vale", code.id, world.now)
    kept = await world.pool.fetchval("SELECT otp_sealed FROM account WHERE id = 'p.vale'")
    assert kept == b""
    await world.entered(device)


async def test_IA_5_n_two_ends_at_once_leave_one(world: KeyWorld, device: Device) -> None:
    both = [one.id for one in await world.keys.of("p.vale")]
    came = await asyncio.gather(
        *(world.keys.end("p.vale", one, world.now) for one in both), return_exceptions=True
    )
    assert [type(one) for one in came if one is not None] == [Unfit]
    assert sum(one.ended_at is None for one in await world.keys.of("p.vale")) == 1


async def test_IA_5_n_a_passkey_has_one_person_a_name_and_not_too_many_beside_it(
    world: KeyWorld, device: Device
) -> None:
    await world.add(id="o.ther", name="Other One")
    question = await world.question(Purpose.BIND, "session", "o.ther")
    with pytest.raises(Taken, match="bound already"):
        await world.keys.bind("o.ther", "k", device.made(question), "session", world.now)
    for name in ("", "x" * 61, "tab\there"):
        with pytest.raises(Unfit, match="at most 60 characters"):
            await world.keys.bind("p.vale", name, "x", "session", world.now)
    for number in range(STANDING_MAX - 2):
        await world.bound(Device(f"n{number}"))
    question = await world.question(Purpose.BIND, "session", "p.vale")
    with pytest.raises(Unfit, match="end one first"):
        await world.keys.bind("p.vale", "k", Device("more").made(question), "session", world.now)
    known = json.loads(question)["excludeCredentials"]
    assert len(known) == STANDING_MAX - 1
    question = await world.question(Purpose.BIND, "session", "n.obody")
    with pytest.raises(Unknown, match="no person"):
        await world.keys.bind("n.obody", "k", Device("more").made(question), "session", world.now)


# --------------------------------------------------------------------------- IA-5 l: what is lost


async def test_IA_5_l_a_lost_passkey_opens_nothing_from_that_moment_and_every_session_ends(
    world: KeyWorld, device: Device
) -> None:
    second = Device("two")
    await world.bound(second)
    opened = await world.entered(device)
    other = await world.entered(second)
    answer = device.shown(await world.question(Purpose.SIGN_IN))
    assert await world.keys.lost("p.vale", world.now, by="p.vale", which=[opened.standing.authenticator]) == (
        1,
        2,
    )
    assert not await world.stands(opened.token)
    assert not await world.stands(other.token)
    refused = await world.people.sign_in(world.key_claim(answer), world.now)
    assert isinstance(refused, Refused)
    assert (await world.one(opened.standing.authenticator)).ended_for == "lost"
    await world.entered(second)
    await world.signed_in()


async def test_IA_5_l_a_passkey_that_is_lost_while_it_signs_in_opens_nothing(
    world: KeyWorld, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = world.keys.find

    async def found_and_lost(credential: bytes) -> Kept | None:
        kept = await find(credential)
        assert kept is not None
        await world.keys.lost("p.vale", world.now, by="a.dean", which=[kept.id])
        return kept

    monkeypatch.setattr(world.keys, "find", found_and_lost)
    assert await world.turned_away(device) == "the passkey was used or ended meanwhile"
    assert await world.pool.fetchval("SELECT count(*) FROM session") == 0


async def test_IA_5_l_where_nobody_knows_what_was_lost_all_of_it_ends(
    world: KeyWorld, device: Device
) -> None:
    await world.entered(device)
    assert await world.keys.lost("p.vale", world.now, by="a.dean") == (2, 1)
    assert await world.turned_away(device) == "a passkey that is not known, or has ended"
    await world.refused()
    assert {(one.ended_for, one.ended_by) for one in await world.keys.of("p.vale")} == {("lost", "a.dean")}
    for person, which in (("p.vale", ["x"]), ("n.obody", [])):
        with pytest.raises(Unknown):
            await world.keys.lost(person, world.now, by="a.dean", which=which)
    await world.people.set_otp_secret("p.vale", SECRET, world.now)
    world.tick(seconds=30)
    await world.signed_in()


async def test_IA_5_l_who_reports_for_others_is_an_administrator_of_theirs(world: KeyWorld) -> None:
    for identifier, name, ori, role in (
        ("a.dean", "Ann Dean", "CA0990100", "administrator"), ("a.far", "Far Away", "CA0980100", "administrator"),
        ("d.oj", "Doj One", "CA0980100", "doj"), ("c.lerk", "Clerk One", "CA0990100", "clerk"),
    ):  # fmt: skip
        await world.add(id=identifier, name=name, ori=ori, role=role)
    await world.keys.may_report("a.dean", "p.vale")
    await world.keys.may_report("d.oj", "p.vale")
    for by, told in (
        ("a.far", "name one of CA0990100"),
        ("c.lerk", "name an administrator"),
        ("x", "name an admin"),
    ):
        with pytest.raises(Unfit, match=told):
            await world.keys.may_report(by, "p.vale")
    with pytest.raises(Unknown):
        await world.keys.may_report("a.dean", "n.obody")


# --------------------------------------------------------------------------- two places at once


@pytest.mark.parametrize(
    ("terminal", "peer"), [("Z004", PEER), ("Z001", "198.51.100.7"), ("Z004", "198.51.100.7")]
)
async def test_IA_2_the_newer_sign_in_ends_the_older_elsewhere_on_the_same_class_of_device(
    world: KeyWorld, device: Device, terminal: str, peer: str
) -> None:
    here = await world.entered(device)
    elsewhere = await world.entered(device, terminal=terminal, peer=peer)
    assert elsewhere.displaced == (("Z001", PEER),)
    assert not await world.stands(here.token)
    assert await world.stands(elsewhere.token)
    world.tick(seconds=30)
    back = await world.signed_in()
    assert back.displaced == ((terminal, peer),)


async def test_IA_2_car_and_desk_page_and_line_stand_beside_each_other(
    world: KeyWorld, device: Device
) -> None:
    desk = await world.entered(device)
    line = await world.people.sign_in(world.claim(kind="line", peer="198.51.100.7"), world.now)
    await set_device(world.pool, "Z004", DeviceClass.VEHICLE)
    car = await world.entered(device, terminal="Z004", peer="203.0.113.9")
    again = await world.entered(device)  # another window at the same place
    assert isinstance(line, Opened)
    assert line.displaced == car.displaced == again.displaced == ()
    assert all([await world.stands(one.token) for one in (desk, line, car, again)])


async def test_IA_11_a_session_in_place_of_another_displaces_nobody(world: KeyWorld, device: Device) -> None:
    opened = await world.entered(device)
    held = await world.people.session(opened.token, world.now)
    assert held is not None
    world.tick(seconds=30)
    claim = Claim(
        person="", password=PASSWORD, code=code_at(SECRET, world.now), terminal="", peer="198.51.100.7",
        replaces=opened.token,
    )  # fmt: skip
    again = await world.people.renew(held, claim, world.now)
    assert isinstance(again, Opened)
    assert again.displaced == ()
    assert again.standing.opened_at == world.now
    assert not await world.stands(opened.token)
    assert timedelta(minutes=30) > world.now - again.standing.opened_at
