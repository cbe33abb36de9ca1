"""Code tables: what a code means, and whether it was in use on a day."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType

import msgspec

OF_NAMES = frozenset(
    {
        "article_brand",
        "boat_make",
        "country",
        "gun_make",
        "nlets_destination",
        "part_brand",
        "state",
        "vehicle_make",
    }
)  # whose meanings are proper names
_NAME = re.compile(r"[a-z][a-z_]{0,40}")
_TITLED = re.compile(r"\b(?!(?:and|of|the)\b)[a-z]+(?:'[a-z]+)?")


class Row(msgspec.Struct, frozen=True):
    """One code. `since` and `until` are canonical days (YYYYMMDD), empty where the source gives none."""

    code: str
    meaning: str
    since: str = ""
    until: str = ""

    @property
    def dated(self) -> bool:
        """Whether there are days on which a new record may not use the code."""
        return bool(self.since or self.until)

    def used_on(self, day: str) -> bool:
        """Whether a new record of that canonical day may use the code; old records always read."""
        return (not self.since or self.since <= day) and (not self.until or day <= self.until)


class UnknownTable(LookupError, ValueError):
    """A declaration names a code table that does not exist."""


@cache
def table(name: str) -> Mapping[str, Row]:
    """The rows of a shipped table by their code, read once and frozen.

    Raises UnknownTable where there is no such table.
    """
    if not _NAME.fullmatch(name):
        raise UnknownTable(f"{name!r} is not the name of a code table: small letters and underscores")
    source = resources.files("wireroom.catalog.codes").joinpath(f"{name}.csv")
    if not source.is_file():
        raise UnknownTable(f"there is no code table {name!r} in wireroom/catalog/codes")
    lines = source.read_text(encoding="ascii").splitlines()
    rows = {row["code"]: Row(**row) for row in csv.DictReader(lines)}
    return MappingProxyType(rows)


@lru_cache(maxsize=256)
def choices(name: str, day: str = "") -> tuple[str, ...]:
    """The codes of a table in order; with a canonical day only those that a new record of that day may use."""
    return tuple(row.code for row in table(name).values() if not day or row.used_on(day))


@lru_cache(maxsize=4096)
def spoken(name: str, code: str) -> str:
    """What a code means, as a person says it: "New York", "Larceny"; the code itself where the table has none."""
    row = table(name).get(code)
    if row is None:
        return code
    if not row.meaning.isupper():
        return row.meaning
    words = row.meaning.lower()
    return _TITLED.sub(lambda found: found[0].capitalize(), words) if name in OF_NAMES else words.capitalize()


@cache
def tables() -> tuple[str, ...]:
    """The names of all shipped tables, in order."""
    folder = resources.files("wireroom.catalog.codes")
    return tuple(sorted(entry.name[:-4] for entry in folder.iterdir() if entry.name.endswith(".csv")))
