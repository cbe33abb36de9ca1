"""Every authenticator ever bound to a person, in the database: bound, used, ended, lost; and what passkeys must sign.

CJIS Security Policy 5.9.5: IA-5 l (a lost one is revoked at once), IA-5 n (each is recorded, and stays so).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import asyncpg
import msgspec

from wireroom.message.acting import Actor, As, transaction
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.directory import Pool
from wireroom.policy.elsewhere import Shown
from wireroom.policy.passkeys import (
    NONCE_BYTES,
    Kept,
    Place,
    Unproven,
    bound,
    heard_new,
    to_bind,
    to_prove,
)
from wireroom.policy.ruling import Role
from wireroom.policy.secret import Entropy
from wireroom.policy.throttle import Throttle

NAME_MAX = 60
ID_BYTES = 8
STANDING_MAX = 20  # of one person
CHALLENGE_FOR = timedelta(minutes=5)
CHALLENGES_MAX = 300  # from one source within that time: each is a row
BINDS_AFTER = timedelta(minutes=30)  # whoever adds or ends one showed both factors within this time
NOT_HERE = (
    "Passkeys are not set up here: sign in with password and code, and tell the operator of the switch."
)
TOO_MANY = "Too many passkeys were asked for from here: wait before the next."
STALE = "the question was answered already, is older than five minutes, or was put to another browser"
MAY_REPORT = frozenset({Role.ADMINISTRATOR, Role.DOJ})


class Kind(StrEnum):
    """What an authenticator is."""

    CODE = "code"  # one-time codes, beside a password
    PASSKEY = "passkey"  # alone, because its device checks who holds it
    DIRECTORY = "directory"  # the word of the agency's own directory that two factors were shown there
    CARD = "card"  # a PIV card, which is held and whose PIN is known


class Purpose(StrEnum):
    """What a passkey is asked for. An answer to one question is none to another."""

    SIGN_IN = "sign-in"
    UNLOCK = "unlock"
    CONFIRM = "confirm"  # both factors again, before something that asks for it
    BIND = "bind"


class Authenticator(msgspec.Struct, frozen=True, kw_only=True):
    """One that is, or was, bound to a person."""

    id: str
    person: str
    kind: Kind
    name: str  # as its person calls it
    bound_at: datetime
    bound_by: str
    used_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    ended_for: str = ""  # "ended", "lost", "replaced"


class Question(msgspec.Struct, frozen=True):
    """What is kept of a question until its answer comes."""

    about: str
    made_at: datetime
    proof: bytes | None = None  # the digest of what the browser got at our door for cards
    shown: str = ""  # and what it showed there


_OF = """
SELECT id, person, kind, name, bound_at, bound_by, used_at, ended_at, ended_by, ended_for
FROM authenticator WHERE person = $1 ORDER BY bound_at, id
"""
_FIND = """
SELECT id, person, kind, credential, coalesce(public_key, ''::bytea) AS public_key, counter
FROM authenticator WHERE credential = $1 AND kind = $2 AND ended_at IS NULL
"""
_CREDENTIALS = (
    "SELECT credential FROM authenticator WHERE person = $1 AND kind = 'passkey' AND ended_at IS NULL"
)
_ASK = """
WITH old AS (DELETE FROM challenge WHERE made_at <= $4::timestamptz - $5::interval)
INSERT INTO challenge (nonce, purpose, holder, made_at, about) VALUES ($1, $2, $3, $4, $6)
"""
_USE = "DELETE FROM challenge WHERE nonce = $1 RETURNING purpose, holder, made_at, about, proof, shown"
# A question is answered once: whoever comes second with a card changes nothing.
_ANSWER = """
UPDATE challenge SET proof = $2, shown = $3
WHERE nonce = $1 AND proof IS NULL AND about = $4 AND made_at > $5::timestamptz - $6::interval RETURNING true
"""
_ABOUT = "SELECT about FROM challenge WHERE nonce = $1"
_HOLD = "SELECT id, name, ori FROM account WHERE id = $1 FOR UPDATE"
_STANDING = "SELECT id FROM authenticator WHERE person = $1 AND ended_at IS NULL"
_BIND = """
INSERT INTO authenticator (id, person, kind, name, bound_at, bound_by, credential, public_key, counter)
VALUES ($1, $2, 'passkey', $3, $4, $2, $5, $6, $7)
"""
_BIND_SHOWN = """
INSERT INTO authenticator (id, person, kind, name, bound_at, bound_by, credential)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
# Person, now, which, by whom, why. Of a secret that gives codes nothing is kept.
_END = """
WITH ended AS (
    UPDATE authenticator SET ended_at = $2, ended_by = $4, ended_for = $5
    WHERE person = $1 AND id = ANY($3::text[]) AND ended_at IS NULL RETURNING person, kind
), secret AS (
    UPDATE account SET otp_sealed = ''::bytea FROM ended WHERE account.id = ended.person AND ended.kind = 'code'
)
SELECT count(*) FROM ended
"""
_END_SESSIONS = """
WITH ended AS (UPDATE session SET ended_at = $2 WHERE person = $1 AND ended_at IS NULL RETURNING 1)
SELECT count(*) FROM ended
"""
_REPORTER = "SELECT role, ori FROM account WHERE id = $1 AND enabled"


