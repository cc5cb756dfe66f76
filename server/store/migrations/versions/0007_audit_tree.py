"""The audit log becomes a tree: its lines are numbered without gaps and get leaves, and every row its line."""

import sqlalchemy as sa
from alembic import op

from server.store.audit_rows import every_digest
from server.store.audit_tree import adopt
from server.store.dialect import Instant
from server.store.ledger import known_by, without

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Tables with nothing to keep, and what the log itself is made of.
_UNWATCHED = frozenset(
    {"agent_counters", "agent_feed", "alembic_version", "audit", "audit_tree", "nonces"}
)
_INFO = {
    "operations": known_by("op_id"),
    "devices": without("head_seq", "head_hash", "last_seen_at", "clock_offset_ms"),
}


def upgrade() -> None:
    """Add columns and a table, then take up what is stored."""
    conn = op.get_bind()
    op.add_column("audit", sa.Column("rows", sa.Text()))
    op.add_column("audit", sa.Column("leaf", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "audit_tree",
        sa.Column("tree_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("peaks", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tree_id", name=op.f("pk_audit_tree")),
    )
    names = sorted(set(sa.inspect(conn).get_table_names()) - _UNWATCHED)
    adopt(conn, ((name, every_digest(conn, _reflected(conn, name))) for name in names))
    with op.batch_alter_table("audit") as batch:
        batch.alter_column("leaf", server_default=None)


def _reflected(conn: sa.Connection, name: str) -> sa.Table:
    """The table as it is in this revision, whatever the program adds later."""
    return sa.Table(name, sa.MetaData(), autoload_with=conn, info=_INFO.get(name, {}))
