"""The feed keeps its digest and its floor; records may wait in quarantine or come early."""

import sqlalchemy as sa
from alembic import op

from fieldsync.sync.digest import digest_of
from server.store.dialect import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns and tables, and count the digests of what is there."""
    op.add_column(
        "agent_counters", sa.Column("live", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "agent_counters", sa.Column("digest", sa.String(), nullable=False, server_default="0" * 64)
    )
    op.add_column(
        "agent_counters", sa.Column("floor", sa.Integer(), nullable=False, server_default="0")
    )
    _count_digests(op.get_bind())
    op.create_table(
        "quarantine",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("op_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("case_id", sa.String()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_at", Instant()),
        sa.Column("decided_by", sa.String()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_quarantine")),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.device_id"], name=op.f("fk_quarantine_device_id")
        ),
    )
    for column in ("device_id", "op_id", "state"):
        op.create_index(op.f(f"ix_quarantine_{column}"), "quarantine", [column])
    op.create_table(
        "early_operations",
        sa.Column("op_id", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("op_id", name=op.f("pk_early_operations")),
        sa.ForeignKeyConstraint(
            ["device_id"], ["devices.device_id"], name=op.f("fk_early_operations_device_id")
        ),
    )
    op.create_index(op.f("ix_early_operations_device_id"), "early_operations", ["device_id"])


def _count_digests(conn: sa.Connection) -> None:
    agents = conn.execute(sa.text("SELECT agent FROM agent_counters")).scalars().all()
    live = sa.text("SELECT key, version FROM agent_feed WHERE agent = :agent AND op = 'PUT'")
    kept = sa.text("UPDATE agent_counters SET live = :live, digest = :digest WHERE agent = :agent")
    for agent in agents:
        rows = conn.execute(live, {"agent": agent}).all()
        digest = digest_of((row.key, row.version) for row in rows)
        conn.execute(kept, {"live": digest.count, "digest": digest.sum, "agent": agent})
