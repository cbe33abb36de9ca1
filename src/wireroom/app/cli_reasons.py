"""Commands about reasons and incidents: what nothing explains, what a CAD said, and a CAD that is pretended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click
import msgspec

from wireroom.app import AppError
from wireroom.app.assemble import database_name, engine, now
from wireroom.app.cli_admin import pool_of
from wireroom.app.console import (
    FROM_OUTSIDE,
    bar,
    config_option,
    json_option,
    loaded_from,
    print_json,
    print_table,
    run,
)
from wireroom.app.database import open_as
from wireroom.app.explaining import told
from wireroom.app.keys import keys_of
from wireroom.app.noting import note_down
from wireroom.app.pretended_cad import tell
from wireroom.app.roles import SWITCH, WEB
from wireroom.app.settings import Loaded
from wireroom.journal.tags import Tag
from wireroom.lab.incidents import incidents
from wireroom.message.acting import As
from wireroom.message.local import timed
from wireroom.policy.cad import WORDS_MAX, BadWords, Incident, Kept, Mark, Said, Word, faults, history, take
from wireroom.policy.cad import incidents as standing
from wireroom.switch.reasons import LISTED_MAX, listed
from wireroom.switch.reasons import Kept as KeptReason

EXIT_BAD_LINES = 1
FAULTS_TOLD_MAX = 20


@click.group()
def reasons() -> None:
    """Why inquiries were made: list those that nothing explains."""


@reasons.command("list")
@click.option("--ori", default="", help="Of one agency only.")
@click.option("--all", "every", is_flag=True, help="Those that are explained too.")
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=LISTED_MAX,
    show_default=True,
    help="How many at most.",
)
@json_option
@config_option
def reasons_list(ori: str, every: bool, limit: int, as_json: bool, config: Path | None) -> None:
    """Inquiries that nothing explains, the newest first; never what was asked for. It is in the journal first."""
    loaded = loaded_from(config, made=True)

    async def work() -> tuple[KeptReason, ...]:
        async with engine(loaded, database_name(loaded)) as dsn:
            await note_down(loaded, dsn, Tag.REASONS_LISTED, FROM_OUTSIDE, {"ori": ori.upper(), "all": every})
            pool = await open_as(dsn, SWITCH, 1)
            try:
                return await listed(pool, ori.upper(), every=every, limit=limit)
            finally:
                await pool.close()

    found = run(work())
    if as_json:
        print_json([{**msgspec.to_builtins(one), "transaction": str(one.transaction)} for one in found])
        return
    rows = [
        (one.transaction, timed(one.at), one.ori, one.terminal, one.person, one.asked, one.kind, one.reference,
         one.requester, one.words, one.verdict, timed(one.due_at) if one.due_at else "")
        for one in found
    ]  # fmt: skip
    titles = (
        "Inquiry",
        "At",
        "ORI",
        "Terminal",
        "Person",
        "Key",
        "Kind",
        "Reference",
        "For",
        "Words",
        "Verdict",
        "Again",
    )
    print_table(titles, rows)


@click.group()
def cad() -> None:
    """Incidents of an agency's CAD: take them from a file, list them, show what became of one."""


@cad.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--ori", required=True, help="The agency whose CAD it is.")
@json_option
@config_option
def cad_import(file: Path, ori: str, as_json: bool, config: Path | None) -> None:
    """Take incidents from a file of JSON lines, each as the HTTP interface takes one.

    A line that cannot be taken is told with its field, and all others are taken; what came before changes nothing.
    """
    loaded = loaded_from(config, made=True)
    good, bad = _read(file)
    kept, more = run(_import(loaded, ori.upper(), good, file.name))
    bad = sorted((*bad, *more))
    if as_json:
        lines = [{"line": line, "field": field, "reason": reason} for line, field, reason in bad]
        print_json({**msgspec.to_builtins(kept), "faults": lines})
    else:
        click.echo(
            f"{kept.taken:,} taken, {kept.repeated:,} repeated, {kept.overtaken:,} overtaken, {len(bad):,} bad"
        )
        if kept.afterwards:
            click.echo(f"changed after they had closed: {', '.join(kept.afterwards)}")
        for line, field, reason in bad[:FAULTS_TOLD_MAX]:
            click.echo(f"{file.name}:{line}: {field} {reason}", err=True)
        if len(bad) > FAULTS_TOLD_MAX:
            click.echo(f"and {len(bad) - FAULTS_TOLD_MAX:,} more; --json tells all", err=True)
    if bad:
        raise click.exceptions.Exit(EXIT_BAD_LINES)


def _read(file: Path) -> tuple[list[tuple[int, Word]], list[tuple[int, str, str]]]:
    """The words of a file with their lines, and what is wrong with the other lines: line, field, reason."""
    decoder = msgspec.json.Decoder(Word)
    good: list[tuple[int, Word]] = []
    bad: list[tuple[int, str, str]] = []
    at = now()
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                word = decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                bad.append((number, *_field(str(error))))
                continue
            wrong = faults([word], at)
            bad += [(number, one.field, one.reason) for one in wrong]
            if not wrong:
                good.append((number, word))
    return good, bad


def _field(error: str) -> tuple[str, str]:
    """The field that an error of the decoder is about, and its words."""
    words, _, path = error.partition(" - at `$")
    if "missing required field" in words:
        return words.split("`")[1], "is missing"
    return path.rstrip("`").lstrip(".") or "the line", f"cannot be read: {words[:1].lower()}{words[1:]}"


