"""Code tables: what a code means, and whether it was in use on a day."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

import msgspec


class Row(msgspec.Struct, frozen=True):
    """One code. `since` and `until` are canonical days (YYYYMMDD), empty where the source gives none."""

    code: str
    meaning: str
    since: str = ""
    until: str = ""

    def used_on(self, day: str) -> bool:
        """Whether a new record of that canonical day may use the code; old records always read."""
        return (not self.since or self.since <= day) and (not self.until or day <= self.until)


class UnknownTable(LookupError):
    """A declaration names a code table that does not exist."""


@cache
def table(name: str) -> Mapping[str, Row]:
    """The rows of a shipped table by their code, read once and frozen.

    Raises UnknownTable where there is no such table.
    """
    source = resources.files("wireroom.catalog.codes").joinpath(f"{name}.csv")
    if not source.is_file():
        raise UnknownTable(f"there is no code table {name!r} in wireroom/catalog/codes")
    lines = source.read_text(encoding="ascii").splitlines()
    rows = {row["code"]: Row(**row) for row in csv.DictReader(lines)}
    return MappingProxyType(rows)


@cache
def choices(name: str) -> tuple[str, ...]:
    """The codes of a table in order, for inventing and for forms."""
    return tuple(table(name))


@cache
def tables() -> tuple[str, ...]:
    """The names of all shipped tables, in order."""
    folder = resources.files("wireroom.catalog.codes")
    return tuple(sorted(entry.name[:-4] for entry in folder.iterdir() if entry.name.endswith(".csv")))
