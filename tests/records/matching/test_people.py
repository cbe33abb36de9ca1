"""Claims about the search for people: who is on file is found whatever his name, in no order, and at a bounded cost."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.records.matching.conftest import CROWD
from tests.records.matching.index import FILE, Index, invented, opened
from wireroom.records.matching.evidence import POSSIBLE, STRONG, WIDE
from wireroom.records.matching.keeping import Called, Kept, called
from wireroom.records.matching.people import People
from wireroom.records.matching.probing import Sought

pytestmark = pytest.mark.anyio
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DOB = 19840507
DAYS = st.dates(date(1930, 1, 1), date(2009, 12, 31)).map(lambda day: int(f"{day:%Y%m%d}"))
WORDS = st.one_of(
    st.text(LETTERS, min_size=1, max_size=12),
    st.sampled_from(
        ["DE", "LA", "DE LA", "DEL", "VAN DER", "VON", "O'", "O", "MC", "MAC", "AL", "AL-", "ABU", "BIN", "ST", "SAINT",
         "JR", "SR", "II", "III", "IV", "V", "Y", "E", "A", "J", "SMITH", "GARCIA", "NGUYEN", "LI", "MOHAMMED", "MARIA"]
    ),
)  # fmt: skip
NAMES = st.lists(WORDS, min_size=1, max_size=4).flatmap(
    lambda words: st.sampled_from(" -'").map(lambda mark: mark.join(words))
)
PEOPLE = st.builds(
    lambda last, first, middle, dob, sex: called(last, first, middle, dob=dob, sex=sex),
    NAMES, NAMES, st.one_of(st.just(""), NAMES), DAYS, st.sampled_from(["", "M", "F"]),
)  # fmt: skip


@pytest.fixture(scope="module")
async def other_crowd(crowd_database: str, crowd: Index, anyio_backend: object) -> AsyncIterator[Index]:
    """Another process at the crowd's index."""
    async with opened(crowd_database) as index:
        yield index


# --------------------------------------------------------------------------- who is on file is found


@given(person=PEOPLE)
async def test_a_record_is_found_by_its_exact_data_whatever_the_name(
    crowd: Index, other_crowd: Index, person: Called
) -> None:
    record = await crowd.enter(person)
    try:
        for process in (crowd, other_crowd):
            assert record in await process.found(person, from_bits=STRONG), person
    finally:
        await crowd.forget(record)


@settings(max_examples=40)
@example(person=called("A", "A", "JR A", dob=20000101))
@given(person=PEOPLE)
async def test_without_a_birth_date_it_is_found_or_counted_among_its_namesakes(
    crowd: Index, person: Called
) -> None:
    record = await crowd.enter(person)
    try:
        asked = Called(person.name)  # written out again, "JR" among the given names would be read as a suffix
        [matches] = await crowd.search(asked)
        assert record in {match.record for match in matches.found} or matches.namesakes
    finally:
        await crowd.forget(record)


@pytest.mark.parametrize(
    ("last", "first"), [("O", "KIM"), ("O", "J"), ("U", "A"), ("JR", "BOB"), ("DE", "LA"), ("E", "II")]
)
async def test_names_of_a_letter_or_of_particles_are_names(crowd: Index, last: str, first: str) -> None:
    record = await crowd.enter(called(last, first, dob=DOB))
    match = (await crowd.found(called(last, first, dob=DOB), from_bits=STRONG)).get(record)
    await crowd.forget(record)
    assert match is not None
    assert not any("differs" in line.text for line in match.lines)


async def test_many_of_one_name_and_birth_date_are_shown_or_counted_but_never_silent(index: Index) -> None:
    twin = called("TESTER", "TOM", dob=19800101)
    await index.enter_all([twin] * 300)
    for _ in range(2):
        [matches] = await index.search(twin, from_bits=POSSIBLE)
        assert len(matches.namesakes) == 300
        await index.count()


async def test_a_common_name_is_found_by_each_of_its_birth_dates(index: Index) -> None:
    records = await index.enter_all(
        [called("TESTER", "TOM", dob=19000101 + year * 10_000) for year in range(100)]
    )
    await index.count()
    for year, record in enumerate(records):
        found = await index.found(called("TESTER", "TOM", dob=19000101 + year * 10_000), from_bits=POSSIBLE)
        assert next(iter(found)) == record


