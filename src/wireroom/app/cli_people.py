"""Commands about the people who may sign in: add, unlock, stop, and what else becomes of an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import click

from wireroom.app import AppError
from wireroom.app.accounts import people_of
from wireroom.app.assemble import now
from wireroom.app.cli_admin import pool_of
from wireroom.app.cli_devices import devices_of
from wireroom.app.console import (
    FROM_OUTSIDE,
    config_option,
    json_option,
    loaded_from,
    print_json,
    print_table,
    run,
)
from wireroom.app.keys import keys_of
from wireroom.app.settings import Loaded
from wireroom.journal.tags import Tag
from wireroom.policy.people import EMERGENCY_HOURS_MAX, People, Person
from wireroom.policy.ruling import Role
from wireroom.policy.secret import code_at, new_otp_secret, otp_address

Result = TypeVar("Result")
ROLES = click.Choice([role.value for role in Role])


@click.group()
def person() -> None:
    """People who may sign in."""


@person.command("add")
@click.argument("identifier")
@click.argument("name")
@click.argument("ori")
@click.option(
    "--role",
    type=ROLES,
    default="inquiry",
    show_default=True,
    help="What the person is here to do.",
)
@click.option(
    "--emergency",
    type=click.IntRange(1, EMERGENCY_HOURS_MAX),
    help=f"For an emergency: after so many hours, at most {EMERGENCY_HOURS_MAX}, the account ends by itself.",
)
@click.option("--by", default="", help="Who approved it: an administrator. Without it: this machine's own.")
@click.password_option(help="The first password; asked for when left out.")
@config_option
def person_add(
    identifier: str,
    name: str,
    ori: str,
    role: str,
    by: str,
    emergency: int | None,
    password: str,
    config: Path | None,
) -> None:
    """Add a person; prints what their authenticator needs, once. An identifier is never given out twice."""
    secret = new_otp_secret()
    at = now()
    ends_at = at + timedelta(hours=emergency) if emergency else None

    async def work(people: People) -> None:
        one = Person(id=identifier, name=name, ori=ori.upper(), role=role, ends_at=ends_at)
        await people.add(one, password=password, otp_secret=secret, now=at, by=by)

    detail: dict[str, object] = {"act": "add", "person": identifier, "ori": ori.upper(), "role": role}
    detail["by"] = by or FROM_OUTSIDE
    if ends_at is not None:
        detail["ends_at"] = ends_at.isoformat()
    with_people(loaded_from(config), work, detail)
    if ends_at is not None:
        click.echo(f"an emergency account: it ends by itself at {ends_at:%Y-%m-%d %H:%M} UTC")
    click.echo(
        f"{identifier} is added. For the authenticator, shown only now:\n{otp_address(secret, person=identifier)}"
    )
    click.echo(f"The code at this moment is {code_at(secret, now())}.")


@person.command("list")
@json_option
@config_option
def person_list(as_json: bool, config: Path | None) -> None:
    """Everybody who may sign in, or might again."""

    async def work(people: People) -> tuple[Person, ...]:
        return await people.people()

    found = with_people(loaded_from(config, made=True), work)
    if as_json:
        print_json(found)
    else:
        rows = [(p.id, p.name, p.ori, p.role, _state(p)) for p in found]
        print_table(("Identifier", "Name", "ORI", "Role", "State"), rows)


def _state(one: Person) -> str:
    """What keeps a person out, or when the account ends."""
    if not one.enabled:
        return one.disabled_for or "disabled"
    if one.locked:
        return "locked"
    return f"ends {one.ends_at:%Y-%m-%d %H:%M} UTC" if one.ends_at is not None else ""


def _unlock(identifier: str, config: Path | None) -> None:
    async def work(people: People) -> None:
        await people.release(identifier)

    with_people(loaded_from(config, made=True), work, {"act": "release", "person": identifier})
    click.echo(f"{identifier} may sign in again")


@person.command("unlock")
@click.argument("identifier")
@config_option
def person_unlock(identifier: str, config: Path | None) -> None:
    """Release an account that five refused sign-ins locked. Only this does."""
    _unlock(identifier, config)


@person.command("release")
@click.argument("identifier")
@config_option
def person_release(identifier: str, config: Path | None) -> None:
    """The same as unlock, by its older name."""
    _unlock(identifier, config)


@person.command("stop")
@click.argument("identifier")
@click.option(
    "--keep-device",
    is_flag=True,
    help="Trust the devices still at which they are signed in: others use them too.",
)
@config_option
def person_stop(identifier: str, keep_device: bool, config: Path | None) -> None:
    """Stop a person at once: the account is disabled and every session ends, at pages, programs and lines.

    The next request of each is refused, and an open page is told and hides within five seconds. The certificates of the
    devices at which they are signed in are trusted no more.
    """
    if not keep_device:
        serials = run(_revoke_of(identifier, loaded_from(config, made=True)))
        if serials:
            click.echo(f"certificates trusted no more: {', '.join(serials)}")
    _disable(identifier, "stopped", "stop", config)


async def _revoke_of(identifier: str, loaded: Loaded) -> tuple[str, ...]:
    """End trust in the devices of a person's sessions, before those end and nobody knows them any more."""
    async with devices_of(loaded) as opened:
        serials = await opened.register.of(identifier)
        if serials:
            why = f"{identifier} was stopped"
            await opened.note({"act": "revoke", "serials": list(serials), "why": why})
            await opened.register.revoke_of(identifier, why=why, by=FROM_OUTSIDE, now=now())
        return serials


