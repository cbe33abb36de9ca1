"""What waits for an agency to be done with its own records: to verify, to validate, to do what is overdue."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg

from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Answer, Hit, Question, State
from wireroom.message.local import day_of
from wireroom.records.deadlines import overdue
from wireroom.records.shape import from_json, readable
from wireroom.records.vault import Vault

SHOWN_MAX = 25  # of a list; the others are counted, and move up as these are done
COUNTED_MAX = 10_000
OVERDUE = "OVERDUE"  # by the clocks of records, not by what stands in them

# Which records are in each list. Each names owner, day and training, so that all take the same arguments.
_CONDITIONS: Mapping[str, str] = {
    "VERIFY": "r.checked_by = '' and r.entered_by <> '' and r.status in ('active', 'located') and $2::date is not null",
    "VALIDATE": "r.validate_on <= $2::date",
    "LOCATED": "r.status = 'located' and not (r.fields ? 'DOD') and $2::date is not null",
    "LATE": "(r.fields ? 'LATE') and r.status in ('active', 'located') and $2::date is not null",
}
_SHOWN = "select r.file, r.number, r.owner, r.status, r.fields::text as fields, r.entered_by from record r"
_OWN = "r.owner = $1 and r.test = $3"
ROWS = {
    name: f"{_SHOWN} where {_OWN} and {condition} order by r.file, r.id limit {SHOWN_MAX}"
    for name, condition in _CONDITIONS.items()
}
COUNT = {
    name: f"select count(*) from (select from record r where {_OWN} and {condition} limit {COUNTED_MAX}) as c"  # noqa: S608
    for name, condition in _CONDITIONS.items()
}


async def listed(
    connection: asyncpg.Connection, catalogue: Catalogue, vault: Vault, source: Source, question: Question
) -> Answer:
    """The list that a question asks for, of the asker's own agency."""
    seat = question.seat
    which = question.message.get("LST")
    if which == OVERDUE:
        return await overdue(connection, catalogue, vault, source, question)
    arguments = (seat.ori, day_of(question.at), seat.test)
    rows = await connection.fetch(ROWS[which], *arguments)
    hits = tuple(
        Hit(
            file=row["file"],
            number=row["number"],
            owner=row["owner"],
            status=row["status"],
            fields=readable(
                catalogue.files[row["file"]],
                from_json(catalogue.files[row["file"]], row["fields"], vault),
            ),
            why=f"entered by {row['entered_by']}" if row["entered_by"] else "",
        )
        for row in rows
        if row["file"] in catalogue.files
    )
    if not hits:
        return Answer(source=source.value, state=State.NO_RECORD, text="NOTHING WAITS IN THIS LIST")
    count = await connection.fetchval(COUNT[which], *arguments)
    more = f"{count} IN ALL, THE FIRST {len(hits)} ARE SHOWN" if count > len(hits) else f"{count} IN ALL"
    return Answer(source=source.value, state=State.RECORD, hits=hits, text=more)
