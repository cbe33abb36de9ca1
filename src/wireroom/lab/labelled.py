"""Reads and writes a labelled search set: people of a file, and queries of which it is known whom they mean."""

from __future__ import annotations

import csv
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

NAMED = ("last", "first", "middle", "suffix", "dob", "sex", "ssn")
PEOPLE_COLUMNS = ("id", *NAMED)
QUERY_COLUMNS = ("query_id", *NAMED, "true_id")
CLASS_COLUMNS = ("class", "dob_class", "group")

_YES, _NO = frozenset({"1", "1.0", "true", "t", "yes", "y"}), frozenset({"0", "0.0", "false", "f", "no", "n"})
_SEX = {"": "", "U": "", "UNKNOWN": "", "MALE": "M", "FEMALE": "F", "NONBINARY": "X"}
_SEX |= {letter: letter for letter in "MFXN"}
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_PLAIN = re.compile(r"(\d{8})(?:\.0)?", re.ASCII)  # .0: what a spreadsheet makes of numbers with gaps
_SEPARATORS = re.compile(r"[\s.-]+")


class BadSet(ValueError):
    """A labelled set that cannot be used: which file, line and column, and what to do about it."""


class Subject(msgspec.Struct, frozen=True):
    """A person as a line says: names as written there, without spaces round them."""

    id: str
    last: str
    first: str = ""
    middle: str = ""
    suffix: str = ""
    dob: int = 0  # CCYYMMDD as typed, which need not be a day that exists; 0 where unknown
    sex: str = ""  # M, F, X, N, or nothing
    ssn: str = ""  # without its dashes


class Labelled(msgspec.Struct, frozen=True):
    """A query, and the truth about it."""

    query: Subject  # its id is the query's own
    true_ids: frozenset[str]  # of the file's lines that are the person meant
    present: bool  # whether the person meant is in the file
    classes: dict[str, str] = {}  # {"class": "typo", "group": "hispanic"}; no blank ones


def read_people(path: Path, seen: set[str] | None = None) -> Iterator[Subject]:
    """The people of a file, one by one; their ids are put into `seen`, and none may stand there twice.

    Raises BadSet.
    """
    lines = _lines(path)
    columns = _columns(path, lines, PEOPLE_COLUMNS)
    at = [columns.index(column) for column in PEOPLE_COLUMNS]
    for line, cells in _full(path, lines, len(columns)):
        one = _subject(path, line, [cells[place] for place in at], "id")
        if seen is not None:
            if one.id in seen:
                raise _bad(path, line, "id", f"{one.id} was there before; give each person an id of its own")
            seen.add(one.id)
        yield one


def read_queries(path: Path, known: Container[str] | None = None) -> Iterator[Labelled]:
    """The queries of a labelled set, one by one. Raises BadSet, also at a true id that is none of those known."""
    lines = _lines(path)
    columns = _columns(path, lines, QUERY_COLUMNS)
    at = [columns.index(column) for column in QUERY_COLUMNS]
    classes = {column: place for place, column in enumerate(columns) if _is_class(column)}
    in_file = columns.index("in_file") if "in_file" in columns else -1
    seen: set[str] = set()
    for line, cells in _full(path, lines, len(columns)):
        *own, truth = (cells[place] for place in at)
        query = _subject(path, line, own, "query_id")
        if query.id in seen:
            raise _bad(
                path, line, "query_id", f"{query.id} was there before; give each query an id of its own"
            )
        seen.add(query.id)
        true_ids = frozenset(part.strip() for part in re.split("[;|]", truth) if part.strip())
        present = _presence(path, line, cells[in_file] if in_file >= 0 else "", true_ids)
        if (
            present
            and known is not None
            and (strangers := sorted(one for one in true_ids if one not in known))
        ):
            words = (
                f"{strangers[0]} is the id of none of the people; name one of them, or write 0 under in_file"
            )
            raise _bad(path, line, "true_id", words)
        yield Labelled(
            query, true_ids, present, {name: cells[place] for name, place in classes.items() if cells[place]}
        )


def write_people(path: Path, people: Iterable[Subject]) -> int:
    """Writes people as `read_people` reads them, one by one; how many there were."""
    return _write(path, PEOPLE_COLUMNS, (_cells(one) for one in people))


def write_queries(path: Path, queries: Iterable[Labelled]) -> int:
    """Writes queries as `read_queries` reads them, with every class that one of them has; how many there were."""
    queries = list(queries)
    classes = sorted({column for one in queries for column in one.classes})
    rows = (
        [
            *_cells(one.query),
            ";".join(sorted(one.true_ids)),
            "1" if one.present else "0",
            *(one.classes.get(column, "") for column in classes),
        ]
        for one in queries
    )
    return _write(path, (*QUERY_COLUMNS, "in_file", *classes), rows)


