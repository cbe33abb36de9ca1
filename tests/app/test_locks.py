"""The second lock: rows are there for whoever acts, of their own agency, terminal or person, and for nobody else."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import suppress

import asyncpg
import pytest

import wireroom
from wireroom.app import database as db
from wireroom.app.locks import ACTOR, LOCKS, OPEN, STANDING, Lock
from wireroom.app.roles import NEVER_DELETED, OVERSIGHT, RIGHTS, ROLES, SWITCH, WEB
from wireroom.app.schema import check, declared, upgrade
from wireroom.message.acting import BATCH, MAINTENANCE, SETTING, Actor, As, Function, acting, seated
from wireroom.message.envelope import Seat

pytestmark = pytest.mark.anyio

ORI, OTHER = "CA0990100", "CA0980100"
NOBODY = Actor(actor="")
STRANGER = Actor(actor="seat", ori="CA0970100", terminal="T999", person="s.tranger", key="ff")
# A value that each sort of column takes; a row is made of whatever its table will not do without.
SAMPLES = {
    "text": "'x'", "bigint": "7", "integer": "7", "smallint": "7", "boolean": "true", "bytea": "'\\x01'::bytea",
    "timestamp with time zone": "now()", "date": "current_date", "jsonb": "'{}'",
}  # fmt: skip


async def columns_of(pool: db.Pool, table: str) -> list[asyncpg.Record]:
    return await pool.fetch(
        "SELECT column_name AS name, data_type AS kind, is_identity = 'YES' AS given FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name = $1 AND (is_nullable = 'NO' OR column_default IS NOT NULL)",
        table,
    )


async def fill(pool: db.Pool) -> None:
    """One row in every table, without a look at what it refers to: of an agency, a terminal and a person."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table, lock in LOCKS.items():
            if await connection.fetchval(f'SELECT exists (SELECT FROM "{table}")'):
                continue
            values = {}
            for one in await columns_of(pool, table):
                if not one["given"]:
                    values[one["name"]] = "'{}'" if one["kind"] == "ARRAY" else SAMPLES[one["kind"]]
            values |= dict.fromkeys(lock.ori, f"'{ORI}'")
            values |= dict.fromkeys(lock.terminal, "'Z001'")
            values |= dict.fromkeys(lock.person, "'p.vale'")
            values |= {lock.key: "'\\xabcd'::bytea"} if lock.key else {}
            values |= CHECKED.get(table, {})
            names = ", ".join(f'"{name}"' for name in values)
            await connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(values.values())})')


CHECKED = {
    "approval": {"way": "'form'"},
    "terminal": {"device": "'ordinary'", "kind": "'fixed'"},
    "own_mark": {"kind": "'self'"},
    "fact": {"kind": "'training'"},
    "authenticator": {"kind": "'passkey'", "public_key": "'x'::bytea"},
    "account_request": {"decision": "''", "decided_by": "''"},
    "device_management": {"minutes": "60", "patch_days": "30"},
}


def reads() -> Iterator[tuple[str, str]]:
    """Each role with each table that it may read."""
    for room, metadata in declared().items():
        for table in metadata.tables:
            for role in {**RIGHTS[room], **NEVER_DELETED.get(table, {})}:
                yield role, table


def owners(lock: Lock) -> Iterator[Actor]:
    """Each actor for whom the row of a table is there, by one scope alone."""
    if lock.ori:
        yield Actor(actor="seat", ori=ORI)
    if lock.terminal:
        yield Actor(actor="seat", terminal="Z001")
    if lock.person:
        yield Actor(actor="seat", person="p.vale")
    if lock.key:
        yield Actor(actor="session", key="abcd")
    if lock == ACTOR:
        yield STRANGER


def test_every_table_says_whose_its_rows_are() -> None:
    tables = {name for metadata in declared().values() for name in metadata.tables}
    assert tables == set(LOCKS), "a table is new or gone: say in app/locks.py whose its rows are"
    for metadata in declared().values():
        for name, table in metadata.tables.items():
            lock = LOCKS[name]
            named = {*lock.ori, *lock.terminal, *lock.person} | ({lock.key} if lock.key else set())
            assert named <= set(table.columns.keys()), name


async def test_AC_3_each_role_finds_the_rows_of_whoever_acts_and_no_others(
    pool: db.Pool, as_role: Callable[[str], str]
) -> None:
    await fill(pool)
    pools = {role: await db.pool(as_role(role), role, 1) for role in ROLES}
    try:
        for role, table in reads():
            many, lock = f'SELECT count(*) FROM "{table}"', LOCKS[table]
            assert await pools[role].fetchval(many) == (lock == OPEN), (
                f"{role} finds {table} with nobody acting"
            )
            assert await As(pools[role], NOBODY).fetchval(many) == (lock == OPEN), f"{role}, {table}, nobody"
            assert await As(pools[role], BATCH).fetchval(many) == 1, f"{role} finds {table} for many"
            expected = lock in (OPEN, ACTOR)
            assert await As(pools[role], STRANGER).fetchval(many) == expected, f"{role}, {table}, a stranger"
            for owner in owners(lock):
                assert await As(pools[role], owner).fetchval(many) == 1, f"{role}, {table}, {owner}"
    finally:
        for one in pools.values():
            await one.close()


