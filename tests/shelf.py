"""Databases for tests, made as new again after each: copying a template anew costs the run several times as much."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import asyncpg

from wireroom.app.engine import Embedded

USES_MAX = 50  # after so many tests a database is thrown away: what a truncation leaves is never much
ENDED_WITHIN_MS = 5000

# All of a database's shape: two that agree here have the same tables, columns, rights, rules, triggers and settings.
SHAPE = """
select md5(string_agg(part, '|' order by part)) from (
    select concat_ws('~', 'relation', oid, relname, relkind, relacl, relowner, relrowsecurity, relforcerowsecurity,
                     reloptions, relispartition, relpersistence) from pg_class
     where relnamespace <> all ($1::oid[])
    union all select concat_ws('~', 'column', attrelid, attname, atttypid, attnotnull, atthasdef, attisdropped, attacl)
      from pg_attribute join pg_class on pg_class.oid = attrelid where relnamespace <> all ($1::oid[])
    union all select concat_ws('~', 'constraint', oid, conname, convalidated) from pg_constraint
    union all select concat_ws('~', 'trigger', oid, tgname, tgenabled) from pg_trigger
    union all select concat_ws('~', 'index', indexrelid, indisvalid) from pg_index
    union all select concat_ws('~', 'rule', oid, polname, polqual, polwithcheck) from pg_policy
    union all select concat_ws('~', 'function', oid, proname, prosrc, proacl) from pg_proc
     where pronamespace <> all ($1::oid[])
    union all select concat_ws('~', 'schema', oid, nspname, nspacl) from pg_namespace
    union all select concat_ws('~', 'extension', oid, extname) from pg_extension
    union all select concat_ws('~', 'setting', setrole, setconfig) from pg_db_role_setting
       where setdatabase in (0, (select oid from pg_database where datname = current_database()))
) as all_of_it (part)
"""
OF_THE_SERVER = (
    "select array_agg(oid) from pg_namespace where nspname like 'pg\\_%' or nspname = 'information_schema'"
)
TABLES = """
select oid::regclass::text as name, pg_relation_size(oid) as bytes from pg_class
 where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1
"""
ADDED = """
select oid::regclass::text from pg_class
 where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and oid <> all ($1::oid[])
 order by relispartition, 1
"""
KNOWN = "select array_agg(oid) from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
OTHERS = """
select pg_terminate_backend(pid, $1) from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid()
"""
SEQUENCES = (
    "select quote_ident(sequencename) as name, last_value from pg_sequences where schemaname = 'public'"
)


class Shelf:
    """Copies of one template. One that a test has left is emptied by truncation and lent to the next.

    A database whose shape a test has changed is thrown away, and each loan has a name of its own: whoever is late
    with a connection to an earlier one finds nothing.
    """

    def __init__(self, server: Embedded, template: str, names: Iterator[int]) -> None:
        self._server, self._template, self._names = server, template, names
        self._free: list[tuple[str, int]] = []
        self._shape = ""
        self._known: list[int] = []
        self._seeds: dict[str, bytes] = {}
        self._counted: dict[str, int | None] = {}

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The name of a database like the template."""
        name, uses = asyncio.run(self._taken())
        try:
            yield name
        finally:
            asyncio.run(self._given_back(name, uses))

    async def _taken(self) -> tuple[str, int]:
        name = f"test_{next(self._names)}"
        over = await self._connect("postgres")
        try:
            if self._free:
                before, uses = self._free.pop()
                await over.execute(f"ALTER DATABASE {before} RENAME TO {name}")
            else:
                await over.execute(f"CREATE DATABASE {name} TEMPLATE {self._template}")
                uses = 0
        finally:
            await over.close()
        if not self._shape:
            await self._learn(name)
        return name, uses + 1

    async def _given_back(self, name: str, uses: int) -> None:
        if uses < USES_MAX:
            within = await self._connect(name)
            try:
                again = await self._emptied(within)
            finally:
                await within.close()
            if again:
                self._free.append((name, uses))
                return
        over = await self._connect("postgres")
        try:
            await over.execute(f"DROP DATABASE {name} WITH (FORCE)")
        finally:
            await over.close()

    async def _learn(self, name: str) -> None:
        """What a database has that nobody used."""
        within = await self._connect(name)
        try:
            self._counted = {row["name"]: row["last_value"] for row in await within.fetch(SEQUENCES)}
            self._shape = await self._shape_of(within)
            self._known = await within.fetchval(KNOWN)
            for table in await within.fetch(TABLES):
                if table["bytes"]:
                    self._seeds[table["name"]] = await _copied(within, table["name"])
        finally:
            await within.close()

    async def _shape_of(self, within: asyncpg.Connection) -> str:
        return str(await within.fetchval(SHAPE, await within.fetchval(OF_THE_SERVER)))

    async def _emptied(self, within: asyncpg.Connection) -> bool:
        """Takes away what a test has put there; whether the database is as new then."""
        await within.execute(OTHERS.replace("$1", str(ENDED_WITHIN_MS)))
        for (table,) in await within.fetch(ADDED, self._known):
            await within.execute(f"DROP TABLE IF EXISTS {table} CASCADE")
        if await self._shape_of(within) != self._shape:
            return False
        used = [row["name"] for row in await within.fetch(TABLES) if row["bytes"]]
        await within.execute("SET session_replication_role = replica")  # no trigger speaks up against it
        if used:
            await within.execute(f"TRUNCATE {', '.join(used)} CASCADE")
        for table, rows in self._seeds.items():
            await within.execute(f"TRUNCATE {table} CASCADE")
            await within.copy_to_table(table.strip('"'), source=_pieces(rows), format="binary")
        for sequence, value in await within.fetch(SEQUENCES):
            if value != self._counted[sequence]:
                before = self._counted[sequence]
                start = "" if before is None else f" WITH {before + 1}"
                await within.execute(f"ALTER SEQUENCE {sequence} RESTART{start}")
        await within.execute("DELETE FROM pg_statistic WHERE starelid >= 16384")
        return True

    async def _connect(self, name: str) -> asyncpg.Connection:
        return await asyncpg.connect(self._server.dsn(name), timeout=10)


async def _copied(within: asyncpg.Connection, table: str) -> bytes:
    parts = bytearray()

    async def take(part: bytes) -> None:
        parts.extend(part)

    await within.copy_from_table(table.strip('"'), output=take, format="binary")
    return bytes(parts)


async def _pieces(rows: bytes) -> AsyncIterator[bytes]:
    yield rows
