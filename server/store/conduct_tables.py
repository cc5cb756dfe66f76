"""The tables of conduct: hardship reviews, how holds spread, complaints, corrections, notices, evidence."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text, text

from server.store.audit_tables import audit_tree
from server.store.dialect import Instant
from server.store.tables import metadata

# Whoever compares or creates the whole store takes the metadata from here, with every table in it.
__all__ = (
    "audit_tree",
    "complaints",
    "corrections",
    "evidence",
    "hardship_reviews",
    "hold_spread",
    "metadata",
    "notices",
)

_instant = Instant()

# What the hardship team owes each disclosure: an answer by `due`. `decision` is a domain HardshipDecision
# (JSON), without anything sensitive: the officer reads it.
hardship_reviews = Table(
    "hardship_reviews",
    metadata,
    Column("disclosure_id", String, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("hold_id", String, nullable=False),
    Column("officer_id", String, nullable=False),
    Column("opened_at", _instant, nullable=False),
    Column("due", Date, nullable=False, index=True),
    Column("state", String, nullable=False, index=True),
    Column("decision", Text),
    Column("decided_at", _instant),
    Column("decided_by", String),
)

# One row per hold and agent that must learn of it: which feed row tells it, and when the agent had it.
hold_spread = Table(
    "hold_spread",
    metadata,
    Column("hold_id", String, primary_key=True),
    Column("agent", String, primary_key=True),
    Column("case_id", String, nullable=False),
    Column("fseq", Integer, nullable=False),
    Column("at", _instant, nullable=False),
    Column("known_at", _instant),
    Index(
        "ix_hold_spread_waiting",
        "agent",
        "fseq",
        sqlite_where=text("known_at IS NULL"),
        postgresql_where=text("known_at IS NULL"),
    ),
)

# `body` is a domain Complaint; `due` is when the law wants it answered.
complaints = Table(
    "complaints",
    metadata,
    Column("complaint_id", String, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("op_id", String, nullable=False, unique=True),
    Column("received_at", _instant, nullable=False),
    Column("complexity", String, nullable=False),
    Column("due", Date, nullable=False, index=True),
    Column("state", String, nullable=False, index=True),
    Column("answered_at", _instant),
    Column("answered_by", String),
    Column("answer", Text),
    Column("extended_by", String),
    Column("extended_reason", Text),
    Column("body", Text, nullable=False),
)

# `body` is a domain Correction.
corrections = Table(
    "corrections",
    metadata,
    Column("correction_id", String, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("op_id", String, nullable=False, unique=True),
    Column("received_at", _instant, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("decided_at", _instant),
    Column("decided_by", String),
    Column("reason", Text),
    Column("body", Text, nullable=False),
)

# A notice of one planned visit; `given_at` is set when the channel has taken it. `body` is a domain Notice.
notices = Table(
    "notices",
    metadata,
    Column("notice_id", String, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("branch", String, nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("channel", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("written_at", _instant, nullable=False),
    Column("given_at", _instant),
    Column("packs", Text, nullable=False),
    Column("body", Text, nullable=False),
)

# Photos, recordings and papers of visits; `body` is the payload of the record.
evidence = Table(
    "evidence",
    metadata,
    Column("op_id", String, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("visit_id", String, nullable=False, index=True),
    Column("at", _instant, nullable=False),
    Column("body", Text, nullable=False),
)
