"""Alarms and what is done by the clock; settings that were put forward; refusals are found at once in the journal."""

from wireroom.app.migrations.script import run_sql

revision = "0016"
down_revision = "0015"
OLDEST_CODE = "0.1.0"  # the oldest program that may open a database with this migration


def upgrade() -> None:
    """Run the statements beside this file, in the transaction of the upgrade."""
    run_sql(__file__)
