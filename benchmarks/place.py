"""Where a benchmark runs: an embedded server in a folder of its own, databases filled with an invented state."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from wireroom.app.assemble import database_name, engine, now
from wireroom.app.console import bar
from wireroom.app.demo import AGENCY, FIRST_DAY
from wireroom.app.keys import keys_of
from wireroom.app.living import catalogue_of
from wireroom.app.populate import fill, is_empty, seat_agencies, seat_interfaces, state_of
from wireroom.app.settings import Loaded, load
from wireroom.catalog.file import Source
from wireroom.lab.population import State

SEED = 2026
READY_S = 60.0


def settings(folder: Path, *, links: bool, wire: int, partners: dict[str, int], web: int = 0) -> Loaded:
    """Settings of a benchmark, written into its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = f'[database]\ndata_folder = "."\nshared_buffers_mb = 1024\n\n[wire]\nport = {wire}\n\n[web]\nport = {web}\n'
    text += "\n[reasons]\nunexplained_an_hour = 0\nall_an_hour = 0\n"  # a load is nobody's hour of work
    if links:
        text += "".join(f'\n[[links]]\nname = "{name}"\nport = {port}\n' for name, port in partners.items())
    path = folder / ("linked.toml" if links else "alone.toml")
    path.write_text(text, encoding="utf-8")
    return load(path)


@asynccontextmanager
async def filled(
    loaded: Loaded, people: int, sources: Collection[Source]
) -> AsyncIterator[tuple[State, dict[Source, str]]]:
    """The databases of these sources, filled with so many invented people where they are empty."""
    state = state_of(people, SEED, FIRST_DAY.date())
    async with engine(loaded, database_name(loaded)) as ours:
        dsns = {Source.STATE: ours}
        for source in sources:
            if source is not Source.STATE:
                async with engine(loaded, database_name(loaded, source.value.lower())) as dsn:
                    dsns[source] = dsn
        wanting = {source: dsn for source, dsn in dsns.items() if await is_empty(dsn)}
        if wanting:
            with bar(f"Inventing {people:,} people") as progress:
                await fill(state, catalogue_of(loaded), keys_of(loaded), wanting, FIRST_DAY, progress)
        await seat_agencies(state, ours, now())
        await seat_interfaces(ours, AGENCY, [f"Y{place:03X}" for place in range(512)], now())
        yield state, dsns


@asynccontextmanager
async def program(loaded: Loaded, *words: str, ready: int) -> AsyncIterator[subprocess.Popen[bytes]]:
    """A program of ours in the background, waited for until its port answers, stopped afterwards."""
    log = (loaded.data_folder / f"{'-'.join(words)}.log").open("wb")
    command = [sys.executable, "-m", "wireroom", *words, "--config", str(loaded.file)]
    process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: ASYNC220 - started once, ended by us
    try:
        await asyncio.wait_for(_answers(process, ready), READY_S)
        yield process
    finally:
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, 20)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


async def _answers(process: subprocess.Popen[bytes], port: int) -> None:
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"the program ended with {process.returncode}; see its log")
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return


async def counters(dsn: str) -> dict[str, float]:
    """Commits of one database and bytes of write-ahead log of the server so far."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("select pg_stat_clear_snapshot()")
        commits = await connection.fetchval(
            "select xact_commit from pg_stat_database where datname = current_database()"
        )
        wal = await connection.fetchval("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return {"commits": float(commits), "bytes": float(wal)}
    finally:
        await connection.close()
