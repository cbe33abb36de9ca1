"""How a record file and a message are declared: fields, keys, rules, where it is held, how long it is kept."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from wireroom.catalog.kinds import Code, Number, Prose, Text
from wireroom.catalog.kinds_of_number import Address, Fcn, LicenceNumber, Nic, Ori, Plate, Serial, Ssn, Vin
from wireroom.catalog.kinds_of_person import Height, PersonName, Weight
from wireroom.catalog.kinds_of_time import BirthDay, Day, Year
from wireroom.catalog.rules import Rule

AnyKind = (
    Text | Prose | Number | Code | Day | BirthDay | Year | Plate | Vin | LicenceNumber | Ssn | Serial | Ori
    | Address | Fcn | Nic | PersonName | Height | Weight
)  # fmt: skip

FieldCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9]{1,3}$")]
Key = Annotated[str, msgspec.Meta(pattern=r"^([A-Z][A-Z0-9]{0,4})?$")]


# Field codes with a meaning of their own: what any message may carry, what numbers a record, what its life adds to it,
# what heads a record in a reply, and what a fault of the whole text is told under. No file may declare them.
RESERVED = frozenset(
    ("PUR", "CAS", "ATN", "FCN", "NIC", "DOL", "LCA", "LOR", "DIS", "DCL", "CLR",
     "MKE", "FILE", "STS", "ORI", "NBR", "LIK", "WHY", "KEY", "TEXT", "SRH")
)  # fmt: skip


class Verb(StrEnum):
    """What a message key asks for."""

    INQUIRE = "inquire"
    ENTER = "enter"
    MODIFY = "modify"
    LOCATE = "locate"
    CLEAR = "clear"
    CANCEL = "cancel"
    MESSAGE = "message"


class Source(StrEnum):
    """Who holds files. Each answers for itself."""

    STATE = "STATE"
    DMV = "DMV"
    NCIC = "NCIC"


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of a file or message."""

    code: FieldCode
    title: str
    kind: AnyKind
    required: bool = False
    many: Annotated[int, msgspec.Meta(ge=1, le=50)] = 1  # how often it may stand in one message
    secret: bool = False  # sealed in the database, found by a keyed hash
    note: str = ""  # for the manual: what the title does not say


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a record stays: the rest of its year and so many years, so many days, or (neither) until cleared."""

    years: int = 0
    days: int = 0
    mark: str = ""  # where the period comes from, for the manual


class Also(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another file's inquiry that this file answers too, when it is asked by these fields."""

    key: Key
    by: tuple[FieldCode, ...]


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True):
    """A record file: what stands in a record, who holds it, which keys reach it and how it is found."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]{1,30}$")]
    title: str
    fields: tuple[Field, ...]
    found_by: tuple[tuple[FieldCode, ...], ...]  # any of these sets of fields finds records
    letter: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]?$")] = ""  # of its NIC numbers
    held_by: tuple[Source, ...] = (Source.STATE,)
    hit: str = ""  # what a match is called in capitals; empty where a record only informs
    confirm: str = ""  # what the reader must do before acting on a hit
    inquire: Key = ""
    answers: tuple[Also, ...] = ()
    asked_as: Key = ""  # the key its holder knows, where it is not the inquiry's own
    enter: Key = ""
    modify: Key = ""
    locate: Key = ""
    clear: Key = ""
    cancel: Key = ""
    narrow: tuple[FieldCode, ...] = ()  # fields that an inquiry may add to find fewer
    rules: tuple[Rule, ...] = ()
    headline: tuple[FieldCode, ...] = ()  # what describes a record in one line
    keep: Keep = Keep()
    note: str = ""

    def __post_init__(self) -> None:
        known = [field.code for field in self.fields]
        if len(set(known)) != len(known):
            raise ValueError(
                f"{self.code}: a field stands twice: {sorted({c for c in known if known.count(c) > 1})}"
            )
        for name, codes in (
            ("found_by", [code for group in self.found_by for code in group]),
            ("narrow", self.narrow),
            ("headline", self.headline),
            ("answers", [code for also in self.answers for code in also.by]),
            ("rules", [code for rule in self.rules for code in rule.codes]),
        ):
            if unknown := [code for code in codes if code not in known]:
                raise ValueError(f"{self.code}: {name} names unknown fields {unknown}")
        if taken := sorted(RESERVED.intersection(known)):
            raise ValueError(f"{self.code}: these field codes have a meaning of their own: {taken}")
        if any(isinstance(field.kind, Prose) for field in self.fields[:-1]):
            raise ValueError(f"{self.code}: prose is always the last field")
        if not self.found_by and self.inquire:
            raise ValueError(f"{self.code}: an inquiry needs found_by")
        for group in self.found_by:
            if not any(map(_finds, map(self.field, group))):
                raise ValueError(
                    f"{self.code}: nothing is found by {' with '.join(group)}: give one an index"
                )
        for line in (self.title, self.hit, self.confirm, *(field.title for field in self.fields)):
            if not line.isprintable():
                raise ValueError(f"{self.code}: {line!r} is not one line of printable text")

    def field(self, code: str) -> Field:
        """The field with a code; KeyError where the file has none."""
        for field in self.fields:
            if field.code == code:
                return field
        raise KeyError(code)

    @property
    def inquiries(self) -> tuple[str, ...]:
        """Every inquiry key that this file answers."""
        return tuple(key for key in (self.inquire, *(also.key for also in self.answers)) if key)

    def ways(self, key: str) -> tuple[tuple[str, ...], ...]:
        """The sets of fields by which this file is asked under an inquiry key; none where it does not answer."""
        if key == self.inquire:
            return self.found_by
        return tuple(
            group
            for also in self.answers
            if also.key == key
            for group in self.found_by
            if set(group) <= set(also.by)
        )


def _finds(field: Field) -> bool:
    return bool(field.kind.identifies) or isinstance(field.kind, PersonName)


class Notice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message that touches no file: it goes from one terminal to others."""

    key: Key
    title: str
    fields: tuple[Field, ...]
    to: FieldCode = "TO"  # the field that holds the addresses
    rules: tuple[Rule, ...] = ()
    note: str = ""