# --------------------------------------------------------------------------- any writing


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        (("O'BRIEN", "MARIA"), [("OBRIEN", "MARIA"), ("O BRIEN", "MARIA"), ("O-Brien", "maría"), ("O’BRIEN", "MARIA")]),
        (("D'ANGELO", "ZOE"), [("DANGELO", "ZOË"), ("D ANGELO", "ZOE"), ("D-ANGELO", "ZOE"), ("D´ANGELO", "ZOE")]),
        (("DE LA CRUZ", "JOSE"), [("DELACRUZ", "JOSÉ"), ("DELA CRUZ", "JOSE"), ("de-la-Cruz", "Jose")]),
        (("DE LA CRUZ", "JOSE"), [("DE LACRUZ", "JOSE"), ("De la Cruz", "José")]),
        (("GARCIA LOPEZ", "ANA"), [("GARCIA-LOPEZ", "ANA"), ("García López", "Ana"), ("GARCIALOPEZ", "ANA")]),
        (("SMITH", "MARY ANN"), [("SMITH", "MARY-ANN"), ("SMITH", "MARYANN"), ("smith", "Mary  Ann")]),
        (("MÜLLER", "JÖRG"), [("MULLER", "JORG"), ("müller", "jörg"), ("MU\u0308LLER", "JO\u0308RG")]),
        (("AL-HASSAN", "ALI"), [("ALHASSAN", "ALI"), ("AL HASSAN", "ALI"), ("HASSAN", "ALI")]),
        (("ŁUKASZEWSKI", "PAWEŁ"), [("LUKASZEWSKI", "PAWEL"), ("Łukaszewski", "Paweł")]),
    ],
)  # fmt: skip
async def test_writings_of_one_name_find_one_record(
    crowd: Index, held: tuple[str, str], asked: list[tuple[str, str]]
) -> None:
    record = await crowd.enter(called(*held, dob=DOB))
    try:
        for writing in (held, *asked):
            found = await crowd.found(called(*writing, dob=DOB), from_bits=STRONG)
            assert next(iter(found), None) == record, writing
    finally:
        await crowd.forget(record)


@settings(max_examples=60)
@given(last=st.text(LETTERS, min_size=4, max_size=12), first=st.text(LETTERS, min_size=4, max_size=10),
       place=st.integers(1, 3), mark=st.sampled_from(["'", "’", "-", " ", "\u0301"]))  # fmt: skip
async def test_a_mark_within_a_name_hides_nobody(
    crowd: Index, last: str, first: str, place: int, mark: str
) -> None:
    record = await crowd.enter(called(last, first, dob=DOB))
    try:
        written = last[:place] + mark + last[place:]
        for one in (written, unicodedata.normalize("NFC", written), written.lower()):
            assert record in await crowd.found(called(one, first, dob=DOB), from_bits=POSSIBLE), (one, first)
    finally:
        await crowd.forget(record)


@settings(max_examples=60)
@given(last=st.text(max_size=40), first=st.text(max_size=40), middle=st.text(max_size=20), suffix=st.text(max_size=4),
       dob=st.one_of(st.just(0), DAYS, st.integers(0, 99_999_999)), sex=st.text(max_size=1))  # fmt: skip
async def test_any_unicode_may_be_entered_and_asked(
    crowd: Index, last: str, first: str, middle: str, suffix: str, dob: int, sex: str
) -> None:
    person = called(last, first, middle, suffix, dob=dob, sex=sex)
    record = await crowd.enter(person)
    try:
        [matches] = await crowd.search(person)
        if person.name.last and person.name.given and person.dob:
            assert record in {match.record for match in matches.found} or matches.namesakes
    finally:
        await crowd.forget(record)


# --------------------------------------------------------------------------- no order, no trace


async def test_the_order_of_insertion_does_not_matter(index: Index, elsewhere: Index) -> None:
    several = list(enumerate(invented(700, seed=5)))
    for process, order in ((index, several), (elsewhere, several[::-1])):
        for begin in range(0, len(order), 100):
            await process.keep(*(Kept(FILE, False, n, (one,)) for n, one in order[begin : begin + 100]))
        await process.count()
    for _, person in several[::9]:
        for asked in (
            person,
            Called(person.name),
            called(person.name.last[0][:-1] + "X", person.name.given[0], dob=DOB),
        ):
            one, other = [
                {record: round(match.bits, 6) for record, match in (await process.found(asked)).items()}
                for process in (index, elsewhere)
            ]
            assert one == other


