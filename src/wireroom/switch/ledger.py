"""The statements of the hot path: what is claimed, asked, delivered and done with, a batch in one round each.

Every text among it is sealed on its way into the database, and opened on its way out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import asyncpg
import msgspec

from wireroom.journal.sealing import Place, Texts
from wireroom.message.answer import Delivery, Question, Receipt

CLAIMED = """
select c.transaction, c.receipt from claim c where c.terminal = $1 and c.key = $2 and c.day in ($3::date, $3::date - 1)
 order by c.day desc limit 1
"""
DELIVER = """
insert into delivery (terminal, number, body) select * from unnest($1::text[], $2::bigint[], $3::bytea[])
"""
OPEN_LEGS = """
insert into leg (transaction, leg, worker, deadline, question)
select * from unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::timestamptz[], $5::bytea[])
"""
# Whether each question is open still, which ends with this; and whether whoever asked it lost the right to its answer.
CLOSE_LEGS = """
with q as (select * from unnest($1::bigint[], $2::smallint[], $3::boolean[], $4::text[], $5::text[], $6::text[],
                                $7::timestamptz[]) as q(transaction, leg, late, person, ori, terminal, at)),
closed as (delete from leg l using q where l.transaction = q.transaction and l.leg = q.leg and not q.late
           returning l.transaction, l.leg)
select q.transaction, q.leg, c.leg is not null as open,
       exists (select from account a where a.id = q.person and (not a.enabled or a.ori <> q.ori or a.ends_at <= $8))
       or exists (select from fact f where f.person = q.person and f.kind = 'authorisation' and not f.good
                     and f.recorded_at > q.at)
       or exists (select from terminal t where t.mnemonic = q.terminal and (not t.enabled or t.ori <> q.ori)) as lost
  from q left join closed c using (transaction, leg)
"""
ACKNOWLEDGE = """
delete from delivery d using unnest($1::text[], $2::bigint[]) as q(terminal, number)
 where d.terminal = q.terminal and d.number = q.number returning d.terminal, d.number
"""
WAITING = "select number, body from delivery where terminal = $1 and number > $2 order by number limit $3"
WAITING_COUNTS = "select terminal, count(*) as waiting from delivery group by terminal"
# A worker number is given anew to the next process, so a leg that is long overdue counts whoever holds its number.
ORPHANED = """
select transaction, leg, question from leg
 where worker not in (select id from worker where until > now()) or deadline < $2
 order by transaction, leg limit $1
"""
FORGET_CLAIMS = "delete from claim where day < $1"
CLAIM_DAYS_KEPT = 2

RECEIPTS = Place("claim", "receipt")
QUESTIONS = Place("leg", "question")
BODIES = Place("delivery", "body")
DIGEST_BYTES = 16

_encode = msgspec.json.Encoder().encode
_delivery = msgspec.json.Decoder(Delivery).decode
_question = msgspec.json.Decoder(Question).decode
_receipt = msgspec.json.Decoder(Receipt).decode


def digest(*parts: str) -> bytes:
    """What tells one text from another under the same key: half of a SHA-256.

    A short text can be guessed from it, so it is kept sealed with the receipt.
    """
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()[:DIGEST_BYTES]


async def receipts(texts: Texts, given: Iterable[tuple[bytes, Receipt]]) -> list[bytes]:
    """Receipts as they are kept: each sealed together with the digest of its text."""
    return await texts.sealed(RECEIPTS, [(one.number, digest + _encode(one)) for digest, one in given])


async def claimed(
    connection: asyncpg.Connection, texts: Texts, terminal: str, key: str, day: date
) -> tuple[bytes, Receipt]:
    """The digest and receipt of the first text that came under a key."""
    row = await connection.fetchrow(CLAIMED, terminal, key, day)
    assert row is not None, "a claim that was in the way cannot be gone before its day is over"
    [kept] = await texts.opened(connection, RECEIPTS, [(row["transaction"], row["receipt"])])
    return kept[:DIGEST_BYTES], _receipt(kept[DIGEST_BYTES:])


async def deliver(connection: asyncpg.Connection, texts: Texts, deliveries: Sequence[Delivery]) -> None:
    """Puts deliveries into their terminals' queues."""
    if deliveries:
        await connection.execute(
            DELIVER,
            [delivery.terminal for delivery in deliveries],
            [delivery.number for delivery in deliveries],
            await texts.sealed(
                BODIES, [(_place(one.terminal, one.number), _encode(one)) for one in deliveries]
            ),
        )


