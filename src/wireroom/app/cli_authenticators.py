"""Commands about what people sign in with: every authenticator that one ever had, and one that is lost."""

from __future__ import annotations

from pathlib import Path

import click

from wireroom.app.assemble import now
from wireroom.app.cli_people import with_people
from wireroom.app.console import (
    FROM_OUTSIDE,
    config_option,
    json_option,
    loaded_from,
    print_json,
    print_table,
)
from wireroom.policy.authenticators import Authenticator
from wireroom.policy.people import People


@click.command("keys")
@click.argument("identifier")
@json_option
@config_option
def person_keys(identifier: str, as_json: bool, config: Path | None) -> None:
    """Every authenticator that a person ever had: who bound it and when, and who ended it and why."""

    async def work(people: People) -> tuple[Authenticator, ...]:
        return await people.keys.of(identifier)

    found = with_people(loaded_from(config, made=True), work)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.id,
            one.kind,
            one.name,
            f"{one.bound_at:%Y-%m-%d %H:%M} by {one.bound_by}",
            f"{one.used_at:%Y-%m-%d %H:%M}" if one.used_at else "",
            f"{one.ended_at:%Y-%m-%d %H:%M} by {one.ended_by}: {one.ended_for}" if one.ended_at else "",
        )
        for one in found
    ]
    print_table(("Key", "Kind", "Name", "Bound", "Last used", "Ended"), rows)


@click.command("lost")
@click.argument("identifier")
@click.option(
    "--by", default="", help="Who was told of it: an administrator. Without it: this machine's own."
)
@click.option(
    "--key", "keys", multiple=True, help="What is lost, as `person keys` names it; left out: everything."
)
@config_option
def person_lost(identifier: str, by: str, keys: tuple[str, ...], config: Path | None) -> None:
    """A person lost a device: it signs nobody in any more, and every session of theirs ends at once.

    The next request of each is refused, and an open page is told and hides within five seconds. Whoever has nothing
    left to sign in with comes in person: `person authenticator` binds anew.
    """

    async def work(people: People) -> tuple[int, int]:
        if by:
            await people.keys.may_report(by, identifier)
        return await people.keys.lost(identifier, now(), by=by or FROM_OUTSIDE, which=keys)

    detail: dict[str, object] = {"act": "lost", "person": identifier, "by": by or FROM_OUTSIDE}
    if keys:
        detail["authenticators"] = list(keys)
    ended, sessions = with_people(loaded_from(config, made=True), work, detail)
    click.echo(f"{identifier}: authenticators ended: {ended}; sessions ended: {sessions}")


COMMANDS = (person_keys, person_lost)
