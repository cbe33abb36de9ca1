"""Claims about labelled search sets: a seed repeats, shares are as said, labels tell the truth, nobody is in them."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from itertools import chain, pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from wireroom.app.cli_labelled import labelled
from wireroom.lab.crowd import BLOCK, Crowd, Person
from wireroom.lab.mistakes import DATE_MISTAKES, MISTAKES, surname_lost
from wireroom.lab.naming import ON_DAY, ORIGINS, RARE_SURNAMES, census, makers
from wireroom.lab.origins import GIVEN_SHARES, GROUPS, SHARES
from wireroom.lab.rare import TAIL_SHARES, rare_surnames
from wireroom.lab.search_set import PEOPLE_COLUMNS, QUERY_COLUMNS, LabelledSet, Query

PEOPLE = 60_000
QUERIES = 6_000


@pytest.fixture(scope="module")
def stress() -> LabelledSet:
    return LabelledSet(PEOPLE, 7)


@pytest.fixture(scope="module")
def people(stress: LabelledSet) -> list[Person]:
    return list(stress.people_rows())


@pytest.fixture(scope="module")
def queries(stress: LabelledSet) -> list[Query]:
    return list(stress.queries(QUERIES, ssn_share=0.5))


def share(some: int, of: int) -> float:
    return some / of


# --------------------------------------------------------------------------- the same again


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), people=st.integers(1, 400), count=st.integers(0, 30))
def test_a_seed_repeats_exactly(seed: int, people: int, count: int) -> None:
    one, other = LabelledSet(people, seed, "field"), LabelledSet(people, seed, "field")
    assert list(one.people_rows()) == list(other.people_rows())
    assert list(one.queries(count)) == list(other.queries(count + 5))[:count]


def test_other_queries_are_about_the_same_people(people: list[Person], queries: list[Query]) -> None:
    other = LabelledSet(PEOPLE, 7, queries_seed=8)
    assert list(other.people_rows(0, 500)) == people[:500]
    asked = list(other.queries(200))
    assert asked == list(LabelledSet(PEOPLE, 7, queries_seed=8).queries(200))
    assert all(people[one.true_id - 1].group == one.group for one in asked if one.true_id is not None)
    assert [one.true_id for one in asked] != [one.true_id for one in queries[:200]]
    assert list(LabelledSet(PEOPLE, 7, queries_seed=7).queries(50)) == list(
        LabelledSet(PEOPLE, 7).queries(50)
    )


def test_another_seed_gives_other_people(people: list[Person]) -> None:
    others = LabelledSet(PEOPLE, 8).people_rows(0, 200)
    assert all(one != other for one, other in zip(people[:200], others, strict=True))


def test_the_first_people_of_a_larger_set_are_those_of_a_smaller(people: list[Person]) -> None:
    assert list(LabelledSet(5_000_000, 7).people_rows(0, 1_000)) == people[:1_000]


@pytest.mark.parametrize("start", [0, 1, BLOCK - 1, BLOCK, 1_000, PEOPLE - 1, PEOPLE])
def test_anybody_is_made_again_by_place(stress: LabelledSet, people: list[Person], start: int) -> None:
    assert list(stress.people_rows(start, start + 100)) == people[start : start + 100]
    if start < PEOPLE:
        assert stress.person(start + 1) == people[start]


def test_somebody_far_down_the_file_is_made_at_once() -> None:
    assert LabelledSet(40_000_000, 7).person(40_000_000).id == 40_000_000


@pytest.mark.parametrize(("count", "mix"), [(0, "stress"), (40_000_001, "field"), (10, "calm")])
def test_a_set_that_cannot_be_is_refused(count: int, mix: str) -> None:
    with pytest.raises(ValueError, match=r"people: a set has|calm"):
        LabelledSet(count, 1, mix)


def test_nobody_beyond_the_file_has_an_id(stress: LabelledSet) -> None:
    with pytest.raises(ValueError, match="nobody has the id"):
        stress.person(PEOPLE + 1)


# --------------------------------------------------------------------------- people


def test_surnames_are_as_frequent_as_in_the_census(people: list[Person]) -> None:
    """Each of the commonest within four standard deviations of its share."""
    wanted: Counter[str] = Counter()
    for surname, part in census().items():
        if ORIGINS[surname.origin] != "hispanic":  # of whom some have two surnames, or one that goes wrong
            wanted[surname.name] += round(part * 1e9)
    seen = Counter(one.last for one in people if one.group != "hispanic")
    for name, parts in wanted.most_common(60):
        expected = parts / 1e9 * PEOPLE
        assert abs(seen[name] - expected) < 4 * expected**0.5 + 0.03 * expected, name


def test_origins_are_those_of_california(people: list[Person]) -> None:
    seen = Counter(one.group for one in people)
    for group in set(GROUPS.values()):
        expected = sum(part for origin, part in SHARES.items() if GROUPS[origin] == group)
        assert share(seen[group], PEOPLE) == pytest.approx(expected, abs=0.006), group


def test_the_tables_of_shares_add_up() -> None:
    assert sum(SHARES.values()) == pytest.approx(1)
    assert sum(TAIL_SHARES.values()) == pytest.approx(1)
    assert all(sum(shares) == pytest.approx(1) for shares in GIVEN_SHARES.values())
    assert set(SHARES) == set(TAIL_SHARES) == set(GIVEN_SHARES) == set(GROUPS)


def test_one_in_five_has_a_surname_that_the_census_list_is_too_short_for(people: list[Person]) -> None:
    listed = {surname.name for surname in census()}
    rare = {surname.name for surname in makers().rare}
    assert not listed & rare
    assert share(sum(one.last in rare for one in people), PEOPLE) == pytest.approx(0.21, abs=0.02)


def test_rare_surnames_are_many_and_different() -> None:
    found = rare_surnames(RARE_SURNAMES, {"SMITH"})
    assert len({name for name, _ in found}) == len(found) > RARE_SURNAMES * 0.99
    assert all(2 < len(name) < 27 for name, _ in found)
    assert found[:2_000] == rare_surnames(RARE_SURNAMES, {"SMITH"})[:2_000]


def test_the_vocabulary_has_a_long_tail(people: list[Person]) -> None:
    words = Counter(chain.from_iterable(f"{p.last} {p.first}".replace("-", " ").split() for p in people))
    assert 22_000 < len(words) < 35_000
    assert sum(count == 1 for count in words.values()) > len(words) * 0.5


@pytest.mark.parametrize(
    ("group", "first"),
    [("hispanic", "JOSE"), ("hispanic", "MARIA"), ("southasian", "PRIYA"), ("mideast", "MOHAMMED"), ("slavic", "OLGA"),
     ("vietnamese", "HUNG"), ("eastasian", "HIROSHI"), ("black", "TYRONE")],
)  # fmt: skip
def test_given_names_go_with_surnames(people: list[Person], group: str, first: str) -> None:
    theirs = share(
        sum(p.first == first for p in people if p.group == group), sum(p.group == group for p in people)
    )
    others = share(
        sum(p.first == first for p in people if p.group != group), sum(p.group != group for p in people)
    )
    assert theirs > 2.5 * others


def test_some_given_names_are_two_syllables(people: list[Person]) -> None:
    firsts = [one.first for one in people if one.group == "eastasian"]
    assert share(sum(" " in first for first in firsts), len(firsts)) == pytest.approx(0.17, abs=0.03)


def test_names_are_written_in_every_way_that_clerks_know(people: list[Person]) -> None:
    lasts = {one.last for one in people}
    assert {"DE LA CRUZ", "DELACRUZ", "O'BRIEN", "OBRIEN"} <= lasts
    assert any(last.startswith("MC ") for last in lasts)
    assert any(last.startswith("AL-") for last in lasts)
    hispanic = [one.last for one in people if one.group == "hispanic"]
    two = sum(" " in last or "-" in last for last in hispanic)
    assert share(two, len(hispanic)) == pytest.approx(0.17, abs=0.02)


def test_middle_names_suffixes_and_numbers_are_as_common_as_said(people: list[Person]) -> None:
    assert share(sum(one.middle != "" for one in people), PEOPLE) == pytest.approx(0.745, abs=0.01)
    men = [one for one in people if one.sex == "M"]
    assert share(len(men), PEOPLE) == pytest.approx(0.5, abs=0.01)
    assert share(sum(one.suffix != "" for one in men), len(men)) == pytest.approx(0.035, abs=0.006)
    assert share(sum(one.ssn == "" for one in people), PEOPLE) == pytest.approx(0.30, abs=0.01)


def test_numbers_are_nobodys_and_nobody_shares_one(people: list[Person]) -> None:
    numbers = [one.ssn for one in people if one.ssn]
    assert all(len(number) == 9 and number.startswith("9") for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_people_are_adults_and_some_were_born_on_new_years_day(people: list[Person]) -> None:
    oldest, youngest = min(one.dob for one in people), max(one.dob for one in people)
    assert ON_DAY.year - 97 <= int(oldest[:4]) <= ON_DAY.year - 92
    assert int(youngest[:4]) <= ON_DAY.year - 16
    assert all(date.fromisoformat(one.dob) for one in people[:5_000])
    new_year = sum(one.dob.endswith("0101") for one in people)
    assert share(new_year, PEOPLE) == pytest.approx(0.006 + 1 / 365.25, abs=0.0015)


def test_there_are_twins_and_sons_of_their_fathers_name(people: list[Person]) -> None:
    pairs = list(pairwise(people))
    twins = sum((a.last, a.dob) == (b.last, b.dob) for a, b in pairs)
    sons = sum((a.last, a.first, a.suffix, b.suffix) == (b.last, b.first, "SR", "JR") for a, b in pairs)
    assert share(twins, PEOPLE) == pytest.approx(0.005, abs=0.0015)
    assert share(sons, PEOPLE) == pytest.approx(0.002, abs=0.0012)


# --------------------------------------------------------------------------- queries


def test_a_quarter_of_queries_are_about_people_who_are_not_there(
    queries: list[Query], people: list[Person]
) -> None:
    absent = [one for one in queries if not one.in_file]
    assert share(len(absent), QUERIES) == pytest.approx(0.25, abs=0.02)
    assert all(one.true_id is None for one in absent)
    known = {(one.last, one.first, one.dob) for one in people}
    exact = [one for one in absent if one.name_class == "clean" and one.dob_class == "exact"]
    assert exact
    assert (
        sum((one.last, one.first, one.dob) in known for one in exact) <= 1
    )  # a namesake of that day may be there
    numbers = {one.ssn for one in people} - {""}
    assert sum(one.ssn in numbers for one in absent) <= 2  # mistyped into that of another


def test_those_who_are_asked_for_are_spread_over_the_file(queries: list[Query]) -> None:
    ids = [one.true_id for one in queries if one.true_id is not None]
    assert min(ids) < PEOPLE * 0.01
    assert max(ids) > PEOPLE * 0.99
    assert len(set(ids)) > len(ids) * 0.9


def test_in_the_stress_mix_each_kind_is_as_common_as_another(queries: list[Query]) -> None:
    for some in (queries, [one for one in queries if not one.in_file]):
        kinds = Counter(one.name_class for one in some)
        assert set(kinds) == set(MISTAKES)
        assert len(kinds) == 15
        for kind, count in kinds.items():
            assert share(count, len(some)) == pytest.approx(1 / 15, abs=0.024), kind
    dates = Counter(one.dob_class for one in queries)
    assert share(dates["exact"], QUERIES) == pytest.approx(0.60, abs=0.03)
    assert len(DATE_MISTAKES) == 9
    for kind in DATE_MISTAKES:
        assert share(dates[kind], QUERIES) == pytest.approx(0.4 / 9, abs=0.015), kind


def test_in_the_field_mix_most_names_and_dates_are_right() -> None:
    queries = list(LabelledSet(PEOPLE, 9, "field").queries(4_000))
    kinds = Counter(one.name_class for one in queries)
    assert share(kinds.pop("clean"), 4_000) == pytest.approx(0.80, abs=0.02)
    assert len(kinds) == 14
    assert share(sum(one.dob_class == "exact" for one in queries), 4_000) == pytest.approx(0.90, abs=0.02)


def test_what_a_query_says_of_itself_is_true(queries: list[Query], people: list[Person]) -> None:
    for query in queries:
        if query.true_id is None:
            continue
        person = people[query.true_id - 1]
        same = (query.last, query.first) == (person.last, person.first)
        assert same == (query.name_class == "clean"), query
        assert (query.dob == person.dob) == (query.dob_class == "exact"), query
        assert query.group == person.group
        assert query.suffix in {"", person.suffix}
        assert query.last
        assert query.first


def test_who_has_lost_the_surname_wholly_is_asked_for_by_the_exact_date(
    queries: list[Query], people: list[Person]
) -> None:
    changed = [
        (one, people[one.true_id - 1])
        for one in queries
        if one.name_class == "surname_changed" and one.true_id is not None
    ]
    lost = [
        (one, person)
        for one, person in changed
        if surname_lost(person, replace(person, last=one.last, middle=one.middle))
    ]
    assert share(len(lost), len(changed)) == pytest.approx(0.5, abs=0.1)
    assert all(one.dob == person.dob and one.dob_class == "exact" for one, person in lost)
    assert len({one.dob_class for one, _ in changed}) == 10  # the others' dates go wrong as anybody's do


def test_middle_names_and_sexes_are_sometimes_left_out(queries: list[Query], people: list[Person]) -> None:
    known = [(one, people[one.true_id - 1]) for one in queries if one.true_id is not None]
    assert share(sum(one.sex == "" for one, _ in known), len(known)) == pytest.approx(0.10, abs=0.02)
    wrong = sum(one.sex not in {"", person.sex} for one, person in known)
    assert share(wrong, len(known)) == pytest.approx(0.01, abs=0.006)
    full = [(one, person) for one, person in known if len(person.middle) > 1 and one.name_class == "clean"]
    kept = Counter(len(one.middle) > 1 if one.middle else None for one, _ in full)
    assert min(kept[True], kept[False], kept[None]) > len(full) * 0.2


def test_numbers_are_typed_only_when_asked_for(
    stress: LabelledSet, queries: list[Query], people: list[Person]
) -> None:
    assert not any(one.ssn for one in stress.queries(300))
    typed = [(one.ssn, people[one.true_id - 1].ssn) for one in queries if one.true_id is not None and one.ssn]
    slips = Counter(sum(a != b for a, b in zip(*pair, strict=True)) for pair in typed)
    assert set(slips) == {0, 1, 2}
    assert share(slips[0], len(typed)) == pytest.approx(0.60, abs=0.06)
    assert share(len(typed), len([one for one in queries if one.in_file])) == pytest.approx(0.35, abs=0.03)


# --------------------------------------------------------------------------- files


def test_the_files_hold_what_the_set_says(tmp_path: Path) -> None:
    small, told = LabelledSet(500, 3), list[tuple[int, int]]()
    small.write(tmp_path / "set", 40, lambda done, total: told.append((done, total)))
    with (tmp_path / "set" / "people.csv").open(encoding="ascii", newline="") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == PEOPLE_COLUMNS
    assert [tuple(row) for row in rows[1:]] == [
        tuple(str(getattr(one, column)) for column in PEOPLE_COLUMNS) for one in small.people_rows()
    ]
    with (tmp_path / "set" / "queries.csv").open(encoding="ascii", newline="") as file:
        found = list(csv.DictReader(file))
    assert tuple(found[0]) == QUERY_COLUMNS
    for row, query in zip(found, small.queries(40), strict=True):
        assert row["class"] == query.name_class
        assert row["true_id"] == ("" if query.true_id is None else str(query.true_id))
    assert told[-1] == (540, 540)


def test_the_command_writes_a_set(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        labelled, [str(tmp_path), "--people", "200", "--queries", "10", "--mix", "field", "--seed", "4"]
    )
    assert done.exit_code == 0, done.output
    assert "200 people" in done.output
    assert len((tmp_path / "queries.csv").read_text().splitlines()) == 11


def test_a_block_is_made_from_dice_of_its_own() -> None:
    crowd = Crowd(5)
    late = crowd.block(9)
    assert [crowd.block(number) for number in range(10)][9] == late
