"""Claims about evidence: what agrees speaks for, what differs against, and each line says in words what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireroom.records.matching.dates import Almanac, even_calendar
from wireroom.records.matching.evidence import (
    Line,
    Recorded,
    Weighed,
    asked_for,
    explained,
    odds,
    size_bits,
    weigh,
)
from wireroom.records.matching.keeping import Called, called
from wireroom.records.matching.likeness import Likenesses
from wireroom.records.matching.vocabulary import Vocabulary

ALMANAC = Almanac(even_calendar())
TOKENS = ("WALKERSON", "WALKERSEN", "KIMBERLY", "OLGA", "ZOE", "ANN", "MARY", "DELACRUZ", "CRUZ", "EXAMPLE",
          "LOPEZ", "K", "Z", "O", "MARYANN", "JOSE")  # fmt: skip
NUMBERS = {token: number for number, token in enumerate(TOKENS, 1)}
VOCABULARY = Vocabulary()
VOCABULARY.add([(number, token, 1, 1) for token, number in NUMBERS.items()])
LIKENESSES = Likenesses(VOCABULARY)
LIKENESSES.recount()
DOB = 19840507
KIM = called("WALKERSON", "KIMBERLY", "ZOE", dob=DOB, sex="F")


def weighed(asked: Called, held: Called) -> Weighed:
    last, given_names = (
        tuple(NUMBERS.get(t, 99) for t in names) for names in (held.name.last, held.name.given)
    )
    recorded = Recorded(1, 1, 0, last, given_names, held.name.suffix, held.dob, held.sex)
    text_of = {number: token for token, number in NUMBERS.items()}
    return weigh(asked_for(asked.name, ALMANAC.dates(asked.dob), asked.sex, LIKENESSES), recorded, text_of)


@pytest.mark.parametrize(
    ("held", "words", "speaks_for"),
    [
        (KIM, "last name exact", True),
        (KIM, "first name exact", True),
        (KIM, "middle name exact", True),
        (KIM, "birth date exact", True),
        (KIM, "sex agrees", True),
        (called("WALKERSEN", "KIMBERLY", dob=DOB), "last name one letter off, sounds alike", True),
        (called("EXAMPLE", "KIMBERLY", dob=DOB), "last name differs", False),
        (called("WALKERSON", "OLGA", dob=DOB), "first name differs", False),
        (called("WALKERSON", "K", dob=DOB), "first initial agrees", True),
        (called("WALKERSON", "O", dob=DOB), "first initial differs", False),
        (called("WALKERSON", "KIMBERLY", "Z", dob=DOB), "middle initial agrees", True),
        (called("WALKERSON", "KIMBERLY", "O", dob=DOB), "middle initial differs", False),
        (called("WALKERSON", "KIMBERLY", "ANN", dob=DOB), "middle name differs", False),
        (called("WALKERSON", "ZOE", dob=DOB), "first name with a middle name, exact", True),
        (called("KIMBERLY", "WALKERSON", dob=DOB), "last and first name in each other's place", False),
        (called("WALKERSON LOPEZ", "KIMBERLY", dob=DOB), "one has a second last name", False),
        (called("WALKERSON", "KIMBERLY", "", "JR", dob=DOB), "JR on one side only", False),
        (called("WALKERSON", "KIMBERLY", dob=DOB, sex="M"), "sex differs", False),
        (called("WALKERSON", "KIMBERLY", dob=19840705), "birth date day and month swapped", True),
        (called("WALKERSON", "KIMBERLY", dob=19510913), "birth date another date", False),
    ],
)
def test_each_piece_of_evidence_has_its_words_and_its_side(
    held: Called, words: str, speaks_for: bool
) -> None:
    [line] = [line for line in weighed(KIM, held).lines if line.text == words]
    assert (line.bits > 0) is speaks_for


@pytest.mark.parametrize(
    ("asked", "held", "words"),
    [
        (called("WALKERSON LOPEZ", "ZOE"), called("WALKERSON LOPEZ", "ZOE"), "second last name agrees"),
        (called("WALKERSON LOPEZ", "ZOE"), called("WALKERSON EXAMPLE", "ZOE"), "second last names differ"),
        (called("CRUZ", "ZOE"), called("DELACRUZ", "ZOE"), "last name with or without its particle"),
        (called("WALKERSON", "MARY ANN"), called("WALKERSON", "MARYANN"), "first name joined or split"),
        (called("LOPEZ", "ZOE", "", "JR"), called("LOPEZ", "ZOE", "", "JR"), "JR on both"),
        (called("LOPEZ", "ZOE", "", "JR"), called("LOPEZ", "ZOE", "", "SR"), "JR against SR"),
        (called("LOPEZ", "ZOE", "", "JR"), called("LOPEZ", "ZOE", "", "II"), "JR and II"),
    ],
)
def test_second_names_particles_and_suffixes_are_evidence_too(
    asked: Called, held: Called, words: str
) -> None:
    assert words in [line.text for line in weighed(asked, held).lines]


def test_what_is_not_known_on_either_side_is_not_said() -> None:
    for asked, held in ((KIM, called("WALKERSON", "KIMBERLY")), (called("WALKERSON", "KIMBERLY"), KIM)):
        assert [line.text for line in weighed(asked, held).lines] == ["last name exact", "first name exact"]


def test_only_name_and_birth_date_as_asked_are_exact() -> None:
    assert weighed(KIM, KIM).exact
    for held in (called("WALKERSEN", "KIMBERLY", dob=DOB), called("WALKERSON", "KIMBERLY", dob=19840508),
                 called("WALKERSON", "OLGA", dob=DOB)):  # fmt: skip
        assert not weighed(KIM, held).exact


@pytest.mark.parametrize(
    "held", [called("WALKERSON", "OLGA", dob=DOB), called("WALKERSON", "KIMBERLY", dob=19510913)]
)
def test_a_relative_would_fit_as_well_so_neither_is_ever_sure(held: Called) -> None:
    ceiling = weighed(KIM, held).ceiling
    assert ceiling is not None
    assert ceiling.bits < 0
    assert weighed(KIM, KIM).ceiling is None


NAMES = st.lists(st.sampled_from(TOKENS), min_size=0, max_size=3).map(" ".join)
ANYBODY = st.builds(
    lambda last, given, suffix, dob, sex: called(last, given, "", suffix, dob=dob, sex=sex),
    NAMES, NAMES, st.sampled_from(["", "JR", "SR", "II"]), st.sampled_from([0, DOB, 19840705, 19510913]),
    st.sampled_from(["", "M", "F"]),
)  # fmt: skip


@given(ANYBODY, ANYBODY)
def test_the_lines_add_up_whoever_is_weighed_against_whom(asked: Called, held: Called) -> None:
    result = weighed(asked, held)
    assert sum(line.bits for line in result.lines) == pytest.approx(result.bits)
    if asked == held and all(token in NUMBERS for token in (*held.name.last, *held.name.given)):
        assert not any(line.text in ("last name differs", "first name differs") for line in result.lines)


@pytest.mark.parametrize(
    ("bits", "words"),
    [(0.0, "about 1 in 2"), (2.3, "about 5 in 6"), (4.0, "about 16 in 17"), (-4.0, "about 1 in 17"),
     (12.0, "more than 999 in 1,000"), (-12.0, "less than 1 in 1,000"), (-900.0, "less than 1 in 1,000")],
)  # fmt: skip
def test_a_strength_is_told_in_words(bits: float, words: str) -> None:
    assert odds(bits) == words


def test_the_evidence_is_told_in_one_line() -> None:
    lines = (Line("last name one letter off", 7.1), Line("JR and II", 0.0), Line("size of the file", -9.44))
    assert explained(lines, -2.34) == (
        "last name one letter off +7.1; JR and II; size of the file -9.4 = -2.3: about 1 in 6"
    )
    assert explained((Line("surname by sound", 0.0),), 0.0) == "surname by sound"


def test_a_larger_file_costs_more_and_a_small_one_no_less_than_the_least() -> None:
    assert (
        size_bits(50_000_000)
        < size_bits(5_000_000)
        < size_bits(1_000_000)
        <= size_bits(10)
        == size_bits(0)
        < 0
    )
