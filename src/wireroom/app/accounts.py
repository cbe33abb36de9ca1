"""Puts the accounts of people together from the settings, and disables those whose time is up."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from wireroom.app import AppError
from wireroom.app.keys import Keys
from wireroom.app.settings import Loaded, Web
from wireroom.app.settings_people import THIS_MACHINE
from wireroom.journal.tags import Tag
from wireroom.policy import Unknown
from wireroom.policy.directory import Pool
from wireroom.policy.guessable import LIST_AGE_DAYS_MAX, listed
from wireroom.policy.passkeys import Place
from wireroom.policy.people import People, Terms
from wireroom.policy.secret import Passwords, Pbkdf2
from wireroom.switch import Busy, JournalDown
from wireroom.switch.transaction import Switch
from wireroom.switch.work import Note

log = logging.getLogger(__name__)
NEVER = timedelta(days=36_500)  # invented people may be left alone for as long as one likes
LIST_BYTES_MAX = 256 * 1024 * 1024


def people_of(loaded: Loaded, pool: Pool, keys: Keys, now: datetime) -> People:
    """The people, with the limits and the list of passwords that the settings name."""
    settings, web, demo = loaded.settings.people, loaded.settings.web, loaded.settings.demo.enabled
    terms = Terms(
        idle=timedelta(minutes=web.session_idle_minutes),
        disconnect=timedelta(minutes=settings.disconnect_minutes),
        absolute=timedelta(hours=web.session_hours_max),
        office_idle=timedelta(minutes=loaded.settings.administration.idle_minutes),
        office_absolute=timedelta(minutes=loaded.settings.administration.session_minutes),
        inactive=NEVER if demo else timedelta(days=settings.inactive_days),
        place=place_of(web),
    )
    file = loaded.known_passwords_file
    known = known_passwords(file, now) if file is not None else frozenset()
    passwords = Passwords(Pbkdf2()) if loaded.settings.security.fips else None
    return People(pool, keys.seal(), terms=terms, known=known, demo=demo, passwords=passwords)


def place_of(web: Web) -> Place | None:
    """Where passkeys count. Without an address of the operator's it is this machine, if its browsers come in here."""
    origin = web.passkey_origin
    if not origin and web.host in THIS_MACHINE and web.port:
        origin = f"http://localhost:{web.port}"  # browsers bind no passkey to a number
    if not origin:
        return None
    domain = web.passkey_domain or urlsplit(origin).hostname or ""
    return Place(origin=origin, domain=domain, copied=web.passkeys_copied)


def known_passwords(file: Path, now: datetime) -> frozenset[str]:
    """The list of passwords that others know; one older than a quarter is told to the operator."""
    try:
        status = file.stat()
        if status.st_size > LIST_BYTES_MAX:
            raise AppError(f"{file} is longer than {LIST_BYTES_MAX // 2**20} MB; shorten the list")
        with file.open(encoding="utf-8", errors="replace") as lines:
            found = listed(lines)
    except OSError as error:
        raise AppError(f"the list of known passwords in {file} cannot be read: {error.strerror}") from None
    age_days = int((now.timestamp() - status.st_mtime) // 86_400)
    if age_days > LIST_AGE_DAYS_MAX:
        log.warning("the list of known passwords in %s is %d days old: renew it each quarter", file, age_days)
    return found


async def disable_due(people: People, switch: Switch, now: datetime) -> None:
    """Disables who was inactive too long and what was for an emergency; each is written down before it is done.

    They open nothing from the minute on whether this runs or not. What cannot be written down waits for the next turn.
    """
    for person, why in await people.due(now):
        detail: dict[str, object] = {"act": "disable", "person": person, "why": why}
        try:
            await switch.note(Note(tag=Tag.PERSON_CHANGED, detail=detail))
        except (Busy, JournalDown) as error:
            log.warning("an account is not disabled yet: that cannot be written down: %s", error)
            return
        try:
            await people.disable(person, why, now)
        except Unknown as error:
            log.warning("%s", error)
