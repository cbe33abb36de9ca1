"""Claims about the files on persons: which inquiry reaches them, how long they stay, whom they bar from firearms."""

from __future__ import annotations

import pytest

from tests.catalog.inventing import ORI, TODAY
from wireroom.catalog.file import File, Source
from wireroom.catalog.files import shared
from wireroom.catalog.files.mental import MENTAL
from wireroom.catalog.files.order import ORDER
from wireroom.catalog.files.registrant import REGISTRANT
from wireroom.catalog.files.supervised import SUPERVISED
from wireroom.catalog.files.wanted import WANTED
from wireroom.catalog.index import Catalogue, name_fields
from wireroom.catalog.kinds_of_time import BirthDay
from wireroom.catalog.rules import Values
from wireroom.message.read import read

CATALOGUE = Catalogue()
WANT = "NAM/TESTCASE, JANE.SEX/F.RAC/W.DOB/19900131.OFF/1313.DOW/20240301.EXL/01.OCA/26-1"


def reached(key: str, *given: str) -> set[str]:
    return {file.code for leg in CATALOGUE.legs(key, frozenset(given)) for file in leg.files}


def test_a_name_reaches_every_warning_about_a_person_and_no_health_record() -> None:
    assert reached("QW", "NAM", "DOB") == {
        "wanted", "foreign_fugitive", "missing", "order", "violent", "protective", "gang_member", "terrorist",
        "identity_theft", "immigration", "registrant", "supervised", "licence",
    }  # fmt: skip


def test_the_combined_inquiry_reaches_wants_orders_supervision_and_registrants_and_the_armed_when_asked() -> (
    None
):
    combined = {"wanted", "order", "supervised", "registrant"}
    assert reached("QVC", "NAM") == combined
    assert reached("QVA", "NAM") == {*combined, "armed"}
    assert reached("QVC", "CII") == reached("QVA", "CII") == combined


def test_a_health_record_is_reached_by_its_own_key_alone_and_with_a_reason() -> None:
    assert MENTAL.inquiries == ("QMH",)
    assert "RSN" in {field.code for field in CATALOGUE.forms["QMH"].required}


def test_a_plate_reaches_the_persons_whom_an_officer_must_know_of() -> None:
    assert {"wanted", "missing", "violent"} <= reached("QV", "LIC")
    assert {"registrant", "supervised", "order"}.isdisjoint(reached("QV", "LIC"))


@pytest.mark.parametrize(
    ("file", "values", "words"),
    [
        (WANTED, {"EXL": ("04",)}, ["FELONY WARRANT"]),
        (WANTED, {"EXL": ("A",)}, []),
        (SUPERVISED, {"FEL": ("Y",), "COND": ("ALC",)}, ["FELONY SUPERVISION"]),
        (SUPERVISED, {"FEL": ("N",), "COND": ("ALC", "WEAP")}, ["NO WEAPONS UNDER SUPERVISION"]),
        (ORDER, {"PCO": ("01", "07"), "FRP": ("Y",), "BRD": ("N",)}, ["PROTECTION ORDER"]),
        (ORDER, {"PCO": ("01",), "FRP": ("N",), "BRD": ("U",)}, []),
        (MENTAL, {}, ["MENTAL HEALTH"]),
    ],
)
def test_what_bars_from_firearms_is_said_of_the_record(file: File, values: Values, words: list[str]) -> None:
    assert [one.words for one in file.prohibits if all(when.holds(values) for when in one.when)] == words


def test_whom_an_order_protects_is_not_the_person_whom_it_bars() -> None:
    assert name_fields(ORDER) == ("NAM", "AKA")
    assert {field.code for field in ORDER.fields if isinstance(field.kind, BirthDay)} == {"DOB", "ADB"}


def test_a_temporary_want_ends_after_two_days_and_a_warrant_does_not() -> None:
    assert WANTED.kept({"CAT": ("T",)}).hours == 48
    assert (WANTED.keep.years, WANTED.keep.days, WANTED.keep.hours, WANTED.keep.until) == (0, 0, 0, "")


@pytest.mark.parametrize("file", [ORDER, SUPERVISED, MENTAL], ids=lambda file: file.code)
def test_what_never_expires_has_no_last_day(file: File) -> None:
    assert file.kept({"EXP": ("20270101",)}).until == "EXP"
    assert file.kept({"EXP": ("NONEXP",)}).until == ""


def test_ncic_is_told_of_sex_registrants_alone() -> None:
    (told,) = REGISTRANT.forwards
    assert told.to is Source.NCIC
    assert all(when.holds({"RTP": ("S",)}) for when in told.when)
    assert not all(when.holds({"RTP": ("A",)}) for when in told.when)


@pytest.mark.parametrize("key", ["EW", "EWJ", "ET"])
def test_a_want_that_was_good_before_is_good_still(key: str) -> None:
    assert read(f"{key}.{WANT}", CATALOGUE, ori=ORI, today=TODAY).faults == ()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        (".CII/B00099999", "CII"),
        (".MNU/QQ-1", "MNU"),
        (".FPC/TT", "FPC"),
        (".LKA/26-2", "LKI"),
        (".CMC/01", "MIS"),
    ],
)
def test_a_persons_numbers_are_checked(more: str, field: str) -> None:
    reading = read(f"EW.{WANT}{more}", CATALOGUE, ori=ORI, today=TODAY)
    assert [fault.field for fault in reading.faults] == [field]


def test_every_number_by_which_persons_are_found_means_one_thing_in_every_file() -> None:
    for code in shared.BY_PERSON:
        kinds = {
            (field.kind, field.secret)
            for file in CATALOGUE.files.values()
            for field in file.fields
            if field.code == code
        }
        assert len(kinds) == 1, code
