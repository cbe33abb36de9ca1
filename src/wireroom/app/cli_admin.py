"""Commands that administer: agencies, terminals, people, the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from pathlib import Path

import click
import msgspec

from wireroom.app import AppError
from wireroom.app.assemble import database_name, engine, now
from wireroom.app.console import (
    FROM_OUTSIDE,
    config_option,
    json_option,
    loaded_from,
    print_json,
    print_table,
    run,
)
from wireroom.app.database import health, open_as
from wireroom.app.keys import keys_of
from wireroom.app.living import catalogue_of
from wireroom.app.noting import note_down
from wireroom.app.roles import WEB
from wireroom.app.schema import check as check_database
from wireroom.app.settings import Loaded
from wireroom.journal.tags import Tag
from wireroom.message.acting import As
from wireroom.message.local import HERE
from wireroom.policy import directory
from wireroom.policy.agreement import Agreement

KNOWN_SOON = "a switch that runs knows it within five seconds"


@asynccontextmanager
async def pool_of(
    loaded: Loaded, tag: Tag | None = None, detail: dict[str, object] | None = None
) -> AsyncIterator[As]:
    """The tables of people and terminals. What is about to be changed is written into the journal first."""
    async with engine(loaded, database_name(loaded)) as dsn:
        if tag is not None:
            await note_down(loaded, dsn, tag, FROM_OUTSIDE, detail or {})
        pool = await open_as(dsn, WEB, 2)
        try:
            yield pool
        finally:
            await pool.close()


def end_of(day: str) -> datetime:
    """The end of a day in California. Raises AppError where the text is none."""
    try:
        return datetime.combine(date.fromisoformat(day), time(23, 59, 59), HERE)
    except ValueError:
        raise AppError(f"{day!r} is not a day, as 2027-12-31 is") from None


@click.group()
def agency() -> None:
    """Agencies: add and list them, and say what was agreed with each."""


@agency.command("add")
@click.argument("ori")
@click.argument("name")
@click.option("--county", default="", help="County number.")
@click.option("--phone", default="", help="Telephone that is answered day and night.")
@click.option("--test", is_flag=True, help="A training agency: its terminals meet training records only.")
@config_option
def agency_add(ori: str, name: str, county: str, phone: str, test: bool, config: Path | None) -> None:
    """Add an agency."""

    loaded = loaded_from(config)
    added = directory.Agency(ori=ori.upper(), name=name, county=county, phone=phone, test=test)
    detail: dict[str, object] = {"act": "add", "ori": added.ori, "name": name, "test": test}

    async def work() -> None:
        async with pool_of(loaded, Tag.AGENCY_CHANGED, detail) as pool:
            await directory.add_agency(pool, added, now())

    run(work())
    click.echo(f"{added.ori} {name} is added")


@agency.command("agree")
@click.argument("ori")
@click.option(
    "--files", default="", help="Codes of the files that it covers, with commas. Without it: every file."
)
@click.option("--until", default="", help="The last day, as 2027-12-31; without it until it is ended.")
@click.option(
    "--end", "ended", is_flag=True, help="The agreement ends now: nobody of the agency sends anything more."
)
@click.option(
    "--serves", default="", help="ORIs of agencies for which it asks too, with commas. Without it: none."
)
@config_option
def agency_agree(ori: str, files: str, until: str, ended: bool, serves: str, config: Path | None) -> None:
    """Say what an agency's agreement with the state covers from now on, until when, and for which others it asks.

    One that serves others names in OBA, with each inquiry, for which of them it asks, or itself.
    """
    loaded = loaded_from(config, made=True)
    codes = tuple(sorted({code.strip() for code in files.split(",") if code.strip()}))
    served = tuple(sorted({one.strip().upper() for one in serves.split(",") if one.strip()}))
    unknown = [code for code in codes if code not in catalogue_of(loaded).files]
    if unknown:
        raise AppError(f"there is no file {unknown[0]}: see `wireroom catalog list`")
    agreed = Agreement(files=codes, until=now() if ended else end_of(until) if until else None, serves=served)
    detail: dict[str, object] = {
        "act": "agree", "ori": ori.upper(), "files": list(codes), "until": str(agreed.until or ""),
        "serves": list(served),
    }  # fmt: skip

    async def work() -> None:
        async with pool_of(loaded, Tag.AGENCY_CHANGED, detail) as pool:
            await directory.agree(pool, ori.upper(), agreed)

    run(work())
    click.echo(
        f"{ori.upper()}: {', '.join(codes) or 'every file'}{' until ' + until if until else ''}"
        f"{', and asks for ' + ', '.join(served) if served else ''}; {KNOWN_SOON}"
        if not ended
        else f"{ori.upper()}: the agreement has ended; {KNOWN_SOON}"
    )


@agency.command("list")
@json_option
@config_option
def agency_list(as_json: bool, config: Path | None) -> None:
    """All agencies."""

    async def work() -> tuple[directory.Agency, ...]:
        async with pool_of(loaded_from(config, made=True)) as pool:
            return await directory.agencies(pool)

    found = run(work())
    if as_json:
        print_json(found)
    else:
        print_table(
            ("ORI", "Name", "County", "Phone", "Training", "Agreed on", "Until", "Asks for"),
            [
                (
                    a.ori,
                    a.name,
                    a.county,
                    a.phone,
                    "yes" if a.test else "",
                    ", ".join(a.agreed_files) or "every file",
                    f"{a.agreed_until.astimezone(HERE):%Y-%m-%d}" if a.agreed_until else "",
                    ", ".join(a.serves),
                )
                for a in found
            ],
        )


DEVICES = click.Choice([device.value for device in directory.Device])
device_option = click.option(
    "--device",
    type=DEVICES,
    default=directory.Device.ORDINARY.value,
    show_default=True,
    help="Its class: only ordinary ones lock when nobody uses them.",
)


@click.group()
def terminal() -> None:
    """Terminals: add and list them, print an interface's secret."""


