"""Puts the rooms together from settings: the engine, the switch with its links, and the doors, in one event loop."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

import asyncpg
import msgspec

from wireroom.app import AppError
from wireroom.app.accounts import disable_due, people_of
from wireroom.app.baseline import note_start, refuse_unless_approved
from wireroom.app.cards import cards_of
from wireroom.app.couriers import couriers
from wireroom.app.database import Line, open_database
from wireroom.app.devices import Devices, keep_watch
from wireroom.app.directories import providers_of
from wireroom.app.doors import administration, guards_of, open_web, open_wire
from wireroom.app.engine import Embedded
from wireroom.app.explaining import AppExplaining
from wireroom.app.groups import LivingGroups
from wireroom.app.house import AppHouse
from wireroom.app.incidents import keep_looking
from wireroom.app.keys import Keys, keys_of
from wireroom.app.line_door import WireDoor
from wireroom.app.living import catalogue_of, keep_living
from wireroom.app.office import Office, OfficeDoor
from wireroom.app.postures import AppPostures
from wireroom.app.rules import Rules
from wireroom.app.schema import upgrade
from wireroom.app.sealing import seal_clear
from wireroom.app.settings import Loaded
from wireroom.app.settings_links import Link as LinkSettings
from wireroom.app.tls import link_context
from wireroom.app.upkeep import date_records, index_people, keep_counted, patient
from wireroom.app.watching.running import Watched, keep_alarms, keep_duties, watchman_of
from wireroom.catalog.file import Source
from wireroom.catalog.index import Catalogue
from wireroom.gateways.link import Link, LinkTerms
from wireroom.gateways.partner import Partner
from wireroom.journal.numbers import NumberMaker
from wireroom.journal.sequencer import Sequencer
from wireroom.journal.tags import Tag
from wireroom.journal.writer import Writer, last_number
from wireroom.message.acting import READER, UPKEEP, Actor, As, everywhere, seated, transaction
from wireroom.message.deadlines import Board
from wireroom.message.envelope import Seat
from wireroom.message.local import day_of
from wireroom.policy.devices import Register
from wireroom.policy.directory import Book
from wireroom.policy.people import People
from wireroom.policy.posture import Postures
from wireroom.policy.ruling import Rulebook
from wireroom.records.answerer import RecordFiles
from wireroom.records.deadlines import Whose, board
from wireroom.switch import Busy, JournalDown
from wireroom.switch import worker as workers
from wireroom.switch.transaction import Limits, Switch
from wireroom.switch.work import Note
from wireroom.wire.client import Terms
from wireroom.wire.payload import Logon

log = logging.getLogger(__name__)

STATEMENT_S = 30
WATCH_EVERY_S = 0.2
EXIT_OURS = 70
DATABASE_TROUBLES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that broke between two words
    OSError,
)
SWITCH_ROLE, WEB_ROLE, OVERSIGHT_ROLE = "wireroom_switch", "wireroom_web", "wireroom_oversight"
RULES = Actor(actor="rules")


class LeaseLost(AppError):
    """Another process works under our number: stop at once."""


def now() -> datetime:
    """The one clock of the assembly."""
    return datetime.now(UTC)


def clock_ms() -> int:
    """The same clock in Unix milliseconds."""
    return time.time_ns() // 1_000_000


class Running(msgspec.Struct, frozen=True):
    """A switch that runs, and where its doors are."""

    house: AppHouse
    switch: Switch
    book: Book
    people: People
    keys: Keys
    partners: tuple[Partner, ...]
    wire_port: int
    web_port: int
    dsn: str
    office_port: int = 0  # of administration's own door; 0 where there is none


def database_name(loaded: Loaded, partner: str = "") -> str:
    """The name of our database, or of a pretended partner's. The demo never meets real records."""
    name = "wireroom_demo" if loaded.settings.demo.enabled else "wireroom"
    return f"{name}_{partner}" if partner else name


@asynccontextmanager
async def engine(loaded: Loaded, database: str) -> AsyncIterator[str]:
    """The address of the database, brought to this program's shape; our own server runs while this is open."""
    async with AsyncExitStack() as stack:
        dsn = loaded.database_url()
        if not dsn:
            settings = loaded.settings.database
            server = Embedded(loaded.data_folder, shared_buffers_mb=settings.shared_buffers_mb)
            await asyncio.to_thread(server.start)
            stack.push_async_callback(asyncio.to_thread, server.stop)
            stack.push_async_callback(_cancel, asyncio.create_task(_watch(server)))
            dsn = server.dsn(database)
        elif suffix := database.removeprefix("wireroom"):
            dsn = beside(dsn, suffix)
        await upgrade(dsn)
        await index_people(dsn, lambda: catalogue_of(loaded), lambda: keys_of(loaded).vault())
        await seal_clear(dsn, lambda: keys_of(loaded).texts(dsn, now))
        yield dsn


