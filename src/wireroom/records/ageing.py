"""Lets records age: what has had its time ends, what was not validated is removed, and owners are told of both."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import asyncpg

from wireroom.catalog.file import File
from wireroom.catalog.index import Catalogue
from wireroom.message.answer import Hit, Notification
from wireroom.message.local import HERE
from wireroom.records.hold import Hand, Held
from wireroom.records.life import Status, due, midnight, valued
from wireroom.records.past import FORGOTTEN_MAX, forget

AT_ONCE = 200  # records of one transaction
DAYS_MADE_UP_MAX = 400  # of a calendar that stood still
LIST_DAY, REMINDER_DAYS = (
    1,
    (10, 20),
)  # of each month (ours; the national month of validation is sourced: W19)

# Of a local file that is not declared now nothing is known of how long it is kept: its records wait for it.
DUE = """
select file, id from record where due_at <= $1 and file = any($3::text[]) order by due_at limit $2
   for update skip locked
"""
UNVALIDATED = """
select file, id from record
 where validate_on < $1 and status in ('active', 'located', 'restrained') and file = any($3::text[])
   and fields ->> 'RST' is distinct from 'Y'
 order by validate_on, owner limit $2 for update skip locked
"""
COUNTS = """
select owner, test, file, count(*) as many, min(number) as first from record
 where validate_on <= $1 and status in ('active', 'located', 'restrained')
 group by owner, test, file order by owner, file
"""
SEEN = "select done from calendar where name = $1"
DONE = "select done from calendar where name = $1 for update"
BEGIN = "insert into calendar (name, done) values ($1, $2) on conflict do nothing"
MARK = "update calendar set done = $2 where name = $1"
DATE_ANEW = "update record set due_at = $3 where file = $1 and id = $2"
DROP_RECORD = "delete from record where file = $1 and id = $2"
DROP_VERSIONS = "delete from record_version where file = $1 and id = $2"
DROP_FORWARDS = "delete from forward where file = $1 and record = $2"
DROP_NUMBERS = """
delete from identifier where kind = any($1::text[]) and value = any($2::text[]) and file = $3 and record = $4
"""
ENTERED = """
select id from record where file = $1 and entered_at >= $2 and entered_at < $3 and not (fields ?| $4::text[])
   and status in ('active', 'located') order by id limit $5
