"""The office's accounts, their sessions, what two people decide, and broken glass."""

import sqlalchemy as sa
from alembic import op

from server.store.dialect import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of the accounts; what is stored stays as it is."""
    _accounts()
    _account_roles()
    _account_codes()
    _passkeys()
    _office_sessions()
    _sign_in_steps()
    _sign_in_tries()
    _approvals()
    _glass_breaks()


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("bank_subject", sa.String()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String()),
        sa.Column("otp_seed", sa.String()),
        sa.Column("otp_step", sa.Integer()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
        sa.UniqueConstraint("bank_subject", name=op.f("uq_accounts_bank_subject")),
    )


def _account_roles() -> None:
    op.create_table(
        "account_roles",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "role", "branch", name=op.f("pk_account_roles")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_account_roles_account_id")
        ),
    )


def _account_codes() -> None:
    op.create_table(
        "account_codes",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("expires_at", Instant()),
        sa.Column("used_at", Instant()),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_account_codes")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_account_codes_account_id")
        ),
    )
    op.create_index(op.f("ix_account_codes_account_id"), "account_codes", ["account_id"])


def _passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("credential_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("used_at", Instant()),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_passkeys")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_passkeys_account_id")
        ),
    )
    op.create_index(op.f("ix_passkeys_account_id"), "passkeys", ["account_id"])


def _office_sessions() -> None:
    op.create_table(
        "office_sessions",
        sa.Column("session_hash", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("means", sa.String(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("remote", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("end_cause", sa.String()),
        sa.PrimaryKeyConstraint("session_hash", name=op.f("pk_office_sessions")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_office_sessions_account_id")
        ),
        sa.UniqueConstraint("handle", name=op.f("uq_office_sessions_handle")),
    )
    op.create_index(op.f("ix_office_sessions_account_id"), "office_sessions", ["account_id"])


def _sign_in_steps() -> None:
    op.create_table(
        "sign_in_steps",
        sa.Column("step_hash", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("step_hash", name=op.f("pk_sign_in_steps")),
    )
    op.create_index(op.f("ix_sign_in_steps_expires_at"), "sign_in_steps", ["expires_at"])


def _sign_in_tries() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("who", "source", name=op.f("pk_sign_in_tries")),
    )
    op.create_index(op.f("ix_sign_in_tries_last_at"), "sign_in_tries", ["last_at"])


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("approval_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("case_id", sa.String()),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.String()),
        sa.Column("decided_at", Instant()),
        sa.Column("outcome", sa.String()),
        sa.PrimaryKeyConstraint("approval_id", name=op.f("pk_approvals")),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["accounts.account_id"], name=op.f("fk_approvals_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.account_id"], name=op.f("fk_approvals_decided_by")
        ),
    )
    op.create_index(op.f("ix_approvals_state"), "approvals", ["state"])
    op.create_index(op.f("ix_approvals_subject"), "approvals", ["kind", "subject"])


def _glass_breaks() -> None:
    op.create_table(
        "glass_breaks",
        sa.Column("glass_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("glass_id", name=op.f("pk_glass_breaks")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_glass_breaks_account_id")
        ),
    )
    op.create_index(op.f("ix_glass_breaks_account_id"), "glass_breaks", ["account_id"])
    op.create_index(op.f("ix_glass_breaks_until"), "glass_breaks", ["until"])
