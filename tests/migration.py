"""Writes the next migration: the difference between what the rooms declare and what the migrations make."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from wireroom.app import schema
from wireroom.app.engine import Embedded


def main(arguments: list[str]) -> int:
    """One argument: what the migration does, in words."""
    if len(arguments) != 1 or not arguments[0].strip():
        print('say what it does: make migration name="add a column for …"', file=sys.stderr)
        return 2
    with TemporaryDirectory(prefix="wr") as folder, Embedded(Path(folder), shared_buffers_mb=64) as server:
        written = asyncio.run(schema.new_migration(server.dsn("scratch"), arguments[0].strip()))
    if not written:
        print("Nothing to do: the migrations already make what the rooms declare.")
        return 0
    for path in written:
        print(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
    print("Read both by hand, then raise SCHEMA in src/wireroom/app/migrations/__init__.py.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
