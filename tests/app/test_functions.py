"""Statements that the database keeps: as declared, in a transaction of their own, with who acts said in it."""

from __future__ import annotations

import asyncpg
import pytest

from wireroom.app import database as db
from wireroom.app.functions import FUNCTIONS, unlike
from wireroom.app.roles import WEB
from wireroom.app.schema import check, upgrade
from wireroom.message.acting import BATCH, SETTING, As, Function, acting

pytestmark = pytest.mark.anyio

WHO = Function(
    name="who_acts", takes=("text",), gives=(("who", "text"), ("given", "text")),
    statement=f"SELECT current_setting('{SETTING}', true), $1",
)  # fmt: skip


async def test_who_acts_is_said_in_the_call_and_gone_after_it(pool: db.Pool) -> None:
    await pool.execute(WHO.definition)
    try:
        assert tuple(await As(pool, BATCH).call(WHO.call, "x")) == (BATCH.said, "x")
        async with pool.acquire() as connection:
            await connection.fetchrow(WHO.call, "x", BATCH.said)
            assert not await connection.fetchval(f"SELECT current_setting('{SETTING}', true)")
            async with acting(connection, BATCH):
                with pytest.raises(asyncpg.RaiseError, match="said once"):
                    async with connection.transaction():
                        await connection.fetchrow(WHO.call, "x", "somebody")
    finally:
        await pool.execute("DROP FUNCTION who_acts(text, text)")


async def test_only_its_role_calls_it(empty_database: str) -> None:
    await upgrade(empty_database)
    async with db.connect(empty_database) as connection:
        for role, several in FUNCTIONS.items():
            for one in several:
                may = await connection.fetch(
                    "SELECT rolname::text FROM pg_roles WHERE NOT rolsuper AND rolname LIKE 'wireroom%'"
                    " AND has_function_privilege(oid, $1, 'EXECUTE')", one.signature,
                )  # fmt: skip
                assert [row[0] for row in may] == [role], one.name


async def test_an_upgrade_puts_right_what_is_not_as_declared(empty_database: str) -> None:
    await upgrade(empty_database)
    one = FUNCTIONS[WEB][0]
    async with db.connect(empty_database) as connection:
        await connection.execute(f"COMMENT ON FUNCTION {one.signature} IS 'wireroom: of another version'")
        await connection.execute("CREATE FUNCTION former() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        await connection.execute("COMMENT ON FUNCTION former() IS 'wireroom: declared no more'")
        await connection.execute("CREATE FUNCTION theirs() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        assert await unlike(connection) == ["former", one.name]
    assert await check(empty_database) == [
        f"the function {name} is not as declared; run `wireroom database upgrade`"
        for name in ("former", one.name)
    ]
    await upgrade(empty_database)
    assert await check(empty_database) == []
    async with db.connect(empty_database) as connection:
        names = await connection.fetch(
            "SELECT proname::text FROM pg_proc WHERE proname IN ('former', 'theirs')"
        )
    assert [row[0] for row in names] == ["theirs"]
