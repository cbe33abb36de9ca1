"""Claims about the words of an order: every kind and term has them, in both languages, and no record breaks them."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.records.orders.papers import AT, order, wall
from tests.records.orders.specimens import GOLDEN, SPECIMENS, told
from wireroom.catalog.courts.kinds import kinds
from wireroom.catalog.tables import choices
from wireroom.records.orders import words
from wireroom.records.orders.enforcing import conditions_in_words, enforceable, terms
from wireroom.records.orders.words import Language, language, languages, short


@pytest.mark.parametrize("kind", SPECIMENS)
def test_an_order_of_every_kind_is_told_as_it_was_read_aloud(kind: str) -> None:
    """python -m tests.records.orders.specimens writes the texts anew."""
    assert told(kind) == (GOLDEN / f"{kind.lower()}.txt").read_text(encoding="utf-8")


def test_there_is_a_text_of_every_kind_and_of_no_other() -> None:
    assert set(SPECIMENS) == set(choices("order_type")) == set(kinds())
    assert {path.stem.upper() for path in GOLDEN.iterdir()} == set(SPECIMENS)


@pytest.mark.parametrize("code", languages())
def test_every_kind_condition_and_place_has_words(code: str) -> None:
    said = language(code)
    assert set(said.kinds) == set(choices("order_type"))
    assert set(said.conditions) == set(short().conditions) == set(choices("order_condition"))
    assert {*said.places, *said.theirs} == set(short().places) == set(choices("stay_away"))
    assert len(said.months) == 12


def test_both_languages_say_the_same_things() -> None:
    english, spanish = language("en"), language("es")
    assert set(english.say) == set(spanish.say)
    for one, other in zip(_texts(english), _texts(spanish), strict=True):
        assert _slots(one) == _slots(other), (one, other)


def _texts(said: Language) -> Iterator[str]:
    for group in (said.conditions, said.places, said.theirs, said.say, said.kinds):
        yield from (group[key] for key in sorted(group))


def _slots(text: str) -> set[str]:
    return {slot for _, slot, _, _ in string.Formatter().parse(text) if slot}


def test_every_sentence_is_read_out_in_one_of_the_texts() -> None:
    """But those of an order without words for whom it protects, and of one that begins on a whole day."""
    read = "".join(path.read_text(encoding="utf-8") for path in GOLDEN.iterdir())
    for code in languages():
        for name, text in language(code).say.items():
            longest = max(re.split(r"\{\w+\}", text), key=len)
            assert longest in read or name == "starts_day", (code, name)


def test_spanish_sentences_begin_with_a_capital_and_end_with_a_period() -> None:
    for kind in SPECIMENS:
        for part in (GOLDEN / f"{kind.lower()}.txt").read_text(encoding="utf-8").split("\n\n")[1:]:
            for line in part.splitlines():
                assert re.match(r"[A-ZÁÉÍÓÚ]", line), line
                assert re.search(r"[^.]\.$", line), line
                assert not re.search(r"[{}]|  ", line), line


def test_what_is_over_or_to_come_gives_an_officer_nothing_to_enforce() -> None:
    assert enforceable(order(EXP="20261119"), AT) == ("NOTHING: THE ORDER IS OVER",)
    assert enforceable(order(status="cancelled", EXP="20261119"), wall("20320101 0000")) == (
        "NOTHING: THE ORDER IS OVER",
    )
    assert enforceable(order(EFD="20261201", EFT="0800"), AT) == (
        "NOTHING YET: IN FORCE FROM 20261201 0800 PST",
    )
    assert enforceable(order(TYO="TRO", EXP="20261119", HRD="20261124", HRT="0830"), AT) == (
        "NOTHING NOW: IT RAN OUT, AND ITS HEARING IS 20261124 0830 PST",
    )


def test_lines_for_the_largest_type_are_short_and_in_capitals() -> None:
    """But for what the court wrote in its own words."""
    for kind in SPECIMENS:
        lines = (GOLDEN / f"{kind.lower()}.txt").read_text(encoding="utf-8").split("\n\n")[0].splitlines()
        assert all(line == line.upper() for line in lines)
        assert all(len(line) <= 76 for line in lines if not line.startswith(("ALSO:", "CHILDREN:")))


def test_firearms_are_due_a_day_after_service_and_the_receipt_two_days_after() -> None:
    served = {"SVC": "1", "SVD": "20261119", "SVT": "1201", "SVM": "P"}
    lines = enforceable(order(1, "active", **served), AT)
    assert "FIREARMS DUE BY 20261120 1201 PST, RECEIPT BY 20261121 1201 PST" in lines
    late = "FIREARMS WERE DUE BY 20261120 1201 PST: NOT ON FILE THAT THEY WERE GIVEN UP"
    assert late in enforceable(order(1, "active", **served), wall("20261120 1201"))
    given_up = order(1, "active", RLD="20261120", **served)
    assert not any("DUE" in line for line in enforceable(given_up, wall("20261121 1200")))
    assert "RECEIPT WAS DUE BY 20261121 1201 PST: NOT ON FILE" in enforceable(given_up, wall("20261121 1201"))
    assert not any(
        "DUE" in line for line in enforceable(order(1, "active", FRA="N", **served), wall("20261201 0000"))
    )
    on_a_day = order(SVC="1", SVD="20261119")
    assert "FIREARMS DUE BY 20261121 0000 PST, RECEIPT BY 20261122 0000 PST" in enforceable(on_a_day, AT)


def test_an_order_that_bars_no_firearms_says_nothing_of_them() -> None:
    one = order(TYO="EAF", PCO=("08",), MIS="STAY OFF THE ACCOUNTS")
    said = " ".join((*enforceable(one, AT), *terms(one, "en"))).upper()
    assert "FIREARM" not in said
    assert "GUN" not in said
    barred = order(TYO="EAF", FRP="Y")
    assert "NO FIREARMS, NO AMMUNITION" in enforceable(barred, AT)


def test_nobody_is_sent_to_a_hearing_that_was_held() -> None:
    def hearing(at: str = "", **values: str) -> bool:
        said = terms(order(1, "active", **values), "en", at=wall(at) if at else None)
        return any("hearing on" in line or "hearing at" in line for line in said)

    assert not hearing(HRD="20261102"), "the order was made there"
    assert hearing(HRD="20261125", HRT="0830")
    assert hearing("20261125 0829", HRD="20261125", HRT="0830")
    assert not hearing("20261125 0830", HRD="20261125", HRT="0830")
    assert hearing("20261125 2359", HRD="20261125")


def test_nobody_is_told_the_terms_of_an_order_that_is_over() -> None:
    one = order(EXP="20261120", EXT="1201")
    assert terms(one, "en", at=AT) == terms(one, "en")
    assert terms(one, "es", at=wall("20261120 1201")) == ()


def test_the_remarks_are_read_out_only_where_the_order_points_to_them() -> None:
    """What else stands there may be an address that the restrained person does not know."""
    assert not any("HIDDEN" in line for line in terms(order(MIS="HIDDEN PLACE"), "en"))
    assert any("HIDDEN" in line for line in terms(order(MIS="HIDDEN PLACE", STY="OTHER 50"), "en"))
    assert any("NO GIFTS" in line for line in terms(order(MIS="NO GIFTS", PCO=("01", "08")), "es"))


def test_conditions_stand_in_words_one_for_each() -> None:
    every = order(PCO=choices("order_condition"), MIS="NO GIFTS")
    for code in languages():
        assert len(set(conditions_in_words(every, code))) == len(choices("order_condition"))
    assert conditions_in_words(order(PCO=("05", "01")))[0].startswith(
        "You must not contact the protected person"
    )
    with pytest.raises(KeyError):
        terms(every, "fr")


@pytest.mark.parametrize(
    ("names", "spanish"),
    [
        (["ANA", "IRENE"], "ANA e IRENE"), (["ANA", "HILDA"], "ANA e HILDA"), (["ANA", "HIELO"], "ANA y HIELO"),
        (["ANA", "YOLANDA"], "ANA y YOLANDA"), (["ANA", "LUZ", "IÑIGO"], "ANA, LUZ e IÑIGO"),
        (["ANA"], "ANA"), ([], ""), (["ANA", "IAN"], "ANA y IAN"),
    ],
)  # fmt: skip
def test_spanish_says_e_before_the_sound_of_i(names: list[str], spanish: str) -> None:
    assert language("es").listed(names) == spanish


@pytest.mark.parametrize(
    ("hour", "english", "spanish"),
    [
        ("0000", "12:00 a.m.", "las 12:00 a. m."), ("0030", "12:30 a.m.", "las 12:30 a. m."),
        ("0100", "1:00 a.m.", "la 1:00 a. m."), ("1200", "12 noon", "las 12:00 del mediodía"),
        ("1259", "12:59 p.m.", "las 12:59 p. m."), ("1305", "1:05 p.m.", "la 1:05 p. m."),
        ("2359", "11:59 p.m.", "las 11:59 p. m."),
    ],
)  # fmt: skip
def test_hours_are_told_as_people_say_them(hour: str, english: str, spanish: str) -> None:
    assert language("en").spoken_hour(hour) == english
    assert language("es").spoken_hour(hour) == spanish


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=60), st.text(max_size=60), st.text(max_size=30), st.sampled_from(sorted(SPECIMENS)),
    st.sampled_from(languages()),
)  # fmt: skip
def test_no_value_of_a_record_breaks_the_text(
    name: str, text: str, number: str, kind: str, code: str
) -> None:
    """Braces, line ends, quotes: every sentence stays one line, and there are as many as of a plain record."""
    plain = order(TYO=kind, PCO=("01", "08"), MIS="A", CUS="A", PNO="A", DPT="A", STY="OTHER 5")
    strange = order(
        TYO=kind, PCO=("01", "08"), MIS=f"A{text}", CUS=f"A{text}", PNO=f"A{number}", DPT=f"A{number}", STY="OTHER 5",
        NAM=f"O'NEIL, X{name}", PPN=f"SMITH-O'NEIL, X{name.replace(';', '')};F",
    )  # fmt: skip
    assert len(terms(strange, code)) == len(terms(plain, code))
    assert len(enforceable(strange, AT)) == len(enforceable(plain, AT))
    for line in (*terms(strange, code), *enforceable(strange, AT)):
        assert line.isprintable(), line
        assert line == " ".join(line.split())


def test_names_are_said_with_the_first_name_first() -> None:
    assert words.spoken_name("O'NEIL-SMITH, MARY ANN JR") == "MARY ANN O'NEIL-SMITH JR"
    assert words.spoken_name("{0}, {X}") == "{X} {0}"
