"""Claims about numbers that nobody can have: one for each index, never the same, and readable."""

from __future__ import annotations

from datetime import date
from itertools import accumulate
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.catalog.kinds_of_number import Fcn, LicenceNumber, Nic, Plate, Ssn, Vin
from wireroom.lab import reserved
from wireroom.lab.reserved import (
    FCNS_MAX,
    LICENCES_MAX,
    NICS_MAX,
    PLATE_SERIES,
    PLATES_MAX,
    SSNS_MAX,
    VINS_MAX,
    Reserved,
    VinHead,
)

TODAY = date(2026, 11, 23)
NUMBERS = Reserved(7)
HEAD = VinHead(5, 2019)


def test_there_are_plates_for_more_people_than_california_has() -> None:
    assert PLATES_MAX > 0.8 * 40_000_000


def test_no_plate_is_in_two_series() -> None:
    lengths = [9_000 * len(a) * len(b) * len(c) for a, b, c in PLATE_SERIES]
    ends = list(accumulate(lengths))
    plates = [
        NUMBERS.plate(index)
        for end, length in zip(ends, lengths, strict=True)
        for index in (end - length, end - 1)
    ]
    assert len(set(plates)) == len(plates)
    letters = {
        (a, b, c) for first, second, third in PLATE_SERIES for a in first for b in second for c in third
    }
    assert len(letters) * 9_000 == PLATES_MAX


def test_a_plate_beyond_the_last_is_refused() -> None:
    with pytest.raises(ValueError, match="reserved plates"):
        NUMBERS.plate(PLATES_MAX)


@given(st.integers(0, PLATES_MAX - 1), st.integers(0, PLATES_MAX - 1), st.integers(0, 99))
def test_two_plates_of_one_seed_differ(one: int, other: int, seed: int) -> None:
    numbers = Reserved(seed)
    assert (numbers.plate(one) == numbers.plate(other)) == (one == other)
    assert Plate().read(numbers.plate(one), TODAY) == numbers.plate(one)


@given(st.integers(0, VINS_MAX - 1), st.integers(0, 12_166), st.integers(1990, 2030))
def test_every_vin_has_its_check_digit(index: int, model: int, year: int) -> None:
    vin = NUMBERS.vin(index, VinHead(model, year))
    assert Vin().read(vin, TODAY) == vin
    assert len(vin) == 17


@given(st.integers(0, VINS_MAX - 1), st.integers(0, VINS_MAX - 1))
def test_two_vins_differ_without_the_model(one: int, other: int) -> None:
    first, second = NUMBERS.vin(one, HEAD), NUMBERS.vin(other, VinHead(99, 2001))
    assert ((first[6:8], first[11:]) == (second[6:8], second[11:])) == (one == other)


@given(st.integers(0, 10**7 - 1), st.integers(10**7, LICENCES_MAX - 1))
def test_licences_beyond_ten_million_have_a_digit_more(index: int, beyond: int) -> None:
    assert len(NUMBERS.licence(index)) == 8
    assert len(NUMBERS.licence(beyond)) == 9
    for number in (NUMBERS.licence(index), NUMBERS.licence(beyond)):
        assert LicenceNumber().read(number, TODAY) == number


@given(st.integers(0, SSNS_MAX - 1), st.integers(0, FCNS_MAX - 1), st.integers(0, NICS_MAX - 1))
def test_the_kinds_read_what_is_made(ssn: int, fcn: int, nic: int) -> None:
    for kind, number in (
        (Ssn(), NUMBERS.ssn(ssn)),
        (Fcn(), NUMBERS.fcn(fcn, "2026326")),
        (Nic(), NUMBERS.nic("W", nic)),
    ):
        assert kind.read(number, TODAY) == number


@given(st.integers(1, 5_000), st.integers(0, 2**32))
def test_a_walk_comes_by_every_place_once(length: int, seed: int) -> None:
    walk = reserved._Walk(length, Random(seed))
    assert sorted(walk[index] for index in range(length)) == list(range(length))
