"""The sections of wireroom.toml about the journal's room, about alarms and whom they are told, and about backups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from wireroom.app.settings_people import Notify, Section, webhook_contradictions

Address = Annotated[str, Meta(pattern=r"^[^@\s]+@[A-Za-z0-9.-]+$")]


class Journal(Section, frozen=True, kw_only=True):
    """How the journal signs what it holds, and how long that is kept."""

    checkpoint_seconds: Annotated[
        float, Meta(gt=0, le=3600, description="Seconds between two signed checkpoints while entries arrive.")
    ] = 1.0
    origin: Annotated[
        str,
        Meta(min_length=1, max_length=255, pattern=r"^[^\s+]+$",
             description="Name of this journal in its checkpoints."),
    ] = "wireroom.example/journal"  # fmt: skip
    keep_years: Annotated[
        int, Meta(ge=1, le=100, description="Years for which there must be room for entries.")
    ] = 3
    reserve_mb: Annotated[
        int,
        Meta(ge=64, le=1_048_576, description="Room in MB on the disk, below which nothing new is taken."),
    ] = 256


class Alarms(Section, frozen=True, kw_only=True):
    """When an alarm begins, and whom it is told. Without anybody, it is in the journal and in the log."""

    mail_to: Annotated[
        tuple[Address, ...],
        Meta(max_length=16, description="E-mail addresses that are told, by the mail server of [notify]."),
    ] = ()
    webhook_url: Annotated[
        str, Meta(description="Address of a service that is told, https; empty: none.")
    ] = ""
    webhook_key_file: Annotated[
        str, Meta(description="File that holds the key with which what is told there is signed.")
    ] = ""
    again_hours: Annotated[
        int, Meta(ge=1, le=168, description="Hours after which an alarm that lasts is told again.")
    ] = 24
    look_seconds: Annotated[
        float, Meta(ge=1, le=600, description="Seconds between two looks at all that is watched.")
    ] = 15.0
    link_down_minutes: Annotated[
        int, Meta(ge=1, le=1440, description="Minutes for which a link may be down.")
    ] = 5
    checkpoint_minutes: Annotated[
        int, Meta(ge=1, le=1440, description="Minutes for which entries may wait for a signed checkpoint.")
    ] = 5
    clock_seconds: Annotated[
        float, Meta(ge=0.1, le=60, description="Seconds by which our clock and the database's may differ.")
    ] = 2.0
    disk_free_percent: Annotated[
        int, Meta(ge=1, le=50, description="Share of a disk in percent that must be free.")
    ] = 10
    signons_refused: Annotated[
        int, Meta(ge=3, le=100_000, description="Refused sign-ons within 15 minutes that are an attack.")
    ] = 30
    accounts_locked: Annotated[
        int, Meta(ge=1, le=10_000, description="Accounts locked within 15 minutes that are an attack.")
    ] = 3
    messages_refused: Annotated[
        int, Meta(ge=2, le=10_000, description="Messages refused to one person within 15 minutes.")
    ] = 10
    ori_forged: Annotated[
        int,
        Meta(ge=1, le=10_000, description="Messages of one person, within 15 minutes, in another's name."),
    ] = 3
    key_days: Annotated[
        int, Meta(ge=1, le=3660, description="Days after which a version of the master key is old.")
    ] = 365
    certificate_days: Annotated[
        int, Meta(ge=1, le=365, description="Days before the end of the switch's own certificate.")
    ] = 14


class Backups(Section, frozen=True, kw_only=True):
    """Backups that are made by the clock, encrypted; without a folder none are."""

    folder: Annotated[
        str, Meta(description="Folder of the backups, best on another disk; empty: none are made.")
    ] = ""
    every_hours: Annotated[int, Meta(ge=1, le=168, description="Hours between two backups.")] = 24
    keep: Annotated[
        int,
        Meta(ge=1, le=1000, description="Backups that are kept; older ones go once a newer one is proved."),
    ] = 14


def watching_contradictions(alarms: Alarms, notify: Notify) -> Iterator[str]:
    """Nobody is told by a way that is not set up."""
    if alarms.mail_to and not notify.smtp_host:
        yield "[alarms] mail_to: is set, and no mail server; name one in smtp_host under [notify]"
    yield from webhook_contradictions("[alarms]", alarms.webhook_url, alarms.webhook_key_file)
