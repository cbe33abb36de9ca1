"""Holds one record while it is changed: locks it, keeps its former version, and keeps the indexes true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import asyncpg
import msgspec

from wireroom.catalog.file import File, Source
from wireroom.catalog.index import NUMBERED_BY
from wireroom.message.answer import Hit
from wireroom.records.clocks import Timed, drop_clocks, end_clocks, set_clocks
from wireroom.records.life import IN_FORCE, Status, due, history_ends
from wireroom.records.matching.keeping import Kept
from wireroom.records.shape import Fields, from_json, identifiers, kept, readable, to_json
from wireroom.records.vault import Vault

INSERT_RECORD = """
insert into record (file, id, number, owner, status, version, test, entered_at, changed_at, fields,
                    entered_by, entered_ori, validate_on, due_at)
values ($1, $2, $3, $4, 'active', 1, $5, $6, $6, $7::jsonb, $8, $9, $10, $11)
"""
INSERT_IDENTIFIERS = """
insert into identifier (kind, value, file, record)
select kind, value, $1, $2 from unnest($3::text[], $4::text[]) as q(kind, value) on conflict do nothing
"""
_HELD = """
select r.file, r.id, r.number, r.owner, r.status, r.version, r.test, r.changed_at, r.entered_at, r.entered_by,
       r.checked_by, r.validate_on, r.fields::text as fields
"""
LOCK_NUMBER = f"""
{_HELD} from identifier i
  join record r on r.file = i.file and r.id = i.record
 where i.kind = $1 and i.value = $2 and ($3 = '' or i.file = $3) and r.test = $4
 order by r.id limit 1 for update of r
"""
READ_RECORD = f"{_HELD} from record r where r.file = $1 and r.id = $2"
LOCK_RECORD = f"{_HELD} from record r where r.file = $1 and r.id = $2 for update"
KEEP_VERSION = """
insert into record_version (file, id, version, status, changed_at, replaced_by, fields)
values ($1, $2, $3, $4, $5, $6, $7::jsonb)
"""
UPDATE_RECORD = """
update record
   set status = $3, version = version + 1, changed_at = $4, fields = $5::jsonb, checked_by = $6, entered_by = $7,
       validate_on = $8, due_at = $9
 where file = $1 and id = $2
"""
DELETE_IDENTIFIERS = """
delete from identifier i using unnest($3::text[], $4::text[]) as q(kind, value)
 where i.kind = q.kind and i.value = q.value and i.file = $1 and i.record = $2
