"""The records in force of the person of one record: those of which the search says strongly that it is the same."""

from __future__ import annotations

from collections.abc import Iterable

import asyncpg

from wireroom.catalog.file import File
from wireroom.catalog.index import Catalogue
from wireroom.records.hold import Hand, Held
from wireroom.records.persons import PersonAsked, Persons
from wireroom.records.shape import identifiers, persons

FOUND_MAX = 50  # records of one person
NAMES_MAX = 5
ASKED_BITS = 0.0
NUMBERS = ("OLN", "SOC", "CII", "FBI")


async def of_one_person(
    connection: asyncpg.Connection,
    file: File,
    held: Held,
    among: Iterable[str],
    *,
    catalogue: Catalogue,
    hand: Hand,
    people: Persons,
) -> list[tuple[File, Held]]:
    """The records of the same person among files of these codes, without the one in hand."""
    numbers = tuple(
        (kind, value, False) for kind, value in identifiers(file, held.fields, hand.vault) if kind in NUMBERS
    )
    codes = tuple(dict.fromkeys(among))
    found: dict[tuple[str, int], tuple[File, Held]] = {}
    for called in persons(file, held.fields)[:NAMES_MAX] if codes else ():
        [several] = await people.search(
            connection, [PersonAsked(called, numbers, codes, held.test)], ASKED_BITS
        )
        for one in several[:FOUND_MAX]:
            place = (one.file, one.record)
            if one.tier != "strong" or place in found or place == (file.code, held.id):
                continue
            record = await hand.seen(connection, catalogue.files[one.file], one.record)
            if record is not None and record.in_force:
                found[place] = (catalogue.files[one.file], record)
    return list(found.values())