async def _watch(server: Embedded) -> None:
    """Ends this program when its own server is gone: whoever starts it again starts both, and nothing is lost."""
    while server.lives:  # noqa: ASYNC110 - another process may end it, and tells nobody
        await asyncio.sleep(WATCH_EVERY_S)
    log.critical(
        "our own database server ended (see %s), so nothing can be written down: stopping. Start this again",
        server.log,
    )
    os._exit(EXIT_OURS)


def beside(url: str, suffix: str) -> str:
    """The address of a database on the same server whose name has a suffix."""
    parts = urlsplit(url)
    return parts._replace(path=parts.path + suffix).geturl()


async def connect(dsn: str, role: str = SWITCH_ROLE, acts: Actor | None = None) -> asyncpg.Connection:
    """One connection for a lane, under the switch's role; its transactions say who acts.

    `acts` is for a connection that serves one act and is closed: all that it does is of that actor.
    """
    connection = await asyncpg.connect(
        dsn,
        connection_class=Line,
        timeout=10,
        command_timeout=STATEMENT_S,
        server_settings={
            "application_name": "wireroom",
            "jit": "off",
            "timezone": "UTC",
            "statement_timeout": f"{STATEMENT_S}s",
            "lock_timeout": "5s",
            **(acts.of_connection if acts is not None else {}),
        },
    )
    try:
        await connection.execute(f"set role {role}")
    except BaseException:
        connection.terminate()  # nobody else knows of it
        raise
    return connection


@asynccontextmanager
async def running(loaded: Loaded, *, doors: bool = True) -> AsyncIterator[Running]:
    """A whole switch while this is open. With `doors` the wire and the web listen."""
    async with AsyncExitStack() as stack:
        catalogue = catalogue_of(loaded)
        dsn = await stack.enter_async_context(engine(loaded, database_name(loaded)))
        await date_records(dsn, catalogue, Source.STATE, day_of(now()))
        pool, people_pool = [await _pool(stack, dsn, role) for role in (SWITCH_ROLE, WEB_ROLE)]
        await refuse_unless_approved(As(pool, UPKEEP), loaded)
        keys = keys_of(loaded)
        worker = await _lease(dsn, stack)
        partners = [_partner(link, catalogue, worker) for link in loaded.settings.links]
        rules = Rules(As(people_pool, RULES), As(pool, RULES), keys, loaded.settings.clearance.demands, now)
        switch = await _switch(loaded, catalogue, dsn, pool, keys, worker, partners, await rules.begin())
        for partner, settings in zip(partners, loaded.settings.links, strict=True):
            await _link(loaded, settings, partner, switch, keys, stack)
        groups = LivingGroups(loaded.groups_file)
        book = Book(As(people_pool, Actor(actor="directory")), groups=lambda: groups.groups)
        switch.directory = await book.refresh()
        await _sequencer(loaded, pool, keys, stack)
        await switch.start()
        stack.push_async_callback(switch.stop)
        await note_start(As(pool, UPKEEP), loaded, switch.note, now())
        _going(stack, keep_living(loaded, lambda newer: _adopt(newer, switch, partners, dsn)))
        people = people_of(loaded, people_pool, keys, now())
        register = Register(As(people_pool, everywhere("devices")))
        guards = await guards_of(loaded, register, doors=doors)
        house = AppHouse(
            switch=switch, people=people, book=book, partners=partners, demo=loaded.settings.demo.enabled, clock=now,
            board=_board(pool, switch, keys),
            explaining=AppExplaining(switch=switch, pool=pool, cad_pool=people_pool, book=book, keys=keys, clock=now),
        )  # fmt: skip
        stack.push_async_callback(rules.write)
        _going(stack, _refresh(book, house, switch, people, groups, rules))
        _going(stack, keep_counted(lambda: patient(dsn, SWITCH_ROLE), time.monotonic))
        watched = Watched(
            loaded=loaded, dsn=dsn, connect=partial(connect, acts=UPKEEP), pool=As(pool, UPKEEP),
            people_pool=As(people_pool, UPKEEP), keys=keys, switch=switch, partners=tuple(partners), clock=now,
        )  # fmt: skip
        _furnish(house, watched, book, Devices(register, guards.web.mode, now), stack)
        wire_port = web_port = office_port = 0
        if doors:
            office_port = await _office(loaded, house, switch, people, people_pool, keys, dsn, stack)
            door = WireDoor(switch=switch, people=people, book=book, keys=keys, clock=now)
            door.devices = Devices(register, guards.wire.mode, now)
            server = await open_wire(loaded, door, guards.wire, stack)
            _going(stack, keep_watch(register, door, server.dismiss, (guards.wire, guards.web), now))
            wire_port, web_port = server.port, await open_web(loaded, house, guards.web, stack)
        yield Running(
            house, switch, book, people, keys, tuple(partners), wire_port, web_port, dsn, office_port
        )


