"""Claims about near numbers: whatever one slip makes of a number leads back to it, and the work has a limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.catalog.kinds_of_number import vin_check_digit
from wireroom.records.near import (
    DIGITS,
    LIKE,
    LOOK_ALIKES_MAX,
    NEAR_DIGITS_MAX,
    NEAR_PLATE_MAX,
    NEAR_VIN_MAX,
    SIGNS,
    VIN_SIGNS,
    differences,
    look_alikes,
    near,
    near_digits,
    near_plate,
    near_vin,
    vin_ending,
)

VIN = "1HGCM82633A004352"
NUMBERS = st.text(alphabet=DIGITS, min_size=1, max_size=13)
PLATES = st.text(alphabet=SIGNS, min_size=2, max_size=9)
VINS = st.text(alphabet=VIN_SIGNS, min_size=17, max_size=17)
ANY = st.text(alphabet=SIGNS, min_size=1, max_size=50)


def put(value: str, place: int, sign: str) -> str:
    return value[:place] + sign + value[place + 1 :]


def transposed(value: str, place: int) -> str:
    return value[:place] + value[place + 1] + value[place] + value[place + 2 :]


# --------------------------------------------------------------------------- numbers


@given(NUMBERS, st.data())
def test_a_number_with_one_digit_wrong_or_two_transposed_is_near(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(number) - 1))
    slipped = put(number, place, data.draw(st.sampled_from(DIGITS)))
    assert slipped == number or number in near_digits(slipped)
    if place + 1 < len(number):
        slipped = transposed(number, place)
        assert slipped == number or number in near_digits(slipped)


def test_nine_digits_have_eighty_nine_neighbours() -> None:
    assert len(near_digits("912345678")) == 89
    assert all(one.isdigit() and len(one) == 9 for one in near_digits("912345678"))


def test_the_letter_of_a_licence_may_be_another_letter_and_its_digits_stay_digits() -> None:
    found = near_digits("X1234567")
    assert "B1234567" in found
    assert all(one[0].isalpha() and one[1:].isdigit() for one in found)
    assert len(found) == 25 + 63 + 6


# --------------------------------------------------------------------------- plates


@given(PLATES, st.sampled_from(SIGNS), st.data())
def test_a_plate_one_slip_away_is_near(plate: str, sign: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(plate) - 2))
    for slipped in (
        put(plate, place, sign),
        plate[:place] + plate[place + 1 :],
        plate[:place] + sign + plate[place:],
        transposed(plate, place),
    ):
        assert slipped == plate or len(slipped) > 9 or plate in near_plate(slipped), slipped


@given(PLATES, st.data())
def test_a_plate_with_two_look_alikes_is_near(plate: str, data: st.DataObject) -> None:
    places = [place for place, sign in enumerate(plate) if sign in LIKE]
    slipped = plate
    for place in data.draw(st.lists(st.sampled_from(places or [0]), max_size=2, unique=True)):
        slipped = put(slipped, place, data.draw(st.sampled_from(LIKE.get(plate[place], plate[place]))))
    full = (
        len(look_alikes(slipped)) == LOOK_ALIKES_MAX
    )  # only of a plate nearly all of whose signs have three likes
    assert slipped == plate or full or plate in look_alikes(slipped)


def test_look_alikes_go_both_ways_and_the_closest_come_first() -> None:
    assert all(sign in LIKE[like] for sign, likes in LIKE.items() for like in likes)
    assert all(sign not in likes and len(set(likes)) == len(likes) for sign, likes in LIKE.items())
    assert look_alikes("7A0")[:3] == ("TA0", "740", "7AO")
    assert "T4Q" not in look_alikes("7A0"), "no more than two are replaced"


def test_seven_of_one_look_alike_reach_the_limit_with_the_closest_kept() -> None:
    found = look_alikes("0000000")
    assert len(found) == LOOK_ALIKES_MAX
    assert "OO00000" in found


# --------------------------------------------------------------------------- VINs


@given(VINS, st.sampled_from(VIN_SIGNS), st.integers(0, 15))
def test_a_vin_one_slip_away_is_near(vin: str, sign: str, place: int) -> None:
    for slipped in (put(vin, place, sign), transposed(vin, place), vin[:place] + vin[place + 1 :],
                    vin[:place] + sign + vin[place:]):  # fmt: skip
        assert slipped == vin or vin in near_vin(slipped), slipped


@given(VINS, st.sets(st.integers(0, 16)))
def test_letters_that_no_vin_has_are_read_as_what_they_look_like(vin: str, places: set[int]) -> None:
    slipped = vin
    for place in places:
        slipped = put(slipped, place, {"1": "I", "0": "O"}.get(vin[place], vin[place]))
    assert slipped == vin or near_vin(slipped)[0] == vin
    if "0" in vin:
        assert near_vin(vin.replace("0", "Q"))[0] == vin


@given(VINS)
def test_vins_whose_check_digit_holds_come_before_the_rest(vin: str) -> None:
    holds = [vin_check_digit(one) == one[8] for one in near_vin(vin)]
    assert sorted(holds, reverse=True) == holds


def test_a_vin_with_a_wrong_check_digit_has_candidates_whose_check_digit_holds() -> None:
    found = near_vin(put(VIN, 16, "9"))
    first = found[: found.index(VIN) + 1]
    assert len(first) < 60
    assert all(vin_check_digit(one) == one[8] for one in first)


def test_an_older_vin_may_have_any_sign() -> None:
    assert "OLD12345" in near_vin("0LD12345")
    assert "0LD12345" in near_vin("OLD12345")


def test_eight_characters_are_the_end_of_a_vin_or_an_older_one() -> None:
    assert vin_ending("3A004352") == "*3A004352"
    assert vin_ending(VIN) == vin_ending("*3A0043") == ""


# --------------------------------------------------------------------------- any of them


@given(ANY)
def test_every_list_has_its_limit_and_never_the_number_itself(value: str) -> None:
    for found, most in (
        (near_digits(value), NEAR_DIGITS_MAX),
        (near_plate(value), NEAR_PLATE_MAX),
        (look_alikes(value), LOOK_ALIKES_MAX),
        (near_vin(value), NEAR_VIN_MAX),
    ):
        assert len(found) <= most
        assert len(set(found)) == len(found)
        assert value not in found
        assert "" not in found


@pytest.mark.parametrize("value", ["7ABQ123", VIN, "900123456"])
def test_the_same_number_has_the_same_neighbours_in_the_same_order(value: str) -> None:
    for index in ("LIC", "VIN", "SOC"):
        assert near(index, value) == near(index, value)


def test_each_index_has_its_own_slips() -> None:
    assert set(near("LIC", "7ABQ123")) == {*near_plate("7ABQ123"), *look_alikes("7ABQ123")}
    assert near("LIC", "7ABQ123")[0] == look_alikes("7ABQ123")[0]
    assert near("VIN", VIN) == near_vin(VIN)
    assert near("SOC", "900123456") == near("MNU", "900123456") == near_digits("900123456")
    assert near("LIC", "7ABQ1??") == near("VIN", "*004352") == (), "what is partly known is found as such"


# --------------------------------------------------------------------------- in words


@pytest.mark.parametrize(
    ("asked", "held", "words"),
    [
        ("7ABQ123", "7ABQ123", ""),
        ("7ABS123", "7AB5123", "4th character S for 5"),
        ("7OBQ128", "70BQ12B", "2nd character O for 0, 7th character 8 for B"),
        ("900123456", "901023456", "3rd and 4th digit transposed"),
        ("7ABQ123", "A7BQ123", "1st and 2nd character transposed"),
        ("900123456", "900123956", "one digit wrong (7th)"),
        ("900123456", "901123956", "two digits wrong (3rd, 7th)"),
        ("910123456", "901123956", "three digits wrong (2nd, 3rd, 7th)"),
        ("7BQ123", "7ABQ123", "one character missing (2nd)"),
        ("7ABQ1234", "7ABQ123", "one character too many (8th)"),
        (VIN, "1HGCM82633B004352", "11th character A for B"),
        ("A" * 20 + "B", "A" * 20 + "C", "21st character B for C"),
        ("7ABQ123", "8XYZ999", "several characters differ"),
        ("7ABQ12", "XABQ123", "several characters differ"),
        ("7ABQ", "7ABQ123", "several characters differ"),
    ],
)
def test_what_differs_is_told_in_words(asked: str, held: str, words: str) -> None:
    assert differences(asked, held) == words


@given(NUMBERS)
def test_what_differs_between_secret_numbers_shows_none_of_their_digits(number: str) -> None:
    for held in near_digits(number)[:40]:
        said = differences(number, held)
        assert said.startswith("one digit wrong (") or said.endswith("digit transposed")
        assert " for " not in said


@given(PLATES)
def test_whatever_is_near_differs_in_words(plate: str) -> None:
    for held in near("LIC", plate)[:100]:
        assert differences(plate, held) not in ("", "several characters differ"), held
