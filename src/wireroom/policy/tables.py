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
    sa.Column("authenticator", _TEXT, nullable=False, server_default=""),  # that opened it; empty: the demo's press
    sa.Index("session_of", "person", postgresql_where=sa.text("ended_at IS NULL")),
    comment="Who is signed in, where, since when.",
)  # fmt: skip

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
    sa.Column("credential", sa.LargeBinary),  # of a passkey: how its device calls it
    sa.Column("public_key", sa.LargeBinary),  # of a passkey, COSE; the private one never leaves the device
    sa.Column("counter", sa.BigInteger, nullable=False, server_default="0"),  # uses, as the device counts
    sa.CheckConstraint("kind IN ('code', 'passkey')", name="authenticator_kind"),
    sa.CheckConstraint(
        "(kind = 'passkey') = (credential IS NOT NULL AND public_key IS NOT NULL)",
        name="authenticator_whole",
    ),
    sa.Index("authenticator_credential", "credential", unique=True),
    sa.Index("authenticator_person", "person"),
    comment="Every authenticator ever bound to a person, with who bound and who ended it. Rows stay.",
)

challenge = sa.Table(
    "challenge",
    metadata,
    sa.Column("nonce", sa.LargeBinary, primary_key=True),  # 32 random bytes
    sa.Column("purpose", _TEXT, nullable=False),
    sa.Column("holder", sa.LargeBinary, nullable=False),  # SHA-256 of the cookie of the browser that asked
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Index("challenge_made", "made_at"),
    comment="What passkeys are asked to sign: each counts once, for five minutes, for one purpose in one browser.",
)
