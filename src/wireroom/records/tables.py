"""The fixed tables of the record files. The catalogue, not SQL, knows the fields of a record."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

metadata = sa.MetaData()
_TEXT = sa.Text(collation="C")  # byte order: a look-up must never depend on the language of the server

record = sa.Table(
    "record",
    metadata,
    sa.Column("file", _TEXT, primary_key=True),
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", _TEXT, nullable=False),  # FCN, NIC, or empty
    sa.Column("owner", _TEXT, nullable=False),  # the ORI that entered it
    sa.Column("status", _TEXT, nullable=False),  # see Status in life.py
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("test", sa.Boolean, nullable=False),
    sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("fields", pg.JSONB, nullable=False),
    sa.Column(
        "entered_by", _TEXT, nullable=False, server_default=""
    ),  # the person; empty for what was loaded
    sa.Column("entered_ori", _TEXT, nullable=False, server_default=""),  # the owner, but for a courtesy entry
    sa.Column(
        "checked_by", _TEXT, nullable=False, server_default=""
    ),  # the second person, once there was one
    sa.Column("validate_on", sa.Date),  # the first day of the month in which the owner must say it is true
    sa.Column("due_at", sa.DateTime(timezone=True)),  # when its time is up; for what has ended, its history's
    sa.Index("record_due", "due_at", "file", "id", postgresql_where=sa.text("due_at IS NOT NULL")),
    sa.Index(
        "record_validate",
        "validate_on",
        "owner",
        "file",
        "id",
        postgresql_where=sa.text("validate_on IS NOT NULL"),
    ),
    sa.Index(
        "record_unchecked",
        "owner",
        "file",
        "id",
        postgresql_where=sa.text("checked_by = '' AND entered_by <> '' AND status IN ('active', 'located')"),
    ),
    sa.Index("record_located", "owner", "file", "id", postgresql_where=sa.text("status = 'located'")),
    sa.Index("record_entered", "entered_at", postgresql_using="brin"),
    sa.Index(
        "record_late",
        "owner",
        "file",
        "id",
        postgresql_where=sa.text("(fields ? 'LATE') AND status IN ('active', 'located')"),
    ),
    postgresql_partition_by="LIST (file)",
    comment="The record as it stands; partitioned by file, with a default for files without one of their own.",
)

record_version = sa.Table(
    "record_version",
    metadata,
    sa.Column("file", _TEXT, primary_key=True),
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("status", _TEXT, nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("replaced_by", sa.BigInteger, nullable=False),  # journal number of what replaced it
    sa.Column("fields", pg.JSONB, nullable=False),
    comment="Every former version of a record.",
)

identifier = sa.Table(
    "identifier",
    metadata,
    sa.Column("kind", _TEXT, primary_key=True),  # LIC, VIN, OLN, SOC (keyed hash), FCN, NIC, OCA
    sa.Column("value", _TEXT, primary_key=True),
    sa.Column("file", _TEXT, primary_key=True),
    sa.Column("record", sa.BigInteger, primary_key=True, autoincrement=False),
    # Plates and VINs from their end, for those of which only the end is known.
    sa.Index(
        "identifier_reversed",
        "kind",
        sa.func.reverse(sa.column("value")),
        postgresql_include=["value", "file", "record"],
        postgresql_where=sa.text("kind IN ('LIC', 'VIN')"),
    ),
    comment="Finds a record of any file by a number.",
)

name_book = sa.Table(
    "name_book",
    metadata,
    sa.Column("id", sa.SmallInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("file", _TEXT, nullable=False),
    sa.Column("test", sa.Boolean, nullable=False),
    sa.Column("people", sa.BigInteger, nullable=False, server_default="0"),  # names in it, as last counted
    sa.UniqueConstraint("file", "test", name="name_book_file_test"),
    comment="A file's number in the index of people, one for its live records and one for those of training.",
)

name_token = sa.Table(
    "name_token",
    metadata,
    # Numbers are given in the order of commits, for whoever adds a token holds a lock until then (see keeping.py);
    # so a process that has read up to a number has missed none below. They are never used twice.
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("token", _TEXT, nullable=False, unique=True),
    sa.Column(
        "last", sa.Integer, nullable=False, server_default="0"
    ),  # how many names have it, as last counted
    sa.Column("given", sa.Integer, nullable=False, server_default="0"),  # as their first given name
    sa.Column("idle", sa.Boolean, nullable=False, server_default="false"),  # nobody had it when last counted
    comment="Every word that is part of a person's name: the vocabulary of the search.",
)

person = sa.Table(
    "person",
    metadata,
    sa.Column("book", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("record", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("place", sa.SmallInteger, primary_key=True, autoincrement=False),  # 0 the name, then aliases
    sa.Column("last", pg.ARRAY(sa.Integer), nullable=False),  # tokens
    sa.Column(
        "given", pg.ARRAY(sa.Integer), nullable=False
    ),  # the first name, then middle names and initials
    sa.Column("suffix", _TEXT, nullable=False),
    sa.Column("dob", sa.Integer, nullable=False),  # CCYYMMDD, 0 where unknown
    sa.Column("sex", _TEXT, nullable=False),
    comment="One row for each name and birth date of a record that can be found, in tokens.",
)

# Both keys hold all columns, so that a search reads the index alone.
name_pair = sa.Table(
    "name_pair",
    metadata,
    sa.Column("pair", sa.BigInteger, primary_key=True, autoincrement=False),  # last << 31 | given
    sa.Column("dob", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("book", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("record", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("place", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("traits", sa.SmallInteger, primary_key=True, autoincrement=False),  # see Traits in keeping.py
    sa.Index("name_pair_dob", "dob", "pair", "book", "record", "place", "traits"),
    comment="Each last name of a person with each given name: finds people by two names, or by a birth date.",
)

name_census = sa.Table(
    "name_census",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),  # always 1
    sa.Column("generation", sa.Integer, nullable=False),  # grows with each count
    sa.Column("spelled", sa.Integer, nullable=False),  # by which rules names were made into tokens
    sa.Column("years", pg.JSONB, nullable=False),  # births by year
    sa.Column("days", pg.JSONB, nullable=False),  # births by month and day
    sa.Column("circles", sa.LargeBinary, nullable=False),  # which names go together, see circles.py
    comment="When the vocabulary was last counted, how births spread, and which names go together.",
)

fcn_counter = sa.Table(
    "fcn_counter",
    metadata,
    sa.Column("agency", _TEXT, primary_key=True),  # the first three digits of the FCN
    sa.Column("day", _TEXT, primary_key=True),  # year and day of year, YYDDD
    sa.Column("next", sa.Integer, nullable=False),
    comment="The next serial of an agency's file control numbers on a day.",
)

followup = sa.Table(
    "followup",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),  # journal number of the change
    sa.Column("file", _TEXT, primary_key=True),
    sa.Column("record", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("tx", sa.BigInteger, nullable=False),  # the transaction: its own inquiries have seen the change
    comment="Records that were just changed: who must hear of it is worked out a moment after the commit.",
)

past_inquiry = sa.Table(
    "past_inquiry",
    metadata,
    sa.Column("kind", _TEXT, primary_key=True),  # as in identifier; NAM for the sound of a last name
    sa.Column("value", _TEXT, primary_key=True),
    sa.Column("dob", sa.Integer, primary_key=True, autoincrement=False),  # CCYYMMDD, 0 where none was given
    sa.Column(
        "number", sa.BigInteger, primary_key=True, autoincrement=False
    ),  # journal number of the inquiry
    sa.Column("test", sa.Boolean, nullable=False),
    sa.Column("terminal", _TEXT, nullable=False),
    sa.Column("ori", _TEXT, nullable=False),
    sa.Column("person", _TEXT, nullable=False),
    sa.Column("key", _TEXT, nullable=False),  # the message key
    sa.Column("name", _TEXT, nullable=False),  # LAST, FIRST MIDDLE; for a number its state and type
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("tx", sa.BigInteger, nullable=False),
    sa.Index("past_inquiry_at", "at"),
    comment="What was asked in the last five days: a new entry is held against it.",
)

forward = sa.Table(
    "forward",
    metadata,
    sa.Column("source", _TEXT, primary_key=True),  # NCIC or DMV
    sa.Column("file", _TEXT, primary_key=True),
    sa.Column("record", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", _TEXT, nullable=False),  # what the record is called there; empty until it is known
    sa.Column("told_version", sa.Integer, nullable=False),  # 0: nothing yet
    sa.Column("told_status", _TEXT, nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True)),  # when it is told next; null: the two are in step
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("trouble", _TEXT, nullable=False),  # why it was not taken; in another's words, sealed
    sa.Index("forward_due", "source", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),
    comment="What other holders have been told of our records, and what they have yet to be told.",
)

clock = sa.Table(
    "clock",
    metadata,
    sa.Column("file", _TEXT, primary_key=True),
    sa.Column("record", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", _TEXT, primary_key=True),  # see Clock in catalog/consequences.py
    sa.Column("owner", _TEXT, nullable=False),  # the ORI that must see to it
    sa.Column("other", _TEXT, nullable=False),  # an ORI that the record names and that sees it too, or empty
    sa.Column("test", sa.Boolean, nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),  # the first moment that is too late
    sa.Column("met_at", sa.DateTime(timezone=True)),  # null while it is open
    sa.Index("clock_open", "owner", "due_at", postgresql_where=sa.text("met_at IS NULL")),
    sa.Index(
        "clock_open_other", "other", "due_at", postgresql_where=sa.text("met_at IS NULL AND other <> ''")
    ),
    sa.Index("clock_met", "owner", "name", "met_at", postgresql_where=sa.text("met_at IS NOT NULL")),
    sa.Index(
        "clock_met_other",
        "other",
        "name",
        "met_at",
        postgresql_where=sa.text("met_at IS NOT NULL AND other <> ''"),
    ),
    comment="What must be done in time with a record, by when, and when it was done.",
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),  # a journal number
    sa.Column("place", sa.SmallInteger, primary_key=True, autoincrement=False),  # of several under one number
    sa.Column("channel", _TEXT, nullable=False),
    sa.Column("sealed", _TEXT, nullable=False),  # the address and what is said, sealed
    sa.Column("event", _TEXT, nullable=False),
    sa.Column("file", _TEXT, nullable=False),
    sa.Column("record", sa.BigInteger, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True)),  # when it is tried next; null: it is over
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("done_at", sa.DateTime(timezone=True)),  # null: not sent, or not yet
    sa.Column("trouble", _TEXT, nullable=False),  # why it was not taken
    sa.Index("outbox_due", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),
    comment="What goes to people outside, who have no terminal, until it was taken.",
)

calendar = sa.Table(
    "calendar",
    metadata,
    sa.Column("name", _TEXT, primary_key=True),
    sa.Column("done", sa.Date, nullable=False),
    comment="Through which day the work of a calendar has been done: after an outage the missed days are made up.",
)

import_run = sa.Table(
    "import_run",
    metadata,
    sa.Column("key", _TEXT, primary_key=True),  # the file's digest, and as what it is entered
    sa.Column("digest", _TEXT, nullable=False),  # SHA-256 of the file, hexadecimal
    sa.Column("name", _TEXT, nullable=False),  # of the file, without its folder
    sa.Column("file", _TEXT, nullable=False),  # the record file
    sa.Column("owner", _TEXT, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),  # bytes of the file whose lines are stored
    sa.Column("line", sa.BigInteger, nullable=False),  # the number of the line that comes next
    sa.Column("entered", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False),
    sa.Column("rejects", sa.BigInteger, nullable=False),  # bytes of the list of refused lines
    sa.Column("checked", sa.Boolean, nullable=False),  # whether the whole file was found without fault first
    sa.Column("done", sa.Boolean, nullable=False),
    comment="How far each import of a file of records is: it goes on from here, and enters no line twice.",
)

PARTITIONED_FILES = (
    "wanted",
    "vehicle",
    "plate",
    "licence",
    "registration",
)  # the large ones; all else shares one

# What SQLAlchemy cannot say. A migration executes these, one by one, after it made the tables.
AFTER_CREATE: tuple[str, ...] = (
    *(
        f"CREATE TABLE IF NOT EXISTS record_{file} PARTITION OF record FOR VALUES IN ('{file}')"
        for file in PARTITIONED_FILES
    ),
    "CREATE TABLE IF NOT EXISTS record_rest PARTITION OF record DEFAULT",
)
AFTER_DROP: tuple[str, ...] = ()


@sa.event.listens_for(metadata, "after_create")
def _finish(_: sa.MetaData, connection: sa.Connection, **__: object) -> None:
    for statement in AFTER_CREATE:
        connection.exec_driver_sql(statement)


def is_partition(name: str) -> bool:
    """Whether a table found in the database is one of the partitions of `record`, which no migration knows."""
    return name.startswith("record_") and name != "record_version"
