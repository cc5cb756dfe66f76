"""Verification codes of agreements, the office's sealed copies of their documents, and reminders."""

import sqlalchemy as sa
from alembic import op

from server.store.dialect import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column and tables; what is stored stays as it is."""
    op.add_column("agreements", sa.Column("verification_code", sa.String()))
    op.add_column("blobs", sa.Column("seal_faults", sa.String()))
    op.create_index(op.f("ix_agreements_verification_code"), "agreements", ["verification_code"])
    op.create_table(
        "agreement_documents",
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("office_sha256", sa.String(), nullable=False),
        sa.Column("faults", sa.String(), nullable=False),
        sa.Column("sealed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("agreement_id", name=op.f("pk_agreement_documents")),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.agreement_id"],
            name=op.f("fk_agreement_documents_agreement_id"),
        ),
    )
    op.create_index(
        op.f("ix_agreement_documents_office_sha256"), "agreement_documents", ["office_sha256"]
    )
    op.create_table(
        "agreement_reminders",
        sa.Column("agreement_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("agreement_id", "number", name=op.f("pk_agreement_reminders")),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.agreement_id"],
            name=op.f("fk_agreement_reminders_agreement_id"),
        ),
    )
