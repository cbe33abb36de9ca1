"""Claims about declarations: one that cannot work is refused where it stands, in words that say what to change."""

from __future__ import annotations

from typing import Any

import pytest

from wireroom.catalog.file import RESERVED, Also, Field, File
from wireroom.catalog.files import declared
from wireroom.catalog.files.vehicle import VEHICLE
from wireroom.catalog.kinds import Prose, Text
from wireroom.catalog.kinds_of_number import Plate, Serial
from wireroom.catalog.rules import Together

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
