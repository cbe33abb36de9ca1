"""Claims about names, heights and weights."""

from __future__ import annotations

import pytest

from tests.catalog.inventing import TODAY
from wireroom.catalog.kinds import Bad, Kind
from wireroom.catalog.kinds_of_person import Height, PersonName, Weight, parts


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("testcase,jane q", "TESTCASE, JANE Q"),
        ("Testcase , Jane", "TESTCASE, JANE"),
        ("García Márquez, José", "GARCIA MARQUEZ, JOSE"),
        ("O’Brien-Smith, Mary-Ann", "O'BRIEN-SMITH, MARY-ANN"),
        ("SAMPLE, J. Q. JR.", "SAMPLE, J Q JR"),
        ("St. Specimen, X", "ST SPECIMEN, X"),
    ],
)
def test_a_name_has_one_way_to_be_written(typed: str, canonical: str) -> None:
    assert PersonName().read(typed, TODAY) == canonical


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "is empty"),
        ("TESTCASE", "is not LAST, FIRST MIDDLE with one comma"),
        ("A, B, C", "is not LAST, FIRST MIDDLE with one comma"),
        (", JANE", "lacks the last or the first name"),
        ("TESTCASE, ", "lacks the last or the first name"),
        ("TESTCASE, J4NE", "has characters other than letters, hyphens and apostrophes"),
        ("TESTCASE, ЖАННА", "has characters other than letters, hyphens and apostrophes"),
        ("T" * 48 + ", JANE", "is longer than 50 characters"),
    ],
)
def test_what_is_no_name_is_refused(typed: str, reason: str) -> None:
    assert PersonName().read(typed, TODAY) == Bad(reason)


@pytest.mark.parametrize(
    ("name", "taken_apart"),
    [
        ("TESTCASE, JANE", ("TESTCASE", "JANE", "", "")),
        ("TESTCASE, JANE Q", ("TESTCASE", "JANE", "Q", "")),
        ("SAMPLE, JOHN Q ADAM III", ("SAMPLE", "JOHN", "Q ADAM", "III")),
        ("SAMPLE, V", ("SAMPLE", "V", "", "")),
        ("TESTCASE", ("TESTCASE", "", "", "")),
    ],
)
def test_a_name_comes_apart(name: str, taken_apart: tuple[str, str, str, str]) -> None:
    assert parts(name) == taken_apart
    assert name.split(",")[0] in PersonName().show(name)


@pytest.mark.parametrize(
    ("kind", "typed", "canonical"),
    [
        (Height(), "511", "511"),
        (Height(), "5'11\"", "511"),
        (Height(), "5'9", "509"),
        (Height(), "5 9", "509"),
        (Height(), "6-2", "602"),
        (Height(), "5’ 09”", "509"),
        (Height(), "5'10''", "510"),
        (Weight(), "180", "180"),
        (Weight(), " 95 ", "095"),
    ],
)
def test_a_height_and_a_weight_are_read_as_people_write_them(kind: Kind, typed: str, canonical: str) -> None:
    assert kind.read(typed, TODAY) == canonical


@pytest.mark.parametrize(
    ("kind", "typed"),
    [(Height(), text) for text in ("", "59", "512", "312", "800", "5'12", "5'", "180 CM", "５11", "5110")]
    + [(Weight(), text) for text in ("", "49", "500", "1800", "-90", "٩٠", "9e1")],
)
def test_an_unlikely_height_or_weight_is_refused(kind: Kind, typed: str) -> None:
    value = kind.read(typed, TODAY)
    assert isinstance(value, Bad)
    assert value.reason.startswith("is not ")


def test_a_height_and_a_weight_are_shown_with_their_units() -> None:
    assert Height().show("509") == "5 ft 9 in"
    assert Weight().show("095") == "95 lb"
