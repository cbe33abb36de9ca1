"""Name families made by hand: invented people, and how another agency wrote each, as a labelled search set.

Every line of families.csv is a true record and one query. The queries of lines with present=1 mean that person:
the name is another spelling, romanisation, nickname and so on of the same name. Those with present=0 mean somebody
else (a twin, a father, a cousin, a namesake) who is not in the file, and to whom the record is the nearest.

The file was written without looking at the search or its tables of names, so that it says how the search does on
names that it was not made for. A line whose failure has been looked at is spent: from then on it is for development.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from wireroom.lab.labelled import Labelled, Subject, day_of, read_people, write_people, write_queries

FAMILIES = Path(__file__).parent / "families.csv"


def labelled(path: Path = FAMILIES) -> tuple[list[Subject], list[Labelled]]:
    """The families' people, to be put among others, and the queries: class is the kind, group the culture."""
    people: dict[str, Subject] = {}
    queries = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 1):
            one = _subject(row["family"], row, "", row["dob"])
            if people.setdefault(one.id, one) != one:
                raise ValueError(f"{path}, record {number}: {one.id} is somebody else than before")
            present = row["present"] == "1"
            queries.append(
                Labelled(
                    _subject(f"Q{number:04}", row, "query_", row["query_dob"]),
                    frozenset({one.id} if present else ()),
                    present,
                    {"class": row["kind"], "dob_class": row["date_kind"], "group": row["culture"]},
                )
            )
    return list(people.values()), queries


def _subject(one: str, row: dict[str, str], side: str, dob: str) -> Subject:
    last, first, middle, suffix = (row[f"{side}{part}"] for part in ("last", "first", "middle", "suffix"))
    return Subject(one, last, first, middle, suffix, day_of(dob), row["sex"])


def write_set(people: Path, queries: Path, *, background: Path | None = None) -> tuple[int, int]:
    """Writes the families as a labelled set, their people after a background's; how many people and queries."""
    ours, asked = labelled()
    others: Iterator[Subject] = iter(()) if background is None else read_people(background)
    return write_people(people, chain(others, ours)), write_queries(queries, asked)
