"""From here on rows are there for whoever acts: a program that does not say so finds none."""

from wireroom.app.migrations.script import run_sql

revision = "0019"
down_revision = "0018"
OLDEST_CODE = "0.1.0"  # the oldest program that may open a database with this migration


def upgrade() -> None:
    """Run the statements beside this file. The locks themselves follow all migrations: see `locks.py`."""
    run_sql(__file__)
