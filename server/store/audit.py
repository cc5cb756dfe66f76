"""Tells the audit log of something, in the transaction that does it; the line gets its place at the end."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from fieldsync.domain.codec import to_json
from server.store.ledger import Line, ledger_of


def record(
    conn: Connection,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, object] | None = None,
) -> None:
    """One line: who did what to which thing; `detail` holds counts and codes, never personal data."""
    ledger = ledger_of(conn)
    if ledger is None:
        raise LookupError("the audit log is told of something outside of a write")
    texts = (_kept(text) for text in (actor, action, subject, to_json(detail or {})))
    ledger.lines.append(Line(at, *texts))


def _kept(text: str) -> str:
    """As every store keeps it: PostgreSQL has no NUL (`server.store.postgresql`)."""
    return text.replace("\0", "\ufffd")
