"""Incidents in the database, and what the switch itself takes for one: a lost device, a stop, an owed explanation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from wireroom.journal.sealing import Texts
from wireroom.journal.tags import Tag
from wireroom.oversight import IllegalMove, Missing, NotTheirs
from wireroom.oversight.incidents import Act, Incident, Kind, Minder, Step
from wireroom.oversight.walking import Stretch, walk

if TYPE_CHECKING:
    from wireroom.journal import Connection

CONSOLE = "console"  # who acts in the journal where nobody signed in
LISTED_MAX = 1_000
SEEN_BACK = timedelta(days=3)  # so long ago the switch may have been away
SIGNS_MAX = 200

_COLUMNS = (
    "number, kind, ori, person, terminal, coalesce(origin, '') as origin, discovered_at, opened_at, opened_by"
)
_CLOSED = "exists (select from incident_step s where s.incident = i.number and s.act = 'close')"
LIST = f"""
select {_COLUMNS} from incident i where ($1 = '' or ori = $1) and ($2 or not {_CLOSED}) order by number desc limit $3
"""  # noqa: S608 - our own words alone
ONE = f"select {_COLUMNS} from incident i where number = $1"  # noqa: S608 - our own words alone
STEPS = """
select incident, place, act, about, at, by, entry from incident_step where incident = any($1::bigint[])
 order by incident, place
