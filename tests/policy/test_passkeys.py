"""Controls about passkeys in a database: what they prove and what they do not; each test named after its control."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest

from tests.policy.conftest import CHEAP, SEAL, SECRET
from tests.policy.device import IS_COPIED, MAY_COPY, PLACE, PRESENT, VERIFIED, Device, raw
from tests.policy.key_world import COOKIE, PEER, KeyWorld, device, world
from wireroom.policy import Unfit, passkeys
from wireroom.policy.authenticators import (
    CHALLENGES_MAX,
    NOT_HERE,
    STALE,
    TOO_MANY,
    Purpose,
)
from wireroom.policy.passkeys import Unproven
from wireroom.policy.people import Opened, People, Refused
from wireroom.policy.secret import Passwords, code_at

__all__ = ["device", "world"]  # fixtures
pytestmark = pytest.mark.anyio


# --------------------------------------------------------------------------- IA-2: two factors


async def test_IA_2_a_passkey_alone_is_both_factors_because_its_device_checks_the_holder(
    world: KeyWorld, device: Device
) -> None:
    opened = await world.entered(device)
    assert (opened.standing.seat.person, opened.standing.seat.terminal) == ("p.vale", "Z001")
    assert (await world.one(opened.standing.authenticator)).kind == "passkey"
    device.flags = PRESENT
    assert await world.turned_away(device) == passkeys.UNVERIFIED
    device.flags = VERIFIED
    assert await world.turned_away(device) == passkeys.UNSIGNED  # nobody touched it


async def test_IA_2_a_device_that_does_not_check_its_holder_is_not_bound(world: KeyWorld) -> None:
    device = Device()
    device.flags = PRESENT
    assert await world.unbound(device) == passkeys.UNVERIFIED
    asked = json.loads(await world.question(Purpose.BIND, "session", "p.vale"))
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert json.loads(await world.question(Purpose.SIGN_IN))["userVerification"] == "required"


@pytest.mark.parametrize("origin", ["https://switch.example.evil.example", "https://sw1tch.example", "http://switch.example",
                                    "https://switch.example:444"])  # fmt: skip
async def test_IA_2_a_passkey_that_a_page_of_another_address_got_opens_nothing(
    world: KeyWorld, device: Device, origin: str
) -> None:
    device.origin = origin
    assert await world.turned_away(device) == passkeys.ELSEWHERE
    fresh = Device("two")
    fresh.origin = origin
    assert await world.unbound(fresh) == passkeys.ELSEWHERE
    device.origin, device.domain = PLACE.origin, "evil.example"
    assert await world.turned_away(device) == passkeys.UNSIGNED


async def test_IA_2_without_an_address_there_are_no_passkeys(world: KeyWorld, device: Device) -> None:
    question = await world.question(Purpose.SIGN_IN)
    world.people = People(world.pool, SEAL, passwords=Passwords(CHEAP))
    with pytest.raises(Unfit, match=NOT_HERE):
        await world.people.keys.question(Purpose.SIGN_IN, COOKIE, PEER, world.now)
    refused = await world.people.sign_in(world.key_claim(device.shown(question)), world.now)
    assert isinstance(refused, Refused)


async def test_IA_2_the_passkey_of_another_agencys_terminal_opens_nothing(
    world: KeyWorld, device: Device
) -> None:
    assert await world.turned_away(device, terminal="T001") == "not a terminal of the agency"
    assert await world.turned_away(device, terminal="Z002") == "not a terminal of the agency"


async def test_IA_2_only_the_persons_own_passkey_unlocks(world: KeyWorld, device: Device) -> None:
    await world.add(id="o.ther", name="Other One")
    others = Device("others")
    await world.bound(others, "o.ther")
    opened = await world.entered(device)
    world.tick(minutes=30)
    held = await world.people.locked(opened.token, world.now)
    assert held is not None
    for one, stands in ((others, False), (device, True)):
        question = await world.question(Purpose.UNLOCK, opened.token, "p.vale")
        claim = world.key_claim(one.shown(question), holder=opened.token, replaces=opened.token)
        claim = msgspec.structs.replace(claim, purpose=Purpose.UNLOCK)
        again = await world.people.renew(held, claim, world.now)
        assert isinstance(again, Opened) is stands
    assert isinstance(again, Opened)
    assert again.token != opened.token
    assert not await world.people.locked(opened.token, world.now)
    assert not await world.stands(opened.token)


# --------------------------------------------------------------------------- IA-2(8): nothing is replayed


async def test_IA_2_8_an_answer_that_was_captured_opens_nothing_again(
    world: KeyWorld, device: Device
) -> None:
    device.counts = False  # so that the counter does not refuse it first
    answer = device.shown(await world.question(Purpose.SIGN_IN))
    assert isinstance(await world.people.sign_in(world.key_claim(answer), world.now), Opened)
    refused = await world.people.sign_in(world.key_claim(answer), world.now)
    assert isinstance(refused, Refused)
    assert refused.cause == STALE


async def test_IA_2_8_one_answer_offered_ten_times_at_once_opens_one_session(
    world: KeyWorld, device: Device
) -> None:
    device.counts = False
    answer = device.shown(await world.question(Purpose.SIGN_IN))
    came = await asyncio.gather(
        *(world.people.sign_in(world.key_claim(answer), world.now) for _ in range(10))
    )
    assert sum(isinstance(one, Opened) for one in came) == 1


async def test_IA_2_8_a_question_counts_for_five_minutes_in_one_browser_for_one_purpose(
    world: KeyWorld, device: Device
) -> None:
    for seconds, cause in ((299.9, ""), (300, STALE)):
        answer = device.shown(await world.question(Purpose.SIGN_IN))
        world.tick(seconds=seconds)
        came = await world.people.sign_in(world.key_claim(answer), world.now)
        assert (came.cause if isinstance(came, Refused) else "") == cause
    for purpose, holder in (
        (Purpose.SIGN_IN, "another cookie"),
        (Purpose.UNLOCK, COOKIE),
        (Purpose.CONFIRM, COOKIE),
    ):
        answer = device.shown(await world.question(purpose, holder))
        came = await world.people.sign_in(world.key_claim(answer), world.now)
        assert isinstance(came, Refused)
        assert came.cause == STALE
    never_asked = device.shown("", challenge="A" * 43)
    came = await world.people.sign_in(world.key_claim(never_asked), world.now)
    assert isinstance(came, Refused)
    assert came.cause == STALE


async def test_IA_2_8_a_new_passkey_answers_the_question_to_bind_in_its_own_session_once(
    world: KeyWorld,
) -> None:
    device = Device()
    for purpose, holder in ((Purpose.BIND, "another session"), (Purpose.CONFIRM, "session")):
        question = json.loads(await world.question(Purpose.BIND, "session", "p.vale"))
        question["challenge"] = json.loads(await world.question(purpose, holder, "p.vale"))["challenge"]
        answer = device.made(json.dumps(question))
        assert await world.keys.bind("p.vale", "k", answer, "session", world.now) == Unproven(STALE)
    answer = device.made(await world.question(Purpose.BIND, "session", "p.vale"))
    assert isinstance(await world.keys.bind("p.vale", "k", answer, "session", world.now), str)
    assert await world.keys.bind("p.vale", "k", answer, "session", world.now) == Unproven(STALE)


async def test_IA_2_8_a_code_that_was_captured_opens_nothing_again(world: KeyWorld) -> None:
    code = code_at(SECRET, world.now)
    await world.signed_in(code=code)
    await world.refused(code=code)
    world.tick(seconds=30)
    await world.refused(code=code)


# --------------------------------------------------------------------------- IA-5(1)(e): keys, nonces, counters


async def test_IA_5_1_e_a_nonce_has_256_bits_and_is_never_the_same(world: KeyWorld) -> None:
    nonces = {json.loads(await world.question(Purpose.SIGN_IN))["challenge"] for _ in range(20)}
    assert len(nonces) == 20
    assert {len(raw(one)) * 8 for one in nonces} == {256}


@pytest.mark.parametrize("back", [0, 1, 4])
async def test_IA_5_1_e_a_counter_that_does_not_go_forward_is_refused(
    world: KeyWorld, device: Device, back: int
) -> None:
    device.counter = 10
    await world.entered(device)
    device.counter -= back + 1  # it counts one more before it answers
    assert await world.turned_away(device) == passkeys.WENT_BACK
    device.counter, device.counts = 0, False
    assert await world.turned_away(device) == passkeys.WENT_BACK
    device.counter, device.counts = 11, True
    await world.entered(device)


async def test_IA_5_1_e_a_device_that_does_not_count_is_taken(world: KeyWorld, device: Device) -> None:
    device.counts = False
    for _ in range(3):
        await world.entered(device)


async def test_IA_5_1_e_only_the_key_that_was_bound_signs(world: KeyWorld, device: Device) -> None:
    false = Device("false")
    false.credential, false.user = device.credential, device.user
    assert await world.turned_away(false) == passkeys.UNSIGNED
    device.user = passkeys.handle("o.ther")
    assert await world.turned_away(device) == passkeys.UNSIGNED


async def test_IA_5_1_e_a_passkey_that_its_maker_copies_is_bound_where_the_operator_says_so(
    world: KeyWorld,
) -> None:
    device = Device("copied")
    device.flags |= MAY_COPY | IS_COPIED
    assert await world.unbound(device) == passkeys.COPIED
    device.flags = PRESENT | VERIFIED
    await world.bound(device)
    device.flags |= MAY_COPY  # it was not when it was bound
    assert await world.turned_away(device) == passkeys.COPIED
    world.keys.place = passkeys.Place(origin=PLACE.origin, domain=PLACE.domain, copied=True)
    await world.entered(device)


@pytest.mark.parametrize(
    "answer", ["", "none", "{}", "[]", "é" * 20_000, '{"id":"","rawId":"","type":"","response":{}}']
)
async def test_IA_5_1_e_what_is_no_answer_is_refused_and_breaks_nothing(world: KeyWorld, answer: str) -> None:
    bound = await world.keys.bind("p.vale", "k", answer, "session", world.now)
    assert bound == Unproven(passkeys.UNREADABLE)
    came = await world.people.sign_in(world.key_claim(answer or "x"), world.now)
    assert isinstance(came, Refused)
    assert came.cause == passkeys.UNREADABLE


async def test_IA_5_1_e_an_attestation_that_is_damaged_is_refused(world: KeyWorld) -> None:
    device = Device()
    for damage in ("attestationObject", "clientDataJSON"):
        answer = json.loads(device.made(await world.question(Purpose.BIND, "session", "p.vale")))
        whole = answer["response"][damage]
        for changed in (whole[: len(whole) // 2], "", "AAAA"):
            answer["response"][damage] = changed
            made = await world.keys.bind("p.vale", "k", json.dumps(answer), "session", world.now)
            assert isinstance(made, Unproven)
    device.domain = "evil.example"
    assert await world.unbound(device) == passkeys.UNSIGNED


# --------------------------------------------------------------------------- AC-7 holds for passkeys


async def test_AC_7_five_bad_passkeys_lock_the_account_for_every_way_in(
    world: KeyWorld, device: Device
) -> None:
    device.flags = PRESENT
    causes = [await world.turned_away(device) for _ in range(5)]
    assert causes == [passkeys.UNVERIFIED] * 4 + [f"{passkeys.UNVERIFIED}; the account is locked now"]
    device.flags |= VERIFIED
    assert await world.turned_away(device) == "disabled, ended or locked"
    await world.refused()
    await world.people.release("p.vale")
    await world.entered(device)


async def test_AC_7_bad_codes_and_bad_passkeys_are_counted_together(world: KeyWorld, device: Device) -> None:
    for _ in range(3):
        await world.refused(code="000000")
    device.flags = PRESENT
    await world.turned_away(device)
    assert "locked now" in await world.turned_away(device)


async def test_AC_7_one_source_asks_and_guesses_only_so_often(world: KeyWorld) -> None:
    stranger = Device("of nobody")
    for _ in range(30):
        assert await world.turned_away(stranger) == "a passkey that is not known, or has ended"
    came = await world.enter(stranger)
    assert isinstance(came, Refused)
    assert came.wait_seconds > 0
    for _ in range(CHALLENGES_MAX - 31):
        await world.question(Purpose.SIGN_IN)
    with pytest.raises(Unfit, match=TOO_MANY):
        await world.question(Purpose.SIGN_IN)
    world.tick(minutes=5)
    await world.question(Purpose.SIGN_IN)
    assert await world.pool.fetchval("SELECT count(*) FROM challenge") == 1  # the old ones are gone
