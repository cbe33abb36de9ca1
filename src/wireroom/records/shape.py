"""How a record's fields become JSON, identifiers and names, and JSON becomes fields again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import msgspec

from wireroom.catalog.file import Field, File
from wireroom.catalog.kinds_of_order import person
from wireroom.catalog.kinds_of_person import PersonName, parts
from wireroom.catalog.kinds_of_time import BirthDay
from wireroom.records.matching.keeping import Called, Kept, called
from wireroom.records.vault import Vault

Fields = tuple[tuple[str, str], ...]
# What its life adds to a record, in the order in which it is shown behind the file's own fields.
LIFE = ("FCN", "NIC", "LATE", "DOL", "LCA", "DIS", "LOR", "DCL", "CLR", "RST", "VLN", "DOV", "RPT")
HISTORY = "~"  # behind the name of a book of those in records that are over and found all the same
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, object]).decode


def to_json(file: File, fields: Fields, vault: Vault) -> str:
    """The JSON of a record's canonical fields; a secret value stands sealed, a repeated one as a list."""
    stored: dict[str, object] = {}
    for code, value in fields:
        field = _field(file, code)
        one: object = value
        if field is not None:
            one = {"sealed": vault.seal(file.code, code, value)} if field.secret else field.kind.store(value)
        if field is not None and field.many > 1:
            stored.setdefault(code, [])
            several = stored[code]
            assert isinstance(several, list), "a repeated field is stored as a list"
            several.append(one)
        else:
            stored[code] = one
    return _encode(stored).decode()


def from_json(file: File, stored: str, vault: Vault) -> Fields:
    """The canonical fields of a record's JSON, in the file's order, then what its life added."""
    values = _decode(stored)
    ordered = [field.code for field in file.fields if field.code in values]
    life = [code for code in LIFE if code in values]
    rest = [code for code in values if code not in ordered and code not in life]
    return tuple(
        pair for code in (*ordered, *life, *rest) for pair in _values(file, code, values[code], vault)
    )


def plain(stored: str) -> Fields:
    """A record's fields as they are stored, without those that are sealed: for what depends on none of them."""
    return tuple(
        (code, str(one))
        for code, value in _decode(stored).items()
        for one in (value if isinstance(value, list) else [value])
        if not isinstance(one, dict)
    )


def _values(file: File, code: str, stored: object, vault: Vault) -> Iterator[tuple[str, str]]:
    field = _field(file, code)
    for one in stored if isinstance(stored, list) else (stored,):
        if isinstance(one, dict):
            yield code, vault.open(file.code, code, str(one["sealed"]))
        else:
            yield code, str(one) if field is None else field.kind.load(one)


def _field(file: File, code: str) -> Field | None:
    return _by_code(file).get(code)


@lru_cache(maxsize=512)
def _by_code(file: File) -> Mapping[str, Field]:
    return {field.code: field for field in file.fields}


SAME = (
    "SAME"  # the index of what tells the things of a file apart where that has no number, as a name and a day
)


def identifiers(file: File, fields: Fields, vault: Vault) -> Iterator[tuple[str, str]]:
    """Index and value of every identifier among the fields; a secret one as its keyed hash."""
    by_code = _by_code(file)
    values = dict(fields)
    for group in numberless(file):
        if all(code in values for code in group):
            yield SAME, "/".join(values[code] for code in group)
    for code, value in fields:
        field = by_code.get(code)
        if field is not None and (kind := field.kind.identifies):
            yield kind, vault.blind(kind, value) if field.secret else value


@lru_cache(maxsize=512)
def numberless(file: File) -> tuple[tuple[str, ...], ...]:
    """The sets of fields that tell the things of a file apart, and none of them has an index of its own."""
    return tuple(
        group
        for group in file.same
        if not any(file.field(code).kind.identifies or file.field(code).secret for code in group)
    )


def persons(file: File, fields: Fields) -> tuple[Called, ...]:
    """What the person of a record is called: each name with each birth date."""
    by_code = _by_code(file)
    names, births, sex = [], [], ""
    for code, value in fields:
        field = by_code.get(code)
        if field is None:
            continue
        if isinstance(field.kind, PersonName):
            names.append(parts(value))
        elif isinstance(field.kind, BirthDay):
            births.append(int(value))
        elif code == "SEX":
            sex = value
    return tuple(
        called(last, first, middle, suffix, dob=dob, sex=sex)
        for last, first, middle, suffix in dict.fromkeys(names)
        for dob in dict.fromkeys(births) or (0,)
    )


def others(file: File, fields: Fields) -> tuple[tuple[str, tuple[Called, ...]], ...]:
    """Who else stands in a record, by the field: those whom an order protects are not the one whom it restrains."""
    return tuple(
        (code, tuple(_other(value) for known, value in fields if known == code)) for code in file.parties
    )


def _other(value: str) -> Called:
    one = person(value)
    return called(*parts(one.name), dob=int(one.born or 0), sex=one.sex)


def kept(
    file: File, record: int, fields: Fields, former: Fields = (), *, test: bool, over: bool = False
) -> list[Kept]:
    """What the index of people is told of a record: a book for its person, one for each field of others.

    A book that the `former` fields were in and these are not in is told that there is nobody any more. What is `over`
    is in books of its own.
    """
    before = {book for book, people in named(file, former, over=over) if people}
    return [
        Kept(book, test, record, people)
        for book, people in named(file, fields, over=over)
        if people or book in before
    ]


def named(file: File, fields: Fields, *, over: bool = False) -> list[tuple[str, tuple[Called, ...]]]:
    """All who stand in a record, by the book of the index of people in which they are."""
    return [
        (book_of(file.code, over=over), persons(file, fields)),
        *((book_of(file.code, code, over=over), people) for code, people in others(file, fields)),
    ]


def book_of(file: str, code: str = "", *, over: bool = False) -> str:
    """The name of a file's book in the index of people, or of its book of those who stand in one of its fields.

    Of what is over there are others: however much history there is of a name, it hides nobody, and it makes no find
    among what is in force less certain.
    """
    return f"{file}{f'/{code}' if code else ''}{HISTORY if over else ''}"


def of_book(book: str) -> tuple[str, str]:
    """The file of a book by its name, and the field of those who are in it; empty for a record's own person."""
    file, _, code = book.removesuffix(HISTORY).partition("/")
    return file, code


def readable(file: File, fields: Fields) -> Fields:
    """What a reader sees of a record: where it says whom to ask instead, what is confidential is left out."""
    there = {code for code, _ in fields}
    hidden = {code for one in file.conceals if one.when in there for code in one.hides}
    return tuple(pair for pair in fields if pair[0] not in hidden) if hidden else fields


def merged(file: File, old: Fields, new: Iterable[tuple[str, str]]) -> Fields:
    """The old fields with the new in place of those of the same code, in the file's order."""
    new = tuple(new)
    changed = {code for code, _ in new}
    order = {code: place for place, code in enumerate((*(field.code for field in file.fields), *LIFE))}
    kept = (pair for pair in old if pair[0] not in changed)
    return tuple(sorted((*kept, *new), key=lambda pair: order.get(pair[0], len(order))))
