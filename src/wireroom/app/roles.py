"""The database's roles, one for each kind of process, and what each may do with which table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import asyncpg

from wireroom.app import DatabaseError
from wireroom.app.database import Connection

SWITCH = "wireroom_switch"
OVERSIGHT = "wireroom_oversight"
WEB = "wireroom_web"
ROLES = (SWITCH, OVERSIGHT, WEB)

READ = "SELECT"
APPEND = "SELECT, INSERT"
ALL = "SELECT, INSERT, UPDATE, DELETE"

# What each role may do with the tables of a room. Who is not named may do nothing.
RIGHTS: Mapping[str, Mapping[str, str]] = {
    "app": {SWITCH: READ, OVERSIGHT: READ, WEB: READ},  # which version the database has
    "journal": {SWITCH: APPEND, OVERSIGHT: READ},
    "records": {SWITCH: ALL, OVERSIGHT: READ},
    "switch": {SWITCH: ALL},
    "policy": {SWITCH: READ, WEB: ALL},
    "oversight": {SWITCH: APPEND, OVERSIGHT: READ},
}
# The journal's book-keeping, where rows are replaced: the entries themselves are in the tree by then.
KEPT_UP_TO_DATE: Mapping[str, Mapping[str, str]] = {
    "alarm": {SWITCH: ALL},
    "chore": {SWITCH: ALL},
    "settings_started": {SWITCH: ALL},
    "journal_pending": {SWITCH: ALL},
    "journal_tree": {SWITCH: ALL},
    "reason": {SWITCH: "SELECT, INSERT, UPDATE", OVERSIGHT: READ},
}
# What nobody takes back: facts of people stay as they were recorded, no identifier is ever free again, and what was
# bound to a person stays known.
NEVER_DELETED: Mapping[str, Mapping[str, str]] = {
    "fact": {WEB: APPEND},
    "account": {WEB: "SELECT, INSERT, UPDATE"},
    "account_request": {WEB: "SELECT, INSERT, UPDATE"},
    "own_mark": {WEB: "SELECT, INSERT, UPDATE"},
    "emergency": {SWITCH: APPEND, WEB: "SELECT, UPDATE"},
    "ruleset": {WEB: "SELECT, INSERT, UPDATE"},
    "decided": {SWITCH: ALL, WEB: READ},
    "cad_word": {WEB: APPEND, OVERSIGHT: READ},  # who said what of an incident, and what stood there before
    "cad_subject": {WEB: APPEND, OVERSIGHT: READ},
    "cad_incident": {WEB: "SELECT, INSERT, UPDATE", OVERSIGHT: READ},
    "cad_assigned": {WEB: "SELECT, INSERT, UPDATE", OVERSIGHT: READ},
    "device_authority": {WEB: "SELECT, INSERT, UPDATE"},
    "device_certificate": {WEB: "SELECT, INSERT, UPDATE"},
    "authenticator": {WEB: "SELECT, INSERT, UPDATE"},
    "posture": {WEB: "SELECT, INSERT, UPDATE"},
    "device_management": {WEB: "SELECT, INSERT, UPDATE"},
    "settings_version": {SWITCH: "SELECT, INSERT, UPDATE"},
}


def grants(tables: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The statements that give each role its rights, and no others, on the tables of each room."""
    for role in ROLES:
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    for room, names in tables.items():
        for name in names:
            held = {**RIGHTS[room], **KEPT_UP_TO_DATE.get(name, {}), **NEVER_DELETED.get(name, {})}
            for role, rights in held.items():
                yield f'GRANT {rights} ON "{name}" TO {role}'


async def make_roles(connection: Connection) -> None:
    """Make the roles that are missing, and let the connected user become each of them."""
    superuser = await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    for role in ROLES:
        if await connection.fetchval("SELECT to_regrole($1)", role) is None:
            await _make(connection, f"CREATE ROLE {role} LOGIN NOINHERIT", role)
        member = await connection.fetchval("SELECT pg_has_role(current_user, $1, 'MEMBER')", role)
        if not superuser and not member:
            await _make(connection, f"GRANT {role} TO CURRENT_USER", role)


async def _make(connection: Connection, statement: str, role: str) -> None:
    """Run a statement that another upgrade on the same server may be running at this moment."""
    try:
        await connection.execute(statement)
    except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        return
    except asyncpg.InsufficientPrivilegeError:
        user = await connection.fetchval("SELECT current_user")
        raise DatabaseError(
            f"user {user} may not do what role {role} needs; ask the server's administrator to run: "
            f"CREATE ROLE {role} LOGIN NOINHERIT; GRANT {role} TO {user};"
        ) from None
