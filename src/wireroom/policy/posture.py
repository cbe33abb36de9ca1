"""What an agency's device management measures of its mobile devices, and what that is worth now.

CJIS Security Policy 5.13 and AC-19(5). A device of an agency that has its devices measured opens nothing without a
whole measurement that is not old. A measurement never proves a person: both factors are asked all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

import asyncpg
import msgspec

from wireroom.message.acting import transaction
from wireroom.policy import PolicyError, Unfit, Unknown
from wireroom.policy.directory import Pool, TerminalKind

CLAIMS_MAX = 500  # in one request
AHEAD = timedelta(minutes=10)  # that a clock may be before ours
MINUTES, PATCH_DAYS = 240, 90  # where nothing else is declared
MINUTES_MIN, MINUTES_MAX = 5, 10_080
PATCH_DAYS_MAX = 400
URL_MAX = 500
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was measured of one device."""

    device: Annotated[
        str,
        msgspec.Meta(
            pattern="^[0-9A-Fa-f]{1,64}$", description="serial or SHA-256 of its certificate, in hex"
        ),
    ]
    at: Annotated[datetime, msgspec.Meta(tz=True, description="when it was measured")]
    encrypted: bool
    managed: Annotated[bool, msgspec.Meta(description="it can be locked and erased from afar")]
    located: Annotated[bool, msgspec.Meta(description="its location services are on")]
    rooted: Annotated[bool, msgspec.Meta(description="its system was opened up: rooted, jailbroken")]
    patched: Annotated[date, msgspec.Meta(description="day of the newest security patch of its system")]


class Management(msgspec.Struct, frozen=True, kw_only=True):
    """How an agency's mobile devices are measured."""

    ori: str
    terminal: str  # the interface terminal at which the device management speaks
    minutes: int = MINUTES  # a claim that is older counts no more
    patch_days: int = PATCH_DAYS
    wipe_url: str = ""
    since: datetime
    declared_by: str
    ended_at: datetime | None = None


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one claim of several."""

    place: int
    field: str
    reason: str


class BadClaims(PolicyError):
    """Claims that cannot be kept; none of those that came with them was."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        super().__init__(f"claim {first.place + 1}: {first.field} {first.reason}")
        self.faults = tuple(faults)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of claims."""

    taken: int = 0
    overtaken: int = 0  # not newer than what stands
    bad: tuple[str, ...] = ()  # serials of devices that open nothing now, by these claims


# Whether a device is measured and found whole, or need not be: the same words wherever it is asked. `held` is its
# certificate and `place` its terminal.
MEASURED = f"""
(place.kind <> '{TerminalKind.MOBILE.value}' OR NOT EXISTS (
    SELECT FROM device_management AS mdm WHERE mdm.ori = held.ori AND mdm.ended_at IS NULL
       AND NOT EXISTS (
        SELECT FROM posture AS said WHERE said.device = held.fingerprint
           AND said.encrypted AND said.managed AND said.located AND NOT said.rooted
           AND said.claimed_at > {{now}} - make_interval(mins => mdm.minutes)
           AND said.patched >= ({{now}} AT TIME ZONE 'America/Los_Angeles')::date - mdm.patch_days)))
"""  # noqa: S608 - a value of ours within

# Why one is not whole; no row where its agency has none measured or its terminal is not mobile.
_WHY = f"""
SELECT mdm.minutes, mdm.patch_days, said.claimed_at, said.encrypted, said.managed, said.located, said.rooted,
       said.patched
FROM device_certificate AS held
JOIN terminal AS place ON place.mnemonic = held.terminal AND place.kind = '{TerminalKind.MOBILE.value}'
JOIN device_management AS mdm ON mdm.ori = held.ori AND mdm.ended_at IS NULL
LEFT JOIN posture AS said ON said.device = held.fingerprint
WHERE held.fingerprint = $1
"""  # noqa: S608 - a value of ours
_DECLARE = """
INSERT INTO device_management (ori, terminal, minutes, patch_days, wipe_url, since, declared_by)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (ori) DO UPDATE SET terminal = excluded.terminal, minutes = excluded.minutes, ended_at = NULL,
    patch_days = excluded.patch_days, wipe_url = excluded.wipe_url, since = excluded.since,
    declared_by = excluded.declared_by
"""
_END = "UPDATE device_management SET ended_at = $2 WHERE ori = $1 AND ended_at IS NULL RETURNING ori"
_COLUMNS = "ori, terminal, minutes, patch_days, wipe_url, since, declared_by, ended_at"
_LIST = f"SELECT {_COLUMNS} FROM device_management ORDER BY ori"  # noqa: S608 - columns of ours
_OF = f"SELECT {_COLUMNS} FROM device_management WHERE ori = $1 AND ended_at IS NULL"  # noqa: S608 - columns of ours
_DEVICES = """
SELECT fingerprint, serial FROM device_certificate
WHERE ori = $1 AND (serial = any($2::text[]) OR fingerprint = any($2::text[]))
"""
_TAKE = """
INSERT INTO posture (device, claimed_at, came_at, encrypted, managed, located, rooted, patched)
SELECT q.*
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::bool[], $5::bool[], $6::bool[], $7::bool[],
            $8::date[]) AS q
ON CONFLICT (device) DO UPDATE SET claimed_at = excluded.claimed_at, came_at = excluded.came_at,
    encrypted = excluded.encrypted, managed = excluded.managed, located = excluded.located,
    rooted = excluded.rooted, patched = excluded.patched
