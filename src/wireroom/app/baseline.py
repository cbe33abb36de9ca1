"""Settings as a baseline: put forward, approved by somebody else, kept with those before; and which are in force."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from wireroom.app import AppError, SettingsError
from wireroom.app.settings import FILE_NAME, Loaded, Settings, read
from wireroom.journal.tags import Tag
from wireroom.policy.directory import Pool
from wireroom.policy.role import Role
from wireroom.switch.work import Note

TEXT_MAX = 256 * 1024
WORDS_MAX = 500
SHOWN_MAX = 200  # differences in one entry
LISTED_MAX = 1_000
MAY_APPROVE = frozenset({Role.DOJ, Role.ADMINISTRATOR})
MODES = ("off", "told", "required")

Connection = asyncpg.Connection | Pool


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A file of settings that was put forward."""

    version: int
    digest: str
    text: str
    words: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str = ""
    approved_at: datetime | None = None


class Difference(msgspec.Struct, frozen=True):
    """A key that is not as before."""

    key: str
    was: Any  # Any: whatever TOML can say
    now: Any


# --------------------------------------------------------------------------- what settings say


def shown(settings: Settings) -> dict[str, Any]:
    """Each key with its value. No secret is among them: settings name the files that hold those."""
    return dict(_flat(msgspec.json.decode(msgspec.json.encode(settings)), ""))


def _flat(table: Mapping[str, Any], where: str) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        path = f"{where}.{key}" if where else key
        if isinstance(value, dict):
            yield from _flat(value, path)
        else:
            yield path, value


def digest_of(settings: Settings) -> str:
    """What stands for settings: the same for two files that say the same in other words."""
    plain = msgspec.json.encode(shown(settings), order="sorted")
    return hashlib.sha256(plain).hexdigest()[:16]


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Every key that says something else, in order."""
    keys = sorted({*was, *now})
    return tuple(Difference(key, was.get(key), now.get(key)) for key in keys if was.get(key) != now.get(key))


# --------------------------------------------------------------------------- kept

_COLUMNS = "version, digest, text, words, proposed_by, proposed_at, approved_by, approved_at"
_ALL = f"SELECT {_COLUMNS} FROM settings_version ORDER BY version DESC LIMIT $1"  # noqa: S608 - columns of ours
_ONE = f"SELECT {_COLUMNS} FROM settings_version WHERE version = $1"  # noqa: S608 - columns of ours
_APPROVED = f"""
SELECT {_COLUMNS} FROM settings_version WHERE approved_at IS NOT NULL
ORDER BY approved_at DESC, version DESC LIMIT 1
"""  # noqa: S608 - columns of ours
_IS_APPROVED = "SELECT max(version) FROM settings_version WHERE digest = $1 AND approved_at IS NOT NULL"
_PROPOSE = """
INSERT INTO settings_version (version, digest, text, words, proposed_by, proposed_at)
SELECT coalesce(max(version), 0) + 1, $1, $2, $3, $4, $5 FROM settings_version RETURNING version
"""
_APPROVE = """
UPDATE settings_version SET approved_by = $2, approved_at = $3 WHERE version = $1 AND approved_at IS NULL
RETURNING version
"""
_WHO = "SELECT id, role, name FROM account WHERE id = $1 AND enabled"
_STARTED = "SELECT digest, shown FROM settings_started"
_START = """
INSERT INTO settings_started (sole, at, digest, shown) VALUES (true, $1, $2, $3)
ON CONFLICT (sole) DO UPDATE SET at = excluded.at, digest = excluded.digest, shown = excluded.shown
"""


async def versions(connection: Connection) -> tuple[Version, ...]:
    """All that were put forward, the newest first."""
    return tuple(Version(**row) for row in await connection.fetch(_ALL, LISTED_MAX))


async def version(connection: Connection, number: int) -> Version:
    """One of them. Raises AppError."""
    row = await connection.fetchrow(_ONE, number)
    if row is None:
        raise AppError(f"no settings of version {number} were put forward: see `wireroom settings history`")
    return Version(**row)


async def propose(connection: Connection, text: str, words: str, *, by: str, now: datetime) -> int:
    """Puts a file's text forward; its version. Raises AppError, with every fault of the text."""
    if len(text.encode()) > TEXT_MAX:
        raise SettingsError(f"a file of settings has at most {TEXT_MAX // 1024} KB")
    if not words.strip() or len(words) > WORDS_MAX or not words.isprintable():
        raise AppError(f"say in at most {WORDS_MAX} printable characters why")
    digest = digest_of(read(text, Path(FILE_NAME)).settings)
    await _may(connection, by)
    number: int = await connection.fetchval(_PROPOSE, digest, text, words.strip(), by, now)
    return number


