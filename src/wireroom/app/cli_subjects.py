"""Commands for a person who asks who looked them up, and for what they are not told yet."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import click

from wireroom.app import AppError
from wireroom.app.assemble import connect, database_name, engine, now
from wireroom.app.cli_incidents import utc
from wireroom.app.console import config_option, json_option, loaded_from, print_json, print_table, run
from wireroom.app.keys import keys_of
from wireroom.app.living import catalogue_of
from wireroom.app.looking import Look, look
from wireroom.app.settings import Loaded
from wireroom.app.subjects import Report, Subjects
from wireroom.catalog.index import Catalogue
from wireroom.catalog.kinds import Bad, Kind
from wireroom.catalog.kinds_of_person import PersonName
from wireroom.catalog.kinds_of_time import BirthDay
from wireroom.message.acting import COMMAND
from wireroom.message.local import day_of
from wireroom.oversight import about_kept as kept
from wireroom.oversight.about import NUMBERS, Hold, Subject, bare
from wireroom.records.matching.published import Rule

ASKED_DAYS = 365
FOUND_MAX = 60


@asynccontextmanager
async def _subjects(loaded: Loaded) -> AsyncIterator[tuple[Subjects, asyncpg.Connection]]:
    async with engine(loaded, database_name(loaded)) as dsn:
        connection = await connect(dsn, acts=COMMAND)
        try:
            yield Subjects(connection, keys_of(loaded).texts(dsn, now), now), connection
        finally:
            await connection.close()


@click.command("about")
@click.option(
    "--name", "names", multiple=True, required=True, help='"LAST, FIRST"; again for each former name.'
)
@click.option("--dob", required=True, help="Birth date: CCYYMMDD, CCYY-MM-DD or MM/DD/CCYY.")
@click.option("--ssn", default="", help="Social security number.")
@click.option("--oln", default="", help="Driving licence number.")
@click.option("--sid", default="", help="State identification number (CII).")
@click.option("--fbi", default="", help="FBI number.")
@click.option("--for", "proved", required=True, help="Who asked, and how they proved who they are.")
@click.option("--since", type=click.DateTime(), help="From when, UTC; left out: the last year.")
@click.option("--until", type=click.DateTime(), help="Until when, UTC; left out: until now.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it into this file, for its owner."
)
@click.option("--by", default="", help="Who hands it out: a clerk, administrator, auditor, or DOJ.")
@json_option
@config_option
def journal_about(  # noqa: PLR0913 - one parameter for each option
    names: tuple[str, ...],
    dob: str,
    ssn: str,
    oln: str,
    sid: str,
    fbi: str,
    proved: str,
    since: datetime | None,
    until: datetime | None,
    out: Path | None,
    by: str,
    as_json: bool,
    config: Path | None,
) -> None:
    """Tell a person who looked them up. First make sure who stands before you.

    Finds inquiries by their numbers, by name and birth date together, and those whose answers showed a record of ours
    that stands under these. That the report was given is an entry.
    """
    loaded = loaded_from(config, made=True)
    if out is not None and out.exists():
        raise AppError(f"{out} is there already: move it away, or name another with --out")
    given = dict(zip(NUMBERS, (ssn, oln, sid, fbi), strict=True))
    end = utc(until)
    period = (utc(since) if since else end - timedelta(days=ASKED_DAYS), end)
    report = run(_told(loaded, (names, dob, given), period, proved, by))
    if as_json:
        print_json(report)
    elif out is not None:
        with os.fdopen(
            os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(report.text())
        click.echo(
            f"{len(report.look_ups)} inquiries, {report.withheld} held back, in {out}; entry {report.number}"
        )
    else:
        click.echo(report.text(), nl=False)


async def _told(
    loaded: Loaded, said: tuple[tuple[str, ...], str, dict[str, str]], period: tuple[datetime, datetime], proved: str,
    by: str,
) -> Report:  # fmt: skip
    catalogue = catalogue_of(loaded)
    subject = _subject(catalogue, *said)
    async with _subjects(loaded) as (subjects, _):
        await subjects.check(proved, by)
    records = set[tuple[str, str]]()
    for name in subject.names:
        last, _, given = name.partition(", ")
        wanted = Look(last, given, "", "", int(subject.born), "", "", (), True, Rule.BITS, FOUND_MAX)
        found = (await look(loaded, wanted)).found
        born = BirthDay().show(subject.born)
        records |= {
            (one.file, one.number)
            for one in found
            if one.number and one.born == born and bare(one.name) == bare(name)
        }
    vault = keys_of(loaded).vault()
    async with _subjects(loaded) as (subjects, connection):
        index = [
            (kind, vault.blind(kind, value) if kind == "SOC" else value) for kind, value in subject.numbers
        ]
        records |= await kept.records_of(connection, index)
        subject = Subject(
            names=subject.names, born=subject.born, numbers=subject.numbers, records=frozenset(records)
        )
        officers = loaded.settings.oversight.officers_named
        return await subjects.tell(subject, period, catalogue, proved=proved, by=by, officers=officers)


def _subject(catalogue: Catalogue, names: tuple[str, ...], dob: str, numbers: dict[str, str]) -> Subject:
    """A person as the switch writes them. Raises AppError for a value that cannot be."""
    kinds = {field.code: field.kind for form in catalogue.forms.values() for field in form.fields}
    found = frozenset(
        (code, _read(kinds[code], value, code)) for code, value in numbers.items() if value.strip()
    )
    called = tuple(_read(PersonName(), name, "--name") for name in names)
    return Subject(names=called, born=_read(BirthDay(), dob, "--dob"), numbers=found)


def _read(kind: Kind, value: str, label: str) -> str:
    found = kind.read(value.strip(), day_of(now()))
    if isinstance(found, Bad):
        raise AppError(f"{label} {found.reason}")
    return found


# --------------------------------------------------------------------------- holds


@click.group("hold")
def hold() -> None:
    """Holds: inquiries that their subjects are not told of yet; two people, a reason, and an end."""


@hold.command("ask")
@click.argument("ori")
@click.option("--person", default="", help="Only inquiries of this account; left out: all of the agency.")
@click.option("--since", type=click.DateTime(), required=True, help="Inquiries from when on, UTC.")
@click.option("--until", type=click.DateTime(), required=True, help="When the hold ends by itself, UTC.")
@click.option("--why", required=True, help="The reason: an investigation, and its number.")
@click.option("--by", required=True, help="Who asks: an administrator or auditor of the agency, or DOJ.")
@json_option
@config_option
def hold_ask(
    ori: str,
    person: str,
    since: datetime,
    until: datetime,
    why: str,
    by: str,
    as_json: bool,
    config: Path | None,
) -> None:
    """Ask for a hold. It holds nothing before somebody else approves it."""
    wanted = Hold(
        number=0,
        ori=ori.upper(),
        person=person,
        since=utc(since),
        until=utc(until),
        asked_at=now(),
        asked_by=by,
    )

    async def work() -> Hold:
        async with _subjects(loaded_from(config, made=True)) as (subjects, _):
            return await subjects.hold(wanted, why)

    _tell(run(work()), as_json)


@hold.command("approve")
@click.argument("number", type=int)
@click.option("--by", required=True, help="Who approves it: not who asked for it.")
@json_option
@config_option
def hold_approve(number: int, by: str, as_json: bool, config: Path | None) -> None:
    """Approve a hold that somebody else asked for."""

    async def work() -> Hold:
        async with _subjects(loaded_from(config, made=True)) as (subjects, _):
            return await subjects.approve(number, by)

    _tell(run(work()), as_json)


@hold.command("list")
@click.option("--all", "every", is_flag=True, help="Those that have ended, too.")
@json_option
@config_option
def hold_list(every: bool, as_json: bool, config: Path | None) -> None:
    """Holds that stand, or wait for the second person."""

    async def work() -> tuple[Hold, ...]:
        async with _subjects(loaded_from(config, made=True)) as (subjects, _):
            return await subjects.holds(every=every)

    found = run(work())
    if as_json:
        print_json(found)
        return
    rows = [
        (h.number, h.ori, h.person, f"{h.until:%Y-%m-%d %H:%M}", h.asked_by, h.approved_by or "waits")
        for h in found
    ]
    print_table(("Number", "ORI", "Person", "Ends (UTC)", "Asked by", "Approved by"), rows)


def _tell(one: Hold, as_json: bool) -> None:
    if as_json:
        print_json(one)
    else:
        stands = (
            f"approved by {one.approved_by}" if one.approved_by else "waits for somebody else to approve it"
        )
        click.echo(f"hold {one.number} of {one.ori} until {one.until:%Y-%m-%d %H:%M} UTC {stands}")
