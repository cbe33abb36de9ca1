"""Claims about declarations: one that cannot work is refused where it stands, in words that say what to change."""

from __future__ import annotations

from typing import Any

import pytest

from wireroom.catalog.file import (
    RESERVED,
    Also,
    Called,
    Conceal,
    EnterAs,
    Field,
    File,
    Forward,
    Keep,
    Late,
    Source,
)
from wireroom.catalog.files import declared
from wireroom.catalog.files.plate import PLATE
from wireroom.catalog.files.vehicle import VEHICLE
from wireroom.catalog.kinds import Prose, Text
from wireroom.catalog.kinds_of_number import Plate, Serial
from wireroom.catalog.rules import Together
from wireroom.catalog.sources import Abroad
from wireroom.catalog.when import When

TAG = Field("TAG", "tag number", Serial(index="TAG"))
NOTE = Field("NOTE", "notes", Prose())
COLOUR = Field("COL", "colour", Text(max=10))


def made(**declared_: Any) -> File:
    """A small file; the test changes one thing of it. Any: each test changes another."""
    return File(
        **{
            "code": "thing",
            "title": "Thing",
            "fields": (TAG, COLOUR),
            "found_by": (("TAG",),),
            "inquire": "QTH",
        }
        | declared_
    )


def test_a_small_file_is_good() -> None:
    assert made().field("TAG") is TAG
    with pytest.raises(KeyError):
        made().field("XXX")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"fields": (TAG, TAG)}, r"thing: a field stands twice: \['TAG'\]"),
        ({"found_by": (("TAG",), ("XXX",))}, r"thing: found_by names unknown fields \['XXX'\]"),
        ({"narrow": ("XXX",)}, "thing: narrow names unknown fields"),
        ({"headline": ("XXX",)}, "thing: headline names unknown fields"),
        ({"answers": (Also("QV", ("XXX",)),)}, "thing: answers names unknown fields"),
        ({"rules": (Together(("TAG", "XXX")),)}, "thing: rules names unknown fields"),
        ({"keep": Keep(since="XXX")}, "thing: keep names unknown fields"),
        ({"keep": Keep(years=1, year_of="XXX")}, "thing: keep names unknown fields"),
        ({"keep_if": (Keep(days=1, when=(When("XXX"),)),)}, "thing: keep names unknown fields"),
        ({"called": (Called(When("XXX"), "HIT", "CALL"),)}, "thing: called names unknown fields"),
        (
            {"called": (Called(When("TAG"), "HIT"),)},
            "thing: a hit says what to do, and what informs does not",
        ),
        (
            {"called": (Called(When("TAG"), "", "CALL"),)},
            "thing: a hit says what to do, and what informs does not",
        ),
        (
            {"entries": (EnterAs("ETI", "Thing", says=(("XXX", "1"),)),)},
            "thing: entries names unknown fields",
        ),
        ({"entries": (EnterAs("ETI", "Thing", needs=("XXX",)),)}, "thing: entries names unknown fields"),
        ({"same": (("TAG", "XXX"),)}, "thing: same names unknown fields"),
        ({"late": (Late("XXX", within_days=1),)}, "thing: late names unknown fields"),
        ({"conceals": (Conceal("XXX", ("TAG",)),)}, "thing: conceals names unknown fields"),
        ({"forwards": (Forward(Source.NCIC, needs=(("XXX",),)),)}, "thing: forwards names unknown fields"),
        ({"abroad": Abroad("XXX", to=None)}, "thing: abroad names unknown fields"),
        ({"abroad": Abroad("TAG", by=(("XXX",),), to=None)}, "thing: abroad names unknown fields"),
        ({"abroad": Abroad("TAG", by=(("TAG",),))}, "thing: NLETS is asked abroad: it holds the file too"),
        (
            {"abroad": Abroad("TAG"), "held_by": (Source.DMV, Source.NLETS)},
            "thing: NLETS is asked abroad: it holds the file too, found by something",
        ),
        ({"arms": (When("XXX"),)}, "thing: prohibits, tells and arms names unknown fields"),
        ({"fields": (NOTE, TAG)}, "thing: prose is always the last field"),
        ({"found_by": ()}, "thing: an inquiry needs found_by"),
        ({"found_by": (("COL",),)}, "thing: nothing is found by COL: give one an index"),
        ({"confirm": "CALL\nMKE/FAKE"}, "is not one line of printable text"),
        ({"title": "Thing\x1b[31m"}, "is not one line of printable text"),
        ({"fields": (TAG, Field("COL", "colour\nORI/X", Text(max=10)))}, "is not one line of printable text"),
    ],
)
def test_an_impossible_file_is_refused_with_its_name(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        made(**changed)


@pytest.mark.parametrize("code", sorted(RESERVED))
def test_a_field_cannot_take_a_code_with_a_meaning_of_its_own(code: str) -> None:
    """A field named ORI or WHY would be read as another thing in a reply, and PUR as the purpose of the inquiry."""
    with pytest.raises(ValueError, match=rf"have a meaning of their own: \['{code}'\]"):
        made(fields=(TAG, Field(code, "clash", Plate())))


def test_a_file_answers_another_inquiry_only_by_the_fields_it_names() -> None:
    file = made(answers=(Also("QV", ("TAG",)), Also("QX", ("COL",))))
    assert file.ways("QTH") == file.ways("QV") == (("TAG",),)
    assert file.ways("QX") == file.ways("QZ") == ()
    assert file.inquiries == ("QTH", "QV", "QX")


def test_a_module_declares_one_file() -> None:
    assert declared("vehicle") is VEHICLE
    with pytest.raises(AssertionError, match="declares 0 files: a module declares one"):
        declared("shared")


def test_a_condition_holds_by_value_by_presence_or_by_absence() -> None:
    """With `lacks` and values it also holds where the field is absent: as of a car that nobody says was stored."""
    stored, there = When("CAT", ("D", "I")), When("CAT")
    for given, by_value, present in (((), False, False), (("S",), False, True), (("S", "D"), True, True)):
        values = {"CAT": given} if given else {}
        assert stored.holds(values) is by_value
        assert When("CAT", ("D", "I"), lacks=True).holds(values) is not by_value
        assert there.holds(values) is present
        assert When("CAT", lacks=True).holds(values) is not present


def test_the_first_name_and_the_first_period_that_fit_count() -> None:
    assert VEHICLE.named({}) == (VEHICLE.hit, VEHICLE.confirm)
    assert VEHICLE.named({"CAT": ("F",)})[0] == "FELONY VEHICLE"
    assert VEHICLE.named({"CAT": ("I",)}) == ("", ""), "an impounded car is nobody's to seize"
    numbered = {"VIN": ("1HGCM82633A004352",)}
    assert VEHICLE.kept(numbered).years == 4
    assert VEHICLE.kept({"LIC": ("7ABQ123",)}).days == 90
    assert VEHICLE.kept({**numbered, "CAT": ("F",)}).days == 90
    assert (PLATE.kept({"LIY": ("2027",)}).year_of, PLATE.kept({"LIY": ("NX",)}).years) == ("LIY", 4)
