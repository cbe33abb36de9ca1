"""The command line: one verb, one job. Every command that prints data takes --json."""

from __future__ import annotations

import logging
import sys

import click

from wireroom import __version__
from wireroom.app import AppError
from wireroom.app.cli_admin import agency, database, person, settings, terminal
from wireroom.app.cli_data import catalog, journal, lab
from wireroom.app.cli_run import demo, partner, send, serve, watch
from wireroom.catalog.local import LocalFileError
from wireroom.policy import PolicyError

EXIT_USAGE, EXIT_OURS = 2, 70


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="wireroom")
def wireroom() -> None:
    """Wireroom: ask, answer, write down, deliver. Begin with `wireroom demo`."""


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
    person,
    settings,
    database,
    lab,
):
    wireroom.add_command(one)


def main() -> None:
    """Runs the command line; what goes wrong is told in words, and what is our fault as such."""
    if sys.flags.optimize:
        click.echo(
            "wireroom does not run under python -O, which takes its checks away; start it without", err=True
        )
        sys.exit(EXIT_USAGE)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        wireroom.main(standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (AppError, PolicyError, LocalFileError) as error:
        click.echo(f"wireroom: {error}", err=True)
        sys.exit(EXIT_USAGE)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        logging.getLogger(__name__).exception("this is our fault")
        click.echo(f"wireroom: our fault: {type(error).__name__}: {error}. Please report it.", err=True)
        sys.exit(EXIT_OURS)
