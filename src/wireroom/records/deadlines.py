"""What must be done in time with records: what is overdue, what is due soon, and how well each clock was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wireroom.catalog.consequences import Clock
from wireroom.catalog.file import File, Source
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Answer, Hit, Question, State
from wireroom.message.deadlines import DAYS, SHOWN_MAX, SOON, Board, Group, Kept, Open, due
from wireroom.message.describing import described
from wireroom.records.shape import from_json, readable
from wireroom.records.vault import Vault

LISTED_MAX = 25  # of the list on the wire
COUNTED_MAX = 10_000

# Whose: by owner and by the other ORI of a clock. Each names both, so that all take the same arguments.
_WHOSE: Mapping[tuple[bool, bool], str] = {
    (False, False): "$1::text = '' and $2::text = ''",
    (True, False): "c.owner = $1 and $2::text = ''",
    (False, True): "$1::text = '' and c.other = $2",
    (True, True): "c.owner = $1 and c.other = $2",
}
_OWN = "(c.owner = $1 or c.other = $2)"
_COUNTS = """
select c.file, c.name, count(*) as many, count(*) filter (where c.due_at <= $4) as overdue,
       count(*) filter (where c.due_at > $4 and c.due_at <= $5) as soon
  from clock c where {whose} and c.test = $3 and c.met_at is null group by c.file, c.name
"""
_ROWS = f"""
select q.file, q.name, q.owner, q.other, q.due_at, r.number, r.fields::text as fields
  from (select c.*, row_number() over (partition by c.file, c.name order by c.due_at, c.record) as place
          from clock c where {{whose}} and c.test = $3 and c.met_at is null and c.due_at <= $4) as q
  join record r on r.file = q.file and r.id = q.record
 where q.place <= {SHOWN_MAX} order by q.due_at, q.record
"""  # noqa: S608 - our own words alone
_KEPT = """
select c.file, c.name, d.days, count(*) filter (where c.met_at < c.due_at) as in_time,
       count(*) filter (where c.met_at >= c.due_at) as late,
       percentile_cont(0.5) within group (order by extract(epoch from c.met_at - c.due_at)::float8) as median,
       max(extract(epoch from c.met_at - c.due_at)::float8) as worst
  from clock c join unnest($5::int[]) as d(days) on c.met_at > $4::timestamptz - make_interval(days => d.days)
 where {whose} and c.test = $3 and c.met_at is not null and c.met_at > $6
 group by c.file, c.name, d.days order by d.days
"""
LISTED = f"""
with own as materialized (
    select c.file, c.record, c.name, c.due_at from clock c
     where {_OWN} and c.test = $3 and c.met_at is null and c.due_at <= $4 limit {COUNTED_MAX})
select q.*, r.number, r.owner, r.status, r.fields::text as fields, count(*) over () as many
  from (select file, record, array_agg(name order by due_at, name) as names,
               array_agg(due_at order by due_at, name) as due
          from own group by file, record) as q
  join record r on r.file = q.file and r.id = q.record
 order by q.due[1], q.record limit {LISTED_MAX}
"""  # noqa: S608 - our own words alone


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """Of whom: an owner, another ORI that sees the clocks, both, or everybody; `own` is either of one agency."""

    owner: str = ""
    other: str = ""
    own: str = ""
    test: bool = False

    @property
    def condition(self) -> str:
        """The condition in SQL on a row `c` of the table of clocks."""
        return _OWN if self.own else _WHOSE[bool(self.owner), bool(self.other)]

    @property
    def arguments(self) -> tuple[str, str, bool]:
        """The first three arguments of every statement here."""
        return self.own or self.owner, self.own or self.other, self.test


async def board(
    connection: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy,
    catalogue: Catalogue,
    vault: Vault,
    whose: Whose,
    now: datetime,
) -> Board:
    """All that must be done in time by these, the clocks with the most overdue first."""

    async def ask(statement: str, *more: object) -> list[asyncpg.Record]:
        return list(await connection.fetch(statement.format(whose=whose.condition), *whose.arguments, *more))

    counts = await ask(_COUNTS, now, now + SOON)
    rows = await ask(_ROWS, now + SOON)
    kept = await ask(_KEPT, now, list(DAYS), now - timedelta(days=max(DAYS)))
    groups = [
        group
        for file in catalogue.files.values()
        for clock in file.clocks
        if (group := _group(file, clock, vault, (counts, rows, kept))) is not None
    ]
    groups.sort(key=lambda group: group.rows[0].due_at if group.rows else now + 2 * SOON)
    return Board(at=now, groups=tuple(groups))


def _group(
    file: File, clock: Clock, vault: Vault, found: tuple[Sequence[asyncpg.Record], ...]
) -> Group | None:
    """One clock of what was found; None where nothing is known of it."""
    counts, rows, kept = (
        [row for row in several if (row["file"], row["name"]) == (file.code, clock.name)] for several in found
    )
    if not counts and not kept:
        return None
    many, overdue, soon = (
        (counts[0]["many"], counts[0]["overdue"], counts[0]["soon"]) if counts else (0, 0, 0)
    )
    return Group(
        file=file.code,
        clock=clock.name,
        title=clock.title,
        overdue=overdue,
        soon=soon,
        later=many - overdue - soon,
        rows=tuple(_open(file, row, vault) for row in rows),
        kept=tuple(
            Kept(days=row["days"], in_time=row["in_time"], late=row["late"], median_s=row["median"],
                 worst_s=row["worst"])
            for row in kept
        ),
    )  # fmt: skip


def _open(file: File, row: asyncpg.Record, vault: Vault) -> Open:
    fields = readable(file, from_json(file, row["fields"], vault))
    return Open(
        number=row["number"],
        owner=row["owner"],
        other=row["other"],
        about=described(file, fields),
        due_at=row["due_at"],
    )


async def overdue(
    connection: asyncpg.Connection, catalogue: Catalogue, vault: Vault, source: Source, question: Question
) -> Answer:
    """What is overdue with records of the asker's agency, or with those that name it: each record once."""
    seat, now = question.seat, question.at
    rows = await connection.fetch(LISTED, seat.ori, seat.ori, seat.test, now)
    hits = []
    for row in rows:
        file = catalogue.files.get(row["file"])
        if file is None:
            continue
        titles = {clock.name: clock.title for clock in file.clocks}
        why = (
            f"{titles.get(name, name)}: {due(at, now)}"
            for name, at in zip(row["names"], row["due"], strict=True)
        )
        hits.append(
            Hit(file=file.code, number=row["number"], owner=row["owner"], status=row["status"],
                fields=readable(file, from_json(file, row["fields"], vault)), why="; ".join(why))
        )  # fmt: skip
    if not hits:
        return Answer(source=source.value, state=State.NO_RECORD, text="NOTHING WAITS IN THIS LIST")
    many = rows[0]["many"]
    text = f"{many} IN ALL, THE FIRST {len(hits)} ARE SHOWN" if many > len(hits) else f"{many} IN ALL"
    return Answer(source=source.value, state=State.RECORD, hits=tuple(hits), text=text)
