"""Claims about the reader: every fault at once, in the sender's words, and no text moves a field."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.catalog.inventing import ORI, TODAY
from tests.message.messages import CATALOGUE, HOSTILE, messages, reading_of
from wireroom.catalog.kinds import Prose
from wireroom.message.envelope import Fault, Message, Reading
from wireroom.message.read import SEGMENTS_MAX, TEXT_CHARACTERS_MAX, describe, read
from wireroom.message.write import write

NO_WAY = ("LIC", "is missing: give LIC or VIN or ENG or OAN or SER or FCN or NIC")
NOT_OF_QV = "is not a field of QV, which takes " + ", ".join(CATALOGUE.forms["QV"].by_code)
SHORT = sorted(
    (key for key in CATALOGUE.forms if key[0] == "Q" and len(key) <= 3), key=lambda key: (len(key), key)
)
ALIKE = ", ".join(
    ["QXS", *(key for key in SHORT if key != "QXS")][:12]
)  # what begins with it, then the shortest
ANYTHING = st.text(alphabet=st.characters(codec=None), max_size=200)


def faults(text: str) -> list[tuple[str, str]]:
    reading = reading_of(text)
    assert reading.message is None
    return [(fault.field, fault.reason) for fault in reading.faults]


def fields(text: str) -> tuple[tuple[str, str], ...]:
    reading = reading_of(text)
    assert reading.message is not None, reading.faults
    return reading.message.fields


# --------------------------------------------------------------------------- the form of a text


@pytest.mark.parametrize(
    "text",
    [
        "QV.LIC/7ABQ123.LIS/CA.PUR/C",
        "qv.lic/7abq123.lis/ca.pur/c",
        " Q-V . LIC / 7ABQ 123 . LIS/ca.PUR/C. ",
        "QV.PUR/C.LIS/CA.LIC/7-ABQ-123",
        f"QV.{ORI}.LIC/7ABQ123.LIS/CA.PUR/C",
        f"QV.{ORI.lower()}.LIC/7ABQ123.LIS/CA.PUR/C.",
        "QV.LIC/7ABQ123\r\n.LIS/CA.PUR/C\r\n",
        "QV.LI\nC/7ABQ123.LIS/CA.PUR/C",
        "ＱＶ.LIC/７ABQ123.LIS/CA.PUR/C",
    ],
)
def test_one_message_has_many_spellings(text: str) -> None:
    assert fields(text) == (("LIC", "7ABQ123"), ("LIS", "CA"), ("PUR", "C"))


def test_a_field_that_may_repeat_keeps_its_order() -> None:
    assert fields("AM.TO/Z002.TO/Z001.TXT/HELLO") == (("TO", "Z002"), ("TO", "Z001"), ("TXT", "HELLO"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("KEY", "is missing: begin with a message key, QV for a vehicle or QW for a person")]),
        ("ZZ.LIC/1", [("KEY", "is not a message key")]),
        ("QX.LIC/1", [("KEY", f"is not a message key; keys that begin alike: {ALIKE}")]),
        ("QV.", [NO_WAY]),
        ("QV.7ABQ123", [("TEXT", "has a part that is not FIELD/value"), NO_WAY]),
        ("QV.LIC", [("TEXT", "has a part that is not FIELD/value"), NO_WAY]),
        ("QV.LIC/7ABQ123..LIS/CA", [("TEXT", "has an empty field between two periods")]),
        ("QV.LIC/7ABQ123.A?/CA", [("TEXT", NOT_OF_QV.replace("is not", "has a part that is not"))]),
        ("QV.LIC/7ABQ123.XYZ/CA", [("XYZ", NOT_OF_QV)]),
        ("QV.LIC/7ABQ123.LIC/7ABQ124", [("LIC", "may stand only once")]),
        ("AM.TO/Z001", [("TXT", "is missing: text, free text of at most 4000 characters and 50 lines")]),
        ("AM.TO/Z001.TXT/", [("TXT", "is empty")]),
        ("AM.TO/Z001.TXT", [("TXT", "is empty")]),
        ("A" * (TEXT_CHARACTERS_MAX + 1), [("TEXT", f"is longer than {TEXT_CHARACTERS_MAX} characters")]),
    ],
)  # fmt: skip
def test_each_fault_has_its_words(text: str, expected: list[tuple[str, str]]) -> None:
    assert faults(text) == expected


def test_every_fault_is_told_at_once() -> None:
    text = "EV.LIC/7ABQ/123.LIS/ZZ.VYR/19.DOT/20270101.BAD/1.VMA/NOSUCH"
    assert [field for field, _ in faults(text)] == ["BAD", "LIC", "LIS", "VYR", "DOT", "VMA", "OCA"]


def test_a_field_that_was_sent_badly_is_not_missing_as_well() -> None:
    told = [field for field, _ in faults("EV.LIC/7ABQ123.LIS/CA.VYR/2019.VMA/TOYT.DOT/YESTERDAY.OCA/26-1")]
    assert told == ["DOT"]


def test_rules_are_told_when_each_value_is_good() -> None:
    assert faults("EV.LIC/7ABQ123.VYR/2019.VMA/TOYT.DOT/20261101.OCA/26-1") == [
        ("LIC", "is missing: give LIC with LIS or VIN or ENG"),
        ("LIS", "is missing: it goes with LIC"),
    ]


def test_a_fault_shows_what_was_given_shortened_and_printable() -> None:
    reading = reading_of("QV.LIC/" + "\x1b[31m" + "A" * 100)
    assert reading.faults == (Fault("LIC", "is not letters and digits", " [31m" + "A" * 32 + "..."),)


def test_a_secret_value_is_not_shown_in_its_fault() -> None:
    reading = reading_of("QW.SOC/900-12-345")
    assert reading.faults == (Fault("SOC", "is not nine digits", ""),)


def test_a_text_has_a_limit_of_fields() -> None:
    told = faults("QV" + ".LIC/7ABQ123" * (SEGMENTS_MAX + 50))
    assert ("TEXT", f"has more than {SEGMENTS_MAX} fields") in told
    assert told == [("TEXT", f"has more than {SEGMENTS_MAX} fields"), ("LIC", "may stand only once")]


# --------------------------------------------------------------------------- who sends is not in the text


def test_the_ori_of_another_agency_is_refused() -> None:
    assert faults("QV.CA0990200.LIC/7ABQ123") == [
        ("ORI", f"is not your terminal's, which is {ORI}; leave it out")
    ]


@pytest.mark.parametrize(
    "text", ["QV.CA099010.LIC/7ABQ123", "QV.CA0990100/.LIC/7ABQ123", "QV.LIC/7ABQ123.CA0990100"]
)
def test_an_ori_stands_behind_the_key_or_nowhere(text: str) -> None:
    assert reading_of(text).message is None


# --------------------------------------------------------------------------- prose takes the rest


@pytest.mark.parametrize(
    "prose",
    [
        "HELLO. TO/Z009. QV.LIC/7ABQ123",
        "A/B.C",
        ".",
        "ENDS WITH A PERIOD.",
        "LINE 1\nLINE 2.\n\nLINE 4",
        "1L01X\nCA0990200\nSTATE HIT",
        "." * 1000,
    ],
)
def test_prose_takes_all_that_follows(prose: str) -> None:
    assert fields(f"AM.TO/Z001.TXT/{prose}") == (("TO", "Z001"), ("TXT", prose))


def test_what_stands_in_prose_is_no_field() -> None:
    assert [field for field, _ in faults("AM.TXT/HELLO.TO/Z001")] == ["TO"]


# --------------------------------------------------------------------------- no text moves a field


@settings(max_examples=200)
@given(messages(), st.data())
def test_what_is_put_into_a_value_changes_that_value_or_is_refused(
    message: Message, data: st.DataObject
) -> None:
    """A period begins a new field, as it always does; whatever else is put in stays inside its own field."""
    junk = data.draw(
        st.sampled_from([text for text in HOSTILE if "." not in text]) | ANYTHING.filter(_without_period)
    )
    place = data.draw(st.integers(0, len(message.fields) - 1))
    code, value = message.fields[place]
    cut = data.draw(st.integers(0, len(value)))
    changed = (code, value[:cut] + junk + value[cut:])
    reading = reading_of(
        write(Message(message.key, (*message.fields[:place], changed, *message.fields[place + 1 :])))
    )
    if reading.message is not None:
        others = [pair for at, pair in enumerate(message.fields) if at != place]
        assert [pair for at, pair in enumerate(reading.message.fields) if at != place] == others
        assert reading.message.key == message.key
        assert reading.message.fields[place][0] == code
    else:
        assert code in {fault.field for fault in reading.faults} or "FIELD/value" in reading.faults[0].reason


def _without_period(text: str) -> bool:
    """Some signs of Unicode fold to a period; in a value they are refused, and that is another claim."""
    return "." not in text


@given(messages(), st.sampled_from(sorted(CATALOGUE.forms)))
def test_no_text_yields_a_second_message(message: Message, key: str) -> None:
    """What follows a message is a field of it, prose of it or a fault, never a message of its own."""
    reading = reading_of(f"{write(message)}.{key}.{write(message)}")
    if reading.message is None:
        return
    assert reading.message.key == message.key
    last = CATALOGUE.forms[message.key].by_code[message.fields[-1][0]]
    assert isinstance(last.kind, Prose)
    assert reading.message.fields[:-1] == message.fields[:-1]


@pytest.mark.parametrize("sign", ["…", "․", "‥", "⒈", "。"])
def test_a_sign_that_folds_to_a_period_ends_no_field(sign: str) -> None:
    assert reading_of(f"EV.LIC/7ABQ123{sign}LIS/CA.VYR/2019.VMA/TOYT.DOT/20261101.OCA/26-1").message is None
    good = "EV.LIC/7ABQ123.LIS/CA.VYR/2019.VMA/TOYT.DOT/20261101.OCA/26-1"
    told = faults(f"{good}.MIS/SEEN{sign}SOC/900123456")
    assert [field for field, _ in told] == ["MIS"]


@pytest.mark.parametrize("sign", ["／", "⁄", "∕"])
def test_a_sign_that_looks_like_a_slash_parts_no_field(sign: str) -> None:
    assert reading_of(f"QV.LIC{sign}7ABQ123").message is None


# --------------------------------------------------------------------------- any text, in bounded time


@settings(max_examples=300)
@given(
    ANYTHING
    | st.sampled_from(sorted(CATALOGUE.forms)).flatmap(lambda key: ANYTHING.map(lambda text: f"{key}.{text}"))
)
def test_no_text_of_unicode_breaks_the_reader(text: str) -> None:
    reading = reading_of(text)
    assert (reading.message is None) == bool(reading.faults)
    assert reading.text == text
    for fault in reading.faults:
        assert fault.reason
        assert fault.given.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "QV.LIC/A" + "\u0301\u0327" * 8000,
        "\u0301\u0327" * 8000,
        "QV.A" + "\u0301\u0327" * 8000 + "/X",
        "AM.TO/Z001.TXT/A" + "\u0301\u0327" * 8000,
        "QV" + "." * 16_000,
        "QV." + "/" * 16_000,
        "QV." + "LIC/." * 3_000,
        "AM.TXT/" + "A.B/" * 4_000,
        "QV." + "ﷺ" * 16_000,
        "QW.NAM/" + "A," * 8_000,
        "QW.NAM/A, " + "A " * 8_000,
        "EV.MIS/" + "A- " * 5_000,
    ],
)
def test_the_worst_text_costs_a_tenth_of_a_second_at_most(text: str) -> None:
    began = time.process_time()
    reading_of(text[:TEXT_CHARACTERS_MAX])
    assert time.process_time() - began < 0.1


# --------------------------------------------------------------------------- what was understood


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("QV.LIC/7ABQ123.LIS/CA.PUR/C.CAS/26-1", "Plate 7ABQ123, California"),
        ("QV.VIN/1HGCM82633A004352", "Vehicle number (VIN) 1HGCM82633A004352"),
        ("QV.LIC/7ABQ123.LIS/NM.LIT/PC", "Plate 7ABQ123, New Mexico, Regular passenger automobile plates"),
        ("QW.NAM/TESTCASE, JANE Q.DOB/19900131.SEX/F", "Name TESTCASE, JANE Q, birth date 31 Jan 1990, Female"),
        ("QW.SOC/900123456", "Social security number ending 3456"),
        ("QV.FCN/9902632700001", "File control number 9902632700001"),
        ("EL.LIC/7ABQ123.LIS/CA.LIY/NX.LIT/PC.DOT/20261101.OCA/26-1",
         "Enter: stolen licence plate: plate 7ABQ123, plate's state California, plate's year does not expire, "
         "plate's type Regular passenger automobile plates, date of theft 1 Nov 2026, agency case number 26-1"),
        ("XV.FCN/9902632700001", "Cancel: stolen vehicle: file control number 9902632700001"),
        ("AM.TO/Z001.TXT/SECRET", "Administrative message: to Z001"),
    ],
)  # fmt: skip
def test_the_sender_is_told_what_was_understood(text: str, sentence: str) -> None:
    reading = reading_of(text)
    assert reading.message is not None, reading.faults
    assert reading.understood == sentence
    assert describe(reading.message, CATALOGUE) == sentence


def test_a_long_value_is_shortened_in_the_sentence() -> None:
    good = "EV.LIC/7ABQ123.LIS/CA.VYR/2019.VMA/TOYT.DOT/20261101.OCA/26-1"
    reading = reading_of(f"{good}.MIS/" + "LONG " * 90)
    assert "remarks LONG LONG" in reading.understood
    assert reading.understood.endswith("...")
    assert len(reading.understood) < 300


def test_a_form_without_values_is_told_by_its_title() -> None:
    assert describe(Message("AM", (("TXT", "HELLO"),)), CATALOGUE) == "Administrative message"


def test_the_reader_reads_by_the_day_it_is_given() -> None:
    text = "EV.LIC/7ABQ123.LIS/CA.VYR/2019.VMA/TOYT.DOT/20261124.OCA/26-1"
    reading: Reading = read(text, CATALOGUE, ori=ORI, today=TODAY)
    assert reading.faults == (Fault("DOT", "is in the future", "20261124"),)
    assert read(reading.text, CATALOGUE, ori=ORI, today=TODAY.replace(day=24)).message is not None
