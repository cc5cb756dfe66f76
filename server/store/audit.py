"""Appends to the audit log, inside the transaction of the write it tells of."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert

from fieldsync.domain.codec import to_json
from server.store.tables import audit


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
    conn.execute(
        insert(audit).values(
            at=at, actor=actor, action=action, subject=subject, detail=to_json(detail or {})
        )
    )
