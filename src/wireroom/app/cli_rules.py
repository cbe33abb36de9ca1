"""Commands about the rules: read them, try others, put them forward, approve them; and emergencies."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import msgspec

from wireroom.app import AppError
from wireroom.app.assemble import now
from wireroom.app.cli_admin import KNOWN_SOON, pool_of
from wireroom.app.console import config_option, json_option, loaded_from, print_json, print_table, run
from wireroom.app.keys import keys_of
from wireroom.app.settings import Loaded
from wireroom.journal.tags import Tag
from wireroom.message.acting import As
from wireroom.message.local import HERE, day_of
from wireroom.policy import emergencies as kept
from wireroom.policy import rulesets
from wireroom.policy.engine import TEXT_MAX, Policies, Rule, built_in
from wireroom.policy.rulesets import Ruleset
from wireroom.policy.ruling import usual
from wireroom.policy.tally import Replay, replay

SHOWN_MAX = 40  # kinds of differences; all are in the JSON


@click.group()
def rules() -> None:
    """Rules: read them, try others on past decisions, put them forward, approve them."""


_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_agency = click.option(
    "--agency",
    "ori",
    default="",
    help="The rules are an agency's own, which only forbid. Without it: the state's.",
)
_days = click.option(
    "--days",
    type=click.IntRange(1, 400),
    default=30,
    show_default=True,
    help="Days of decisions to try them on.",
)


@rules.command("list")
@json_option
@config_option
def rules_list(as_json: bool, config: Path | None) -> None:
    """Every set of rules that was put forward, and the one in force."""

    async def work() -> tuple[Policies, tuple[Ruleset, ...]]:
        loaded = loaded_from(config, made=True)
        async with pool_of(loaded) as pool:
            return await _in_force(pool, loaded), await rulesets.rulesets(pool)

    force, found = run(work())
    own = Ruleset(digest=usual().digest, text=built_in(), local={}, words="the rules that come with the program",
                  proposed_by="", proposed_at=datetime.fromtimestamp(0, HERE))  # fmt: skip
    if as_json:
        print_json({"in_force": force.digest, "rulesets": [own, *found]})
        return
    rows = [
        (one.digest, "in force" if one.digest == force.digest else "", one.words, one.proposed_by,
         _shown(one.proposed_at) if one.proposed_by else "", one.approved_by, _shown(one.approved_at))
        for one in (*found, own)
    ]  # fmt: skip
    print_table(("Rules", "", "Why", "Put forward by", "On", "Approved by", "On"), rows)


@rules.command("show")
@click.option(
    "--text",
    "as_text",
    is_flag=True,
    help="The rules themselves, in Cedar: save them, change them, propose them.",
)
@_agency
@json_option
@config_option
def rules_show(as_text: bool, ori: str, as_json: bool, config: Path | None) -> None:
    """The rules in force: each with its name and what the person is told whom it refuses."""

    async def work() -> Policies:
        loaded = loaded_from(config, made=True)
        async with pool_of(loaded) as pool:
            return await _in_force(pool, loaded)

    force = run(work())
    if as_text:
        click.echo(force.local.get(ori.upper(), "") if ori else force.text, nl=False)
        return
    found: tuple[Rule, ...] = force.rules_of(ori.upper())
    if as_json:
        print_json({"digest": force.digest, "rules": found})
        return
    print_table(
        ("Rule", "Of", "The person is told"),
        [
            (one.name, one.of or "the state", f"{one.sentence}{f' (as {one.told})' if one.told else ''}")
            for one in found
        ],
    )


@rules.command("check")
@_file
@_agency
@config_option
def rules_check(file: Path, ori: str, config: Path | None) -> None:
    """Whether a file of rules may be put forward; changes nothing."""

    async def work() -> Policies:
        loaded = loaded_from(config, made=True)
        async with pool_of(loaded) as pool:
            return _changed(await _in_force(pool, loaded), file, ori)

    made = run(work())
    click.echo(f"{file} may be put forward: {len(made.rules_of(ori.upper()))} rules, {made.digest}")


@rules.command("replay")
@_file
@_agency
@_days
@json_option
@config_option
def rules_replay(file: Path, ori: str, days: int, as_json: bool, config: Path | None) -> None:
    """Try a file of rules on what was decided in the last days, and show what would have been otherwise."""

    async def work() -> Replay:
        loaded = loaded_from(config, made=True)
        async with pool_of(loaded) as pool:
            return await replay(
                pool, _changed(await _in_force(pool, loaded), file, ori), today=day_of(now()), days=days
            )

    _show(run(work()), as_json)


@rules.command("propose")
@_file
@_agency
@click.option(
    "--by", required=True, help="Who puts them forward: of DOJ, or an administrator for the own agency."
)
@click.option("--why", required=True, help="Why they are changed, for whoever approves them.")
@config_option
def rules_propose(file: Path, ori: str, by: str, why: str, config: Path | None) -> None:
    """Put a file of rules forward. Somebody else approves them before they are in force."""

    async def work() -> Ruleset:
        loaded = loaded_from(config, made=True)
        async with pool_of(loaded) as pool:
            made = _changed(await _in_force(pool, loaded), file, ori)
        detail: dict[str, object] = {
            "act": "propose",
            "policy": made.digest,
            "by": by,
            "why": why,
            "of": ori.upper(),
        }
        async with pool_of(loaded, Tag.RULES_CHANGED, detail) as pool:
            return await rulesets.propose(pool, made, why, by=by, now=now())

    one = run(work())
    click.echo(
        f"{one.digest} is put forward; somebody else looks at it: wireroom rules approve {one.digest} --by …"
    )


@rules.command("approve")
@click.argument("digest")
@click.option("--by", required=True, help="Who approves them: not who put them forward.")
@_days
@click.option("--seen", is_flag=True, help="The differences were looked at: take the rules into force.")
@json_option
@config_option
def rules_approve(digest: str, by: str, days: int, seen: bool, as_json: bool, config: Path | None) -> None:
    """Show what proposed rules change, and with --seen sign them and take them into force."""

    async def work() -> tuple[Replay, Ruleset | None]:
        loaded = loaded_from(config, made=True)
        async with pool_of(loaded) as pool:
            held = [one for one in await rulesets.rulesets(pool) if one.digest == digest]
            if not held:
                raise AppError(f"no rules {digest} were put forward: see `wireroom rules list`")
            found = await replay(pool, Policies(held[0].text, held[0].local), today=day_of(now()), days=days)
        if not seen:
            return found, None
        detail: dict[str, object] = {"act": "approve", "policy": digest, "by": by, "opened": found.opened,
                                     "closed": found.closed}  # fmt: skip
        shown = msgspec.json.encode(found).decode()
        async with pool_of(loaded, Tag.RULES_CHANGED, detail) as pool:
            signer = keys_of(loaded).rules_signer()
            return found, await rulesets.approve(pool, digest, signer, shown, by=by, now=now())

    found, done = run(work())
    _show(found, as_json)
    if as_json:
        return
    if done is None:
        click.echo(
            f"Nothing is in force yet. Having looked at this: wireroom rules approve {digest} --by {by} --seen"
        )
    else:
        click.echo(f"{digest} is approved; {KNOWN_SOON}")


async def _in_force(pool: As, loaded: Loaded) -> Policies:
    held = await rulesets.in_force(pool, keys_of(loaded).rules_signer(), now())
    return usual() if held is None else Policies(held.text, held.local)


def _changed(force: Policies, file: Path, ori: str) -> Policies:
    """The rules in force with this file in place of the state's, or of an agency's own."""
    if file.stat().st_size > TEXT_MAX:
        raise AppError(f"{file} has more than {TEXT_MAX:,} bytes")
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        raise AppError(f"{file} is no text in UTF-8") from None
    if not ori:
        return Policies(text, force.local)
    local = {**force.local, ori.upper(): text}
    return Policies(force.text, {one: own for one, own in local.items() if own.strip()})


def _show(found: Replay, as_json: bool) -> None:
    if as_json:
        print_json({**msgspec.to_builtins(found), "opened": found.opened, "closed": found.closed})
        return
    click.echo(
        f"{found.decisions:,} decisions of {found.kinds:,} kinds since {found.since:%Y-%m-%d}: "
        f"{found.opened:,} that were refused would go, {found.closed:,} that went would be refused."
    )
    if found.unknown:
        click.echo(
            f"{found.unknown:,} are of a time when the rules looked at other facts, and were not tried."
        )
    rows = [
        (
            f"{one.times:,}",
            one.facts.role,
            one.facts.verb,
            one.was or "went",
            one.would_be or "would go",
            one.ori,
        )
        for one in sorted(found.differences, key=lambda one: (not one.opens, -one.times))[:SHOWN_MAX]
    ]
    if rows:
        print_table(("Times", "Role", "Verb", "Was", "Would be", "Agency's own"), rows)


# --------------------------------------------------------------------------- emergencies


@click.group()
def emergency() -> None:
    """Emergencies: inquiries for which a rule gave way, and what a supervisor says of each."""


@emergency.command("list")
@click.option("--agency", "ori", default="", help="Of one agency. Without it: of all.")
@click.option("--all", "every", is_flag=True, help="Those too that were explained.")
@json_option
@config_option
def emergency_list(ori: str, every: bool, as_json: bool, config: Path | None) -> None:
    """Which emergencies wait to be explained, and until when."""

    async def work() -> tuple[kept.Declared, ...]:
        async with pool_of(loaded_from(config, made=True)) as pool:
            return await kept.listed(pool, ori.upper(), every=every)

    found = run(work())
    if as_json:
        print_json(found)
        return
    rows = [
        (one.number, one.person, one.ori, one.rule, _shown(one.at), _shown(one.due_at), one.explained_by,
         {None: "", True: "was one", False: "was none"}[one.stands], one.words)
        for one in found
    ]  # fmt: skip
    print_table(
        ("Entry", "Person", "ORI", "Gave way", "At", "Explain by", "Explained by", "It", "Words"), rows
    )


@emergency.command("explain")
@click.argument("number", type=int)
@click.option("--by", required=True, help="A supervisor or an administrator of the agency, or one of DOJ.")
@click.option("--words", required=True, help="What was found.")
@click.option("--none", "none", is_flag=True, help="It was no emergency.")
@config_option
def emergency_explain(number: int, by: str, words: str, none: bool, config: Path | None) -> None:
    """Say what an emergency was. Nobody explains their own."""
    detail: dict[str, object] = {"entry": number, "by": by, "words": words, "stands": not none}

    async def work() -> None:
        async with pool_of(loaded_from(config, made=True), Tag.EMERGENCY_EXPLAINED, detail) as pool:
            await kept.explain(pool, number, words, stands=not none, by=by, now=now())

    run(work())
    click.echo(f"{number} is explained: it was {'none' if none else 'one'}")


def _shown(at: datetime | None) -> str:
    return f"{at.astimezone(HERE):%Y-%m-%d %H:%M}" if at else ""
