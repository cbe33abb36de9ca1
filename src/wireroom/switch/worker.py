"""Which worker number this process has: a lease in the database, renewed while the process lives."""

from __future__ import annotations

import asyncpg

LEASE_S = 10
RENEW_EVERY_S = 3

TAKE = """
insert into worker (id, holder, until)
select free.id, $1, now() + make_interval(secs => $2)
  from generate_series(0, 1023) as free(id)
 where not exists (select from worker w where w.id = free.id and w.until > now()) order by free.id limit 1
on conflict (id) do update set holder = excluded.holder, until = excluded.until where worker.until <= now()
returning id
"""
RENEW = """
update worker set until = now() + make_interval(secs => $3) where id = $1 and holder = $2 returning id
"""
LEAVE = "update worker set until = now() where id = $1 and holder = $2"
TRIES_MAX = 10


class NoWorkerNumber(Exception):
    """All worker numbers are in use, or ours was taken by another process."""


async def take(connection: asyncpg.Connection, holder: str) -> int:
    """A worker number that nobody else has for the length of the lease."""
    for _ in range(TRIES_MAX):
        number = await connection.fetchval(TAKE, holder, LEASE_S)
        if number is not None:
            return int(number)
    raise NoWorkerNumber("no worker number is free: more than 1,024 switch processes on this database?")


async def renew(connection: asyncpg.Connection, worker: int, holder: str) -> None:
    """Lengthens the lease. Raises NoWorkerNumber where another process holds the number: then stop."""
    if await connection.fetchval(RENEW, worker, holder, LEASE_S) is None:
        raise NoWorkerNumber(f"worker number {worker} was taken by another process")


async def leave(connection: asyncpg.Connection, worker: int, holder: str) -> None:
    """Gives the number back at once, so that others take over what was left."""
    await connection.execute(LEAVE, worker, holder)