async def open_legs(
    connection: asyncpg.Connection, texts: Texts, questions: Sequence[Question], worker: int, within_s: float
) -> None:
    """Writes down questions to other systems before they are sent."""
    if questions:
        await connection.execute(
            OPEN_LEGS,
            [question.transaction for question in questions],
            [question.leg for question in questions],
            [worker] * len(questions),
            [question.at + timedelta(seconds=within_s) for question in questions],
            await texts.sealed(
                QUESTIONS, [(_place(one.transaction, one.leg), _encode(one)) for one in questions]
            ),
        )


async def close_legs(
    connection: asyncpg.Connection, questions: Sequence[tuple[Question, bool]], now: datetime
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Takes out questions that are being answered, each with whether its answer is late and it was taken out before.

    Gives those that were still open, so that none is answered twice; and those whose person or terminal lost the
    right to an answer since they were asked: disabled, moved to another agency, or no longer authorised.
    """
    if not questions:
        return set(), set()
    seats = [question.seat for question, _ in questions]
    rows = await connection.fetch(
        CLOSE_LEGS, [q.transaction for q, _ in questions], [q.leg for q, _ in questions],
        [late for _, late in questions], [seat.person for seat in seats], [seat.ori for seat in seats],
        [seat.terminal for seat in seats], [q.at for q, _ in questions], now,
    )  # fmt: skip
    named = [((row["transaction"], row["leg"]), row) for row in rows]
    return {key for key, row in named if row["open"]}, {key for key, row in named if row["lost"]}


async def acknowledge(
    connection: asyncpg.Connection, pairs: Sequence[tuple[str, int]]
) -> list[tuple[str, int]]:
    """Takes out deliveries that their terminals have; those that waited."""
    rows = await connection.fetch(ACKNOWLEDGE, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
    return [(row["terminal"], row["number"]) for row in rows]


async def waiting(
    connection: asyncpg.Connection, texts: Texts, terminal: str, after: int, limit: int
) -> list[Delivery]:
    """The oldest deliveries of a terminal that are not acknowledged."""
    rows = await connection.fetch(WAITING, terminal, after, limit)
    sealed = [(_place(terminal, row["number"]), row["body"]) for row in rows]
    return [_delivery(one) for one in await texts.opened(connection, BODIES, sealed)]


async def waiting_counts(connection: asyncpg.Connection) -> dict[str, int]:
    """How much waits for each terminal."""
    return {row["terminal"]: row["waiting"] for row in await connection.fetch(WAITING_COUNTS)}


async def orphaned(
    connection: asyncpg.Connection, texts: Texts, limit: int, overdue: datetime
) -> list[Question]:
    """Questions of processes that are gone, and those whose deadline was before `overdue`."""
    rows = await connection.fetch(ORPHANED, limit, overdue)
    sealed = [(_place(row["transaction"], row["leg"]), row["question"]) for row in rows]
    return [_question(one) for one in await texts.opened(connection, QUESTIONS, sealed)]


async def forget_claims(connection: asyncpg.Connection, today: date) -> None:
    """Drops the keys of past days."""
    await connection.execute(FORGET_CLAIMS, today - timedelta(days=CLAIM_DAYS_KEPT))


def _place(*key: object) -> str:
    """A row of two columns by name."""
    return "/".join(map(str, key))
