"""What signing in is told and tells: its limits, who claims to be whom, what stands then, or why nothing does."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wireroom.message.envelope import Facts, Seat
from wireroom.policy.authenticators import Purpose
from wireroom.policy.elsewhere import Shown
from wireroom.policy.facts import facts_of, newest
from wireroom.policy.passkeys import Place, Unproven
from wireroom.policy.role import apart

# One sentence whatever the cause, so that it tells a stranger nothing and the person what to do.
REFUSED = (
    "Sign-in refused: the person, password, code and terminal do not go together, the code was used already, "
    "or the account is locked. Five refusals in 15 minutes lock it until an administrator releases it."
)
KEY_REFUSED = (
    "Sign-in refused: this passkey and this terminal do not go together, it took longer than five minutes, or the "
    "account is locked. Five refusals in 15 minutes lock it until an administrator releases it."
)
SHOWN_REFUSED = (
    "Sign-in refused: what was shown elsewhere and this terminal do not go together, it took longer than five minutes, "
    "or the account is locked. Five refusals in 15 minutes lock it until an administrator releases it."
)
TOO_OFTEN = "Too many sign-ins from here were refused: wait before the next one."
BUSY = "Too many people are signing in at this moment: try again in a few seconds."
OFFICE = "administration"  # the door of its own, where nothing is asked of anybody's records


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of signing in."""

    idle: timedelta = timedelta(minutes=30)  # then it is locked, and its person unlocks it with both factors
    disconnect: timedelta = timedelta(hours=1)  # idle that long, it has ended
    absolute: timedelta = timedelta(hours=12)
    office_idle: timedelta = timedelta(
        minutes=10
    )  # at the door of administration, where nothing is locked: it ends
    office_absolute: timedelta = timedelta(hours=1)
    bad_max: int = 5
    bad_within: timedelta = timedelta(minutes=15)
    inactive: timedelta = timedelta(days=90)  # an account that nobody used for so long is disabled
    place: Place | None = None  # where passkeys count; without one there are none
    at_once_max: int = 64  # sign-ins being checked; one more is asked to come again


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may sign in. The identifier is never given to anybody else."""

    id: str
    name: str
    ori: str
    role: str
    enabled: bool = True
    locked: bool = False
    ends_at: datetime | None = None  # of an emergency account
    active_at: datetime | None = None  # the last use, where it was looked up
    disabled_for: str = ""  # why: "suspended", "stopped", "ended", "inactive"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Who says they are who, where, and from which network address."""

    person: str
    password: str
    code: str
    terminal: str
    peer: str
    kind: str = "page"  # the door: "page", "api", "line", "administration"
    notice: str = ""  # which notice the person acknowledged; empty where a station shows its own
    device: str = (
        ""  # the fingerprint of the device's certificate, which its door has judged; empty without one
    )
    answer: str = ""  # of a passkey, which alone is both factors; then `person` is who it must be, or empty
    purpose: Purpose = Purpose.SIGN_IN  # for which the passkey was asked,
    holder: str = ""  # and the secret of the cookie of the browser that was
    replaces: str = ""  # the token of the session in whose place the new one comes
    shown: Shown | Unproven | None = (
        None  # who was proved elsewhere, which alone is both factors; or why nobody
    )

    def __repr__(self) -> str:
        return "Claim(…)"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A session that stands."""

    seat: Seat
    name: str
    agency: str
    csrf: str
    kind: str
    opened_at: datetime
    idle_until: datetime
    notice: str = ""
    device: str = ""  # the fingerprint of the certificate that it was opened with
    authenticator: str = (
        ""  # with which it was opened; empty for the demo's one press, which shows no factors
    )


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A new session and its secret, which is kept nowhere."""

    token: str
    standing: Standing
    displaced: tuple[
        tuple[str, str], ...
    ] = ()  # terminal and address of the sessions that it ended elsewhere

    def __repr__(self) -> str:
        return f"Opened(…, {self.standing.seat})"


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Why nobody signed in: neutral words for the outside, the cause for the journal alone."""

    reason: str
    cause: str
    wait_seconds: int = 0
    person: str = ""  # whose passkey was offered, where nobody said a name


class Over(msgspec.Struct, frozen=True, kw_only=True):
    """A session of administration whose time is up, and why: "idle" or "over"."""

    person: str
    terminal: str
    ori: str
    why: str


def facts_in(row: asyncpg.Record) -> Facts:
    """All that the rules look at of a session's person."""
    return msgspec.structs.replace(
        facts_of(newest(row["facts"])),
        own=msgspec.json.decode(row["own"], type=tuple[tuple[str, str], ...]) if row["own"] else (),
        other_duty=any(apart(row["role"], other) for other in row["others"] or ()),
        owing=row["owing"],
    )


def is_at(found: Standing, device: str | None) -> bool:
    """Whether a session is asked for at its own device; None: the house itself asks."""
    return device is None or found.device == device


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
