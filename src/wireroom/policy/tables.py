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
    sa.Column("agreed_files", pg.ARRAY(_TEXT), nullable=False, server_default="{}"),  # empty: every file
    sa.Column("agreed_until", sa.DateTime(timezone=True)),  # when the agreement ends
    sa.Column(
        "serves", pg.ARRAY(_TEXT), nullable=False, server_default="{}"
    ),  # agencies for which it asks too
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
    sa.Index(
        "account_of_name",
        "ori",
        sa.text("lower(regexp_replace(btrim(name), '\\s+'::text, ' '::text, 'g'::text))"),
    ),
    comment="People who may sign in.",
)

own_mark = sa.Table(
    "own_mark",
    metadata,
    sa.Column("person", _TEXT, sa.ForeignKey("account.id", name="own_mark_of_account"), primary_key=True),
    sa.Column("kind", _TEXT, primary_key=True),
    sa.Column("mark", sa.LargeBinary, primary_key=True),  # a keyed hash of a name with a date, or of a number
    sa.Column("since", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("until", sa.DateTime(timezone=True)),
    sa.Column("recorded_by", _TEXT, nullable=False),
    sa.CheckConstraint("kind IN ('self', 'household', 'dispute')", name="own_mark_kind"),
    comment="Whom people may not ask about, for they are their own: marks, and never the names.",
)

emergency = sa.Table(
    "emergency",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True),  # of the journal's entry
    sa.Column("person", _TEXT, nullable=False),
    sa.Column("ori", _TEXT, nullable=False),
    sa.Column("rule", _TEXT, nullable=False),  # what gave way
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("explained_at", sa.DateTime(timezone=True)),
    sa.Column("explained_by", _TEXT, nullable=False, server_default=""),  # the supervisor who looked at it
    sa.Column("stands", sa.Boolean),  # whether it was one
    sa.Column("words", sa.Text, nullable=False, server_default=""),
    sa.Index("emergency_owing", "person", "due_at", postgresql_where=sa.text("explained_at IS NULL")),
    sa.Index("emergency_of_agency", "ori", "at"),
    comment="Inquiries for which a rule gave way, and what a supervisor says of each afterwards.",
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

ruleset = sa.Table(
    "ruleset",
    metadata,
    sa.Column("digest", _TEXT, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),  # the state's rules, in Cedar
    sa.Column("local", sa.Text, nullable=False),  # those of agencies, a JSON object by ORI
    sa.Column("words", sa.Text, nullable=False),  # why
    sa.Column("proposed_by", _TEXT, nullable=False),
    sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("approved_by", _TEXT, nullable=False, server_default=""),
    sa.Column("approved_at", sa.DateTime(timezone=True)),
    sa.Column(
        "differences", sa.Text, nullable=False, server_default=""
    ),  # what was shown to who approved, JSON
    sa.Column(
        "signature", _TEXT, nullable=False, server_default=""
    ),  # Ed25519 over all that stands before it
    sa.Column("in_force_from", sa.DateTime(timezone=True)),
    comment="Sets of rules: proposed by one, approved by another, signed, and since when in force.",
)

decided = sa.Table(
    "decided",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("request", sa.LargeBinary, primary_key=True),  # a hash of the facts
    sa.Column("ori", _TEXT, primary_key=True),  # whose own rules counted; empty: the state's alone
    sa.Column("ruleset", _TEXT, primary_key=True),
    sa.Column("facts", sa.Text, nullable=False),  # JSON
    sa.Column("rule", _TEXT, nullable=False),  # that refused; empty: it was allowed
    sa.Column("times", sa.BigInteger, nullable=False),
    comment="What was decided, kind by kind and day by day: what another set of rules is tried on.",
)
account_request = sa.Table(
    "account_request",
    metadata,
    sa.Column("id", _TEXT, primary_key=True),
    sa.Column("person", _TEXT, nullable=False),  # the identifier that it would have
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("ori", _TEXT, sa.ForeignKey("agency.ori", name="account_request_of_agency"), nullable=False),
    sa.Column("role", _TEXT, nullable=False),
    sa.Column("words", sa.Text, nullable=False),  # why it is needed
    sa.Column("asked_by", _TEXT, nullable=False),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("decision", _TEXT, nullable=False, server_default=""),
    sa.Column("decided_by", _TEXT, nullable=False, server_default=""),  # never who asked
    sa.Column("decided_at", sa.DateTime(timezone=True)),
    sa.Column("decided_for", sa.Text, nullable=False, server_default=""),
    sa.Column("collected_at", sa.DateTime(timezone=True)),  # when whoever asked took the first password
    sa.CheckConstraint("decision IN ('', 'approved', 'refused')", name="account_request_decision"),
    sa.CheckConstraint("decided_by <> asked_by", name="account_request_by_two"),
    sa.Index("account_request_agency", "ori", "asked_at"),
    sa.Index("account_request_waits", "person", unique=True, postgresql_where=sa.text("decided_at IS NULL")),
    comment="Accounts that somebody asked for, and what somebody else decided. Rows stay.",
)

device_authority = sa.Table(
    "device_authority",
    metadata,
    sa.Column("fingerprint", _TEXT, primary_key=True),  # SHA-256 of the certificate, in hex
    sa.Column("ori", _TEXT, sa.ForeignKey("agency.ori", name="device_authority_of_agency"), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("pem", _TEXT, nullable=False),  # the certificate; the key is never in the database
    sa.Column("ours", sa.Boolean, nullable=False),  # made here; the key lies in the keys folder
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("added_by", _TEXT, nullable=False),
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True)),  # nothing that it signed counts any more
    sa.Column("ended_for", sa.Text, nullable=False, server_default=""),
    sa.Column("ended_by", _TEXT, nullable=False, server_default=""),
    comment="Who vouches for the devices of an agency.",
)

