"""Reads and writes what was captured at visits: which files belong to which visit, their place only with consent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.evidence import Evidence
from server.store.conduct_tables import evidence


@dataclass(frozen=True, slots=True)
class StoredEvidence:
    """One record of captures, and the case it belongs to."""

    op_id: str
    case_id: str
    at: datetime
    told: Evidence


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


def evidence_of(conn: Connection, case_id: str) -> list[StoredEvidence]:
    """What was captured at the visits of a case, oldest first."""
    query = select(evidence).where(evidence.c.case_id == case_id)
    return [
        _to_evidence(row) for row in conn.execute(query.order_by(evidence.c.at, evidence.c.op_id))
    ]


def evidence_ending_in(conn: Connection, end: str) -> Sequence[StoredEvidence]:
    """The records whose id ends so."""
    query = select(evidence).where(evidence.c.op_id.endswith(end, autoescape=True))
    return [_to_evidence(row) for row in conn.execute(query)]


def _to_evidence(row: Row[tuple[object, ...]]) -> StoredEvidence:
    return StoredEvidence(row.op_id, row.case_id, row.at, from_json(row.body, Evidence))
