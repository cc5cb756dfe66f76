"""Hardship reviews, how holds spread, complaints, corrections, notices, evidence and proved check-ins."""

import sqlalchemy as sa
from alembic import op

from server.store.dialect import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_CASE = "case_id"


def upgrade() -> None:
    """Add columns and tables; what is stored stays as it is."""
    op.add_column("officers", sa.Column("secret", sa.Text()))
    for name, kind in (
        ("expected_end", Instant()),
        ("stopped_at", Instant()),
        ("stop_cause", sa.String()),
    ):
        op.add_column("visits", sa.Column(name, kind))
    _hardship()
    _spread()
    _complaints()
    _corrections()
    _notices()
    _evidence()


def _of_a_case(
    name: str, key: str, *columns: sa.Column[object] | sa.UniqueConstraint, indexed: tuple[str, ...]
) -> None:
    """A table whose rows belong to a case."""
    op.create_table(
        name,
        sa.Column(key, sa.String(), nullable=False),
        sa.Column(_CASE, sa.String(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{name}")),
        sa.ForeignKeyConstraint([_CASE], ["cases.case_id"], name=op.f(f"fk_{name}_case_id")),
    )
    for column in (_CASE, *indexed):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def _hardship() -> None:
    _of_a_case(
        "hardship_reviews",
        "disclosure_id",
        sa.Column("hold_id", sa.String(), nullable=False),
        sa.Column("officer_id", sa.String(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decision", sa.Text()),
        sa.Column("decided_at", Instant()),
        sa.Column("decided_by", sa.String()),
        indexed=("due", "state"),
    )


def _spread() -> None:
    op.create_table(
        "hold_spread",
        sa.Column("hold_id", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("fseq", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("known_at", Instant()),
        sa.PrimaryKeyConstraint("hold_id", "agent", name=op.f("pk_hold_spread")),
    )
    waiting = sa.text("known_at IS NULL")
    op.create_index(
        "ix_hold_spread_waiting",
        "hold_spread",
        ["agent", "fseq"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def _complaints() -> None:
    _of_a_case(
        "complaints",
        "complaint_id",
        sa.Column("op_id", sa.String(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("complexity", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_at", Instant()),
        sa.Column("answered_by", sa.String()),
        sa.Column("answer", sa.Text()),
        sa.Column("extended_by", sa.String()),
        sa.Column("extended_reason", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.UniqueConstraint("op_id", name=op.f("uq_complaints_op_id")),
        indexed=("due", "state"),
    )


def _corrections() -> None:
    _of_a_case(
        "corrections",
        "correction_id",
        sa.Column("op_id", sa.String(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_at", Instant()),
        sa.Column("decided_by", sa.String()),
        sa.Column("reason", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.UniqueConstraint("op_id", name=op.f("uq_corrections_op_id")),
        indexed=("state",),
    )


def _notices() -> None:
    _of_a_case(
        "notices",
        "notice_id",
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("written_at", Instant(), nullable=False),
        sa.Column("given_at", Instant()),
        sa.Column("packs", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        indexed=("day", "state"),
    )


def _evidence() -> None:
    _of_a_case(
        "evidence",
        "op_id",
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        indexed=("visit_id",),
    )
