"""The fixed tables of the switch: what was claimed, what is being asked, what waits to be delivered."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
_TEXT = sa.Text(collation="C")  # byte order: a look-up must never depend on the language of the server

claim = sa.Table(
    "claim",
    metadata,
    sa.Column("terminal", _TEXT, primary_key=True),
    sa.Column("key", _TEXT, primary_key=True),  # the sender's own
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("transaction", sa.BigInteger, nullable=False),
    # The digest of the text, with which the same key with another text is known as a fault, and the receipt; sealed.
    sa.Column("receipt", sa.LargeBinary, nullable=False),
    comment="A repeat of a key gets the first receipt; rows of past days are dropped.",
)

leg = sa.Table(
    "leg",
    metadata,
    sa.Column("transaction", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("leg", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("worker", sa.SmallInteger, nullable=False),
    sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
    sa.Column("question", sa.LargeBinary, nullable=False),  # sealed
    comment="A question to another system that has no answer yet: written before it is sent, gone with its answer.",
)

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("terminal", _TEXT, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("body", sa.LargeBinary, nullable=False),  # sealed
    comment="What a terminal has not acknowledged yet.",
)

worker = sa.Table(
    "worker",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("holder", _TEXT, nullable=False),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    comment="Which process numbers its entries with which worker id, and until when.",
)

confirmation = sa.Table(
    "confirmation",
    metadata,
    sa.Column(
        "number", sa.BigInteger, primary_key=True, autoincrement=False
    ),  # journal number of the request
    sa.Column("record", _TEXT, nullable=False),  # FCN or NIC of the record that was hit
    sa.Column("owner", _TEXT, nullable=False),  # whose record it is: who must answer
    sa.Column("ori", _TEXT, nullable=False),  # who asked, from where
    sa.Column("terminal", _TEXT, nullable=False),
    sa.Column("person", _TEXT, nullable=False),
    sa.Column("test", sa.Boolean, nullable=False),
    sa.Column("priority", _TEXT, nullable=False),  # U urgent, R routine
    sa.Column("round", sa.SmallInteger, nullable=False),  # 1 to 3: how often it was asked
    sa.Column("state", _TEXT, nullable=False),  # waiting, promised, answered, escalated
    sa.Column("said", _TEXT, nullable=False),  # the owner's last word: Y, N, V or E
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True)),  # when the clock strikes next; null once it is over
    sa.Column("text", sa.LargeBinary, nullable=False),  # the request, to be sent again; sealed
    sa.Index("confirmation_due", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),
    sa.Index("confirmation_open", "owner", "number", postgresql_where=sa.text("state <> 'answered'")),
    comment="Requests to confirm a hit, and the clocks that run on them.",
)

reason = sa.Table(
    "reason",
    metadata,
    sa.Column(
        "transaction", sa.BigInteger, primary_key=True, autoincrement=False
    ),  # journal number of the inquiry
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("asked", _TEXT, nullable=False),  # the message key; never what was asked for
    sa.Column("ori", _TEXT, nullable=False),
    sa.Column("terminal", _TEXT, nullable=False),
    sa.Column("person", _TEXT, nullable=False),
    sa.Column("kind", _TEXT, nullable=False),  # as it was said, like the three that follow
    sa.Column("reference", _TEXT, nullable=False),
    sa.Column("requester", _TEXT, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("for_person", _TEXT, nullable=False),  # the account of the requester, where there is one
    sa.Column("verdict", _TEXT, nullable=False),
    sa.Column("incident", _TEXT, nullable=False),  # of the CAD, said or found
    sa.Column("looked", sa.SmallInteger, nullable=False),  # how often, after the first look
    sa.Column("due_at", sa.DateTime(timezone=True)),  # when it is looked at again; null once that is over
    sa.Index("reason_due", "due_at", postgresql_where=sa.text("due_at IS NOT NULL")),
    sa.Index("reason_for", "for_person", "transaction", postgresql_where=sa.text("for_person <> ''")),
    sa.Index("reason_open", "ori", "transaction",
             postgresql_where=sa.text("verdict IN ('none', 'unknown', 'own-later', 'unexplained')")),
    comment="Why each inquiry was made, as it was said, and what was found of that. The journal has the same.",
)  # fmt: skip
