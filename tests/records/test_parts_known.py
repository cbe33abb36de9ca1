"""Claims about numbers of which a part is known: the stretches hold all that fit, and there are few of them."""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.catalog.inventing import TODAY
from wireroom.catalog.kinds import Bad
from wireroom.catalog.kinds_of_number import Plate, Vin
from wireroom.records.near import SIGNS, VIN_SIGNS
from wireroom.records.parts_known import RANGES_MAX, Part, fits, part, pattern_of

PLATES = st.text(alphabet=SIGNS, min_size=3, max_size=8)
ANY_PATTERN = st.text(alphabet="AB17?*", min_size=1, max_size=10)


def reached(known: Part, value: str) -> bool:
    turned = value[::-1] if known.backward else value
    return any(low <= turned < high for low, high in known.ranges)


@given(PLATES, st.data())
def test_a_number_with_signs_unknown_is_in_a_stretch_and_fits(plate: str, data: st.DataObject) -> None:
    unknown = data.draw(st.sets(st.integers(0, len(plate) - 1)))
    pattern = "".join("?" if place in unknown else sign for place, sign in enumerate(plate))
    cut = data.draw(st.integers(0, len(pattern)))
    end = data.draw(st.integers(cut, len(pattern)))
    for one in (pattern, f"{pattern[:cut]}*{pattern[end:]}"):
        known = part(one)
        if not isinstance(known, Bad):
            assert reached(known, plate), one
            assert fits(one, plate), one


@given(ANY_PATTERN)
def test_what_may_be_asked_can_be_found_in_few_stretches(pattern: str) -> None:
    assume("?" in pattern or "*" in pattern)
    for kind in (Plate(), Vin()):
        asked = kind.ask(pattern, TODAY)
        known = part(asked if isinstance(asked, str) else pattern, kind.identifies)
        assert isinstance(known, Bad) == isinstance(asked, Bad)
        if isinstance(known, Bad):
            assert known == asked
        else:
            assert 1 <= len(known.ranges) <= RANGES_MAX <= 1_400
            assert all(low < high and len(low) == len(high) for low, high in known.ranges)


@pytest.mark.parametrize(
    ("pattern", "backward", "ranges", "first"),
    [
        ("7ABQ*", False, 1, ("7ABQ", "7ABR")),
        ("7ABQ1??", False, 1, ("7ABQ1", "7ABQ2")),
        ("*Q129", True, 1, ("921Q", "921R")),
        ("???Q123", True, 1, ("321Q", "321R")),
        ("7AZ*", False, 1, ("7AZ", "7A[")),
        ("7A9*", False, 1, ("7A9", "7A:")),
        ("7*Q12", True, 1, ("21Q", "21R")),
        ("7?BQ*", False, 36, ("70BQ", "70BR")),
        ("??ABQ*", False, 1_296, ("00ABQ", "00ABR")),
        ("*QBA??", True, 1_296, ("00ABQ", "00ABR")),
        ("?A?B??C", False, 1_296, ("0A0B", "0A0C")),
    ],
)
def test_the_cheapest_way_is_taken(pattern: str, backward: bool, ranges: int, first: tuple[str, str]) -> None:
    known = part(pattern)
    assert isinstance(known, Part)
    assert (known.backward, len(known.ranges), known.ranges[0]) == (backward, ranges, first)


def test_only_signs_of_a_vin_are_tried_where_a_whole_one_is_asked() -> None:
    known = part("?HGCM82633A00435?", "VIN")
    assert isinstance(known, Part)
    assert len(known.ranges) == len(VIN_SIGNS)


@pytest.mark.parametrize(
    ("pattern", "value", "fitting"),
    [
        ("7AB?12*", "7ABQ12", True),
        ("7AB?12*", "7ABQ12X", True),
        ("7AB?12*", "7AB12X", False),
        ("*AB*", "AB", True),
        ("*AB*", "BA", False),
        ("7?", "7AB", False),
    ],
)
def test_a_question_mark_is_one_sign_and_a_star_any_number(pattern: str, value: str, fitting: bool) -> None:
    assert fits(pattern, value) is fitting


def test_only_plates_and_vins_are_asked_by_a_part() -> None:
    assert pattern_of("LIC", "7AB*") == pattern_of("VIN", "7AB*") == "7AB*"
    assert pattern_of("VIN", "3A004352") == "*3A004352"
    assert pattern_of("LIC", "3A004352") == pattern_of("VIN", "1HGCM82633A004352") == ""
    assert pattern_of("OLN", "X12*") == ""


def test_a_long_pattern_of_many_runs_is_matched_at_once() -> None:
    pattern = "AA" + "*A" * 9
    value = "".join(random.Random(1).choice("AB") for _ in range(20))
    assert fits(pattern, "AA" + value + "A")
    assert not fits(pattern, "AA" + "B" * 30)
