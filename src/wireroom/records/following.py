"""What follows from a change, a moment after its commit: delayed hits, armed persons, word to other holders."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wireroom.catalog.file import File, Source
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Notification
from wireroom.message.local import timed
from wireroom.records.deriving import Deriving
from wireroom.records.forwarding import Forwarding
from wireroom.records.hold import Hand, Held
from wireroom.records.informing import Informing, Later
from wireroom.records.life import valued
from wireroom.records.matching.people import People
from wireroom.records.orders.telling import told_alone
from wireroom.records.past import KEPT_FOR, missed
from wireroom.records.resembling import Resembling
from wireroom.records.shape import Fields, from_json
from wireroom.records.vault import Vault

log = logging.getLogger(__name__)

AT_ONCE = 50  # changes of one transaction
SETTLED_AT_ONCE = 1_000  # changes for which the others are waited once
OTHERS_WITHIN_S, LOOK_AGAIN_S = 10.0, 0.005  # how long a transaction that was under way may take to end
SURELY_AFTER = timedelta(seconds=OTHERS_WITHIN_S)

# Whoever asked before a change was seen may not have been seen by it: so first all who were under way must be done.
XMAX = "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
XMIN = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
# A change of a file that is not declared here waits: another process may know it already, or it may come back.
FIRST = "select distinct number from followup where file = any($1::text[]) order by number limit $2"
NEXT = """
select number, file, record, tx from followup where number = any($1::bigint[]) and file = any($3::text[])
 order by number, file, record limit $2 for update skip locked
"""
DONE = """
delete from followup f using unnest($1::bigint[], $2::text[], $3::bigint[]) as q(number, file, record)
 where f.number = q.number and f.file = q.file and f.record = q.record
"""
FORMER = """
select fields::text from record_version where file = $1 and id = $2 and replaced_by = $3 and status = any($4::text[])
"""


class Followed(msgspec.Struct, frozen=True):
    """What came of following some changes up."""

    done: int
    notices: tuple[Notification, ...] = ()
    concerned: frozenset[Source] = frozenset()  # other holders that have something to hear


class Following:
    """Follows changes up, each once, in the order of their numbers."""

    def __init__(
        self,
        catalogue: Catalogue,
        vault: Vault,
        hand: Hand,
        people: People,
        forwarding: Forwarding,
        deriving: Deriving,
        informing: Informing,
    ) -> None:
        self._resembling = Resembling(catalogue, hand)
        self._catalogue = catalogue
        self._vault = vault
        self._hand = hand
        self._people = people
        self._forwarding = forwarding
        self._deriving = deriving
        self._informing = informing

    async def settled(self, connection: asyncpg.Connection) -> tuple[int, ...]:
        """The oldest changes that may be followed up, once all who were under way beside them are done.

        Outside a transaction: each look must see the world as it is. They are named one by one, for a change with a
        lower number may be committed while the others are waited for, and has others of its own.
        """
        rows = await connection.fetch(FIRST, list(self._catalogue.files), SETTLED_AT_ONCE)
        if not rows:
            return ()
        bound = await connection.fetchval(XMAX)
        loop = asyncio.get_running_loop()
        until = loop.time() + OTHERS_WITHIN_S
        while await connection.fetchval(XMIN) < bound:
            if loop.time() > until:
                break  # a transaction that hangs holds nothing up: its statements have limits of their own
            await asyncio.sleep(LOOK_AGAIN_S)
        return tuple(row["number"] for row in rows)

    async def follow(
        self,
        connection: asyncpg.Connection,
        settled: Sequence[int],
        now: datetime,
        numbers: Callable[[int], list[int]],
    ) -> Followed:
        """Follows up these changes, AT_ONCE at most. In the caller's transaction.

        One that fails is logged and stays for another time; it holds up none of the others.
        """
        rows = await connection.fetch(NEXT, list(settled), AT_ONCE, list(self._catalogue.files))
        notices: list[Notification] = []
        concerned: list[tuple[str, str, int]] = []
        done: list[tuple[int, str, int]] = []
        for row in rows:
            named = len(self._hand.named)
            try:
                async with connection.transaction():
                    told, whom = await self._one(connection, row, now, numbers)
            except Later:
                del self._hand.named[named:]
                continue
            except Exception as error:
                if connection.is_closed():
                    raise
                del self._hand.named[named:]
                log.error("entry %d: what follows from it failed: %s", row["number"], type(error).__name__)
                continue
            notices += told
            concerned += whom
            done.append((row["number"], row["file"], row["record"]))
        sources = await self._forwarding.note(connection, concerned, now)
        if done:
            await connection.execute(DONE, *(list(column) for column in zip(*done, strict=True)))
        return Followed(len(done), tuple(notices), sources)

    async def _one(
        self,
        connection: asyncpg.Connection,
        row: asyncpg.Record,
        now: datetime,
        numbers: Callable[[int], list[int]],
    ) -> tuple[list[Notification], list[tuple[str, str, int]]]:
        """What follows from one change: who is told, and which other holders it concerns."""
        file = self._catalogue.files[row["file"]]
        held = await self._hand.seen(connection, file, row["record"])
        if held is None:
            return [], []
        notices: list[Notification] = []
        concerned = await self._forwarding.changed(connection, file, held)
        if held.in_force:
            former = await self._former(connection, file, held, row["number"])
            notices += await self._late(connection, file, held, former, row["tx"], now)
            notices += await self._resembling.changed(connection, file, held, valued(former))
        notices += await self._deriving.changed(
            connection, file, held, by=row["number"], at=now, numbers=numbers
        )
        await self._informing.changed(connection, file, held, by=row["number"], at=now, numbers=numbers)
        return notices, concerned

    async def _late(
        self, connection: asyncpg.Connection, file: File, held: Held, former: Fields, tx: int, now: datetime
    ) -> list[Notification]:
        """Both sides of each delayed hit are told."""
        past = await missed(
            connection, self._people, self._vault, file, held.id, held.fields, former,
            test=held.test, since=now - KEPT_FOR,
        )  # fmt: skip
        told: list[Notification] = []
        for one in past:
            if one.tx == tx or one.at > held.changed_at + SURELY_AFTER:
                continue  # it was asked beside the change or after it, and was answered with it
            asked = f"{one.key} AT {timed(one.at)}"
            words = f"YOU ASKED {asked}: THIS RECORD CAME LATER"
            told.append(_notice("$.H.", one.terminal, words, file, held, now))
            if one.ori != held.owner:
                text = f"{one.ori}/{one.terminal} ASKED {asked}, BEFORE YOUR RECORD WAS THERE"
                told.append(_notice("$.H.", held.owner, text, file, held, now))
        return told

    async def _former(self, connection: asyncpg.Connection, file: File, held: Held, number: int) -> Fields:
        """The fields that this change replaced; none for a new record."""
        stored = await connection.fetchval(
            FORMER, file.code, held.id, number, ["active", "located", "restrained"]
        )
        return () if stored is None else from_json(file, stored, self._vault)


def _notice(code: str, to: str, text: str, file: File, held: Held, now: datetime) -> Notification:
    hit = held.hit(file)
    if file.orders:
        said = told_alone(held.number, held.owner, held.status, held.fields, now)
        hit = msgspec.structs.replace(hit, fields=(*said, *hit.fields))
    return Notification(code=code, to=to, text=text, number=held.number, hits=(hit,), test=held.test)
