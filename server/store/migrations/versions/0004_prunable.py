"""What pruning looks for in the feed has an index of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PRUNABLE = "op = 'REMOVE' OR substr(key, 1, 10) = 'op_result:'"


def upgrade() -> None:
    """Index removed rows and results by their time; all other rows cost nothing."""
    op.create_index(
        "ix_agent_feed_prunable",
        "agent_feed",
        ["at"],
        sqlite_where=sa.text(_PRUNABLE),
        postgresql_where=sa.text(_PRUNABLE),
    )
