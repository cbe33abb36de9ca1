"""Checks a chunk of lines as messages are checked, column by column, and puts what is good into rows for COPY.

A column's values are read once for each text that stands in it, and the rules are asked once for each combination of
what they look at. That decides which lines are good. Whatever is not goes through `message.read.checked`, alone, so a
fault has the words that a message would have got; and what both ways say is compared by the tests.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import compress

import msgspec

from wireroom.catalog.file import Field, File
from wireroom.catalog.index import Form, name_fields
from wireroom.catalog.kinds import Bad, Kind, Prose
from wireroom.catalog.rules import AtLeastOne, Needs, OneOf, OnlyWith, Together
from wireroom.catalog.when import When
from wireroom.message.local import day_of
from wireroom.message.read import as_sent, checked
from wireroom.records.importing import rows
from wireroom.records.importing.lines import Cell, Faults, Lines, Shape, split
from wireroom.records.life import due, lateness
from wireroom.records.matching.keeping import Called
from wireroom.records.shape import SAME, Fields, identifiers, named, numberless, to_json
from wireroom.records.vault import Vault

REMEMBERED_MAX = 60_000  # texts of one column
SAMPLE = 1_000  # cells of a column that tell whether its texts come again
Given = tuple[str, ...]  # canonical values of a field; none where it is absent
Life = tuple[bytes, str]  # the column of when a record's time is up, and how much too late it came
_encode = msgspec.json.Encoder().encode


class Found(msgspec.Struct):
    """Values of one index, sorted, and the place of the line of each."""

    values: list[str] = []
    places: list[int] = []

    def pairs(self) -> Iterator[tuple[str, int]]:
        """Each value with its place."""
        return zip(self.values, self.places, strict=True)


class Chunk(msgspec.Struct):
    """What came of a chunk's lines. Lists are in the order of the lines' places in it."""

    places: list[int]  # of the good lines
    stored: list[bytes]  # their fields and when their time is up, see rows.py
    found: dict[str, Found]  # by index
    called: list[tuple[str, int, tuple[Called, ...]]]  # book of the index of people, place, names
    faulty: list[tuple[int, Faults]]


class _Memo(dict[Cell, Given | None]):
    """Canonical values by what stands in a cell; None where they are faulty."""

    def __init__(self, field: Field, today: date, *, parted: bool) -> None:
        super().__init__()
        self.field, self.today = field, today
        self._parted = parted and field.many > 1
        self._read = field.kind.read
        self._prose = isinstance(field.kind, Prose)

    def raws(self, cell: Cell) -> list[str]:
        """The values that a cell gives, as they were written; blank ones are none."""
        values = cell if isinstance(cell, tuple) else split(cell) if self._parted else (cell,)
        return [value for value in values if value and not value.isspace()]

    def column(self, cells: Sequence[Cell]) -> list[Given | None]:
        """The values of each cell. Where nearly every cell says something else none is remembered: it costs more."""
        if len(cells) >= SAMPLE and len(set(cells[:SAMPLE])) > SAMPLE * 0.9:
            return list(map(self._given, cells))
        return list(map(self.__getitem__, cells))

    def __missing__(self, cell: Cell) -> Given | None:
        given = self[cell] = self._given(cell)
        return given

    def _given(self, cell: Cell) -> Given | None:
        if type(cell) is not str or self._parted:
            return self._several(self.raws(cell))
        if not cell or cell.isspace():
            return ()
        value = self._read(cell if self._prose or cell.isprintable() else as_sent(cell), self.today)
        return None if isinstance(value, Bad) else (value,)

    def _one(self, raw: str) -> Given | None:
        value = self._read(raw if self._prose else as_sent(raw), self.today)
        return None if isinstance(value, Bad) else (value,)

    def _several(self, raws: Sequence[str]) -> Given | None:
        if len(raws) > self.field.many:
            return None
        read = [self._one(raw) for raw in raws]
        return tuple(one[0] for one in read if one) if None not in read else None


class _Pieces(dict[Given, str]):
    """A field's part of a record's JSON by its values, with a comma behind it."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._field = field
        self._as_it_is = field.many == 1 and type(field.kind).store is Kind.store

    def column(self, column: Sequence[Given]) -> tuple[str, list[str]]:
        """How the part of each record is written, and what stands in it.

        Where no value is absent and JSON writes all as they are, they themselves stand in it.
        """
        if self._as_it_is and () not in column:
            values = [one[0] for one in column]
            if _ordinary("".join(values)):
                return f'"{self._field.code}":"%s",', values
        return "%s", list(map(self.__getitem__, column))

    def __missing__(self, given: Given) -> str:
        piece = self[given] = _piece(self._field, [self._field.kind.store(value) for value in given])
        return piece


