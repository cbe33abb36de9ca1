"""From here on sessions are looked up by functions of the database."""

from wireroom.app.migrations.script import run_sql

revision = "0020"
down_revision = "0019"
OLDEST_CODE = "0.1.0"  # the oldest program that may open a database with this migration


def upgrade() -> None:
    """Run the statements beside this file. The functions themselves follow all migrations: see `functions.py`."""
    run_sql(__file__)
