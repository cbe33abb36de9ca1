"""The fixed tables of oversight: incidents, reviews and holds by their clocks. Words stand in the journal, sealed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

metadata = sa.MetaData()
_TEXT = sa.Text(collation="C")

incident = sa.Table(
    "incident",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),  # of the entry that opened it
    sa.Column("kind", _TEXT, nullable=False),
    sa.Column("ori", _TEXT, nullable=False),  # empty: of the switch itself
    sa.Column("person", _TEXT, nullable=False),
    sa.Column("terminal", _TEXT, nullable=False),
    sa.Column("origin", _TEXT),  # what the switch saw, so that it opens one incident for it
    sa.Column("discovered_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("opened_by", _TEXT, nullable=False),
    sa.Index("incident_origin", "origin", unique=True),
    sa.Index("incident_of_agency", "ori", "number"),
    comment="What happened, by number. What is known of it stands in its journal entries. Rows are only ever added.",
)

incident_step = sa.Table(
    "incident_step",
    metadata,
    sa.Column("incident", sa.BigInteger, sa.ForeignKey("incident.number", name="step_of_incident"),
              primary_key=True, autoincrement=False),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("act", _TEXT, nullable=False),
    sa.Column("about", pg.ARRAY(_TEXT), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("by", _TEXT, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
    comment="What was done with an incident, step by step. Rows are only ever added.",
)  # fmt: skip

weekly_review = sa.Table(
    "weekly_review",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),  # of the entry that holds it
    sa.Column("ori", _TEXT, nullable=False),
    sa.Column("week", sa.Date, nullable=False),  # its Monday
    sa.Column("digest", _TEXT, nullable=False),  # SHA-256 of its bytes
    sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("prepared_by", _TEXT, nullable=False),
    sa.Index("weekly_review_of", "ori", "week"),
    comment="What an agency's auditor looked at, week by week. Rows are only ever added.",
)

review_signature = sa.Table(
    "review_signature",
    metadata,
    sa.Column("review", sa.BigInteger, sa.ForeignKey("weekly_review.number", name="signature_of_review"),
              primary_key=True, autoincrement=False),
    sa.Column("ori", _TEXT, nullable=False),
    sa.Column("week", sa.Date, nullable=False),
    sa.Column("digest", _TEXT, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("by", _TEXT, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
    sa.Index("review_signature_of", "ori", "week", unique=True),  # a week is signed once
    comment="Who signed a week's review. Rows are only ever added.",
)  # fmt: skip

journal_hold = sa.Table(
    "journal_hold",
    metadata,
    sa.Column(
        "number", sa.BigInteger, primary_key=True, autoincrement=False
    ),  # of the entry that asked for it
    sa.Column("ori", _TEXT, nullable=False),
    sa.Column("person", _TEXT, nullable=False),  # whose inquiries are held back; empty: all of the agency
    sa.Column("since", sa.DateTime(timezone=True), nullable=False),  # inquiries from then
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("asked_by", _TEXT, nullable=False),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),  # it ends by itself
    comment="Inquiries that their subject is not told of yet, as somebody asked. Rows are only ever added.",
)

hold_approval = sa.Table(
    "hold_approval",
    metadata,
    sa.Column("hold", sa.BigInteger, sa.ForeignKey("journal_hold.number", name="approval_of_hold"),
              primary_key=True, autoincrement=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("by", _TEXT, nullable=False),
    sa.Column("entry", sa.BigInteger, nullable=False),
    comment="The second person's word on a hold, without which it holds nothing. Rows are only ever added.",
)  # fmt: skip
