"""The tables of the office's accounts: who they are, how they sign in, their sessions, what two decide.

No secret of a person lies here in the clear: passwords as argon2id, codes and session ids as SHA-256,
the seed of one-time codes encrypted with a key that is kept beside the store.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from server.store.conduct_tables import metadata
from server.store.dialect import Instant
from server.store.ledger import UNWATCHED

# Whoever compares or creates the whole store takes the metadata from here, with every table in it.
__all__ = (
    "account_codes",
    "account_roles",
    "accounts",
    "approvals",
    "glass_breaks",
    "metadata",
    "office_sessions",
    "passkeys",
    "sign_in_steps",
    "sign_in_tries",
)

_instant = Instant()

# `login` is typed, in small letters; `bank_subject` is what the bank's own sign-in calls the person.
# `otp_seed` is encrypted; `otp_step` the last step whose code was used, so that none works twice.
accounts = Table(
    "accounts",
    metadata,
    Column("account_id", String, primary_key=True),
    Column("login", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("bank_subject", String, unique=True),
    Column("state", String, nullable=False),
    Column("password_hash", String),
    Column("otp_seed", String),
    Column("otp_step", Integer),
    Column("created_at", _instant, nullable=False),
)

# An empty branch is nobody's own: roles that reach every branch need none.
account_roles = Table(
    "account_roles",
    metadata,
    Column("account_id", ForeignKey("accounts.account_id"), primary_key=True),
    Column("role", String, primary_key=True),
    Column("branch", String, primary_key=True),
)

# Invitations and recovery codes, each good for one use; recovery codes do not expire.
account_codes = Table(
    "account_codes",
    metadata,
    Column("code_hash", String, primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("expires_at", _instant),
    Column("used_at", _instant),
)

# Ids and public keys as base64url.
passkeys = Table(
    "passkeys",
    metadata,
    Column("credential_id", String, primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False, index=True),
    Column("public_key", Text, nullable=False),
    Column("sign_count", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("added_at", _instant, nullable=False),
    Column("used_at", _instant),
)

# `end_cause` says why a session is over; rows stay until they are pruned by the next sign-in.
office_sessions = Table(
    "office_sessions",
    metadata,
    Column("session_hash", String, primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False, index=True),
    Column("handle", String, nullable=False, unique=True),
    Column("means", String, nullable=False),
    Column("started_at", _instant, nullable=False),
    Column("seen_at", _instant, nullable=False),
    Column("until", _instant, nullable=False),
    Column("remote", String, nullable=False),
    Column("browser", String, nullable=False),
    Column("ended_at", _instant),
    Column("end_cause", String),
    info=UNWATCHED,
)

# A sign-in, set-up or new passkey under way: good for one answer and a few minutes.
sign_in_steps = Table(
    "sign_in_steps",
    metadata,
    Column("step_hash", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("expires_at", _instant, nullable=False, index=True),
    info=UNWATCHED,
)

# Failed tries of a name from a source (a known browser, an address, or all strangers together).
# Both are keyed hashes: names that do not exist are counted in the same way, and not kept.
sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("who", String, primary_key=True),
    Column("source", String, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", _instant, nullable=False, index=True),
    info=UNWATCHED,
)

# What one person asks and another grants; `subject` is the hold, record or device.
approvals = Table(
    "approvals",
    metadata,
    Column("approval_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("case_id", String),
    Column("branch", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("asked_by", ForeignKey("accounts.account_id"), nullable=False),
    Column("asked_at", _instant, nullable=False),
    Column("expires_at", _instant, nullable=False),
    Column("decided_by", ForeignKey("accounts.account_id")),
    Column("decided_at", _instant),
    Column("outcome", String),
    Index("ix_approvals_subject", "kind", "subject"),
)

glass_breaks = Table(
    "glass_breaks",
    metadata,
    Column("glass_id", String, primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False, index=True),
    Column("branch", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", _instant, nullable=False),
    Column("until", _instant, nullable=False, index=True),
)
