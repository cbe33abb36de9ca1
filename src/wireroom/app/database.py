"""Connections to the database, whether this program may use it, and how it is doing."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from wireroom import __version__
from wireroom.app import DatabaseError
from wireroom.app.migrations import SCHEMA
from wireroom.app.trouble import in_words
from wireroom.message.acting import COMMAND, MAINTENANCE, Actor, As

if TYPE_CHECKING:  # generic in the stubs only
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection

CONNECT_SECONDS_MAX = 10
COMMAND_SECONDS_MAX = 35  # longer than the server's own limit, whose error says more
IDLE_SECONDS_MAX = 300
TRANSACTION_IDS_MAX = 1_500_000_000  # of two thousand million, after which the server stops taking writes

# What each session sets for itself, whoever runs the server.
SESSION = {
    "search_path": "public",
    "timezone": "UTC",
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "plan_cache_mode": "auto",
    "jit": "off",
}


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What a database says of itself. A schema of 0: nothing was ever made in it."""

    schema: int
    oldest_code: str  # the oldest program that may open it
    written_by: str  # the program that last upgraded it


class Replica(msgspec.Struct, frozen=True, kw_only=True):
    """A server that follows ours."""

    name: str
    state: str
    sync: str
    lag_bytes: int


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the database is doing."""

    server: str  # the server's version
    schema: int
    size_bytes: int
    connections: int
    connections_max: int
    oldest_transaction_seconds: float  # 0 when none is open but our own
    checkpoint_age_seconds: float  # since the server last wrote all its pages down
    replicas: tuple[Replica, ...]
    disk_free_bytes: int | None  # None: the server's disk is not ours to see


# --------------------------------------------------------------------------- connections


class Line(Connection):
    """A connection whose transactions say who acts in the round that begins them, so that it costs none."""

    _beginning = ""

    def begins_with(self, statement: str) -> None:
        """What goes with the BEGIN that follows; empty: nothing any more. None begins within another."""
        assert not statement or not self.is_in_transaction(), "who acts is said once, as a transaction begins"
        self._beginning = statement

    async def execute(self, query: str, *args: object, timeout: float | None = None) -> str:
        """As the driver does it; with who acts, where it begins a transaction of somebody's."""
        if self._beginning and query.startswith("BEGIN"):
            query, self._beginning = query + self._beginning, ""
        return await super().execute(query, *args, timeout=timeout)


@asynccontextmanager
async def connect(dsn: str, *, database: str | None = None, seconds: float = 30) -> AsyncIterator[Connection]:
    """One connection of the tables' owner for a moment's work. Its troubles are told in words."""
    settings = SESSION | MAINTENANCE.of_connection
    settings |= {"application_name": "wireroom", "statement_timeout": f"{int(seconds * 1000)}ms"}
    with in_words():
        connection: Connection = await asyncpg.connect(
            dsn,
            database=database,
            timeout=CONNECT_SECONDS_MAX,
            command_timeout=seconds + 5,
            server_settings=settings,
        )
        try:
            yield connection
        finally:
            await connection.close(timeout=CONNECT_SECONDS_MAX)


async def pool(
    dsn: str, role: str | None = None, size: int = 8, *, application_name: str = "wireroom"
) -> Pool:
    """Connections that act as a role, at most `size`. The caller closes the pool.

    An embedded server lets us connect as the role itself; elsewhere the url's user becomes the role.
    """
    assert size >= 1, "a pool holds at least one connection"
    with in_words():
        return await asyncpg.create_pool(
            dsn,
            min_size=min(2, size),
            max_size=size,
            timeout=CONNECT_SECONDS_MAX,
            command_timeout=COMMAND_SECONDS_MAX,
            max_inactive_connection_lifetime=IDLE_SECONDS_MAX,
            connection_class=Line,
            server_settings=SESSION
            | {"application_name": application_name}
            # A page's statements are the same each time, and with locks on rows to plan one costs more than to run it.
            | ({"plan_cache_mode": "force_generic_plan"} if role == "wireroom_web" else {}),
            init=_becoming(role) if role is not None else None,
            reset=_as_it_is if role == "wireroom_web" else None,
        )


async def _as_it_is(connection: object) -> None:
    """What the pages' pool does when a connection comes back: all that was set ended with its transaction."""


def _becoming(role: str) -> Callable[[Connection], Coroutine[object, object, None]]:
    """What a new connection does first. The pool's own reset leaves a role as it is."""
    assert role.replace("_", "").isalnum(), f"{role!r} is not the name of a role"

    async def become(connection: Connection) -> None:
        await connection.execute(f"SET ROLE {role}")

    return become


async def open_database(
    dsn: str, role: str | None = None, size: int = 8, *, application_name: str = "wireroom"
) -> Pool:
    """A pool on a database that this program may use; DatabaseError, saying why, on any other."""
    opened = await pool(dsn, role, size, application_name=application_name)
    try:
        with in_words():
            async with opened.acquire(timeout=CONNECT_SECONDS_MAX) as connection:
                version = await read_version(connection)
        refuse_unless_usable(version)
    except BaseException:
        opened.terminate()
        raise
    return opened