WHERE posture.claimed_at < excluded.claimed_at
RETURNING device
"""
_TERMINAL = "SELECT ori, kind, enabled FROM terminal WHERE mnemonic = $1"


class Postures:
    """What was measured, in the database. The clock is an argument of every call."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def declare(self, one: Management) -> None:
        """From now on an agency's mobile devices are measured: without a whole, fresh claim they open nothing.

        Raises Unfit, or Unknown for the terminal.
        """
        row = await self._pool.fetchrow(_TERMINAL, one.terminal)
        if row is None:
            raise Unknown(f"there is no terminal {one.terminal}: add it first, as an interface of {one.ori}")
        if row["ori"] != one.ori or row["kind"] != TerminalKind.INTERFACE or not row["enabled"]:
            raise Unfit(
                f"{one.terminal} is no interface of {one.ori} in use: the device management speaks at one"
            )
        if one.wipe_url and not _may_be_called(one.wipe_url):
            raise Unfit(f"the address for wipes begins with https:// and has at most {URL_MAX} characters")
        await self._pool.execute(
            _DECLARE,
            one.ori,
            one.terminal,
            one.minutes,
            one.patch_days,
            one.wipe_url,
            one.since,
            one.declared_by,
        )

    async def end(self, ori: str, now: datetime) -> None:
        """Measure an agency's devices no more. Raises Unknown."""
        if not await self._pool.fetch(_END, ori, now):
            raise Unknown(f"the devices of {ori} are not measured: see `wireroom device management list`")

    async def managements(self) -> tuple[Management, ...]:
        """All agencies whose devices are or were measured."""
        return tuple(Management(**row) for row in await self._pool.fetch(_LIST))

    async def management(self, ori: str) -> Management | None:
        """How an agency's devices are measured; None where they are not."""
        row = await self._pool.fetchrow(_OF, ori)
        return None if row is None else Management(**row)

    async def take(self, ori: str, claims: Sequence[Claim], now: datetime) -> Taken:
        """Keep what was measured of an agency's own devices, all of it or nothing. Raises BadClaims.

        Of a device the newest claim counts, whenever it comes.
        """
        async with transaction(self._pool) as connection:
            known = await _known(connection, ori, claims)
            if wrong := faults(claims, known, now):
                raise BadClaims(wrong)
            newest: dict[str, Claim] = {}
            for claim in claims:
                device = known[claim.device.lower()][0]
                if device not in newest or newest[device].at < claim.at:
                    newest[device] = claim
            several = sorted(newest.items())
            rows = [(device, one.at, now, one.encrypted, one.managed, one.located, one.rooted, one.patched)
                    for device, one in several]  # fmt: skip
            columns = [list(column) for column in zip(*rows, strict=True)]
            kept = {row["device"] for row in await connection.fetch(_TAKE, *columns)} if rows else set()
        serials = dict(known.values())
        bad = tuple(serials[device] for device, one in several if device in kept and not whole(one))
        return Taken(taken=len(kept), overtaken=len(claims) - len(kept), bad=bad)

    async def why_not(self, fingerprint: str, now: datetime, today: date) -> str:
        """Why a device's measurement opens nothing; empty where it does, or is not asked for."""
        row = await self._pool.fetchrow(_WHY, fingerprint)
        if row is None:
            return ""
        if row["claimed_at"] is None:
            return "posture of the device was never measured"
        causes = (
            ("posture of the device: not encrypted", not row["encrypted"]),
            ("posture of the device: not managed", not row["managed"]),
            ("posture of the device: not located", not row["located"]),
            ("posture of the device: rooted", row["rooted"]),
            ("posture of the device: system not patched",
             row["patched"] < today - timedelta(days=row["patch_days"])),
            ("posture of the device was measured too long ago",
             row["claimed_at"] <= now - timedelta(minutes=row["minutes"])),
        )  # fmt: skip
        return next((why for why, so in causes if so), "")


def _may_be_called(url: str) -> bool:
    """Whether a wipe may be asked for there: over https, or on this machine itself."""
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
    return safe and bool(parts.hostname) and len(url) <= URL_MAX and url.isprintable()


def whole(claim: Claim) -> bool:
    """Whether what was measured is as it must be; its patches are judged by the agency's own limit, at the door."""
    return claim.encrypted and claim.managed and claim.located and not claim.rooted


async def _known(
    connection: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy, ori: str, claims: Sequence[Claim]
) -> dict[str, tuple[str, str]]:
    """The devices of the agency that claims name: fingerprint and serial by whichever of the two was said."""
    rows = await connection.fetch(_DEVICES, ori, [claim.device.lower() for claim in claims])
    return {
        row[name]: (row["fingerprint"], row["serial"]) for row in rows for name in ("serial", "fingerprint")
    }


def faults(claims: Sequence[Claim], known: dict[str, tuple[str, str]], now: datetime) -> list[Fault]:
    """What is wrong with claims."""
    found = []
    for place, claim in enumerate(claims):
        if claim.device.lower() not in known:
            found.append(
                Fault(place, "device", "is no certificate of a device of your agency: see device list")
            )
        if claim.at > now + AHEAD:
            found.append(Fault(place, "at", f"lies ahead of our clock, which says {now:%Y-%m-%dT%H:%M:%SZ}"))
        if claim.patched > (now + timedelta(days=1)).date():
            found.append(Fault(place, "patched", "is a day that has not come"))
    return found
