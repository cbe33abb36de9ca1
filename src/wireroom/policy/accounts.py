"""Accounts of people: added, minded by their administrators, ended; never given to anybody else.

CJIS Security Policy 5.9.5: AC-2 (accounts that end by themselves, and who approves them), IA-4 (identifiers).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import asyncpg

from wireroom.message.acting import Actor, As, everywhere
from wireroom.policy import Taken, Unfit, Unknown, people_sql
from wireroom.policy.authenticators import Authenticators
from wireroom.policy.directory import Pool
from wireroom.policy.role import Role
from wireroom.policy.secret import Passwords, Seal, unfit
from wireroom.policy.staff import may_grant, may_mind
from wireroom.policy.standing import Person, Terms

NAME_MAX = 100
EMERGENCY_HOURS_MAX = 72
EMERGENCY_MAX = timedelta(hours=EMERGENCY_HOURS_MAX)
USED_EVERY = timedelta(days=1)  # the grain of "last used" where another system speaks for a person
OUTSIDE = "console"  # who acts where nobody signed in: a command on the machine itself
IDENTIFIER = re.compile(r"[a-z][a-z0-9.-]{1,31}", re.ASCII)


class Accounts:
    """Everybody's accounts. The clock is an argument of every call."""

    def __init__(
        self,
        pool: Pool,
        seal: Seal,
        keys: Authenticators,
        passwords: Passwords,
        *,
        terms: Terms,
        known: frozenset[str],
    ) -> None:
        self.keys = keys
        self._pool, self._seal, self._terms, self._passwords = pool, seal, terms, passwords
        self._all = As(pool, everywhere("accounts"))  # what is done with everybody's at once
        self._known = known  # passwords that others know

    def _of(self, person: str) -> As:
        """The pool for one person's account and what hangs on it; nobody else's is there."""
        return As(self._pool, Actor(actor="sign-in", person=person))

    async def add(
        self,
        person: Person,
        *,
        password: str,
        otp_secret: str,
        now: datetime,
        by: str = "",
        request: str = "",
    ) -> None:
        """Add a person, whom `by` approved. Raises Unfit with every reason, Taken, or Unknown for the agency.

        With the number of a `request` it is approved in the very same statement, or Taken where it was decided.
        """
        await self.may_add(person, now=now, by=by)
        kept = await self._fit(person.id, password)
        sealed = self._seal.close(person.id, otp_secret)
        asked = [request] if request else []
        try:
            added = await self._of(person.id).fetchval(
                people_sql.ADD_AS_ASKED if request else people_sql.ADD,
                person.id, person.name, person.ori, person.role, kept, sealed, person.enabled, now,
                person.ends_at, by or OUTSIDE, self.keys.new_id(), *asked,
            )  # fmt: skip
        except asyncpg.UniqueViolationError as error:
            raise Taken(f"the identifier {person.id} is in use, or was: choose another") from error
        except asyncpg.ForeignKeyViolationError as error:
            raise Unknown(f"there is no agency {person.ori}: add it first") from error
        if added is None:
            raise Taken("somebody else decided on this request meanwhile: look at it again")

    async def may_add(self, person: Person, *, now: datetime, by: str = "") -> None:
        """Raises Unfit with what is wrong unless this account may be added, and by this account."""
        if not IDENTIFIER.fullmatch(person.id):
            raise Unfit(
                f"{person.id!r} is not an identifier: a letter, then letters, digits, . or -, at most 32"
            )
        if not 0 < len(person.name) <= NAME_MAX:
            raise Unfit(f"person {person.id}: give a name of at most {NAME_MAX} characters")
        if person.role not in set(Role):
            raise Unfit(f"person {person.id}: the role is one of {', '.join(Role)}")
        await may_grant(
            self._all, person=person.id, name=person.name, ori=person.ori, role=person.role, by=by
        )
        if person.ends_at is not None and not now < person.ends_at <= now + EMERGENCY_MAX:
            raise Unfit(f"person {person.id}: an emergency account ends within {EMERGENCY_HOURS_MAX} hours")

    async def role_at(self, person: str, ori: str, now: datetime) -> str | None:
        """The role of a person for whom a system of an agency speaks; empty for a stranger.

        None where there is such an account, but of another agency, disabled, ended or locked: nobody speaks for it.
        """
        row = await self._of(person).fetchrow(
            people_sql.ACCOUNT, person, ori, now, now - self._terms.inactive
        )
        if row is None:
            return ""
        if row["stands"] and row["active_at"] <= now - USED_EVERY:
            await self._of(person).execute(people_sql.ACTIVE, person, now)
        return str(row["role"]) if row["stands"] else None

    async def people(self) -> tuple[Person, ...]:
        """Everybody, in the order of the identifiers."""
        return tuple(Person(**row) for row in await self._all.fetch(people_sql.PEOPLE))

    async def accounts(self, ori: str) -> tuple[Person, ...]:
        """The accounts of an agency, or all, each with its last use."""
        return tuple(Person(**row) for row in await self._all.fetch(people_sql.ACCOUNTS, ori))

    async def release(self, person: str, *, by: str = "") -> None:
        """Unlock an account: an act of who minds it. Raises Unfit or Unknown."""
        await may_mind(self._all, by, person)
        await self._change(people_sql.RELEASE, person)

    async def enable(self, person: str, now: datetime, *, by: str = "") -> None:
        """Let a person sign in again, unless their role and another account's are kept apart meanwhile (AC-5).

        Raises Unfit, or Unknown, also for an emergency account that has ended.
        """
        await self.may_enable(person, by=by)
        if await self._of(person).fetchval(people_sql.ENABLE, person, now) is None:
            raise Unknown(f"there is no person {person}, or it was an emergency account and has ended")
        await self._and_end(people_sql.END_OF, person, now)

    async def may_enable(self, person: str, *, by: str = "") -> None:
        """Raises Unfit or Unknown unless `by` may let this person sign in again."""
        await may_mind(self._all, by, person)
        for one in await self.people():
            if one.id == person:
                await may_grant(self._all, person=one.id, name=one.name, ori=one.ori, role=one.role, by=by)

    async def disable(self, person: str, why: str, now: datetime, *, by: str = "") -> int:
        """Let a person sign in no more: every session ends in the same act; how many. Raises Unfit or Unknown."""
        await may_mind(self._all, by, person)
        return await self._and_end(people_sql.DISABLE, person, now, why)

    async def set_password(self, person: str, password: str, now: datetime) -> int:
        """Give a new password; every session ends. Raises Unfit or Unknown."""
        return await self._and_end(people_sql.PASSWORD, person, now, await self._fit(person, password))

    async def set_otp_secret(self, person: str, otp_secret: str, now: datetime, *, by: str = OUTSIDE) -> int:
        """Bind a new authenticator of codes; the old one counts no more and every session ends. Raises Unknown."""
        sealed = self._seal.close(person, otp_secret)
        return await self._and_end(people_sql.OTP, person, now, sealed, by, self.keys.new_id())

    async def _and_end(self, statement: str, person: str, now: datetime, *values: object) -> int:
        """A change and the end of every session of the person, both or neither; how many ended."""
        ended: int | None = await self._of(person).fetchval(statement, person, now, *values)
        if ended is None:
            raise Unknown(f"there is no person {person}")
        # A session that was being opened at this moment was not seen by the statement; now it is.
        return ended + int(await self._of(person).fetchval(people_sql.END_OF, person, now))

    async def _change(self, statement: str, person: str, *values: object) -> None:
        if await self._of(person).fetchval(statement, person, *values) is None:
            raise Unknown(f"there is no person {person}")

    async def _fit(self, person: str, password: str) -> str:
        if reasons := unfit(password, person=person, known=self._known):
            raise Unfit("the password " + ", ".join(reasons) + ": choose another")
        return await self._passwords.keep(password)
