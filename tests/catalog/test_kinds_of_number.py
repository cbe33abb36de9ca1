"""Claims about numbers on things and people: check digits, limits, and what a person may write round them."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog.inventing import TODAY
from wireroom.catalog.kinds import Bad, Kind
from wireroom.catalog.kinds_of_number import (
    NOT_A_PLATE,
    Address,
    Fcn,
    LicenceNumber,
    Nic,
    Ori,
    Plate,
    Serial,
    Ssn,
    Vin,
    luhn_digit,
    vin_check_digit,
)

KNOWN_VIN = "1HGCM82633A004352"  # the textbook's example of 49 CFR 565


@pytest.mark.parametrize(
    ("kind", "typed", "canonical"),
    [
        (Plate(), "7abq 123", "7ABQ123"),
        (Plate(), "7-ABQ-123", "7ABQ123"),
        (Plate(), "MY ÉCO", "MYECO"),
        (Vin(), "1hgcm-82633 a004352", KNOWN_VIN),
        (Vin(), "OLD12345", "OLD12345"),
        (LicenceNumber(), "x 123 4567", "X1234567"),
        (Ssn(), "900-12-3456", "900123456"),
        (Serial(), "zz-0001", "ZZ0001"),
        (Ori(), "ca0990100", "CA0990100"),
        (Address(), "z001", "Z001"),
        (Address(), "ca0990100", "CA0990100"),
        (Fcn(), "990-26327-00001", "9902632700001"),
        (Nic(), f"v12345678{luhn_digit('12345678')}", "V123456782"),
    ],
)
def test_decoration_and_small_letters_do_not_matter(kind: Kind, typed: str, canonical: str) -> None:
    assert kind.read(typed, TODAY) == canonical


@pytest.mark.parametrize(
    ("kind", "typed", "reason"),
    [
        (Plate(), "", "is empty"),
        (Plate(), "- -", "is empty"),
        (Plate(), "7ABQ/123", "is not letters and digits"),
        (Plate(), "٧ABQ", "is not letters and digits"),
        (Plate(), "12345678901", "is longer than 10 characters; send the first 10"),
        (Vin(), "", "is empty"),
        (Vin(), "A/BCDE", "is not letters and digits"),
        (Vin(), "A" * 21, "is longer than 20 characters"),
        (Vin(), "ABCD", "is shorter than 5 characters"),
        (Vin(), "1HGCM82633A00435O", "has a letter I, O or Q, which a VIN of 17 characters never has"),
        (Vin(), "1HGCM82643A004352", "has a wrong check digit: the ninth character is 4, not 3"),
        (LicenceNumber(), "", "is empty"),
        (LicenceNumber(), "X?", "is not letters and digits"),
        (LicenceNumber(), "X" * 21, "is longer than 20 characters"),
        (Ssn(), "12345678", "is not nine digits"),
        (Ssn(), "٩٠٠١٢٣٤٥٦", "is not nine digits"),
        (Ssn(), "000123456", "is a number that is never given out"),
        (Ssn(), "666123456", "is a number that is never given out"),
        (Ssn(), "900-00-3456", "is a number that is never given out"),
        (Ssn(), "900-12-0000", "is a number that is never given out"),
        (Serial(max=5), "", "is empty"),
        (Serial(max=5), "A_B", "is not letters and digits"),
        (Serial(max=5), "ABCDEF", "is longer than 5 characters"),
        (Ori(), "C10990100", "is not an ORI of nine letters and digits"),
        (Address(), "Z01", "is neither a mnemonic of four characters nor an ORI of nine"),
        (Fcn(), "12345", "is not 13 digits"),
        (Nic(), "1234567890", "is not a letter and nine digits"),
        (Nic(), "V123456780", "has a wrong check digit"),
    ],
)
def test_each_refusal_says_why(kind: Kind, typed: str, reason: str) -> None:
    assert kind.read(typed, TODAY) == Bad(reason)


@pytest.mark.parametrize("word", sorted(NOT_A_PLATE))
def test_a_word_for_no_plate_is_not_a_plate(word: str) -> None:
    assert Plate().read(word, TODAY) == Bad("says that there is no plate; leave the field out")


def test_the_known_vin_has_the_known_check_digit() -> None:
    assert vin_check_digit(KNOWN_VIN) == "3"
    assert vin_check_digit("1M8GDM9A_KP042788".replace("_", "0")) == "X"


@given(place=st.integers(0, 16), char=st.sampled_from("ABCDEFGHJKLMNPRSTUVWXYZ0123456789"))
def test_a_changed_vin_is_refused_unless_its_value_is_the_same(place: int, char: str) -> None:
    changed = KNOWN_VIN[:place] + char + KNOWN_VIN[place + 1 :]
    good = vin_check_digit(changed) == changed[8]
    assert (Vin().read(changed, TODAY) == changed) is good


@given(st.text(alphabet="0123456789", min_size=1, max_size=20))
def test_the_luhn_digit_finds_every_single_wrong_digit(digits: str) -> None:
    right = luhn_digit(digits)
    for place, digit in enumerate(digits):
        wrong = digits[:place] + str((int(digit) + 1) % 10) + digits[place + 1 :]
        assert luhn_digit(wrong) != right


def test_the_luhn_digit_is_the_published_one() -> None:
    assert luhn_digit("7992739871") == "3"


def test_invented_numbers_are_nobodys() -> None:
    dice = Random(5)
    for _ in range(200):
        assert Plate().invent(dice, TODAY)[3] == "Q", "California issues no letter Q in third place"
        assert Vin().invent(dice, TODAY).startswith("0WR"), "no region has a code that begins with zero"
        assert Ssn().invent(dice, TODAY).startswith("9"), "area 9xx is not given out"
        assert 59 <= int(Ori().invent(dice, TODAY)[2:5]) <= 99, "California has 58 counties"


def test_a_secret_number_is_shown_whole_and_said_by_its_end() -> None:
    assert Ssn().show("900123456") == "900-12-3456"
    assert Ssn().say("900123456") == "ending 3456"


def test_each_number_names_the_index_it_stands_in() -> None:
    kinds = (Plate(), Vin(), LicenceNumber(), Ssn(), Serial(index="OAN"), Fcn(), Nic())
    assert [kind.identifies for kind in kinds] == ["LIC", "VIN", "OLN", "SOC", "OAN", "FCN", "NIC"]


def test_an_agency_has_nine_characters_everywhere() -> None:
    assert Ori().length_max == 9
    assert "nine" in Ori().words
