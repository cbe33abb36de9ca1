"""Claims about kinds of value: one canonical value for each meaning, and never a surprise."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import date
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog.inventing import TODAY, fields_of, with_bicycles
from wireroom.catalog.file import AnyKind
from wireroom.catalog.kinds import TEXT_MAX, Bad, Code, Kind, Number, Prose, Text, folded
from wireroom.catalog.kinds_of_number import Plate

SHIPPED = sorted({field.kind for _, field in fields_of(with_bicycles())}, key=repr)
KINDS = [*SHIPPED, Number(low=1, high=250, width=3), Number(low=0, high=9)]

# Mostly what people type, now and then anything that Unicode has, halves of pairs included.
ANYTHING = st.text(alphabet=st.characters(codec=None), max_size=40)
TYPED = st.text(alphabet="ABCXYZabcxyz0123456789 -,./'\"\n\tÀéßøŁ", max_size=30)


@pytest.mark.parametrize(
    "kind", KINDS, ids=[f"{place}-{type(kind).__name__}" for place, kind in enumerate(KINDS)]
)
class TestEveryKind:
    """What holds for each."""

    @given(seed=st.integers(), day=st.dates(date(2020, 1, 1), date(2060, 1, 1)))
    def test_an_invented_value_reads_as_itself(self, kind: Kind, seed: int, day: date) -> None:
        value = kind.invent(Random(seed), day)
        assert kind.read(value, day) == value
        assert kind.load(kind.store(value)) == value

    @given(text=ANYTHING | TYPED)
    def test_whatever_is_read_is_canonical(self, kind: Kind, text: str) -> None:
        value = kind.read(text, TODAY)
        if isinstance(value, Bad):
            assert value.reason
            return
        assert kind.read(value, TODAY) == value
        assert kind.load(kind.store(value)) == value
        assert kind.show(value)
        assert kind.say(value)
        assert len(value) <= kind.length_max
        if not isinstance(kind, Prose):
            assert value.isascii()
            assert value.isprintable()
            assert "." not in value

    def test_the_same_dice_invent_the_same(self, kind: Kind) -> None:
        assert kind.invent(Random(3), TODAY) == kind.invent(Random(3), TODAY)

    def test_a_declaration_goes_into_plain_data_and_comes_back(self, kind: Kind) -> None:
        assert msgspec.json.decode(msgspec.json.encode(kind), type=AnyKind) == kind

    def test_a_long_text_takes_no_time(self, kind: Kind) -> None:
        for char in ("A", "9", " ", "-", "\u0301", "\u0301\u0327", "ﷺ", "\ud800", ","):
            began = time.process_time()
            kind.read("A" + char * (16_384 // len(char)), TODAY)
            assert time.process_time() - began < 0.1


@pytest.mark.parametrize(
    ("typed", "folds_to"),
    [
        ("garcía", "GARCIA"),
        ("  two \t\n blanks ", "TWO BLANKS"),
        ("Straße", "STRASSE"),
        ("Søren Ærø", "SOREN AERO"),
        ("Łukasz Đoković", "LUKASZ DOKOVIC"),
        ("O’Brien–Smith", "O'BRIEN-SMITH"),
        ("ＱＶ", "QV"),
        ("ﬁ", "FI"),
        ("N\u0303", "N"),
        ("ñ" + "\u0301" * 3, "N"),
        ("Þór Guðmundsson", "THOR GUDMUNDSSON"),
        ("東京", "東京"),
    ],
)
def test_letters_fold_to_capitals_of_ascii(typed: str, folds_to: str) -> None:
    assert folded(typed) == folds_to


@given(ANYTHING | TYPED)
def test_folding_twice_is_folding_once_where_it_gives_ascii(text: str) -> None:
    once = folded(text)
    if once.isascii():
        assert folded(once) == once


def test_a_text_has_limits_and_a_pattern() -> None:
    kind = Text(max=5, pattern="[0-9]{5}", hint="five digits", sample="00999")
    assert kind.read("95814", TODAY) == "95814"
    assert kind.read("9581", TODAY) == Bad("is not five digits")
    assert kind.read("958145", TODAY) == Bad("is longer than 5 characters")
    assert kind.words == "five digits"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("A.B", "holds a period, which ends a field"), ("A…B", "holds a period, which ends a field"),
     ("A\x00B", "holds a character that cannot be sent"), ("Ж", "holds a character that cannot be sent")],
)  # fmt: skip
def test_a_text_says_which_character_is_in_the_way(text: str, reason: str) -> None:
    assert Text(max=20).read(text, TODAY) == Bad(reason)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Text(max=0), "from 1 to 500, not 0"),
        (lambda: Text(max=TEXT_MAX + 1), "not 501"),
        (lambda: Text(max=5, pattern="["), "not a regular expression"),
        (lambda: Text(max=5, pattern="[0-9]{5}"), "the text's sample 'AAAA' gives a value that is not"),
        (lambda: Text(max=2, sample="999"), "is longer than 2 characters"),
        (lambda: Number(low=2, high=1), "a number's low is at most its high"),
        (lambda: Code(table="sex", sample="Q"), "the code 'Q' is not of the table sex"),
        (lambda: Code(table="no_such_table"), "there is no code table 'no_such_table'"),
    ],
)
def test_an_impossible_kind_is_refused_where_it_is_declared(make: Callable[[], Kind], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        make()


def test_prose_keeps_its_lines_and_loses_only_their_ends() -> None:
    kind = Prose()
    assert kind.read("  FIRST. \r\nSECOND\t\r\rFOURTH/X \n", TODAY) == "FIRST.\nSECOND\n\nFOURTH/X"
    assert kind.read("A\tB\xa0C", TODAY) == "A B C"
    assert kind.read("e\u0301", TODAY) == "é"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("A" * 4001, "is longer than 4000 characters"),
        ("A\n" * 50 + "A", "has more than 50 lines"),
        ("A\x07", "holds a character that cannot be printed"),
        ("A\u202eB", "holds a character that cannot be printed"),
        ("A\ud800", "holds a character that cannot be printed"),
        ("A" + "\u0301" * 31, "holds more than 30 accents on one letter"),
    ],
)
def test_prose_has_limits(text: str, reason: str) -> None:
    assert Prose().read(text, TODAY) == Bad(reason)


def test_a_number_is_stored_as_one_and_written_with_its_digits() -> None:
    kind = Number(low=1, high=250, width=3)
    assert kind.read("7", TODAY) == "007"
    assert kind.store("007") == 7
    assert kind.load(7) == "007"
    assert kind.show("007") == "7"
    for text in ("0", "251", "-1", "١", "1e2", "9" * 10, "0x1"):
        assert kind.read(text, TODAY) == Bad("is not a number from 1 to 250")


def test_a_code_is_shown_with_its_meaning_and_said_without_its_code() -> None:
    state = Code(table="state")
    assert state.read(" ca ", TODAY) == "CA"
    assert state.show("CA") == "CA California"
    assert state.say("NM") == "New Mexico"
    assert state.say("DC") == "District of Columbia, Washington"
    assert state.say("CD") == "Canada", "without the table's remarks"
    assert Code(table="boat_make").say("BIY") == "Bayliner Marine"
    assert Code(table="caution").show("00") == "00 Armed and dangerous"
    assert state.show("??") == state.say("??") == "??", "an old record is shown whatever it holds"


def test_a_code_that_has_ended_is_refused_today_and_never_invented(monkeypatch: pytest.MonkeyPatch) -> None:
    from wireroom.catalog import kinds, tables

    rows = {
        "OLD": tables.Row("OLD", "GONE", "", "20201231"),
        "NEW": tables.Row("NEW", "HERE", "20210101", ""),
    }
    monkeypatch.setattr(kinds, "table", lambda name: rows)
    monkeypatch.setattr(tables, "table", lambda name: rows)
    tables.choices.cache_clear()
    try:
        kind = Code(table="dated_for_the_test")
        assert kind.read("OLD", TODAY) == Bad(
            "is a code of the table dated_for_the_test that is not in use today"
        )
        assert kind.read("OLD", date(2020, 12, 31)) == "OLD"
        assert isinstance(kind.read("NEW", date(2020, 12, 31)), Bad)
        assert {kind.invent(Random(seed), TODAY) for seed in range(20)} == {"NEW"}
    finally:
        tables.choices.cache_clear()


def test_what_a_kind_must_do_is_named() -> None:
    kind = Kind()
    acts: list[Callable[[], object]] = [
        lambda: kind.read("", TODAY),
        lambda: kind.invent(Random(1), TODAY),
        lambda: kind.words,
    ]
    for act in acts:
        with pytest.raises(NotImplementedError):
            act()
    assert kind.identifies == ""
    assert kind.length_max == TEXT_MAX
    assert Plate().identifies == "LIC"
