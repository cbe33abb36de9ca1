"""Enters, modifies, locates, clears and cancels records: each change keeps the version it replaces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import asyncpg
import msgspec

from wireroom.catalog.file import File, Source, Verb
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds_of_number import Plate, Vin
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.message.answer import Answer, Hit, Question, State
from wireroom.records.matching.keeping import Kept
from wireroom.records.shape import Fields, from_json, identifiers, merged, persons, to_json
from wireroom.records.vault import Vault
from wireroom.records.ways import agrees

ENVELOPE_CODES = frozenset({"PUR", "CAS", "ATN", "FCN"})
SERIALS_MAX = 100_000

LOCK_AGENCY = "select pg_advisory_xact_lock(hashtextextended($1, 0))"
NEXT_SERIAL = """
insert into fcn_counter (agency, day, next) values ($1, $2, 1)
on conflict (agency, day) do update set next = fcn_counter.next + 1 returning next
"""
ON_FILE = """
select r.number, r.owner, r.status, r.fields::text as fields, q.kind as how
  from unnest($3::text[], $4::text[]) as q(kind, value)
  join identifier i on i.kind = q.kind and i.value = q.value and i.file = $1
  join record r on r.file = i.file and r.id = i.record
 where r.owner = $2 and r.status in ('active', 'located') and r.test = $5 order by r.id
"""
INSERT_RECORD = """
insert into record (file, id, number, owner, status, version, test, entered_at, changed_at, fields)
values ($1, $2, $3, $4, 'active', 1, $5, $6, $6, $7::jsonb)
"""
INSERT_IDENTIFIERS = """
insert into identifier (kind, value, file, record)
select kind, value, $1, $2 from unnest($3::text[], $4::text[]) as q(kind, value) on conflict do nothing
"""
LOCK_RECORD = """
select r.id, r.number, r.owner, r.status, r.version, r.changed_at, r.fields::text as fields from identifier i
  join record r on r.file = i.file and r.id = i.record
 where i.kind = $1 and i.value = $2 and i.file = $3 and r.test = $4 for update of r
"""
KEEP_VERSION = """
insert into record_version (file, id, version, status, changed_at, replaced_by, fields)
values ($1, $2, $3, $4, $5, $6, $7::jsonb)
"""
UPDATE_RECORD = """
update record set status = $3, version = version + 1, changed_at = $4, fields = $5::jsonb where file = $1 and id = $2
"""
DELETE_IDENTIFIERS = """
delete from identifier i using unnest($3::text[], $4::text[]) as q(kind, value)
 where i.kind = q.kind and i.value = q.value and i.file = $1 and i.record = $2
