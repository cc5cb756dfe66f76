"""Reads and writes corrections that the field proposed, and what the office made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, insert, select, update

from fieldsync.domain.codec import from_json, to_json
from fieldsync.domain.correction import Correction
from server.store.conduct_tables import corrections
from server.store.dialect import locked
from server.store.tables import devices, operations


class CorrectionState(StrEnum):
    """Whether the office has decided, and how."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class StoredCorrection:
    """A proposal with the office's decision; `officer_id` is who made it."""

    correction: Correction
    op_id: str
    officer_id: str
    received_at: datetime
    state: CorrectionState
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None


_QUERY = (
    select(corrections, devices.c.officer_id)
    .join(operations, operations.c.op_id == corrections.c.op_id)
    .join(devices, devices.c.device_id == operations.c.device_id)
)


def add_correction(conn: Connection, correction: Correction, *, op_id: str, at: datetime) -> None:
    """Keep a new proposal; IntegrityError where one with this id is kept."""
    conn.execute(
        insert(corrections).values(
            correction_id=correction.correction_id,
            case_id=correction.case_id,
            op_id=op_id,
            received_at=at,
            state=CorrectionState.PROPOSED.value,
            body=to_json(correction),
        )
    )


def find_corrections(conn: Connection, state: CorrectionState | None) -> list[StoredCorrection]:
    """Those in a state, or all, in the order in which they came."""
    query = _QUERY if state is None else _QUERY.where(corrections.c.state == state.value)
    rows = conn.execute(query.order_by(corrections.c.received_at, corrections.c.correction_id))
    return [_to_correction(row) for row in rows]


def corrections_ending_in(conn: Connection, end: str) -> Sequence[StoredCorrection]:
    """The corrections whose id ends so, locked in a write."""
    named = corrections.c.correction_id.endswith(end, autoescape=True)
    rows = conn.execute(locked(conn, _QUERY.where(named), corrections))
    return [_to_correction(row) for row in rows]


def set_decision(
    conn: Connection,
    correction_id: str,
    state: CorrectionState,
    *,
    at: datetime,
    by: str,
    reason: str,
) -> None:
    """The office has decided."""
    conn.execute(
        update(corrections)
        .where(corrections.c.correction_id == correction_id)
        .values(state=state.value, decided_at=at, decided_by=by, reason=reason)
    )


def _to_correction(row: Row[tuple[object, ...]]) -> StoredCorrection:
    return StoredCorrection(
        correction=from_json(row.body, Correction),
        op_id=row.op_id,
        officer_id=row.officer_id,
        received_at=row.received_at,
        state=CorrectionState(row.state),
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
    )