"""
VALIDATION = "validation"
REMINDED_MAX = 1_000  # records of one file and day

WORDS = {
    Status.EXPIRED: "ITS LAST DAY IS OVER",
    Status.PURGED: "ITS TIME OF RETENTION IS OVER",
    Status.REMOVED: "IT WAS NOT VALIDATED IN ITS MONTH",
}


class Ageing:
    """What time does to the records of one holder."""

    def __init__(self, catalogue: Catalogue, hand: Hand, *, owners: bool) -> None:
        self._catalogue = catalogue
        self._hand = hand
        self._owners = owners  # whether owners validate: at the state; NCIC goes by what the state tells it

    async def tick(
        self, connection: asyncpg.Connection, now: datetime, by: int
    ) -> tuple[list[Notification], bool]:
        """Does what is due, at most AT_ONCE records of each kind, and whether there is more to do.

        In the caller's transaction; `by` is the journal number under which it is written down.
        """
        told: list[Notification] = []
        rows = await connection.fetch(DUE, now, AT_ONCE, list(self._catalogue.files))
        for row in rows:
            told += await self._ended(connection, row["file"], row["id"], now, by)
        more = len(rows) == AT_ONCE
        if self._owners:
            validation, again = await self._calendar(connection, now, by)
            told += validation
            more = more or again
        # Each moment a few inquiries become too old: only what did not fit into one turn is more to do.
        return told, await forget(connection, now) >= FORGOTTEN_MAX or more

    async def _ended(
        self, connection: asyncpg.Connection, code: str, record: int, now: datetime, by: int
    ) -> list[Notification]:
        file = self._catalogue.files[code]
        held = await self._hand.by_place(connection, file, record)
        if held is None:
            return []
        if not held.in_force:
            await self._drop(connection, file, held)
            return []
        ends, status = due(file, held.fields, held.entered_at)
        if ends is None or ends > now:  # it was dated by rules that are not in force any more
            await connection.execute(DATE_ANEW, code, record, ends)
            return []
        return [await self._end(connection, file, held, status, now, by, over_at=ends)]

    async def _end(
        self,
        connection: asyncpg.Connection,
        file: File,
        held: Held,
        status: Status,
        now: datetime,
        by: int,
        over_at: datetime | None = None,
    ) -> Notification:
        hit = await self._hand.replace(connection, file, held, by=by, at=now, status=status, over_at=over_at)
        return _told("$.P.", hit, f"{hit.status.upper()}: {WORDS[status]}", test=held.test)

    async def _drop(self, connection: asyncpg.Connection, file: File, held: Held) -> None:
        """The history of a record has had its time as well: nothing of it stays but the journal."""
        numbers = [value for code, value in (("", held.number), *held.fields) if code in ("", "FCN", "NIC")]
        await connection.execute(DROP_NUMBERS, ["FCN", "NIC"], numbers, held.file, held.id)
        await self._hand.forget(connection, file, held)
        for statement in (DROP_VERSIONS, DROP_FORWARDS, DROP_RECORD):
            await connection.execute(statement, held.file, held.id)

    # ----------------------------------------------------------------------- validation

    async def _calendar(
        self, connection: asyncpg.Connection, now: datetime, by: int
    ) -> tuple[list[Notification], bool]:
        """The days that have begun since the last look, one at a time, so that after an outage each is made up."""
        today = now.astimezone(HERE).date()
        seen = await connection.fetchval(SEEN, VALIDATION)
        if seen is not None and seen >= today:
            return [], False  # without a lock: this is asked twice a second
        await connection.execute(BEGIN, VALIDATION, today - timedelta(days=1))
        done = await connection.fetchval(DONE, VALIDATION)
        if done >= today:
            return [], False
        day = max(done + timedelta(days=1), today - timedelta(days=DAYS_MADE_UP_MAX))
        told, again = await self._day(connection, day, now, by)
        if again:
            return told, True
        await connection.execute(MARK, VALIDATION, day)
        return told, day < today

    async def _day(
        self, connection: asyncpg.Connection, day: date, now: datetime, by: int
    ) -> tuple[list[Notification], bool]:
        """Lists on the first of a month, reminders on the tenth and twentieth, removals when it is over.

        And every day what could be added to records that are so many days old.
        """
        told: list[Notification] = []
        if day.day == LIST_DAY:
            told, again = await self._remove(connection, day, now, by)
            if again:
                return told, True
        if day.day == LIST_DAY or day.day in REMINDER_DAYS:
            told += await self._remind(connection, day)
        return [*told, *await self._incomplete(connection, day)], False

    async def _incomplete(self, connection: asyncpg.Connection, day: date) -> list[Notification]:
        """Word to the owners of records that are so many days old and lack what their file reminds of."""
        told = []
        for file in self._catalogue.files.values():
            for one in file.reminds:
                from_ = midnight(day - timedelta(days=one.after_days))
                rows = await connection.fetch(
                    ENTERED, file.code, from_, from_ + timedelta(days=1), list(one.lacks), REMINDED_MAX
                )
                for row in rows:
                    held = await self._hand.seen(connection, file, row["id"])
                    if held is not None and all(when.holds(valued(held.fields)) for when in one.when):
                        told.append(_told("$.K.", held.hit(file), one.words, test=held.test))
        return told

    async def _remove(
        self, connection: asyncpg.Connection, day: date, now: datetime, by: int
    ) -> tuple[list[Notification], bool]:
        rows = await connection.fetch(UNVALIDATED, day, AT_ONCE, list(self._catalogue.files))
        told = []
        for row in rows:
            file = self._catalogue.files[row["file"]]
            held = await self._hand.by_place(connection, file, row["id"])
            if held is not None:
                told.append(await self._end(connection, file, held, Status.REMOVED, now, by))
        return told, len(rows) == AT_ONCE

    async def _remind(self, connection: asyncpg.Connection, day: date) -> list[Notification]:
        """One notice for each agency, with how many records of which files wait."""
        waiting: dict[tuple[str, bool], list[str]] = {}
        for row in await connection.fetch(COUNTS, day):
            file = self._catalogue.files.get(row["file"])
            if file is not None:
                line = f"{row['many']} OF {file.title.upper()}, FROM FCN/{row['first']}"
                waiting.setdefault((row["owner"], row["test"]), []).append(line)
        word = "TO BE VALIDATED THIS MONTH" if day.day == LIST_DAY else "STILL TO BE VALIDATED THIS MONTH"
        return [
            Notification(
                code="$.V.",
                to=owner,
                text="\n".join([word, *lines, "SEE WL LST/VALIDATE; WHAT IS NOT VALIDATED IS REMOVED"]),
                test=test,
            )
            for (owner, test), lines in waiting.items()
        ]


def _told(code: str, hit: Hit, text: str, *, test: bool) -> Notification:
    return Notification(code=code, to=hit.owner, text=text, number=hit.number, hits=(hit,), test=test)
