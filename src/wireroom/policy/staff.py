"""Joiners, movers and leavers: who may give out which role, who must be looked after by when, and an agency's people.

CJIS Security Policy AC-2 (e: approval by somebody else; h: told within a day; j: reviewed each year; (3): disabled
within a week), AC-5 (duties apart), PS-4 and PS-5 (leaving and moving).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import asyncpg
import msgspec

from wireroom.message.acting import transaction
from wireroom.message.envelope import Facts, Seat
from wireroom.message.local import day_of
from wireroom.policy import Unfit, Unknown
from wireroom.policy.facts import NEWEST, Connection, Fact, FactKind, Pool, facts_of, newest, write
from wireroom.policy.fitness import Demands, lapses, wanting
from wireroom.policy.role import Role, apart

TOLD_WITHIN = timedelta(days=1)
DISABLED_WITHIN = timedelta(days=7)
SHOWN_AFTER = timedelta(days=7)  # for so long a mover or a leaver stands in the report
SOON = timedelta(days=30)  # so long before training lapses it stands there
LISTED_MAX = 50_000
MOVED, LEFT = "moved", "left"  # the first word of an authorisation that ended so
GONE = frozenset({MOVED, LEFT})

# Who gives out the rights never reads the journal afterwards, and the other way round.
GRANTS = {Role.ADMINISTRATOR: frozenset(Role) - {Role.AUDITOR, Role.DOJ}, Role.DOJ: frozenset(Role)}


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A person with what stands on record."""

    id: str
    name: str
    ori: str
    role: str
    enabled: bool
    added_at: datetime
    test: bool  # of a training agency
    held: dict[FactKind, Fact]

    @property
    def facts(self) -> Facts:
        """What the rules look at."""
        return facts_of(self.held)

    def wanting(self, at: datetime, demands: Demands) -> tuple[str, ...]:
        """The rules that the person does not meet, at a live terminal of their agency."""
        seat = Seat(
            terminal="", ori=self.ori, person=self.id, role=self.role, test=self.test, facts=self.facts
        )
        return wanting(seat, at, demands)


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that must be done about a person."""

    person: str
    name: str
    ori: str
    what: str  # "clear", "sign", "train", "authorise", "disable", "review", "moved", "left"
    since: date
    by: date
    overdue: bool


_MEMBERS = f"""
SELECT account.id, account.name, account.ori, account.role, account.enabled, account.added_at, agency.test,
       {NEWEST.format(person="account.id")} AS held
FROM account JOIN agency ON agency.ori = account.ori
WHERE ($1 = '' OR account.ori = $1) ORDER BY account.id LIMIT $2
"""  # noqa: S608 - a statement of ours within
_GRANTER = "SELECT role, ori, name FROM account WHERE id = $1 AND enabled"
_SUBJECT = "SELECT role, ori, name, enabled FROM account WHERE id = $1"
_ROLES_OF_NAME = """
SELECT id, role FROM account WHERE enabled AND ori = $1 AND id <> $3
  AND lower(regexp_replace(btrim(name), '\\s+', ' ', 'g')) = lower(regexp_replace(btrim($2), '\\s+', ' ', 'g'))
