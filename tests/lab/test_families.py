"""Claims about the name families made by hand: enough of them, honest ones, and readable as a labelled set."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from benchmarks.families import FAMILIES, labelled, write_set

from wireroom.lab.labelled import Subject, read_people, read_queries, write_people

NAMES = ("last", "first", "middle", "suffix")
ABSENT = {"sibling", "twin", "cousin", "parent", "namesake", "lookalike"}


def rows() -> list[dict[str, str]]:
    with FAMILIES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def there() -> list[dict[str, str]]:
    return [row for row in rows() if row["present"] == "1"]


def not_there() -> list[dict[str, str]]:
    return [row for row in rows() if row["present"] == "0"]


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_there_are_enough_lines_of_enough_cultures() -> None:
    assert len(there()) >= 700
    assert len(not_there()) >= 250
    by_culture = Counter(row["culture"] for row in there())
    assert len(by_culture) >= 50
    assert min(by_culture.values()) >= 10


def test_a_third_of_the_dates_are_wrong_in_the_way_that_the_line_says() -> None:
    wrong = [row for row in there() if row["query_dob"] != row["dob"]]
    assert 0.28 < len(wrong) / len(there()) < 0.38
    for row in there():
        true, said = row["dob"], row["query_dob"]
        differ = sum(a != b for a, b in zip(true, said, strict=True))
        assert {
            "exact": differ == 0,
            "one_digit": differ == 1,
            "swapped": said == true[:4] + true[6:] + true[4:6] != true,
            "year_off": said[4:] == true[4:] and abs(int(said[:4]) - int(true[:4])) == 1,
        }[row["date_kind"]], row


def test_every_date_is_a_day_that_somebody_alive_may_be_born_on() -> None:
    for row in rows():
        assert all(1925 <= day(row[column]).year <= 2010 for column in ("dob", "query_dob")), row


def test_another_agency_wrote_the_name_otherwise_and_never_the_same_way_twice() -> None:
    for row in there():
        assert any(row[name] != row[f"query_{name}"] for name in NAMES), row
    asked = Counter(
        (row["family"], *(row[f"query_{name}"] for name in NAMES), row["query_dob"]) for row in rows()
    )
    assert max(asked.values()) == 1


def test_an_absent_person_is_really_somebody_else() -> None:
    assert {row["kind"] for row in not_there()} == ABSENT
    assert not ABSENT & {row["kind"] for row in there()}
    for row in not_there():
        apart = abs(day(row["dob"]).year - day(row["query_dob"]).year)
        other_given = row["first"] != row["query_first"] or row["middle"] != row["query_middle"]
        assert other_given or apart >= 12, row
        assert row["kind"] != "twin" or (row["dob"] == row["query_dob"] and other_given), row
        assert row["kind"] != "parent" or apart >= 19, row


def test_no_absent_person_is_asked_for_by_the_name_and_date_of_anybody_there() -> None:
    def written(row: dict[str, str], side: str) -> tuple[str, ...]:
        return tuple(row[f"{side}{column}"] for column in (*NAMES[:3], "dob"))

    known = {written(row, "") for row in rows()} | {written(row, "query_") for row in there()}
    assert not known & {written(row, "query_") for row in not_there()}


def test_the_families_are_a_labelled_set_that_reads_as_it_was_written(tmp_path: Path) -> None:
    people, queries = labelled()
    background = tmp_path / "background.csv"
    write_people(background, [Subject("B1", "ROE", "ANN", dob=19850203)])
    counts = write_set(tmp_path / "people.csv", tmp_path / "queries.csv", background=background)
    assert counts == (len(people) + 1, len(queries))
    assert list(read_people(tmp_path / "people.csv"))[1:] == people
    assert list(read_queries(tmp_path / "queries.csv")) == queries
    ids = {one.id for one in people}
    assert all(one.true_ids <= ids and one.present == bool(one.true_ids) for one in queries)
    assert {"class", "dob_class", "group"} == set(queries[0].classes)


def test_one_family_is_one_person(tmp_path: Path) -> None:
    lines = FAMILIES.read_text("utf-8").splitlines()[:2]
    broken = tmp_path / "families.csv"
    broken.write_text("\n".join((*lines, lines[1].replace("JOSE LUIS,,,1981", "JUAN,,,1981"))), "utf-8")
    with pytest.raises(ValueError, match="somebody else"):
        labelled(broken)
