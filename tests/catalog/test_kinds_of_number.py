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
    known_beginning,
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
        (Serial(), "zo-0001", "ZO0001"),
        (Serial(fold_o=True), "zo-O001", "Z00001"),
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
        (Serial(), "unknown", "says that there is no number; leave the field out"),
        (Serial(fold_o=True), "none", "says that there is no number; leave the field out"),
        (Ori(), "C10990100", "is not an ORI of nine letters and digits"),
        (Address(), "Z01", "is neither a mnemonic of four characters nor an ORI of nine"),
        (Fcn(), "12345", "is not 13 digits"),
        (Nic(), "1234567890", "is not a letter and nine digits"),
        (Nic(), "V123456780", "has a wrong check digit"),
    ],
)
def test_each_refusal_says_why(kind: Kind, typed: str, reason: str) -> None:
    assert kind.read(typed, TODAY) == Bad(reason)


@pytest.mark.parametrize(
    ("kind", "typed", "canonical"),
    [
        (Plate(), "7abq 123", "7ABQ123"),
        (Plate(), "7ab? 1-2*", "7AB?12*"),
        (Plate(), "*?*?123", "??*123"),
        (Plate(), "??ABQ1", "??ABQ1"),
        (Vin(), "1hgcm82643a004352", "1HGCM82643A004352"),  # its check digit fails
        (Vin(), "1HGCM82633A00435O", "1HGCM82633A00435O"),  # no VIN has the letter O
        (Vin(), "3A-004352", "3A004352"),
        (Vin(), "1HGCM82633A??4352", "1HGCM82633A??4352"),
        (Vin(), "1hg*4352", "1HG*4352"),
        (Ssn(), "900-12-3456", "900123456"),
    ],
)
def test_what_is_asked_may_be_a_part_or_misread(kind: Kind, typed: str, canonical: str) -> None:
    assert kind.ask(typed, TODAY) == canonical
    assert kind.ask(canonical, TODAY) == canonical


@pytest.mark.parametrize(
    ("kind", "typed", "reason"),
    [
        (Plate(), "", "is empty"),
        (Plate(), "NONE", "says that there is no plate; leave the field out"),
        (
            Plate(),
            "7A/*",
            "is not letters and digits, ? for one that is unknown and * for any number of them",
        ),
        (Plate(), "7ABQ123????", "is longer than 10 characters"),
        (Plate(), "****", "is known too little: give at least 3 characters beside ? and *"),
        (Plate(), "7A??????", "is known too little: give at least 3 characters beside ? and *"),
        (Plate(), "*ABQ*", "is known at neither end: give the first or last two characters"),
        (Plate(), "???ABQ*", "is known at neither end: give the first or last two characters"),
        (Plate(), "7*A*3", "is known at neither end: give the first or last two characters"),
        (Vin(), "", "is empty"),
        (Vin(), "ABCD", "is shorter than 5 characters"),
        (Vin(), "*" + "A" * 20, "is longer than 20 characters"),
        (Ssn(), "900-12-34??", "is not nine digits"),
        (LicenceNumber(), "X123456?", "is not letters and digits"),
    ],
)
def test_what_is_asked_and_no_index_could_find_is_refused_with_what_to_add(
    kind: Kind, typed: str, reason: str
) -> None:
    assert kind.ask(typed, TODAY) == Bad(reason)


@pytest.mark.parametrize("kind", [Plate(), Vin()])
@pytest.mark.parametrize("part", ["7ABQ1??", "7ABQ1*", "*ABQ123"])
def test_a_part_is_asked_and_never_entered(kind: Kind, part: str) -> None:
    assert kind.ask(part, TODAY) == part
    assert kind.read(part, TODAY) == Bad("is not letters and digits")


@pytest.mark.parametrize(
    ("pattern", "unknown", "beginning"),
    [("7ABQ*", 0, "7ABQ"), ("7?BQ*", 0, "7"), ("7?BQ*", 1, "7?BQ"), ("??A?B", 2, "??A"), ("???AB", 2, ""),
     ("*AB", 2, ""), ("7??", 2, "7"), ("7AB", 0, "7AB")],
)  # fmt: skip
def test_a_known_beginning_ends_with_a_known_character(pattern: str, unknown: int, beginning: str) -> None:
    assert known_beginning(pattern, unknown) == beginning


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