class Authenticators:
    """What people hold. The clock is an argument of every call; without a place there are no passkeys."""

    def __init__(
        self, pool: Pool, place: Place | None = None, *, entropy: Entropy = secrets.token_bytes
    ) -> None:
        self._pool, self.place, self._entropy = pool, place, entropy
        self._asked = Throttle(bad_max=CHALLENGES_MAX, within=CHALLENGE_FOR)

    def _of(self, person: str) -> As:
        """The pool for one person's; nobody else's are there."""
        return As(self._pool, Actor(actor="authenticators", person=person))

    def new_id(self) -> str:
        """An identifier for one more."""
        return self._entropy(ID_BYTES).hex()

    async def of(self, person: str) -> tuple[Authenticator, ...]:
        """Every one that a person ever had, first to last."""
        rows = await self._of(person).fetch(_OF, person)
        return tuple(msgspec.convert(dict(row), Authenticator) for row in rows)

    async def find(self, credential: bytes, kind: str = Kind.PASSKEY) -> Kept | None:
        """What is bound by a credential, while it stands."""
        bearer = Actor(actor=kind, key=credential.hex())  # whose it is, the row says
        row = await As(self._pool, bearer).fetchrow(_FIND, credential, kind)
        return None if row is None else Kept(**row)

    # ------------------------------------------------------------------ what must be signed

    async def question(
        self, purpose: Purpose, holder: str, peer: str, now: datetime, *, person: str = "", name: str = ""
    ) -> str:
        """What a browser asks its devices for, as JSON. Raises Unfit where it is too early, or never possible here.

        `holder` is the secret of the browser's cookie, to which the answer is bound; `person` where it is known.
        """
        if self.place is None:
            raise Unfit(NOT_HERE)
        nonce = await self.put(purpose, holder, peer, now)
        known = (
            [row["credential"] for row in await self._of(person).fetch(_CREDENTIALS, person)]
            if person
            else []
        )
        if purpose is Purpose.BIND:
            return to_bind(self.place, nonce, person=person, name=name, known=known)
        return to_prove(self.place, nonce, known=known)

    async def put(self, purpose: Purpose, holder: str, peer: str, now: datetime, about: str = "") -> bytes:
        """One more question, for one purpose, bound to one cookie. Raises Unfit where it is too early.

        `about` is what must be known again when the answer comes: where it was asked, and of whom.
        """
        if self._asked.wait(peer, now):
            raise Unfit(TOO_MANY)
        self._asked.bad(peer, now)
        nonce = self._entropy(NONCE_BYTES)
        await self._of("").execute(_ASK, nonce, purpose.value, _digest(holder), now, CHALLENGE_FOR, about)
        return nonce

    async def asked(self, nonce: bytes, purpose: Purpose, holder: str, now: datetime) -> bool:
        """Whether this was asked for this, in this browser, a moment ago; it never was again, whatever the answer."""
        return await self.used_up(nonce, purpose, holder, now) is not None

    async def used_up(self, nonce: bytes, purpose: Purpose, holder: str, now: datetime) -> Question | None:
        """The same, with what was kept of the question."""
        row = await self._of("").fetchrow(_USE, nonce)
        if row is None or row["purpose"] != purpose or row["holder"] != _digest(holder):
            return None
        if now - row["made_at"] >= CHALLENGE_FOR:
            return None
        return Question(row["about"], row["made_at"], row["proof"], row["shown"])

    async def about(self, nonce: bytes) -> str:
        """What is kept of a question that is not answered; empty where there is none."""
        return await self._of("").fetchval(_ABOUT, nonce) or ""

    async def answered(self, nonce: bytes, about: str, shown: str, now: datetime) -> str | None:
        """Keep what was shown at a door of ours for a question; the proof of it, told once, or None if it is over."""
        proof = self._entropy(NONCE_BYTES).hex()
        kept = await self._of("").fetchval(_ANSWER, nonce, _digest(proof), shown, about, now, CHALLENGE_FOR)
        return proof if kept else None

    # ------------------------------------------------------------------ binding and ending

    async def bind(self, person: str, name: str, answer: str, holder: str, now: datetime) -> str | Unproven:
        """Bind a passkey to a person who showed both factors a moment ago: its identifier, or why it proved nothing.

        Raises Unfit for the name or where there are too many, Taken where it is bound already, or Unknown.
        """
        if not 0 < len(name) <= NAME_MAX or not name.isprintable():
            raise Unfit(f"give the passkey a name of at most {NAME_MAX} characters, all printable")
        told = heard_new(answer)
        if isinstance(told, Unproven):
            return told
        if self.place is None or not await self.asked(told.nonce, Purpose.BIND, holder, now):
            return Unproven(STALE)
        made = bound(self.place, answer, told.nonce)
        if isinstance(made, Unproven):
            return made
        identifier = self.new_id()
        async with transaction(self._of(person)) as connection:
            await _held(connection, person)
            if len(await connection.fetch(_STANDING, person)) >= STANDING_MAX:
                raise Unfit(f"{person} has {STANDING_MAX} authenticators: end one first")
            try:
                await connection.execute(
                    _BIND, identifier, person, name, now, made.credential, made.public_key, made.counter
                )
            except asyncpg.UniqueViolationError as error:
                raise Taken("this passkey is bound already, or was: make another") from error
        return identifier

    async def bind_shown(self, person: str, name: str, shown: Shown, *, by: str, now: datetime) -> str:
        """Bind to a person what proves elsewhere who they are, which `by` vouches for; its identifier.

        Raises Unfit for the name, another agency's person or where there are too many, Taken, or Unknown.
        """
        if not 0 < len(name) <= NAME_MAX or not name.isprintable():
            raise Unfit(f"give it a name of at most {NAME_MAX} characters, all printable")
        identifier = self.new_id()
        async with transaction(self._of(person)) as connection:
            account = await _held(connection, person)
            if shown.ori and account["ori"] != shown.ori:
                raise Unfit(
                    f"{person} is of {account['ori']}, and this speaks for people of {shown.ori} only"
                )
            if len(await connection.fetch(_STANDING, person)) >= STANDING_MAX:
                raise Unfit(f"{person} has {STANDING_MAX} authenticators: end one first")
            try:
                await connection.execute(
                    _BIND_SHOWN, identifier, person, shown.kind, name, now, by, shown.credential
                )
            except asyncpg.UniqueViolationError as error:
                raise Taken(f"this {shown.kind} is bound already: end that first") from error
        return identifier

    async def end(self, person: str, identifier: str, now: datetime) -> None:
        """A person ends one of their own, and no session. Raises Unfit for the last that stands, or Unknown."""
        async with transaction(self._of(person)) as connection:
            await _held(connection, person)
            standing = {row["id"] for row in await connection.fetch(_STANDING, person)}
            if identifier not in standing:
                raise Unknown(f"{person} has no such authenticator, or it has ended")
            if len(standing) == 1:
                raise Unfit("this is your only one, and nobody could sign in without it: add another first")
            await connection.fetchval(_END, person, now, [identifier], person, "ended")

    async def lost(
        self, person: str, now: datetime, *, by: str, which: Sequence[str] = ()
    ) -> tuple[int, int]:
        """Something was lost: it counts no more, and every session ends; how many of both. Without `which`: all.

        Whoever has none left goes to an administrator, who sees who it is. Raises Unknown.
        """
        async with transaction(self._of(person)) as connection:
            await _held(connection, person)
            standing = [row["id"] for row in await connection.fetch(_STANDING, person)]
            if unknown := [one for one in which if one not in standing]:
                raise Unknown(f"{person} has no authenticator {', '.join(unknown)}, or it has ended")
            ended = await connection.fetchval(_END, person, now, list(which) or standing, by, "lost")
            sessions = await connection.fetchval(_END_SESSIONS, person, now)
        # Once more for one that was being opened meanwhile and waited for the authenticator's row.
        more = await self._of(person).fetchval(_END_SESSIONS, person, now)
        return int(ended), int(sessions + more)

    async def may_report(self, by: str, person: str) -> None:
        """Raises Unfit unless `by` is an administrator of the person's agency, or of DOJ; Unknown for the person."""
        reporter = await self._of(by).fetchrow(_REPORTER, by)
        if reporter is None or reporter["role"] not in MAY_REPORT:
            raise Unfit(f"{by} does nothing of this for others: name an administrator")
        async with transaction(self._of(person)) as connection:
            ori = (await _held(connection, person))["ori"]
        if reporter["role"] != Role.DOJ and reporter["ori"] != ori:
            raise Unfit(f"{by} is an administrator of {reporter['ori']}: name one of {ori}")


async def _held(connection: asyncpg.pool.PoolConnectionProxy[asyncpg.Record], person: str) -> asyncpg.Record:
    """The account's row, held so that two changes of one person's authenticators do not pass each other."""
    row = await connection.fetchrow(_HOLD, person)
    if row is None:
        raise Unknown(f"there is no person {person}")
    return row


def proves(proof: str, question: Question) -> bool:
    """Whether this is the proof that somebody got who answered a question at a door of ours."""
    return question.proof is not None and hmac.compare_digest(_digest(proof), question.proof)


def _digest(holder: str) -> bytes:
    return hashlib.sha256(holder.encode()).digest()
