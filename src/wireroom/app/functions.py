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


def repairs(held: Iterable[Held]) -> Iterator[str]:
    """The statements that make the functions what is declared; none where they are."""
    wanted = {one.name: (role, one) for role, several in FUNCTIONS.items() for one in several}
    right = set()
    for found in held:
        if found.name in wanted and found.comment == _comment(wanted[found.name][1]):
            right.add(found.name)
        else:
            yield f"DROP FUNCTION {found.name}({found.takes})"
    for name, (role, one) in wanted.items():
        if name not in right:
            takes = ", ".join((*one.takes, "text"))
            yield one.definition
            yield f"COMMENT ON FUNCTION {name}({takes}) IS '{_comment(one)}'"
            yield f"REVOKE ALL ON FUNCTION {name}({takes}) FROM PUBLIC"
            yield f"GRANT EXECUTE ON FUNCTION {name}({takes}) TO {role}"


async def missing(connection: Connection) -> list[str]:
    """The functions of ours that a database has not, or not as declared."""
    held = [msgspec.convert(dict(row), Held) for row in await connection.fetch(HELD)]
    has = {(one.name, one.comment) for one in held}
    return [
        one.name for several in FUNCTIONS.values() for one in several if (one.name, _comment(one)) not in has
    ]


def _comment(one: Function) -> str:
    return MARK + hashlib.sha256(one.definition.encode()).hexdigest()
