"""What was refused lately, by whom and why, for whoever watches for attacks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from wireroom.journal.entry import parse
from wireroom.journal.numbers import first_number
from wireroom.journal.sealing import SealedShut, Texts
from wireroom.oversight.leaves import open_body, snapshot

if TYPE_CHECKING:
    import asyncpg

    from wireroom.journal import Pool

LOOKED_AT_MAX = 5_000  # the newest; more in a quarter of an hour are an attack whatever they are
TIMEOUT_S = 20.0
REFUSED = ("session:refused", "text:refused", "text:faulty")

# The index `journal_refused` has just these.
_NEWEST = """
SELECT number, tag, at, transaction, ori, terminal, person, salt, body, commitment FROM journal
WHERE number >= $1 AND tag IN ('session:refused', 'text:refused', 'text:faulty') ORDER BY number DESC LIMIT $2
"""


class Refusal(msgspec.Struct, frozen=True):
    """One sign-on or message that was refused."""

    at: datetime
    tag: str
    ori: str
    person: str
    cause: str = ""  # of a sign-on, why; of a message, the rule
    fields: tuple[str, ...] = ()  # of a faulty text, where the faults are


async def refusals(pool: Pool, texts: Texts, since: datetime) -> tuple[Refusal, ...]:
    """What was refused since then, the newest first, of very many the newest alone."""
    async with snapshot(pool) as connection:
        rows = await connection.fetch(_NEWEST, first_number(since), LOOKED_AT_MAX, timeout=TIMEOUT_S)
        await texts.learn(connection, (row["body"] for row in rows))
    return tuple(_refusal(row, texts) for row in rows)


def _refusal(row: asyncpg.Record, texts: Texts) -> Refusal:
    told = (row["at"], row["tag"], row["ori"], row["person"])
    try:
        detail = parse(open_body(row, texts)[1]).detail
    except (SealedShut, ValueError):
        return Refusal(*told)  # it counts, though nobody knows why it was
    cause = detail.get("cause") or detail.get("rule") or ""
    faults = detail.get("faults")
    fields = tuple(str(one[0]) for one in faults if one) if isinstance(faults, list) else ()
    return Refusal(*told, str(cause), fields)