async def approve(connection: Connection, number: int, *, by: str, now: datetime) -> Version:
    """Somebody else's yes. Raises AppError."""
    one = await version(connection, number)
    approver = await _may(connection, by)
    proposer = await connection.fetchrow(_WHO, one.proposed_by)
    same = proposer is not None and proposer["name"].casefold().split() == approver["name"].casefold().split()
    if one.proposed_by == by or same:
        raise AppError(f"{by} put version {number} forward: somebody else approves it (CM-3)")
    if await connection.fetchval(_APPROVE, number, by, now) is None:
        raise AppError(f"version {number} was approved already, by {one.approved_by}")
    return await version(connection, number)


async def _may(connection: Connection, by: str) -> asyncpg.Record:
    who = await connection.fetchrow(_WHO, by)
    if who is None or who["role"] not in MAY_APPROVE:
        raise AppError(f"{by} does not change settings: name an account of an administrator, or of DOJ")
    return who


def put_back(one: Version, file: Path) -> Path:
    """Writes an approved version over the file in use, which stays beside it; where. Raises AppError."""
    if one.approved_at is None:
        raise AppError(
            f"nobody approved version {one.version}: `wireroom settings approve {one.version} --by …`"
        )
    former, part = file.with_name(f"{file.name}.before"), file.with_name(f"{file.name}.part")
    try:
        if file.exists():
            former.write_bytes(file.read_bytes())
        with part.open("w", encoding="utf-8") as written:
            written.write(one.text)
            written.flush()
            os.fsync(written.fileno())
        part.replace(file)
    except OSError as error:
        raise AppError(f"{file} cannot be written: {error.strerror or error}") from error
    return former


# --------------------------------------------------------------------------- in force


async def standing(connection: Connection, loaded: Loaded) -> str:
    """Why these settings may not be in force, in words; empty where they may."""
    return (await _judged(connection, loaded))[1]


async def _judged(connection: Connection, loaded: Loaded) -> tuple[str, str]:
    """How strictly settings are to be approved, and what is wrong with those in force.

    What was approved last counts too: whoever edits the file cannot ease that for themselves.
    """
    row = await connection.fetchrow(_APPROVED)
    approved = Version(**row) if row is not None else None
    mode = loaded.settings.security.settings_approved
    kept: Settings | None = None
    if approved is not None:
        try:
            kept = read(approved.text, Path(FILE_NAME)).settings
        except SettingsError:  # of an older program: its keys are not ours any more
            kept = None
        if kept is not None:
            mode = max(mode, kept.security.settings_approved, key=MODES.index)
    if mode == "off" or await connection.fetchval(_IS_APPROVED, digest_of(loaded.settings)) is not None:
        return mode, ""
    if approved is None:
        return mode, "Nobody has approved the settings in force."
    changed = differences(shown(kept), shown(loaded.settings)) if kept is not None else ()
    keys = ", ".join(one.key for one in changed[:10]) or "all, for they cannot be read by this program"
    more = f" and {len(changed) - 10} more" if len(changed) > 10 else ""
    return (
        mode,
        f"The settings in force depart from version {approved.version}, which was approved last: {keys}{more}.",
    )


async def refuse_unless_approved(connection: Connection, loaded: Loaded) -> None:
    """Raises SettingsError where settings must be approved and are not."""
    mode, wrong = await _judged(connection, loaded)
    if mode == "required" and wrong:
        raise SettingsError(
            f"security.settings_approved is required. {wrong} Put them forward with `wireroom settings propose`, have "
            "somebody else approve them, or go back with `wireroom settings restore`"
        )


async def note_start(
    connection: Connection, loaded: Loaded, note: Callable[[Note], Awaitable[object]], now: datetime
) -> None:
    """Writes down which settings are in force, where others were at the start before: first the entry, then the row."""
    row = await connection.fetchrow(_STARTED)
    digest, said = digest_of(loaded.settings), shown(loaded.settings)
    if row is not None and row["digest"] == digest:
        return
    was = msgspec.json.decode(row["shown"], type=dict[str, Any]) if row is not None else shown(Settings())
    changed = differences(was, said)
    detail: dict[str, object] = {
        "act": "start", "digest": digest, "differences": [msgspec.structs.astuple(one) for one in changed[:SHOWN_MAX]],
        "in_all": len(changed), "approved": await connection.fetchval(_IS_APPROVED, digest),
    }  # fmt: skip
    await note(Note(tag=Tag.SETTINGS_CHANGED, detail=detail))
    await connection.execute(_START, now, digest, msgspec.json.encode(said).decode())
