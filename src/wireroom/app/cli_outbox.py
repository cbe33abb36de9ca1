"""The commands that show what people outside are told: what waits, what was sent, and what was given up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import asyncpg
import click

from wireroom.app import AppError
from wireroom.app.assemble import connect, database_name, engine
from wireroom.app.console import (
    FROM_OUTSIDE,
    config_option,
    json_option,
    loaded_from,
    print_json,
    print_table,
    run,
)
from wireroom.app.database import open_as
from wireroom.app.keys import keys_of
from wireroom.app.noting import note_down
from wireroom.app.roles import WEB
from wireroom.app.settings import Loaded
from wireroom.journal.tags import Tag
from wireroom.message.acting import COMMAND
from wireroom.message.letter import Letter, key_of, letter
from wireroom.message.local import timed
from wireroom.policy import directory
from wireroom.records.outbox import Kept, Outbox

SHOWN_AT_THE_END = 2  # of an address that is masked


@click.group()
def outbox() -> None:
    """What people outside are told who asked for it: list it, show one letter."""


@outbox.command("list")
@click.option("--all", "over", is_flag=True, help="Those that were sent or given up too.")
@json_option
@config_option
def outbox_list(over: bool, as_json: bool, config: Path | None) -> None:
    """The letters that wait, the newest first, with their addresses masked."""

    async def work(loaded: Loaded) -> list[Kept]:
        async with _opened(loaded) as (connection, kept, _):
            return await kept.listed(connection, over=over)

    found = run(work(loaded_from(config, made=True)))
    if as_json:
        print_json([_told(one) for one in found])
        return
    rows = [
        (key_of(one.id, one.place), timed(one.made_at), one.event, one.told.number, one.channel, masked(one.told.to),
         one.state, one.tries, one.trouble)
        for one in found
    ]  # fmt: skip
    print_table(("Letter", "Made", "Event", "Record", "By", "To", "State", "Tries", "Trouble"), rows)


@outbox.command("show")
@click.argument("identifier", metavar="ID")
@json_option
@config_option
def outbox_show(identifier: str, as_json: bool, config: Path | None) -> None:
    """One letter whole, as it is sent, with its address. That it was shown is in the journal first."""
    number, place = _place(identifier)

    async def work(loaded: Loaded) -> tuple[Kept, Letter]:
        async with _opened(loaded) as (connection, kept, dsn):
            detail: dict[str, object] = {"letter": key_of(number, place)}
            await note_down(loaded, dsn, Tag.LETTER_SHOWN, FROM_OUTSIDE, detail)
            one = await kept.shown(connection, number, place)
            if one is None:
                raise AppError(f"there is no letter {identifier}; see `wireroom outbox list --all`")
            return one, await _written(dsn, one)

    one, text = run(work(loaded_from(config, made=True)))
    if as_json:
        print_json(_told(one) | {"to": text.to, "subject": text.subject, "text": text.text})
        return
    click.echo(
        f"To: {text.to}\nBy: {one.channel}\nSubject: {text.subject}\nState: {one.state} {one.trouble}".rstrip()
    )
    click.echo(f"\n{text.text}")


@asynccontextmanager
async def _opened(loaded: Loaded) -> AsyncIterator[tuple[asyncpg.Connection, Outbox, str]]:
    """The outbox, a connection to it, and where it is."""
    async with engine(loaded, database_name(loaded)) as dsn:
        connection = await connect(dsn, acts=COMMAND)
        try:
            yield connection, Outbox(keys_of(loaded).vault()), dsn
        finally:
            await connection.close()


async def _written(dsn: str, one: Kept) -> Letter:
    """The letter as it is sent."""
    pool = await open_as(dsn, WEB, 1)
    try:
        agencies = {agency.ori: agency for agency in await directory.agencies(pool)}
    finally:
        await pool.close()
    agency = agencies.get(one.told.owner)
    return letter(
        one.told, key=key_of(one.id, one.place), channel=one.channel, event=one.event, made_at=one.made_at,
        agency=agency.name if agency else one.told.owner, phone=agency.phone if agency else "",
    )  # fmt: skip


def masked(address: str) -> str:
    """An address as much as tells one from another, and not whose it is: j…@e….org, …56."""
    name, at, domain = address.partition("@")
    if not at:
        return f"…{address[-SHOWN_AT_THE_END:]}" if len(address) > 2 * SHOWN_AT_THE_END else "…"
    return f"{name[:1]}…@{domain[:1]}….{domain.rpartition('.')[2]}"


def _place(identifier: str) -> tuple[int, int]:
    number, _, place = identifier.partition("-")
    if not (number.isdecimal() and place.isdecimal() and number.isascii() and place.isascii()):
        raise AppError(f"{identifier} is no letter's name, 123456-0 for instance; see `wireroom outbox list`")
    return min(int(number), 2**63 - 1), min(int(place), 2**15 - 1)


def _told(one: Kept) -> dict[str, object]:
    def iso(moment: datetime | None) -> str | None:
        return moment.isoformat(timespec="seconds") if moment else None

    return {
        "letter": key_of(one.id, one.place), "made_at": iso(one.made_at), "event": one.event.lower(),
        "file": one.file, "record": one.told.number, "owner": one.told.owner, "channel": one.channel,
        "to": masked(one.told.to), "state": one.state, "tries": one.tries, "due_at": iso(one.due_at),
        "done_at": iso(one.done_at), "trouble": one.trouble,
    }  # fmt: skip
