"""Fills a Wireroom and its pretended partners with an invented state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import asyncpg
import msgspec

from wireroom.app.database import connect, open_as
from wireroom.app.keys import Keys
from wireroom.app.roles import WEB
from wireroom.catalog.file import File, Source
from wireroom.catalog.index import FILES, Catalogue
from wireroom.journal.numbers import first_number
from wireroom.lab.fit import recorded
from wireroom.lab.invented import Invented
from wireroom.lab.places import DMV, terminals
from wireroom.lab.population import State, examples
from wireroom.message.acting import MAINTENANCE
from wireroom.message.local import day_of
from wireroom.policy import Taken
from wireroom.policy.directory import Agency, Pool, Terminal, TerminalKind, add_agency, add_terminal
from wireroom.policy.facts import record
from wireroom.policy.fitness import USUAL
from wireroom.policy.staff import members
from wireroom.records.bulk import BulkLoader
from wireroom.records.dating import MARK, rules_of
from wireroom.records.life import Status
from wireroom.records.matching.counting import count
from wireroom.records.pouring import pour

CHUNK = 20_000
LOAD_SECONDS = 600
INVENTED_BY = "lab"  # who recorded what stands of invented people
Progress = Callable[[int, int], None]
# How far another holder is that was told of a record once, and of no change since.
FORWARD_COLUMNS = (
    "source", "file", "record", "number", "told_version", "told_status", "due_at", "tries", "trouble"
)  # fmt: skip


class Filled(msgspec.Struct, frozen=True):
    """How many records went where."""

    state: int
    dmv: int
    ncic: int
    nlets: int = 0


async def is_empty(dsn: str) -> bool:
    """Whether a database has no record yet."""
    async with connect(dsn) as connection:
        return not await connection.fetchval("select exists (select from record)")


async def fill(
    state: State,
    catalogue: Catalogue,
    keys: Keys,
    dsns: dict[Source, str],
    at: datetime,
    progress: Progress | None,
    *,
    today: date | None = None,
) -> Filled:
    """Load every record of the invented state into the database of its holder; indexes and statistics included.

    All are entered `at` a moment. The months of their validation are spread over the year that begins `today`, which
    is that moment's day where it is left out.
    """
    vault = keys.vault()
    counts = dict.fromkeys(Source, 0)
    today = today or at.date()
    connections: dict[Source, asyncpg.Connection] = {}
    try:
        for source, dsn in dsns.items():
            connections[source] = await asyncpg.connect(
                dsn, command_timeout=LOAD_SECONDS, server_settings=MAINTENANCE.of_connection
            )
        loaders = {
            source: BulkLoader(
                catalogue, source, vault, first_id=first_number(at), validate_from=today.replace(day=1)
            )
            for source in dsns
        }
        for chunk in state.stream(CHUNK, sources=tuple(dsns), progress=progress):
            for source, loader in loaders.items():
                mine = [one for one in chunk if one.source is source]
                told = _told(mine, loader.next_id, dsns)
                rows = ((one.file, one.owner, one.number, (*one.fields, *one.life)) for one in mine)
                counts[source] += await loader.load(connections[source], rows, at)
                if told:
                    async with connections[source].transaction():
                        await pour(connections[source], "forward", FORWARD_COLUMNS, told)
        for source, connection in connections.items():
            await count(connection)
            if (
                source is Source.STATE
            ):  # they are dated by the rules in force: no start need look at them again
                await connection.execute(MARK, rules_of(catalogue, source), today)
            await connection.execute("vacuum analyze record, identifier, person, name_pair, name_token")
    finally:
        for connection in connections.values():
            await connection.close()
    return Filled(counts[Source.STATE], counts[Source.DMV], counts[Source.NCIC], counts[Source.NLETS])


def _told(mine: Sequence[Invented], first: int, holders: Iterable[Source]) -> list[tuple[object, ...]]:
    """What other holders have been told of records that are loaded from `first` on: both are in step."""
    there = frozenset(holders)
    return [
        (source.value, one.file, record, number, 1, Status.ACTIVE.value, None, 0, "")
        for record, one in enumerate(mine, first)
        for source, number in one.copies
        if source in there
    ]


async def seat_agencies(state: State, dsn: str, at: datetime) -> None:
    """The state's agencies with their terminals; those that are there already stay."""
    pool = await open_as(dsn, WEB, 2)
    try:
        known = {row["ori"] for row in await pool.fetch("select ori from agency")}
        held = {row["mnemonic"] for row in await pool.fetch("select mnemonic from terminal")}
        for agency in (
            *((one.ori, one.name) for one in state.agencies),
            (DMV, "Department of Invented Vehicles"),
        ):
            if agency[0] not in known:
                await add_agency(pool, Agency(ori=agency[0], name=agency[1], county=agency[0][2:5]), at)
        for terminal in terminals(state.agencies):
            if terminal.mnemonic not in held:
                kind = TerminalKind.MOBILE if terminal.mobile else TerminalKind.FIXED
                await add_terminal(
                    pool, Terminal(mnemonic=terminal.mnemonic, ori=terminal.ori, kind=kind), at
                )
    finally:
        await pool.close()


async def seat_interfaces(dsn: str, ori: str, mnemonics: list[str], at: datetime) -> None:
    """Interface terminals of one agency, for programs that send."""
    pool = await open_as(dsn, WEB, 2)
    try:
        for mnemonic in mnemonics:
            try:
                await add_terminal(
                    pool, Terminal(mnemonic=mnemonic, ori=ori, kind=TerminalKind.INTERFACE), at
                )
            except Taken:
                continue
    finally:
        await pool.close()


def state_of(people: int, seed: int, today: date, files: Iterable[File] = FILES) -> State:
    """The invented state of so many people, with records of these files."""
    return State(people, seed, today, files)


__all__ = ["Filled", "examples", "fill", "is_empty", "seat_agencies", "seat_interfaces", "state_of"]


async def make_fit(pool: Pool, now: datetime, lapsed: Mapping[str, timedelta] | None = None) -> None:
    """Record of everybody invented all that is asked of people; of the lapsed, as of so long ago."""
    lapsed = lapsed or {}
    for member in await members(pool):
        late = lapsed.get(member.id)
        if late is None and member.wanting(now, USUAL):
            await record(pool, recorded(member.id, day_of(now)), by=INVENTED_BY, now=now)
        elif late is not None and not member.held:
            await record(pool, recorded(member.id, day_of(now), ago=late), by=INVENTED_BY, now=now)
