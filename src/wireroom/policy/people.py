"""Signing in with two factors at a terminal, and the sessions that follow; adding and releasing people.

CJIS Security Policy 5.9.5: AC-7 (five bad logons in 15 minutes lock), AC-11 and IA-11 (idle and absolute
limits), AC-12 (sign-out ends), IA-2 (two factors), IA-5 (codes count once), AC-2 (accounts that end by themselves).
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wireroom.message.acting import Actor, As, everywhere
from wireroom.message.envelope import Facts, Seat
from wireroom.policy import PolicyError, SealBroken, Taken, Unfit, Unknown, people_sql
from wireroom.policy.authenticators import STALE, Authenticators
from wireroom.policy.directory import MNEMONIC, Device, Pool
from wireroom.policy.facts import facts_of, newest
from wireroom.policy.passkeys import Unproven, heard, proven
from wireroom.policy.role import Role, apart
from wireroom.policy.secret import (
    CODE_STEP_S,
    NO_STEP,
    Entropy,
    Passwords,
    Seal,
    code_at,
    new_otp_secret,
    step_of,
    unfit,
)
from wireroom.policy.staff import may_grant
from wireroom.policy.standing import Claim as Claim
from wireroom.policy.standing import Opened as Opened
from wireroom.policy.standing import Person as Person
from wireroom.policy.standing import Refused as Refused
from wireroom.policy.standing import Standing as Standing
from wireroom.policy.standing import Terms as Terms
from wireroom.policy.throttle import Throttle

log = logging.getLogger(__name__)

TOKEN_BYTES = 32
TOKEN_CHARACTERS_MAX = 100
SEEN_EVERY = timedelta(seconds=5)  # the grain of "last used": a use within it is not written down again
NAME_MAX = 100
BEARERS_MAX = 10_000  # sessions of which we remember whose they are
EMERGENCY_HOURS_MAX = 72
EMERGENCY_MAX = timedelta(hours=EMERGENCY_HOURS_MAX)
USED_EVERY = timedelta(days=1)  # the grain of "last used" where another system speaks for a person
OUTSIDE = "console"  # who acts where nobody signed in: a command on the machine itself
_PERSON = re.compile(r"[a-z][a-z0-9.-]{1,31}", re.ASCII)

# One sentence whatever the cause, so that it tells a stranger nothing and the person what to do.
REFUSED = (
    "Sign-in refused: the person, password, code and terminal do not go together, the code was used already, "
    "or the account is locked. Five refusals in 15 minutes lock it until an administrator releases it."
)
KEY_REFUSED = (
    "Sign-in refused: this passkey and this terminal do not go together, it took longer than five minutes, or the "
    "account is locked. Five refusals in 15 minutes lock it until an administrator releases it."
)
TOO_OFTEN = "Too many sign-ins from here were refused: wait before the next one."
BUSY = "Too many people are signing in at this moment: try again in a few seconds."


class People:
    """Who may sign in and who is signed in. The clock is an argument of every call."""

    def __init__(
        self,
        pool: Pool,
        seal: Seal,
        *,
        passwords: Passwords | None = None,
        throttle: Throttle | None = None,
        terms: Terms = Terms(),  # noqa: B008 - frozen
        entropy: Entropy = secrets.token_bytes,
        known: frozenset[str] = frozenset(),
        demo: bool = False,
    ) -> None:
        self.keys = Authenticators(pool, terms.place, entropy=entropy)
        self._pool, self._seal, self._terms, self._entropy = pool, seal, terms, entropy
        self._all = As(pool, everywhere("accounts"))  # what is done with everybody's at once
        self._bearers: dict[bytes, tuple[str, str]] = {}  # whose a session is never changes
        self._passwords = passwords or Passwords()
        self._throttle = throttle or Throttle()
        self._known = known  # passwords that others know
        self._demo = demo
        self._at_work = 0
        self._nobodys_secret = new_otp_secret()

    def _of(self, person: str) -> As:
        """The pool for one person's account and what hangs on it; nobody else's is there."""
        return As(self._pool, Actor(actor="sign-in", person=person))

    async def _bearer(self, key: bytes) -> As:
        """The pool for whoever bears a token: the session by its hash, its person and their agency, nothing else."""
        actor = Actor(actor="session", key=key.hex())
        if (whose := self._bearers.get(key)) is None:
            row = await As(self._pool, actor).fetchrow(people_sql.WHOSE, key)
            whose = (row["person"], row["ori"]) if row else ("", "")
            if row:
                while len(self._bearers) >= BEARERS_MAX:
                    del self._bearers[next(iter(self._bearers))]
                self._bearers[key] = whose
        return As(self._pool, msgspec.structs.replace(actor, person=whose[0], ori=whose[1]))

    # ------------------------------------------------------------------ signing in

    async def sign_in(self, claim: Claim, now: datetime) -> Opened | Refused:
        """A session for a person at a terminal, or a refusal that is the same for every cause.

        The attempt is counted before anything is compared, so a thousand at once are five guesses.
        """
        if wait := self._throttle.wait(claim.peer, now):
            return Refused(reason=TOO_OFTEN, cause="too many from this source", wait_seconds=wait)
        if self._at_work >= self._terms.at_once_max:
            return Refused(reason=BUSY, cause="too many at once", wait_seconds=3)
        self._at_work += 1
        try:
            answer = await (self._check_key if claim.answer else self._check)(claim, now)
        finally:
            self._at_work -= 1
        if isinstance(answer, Refused):
            self._throttle.bad(claim.peer, now)
        return answer

    async def _check(self, claim: Claim, now: datetime) -> Opened | Refused:
        person = _well_formed(_PERSON, claim.person.lower())
        mnemonic = _well_formed(MNEMONIC, claim.terminal.upper())
        pool = self._of(person)
        account = await self._counted(person, now)
        terminal = await pool.fetchrow(people_sql.TERMINAL, mnemonic)
        right = await self._passwords.same(account["password_hash"] if account else None, claim.password)
        step = step_of(self._secret_of(person, account), claim.code.strip(), now)
        if account is None:
            cause = "unknown, disabled, ended or locked"
        elif not right:
            cause = "wrong password"
        elif step == NO_STEP:
            cause = "wrong code"
        elif terminal is None or terminal["ori"] != account["ori"]:
            cause = "not a terminal of the agency"
        else:
            opened = await self._open(person, mnemonic, claim, count=step, now=now)
            if opened is not None:
                return opened
            cause = "code used before"
        if await pool.fetchval(people_sql.LOCK, person, now, self._terms.bad_max):
            cause += "; the account is locked now"
        return Refused(reason=REFUSED, cause=cause)

    async def _counted(self, person: str, now: datetime) -> asyncpg.Record | None:
        """Count an attempt as bad before anything is compared; None for an account that opens nothing."""
        since, inactive = now - self._terms.bad_within, now - self._terms.inactive
        row: asyncpg.Record | None = await self._of(person).fetchrow(
            people_sql.COUNT, person, since, now, self._terms.bad_max, inactive
        )
        return row

    async def _check_key(self, claim: Claim, now: datetime) -> Opened | Refused:
        """The same with a passkey: found by its credential, counted before anything of it is believed.

        An answer to an old question is no guess: it is refused, and does not count against the account.
        """
        if isinstance(told := heard(claim.answer), Unproven):
            return Refused(reason=KEY_REFUSED, cause=told.cause)
        asked = await self.keys.asked(told.nonce, claim.purpose, claim.holder, now)
        kept = await self.keys.find(told.credential)
        if kept is None or self.keys.place is None:
            return Refused(reason=KEY_REFUSED, cause="a passkey that is not known, or has ended")
        if not asked:
            return Refused(reason=KEY_REFUSED, cause=STALE, person=kept.person)
        mnemonic = _well_formed(MNEMONIC, claim.terminal.upper())
        pool = self._of(kept.person)
        account = await self._counted(kept.person, now)
        terminal = await pool.fetchrow(people_sql.TERMINAL, mnemonic)
        counter = proven(self.keys.place, claim.answer, told.nonce, kept)
        if account is None:
            cause = "disabled, ended or locked"
        elif isinstance(counter, Unproven):
            cause = counter.cause
        elif claim.person and claim.person != kept.person:
            cause = "the passkey of somebody else"
        elif terminal is None or terminal["ori"] != account["ori"]:
            cause = "not a terminal of the agency"
        else:
            opened = await self._open(kept.person, mnemonic, claim, count=counter, now=now, key=kept.id)
            if opened is not None:
                return opened
            cause = "the passkey was used or ended meanwhile"
        if await pool.fetchval(people_sql.LOCK, kept.person, now, self._terms.bad_max):
            cause += "; the account is locked now"
        return Refused(reason=KEY_REFUSED, cause=cause, person=kept.person)

    def _secret_of(self, person: str, account: asyncpg.Record | None) -> str:
        """The secret to compare with; one that nobody has, where there is no account or it does not open."""
        if account is None or not account["otp_sealed"]:  # nobody, or one without codes
            return self._nobodys_secret
        try:
            return self._seal.open(person, account["otp_sealed"])
        except SealBroken as error:
            log.error("%s", error)
            return self._nobodys_secret

    async def _open(
        self, person: str, mnemonic: str, claim: Claim, *, count: int, now: datetime, key: str = ""
    ) -> Opened | None:
        """Use up the code, or the passkey's count, and open the session: both, or neither and None."""
        token, csrf = self._token(), self._token()
        made = await self._of(person).fetchrow(
            people_sql.OPEN_WITH_KEY if key else people_sql.OPEN,
            person, count, digest(token), mnemonic, csrf, now, claim.peer[:NAME_MAX], claim.kind, claim.notice,
            digest(claim.replaces) if claim.replaces else b"", claim.device, *([key] if key else []),
        )  # fmt: skip
        standing = await self.session(token, now, used=False) if made else None
        if made is None or standing is None:
            return None
        displaced = msgspec.json.decode(made["displaced"] or "[]", type=tuple[tuple[str, str], ...])
        return Opened(token=token, standing=standing, displaced=displaced)

    def _token(self) -> str:
        return self._entropy(TOKEN_BYTES).hex()

    # ------------------------------------------------------------------ sessions

    async def session(
        self, token: str, now: datetime, *, used: bool = True, device: str | None = None
    ) -> Standing | None:
        """The session of a token while it stands; `used=False` only looks and puts off no idle limit.

        It stands only at the `device` that it was opened at, by the fingerprint, "" without one; None: not compared.
        A lock ends no session, or a stranger's five guesses would silence a dispatcher; disabling does.
        """
        if not token or len(token) > TOKEN_CHARACTERS_MAX:
            return None
        key = digest(token)
        pool = await self._bearer(key)
        row = await pool.fetchrow(people_sql.SESSION, key, now - self._terms.absolute, now)
        if row is None or (found := self._standing(row)).idle_until <= now or not _at(found, device):
            return None
        if used and now - row["seen_at"] >= SEEN_EVERY:
            await pool.execute(people_sql.SEEN, key, now)
            found = self._standing(row, now)
        return found

    async def locked(self, token: str, now: datetime, *, device: str | None = None) -> Standing | None:
        """The session of a token that is locked, because it was idle: its person may unlock it."""
        if not token or len(token) > TOKEN_CHARACTERS_MAX:
            return None
        pool = await self._bearer(key := digest(token))
        row = await pool.fetchrow(people_sql.SESSION, key, now - self._terms.absolute, now)
        if row is None or row["seen_at"] + self._terms.disconnect <= now:
            return None
        found = self._standing(row)
        return found if found.idle_until <= now and _at(found, device) else None

    async def renew(self, held: Standing, claim: Claim, now: datetime) -> Opened | Refused:
        """A new session in place of a person's own, which is locked or wants both factors again; the old one ends.

        Only the factors of `claim` count, and what it replaces: person, terminal and notice are those of `held`.
        """
        seat = held.seat
        own = msgspec.structs.replace(
            claim, person=seat.person, terminal=seat.terminal, notice=held.notice, device=held.device
        )
        return await self.sign_in(own, now)

    async def unlock(
        self, held: Standing, token: str, factors: tuple[str, str], peer: str, now: datetime
    ) -> Opened | Refused:
        """A new session in place of a locked one, for its own person with password and code; the old one ends."""
        claim = Claim(person="", password=factors[0], code=factors[1], terminal="", peer=peer, replaces=token)
        return await self.renew(held, claim, now)

    def _standing(self, row: asyncpg.Record, seen: datetime | None = None) -> Standing:
        """A session as it is. An exempt device has no idle limit; twelve hours end every session."""
        seat = Seat(
            terminal=row["terminal"], ori=row["ori"], person=row["person"], role=row["role"], test=row["test"],
            place=row["place"], facts=_facts(row),
        )  # fmt: skip
        until = row["opened_at"] + self._terms.absolute
        if row["device"] == Device.ORDINARY:
            until = min(until, (seen or row["seen_at"]) + self._terms.idle)
        return Standing(
            seat=seat, name=row["name"], agency=row["agency"], csrf=row["csrf"], kind=row["kind"],
            opened_at=row["opened_at"], idle_until=until, notice=row["notice"],
            device=row["certificate"], authenticator=row["authenticator"],
        )  # fmt: skip

    async def sign_out(self, token: str, now: datetime) -> None:
        """End a session; a token that stands for none is no fault."""
        pool = await self._bearer(key := digest(token))
        await pool.execute(people_sql.END, key, now)

    async def sign_out_everywhere(self, person: str, now: datetime) -> int:
        """End all sessions of a person; how many. Raises Unknown."""
        return await self._and_end(people_sql.END_OF, person, now)

    async def end_all(self, now: datetime) -> None:
        """End every session: a start of the only process begins with nobody signed in."""
        await self._all.execute(people_sql.END_ALL, now)

    async def sweep(self, now: datetime) -> None:
        """Mark the sessions whose time is up as ended. They stand no more whether this runs or not."""
        await self._all.execute(
            people_sql.SWEEP, now, now - self._terms.disconnect, now - self._terms.absolute
        )

    async def due(self, now: datetime) -> tuple[tuple[str, str], ...]:
        """Accounts whose time is up, and why: "ended" or "inactive". They open nothing already; write it down."""
        rows = await self._all.fetch(people_sql.DUE, now, now - self._terms.inactive)
        return tuple((row["id"], row["why"]) for row in rows)

    # ------------------------------------------------------------------ administration

    async def add(
        self, person: Person, *, password: str, otp_secret: str, now: datetime, by: str = ""
    ) -> None:
        """Add a person, whom `by` approved. Raises Unfit with every reason, Taken, or Unknown for the agency."""
        if not _PERSON.fullmatch(person.id):
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
        kept = await self._fit(person.id, password)
        sealed = self._seal.close(person.id, otp_secret)
        try:
            await self._of(person.id).execute(
                people_sql.ADD, person.id, person.name, person.ori, person.role, kept, sealed, person.enabled, now,
                person.ends_at, by or OUTSIDE, self.keys.new_id(),
            )  # fmt: skip
        except asyncpg.UniqueViolationError as error:
            raise Taken(f"the identifier {person.id} is in use, or was: choose another") from error
        except asyncpg.ForeignKeyViolationError as error:
            raise Unknown(f"there is no agency {person.ori}: add it first") from error

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

    async def release(self, person: str) -> None:
        """Unlock an account: an administrator's act. Raises Unknown."""
        await self._change(people_sql.RELEASE, person)

    async def enable(self, person: str, now: datetime) -> None:
        """Let a person sign in again, unless their role and another account's are kept apart meanwhile (AC-5).

        Raises Unfit, or Unknown, also for an emergency account that has ended.
        """
        for one in await self.people():
            if one.id == person:
                await may_grant(self._all, person=one.id, name=one.name, ori=one.ori, role=one.role)
        if await self._of(person).fetchval(people_sql.ENABLE, person, now) is None:
            raise Unknown(f"there is no person {person}, or it was an emergency account and has ended")
        await self._and_end(people_sql.END_OF, person, now)

    async def disable(self, person: str, why: str, now: datetime) -> int:
        """Let a person sign in no more: every session ends in the same act; how many. Raises Unknown."""
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

    # ------------------------------------------------------------------ the demo

    async def admit(
        self, person: str, mnemonic: str, peer: str, now: datetime, notice: str = ""
    ) -> Opened | Refused:
        """A session without factors, for the demo's invented people. Raises PolicyError everywhere else."""
        self._only_in_the_demo()
        claim = Claim(person=person, password="", code="", terminal=mnemonic, peer=peer, kind="demo")
        token, csrf = self._token(), self._token()
        made = await self._of(person).fetchval(
            people_sql.ADMIT, person, digest(token), mnemonic, csrf, now, claim.peer[:NAME_MAX], claim.kind, notice
        )  # fmt: skip
        standing = await self.session(token, now, used=False) if made else None
        if standing is None:
            return Refused(reason=REFUSED, cause="unknown, disabled, locked or not a terminal of the agency")
        return Opened(token=token, standing=standing)

    async def code_of(self, person: str, now: datetime) -> str:
        """A code that counts now, for the demo's printed examples. Raises PolicyError outside the demo."""
        self._only_in_the_demo()
        row = await self._of(person).fetchrow(people_sql.CODE, person)
        if row is None:
            raise Unknown(f"there is no person {person}")
        secret, step = self._seal.open(person, row["otp_sealed"]), timedelta(seconds=CODE_STEP_S)
        # Codes go up with each use; the oldest counts only as long as this step lasts, so not towards its end.
        ends_soon = CODE_STEP_S - now.timestamp() % CODE_STEP_S < CODE_STEP_S / 2
        for moment in (now, now + step) if ends_soon else (now - step, now, now + step):
            code = code_at(secret, moment)
            if step_of(secret, code, now) > row["otp_last_step"]:
                return code
        return code_at(secret, now)

    def _only_in_the_demo(self) -> None:
        if not self._demo:
            raise PolicyError("only the demo signs people in without their factors")


def _facts(row: asyncpg.Record) -> Facts:
    """All that the rules look at of a session's person."""
    return msgspec.structs.replace(
        facts_of(newest(row["facts"])),
        own=msgspec.json.decode(row["own"], type=tuple[tuple[str, str], ...]) if row["own"] else (),
        other_duty=any(apart(row["role"], other) for other in row["others"] or ()),
        owing=row["owing"],
    )


def _at(found: Standing, device: str | None) -> bool:
    """Whether a session is asked for at its own device; None: the house itself asks."""
    return device is None or found.device == device


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def _well_formed(pattern: re.Pattern[str], text: str) -> str:
    """The identifier, or an empty one that nobody has: what cannot be one need not reach the database."""
    return text.strip() if pattern.fullmatch(text.strip()) else ""
