"""A visit keeps the day by which the borrower promised to pay."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the day; visits made before it have none."""
    op.add_column("visits", sa.Column("promise_until", sa.Date(), nullable=True))
