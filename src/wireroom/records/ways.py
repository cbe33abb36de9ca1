"""How a holder's files are asked by a message: by which numbers, in which files by name, and what parts two records."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from wireroom.catalog.file import Field, File, Source
from wireroom.catalog.index import ASKED_BY, Catalogue
from wireroom.catalog.kinds import Code
from wireroom.catalog.kinds_of_number import LicenceNumber, Plate
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.kinds_of_time import BirthDay
from wireroom.catalog.rules import Together
from wireroom.message.envelope import Message
from wireroom.records.shape import book_of

REMEMBERED_MAX = 4096  # combinations of key and fields
THE_RESTRAINED, THE_PROTECTED = "R", "P"


class Ways(msgspec.Struct, frozen=True):
    """How a holder's files are asked by a message of certain fields."""

    files: dict[str, File]  # that answer, by code
    indexes: dict[str, tuple[str, bool]]  # by field: the index, and whether it holds keyed hashes
    names: tuple[str, ...]  # codes of the files to search by name
    name_code: str = "NAM"  # the field with that name: the subject's, or an owner's
    others: tuple[tuple[str, str], ...] = ()  # others who stand in records of these files: file and field

    def books(self, party: str, *, over: bool) -> tuple[str, ...]:
        """The books of the index of people to search, for one party or for both; those of what is `over`."""
        names = [code for code in self.names if self.files[code].recalled or not over]
        own = () if party == THE_PROTECTED else tuple(book_of(code, over=over) for code in names)
        others = () if party == THE_RESTRAINED else self.others
        return (*own, *(book_of(*one, over=over) for one in others if one[0] in names))


class Asking:
    """The ways of one holder's files; those of messages of the same fields are worked out once."""

    def __init__(self, catalogue: Catalogue, source: Source) -> None:
        self._catalogue = catalogue
        self._source = source
        self._remembered = lru_cache(maxsize=REMEMBERED_MAX)(self._ways)

    def ways(self, message: Message) -> Ways:
        """How this holder's files are asked by a message."""
        return self._remembered(message.key, frozenset([code for code, _ in message.fields]))

    def _ways(self, key: str, given: frozenset[str]) -> Ways:
        numbers = ASKED_BY[self._source] & given
        asked: dict[str, File] = {}
        indexes: dict[str, tuple[str, bool]] = {}
        names: dict[str, None] = {}
        name_code = "NAM"
        for file in self._catalogue.forms[key].files:
            ways = [way for way in file.ways(key) if set(way) <= given]
            if self._source not in file.held_by or not (ways or numbers):
                continue
            asked[file.code] = file
            for field in (file.field(code) for way in ways for code in way):
                if index := field.kind.identifies:
                    indexes[field.code] = (index, field.secret)
                elif isinstance(field.kind, PersonName):
                    names[file.code] = None
                    name_code = field.code
        indexes.update({number: (number, False) for number in numbers})
        # Others are found by whoever asks for this very file: to be protected is no reason to be found with the wanted.
        others = [
            (code, field) for code in names if asked[code].inquire == key for field in asked[code].parties
        ]
        return Ways(asked, indexes, tuple(names), name_code, tuple(others))


def agrees(file: File, how: str, message: Message, fields: dict[str, str]) -> bool:
    """Whether a record that a number of the index `how` reached is the one that a message means."""
    return all(
        not asked or not held or held in asked
        for asked, held in ((message.all(code), fields.get(code, "")) for code in parting(file, how))
    )


def of_a_state_asked(file: File, source: Source, message: Message, fields: dict[str, str]) -> bool:
    """Whether a record is of a state that is asked, where each answers for itself from one database."""
    abroad = file.abroad
    return abroad is None or abroad.to is not source or fields.get(abroad.field) in message.all(abroad.field)


def lives_up(file: File, message: Message, fields: dict[str, str]) -> bool:
    """Whether a record found by a name has what the message asks for beside the name: the city of an owner.

    What no reader is shown finds nothing either: whoever asks for one city after another would learn it.
    """
    hidden = {code for one in file.conceals if one.when in fields for code in one.hides}
    return all(
        fields.get(code) == message.get(code) and code not in hidden
        for way in file.found_by
        if all(message.get(code) for code in way)
        for code in beside_name(file, way)
    )


@lru_cache(maxsize=512)
def beside_name(file: File, way: tuple[str, ...]) -> tuple[str, ...]:
    """The fields of a way by name that are neither name nor birth date nor found by themselves."""
    kinds = {code: file.field(code).kind for code in way}
    if not any(isinstance(kind, PersonName) for kind in kinds.values()):
        return ()
    return tuple(
        code for code, kind in kinds.items()
        if not isinstance(kind, PersonName | BirthDay) and not kind.identifies
    )  # fmt: skip


@lru_cache(maxsize=512)
def parting(file: File, how: str) -> tuple[str, ...]:
    """The fields that part two records of one number: the plate's state and type, or the licence's state.

    Plates and licence numbers are given out by every state anew. All other numbers name one thing alone, so nothing
    hides what they reach: a stolen car is found by its VIN whatever plate it bears. Nor does what describes a person.
    """
    reached = {field.code for field in file.fields if field.kind.identifies == how}
    if not any(isinstance(file.field(code).kind, Plate | LicenceNumber) for code in reached):
        return ()
    numbers = {field.code for field in file.fields if field.kind.identifies}
    groups = [set(rule.codes) for rule in file.rules if isinstance(rule, Together)]
    of_others = {code for group in groups if group & numbers and not group & reached for code in group}
    return tuple(
        code for code in file.narrow if code not in of_others and not _describes_a_person(file.field(code))
    )


def _describes_a_person(field: Field) -> bool:
    return isinstance(field.kind, BirthDay) or (
        isinstance(field.kind, Code) and field.kind.table in ("sex", "race")
    )