"""
FOLLOW = """
insert into followup (number, file, record, tx) values ($1, $2, $3, pg_current_xact_id()::text::bigint)
on conflict do nothing
"""


class Held(msgspec.Struct, frozen=True):
    """A record locked for a change."""

    file: str
    id: int
    number: str
    owner: str
    status: str
    version: int
    test: bool
    changed_at: datetime
    entered_at: datetime
    entered_by: str
    checked_by: str
    validate_on: date | None
    stored: str
    fields: Fields

    @property
    def in_force(self) -> bool:
        """Whether it is found, and may be changed."""
        return self.status in IN_FORCE

    def hit(self, file: File, status: str = "", fields: Fields = ()) -> Hit:
        """The record as it is told to whoever is told of it: without what no reader is shown."""
        return Hit(
            file=self.file,
            number=self.number,
            owner=self.owner,
            status=status or self.status,
            fields=readable(file, fields or self.fields),
        )


class New(msgspec.Struct, frozen=True, kw_only=True):
    """A record that begins."""

    id: int
    number: str
    owner: str
    test: bool
    at: datetime
    fields: Fields
    entered_by: str = ""
    entered_ori: str = ""
    validate_on: date | None = None


class Hand:
    """Writes records of one holder inside the caller's transaction. What it named is told to the index of people."""

    def __init__(self, vault: Vault, source: Source) -> None:
        self.vault = vault
        self.named: list[Kept] = []
        self._number_kind = NUMBERED_BY.get(source, "")  # FCN at the state, NIC at NCIC, empty at the DMV
        self._followed = source is Source.STATE  # whether others must hear of what is changed

    async def by_number(
        self, connection: asyncpg.Connection, kind: str, number: str, files: Iterable[File], *, test: bool
    ) -> Held | None:
        """The record of a number, locked; None where there is none among these files."""
        among = {file.code: file for file in files}
        file = next(iter(among)) if len(among) == 1 else ""
        row = await connection.fetchrow(LOCK_NUMBER, kind, number, file, test)
        if row is None or row["file"] not in among:
            return None
        return self._held(among[row["file"]], row)

    async def by_place(self, connection: asyncpg.Connection, file: File, record: int) -> Held | None:
        """The record of a file by its place, locked; None where it is gone."""
        row = await connection.fetchrow(LOCK_RECORD, file.code, record)
        return None if row is None else self._held(file, row)

    async def seen(self, connection: asyncpg.Connection, file: File, record: int) -> Held | None:
        """The record of a file by its place, as it stands, not locked; None where it is gone.

        Whoever tells others of a record locks what they know of it first, so whoever notes that they must be told may
        not hold the record meanwhile.
        """
        row = await connection.fetchrow(READ_RECORD, file.code, record)
        return None if row is None else self._held(file, row)

    def _held(self, file: File, row: asyncpg.Record) -> Held:
        return Held(
            file=file.code,
            id=row["id"],
            number=row["number"],
            owner=row["owner"],
            status=row["status"],
            version=row["version"],
            test=row["test"],
            changed_at=row["changed_at"],
            entered_at=row["entered_at"],
            entered_by=row["entered_by"],
            checked_by=row["checked_by"],
            validate_on=row["validate_on"],
            stored=row["fields"],
            fields=from_json(file, row["fields"], self.vault),
        )

    async def begin(self, connection: asyncpg.Connection, file: File, new: New) -> Hit:
        """A record begins, and is found from now on."""
        ends, _ = due(file, new.fields, new.at)
        await connection.execute(
            INSERT_RECORD, file.code, new.id, new.number, new.owner, new.test, new.at,
            to_json(file, new.fields, self.vault), new.entered_by, new.entered_ori, new.validate_on, ends,
        )  # fmt: skip
        await self._index(connection, file, new.id, new.number, new.fields)
        self.named += kept(file, new.id, new.fields, test=new.test)
        if self._followed:
            timed = Timed(
                record=new.id, owner=new.owner, test=new.test, entered_at=new.at, changed_at=new.at,
                fields=new.fields,
            )  # fmt: skip
            await set_clocks(connection, file, timed)
        await self._follow(connection, file, new.id, new.id)
        return Hit(
            file=file.code,
            number=new.number,
            owner=new.owner,
            status=Status.ACTIVE,
            fields=readable(file, new.fields),
        )

    async def replace(  # noqa: PLR0913 - what the new version is, each by name
        self,
        connection: asyncpg.Connection,
        file: File,
        held: Held,
        *,
        by: int,
        at: datetime,
        fields: Fields | None = None,
        status: str = "",
        checked_by: str | None = None,
        entered_by: str | None = None,
        validate_on: date | None = None,
        over_at: datetime | None = None,
    ) -> Hit:
        """The new version in place of the old, which is kept. What has ended is found no more, or if asked for.

        Its history counts from `over_at`, where it was over earlier than that was noted. `by` is the journal number of
        what changed it. A version that is not checked is to be verified again.
        """
        fields, status = held.fields if fields is None else fields, status or held.status
        force = status in IN_FORCE
        ends = due(file, fields, held.entered_at)[0] if force else history_ends(over_at or at)
        await connection.execute(
            KEEP_VERSION, file.code, held.id, held.version, held.status, held.changed_at, by, held.stored
        )
        stored = held.stored if fields is held.fields else to_json(file, fields, self.vault)
        await connection.execute(
            UPDATE_RECORD, file.code, held.id, status, at, stored,
            held.checked_by if checked_by is None else checked_by,
            held.entered_by if entered_by is None else entered_by,
            (validate_on or held.validate_on) if force else None, ends,
        )  # fmt: skip
        if fields is not held.fields or not force:
            old = list(identifiers(file, held.fields, self.vault))
            await connection.execute(DELETE_IDENTIFIERS, file.code, held.id, *columns(old, 2))
            if force or file.recalled:
                await self._index(connection, file, held.id, held.number, fields)
            self.named += kept(file, held.id, fields if force else (), held.fields, test=held.test)
            if file.recalled and not force:
                self.named += kept(file, held.id, fields, test=held.test, over=True)
            await self._time(connection, file, held, fields if force else None, at)
        await self._follow(connection, file, held.id, by)
        return held.hit(file, status, fields)

    async def forget(self, connection: asyncpg.Connection, file: File, held: Held) -> None:
        """What has ended, and was found all the same, is found no more, and nobody counts how it was kept."""
        if self._followed:
            await drop_clocks(connection, file, held.id)
        if file.recalled:
            old = list(identifiers(file, held.fields, self.vault))
            await connection.execute(DELETE_IDENTIFIERS, file.code, held.id, *columns(old, 2))
            self.named += kept(file, held.id, (), held.fields, test=held.test, over=True)

    async def _time(
        self, connection: asyncpg.Connection, file: File, held: Held, fields: Fields | None, at: datetime
    ) -> None:
        """The clocks of a record as it is now; without fields it has ended, and none is open any more."""
        if not self._followed:
            return
        if fields is None:
            await end_clocks(connection, file, held.id)
            return
        timed = Timed(
            record=held.id, owner=held.owner, test=held.test, entered_at=held.entered_at, changed_at=at,
            fields=fields, former=held.fields,
        )  # fmt: skip
        await set_clocks(connection, file, timed)

    async def _follow(self, connection: asyncpg.Connection, file: File, record: int, by: int) -> None:
        if self._followed:
            await connection.execute(FOLLOW, by, file.code, record)

    async def _index(
        self, connection: asyncpg.Connection, file: File, record: int, number: str, fields: Fields
    ) -> None:
        found = [*numbers_of(self._number_kind, number, fields), *identifiers(file, fields, self.vault)]
        await connection.execute(INSERT_IDENTIFIERS, file.code, record, *columns(found, 2))


def numbers_of(number_kind: str, number: str, fields: Fields) -> list[tuple[str, str]]:
    """What names a record: its number here, and its number at the other holder where it has one."""
    found = [(code, value) for code, value in fields if code in ("FCN", "NIC")]
    return [(number_kind, number), *found] if number and number_kind else found


def columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    """Rows as columns, for unnest; so many empty ones when there is no row."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