device_certificate = sa.Table(
    "device_certificate",
    metadata,
    sa.Column("fingerprint", _TEXT, primary_key=True),  # SHA-256 of the certificate, in hex
    sa.Column("serial", _TEXT, nullable=False),  # hex, as the certificate has it
    sa.Column("authority", _TEXT, sa.ForeignKey("device_authority.fingerprint", name="device_vouched_for"),
              nullable=False),
    sa.Column("terminal", _TEXT, sa.ForeignKey("terminal.mnemonic", name="device_of_terminal"),
              nullable=False),
    sa.Column("ori", _TEXT, nullable=False),  # the terminal's agency when it was issued
    sa.Column("encrypted", sa.Boolean, nullable=False),  # the posture, as the agency told it when issuing
    sa.Column("managed", sa.Boolean, nullable=False),
    sa.Column("located", sa.Boolean, nullable=False),
    sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("issued_by", _TEXT, nullable=False),
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("revoked_at", sa.DateTime(timezone=True)),
    sa.Column("revoked_for", sa.Text, nullable=False, server_default=""),
    sa.Column("revoked_by", _TEXT, nullable=False, server_default=""),
    sa.Index("device_certificate_serial", "authority", "serial", unique=True),
    sa.Index("device_certificate_terminal", "terminal"),
    comment="Every certificate of a device that was ever issued or accepted. Rows are never deleted.",
)  # fmt: skip

device_management = sa.Table(
    "device_management",
    metadata,
    sa.Column("ori", _TEXT, sa.ForeignKey("agency.ori", name="management_of_agency"), primary_key=True),
    sa.Column(
        "terminal", _TEXT, sa.ForeignKey("terminal.mnemonic", name="management_speaks_at"), nullable=False
    ),
    sa.Column("minutes", sa.Integer, nullable=False),  # a claim that is older counts no more
    sa.Column(
        "patch_days", sa.Integer, nullable=False
    ),  # an operating system patched longer ago does not count
    sa.Column(
        "wipe_url", sa.Text, nullable=False, server_default=""
    ),  # where a wipe is asked for; empty: by hand
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    sa.Column("declared_by", _TEXT, nullable=False),
    sa.Column(
        "ended_at", sa.DateTime(timezone=True)
    ),  # from then on posture is again what was said when issuing
    sa.CheckConstraint(
        "minutes BETWEEN 5 AND 10080 AND patch_days BETWEEN 1 AND 400", name="management_limits"
    ),
    comment="Which agencies have their mobile devices measured, and how old a measurement may be.",
)

