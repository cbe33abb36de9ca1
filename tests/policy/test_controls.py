"""Controls of CJIS Security Policy 5.9.5 about accounts and sessions, each test named after the control's id."""

from __future__ import annotations

import string
from datetime import timedelta

import msgspec
import pytest

from tests.policy.conftest import CHEAP, PASSWORD, SEAL, SECRET, World
from wireroom.catalog.index import Catalogue
from wireroom.lab import fit
from wireroom.message.envelope import Arrival, Message
from wireroom.message.local import day_of
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.directory import Device, Pool, set_device, terminals
from wireroom.policy.guessable import listed
from wireroom.policy.people import Opened, People, Person, Refused
from wireroom.policy.ruling import Rulebook
from wireroom.policy.secret import PASSWORD_MAX, Passwords, code_at, new_otp_secret, step_of, unfit
from wireroom.policy.staff import move

pytestmark = pytest.mark.anyio


async def person(world: World, identifier: str = "p.vale") -> Person:
    return next(one for one in await world.people.people() if one.id == identifier)


async def locked(world: World, token: str) -> bool:
    return await world.people.locked(token, world.now) is not None


async def unlocked(world: World, token: str, **changes: str) -> Opened | Refused:
    """The person at the terminal offers both factors to the lock."""
    held = await world.people.locked(token, world.now)
    assert held is not None
    factors = changes.get("password", PASSWORD), changes.get("code", code_at(SECRET, world.now))
    return await world.people.unlock(held, token, factors, "192.0.2.1", world.now)


# --------------------------------------------------------------------------- AC-2: accounts


async def test_AC_2_2_an_emergency_account_ends_by_itself_at_its_hour(world: World) -> None:
    await world.add(id="e.one", ends_at=world.now + timedelta(hours=72))
    world.tick(hours=71, minutes=59, seconds=59)
    opened = await world.signed_in(person="e.one")
    world.tick(seconds=1)
    assert not await world.stands(opened.token)
    assert (await world.refused(person="e.one")).cause == "unknown, disabled, ended or locked"
    assert await world.people.due(world.now) == (("e.one", "ended"),)
    await world.people.disable("e.one", "ended", world.now)
    assert await world.people.due(world.now) == ()
    with pytest.raises(Unknown, match="has ended"):
        await world.people.enable("e.one", world.now)


@pytest.mark.parametrize("hours", [0, -1, 72.001, 1000])
async def test_AC_2_2_no_emergency_account_is_made_for_longer_than_72_hours(
    world: World, hours: float
) -> None:
    with pytest.raises(Unfit, match="within 72 hours"):
        await world.add(id="e.one", ends_at=world.now + timedelta(hours=hours))


async def test_AC_2_3_an_account_that_nobody_used_for_90_days_opens_nothing_and_is_disabled(
    world: World,
) -> None:
    world.tick(days=89)
    await world.signed_in()
    world.tick(days=90)
    assert await world.people.role_at("p.vale", "CA0990100", world.now) is None
    await world.refused()
    assert await world.people.due(world.now) == (("p.vale", "inactive"),)
    await world.people.disable("p.vale", "inactive", world.now)
    assert (await person(world)).disabled_for == "inactive"
    await world.people.enable("p.vale", world.now)
    world.tick(seconds=30)
    await world.signed_in()


async def test_AC_2_3_use_through_another_system_is_use(world: World) -> None:
    for _ in range(3):
        world.tick(days=60)
        assert await world.people.role_at("p.vale", "CA0990100", world.now) == "operator"
    await world.signed_in()


async def test_AC_2_13_one_call_ends_every_session_and_the_next_request_is_refused(world: World) -> None:
    tokens = []
    for kind in ("page", "api", "line"):
        world.tick(seconds=30)
        opened = await world.people.sign_in(world.claim(kind=kind), world.now)
        assert isinstance(opened, Opened)
        tokens.append(opened.token)
    assert await world.people.disable("p.vale", "stopped", world.now) == 3
    assert not any([await world.stands(token) for token in tokens])
    assert await world.people.role_at("p.vale", "CA0990100", world.now) is None
    world.tick(seconds=30)
    await world.refused()
    await world.people.release("p.vale")
    await world.refused()  # to unlock is not to enable
    await world.people.enable("p.vale", world.now)
    assert not any([await world.stands(token) for token in tokens])


# --------------------------------------------------------------------------- AC-7: bad logons


async def test_AC_7_five_bad_logons_lock_until_an_administrator_releases_over_a_restart(world: World) -> None:
    for count in range(5):
        refused = await world.refused(password="wrong")
        assert ("locked now" in refused.cause) is (count == 4)
        world.people = People(world.pool, SEAL, passwords=Passwords(CHEAP))
        world.tick(minutes=3, seconds=44)
    world.tick(days=30)
    assert (await world.refused()).reason == refused.reason  # the right password and code
    await world.people.release("p.vale")
    await world.signed_in()


