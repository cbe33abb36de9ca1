"""Claims about the published rules: what is found follows from the words of the rule, and from nothing else."""

from __future__ import annotations

import pytest

from tests.records.matching.index import FILE, Index
from wireroom.records.matching.keeping import Called, called
from wireroom.records.matching.probing import Sought
from wireroom.records.matching.published import Rule, search_published

pytestmark = pytest.mark.anyio
JANE = called("TESTCASE", "JANE", "QUINN", dob=19840507, sex="F")


async def by(index: Index, rule: Rule, *wanted: Called, test: bool = False) -> list[list[int]]:
    """The records found of each person asked, by a rule."""
    async with index.line.transaction():
        await index.people.refresh(index.line)
        books = tuple(filter(None, (index.people.books.number(FILE, test),)))
        matches = await search_published(
            index.line, index.people, rule, [Sought(one, books) for one in wanted]
        )
    return [[match.record for match in several.found] for several in matches]


@pytest.mark.parametrize(
    ("last", "first", "dob", "sex", "hot", "history"),
    [
        ("TESTCASE", "JANE", 19840507, "F", True, True),
        ("TESTKASE", "JOAN", 19840507, "", True, True),  # same sound, same initial
        ("TESTCASE", "J", 19840507, "", True, True),
        ("TESTCASE", "MARY", 19840507, "", False, False),
        ("EXAMPLE", "JANE", 19840507, "", False, False),
        ("TESTCASE", "JANE", 19840508, "", False, False),
        ("TESTCASE", "JANE", 19840705, "", False, False),
        ("TESTCASE", "JANE", 19850507, "", False, True),
        ("TESTCASE", "JANE", 19810507, "", False, True),
        ("TESTCASE", "JANE", 19880507, "", False, False),
        ("TESTCASE", "JANE", 19840507, "M", True, False),
        ("JANE", "TESTCASE", 19840507, "", False, False),
        ("TESTCASE", "JANE", 0, "", True, True),  # without a birth date the whole name
        ("TESTKASE", "JANE", 0, "", False, False),
        ("TESTCASE", "J", 0, "", False, False),
        ("", "", 0, "", False, False),
    ],
)
async def test_a_rule_finds_just_what_it_says(
    index: Index, last: str, first: str, dob: int, sex: str, hot: bool, history: bool
) -> None:
    record = await index.enter(JANE)
    asked = called(last, first, dob=dob, sex=sex)
    assert await by(index, Rule.NCIC, asked) == [[record] * hot]
    assert await by(index, Rule.III, asked) == [[record] * history]


async def test_every_rule_says_so_and_none_is_stronger_than_another(index: Index) -> None:
    await index.enter(JANE)
    async with index.line.transaction():
        await index.people.refresh(index.line)
        book = index.people.books.number(FILE, False)
        for rule, words in ((Rule.NCIC, "birth date exact"), (Rule.III, "within 3 years")):
            [matches] = await search_published(index.line, index.people, rule, [Sought(JANE, (book,))])
            [line] = matches.found[0].lines
            assert words in line.text
            assert line.bits == matches.found[0].bits == 0.0


async def test_a_batch_has_each_its_own_answer_and_a_record_stands_once(index: Index) -> None:
    record = await index.enter(JANE, called("TESTKASE", "JO", dob=19840507))
    other = await index.enter(called("EXAMPLE", "OLGA", dob=19840507))
    wanted = (JANE, called("EXAMPLE", "OLGA", dob=19840507), called("SPECIMEN", "TOM", dob=19840507), JANE)
    assert await by(index, Rule.NCIC, *wanted) == [[record], [other], [], [record]]


async def test_training_and_other_files_are_apart(index: Index) -> None:
    await index.enter(JANE, test=True)
    await index.enter(JANE, file="licence")
    assert await by(index, Rule.NCIC, JANE) == [[]]


async def test_a_leap_day_is_looked_for_in_leap_years_alone(index: Index) -> None:
    record = await index.enter(called("TESTCASE", "JANE", dob=19840229))
    assert await by(index, Rule.III, called("TESTCASE", "JANE", dob=19840229)) == [[record]]
