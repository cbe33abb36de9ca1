"""Commands that run something: the demo, the switch, a partner, one message, a terminal in the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import NoReturn

import asyncpg
import click

from wireroom.app import AppError, EngineError
from wireroom.app import demo as demonstration
from wireroom.app.assemble import EXIT_OURS, now, running
from wireroom.app.console import (
    DEMO_SETTINGS,
    bar,
    config_option,
    json_option,
    loaded_from,
    print_json,
    run,
)
from wireroom.app.keys import keys_of
from wireroom.app.living import catalogue_of
from wireroom.app.partners import NAMES
from wireroom.app.partners import run as run_partner
from wireroom.app.sending import EXIT_NOT_SENT, Sender, lines
from wireroom.app.sending import as_json as as_json_of
from wireroom.app.sending import send as send_one
from wireroom.app.settings import Loaded, load
from wireroom.app.tls import calling
from wireroom.app.trouble import trouble
from wireroom.message.answer import Delivery
from wireroom.wire import NotLinked, SignOnRefused, WireError


def _say(text: str) -> None:
    click.echo(text, err=True)


@click.command()
@click.option(
    "--people",
    type=click.IntRange(1_000, 5_000_000),
    help=f"How many people to invent at the first start; {demonstration.PEOPLE:,} when left out.",
)
@click.option("--check", is_flag=True, help="Run the printed examples over the real sockets, then stop.")
@click.option("--fresh", is_flag=True, help="Throw away the demo's data first, and only the demo's.")
@click.option(
    "--local-file",
    "local_files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A record file of your own, in TOML; may stand several times.",
)
def demo(people: int | None, check: bool, fresh: bool, local_files: tuple[Path, ...]) -> None:
    """Everything with invented people: database, partners, switch, desk and car.

    With --check, the printed examples are asked over the real sockets, also those of a demo that runs here already;
    exit code 0 when all are as they should be, else 1.
    """
    wrong = run(_demo(demonstration.FOLDER, people, check, fresh, local_files))
    for line in wrong:
        click.echo(f"NOT AS IT SHOULD BE: {line}", err=True)
    sys.exit(1 if wrong else 0)


async def _demo(
    folder: Path, people: int | None, check: bool, fresh: bool, local_files: tuple[Path, ...]
) -> list[str]:
    with demonstration.alone(folder) as runs_already:
        if runs_already and (fresh or not check):
            raise AppError(runs_already)
        if runs_already:
            return await demonstration.check(load(folder / DEMO_SETTINGS.name), click.echo)
        loaded = demonstration.settings(folder, local_files)
        catalogue_of(loaded)  # a fault in a local file is told before anything is started
        if fresh or demonstration.unfinished(loaded):
            await demonstration.forget(loaded)
        with bar("Inventing") as progress:
            opened = demonstration.demo(loaded, people, _say, progress)
            ready, found, pids = await opened.__aenter__()
        try:
            if check:
                return await demonstration.check(loaded, click.echo)
            click.echo(demonstration.words(ready, found, pids, keys_of(loaded)))
            await _until_stopped()
            return []
        finally:
            await opened.__aexit__(None, None, None)


async def _until_stopped() -> None:
    """Until Ctrl-C or a polite end, which is how these programs end well."""
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    _say("Stopping")


@click.command()
@config_option
def serve(config: Path | None) -> None:
    """The switch with its doors, until stopped."""
    try:
        run(_serve(loaded_from(config)))
    except (EngineError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        told = error if isinstance(error, EngineError) else trouble(error)
        if not isinstance(told, EngineError):
            raise
        click.echo(f"wireroom: {told}", err=True)
        sys.exit(EXIT_OURS)  # nothing is wrong with the settings: a supervisor may try again


async def _serve(loaded: Loaded) -> None:
    async with running(loaded) as ready:
        web = loaded.settings.web
        scheme = "https" if loaded.settings.devices.certificate_file else "http"
        click.echo(
            f"Stations at {loaded.settings.wire.host}:{ready.wire_port}, browsers at {scheme}://{web.host}:{ready.web_port}/"
        )
        if ready.office_port:
            click.echo(
                f"Administration at https://{loaded.settings.administration.host}:{ready.office_port}/"
            )
        click.echo(f"Answers come from {', '.join(('STATE', *(one.name for one in ready.partners)))}")
        if not await ready.people.people():
            click.echo("Nobody may sign in yet: see `wireroom agency add`, `terminal add` and `person add`")
        await _until_stopped()


@click.command()
@click.argument("name", type=click.Choice(sorted(NAMES)))
@click.option("--until-eof", is_flag=True, help="Stop when standard input ends.")
@click.option(
    "--down",
    multiple=True,
    metavar="STATE",
    help="Of nlets: a state that is out of service, as NV; may be repeated.",
)
@config_option
def partner(name: str, until_eof: bool, down: tuple[str, ...], config: Path | None) -> None:
    """A pretended partner: a program with its own database behind a real socket."""
    if not until_eof:
        _say(f"Starting the pretended partner {name}; stop it with Ctrl-C")
    with contextlib.suppress(KeyboardInterrupt):
        run(run_partner(name, loaded_from(config), until_eof=until_eof, down=down))


def _sender(config: Path | None, terminal: str, person: str, purpose: str, case: str) -> Sender:
    loaded = loaded_from(config)
    if not loaded.secrets_folder.exists():
        raise NotLinked(
            f"there is no Wireroom in {Path.cwd()}: go to the folder where it was started, or name its settings "
            "with --config"
        )
    terminal = terminal.upper()
    wire = loaded.settings.wire
    return Sender(
        host=wire.host,
        port=wire.port,
        terminal=terminal,
        person=person,
        purpose=purpose,
        case=case,
        keys=keys_of(loaded),
        answer_seconds_max=loaded.settings.switch.answer_seconds_max,
        tls=calling(loaded),
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

    TEXT is what the one box takes: 7ABQ123, "QV LIC/7ABQ123", "DOE, JANE 19800101", or dotted text. Quote what has
    blanks.

    Exit codes: 0 a hit, 1 answered without a hit, 2 wrong use, 3 refused, 4 not sent or no answer.
    """
    if not text.strip():
        raise click.UsageError("TEXT is empty: send a plate, a name with a birth date, or a message key")
    try:
        sent = run(send_one(_sender(config, terminal, person, purpose, case), text))
    except (WireError, OSError, TimeoutError) as error:
        _not_sent(error, terminal)
    if as_json:
        print_json(as_json_of(sent))
    else:
        click.echo("\n".join(lines(sent)))
    sys.exit(sent.exit_code)


def _not_sent(error: Exception, terminal: str) -> NoReturn:
    click.echo(f"not sent: {error}", err=True)
    if isinstance(error, SignOnRefused):
        click.echo(
            f"{terminal.upper()} must be an interface terminal (`wireroom terminal list`) of the Wireroom that runs; "
            "one that was just added is known to it within five seconds",
            err=True,
        )
    elif os.strerror(errno.ECONNREFUSED) in str(error):
        click.echo("Does it run? Start it with `wireroom demo` or `wireroom serve`", err=True)
    sys.exit(EXIT_NOT_SENT)


@click.command()
@terminal_option
@person_option
@purpose_option
@case_option
@config_option
def watch(terminal: str, person: str, purpose: str, case: str, config: Path | None) -> None:
    """A terminal in the terminal: type a line, see what comes."""
    try:
        run(_watch(_sender(config, terminal, person, purpose, case)))
    except (WireError, OSError, TimeoutError) as error:
        _not_sent(error, terminal)


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
    place = f" [{delivery.part}/{delivery.parts}]" if delivery.parts else ""
    return f"── {delivery.source}{place} {delivery.title}\n{delivery.text}\n"
