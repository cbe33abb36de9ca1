"""What other holders are told of our records, so that both stay in step: NCIC a copy, the DMV a stop.

What is kept is not a queue of messages but how far the other is: the version and status that it knows. The next message
is made from the record as it stands, so a link that was down for a day needs no more than one that was down for a
second, and whatever is told twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wireroom.catalog.file import File, Forward, Source, Verb
from wireroom.catalog.index import NUMBERED_BY, Catalogue
from wireroom.message.answer import Answer, Notification, State
from wireroom.message.envelope import Message
from wireroom.message.local import day_of
from wireroom.records.hold import Held, columns
from wireroom.records.life import IN_FORCE, Status, valued
from wireroom.records.shape import from_json
from wireroom.records.vault import Vault

AGAIN_S = (1, 2, 5, 10, 30, 60, 300)  # after so many tries without an answer
LIFE_OF_LOCATE = ("DOL", "LCA", "DIS")
LIFE_OF_CLEAR = ("DCL", "CLR")

DIRTY = """
insert into forward (source, file, record, number, told_version, told_status, due_at, tries, trouble)
select source, file, record, '', 0, '', $4, 0, '' from unnest($1::text[], $2::text[], $3::bigint[])
    as q(source, file, record) order by source, file, record
on conflict (source, file, record) do update
   set due_at = case when forward.trouble = 'sent' then forward.due_at else excluded.due_at end, tries = 0
"""
KNOWN = "select from forward where source = $1 and file = $2 and record = $3"
WAITING = """
select f.source, f.file, f.record, f.number as there, f.told_version, f.told_status, f.tries, f.due_at,
       r.number, r.owner, r.status, r.version, r.test, r.fields::text as fields, r.entered_at, r.changed_at
  from forward f left join record r on r.file = f.file and r.id = f.record
 where f.source = $1 and f.due_at <= $2 and f.file = any($4::text[])
 order by f.due_at, f.record limit $3 for update of f skip locked
"""
# Who was sent an entry may have taken it, though no answer came: then a record that ends is told as well.
SENT = """
update forward set due_at = $4, trouble = 'sent',
       told_status = case when told_status = '' and $5 then 'asked' else told_status end
 where source = $1 and file = $2 and record = $3
"""
HOLD = "update forward set due_at = $4 where source = $1 and file = $2 and record = $3"
TOLD = """
update forward set number = $4, told_version = $5, told_status = $6, due_at = $7, tries = $8, trouble = $9
 where source = $1 and file = $2 and record = $3
returning (select version from record r where r.file = $2 and r.id = $3) as version,
          (select status from record r where r.file = $2 and r.id = $3) as status
