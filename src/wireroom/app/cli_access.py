"""The report of access from the command line: who of an agency asked how often, read from the journal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from wireroom.app import AppError
from wireroom.app.assemble import now
from wireroom.app.cli_data import oversight, utc
from wireroom.app.console import config_option, json_option, loaded_from, print_json, print_table, run
from wireroom.app.living import catalogue_of
from wireroom.journal.tags import Tag
from wireroom.oversight.access import DAYS_MAX, Access, Span, TooMuch, access, files_of


@click.command("access")
@click.argument("ori")
@click.option("--since", type=click.DateTime(), required=True, help="From when, UTC.")
@click.option(
    "--until", type=click.DateTime(), help=f"Until when, UTC, at most {DAYS_MAX} days later; without it now."
)
@json_option
@config_option
def journal_access(
    ori: str, since: datetime, until: datetime | None, as_json: bool, config: Path | None
) -> None:
    """Who of the agency ORI asked how often, for what and of which files; what was refused or not explained.

    Never what was asked about. The reading is written down. An agency's auditor has the same over HTTP.
    """
    loaded = loaded_from(config, made=True)
    span = Span(ori=ori.upper(), since=utc(since), until=utc(until or now()))
    if span.wrong:
        raise AppError(span.wrong)
    detail: dict[str, object] = {
        "act": "access-report", "of": span.ori, "since": span.since.isoformat(), "until": span.until.isoformat()
    }  # fmt: skip

    async def work() -> Access:
        async with oversight(loaded, Tag.JOURNAL_SEARCHED, detail) as (pool, texts, _):
            return await access(pool, span, texts=texts, files_of=files_of(catalogue_of(loaded)))

    try:
        found = run(work())
    except TooMuch as error:
        raise AppError(str(error)) from error
    if as_json:
        print_json(found)
        return
    print_table(
        ("Person", "Purpose", "Files", "Times", "After hours"),
        [(one.person, one.purpose, one.file, one.times, one.after_hours) for one in found.used],
    )
    if found.refused:
        print_table(
            ("Person", "Refused by", "Times"), [(one.person, one.rule, one.times) for one in found.refused]
        )
    if found.unexplained:
        print_table(("Person", "Not explained"), list(found.unexplained))
    if found.unread:
        click.echo(f"{found.unread} entries could not be opened: run wireroom journal verify")