ORDER BY id
"""
_HELD = "SELECT name, ori, role, enabled FROM account WHERE id = $1 FOR UPDATE"
_MOVE = "UPDATE account SET ori = $2, role = $3 WHERE id = $1"
_LEAVE = "UPDATE account SET enabled = false WHERE id = $1"
_END = "UPDATE session SET ended_at = $2 WHERE person = $1 AND ended_at IS NULL"
_AGENCY = "SELECT ori FROM agency WHERE ori = $1"


async def members(pool: Pool, ori: str = "") -> tuple[Member, ...]:
    """The people of an agency, or everybody, with what stands on record; those too who left."""
    rows = await pool.fetch(_MEMBERS, ori, LISTED_MAX)
    return tuple(Member(**{**row, "held": newest(row["held"])}) for row in rows)


# --------------------------------------------------------------------------- who gives out a role


async def may_grant(pool: Pool, *, person: str, name: str, ori: str, role: str, by: str = "") -> None:
    """Raises Unfit unless this role may be given to this person, by this account.

    Without `by` it is the command line of the switch itself. Two accounts of one person are known by the name.
    """
    if by == person:
        raise Unfit(f"{by}: nobody approves their own account (AC-2 e)")
    if by:
        granter = await pool.fetchrow(_GRANTER, by)
        may = GRANTS.get(granter["role"], frozenset()) if granter else frozenset()
        if granter is None or role not in may:
            raise Unfit(
                f"{by} does not give out the role {role}: name an administrator; for an auditor, one of DOJ"
            )
        if granter["role"] != Role.DOJ and granter["ori"] != ori:
            raise Unfit(f"{by} gives out roles at their own agency only")
        if granter["ori"] == ori and same_person(granter["name"], name):
            raise Unfit(f"{by}: nobody approves their own account, a second one neither (AC-2 e)")
    for row in await pool.fetch(_ROLES_OF_NAME, ori, name, person):
        if apart(role, row["role"]):
            raise Unfit(
                f"{name} is {row['role']} as {row['id']}: one person is never administrator and auditor (AC-5)"
            )


def same_person(one: str, other: str) -> bool:
    """Whether two accounts are one person's, as far as we can know: by the name."""
    return bool(one.strip()) and " ".join(one.casefold().split()) == " ".join(other.casefold().split())


async def may_mind(pool: Pool, by: str, person: str) -> None:
    """Raises Unfit or Unknown unless `by` minds this account: an administrator of its agency, or DOJ; somebody else.

    Without `by` it is the command line of the switch itself.
    """
    if not by:
        return
    minder, subject = await pool.fetchrow(_GRANTER, by), await pool.fetchrow(_SUBJECT, person)
    if minder is None or minder["role"] not in GRANTS:
        raise Unfit(f"{by} minds no accounts: name an administrator of the agency")
    if subject is None or (minder["role"] != Role.DOJ and subject["ori"] != minder["ori"]):
        raise Unknown(f"there is no person {person} of the agency of {by}")
    if by == person or same_person(subject["name"], minder["name"]):
        raise Unfit(f"{by}: nobody minds their own account, a second one neither (AC-5)")


async def may_move(pool: Pool, by: str, person: str, *, ori: str = "", role: str = "") -> None:
    """Raises Unfit or Unknown unless `by` may move this account: who minds it, and gives out the role that it gets.

    Empty: agency or role as they are. Without `by` it is the command line of the switch itself.
    """
    await may_mind(pool, by, person)
    subject = await pool.fetchrow(_SUBJECT, person)
    if by and subject is not None:
        role = role or subject["role"]
        if not subject["enabled"]:
            raise Unknown(f"there is no person {person} who may sign in")
        await _may_become(pool, person, subject, ori or subject["ori"], role)
        await may_grant(pool, person=person, name=subject["name"], ori=subject["ori"], role=role, by=by)


# --------------------------------------------------------------------------- movers and leavers


async def move(pool: Pool, person: str, ori: str, *, role: str = "", by: str, now: datetime) -> None:
    """Somebody works for another agency, or in another role: every right ends until they are authorised anew.

    Raises Unfit or Unknown.
    """
    if by == person:
        raise Unfit(f"{by}: nobody moves themselves (AC-5)")
    async with transaction(pool) as connection:
        held = await connection.fetchrow(_HELD, person)
        if held is None or not held["enabled"]:
            raise Unknown(f"there is no person {person} who may sign in")
        if await connection.fetchval(_AGENCY, ori) is None:
            raise Unknown(f"there is no agency {ori}: add it first")
        role = role or held["role"]
        await _may_become(connection, person, held, ori, role)
        await connection.execute(_MOVE, person, ori, role)
        await connection.execute(_END, person, now)
        word = f"{MOVED} from {held['ori']} to {ori}, as {role}"
        await write(connection, _ended(person, word, now), by=by, now=now)


