"""Sets the watch over a running switch: the alarms, the reserve of the disk, and what is done by the clock."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import asyncpg
import msgspec

from wireroom.app.couriers import couriers
from wireroom.app.keys import Keys
from wireroom.app.settings import Loaded
from wireroom.app.watching import backups, chores, integrity
from wireroom.app.watching.chores import CHORES_LOCK, Duty
from wireroom.app.watching.keeping import TROUBLES, WATCH_LOCK, Lead, Teller, Watchman
from wireroom.app.watching.looking import Around, Looking, free_for_journal, reserve_refuses
from wireroom.app.watching.seen import limits_of
from wireroom.catalog.informing import Channel
from wireroom.gateways.couriers import Courier
from wireroom.gateways.partner import Partner
from wireroom.gateways.webhook import WebhookTerms, webhook_courier
from wireroom.journal.tags import Tag
from wireroom.policy.directory import Pool
from wireroom.switch.transaction import Switch
from wireroom.switch.work import Note

log = logging.getLogger(__name__)

CHORES_EVERY_S = 60.0
FILES_EVERY = timedelta(days=7)


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """The switch that is watched."""

    loaded: Loaded
    dsn: str
    connect: Callable[[str], Awaitable[asyncpg.Connection]]
    pool: Pool
    people_pool: Pool
    keys: Keys
    switch: Switch
    partners: tuple[Partner, ...]
    clock: Callable[[], datetime]


def teller_of(loaded: Loaded, clock: Callable[[], datetime]) -> Teller:
    """Who is told, and how. Raises SettingsError where a secret cannot be read."""
    settings, notify = loaded.settings.alarms, loaded.settings.notify
    carriers: dict[str, Courier] = {}
    whom = [(Channel.EMAIL.value, to) for to in settings.mail_to]
    if whom:
        carriers[Channel.EMAIL] = couriers(loaded, clock)[Channel.EMAIL]
    if settings.webhook_url:
        terms = WebhookTerms(
            url=settings.webhook_url, secret=loaded.secret(settings.webhook_key_file),
            ca_file=str(loaded.path(notify.ca_file)) if notify.ca_file else "", deadline_s=notify.deadline_seconds,
        )  # fmt: skip
        carriers[Channel.SERVICE] = webhook_courier(terms, clock)
        whom.append((Channel.SERVICE.value, "alarms"))
    named: Mapping[str, Courier] = {str(channel): one for channel, one in carriers.items()}
    return Teller(
        named, whom, where=loaded.settings.journal.origin, again=timedelta(hours=settings.again_hours)
    )


def watchman_of(watched: Watched) -> Watchman:
    """Who keeps the alarms of this switch."""
    loaded, switch = watched.loaded, watched.switch
    around = Around(
        loaded=loaded,
        pool=watched.pool,
        people_pool=watched.people_pool,
        texts=watched.keys.texts(watched.dsn, watched.clock),
        switch=switch,
        links=lambda: [one.link.state() for one in watched.partners],
        demands=lambda: switch.rulebook.demands,
        clock=watched.clock,
        monotonic=time.monotonic,
    )
    return Watchman(
        lead=Lead(lambda: watched.connect(watched.dsn), WATCH_LOCK),
        look=Looking(around).look,
        note=switch.note,
        teller=teller_of(loaded, watched.clock),
        limits=limits_of(loaded.settings.alarms),
        clock=watched.clock,
    )


def duties_of(watched: Watched) -> list[Duty]:
    """What is done by the clock."""
    loaded = watched.loaded
    found = []
    if loaded.settings.backups.folder:
        every = timedelta(hours=loaded.settings.backups.every_hours)
        found.append(Duty(name=chores.BACKUP, every=every, work=lambda: _backup(watched)))
    if not loaded.settings.demo.enabled:  # it runs from wherever somebody looks at it
        found.append(Duty(name=chores.FILES, every=FILES_EVERY, work=lambda: _files(watched)))
    return found


async def _backup(watched: Watched) -> str:
    settings, at = watched.loaded.settings.backups, watched.clock()
    detail: dict[str, object] = {"path": backups.name_of(at), "by": "the clock"}
    await watched.switch.note(Note(tag=Tag.DATABASE_BACKED_UP, detail=detail))
    folder = watched.loaded.path(settings.folder)
    done = await backups.make(watched.dsn, folder, watched.keys.master(), keep=settings.keep, at=at)
    return msgspec.json.encode(done).decode()


async def _files(watched: Watched) -> str:
    seal_file = watched.loaded.data_folder / integrity.SEAL_NAME
    seal = integrity.read_seal(seal_file, integrity.Sealer(watched.keys.integrity_seed()))
    checked = await asyncio.to_thread(integrity.check, seal)
    await watched.switch.note(Note(tag=Tag.FILES_CHECKED, detail=detail_of(checked)))
    return msgspec.json.encode(checked.wrong).decode()


def detail_of(checked: integrity.Checked) -> dict[str, object]:
    """What the journal keeps of a check."""
    return {
        "files": checked.files, "packages": checked.packages, "sealed_at": checked.sealed_at,
        "wrong": [str(one) for one in checked.wrong[:100]], "wrong_in_all": len(checked.wrong),
    }  # fmt: skip


def guard_reserve(loaded: Loaded, switch: Switch) -> None:
    """Takes nothing new while the disk is down to its reserve, and everything again when it is not."""
    why = reserve_refuses(free_for_journal(loaded), loaded.settings.journal.reserve_mb)
    if why and not switch.numbers_lane.refuses:
        log.critical("nothing new is taken: %s", why)
    switch.numbers_lane.refuses = switch.names_lane.refuses = why


async def keep_alarms(watched: Watched, watchman: Watchman) -> None:
    """Looks, writes down and tells, until cancelled. What goes wrong here is logged, and the next look comes."""
    every = watched.loaded.settings.alarms.look_seconds
    try:
        while True:
            guard_reserve(watched.loaded, watched.switch)
            await asyncio.sleep(every)
            try:
                await watchman.round()
            except Exception:  # a watch that ends is worse than one that stumbles
                log.exception("the watch stumbled")
    finally:
        await watchman.leave()


async def keep_duties(watched: Watched) -> None:
    """Does what is due by the clock, until cancelled."""
    lead, duties = Lead(lambda: watched.connect(watched.dsn), CHORES_LOCK), duties_of(watched)
    try:
        while True:
            await asyncio.sleep(CHORES_EVERY_S)
            try:
                await chores.once(lead, duties, watched.clock)
            except (*TROUBLES, asyncpg.InternalClientError) as error:
                log.warning("what is done by the clock must wait: %s", error)
            except Exception:
                log.exception("what is done by the clock stumbled")
    finally:
        await lead.leave()
