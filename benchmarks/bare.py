"""The baseline: pgbench on the same server, doing what an answered inquiry needs at least.

Two indexed look-ups, two inserted rows of 600 bytes, one commit.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from wireroom.app.programs import find

ROWS = 1_000_000
SCRIPT = r"""\set a random(1, 1000000)
\set b random(1, 1000000)
begin;
select payload from bench_one where id = :a;
select payload from bench_two where id = :b;
insert into bench_row (body) values (repeat('x', 600));
insert into bench_row (body) values (repeat('y', 600));
end;
"""
_RATE = re.compile(r"tps = ([0-9.]+)")


async def prepare(dsn: str) -> None:
    """The baseline's own tables: a million rows each to look into."""
    connection = await asyncpg.connect(dsn, command_timeout=600)
    try:
        if await connection.fetchval("select to_regclass('bench_one')") is not None:
            return
        for table in ("bench_one", "bench_two"):
            await connection.execute(
                f"create table {table} as select id, md5(id::text) || md5((id + 1)::text) as payload "
                f"from generate_series(1, {ROWS}) as g(id)"
            )
            await connection.execute(f"alter table {table} add primary key (id)")
        await connection.execute("create table bench_row (id bigserial primary key, body text not null)")
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


def pgbench(dsn: str, folder: Path, *, clients: int, seconds: int) -> float:
    """Transactions a second."""
    script = folder / "bare.sql"
    script.write_text(SCRIPT, encoding="ascii")
    parts = urlsplit(dsn)
    where = parse_qs(parts.query)
    command = [str(find(None).folder / "pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2",
               "-T", str(seconds), "-f", str(script), "-h", where.get("host", [parts.hostname or ""])[0],
               "-p", where.get("port", [str(parts.port or 5432)])[0], "-U", parts.username or "wireroom",
               parts.path.lstrip("/")]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    found = _RATE.search(done.stdout)
    if found is None:
        raise RuntimeError(f"pgbench did not report: {done.stderr[-500:]}")
    return float(found[1])