async def _may_become(
    connection: Pool | Connection, person: str, held: asyncpg.Record, ori: str, role: str
) -> None:
    """Raises Unfit where somebody is that already, or it is kept apart from what they were, or are elsewhere."""
    if (held["ori"], held["role"]) == (ori, role):
        raise Unfit(f"{person} is {role} at {ori} already")
    if apart(role, held["role"]):
        raise Unfit(f"{person} was {held['role']}: one person is never administrator and auditor (AC-5)")
    for row in await connection.fetch(_ROLES_OF_NAME, ori, held["name"], person):
        if apart(role, row["role"]):
            raise Unfit(f"{held['name']} is {row['role']} as {row['id']}: the two are kept apart (AC-5)")


async def change_role(pool: Pool, person: str, role: str, *, by: str, now: datetime) -> None:
    """Another role at the same agency, as a move. Raises Unfit or Unknown."""
    subject = await pool.fetchrow(_SUBJECT, person)
    await move(pool, person, subject["ori"] if subject else "", role=role, by=by, now=now)


async def leave(pool: Pool, person: str, *, by: str, now: datetime) -> None:
    """Somebody left: the account is disabled, its sessions end, nobody else ever gets its name. Raises Unknown."""
    if by == person:
        raise Unfit(f"{by}: nobody ends their own account: ask another administrator (AC-5)")
    async with transaction(pool) as connection:
        if await connection.fetchrow(_HELD, person) is None:
            raise Unknown(f"there is no person {person}")
        await connection.execute(_LEAVE, person)
        await connection.execute(_END, person, now)
        await write(connection, _ended(person, LEFT, now), by=by, now=now)


def _ended(person: str, word: str, now: datetime) -> Fact:
    return Fact(person=person, kind=FactKind.AUTHORISATION, day=day_of(now), good=False, word=word)


# --------------------------------------------------------------------------- what is due


def due(people: tuple[Member, ...], demands: Demands, now: datetime) -> tuple[Due, ...]:
    """What must be done about these people, the most urgent first."""
    found = [one for member in people for one in _due(member, demands, now)]
    return tuple(sorted(found, key=lambda one: (one.by, one.person, one.what)))


def _due(member: Member, demands: Demands, now: datetime) -> Iterator[Due]:
    today = day_of(now)

    def item(what: str, since: date, within: timedelta) -> Due:
        by = since + within
        return Due(person=member.id, name=member.name, ori=member.ori, what=what, since=since, by=by,
                   overdue=today > by)  # fmt: skip

    authorisation = member.held.get(FactKind.AUTHORISATION)
    gone = authorisation.word.split() if authorisation is not None and not authorisation.good else [""]
    if authorisation is not None and gone[0] in GONE and today - authorisation.day <= SHOWN_AFTER:
        yield item(gone[0], authorisation.day, TOLD_WITHIN)
    if not member.enabled:
        return
    joined = day_of(member.added_at)
    missing = member.wanting(now, demands)
    for name, what in (("cleared", "clear"), ("statement-signed", "sign")):
        if name in missing:
            yield item(what, joined, DISABLED_WITHIN)
    last = lapses(member.facts, demands)
    if "trained" in missing or (last is not None and last - today <= SOON):
        yield item("train", last or joined, timedelta(0))
    if "authorised" in missing:
        ended = authorisation is not None and authorisation.until
        since = day_of(ended) if ended else authorisation.day if authorisation else joined
        yield item("disable", since, DISABLED_WITHIN)
    review = member.held.get(FactKind.REVIEW)
    looked = review.day if review is not None and review.good else joined
    if today - looked > timedelta(days=demands.review_days) - SOON:
        yield item("review", looked, timedelta(days=demands.review_days))