async def _import(
    loaded: Loaded, ori: str, good: list[tuple[int, Word]], source: str
) -> tuple[Kept, list[tuple[int, str, str]]]:
    """Keeps the words, a batch at a time, each written into the journal first; and the lines that were refused."""
    whole = Kept()
    bad: list[tuple[int, str, str]] = []
    mark = keys_of(loaded).vault().blind
    async with engine(loaded, database_name(loaded)) as dsn:
        pool = await open_as(dsn, WEB, 1)
        try:
            if not await pool.fetchval("select exists (select from agency where ori = $1)", ori):
                raise AppError(f"there is no agency {ori}; see `wireroom agency list`")
            with bar("Incidents") as progress:
                for done, batch in _batches(good):
                    words = [word for _, word in batch]
                    await note_down(
                        loaded,
                        dsn,
                        Tag.CAD_TAKEN,
                        FROM_OUTSIDE,
                        {"ori": ori, "file": source, "words": told(words)},
                    )
                    kept, wrong = await _taken(pool, ori, batch, mark)
                    whole, bad = _sum(whole, kept), [*bad, *wrong]
                    progress(done, len(good))
        finally:
            await pool.close()
    return whole, bad


async def _taken(
    pool: As, ori: str, batch: list[tuple[int, Word]], mark: Mark
) -> tuple[Kept, list[tuple[int, str, str]]]:
    """A batch without those of its words whose key came before with another content."""
    bad: list[tuple[int, str, str]] = []
    while batch:
        try:
            words = [word for _, word in batch]
            return await take(pool, ori, words, source=FROM_OUTSIDE, now=now(), mark=mark), bad
        except BadWords as error:
            bad += [(batch[one.place][0], one.field, one.reason) for one in error.faults]
            wrong = {one.place for one in error.faults}
            batch = [one for place, one in enumerate(batch) if place not in wrong]
    return Kept(), bad


def _batches(good: list[tuple[int, Word]]) -> Iterator[tuple[int, list[tuple[int, Word]]]]:
    for first in range(0, len(good), WORDS_MAX):
        yield min(first + WORDS_MAX, len(good)), good[first : first + WORDS_MAX]


def _sum(one: Kept, other: Kept) -> Kept:
    return Kept(
        taken=one.taken + other.taken, repeated=one.repeated + other.repeated,
        overtaken=one.overtaken + other.overtaken, afterwards=(*one.afterwards, *other.afterwards),
    )  # fmt: skip


@cad.command("list")
@click.argument("ori")
@json_option
@config_option
def cad_list(ori: str, as_json: bool, config: Path | None) -> None:
    """An agency's incidents as they stand, the newest first, with how often each was changed after it had closed."""

    async def work() -> tuple[Incident, ...]:
        async with pool_of(loaded_from(config, made=True)) as pool:
            return await standing(pool, ori.upper())

    found = run(work())
    if as_json:
        print_json(found)
        return
    rows = [
        (one.reference, one.kind, one.place, timed(one.opened_at), timed(one.closed_at) if one.closed_at else "open",
         " ".join(one.units), one.made_by, one.changes, one.afterwards or "")
        for one in found
    ]  # fmt: skip
    print_table(("Incident", "Kind", "Place", "Opened", "Closed", "Units", "By", "Words", "Afterwards"), rows)


@cad.command("show")
@click.argument("ori")
@click.argument("reference")
@json_option
@config_option
def cad_show(ori: str, reference: str, as_json: bool, config: Path | None) -> None:
    """All that a CAD said of one incident: who said it when, when it came, and what it changed."""

    async def work() -> tuple[Said, ...]:
        async with pool_of(loaded_from(config, made=True)) as pool:
            return await history(pool, ori.upper(), reference.upper())

    found = run(work())
    if not found:
        raise AppError(
            f"the CAD of {ori.upper()} told of no incident {reference.upper()}; see `wireroom cad list`"
        )
    if as_json:
        print_json(found)
        return
    rows = [
        (timed(one.came_at), one.came_from, timed(one.said_at), one.said_by, ", ".join(one.changed) or "overtaken",
         "after it had closed" if one.afterwards else "")
        for one in found
    ]  # fmt: skip
    print_table(("Came", "From", "Said", "By", "Changed", ""), rows)


@click.command("cad")
@click.option(
    "--incidents", "number", type=click.IntRange(1, 100_000), default=20, show_default=True, help="How many."
)
@click.option("--people", default="ada.dispatch,omar.officer", show_default=True, help="Who is on them.")
@click.option(
    "--terminal", default="ZZ01", show_default=True, help="The interface terminal that it signs on at."
)
@click.option(
    "--seed", default=2026, show_default=True, help="The same seed and hour give the same incidents."
)
@json_option
@config_option
def lab_cad(number: int, people: str, terminal: str, seed: int, as_json: bool, config: Path | None) -> None:
    """Pretend to be a CAD: tell a running switch of invented incidents of the last hours, over HTTP."""
    loaded = loaded_from(config, made=True)
    until = now().replace(minute=0, second=0, microsecond=0)
    since = until - timedelta(minutes=10 * number)
    who = [one.strip() for one in people.split(",") if one.strip()]
    if not who:
        raise AppError("name the accounts of --people, with commas between them")
    words = [word for word in incidents(number, who, since, seed) if word.at <= now()]
    secret = keys_of(loaded).interface_secret(terminal.upper())
    web = loaded.settings.web
    with bar("Incidents") as progress:
        kept = tell(f"http://{web.host}:{web.port}", terminal.upper(), secret, words, progress)
    if as_json:
        print_json(kept)
    else:
        click.echo(f"{kept.taken:,} taken, {kept.repeated:,} repeated, {kept.overtaken:,} overtaken")
