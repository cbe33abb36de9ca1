"""Which devices are known: the authorities of agencies, every certificate ever issued, and what each is worth now.

CJIS Security Policy 5.9.5: IA-3 (devices are known before they connect), IA-5(2) (path and revocation), AC-19(5)
(a mobile device is encrypted), AC-20 (no device that is somebody's own), AC-2(13) (a stopped person's device too).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from wireroom.message.local import day_of
from wireroom.policy import Taken, Unfit, Unknown
from wireroom.policy.directory import Pool, TerminalKind
from wireroom.policy.posture import MEASURED, Postures
from wireroom.policy.ruling import Role

FINGERPRINT = re.compile(r"[0-9a-f]{64}", re.ASCII)
WHY_MAX = 200
LISTED_MAX = 100_000


class Posture(msgspec.Struct, frozen=True, kw_only=True):
    """What an agency says of a device when it issues the certificate. A mobile device needs all three."""

    encrypted: bool = False  # the whole disk
    managed: bool = False  # by the agency: it can be locked and erased from afar
    located: bool = False  # its location services are on

    @property
    def whole(self) -> bool:
        """Whether nothing is missing that a mobile device needs."""
        return self.encrypted and self.managed and self.located


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that vouches for the devices of one agency."""

    fingerprint: str  # SHA-256, 64 hex digits
    ori: str
    subject: str
    pem: str
    ours: bool  # made here: its key lies in the keys folder
    ends_at: datetime
    added_by: str = ""
    ended_at: datetime | None = None
    ended_for: str = ""


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate of a device, as it was issued and as it stands."""

    fingerprint: str  # SHA-256, 64 hex digits
    serial: str  # hex
    authority: str  # the authority's fingerprint
    terminal: str
    ori: str
    encrypted: bool = False
    managed: bool = False
    located: bool = False
    issued_at: datetime
    issued_by: str
    ends_at: datetime
    revoked_at: datetime | None = None
    revoked_for: str = ""
    revoked_by: str = ""


# Whether the certificate in a column still opens something, at a time: the same words wherever it is asked.
STANDS = f"""
EXISTS (
    SELECT FROM device_certificate AS held
    JOIN terminal AS place ON place.mnemonic = held.terminal
    JOIN device_authority AS voucher ON voucher.fingerprint = held.authority
    WHERE held.fingerprint = {{device}} AND held.revoked_at IS NULL AND held.ends_at > {{now}}
      AND voucher.ended_at IS NULL AND voucher.ends_at > {{now}}
      AND held.terminal = {{terminal}} AND place.ori = held.ori AND place.enabled
      AND (place.kind <> '{TerminalKind.MOBILE.value}' OR (held.encrypted AND held.managed AND held.located))
      AND {MEASURED}
)
"""

_AUTHORITIES = """
SELECT fingerprint, ori, subject, pem, ours, ends_at, added_by, ended_at, ended_for
FROM device_authority ORDER BY ori, added_at
"""
_ADD_AUTHORITY = """
INSERT INTO device_authority (fingerprint, ori, subject, pem, ours, added_at, added_by, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_END_AUTHORITY = """
UPDATE device_authority SET ended_at = $2, ended_for = $3, ended_by = $4
WHERE fingerprint LIKE $1 || '%' AND ended_at IS NULL RETURNING fingerprint
"""
_ADD = """
INSERT INTO device_certificate
    (fingerprint, serial, authority, terminal, ori, encrypted, managed, located, issued_at, issued_by, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_COLUMNS = """
fingerprint, serial, authority, terminal, ori, encrypted, managed, located, issued_at, issued_by, ends_at,
revoked_at, revoked_for, revoked_by
"""
_LIST = f"""
SELECT {_COLUMNS} FROM device_certificate WHERE ($1 = '' OR ori = $1) ORDER BY terminal, issued_at LIMIT $2
"""  # noqa: S608 - columns of ours within
# A serial or a mnemonic, when, why, by whom, and whose it must be (empty: anybody's).
_REVOKE = f"""
UPDATE device_certificate SET revoked_at = $2, revoked_for = $3, revoked_by = $4
WHERE (serial = lower($1) OR terminal = upper($1)) AND revoked_at IS NULL AND ($5 = '' OR ori = $5)
RETURNING {_COLUMNS}
"""  # noqa: S608 - columns of ours within
_NAMED = f"""
SELECT {_COLUMNS} FROM device_certificate
WHERE (serial = lower($1) OR terminal = upper($1)) AND revoked_at IS NULL AND ($2 = '' OR ori = $2) ORDER BY serial
"""  # noqa: S608 - columns of ours within
_POSTURE = f"""
UPDATE device_certificate SET encrypted = $2, managed = $3, located = $4
WHERE serial = lower($1) AND revoked_at IS NULL AND ($5 = '' OR ori = $5)
RETURNING {_COLUMNS}
"""  # noqa: S608 - columns of ours within
_REVOKE_OF = f"""
UPDATE device_certificate SET revoked_at = $2, revoked_for = $3, revoked_by = $4
WHERE revoked_at IS NULL AND fingerprint IN (
    SELECT device FROM session WHERE person = $1 AND device <> '' AND ended_at IS NULL)
RETURNING {_COLUMNS}
"""  # noqa: S608 - columns of ours within
_OF = """
SELECT serial FROM device_certificate WHERE revoked_at IS NULL AND fingerprint IN (
    SELECT device FROM session WHERE person = $1 AND device <> '' AND ended_at IS NULL)
ORDER BY serial
"""
_LOOK = """
SELECT held.terminal, held.ori, held.ends_at, held.revoked_at, held.encrypted, held.managed, held.located,
       place.kind, place.ori AS place_ori, place.enabled, voucher.ended_at AS voucher_ended,
       voucher.ends_at AS voucher_ends
FROM device_certificate AS held
JOIN terminal AS place ON place.mnemonic = held.terminal
JOIN device_authority AS voucher ON voucher.fingerprint = held.authority
WHERE held.fingerprint = $1
"""
_STANDING = f"""
SELECT line.device FROM unnest($1::text[], $2::text[]) AS line (device, terminal)
WHERE {STANDS.format(device="line.device", terminal="line.terminal", now="$3")}
"""  # noqa: S608 - a condition of ours within
_KIND = "SELECT kind FROM terminal WHERE mnemonic = $1"
_MINDER = "SELECT role, ori FROM account WHERE id = $1 AND enabled"


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the switch makes of a certificate at this moment. `cause` is empty where it opens its terminal."""

    terminal: str
    cause: str = ""


class Register:
    """The authorities and certificates in the database. The clock is an argument of every call."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def authorities(self) -> tuple[Authority, ...]:
        """All authorities, ended ones too, by agency."""
        return tuple(Authority(**row) for row in await self._pool.fetch(_AUTHORITIES))

    async def add_authority(self, one: Authority, now: datetime) -> None:
        """Trust a certificate to vouch for an agency's devices. Raises Taken, or Unknown for the agency."""
        values = (one.fingerprint, one.ori, one.subject, one.pem, one.ours, now, one.added_by, one.ends_at)
        try:
            await self._pool.execute(_ADD_AUTHORITY, *values)
        except asyncpg.UniqueViolationError as error:
            raise Taken("this authority was added before: see `wireroom device authority list`") from error
        except asyncpg.ForeignKeyViolationError as error:
            raise Unknown(f"there is no agency {one.ori}: add it first") from error

    async def end_authority(self, start: str, *, why: str, by: str, now: datetime) -> int:
        """Trust an authority no more, named by the start of its fingerprint; nothing that it signed counts from now on.

        How many ended. Raises Unfit where less than 8 digits are given, Unknown where none stands.
        """
        if len(start) < 8 or re.fullmatch(r"[0-9a-f]+", start) is None:
            raise Unfit("name the authority by at least the first 8 hex digits of its fingerprint")
        ended = await self._pool.fetch(_END_AUTHORITY, start, now, reason_of(why), by)
        if not ended:
            raise Unknown(f"no authority {start}… stands: see `wireroom device authority list`")
        return len(ended)

    async def add(self, one: Certificate) -> None:
        """Keep a certificate that was issued or accepted. Raises Taken, or Unknown for its terminal."""
        values = (one.fingerprint, one.serial, one.authority, one.terminal, one.ori, one.encrypted, one.managed,
                  one.located, one.issued_at, one.issued_by, one.ends_at)  # fmt: skip
        try:
            await self._pool.execute(_ADD, *values)
        except asyncpg.UniqueViolationError as error:
            raise Taken(
                f"the certificate {one.serial} was kept before: see `wireroom device list`"
            ) from error
        except asyncpg.ForeignKeyViolationError as error:
            raise Unknown(f"there is no terminal {one.terminal}: add it first") from error

    async def certificates(self, ori: str = "") -> tuple[Certificate, ...]:
        """Every certificate ever issued, of an agency or of all, by terminal."""
        return tuple(Certificate(**row) for row in await self._pool.fetch(_LIST, ori, LISTED_MAX))

    async def named(self, name: str, ori: str = "") -> tuple[Certificate, ...]:
        """The certificates that stand by this serial, or of this terminal, of an agency or of all. Raises Unknown."""
        rows = await self._pool.fetch(_NAMED, name, ori)
        if not rows:
            raise Unknown(f"no certificate {name} stands: see the list of devices")
        return tuple(Certificate(**row) for row in rows)

    async def set_posture(self, serial: str, posture: Posture, ori: str = "") -> tuple[Certificate, ...]:
        """What the agency says of a device from now on; a mobile one that lacks any opens nothing. Raises Unknown."""
        rows = await self._pool.fetch(
            _POSTURE, serial, posture.encrypted, posture.managed, posture.located, ori
        )
        if not rows:
            raise Unknown(f"no certificate {serial} stands: see the list of devices")
        return tuple(Certificate(**row) for row in rows)

    async def revoke(
        self, name: str, *, why: str, by: str, now: datetime, ori: str = ""
    ) -> tuple[Certificate, ...]:
        """Trust a certificate no more, by its serial, or all of a terminal by its mnemonic. Never taken back.

        `ori` limits it to one agency. Raises Unfit without a reason, Unknown where none stands.
        """
        rows = await self._pool.fetch(_REVOKE, name, now, reason_of(why), by, ori)
        if not rows:
            raise Unknown(f"no certificate {name} stands: see `wireroom device list`")
        return tuple(Certificate(**row) for row in rows)

    async def revoke_of(self, person: str, *, why: str, by: str, now: datetime) -> tuple[Certificate, ...]:
        """Trust no more the devices at which a person is signed in now; none is no fault."""
        return tuple(Certificate(**row) for row in await self._pool.fetch(_REVOKE_OF, person, now, why, by))

    # ------------------------------------------------------------------ at the doors

    async def look(self, fingerprint: str, now: datetime) -> Known:
        """What a certificate is worth now; its terminal, and the cause where it opens nothing."""
        row = await self._pool.fetchrow(_LOOK, fingerprint) if FINGERPRINT.fullmatch(fingerprint) else None
        if row is None:
            return Known(terminal="", cause="unknown device")
        posture = Posture(encrypted=row["encrypted"], managed=row["managed"], located=row["located"])
        ended = row["voucher_ended"] is not None or row["voucher_ends"] <= now
        causes = (
            ("revoked device", row["revoked_at"] is not None),
            ("device certificate ended", row["ends_at"] <= now),
            ("authority of the device ended", ended),
            ("terminal of the device disabled or of another agency",
             not row["enabled"] or row["place_ori"] != row["ori"]),
            ("mobile device without encryption, management or location",
             row["kind"] == TerminalKind.MOBILE and not posture.whole),
        )  # fmt: skip
        cause = next((why for why, so in causes if so), "")
        if not cause:
            cause = await Postures(self._pool).why_not(fingerprint, now, day_of(now))
        return Known(terminal=row["terminal"], cause=cause)

    async def standing(self, held: Sequence[tuple[str, str]], now: datetime) -> frozenset[str]:
        """Of pairs of fingerprint and terminal, the fingerprints that still open it: one question for all."""
        devices, terminals = [one for one, _ in held], [other for _, other in held]
        rows = await self._pool.fetch(_STANDING, devices, terminals, now)
        return frozenset(row["device"] for row in rows)

    async def is_mobile(self, mnemonic: str) -> bool:
        """Whether a terminal is a mobile one; one that does not exist is not."""
        return bool(await self._pool.fetchval(_KIND, mnemonic) == TerminalKind.MOBILE)

    async def scope_of(self, by: str) -> str:
        """Whose devices an account may mind: its agency's for an administrator, "" (anybody's) for DOJ.

        Without a name it is the command line of the switch itself: anybody's. Raises Unfit for everybody else.
        """
        row = await self._pool.fetchrow(_MINDER, by) if by else None
        if not by or (row is not None and row["role"] == Role.DOJ):
            return ""
        if row is None or row["role"] != Role.ADMINISTRATOR:
            raise Unfit(f"{by} does not mind devices: name an administrator of the agency")
        return str(row["ori"])

    async def may_mind(self, by: str, ori: str) -> None:
        """Raises Unfit unless an account may mind the devices of this agency."""
        if await self.scope_of(by) not in ("", ori):
            raise Unfit(f"{by} does not mind the devices of {ori}: name an administrator of that agency")

    async def of(self, person: str) -> tuple[str, ...]:
        """The serials of the devices at which a person is signed in now."""
        return tuple(row["serial"] for row in await self._pool.fetch(_OF, person))


def reason_of(why: str) -> str:
    """A reason that says something. Raises Unfit."""
    if not 0 < len(why.strip()) <= WHY_MAX or not why.isprintable():
        raise Unfit(f"say why, in 1 to {WHY_MAX} characters that can be printed")
    return why.strip()
