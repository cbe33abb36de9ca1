"""What was seen of the system at one moment: plain facts, from which the watches judge.

A fact that is None was not to be had: what depends on it is neither begun nor ended.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from wireroom.app.settings_watching import Alarms
from wireroom.oversight.incidents import Late
from wireroom.oversight.refusals import Refusal
from wireroom.oversight.room import Room

WINDOW = timedelta(minutes=15)  # in which bursts are counted


class Disk(msgspec.Struct, frozen=True):
    """A disk of ours."""

    holds: str  # what, in words
    free: int  # bytes
    size: int


class LinkSeen(msgspec.Struct, frozen=True):
    """A line to another system."""

    name: str
    up: bool
    since: datetime


class Clocks(msgspec.Struct, frozen=True):
    """How our clock compares, in seconds; ahead is positive."""

    ahead_of_database: float
    leapt: float  # since the look before, against the machine's own count of seconds
    behind_journal: float  # the newest entry's number is so much in the future


class Asked(msgspec.Struct, frozen=True):
    """Inquiries of a person in the last hour that nothing explains."""

    person: str
    count: int


class EmergencySeen(msgspec.Struct, frozen=True):
    """An emergency that nobody has looked at yet."""

    number: int
    ori: str
    due_at: datetime


class Chore(msgspec.Struct, frozen=True):
    """What is done by the clock, and how it went."""

    tried_at: datetime
    done_at: datetime | None
    trouble: str


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """All that was seen in one look."""

    at: datetime
    began_at: datetime  # when this process began to watch
    not_writing: str | None = None  # why nothing can be written down; empty where it can
    waiting_since: datetime | None = (
        None  # the oldest batch without a place in the tree; `at` where none waits
    )
    unsigned_since: datetime | None = (
        None  # the newest checkpoint that does not cover all; `at` where it does
    )
    disks: tuple[Disk, ...] | None = None
    room: Room | None = None
    links: tuple[LinkSeen, ...] | None = None
    clocks: Clocks | None = None
    refusals: tuple[Refusal, ...] | None = None
    locked: tuple[tuple[str, datetime], ...] | None = None  # accounts that are, and since when
    unexplained: tuple[Asked, ...] | None = None
    unexplained_max: int = 0  # the pacing limit; 0: none
    emergencies: tuple[EmergencySeen, ...] | None = None
    known_passwords_at: datetime | None = None  # when the list of known passwords was written
    key_since: datetime | None = None  # the first day of the newest master key
    certificate_ends: datetime | None = None  # of the switch itself
    overdue: dict[str, dict[str, int]] | None = None  # by agency, what is overdue and how often
    incidents_late: tuple[Late, ...] | None = None  # duties of incidents whose time is up
    reviews_owed: dict[str, int] | None = None  # by agency, weeks of the journal that nobody signed in time
    backups_every: timedelta | None = None  # None: none are made by the clock
    backup: Chore | None = None
    files_checked: Chore | None = None
    files_wrong: tuple[str, ...] | None = None
    settings_unapproved: str | None = None  # in words; empty where somebody approved them, or nobody must
    lost: tuple[str, ...] = ()  # what could not be looked at, and why


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """When it is too much."""

    link_down: timedelta = timedelta(minutes=5)
    checkpoint: timedelta = timedelta(minutes=5)
    clock_s: float = 2.0
    disk_free: float = 0.1
    signons_refused: int = 30
    accounts_locked: int = 3
    messages_refused: int = 10
    ori_forged: int = 3
    key_age: timedelta = timedelta(days=365)
    certificate: timedelta = timedelta(days=14)


def limits_of(settings: Alarms) -> Limits:
    """As the settings say."""
    return Limits(
        link_down=timedelta(minutes=settings.link_down_minutes),
        checkpoint=timedelta(minutes=settings.checkpoint_minutes),
        clock_s=settings.clock_seconds,
        disk_free=settings.disk_free_percent / 100,
        signons_refused=settings.signons_refused,
        accounts_locked=settings.accounts_locked,
        messages_refused=settings.messages_refused,
        ori_forged=settings.ori_forged,
        key_age=timedelta(days=settings.key_days),
        certificate=timedelta(days=settings.certificate_days),
    )
