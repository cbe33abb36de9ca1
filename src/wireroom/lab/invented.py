"""One invented record, as it goes to whoever holds its file."""

from __future__ import annotations

import msgspec

from wireroom.catalog.file import Source

Fields = tuple[tuple[str, str], ...]


class Invented(msgspec.Struct, frozen=True, gc=False):
    """A record nobody entered: its fields are canonical and stand in the catalogue's order."""

    source: Source  # who holds it
    file: str  # the file's code in the catalogue
    owner: str  # the ORI that would have entered it
    number: str  # FCN at the state, NIC at NCIC, its own number at the DMV
    fields: Fields
