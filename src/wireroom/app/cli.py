"""The command line: one verb, one job. Every command that prints data takes --json."""

from __future__ import annotations

import logging
import sys
from typing import NoReturn

import asyncpg
import click

from wireroom import __version__
from wireroom.app import AppError
from wireroom.app.cli_access import journal_access
from wireroom.app.cli_admin import agency, database, terminal
from wireroom.app.cli_authenticators import COMMANDS as AUTHENTICATORS
from wireroom.app.cli_courts import court
from wireroom.app.cli_data import catalog, journal, lab
from wireroom.app.cli_device_care import device_lost, management
from wireroom.app.cli_devices import device
from wireroom.app.cli_facts import COMMANDS as FACTS
from wireroom.app.cli_groups import group
from wireroom.app.cli_handing import journal_export, unseal_command
from wireroom.app.cli_incidents import incident
from wireroom.app.cli_keys import database_backup, database_restore, keys
from wireroom.app.cli_labelled import labelled
from wireroom.app.cli_outbox import outbox
from wireroom.app.cli_people import person
from wireroom.app.cli_reasons import cad, lab_cad, reasons
from wireroom.app.cli_records import records
from wireroom.app.cli_reviews import review
from wireroom.app.cli_rules import emergency, rules
from wireroom.app.cli_run import demo, partner, send, serve, watch
from wireroom.app.cli_search import search
from wireroom.app.cli_settings import settings
from wireroom.app.cli_subjects import hold, journal_about
from wireroom.app.cli_watching import alarms, database_drill, integrity_, journal_room
from wireroom.app.memory import without_core_files
from wireroom.app.sending import EXIT_NOT_SENT
from wireroom.app.trouble import trouble
from wireroom.catalog.local import LocalFileError
from wireroom.oversight import OversightError
from wireroom.policy import PolicyError
from wireroom.wire import WireError

EXIT_USAGE, EXIT_OURS = 2, 70


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="wireroom")
def wireroom() -> None:
    """Wireroom: ask, answer, write down, deliver. Begin with `wireroom demo`.

    Commands take their settings from wireroom.toml in this folder, or from the demo that was started here.
    """


for one in (
    demo,
    serve,
    partner,
    send,
    watch,
    catalog,
    journal,
    agency,
    terminal,
    device,
    group,
    person,
    court,
    rules,
    emergency,
    settings,
    database,
    keys,
    lab,
    records,
    outbox,
    search,
    reasons,
    cad,
    unseal_command,
    incident,
    alarms,
    integrity_,
):
    wireroom.add_command(one)
journal.add_command(review)
journal.add_command(hold)
journal.add_command(journal_about)
device.add_command(management)
device.add_command(device_lost)
lab.add_command(labelled)
lab.add_command(lab_cad)
journal.add_command(journal_export)
journal.add_command(journal_access)
database.add_command(database_backup)
database.add_command(database_restore)
database.add_command(database_drill)
journal.add_command(journal_room)
for one in (*FACTS, *AUTHENTICATORS):
    person.add_command(one)


def main() -> None:
    """Runs the command line; what goes wrong is told in words, and what is our fault as such."""
    if sys.flags.optimize:
        click.echo(
            "wireroom does not run under python -O, which takes its checks away; start it without", err=True
        )
        sys.exit(EXIT_USAGE)
    without_core_files()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("asyncpg").setLevel(
        logging.ERROR
    )  # a pool's retries: ours tell of the outage in a line
    try:
        wireroom.main(standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (AppError, PolicyError, OversightError, LocalFileError) as error:
        click.echo(f"wireroom: {error}", err=True)
        sys.exit(EXIT_USAGE)
    except WireError as error:
        click.echo(f"wireroom: not linked: {error}", err=True)
        sys.exit(EXIT_NOT_SENT)
    except KeyboardInterrupt:
        sys.exit(130)
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        _end_with(error, trouble(error))
    except Exception as error:
        _end_with(error, None)


def _end_with(error: Exception, told: AppError | None) -> NoReturn:
    """The end for what nobody foresaw, unless it is the database's trouble and has words."""
    if told is not None:
        click.echo(f"wireroom: {told}", err=True)
        sys.exit(EXIT_USAGE)
    logging.getLogger(__name__).error("this is our fault", exc_info=error)
    click.echo(f"wireroom: our fault: {type(error).__name__}: {error}\nPlease report it.", err=True)
    sys.exit(EXIT_OURS)
