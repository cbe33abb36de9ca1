"""Claims about spelling: any writing of a name gives the same few tokens of A to Z."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.records.matching.spelling import (
    TOKEN_MAX,
    TOKENS_MAX,
    Name,
    name_of,
    with_particle,
    without_particle,
)

LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
ANY = st.text(max_size=60)
WORDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=14)
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("last", "tokens"),
    [
        ("Smith", ("SMITH",)),
        ("de la Cruz", ("DELACRUZ",)),
        ("De La Cruz Ramos", ("DELACRUZ", "RAMOS")),
        ("O'Brien", ("OBRIEN",)),
        ("O BRIEN", ("OBRIEN",)),
        ("O’Brien", ("OBRIEN",)),
        ("van der Berg", ("VANDERBERG",)),
        ("Mc Donald", ("MCDONALD",)),
        ("St. John", ("STJOHN",)),
        ("Saint John", ("STJOHN",)),
        ("Al-Hassan", ("ALHASSAN",)),
        ("Abu Bakr", ("ABUBAKR",)),
        ("García y López", ("GARCIA", "LOPEZ")),
        ("Garcia-Lopez", ("GARCIA", "LOPEZ")),
        ("Mora Mora", ("MORA",)),
        ("DE", ("DE",)),
        ("DE LA", ("DELA",)),
        ("SM1TH", ("SMITH",)),
        ("J0NES", ("JONES",)),
        ("", ()),
        ("- '", ()),
    ],
)
def test_a_last_name_is_its_words_with_particles_in_one_with_what_follows(
    last: str, tokens: tuple[str, ...]
) -> None:
    assert name_of(last, "").last == tokens


@pytest.mark.parametrize(
    ("last", "first", "middle", "suffix", "name"),
    [
        ("DOE", "JOHN", "PAUL", "", Name(("DOE",), ("JOHN", "PAUL"))),
        ("DOE", "JOHN", "Q", "JR", Name(("DOE",), ("JOHN", "Q"), "JR")),
        ("DOE JR", "JOHN", "", "", Name(("DOE",), ("JOHN",), "JR")),
        ("DOE", "JOHN III", "", "", Name(("DOE",), ("JOHN",), "III")),
        ("DOE", "JOHN", "", "Jnr.", Name(("DOE",), ("JOHN",), "JR")),
        ("DOE", "JOHN", "", "2ND", Name(("DOE",), ("JOHN",), "II")),
        ("DOE", "JOHN", "V", "", Name(("DOE",), ("JOHN", "V"))),  # an initial
        ("JR", "JOHN", "", "", Name(("JR",), ("JOHN",))),  # nothing else: it stays
        ("DOE", "ABDUL RAHMAN", "", "", Name(("DOE",), ("ABDULRAHMAN",))),
        ("DOE", "MARY-ANN", "", "", Name(("DOE",), ("MARY", "ANN"))),
    ],
)
def test_given_names_and_suffixes_find_their_places(
    last: str, first: str, middle: str, suffix: str, name: Name
) -> None:
    assert name_of(last, first, middle, suffix) == name


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("Müller", "MULLER"),
        ("Strauß", "STRAUSS"),
        ("Søren", "SOREN"),
        ("Đorđević", "DORDEVIC"),
        ("Łukasz", "LUKASZ"),
        ("Çelik", "CELIK"),
        ("Işık", "ISIK"),
        ("Nguyễn", "NGUYEN"),
        ("Æsa", "AESA"),
        ("Þór", "THOR"),
        ("Шевченко", "SHEVCHENKO"),
        ("Ґалаґан", "GALAGAN"),
        ("Καραγιάννης", "KARAGIANNIS"),
        ("Ｓｍｉｔｈ", "SMITH"),
        ("𝐒𝐦𝐢𝐭𝐡", "SMITH"),
        ("ﬁsher", "FISHER"),
    ],
)
def test_letters_of_other_alphabets_are_written_in_ours(written: str, token: str) -> None:
    assert name_of(written, "").last == (token,)
    assert name_of(unicodedata.normalize("NFD", written), "").last == (token,)


@given(ANY, ANY, ANY, ANY)
def test_any_text_gives_tokens_of_a_to_z_within_the_limits(
    last: str, first: str, middle: str, suffix: str
) -> None:
    name = name_of(last, first, middle, suffix)
    assert len(name.last) <= TOKENS_MAX
    assert len(name.given) <= TOKENS_MAX
    for token in (*name.last, *name.given):
        assert 1 <= len(token) <= TOKEN_MAX
        assert set(token) <= LETTERS
    assert name.suffix in ("", "JR", "SR", "II", "III", "IV", "V")


@given(st.sampled_from(["A", "Ж", "ﷺ", "e\u0301", "\u0301", "O'", "-", "DE ", "A "]), st.integers(1, 20_000))
def test_a_long_text_costs_no_more_than_its_beginning(piece: str, times: int) -> None:
    name = name_of(piece * times, piece * times)
    assert len(name.last) <= TOKENS_MAX
    assert all(len(token) <= TOKEN_MAX for token in (*name.last, *name.given))


@given(NAMES, NAMES)
def test_the_tokens_of_a_name_are_a_name_of_the_same_tokens(last: str, first: str) -> None:
    name = name_of(last, first)
    again = name_of(" ".join(name.last), " ".join(name.given), "", name.suffix)
    assert name_of(" ".join(again.last), " ".join(again.given), "", again.suffix) == again


@given(NAMES, NAMES)
def test_case_and_marks_and_hyphens_change_nothing(last: str, first: str) -> None:
    name = name_of(last, first)
    for written in (
        last.lower(),
        last.title(),
        f"  {last} ",
        last.replace(" ", "-"),
        last.replace(" ", "  "),
    ):
        assert name_of(written, first) == name
    marked = "".join(char + "\u0301" if char in "AEIOU" else char for char in last)
    assert name_of(marked, first) == name
    assert name_of(unicodedata.normalize("NFC", marked), first) == name
    for mark in "'’‘ʼ`.":
        assert name_of(last[0] + mark + last[1:], first) == name


@pytest.mark.parametrize(
    ("token", "rest"),
    [("DELACRUZ", "CRUZ"), ("OBRIEN", "BRIEN"), ("MCDONALD", "DONALD"), ("ALHASSAN", "HASSAN")],
)
def test_a_name_is_tried_without_its_particle_and_with_it(token: str, rest: str) -> None:
    assert rest in without_particle(token)
    assert token in with_particle(rest)


def test_nothing_too_short_remains_of_a_name_without_its_particle() -> None:
    assert without_particle("DEAN") == ()
    assert "LGA" not in without_particle("OLGA")
    assert all(len(rest) >= 3 for name in ("VANESSA", "LANDER", "ELSA") for rest in without_particle(name))
