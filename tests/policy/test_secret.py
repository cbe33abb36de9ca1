"""Passwords are kept one-way and compared alike for nobody; codes hold for three steps; seals are bound."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from wireroom.policy import SealBroken
from wireroom.policy.guessable import BANNED
from wireroom.policy.secret import (
    NO_STEP,
    PASSWORD_MAX,
    Passwords,
    Pbkdf2,
    Seal,
    code_at,
    new_otp_secret,
    otp_address,
    step_of,
    unfit,
)

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
SECRET = new_otp_secret(lambda size: bytes(range(size)))


def keep(password: str) -> str:
    return asyncio.run(Passwords(CHEAP).keep(password))


def same(kept: str | None, offered: str) -> bool:
    return asyncio.run(Passwords(CHEAP).same(kept, offered))


# --------------------------------------------------------------------------- passwords


@pytest.mark.parametrize("password", ["correct horse battery", "ünïcødé påsswörd", "x1!" * 42 + "ab"])
def test_a_long_or_foreign_password_works_and_counts_to_its_last_character(password: str) -> None:
    kept = keep(password)
    assert same(kept, password)
    assert not same(kept, password[:-1] + "?")
    assert password not in kept
    assert kept.startswith("$argon2id$")


def test_two_spellings_of_one_passphrase_are_one() -> None:
    assert same(keep("caf\u00e9 au lait"), "cafe\u0301 au lait")


def test_nobody_has_a_password() -> None:
    assert not same(None, "correct horse battery")
    assert not same(None, "")


def test_a_password_longer_than_the_limit_is_never_right() -> None:
    assert not same(keep("a"), "b" * (PASSWORD_MAX + 1))
    assert not same(keep(""), "b" * (PASSWORD_MAX + 1))


@pytest.mark.parametrize("offered", ["\x00", "\ud800", "a\nb"])
def test_what_cannot_be_a_password_is_wrong_and_no_failure(offered: str) -> None:
    assert not same(keep("correct horse battery"), offered)


def test_a_damaged_hash_lets_nobody_in() -> None:
    assert not same("$argon2id$damaged", "anything at all")


def test_the_usual_cost_is_that_of_the_standard() -> None:
    """RFC 9106, second recommended option."""
    hasher = Passwords()._hasher
    assert isinstance(hasher, PasswordHasher)
    assert (hasher.memory_cost, hasher.time_cost) == (65536, 3)


def test_under_fips_a_password_is_kept_by_pbkdf2_and_nothing_else_is_known() -> None:
    passwords = Passwords(Pbkdf2(rounds=10))
    kept = asyncio.run(passwords.keep("correct horse 9"))
    assert kept.startswith("$pbkdf2-sha256$10$")
    assert kept != asyncio.run(passwords.keep("correct horse 9")), "each has its salt"
    for offered, right in (("correct horse 9", True), ("correct horse 8", False)):
        assert asyncio.run(passwords.same(kept, offered)) is right
    argon = asyncio.run(Passwords(CHEAP).keep("correct horse 9"))
    assert not asyncio.run(passwords.same(argon, "correct horse 9"))
    assert Pbkdf2()._rounds == 600_000


def test_under_fips_the_seal_has_another_key() -> None:
    seal = Seal(bytes(32), fips=True)
    assert seal.open("p.vale", seal.close("p.vale", SECRET)) == SECRET
    with pytest.raises(SealBroken):
        seal.open("p.vale", Seal(bytes(32)).close("p.vale", SECRET))


@pytest.mark.parametrize("password", sorted(BANNED))
def test_each_listed_password_is_refused_with_its_reason(password: str) -> None:
    assert "is one of the most used passwords, or is known to others" in unfit(password.upper())


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("seven77", "has fewer than 8 characters"),
        ("x1" * 200, "has more than 256 characters"),
        ("tab\tulator here", "holds a character that cannot be printed"),
        ("zzzzzzzzz", "is one character over and over"),
        ("p.vale.long", "is the identifier of the person"),
    ],
)
def test_an_unfit_password_is_told_why(password: str, reason: str) -> None:
    assert unfit(password, person="p.vale.long") == (reason,)


def test_a_fit_password_is_told_nothing() -> None:
    assert unfit("correct horse battery", person="p.vale") == ()


# --------------------------------------------------------------------------- one-time codes


@pytest.mark.parametrize(("late_s", "right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_is_right_for_its_step_and_one_either_way(late_s: int, right: bool) -> None:
    code = code_at(SECRET, NOW)
    step = step_of(SECRET, code, NOW + timedelta(seconds=late_s))
    assert step == (int(NOW.timestamp()) // 30 if right else NO_STEP)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 345", "-12345"])
def test_what_is_not_six_digits_is_no_code(code: str) -> None:
    assert step_of(SECRET, code, NOW) == NO_STEP


@given(st.text(max_size=12))
def test_no_text_makes_the_comparison_fail(code: str) -> None:
    assert step_of(SECRET, code, NOW) >= NO_STEP


def test_a_secret_has_160_bits_and_is_never_the_same() -> None:
    assert len(new_otp_secret()) == 32
    assert new_otp_secret() != new_otp_secret()


def test_an_authenticator_can_read_the_address() -> None:
    assert (
        otp_address(SECRET, person="p.vale")
        == f"otpauth://totp/Wireroom:p.vale?secret={SECRET}&issuer=Wireroom"
    )


# --------------------------------------------------------------------------- seals


def test_a_sealed_secret_opens_for_its_person_and_key_alone() -> None:
    seal = Seal(bytes(32))
    sealed = seal.close("p.vale", SECRET)
    assert seal.open("p.vale", sealed) == SECRET
    assert SECRET.encode() not in sealed
    with pytest.raises(SealBroken, match=r"q\.marsh"):
        seal.open("q.marsh", sealed)
    with pytest.raises(SealBroken):
        Seal(b"x" * 32).open("p.vale", sealed)


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(60)])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        Seal(bytes(32)).open("p.vale", sealed)


def test_a_key_of_another_size_is_refused() -> None:
    with pytest.raises(SealBroken, match="31 bytes"):
        Seal(bytes(31))


def test_a_seal_does_not_show_its_key() -> None:
    assert repr(Seal(b"k" * 32)) == "Seal(…)"