async def test_AC_7_a_bad_code_and_a_bad_unlock_count_as_well(world: World) -> None:
    opened = await world.signed_in()
    world.tick(minutes=30)
    for _ in range(2):
        await world.refused(code="000000")
    for _ in range(3):
        assert isinstance(await unlocked(world, opened.token, password="wrong"), Refused)
    assert (await person(world)).locked
    assert isinstance(await unlocked(world, opened.token), Refused)


async def test_AC_7_the_fifth_after_fifteen_minutes_does_not_lock(world: World) -> None:
    for _ in range(4):
        await world.refused(password="wrong")
    world.tick(minutes=15)
    await world.refused(password="wrong")
    assert not (await person(world)).locked


# --------------------------------------------------------------------------- AC-11, SC-10: idle


async def test_AC_11_works_at_29_59_and_is_locked_at_30_00(world: World) -> None:
    opened = await world.signed_in()
    world.tick(minutes=29, seconds=59)
    assert await world.stands(opened.token)
    assert not await locked(world, opened.token)
    world.tick(seconds=1)
    assert await world.people.session(opened.token, world.now) is None
    assert await locked(world, opened.token)


async def test_AC_11_only_both_factors_of_its_own_person_unlock_and_under_a_new_token(world: World) -> None:
    opened = await world.signed_in()
    code = code_at(SECRET, world.now)
    world.tick(minutes=30)
    for wrong in ({"password": ""}, {"code": ""}, {"code": code}):
        assert isinstance(await unlocked(world, opened.token, **wrong), Refused)
    again = await unlocked(world, opened.token)
    assert isinstance(again, Opened)
    assert again.standing.seat == opened.standing.seat
    assert again.token != opened.token
    assert await world.stands(again.token)
    assert not await world.stands(opened.token)
    assert not await locked(world, opened.token)


@pytest.mark.parametrize("device", [one for one in Device if one is not Device.ORDINARY])
async def test_AC_11_a_device_that_an_administrator_exempts_does_not_lock(
    world: World, device: Device
) -> None:
    opened = await world.signed_in()
    await set_device(world.pool, "Z001", device)
    world.tick(hours=11, minutes=59, seconds=59)
    await world.people.sweep(world.now)
    assert await world.stands(opened.token)
    await set_device(world.pool, "Z001", Device.ORDINARY)
    assert not await world.stands(opened.token)


async def test_AC_11_no_device_is_exempt_unless_somebody_said_so(world: World) -> None:
    assert {one.device for one in await terminals(world.pool)} == {"ordinary"}
    with pytest.raises(Unknown, match="Z999"):
        await set_device(world.pool, "Z999", Device.VEHICLE)


async def test_SC_10_a_locked_session_has_ended_after_an_hour_without_use(world: World) -> None:
    opened = await world.signed_in()
    world.tick(minutes=59, seconds=59)
    assert await locked(world, opened.token)
    world.tick(seconds=1)
    assert not await locked(world, opened.token)
    await world.people.sweep(world.now)
    assert await world.pool.fetchval("SELECT ended_at FROM session") == world.now


# --------------------------------------------------------------------------- AC-12, IA-11: ends


async def test_AC_12_a_token_that_was_signed_out_opens_and_unlocks_nothing(world: World) -> None:
    opened = await world.signed_in()
    await world.people.sign_out(opened.token, world.now)
    assert not await world.stands(opened.token)
    world.tick(minutes=30)
    assert not await locked(world, opened.token)


@pytest.mark.parametrize("device", list(Device))
async def test_IA_11_twelve_hours_end_a_busy_session_on_every_device(world: World, device: Device) -> None:
    await set_device(world.pool, "Z001", device)
    opened = await world.signed_in()
    for _ in range(12 * 3 - 1):
        world.tick(minutes=20)
        assert await world.people.session(opened.token, world.now)
    world.tick(minutes=19, seconds=59)
    assert await world.people.session(opened.token, world.now)
    world.tick(seconds=1)
    assert not await world.stands(opened.token)
    assert not await locked(world, opened.token)


async def test_IA_11_another_role_ends_every_session(world: World) -> None:
    opened = await world.signed_in()
    await move(world.pool, "p.vale", "CA0990100", role="supervisor", by="console", now=world.now)
    assert not await world.stands(opened.token)
    world.tick(seconds=30)
    assert (await world.signed_in()).standing.seat.role == "supervisor"


async def test_AC_5_who_was_suspended_does_not_come_back_into_a_role_that_is_kept_apart(world: World) -> None:
    await world.add(id="v.audit", name="Ann Dean", role="auditor")
    await world.people.disable("v.audit", "suspended", world.now)
    await world.add(id="a.dean", name="Ann  Dean", role="administrator")
    with pytest.raises(Unfit, match="never administrator and auditor"):
        await world.people.enable("v.audit", world.now)


