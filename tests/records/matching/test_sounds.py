"""Claims about sounds: spellings of one sound have one code, other names have another, and no text is too odd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.records.matching.sounds import close, even, loose

TOKENS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SMITH", "SMYTHE"),
        ("PHILIP", "FILIP"),
        ("SCHMIDT", "SHMIDT"),
        ("CATHERINE", "KATHERINE"),
        ("STEPHEN", "STEFEN"),
        ("KNOX", "NOX"),
        ("WRIGHT", "RITE"),
        ("MCDONALD", "MACDONALD"),
        ("ZHAO", "JAO"),
        ("LI", "LEE"),
    ],
)
def test_spellings_of_one_sound_are_close(one: str, other: str) -> None:
    assert close(one) == close(other)


@pytest.mark.parametrize(
    ("one", "other"), [("HUSSEIN", "HOSSAIN"), ("AHMED", "AHMAD"), ("PETERSEN", "PETERSON")]
)
def test_names_that_differ_in_vowels_are_even(one: str, other: str) -> None:
    assert close(one) != close(other)
    assert even(close(one)) == even(close(other))


def test_names_of_the_same_consonants_are_loosely_alike() -> None:
    assert len({loose(close(name)) for name in ("MUHAMMAD", "MOHAMED", "MEHMET", "MAHMOUD")}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("SMITH", "JONES"), ("GARCIA", "GARZA"), ("WANG", "WONG"), ("LEE", "LOU")]
)
def test_other_names_sound_otherwise(one: str, other: str) -> None:
    assert close(one) != close(other)


@pytest.mark.parametrize("token", ["A", "LEE", "AO", "HOWE"])
def test_fewer_than_two_consonants_say_nothing_of_the_vowels_between(token: str) -> None:
    assert loose(close(token)) == ""


@given(TOKENS)
def test_any_token_has_codes_in_ascii_and_each_follows_from_the_closer(token: str) -> None:
    codes = close(token), even(close(token)), loose(close(token))
    assert all(code.isascii() and (code.isalpha() or not code) for code in codes)
    assert all(len(code) <= 2 * len(token) + 3 for code in codes)
    assert codes == (close(token), even(close(token)), loose(close(token)))
