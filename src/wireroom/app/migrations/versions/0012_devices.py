"""Devices have certificates, agencies have authorities for them, and a session says which device it is at."""

from wireroom.app.migrations.script import run_sql

revision = "0012"
down_revision = "0011"
OLDEST_CODE = "0.1.0"  # the oldest program that may open a database with this migration


def upgrade() -> None:
    """Run the statements beside this file, in the transaction of the upgrade."""
    run_sql(__file__)
