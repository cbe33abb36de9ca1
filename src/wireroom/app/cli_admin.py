"""Commands that administer: agencies, terminals, people, settings, the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import asyncpg
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
from wireroom.app.database import health, open_database
from wireroom.app.keys import Keys
from wireroom.app.noting import note_down
from wireroom.app.roles import WEB
from wireroom.app.schema import check as check_database
from wireroom.app.settings import Loaded, explain
from wireroom.journal.tags import Tag
from wireroom.policy import directory
from wireroom.policy.people import People, Person
from wireroom.policy.ruling import Role
from wireroom.policy.secret import code_at, new_otp_secret, otp_address

Result = TypeVar("Result")
KNOWN_SOON = "a switch that runs knows it within five seconds"


@asynccontextmanager
async def pool_of(
    loaded: Loaded, tag: Tag | None = None, detail: dict[str, object] | None = None
) -> AsyncIterator[asyncpg.Pool]:
    """The tables of people and terminals. What is about to be changed is written into the journal first."""
    async with engine(loaded, database_name(loaded)) as dsn:
        if tag is not None:
            await note_down(dsn, tag, FROM_OUTSIDE, detail or {})
        pool = await open_database(dsn, WEB, 2)
        try:
            yield pool
        finally:
            await pool.close()


@click.group()
def agency() -> None:
    """Agencies: add and list them."""


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
            ("ORI", "Name", "County", "Phone", "Training"),
            [(a.ori, a.name, a.county, a.phone, "yes" if a.test else "") for a in found],
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
@config_option
def terminal_add(mnemonic: str, ori: str, kind: str, title: str, test: bool, config: Path | None) -> None:
    """Add a terminal of an agency. For an interface, its secret is printed."""
    loaded = loaded_from(config)
    added = directory.Terminal(mnemonic=mnemonic.upper(), ori=ori.upper(), kind=kind, title=title, test=test)
    detail: dict[str, object] = {"act": "add", "terminal": added.mnemonic, "ori": added.ori, "kind": kind}

    async def work() -> None:
        async with pool_of(loaded, Tag.TERMINAL_CHANGED, detail) as pool:
            await directory.add_terminal(pool, added, now())

    run(work())
    click.echo(f"{added.mnemonic} of {added.ori} is added; {KNOWN_SOON}")
    if kind == directory.TerminalKind.INTERFACE:
        click.echo(f"its secret: {Keys(loaded.secrets_folder).interface_secret(added.mnemonic)}")


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
            ("Mnemonic", "ORI", "Kind", "Title", "State"),
            [(t.mnemonic, t.ori, t.kind, t.title, "" if t.enabled else "disabled") for t in found],
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
    click.echo(Keys(loaded.secrets_folder).interface_secret(mnemonic.upper()))


@click.group()
def person() -> None:
    """People who may sign in."""


@person.command("add")
@click.argument("identifier")
@click.argument("name")
@click.argument("ori")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default="inquiry",
    show_default=True,
    help="What the person is here to do.",
)
@click.option("--by", default="", help="Who approved it: an administrator. Without it: this machine's own.")
@click.password_option(help="The first password; asked for when left out.")
@config_option
def person_add(
    identifier: str, name: str, ori: str, role: str, by: str, password: str, config: Path | None
) -> None:
    """Add a person; prints what their authenticator needs, once."""
    secret = new_otp_secret()

    async def work(people: People) -> None:
        one = Person(id=identifier, name=name, ori=ori.upper(), role=role)
        await people.add(one, password=password, otp_secret=secret, now=now(), by=by)

    detail: dict[str, object] = {
        "act": "add",
        "person": identifier,
        "ori": ori.upper(),
        "role": role,
        "by": by or FROM_OUTSIDE,
    }
    _with_people(loaded_from(config), work, detail)
    click.echo(
        f"{identifier} is added. For the authenticator, shown only now:\n{otp_address(secret, person=identifier)}"
    )
    click.echo(f"The code at this moment is {code_at(secret, now())}.")


@person.command("list")
@json_option
@config_option
def person_list(as_json: bool, config: Path | None) -> None:
    """Everybody who may sign in."""

    async def work(people: People) -> tuple[Person, ...]:
        return await people.people()

    found = _with_people(loaded_from(config, made=True), work)
    if as_json:
        print_json(found)
    else:
        rows = [
            (p.id, p.name, p.ori, p.role, "locked" if p.locked else "" if p.enabled else "disabled")
            for p in found
        ]
        print_table(("Identifier", "Name", "ORI", "Role", "State"), rows)


@person.command("release")
@click.argument("identifier")
@config_option
def person_release(identifier: str, config: Path | None) -> None:
    """Unlock an account that was locked by refused sign-ins."""

    async def work(people: People) -> None:
        await people.release(identifier)

    _with_people(loaded_from(config, made=True), work, {"act": "release", "person": identifier})
    click.echo(f"{identifier} may sign in again")


@person.command("suspend")
@click.argument("identifier")
@config_option
def person_suspend(identifier: str, config: Path | None) -> None:
    """Disable an account and end every session of it."""

    async def work(people: People) -> None:
        await people.enable(identifier, False, now())

    _with_people(loaded_from(config, made=True), work, {"act": "suspend", "person": identifier})
    click.echo(f"{identifier} may not sign in any more")


@person.command("code")
@click.argument("identifier")
@config_option
def person_code(identifier: str, config: Path | None) -> None:
    """A one-time code of an invented person; works in the demo only."""

    async def work(people: People) -> str:
        return await people.code_of(identifier, now())

    loaded = loaded_from(config, made=True)
    if not loaded.settings.demo.enabled:
        raise AppError("codes are told in the demo only: here they come from each person's own authenticator")
    click.echo(_with_people(loaded, work))


def _with_people(
    loaded: Loaded, work: Callable[[People], Awaitable[Result]], change: dict[str, object] | None = None
) -> Result:
    async def inside() -> Result:
        async with pool_of(loaded, Tag.PERSON_CHANGED if change else None, change) as pool:
            people = People(pool, Keys(loaded.secrets_folder).seal(), demo=loaded.settings.demo.enabled)
            return await work(people)

    return run(inside())


@click.command()
@json_option
@config_option
def settings(as_json: bool, config: Path | None) -> None:
    """Every setting in force, and where it came from."""
    rows = explain(loaded_from(config))
    if as_json:
        print_json([dict(zip(("key", "value", "origin", "meaning"), row, strict=True)) for row in rows])
    else:
        print_table(("Key", "Value", "From", "Meaning"), rows)


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
