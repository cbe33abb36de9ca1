"""Signing in: both factors, each code once, five bad ones lock, and no refusal tells more than another."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.policy.conftest import CHEAP, PASSWORD, SEAL, SECRET, World
from wireroom.message.envelope import Seat
from wireroom.policy import PolicyError, Taken, Unfit, Unknown
from wireroom.policy.people import BUSY, REFUSED, TOO_OFTEN, Opened, People, Refused, Terms
from wireroom.policy.secret import Passwords, Seal, code_at, new_otp_secret
from wireroom.policy.throttle import Throttle

pytestmark = pytest.mark.anyio


class Counting(Passwords):
    """Counts how often a password was compared, and with what."""

    def __init__(self) -> None:
        super().__init__(CHEAP)
        self.compared: list[str | None] = []

    async def same(self, kept: str | None, offered: str) -> bool:
        self.compared.append(kept)
        return await super().same(kept, offered)


# --------------------------------------------------------------------------- two factors at a terminal


async def test_both_factors_open_a_session_bound_to_person_terminal_and_agency(world: World) -> None:
    opened = await world.signed_in()
    standing = opened.standing
    assert standing.seat == Seat(terminal="Z001", ori="CA0990100", person="p.vale", role="operator")
    assert (standing.name, standing.agency, standing.kind) == ("Pat Vale", "Example City Police", "page")
    assert standing.idle_until == world.now + timedelta(minutes=30)
    assert await world.people.session(opened.token, world.now) == standing


async def test_the_person_and_the_terminal_may_be_typed_in_either_case(world: World) -> None:
    assert (await world.signed_in(person=" P.Vale ", terminal="z001")).standing.seat.terminal == "Z001"


@pytest.mark.parametrize("terminal", ["Z004", "T001"])
async def test_a_training_terminal_or_agency_makes_a_training_seat(world: World, terminal: str) -> None:
    await world.add(id="t.teach", ori="CA0970100")
    person = "t.teach" if terminal == "T001" else "p.vale"
    assert (await world.signed_in(person=person, terminal=terminal)).standing.seat.test


WRONG = {
    "password": {"password": "correct horse batterz"},
    "empty password": {"password": ""},
    "code": {"code": "000000"},
    "empty code": {"code": ""},
    "person": {"person": "nobody"},
    "another agency's terminal": {"terminal": "Y001"},
    "a printer": {"terminal": "Z002"},
    "a disabled terminal": {"terminal": "Z003"},
    "no terminal": {"terminal": ""},
    "a zero byte": {"person": "p.vale\x00"},
}


@pytest.mark.parametrize("what", WRONG)
async def test_every_refusal_says_the_same_and_costs_one_comparison(world: World, what: str) -> None:
    world.people._passwords = counting = Counting()
    refused = await world.refused(**WRONG[what])
    assert (refused.reason, refused.wait_seconds) == (REFUSED, 0)
    assert len(counting.compared) == 1


async def test_the_cause_is_known_inside(world: World) -> None:
    causes = [(await world.refused(**WRONG[what])).cause for what in ("person", "password", "code")]
    assert causes == ["unknown, disabled, ended or locked", "wrong password", "wrong code"]


async def test_a_code_counts_once(world: World) -> None:
    await world.signed_in()
    assert (await world.refused()).cause == "code used before"
    world.tick(seconds=30)
    await world.signed_in()


async def test_one_code_offered_ten_times_at_once_opens_one_session(world: World) -> None:
    answers = await asyncio.gather(*(world.sign_in() for _ in range(4)))
    assert sum(isinstance(answer, Opened) for answer in answers) == 1


async def test_a_code_of_an_earlier_step_counts_no_more_after_a_later_one(world: World) -> None:
    await world.signed_in(code=code_at(SECRET, world.now + timedelta(seconds=30)))
    await world.refused(code=code_at(SECRET, world.now))


async def test_a_secret_sealed_under_another_key_refuses_and_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.people = People(world.pool, Seal(b"x" * 32), passwords=Passwords(CHEAP))
    assert (await world.refused()).reason == REFUSED
    assert "does not open" in caplog.text
    assert SECRET not in caplog.text


# --------------------------------------------------------------------------- the lock


async def test_the_fifth_bad_logon_locks_and_right_factors_then_fail_until_released(world: World) -> None:
    for _ in range(4):
        await world.refused(password="wrong")
    assert not (await world.people.people())[0].locked
    await world.refused(password="wrong")
    assert (await world.people.people())[0].locked
    world.tick(days=2)
    assert (await world.refused()).reason == REFUSED
    await world.people.release("p.vale")
    await world.signed_in()


async def test_the_count_survives_a_restart(world: World) -> None:
    for _ in range(5):
        await world.refused(password="wrong")
        world.people = People(world.pool, SEAL, passwords=Passwords(CHEAP))
    await world.refused()


async def test_a_good_logon_between_bad_ones_begins_the_count_anew(world: World) -> None:
    for _ in range(3):
        for _ in range(4):
            await world.refused(password="wrong")
        world.tick(seconds=60)
        await world.signed_in()


async def test_bad_logons_of_more_than_15_minutes_ago_do_not_count(world: World) -> None:
    for _ in range(12):
        await world.refused(password="wrong")
        world.tick(minutes=4)
    world.tick(minutes=4)
    await world.signed_in()


async def test_forty_guesses_at_once_are_five(world: World) -> None:
    world.people._passwords = counting = Counting()
    world.people._throttle = Throttle(bad_max=1000)
    await asyncio.gather(*(world.sign_in(password=f"guess {number}") for number in range(40)))
    assert sum(kept is not None for kept in counting.compared) == 5
    assert (await world.people.people())[0].locked


async def test_a_lock_does_not_end_a_session_that_stands(world: World) -> None:
    opened = await world.signed_in()
    for _ in range(5):
        await world.refused(password="wrong")
    assert await world.stands(opened.token)


async def test_one_source_cannot_lock_out_a_watch(world: World) -> None:
    for number in range(12):
        await world.add(id=f"watch.{number}")
    for number in range(12):
        for _ in range(5):
            await world.refused(person=f"watch.{number}", password="wrong")
    assert sum(person.locked for person in await world.people.people()) == 6
    refused = await world.refused()
    assert (refused.reason, refused.wait_seconds) == (TOO_OFTEN, 900)
    await world.signed_in(peer="192.0.2.2")


async def test_more_sign_ins_than_can_be_checked_are_asked_to_come_again(world: World) -> None:
    world.people._terms = Terms(at_once_max=0)
    refused = await world.refused()
    assert (refused.reason, refused.wait_seconds) == (BUSY, 3)


# --------------------------------------------------------------------------- sessions


async def test_the_database_does_not_hold_the_token_or_the_password_or_the_secret(world: World) -> None:
    opened = await world.signed_in()
    held = str(await world.pool.fetch("SELECT session::text, account::text FROM session, account"))
    for secret in (opened.token, PASSWORD, SECRET):
        assert secret not in held
        assert secret.encode().hex() not in held


async def test_tokens_have_256_bits_and_csrf_tokens_are_others(world: World) -> None:
    opened = await world.signed_in()
    assert len(bytes.fromhex(opened.token)) == 32
    assert len(bytes.fromhex(opened.standing.csrf)) == 32
    assert opened.token != opened.standing.csrf


async def test_a_session_works_at_29_59_idle_and_has_ended_at_30_00(world: World) -> None:
    opened = await world.signed_in()
    world.tick(minutes=29, seconds=59)
    assert await world.people.session(opened.token, world.now)
    world.tick(minutes=30)
    assert await world.people.session(opened.token, world.now) is None


async def test_only_looking_does_not_put_off_the_idle_limit(world: World) -> None:
    opened = await world.signed_in()
    world.tick(minutes=29)
    assert await world.stands(opened.token)
    world.tick(minutes=1)
    assert not await world.stands(opened.token)


async def test_a_busy_session_ends_after_12_hours(world: World) -> None:
    opened = await world.signed_in()
    for _ in range(12 * 60 // 20 - 1):
        world.tick(minutes=20)
        assert await world.people.session(opened.token, world.now)
    world.tick(minutes=19, seconds=59)
    standing = await world.people.session(opened.token, world.now)
    assert standing is not None
    assert standing.idle_until == opened.standing.opened_at + timedelta(hours=12)
    world.tick(seconds=1)
    assert not await world.stands(opened.token)


async def test_a_use_within_seconds_of_another_is_not_written_down_again(world: World) -> None:
    opened = await world.signed_in()
    world.tick(seconds=4)
    await world.people.session(opened.token, world.now)
    assert await world.pool.fetchval("SELECT seen_at < $1 FROM session", world.now)


async def test_a_token_is_worth_nothing_after_signing_out(world: World) -> None:
    opened = await world.signed_in()
    await world.people.sign_out(opened.token, world.now)
    assert not await world.stands(opened.token)
    await world.people.sign_out("never given", world.now)


@pytest.mark.parametrize("token", ["", "0" * 64, "x" * 10_000, "\x00", "é"])
async def test_a_token_that_was_never_given_opens_nothing(world: World, token: str) -> None:
    await world.signed_in()
    assert not await world.stands(token)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account SET enabled = false",
        "UPDATE account SET ori = 'CA0980100'",
        "UPDATE terminal SET enabled = false",
        "UPDATE terminal SET ori = 'CA0980100'",
    ],
)
async def test_a_session_ends_when_what_it_binds_changes(world: World, statement: str) -> None:
    opened = await world.signed_in()
    await world.pool.execute(statement)
    assert not await world.stands(opened.token)


async def test_disabling_a_person_ends_every_session_at_once(world: World) -> None:
    opened = await world.signed_in()
    await world.people.disable("p.vale", "suspended", world.now)
    assert not await world.stands(opened.token)
    await world.people.enable("p.vale", world.now)
    assert not await world.stands(opened.token)
    world.tick(seconds=30)
    await world.signed_in()


async def test_all_sessions_can_be_ended_at_a_start(world: World) -> None:
    opened = await world.signed_in()
    await world.people.end_all(world.now)
    assert not await world.stands(opened.token)


async def test_a_sweep_marks_what_has_run_out_and_nothing_else(world: World) -> None:
    await world.signed_in()
    world.tick(minutes=60)
    young = await world.signed_in()
    await world.people.sweep(world.now)
    assert await world.pool.fetchval("SELECT count(*) FROM session WHERE ended_at IS NULL") == 1
    assert await world.stands(young.token)


# --------------------------------------------------------------------------- administration


async def test_an_identifier_is_never_given_out_twice(world: World) -> None:
    await world.people.disable("p.vale", "suspended", world.now)
    with pytest.raises(Taken, match="or was"):
        await world.add(name="Somebody Else")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "P Vale"}, "not an identifier"),
        ({"id": "x"}, "not an identifier"),
        ({"id": "new.one", "name": ""}, "give a name"),
        ({"id": "new.one", "role": "root"}, "the role is one of operator"),
    ],
)
async def test_a_person_who_does_not_fit_is_not_added(
    world: World, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(Unfit, match=words):
        await world.add(**changes)


async def test_a_person_belongs_to_an_agency_that_exists(world: World) -> None:
    with pytest.raises(Unknown, match="CA0590100"):
        await world.add(id="new.one", ori="CA0590100")


async def test_a_new_password_must_be_fit_and_ends_every_session(world: World) -> None:
    opened = await world.signed_in()
    with pytest.raises(Unfit, match="has fewer than 8 characters, is one character over and over"):
        await world.people.set_password("p.vale", "aaa", world.now)
    assert await world.stands(opened.token)
    await world.people.set_password("p.vale", "another horse battery", world.now)
    assert not await world.stands(opened.token)
    world.tick(seconds=30)
    await world.refused()
    await world.signed_in(password="another horse battery")


async def test_a_new_authenticator_replaces_the_old_one_at_once(world: World) -> None:
    opened = await world.signed_in()
    other = new_otp_secret()
    await world.people.set_otp_secret("p.vale", other, world.now)
    assert not await world.stands(opened.token)
    await world.refused()
    await world.signed_in(code=code_at(other, world.now))


async def test_who_does_not_exist_cannot_be_changed(world: World) -> None:
    with pytest.raises(Unknown, match="nobody"):
        await world.people.release("nobody")


async def test_everybody_is_listed_in_order(world: World) -> None:
    await world.add(id="a.first", role="clerk", enabled=False)
    listed = [
        (person.id, person.role, person.enabled, person.locked) for person in await world.people.people()
    ]
    assert listed == [("a.first", "clerk", False, False), ("p.vale", "operator", True, False)]


async def test_what_holds_a_secret_does_not_show_it(world: World) -> None:
    opened = await world.signed_in()
    assert opened.token not in repr(opened)
    assert PASSWORD not in repr(world.claim())


# --------------------------------------------------------------------------- the demo


async def test_nobody_is_let_in_without_factors_outside_the_demo(world: World) -> None:
    with pytest.raises(PolicyError, match="only the demo"):
        await world.people.admit("p.vale", "Z001", "192.0.2.1", world.now)
    with pytest.raises(PolicyError, match="only the demo"):
        await world.people.code_of("p.vale", world.now)


async def test_the_demo_lets_its_people_in_and_is_bound_like_any_other(world: World) -> None:
    world.people = People(world.pool, SEAL, passwords=Passwords(CHEAP), demo=True)
    opened = await world.people.admit("p.vale", "Z001", "192.0.2.1", world.now)
    assert isinstance(opened, Opened)
    assert opened.standing.kind == "demo"
    for person, terminal in (("p.vale", "Y001"), ("p.vale", "Z002"), ("nobody", "Z001")):
        assert isinstance(await world.people.admit(person, terminal, "192.0.2.1", world.now), Refused)


async def test_the_demo_gives_codes_that_still_count(world: World) -> None:
    world.people = People(world.pool, SEAL, passwords=Passwords(CHEAP), demo=True)
    for _ in range(3):
        await world.signed_in(code=await world.people.code_of("p.vale", world.now))
    await world.refused(code=await world.people.code_of("p.vale", world.now))
    with pytest.raises(Unknown):
        await world.people.code_of("nobody", world.now)
