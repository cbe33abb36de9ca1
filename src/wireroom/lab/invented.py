"""What was entered, and the record that it became at whoever holds its file."""

from __future__ import annotations

import msgspec

from wireroom.catalog.file import File, Source

Fields = tuple[tuple[str, str], ...]


class Entry(msgspec.Struct, frozen=True):
    """What an agency entered, but for the numbers that a holder gives it."""

    file: File
    fields: Fields
    entered: str  # CCYYDDD, the day of the entry
    person: int = -1  # the place of its person in the block, where it is about one of them


class Invented(msgspec.Struct, frozen=True, gc=False):
    """A record nobody entered: its fields are canonical and stand in the catalogue's order."""

    source: Source  # who holds it
    file: str  # the file's code in the catalogue
    owner: str  # the ORI that would have entered it
    number: str  # FCN at the state, NIC at NCIC, its own number at the DMV
    fields: Fields
    life: Fields = ()  # what its life added: the number that the other holder knows it by
    copies: tuple[tuple[Source, str], ...] = ()  # who was told of it, and what it is called there