def _furnish(house: AppHouse, watched: Watched, book: Book, devices: Devices, stack: AsyncExitStack) -> None:
    """Gives the house who judges devices, who takes what is shown elsewhere, and who watches."""
    loaded, keys = watched.loaded, watched.keys
    house.devices = devices
    house.postures = AppPostures(watched.switch, Postures(watched.people_pool), book, keys, now)
    house.elsewhere.adopt(providers_of(loaded, now, stack), cards_of(loaded, now))
    house.watchman = watchman_of(watched)
    looking = keep_looking(lambda: connect(watched.dsn, acts=UPKEEP), keys.texts(watched.dsn, now), now)
    for work in (looking, keep_alarms(watched, house.watchman), keep_duties(watched)):
        _going(stack, work)


async def _pool(stack: AsyncExitStack, dsn: str, role: str) -> asyncpg.Pool:
    """Connections of a role, while the stack is open."""
    pool = await open_database(dsn, role, 4)
    stack.push_async_callback(pool.close)
    return pool


def _going(stack: AsyncExitStack, work: Coroutine[object, object, None]) -> None:
    """Work that goes on while the stack is open."""
    stack.push_async_callback(_cancel, asyncio.create_task(work))


def _board(pool: asyncpg.Pool, switch: Switch, keys: Keys) -> Callable[[Seat, datetime], Awaitable[Board]]:
    """What reads the board of deadlines of a seat's agency."""
    vault = keys.vault()

    async def read(seat: Seat, at: datetime) -> Board:
        async with transaction(As(pool, seated(seat))) as connection:
            return await board(connection, switch.catalogue, vault, Whose(own=seat.ori, test=seat.test), at)

    return read


async def _lease(dsn: str, stack: AsyncExitStack) -> int:
    """A worker number for this process, renewed while it lives."""
    connection = await connect(dsn)
    holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
    worker = await workers.take(connection, holder)

    async def renew() -> None:
        nonlocal connection
        while True:
            await asyncio.sleep(workers.RENEW_EVERY_S)
            try:
                if connection.is_closed():
                    connection = await connect(dsn)
                await workers.renew(connection, worker, holder)
            except workers.NoWorkerNumber:
                log.critical("worker number %d was taken by another process: stopping", worker)
                os._exit(EXIT_OURS)
            except DATABASE_TROUBLES as error:
                log.warning("the lease of worker number %d could not be renewed: %s", worker, error)

    task = asyncio.create_task(renew())

    async def leave() -> None:
        await _cancel(task)
        if not connection.is_closed():
            await workers.leave(connection, worker, holder)
            await connection.close()

    stack.push_async_callback(leave)
    return worker


async def _switch(
    loaded: Loaded,
    catalogue: Catalogue,
    dsn: str,
    pool: asyncpg.Pool,
    keys: Keys,
    worker: int,
    partners: list[Partner],
    rulebook: Rulebook,
) -> Switch:
    settings = loaded.settings.switch
    doj = loaded.settings.records.doj_ori
    files = RecordFiles(catalogue, Source.STATE, keys.vault(), deriver=doj, remembers=True)
    async with transaction(As(pool, UPKEEP)) as connection:
        after = await last_number(connection)
    lane = await connect(dsn, acts=UPKEEP)
    try:
        await files.warm(lane)
    finally:
        await lane.close()
    switch = Switch(
        catalogue=catalogue,
        connect=lambda: connect(dsn),
        files=files,
        remotes=partners,
        numbers=NumberMaker(worker, clock_ms, after=after),
        worker=worker,
        writer=Writer(os.urandom, keys.texts(dsn, now)),
        clock=now,
        rulebook=rulebook,
        limits=Limits(
            batch_max=settings.batch_max,
            queue_max=settings.queue_max,
            agency_share=settings.agency_share,
            answer_seconds_max=settings.answer_seconds_max,
            station_queue_max=settings.station_queue_max,
            pacing=loaded.settings.reasons.pacing,
        ),
    )
    switch.look_after(files, doj)
    if switch.upkeep is not None:
        switch.upkeep.carried_by(couriers(loaded, now))
    return switch


async def _adopt(catalogue: Catalogue, switch: Switch, partners: list[Partner], dsn: str) -> None:
    """Another catalogue is in force; written down before it is. Records are dated by it then."""
    local = sorted(set(catalogue.files) - set(Catalogue().files))
    try:
        await switch.note(Note(tag=Tag.CATALOGUE_CHANGED, detail={"local_files": local}))
    except (Busy, JournalDown) as error:
        raise AppError(f"the change cannot be written down: {error}") from error
    switch.adopt(catalogue)
    for partner in partners:
        partner.adopt(catalogue)
    await date_records(dsn, catalogue, Source.STATE, day_of(now()))


