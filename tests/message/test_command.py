"""Claims about the one box: what people type is understood, or refused with what to type; never guessed at."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.catalog.inventing import ORI, TODAY
from tests.message.messages import CATALOGUE, messages, reading_of, typed
from wireroom.catalog.file import Field, File
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds import Prose
from wireroom.catalog.kinds_of_number import Plate
from wireroom.message.command import command
from wireroom.message.envelope import Message, Reading
from wireroom.message.write import write

VIN = "1HGCM82633A004352"
PLATE = [("LIC", "7ABQ123"), ("LIS", "CA")]
JANE = [("NAM", "TESTCASE, JANE"), ("DOB", "19900131")]
ANYTHING = st.text(alphabet=st.characters(codec=None), max_size=60)


def typed_in(text: str) -> Reading:
    return command(text, CATALOGUE, ori=ORI, today=TODAY)


@pytest.mark.parametrize(
    ("text", "key", "fields"),
    [
        # a plate
        ("7ABQ123", "QV", PLATE),
        ("7abq123", "QV", PLATE),
        ("7ABQ 123", "QV", PLATE),
        ("7-abq-123", "QV", PLATE),
        ("  7ABQ123\r\n", "QV", PLATE),
        ("7ABQ123 CA", "QV", PLATE),
        ("7ABQ123 nv", "QV", [("LIC", "7ABQ123"), ("LIS", "NV")]),
        ("ABC 12 NM", "QV", [("LIC", "ABC12"), ("LIS", "NM")]),
        ("12 34 AB", "QV", [("LIC", "1234"), ("LIS", "AB")]),  # Alberta: the state stands behind the plate
        ("7ABQ 1A", "QV", [("LIC", "7ABQ1A"), ("LIS", "CA")]),  # 1A is a tribe's code, but ends a plate
        ("Q1", "QV", [("LIC", "Q1"), ("LIS", "CA")]),
        ("QV 7ABQ123", "QV", PLATE),
        ("qv 7abq 123 nv", "QV", [("LIC", "7ABQ123"), ("LIS", "NV")]),
        ("Q-V 7ABQ123", "QV", PLATE),
        ("QV FISHING", "QV", [("LIC", "FISHING"), ("LIS", "CA")]),  # letters alone: only behind the key
        ("QV FISHING NV", "QV", [("LIC", "FISHING"), ("LIS", "NV")]),
        ("QV FISH NET", "QV", [("LIC", "FISHNET"), ("LIS", "CA")]),
        ("QV 12345", "QV", [("LIC", "12345"), ("LIS", "CA")]),
        ("RQ 7ABQ123", "RQ", PLATE),
        ("RQ 7ABQ123 NV", "RQ", [("LIC", "7ABQ123"), ("LIS", "NV")]),
        ("QV 7ABQ123 PUR/C lis/nv", "QV", [("LIC", "7ABQ123"), ("LIS", "NV"), ("PUR", "C")]),
        ("RQ FISHING", "RQ", [("LIC", "FISHING"), ("LIS", "CA")]),
        ("QV 7ABQ123 PUR/C CAS/26-1", "QV", [*PLATE, ("PUR", "C"), ("CAS", "26-1")]),
        ("QV 7ABQ123 NV pur/c.cas/26-1", "QV", [("LIC", "7ABQ123"), ("LIS", "NV"), ("PUR", "C"), ("CAS", "26-1")]),
        ("QW TESTCASE, J. Q. 1/31/1990 F PUR/C", "QW",
         [("NAM", "TESTCASE, J Q"), ("DOB", "19900131"), ("SEX", "F"), ("PUR", "C")]),
        # a VIN, a licence, numbers
        (VIN, "QV", [("VIN", VIN)]),
        ("1hgcm 82633 a004352", "QV", [("VIN", VIN)]),
        (f"QV {VIN}", "QV", [("VIN", VIN)]),
        (f"RQ {VIN}", "RQ", [("VIN", VIN)]),
        ("1HGCM82643A004352", "QV", [("VIN", "1HGCM82643A004352")]),  # its check digit fails: what is near is found
        # a part of a plate or a VIN
        ("7ABQ1??", "QV", [("LIC", "7ABQ1??"), ("LIS", "CA")]),
        ("7abq* nv", "QV", [("LIC", "7ABQ*"), ("LIS", "NV")]),
        ("*BQ 123", "QV", [("LIC", "*BQ123"), ("LIS", "CA")]),
        ("QV ABQ*", "QV", [("LIC", "ABQ*"), ("LIS", "CA")]),
        ("QV.LIC/7ABQ1*??", "QV", [("LIC", "7ABQ1??*")]),
        ("1HGCM82633A00????", "QV", [("VIN", "1HGCM82633A00????")]),
        ("1HG*3A004352", "QV", [("VIN", "1HG*3A004352")]),
        ("RQ *3A004352", "RQ", [("LIC", "*3A004352"), ("LIS", "CA")]),
        ("QV VIN/*3A004352", "QV", [("VIN", "*3A004352")]),
        ("QV VIN/3A004352", "QV", [("VIN", "3A004352")]),
        ("X1234567", "QW", [("OLN", "X1234567")]),
        ("x 123 4567", "QW", [("OLN", "X1234567")]),
        ("DQ X1234567", "DQ", [("OLN", "X1234567")]),
        ("900-12-3456", "QW", [("SOC", "900123456")]),
        ("QW 900-12-3456", "QW", [("SOC", "900123456")]),
        ("QW SOC/900123456", "QW", [("SOC", "900123456")]),
        ("9902632700001", "QV", [("FCN", "9902632700001")]),
        ("990-26327-00001", "QV", [("FCN", "9902632700001")]),
        ("QW 9902632700001", "QW", [("FCN", "9902632700001")]),
        ("V123456782", "QV", [("NIC", "V123456782")]),
        ("QBI ZZ1234567", "QBI", [("SER", "ZZ1234567")]),
        # a person
        ("testcase, jane", "QW", [("NAM", "TESTCASE, JANE")]),
        ("TESTCASE, JANE 19900131", "QW", JANE),
        ("TESTCASE, JANE 1990-01-31", "QW", JANE),
        ("TESTCASE, JANE 1/31/1990", "QW", JANE),
        ("TESTCASE, JANE 01-31-1990", "QW", JANE),
        ("TESTCASE,JANE,1990-01-31", "QW", JANE),
        ("TESTCASE, JANE 1990-01-31 F", "QW", [*JANE, ("SEX", "F")]),
        ("TESTCASE, JANE, F", "QW", [("NAM", "TESTCASE, JANE"), ("SEX", "F")]),
        ("TESTCASE, JANE M 1990-01-31", "QW", [("NAM", "TESTCASE, JANE M"), ("DOB", "19900131")]),  # a middle initial
        ("García-Márquez, José 19900131", "QW", [("NAM", "GARCIA-MARQUEZ, JOSE"), ("DOB", "19900131")]),
        ("SAMPLE, J. Q. 19900131", "QW", [("NAM", "SAMPLE, J Q"), ("DOB", "19900131")]),
        ("DQ TESTCASE, JANE 1990-01-31", "DQ", JANE),
        # a key and its fields
        ("QV LIC/7ABQ123 LIS/CA", "QV", PLATE),
        ("qv lic/7abq123 lis/ca pur/c", "QV", [*PLATE, ("PUR", "C")]),
        ("QV LIC/7ABQ123.LIS/CA", "QV", PLATE),
        ("QV\nLIC/7ABQ123\nLIS/CA", "QV", PLATE),
        ("QW NAM/TESTCASE, JANE DOB/19900131", "QW", JANE),
        ("QV.LIC/7ABQ123.LIS/CA", "QV", PLATE),
        (f"QV.{ORI}.LIC/7ABQ123.LIS/CA", "QV", PLATE),
        ("XV FCN/9902632700001", "XV", [("FCN", "9902632700001")]),
        ("EV LIC/7ABQ123 LIS/CA VYR/2019 VMA/TOYT DOT/20261101 OCA/26-1 MIS/SEEN NEAR A/B ST", "EV",
         [*PLATE, ("VYR", "2019"), ("VMA", "TOYT"), ("DOT", "20261101"), ("OCA", "26-1"), ("MIS", "SEEN NEAR A/B ST")]),
        ("AM TO/Z001 TO/Z002 TXT/HELLO", "AM", [("TO", "Z001"), ("TO", "Z002"), ("TXT", "HELLO")]),
        ("am to/z001 txt/Line 1.\n\nTO/Z009 TXT/2", "AM", [("TO", "Z001"), ("TXT", "Line 1.\n\nTO/Z009 TXT/2")]),
        ("AM TXT/HELLO TO/Z001", "AM", None),  # prose takes the rest: there is no address
    ],
)  # fmt: skip
def test_what_is_typed_is_understood(text: str, key: str, fields: list[tuple[str, str]] | None) -> None:
    reading = typed_in(text)
    if fields is None:
        assert reading.message is None
        assert [fault.field for fault in reading.faults] == ["TO"]
        return
    assert reading.message == Message(key, tuple(fields)), reading.faults
    assert reading.text == text
    assert reading.understood


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("", "TEXT", "is empty: type a plate"),
        ("   \n", "TEXT", "is empty: type a plate"),
        ("-", "TEXT", "is empty"),
        ("FISHING", "TEXT", "could be a name or a plate: type LAST, FIRST for a person, or QV and the plate"),
        ("hello world", "TEXT", "could be a name or a plate"),
        ("123456", "TEXT", "could be several numbers"),
        ("900123456", "TEXT", "could be several numbers"),
        ("20261101", "TEXT", "could be several numbers"),
        ("NV 12A", "TEXT", "could be a plate that begins with NV, or one of the state NV"),
        ("7ABQ1234X", "TEXT", "is not understood"),
        ("A1!", "TEXT", "is not understood"),
        ("????", "TEXT", "is not understood"),
        ("QVV 7ABQ123", "TEXT", "is not understood"),
        ("<script>alert(1)</script>", "TEXT", "is not understood"),
        ("'; drop table record; --", "TEXT", "is not understood"),
        ("Ж7АВ123", "TEXT", "is not understood"),
        ("1" * 121, "TEXT", "is too long to be guessed at: begin with a key"),
        (
            "EV VIN/1HGCM82643A004352 VMA/HOND VYR/2003 DOT/20261101 OCA/26-1",
            "VIN",
            "has a wrong check digit",
        ),
        ("QV", "LIC", "is missing: give LIC or VIN or ENG or OAN or SER or FCN or NIC"),
        ("AM", "TO", "is missing"),
        ("EV 7ABQ123", "TEXT", "has a part that is not FIELD/value"),
        ("DQ 7ABQ123 PUR/Z", "PUR", "is not a code of the table purpose"),
        ("QV 7ABQ123 CA LIS/NV", "LIS", "may stand only once"),
        ("QX.LIC/7ABQ123", "KEY", "is not a message key"),
        ("qx.ca0990100.lic/7abq123", "KEY", "is not a message key"),
        ("QW 900123456", "TEXT", "could be two things: write OLN/ or SOC/ before the number"),
        ("QV NONE", "LIC", "says that there is no plate; leave the field out"),
        ("QV " + "A" * 121, "TEXT", "is too long to be guessed at: write each field as FIELD/value"),
        ("QV ?", "LIC", "is known too little: give at least 3 characters beside ? and *"),
        ("QV *ABQ*", "LIC", "is known at neither end: give the first or last two characters"),
        ("EV LIC/7ABQ1?? LIS/CA DOT/20261101 OCA/26-1", "LIC", "is not letters and digits"),
        ("DQ OLN/X12345??", "OLN", "is not letters and digits"),
        ("7A*", "TEXT", "is not understood"),
        ("7ABQ1234?", "TEXT", "is not understood"),
        ("QW TESTCASE", "NAM", "is not LAST, FIRST MIDDLE with one comma"),
        ("QBI ?", "SER", "is not letters and digits"),
        ("QV XYZ/1", "XYZ", "is not a field of QV"),
        ("QV LIC/7ABQ123 LIC/7ABQ124", "LIC", "may stand only once"),
        ("QV.7ABQ123", "TEXT", "has a part that is not FIELD/value"),
        ("QV.CA0990200.LIC/7ABQ123", "ORI", "is not your terminal's"),
        ("TESTCASE, JANE 02/30/1990", "DOB", "is not a day of the calendar"),
        ("TESTCASE, JANE 20300101", "DOB", "is in the future"),
        ("TESTCASE, JANE 1990-01-31 X9", "SEX", "is not a code of the table sex"),
        ("TESTCASE,", "NAM", "is not LAST, FIRST"),
        ("A, B, C, D", "NAM", "is not LAST, FIRST"),
        ("TESTCASE, J4NE", "NAM", "has characters other than letters"),
        ("TESTCASE, JANE.SOC/900123456", "NAM", "has characters other than letters"),
        ("TESTCASE, JANE.PUR/C 19900131", "NAM", "has characters other than letters"),
        ("X" * 16_385, "TEXT", "is longer than 16384 characters"),
    ],
)
def test_what_is_not_understood_says_what_to_type(text: str, field: str, words: str) -> None:
    reading = typed_in(text)
    assert reading.message is None
    assert reading.text == text
    assert any(fault.field == field and fault.reason.startswith(words) for fault in reading.faults), (
        reading.faults
    )


def test_a_key_that_takes_no_state_refuses_the_plate_of_another() -> None:
    """To drop the state would ask about somebody else's plate of the same characters."""
    plate = Field("LIC", "plate", Plate())
    parked = File(code="parked", title="Parked car", inquire="QPK", fields=(plate,), found_by=(("LIC",),))
    catalogue = Catalogue([parked])
    reading = command("QPK 7ABQ123", catalogue, ori=ORI, today=TODAY)
    assert reading.message == Message("QPK", (("LIC", "7ABQ123"),))
    reading = command("QPK 7ABQ123 NV", catalogue, ori=ORI, today=TODAY)
    assert [(fault.field, fault.given) for fault in reading.faults] == [("LIS", "NV")]


