"""Statements that the database keeps as functions: an upgrade puts them there as they are declared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from wireroom.app.database import Connection
from wireroom.app.roles import WEB
from wireroom.message.acting import Function
from wireroom.policy import people_sql

MARK = "wireroom: "  # a function's comment: this, and the hash of what we declared

# Who may call which. Each runs with the rights of its caller.
FUNCTIONS: Mapping[str, tuple[Function, ...]] = {WEB: people_sql.FUNCTIONS}

# Every function of ours as it is, also one that is declared no more.
HELD = f"""
SELECT proname::text AS name, pg_get_function_identity_arguments(oid) AS takes,
       obj_description(oid, 'pg_proc') AS comment
FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND obj_description(oid, 'pg_proc') LIKE '{MARK}%'
ORDER BY 1, 2
"""  # noqa: S608 - a word of ours within


class Held(msgspec.Struct, frozen=True):
    """A function that a database keeps."""

    name: str
    takes: str
    comment: str


def repairs(held: Iterable[Held]) -> Iterator[tuple[str, str]]:
    """The statements that make the functions what is declared, each with the name of what is not."""
    wanted = {one.name: (role, one) for role, several in FUNCTIONS.items() for one in several}
    for found in held:
        if found.name in wanted and found.comment == _comment(wanted[found.name][1]):
            del wanted[found.name]
        else:
            yield found.name, f"DROP FUNCTION {found.name}({found.takes})"
    for name, (role, one) in wanted.items():
        yield name, one.definition
        yield name, f"COMMENT ON FUNCTION {one.signature} IS '{_comment(one)}'"
        yield name, f"REVOKE ALL ON FUNCTION {one.signature} FROM PUBLIC"
        yield name, f"GRANT EXECUTE ON FUNCTION {one.signature} TO {role}"


async def unlike(connection: Connection) -> list[str]:
    """The names of functions that are not as declared: of another version, missing, or declared no more."""
    held = [msgspec.convert(dict(row), Held) for row in await connection.fetch(HELD)]
    return sorted({name for name, _ in repairs(held)})


def _comment(one: Function) -> str:
    return MARK + hashlib.sha256(one.definition.encode()).hexdigest()
