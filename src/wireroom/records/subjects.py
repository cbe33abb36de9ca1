"""What a broadcast about a record is, whatever its sender calls it: the record's own fields decide."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from wireroom.catalog.file import Source
from wireroom.catalog.index import NUMBERED_BY, Catalogue
from wireroom.records.life import IN_FORCE
from wireroom.records.shape import plain

NAMED = """
select r.number, r.file, r.fields::text as fields
  from identifier i join record r on r.file = i.file and r.id = i.record
 where i.kind = $1 and i.value = any($2::text[]) and r.test = $3 and r.status = any($4::text[])
"""


async def subjects(
    connection: asyncpg.Connection,
    catalogue: Catalogue,
    source: Source,
    numbers: Sequence[str],
    *,
    test: bool,
) -> dict[str, str]:
    """Those of the numbers that are on file, each with its record's subject; empty where its file has none."""
    kind = NUMBERED_BY[source]
    found: dict[str, str] = {}
    for row in await connection.fetch(NAMED, kind, list(numbers), test, list(IN_FORCE)):
        file = catalogue.files.get(row["file"])
        values: dict[str, tuple[str, ...]] = {}
        for code, value in plain(row["fields"]):
            values[code] = (*values.get(code, ()), value)
        found[row["number"]] = file.told_as(values) if file else ""
    return found