@person.command("suspend")
@click.argument("identifier")
@config_option
def person_suspend(identifier: str, config: Path | None) -> None:
    """Disable an account and end every session of it. It does the same as stop; the journal tells them apart."""
    _disable(identifier, "suspended", "suspend", config)


def _disable(identifier: str, why: str, act: str, config: Path | None) -> None:
    async def work(people: People) -> int:
        return await people.disable(identifier, why, now())

    ended = with_people(loaded_from(config, made=True), work, {"act": act, "person": identifier})
    click.echo(f"{identifier} may not sign in any more; sessions ended: {ended}")


@person.command("enable")
@click.argument("identifier")
@config_option
def person_enable(identifier: str, config: Path | None) -> None:
    """Let a person sign in again who was stopped, suspended or inactive. A lock stays until it is unlocked."""

    async def work(people: People) -> None:
        await people.enable(identifier, now())

    with_people(loaded_from(config, made=True), work, {"act": "enable", "person": identifier})
    click.echo(f"{identifier} may sign in again")


@person.command("password")
@click.argument("identifier")
@click.password_option(help="The new password; asked for when left out.")
@config_option
def person_password(identifier: str, password: str, config: Path | None) -> None:
    """Give a person a new password, at least 8 characters, any that can be printed. Every session ends."""

    async def work(people: People) -> int:
        return await people.set_password(identifier, password, now())

    ended = with_people(loaded_from(config, made=True), work, {"act": "password", "person": identifier})
    click.echo(f"{identifier} has a new password; sessions ended: {ended}")


@person.command("authenticator")
@click.argument("identifier")
@config_option
def person_authenticator(identifier: str, config: Path | None) -> None:
    """Bind a new authenticator of codes in place of the former, which counts no more. Every session ends.

    See who stands before you first: nothing here proves that it is the person.
    """
    secret = new_otp_secret()

    async def work(people: People) -> int:
        return await people.set_otp_secret(identifier, secret, now())

    ended = with_people(loaded_from(config, made=True), work, {"act": "authenticator", "person": identifier})
    click.echo(f"For the authenticator, shown only now:\n{otp_address(secret, person=identifier)}")
    click.echo(f"sessions ended: {ended}")


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
    click.echo(with_people(loaded, work))


def with_people(
    loaded: Loaded, work: Callable[[People], Awaitable[Result]], change: dict[str, object] | None = None
) -> Result:
    """Do something with the people. A change is written into the journal before it is made."""

    async def inside() -> Result:
        async with pool_of(loaded, Tag.PERSON_CHANGED if change else None, change) as pool:
            return await work(people_of(loaded, pool, keys_of(loaded), now()))

    return run(inside())