"""
FORGET = "delete from forward where source = $1 and file = $2 and record = $3"
NUMBERED = """
update record set fields = fields || jsonb_build_object('NIC', $3::text) where file = $1 and id = $2
"""
INDEXED = """
insert into identifier (kind, value, file, record) values ('NIC', $3, $1, $2) on conflict do nothing
"""
WAKE = """
update forward set due_at = $2, tries = 0 where source = $1 and due_at > $2 and trouble <> 'sent'
"""
TRIED = """
update forward set due_at = $4, tries = tries + 1, trouble = $5 where source = $1 and file = $2 and record = $3
"""
ASKED = "asked"  # told_status of what was sent for the first time and not answered yet
IN_FLIGHT_S = 30  # until a message that was handed out and never answered is handed out again


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """One message to another holder about one record, and what that holder will know once it has taken it."""

    source: Source
    file: str
    record: int
    number: str  # FCN
    there: str  # what it is called there; empty at first
    ori: str  # for whom it is said
    owner: str
    message: Message
    version: int
    status: str
    known: str  # the status that the other knew before
    locates: bool  # whether a locate can be told there
    tries: int
    test: bool


class Forwarding:
    """Keeps other holders of records in step. Holds no connection."""

    def __init__(self, catalogue: Catalogue, vault: Vault) -> None:
        self._catalogue = catalogue
        self._vault = vault

    async def changed(
        self, connection: asyncpg.Connection, file: File, held: Held
    ) -> list[tuple[str, str, int]]:
        """Whom a change concerns: holder, file and record, each to be noted with `note`."""
        if held.test:  # training never meets what is live
            return []
        concerned = []
        for forward in file.forwards:
            known = await connection.fetchrow(KNOWN, forward.to.value, file.code, held.id) is not None
            if known or (held.in_force and concerns(forward, held)):
                concerned.append((forward.to.value, file.code, held.id))
        return concerned

    async def note(
        self, connection: asyncpg.Connection, concerned: Iterable[tuple[str, str, int]], now: datetime
    ) -> frozenset[Source]:
        """Notes that others must hear of changes; whom. In one order, so that no two wait for each other."""
        rows = sorted(set(concerned))
        if rows:
            await connection.execute(DIRTY, *columns(rows, 3), now)
        return frozenset(Source(row[0]) for row in rows)

    async def waiting(
        self, connection: asyncpg.Connection, source: Source, now: datetime, limit: int
    ) -> list[Telling]:
        """What a holder is to be told now, the oldest first; in the caller's transaction.

        Whatever is given out is not given out again for a while, so a process that dies with it loses nothing.
        """
        tellings = []
        for row in await connection.fetch(WAITING, source.value, now, limit, list(self._catalogue.files)):
            telling = self._telling(source, row)
            if telling is None:
                await connection.execute(FORGET, source.value, row["file"], row["record"])
                continue
            later = now + timedelta(seconds=IN_FLIGHT_S)
            enters = telling.status in IN_FORCE
            await connection.execute(SENT, source.value, row["file"], row["record"], later, enters)
            tellings.append(telling)
        # What is said of them is written down in this order, so that no two processes wait for each other.
        return sorted(tellings, key=lambda one: (one.file, one.record))

    def _telling(self, source: Source, row: asyncpg.Record) -> Telling | None:
        """The next message about a record; None where there is nothing to say any more."""
        file = self._catalogue.files[row["file"]]
        forward = next((one for one in file.forwards if one.to is source), None)
        if forward is None or row["status"] is None:
            return None
        fields = from_json(file, row["fields"], self._vault)
        target = self._catalogue.files[forward.file or file.code]
        force = row["status"] in IN_FORCE and all(w.holds(valued(fields)) for w in forward.when)
        told = row["told_status"] in IN_FORCE
        if not force and not told and row["told_status"] != ASKED:
            return None
        verb = _verb(row, force=force, told=told)
        if verb is Verb.LOCATE and not target.locate:
            verb = Verb.MODIFY
        message = self._message(verb, source, target, forward, row, fields)
        if message is None:
            return None
        # After a change a locate is told again, for it may have been made anew as well.
        after = Status.ACTIVE if verb in (Verb.ENTER, Verb.MODIFY) else row["status"]
        version = row["version"]
        if verb is Verb.LOCATE and version > row["told_version"] + 1:
            version = row["told_version"]  # it was changed as well, and that is told next
        return Telling(
            source=source,
            file=file.code,
            record=row["record"],
            number=row["number"],
            there=row["there"],
            ori=dict(fields).get("LOR", row["owner"]) if verb is Verb.LOCATE else row["owner"],
            owner=row["owner"],
            message=message,
            version=version,
            status=after,
            known="" if row["told_status"] == ASKED else row["told_status"],
            locates=bool(target.locate),
            tries=row["tries"],
            test=row["test"],
        )

    def _message(
        self,
        verb: Verb,
        source: Source,
        target: File,
        forward: Forward,
        row: asyncpg.Record,
        fields: tuple[tuple[str, str], ...],
    ) -> Message | None:
        key = _key(target, verb, fields)
        form = self._catalogue.of(source).forms.get(key)
        if form is None:
            return None
        number = [("FCN", row["number"])]
        if row["there"] and NUMBERED_BY.get(source) == "NIC" and verb is not Verb.ENTER:
            number.append(("NIC", row["there"]))
        if verb in (Verb.ENTER, Verb.MODIFY):
            chosen = set(forward.fields) or {field.code for field in target.fields}
            said = [pair for pair in fields if pair[0] in chosen and form.field(pair[0])]
        else:
            said = [
                pair
                for pair in fields
                if pair[0] in (*LIFE_OF_LOCATE, *LIFE_OF_CLEAR) and form.field(pair[0])
            ]
            there = dict(said)
            day = f"{day_of(row['changed_at']):%Y%m%d}"
            said += [(f.code, day) for f in form.required if f.code in ("DOL", "DCL") and f.code not in there]
        pairs = [pair for pair in (*number, *said) if form.field(pair[0])]
        pairs.sort(key=lambda pair: form.places[pair[0]])
        return Message(key, tuple(pairs))

    async def told(
        self, connection: asyncpg.Connection, telling: Telling, answer: Answer, now: datetime
    ) -> list[Notification]:
        """What the holder said to a message: taken, not taken, or nothing yet. In the caller's transaction."""
        place = (telling.source.value, telling.file, telling.record)
        if answer.state is State.ACCEPTED:
            number = next((hit.number for hit in answer.hits), telling.there)
            return await self._taken(connection, telling, number, now)
        missing = answer.state is State.REFUSED and answer.text.startswith("NOT ON FILE")
        if missing and (telling.there or telling.status not in IN_FORCE):
            # It is gone there: where it stands here it is entered anew.
            await connection.execute(TOLD, *place, "", 0, "", now, 0, "")
            return []
        if answer.state is State.REFUSED:
            said = answer.text.replace("\n", "; ")
            # What it did not take as new it does not have: corrected, it is entered and not changed.
            status = telling.status if telling.known in IN_FORCE else ""
            row = await connection.fetchrow(
                TOLD, *place, telling.there, telling.version, status, None, telling.tries, self._sealed(said)
            )
            moved = row is not None and row["version"] != telling.version
            if moved:
                await connection.execute(HOLD, *place, now)
                return []
            text = f"{telling.source.value} DID NOT TAKE {telling.message.key} FCN/{telling.number}: {said}"
            return [Notification(code="$.E.", to=telling.owner, text=text, number=telling.number)]
        wait = AGAIN_S[min(telling.tries, len(AGAIN_S) - 1)]
        said = answer.text or answer.state.value
        await connection.execute(TRIED, *place, now + timedelta(seconds=wait), self._sealed(said))
        return []

    def _sealed(self, said: str) -> str:
        """What another system said may repeat what it was told, a secret field among it."""
        return self._vault.seal("forward", "trouble", said)

    async def _taken(
        self, connection: asyncpg.Connection, telling: Telling, number: str, now: datetime
    ) -> list[Notification]:
        place = (telling.source.value, telling.file, telling.record)
        row = await connection.fetchrow(TOLD, *place, number, telling.version, telling.status, None, 0, "")
        if NUMBERED_BY.get(telling.source) == "NIC" and number and number != telling.there:
            await connection.execute(NUMBERED, telling.file, telling.record, number)
            await connection.execute(INDEXED, telling.file, telling.record, number)
        if row is not None and not _in_step(row["version"], row["status"], telling):
            await connection.execute(HOLD, *place, now)  # it changed meanwhile, or there is one more step
        return []

    async def wake(self, connection: asyncpg.Connection, source: Source, now: datetime) -> None:
        """The other holder can be asked again: all that waits for it is due at once."""
        await connection.execute(WAKE, source.value, now)


