"""Versions of the rules: proposed by one person, tried on the decisions of the last days, approved by another, signed.

A set that is not signed by this installation's key is never in force, whoever wrote it into the database.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wireroom.message.acting import As, transaction
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.engine import Policies, built_in
from wireroom.policy.role import Role

if TYPE_CHECKING:  # generic in the stubs only
    Pool = asyncpg.Pool[asyncpg.Record] | As
else:
    Pool = asyncpg.Pool

WORDS_MAX = 500
MAY_PROPOSE = frozenset({Role.DOJ, Role.ADMINISTRATOR})


class Ruleset(msgspec.Struct, frozen=True, kw_only=True):
    """One set of rules with its history."""

    digest: str
    text: str
    local: Mapping[str, str]
    words: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str = ""
    approved_at: datetime | None = None
    differences: str = ""  # what was shown to who approved: JSON of a replay
    signature: str = ""
    in_force_from: datetime | None = None


class RulesSigner:
    """Signs sets of rules, and knows its own signature again."""

    def __init__(self, key: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(key)

    def __repr__(self) -> str:
        return "RulesSigner(…)"

    def sign(self, one: Ruleset) -> str:
        """The signature over who proposed and approved what, when, and what they were shown."""
        return base64.b64encode(self._private.sign(_signed(one))).decode()

    def signed(self, one: Ruleset) -> bool:
        """Whether nothing of a set was changed since it was approved."""
        try:
            self._private.public_key().verify(base64.b64decode(one.signature, validate=True), _signed(one))
        except (InvalidSignature, ValueError):
            return False
        return True


def _signed(one: Ruleset) -> bytes:
    return b"wireroom ruleset 1\n" + msgspec.json.encode(
        [one.digest, one.text, sorted(one.local.items()), one.words, one.proposed_by, one.proposed_at,
         one.approved_by, one.approved_at, one.differences, one.in_force_from]
    )  # fmt: skip


_COLUMNS = (
    "digest, text, local, words, proposed_by, proposed_at, approved_by, approved_at, differences, signature, "
    "in_force_from"
)
_ALL = f"SELECT {_COLUMNS} FROM ruleset ORDER BY proposed_at DESC"  # noqa: S608 - columns of ours
_ONE = f"SELECT {_COLUMNS} FROM ruleset WHERE digest = $1 FOR UPDATE"  # noqa: S608 - columns of ours
_IN_FORCE = f"""
SELECT {_COLUMNS} FROM ruleset WHERE in_force_from <= $1 ORDER BY in_force_from DESC LIMIT 5
"""  # noqa: S608 - columns of ours
_PROPOSE = """
INSERT INTO ruleset (digest, text, local, words, proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
_APPROVE = """
UPDATE ruleset SET approved_by = $2, approved_at = $3, differences = $4, signature = $5, in_force_from = $3
WHERE digest = $1
"""
_WHO = "SELECT id, role, ori, name FROM account WHERE id = $1 AND enabled"


def _ruleset(row: asyncpg.Record) -> Ruleset:
    return Ruleset(**{**row, "local": msgspec.json.decode(row["local"], type=dict[str, str])})


async def rulesets(pool: Pool) -> tuple[Ruleset, ...]:
    """Every set that was ever proposed, the newest first."""
    return tuple(_ruleset(row) for row in await pool.fetch(_ALL))


async def in_force(pool: Pool, signer: RulesSigner, now: datetime) -> Ruleset | None:
    """The set that is in force, or None for the program's own. Raises Unfit where the newest is not truly signed."""
    rows = await pool.fetch(_IN_FORCE, now)
    if not rows:
        return None
    newest = _ruleset(rows[0])
    if not signer.signed(newest):
        raise Unfit(
            f"the rules {newest.digest} in the database are not as they were approved: they stay out of force"
        )
    return newest


async def propose(pool: Pool, policies: Policies, words: str, *, by: str, now: datetime) -> Ruleset:
    """Put a set of rules forward. Raises Unfit or Taken."""
    now_in_force = await pool.fetch(_IN_FORCE, now)
    before = _ruleset(now_in_force[0]) if now_in_force else None
    await _may(pool, policies, by, before)
    if not words.strip() or len(words) > WORDS_MAX or not words.isprintable():
        raise Unfit(f"say in at most {WORDS_MAX} printable characters why")
    one = Ruleset(digest=policies.digest, text=policies.text, local=dict(policies.local), words=words.strip(),
                  proposed_by=by, proposed_at=now)  # fmt: skip
    local = msgspec.json.encode(dict(one.local)).decode()
    try:
        await pool.execute(_PROPOSE, one.digest, one.text, local, one.words, by, now)
    except asyncpg.UniqueViolationError as error:
        raise Taken(f"these rules were proposed already: {one.digest}") from error
    return one


async def approve(
    pool: Pool, digest: str, signer: RulesSigner, differences: str, *, by: str, now: datetime
) -> Ruleset:
    """Take a proposed set into force. `differences` is what the approver was shown. Raises Unfit or Unknown."""
    async with transaction(pool) as connection:
        row = await connection.fetchrow(_ONE, digest)
        if row is None:
            raise Unknown(f"no rules {digest} were proposed: see `wireroom rules list`")
        one = _ruleset(row)
        held = await connection.fetch(_IN_FORCE, now)
        await _may(pool, Policies(one.text, one.local), by, _ruleset(held[0]) if held else None)
        proposer, approver = [await connection.fetchrow(_WHO, who) for who in (one.proposed_by, by)]
        same = proposer is not None and approver is not None and _alike(proposer["name"], approver["name"])
        if one.proposed_by == by or same:
            raise Unfit(f"{by} proposed these rules: somebody else approves them")
        done = msgspec.structs.replace(
            one, approved_by=by, approved_at=now, differences=differences, in_force_from=now
        )
        done = msgspec.structs.replace(done, signature=signer.sign(done))
        await connection.execute(_APPROVE, digest, by, now, differences, done.signature)
    return done


async def _may(pool: Pool, policies: Policies, by: str, before: Ruleset | None) -> None:
    """Raises Unfit unless somebody may change rules so: DOJ all, an agency's administrator that agency's own."""
    who = await pool.fetchrow(_WHO, by)
    if who is None or who["role"] not in MAY_PROPOSE:
        raise Unfit(
            f"{by} changes no rules: name an account of DOJ, or of an administrator for an agency's own rules"
        )
    text, local = (before.text, before.local) if before else (built_in(), {})
    others = {ori for ori in {*local, *policies.local} if local.get(ori) != policies.local.get(ori)} - {
        who["ori"]
    }
    if who["role"] != Role.DOJ and (policies.text != text or others):
        raise Unfit(
            f"{by} changes the rules of {who['ori']} only: those of the state and of others are DOJ's"
        )


def _alike(one: str, other: str) -> bool:
    return one.casefold().split() == other.casefold().split()
