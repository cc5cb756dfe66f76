"""Reads and writes complaints that officers took down, and when each must be answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, and_, exists, insert, or_, select, update

from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.complaint import Complaint, Complexity
from server.store.conduct_tables import complaints
from server.store.dialect import locked
from server.store.tables import devices, operations


class ComplaintState(StrEnum):
    """Whether the bank has answered."""

    OPEN = "open"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class StoredComplaint:
    """A complaint with what the office did; `officer_id` is who took it down."""

    complaint: Complaint
    op_id: str
    officer_id: str
    received_at: datetime
    complexity: Complexity
    due: date
    state: ComplaintState
    answered_at: datetime | None = None
    answered_by: str | None = None
    answer: str | None = None
    extended_by: str | None = None
    extended_reason: str | None = None


_QUERY = (
    select(complaints, devices.c.officer_id)
    .join(operations, operations.c.op_id == complaints.c.op_id)
    .join(devices, devices.c.device_id == operations.c.device_id)
)


def add_complaint(
    conn: Connection, complaint: Complaint, *, op_id: str, at: datetime, due: date
) -> None:
    """Keep a new complaint; IntegrityError where one with this id is kept."""
    conn.execute(
        insert(complaints).values(
            complaint_id=complaint.complaint_id,
            case_id=complaint.case_id,
            op_id=op_id,
            received_at=at,
            complexity=Complexity.SIMPLE.value,
            due=due,
            state=ComplaintState.OPEN.value,
            body=to_json(complaint),
        )
    )


def find_complaints(conn: Connection, state: ComplaintState | None) -> list[StoredComplaint]:
    """Those in a state, or all; what is due first comes first."""
    query = _QUERY if state is None else _QUERY.where(complaints.c.state == state.value)
    rows = conn.execute(query.order_by(complaints.c.due, complaints.c.complaint_id))
    return [_to_complaint(row) for row in rows]


def complaints_ending_in(conn: Connection, end: str) -> Sequence[StoredComplaint]:
    """The complaints whose id ends so, locked in a write."""
    named = complaints.c.complaint_id.endswith(end, autoescape=True)
    rows = conn.execute(locked(conn, _QUERY.where(named), complaints))
    return [_to_complaint(row) for row in rows]


def set_answer(conn: Connection, complaint_id: str, *, at: datetime, by: str, answer: str) -> None:
    """The bank has answered."""
    conn.execute(
        update(complaints)
        .where(complaints.c.complaint_id == complaint_id)
        .values(state=ComplaintState.ANSWERED.value, answered_at=at, answered_by=by, answer=answer)
    )


def set_due(
    conn: Connection,
    complaint_id: str,
    *,
    complexity: Complexity,
    due: date,
    by: str,
    reason: str,
) -> None:
    """The answer takes longer, for a reason."""
    conn.execute(
        update(complaints)
        .where(complaints.c.complaint_id == complaint_id)
        .values(complexity=complexity.value, due=due, extended_by=by, extended_reason=reason)
    )


def was_grieved(conn: Connection, case_id: str, at: datetime, place: tuple[str, int]) -> bool:
    """Whether a complaint that is open now had been made by then.

    `place` is a record's device and number: what its own log has before it came before it,
    whatever the clock said. One that is not in the log yet stands earlier in the same push.
    """
    device_id, seq = place
    before_it = and_(operations.c.device_id == device_id, operations.c.seq < seq)
    elsewhere = and_(operations.c.device_id != device_id, operations.c.occurred_at < at)
    made = (
        select(complaints.c.complaint_id)
        .outerjoin(operations, operations.c.op_id == complaints.c.op_id)
        .where(
            complaints.c.case_id == case_id,
            complaints.c.state == ComplaintState.OPEN.value,
            or_(before_it, elsewhere, operations.c.op_id.is_(None)),
        )
    )
    return bool(conn.execute(select(exists(made))).scalar())


def _to_complaint(row: Row[tuple[object, ...]]) -> StoredComplaint:
    return StoredComplaint(
        complaint=from_json(row.body, Complaint),
        op_id=row.op_id,
        officer_id=row.officer_id,
        received_at=row.received_at,
        complexity=Complexity(row.complexity),
        due=row.due,
        state=ComplaintState(row.state),
        answered_at=row.answered_at,
        answered_by=row.answered_by,
        answer=row.answer,
        extended_by=row.extended_by,
        extended_reason=row.extended_reason,
    )
