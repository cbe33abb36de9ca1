"""Every authenticator ever bound, passkeys among them, and the challenges that each answers once."""

from wireroom.app.migrations.script import run_sql

revision = "0014"
down_revision = "0013"
OLDEST_CODE = "0.1.0"  # the oldest program that may open a database with this migration


def upgrade() -> None:
    """Run the statements beside this file, in the transaction of the upgrade."""
    run_sql(__file__)
