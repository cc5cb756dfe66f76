"""Every table of the server's store; text columns named `body` hold domain values written by `domain.codec`.

The server's secrets (receipt key, cursor key) live in files beside the store, never in it.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from server.store.dialect import Instant
from server.store.ledger import UNWATCHED, known_by, without

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_instant = Instant()

# One row per fact of the store itself: the epoch of its feed.
meta = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

# `secret` is the JSON of a domain CheckInKey: what proves that this officer stood at the door.
officers = Table(
    "officers",
    metadata,
    Column("officer_id", String, primary_key=True),
    Column("branch", String, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("secret", Text),
)

# `body` is a domain Pair.
pairs = Table(
    "pairs",
    metadata,
    Column("pair_id", String, primary_key=True),
    Column("branch", String, nullable=False, index=True),
    Column("first_officer", ForeignKey("officers.officer_id"), nullable=False),
    Column("second_officer", ForeignKey("officers.officer_id"), nullable=False),
    Column("body", Text, nullable=False),
)

# `body` is the bank's part of a domain Case (holds empty, agreement none); `body_hash` tells whether
# an import changes anything. `version` is the case's, growing with the bank's and our own changes;
# `bank_version` is the version in which the bank's part last changed.
cases = Table(
    "cases",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("branch", String, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("bank_version", Integer, nullable=False, server_default="1"),
    Column("body", Text, nullable=False),
    Column("body_hash", String, nullable=False),
    Column("agreement_state", String, nullable=False, server_default="none"),
    Column("imported_at", _instant, nullable=False),
)

holds = Table(
    "holds",
    metadata,
    Column("hold_id", String, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("since", _instant, nullable=False),
    Column("until", _instant),
    Column("source", String, nullable=False),
    Column("lifted_at", _instant),
    Column("lifted_by", String),
    Column("lifted_reason", Text),
)

imports = Table(
    "imports",
    metadata,
    Column("import_id", String, primary_key=True),
    Column("at", _instant, nullable=False),
    Column("files", Text, nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("cases_new", Integer, nullable=False),
    Column("cases_changed", Integer, nullable=False),
    Column("cases_unchanged", Integer, nullable=False),
    Column("cases_rejected", Integer, nullable=False),
)

# One verdict per case and day: `reasons` is a JSON list of findings, empty where eligible.
assessments = Table(
    "assessments",
    metadata,
    Column("branch", String, nullable=False),
    Column("day", Date, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), primary_key=True),
    Column("eligible", Boolean, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("packs", Text, nullable=False),
    Column("at", _instant, nullable=False),
)

# `body` is a DayPlan, `facts` its PlanFacts (server.store.plans).
plans = Table(
    "plans",
    metadata,
    Column("plan_id", String, primary_key=True),
    Column("branch", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("at", _instant, nullable=False),
    Column("facts", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("published_at", _instant),
)

# `body` is a domain Itinerary; the highest version of an itinerary_id is the live one.
itineraries = Table(
    "itineraries",
    metadata,
    Column("itinerary_id", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("plan_id", ForeignKey("plans.plan_id"), nullable=False),
    Column("branch", String, nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("pair_id", ForeignKey("pairs.pair_id"), nullable=False),
    Column("body", Text, nullable=False),
)

# Which cases an officer's device may hold; an open row has no `until`.
assignments = Table(
    "assignments",
    metadata,
    Column("assignment_id", String, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("officer_id", ForeignKey("officers.officer_id"), nullable=False, index=True),
    Column("since", _instant, nullable=False),
    Column("until", _instant),
)

# The code itself is never stored, only its SHA-256.
enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("code_hash", String, primary_key=True),
    Column("officer_id", ForeignKey("officers.officer_id"), nullable=False),
    Column("expires_at", _instant, nullable=False),
    Column("used_at", _instant),
    Column("device_id", String),
)

# Public keys are raw Ed25519, base64url. `head_*` is the device's log as far as it is stored here.
devices = Table(
    "devices",
    metadata,
    Column("device_id", String, primary_key=True),
    Column("officer_id", ForeignKey("officers.officer_id"), nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("request_key", String, nullable=False),
    Column("operation_key", String, nullable=False),
    Column("head_seq", Integer, nullable=False),
    Column("head_hash", String, nullable=False),
    Column("enrolled_at", _instant, nullable=False),
    Column("last_seen_at", _instant),
    Column("clock_offset_ms", Integer),
    Column("revoked_from_seq", Integer),
    info=without("head_seq", "head_hash", "last_seen_at", "clock_offset_ms"),
)

# Every authentic operation ever pushed, with its exact bytes; outcome and reason are the server's.
operations = Table(
    "operations",
    metadata,
    Column("device_id", ForeignKey("devices.device_id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("op_id", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("signature", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("case_id", String, index=True),
    Column("occurred_at", _instant, nullable=False),
    Column("received_at", _instant, nullable=False),
    Column("outcome", String, nullable=False, index=True),
    Column("reason", Text),
    Column("decided_at", _instant),
    Column("decided_by", String),
    Column("server_version", Text),
    UniqueConstraint("op_id"),
    info=known_by("op_id"),
)

# Files that operations name; the file itself may come later (`blobs`).
attachments = Table(
    "attachments",
    metadata,
    Column("op_id", ForeignKey("operations.op_id"), primary_key=True),
    Column("sha256", String, primary_key=True, index=True),
    Column("size", Integer, nullable=False),
    Column("type", String, nullable=False),
)

# Evidence of a fork (same place in the log, another body): both kept, neither applied twice.
forks = Table(
    "forks",
    metadata,
    Column("fork_id", String, primary_key=True),
    Column("device_id", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("signature", String, nullable=False),
    Column("received_at", _instant, nullable=False),
)

visits = Table(
    "visits",
    metadata,
    Column("visit_id", String, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("device_id", String, nullable=False),
    Column("address_id", String, nullable=False),
    Column("officers", Text, nullable=False),
    Column("started_at", _instant, nullable=False),
    Column("finished_at", _instant),
    Column("outcome", String),
    Column("identity_shown", Boolean, nullable=False),
    Column("promise_until", Date),
    Column("expected_end", _instant),
    Column("stopped_at", _instant),
    Column("stop_cause", String),
)

# `body` is a domain Disclosure; `op_id` proves each row has one signed operation behind it.
disclosures = Table(
    "disclosures",
    metadata,
    Column("disclosure_id", String, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("op_id", String, nullable=False, unique=True),
    Column("body", Text, nullable=False),
)

# `body` is a domain Agreement.
agreements = Table(
    "agreements",
    metadata,
    Column("agreement_id", String, primary_key=True),
    Column("case_id", ForeignKey("cases.case_id"), nullable=False, index=True),
    Column("op_id", String, nullable=False, unique=True),
    Column("state", String, nullable=False),
    Column("document_sha256", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("verification_code", String, index=True),
)

# The office's copy of an agreement's document, counter-sealed; `faults` is what was wrong with the
# device's seal, empty where it held.
agreement_documents = Table(
    "agreement_documents",
    metadata,
    Column("agreement_id", ForeignKey("agreements.agreement_id"), primary_key=True),
    Column("sha256", String, nullable=False),
    Column("office_sha256", String, nullable=False, index=True),
    Column("faults", String, nullable=False),
    Column("sealed_at", _instant, nullable=False),
)

# Which instalments' due days a borrower was reminded of; `sending` left standing is not known to have come.
agreement_reminders = Table(
    "agreement_reminders",
    metadata,
    Column("agreement_id", ForeignKey("agreements.agreement_id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("state", String, nullable=False),
    Column("at", _instant, nullable=False),
)

# Files that have come; `seal_faults` is what was wrong with the seals of a PDF, empty where they held.
blobs = Table(
    "blobs",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("type", String, nullable=False),
    Column("device_id", String, nullable=False),
    Column("received_at", _instant, nullable=False),
    Column("seal_faults", String),
)

# Rows that pruning looks for (server.store.pruning); no other row is in their index.
_PRUNABLE = text("op = 'REMOVE' OR substr(key, 1, 10) = 'op_result:'")
# One live row per agent (officer) and key; fseq comes from the agent's counter, taken last.
agent_feed = Table(
    "agent_feed",
    metadata,
    Column("agent", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("fseq", Integer, nullable=False),
    Column("op", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text),
    Column("at", _instant, nullable=False),
    Index("ix_agent_feed_agent_fseq", "agent", "fseq"),
    Index("ix_agent_feed_key", "key"),
    Index("ix_agent_feed_prunable", "at", sqlite_where=_PRUNABLE, postgresql_where=_PRUNABLE),
    info=UNWATCHED,
)

# `live` and `digest` (hex) count and sum the agent's PUT rows, kept in step by every publication.
# A REMOVE row at or below `floor` may be gone: a cursor from before it starts anew.
agent_counters = Table(
    "agent_counters",
    metadata,
    Column("agent", String, primary_key=True),
    Column("n", Integer, nullable=False),
    Column("live", Integer, nullable=False, server_default="0"),
    Column("digest", String, nullable=False, server_default="0" * 64),
    Column("floor", Integer, nullable=False, server_default="0"),
    info=UNWATCHED,
)

# Authentic records that no log of the server can take: of a restored copy, a revoked device, a
# rescue file with gaps. A person decides on each; accepted, it moves to `operations`.
quarantine = Table(
    "quarantine",
    metadata,
    Column("hash", String, primary_key=True),
    Column("device_id", ForeignKey("devices.device_id"), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("op_id", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("case_id", String),
    Column("body", Text, nullable=False),
    Column("signature", String, nullable=False),
    Column("cause", String, nullable=False),
    Column("received_at", _instant, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("decided_at", _instant),
    Column("decided_by", String),
    Column("reason", Text),
)

# Operations that stopped collection ahead of their place in the log, until they come in it.
early_operations = Table(
    "early_operations",
    metadata,
    Column("op_id", String, primary_key=True),
    Column("device_id", ForeignKey("devices.device_id"), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("signature", String, nullable=False),
    Column("received_at", _instant, nullable=False),
)

# Replay window of signed requests.
nonces = Table(
    "nonces",
    metadata,
    Column("key_id", String, primary_key=True),
    Column("nonce", String, primary_key=True),
    Column("seen_at", _instant, nullable=False, index=True),
    info=UNWATCHED,
)

# The lines of the audit log, the first being 1, written with what they tell of; `detail` holds no
# personal data. `rows` is a JSON object of the rows that the transaction touched: by table, each row's
# key and present digest (null where it was deleted). `leaf` is the line's RFC 6962 leaf hash, in hex.
audit = Table(
    "audit",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=True),
    Column("at", _instant, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("rows", Text),
    Column("leaf", String, nullable=False),
    info=UNWATCHED,
)
