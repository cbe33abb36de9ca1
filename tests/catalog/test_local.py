"""Claims about an agency's own files in TOML: the same declarations, and refusals that say where."""

from __future__ import annotations

import pytest

from tests.catalog.inventing import BICYCLES
from wireroom.catalog.file import Keep
from wireroom.catalog.kinds_of_number import Serial
from wireroom.catalog.local import LocalFileError, decode

GOOD = BICYCLES.read_text("utf-8")


def changed(old: str, new: str) -> str:
    """The example with one thing changed."""
    assert old in GOOD, "the example has changed: change the test"
    text = GOOD.replace(old, new, 1)
    return text.replace('headline = ["BRA", "COL", "SER"]', 'headline = ["BRA"]')


def test_the_example_is_a_file_like_any_other() -> None:
    file = decode(GOOD, "bicycles.toml")
    assert (file.code, file.enter, file.inquire) == ("bicycle", "EBI", "QBI")
    assert file.found_by == (("SER",), ("OAN",))
    assert file.field("OAN").kind == Serial(max=20, index="OAN")
    assert file.keep == Keep(years=3, mark="our choice")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('code = "bicycle"', "code = bicycle", "bicycles.toml: Invalid value"),
        ('code = "bicycle"', "", "Object missing required field `code`"),
        ('code = "bicycle"', 'code = "Bicycle"', r"Expected `str` matching regex .* at `\$\.code`"),
        ('enter = "EBI"', 'enter = "ebi"', r"at `\$\.enter`"),
        ("keep = {", "kept = {", "Object contains unknown field `kept`"),
        ("years = 3", 'years = "3"', r"Expected `int`, got `str` - at `\$\.keep\.years`"),
        ("max = 20 }", "max = true }", r"at `\$\.fields\[0\]\.kind\.max`"),
        ("max = 20 }", "max = 2 }", r"Expected `int` >= 4 - at `\$\.fields\[0\]\.kind\.max`"),
        ('is = "serial"', 'is = "cereal"', r"Invalid value 'cereal' - at `\$\.fields\[0\]\.kind\.is`"),
        (
            'table = "colour"',
            'table = "colours"',
            r"there is no code table 'colours'.* at `\$\.fields\[3\]\.kind`",
        ),
        (
            'table = "colour"',
            'table = "../colour"',
            r"is not the name of a code table.* at `\$\.fields\[3\]\.kind`",
        ),
        ('sample = "BRAND AAA"', 'pattern = "["', r"not a regular expression.* at `\$\.fields\[2\]\.kind`"),
        (
            'sample = "BRAND AAA"',
            'sample = "A.B"',
            r"gives a value that holds a period.* at `\$\.fields\[2\]\.kind`",
        ),
        (
            'found_by = [["SER"], ["OAN"]]',
            'found_by = [["XXX"]]',
            r"bicycle: found_by names unknown fields \['XXX'\]",
        ),
        ('sets = [["SER"], ["OAN"]]', 'sets = [["SER"], ["XXX"]]', "bicycle: rules names unknown fields"),
        ('"COL", title', '"ORI", title', "have a meaning of their own"),
        ('hit = "STOLEN BICYCLE"', 'hit = "A\\nB"', "is not one line of printable text"),
    ],
)
def test_a_refusal_names_the_file_and_the_place(old: str, new: str, words: str) -> None:
    with pytest.raises(LocalFileError, match=words) as refused:
        decode(changed(old, new), "bicycles.toml")
    assert str(refused.value).startswith("bicycles.toml: ")