@settings(max_examples=8)
@given(several=st.lists(PEOPLE, min_size=1, max_size=5))
async def test_deleting_leaves_no_trace(crowd: Index, several: list[Called]) -> None:
    await crowd.count()
    before = await crowd.rows()
    await crowd.forget(await crowd.enter(*several))
    for _ in range(2):
        await crowd.count()
    assert await crowd.rows() == before


async def test_one_search_of_a_batch_does_not_change_another(crowd: Index) -> None:
    people = invented(CROWD)[:60]
    together = await crowd.search(*people)
    for person, matches in zip(people, together, strict=True):
        assert await crowd.search(person) == [matches]


async def test_a_process_that_has_asked_before_answers_as_a_new_one(crowd: Index) -> None:
    people = [*invented(CROWD)[:20], *invented(20, seed=9)]
    record = await crowd.enter(people[0])
    old = await crowd.search(*people)
    held, crowd.people = crowd.people, People()
    new = await crowd.search(*people)
    crowd.people = held
    await crowd.forget(record)
    assert [[m.record for m in one.found] for one in old] == [[m.record for m in one.found] for one in new]


# --------------------------------------------------------------------------- what the evidence says


async def test_the_evidence_of_a_match_adds_up_to_its_strength(crowd: Index) -> None:
    for matches in await crowd.search(*invented(CROWD)[:40]):
        assert matches.found
        for match in matches.found:
            assert sum(line.bits for line in match.lines) == pytest.approx(match.bits)
            assert match.bits >= WIDE
        assert [m.bits for m in matches.found] == sorted((m.bits for m in matches.found), reverse=True)


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        (called("WALKERSON", "KIMBERLY", dob=DOB), called("WALKERSAN", "KIMBERLY", dob=DOB)),
        (called("WALKERSON", "KIMBERLY", dob=DOB), called("WALKERSON", "KIMBERLI", dob=DOB)),
        (called("WALKERSON", "KIMBERLY", dob=DOB), called("WALKERSON", "KIMBERLY", dob=19850507)),
        (called("WALKERSON", "KIMBERLY", dob=DOB), called("KIMBERLY", "WALKERSON", dob=DOB)),
        (called("WALKERSON", "KIMBERLY", dob=DOB, sex="F"), called("WALKERSON", "KIMBERLY", dob=DOB, sex="M")),
        (called("WALKERSON", "KIMBERLY", "", "JR", dob=DOB), called("WALKERSON", "KIMBERLY", "", "SR", dob=DOB)),
        (called("WALKERSON", "KIMBERLY", "ZOE", dob=DOB), called("WALKERSON", "KIMBERLY", "ANN", dob=DOB)),
        (called("WALKERSON", "KIMBERLY", dob=DOB), called("EXAMPLE", "KIMBERLY", dob=DOB)),
        (called("WALKERSON", "KIMBERLY", dob=DOB), called("WALKERSON", "OLGA", dob=DOB)),
    ],
)  # fmt: skip
async def test_who_agrees_in_more_stands_first(crowd: Index, nearer: Called, farther: Called) -> None:
    records = await crowd.enter(farther), await crowd.enter(nearer)
    found = await crowd.found(nearer, from_bits=-30)
    await crowd.forget(*records)
    assert next(iter(found)) == records[1]


async def test_a_record_that_a_number_has_reached_is_weighed_though_its_name_differs(crowd: Index) -> None:
    record = await crowd.enter(called("WALKERSON", "KIMBERLY", dob=DOB))
    async with crowd.line.transaction():
        await crowd.people.refresh(crowd.line)
        book = crowd.people.books.number(FILE, False)
        asked = called("EXAMPLE", "TOMAS", dob=19510913)
        [matches] = await crowd.people.search(crowd.line, [Sought(asked, (book,), reached=((book, record),))])
    await crowd.forget(record)
    [match] = [match for match in matches.found if match.record == record]
    assert match.bits < WIDE
    assert {line.text for line in match.lines} >= {
        "last name differs",
        "first name differs",
        "birth date another date",
    }


async def test_without_any_name_or_any_file_nothing_is_found(crowd: Index) -> None:
    assert await crowd.found(called("", "", dob=DOB)) == {}
    assert await crowd.found(called("WALKERSON", "KIMBERLY", dob=DOB), file="nothing") == {}
    assert await crowd.search() == []
