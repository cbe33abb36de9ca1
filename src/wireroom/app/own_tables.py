"""The assembly's own tables: the version of the database, alarms, what is done by the clock, settings in force."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
_TEXT = sa.Text(collation="C")

wireroom_version = sa.Table(
    "wireroom_version",
    metadata,
    sa.Column(
        "sole", sa.Boolean, sa.CheckConstraint("sole", name="wireroom_version_one_row"), primary_key=True
    ),
    sa.Column("schema", sa.Integer, nullable=False),
    sa.Column("oldest_code", sa.Text, nullable=False),
    sa.Column("written_by", sa.Text, nullable=False),
    comment="The schema that this database has, and the oldest program that may open it. Rows are locked by who acts.",
)

alarm = sa.Table(
    "alarm",
    metadata,
    sa.Column("watch", _TEXT, primary_key=True),
    sa.Column("about", _TEXT, primary_key=True),  # what it is about, where a watch looks at several things
    sa.Column("words", sa.Text, nullable=False),  # names no person: these are told outside
    sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column(
        "told_at", sa.DateTime(timezone=True)
    ),  # the last time that it was, in this occurrence or before
    sa.Column("end_told", sa.Boolean, nullable=False),
    comment="Alarms, and when they were last told, so that several processes tell once. The journal has each.",
)

chore = sa.Table(
    "chore",
    metadata,
    sa.Column("name", _TEXT, primary_key=True),
    sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("done_at", sa.DateTime(timezone=True)),  # the last good end
    sa.Column("trouble", sa.Text, nullable=False),  # why the last try failed; empty where it did not
    sa.Column("said", sa.Text, nullable=False),  # what came of the last good one, in JSON
    comment="What one process does by the clock for all, and how it went the last time.",
)

settings_version = sa.Table(
    "settings_version",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", _TEXT, nullable=False),
    sa.Column("text", sa.Text, nullable=False),  # the file as it stood; secrets are never in it
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("proposed_by", _TEXT, nullable=False),
    sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("approved_by", _TEXT, nullable=False, server_default=""),
    sa.Column("approved_at", sa.DateTime(timezone=True)),
    comment="Every file of settings that was put forward, and who approved it. Rows stay.",
)

settings_started = sa.Table(
    "settings_started",
    metadata,
    sa.Column(
        "sole", sa.Boolean, sa.CheckConstraint("sole", name="settings_started_one_row"), primary_key=True
    ),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("digest", _TEXT, nullable=False),
    sa.Column("shown", sa.Text, nullable=False),  # each key with its value, in JSON
    comment="The settings that were in force at the last start, to say at the next what became different.",
)
