"""Accounts that somebody asked for: who asked, for whom and why, and what somebody else decided."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg
import msgspec

from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.directory import Pool
from wireroom.policy.staff import same_person

WORDS_MAX = 200
WAITING_MAX = 500  # requests of one agency that nobody decided on
LISTED_MAX = 5_000
REFUSED = "refused"
COLLECT_WITHIN = timedelta(days=7)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody asks for an account, and what became of it."""

    id: str
    person: str
    name: str
    ori: str
    role: str
    words: str  # why
    asked_by: str
    asked_at: datetime
    decision: str = ""  # "approved" or "refused"; empty while it waits
    decided_by: str = ""
    decided_at: datetime | None = None
    decided_for: str = ""
    collected_at: datetime | None = None  # when whoever asked took the first password


_COLUMNS = """id, person, name, ori, role, words, asked_by, asked_at, decision, decided_by, decided_at, decided_for,
       collected_at"""
_LIST = f"""
SELECT {_COLUMNS} FROM account_request WHERE ($1 = '' OR ori = $1) AND ($2 = '' OR asked_by = $2)
ORDER BY asked_at DESC, id LIMIT $3
"""  # noqa: S608 - columns of ours within
_ONE = f"SELECT {_COLUMNS} FROM account_request WHERE id = $1"  # noqa: S608 - columns of ours within
_ADD = """
INSERT INTO account_request (id, person, name, ori, role, words, asked_by, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_WAITING = "SELECT count(*) FROM account_request WHERE ori = $1 AND decided_at IS NULL"
_REFUSE = """
UPDATE account_request SET decision = 'refused', decided_by = $2, decided_at = $3, decided_for = $4
WHERE id = $1 AND decided_at IS NULL RETURNING id
"""
_COLLECT = """
UPDATE account_request SET collected_at = $2
WHERE id = $1 AND collected_at IS NULL AND decision = 'approved' RETURNING id
"""
_NAMES = "SELECT id, name FROM account WHERE id = ANY($1::text[])"
_EXISTS = "SELECT EXISTS (SELECT FROM account WHERE id = $1)"


async def requests(pool: Pool, ori: str = "", by: str = "") -> tuple[Request, ...]:
    """Those of an agency or of all, the newest first; `by` keeps those that one account asked for."""
    return tuple(Request(**row) for row in await pool.fetch(_LIST, ori, by, LISTED_MAX))


async def request(pool: Pool, number: str) -> Request:
    """One of them. Raises Unknown."""
    row = await pool.fetchrow(_ONE, number)
    if row is None:
        raise unknown(number)
    return Request(**row)


def unknown(number: str) -> Unknown:
    """What is said of a request that is not there, or not the caller's to see."""
    return Unknown(f"there is no request {number[:32]}: see who waits")


async def may_ask(pool: Pool, asked: Request) -> None:
    """Raises Unfit or Taken unless this may be asked for at all; whether it is granted is for somebody else."""
    if asked.person == asked.asked_by:
        raise Unfit(f"{asked.asked_by}: nobody asks for their own account (AC-2 e)")
    if len(asked.words) > WORDS_MAX or not asked.words.strip() or not asked.words.isprintable():
        raise Unfit(f"say why, in 1 to {WORDS_MAX} characters that can be printed")
    if await pool.fetchval(_EXISTS, asked.person):
        raise Taken(f"the identifier {asked.person} is in use, or was: choose another")
    if await pool.fetchval(_WAITING, asked.ori) >= WAITING_MAX:
        raise Unfit(f"{WAITING_MAX} requests of {asked.ori} wait already: decide on those first")


async def ask(pool: Pool, asked: Request) -> None:
    """Keep a request. Raises Taken where the same waits already."""
    values = (asked.id, asked.person, asked.name, asked.ori, asked.role, asked.words, asked.asked_by)
    try:
        await pool.execute(_ADD, *values, asked.asked_at)
    except asyncpg.UniqueViolationError as error:
        raise Taken(f"an account {asked.person} was asked for already, and that waits") from error
    except asyncpg.ForeignKeyViolationError as error:
        raise Unknown(f"there is no agency {asked.ori}: add it first") from error


async def may_decide(pool: Pool, waits: Request, by: str) -> None:
    """Raises Unfit unless `by` is somebody else than who asked and whom it is for, by identifier and by name."""
    if waits.decision:
        raise Taken(f"the request was {waits.decision} by {waits.decided_by} already")
    if by in (waits.asked_by, waits.person):
        raise Unfit(f"{by}: somebody else than who asked decides (AC-2 e)")
    names = {row["id"]: row["name"] for row in await pool.fetch(_NAMES, [by, waits.asked_by])}
    own = names.get(by, "")
    if same_person(own, waits.name) or same_person(own, names.get(waits.asked_by, "")):
        raise Unfit(f"{by}: somebody else decides, and a second account of the same person is not (AC-2 e)")


async def refuse(pool: Pool, number: str, *, by: str, why: str, now: datetime) -> None:
    """Nobody gets this account. Raises Taken where somebody decided meanwhile."""
    if await pool.fetchval(_REFUSE, number, by, now, why) is None:
        raise Taken("somebody else decided meanwhile: look at it again")


def may_collect(held: Request, by: str, now: datetime) -> None:
    """Raises Unfit or Taken unless `by` asked for the account, it was approved, and nobody collected before.

    Whoever approved has the authenticator's secret, and whoever asked the password: neither has both.
    """
    if held.asked_by != by:
        raise Unfit(f"{by} did not ask for this account: who did collects its first password")
    if held.decision != "approved":
        raise Unfit(f"the request {'was refused' if held.decision else 'waits for a decision'}")
    if held.decided_at is None or now - held.decided_at > COLLECT_WITHIN:
        raise Unfit("the first password is collected within a week: give a new one at the machine")
    if held.collected_at is not None:
        raise Taken("the first password was collected before: give a new one at the machine")


async def collect(pool: Pool, number: str, now: datetime) -> None:
    """The first password goes out, once. Raises Taken."""
    if await pool.fetchval(_COLLECT, number, now) is None:
        raise Taken("the first password was collected before: give a new one at the machine")
