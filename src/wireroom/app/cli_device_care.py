"""Commands about devices that are measured, and about one that is lost: an incident, and a wipe that is asked for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import msgspec

from wireroom.app import AppError
from wireroom.app.assemble import now
from wireroom.app.cli_devices import Opened, devices_of
from wireroom.app.cli_incidents import incidents_of, utc
from wireroom.app.console import (
    FROM_OUTSIDE,
    config_option,
    json_option,
    loaded_from,
    print_json,
    print_table,
    run,
)
from wireroom.app.incidents import new
from wireroom.app.keys import keys_of
from wireroom.app.settings import Loaded
from wireroom.gateways.webhook import WebhookTerms, webhook_courier
from wireroom.message.letter import Letter, Post
from wireroom.oversight.incidents import Incident, Kind
from wireroom.policy import Unknown
from wireroom.policy.devices import Certificate
from wireroom.policy.posture import (
    MINUTES,
    MINUTES_MAX,
    MINUTES_MIN,
    PATCH_DAYS,
    PATCH_DAYS_MAX,
    Management,
    Postures,
)

KNOWN = click.Choice(["yes", "no", "unknown"])
WIPE_WITHIN_S = 20.0
_by = click.option(
    "--by", default="", help="Who does it: an administrator of the agency. Without it: this machine's own."
)


# --------------------------------------------------------------------------- measured


@click.group("management")
def management() -> None:
    """Device management: which agencies have their mobile devices measured."""


@management.command("declare")
@click.argument("ori")
@click.argument("mnemonic")
@click.option("--minutes", type=click.IntRange(MINUTES_MIN, MINUTES_MAX), default=MINUTES, show_default=True,
              help="A measurement that is older counts no more.")  # fmt: skip
@click.option("--patch-days", type=click.IntRange(1, PATCH_DAYS_MAX), default=PATCH_DAYS, show_default=True,
              help="A system whose newest security patch is older is refused.")  # fmt: skip
@click.option("--wipe-url", default="", help="Where the wipe of a lost device is asked for; https.")
@_by
@config_option
def management_declare(
    ori: str, mnemonic: str, minutes: int, patch_days: int, wipe_url: str, by: str, config: Path | None
) -> None:
    """From now on the mobile devices of ORI need a fresh, whole measurement; it comes from the interface MNEMONIC."""
    one = Management(
        ori=ori.upper(), terminal=mnemonic.upper(), minutes=minutes, patch_days=patch_days, wipe_url=wipe_url,
        since=now(), declared_by=by or FROM_OUTSIDE,
    )  # fmt: skip

    async def work() -> None:
        async with devices_of(loaded_from(config, made=True), by) as opened:
            await opened.register.may_mind(by, one.ori)
            await opened.note({"act": "management", "ori": one.ori, "terminal": one.terminal, "minutes": minutes,
                               "patch_days": patch_days, "wipe_url": wipe_url})  # fmt: skip
            await Postures(opened.pool).declare(one)

    run(work())
    click.echo(
        f"mobile devices of {one.ori} open nothing from now on unless {one.terminal} said within {minutes} minutes "
        "that they are encrypted, managed, located, not rooted and patched"
    )


@management.command("end")
@click.argument("ori")
@_by
@config_option
def management_end(ori: str, by: str, config: Path | None) -> None:
    """Ask for no measurements of an agency's devices any more: what was said when issuing counts again."""

    async def work() -> None:
        async with devices_of(loaded_from(config, made=True), by) as opened:
            await opened.register.may_mind(by, ori.upper())
            await opened.note({"act": "management-end", "ori": ori.upper()})
            await Postures(opened.pool).end(ori.upper(), now())

    run(work())
    click.echo(f"mobile devices of {ori.upper()} are measured no more")


@management.command("list")
@json_option
@config_option
def management_list(as_json: bool, config: Path | None) -> None:
    """The agencies whose devices are or were measured."""

    async def work() -> tuple[Management, ...]:
        async with devices_of(loaded_from(config, made=True)) as opened:
            return await Postures(opened.pool).managements()

    found = run(work())
    if as_json:
        print_json(found)
        return
    rows = [
        (m.ori, m.terminal, m.minutes, m.patch_days, m.wipe_url, f"ended {m.ended_at:%Y-%m-%d}" if m.ended_at else "")
        for m in found
    ]  # fmt: skip
    print_table(("ORI", "Speaks at", "Minutes", "Patch days", "Wipes at", "State"), rows)


# --------------------------------------------------------------------------- lost


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """What a special incident report asks of a lost device (CJIS Security Policy 5.13)."""

    why: str  # what happened
    when: datetime
    capabilities: str  # what can be reached with it
    locked: str  # yes, no, unknown: when it was lost
    wiped: str


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """What was done about a lost device."""

    incident: int
    terminal: str
    ori: str
    revoked: tuple[str, ...]  # serials
    wipe: str  # asked, refused, not answered; or by hand: nobody is declared to ask