"""

STATUS_AFTER = {Verb.MODIFY: "", Verb.LOCATE: "located", Verb.CLEAR: "cleared", Verb.CANCEL: "cancelled"}
OWNER_ONLY = frozenset({Verb.MODIFY, Verb.CLEAR, Verb.CANCEL})
WORD_AFTER = {
    Verb.MODIFY: "MODIFIED",
    Verb.LOCATE: "LOCATED",
    Verb.CLEAR: "CLEARED",
    Verb.CANCEL: "CANCELLED",
}


class Held(msgspec.Struct, frozen=True):
    """A record locked for a change."""

    id: int
    number: str
    owner: str
    status: str
    version: int
    changed_at: datetime
    stored: str
    fields: Fields


class Changer:
    """Carries out the changes of one batch at one holder of files, each inside the caller's transaction."""

    def __init__(self, catalogue: Catalogue, source: Source, vault: Vault) -> None:
        self._catalogue = catalogue
        self._source = source
        self._vault = vault
        self.named: list[Kept] = []  # what the index of people is to be told, once all is changed

    async def change(self, connection: asyncpg.Connection, question: Question) -> Answer:
        """The answer to one entry or change: accepted with the record's number, or refused with the reason."""
        form = self._catalogue.forms[question.message.key]
        file = form.files[0]
        if form.verb is Verb.ENTER:
            return await self._enter(connection, file, question)
        return await self._alter(connection, file, form.verb, question)

    async def _enter(self, connection: asyncpg.Connection, file: File, question: Question) -> Answer:
        seat = question.seat
        fields = tuple(pair for pair in question.message.fields if pair[0] not in ENVELOPE_CODES)
        await connection.execute(LOCK_AGENCY, f"{file.code}/{seat.ori}")
        held = await self._on_file(connection, file, fields, question)
        if held is not None:
            return self._refused(f"ON FILE ALREADY FCN/{held.number}", held)
        number = await self._number(connection, seat.ori, question.at)
        await connection.execute(
            INSERT_RECORD,
            file.code,
            question.transaction,
            number,
            seat.ori,
            seat.test,
            question.at,
            to_json(file, fields, self._vault),
        )
        await self._index(connection, file, question.transaction, number, fields, test=seat.test)
        entered = Hit(file=file.code, number=number, owner=seat.ori, status="active", fields=fields)
        return Answer(
            source=self._source.value, state=State.ACCEPTED, text=f"ENTERED FCN/{number}", hits=(entered,)
        )

    async def _on_file(
        self, connection: asyncpg.Connection, file: File, fields: Fields, question: Question
    ) -> Hit | None:
        """The agency's own record of the same thing, where there is one."""
        seat, same = question.seat, _same_by(file)
        numbers = [pair for pair in identifiers(file, fields, self._vault) if pair[0] in same]
        for row in await connection.fetch(ON_FILE, file.code, seat.ori, *_columns(numbers, 2), seat.test):
            held = from_json(file, row["fields"], self._vault)
            if agrees(file, row["how"], question.message, dict(held)):
                return Hit(
                    file=file.code,
                    number=row["number"],
                    owner=row["owner"],
                    status=row["status"],
                    fields=held,
                )
        return None

    async def _alter(
        self, connection: asyncpg.Connection, file: File, verb: Verb, question: Question
    ) -> Answer:
        number = question.message.get("FCN")
        held = await self._lock(connection, file, number, question.seat.test)
        if held is None or held.status not in ("active", "located"):
            return self._refused(f"NOT ON FILE FCN/{number}")
        if verb in OWNER_ONLY and held.owner != question.seat.ori:
            return self._refused(f"NOT YOUR RECORD: FCN/{number} BELONGS TO {held.owner}, SEND A LOCATE")
        if verb is Verb.LOCATE and held.owner == question.seat.ori:
            return self._refused(f"YOUR OWN RECORD: SEND A CLEAR FOR FCN/{number}")
        new = [pair for pair in question.message.fields if pair[0] not in ENVELOPE_CODES]
        if verb is Verb.LOCATE:
            new.append(("LOR", question.seat.ori))
        fields = merged(file, held.fields, new)
        if verb is Verb.MODIFY and (faults := _broken(file, fields)):
            return self._refused("; ".join(f"{code} {reason}" for code, reason in faults).upper())
        await self._replace(connection, file, held, fields, STATUS_AFTER[verb] or held.status, question)
        after = Hit(
            file=file.code,
            number=held.number,
            owner=held.owner,
            status=STATUS_AFTER[verb] or held.status,
            fields=fields,
        )
        text = f"{WORD_AFTER[verb]} FCN/{held.number}"
        return Answer(source=self._source.value, state=State.ACCEPTED, text=text, hits=(after,))

    async def _lock(self, connection: asyncpg.Connection, file: File, number: str, test: bool) -> Held | None:
        row = await connection.fetchrow(LOCK_RECORD, "FCN", number, file.code, test)
        if row is None:
            return None
        fields = from_json(file, row["fields"], self._vault)
        return Held(
            row["id"],
            row["number"],
            row["owner"],
            row["status"],
            row["version"],
            row["changed_at"],
            row["fields"],
            fields,
        )

    async def _replace(
        self,
        connection: asyncpg.Connection,
        file: File,
        held: Held,
        fields: Fields,
        status: str,
        question: Question,
    ) -> None:
        """The new version in place of the old, which is kept; a record that has ended is found no more."""
        await connection.execute(
            KEEP_VERSION,
            file.code,
            held.id,
            held.version,
            held.status,
            held.changed_at,
            question.transaction,
            held.stored,
        )
        await connection.execute(
            UPDATE_RECORD, file.code, held.id, status, question.at, to_json(file, fields, self._vault)
        )
        old = list(identifiers(file, held.fields, self._vault))
        await connection.execute(DELETE_IDENTIFIERS, file.code, held.id, *_columns(old, 2))
        if status in ("active", "located"):
            await self._index(connection, file, held.id, held.number, fields, test=question.seat.test)
        elif persons(file, held.fields):
            self.named.append(Kept(file.code, question.seat.test, held.id, ()))

    async def _index(
        self,
        connection: asyncpg.Connection,
        file: File,
        record: int,
        number: str,
        fields: Fields,
        *,
        test: bool,
    ) -> None:
        found = [("FCN", number), *identifiers(file, fields, self._vault)]
        await connection.execute(INSERT_IDENTIFIERS, file.code, record, *_columns(found, 2))
        if people := persons(file, fields):
            self.named.append(Kept(file.code, test, record, people))

    async def _number(self, connection: asyncpg.Connection, ori: str, at: datetime) -> str:
        """A new file control number: agency (from its ORI), year and day of year, serial of the agency's day."""
        agency, day = ori[2:5] if ori[2:5].isdigit() else "999", f"{at:%y%j}"
        serial = await connection.fetchval(NEXT_SERIAL, agency, day)
        if serial >= SERIALS_MAX:
            raise RuntimeError(
                f"agency {agency} has used all {SERIALS_MAX} file control numbers of day {day}"
            )
        return f"{agency}{day}{serial:05d}"

    def _refused(self, text: str, *hits: Hit) -> Answer:
        return Answer(source=self._source.value, state=State.REFUSED, text=text, hits=hits)


@lru_cache(maxsize=512)
def _same_by(file: File) -> frozenset[str]:
    """The indexes whose number two entries of one thing share.

    A case number is not one, for a case may have two stolen cars; nor the car of a person, for two may use it.
    """
    kinds = [file.field(code).kind for way in file.found_by for code in way]
    of_people = any(isinstance(kind, PersonName) for kind in kinds)
    return frozenset(
        kind.identifies
        for kind in kinds
        if kind.identifies and not (of_people and isinstance(kind, Plate | Vin))
    )


def _broken(file: File, fields: Fields) -> list[tuple[str, str]]:
    """What the file's rules say of a record's fields together."""
    values: dict[str, tuple[str, ...]] = {}
    for code, value in fields:
        values[code] = (*values.get(code, ()), value)
    return [fault for rule in file.rules for fault in rule.check(values)]


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    """Rows as columns, for unnest; so many empty ones when there is no row."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
