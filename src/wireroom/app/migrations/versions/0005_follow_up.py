"""Records located by others, and those of one day, are found at once."""

from wireroom.app.migrations.script import run_sql

revision = "0005"
down_revision = "0004"
OLDEST_CODE = "0.1.0"  # the oldest program that may open a database with this migration


def upgrade() -> None:
    """Run the statements beside this file, in the transaction of the upgrade."""
    run_sql(__file__)
