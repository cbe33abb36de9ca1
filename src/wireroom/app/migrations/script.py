"""What a migration does: run the SQL that lies beside it."""

from __future__ import annotations

from pathlib import Path

from alembic import op

# One statement ends where a line ends with a semicolon and an empty line follows.
BETWEEN = ";\n\n"


def run_sql(migration: str) -> None:
    """Run the SQL that lies beside a migration under the same name, statement by statement."""
    connection = op.get_bind()
    for statement in split(Path(migration).with_suffix(".sql").read_text(encoding="utf-8")):
        connection.exec_driver_sql(statement)


def split(sql: str) -> list[str]:
    """The statements of a script."""
    parts = (part.strip() for part in (sql.strip().rstrip(";") + BETWEEN).split(BETWEEN))
    return [part for part in parts if part]
