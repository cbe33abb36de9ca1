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
    sa.Column("status", _TEXT, nullable=False),  # active, located, cleared, cancelled
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("test", sa.Boolean, nullable=False),
    sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("fields", pg.JSONB, nullable=False),
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
    comment="Finds a record of any file by a number.",
)

person = sa.Table(
    "person",
    metadata,
    sa.Column("file", _TEXT, primary_key=True),
    sa.Column("record", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("place", sa.SmallInteger, primary_key=True, autoincrement=False),  # 0 the name, then aliases
    sa.Column("sound", _TEXT, nullable=False),  # Soundex of the last name
    sa.Column("dob", sa.Integer, nullable=False),  # CCYYMMDD, 0 where unknown
    sa.Column("last", _TEXT, nullable=False),
    sa.Column("first", _TEXT, nullable=False),
    sa.Column("sex", _TEXT, nullable=False),
    sa.Index("person_sound_dob", "sound", "dob"),
    sa.Index("person_last_first", "last", "first"),
    comment="Finds a record of any file by a person's name and birth date.",
)

fcn_counter = sa.Table(
    "fcn_counter",
    metadata,
    sa.Column("agency", _TEXT, primary_key=True),  # the first three digits of the FCN
    sa.Column("day", _TEXT, primary_key=True),  # year and day of year, YYDDD
    sa.Column("next", sa.Integer, nullable=False),
    comment="The next serial of an agency's file control numbers on a day.",
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
