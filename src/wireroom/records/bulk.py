"""Loads many records at once with COPY, indexes and all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import asyncpg

from wireroom.catalog.file import Source
from wireroom.catalog.index import NUMBERED_BY, Catalogue
from wireroom.records.clocks import COLUMNS as CLOCK_COLUMNS
from wireroom.records.clocks import Timed, loaded
from wireroom.records.hold import numbers_of
from wireroom.records.life import due, first_validation
from wireroom.records.matching.keeping import Kept, keep
from wireroom.records.matching.people import People
from wireroom.records.pouring import pour
from wireroom.records.shape import Fields, identifiers, kept, to_json
from wireroom.records.vault import Vault

IDENTIFIER_COLUMNS = ("kind", "value", "file", "record")
RECORD_COLUMNS = (
    "file",
    "id",
    "number",
    "owner",
    "status",
    "version",
    "test",
    "entered_at",
    "changed_at",
    "fields",
    "due_at",
    "validate_on",
)


class BulkLoader:
    """Loads records of one source. Ids are counted up from `first_id`, which the caller keeps apart from others."""

    def __init__(
        self,
        catalogue: Catalogue,
        source: Source,
        vault: Vault,
        *,
        first_id: int,
        test: bool = False,
        validate_from: date | None = None,
    ) -> None:
        """With `validate_from` the months in which the records are to be validated are spread over a year from it,
        as those of a file that has stood for years; else all are of the first month that follows from their entry.
        """
        self._catalogue = catalogue
        self._number_kind = NUMBERED_BY.get(source, "")
        self._vault = vault
        self._next = first_id
        self._test = test
        self._people = People()  # of the database that is loaded
        self._validates = source is Source.STATE
        self._months = [] if validate_from is None else [_month_on(validate_from, n) for n in range(12)]

    @property
    def next_id(self) -> int:
        """The id of the record that is loaded next."""
        return self._next

    async def load(
        self, connection: asyncpg.Connection, rows: Iterable[tuple[str, str, str, Fields]], at: datetime
    ) -> int:
        """Load rows of file code, owner ORI, number and canonical fields in one transaction; how many there were."""
        records: list[tuple[object, ...]] = []
        found: list[tuple[object, ...]] = []
        people: list[Kept] = []
        clocks: list[tuple[object, ...]] = []
        for code, owner, number, fields in rows:
            file = self._catalogue.files[code]
            record, self._next = self._next, self._next + 1
            stored = to_json(file, fields, self._vault)
            ends, _ = due(file, fields, at)
            validate = self._validate_on(record, at) if self._validates and file.validated else None
            records.append(
                (code, record, number, owner, "active", 1, self._test, at, at, stored, ends, validate)
            )
            named = numbers_of(self._number_kind, number, fields)
            found.extend(
                {(*pair, code, record) for pair in (*named, *identifiers(file, fields, self._vault))}
            )
            people += kept(file, record, fields, test=self._test)
            if self._validates and file.clocks:
                timed = Timed(
                    record=record, owner=owner, test=self._test, entered_at=at, changed_at=at, fields=fields
                )
                clocks += loaded(file, timed)
        async with connection.transaction():
            await write(connection, self._people, records, found, people)
            if clocks:
                await pour(connection, "clock", CLOCK_COLUMNS, clocks)
        return len(records)

    def _validate_on(self, record: int, at: datetime) -> date:
        return self._months[record % len(self._months)] if self._months else first_validation(at)


def _month_on(day: date, months: int) -> date:
    """The first day of the month so many months later."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


async def write(
    connection: asyncpg.Connection,
    index: People,
    records: Sequence[tuple[object, ...]],
    identifiers_of: Sequence[tuple[object, ...]],
    people: Sequence[Kept],
) -> None:
    """Copies records by RECORD_COLUMNS, their identifiers and their names, all in one transaction."""
    async with connection.transaction():
        await pour(connection, "record", RECORD_COLUMNS, records)
        await pour(connection, "identifier", IDENTIFIER_COLUMNS, identifiers_of)
        if people:
            await index.refresh(connection)
            await keep(connection, index.vocabulary, index.books, people)