posture = sa.Table(
    "posture",
    metadata,
    sa.Column("device", _TEXT, sa.ForeignKey("device_certificate.fingerprint", name="posture_of_device"),
              primary_key=True),
    sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),  # by the clock of the device management
    sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("encrypted", sa.Boolean, nullable=False),
    sa.Column("managed", sa.Boolean, nullable=False),
    sa.Column("located", sa.Boolean, nullable=False),
    sa.Column("rooted", sa.Boolean, nullable=False),
    sa.Column("patched", sa.Date, nullable=False),  # the day of the newest security patch of its system
    comment="What an agency's device management last measured of each device.",
)  # fmt: skip

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
    sa.Column("kind", _TEXT, nullable=False),  # the door: "page", "api", "line", "demo", "administration"
    sa.Column("notice", _TEXT, nullable=False, server_default=""),  # which notice was acknowledged
    sa.Column("device", _TEXT, nullable=False, server_default=""),  # the certificate's fingerprint, if any
    sa.Column("authenticator", _TEXT, nullable=False, server_default=""),  # that opened it; empty: the demo's press
    sa.Index("session_of", "person", postgresql_where=sa.text("ended_at IS NULL")),
    comment="Who is signed in, where, since when. Looked up by functions that an upgrade puts there.",
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

authenticator = sa.Table(
    "authenticator",
    metadata,
    sa.Column("id", _TEXT, primary_key=True),
    sa.Column("person", _TEXT, sa.ForeignKey("account.id", name="authenticator_of_account"), nullable=False),
    sa.Column("kind", _TEXT, nullable=False),
    sa.Column("name", sa.Text, nullable=False),  # as its person calls it
    sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("bound_by", _TEXT, nullable=False),  # an account, or the command line of the switch itself
    sa.Column("used_at", sa.DateTime(timezone=True)),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("ended_by", _TEXT, nullable=False, server_default=""),
    sa.Column("ended_for", _TEXT, nullable=False, server_default=""),  # "ended", "lost", "replaced"
    # of a passkey how its device calls it, of a directory or a card a digest of whom it names
    sa.Column("credential", sa.LargeBinary),
    sa.Column("public_key", sa.LargeBinary),  # of a passkey, COSE; the private one never leaves the device
    sa.Column("counter", sa.BigInteger, nullable=False, server_default="0"),  # uses, as the device counts
    sa.CheckConstraint("kind IN ('code', 'passkey', 'directory', 'card')", name="authenticator_kind"),
    sa.CheckConstraint(
        "(kind = 'code') = (credential IS NULL) AND (kind = 'passkey') = (public_key IS NOT NULL)",
        name="authenticator_whole",
    ),
    # A device that was lost is lost; somebody whom a directory knows may be bound to it again.
    sa.Index(
        "authenticator_credential", "credential", unique=True,
        postgresql_where=sa.text("kind <> 'directory' OR ended_at IS NULL"),
    ),
    sa.Index("authenticator_person", "person"),
    comment="Every authenticator ever bound to a person, with who bound and who ended it. Rows stay.",
)  # fmt: skip

challenge = sa.Table(
    "challenge",
    metadata,
    sa.Column("nonce", sa.LargeBinary, primary_key=True),  # 32 random bytes
    sa.Column("purpose", _TEXT, nullable=False),
    sa.Column("holder", sa.LargeBinary, nullable=False),  # SHA-256 of the cookie of the browser that asked
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("about", sa.Text, nullable=False, server_default=""),  # what must be known again with the answer
    sa.Column("proof", sa.LargeBinary),  # SHA-256 of what only the browser got that showed a card
    sa.Column("shown", sa.Text, nullable=False, server_default=""),  # whose card it was, or why it proves nobody
    sa.Index("challenge_made", "made_at"),
    comment="What is asked of passkeys and elsewhere: each once, for five minutes, for one purpose in one browser.",
)  # fmt: skip