@click.command("lost")
@click.argument("name", metavar="SERIAL|MNEMONIC")
@click.option("--why", required=True, help="What happened, as it is to be kept.")
@click.option("--when", type=click.DateTime(), help="When it was missed, UTC; left out: now.")
@click.option("--capabilities", default="usual of its terminal", show_default=True, help="What it can reach.")
@click.option("--locked", type=KNOWN, default="unknown", show_default=True, help="Whether it was locked.")
@click.option(
    "--wiped", type=KNOWN, default="unknown", show_default=True, help="Whether it is wiped already."
)
@_by
@json_option
@config_option
def device_lost(  # noqa: PLR0913 - one parameter for each option
    name: str,
    why: str,
    when: datetime | None,
    capabilities: str,
    locked: str,
    wiped: str,
    by: str,
    as_json: bool,
    config: Path | None,
) -> None:
    """Report a device as lost: its certificates end, an incident opens, and its wipe is asked for where one can.

    The clock of the report runs from --when. Whoever was signed in there is out within five seconds.
    """
    loaded = loaded_from(config, made=True)
    loss = Loss(why=why, when=utc(when), capabilities=capabilities, locked=locked, wiped=wiped)
    done = run(_lost(loaded, name, loss, by))
    if as_json:
        print_json(done)
        return
    click.echo(
        f"{done.terminal} of {done.ori}: certificates trusted no more: {', '.join(done.revoked) or 'none stood'}"
    )
    click.echo(f"incident {done.incident} is open: tell the security officer within an hour, then: "
               f"wireroom incident report {done.incident} --to officer --words …")  # fmt: skip
    click.echo(f"wipe: {done.wipe}")


async def _lost(loaded: Loaded, name: str, loss: Loss, by: str) -> Lost:
    at = now()
    async with devices_of(loaded, by) as opened:
        own = await opened.register.scope_of(by)
        await opened.note({"act": "lost", "name": name, "why": loss.why})
        revoked: tuple[Certificate, ...] = ()
        try:
            why = f"lost: {loss.why}"[:200]
            revoked = await opened.register.revoke(name, why=why, by=by or FROM_OUTSIDE, now=at, ori=own)
        except Unknown:  # revoked before: it is reported all the same
            pass
        terminal, ori = (revoked[0].terminal, revoked[0].ori) if revoked else await _known(opened, name, own)
        made = new(Kind.LOST_DEVICE, ori, terminal=terminal, discovered_at=loss.when, now=at)
        if revoked:  # the same as the switch makes of it by itself, so that it opens no second one
            made = msgspec.structs.replace(made, origin=f"device/{terminal}/{at.timestamp():.6f}")
        number = await _opened(loaded, made, loss, by)
        serials = tuple(one.serial for one in revoked)
        wipe = "done already" if loss.wiped == "yes" else await _wipe(loaded, opened, ori, terminal, serials)
    return Lost(incident=number, terminal=terminal, ori=ori, revoked=serials, wipe=wipe)


async def _opened(loaded: Loaded, made: Incident, loss: Loss, by: str) -> int:
    known = (
        f"{loss.why}; missed {loss.when:%Y-%m-%d %H:%M} UTC; can reach: {loss.capabilities}; locked: {loss.locked}; "
        f"wiped: {loss.wiped}"
    )
    async with incidents_of(loaded) as incidents:
        return (await incidents.open(made, known, by)).number


async def _known(opened: Opened, name: str, own: str) -> tuple[str, str]:
    """The terminal and agency of a certificate that was revoked before. Raises AppError where there never was one."""
    for one in await opened.register.certificates(own):
        if name.lower() == one.serial or name.upper() == one.terminal:
            return one.terminal, one.ori
    raise AppError(f"no certificate {name} was ever known: see `wireroom device list`")


async def _wipe(loaded: Loaded, opened: Opened, ori: str, terminal: str, serials: tuple[str, ...]) -> str:
    """Ask the agency's device management to wipe a device; what came of it, which is an entry as well."""
    declared = await Postures(opened.pool).management(ori)
    if declared is None or not declared.wipe_url:
        return "by hand: no device management is declared that could be asked"
    secret = keys_of(loaded).interface_secret(declared.terminal)
    courier = webhook_courier(
        WebhookTerms(url=declared.wipe_url, secret=secret, deadline_s=WIPE_WITHIN_S), now
    )
    letter = Letter(
        key=f"wipe-{terminal}-{int(now().timestamp())}", channel="", event="WIPE", to=terminal,
        subject=" ".join(serials), text=f"The device of {terminal} is lost: lock and wipe it.", made_at=now(),
    )  # fmt: skip
    try:
        posted = await courier.post(letter)
    finally:
        courier.close()
    told = {
        Post.TAKEN: "asked, and taken by the device management",
        Post.REFUSED: f"refused: {posted.trouble}; wipe it by hand",
        Post.DELAYED: f"not answered: {posted.trouble}; wipe it by hand, or report it lost again",
    }[posted.post]
    await opened.note({"act": "wipe", "terminal": terminal, "serials": list(serials), "outcome": told})
    return told
