"""Brings a database to this program's shape, says where the two differ, and writes new migrations."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import asyncpg
import msgspec
from alembic import command
from alembic.autogenerate import compare_metadata, produce_migrations
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.operations.ops import MigrateOperation, OpContainer
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from wireroom import __version__
from wireroom.app import DatabaseError
from wireroom.app.database import (
    CONNECT_SECONDS_MAX,
    Version,
    connect,
    problems,
    read_version,
    refuse_if_newer,
)
from wireroom.app.engine import Embedded
from wireroom.app.functions import HELD, Held, repairs, unlike
from wireroom.app.locks import POLICY, STANDING, Standing, unlocked
from wireroom.app.migrations import SCHEMA
from wireroom.app.migrations.script import split
from wireroom.app.own_tables import metadata
from wireroom.app.roles import grants, make_roles
from wireroom.app.trouble import TROUBLES, in_words, trouble
from wireroom.message.acting import MAINTENANCE

ROOMS_WITH_TABLES = ("journal", "records", "switch", "policy", "oversight")
FOLDER = Path(__file__).parent / "migrations"
UPGRADE_SECONDS_MAX = 3600  # a migration may have a nation's records to go through
UPGRADE_LOCK = 0x57495245  # "WIRE": two upgrades of one database wait for each other

_WRITE_VERSION = text(
    "INSERT INTO wireroom_version (sole, schema, oldest_code, written_by) "
    "VALUES (true, :schema, :oldest_code, :code) ON CONFLICT (sole) DO UPDATE "
    "SET schema = excluded.schema, oldest_code = excluded.oldest_code, written_by = excluded.written_by"
)

Result = TypeVar("Result")


def declared() -> Mapping[str, MetaData]:
    """The tables that each room declares."""
    found = {"app": metadata}
    for room in ROOMS_WITH_TABLES:
        if find_spec(f"wireroom.{room}.tables") is not None:
            found[room] = import_module(f"wireroom.{room}.tables").metadata
    return found


# --------------------------------------------------------------------------- upgrading


async def upgrade(dsn: str) -> tuple[int, int]:
    """Bring a database to the newest schema, making it if there is none: the schema before and after.

    All in one transaction, so that a failure leaves the database as it was. To repeat it changes nothing.
    """
    await _make_database(dsn)
    async with connect(dsn, seconds=UPGRADE_SECONDS_MAX) as connection:
        before = await read_version(connection)
        refuse_if_newer(before)
        if before.schema <= SCHEMA:
            await make_roles(connection)
    if before.schema > SCHEMA:
        return before.schema, before.schema  # newer, but it says that we may use it
    await _with_alembic(dsn, _upgrade)
    return before.schema, SCHEMA


async def migrate(dsn: str, revision: str = "head") -> None:
    """Run the migrations up to one, and nothing else: for the tests of each and for writing the next."""
    await _make_database(dsn)
    await _with_alembic(dsn, lambda connection: _migrate(connection, revision))


async def _make_database(dsn: str) -> None:
    """Make the database that the address names, unless it is there."""
    name = unquote(urlsplit(dsn).path.removeprefix("/"))
    try:
        async with connect(dsn):
            return
    except DatabaseError as error:
        if not isinstance(error.__cause__, asyncpg.InvalidCatalogNameError) or not name:
            raise
    async with connect(dsn, database="postgres", seconds=UPGRADE_SECONDS_MAX) as connection:
        with contextlib.suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            quoted = name.replace('"', '""')
            await connection.execute(f"CREATE DATABASE \"{quoted}\" ENCODING 'UTF8' TEMPLATE template0")


def _upgrade(connection: Connection) -> None:
    _migrate(connection, "head")
    newest = _newest()
    connection.execute(
        _WRITE_VERSION,
        {"schema": newest.schema, "oldest_code": newest.oldest_code, "code": newest.written_by},
    )
    for statement in grants({room: [*found.tables] for room, found in declared().items()}):
        connection.exec_driver_sql(statement)
    _lock_rows(connection)
    held = [msgspec.convert(dict(row), Held) for row in connection.exec_driver_sql(HELD).mappings().all()]
    for _, statement in repairs(held):
        connection.exec_driver_sql(statement)


def _lock_rows(connection: Connection) -> None:
    """Puts row-level security on as it is declared. Where it is so already no table is touched, and nobody waits."""
    for row in connection.exec_driver_sql(STANDING, (POLICY,)).mappings().all():
        standing = msgspec.convert({**row, "condition": row["condition"] or ""}, Standing)
        for statement in standing.repairs():
            connection.exec_driver_sql(statement)


def _migrate(connection: Connection, revision: str) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _newest() -> Version:
    """What the newest migration makes of a database."""
    scripts = ScriptDirectory.from_config(_config())
    head = scripts.get_current_head()
    if head is None:
        return Version(schema=0, oldest_code="0", written_by=__version__)
    script = scripts.get_revision(head)
    return Version(schema=int(head), oldest_code=script.module.OLDEST_CODE, written_by=__version__)


async def _with_alembic(dsn: str, act: Callable[[Connection], Result]) -> Result:
    """Do something for which Alembic wants SQLAlchemy's sort of connection, in one transaction."""

    async def open_one(
        *_: object, **__: object
    ) -> Any:  # the stubs' connection is not the one SQLAlchemy names
        return await asyncpg.connect(
            dsn,
            timeout=CONNECT_SECONDS_MAX,
            command_timeout=UPGRADE_SECONDS_MAX,
            server_settings={
                **MAINTENANCE.of_connection,
                "search_path": "public",
                "lock_timeout": "60s",
                "application_name": "wireroom",
            },
        )

    engine = create_async_engine("postgresql+asyncpg://", async_creator=open_one, poolclass=NullPool)
    try:
        with in_words():
            try:
                async with engine.begin() as connection:
                    return await connection.run_sync(act)
            except DBAPIError as error:
                # SQLAlchemy wraps the driver's error twice.
                inner = error.orig.__cause__ if error.orig is not None else None
                if isinstance(inner, TROUBLES) and trouble(inner) is not None:
                    raise inner from error
                raise
    finally:
        await engine.dispose()