async def test_AC_5_a_session_with_a_duty_that_is_kept_apart_sends_nothing(world: World, pool: Pool) -> None:
    """Where two such accounts came to be past every door that refuses to grant them, neither sends."""
    await world.add(id="a.dean", name="Ann Dean", role="administrator")
    await world.add(id="v.audit", name="Vic Audit", role="auditor")
    opened = await world.signed_in(person="a.dean")
    assert not opened.standing.seat.facts.other_duty
    await pool.execute("UPDATE account SET name = 'ann  DEAN ' WHERE id = 'v.audit'")
    standing = await world.people.session(opened.token, world.now)
    assert standing is not None
    assert standing.seat.facts.other_duty
    seat = msgspec.structs.replace(
        standing.seat,
        facts=msgspec.structs.replace(fit.facts("CA0990100", day_of(world.now)), other_duty=True),
    )
    arrival = Arrival(text="", seat=seat, key="1", at=world.now)
    ruling = Rulebook().rule(Message("AM", (("TO", "Z001"),)), Catalogue().forms["AM"], arrival)
    assert (ruling.allowed, ruling.rule) == (False, "duties-apart")


# --------------------------------------------------------------------------- IA-4, IA-5: identifiers, secrets


async def test_IA_4_an_identifier_is_never_given_to_anybody_else(world: World) -> None:
    await world.people.disable("p.vale", "suspended", world.now)
    world.tick(days=3650)
    with pytest.raises(Taken, match="in use, or was"):
        await world.add(name="Somebody Else")


async def test_IA_5_j_no_one_factor_alone_opens_a_session(world: World) -> None:
    for wrong in ({"password": ""}, {"code": ""}, {"password": "", "code": ""}):
        await world.refused(**wrong)


async def test_IA_5_l_a_lost_authenticator_counts_no_more_and_its_sessions_end(world: World) -> None:
    opened = await world.signed_in()
    assert await world.people.set_otp_secret("p.vale", new_otp_secret(), world.now) == 1
    assert not await world.stands(opened.token)
    world.tick(seconds=30)
    await world.refused()


async def test_IA_5_o_a_token_has_256_bits_and_only_its_hash_is_kept(world: World) -> None:
    tokens = set()
    for _ in range(3):
        world.tick(seconds=30)
        tokens.add((await world.signed_in()).token)
    assert {len(bytes.fromhex(token)) * 8 for token in tokens} == {256}
    assert len(tokens) == 3
    kept = str(await world.pool.fetch("SELECT session::text FROM session"))
    assert not any(token in kept for token in tokens)


async def test_IA_5_o_a_restart_of_the_only_process_drops_every_session(world: World) -> None:
    opened = await world.signed_in()
    await world.people.end_all(world.now)
    assert not await world.stands(opened.token)


async def test_IA_5_1_a_a_listed_password_is_refused_with_the_reason(world: World) -> None:
    world.people = People(
        world.pool, SEAL, passwords=Passwords(CHEAP), known=listed(["Vale Of Tears\n", "short"])
    )
    for password, reason in (
        ("vale of tears", "known to others"), ("Password1", "most used"), ("!!Sheriff 2026!!", "everybody tries"),
        ("seven77", "fewer than 8"), ("p.vale", "the identifier of the person"),
    ):  # fmt: skip
        with pytest.raises(Unfit, match=reason):
            await world.people.set_password("p.vale", password, world.now)
    assert listed(["short"]) == frozenset()


@pytest.mark.parametrize(
    "password",
    [
        "".join(chr(code) for code in range(32, 127)),
        " leading, inner and trailing spaces ",
        "contraseña de la señora Ñandú 東京 😀",
        "q7" * (PASSWORD_MAX // 2),
    ],
)
async def test_IA_5_1_a_every_printable_character_counts_to_the_last(world: World, password: str) -> None:
    assert unfit(password) == ()
    await world.people.set_password("p.vale", password, world.now)
    await world.refused(password=password[:-1] + "x")
    await world.refused(password=password[:-1])
    await world.signed_in(password=password)
    assert set(string.printable[:95]) <= {chr(code) for code in range(32, 127)} | {" "}


async def test_IA_5_1_d_a_code_has_six_digits_is_accepted_once_and_steps_every_30_seconds(
    world: World,
) -> None:
    code = code_at(SECRET, world.now)
    assert len(code) == 6
    assert code.isdecimal()
    assert step_of(SECRET, code, world.now + timedelta(seconds=30)) == step_of(SECRET, code, world.now)
    assert step_of(SECRET, code, world.now + timedelta(seconds=120)) == -1
    await world.signed_in(code=code)
    await world.refused(code=code)
    assert len(new_otp_secret()) * 5 >= 112  # bits, in base 32
