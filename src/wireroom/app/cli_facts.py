"""Commands that record what stands of people: cleared, trained, signed, authorised, reviewed, moved, left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from wireroom.app import AppError
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
from wireroom.app.keys import keys_of
from wireroom.app.settings import Loaded
from wireroom.catalog.kinds import Bad
from wireroom.journal.tags import Tag
from wireroom.message.acting import As
from wireroom.message.local import HERE, day_of
from wireroom.policy import facts as kept
from wireroom.policy import own, staff
from wireroom.policy.facts import Fact, FactKind
from wireroom.policy.request import Own
from wireroom.policy.ruling import Role

Command = TypeVar("Command", bound=Callable[..., Any])

_identifier = click.argument("identifier")
_by = click.option(
    "--by", default="", help="Who records it: an administrator of the agency. Without it: this machine's own."
)
_on = click.option(
    "--on", "day", default="", help="The day that it happened, as 2026-11-28. Without it: today."
)


@click.command("clear")
@_identifier
@click.option("--fingerprint", "fingerprint", is_flag=True, help="Only the fingerprint check.")
@click.option("--background", "background", is_flag=True, help="Only the look at the background.")
@click.option(
    "--against", is_flag=True, help="Something was found against the person: they may send nothing."
)
@_on
@_by
@config_option
def person_clear(
    identifier: str,
    fingerprint: bool,
    background: bool,
    against: bool,
    day: str,
    by: str,
    config: Path | None,
) -> None:
    """Record the fingerprint check and the background, both unless one is named."""
    both = fingerprint is background
    kinds = [FactKind.FINGERPRINT] * (both or fingerprint) + [FactKind.BACKGROUND] * (both or background)
    _record(
        [Fact(person=identifier, kind=kind, day=_day(day), good=not against) for kind in kinds], by, config
    )


@click.command("train")
@_identifier
@click.option("--score", type=click.IntRange(0, 100), help="What the examination came to, in per cent.")
@click.option("--class", "only_class", is_flag=True, help="Only the class, without an examination.")
@_on
@_by
@config_option
def person_train(
    identifier: str, score: int | None, only_class: bool, day: str, by: str, config: Path | None
) -> None:
    """Record a class and its examination."""
    if only_class is (score is not None):
        raise AppError("give the examination's --score, or --class where there was a class alone")
    found = [Fact(person=identifier, kind=FactKind.TRAINING, day=_day(day))]
    if score is not None:
        found.append(Fact(person=identifier, kind=FactKind.EXAMINATION, day=_day(day), score=score))
    _record(found, by, config)


@click.command("sign")
@_identifier
@click.option("--statement", "version", default="", help="The version signed. Without it: the one in force.")
@_on
@_by
@config_option
def person_sign(identifier: str, version: str, day: str, by: str, config: Path | None) -> None:
    """Record that the statement was signed."""
    word = version or loaded_from(config).settings.clearance.statement_version
    _record([Fact(person=identifier, kind=FactKind.STATEMENT, day=_day(day), word=word)], by, config)


@click.command("authorise")
@_identifier
@click.option("--head", default="", help="Who authorised it: the head of the agency, or whoever stands in.")
@click.option("--until", default="", help="The last day, as 2027-12-31; without it until it is withdrawn.")
@click.option("--withdraw", is_flag=True, help="The authorisation ends now.")
@_on
@_by
@config_option
def person_authorise(
    identifier: str, head: str, until: str, withdraw: bool, day: str, by: str, config: Path | None
) -> None:
    """Record that the agency lets a person work with the system, or no more."""
    ends = end_of(until) if until else None
    word = head or ("withdrawn" if withdraw else "")
    _record(
        [Fact(person=identifier, kind=FactKind.AUTHORISATION, day=_day(day), good=not withdraw, word=word,
              until=ends)],
        by, config,
    )  # fmt: skip


@click.command("review")
@_identifier
@_on
@_by
@config_option
def person_review(identifier: str, day: str, by: str, config: Path | None) -> None:
    """Record that somebody looked at the account: it is needed, and its role is right."""
    _record([Fact(person=identifier, kind=FactKind.REVIEW, day=_day(day))], by, config)


@click.command("move")
@_identifier
@click.argument("ori")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="The new role, if it changes.")
@_by
@config_option
def person_move(identifier: str, ori: str, role: str | None, by: str, config: Path | None) -> None:
    """A person works for another agency, or in another role: every right ends until they are authorised anew."""

    async def work(pool: As) -> None:
        await staff.may_move(pool, by, identifier, ori=ori.upper(), role=role or "")
        await staff.move(pool, identifier, ori.upper(), role=role or "", by=by or FROM_OUTSIDE, now=now())

    detail: dict[str, object] = {"act": "move", "person": identifier, "ori": ori.upper(), "role": role or ""}
    _with_pool(work, detail, by, config)
    click.echo(f"{identifier} is of {ori.upper()} and may send nothing until authorised there; {KNOWN_SOON}")


@click.command("leave")
@_identifier
@_by
@config_option
def person_leave(identifier: str, by: str, config: Path | None) -> None:
    """A person left: the account is disabled, its sessions end, and nobody else ever gets its identifier."""

    async def work(pool: As) -> None:
        if by:
            await kept.may_record(pool, by, identifier)
        await staff.leave(pool, identifier, by=by or FROM_OUTSIDE, now=now())

    _with_pool(work, {"act": "leave", "person": identifier}, by, config)
    click.echo(f"{identifier} left and may not sign in any more; {KNOWN_SOON}")


@click.command("facts")
@_identifier
@json_option
@config_option
def person_facts(identifier: str, as_json: bool, config: Path | None) -> None:
    """All that was ever recorded of a person, with who recorded it and when."""

    async def work() -> tuple[Fact, ...]:
        async with pool_of(loaded_from(config, made=True)) as pool:
            return await kept.history(pool, identifier)

    found = run(work())
    if as_json:
        print_json(found)
        return
    rows = [
        (one.kind, one.day, "" if one.good else "no", "" if one.score is None else one.score, one.word, one.ori,
         _shown(one.until), one.recorded_by, _shown(one.recorded_at))
        for one in found
    ]  # fmt: skip
    print_table(("What", "Day", "Good", "Score", "Word", "ORI", "Until", "By", "Recorded"), rows)


@click.command("due")
@click.option("--ori", default="", help="Of one agency only.")
@json_option
@config_option
def person_due(ori: str, as_json: bool, config: Path | None) -> None:
    """Who must be cleared, trained, disabled or reviewed, by when; who moved or left and must be told of."""
    loaded = loaded_from(config, made=True)

    async def work() -> tuple[staff.Due, ...]:
        async with pool_of(loaded) as pool:
            found = await staff.members(pool, ori.upper())
            return staff.due(found, loaded.settings.clearance.demands, now())

    found = run(work())
    if as_json:
        print_json(found)
        return
    rows = [
        (one.by, "overdue" if one.overdue else "", one.what, one.person, one.name, one.ori) for one in found
    ]
    print_table(("By", "", "What", "Identifier", "Name", "ORI"), rows)


def _record(found: list[Fact], by: str, config: Path | None) -> None:
    """Keep facts of one person, written down first."""
    one, recorder = found[0].person, by or FROM_OUTSIDE

    async def work(pool: As) -> None:
        if by:
            await kept.may_record(pool, by, one)
        await kept.record(pool, found, by=recorder, now=now())

    told = [msgspec.to_builtins({"kind": f.kind, "day": f.day, "good": f.good, "score": f.score, "word": f.word})
            for f in found]  # fmt: skip
    _with_pool(work, {"act": "record", "person": one, "facts": told}, by, config)
    click.echo(f"{', '.join(f.kind for f in found)} of {one} recorded; {KNOWN_SOON}")


def _with_pool(
    work: Callable[[As], Awaitable[None]], detail: dict[str, object], by: str, config: Path | None
) -> None:
    async def inside() -> None:
        written = detail | {"by": by or FROM_OUTSIDE}
        async with pool_of(loaded_from(config, made=True), Tag.PERSON_CHANGED, written) as pool:
            await work(pool)

    run(inside())


def _day(text: str) -> date:
    """A day as it was typed; today where none was."""
    try:
        return date.fromisoformat(text) if text else day_of(now())
    except ValueError:
        raise AppError(f"{text!r} is not a day, as 2027-12-31 is") from None


def _shown(at: datetime | None) -> str:
    return f"{at.astimezone(HERE):%Y-%m-%d %H:%M}" if at else ""


@click.command("own")
@_identifier
@click.option("--kind", type=click.Choice(["self", "household", "dispute"]), help="Whose it is: their own, of their "
              "household, or of somebody with whom they are in a dispute.")  # fmt: skip
@click.option("--name", default="", help="LAST, FIRST MIDDLE; with --born.")
@click.option("--born", default="", help="The date of birth, as 19850412.")
@click.option("--number", "numbers", multiple=True, metavar="FIELD/VALUE",
              help="A number of theirs: OLN, LIC, VIN, SOC, or PNO of a court's case. Several times.")  # fmt: skip
@click.option("--end", "ended", is_flag=True, help="It is theirs no more.")
@_by
@json_option
@config_option
def person_own(  # noqa: PLR0913 - each is an option
    identifier: str,
    kind: str | None,
    name: str,
    born: str,
    numbers: tuple[str, ...],
    ended: bool,
    by: str,
    as_json: bool,
    config: Path | None,
) -> None:
    """Record whom a person may not ask about: themselves, household, a dispute. Only marks are kept, no names.

    Without options: what is recorded.
    """
    loaded = loaded_from(config, made=True)
    values = _named(name, born, numbers)
    if not values:
        _show_own(identifier, as_json, loaded)
        return
    if kind is None and not ended:
        raise AppError("say whose it is: --kind self, household or dispute")
    marks = keys_of(loaded).marker().marks(values)
    # What is written down tells no more than the table: who, of what kind, how many, by whom.
    detail: dict[str, object] = {
        "act": "own-end" if ended else "own", "of": identifier, "kind": kind or "", "marks": len(marks), "by": by
    }  # fmt: skip

    async def work() -> int:
        async with pool_of(loaded, Tag.PERSON_CHANGED, detail) as pool:
            if by:
                await kept.may_record(pool, by, identifier)
            if ended or kind is None:
                return await own.end(pool, identifier, marks, now=now())
            return await own.keep(pool, identifier, Own(kind), marks, by=by or FROM_OUTSIDE, now=now())

    many = run(work())
    click.echo(f"{identifier}: {many} {'ended' if ended else 'recorded'}; {KNOWN_SOON}")


def _named(name: str, born: str, numbers: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """What the options name, as fields with canonical values."""
    if bool(name) is not bool(born):
        raise AppError("a name goes with the date of birth: give --name and --born")
    pairs = [("NAM", name), ("DOB", born)] if name else []
    for one in numbers:
        code, _, value = one.partition("/")
        pairs.append((code.upper(), value))
    values: dict[str, tuple[str, ...]] = {}
    for code, text in pairs:
        field = own.field_of(code)
        if field is None:
            raise AppError(f"{code} names nobody: give one of {', '.join(own.NUMBERS)}, as OLN/D1234567")
        read = field.kind.read(text, day_of(now()))
        if isinstance(read, Bad):
            raise AppError(f"{code} {read.reason}")
        values[code] = (*values.get(code, ()), read)
    return values


def _show_own(identifier: str, as_json: bool, loaded: Loaded) -> None:
    async def work() -> tuple[own.Kept, ...]:
        async with pool_of(loaded) as pool:
            return await own.held(pool, identifier)

    found = run(work())
    if as_json:
        print_json(found)
        return
    rows = [
        (one.kind.value, one.mark[:8], _shown(one.since), _shown(one.until), one.recorded_by) for one in found
    ]
    print_table(("Kind", "Mark", "Since", "Until", "Recorded by"), rows)


# What `wireroom person` has besides the accounts themselves.
COMMANDS = (
    person_clear,
    person_train,
    person_sign,
    person_authorise,
    person_review,
    person_own,
    person_move,
    person_leave,
    person_facts,
    person_due,
)
