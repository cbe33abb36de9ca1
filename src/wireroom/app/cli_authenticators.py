"""Commands about what people sign in with: every authenticator that one ever had, and one that is lost."""

from __future__ import annotations

from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding

from wireroom.app import AppError
from wireroom.app.assemble import now
from wireroom.app.authority import read_certificate, read_file
from wireroom.app.cards import cards_of
from wireroom.app.cli_people import with_people
from wireroom.app.console import (
    FROM_OUTSIDE,
    config_option,
    json_option,
    loaded_from,
    print_json,
    print_table,
)
from wireroom.app.settings import Loaded
from wireroom.policy.authenticators import Authenticator, Kind
from wireroom.policy.elsewhere import SUBJECT_CHARACTERS_MAX, Shown, credential_of
from wireroom.policy.passkeys import Unproven
from wireroom.policy.people import People


@click.command("keys")
@click.argument("identifier")
@json_option
@config_option
def person_keys(identifier: str, as_json: bool, config: Path | None) -> None:
    """Every authenticator that a person ever had: who bound it and when, and who ended it and why."""

    async def work(people: People) -> tuple[Authenticator, ...]:
        return await people.keys.of(identifier)

    found = with_people(loaded_from(config, made=True), work)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.id,
            one.kind,
            one.name,
            f"{one.bound_at:%Y-%m-%d %H:%M} by {one.bound_by}",
            f"{one.used_at:%Y-%m-%d %H:%M}" if one.used_at else "",
            f"{one.ended_at:%Y-%m-%d %H:%M} by {one.ended_by}: {one.ended_for}" if one.ended_at else "",
        )
        for one in found
    ]
    print_table(("Key", "Kind", "Name", "Bound", "Last used", "Ended"), rows)


@click.command("lost")
@click.argument("identifier")
@click.option(
    "--by", default="", help="Who was told of it: an administrator. Without it: this machine's own."
)
@click.option(
    "--key", "keys", multiple=True, help="What is lost, as `person keys` names it; left out: everything."
)
@config_option
def person_lost(identifier: str, by: str, keys: tuple[str, ...], config: Path | None) -> None:
    """A person lost a device: it signs nobody in any more, and every session of theirs ends at once.

    The next request of each is refused, and an open page is told and hides within five seconds. Whoever has nothing
    left to sign in with comes in person: `person authenticator` binds anew.
    """

    async def work(people: People) -> tuple[int, int]:
        if by:
            await people.keys.may_report(by, identifier)
        return await people.keys.lost(identifier, now(), by=by or FROM_OUTSIDE, which=keys)

    detail: dict[str, object] = {"act": "lost", "person": identifier, "by": by or FROM_OUTSIDE}
    if keys:
        detail["authenticators"] = list(keys)
    ended, sessions = with_people(loaded_from(config, made=True), work, detail)
    click.echo(f"{identifier}: authenticators ended: {ended}; sessions ended: {sessions}")


@click.command("bind")
@click.argument("identifier")
@click.option("--directory", default="", help="The person's directory, by its name in the settings.")
@click.option("--subject", default="", help="How the directory calls the person: what its claim says.")
@click.option(
    "--card",
    type=click.Path(path_type=Path),
    help="The certificate for signing in of the person's card, in PEM or DER, instead of a directory.",
)
@click.option(
    "--by", default="", help="Who vouches for it: an administrator. Without it: this machine's own."
)
@config_option
def person_bind(
    identifier: str, directory: str, subject: str, card: Path | None, by: str, config: Path | None
) -> None:
    """Let a person sign in with their agency's own directory, or with a PIV card. See first whose it is.

    It ends as any other authenticator does: by its person, or with `person lost`.
    """
    loaded = loaded_from(config, made=True)
    if (card is None) is not bool(directory and subject) or (card and (directory or subject)):
        raise AppError("name --directory and --subject, or else --card")
    name, shown, more = _card(loaded, card) if card else _subject(loaded, directory, subject)

    async def work(people: People) -> str:
        if by:
            await people.keys.may_report(by, identifier)
        return await people.keys.bind_shown(identifier, name, shown, by=by or FROM_OUTSIDE, now=now())

    detail: dict[str, object] = {"act": "bind", "person": identifier, "by": by or FROM_OUTSIDE}
    key = with_people(loaded, work, detail | more)
    click.echo(f"{identifier} signs in with {name} from now on; the key is {key}")


def _subject(loaded: Loaded, directory: str, subject: str) -> tuple[str, Shown, dict[str, object]]:
    """Somebody whom a directory knows: its name, how they are kept, and what the journal says of it."""
    found = next((one for one in loaded.settings.directories if one.name == directory), None)
    if found is None:
        names = ", ".join(one.name for one in loaded.settings.directories)
        raise AppError(f"there is no directory {directory} in the settings; there is: {names or 'none'}")
    if not 0 < len(subject) <= SUBJECT_CHARACTERS_MAX or not subject.isprintable():
        raise AppError(f"--subject: at most {SUBJECT_CHARACTERS_MAX} characters, all printable")
    credential = credential_of(found.issuer, subject)
    shown = Shown(credential=credential, kind=Kind.DIRECTORY, ori=found.ori)
    return directory, shown, {"directory": directory, "subject": subject}


def _card(loaded: Loaded, file: Path) -> tuple[str, Shown, dict[str, object]]:
    """The same of a card, which is judged as at the door."""
    cards = cards_of(loaded, now)
    if cards is None:
        raise AppError("nobody signs in with a card here: set [cards] in wireroom.toml first")
    text = read_file(file)
    certificate = read_certificate(text).public_bytes(Encoding.DER) if text.startswith(b"-----") else text
    shown = cards.judged(certificate)
    if isinstance(shown, Unproven):
        raise AppError(f"{file}: {shown.cause}")
    return "PIV card", shown, {"card": shown.credential.hex()}


COMMANDS = (person_bind, person_keys, person_lost)