async def test_AC_3_nothing_is_written_for_nobody_nor_into_the_rows_of_others(
    pool: db.Pool, as_role: Callable[[str], str]
) -> None:
    await fill(pool)
    delivery = "INSERT INTO delivery (terminal, number, body) VALUES ('Z001', 8, 'x')"
    mark = "INSERT INTO own_mark (person, kind, mark, since, recorded_by) VALUES ('p.vale', 'self', 'x', now(), '')"
    entry = "INSERT INTO journal VALUES (9, 't', now(), 9, '', '', '', '', 'x')"
    async with (
        await db.pool(as_role(SWITCH), SWITCH, 1) as switch,
        await db.pool(as_role(WEB), WEB, 1) as web,
    ):
        for own, statement in ((switch, delivery), (switch, entry), (web, mark)):
            for who in (own, As(own, NOBODY)) + ((As(own, STRANGER),) if statement != entry else ()):
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                    await who.execute(statement)
        for who in (web, As(web, STRANGER)):
            for statement in (
                "UPDATE account SET name = ''",
                "DELETE FROM session",
                "UPDATE session SET peer = ''",
            ):
                with suppress(asyncpg.InsufficientPrivilegeError):
                    assert (await who.execute(statement)).endswith(" 0"), statement
        # What is one's own cannot be given to another either.
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await As(web, Actor(actor="seat", ori=ORI)).execute(
                f"UPDATE session SET ori = '{OTHER}', person = 'x'"
            )


async def test_no_table_is_without_its_lock_and_no_role_is_above_it(pool: db.Pool, database: str) -> None:
    rows = {row["name"]: row for row in await pool.fetch(STANDING, "acting")}
    held = [name for name, row in rows.items() if row["root"] in LOCKS]
    assert {"journal_rest", "record_rest", *LOCKS} <= set(held), "partitions too"
    assert [name for name in held if not rows[name]["held"] or rows[name]["others"]] == []
    above = "SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND (rolbypassrls OR rolsuper)"
    assert await pool.fetch(above, list(ROLES)) == []
    # What somebody loosened by hand is told, and the next upgrade puts it right.
    await pool.execute("ALTER TABLE delivery NO FORCE ROW LEVEL SECURITY")
    await pool.execute("CREATE POLICY wide ON account USING (true)")
    assert [one.split()[2] for one in await check(database)] == ["account", "delivery"]
    await upgrade(database)
    assert await check(database) == []


# Statements whose plan the lock changes, and why that may be.
CHANGED = {
    "policy.people_sql._SESSION": "names of one agency are compared one by one: it has some thousand people",
    "policy.people_sql.SESSION": "as above",
    "policy.people_sql.VOUCHED_SESSION": "as above",
    "policy.staff._ROLES_OF_NAME": "as above",
    "records.scratch.REMOVE_PAIRS": "a measurement tidies up after itself",
    "oversight.incidents_kept.UNEXPLAINED": "incidents are few, and looked through once a minute",
    "oversight.incidents_kept.LIST": "as above",
    "oversight.incidents_kept.LOST": "as above",
    "oversight.incidents_kept.STOPPED": "as above",
    "oversight.incidents_kept.STEPS": "as above",
    "policy.asking._EXISTS": "asked once for each account that somebody asks for",
}
EXPLAIN = """
DO $explain$ DECLARE line text; BEGIN
    FOR line IN EXECUTE $of$EXPLAIN (GENERIC_PLAN, COSTS OFF) {}$of$ LOOP RAISE NOTICE '%', line; END LOOP;
END $explain$
"""


def statements() -> Iterator[tuple[str, str]]:
    """Every statement that stands as a constant, or in a function, in the rooms that speak to the database."""
    for module in pkgutil.walk_packages(wireroom.__path__, "wireroom."):
        if re.match(r"wireroom\.(records|switch|journal|policy|oversight)\.(?!tables)", module.name):
            for name, kept in vars(importlib.import_module(module.name)).items():
                value = kept.statement if isinstance(kept, Function) else kept
                if (
                    isinstance(value, str)
                    and "{" not in value
                    and re.match(r"\s*(with|select|update|delete|insert)\b", value, re.IGNORECASE)
                ):
                    yield f"{module.name.removeprefix('wireroom.')}.{name}", value


async def scans(connection: asyncpg.Connection, statement: str) -> list[str] | None:
    """By which indexes and conditions a statement finds its rows; None where it is part of another."""
    lines: list[str] = []

    def hear(_: object, message: asyncpg.PostgresLogMessage) -> None:
        lines.append(message.message)

    connection.add_log_listener(hear)
    try:
        await connection.execute(EXPLAIN.replace("{}", statement))
        await asyncio.sleep(0)
    except asyncpg.PostgresError:
        return None
    finally:
        connection.remove_log_listener(hear)
    plain = (re.sub(r"\$\d+|_\d+\b", "", line.strip(" ->")) for line in lines)
    return sorted(
        line for line in plain if ("Scan" in line and "Subquery" not in line) or "Index Cond" in line
    )