def _partner(settings: LinkSettings, catalogue: Catalogue, worker: int) -> Partner:
    # Eight controls for each millisecond: a process that follows with our worker number does not repeat them.
    first = 8 * clock_ms()
    return Partner(catalogue, settings.name, worker=worker, deadline_s=settings.deadline_seconds, first=first)


async def _link(
    loaded: Loaded,
    settings: LinkSettings,
    partner: Partner,
    switch: Switch,
    keys: Keys,
    stack: AsyncExitStack,
) -> None:
    secret = (
        loaded.secret(settings.secret_file) if settings.secret_file else keys.partner_secret(settings.name)
    )
    logon = Logon(terminal=f"W{partner.worker:03X}", person="wireroom", secret=secret)
    link = Link(
        settings.name,
        settings.host,
        settings.port,
        logon,
        clock=now,
        dice=random.Random(),
        on_late=partner.late,
        terms=LinkTerms(
            window=settings.window,
            queue_max=4 * settings.window,
            deadline_s=settings.deadline_seconds,
            agency_share=loaded.settings.switch.agency_share,
            wire=Terms(tls=link_context(loaded, settings), tls_name=settings.server_name or None),
        ),
    )
    partner.attach(link, switch.settle)
    link.start()
    stack.push_async_callback(link.close)


async def _sequencer(loaded: Loaded, pool: asyncpg.Pool, keys: Keys, stack: AsyncExitStack) -> None:
    settings = loaded.settings.journal
    sequencer = Sequencer(
        pool,
        keys.signer(settings.origin),
        now,
        settings.origin,
        checkpoint_seconds=settings.checkpoint_seconds,
    )
    stop = asyncio.Event()
    task = asyncio.create_task(sequencer.run(stop))
    task.add_done_callback(_stop_if_failed)

    async def end() -> None:
        stop.set()
        await task

    stack.push_async_callback(end)


def _stop_if_failed(task: asyncio.Task[None]) -> None:
    """A journal whose tree does not grow proves nothing: no process goes on without its sequencer."""
    if not task.cancelled() and task.exception() is not None:
        log.critical("the journal's sequencer ended, so this stops: %s", task.exception())
        os._exit(EXIT_OURS)


async def _refresh(
    book: Book, house: AppHouse, switch: Switch, people: People, groups: LivingGroups, rules: Rules
) -> None:
    """Keeps the directory true when another process changes it, and ends what has ended."""
    while True:
        await asyncio.sleep(5)
        try:
            await _regroup(groups, switch)
            switch.directory = await book.refresh()
            await people.sweep(now())
            await disable_due(people, switch, now())
            await rules.keep(switch)
            house.well = True
        except DATABASE_TROUBLES as error:
            house.well = False
            log.warning("the directory could not be read anew: %s", error)


async def _regroup(groups: LivingGroups, switch: Switch) -> None:
    """Takes the broadcast groups into force as their file says now; written down before they are."""
    newer = groups.newer()
    if newer is None:
        return
    try:
        detail: dict[str, object] = {name: list(group.members) for name, group in newer.items()}
        await switch.note(Note(tag=Tag.GROUPS_CHANGED, detail={"groups": detail}))
    except (Busy, JournalDown) as error:
        log.warning("the broadcast groups stay as they were: the change cannot be written down: %s", error)
        return
    groups.adopt(newer)


async def _office(
    loaded: Loaded,
    house: AppHouse,
    switch: Switch,
    people: People,
    people_pool: asyncpg.Pool,
    keys: Keys,
    dsn: str,
    stack: AsyncExitStack,
) -> int:
    """Administration, where the settings say; its own port, or 0. It reads the journal in the role that only reads."""
    pool = As(people_pool, everywhere("administration"))
    office = Office(
        switch=switch, people=people, pool=pool, journal_pool=As(await _pool(stack, dsn, OVERSIGHT_ROLE), READER),
        texts=keys.texts(dsn, now), clock=now,
        confirm_within=timedelta(minutes=loaded.settings.administration.confirm_minutes),
    )  # fmt: skip
    port, door = await administration(loaded, house, office, Register(pool), stack)
    if door is not None:
        _going(stack, _end_over(door))
    return port


async def _end_over(door: OfficeDoor) -> None:
    """Ends the sessions of administration whose time is up, and writes it down. Endless; they open nothing already."""
    while True:
        await asyncio.sleep(5)
        try:
            await door.end_over()
        except (*DATABASE_TROUBLES, Busy, JournalDown) as error:
            log.warning("sessions of administration that are over stay unended: %s", error)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
