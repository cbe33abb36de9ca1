"""Claims about mistakes: each changes what its name says, leaves something that can be read, and fails at no name."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jellyfish import damerau_levenshtein_distance as distance
from msgspec.structs import replace

from wireroom.lab.crowd import Crowd, Person
from wireroom.lab.mistakes import (
    DATE_MISTAKES,
    MISTAKES,
    mistake,
    particle_of,
    suits,
    surname_lost,
    two_of,
    wrong_date,
)
from wireroom.lab.nicknames import LONG, SHORT, called
from wireroom.lab.slips import by_ear, scanned, typo

READABLE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -'")
SOMEBODY = Person(1, "FITZGERALD", "ROBERT", "JAMES", "", "19640508", "M", "", "anglo")
CROWD = Crowd(11)
PEOPLE = [person for number in range(60) for person in CROWD.block(number)]


def made(kind: str, person: Person = SOMEBODY, times: int = 200) -> list[Person]:
    return [mistake(kind, person, Random(seed)) for seed in range(times)]


# --------------------------------------------------------------------------- whoever it happens to


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(list(MISTAKES)),
    number=st.integers(0, 2**34),
    place=st.integers(0, 63),
    seed=st.integers(),
)
def test_no_mistake_fails_at_a_name_of_the_crowd(kind: str, number: int, place: int, seed: int) -> None:
    person = CROWD.block(number)[place]
    suits(kind, person, Random(seed))
    wrong = mistake(kind, person, Random(seed))
    assert wrong.last
    assert wrong.first
    assert set(wrong.last + wrong.first + wrong.middle) <= READABLE
    assert (wrong.id, wrong.dob, wrong.sex, wrong.group) == (person.id, person.dob, person.sex, person.group)
    assert mistake(kind, person, Random(seed)) == wrong


@settings(max_examples=300, deadline=None)
@given(
    name=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ -'", min_size=1, max_size=14), kind=st.sampled_from(list(MISTAKES)),
    group=st.sampled_from(["anglo", "hispanic", "eastasian", "other"]), seed=st.integers(),
)  # fmt: skip
def test_no_mistake_fails_at_any_name(name: str, kind: str, group: str, seed: int) -> None:
    assume(name == name.strip(" -'") and name)
    wrong = mistake(kind, replace(SOMEBODY, last=name, first=name, middle=name, group=group), Random(seed))
    assert wrong.last
    assert wrong.first


@pytest.mark.parametrize("kind", MISTAKES)
def test_each_kind_happens_to_many_of_the_crowd(kind: str) -> None:
    """Otherwise queries of a kind would all be about a few."""
    dice = Random(5)
    changed = [p for p in PEOPLE if mistake(kind, p, dice) != p]
    assert (len(changed) == 0) == (kind == "clean")
    assert kind == "clean" or len(changed) > len(PEOPLE) * 0.2


# --------------------------------------------------------------------------- each changes what it says


def test_a_typo_is_one_slip_of_the_name_it_says() -> None:
    for wrong in made("typo_last"):
        assert (distance(wrong.last, SOMEBODY.last), wrong.first) == (1, SOMEBODY.first)
    for wrong in made("typo_first"):
        assert (distance(wrong.first, SOMEBODY.first), wrong.last) == (1, SOMEBODY.last)
    for wrong in made("typo_both"):
        assert (distance(wrong.last, SOMEBODY.last), distance(wrong.first, SOMEBODY.first)) == (1, 1)


def test_typos_are_of_every_sort() -> None:
    wrong = {typo("GARCIA", Random(seed)) for seed in range(3_000)}
    assert {
        "GACIA",
        "GARRCIA",
        "GRACIA",
        "GARCUA",
        "GARCIAS",
    } <= wrong  # dropped, doubled, transposed, near, inserted
    assert len(wrong) > 40


def test_two_typos_are_two_slips_of_one_name() -> None:
    for wrong in made("two_typos"):
        slips = (distance(wrong.last, SOMEBODY.last), distance(wrong.first, SOMEBODY.first))
        assert sorted(slips) == [0, 2]


def test_a_respelling_sounds_as_the_origin_of_the_name_does() -> None:
    heard = {
        "hispanic": ("VELASQUEZ", "BELASQUEZ"),
        "slavic": ("WISNIEWSKI", "WISNIEWSKY"),
        "eastasian": ("ZHANG", "JANG"),
        "vietnamese": ("PHAM", "FAM"),
        "southasian": ("VISWANATHAN", "WISWANATHAN"),
        "mideast": ("YOUSEF", "YUSEF"),
        "anglo": ("PHILIPS", "FILIPS"),
    }
    for group, (name, written) in heard.items():
        assert written in {by_ear(name, group, Random(seed)) for seed in range(400)}, group


def test_a_scanner_takes_letters_for_what_looks_alike() -> None:
    read = {scanned("BORNSOIL", Random(seed)) for seed in range(2_000)}
    assert {"8ORNSOIL", "B0RNSOIL", "BOMSOIL", "BORN5OIL", "BORNSO1L", "BORNSOI1"} <= read


def test_a_nickname_is_one_of_the_table_both_ways() -> None:
    assert {one.first for one in made("nickname")} >= {"BOB", "ROB", "BOBBY"}
    assert "ROBERT" in {one.first for one in made("nickname", replace(SOMEBODY, first="BOB"))}
    assert mistake("nickname", replace(SOMEBODY, first="ZYX"), Random(1)).first == "ZYX"


def test_the_table_of_nicknames_is_wide_and_has_no_blanks() -> None:
    assert sum(map(len, SHORT.values())) > 300
    assert all(one.isalpha() and one.isupper() for one in (*SHORT, *LONG))
    assert {"JOSE", "FRANCISCO", "DMITRI", "KATARZYNA", "MOHAMMED", "HARPREET"} <= set(SHORT)
    assert "PANCHO" in called("FRANCISCO")


def test_an_initial_is_all_that_is_left_of_the_first_name() -> None:
    assert {(one.first, one.middle, one.last) for one in made("initial")} == {("R", "J", "FITZGERALD")}


def test_names_swapped_are_each_in_the_place_of_the_other() -> None:
    assert {(one.last, one.first) for one in made("swapped")} == {("ROBERT", "FITZGERALD")}


def test_of_two_surnames_one_is_kept_or_both_are_joined_or_turned_round() -> None:
    two = replace(SOMEBODY, last="GARCIA LOPEZ", group="hispanic")
    assert {one.last for one in made("two_surnames", two)} == {
        "GARCIA", "LOPEZ", "GARCIALOPEZ", "GARCIA-LOPEZ", "LOPEZ GARCIA"
    }  # fmt: skip


def test_whoever_has_one_surname_gets_the_mothers_beside_it() -> None:
    one = replace(SOMEBODY, last="GARCIA", group="hispanic")
    found = {wrong.last for wrong in made("two_surnames", one)}
    assert all(last.startswith("GARCIA") and len(last) > 7 for last in found)
    assert len(found) > 50


@pytest.mark.parametrize(
    ("last", "two"),
    [
        ("GARCIA LOPEZ", ("GARCIA", "LOPEZ")),
        ("GARCIA-LOPEZ", ("GARCIA", "LOPEZ")),
        ("DE LA CRUZ", None),
        ("DE LA CRUZ RAMOS", ("DE LA CRUZ", "RAMOS")),
        ("AL-HADDAD", None),
        ("O'BRIEN", None),
        ("MC DONALD", None),
        ("SMITH", None),
    ],
)
def test_a_particle_is_no_surname(last: str, two: tuple[str, str] | None) -> None:
    assert two_of(last) == two


def test_the_middle_name_takes_the_place_of_the_first() -> None:
    assert {one.first for one in made("middle_as_first")} == {"JAMES"}
    assert mistake("middle_as_first", replace(SOMEBODY, middle="J"), Random(1)).first == "ROBERT"


def test_after_a_wedding_half_have_lost_the_surname_and_half_have_it_beside_the_new_one() -> None:
    found = made("surname_changed", times=400)
    assert {(one.first, one.suffix) for one in found} == {("ROBERT", "")}
    assert all(one.last != SOMEBODY.last for one in found)
    lost = [one for one in found if surname_lost(SOMEBODY, one)]
    middle = [one for one in found if one.middle == "FITZGERALD"]
    doubled = [one for one in found if "FITZGERALD" in one.last.replace("-", " ").split()]
    assert len(lost) + len(middle) + len(doubled) == len(found)
    assert 160 < len(lost) < 240
    assert min(len(middle), len(doubled)) > 70
    assert {one.middle for one in (*lost, *doubled)} == {""}
    assert len({one.last.startswith("FITZGERALD") for one in doubled}) == 2


@pytest.mark.parametrize(
    ("last", "wrong", "middle", "lost"),
    [
        ("LEE", "LEEDS", "", True),
        ("LEE", "SMITH-LEE", "", False),
        ("LEE", "SMITH", "LEE", False),
        ("GARCIA LOPEZ", "LOPEZ SMITH", "", False),
        ("GARCIA LOPEZ", "SMITH", "", True),
        ("AL-HADDAD", "SMITH", "AL-HADDAD", False),
    ],
)
def test_a_surname_is_lost_when_no_part_of_it_is_left(last: str, wrong: str, middle: str, lost: bool) -> None:
    person = replace(SOMEBODY, last=last)
    assert surname_lost(person, replace(person, last=wrong, middle=middle)) == lost


def test_a_cut_name_is_how_the_name_begins() -> None:
    cut = {(one.last, one.first) for one in made("truncated")}
    assert {last for last, first in cut if first == "ROBERT"} == {"FITZG", "FITZGE", "FITZGER", "FITZGERA"}
    assert {first for last, first in cut if last == "FITZGERALD"} == {"ROB", "ROBE", "ROBER"}


@pytest.mark.parametrize(
    ("last", "ways"),
    [
        ("DE LA CRUZ", {"CRUZ", "DELACRUZ", "DELA CRUZ"}),
        ("O'BRIEN", {"BRIEN", "OBRIEN", "O BRIEN"}),
        ("AL-HADDAD", {"HADDAD", "ALHADDAD", "AL HADDAD"}),
        ("MC DONALD", {"DONALD", "MCDONALD"}),
        ("VANDYKE", {"VAN DYKE", "DYKE"}),
    ],
)
def test_a_particle_is_dropped_joined_or_parted(last: str, ways: set[str]) -> None:
    assert {one.last for one in made("particle", replace(SOMEBODY, last=last))} == ways


def test_a_particle_is_put_before_a_name_without_one() -> None:
    found = {one.last for one in made("particle", replace(SOMEBODY, last="CRUZ", group="hispanic"))}
    assert {"DE LA CRUZ", "DELACRUZ", "DE CRUZ"} <= found
    assert all(last.endswith("CRUZ") for last in found)
    assert particle_of("DE LA CRUZ") == "DE LA "


# --------------------------------------------------------------------------- dates


@pytest.mark.parametrize("kind", DATE_MISTAKES)
def test_a_wrong_date_is_a_day_that_exists(kind: str) -> None:
    for person in islice(PEOPLE, 500):
        wrong = wrong_date(kind, person.dob, Random(person.id))
        if wrong:
            assert wrong != person.dob
            assert 1900 <= datetime.strptime(wrong, "%Y%m%d").year <= 2025  # noqa: DTZ007


@pytest.mark.parametrize(
    ("kind", "dob", "wrong"),
    [
        ("exact", "19640508", {"19640508"}),
        ("year_off", "19640508", {"19630508", "19650508"}),
        ("year_off", "19640229", {None}),
        ("day_month", "19640508", {"19640805"}),
        ("day_month", "19640513", {None}),
        ("day_month", "19640505", {None}),
        ("day_off", "19640301", {"19640229", "19640302"}),
        ("decade_off", "19640508", {"19540508", "19740508"}),
        ("year_digits", "19640508", {"19460508"}),
        ("year_digits", "19660508", {None}),
        ("year_digits", "20030508", {None}),  # nobody is born in 2030 yet
        ("new_year", "19640508", {"19640101"}),
        ("new_year", "19640101", {None}),
        ("blank", "19640508", {""}),
        ("month_key", "19640508", {"19640408", "19640608"}),
        ("month_key", "19641131", {None}),  # no month beside it has 31 days, nor is there a 31 November
    ],
)
def test_a_date_goes_wrong_as_its_kind_says(kind: str, dob: str, wrong: set[str | None]) -> None:
    assert {wrong_date(kind, dob, Random(seed)) for seed in range(50)} <= wrong | {"19641231"}


def test_a_wrong_digit_is_one() -> None:
    wrong = {wrong_date("digit", "19640508", Random(seed)) for seed in range(500)}
    assert all(day and sum(a != b for a, b in zip(day, "19640508", strict=True)) == 1 for day in wrong)
    assert len(wrong) > 25
