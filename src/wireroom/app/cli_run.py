"""Commands that run something: the demo, the switch, a partner, one message, a terminal in the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
from pathlib import Path

import click

from wireroom.app import AppError
from wireroom.app import demo as demonstration
from wireroom.app.assemble import now, running
from wireroom.app.console import bar, config_option, json_option, loaded_from, print_json, run
from wireroom.app.keys import Keys
from wireroom.app.partners import NAMES
from wireroom.app.partners import run as run_partner
from wireroom.app.sending import EXIT_NOT_SENT, Sender, lines
from wireroom.app.sending import as_json as as_json_of
from wireroom.app.sending import send as send_one
from wireroom.app.settings import Loaded
from wireroom.message.answer import Delivery
from wireroom.wire import NotLinked, WireError


def _say(text: str) -> None:
    click.echo(text, err=True)


@click.command()
@click.option(
    "--people",
    type=click.IntRange(1_000, 5_000_000),
    default=demonstration.PEOPLE,
    show_default=True,
    help="How many people to invent when the demo is started for the first time.",
)
@click.option("--check", is_flag=True, help="Run the printed examples over the real sockets, then stop.")
@click.option("--fresh", is_flag=True, help="Throw away the demo's data first.")
def demo(people: int, check: bool, fresh: bool) -> None:
    """Everything at once, with invented people: databases, partners, switch, desk and car."""
    folder = demonstration.FOLDER
    if fresh and folder.exists():
        shutil.rmtree(folder)
    loaded = demonstration.settings(folder)
    wrong = run(_demo(loaded, people, check))
    for line in wrong:
        click.echo(f"NOT AS IT SHOULD BE: {line}", err=True)
    sys.exit(1 if wrong else 0)


async def _demo(loaded: Loaded, people: int, check: bool) -> list[str]:
    keys = Keys(loaded.secrets_folder)
    with bar("Inventing") as progress:
        opened = demonstration.demo(loaded, people, _say, progress)
        ready, found, pids = await opened.__aenter__()
    try:
        click.echo(demonstration.words(ready, found, pids, keys, loaded))
        if check:
            return await demonstration.check(ready, found, keys, loaded, click.echo)
        with contextlib.suppress(asyncio.CancelledError):
            await demonstration.wait_for_ever()
        _say("Stopping")
        return []
    finally:
        await opened.__aexit__(None, None, None)


@click.command()
@config_option
def serve(config: Path | None) -> None:
    """The switch with its doors, until stopped."""
    run(_serve(loaded_from(config)))


async def _serve(loaded: Loaded) -> None:
    async with running(loaded) as ready:
        web = loaded.settings.web
        click.echo(
            f"Stations at {loaded.settings.wire.host}:{ready.wire_port}, browsers at http://{web.host}:{ready.web_port}/"
        )
        await demonstration.wait_for_ever()


@click.command()
@click.argument("name", type=click.Choice(sorted(NAMES)))
@click.option("--until-eof", is_flag=True, help="Stop when standard input ends.")
@config_option
def partner(name: str, until_eof: bool, config: Path | None) -> None:
    """A pretended partner: a whole program with its own database behind a real socket."""
    run(run_partner(name, loaded_from(config), until_eof=until_eof))


def _sender(config: Path | None, terminal: str, person: str, purpose: str, case: str) -> Sender:
    loaded = loaded_from(config)
    wire = loaded.settings.wire
    return Sender(
        host=wire.host,
        port=wire.port,
        terminal=terminal,
        person=person,
        purpose=purpose,
        case=case,
        keys=Keys(loaded.secrets_folder),
        answer_seconds_max=loaded.settings.switch.answer_seconds_max,
    )


terminal_option = click.option(
    "--terminal",
    default=demonstration.INTERFACE,
    show_default=True,
    envvar="WIREROOM_TERMINAL",
    help="The interface terminal to sign on at.",
)
person_option = click.option(
    "--person", default="console", show_default=True, help="For whom the question is asked."
)
purpose_option = click.option("--purpose", default="C", show_default=True, help="Purpose of the inquiry.")
case_option = click.option("--case", default="", help="Incident, case or warrant.")


@click.command()
@click.argument("text")
@terminal_option
@person_option
@purpose_option
@case_option
@json_option
@config_option
def send(
    text: str, terminal: str, person: str, purpose: str, case: str, as_json: bool, config: Path | None
) -> None:
    """Send TEXT and print each source's answer.

    TEXT is what the one box takes: 7ABQ123, QV LIC/7ABQ123, "DOE, JANE 19800101", or dotted text. Exit codes: 0 a hit,
    1 answered without a hit, 2 wrong use, 3 refused, 4 not sent or no answer.
    """
    try:
        sent = run(send_one(_sender(config, terminal, person, purpose, case), text))
    except (NotLinked, WireError, OSError, TimeoutError) as error:
        click.echo(f"not sent: {error}", err=True)
        sys.exit(EXIT_NOT_SENT)
    if as_json:
        print_json(as_json_of(sent))
    else:
        click.echo("\n".join(lines(sent)))
    sys.exit(sent.exit_code)


@click.command()
@terminal_option
@person_option
@purpose_option
@case_option
@config_option
def watch(terminal: str, person: str, purpose: str, case: str, config: Path | None) -> None:
    """A terminal in the terminal: type a line to ask, see whatever comes."""
    sender = _sender(config, terminal, person, purpose, case)
    try:
        run(_watch(sender))
    except (NotLinked, WireError, OSError) as error:
        raise AppError(f"not linked: {error}") from error


async def _watch(sender: Sender) -> None:
    async with sender.client() as client:
        click.echo(
            f"Linked as {sender.terminal}. Type a plate, a name with a birth date, or a message; end with Ctrl-D."
        )

        async def show() -> None:
            async for delivery in client.deliveries():
                click.echo(_shown(delivery))
                await client.acknowledge([delivery.number])

        showing = asyncio.create_task(show())
        try:
            while line := await asyncio.to_thread(sys.stdin.readline):
                if text := line.strip():
                    receipt = await client.send(text, key=f"watch-{now():%H%M%S%f}")
                    click.echo(
                        f"journal {receipt.number}  {receipt.state}  {receipt.reason or receipt.understood}"
                    )
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)


def _shown(delivery: Delivery) -> str:
    return f"── {delivery.source} [{delivery.part}/{delivery.parts}] {delivery.title}\n{delivery.text}"
