"""Commands for the weekly review of the journal: prepare, show, sign, list, and which weeks are overdue."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from wireroom.app.assemble import connect, database_name, engine, now
from wireroom.app.console import config_option, json_option, loaded_from, print_json, print_table, run
from wireroom.app.keys import keys_of
from wireroom.app.reviews import Reviews, week_of
from wireroom.app.settings import Loaded
from wireroom.message.acting import COMMAND
from wireroom.oversight.review import SAMPLE_MAX, Owed, Review
from wireroom.oversight.reviews_kept import Kept

Result = TypeVar("Result")
SEED_BYTES = 16
_by = click.option("--by", default="", help="Who does it: an auditor of the agency, or DOJ.")


def _with_reviews(loaded: Loaded, work: Callable[[Reviews], Awaitable[Result]]) -> Result:
    async def inside() -> Result:
        async with engine(loaded, database_name(loaded)) as dsn:
            connection = await connect(dsn, acts=COMMAND)
            try:
                return await work(Reviews(connection, keys_of(loaded).texts(dsn, now), now))
            finally:
                await connection.close()

    return run(inside())


@click.group("review")
def review() -> None:
    """The weekly review of an agency's journal, signed by its auditor."""


@review.command("prepare")
@click.argument("ori")
@click.option("--week", default="", help="2026-W10, or any day of it; left out: the last that is over.")
@click.option("--sample", type=click.IntRange(1, SAMPLE_MAX), default=25, show_default=True,
              help="Explained inquiries that are drawn to be looked at as well.")  # fmt: skip
@_by
@json_option
@config_option
def review_prepare(ori: str, week: str, sample: int, by: str, as_json: bool, config: Path | None) -> None:
    """Gather what needs looking at in an agency's week, and draw a sample of the rest. Nothing is signed yet."""

    async def work(reviews: Reviews) -> tuple[int, Review]:
        seed = secrets.token_hex(SEED_BYTES)
        return await reviews.prepare(ori.upper(), week_of(week), seed=seed, sample=sample, by=by)

    number, made = _with_reviews(loaded_from(config, made=True), work)
    _show(number, made, as_json)
    if not as_json:
        click.echo(f"having looked at it: wireroom journal review sign {number} --by … --words …")


@review.command("show")
@click.argument("number", type=int)
@_by
@json_option
@config_option
def review_show(number: int, by: str, as_json: bool, config: Path | None) -> None:
    """A review as it was prepared; with --json its very bytes, of which the digest is the SHA-256."""

    async def work(reviews: Reviews) -> tuple[Kept, Review]:
        return await reviews.show(number, by)

    kept, found = _with_reviews(loaded_from(config, made=True), work)
    if as_json:
        click.echo(found.bytes(), nl=False)
        return
    _show(number, found, as_json=False)
    click.echo(f"digest {kept.digest}; {f'signed by {kept.signed_by}' if kept.signed_by else 'not signed'}")


def _show(number: int, made: Review, as_json: bool) -> None:
    if as_json:
        print_json({"number": number, "digest": made.digest, "review": made})
        return
    click.echo(f"review {number}: {made.ori}, the week of {made.week}, {made.read:,} entries")
    rows = [
        (one.what, f"{one.count:,}", ", ".join(f"{what} {many}" for what, many in list(one.by.items())[:5]))
        for one in made.headings
    ]
    print_table(("To look at", "Entries", "By"), rows)
    click.echo(f"accounts without use for 30 days: {', '.join(made.unused) or 'none'}")
    click.echo(f"sample of {made.explained:,} explained inquiries, seed {made.seed}: "
               f"{' '.join(str(one) for one in made.sample) or 'none'}")  # fmt: skip


@review.command("sign")
@click.argument("number", type=int)
@click.option(
    "--by", required=True, help="The auditor of the agency, or DOJ; nobody whose acts are in the review."
)
@click.option("--words", required=True, help="What was looked at and what came of it.")
@json_option
@config_option
def review_sign(number: int, by: str, words: str, as_json: bool, config: Path | None) -> None:
    """Sign a week's review. A week is signed once, and nothing of it changes afterwards."""

    async def work(reviews: Reviews) -> Kept:
        return await reviews.sign(number, words, by)

    kept = _with_reviews(loaded_from(config, made=True), work)
    if as_json:
        print_json(kept)
    else:
        click.echo(f"the week of {kept.week} of {kept.ori} is signed by {kept.signed_by}: entry {kept.entry}")


@review.command("list")
@click.option("--ori", default="", help="Of one agency only.")
@json_option
@config_option
def review_list(ori: str, as_json: bool, config: Path | None) -> None:
    """Reviews that were prepared, and who signed them."""

    async def work(reviews: Reviews) -> tuple[Kept, ...]:
        return await reviews.listed(ori.upper())

    found = _with_reviews(loaded_from(config, made=True), work)
    if as_json:
        print_json(found)
        return
    rows = [
        (one.number, one.ori, one.week, one.digest[:16], one.prepared_by, one.signed_by,
         f"{one.signed_at:%Y-%m-%d %H:%M}" if one.signed_at else "")
        for one in found
    ]  # fmt: skip
    print_table(("Number", "ORI", "Week of", "Digest", "Prepared by", "Signed by", "On (UTC)"), rows)


@review.command("overdue")
@json_option
@config_option
def review_overdue(as_json: bool, config: Path | None) -> None:
    """Weeks that nobody signed within seven days of their end. Exit code 1 where there is one."""

    async def work(reviews: Reviews) -> tuple[Owed, ...]:
        return await reviews.overdue()

    found = _with_reviews(loaded_from(config, made=True), work)
    if as_json:
        print_json(found)
    else:
        print_table(
            ("ORI", "Week of", "Was due (UTC)"),
            [(o.ori, o.week, f"{o.due_at:%Y-%m-%d %H:%M}") for o in found],
        )
    raise SystemExit(1 if found else 0)