def _cells(one: Subject) -> list[str]:
    dob = f"{one.dob:08}" if one.dob else ""
    return [one.id, one.last, one.first, one.middle, one.suffix, dob, one.sex, one.ssn]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for count, row in enumerate(rows, 1):  # noqa: B007 - the last one is the answer
            writer.writerow(row)
    return count


def _is_class(column: str) -> bool:
    return column in CLASS_COLUMNS or column.endswith("_class")


def _bad(path: Path, line: int, column: str, trouble: str) -> BadSet:
    return BadSet(f"{path}, line {line}, column {column}: {trouble}")


def _subject(path: Path, line: int, cells: Sequence[str], id_column: str) -> Subject:
    """A person from the cells of an id and of NAMED, in this order."""
    one, last, first, middle, suffix, dob, sex, ssn = cells
    if not one:
        raise _bad(path, line, id_column, "it is blank; give each line an id")
    if not last:
        raise _bad(path, line, "last", "it is blank; a person of one name has it here")
    try:
        return Subject(one, last, first, middle, suffix, day_of(dob), _sex_of(sex), _number_of(ssn))
    except _BadCell as trouble:
        raise _bad(path, line, trouble.column, trouble.words) from None


class _BadCell(ValueError):
    def __init__(self, column: str, words: str) -> None:
        super().__init__(words)
        self.column, self.words = column, words


def day_of(text: str) -> int:
    """CCYYMMDD, CCYY-MM-DD or MM/DD/CCYY as a number CCYYMMDD; 0 where blank or all zeros.

    Whether there is such a day is not asked: a query may well be about the 45th of a month, as it was typed.
    """
    if not text:
        return 0
    if found := _PLAIN.fullmatch(text):
        return int(found[1])
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found.groups()
    elif found := _YEAR_LAST.fullmatch(text):
        month, day, year = found.groups()
    else:
        raise _BadCell("dob", f"{text[:40]!r} is no date; write CCYYMMDD, CCYY-MM-DD, MM/DD/CCYY or nothing")
    return int(year) * 10_000 + int(month) * 100 + int(day)


def _sex_of(text: str) -> str:
    try:
        return _SEX[text.upper()]
    except KeyError:
        raise _BadCell("sex", f"{text[:40]!r} is not known here; write M, F, X or nothing") from None


def _number_of(text: str) -> str:
    return _SEPARATORS.sub("", text.removesuffix(".0")).upper()


def _presence(path: Path, line: int, said: str, true_ids: frozenset[str]) -> bool:
    """Whether the person is in the file: what in_file says, else whether there is a true id."""
    word = said.lower()
    if word in _NO:
        return False
    if word and word not in _YES:
        raise _bad(path, line, "in_file", f"{said[:40]!r} is neither yes nor no; write 1 or 0")
    if word and not true_ids:
        raise _bad(path, line, "true_id", "it is blank, though in_file says that the person is there")
    return bool(true_ids)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each line's number and cells, without spaces round them. Blank lines are passed over."""
    line = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for cells in reader:
                line = reader.line_num
                stripped = [cell.strip() for cell in cells]
                if any(stripped):
                    yield line, stripped
    except OSError as error:
        raise BadSet(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadSet(f"{path}, somewhere after line {line}: it is not UTF-8; save it as UTF-8") from error
    except csv.Error as error:
        raise BadSet(f"{path}, line {line + 1}: it is no CSV ({error}); look at the quotes") from error


def _columns(path: Path, lines: Iterator[tuple[int, list[str]]], needed: Sequence[str]) -> list[str]:
    """The names of the columns, from the first line."""
    line, cells = next(lines, (0, []))
    columns = [cell.lower() for cell in cells]
    words = f"the first line must name the columns {','.join(needed)}"
    if not cells:
        raise BadSet(f"{path} is empty; {words}")
    if missing := [column for column in needed if column not in columns]:
        raise BadSet(f"{path}, line {line}: no column {', '.join(missing)}; {words}")
    if twice := sorted({column for column in columns if column and columns.count(column) > 1}):
        raise BadSet(f"{path}, line {line}: column {', '.join(twice)} is there twice")
    return columns


def _full(path: Path, lines: Iterator[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    """The lines, checked to be as wide as the first."""
    for line, cells in lines:
        if len(cells) != width:
            raise BadSet(
                f"{path}, line {line}: {len(cells)} cells under {width} columns; look at commas and quotes"
            )
        yield line, cells
