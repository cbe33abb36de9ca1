"""Claims about what people write: it is a text, whatever it looks like, and never part of a statement or command."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.app.test_stolen import loaded, place, posted  # noqa: F401 - two of them are fixtures
from tests.examples.conftest import PASSWORD, Place
from tests.sealed import bodies
from wireroom.app.assemble import now
from wireroom.app.sending import Sender
from wireroom.journal.entry import parse

SOURCE = Path(__file__).parents[2] / "src" / "wireroom"

# --------------------------------------------------------------------------- no statement is made from a value

STATEMENTS = {
    "execute", "executemany", "fetch", "fetchrow", "fetchval", "cursor", "exec_driver_sql",
    "copy_from_query",
}  # fmt: skip
# Functions whose statement is not a constant, and why no value of anybody's can be in it.
EXCUSED = {
    "app/assemble.py:connect": "the name of one of our roles, a constant of the caller",
    "app/backing.py:_admin": "names of databases from our settings, quoted: no statement takes them as values",
    "app/backing.py:_swap": "as above",
    "app/database.py:_becoming": "the name of one of our roles, checked to be letters",
    "app/database.py:become": "as above",
    "app/database.py:execute": "the driver's own, with who acts: names of ours, checked to be nothing else",
    "app/demo.py:forget": "the name of the demo's own database, a constant",
    "app/roles.py:_make": "the names of our roles, constants",
    "app/schema.py:_make_database": "the database's name from our settings, quoted",
    "app/schema.py:_lock_rows": "conditions over our tables, and the names of those that the database has, quoted",
    "app/schema.py:_upgrade": "the rights of our roles on our tables, constants",
    "app/schema.py:_migrate": "a constant, wrapped",
    "app/schema.py:_context": "a constant, wrapped",
    "app/sealing.py:_queue": "one of four constants",
    "app/upkeep.py:patient": "the name of one of our roles, a constant of the caller",
    "journal/months.py:_make": "the name and numbers of a month, worked out",
    "message/acting.py:__aenter__": "names of who acts, checked to be letters, digits, . _ and -",
    "message/acting.py:execute": "the statement of whoever calls, who is looked at here",
    "message/acting.py:call": "the call of a function that is declared, made of its name and its columns",
    "message/acting.py:fetch": "as at execute",
    "message/acting.py:fetchrow": "as above",
    "message/acting.py:fetchval": "as above",
    "oversight/reading.py:_fitting": "conditions put together from our words; the values are bound",
    "oversight/reading.py:newest_checkpoint": "a constant in the function",
    "oversight/walking.py:rows_of": "conditions put together from our words; the values are bound",
    "policy/accounts.py:_and_end": "one of our constants, handed in",
    "policy/accounts.py:_change": "one of our constants, handed in",
    "records/ageing.py:_drop": "one of a tuple of constants",
    "records/deadlines.py:board": "one of two conditions, constants; the values are bound",
    "records/deadlines.py:ask": "as above",
    "records/pouring.py:pour": "the names of one of our tables and its columns, constants of the callers",
    "records/scratch.py:remove": "one of a tuple of constants",
    "records/tables.py:_finish": "constants of the tables",
}


def _is_constant(node: ast.expr) -> bool:
    """Whether nothing but constants by name or in quotes is in it."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").isupper()
        case ast.Subscript(value=value):
            return _is_constant(value)
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
            return _is_constant(left) and _is_constant(right)
        case ast.JoinedStr(values=values):
            return all(_is_constant(v.value if isinstance(v, ast.FormattedValue) else v) for v in values)
    return False


def _made(tree: ast.Module) -> Iterator[str]:
    """The functions that hand over a statement that is not a constant."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in STATEMENTS
                    and node.args
                    and not _is_constant(node.args[0])
                ):
                    yield function.name


def test_no_statement_is_made_from_a_value() -> None:
    found = {
        f"{path.relative_to(SOURCE).as_posix()}:{name}"
        for path in sorted(SOURCE.rglob("*.py"))
        if "migrations" not in path.parts
        for name in _made(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found - EXCUSED.keys() == set(), "bind the value, or say here why nothing from outside is in it"
    assert EXCUSED.keys() - found == set(), "an excuse that is no longer needed"


@pytest.mark.parametrize(
    "call",
    ["c.fetch(f'select {x}')", "c.execute('select ' + x)", "c.fetchval('select %s' % x)", "c.execute(x)"],
)
def test_the_rule_finds_a_statement_with_a_value_in_it(call: str) -> None:
    assert list(_made(ast.parse(f"def f(c, x):\n    {call}"))) == ["f"]
    assert list(_made(ast.parse("def f(c, x):\n    c.fetch(SELECT, x)"))) == []


# --------------------------------------------------------------------------- what looks like a command is a text

CORPUS = (
    "' OR '1'='1", "'; DROP TABLE record; --", "\" OR 1=1 --", "1; SELECT pg_sleep(9)", "$1", "%s", "{0}", "{{7*7}}",
    "${jndi:ldap://x}", "$(reboot)", "`reboot`", "| cat /etc/passwd", "../../etc/passwd", "file:///etc/passwd",
    "*)(uid=*", "<script>alert(1)</script>", "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "=cmd|'/C calc'!A0",
    "\\x27 OR 1=1", "%27%20OR%201=1", "E'\\047'", "{% import os %}", "__import__('os')", "U&'\\0027'", "/* */ OR 1=1",
)  # fmt: skip


async def _tables(database: str) -> list[str]:
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch(
            "select tablename from pg_tables where schemaname = 'public' order by 1"
        )
        return [row[0] for row in rows]
    finally:
        await connection.close()


@pytest.mark.anyio
async def test_what_looks_like_a_command_is_only_a_text(place: Place, database: str) -> None:  # noqa: F811
    before, ready = await _tables(database), place.ready
    session = await ready.house.sign_in(
        person="ada.dispatch", password=PASSWORD, code=place.code, terminal="Z001", peer="test"
    )
    token, csrf = session.token, session.csrf  # type: ignore[union-attr]
    base, head = f"http://127.0.0.1:{ready.web_port}", {"content-type": "application/json"}
    sender = Sender(
        host="127.0.0.1", port=ready.wire_port, terminal="ZZ01", person="ada.dispatch", purpose="C", case="",
        keys=ready.keys, answer_seconds_max=8,
    )  # fmt: skip
    async with sender.client() as client:
        for n, words in enumerate(CORPUS):
            text = f"AM.TO/Z001.TXT/{words}"
            assert (await client.send(text, key=f"w{n}")).state in ("accepted", "faulty")
            await client.send(words, key=f"x{n}")
            told = {"csrf": csrf, "text": text, "purpose": "C", "key": f"p{n}"}
            assert await posted(f"{base}/send", told, {"cookie": f"session={token}"}) == 200
            asked = {"text": text, "purpose": "C", "case": words}
            bearer = head | {"authorization": f"Bearer {token}", "idempotency-key": f"a{n}"}
            assert await posted(f"{base}/api/v1/transactions", asked, bearer) in (202, 400, 422)
    assert await _tables(database) == before
    connection = await asyncpg.connect(database)
    try:
        entries = [parse(body) for body in await bodies(connection, ready.keys.texts(database, now))]
    finally:
        await connection.close()
    written = "\n".join(str(entry.detail.get("text", "")) for entry in entries)
    assert [words for words in CORPUS if words.upper() not in written.upper()] == []


# --------------------------------------------------------------------------- memory


def test_no_process_of_ours_leaves_a_core_file() -> None:
    program = (
        "import resource, sys; from wireroom.app import cli; sys.argv = ['wireroom', '--version']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "(0, 0)"
