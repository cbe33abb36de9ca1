"""Which courts DOJ approved to enter orders, and on which ways: the approvals, from their day until they are withdrawn.

A court, or another agency that DOJ finds fit, enters and changes orders only on a way for which its approval stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from wireroom.message.acting import As, transaction
from wireroom.message.envelope import Way
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.role import Role

if TYPE_CHECKING:  # generic in the stubs only
    Pool = asyncpg.Pool[asyncpg.Record] | As
    Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection

MAY_APPROVE = frozenset({Role.DOJ, Role.ADMINISTRATOR})


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """That an agency may enter orders on one way."""

    ori: str
    way: str
    since: datetime
    by: str  # who approved it: an account, or the command line of the switch itself
    until: datetime | None = None  # when it ends or was withdrawn
    withdrawn_by: str = ""

    def stands(self, at: datetime) -> bool:
        """Whether it counts at a moment."""
        return self.since <= at and (self.until is None or at < self.until)


def ways_of(approvals: Iterable[Approval], at: datetime) -> frozenset[str]:
    """The ways for which one of these approvals stands."""
    return frozenset(one.way for one in approvals if one.stands(at))


def by_agency(approvals: Iterable[Approval]) -> Mapping[str, tuple[Approval, ...]]:
    """The approvals of each agency."""
    found: dict[str, tuple[Approval, ...]] = {}
    for one in approvals:
        found[one.ori] = (*found.get(one.ori, ()), one)
    return found


# --------------------------------------------------------------------------- in the database

_APPROVALS = "SELECT ori, way, since, approved_by, until, withdrawn_by FROM approval ORDER BY ori, way, since"
_LOCK_AGENCY = "SELECT ori FROM agency WHERE ori = $1 FOR UPDATE"
_STANDING = "SELECT since FROM approval WHERE ori = $1 AND way = $2 AND (until IS NULL OR until > $3)"
_ADD = (
    "INSERT INTO approval (ori, way, since, approved_by, until, withdrawn_by) VALUES ($1, $2, $3, $4, $5, '')"
)
_WITHDRAW = (
    "UPDATE approval SET until = $3, withdrawn_by = $4 WHERE ori = $1 AND way = $2 "
    "AND (until IS NULL OR until > $3) RETURNING since"
)
_ACCOUNT = "SELECT role FROM account WHERE id = $1 AND enabled"


async def approvals(connection: Pool | Connection) -> tuple[Approval, ...]:
    """All approvals there ever were, in the order of the agencies."""
    return tuple(
        Approval(ori=row["ori"], way=row["way"], since=row["since"], by=row["approved_by"], until=row["until"],
                 withdrawn_by=row["withdrawn_by"])
        for row in await connection.fetch(_APPROVALS)
    )  # fmt: skip


async def may_approve(pool: Pool, person: str) -> None:
    """Raises Unfit unless this account is of DOJ or of an administrator."""
    role = await pool.fetchval(_ACCOUNT, person)
    if role not in MAY_APPROVE:
        raise Unfit(
            f"{person} approves nobody: name an account of the role {' or '.join(sorted(MAY_APPROVE))}"
        )


async def approve(pool: Pool, approval: Approval) -> None:
    """Let an agency enter orders on a way. Raises Unfit, Unknown, or Taken where it may already."""
    _check(approval.way)
    if approval.until is not None and approval.until <= approval.since:
        raise Unfit("an approval ends after it begins: name a later day")
    async with transaction(pool) as connection:
        if await connection.fetchval(_LOCK_AGENCY, approval.ori) is None:
            raise Unknown(f"there is no agency {approval.ori}: add it first")
        since = await connection.fetchval(_STANDING, approval.ori, approval.way, approval.since)
        if since is not None:
            raise Taken(f"{approval.ori} is approved for {approval.way} since {since:%Y-%m-%d}")
        await connection.execute(
            _ADD, approval.ori, approval.way, approval.since, approval.by, approval.until
        )


async def withdraw(pool: Pool, ori: str, way: str, *, by: str, now: datetime) -> None:
    """An agency may enter no more orders on a way from now on. Raises Unfit, or Unknown where it might not."""
    _check(way)
    if await pool.fetchval(_WITHDRAW, ori, way, now, by) is None:
        raise Unknown(f"{ori} is not approved for {way}: see `wireroom court list`")


def _check(way: str) -> None:
    if way not in set(Way):
        raise Unfit(f"the way is one of {', '.join(Way)}")