def test_a_plate_without_a_state_behind_it_is_of_the_home_state() -> None:
    assert typed_in("7ABQ123").understood == "Plate 7ABQ123, California"


@settings(max_examples=200)
@given(messages())
def test_dotted_text_is_read_as_the_reader_reads_it(message: Message) -> None:
    text = write(message)
    assert typed_in(text) == reading_of(text)
    assert typed_in(f" {text}").message == message


@settings(max_examples=200)
@given(messages())
def test_a_key_and_its_fields_may_be_parted_by_blanks(message: Message) -> None:
    """Where no value looks like a field behind a blank, blanks and periods say the same."""
    form = CATALOGUE.forms[message.key]
    plain = [
        (code, value) for code, value in message.fields if not isinstance(form.by_code[code].kind, Prose)
    ]
    if any(f" {code}/" in f" {value}".upper() for _, value in plain for code in form.by_code):
        return
    spoken = " ".join((message.key, *(f"{code}/{value}" for code, value in message.fields)))
    assert typed_in(spoken).message == message


@settings(max_examples=300)
@given(ANYTHING | typed())
def test_no_text_breaks_the_box_and_a_fault_always_says_something(text: str) -> None:
    reading = typed_in(text)
    assert reading.text == text
    assert (reading.message is None) == bool(reading.faults)
    assert all(fault.reason for fault in reading.faults)
    if reading.message is not None:
        assert reading.understood
        assert reading_of(write(reading.message)).message == reading.message, (
            "it obeys every check of the reader"
        )


@pytest.mark.parametrize(
    "text",
    ["a, " + "1/1/199 " * 2000, "QV " + "a b" * 5000, "QV LIC/" + " LIC/" * 3000, "A," + "\u0301\u0327" * 8000,
     "AM " + "TXT /" * 3000, "AM TO/Z001" + " TXT" * 3000, "QV" + " " * 16_000 + "X", "." * 16_000, "- " * 8000],
)  # fmt: skip
def test_the_worst_text_costs_a_tenth_of_a_second_at_most(text: str) -> None:
    began = time.process_time()
    typed_in(text[:16_384])
    assert time.process_time() - began < 0.1
