"""What proves elsewhere who a person is may be bound to them, and a question knows where and of whom it was asked."""

from wireroom.app.migrations.script import run_sql

revision = "0018"
down_revision = "0017"
OLDEST_CODE = "0.1.0"  # the oldest program that may open a database with this migration


def upgrade() -> None:
    """Run the statements beside this file, in the transaction of the upgrade."""
    run_sql(__file__)