def _in_step(version: int, status: str, telling: Telling) -> bool:
    """Whether a holder that took a message knows all there is to know."""
    if version != telling.version or (status in IN_FORCE) is not (telling.status in IN_FORCE):
        return False
    return status != Status.LOCATED or telling.status == Status.LOCATED or not telling.locates


def concerns(forward: Forward, held: Held) -> bool:
    """Whether a record goes to another holder: its conditions hold, and what the other needs is there."""
    values = valued(held.fields)
    whole = not forward.needs or any(all(code in values for code in group) for group in forward.needs)
    return whole and all(when.holds(values) for when in forward.when)


def _verb(row: asyncpg.Record, *, force: bool, told: bool) -> Verb:
    """The next step on the other's way to where the record is."""
    if force and not told:
        return Verb.ENTER
    if not force:
        return Verb.CLEAR if row["status"] == Status.CLEARED else Verb.CANCEL
    if row["status"] == Status.LOCATED and row["told_status"] != Status.LOCATED:
        return Verb.LOCATE
    return Verb.MODIFY


def _key(target: File, verb: Verb, fields: Sequence[tuple[str, str]]) -> str:
    """The key of a verb at another holder's file: of several that enter, the one that says what the record says."""
    if verb is Verb.ENTER:
        held = set(fields)
        known = [one for one in target.enters if not one.ours]
        fitting = [one for one in known if set(one.says) <= held]
        best = max(fitting or known, key=lambda one: len(one.says), default=None)
        return best.key if best else ""
    if verb is Verb.CLEAR:
        return target.clear or target.cancel
    if verb is Verb.CANCEL:
        return target.cancel or target.clear
    return target.modify if verb is Verb.MODIFY else target.locate
