"""Reads a file of records, CSV or JSON Lines, into rows of cells: bounded memory, whatever the file holds."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import msgspec

from wireroom.catalog.index import Form
from wireroom.catalog.kinds import folded
from wireroom.records.importing import CannotImport
from wireroom.records.shape import LIFE

LINE_BYTES_MAX = 65_536  # longer is no record: a message has 16,384 characters at most
KEPT_BYTES = 2_000  # of a line that is too long, for the list of refused lines
BLOCK_BYTES = 1 << 22
BOM = b"\xef\xbb\xbf"
# What an export says of a record beside its fields. An import makes it anew.
ABOUT = ("FCN", "OWNER", "STATUS", "ENTERED", "MARKED")
NOT_TAKEN = frozenset((*ABOUT, *LIFE))

Cell = str | tuple[str, ...]
Faults = tuple[tuple[str, str], ...]  # field and reason
_decode = msgspec.json.Decoder(dict[str, str | list[str] | None]).decode


class Format(StrEnum):
    """How a file is written."""

    CSV = "csv"
    JSONL = "jsonl"


class Shape(msgspec.Struct):
    """Lines of one chunk that give the same fields. `places` are the lines' places in the chunk."""

    codes: tuple[str, ...]
    places: list[int]
    rows: list[Sequence[Cell]]


class Lines(msgspec.Struct):
    """One chunk of a file: every line is in a shape, or among the troubles, by its place."""

    numbers: list[int]  # of each line in the file, from 1
    raws: list[bytes]
    shapes: list[Shape]
    troubles: list[tuple[int, Faults]]


class _Cut(bytes):
    """The beginning of a line that is too long; `size` is all of it."""

    size: int


def _is_cut(raws: Sequence[bytes]) -> bool:
    """Whether a line among these is too long."""
    return _Cut in set(map(type, raws))


def _size(raws: Sequence[bytes]) -> int:
    """The bytes of the file that lines take, with their ends."""
    sizes = (
        [raw.size if isinstance(raw, _Cut) else len(raw) for raw in raws] if _is_cut(raws) else map(len, raws)
    )
    return sum(sizes) + len(raws)


class Physical:
    """The physical lines of a file from a place on, without their line ends; each may be given back."""

    def __init__(self, handle: BinaryIO, offset: int, line: int) -> None:
        handle.seek(offset)
        self._handle = handle
        self._held: list[bytes] = []  # the next first
        self._next = 0
        self._rest = b""
        self._ended = False
        self.offset, self.line = offset, line  # of what comes next

    def take(self, count: int) -> list[bytes]:
        """The next lines, so many or as many as there are."""
        while len(self._held) - self._next < count and not self._ended:
            self._fill()
        taken = self._held[self._next : self._next + count]
        self._next += len(taken)
        self.offset += _size(taken)
        self.line += len(taken)
        return taken

    def give_back(self, lines: Sequence[bytes]) -> None:
        """Lines that were taken last are to come again."""
        self._held = [*lines, *self._held[self._next :]]
        self._next = 0
        self.offset -= _size(lines)
        self.line -= len(lines)

    def _fill(self) -> None:
        block = self._handle.read(BLOCK_BYTES)
        parts = (self._rest + block).split(b"\n")
        self._rest = parts.pop()
        if not block:
            self._ended = True
            parts += [self._rest] if self._rest else []
        elif len(self._rest) > LINE_BYTES_MAX:
            parts.append(self._cut())
        if parts and max(map(len, parts)) > LINE_BYTES_MAX:
            parts = [part if len(part) <= LINE_BYTES_MAX else _cut(part, len(part)) for part in parts]
        self._held = [*self._held[self._next :], *parts]
        self._next = 0

    def _cut(self) -> _Cut:
        """The long line that was begun, read to its end and forgotten but for its beginning."""
        begun, size = self._rest[:KEPT_BYTES], len(self._rest)
        self._rest = b""
        while block := self._handle.read(BLOCK_BYTES):
            before, end, after = block.partition(b"\n")
            size += len(before)
            if end:
                self._rest = after
                break
        else:
            self._ended = True
        return _cut(begun, size)


def _cut(raw: bytes, size: int) -> _Cut:
    cut = _Cut(raw[:KEPT_BYTES])
    cut.size = size
    return cut


