"""Commands by which DOJ approves courts to enter orders, withdraws that, and lists what was approved."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from wireroom.app.assemble import now
from wireroom.app.cli_admin import KNOWN_SOON, end_of, pool_of
from wireroom.app.console import (
    FROM_OUTSIDE,
    config_option,
    json_option,
    loaded_from,
    print_json,
    print_table,
    run,
)
from wireroom.journal.tags import Tag
from wireroom.message.envelope import Way
from wireroom.message.local import HERE
from wireroom.policy import approvals as kept
from wireroom.policy.approvals import Approval

WAYS = click.Choice([way.value for way in Way])
_by = click.option(
    "--by", "person", default="", help="Who decided it: an account of DOJ or of an administrator."
)


@click.group()
def court() -> None:
    """Courts: approve them to enter orders, withdraw that, list it."""


@court.command("approve")
@click.argument("ori")
@click.argument("way", type=WAYS)
@click.option("--until", default="", help="The last day, as 2027-12-31; without it until it is withdrawn.")
@_by
@config_option
def court_approve(ori: str, way: str, until: str, person: str, config: Path | None) -> None:
    """Let a court, or another fit agency, enter orders on a way: at a page, as JSON, as NIEM XML, as dotted text."""
    ends = end_of(until) if until else None
    given = Approval(ori=ori.upper(), way=way, since=now(), by=person or FROM_OUTSIDE, until=ends)
    detail: dict[str, object] = {
        "act": "approve",
        "ori": given.ori,
        "way": way,
        "until": until,
        "by": given.by,
    }

    async def work() -> None:
        async with pool_of(loaded_from(config), Tag.APPROVAL_CHANGED, detail) as pool:
            if person:
                await kept.may_approve(pool, person)
            await kept.approve(pool, given)

    run(work())
    click.echo(f"{given.ori} is approved to enter orders by {way}; {KNOWN_SOON}")


@court.command("withdraw")
@click.argument("ori")
@click.argument("way", type=WAYS)
@_by
@config_option
def court_withdraw(ori: str, way: str, person: str, config: Path | None) -> None:
    """Let a court enter orders on a way no more. What it entered stays, and stays its own."""
    by = person or FROM_OUTSIDE
    detail: dict[str, object] = {"act": "withdraw", "ori": ori.upper(), "way": way, "by": by}

    async def work() -> None:
        async with pool_of(loaded_from(config, made=True), Tag.APPROVAL_CHANGED, detail) as pool:
            if person:
                await kept.may_approve(pool, person)
            await kept.withdraw(pool, ori.upper(), way, by=by, now=now())

    run(work())
    click.echo(f"{ori.upper()} may enter no more orders by {way}; {KNOWN_SOON}")


@court.command("list")
@click.option("--all", "every", is_flag=True, help="Those too that ended or were withdrawn.")
@json_option
@config_option
def court_list(every: bool, as_json: bool, config: Path | None) -> None:
    """Which courts are approved, and on which ways."""

    async def work() -> tuple[Approval, ...]:
        async with pool_of(loaded_from(config, made=True)) as pool:
            return await kept.approvals(pool)

    at = now()
    found = [one for one in run(work()) if every or one.stands(at)]
    if as_json:
        print_json(found)
        return
    rows = [(one.ori, one.way, _day(one.since), one.by, _day(one.until), one.withdrawn_by) for one in found]
    print_table(("ORI", "Way", "Since", "By", "Until", "Withdrawn by"), rows)


def _day(at: datetime | None) -> str:
    return f"{at.astimezone(HERE):%Y-%m-%d %H:%M}" if at else ""
