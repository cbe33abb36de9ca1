"""What people outside are yet to be told, and what they were told: sealed, each letter once, until it was taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wireroom.message.letter import Told, key_of
from wireroom.records.hold import columns
from wireroom.records.vault import Vault

AGAIN_S = (60, 300, 900, 3_600, 7_200, 14_400, 28_800, 43_200)  # after so many tries; a day in all
TRIES_MAX = len(AGAIN_S) + 1
IN_FLIGHT_S = 180  # until a letter that was handed out and never reported on is handed out again
KEPT_DAYS = 90  # what is over
FORGOTTEN_MAX = 10_000
TROUBLE_MAX = 200
LISTED_MAX = 500
PLACES_MAX = 32_767

PUT = """
insert into outbox (id, place, channel, sealed, event, file, record, made_at, due_at, tries, done_at, trouble)
select q.*, $8, $8, 0, null, ''
  from unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[]) as q
"""
DUE = """
update outbox o set due_at = $3, tries = o.tries + 1
  from (select id, place from outbox where due_at <= $1 and channel = any($2::text[])
         order by due_at, id, place limit $4 for update skip locked) as q
 where o.id = q.id and o.place = q.place
returning o.id, o.place, o.channel, o.sealed, o.event, o.file, o.record, o.made_at, o.tries
"""
# Whoever was slow may report on a letter that another has sent again meanwhile: taken is taken, whoever says so.
TAKEN = "update outbox set due_at = null, done_at = $3, trouble = '' where id = $1 and place = $2 and done_at is null"
MISSED = """
update outbox set due_at = $3, trouble = $4 where id = $1 and place = $2 and done_at is null and due_at is not null
"""
FORGET = """
delete from outbox where ctid = any(array(select ctid from outbox where due_at is null and made_at < $1 limit $2))
"""
_KEPT = """
select id, place, channel, sealed, event, file, record, made_at, due_at, tries, done_at, trouble from outbox
"""
LIST = f"{_KEPT} where $1 or due_at is not null order by id desc, place limit {LISTED_MAX}"
SHOW = f"{_KEPT} where id = $1 and place = $2"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """One letter to write."""

    channel: str
    event: str
    file: str
    record: int
    told: Told


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One letter that is to be sent now."""

    id: int
    place: int
    channel: str
    event: str
    file: str
    record: int
    made_at: datetime
    tries: int  # this one counted
    told: Told

    @property
    def key(self) -> str:
        """Its name."""
        return key_of(self.id, self.place)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One letter as it lies in the outbox."""

    id: int
    place: int
    channel: str
    event: str
    file: str
    record: int
    made_at: datetime
    due_at: datetime | None
    tries: int
    done_at: datetime | None
    trouble: str
    told: Told

    @property
    def state(self) -> str:
        """What became of it so far."""
        return "sent" if self.done_at else "waits" if self.due_at else "given up"


class Outbox:
    """The letters of one switch. Every method works in the caller's transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def put(
        self, connection: asyncpg.Connection, drafts: Sequence[Draft], number: int, now: datetime
    ) -> None:
        """Letters into the outbox, all under one number that nothing else has."""
        assert len(drafts) <= PLACES_MAX, "so many people are told of no record"
        rows = [
            (number, place, one.channel, self._seal(one.told), one.event, one.file, one.record)
            for place, one in enumerate(drafts)
        ]
        if rows:
            await connection.execute(PUT, *columns(rows, 7), now)

    async def waiting(
        self, connection: asyncpg.Connection, channels: Iterable[str], now: datetime, limit: int
    ) -> list[Waiting]:
        """What is to be sent now, the oldest first.

        Whatever is given out is not given out again for a while, so a process that dies with it loses nothing.
        """
        later = now + timedelta(seconds=IN_FLIGHT_S)
        rows = await connection.fetch(DUE, now, list(channels), later, limit)
        found = [
            Waiting(
                id=row["id"], place=row["place"], channel=row["channel"], event=row["event"], file=row["file"],
                record=row["record"], made_at=row["made_at"], tries=row["tries"], told=self._open(row["sealed"]),
            )
            for row in rows
        ]  # fmt: skip
        return sorted(found, key=lambda one: (one.id, one.place))

    async def taken(self, connection: asyncpg.Connection, one: Waiting, now: datetime) -> None:
        """A letter was taken: it is over."""
        await connection.execute(TAKEN, one.id, one.place, now)

    async def missed(
        self, connection: asyncpg.Connection, one: Waiting, now: datetime, trouble: str, *, for_good: bool
    ) -> bool:
        """A letter was not taken: it is tried again later and later, and given up at last. Whether it is now."""
        over = for_good or one.tries >= TRIES_MAX
        due = None if over else now + timedelta(seconds=AGAIN_S[one.tries - 1])
        done: str = await connection.execute(MISSED, one.id, one.place, due, trouble[:TROUBLE_MAX])
        return over and done.endswith(" 1")

    async def forget(self, connection: asyncpg.Connection, now: datetime) -> None:
        """Drops what has long been over."""
        await connection.execute(FORGET, now - timedelta(days=KEPT_DAYS), FORGOTTEN_MAX)

    async def listed(self, connection: asyncpg.Connection, *, over: bool) -> list[Kept]:
        """The newest letters, those that are over too if asked for."""
        return [self._kept(row) for row in await connection.fetch(LIST, over)]

    async def shown(self, connection: asyncpg.Connection, number: int, place: int) -> Kept | None:
        """One letter; None where there is none."""
        row = await connection.fetchrow(SHOW, number, place)
        return None if row is None else self._kept(row)

    def _kept(self, row: asyncpg.Record) -> Kept:
        values = {name: value for name, value in row.items() if name != "sealed"}
        return Kept(told=self._open(row["sealed"]), **values)

    def _seal(self, told: Told) -> str:
        return self._vault.seal("outbox", "told", msgspec.json.encode(told).decode())

    def _open(self, sealed: str) -> Told:
        return msgspec.json.decode(self._vault.open("outbox", "told", sealed), type=Told)
