"""Claims about messages to many: which address reaches how far, which subject goes where, and what its words may be."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.catalog.broadcast import bare_statutes, numbers_in, phrases
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds import Bad
from wireroom.catalog.kinds_of_number import Address
from wireroom.catalog.notices.administrative import BROADCAST
from wireroom.catalog.reach import STATEWIDE, Reach, reach_of, region_of
from wireroom.catalog.tables import table
from wireroom.message.read import read

TODAY = date(2026, 11, 28)
NARROW, WIDE = Address(), Address(wide=True)
CATALOGUE = Catalogue()

mnemonics = st.from_regex(r"[A-Z0-9]{4}", fullmatch=True)
oris = st.from_regex(r"[A-Z]{2}[A-Z0-9]{7}", fullmatch=True).filter(lambda text: text != STATEWIDE)
counties = st.sampled_from(sorted(table("county_region"))).map(lambda code: f"CO-0{code}")
groups = st.from_regex(r"GRP-[A-Z][A-Z0-9]{1,11}", fullmatch=True)
regions = st.sampled_from(sorted(table("region"))).map(lambda code: f"REG-{code}")
of_many = st.one_of(counties, groups, regions, st.just(STATEWIDE))
addresses = st.one_of(mnemonics, oris, of_many)


# ------------------------------------------------------------------ addresses


@given(address=addresses)
def test_an_address_is_read_as_itself_in_small_letters_too(address: str) -> None:
    assert WIDE.read(address, TODAY) == WIDE.read(f" {address.lower()} ", TODAY) == address
    assert len(address) <= WIDE.length_max
    assert WIDE.say(address)


@given(text=st.text(max_size=20))
def test_what_is_read_is_read_again_as_the_same_and_ends_no_field(text: str) -> None:
    value = WIDE.read(text, TODAY)
    if not isinstance(value, Bad):
        assert WIDE.read(value, TODAY) == value
        assert not {".", "/", " ", "\n"}.intersection(value)


@given(address=of_many)
def test_only_what_may_go_to_many_takes_an_address_of_many(address: str) -> None:
    assert isinstance(NARROW.read(address, TODAY), Bad)
    assert reach_of(address) > Reach.AGENCY


@given(address=st.one_of(mnemonics, oris))
def test_a_terminal_and_an_agency_are_read_alike_everywhere(address: str) -> None:
    assert NARROW.read(address, TODAY) == WIDE.read(address, TODAY) == address
    assert reach_of(address) <= Reach.AGENCY


@given(several=st.lists(addresses, min_size=1, max_size=20))
def test_addresses_go_through_a_message_and_back(several: list[str]) -> None:
    to = ".".join(f"TO/{one}" for one in several)
    reading = read(f"AM.{to}.SUB/EMER.TXT/FLOOD", CATALOGUE, ori="CA0990100", today=TODAY)
    assert reading.message is not None
    assert list(reading.message.all("TO")) == several


@pytest.mark.parametrize(
    "text", ["CO-00", "CO-1", "CO-100", "CO-9999", "REG-7", "REG-", "GRP-", "GRP-A", "GRP-1X", "GRP-" + "A" * 13,
             "GRP-A-B", "STATE", "ALL", "R-6", "S:STATEWIDE"]
)  # fmt: skip
def test_what_is_no_address_is_refused_with_the_ways_to_write_one(text: str) -> None:
    read_as = WIDE.read(text, TODAY)
    assert isinstance(read_as, Bad)
    assert all(way in read_as.reason for way in ("CO-", "GRP-", "REG-", STATEWIDE))


def test_every_county_lies_in_one_of_seven_regions() -> None:
    assert set(table("region")) == {"1", "1A", "2", "3", "4", "5", "6"}
    assert {row.meaning for row in table("county_region").values()} == set(table("region"))
    assert set(table("county")) <= set(table("county_region"))
    assert sorted(table("county_region")) == [f"{number:02}" for number in range(1, 100)]
    assert (region_of("019"), region_of("42"), region_of("34"), region_of("000")) == ("1", "1A", "4", "")


# ------------------------------------------------------------------ subjects


def faults(to: str, **fields: str) -> dict[str, str]:
    values = {"TO": tuple(to.split()), "TXT": ("A TEST.",)} | {code: (one,) for code, one in fields.items()}
    return dict(BROADCAST.check(values))


def test_every_subject_that_is_barred_is_of_the_table_and_under_one_bar() -> None:
    barred = [subject for bar in BROADCAST.bars for subject in bar.subjects]
    assert len(barred) == len(set(barred))
    assert set(barred) <= set(table("broadcast_subject"))
    assert all(bar.why and bar.mark for bar in BROADCAST.bars)


def test_every_phrase_is_read_as_a_subject_that_is_barred_everywhere() -> None:
    for phrase, subject in phrases("broadcast_words").items():
        bar = BROADCAST.bar_of(subject)
        assert bar is not None, phrase
        assert (bar.beyond, bar.unless_grave) == (Reach.AGENCY, False)


@pytest.mark.parametrize("to", ["CO-099", "GRP-SIERRA", "REG-1A", STATEWIDE, "Z001 CO-099"])
def test_what_goes_to_many_says_what_it_is(to: str) -> None:
    assert set(faults(to)) == {"SUB"}
    assert faults(to, SUB="EMER") == {}


@pytest.mark.parametrize("to", ["Z001", "CA0990100", "Z001 CA0990100"])
def test_what_goes_to_single_addresses_needs_no_subject(to: str) -> None:
    assert faults(to) == faults(to, SUB="SOC") == {}


@pytest.mark.parametrize(
    ("to", "subject", "goes", "with_danger"),
    [
        ("CO-099", "RUN", True, True),
        ("GRP-SIERRA", "RUN", False, True),
        ("REG-6", "MISS", False, True),
        (STATEWIDE, "RUN", False, True),
        (STATEWIDE, "MISS", False, True),
        (STATEWIDE, "BOLO", True, True),
        (STATEWIDE, "DTHS", True, True),
        ("CO-099", "DTH", False, False),
        ("CO-099", "MISD", False, False),
        ("CO-099", "TRAF", False, False),
        ("GRP-SIERRA", "FTP", False, False),
        ("GRP-SIERRA", "TRNG", False, False),
        ("GRP-SIERRA", "RET", False, False),
        (STATEWIDE, "POL", False, False),
        ("REG-2", "PROP", False, False),
        ("CO-099", "RECR", False, False),
    ],
)
def test_a_subject_goes_as_far_as_the_rules_let_it(
    to: str, subject: str, goes: bool, with_danger: bool
) -> None:
    assert (faults(to, SUB=subject) == {}) is goes
    assert (faults(to, SUB=subject, LOD="Y") == {}) is with_danger


@pytest.mark.parametrize(
    ("to", "fields", "held"),
    [
        ("Z001 Z002", {}, False),
        ("CO-099", {"SUB": "EMER"}, False),
        ("GRP-SIERRA", {"SUB": "EMER"}, False),
        ("REG-6", {"SUB": "EMER"}, True),
        ("Z001 STATEWIDE", {"SUB": "EMER"}, True),
        ("GRP-SIERRA", {"SUB": "RUN", "LOD": "Y"}, True),
        ("Z001 Z002", {"WRD": "Y"}, True),
    ],
)
def test_a_supervisor_approves_from_a_region_on_and_what_is_declared(
    to: str, fields: dict[str, str], held: bool
) -> None:
    values = {"TO": tuple(to.split()), **{code: (one,) for code, one in fields.items()}}
    assert BROADCAST.held(values) is held


def test_declarations_stand_only_where_they_mean_something() -> None:
    assert set(faults("Z001", LOD="Y", WRD="Y")) == {"LOD", "WRD"}
    assert set(faults("Z001 Z002", LOD="Y", WRD="Y")) == {"LOD"}


# ------------------------------------------------------------------ words


@pytest.mark.parametrize(
    "text",
    [
        "JOIN US FOR THE RETIREMENT PARTY",
        "Lt. Doe is\nretiring.",
        "Merry   Christmas to all",
        "re-elect our Sheriff",
    ],
)
def test_words_of_the_list_are_refused_where_several_read_them(text: str) -> None:
    assert set(faults("Z001 Z002", TXT=text)) == {"TXT"}
    assert faults("Z001", TXT=text) == faults("Z001 Z002", TXT=text, WRD="Y") == {}
    assert "WRD/Y" in faults("Z001 Z002", TXT=text)["TXT"]


@pytest.mark.parametrize(
    "text",
    ["VICTIM LEFT THE RETIREMENT HOME AT 0900", "RESPONSIBLE PARTY FLED", "SUSPECT HAS BIRTHDAY TODAY",
     "SEARCH PARTY OF FOUR", "TRAINED DOG", "PREELECT"],
)  # fmt: skip
def test_words_alike_are_no_words_of_the_list(text: str) -> None:
    assert faults("Z001 Z002", TXT=text) == {}


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("WANTED FOR 211 PC", ("211 PC",)),
        ("WANTED FOR PC 211.", ("PC 211",)),
        ("10851(A) VC SUSPECT FLED", ("10851(A) VC",)),
        ("211 PC, 211 PC AND 459PC", ("211 PC", "459PC")),
        ("WANTED FOR ROBBERY, 211 PC", ()),
        ("WANTED FOR 211 PC (ROBBERY)", ()),
        ("WANTED FOR ROBBERY (211 PC)", ()),
        ("VEHICLE THEFT 10851(A) VC", ()),
        ("187 PC - MURDER", ()),
        ("H&S 11378 POSSESSION FOR SALE", ()),
        ("CALL 911, UNIT 211 RESPONDS WITH PC EQUIPMENT", ()),
        ("FCN 0992632700001 CASE 26-930", ()),
    ],
)
def test_a_statute_says_in_words_what_it_means(text: str, bare: tuple[str, ...]) -> None:
    assert bare_statutes(text) == bare


@given(text=st.text(max_size=300))
def test_any_text_is_looked_through(text: str) -> None:
    assert all(one in text.upper() for one in bare_statutes(text.upper()))
    assert len(numbers_in(text)) <= 10


def test_records_named_in_a_text_are_found_once() -> None:
    assert numbers_in("FCN 0992632700001, SEE 0992632700001 AND 12345678901234") == ("0992632700001",)


def test_a_record_says_what_a_broadcast_about_it_is() -> None:
    missing, wanted = CATALOGUE.files["missing"], CATALOGUE.files["wanted"]
    assert missing.told_as({"CAT": ("J",), "MRT": ("RUN",)}) == "RUN"
    assert missing.told_as({"CAT": ("J",), "MRT": ("UNK",), "MPC": ("R",)}) == "RUN"
    assert missing.told_as({"CAT": ("J",), "MRT": ("UNK",)}) == "MISS"
    assert wanted.told_as({"OFF": ("5499",), "EXL": ("A",)}) == "TRAF"
    assert wanted.told_as({"OFF": ("3801",), "EXL": ("A",)}) == "FTP"
    assert wanted.told_as({"OFF": ("1313",), "EXL": ("A",)}) == "MISD"
    assert wanted.told_as({"OFF": ("1201",), "EXL": ("01",)}) == ""
    assert all(
        one.subject in table("broadcast_subject") for file in CATALOGUE.files.values() for one in file.tells
    )
