"""Reads agreements with what the office knows of them, and writes how each plan stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update

from fieldsync.domain.agreement import Agreement, PlanState
from fieldsync.domain.codec import from_json
from server.store.tables import agreement_documents, agreements, cases, operations


@dataclass(frozen=True, slots=True)
class StoredAgreement:
    """An accepted agreement; `office_sha256` and `sealed_at` are None until the office has sealed it.

    `seal_faults` is what was wrong with the device's seal, empty where it held.
    """

    agreement: Agreement
    op_id: str
    branch: str
    state: PlanState
    received_at: datetime
    office_sha256: str | None = None
    seal_faults: tuple[str, ...] = ()
    sealed_at: datetime | None = None


_QUERY = (
    select(
        agreements.c.body,
        agreements.c.op_id,
        agreements.c.state,
        cases.c.branch,
        operations.c.received_at,
        agreement_documents.c.office_sha256,
        agreement_documents.c.faults,
        agreement_documents.c.sealed_at,
    )
    .join(cases, cases.c.case_id == agreements.c.case_id)
    .join(operations, operations.c.op_id == agreements.c.op_id)
    .outerjoin(agreement_documents, agreement_documents.c.agreement_id == agreements.c.agreement_id)
    .order_by(operations.c.received_at, agreements.c.agreement_id)
)


def list_agreements(
    conn: Connection, *, state: PlanState | None = None, branch: str | None = None
) -> list[StoredAgreement]:
    """Every accepted agreement in that state and branch, the oldest first."""
    query = _QUERY
    if state is not None:
        query = query.where(agreements.c.state == state.value)
    if branch is not None:
        query = query.where(cases.c.branch == branch)
    return [_of(row) for row in conn.execute(query)]


def find_agreements(conn: Connection, said: str) -> list[StoredAgreement]:
    """Those with this id or end of it, or of this case."""
    ends = agreements.c.agreement_id.endswith(said, autoescape=True)
    return [_of(r) for r in conn.execute(_QUERY.where(or_(ends, agreements.c.case_id == said)))]


def agreement_of_code(conn: Connection, code: str) -> StoredAgreement | None:
    """The accepted agreement with this verification code, or None."""
    row = conn.execute(_QUERY.where(agreements.c.verification_code == code)).first()
    return None if row is None else _of(row)


def set_plan_state(conn: Connection, agreement_id: str, state: PlanState) -> None:
    """How the plan stands from now on."""
    conn.execute(
        update(agreements)
        .where(agreements.c.agreement_id == agreement_id)
        .values(state=state.value)
    )


def _of(row: Any) -> StoredAgreement:
    faults: Sequence[str] = row.faults.split(",") if row.faults else ()
    return StoredAgreement(
        agreement=from_json(row.body, Agreement),
        op_id=row.op_id,
        branch=row.branch,
        state=PlanState(row.state),
        received_at=row.received_at,
        office_sha256=row.office_sha256 or None,
        seal_faults=tuple(faults),
        sealed_at=row.sealed_at,
    )