"""
OPEN = """
insert into incident (number, kind, ori, person, terminal, origin, discovered_at, opened_at, opened_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
STEP = "insert into incident_step (incident, place, act, about, at, by, entry) values ($1, $2, $3, $4, $5, $6, $7)"
WHO = "select id as person, name, role, ori from account where id = $1 and enabled"
AGENCY = "select exists (select from agency where ori = $1)"
NAME = "select name, enabled from account where id = $1"
# What was reported lost or stolen lately: all certificates of one act are one device.
LOST = """
select c.terminal, c.ori, c.revoked_at, c.revoked_by, c.revoked_for,
       'device/' || c.terminal || '/' || extract(epoch from c.revoked_at)::text as origin
  from device_certificate c
 where c.revoked_at >= $1 and c.revoked_for ~* '\\m(lost|stolen|theft|missing)\\M'
   and not exists (select from incident i where i.origin
                       = 'device/' || c.terminal || '/' || extract(epoch from c.revoked_at)::text)
 group by c.terminal, c.ori, c.revoked_at, c.revoked_by, c.revoked_for order by c.revoked_at limit $2
"""
UNEXPLAINED = """
select number, person, ori, due_at, 'emergency/' || number as origin from emergency e
 where explained_at is null and due_at >= $1 and due_at <= $2
   and not exists (select from incident i where i.origin = 'emergency/' || e.number)
 order by due_at limit $3
"""
STOPPED = """
select q.origin, a.id as person, a.ori from unnest($1::text[], $2::text[]) as q(person, origin)
  join account a on a.id = q.person and not a.enabled
 where not exists (select from incident i where i.origin = q.origin)
"""


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the switch takes for an incident by itself."""

    kind: Kind
    ori: str
    person: str = ""
    terminal: str = ""
    origin: str
    discovered_at: datetime
    known: str  # in words
    contained: bool = False  # what it is about opens nothing any more


async def listed(connection: Connection, ori: str = "", *, every: bool = False) -> tuple[Incident, ...]:
    """Incidents of an agency or of all, the newest first: those that are open, or every one."""
    return await _whole(connection, await connection.fetch(LIST, ori, every, LISTED_MAX))


async def one(connection: Connection, number: int) -> Incident:
    """One incident. Raises Missing."""
    found = await _whole(connection, await connection.fetch(ONE, number))
    if not found:
        raise Missing(f"there is no incident {number}: see `wireroom incident list --all`")
    return found[0]


async def _whole(connection: Connection, rows: Sequence[asyncpg.Record]) -> tuple[Incident, ...]:
    steps: dict[int, list[Step]] = {row["number"]: [] for row in rows}
    for row in await connection.fetch(STEPS, list(steps)):
        steps[row["incident"]].append(
            Step(place=row["place"], act=Act(row["act"]), about=tuple(row["about"]), at=row["at"], by=row["by"],
                 entry=row["entry"])
        )  # fmt: skip
    return tuple(
        Incident(**{**row, "kind": Kind(row["kind"])}, steps=tuple(steps[row["number"]])) for row in rows
    )


async def open_one(connection: Connection, made: Incident) -> None:
    """Keeps a new incident, in the transaction of its entry. Raises IllegalMove where its origin has one already."""
    try:
        await connection.execute(
            OPEN, made.number, made.kind.value, made.ori, made.person, made.terminal, made.origin or None,
            made.discovered_at, made.opened_at, made.opened_by,
        )  # fmt: skip
    except asyncpg.UniqueViolationError as error:
        raise IllegalMove(f"there is an incident for {made.origin} already") from error


async def add_step(connection: Connection, number: int, step: Step) -> None:
    """Keeps a step, in the transaction of its entry. Raises IllegalMove where somebody else made one meanwhile."""
    try:
        await connection.execute(
            STEP, number, step.place, step.act.value, list(step.about), step.at, step.by, step.entry
        )
    except asyncpg.UniqueViolationError as error:
        raise IllegalMove(
            f"somebody else did something with the incident {number} just now: look again"
        ) from error


async def minder(connection: Connection, person: str) -> Minder:
    """Who acts. Raises NotTheirs where there is no such account in use."""
    if not person:
        return Minder()
    row = await connection.fetchrow(WHO, person)
    if row is None:
        raise NotTheirs(
            f"{person} is no account in use: name an administrator or auditor of the agency, or DOJ"
        )
    return Minder(**row)


async def agency(connection: Connection, ori: str) -> bool:
    """Whether there is such an agency."""
    return bool(await connection.fetchval(AGENCY, ori))


async def account(connection: Connection, person: str) -> tuple[str, bool] | None:
    """The name of an account and whether it may sign in; None where there is none."""
    row = await connection.fetchrow(NAME, person)
    return None if row is None else (str(row["name"]), bool(row["enabled"]))


async def signs(connection: Connection, texts: Texts, now: datetime) -> tuple[Sign, ...]:
    """What happened lately that is an incident and is none yet."""
    since = now - SEEN_BACK
    found = [
        Sign(kind=Kind.LOST_DEVICE, ori=row["ori"], terminal=row["terminal"], origin=row["origin"], contained=True,
             discovered_at=row["revoked_at"], known=f"a device of {row['terminal']} was reported: {row['revoked_for']}")
        for row in await connection.fetch(LOST, since, SIGNS_MAX)
    ]  # fmt: skip
    found += [
        Sign(kind=Kind.EMERGENCY, ori=row["ori"], person=row["person"], origin=row["origin"],
             discovered_at=row["due_at"], known=f"the emergency {row['number']} was not explained within 24 hours")
        for row in await connection.fetch(UNEXPLAINED, since, now, SIGNS_MAX)
    ]  # fmt: skip
    return (*found, *await _stopped(connection, texts, since, now))


async def _stopped(connection: Connection, texts: Texts, since: datetime, now: datetime) -> list[Sign]:
    """People who were stopped as a danger: `person stop`, and not one of the other ways to disable an account."""
    told: dict[str, tuple[str, datetime]] = {}
    # A stop is a command on the machine itself: by its person the index finds it, and nothing else is read.
    stretch = Stretch(
        since=since, until=now + timedelta(seconds=1), person=CONSOLE, tags=(Tag.PERSON_CHANGED,)
    )
    async for entry in walk(connection, stretch, texts):
        if entry.detail.get("act") == "stop":
            told[f"entry/{entry.number}"] = (str(entry.detail.get("person", "")), entry.at)
    rows = await connection.fetch(STOPPED, [person for person, _ in told.values()], list(told))
    return [
        Sign(kind=Kind.ACCOUNT, ori=row["ori"], person=row["person"], origin=row["origin"], contained=True,
             discovered_at=told[row["origin"]][1], known=f"the account {row['person']} was stopped as a danger")
        for row in rows[:SIGNS_MAX]
    ]  # fmt: skip