async def open_as(dsn: str, role: str, size: int = 2, *, actor: Actor = COMMAND) -> As:
    """The same, where one actor does all: a command of whoever runs the machine. The caller closes it."""
    return As(await open_database(dsn, role, size), actor)


# --------------------------------------------------------------------------- version


async def read_version(connection: Connection | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]) -> Version:
    """What the database says of itself."""
    if await connection.fetchval("SELECT to_regclass('public.wireroom_version')") is None:
        return Version(schema=0, oldest_code="0", written_by="")
    row = await connection.fetchrow("SELECT schema, oldest_code, written_by FROM wireroom_version")
    if row is None:
        return Version(schema=0, oldest_code="0", written_by="")
    return Version(schema=row["schema"], oldest_code=row["oldest_code"], written_by=row["written_by"])


def refuse_unless_usable(version: Version, *, code: str = __version__, schema: int = SCHEMA) -> None:
    """Raise DatabaseError where this program and the database would not understand each other."""
    refuse_if_newer(version, code=code, schema=schema)
    if version.schema == 0:
        raise DatabaseError("the database is empty; run `wireroom database upgrade`")
    if version.schema < schema:
        raise DatabaseError(
            f"the database has schema {version.schema}, and this Wireroom {code} needs {schema}; "
            "run `wireroom database upgrade`"
        )


def refuse_if_newer(version: Version, *, code: str = __version__, schema: int = SCHEMA) -> None:
    """Raise DatabaseError where a newer program made something that this one would spoil."""
    if version.schema > schema and _order(code) < _order(version.oldest_code):
        raise DatabaseError(
            f"the database has schema {version.schema}, written by Wireroom {version.written_by}; "
            f"it needs Wireroom {version.oldest_code} or newer, and this is {code}: install a newer one"
        )


def _order(version: str) -> tuple[int, ...]:
    """A version as numbers: 0.10 comes after 0.9."""
    return tuple(int(part) for part in version.split("."))


# --------------------------------------------------------------------------- health

_HEALTH = """
SELECT current_setting('server_version') AS server,
       pg_database_size(current_database()) AS size_bytes,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
       current_setting('max_connections')::int AS connections_max,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - min(xact_start)) FROM pg_stat_activity
                 WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()), 0)::float8
           AS oldest_transaction_seconds,
       extract(epoch FROM clock_timestamp() - (SELECT checkpoint_time FROM pg_control_checkpoint()))::float8
           AS checkpoint_age_seconds
"""

_REPLICAS = """
SELECT application_name AS name, coalesce(state, 'unknown') AS state, coalesce(sync_state, 'unknown') AS sync,
       coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint AS lag_bytes
FROM pg_stat_replication ORDER BY application_name
"""


async def health(dsn: str, *, folder: Path | None = None) -> Health:
    """How the database is doing. The folder is that of our own server, whose disk we can see."""
    async with connect(dsn) as connection:
        version = await read_version(connection)
        row = await connection.fetchrow(_HEALTH)
        assert row is not None, "a SELECT without FROM has one row"
        on_standby = await connection.fetchval("SELECT pg_is_in_recovery()")
        replicas = [] if on_standby else await connection.fetch(_REPLICAS)
    return Health(
        schema=version.schema,
        replicas=tuple(Replica(**dict(replica)) for replica in replicas),
        disk_free_bytes=shutil.disk_usage(folder).free if folder is not None else None,
        **dict(row),
    )


_DURABILITY = ("fsync", "full_page_writes", "data_checksums")
_INVALID_INDEXES = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1"
_COUNTS = """
SELECT coalesce((SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()), 0)
           AS checksum_failures,
       (SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()) AS transaction_ids
"""


async def problems(dsn: str) -> list[str]:
    """What is wrong with the database and its server, each with what to do; an empty list when nothing is."""
    found = []
    async with connect(dsn) as connection:
        try:
            refuse_unless_usable(await read_version(connection))
        except DatabaseError as error:
            found.append(str(error))
        for name in _DURABILITY:
            if await connection.fetchval("SELECT current_setting($1)", name) != "on":
                found.append(f"{name} is off: a power cut could lose what was accepted; switch it on")
        if await connection.fetchval("SELECT current_setting('synchronous_commit')") == "off":
            found.append("synchronous_commit is off: a crash could lose what was accepted; switch it on")
        if await connection.fetchval("SELECT current_setting('server_encoding')") != "UTF8":
            found.append("the database is not in UTF8; make it anew with ENCODING 'UTF8'")
        for row in await connection.fetch(_INVALID_INDEXES):
            found.append(f"index {row[0]} is unfinished; run REINDEX INDEX CONCURRENTLY {row[0]}")
        counts = await connection.fetchrow(_COUNTS)
        assert counts is not None, "a SELECT without FROM has one row"
    if counts["checksum_failures"]:
        found.append(
            f"{counts['checksum_failures']} pages failed their checksum; stop, keep a copy, restore a backup"
        )
    if counts["transaction_ids"] > TRANSACTION_IDS_MAX:
        found.append(
            f"{counts['transaction_ids']} transaction numbers are in use; run VACUUM before they run out"
        )
    return found