def _ordinary(text: str) -> bool:
    """Whether JSON writes a text as it is."""
    return text.isascii() and text.isprintable() and '"' not in text and "\\" not in text


def _piece(field: Field, stored: Sequence[object]) -> str:
    if not stored:
        return ""
    body = _encode(list(stored) if field.many > 1 else stored[0]).decode()
    return f'"{field.code}":{body},'


class Checker:
    """Checks the chunks of one file."""

    def __init__(self, form: Form, vault: Vault, *, parted: bool) -> None:
        self._form, self._vault, self._parted = form, vault, parted
        self._file: File = form.files[0]
        self._own = {field.code: form.by_code[field.code] for field in self._file.fields}
        self._says = dict(form.says)
        self._watched = watched(form, self._file)
        self._names = name_fields(self._file)
        self._today = date.min
        self._pieces = {code: _Pieces(field) for code, field in self._own.items()}
        self._memos: dict[str, _Memo] = {}
        self._found: dict[str, list[tuple[str, int]]] = {}  # by index: value and place, of one chunk

    def check(self, lines: Lines, at: datetime) -> Chunk:
        """What came of a chunk that is entered at a moment."""
        if day_of(at) != self._today:
            self._today = day_of(at)
            self._memos = {
                code: _Memo(field, self._today, parted=self._parted) for code, field in self._own.items()
            }
        chunk = Chunk([], [], {}, [], list(lines.troubles))
        self._found = {}
        for shape in lines.shapes:
            if shape.rows:
                self._shape(shape, at, chunk)
        if chunk.places != sorted(chunk.places):
            order = sorted(range(len(chunk.places)), key=chunk.places.__getitem__)
            chunk.places = [chunk.places[one] for one in order]
            chunk.stored = [chunk.stored[one] for one in order]
        for kind, pairs in self._found.items():
            pairs.sort()
            chunk.found[kind] = Found([value for value, _ in pairs], [place for _, place in pairs])
        chunk.faulty.sort()
        self._forget()
        return chunk

    def _forget(self) -> None:
        """Columns in which every line says something else are not remembered for ever."""
        for memo in self._memos.values():
            if len(memo) > REMEMBERED_MAX:
                memo.clear()
        for pieces in self._pieces.values():
            if len(pieces) > REMEMBERED_MAX:
                pieces.clear()

    # ----------------------------------------------------------------------- one shape

    def _shape(self, shape: Shape, at: datetime, chunk: Chunk) -> None:
        if self._form.fills:  # what is worked out hangs on the whole line
            for row in range(len(shape.rows)):
                self._alone(shape, row, at, chunk)
            return
        columns = dict(zip(shape.codes, zip(*shape.rows, strict=True), strict=True))
        given: dict[str, list[Given | None]] = {
            code: self._memos[code].column(cells) for code, cells in columns.items()
        }
        count = len(shape.rows)
        for code, said in self._says.items():
            have = given.get(code, [()] * count)
            given[code] = [(said,) if one == () else one for one in have]
        keys, verdicts = self._verdicts(given, count, at)
        good = self._good(given, keys, verdicts)
        if not all(good):
            for place in compress(range(count), map(operator.not_, good)):
                self._alone(shape, place, at, chunk)
            shape = Shape(shape.codes, list(compress(shape.places, good)), [])
            given = {code: list(compress(column, good)) for code, column in given.items()}
            keys = list(compress(keys, good))
        if shape.places:
            whole: dict[str, list[Given]] = given  # type: ignore[assignment]  # what is faulty is out
            self._enter(shape.places, whole, [verdicts[key] or (b"", "") for key in keys], chunk)

    def _good(
        self,
        given: Mapping[str, list[Given | None]],
        keys: list[tuple[object, ...]],
        verdicts: Mapping[tuple[object, ...], Life | None],
    ) -> list[bool]:
        """Which lines have no fault."""
        if None in verdicts.values():
            good = [verdicts[key] is not None for key in keys]
        else:
            good = [True] * len(keys)
        for column in given.values():
            if None in column:
                good = [fine and one is not None for fine, one in zip(good, column, strict=True)]
        for field in self._form.required:
            if field.code not in given:
                return [False] * len(keys)
            if () in given[field.code]:
                good = [fine and bool(one) for fine, one in zip(good, given[field.code], strict=True)]
        return good

    def _verdicts(
        self, given: Mapping[str, list[Given | None]], count: int, at: datetime
    ) -> tuple[list[tuple[object, ...]], dict[tuple[object, ...], Life | None]]:
        """What the rules, the time of keeping and that of entering look at in each line; and what they say of it.

        A verdict is when the record's time is up and how late it came; None where a rule is broken.
        """
        codes = [code for code in self._watched if code in given]
        looked: list[Sequence[object]] = [
            given[code] if self._watched[code] else [one != () for one in given[code]] for code in codes
        ]
        keys: list[tuple[object, ...]] = list(zip(*looked, strict=True)) if looked else [()] * count
        return keys, {key: self._verdict(codes, key, at) for key in set(keys)}

    def _verdict(self, codes: Sequence[str], key: tuple[object, ...], at: datetime) -> Life | None:
        values: dict[str, Given] = {}
        for code, one in zip(codes, key, strict=True):
            if one is None:  # a fault of its own
                return None
            if isinstance(one, tuple):
                if one:
                    values[code] = one
            elif one:
                values[code] = ("",)
        if any(rule.check(values) for rule in self._form.rules):
            return None
        fields = tuple((code, value) for code, several in values.items() for value in several)
        return life_of(self._file, fields, at)

    # ----------------------------------------------------------------------- good lines

    def _enter(
        self,
        places: list[int],
        given: Mapping[str, list[Given]],
        lives: Sequence[Life],
        chunk: Chunk,
    ) -> None:
        # In the order that PostgreSQL gives them: it has nothing to sort then.
        parts = [self._part(code, given[code]) for code in sorted(given, key=lambda code: (len(code), code))]
        written = "".join([how for how, _ in parts])
        for line, (ends, late) in zip(zip(*[what for _, what in parts], strict=True), lives, strict=True):
            body = written % line
            if late:
                body += f'"LATE":"{late}",'
            chunk.stored.append(rows.checked(f"{{{body[:-1]}}}", ends))
        chunk.places += places
        for code, column in given.items():
            self._identify(self._own[code], places, column)
        self._identify_whole(places, given)
        if any(code in given for code in self._names):
            order = [field.code for field in self._file.fields if field.code in given]
            for place, *row in zip(places, *(given[code] for code in order), strict=True):
                fields = tuple(
                    (code, value) for code, several in zip(order, row, strict=True) for value in several
                )
                chunk.called += [(book, place, who) for book, who in named(self._file, fields) if who]

    def _part(self, code: str, column: Sequence[Given]) -> tuple[str, list[str]]:
        """How a field's part of each record is written, and what stands in it."""
        field = self._own[code]
        if not field.secret:
            return self._pieces[code].column(column)
        seal = self._vault.seal  # each anew: two sealed alike would tell that they are one
        return "%s", [
            _piece(field, [{"sealed": seal(self._file.code, code, value)} for value in several])
            for several in column
        ]

    def _identify(self, field: Field, places: Iterable[int], column: Sequence[Given]) -> None:
        kind = field.kind.identifies
        if not kind:
            return
        pairs = [(value, place) for several, place in zip(column, places, strict=True) for value in several]
        if field.secret:
            pairs = [(self._vault.blind(kind, value), place) for value, place in pairs]
        before = self._found.get(kind, [])
        self._found[kind] = list({*before, *pairs}) if before or field.many > 1 else pairs

    def _identify_whole(self, places: list[int], given: Mapping[str, list[Given]]) -> None:
        """What tells things without a number apart: several fields together."""
        for group in numberless(self._file):
            if all(code in given for code in group):
                lines = zip(places, *(given[code] for code in group), strict=True)
                pairs = {("/".join([one[-1] for one in line]), place) for place, *line in lines if all(line)}
                self._found[SAME] = list(pairs.union(self._found.get(SAME, ())))

    # ----------------------------------------------------------------------- all others

    def _alone(self, shape: Shape, row: int, at: datetime, chunk: Chunk) -> None:
        """A line that may have faults, by itself, as a message is read."""
        place = shape.places[row]
        fields = [
            (self._own[code], raw if isinstance(self._own[code].kind, Prose) else as_sent(raw))
            for code, cell in zip(shape.codes, shape.rows[row], strict=True)
            for raw in self._memos[code].raws(cell)
        ]
        reading = checked("", self._form, fields, self._today)
        if reading.message is None:
            chunk.faulty.append((place, tuple((fault.field, fault.reason) for fault in reading.faults)))
            return
        ends, late = life_of(self._file, reading.message.fields, at)
        added = (*reading.message.fields, ("LATE", late)) if late else reading.message.fields
        chunk.stored.append(rows.checked(to_json(self._file, added, self._vault), ends))
        chunk.places.append(place)
        for kind, value in identifiers(self._file, reading.message.fields, self._vault):
            before = self._found.setdefault(kind, [])
            if (value, place) not in before[-len(reading.message.fields) :]:
                before.append((value, place))
        chunk.called += [(book, place, who) for book, who in named(self._file, reading.message.fields) if who]


