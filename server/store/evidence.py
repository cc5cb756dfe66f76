"""Writes what was captured at visits: which files belong to which visit, their place only with consent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from fieldsync.domain.codec import to_json
from server.store.conduct_tables import evidence


def add_evidence(
    conn: Connection,
    *,
    op_id: str,
    case_id: str,
    visit_id: str,
    at: datetime,
    body: Mapping[str, Any],
) -> None:
    """Keep one record of captures; IntegrityError where it is kept already."""
    conn.execute(
        insert(evidence).values(
            op_id=op_id, case_id=case_id, visit_id=visit_id, at=at, body=to_json(body)
        )
    )


def op_ids_with_evidence(conn: Connection, visit_id: str) -> list[str]:
    """The records of what was captured at a visit, in order."""
    query = select(evidence.c.op_id).where(evidence.c.visit_id == visit_id)
    return list(conn.execute(query.order_by(evidence.c.at, evidence.c.op_id)).scalars())
