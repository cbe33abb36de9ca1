"""Signing in with two factors at a terminal, and the sessions that follow; adding and releasing people.

CJIS Security Policy 5.9.5: AC-7 (five bad logons in 15 minutes lock), AC-11 and IA-11 (idle and absolute
limits), AC-12 (sign-out ends), IA-2 (two factors), IA-5 (codes count once), AC-2 (accounts that end by themselves).
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wireroom.message.acting import Actor, As
from wireroom.message.envelope import Seat
from wireroom.policy import PolicyError, SealBroken, Unknown, people_sql
from wireroom.policy.accounts import EMERGENCY_HOURS_MAX as EMERGENCY_HOURS_MAX
from wireroom.policy.accounts import IDENTIFIER, Accounts
from wireroom.policy.authenticators import STALE, Authenticators
from wireroom.policy.directory import MNEMONIC, Device, Pool
from wireroom.policy.passkeys import Kept, Unproven, heard, proven
from wireroom.policy.secret import (
    CODE_STEP_S,
    NO_STEP,
    Entropy,
    Passwords,
    Seal,
    code_at,
    new_otp_secret,
    step_of,
)
from wireroom.policy.standing import BUSY as BUSY
from wireroom.policy.standing import KEY_REFUSED, OFFICE, SHOWN_REFUSED, Over, facts_in, is_at
from wireroom.policy.standing import REFUSED as REFUSED
from wireroom.policy.standing import TOO_OFTEN as TOO_OFTEN
from wireroom.policy.standing import Claim as Claim
from wireroom.policy.standing import Opened as Opened
from wireroom.policy.standing import Person as Person
from wireroom.policy.standing import Refused as Refused
from wireroom.policy.standing import Standing as Standing
from wireroom.policy.standing import Terms as Terms
from wireroom.policy.standing import digest as digest
from wireroom.policy.throttle import Throttle

log = logging.getLogger(__name__)

TOKEN_BYTES = 32
TOKEN_CHARACTERS_MAX = 100
SEEN_EVERY = timedelta(seconds=5)  # the grain of "last used": a use within it is not written down again
NAME_MAX = 100
BEARERS_MAX = 10_000  # sessions of which we remember whose they are


class People(Accounts):
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
        keys = Authenticators(pool, terms.place, entropy=entropy)
        super().__init__(pool, seal, keys, passwords or Passwords(), terms=terms, known=known)
        self._entropy = entropy
        # Whose a session is, and how it is looked up, never changes.
        self._bearers: dict[bytes, tuple[As, str]] = {}
        self._throttle = throttle or Throttle()
        self._demo = demo
        self._at_work = 0
        self._nobodys_secret = new_otp_secret()

    async def _bearer(self, key: bytes) -> tuple[As, str]:
        """The pool for whoever bears a token, and the call that looks the session up.

        There are the session by its hash, its person and their agency, and nothing else.
        """
        if (known := self._bearers.get(key)) is not None:
            return known
        actor = Actor(actor="session", key=key.hex())
        row = await As(self._pool, actor).fetchrow(people_sql.WHOSE, key)
        if row is None:
            return As(self._pool, actor), people_sql.CALLS[False]
        while len(self._bearers) >= BEARERS_MAX:
            del self._bearers[next(iter(self._bearers))]
        bearer = msgspec.structs.replace(actor, person=row["person"], ori=row["ori"])
        self._bearers[key] = As(self._pool, bearer), people_sql.CALLS[row["vouched"]]
        return self._bearers[key]

    # ------------------------------------------------------------------ signing in

    async def sign_in(self, claim: Claim, now: datetime) -> Opened | Refused:
        """A session for a person at a terminal, or a refusal that is the same for every cause.

        The attempt is counted before anything is compared, so a thousand at once are five guesses.
        """
        if early := self.too_often(claim.peer, now):
            return early
        if self._at_work >= self._terms.at_once_max:
            return Refused(reason=BUSY, cause="too many at once", wait_seconds=3)
        self._at_work += 1
        try:
            with_key = self._check_key if claim.answer else self._check
            answer = await (self._check_shown if claim.shown is not None else with_key)(claim, now)
        finally:
            self._at_work -= 1
        if isinstance(answer, Refused):
            self._throttle.bad(claim.peer, now)
        return answer

    def too_often(self, peer: str, now: datetime) -> Refused | None:
        """Why a source is not listened to now, asked before anything is done for it that costs others something."""
        wait = self._throttle.wait(peer, now)
        return (
            Refused(reason=TOO_OFTEN, cause="too many from this source", wait_seconds=wait) if wait else None
        )

    async def _check(self, claim: Claim, now: datetime) -> Opened | Refused:
        person = _well_formed(IDENTIFIER, claim.person.lower())
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
        place, answer = self.keys.place, claim.answer
        return await self._check_kept(
            kept, claim, KEY_REFUSED, lambda ori: proven(place, answer, told.nonce, kept), now
        )

    async def _check_shown(self, claim: Claim, now: datetime) -> Opened | Refused:
        """The same with what was proved elsewhere: its question was used up and its proof judged before."""
        shown = claim.shown
        assert shown is not None, "whoever comes here was somewhere else"
        if isinstance(shown, Unproven):
            return Refused(reason=SHOWN_REFUSED, cause=shown.cause)
        kept = await self.keys.find(shown.credential, shown.kind)
        if kept is None:
            return Refused(
                reason=SHOWN_REFUSED, cause=f"the {shown.kind} names nobody who is bound to it here"
            )
        other = Unproven(f"the {shown.kind} is of another agency than the person")
        return await self._check_kept(
            kept, claim, SHOWN_REFUSED, lambda ori: 0 if shown.ori in ("", ori) else other, now
        )

    async def _check_kept(
        self, kept: Kept, claim: Claim, reason: str, prove: Callable[[str], int | Unproven], now: datetime
    ) -> Opened | Refused:
        """A session for whom something is bound to, once counted; `prove` gets the agency, "" without an account."""
        mnemonic = _well_formed(MNEMONIC, claim.terminal.upper())
        pool = self._of(kept.person)
        account = await self._counted(kept.person, now)
        terminal = await pool.fetchrow(people_sql.TERMINAL, mnemonic)
        counter = prove(account["ori"] if account else "")
        if account is None:
            cause = "disabled, ended or locked"
        elif isinstance(counter, Unproven):
            cause = counter.cause
        elif claim.person and claim.person != kept.person:
            cause = f"the {kept.kind} of somebody else"
        elif terminal is None or terminal["ori"] != account["ori"]:
            cause = "not a terminal of the agency"
        else:
            opened = await self._open(kept.person, mnemonic, claim, count=counter, now=now, key=kept.id)
            if opened is not None:
                return opened
            cause = f"the {kept.kind} was used or ended meanwhile"
        if await pool.fetchval(people_sql.LOCK, kept.person, now, self._terms.bad_max):
            cause += "; the account is locked now"
        return Refused(reason=reason, cause=cause, person=kept.person)

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
        at = claim.kind == OFFICE
        standing = await self.session(token, now, used=False, office=at) if made else None
        if made is None or standing is None:
            return None
        displaced = msgspec.json.decode(made["displaced"] or "[]", type=tuple[tuple[str, str], ...])
        return Opened(token=token, standing=standing, displaced=displaced)

    def _token(self) -> str:
        return self._entropy(TOKEN_BYTES).hex()

    # ------------------------------------------------------------------ sessions

    async def session(
        self, token: str, now: datetime, *, used: bool = True, device: str | None = None, office: bool = False
    ) -> Standing | None:
        """The session of a token while it stands; `used=False` only looks and puts off no idle limit.

        One of the door of administration stands there alone (`office`), and no other stands there.

        It stands only at the `device` that it was opened at, by the fingerprint, "" without one; None: not compared.
        A lock ends no session, or a stranger's five guesses would silence a dispatcher; disabling does.
        """
        if not token or len(token) > TOKEN_CHARACTERS_MAX:
            return None
        key = digest(token)
        pool, row = await self._borne(key, now)
        if row is None or (row["kind"] == OFFICE) is not office:
            return None
        if (found := self._standing(row)).idle_until <= now or not is_at(found, device):
            return None
        if used and now - row["seen_at"] >= SEEN_EVERY:
            await pool.execute(people_sql.SEEN, key, now)
            found = self._standing(row, now)
        return found

    async def _borne(self, key: bytes, now: datetime) -> tuple[As, asyncpg.Record | None]:
        """What stands under a token's hash, idle or not, and the pool of who bears it."""
        pool, call = await self._bearer(key)
        return pool, await pool.call(call, key, now - self._terms.absolute, now)

    async def locked(self, token: str, now: datetime, *, device: str | None = None) -> Standing | None:
        """The session of a token that is locked, because it was idle: its person may unlock it."""
        if not token or len(token) > TOKEN_CHARACTERS_MAX:
            return None
        _, row = await self._borne(digest(token), now)
        if row is None or row["kind"] == OFFICE or row["seen_at"] + self._terms.disconnect <= now:
            return None
        found = self._standing(row)
        return found if found.idle_until <= now and is_at(found, device) else None

    async def renew(self, held: Standing, claim: Claim, now: datetime) -> Opened | Refused:
        """A new session in place of a person's own, which is locked or wants both factors again; the old one ends.

        Only the factors of `claim` count, and what it replaces: person, terminal and notice are those of `held`.
        """
        seat = held.seat
        own = msgspec.structs.replace(
            claim, person=seat.person, terminal=seat.terminal, notice=held.notice, device=held.device,
            kind="page" if held.kind == "demo" else held.kind,
        )  # fmt: skip
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
            place=row["place"], facts=facts_in(row),
        )  # fmt: skip
        until = row["opened_at"] + self._terms.absolute
        if row["kind"] == OFFICE:
            since = seen or row["seen_at"]
            until = min(row["opened_at"] + self._terms.office_absolute, since + self._terms.office_idle)
        elif row["device"] == Device.ORDINARY:
            until = min(until, (seen or row["seen_at"]) + self._terms.idle)
        return Standing(
            seat=seat, name=row["name"], agency=row["agency"], csrf=row["csrf"], kind=row["kind"],
            opened_at=row["opened_at"], idle_until=until, notice=row["notice"],
            device=row["certificate"], authenticator=row["authenticator"],
        )  # fmt: skip

    async def sign_out(self, token: str, now: datetime) -> None:
        """End a session; a token that stands for none is no fault."""
        pool, _ = await self._bearer(key := digest(token))
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

    async def end_over(self, now: datetime, tell: Callable[[Over], Awaitable[None]]) -> None:
        """End the sessions of administration whose time is up, each told of before. No other process does the same."""
        idle, absolute = now - self._terms.office_idle, now - self._terms.office_absolute
        async with self._all.acquire() as connection:
            for row in await connection.fetch(people_sql.OVER, idle, absolute, OFFICE):
                await tell(Over(**{name: row[name] for name in Over.__struct_fields__}))
                await connection.execute(people_sql.END, row["token_hash"], now)

    async def due(self, now: datetime) -> tuple[tuple[str, str], ...]:
        """Accounts whose time is up, and why: "ended" or "inactive". They open nothing already; write it down."""
        rows = await self._all.fetch(people_sql.DUE, now, now - self._terms.inactive)
        return tuple((row["id"], row["why"]) for row in rows)

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


def _well_formed(pattern: re.Pattern[str], text: str) -> str:
    """The identifier, or an empty one that nobody has: what cannot be one need not reach the database."""
    return text.strip() if pattern.fullmatch(text.strip()) else ""
