"""What must be done in time with a record is known, and what goes to people outside is kept until it was taken."""

from wireroom.app.migrations.script import run_sql

revision = "0006"
down_revision = "0005"
OLDEST_CODE = "0.1.0"  # the oldest program that may open a database with this migration


def upgrade() -> None:
    """Run the statements beside this file, in the transaction of the upgrade."""
    run_sql(__file__)
