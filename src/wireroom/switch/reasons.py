"""Reasons of inquiries in the hands of the switch: judged on arrival, told afterwards, listed for who must see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from wireroom.journal.entry import Entry
from wireroom.journal.numbers import first_number, parse
from wireroom.journal.sealing import Texts
from wireroom.journal.tags import Tag
from wireroom.message.answer import Receipt
from wireroom.message.reason import Reason, Verdict, Weighed, told_of
from wireroom.policy.directory import Pool
from wireroom.policy.ruling import Ruling
from wireroom.switch.pace import HOUR, SENTENCES, Pace, unexplained
from wireroom.switch.weighing import AFTER, EARLY, LOOK_AFTER, WEIGHED, Row, refuse
from wireroom.switch.work import Work, receipt

CAUGHT_UP_MAX = 100_000  # rows of the last hour that are counted after a start
LISTED_MAX = 500

CATCH_UP = """
select transaction, person, at, verdict, reference from reason
 where transaction > $1 and verdict <> 'refused' order by transaction limit $2
"""
TELL = f"""
with asked as (
    select transaction, at, ori, terminal, person, $4::text as kind, $5::text as reference, $6::text as requester,
           $7::text as words
      from reason where transaction = $3 and person = $8 and verdict <> 'refused' for update)
select q.at, w.verdict, w.incident, w.for_person from asked q join ({WEIGHED}) w using (transaction)
"""  # noqa: S608 - our own words alone
TOLD = """
update reason set verdict = $2, incident = $3, due_at = $4, looked = 0, for_person = $9,
       kind = $5, reference = $6, requester = $7, words = $8
 where transaction = $1
"""
_COLUMNS = """transaction, at, asked, ori, terminal, person, kind, reference, requester, words, for_person, verdict,
       incident, looked, due_at"""
OPEN = f"""
select {_COLUMNS} from reason
 where verdict in ('none', 'unknown', 'own-later', 'unexplained') and ($1 = '' or ori = $1)
 order by transaction desc limit $2
"""  # noqa: S608 - our own words alone
ALL = f"select {_COLUMNS} from reason where $1 = '' or ori = $1 order by transaction desc limit $2"  # noqa: S608 - our own words alone
RUNS = f"select {_COLUMNS} from reason where for_person = $1 and for_person <> '' order by transaction desc limit $2"  # noqa: S608 - our own words alone


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An inquiry and its reason as it stands. What was asked about is not here: the journal has it."""

    transaction: int
    at: datetime
    asked: str  # the message key
    ori: str
    terminal: str
    person: str
    kind: str
    reference: str
    requester: str
    words: str
    for_person: str
    verdict: str
    incident: str
    looked: int  # how often it was looked at again
    due_at: datetime | None  # when it will be


class NotYours(Exception):
    """There is no such inquiry of this person whose reason is kept."""


class Reasons:
    """What one switch process does with reasons. Nothing here asks the database on the way of an inquiry."""

    def __init__(self, pace: Pace, worker: int) -> None:
        self.pace = pace
        self._worker, self._seen = worker, -1

    def judged(self, work: Work, given: Receipt, found: Weighed | None) -> tuple[Work, Receipt]:
        """A work with what was found of its reason, and its receipt: refused where its person asks too much."""
        if found is None:
            return work, given
        arrival = work.arrival
        if rule := self.pace.refuses(arrival.seat.person, found, arrival.reason.reference, arrival.at):
            assert work.ruling is not None, "only what was allowed is weighed"
            ruling = Ruling(allowed=False, rule=rule, reason=SENTENCES[rule], purpose=work.ruling.purpose)
            work = Work(arrival, work.reading, ruling, weighed=found)
            return work, receipt(work, given.number)
        asked = found.verdict is Verdict.NONE
        return msgspec.structs.replace(work, weighed=found), msgspec.structs.replace(given, unexplained=asked)

    async def refuse(
        self,
        connection: asyncpg.Connection,
        texts: Texts,
        claimed: Sequence[Row],
        after: Sequence[Receipt | Exception],
    ) -> None:
        """Where a receipt became a refusal, a repeat of its key must get that too: one statement, and seldom."""
        await refuse(
            connection, texts,
            [(row[4], now) for row, now in zip(claimed, after, strict=True)
             if isinstance(now, Receipt) and row[5].state == "accepted" and now.state == "refused"],
        )  # fmt: skip

    async def catch_up(self, connection: asyncpg.Connection, now: datetime) -> None:
        """Counts what was asked in other processes since the last look; at first, whatever was asked in an hour."""
        if not self.pace.any:
            return
        first, self._seen = self._seen < 0, max(self._seen, first_number(now - HOUR))
        for row in await connection.fetch(CATCH_UP, self._seen, CAUGHT_UP_MAX):
            self._seen = row["transaction"]
            if first or parse(row["transaction"]).worker != self._worker:
                bare = unexplained(Verdict(row["verdict"]), row["reference"])
                self.pace.count(row["person"], row["at"], bare=bare)

    async def tell(
        self, connection: asyncpg.Connection, transaction: int, person: str, reason: Reason, now: datetime
    ) -> Entry:
        """What a person says afterwards of an inquiry of theirs, in the caller's transaction; the entry has no number.

        Raises NotYours.
        """
        said = (reason.kind.value, reason.reference, reason.requester, reason.words)
        row = await connection.fetchrow(TELL, EARLY, AFTER, transaction, *said, person)
        if row is None:
            raise NotYours(
                f"no inquiry {transaction} of yours asks for a reason; see the number in its answer"
            )
        found = Weighed(Verdict(row["verdict"]), row["incident"], row["for_person"])
        if found.verdict is Verdict.STATED and not reason.reference:
            found = msgspec.structs.replace(found, verdict=Verdict.TOLD)
        due = now + LOOK_AFTER[0] if found.verdict in (Verdict.UNKNOWN, Verdict.NONE) else None
        await connection.execute(
            TOLD, transaction, found.verdict.value, found.incident, due, *said, found.for_person
        )
        return Entry(
            0, Tag.REASON_GIVEN, now, transaction, person=person, detail={"reason": told_of(reason, found)}
        )


async def listed(pool: Pool, ori: str, *, every: bool = False, limit: int = LISTED_MAX) -> tuple[Kept, ...]:
    """Inquiries that nothing explains yet or any more, the newest first, of an agency or of all; or `every` one."""
    return tuple(Kept(**row) for row in await pool.fetch(ALL if every else OPEN, ori, limit))


async def runs(pool: Pool, person: str, limit: int = LISTED_MAX) -> tuple[Kept, ...]:
    """What was asked in a person's name by others, and by themselves, the newest first."""
    return tuple(Kept(**row) for row in await pool.fetch(RUNS, person, limit))