async def test_the_locks_change_no_plan_of_any_statement_but_those_named(empty_database: str) -> None:
    """Each as the owner, who is above the locks here, and as a role: the same indexes by the same conditions.

    In a database of its own: one that another test had keeps what the server learned of its tables.
    """
    await upgrade(empty_database)
    free = await asyncpg.connect(empty_database)
    held = await asyncpg.connect(empty_database, server_settings=BATCH.of_connection)
    try:
        await free.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {SWITCH}")
        await held.execute(f"SET ROLE {SWITCH}")
        for connection in (free, held):
            await connection.execute("SET enable_seqscan = off; SET jit = off")
        compared, changed = 0, set()
        for name, statement in statements():
            if (plan := await scans(free, statement)) is not None:
                compared += 1
                changed |= {name} if await scans(held, statement) != plan else set()
    finally:
        await free.close()
        await held.close()
    assert compared > 300, "most of the statements stand by themselves"
    assert changed == set(CHANGED)


# --------------------------------------------------------------------------- who acts, and for how long


async def said(connection: object) -> str:
    """Who acts on a connection at this moment; empty: nobody."""
    ask = f"SELECT coalesce(current_setting('{SETTING}', true), '')"
    return str(await connection.fetchval(ask))  # type: ignore[attr-defined]


async def test_ten_thousand_loans_under_different_actors_leave_no_identity_to_the_next(database: str) -> None:
    """Interleaved over few connections, some ending well, some by an error, some cancelled, some without an actor."""
    left: list[object] = []

    async def lent(pool: db.Pool, place: int) -> None:
        actor = Actor(actor="seat", ori=f"CA{place:07}", terminal=f"{place % 10_000:04}", person=f"p{place}")
        if place % 10 == 0:
            async with pool.acquire() as connection:
                left.extend([who] if (who := await said(connection)) else [])
        else:
            async with As(pool, actor).acquire() as connection:
                if place % 4 == 1 and await said(connection) != actor.said:
                    left.append(actor)
                if place % 10 == 1:
                    raise LookupError

    async def borrower(pool: db.Pool, first: int) -> None:
        for place in range(first, 10_000, 40):
            with suppress(LookupError):
                await lent(pool, place)

    async with await db.pool(database, size=4) as pool:
        await asyncio.gather(*(borrower(pool, first) for first in range(40)))
        async with pool.acquire() as connection:
            assert not await said(connection)
    assert left == []


async def test_a_transaction_that_fails_is_cancelled_or_cut_leaves_nobody_behind(
    database: str, pool: db.Pool
) -> None:
    actor = seated(Seat(terminal="Z001", ori=ORI, person="p.vale", role="operator"))
    async with await db.pool(database, size=1) as own:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await As(own, actor).fetchval("SELECT 1/0")
        task = asyncio.create_task(As(own, actor).fetchval("SELECT pg_sleep(30)"))
        while not await pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
        ):
            pass
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        async with own.acquire() as connection:
            assert not await said(connection)
            killed = connection.get_server_pid()

        async def cut() -> None:
            async with As(own, actor).acquire() as connection:
                await pool.fetchval("SELECT pg_terminate_backend($1)", killed)
                await connection.fetchval("SELECT 1")

        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await cut()
        async with own.acquire() as connection:
            assert connection.get_server_pid() != killed
            assert not await said(connection)


async def test_who_acts_goes_with_the_round_that_begins_the_transaction(database: str) -> None:
    async with await db.pool(database, size=1) as own, own.acquire() as connection:
        rounds: list[str] = []
        connection.add_query_logger(lambda record: rounds.append(record.query))
        async with acting(connection, BATCH):
            assert await said(connection) == "batch/*/*/*/*"
            with pytest.raises(AssertionError):
                async with acting(connection, MAINTENANCE):
                    pass
        await asyncio.sleep(0)  # the driver tells of a statement a moment later
        assert len(rounds) == 3, "begun, asked, committed"
        async with connection.transaction():
            assert not await said(connection), "a transaction of nobody's is nobody's"


def test_what_cannot_be_a_name_of_ours_is_nobodys_and_no_part_of_a_statement() -> None:
    for bad in ("*", "x'; RESET ROLE; --", "é", "a b", "\0", ""):
        actor = Actor(actor="seat", ori=bad, terminal=bad, person=bad, key=bad)
        assert actor.begun == f"SET LOCAL {SETTING}='seat////';", bad


async def test_the_journal_is_read_only_by_whoever_says_who_reads(
    as_role: Callable[[str], str], pool: db.Pool
) -> None:
    await fill(pool)
    async with await db.pool(as_role(OVERSIGHT), OVERSIGHT, 1) as reader:
        assert await reader.fetchval("SELECT count(*) FROM journal") == 0
        assert (
            await As(reader, Actor(actor="auditor", person="a.uditor")).fetchval(
                "SELECT count(*) FROM journal"
            )
            == 1
        )
