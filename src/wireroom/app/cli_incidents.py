"""Commands about incidents: open, list, show, and each step until one is closed; every step is an entry."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import click

from wireroom.app.assemble import connect, database_name, engine, now
from wireroom.app.console import config_option, json_option, loaded_from, print_json, print_table, run
from wireroom.app.incidents import Incidents, Period, new
from wireroom.app.keys import keys_of
from wireroom.app.living import catalogue_of
from wireroom.app.settings import Loaded
from wireroom.journal.entry import Entry
from wireroom.message.acting import COMMAND
from wireroom.oversight.incidents import DUTIES, Act, Incident, Kind, Late, Told, clocks
from wireroom.oversight.reached import Reached

Result = TypeVar("Result")
KINDS = click.Choice([kind.value for kind in Kind])
TOLD = click.Choice([told.value for told in Told])

_by = click.option("--by", default="", help="Who does it: an administrator or auditor of the agency, or DOJ.")
_number = click.argument("number", type=int)
_words = click.option("--words", required=True, help="What was found or done, for whoever reads it later.")
_since = click.option("--since", type=click.DateTime(), required=True, help="From when, UTC.")
_until = click.option("--until", type=click.DateTime(), help="Until when, UTC; left out: until now.")


@asynccontextmanager
async def incidents_of(loaded: Loaded) -> AsyncIterator[Incidents]:
    """The incidents while this is open."""
    async with engine(loaded, database_name(loaded)) as dsn:
        connection = await connect(dsn, acts=COMMAND)
        try:
            yield Incidents(connection, keys_of(loaded).texts(dsn, now), now)
        finally:
            await connection.close()


def with_incidents(loaded: Loaded, work: Callable[[Incidents], Awaitable[Result]]) -> Result:
    """Do something with the incidents."""

    async def inside() -> Result:
        async with incidents_of(loaded) as opened:
            return await work(opened)

    return run(inside())


def utc(at: datetime | None) -> datetime:
    """A time as it was typed, in UTC; now where none was."""
    return now() if at is None else at.replace(tzinfo=now().tzinfo)


@click.group()
def incident() -> None:
    """Incidents: what happened, who was told in time, whose data were reached."""


@incident.command("open")
@click.argument("kind", type=KINDS)
@click.argument("ori")
@click.option("--known", required=True, help="What is known of it.")
@click.option("--discovered", type=click.DateTime(), help="When it was discovered, UTC; left out: now.")
@click.option("--person", default="", help="The account that it is about. That person sees nothing of it.")
@click.option("--terminal", default="", help="The terminal whose device it is about.")
@_by
@json_option
@config_option
def incident_open(  # noqa: PLR0913 - one parameter for each option
    kind: str,
    ori: str,
    known: str,
    discovered: datetime | None,
    person: str,
    terminal: str,
    by: str,
    as_json: bool,
    config: Path | None,
) -> None:
    """Open an incident. Its clocks run from when it was discovered."""
    made = new(
        Kind(kind),
        ori.upper(),
        person=person,
        terminal=terminal.upper(),
        discovered_at=utc(discovered),
        now=now(),
    )

    async def work(opened: Incidents) -> Incident:
        return await opened.open(made, known, by)

    _tell(with_incidents(loaded_from(config, made=True), work), as_json)


@incident.command("list")
@click.option("--ori", default="", help="Of one agency only.")
@click.option("--all", "every", is_flag=True, help="Closed ones, too.")
@_by
@json_option
@config_option
def incident_list(ori: str, every: bool, by: str, as_json: bool, config: Path | None) -> None:
    """Incidents, and what of them is overdue. Exit code 1 where anything is."""

    async def work(opened: Incidents) -> tuple[tuple[Incident, ...], tuple[Late, ...]]:
        return await opened.listed(ori.upper(), every=every, by=by)

    found, late = with_incidents(loaded_from(config, made=True), work)
    if as_json:
        print_json({"incidents": [_shown(one) for one in found], "overdue": late})
    else:
        rows = [
            (one.number, one.kind.value, one.ori, one.person or one.terminal, one.state.value,
             f"{one.discovered_at:%Y-%m-%d %H:%M}", _due(one))
            for one in found
        ]  # fmt: skip
        print_table(("Number", "Kind", "ORI", "About", "State", "Discovered (UTC)", "Next is due"), rows)
        for each in late:
            click.echo(f"OVERDUE since {each.due_at:%Y-%m-%d %H:%M} UTC: {each.number}: {DUTIES[each.duty]}")
    raise SystemExit(1 if late else 0)


def _due(one: Incident) -> str:
    waiting = [clock for clock in clocks(one) if clock.done_at is None]
    return f"{waiting[0].due_at:%Y-%m-%d %H:%M} {waiting[0].duty.value}" if waiting else ""


def _shown(one: Incident) -> dict[str, object]:
    return {
        "number": one.number, "kind": one.kind, "ori": one.ori, "person": one.person, "terminal": one.terminal,
        "state": one.state, "discovered_at": one.discovered_at, "opened_at": one.opened_at, "opened_by": one.opened_by,
        "origin": one.origin, "clocks": clocks(one), "owed": one.owed, "steps": one.steps,
    }  # fmt: skip


@incident.command("show")
@_number
@_by
@json_option
@config_option
def incident_show(number: int, by: str, as_json: bool, config: Path | None) -> None:
    """One incident with every step and what was said at each. The look is an entry itself."""

    async def work(opened: Incidents) -> tuple[Incident, tuple[Entry, ...]]:
        return await opened.show(number, by)

    found, told = with_incidents(loaded_from(config, made=True), work)
    if as_json:
        print_json({**_shown(found), "entries": told})
        return
    click.echo(
        f"{found.number} {found.kind.value} of {found.ori or 'the switch itself'}: {found.state.value}"
    )
    for clock in clocks(found):
        done = f"done {clock.done_at:%Y-%m-%d %H:%M}" if clock.done_at else "not done"
        click.echo(f"  {DUTIES[clock.duty]}: due {clock.due_at:%Y-%m-%d %H:%M} UTC, {done}")
    if found.owed:
        click.echo(f"  to be told: {', '.join(found.owed)}")
    for entry in told:
        words = entry.detail.get("known") or entry.detail.get("words") or entry.detail.get("duty") or ""
        what = entry.detail.get("act") or entry.tag.partition(":")[2]
        click.echo(f"  {entry.at:%Y-%m-%d %H:%M:%S} {what} by {entry.person}, entry {entry.number}: {words}")


@incident.command("report")
@_number
@click.option("--to", "told", type=TOLD, required=True, help="Who was told.")
@click.option("--whom", multiple=True, help="The agencies told, by ORI, with --to agency; may be repeated.")
@_words
@_by
@json_option
@config_option
def incident_report(
    number: int, told: str, whom: tuple[str, ...], words: str, by: str, as_json: bool, config: Path | None
) -> None:
    """Say that somebody was told. Nothing is sent: this writes down that it was."""
    if (told == Told.AGENCY) is not bool(whom):
        raise click.UsageError("--whom names the agencies with --to agency, and goes with nothing else")
    _act(number, Act.REPORT, by, words, as_json, config, about=(told, *(one.upper() for one in whom)))


@incident.command("contain")
@_number
@_words
@_by
@json_option
@config_option
def incident_contain(number: int, words: str, by: str, as_json: bool, config: Path | None) -> None:
    """Say that the account or the device opens nothing any more. Refused while the account may still sign in."""
    _act(number, Act.CONTAIN, by, words, as_json, config)


@incident.command("confirm")
@_number
@_words
@_by
@json_option
@config_option
def incident_confirm(number: int, words: str, by: str, as_json: bool, config: Path | None) -> None:
    """Confirm that it is an incident. From now on the CSO is owed word within an hour."""
    _act(number, Act.CONFIRM, by, words, as_json, config)


@incident.command("close")
@_number
@_words
@_by
@json_option
@config_option
def incident_close(number: int, words: str, by: str, as_json: bool, config: Path | None) -> None:
    """Close an incident: one that was assessed, or that proved to be none. Refused while anything is owed."""
    _act(number, Act.CLOSE, by, words, as_json, config)


@incident.command("assess")
@_number
@click.option("--person", default="", help="Whose doings; left out: the account that the incident is about.")
@click.option("--terminal", default="", help="At which device; left out: the terminal that it is about.")
@_since
@_until
@_by
@json_option
@config_option
def incident_assess(
    number: int,
    person: str,
    terminal: str,
    since: datetime,
    until: datetime | None,
    by: str,
    as_json: bool,
    config: Path | None,
) -> None:
    """Work out from the journal whose data were shown in a period, which agencies own them, and who must be told."""
    loaded = loaded_from(config, made=True)

    async def work(opened: Incidents) -> tuple[Incident, Reached]:
        period = Period(person=person, terminal=terminal.upper(), since=utc(since), until=utc(until))
        return await opened.assess(number, period, catalogue_of(loaded), by=by)

    found, reached = with_incidents(loaded, work)
    if as_json:
        print_json({**_shown(found), "reached": reached})
        return
    click.echo(
        f"{len(reached.records):,} records in {reached.answers:,} answers; {reached.people:,} are about people"
    )
    print_table(("File", "Records"), list(reached.files.items()))
    print_table(("Agency", "Its records"), [(owner.ori, owner.records) for owner in reached.owners])
    for source, many in reached.unnumbered.items():
        click.echo(f"{many} answers of {source} showed data whose records have no number here")
    click.echo(f"to be told: {', '.join(found.owed) or 'nobody'}")


def _act(
    number: int, act: Act, by: str, words: str, as_json: bool, config: Path | None, about: tuple[str, ...] = ()
) -> None:  # fmt: skip
    async def work(opened: Incidents) -> Incident:
        return await opened.act(number, act, by=by, words=words, about=about)

    _tell(with_incidents(loaded_from(config, made=True), work), as_json)


def _tell(one: Incident, as_json: bool) -> None:
    if as_json:
        print_json(_shown(one))
        return
    due = _due(one)
    click.echo(
        f"incident {one.number} of {one.ori or 'the switch itself'} is {one.state.value}{f'; due {due}' if due else ''}"
    )