def life_of(file: File, fields: Fields, at: datetime) -> Life:
    """When a record's time is up, as COPY takes it, and how much too late it came; empty where in time."""
    ends, _ = due(file, fields, at)
    return rows.moment(ends), lateness(file, fields, at)


def watched(form: Form, file: File) -> dict[str, bool]:
    """The fields on which rules, keeping and lateness depend; True where on their values as well."""
    found: dict[str, bool] = {}

    def watch(codes: Iterable[str], *, values: bool) -> None:
        for code in filter(None, codes):
            found[code] = found.get(code, False) or values

    def watch_conditions(conditions: Iterable[When]) -> None:
        for when in conditions:
            watch((when.field,), values=bool(when.values))

    for rule in form.rules:
        if isinstance(rule, OneOf | AtLeastOne | Together):
            watch(rule.codes, values=False)
        elif isinstance(rule, Needs):
            watch((rule.field,), values=True)
            watch((rule.needs,), values=False)
        elif isinstance(rule, OnlyWith):
            watch((rule.field,), values=False)
            watch((rule.other,), values=True)
        else:
            watch(rule.codes, values=True)
    for keep in (file.keep, *file.keep_if):
        watch((keep.until, keep.at, keep.since, keep.year_of), values=True)
        watch_conditions(keep.when)
    for late in file.late:
        watch((late.field, late.time), values=True)
        watch_conditions(late.when)
    return found
