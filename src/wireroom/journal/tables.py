"""The journal's tables, described once; Alembic makes them and the writers' own SQL fills them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
    true,
)

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s",
        "pk": "%(table_name)s_pkey",
    }
)

# Each index costs time on the hot path. These three answer "what came of it", "who looked" and "what did this
# agency do". Time needs none: numbers grow with it. Nor does a terminal: it belongs to one agency.
journal = Table(
    "journal",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("tag", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("transaction", BigInteger, nullable=False),
    Column("ori", Text, nullable=False),
    Column("terminal", Text, nullable=False),
    Column("person", Text, nullable=False),
    # Salt and body lie sealed together in `body`: with the salt beside it, a short text could be guessed from its
    # commitment. Entries from before the sealing have a salt, a clear body and no commitment.
    Column("salt", LargeBinary, nullable=False, server_default=""),
    Column("body", LargeBinary, nullable=False),
    Column("commitment", LargeBinary),
    Index(None, "transaction"),
    Index(None, "person", "number"),
    Index(None, "ori", "number"),
    Index(
        "journal_clear", "number", postgresql_where=text("commitment IS NULL")
    ),  # those that are to be sealed yet
    Index(  # few among many, and whoever watches looks at the newest of them all the time
        "journal_refused",
        "number",
        postgresql_where=text("tag IN ('session:refused', 'text:refused', 'text:faulty')"),
    ),
    postgresql_partition_by="RANGE (number)",
)

# Batches that are committed and have no place in the tree yet. Almost always empty, and turned over all the
# time, so it is vacuumed by count and not by share.
journal_pending = Table(
    "journal_pending",
    metadata,
    Column("batch", BigInteger, primary_key=True, autoincrement=False),
    postgresql_with={"autovacuum_vacuum_scale_factor": "0", "autovacuum_vacuum_threshold": "2000"},
)

# Which leaves a batch got, and the hash of each: 32 bytes an entry. They say which entry was changed, and
# stay when the entries have been dropped for age, so that the tree can still be shown.
journal_span = Table(
    "journal_span",
    metadata,
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("batch", BigInteger, nullable=False, unique=True),
    Column("entries", Integer, nullable=False),
    Column("leaves", LargeBinary, nullable=False),
)

# One row: the tree as it stands.
journal_tree = Table(
    "journal_tree",
    metadata,
    Column("sole", Boolean, CheckConstraint("sole", name="one_row"), primary_key=True, server_default=true()),
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
    postgresql_with={"fillfactor": "20"},
)

journal_checkpoint = Table(
    "journal_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("note", Text, nullable=False),
)

# The data keys of sealed texts, each wrapped by a master key that is nowhere in the database.
data_key = Table(
    "data_key",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("version", Integer, nullable=False),  # of the master key
    Column("wrapped", LargeBinary, nullable=False),
    Index("data_key_day", "day", "version"),
)

_APPEND_ONLY = ("journal", "journal_span", "journal_checkpoint")

# What SQLAlchemy cannot say. A migration executes these, one by one, after it made the tables.
AFTER_CREATE: tuple[str, ...] = (
    # Whatever no month was prepared for lands here, so that a forgotten partition never stops the switch.
    "CREATE TABLE IF NOT EXISTS journal_rest PARTITION OF journal DEFAULT",
    # Hashes do not compress; trying costs time.
    "ALTER TABLE journal_span ALTER COLUMN leaves SET STORAGE EXTERNAL",
    """
    CREATE OR REPLACE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION USING
            MESSAGE = format('the journal is append-only: %s of %s is refused', lower(TG_OP), TG_TABLE_NAME),
            HINT = 'To correct an entry, write another one.';
    END $$
    """,
    # The one change that an entry may undergo: what stands in clear is sealed, and stays committed to what it said.
    """
    CREATE OR REPLACE FUNCTION journal_seal_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF OLD.commitment IS NULL AND NEW.commitment = sha256(OLD.salt || OLD.body) AND NEW.salt = ''
               AND (NEW.number, NEW.tag, NEW.at, NEW.transaction, NEW.ori, NEW.terminal, NEW.person)
                 = (OLD.number, OLD.tag, OLD.at, OLD.transaction, OLD.ori, OLD.terminal, OLD.person) THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION USING
            MESSAGE = format('the journal is append-only: %s of %s is refused', lower(TG_OP), TG_TABLE_NAME),
            HINT = 'To correct an entry, write another one.';
    END $$
    """,
    # A superuser gets past these. They stop accidents; the tree shows the rest.
    *(
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {'journal_seal_only' if table == 'journal' else 'journal_refuse'}()"
        for table in _APPEND_ONLY
    ),
    *(
        f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()"
        for table in _APPEND_ONLY
    ),
)
AFTER_DROP: tuple[str, ...] = (
    "DROP FUNCTION IF EXISTS journal_refuse",
    "DROP FUNCTION IF EXISTS journal_seal_only",
)


def is_partition(name: str) -> bool:
    """Whether a table found in the database is one of the journal's partitions, which no migration knows."""
    return name == "journal_rest" or (name.startswith("journal_2") and len(name) == len("journal_2026_01"))
