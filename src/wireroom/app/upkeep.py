"""Keeps the index of people in shape: makes it anew after an upgrade, and counts names now and then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date

import asyncpg

from wireroom.app.console import bar
from wireroom.app.trouble import TROUBLES
from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.message.acting import MAINTENANCE, UPKEEP
from wireroom.records.dating import date_anew
from wireroom.records.matching.counting import count
from wireroom.records.rebuilding import due, generation, needed, rebuild
from wireroom.records.vault import Vault

log = logging.getLogger(__name__)
LOOK_EVERY_S = 600.0
DAY_S = 86_400.0
WORK_S = 3_600  # for one statement
CONNECT_S = 10


async def patient(dsn: str, role: str = "") -> asyncpg.Connection:
    """A connection for one long piece of work, of the tables' owner or under a role: nobody's rows are hidden."""
    acts = UPKEEP if role else MAINTENANCE
    connection = await asyncpg.connect(
        dsn,
        timeout=CONNECT_S,
        command_timeout=WORK_S,
        server_settings={
            "application_name": "wireroom",
            "jit": "off",
            "timezone": "UTC",
            **acts.of_connection,
        },
    )
    try:
        if role:
            await connection.execute(f"set role {role}")
    except BaseException:
        connection.terminate()  # nobody else knows of it
        raise
    return connection


@asynccontextmanager
async def owner(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the tables' owner while this is open, for work that takes long."""
    connection = await patient(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def index_people(
    dsn: str, catalogue: Callable[[], Catalogue], vault: Callable[[], Vault], *, whenever: bool = False
) -> int:
    """Makes the index of people anew where the records need it, as after an upgrade; how many records it took."""
    async with owner(dsn) as connection:
        if not whenever and not await needed(connection):
            return 0
        with bar("Indexing people") as progress:
            return await rebuild(connection, catalogue(), vault(), progress, whenever=whenever)


async def date_records(dsn: str, catalogue: Catalogue, source: Source, today: date) -> int:
    """Dates records anew where the rules of how long they stay have changed; how many have another date now."""
    async with owner(dsn) as connection:
        with bar("Dating records") as progress:
            return await date_anew(connection, catalogue, source, today, progress)


async def keep_counted(
    connect: Callable[[], Awaitable[asyncpg.Connection]],
    monotonic: Callable[[], float],
    rest: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(LOOK_EVERY_S),
) -> None:
    """Counts names when they never were, when there are many more of them, and once a day; until cancelled.

    Of several processes that one counts which sees first that it is time; the others see that it was done.
    """
    seen, since = -1, monotonic()
    # The driver may swallow a cancellation, or answer it with an error of its own: so it is asked for as well.
    task = asyncio.current_task()
    assert task is not None, "a coroutine is run by a task"
    while not task.cancelling():
        try:
            connection = await connect()
            try:
                if (newest := await generation(connection)) != seen:
                    seen, since = newest, monotonic()
                if await due(connection) or monotonic() - since >= DAY_S:
                    began = monotonic()
                    if await count(connection):
                        log.info("names counted anew in %.1f s", monotonic() - began)
            finally:
                await _end(connection)
        except (*TROUBLES, asyncpg.InternalClientError) as error:
            if not task.cancelling():
                log.warning("names could not be counted, and will be later: %s", error)
        if not task.cancelling():
            await rest()


async def _end(connection: asyncpg.Connection) -> None:
    try:
        await connection.close(timeout=CONNECT_S)
    except TROUBLES:
        connection.terminate()