@terminal.command("add")
@click.argument("mnemonic")
@click.argument("ori")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in directory.TerminalKind]),
    default="fixed",
    show_default=True,
    help="What stands there.",
)
@click.option("--title", default="", help="What people call it.")
@click.option("--test", is_flag=True, help="For training only.")
@device_option
@config_option
def terminal_add(
    mnemonic: str, ori: str, kind: str, title: str, test: bool, device: str, config: Path | None
) -> None:
    """Add a terminal of an agency. For an interface, its secret is printed."""
    loaded = loaded_from(config)
    added = directory.Terminal(
        mnemonic=mnemonic.upper(), ori=ori.upper(), kind=kind, title=title, test=test, device=device
    )
    detail: dict[str, object] = {
        "act": "add", "terminal": added.mnemonic, "ori": added.ori, "kind": kind, "device": device
    }  # fmt: skip

    async def work() -> None:
        async with pool_of(loaded, Tag.TERMINAL_CHANGED, detail) as pool:
            await directory.add_terminal(pool, added, now())

    run(work())
    click.echo(f"{added.mnemonic} of {added.ori} is added; {KNOWN_SOON}")
    if kind == directory.TerminalKind.INTERFACE:
        click.echo(f"its secret: {keys_of(loaded).interface_secret(added.mnemonic)}")


@terminal.command("device")
@click.argument("mnemonic")
@click.argument("device", type=DEVICES)
@config_option
def terminal_device(mnemonic: str, device: str, config: Path | None) -> None:
    """Say what class of device a terminal is.

    An ordinary one locks after 30 minutes without use. Part of a police vehicle (vehicle), of a dispatcher in a secure
    room (dispatch), and one that only receives (receive-only) do not. Nobody can choose it for themselves.
    """
    loaded = loaded_from(config, made=True)
    changed = mnemonic.upper()
    detail: dict[str, object] = {"act": "device", "terminal": changed, "device": device}

    async def work() -> None:
        async with pool_of(loaded, Tag.TERMINAL_CHANGED, detail) as pool:
            await directory.set_device(pool, changed, directory.Device(device))

    run(work())
    click.echo(f"{changed} is {device}; its sessions follow with their next request")


@terminal.command("list")
@json_option
@config_option
def terminal_list(as_json: bool, config: Path | None) -> None:
    """All terminals."""

    async def work() -> tuple[directory.Terminal, ...]:
        async with pool_of(loaded_from(config, made=True)) as pool:
            return await directory.terminals(pool)

    found = run(work())
    if as_json:
        print_json(found)
    else:
        print_table(
            ("Mnemonic", "ORI", "Kind", "Device", "Title", "State"),
            [(t.mnemonic, t.ori, t.kind, t.device, t.title, "" if t.enabled else "disabled") for t in found],
        )


@terminal.command("secret")
@click.argument("mnemonic")
@config_option
def terminal_secret(mnemonic: str, config: Path | None) -> None:
    """Print the secret with which an interface terminal signs on."""
    loaded = loaded_from(config, made=True)

    async def work() -> tuple[directory.Terminal, ...]:
        async with pool_of(loaded) as pool:
            return await directory.terminals(pool)

    if not any(
        one.mnemonic == mnemonic.upper() and one.kind == directory.TerminalKind.INTERFACE
        for one in run(work())
    ):
        raise AppError(f"{mnemonic.upper()} is not an interface terminal; see `wireroom terminal list`")
    click.echo(keys_of(loaded).interface_secret(mnemonic.upper()))


@click.group()
def database() -> None:
    """The database: bring it up to date, see how it does."""


@database.command("upgrade")
@config_option
def database_upgrade(config: Path | None) -> None:
    """Bring the database to this program's shape. Other commands do it too, when they start."""
    loaded = loaded_from(config)

    async def work() -> None:
        async with engine(loaded, database_name(loaded)):
            pass

    run(work())
    click.echo("the database has this program's shape")


@database.command("check")
@json_option
@config_option
def database_check(as_json: bool, config: Path | None) -> None:
    """How the database does, and whether its tables are as declared."""
    loaded = loaded_from(config, made=True)
    folder = None if loaded.settings.database.url else loaded.data_folder

    async def work() -> tuple[object, list[str]]:
        async with engine(loaded, database_name(loaded)) as dsn:
            return await health(dsn, folder=folder), await check_database(dsn)

    state, wrong = run(work())
    if as_json:
        print_json({"health": state, "wrong": wrong})
    else:
        rows = [(name.replace("_", " "), _shown(value)) for name, value in msgspec.to_builtins(state).items()]
        print_table(("What", "Value"), rows)
        click.echo("\n".join(wrong) if wrong else "all tables are as declared")
    raise SystemExit(1 if wrong else 0)


def _shown(value: object) -> str:
    """A number with its thousands parted, and nothing as none."""
    if isinstance(value, float):
        return f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value) if value else "none"
