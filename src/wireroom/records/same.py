"""Whether two records are of the same thing: one rule, whether a record comes alone or with a million others."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from wireroom.catalog.file import File
from wireroom.catalog.kinds_of_number import Plate, Vin
from wireroom.catalog.kinds_of_order import person
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.rules import Values
from wireroom.message.envelope import Message
from wireroom.records.life import valued
from wireroom.records.shape import SAME, Fields, identifiers, numberless
from wireroom.records.vault import Vault
from wireroom.records.ways import agrees


def probes(file: File, fields: Fields, vault: Vault) -> list[tuple[str, str]]:
    """The numbers under which an agency's own record of the same thing would stand, by index and value."""
    kinds = probed(file)
    return [pair for pair in dict.fromkeys(identifiers(file, fields, vault)) if pair[0] in kinds]


def is_same(file: File, how: str, fields: Fields, held: Fields) -> bool:
    """Whether a record that was reached by a number of the index `how` is of the same thing as these fields."""
    by_number = how in same_by(file) and agrees(file, how, Message(file.enter, fields), dict(held))
    return by_number or _agree(file, valued(fields), valued(held))


@lru_cache(maxsize=512)
def probed(file: File) -> frozenset[str]:
    """The indexes by which records that may be of the same thing are looked for."""
    named = {SAME} if numberless(file) else set()
    return same_by(file) | _indexes(file, (code for group in file.same for code in group)) | named


@lru_cache(maxsize=512)
def same_by(file: File) -> frozenset[str]:
    """The indexes whose number two entries of one thing share, where the file does not itself say what makes two one.

    A case number is not one, for a case may have two stolen cars; nor the car of a person, for two may use it.
    """
    if file.same:
        return frozenset()
    kinds = [file.field(code).kind for way in file.found_by for code in way]
    of_people = any(isinstance(kind, PersonName) for kind in kinds)
    return frozenset(
        kind.identifies
        for kind in kinds
        if kind.identifies and not (of_people and isinstance(kind, Plate | Vin))
    )


def _indexes(file: File, codes: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(None, (file.field(code).kind.identifies for code in codes)))


def parted(file: File, codes: Iterable[str], new: Values, old: Values) -> bool:
    """Whether two records both have one of these fields and share nothing of it; of others in it the names count."""
    return any(
        _told(file, code, new).isdisjoint(_told(file, code, old))
        for code in codes
        if code in new and code in old
    )


def _told(file: File, code: str, values: Values) -> frozenset[str]:
    several = values.get(code, ())
    return frozenset(person(one).name for one in several) if code in file.parties else frozenset(several)


def _agree(file: File, new: Values, old: Values) -> bool:
    """Whether two records agree in one of the sets of fields that tell things of this file apart."""
    return not parted(file, file.apart, new, old) and any(
        all(code in new and set(new[code]) & set(old.get(code, ())) for code in group) for group in file.same
    )