class Reader:
    """Reads chunks of a file of records. To begin at `offset`, the number of the line there is given too."""

    def __init__(
        self, handle: BinaryIO, written: Format, form: Form, *, offset: int = 0, line: int = 1
    ) -> None:
        self._form = form
        self._read = self._csv if written is Format.CSV else self._jsonl
        self.columns: tuple[str, ...] = ()
        handle.seek(0)
        begun = handle.read(len(BOM))
        if begun.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise CannotImport("the file is UTF-16: save it as UTF-8")
        self._lines = Physical(handle, len(BOM) if begun == BOM else 0, 1)
        if written is Format.CSV:
            self.columns = self._header()
        if offset > self._lines.offset:
            self._lines = Physical(handle, offset, line)

    @property
    def offset(self) -> int:
        """How far the file has been read, in bytes."""
        return self._lines.offset

    @property
    def line(self) -> int:
        """The number of the line that comes next."""
        return self._lines.line

    def read(self, count: int) -> Lines | None:
        """The next chunk of about so many lines that are not blank; None at the end."""
        while raws := self._lines.take(count):
            if found := self._read(raws):
                return found
        return None

    # ----------------------------------------------------------------------- CSV

    def _header(self) -> tuple[str, ...]:
        for _, _, row, trouble in self._rows(1):
            if trouble:
                raise CannotImport(f"the first line is no header: {trouble}")
            names = tuple(map(folded, row))
            _refuse_columns(names, self._form)
            return names
        raise CannotImport("the file is empty: its first line must name the fields")

    def _csv(self, raws: list[bytes]) -> Lines | None:
        first = self._lines.line - len(raws)
        text = _text(raws)
        if text is not None and '"' not in text and not _is_cut(raws):
            try:
                rows = list(csv.reader(text.split("\n")))
            except csv.Error:
                rows = []
            if len(rows) == len(raws):
                return self._shaped(list(range(first, first + len(raws))), raws, rows, [])
        self._lines.give_back(raws)
        numbers: list[int] = []
        wholes: list[bytes] = []
        cells: list[list[str]] = []
        troubles: list[tuple[int, Faults]] = []
        for number, raw, row, trouble in self._rows(len(raws)):
            if trouble:
                troubles.append((len(numbers), (("TEXT", trouble),)))
            numbers.append(number)
            wholes.append(raw)
            cells.append(row)
        return self._shaped(numbers, wholes, cells, troubles)

    def _rows(self, count: int) -> Iterator[tuple[int, bytes, list[str], str]]:
        """Number, bytes, cells and trouble of each of so many lines; a quoted cell may hold line ends."""
        fed: list[bytes] = []
        reader = csv.reader(self._feed(fed), strict=True)
        for _ in range(count):
            fed.clear()
            number, trouble, row = self._lines.line, "", []
            try:
                row = next(reader)
            except StopIteration:
                if not fed and not (fed := self._lines.take(1)):
                    return
                trouble = f"is longer than {LINE_BYTES_MAX} bytes"
            except csv.Error as error:
                self._lines.give_back(fed[1:])
                del fed[1:]
                trouble = f"is not CSV: {error}"
            raw = b"\n".join(fed)
            if not trouble and _text([raw]) is None:
                trouble = "is not UTF-8"
            if trouble:
                fed = []
                reader = csv.reader(self._feed(fed), strict=True)
            yield number, raw, row, trouble

    def _feed(self, fed: list[bytes]) -> Iterator[str]:
        """Physical lines for the CSV reader, each noted in `fed`; an end where a quoted cell becomes too long."""
        while sum(map(len, fed)) <= LINE_BYTES_MAX and (taken := self._lines.take(1)):
            if isinstance(taken[0], _Cut):
                self._lines.give_back(taken)
                return
            fed += taken
            yield taken[0].decode("utf-8", "surrogateescape") + "\n"

    def _shaped(
        self,
        numbers: list[int],
        raws: list[bytes],
        rows: Sequence[list[str]],
        troubles: list[tuple[int, Faults]],
    ) -> Lines | None:
        """One shape of all lines that have the header's columns; blank lines are left out."""
        width = len(self.columns)
        if not troubles and set(map(len, rows)) == {width}:
            return Lines(numbers, raws, [self._columned(list(range(len(rows))), list(rows))], [])
        told = dict(troubles)
        kept: list[tuple[int, bytes]] = []
        places: list[int] = []
        right: list[list[str]] = []
        found: list[tuple[int, Faults]] = []
        for place, row in enumerate(rows):
            if place not in told and not raws[place].strip():
                continue
            if place in told:
                found.append((len(kept), told[place]))
            elif len(row) != width:
                why = f"has {len(row)} columns, and the header has {width}"
                found.append((len(kept), (("TEXT", why),)))
            else:
                places.append(len(kept))
                right.append(row)
            kept.append((numbers[place], raws[place]))
        if not kept:
            return None
        return Lines([n for n, _ in kept], [r for _, r in kept], [self._columned(places, right)], found)

    def _columned(self, places: list[int], rows: list[list[str]]) -> Shape:
        """The cells by field: columns of an export that are not taken are left out, repeated ones are put together."""
        taken = [(place, code) for place, code in enumerate(self.columns) if code not in NOT_TAKEN]
        codes = tuple(dict.fromkeys(code for _, code in taken))
        if len(codes) == len(self.columns):
            return Shape(codes, places, list(rows))
        of = [[place for place, code in taken if code == one] for one in codes]
        merged: list[Sequence[Cell]] = [
            tuple(row[several[0]] if len(several) == 1 else _several(row, several) for several in of)
            for row in rows
        ]
        return Shape(codes, places, merged)

    # ----------------------------------------------------------------------- JSON Lines

    def _jsonl(self, raws: list[bytes]) -> Lines | None:
        first = self._lines.line - len(raws)
        shapes: dict[tuple[str, ...], Shape] = {}
        numbers: list[int] = []
        kept: list[bytes] = []
        troubles: list[tuple[int, Faults]] = []
        known = self._form.by_code
        for number, raw in enumerate(raws, first):
            if not raw.strip():
                continue
            place = len(kept)
            numbers.append(number)
            kept.append(raw)
            try:
                given = _decode(raw)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                troubles.append((place, _why_not(raw)))
                continue
            codes = tuple(given)
            shape = shapes.get(codes)
            if shape is None:
                faults = _unknown(codes, known, self._form)
                if faults:
                    troubles.append((place, faults))
                    continue
                shape = shapes[codes] = Shape(codes, [], [])
            shape.places.append(place)
            shape.rows.append([_cell(value) for value in given.values()])
        if not kept:
            return None
        return Lines(numbers, kept, [_taken(shape) for shape in shapes.values()], troubles)


