"""Many rows at once into a table. COPY knows no row-level security, so whoever is held to it pours through another."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

import asyncpg

HELD = "select row_security_active($1::regclass)"


async def pour(
    connection: asyncpg.Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[tuple[object, ...]] | io.BytesIO,
    *,
    format: Literal["binary"] | None = None,
) -> None:
    """Copies rows, or a source in a format of COPY, into columns of a table of ours. In the caller's transaction.

    The table between the two belongs to the connection and holds nothing once they have passed.
    """
    into = table
    if held := await connection.fetchval(HELD, table):
        into = f"pouring_{table}"
        await connection.execute(
            f"create temp table if not exists {into} (like {table} including defaults) on commit delete rows; "
            f"truncate pg_temp.{into}"
        )
    if isinstance(rows, io.BytesIO):
        await connection.copy_to_table(into, source=rows, columns=columns, format=format)
    else:
        await connection.copy_records_to_table(into, records=rows, columns=columns)
    if held:
        names = ", ".join(columns)
        await connection.execute(f"insert into {table} ({names}) select {names} from pg_temp.{into}")  # noqa: S608 - our own names