# --------------------------------------------------------------------------- comparing


async def check(dsn: str) -> list[str]:
    """Everything wrong with a database, its server, and its shape; an empty list when nothing is."""
    if found := await problems(dsn):
        return found
    async with connect(dsn) as connection:
        bare, lacking = await unlocked(connection), await unlike(connection)
    found = [f"the function {name} is not as declared; run `wireroom database upgrade`" for name in lacking]
    found += [f"rows of {name} are not locked as declared; run `wireroom database upgrade`" for name in bare]
    return found + await check_models(dsn)


async def check_models(dsn: str) -> list[str]:
    """Where the database differs from what the rooms declare; an empty list when it does not."""
    return await _with_alembic(dsn, _differences)


def _differences(connection: Connection) -> list[str]:
    found = compare_metadata(_context(connection), _all_tables())
    # A change of columns comes as a list of changes.
    flat = [one for item in found for one in (item if isinstance(item, list) else [item])]
    return [" ".join(str(part) for part in change if part is not None) for change in flat]


def _all_tables() -> Any:  # Alembic's annotation says one MetaData, its manual and its code take several
    return list(declared().values())


def _context(connection: Connection) -> MigrationContext:
    partitions = set(connection.execute(text("SELECT relname FROM pg_class WHERE relispartition")).scalars())

    def include(name: str | None, kind: str, _: object) -> bool:
        # Partitions come and go with time and need no migration.
        return kind != "table" or name not in partitions

    options = {"target_metadata": _all_tables(), "include_name": include, "compare_server_default": True}
    return MigrationContext.configure(connection, opts=options)


# --------------------------------------------------------------------------- writing a migration


async def new_migration(dsn: str, message: str, *, folder: Path = FOLDER / "versions") -> list[Path]:
    """Write the migration that leads from a scratch database, upgraded here, to what the rooms declare now.

    Two files, to be read and corrected by hand: the SQL, and the few lines of Python that Alembic wants.
    Nothing is written when there is no difference. Raise SCHEMA afterwards.
    """
    await migrate(dsn)
    statements = await _with_alembic(dsn, _statements)
    if not statements:
        return []
    before = _newest().schema
    number = f"{before + 1:04}"
    words = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")[:40]
    script = folder / f"{number}_{words}.py"
    sql = script.with_suffix(".sql")
    sql.write_text(f"-- {message}\n\n" + "".join(f"{one};\n\n" for one in statements).rstrip("\n") + "\n")
    former = f'"{before:04}"' if before else "None"
    script.write_text(_SCRIPT.format(message=message, number=number, before=former, code=__version__))
    return [sql, script]


def write_migration(message: str) -> list[Path]:
    """Write the next migration with a server of its own, thrown away afterwards: `make migration`."""
    with TemporaryDirectory() as folder, Embedded(Path(folder), shared_buffers_mb=32) as server:
        return asyncio.run(new_migration(server.dsn("scratch"), message))


_SCRIPT = '''"""{message}"""

from wireroom.app.migrations.script import run_sql

revision = "{number}"
down_revision = {before}
OLDEST_CODE = "{code}"  # the oldest program that may open a database with this migration


def upgrade() -> None:
    """Run the statements beside this file, in the transaction of the upgrade."""
    run_sql(__file__)
'''


def _statements(connection: Connection) -> list[str]:
    """The SQL of the differences. A room whose tables are all new adds what SQLAlchemy cannot say."""
    script = produce_migrations(_context(connection), _all_tables())
    assert script.upgrade_ops is not None, "a comparison yields what to do"
    written = StringIO()
    offline = MigrationContext.configure(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        opts={"as_sql": True, "output_buffer": written},
    )
    _write(script.upgrade_ops, Operations(offline))
    text_of_all = re.sub(r"\)\n ([A-Z])", r") \1", re.sub(r" +$", "", written.getvalue(), flags=re.MULTILINE))
    statements = split(text_of_all)
    there = set(connection.dialect.get_table_names(connection, "public"))
    for room in ROOMS_WITH_TABLES:
        found = declared().get(room)
        if found is not None and not there.intersection(found.tables):
            more = getattr(import_module(f"wireroom.{room}.tables"), "AFTER_CREATE", ())
            statements += [one.strip().rstrip(";") for one in more]
    return statements


def _write(change: MigrateOperation, operations: Operations) -> None:
    if isinstance(change, OpContainer):
        for part in change.ops:
            _write(part, operations)
    else:
        operations.invoke(change)