def _text(raws: Sequence[bytes]) -> str | None:
    try:
        return b"\n".join(raws).decode()
    except UnicodeDecodeError:
        return None


def split(cell: str) -> tuple[str, ...]:
    r"""The values of a CSV cell of a field that may repeat: parted by |; \| is a | that belongs to a value."""
    if "\\" not in cell:
        return tuple(cell.split("|"))
    values, value, place = [], "", 0
    while place < len(cell):
        char = cell[place]
        if char == "\\" and cell[place + 1 : place + 2] in ("|", "\\"):
            place += 1
            value += cell[place]
        elif char == "|":
            values.append(value)
            value = ""
        else:
            value += char
        place += 1
    return (*values, value)


def joined(values: Sequence[str]) -> str:
    """The cell of several values, for `split`."""
    return "|".join([value.replace("\\", "\\\\").replace("|", "\\|") for value in values])


def _several(row: Sequence[str], places: Sequence[int]) -> Cell:
    return tuple(value for place in places for value in split(row[place]) if value.strip())


def _cell(value: str | list[str] | None) -> Cell:
    if value is None:
        return ""
    return value if isinstance(value, str) else tuple(value)


def _taken(shape: Shape) -> Shape:
    """Without what an export says of the record beside its fields."""
    if not NOT_TAKEN.intersection(shape.codes):
        return shape
    taken = [place for place, code in enumerate(shape.codes) if code not in NOT_TAKEN]
    rows: list[Sequence[Cell]] = [[row[place] for place in taken] for row in shape.rows]
    return Shape(tuple(shape.codes[place] for place in taken), shape.places, rows)


def _refuse_columns(names: tuple[str, ...], form: Form) -> None:
    """Raises CannotImport at a column that is no field, or that stands twice and may not."""
    for place, name in enumerate(names, 1):
        if name in NOT_TAKEN:
            continue
        field = form.by_code.get(name)
        if field is None or not takes(name, form):
            raise CannotImport(
                f"column {place} of the header, {name or 'without a name'}, is no field of {form.key}, "
                f"which takes {', '.join(fields_of(form))}"
            )
        if field.many == 1 and names.count(name) > 1:
            raise CannotImport(f"the header names {name} twice, and it may stand only once")


def takes(code: str, form: Form) -> bool:
    """Whether a field is one of the record itself: who enters it, and why, is said once for the whole file."""
    return any(field.code == code for field in form.files[0].fields)


def fields_of(form: Form) -> tuple[str, ...]:
    """The fields that a line may give."""
    return tuple(field.code for field in form.files[0].fields)


def _unknown(codes: Sequence[str], known: Mapping[str, object], form: Form) -> Faults:
    strange = [code for code in codes if code not in NOT_TAKEN and not (code in known and takes(code, form))]
    why = f"is not a field of {form.key}, which takes {', '.join(fields_of(form))}"
    return tuple((code[:40], why) for code in strange)


def _why_not(raw: bytes) -> Faults:
    """What is wrong with a line that is not an object of texts and lists of texts."""
    if isinstance(raw, _Cut):
        return (("TEXT", f"is longer than {LINE_BYTES_MAX} bytes"),)
    if _text([raw]) is None:
        return (("TEXT", "is not UTF-8"),)
    try:
        given = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return (("TEXT", f"is not JSON: {error}"),)
    if not isinstance(given, dict):
        return (("TEXT", "is not a JSON object of fields"),)
    return tuple(
        (code[:40], "is neither text nor a list of texts")
        for code, value in given.items()
        if not _texts(value)
    )


def format_of(path: Path, said: str | None) -> Format:
    """The format that was said, or the one of the file's ending."""
    if said:
        return Format(said)
    ending = path.suffix.lower().removeprefix(".")
    if ending in ("csv", "jsonl", "ndjson"):
        return Format.CSV if ending == "csv" else Format.JSONL
    raise CannotImport(f"{path.name} ends neither in .csv nor in .jsonl: say which it is with --format")


def _texts(value: object) -> bool:
    """Whether a field's value is what a field can be given: nothing, a text, or a list of texts."""
    many = value if isinstance(value, list) else [value]
    return value is None or all(isinstance(one, str) for one in many)
