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
    sa.Column(
        "digest", sa.LargeBinary, nullable=False
    ),  # of the text: the same key with another text is a fault
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
    sa.Column("question", sa.LargeBinary, nullable=False),
    comment="A question to another system that has no answer yet: written before it is sent, gone with its answer.",
)

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("terminal", _TEXT, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
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
