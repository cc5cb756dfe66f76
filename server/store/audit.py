"""Appends to the audit log, inside the transaction of the write it tells of."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert

from fieldsync.domain.codec import to_json
from server.store.tables import audit

_LINE = insert(audit)


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
    line = {"at": at, "actor": actor, "action": action, "subject": subject}
    conn.execute(_LINE, {**line, "detail": to_json(detail or {})})
