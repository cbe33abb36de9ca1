"""Commands about broadcast groups: whom a message to a group reaches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from wireroom.app import AppError
from wireroom.app.cli_admin import KNOWN_SOON, pool_of
from wireroom.app.console import config_option, json_option, loaded_from, print_json, print_table, run
from wireroom.app.groups import faults, read_groups, write_groups
from wireroom.app.settings import Loaded
from wireroom.journal.tags import Tag
from wireroom.policy import directory
from wireroom.policy.directory import Group


@click.group()
def group() -> None:
    """Broadcast groups: list, set and remove them."""


@group.command("list")
@click.argument("name", required=False)
@json_option
@config_option
def group_list(name: str | None, as_json: bool, config: Path | None) -> None:
    """All groups with their members, or one."""
    groups = read_groups(loaded_from(config, made=True).groups_file)
    wanted = name.upper() if name else ""
    if wanted and wanted not in groups:
        raise AppError(f"there is no group {wanted}; see `wireroom group list`")
    found = [(one, groups[one]) for one in sorted(groups) if wanted in ("", one)]
    if as_json:
        print_json([{"name": one, "title": g.title, "members": list(g.members)} for one, g in found])
    else:
        rows = [(one, f"GRP-{one}", g.title, " ".join(g.members)) for one, g in found]
        print_table(("Name", "Address", "Title", "Members"), rows)


@group.command("set")
@click.argument("name")
@click.argument("members", nargs=-1, required=True)
@click.option("--title", default="", help="What the group is for. Left out: as it was.")
@config_option
def group_set(name: str, members: tuple[str, ...], title: str, config: Path | None) -> None:
    """Make a group of agencies (ORI) and terminals (mnemonic), or give one these members instead."""
    loaded = loaded_from(config, made=True)
    groups = read_groups(loaded.groups_file)
    wanted = name.upper()
    given = tuple(dict.fromkeys(one.upper() for one in members))
    was = groups.get(wanted)
    groups[wanted] = Group(title=title or (was.title if was else wanted), members=given)
    if wrong := faults(groups):
        raise AppError("; ".join(wrong))
    detail: dict[str, object] = {"act": "set", "group": wanted, "members": list(given)}
    _note(loaded, detail, given)
    write_groups(loaded.groups_file, groups)
    click.echo(f"{wanted} has {len(given)} members; {KNOWN_SOON}")


@group.command("remove")
@click.argument("name")
@config_option
def group_remove(name: str, config: Path | None) -> None:
    """Remove a group. What was sent to it stays sent."""
    loaded = loaded_from(config, made=True)
    groups = read_groups(loaded.groups_file)
    wanted = name.upper()
    if groups.pop(wanted, None) is None:
        raise AppError(f"there is no group {wanted}; see `wireroom group list`")
    _note(loaded, {"act": "remove", "group": wanted})
    write_groups(loaded.groups_file, groups)
    click.echo(f"{wanted} is removed; {KNOWN_SOON}")


def _note(loaded: Loaded, detail: dict[str, object], members: Sequence[str] = ()) -> None:
    """Writes into the journal what is about to be changed. Raises AppError before that, where a member is nobody."""

    async def work() -> None:
        async with pool_of(loaded) as tables:
            held = await directory.load(tables)
        strange = [one for one in members if one not in held.agencies and one not in held.terminals]
        if strange:
            raise AppError(f"no agency and no terminal: {', '.join(strange)}")
        async with pool_of(loaded, Tag.GROUPS_CHANGED, detail):
            pass

    run(work())
