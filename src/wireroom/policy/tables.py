"""The fixed tables of the policy: agencies, terminals, accounts of people, and their sessions.

A person's row is called `account`, because `person` is where the record files find people by name.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

metadata = sa.MetaData()
_TEXT = sa.Text(collation="C")  # byte order: a look-up must never depend on the language of the server

agency = sa.Table(
    "agency",
    metadata,
    sa.Column("ori", _TEXT, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("county", sa.Text, nullable=False),
    sa.Column("phone", sa.Text, nullable=False),
    sa.Column("test", sa.Boolean, nullable=False),  # its terminals meet training records only
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    comment="Who may hold terminals.",
)

approval = sa.Table(
    "approval",
    metadata,
    sa.Column("ori", _TEXT, sa.ForeignKey("agency.ori", name="approval_of_agency"), primary_key=True),
    sa.Column("way", _TEXT, primary_key=True),
    sa.Column("since", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("approved_by", _TEXT, nullable=False),
    sa.Column("until", sa.DateTime(timezone=True)),  # when it ends or was withdrawn
    sa.Column("withdrawn_by", _TEXT, nullable=False),  # empty while nobody has
    sa.CheckConstraint("way IN ('wire', 'form', 'json', 'niem')", name="approval_way"),
    comment="Which courts DOJ approved to enter orders, and on which ways.",
)

terminal = sa.Table(
    "terminal",
    metadata,
    sa.Column("mnemonic", _TEXT, primary_key=True),
    sa.Column("ori", _TEXT, sa.ForeignKey("agency.ori", name="terminal_of_agency"), nullable=False),
    sa.Column("kind", _TEXT, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("test", sa.Boolean, nullable=False),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("device", _TEXT, nullable=False, server_default="ordinary"),  # whether it locks when idle
    sa.CheckConstraint(
        "device IN ('ordinary', 'vehicle', 'dispatch', 'receive-only')", name="terminal_device"
    ),
    sa.CheckConstraint("kind IN ('fixed', 'mobile', 'printer', 'interface')", name="terminal_kind"),
    sa.Index("terminal_ori", "ori"),
    comment="Where messages come from and go to; each belongs to one agency.",
)

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", _TEXT, primary_key=True),  # never given out twice, so rows are never deleted
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("ori", _TEXT, sa.ForeignKey("agency.ori", name="account_of_agency"), nullable=False),
    sa.Column("role", _TEXT, nullable=False),
    sa.Column("password_hash", _TEXT, nullable=False),  # Argon2id in its own text form
    sa.Column("otp_sealed", sa.LargeBinary, nullable=False),  # AES-256-GCM; the key is not in the database
    sa.Column("otp_last_step", sa.BigInteger, nullable=False),  # no code of this step or before counts again
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column(
        "failures", pg.ARRAY(sa.DateTime(timezone=True)), nullable=False
    ),  # the last bad logons in a row
    sa.Column("locked_at", sa.DateTime(timezone=True)),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ends_at", sa.DateTime(timezone=True)),  # of an emergency account
    sa.Column("active_at", sa.DateTime(timezone=True), nullable=False),  # the last use, for inactivity
    sa.Column("disabled_for", _TEXT, nullable=False, server_default=""),  # why it is disabled
    sa.Index("account_ori", "ori"),
    comment="People who may sign in.",
)

fact = sa.Table(
    "fact",
    metadata,
    sa.Column("person", _TEXT, sa.ForeignKey("account.id", name="fact_of_account"), primary_key=True),
    sa.Column("kind", _TEXT, primary_key=True),
    sa.Column("recorded_at", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("recorded_by", _TEXT, nullable=False),  # an account, or the command line of the switch itself
    sa.Column("day", sa.Date, nullable=False),  # on which it happened
    sa.Column("good", sa.Boolean, nullable=False),  # False: it speaks against the person, or takes back
    sa.Column("score", sa.SmallInteger),  # of an examination, in per cent
    sa.Column("word", sa.Text, nullable=False),  # the version that was signed; who authorised
    sa.Column("ori", _TEXT, nullable=False),  # the person's agency then
    sa.Column("until", sa.DateTime(timezone=True)),  # of an authorisation that ends by itself
    sa.CheckConstraint(
        "kind IN ('fingerprint', 'background', 'statement', 'training', 'examination', 'authorisation', 'review')",
        name="fact_kind",
    ),
    sa.CheckConstraint("score BETWEEN 0 AND 100", name="fact_score"),
    comment="What is on record of people, with who recorded it and when. Rows are only ever added.",
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("token_hash", sa.LargeBinary, primary_key=True),  # SHA-256 of a secret that is kept nowhere
    sa.Column("person", _TEXT, sa.ForeignKey("account.id", name="session_of_account"), nullable=False),
    sa.Column("terminal", _TEXT, sa.ForeignKey("terminal.mnemonic", name="session_at_terminal"),
              nullable=False),
    sa.Column("ori", _TEXT, nullable=False),  # the terminal's agency when the session was opened
    sa.Column("csrf", _TEXT, nullable=False),
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("peer", _TEXT, nullable=False),  # the network address it was opened from
    sa.Column("kind", _TEXT, nullable=False),  # the door: "page", "api", "line", "demo"
    sa.Column("notice", _TEXT, nullable=False, server_default=""),  # which notice was acknowledged
    sa.Index("session_of", "person", postgresql_where=sa.text("ended_at IS NULL")),
    comment="Who is signed in, where, since when.",
)  # fmt: skip

cad_incident = sa.Table(
    "cad_incident",
    metadata,
    sa.Column("ori", _TEXT, sa.ForeignKey("agency.ori", name="cad_incident_of_agency"), primary_key=True),
    sa.Column("reference", _TEXT, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("closed_at", sa.DateTime(timezone=True)),
    sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),  # the CAD's time of its newest word
    sa.Column("made_by", _TEXT, nullable=False),  # who opened it, or last made its span wider
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),  # when we were told of that
    comment="Incidents as an agency's CAD tells of them. Nobody else writes here.",
)

cad_assigned = sa.Table(
    "cad_assigned",
    metadata,
    sa.Column("ori", _TEXT, primary_key=True),
    sa.Column("who", _TEXT, primary_key=True),  # P/ person, T/ terminal, U/ unit
    sa.Column("reference", _TEXT, primary_key=True),
    sa.Column("unit", _TEXT, primary_key=True),  # through which unit
    sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("until_at", sa.DateTime(timezone=True)),
    sa.Column("made_by", _TEXT, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["ori", "reference"], ["cad_incident.ori", "cad_incident.reference"], name="cad_assigned_to_incident"
    ),
    sa.Index("cad_assigned_to", "ori", "reference"),
    comment="Units on incidents, with their people and terminals.",
)

cad_subject = sa.Table(
    "cad_subject",
    metadata,
    sa.Column("ori", _TEXT, primary_key=True),
    sa.Column("reference", _TEXT, primary_key=True),
    sa.Column("mark", _TEXT, primary_key=True),  # keyed hash of a plate or a name
    sa.Column("made_by", _TEXT, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["ori", "reference"], ["cad_incident.ori", "cad_incident.reference"], name="cad_subject_of_incident"
    ),
    comment="Plates and names noted in an incident, and when we were told. Rows are only ever added.",
)

cad_word = sa.Table(
    "cad_word",
    metadata,
    sa.Column("ori", _TEXT, sa.ForeignKey("agency.ori", name="cad_word_of_agency"), primary_key=True),
    sa.Column("key", _TEXT, primary_key=True),  # the CAD's own: the same word twice is one
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("reference", _TEXT, nullable=False),
    sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),  # as the CAD says
    sa.Column("said_by", _TEXT, nullable=False),  # who typed it there, as the CAD says
    sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("came_from", _TEXT, nullable=False),  # the interface terminal, or the command line
    sa.Column("changed", pg.ARRAY(_TEXT), nullable=False),  # what it changed; empty: it was overtaken
    sa.Column("afterwards", sa.Boolean, nullable=False),  # of an incident that was closed already
    sa.Column("before", pg.JSONB, nullable=False),  # what stood there until then
    sa.Index("cad_word_of", "ori", "reference", "came_at"),
    comment="Every word of a CAD, with who said it, when, and what it changed. Rows are only ever added.",
)
