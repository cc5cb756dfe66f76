"""Which pairs are at a door now, when they meant to be out again, and who has not been heard of since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from fieldsync.domain.codec import from_json
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import decode_body
from fieldsync.sync.outcome import OutcomeKind
from server.context import ServerContext
from server.store.engine import reading
from server.store.operations import told_of_visit
from server.store.tables import cases, devices, operations, visits

_RECORDED_BY = (
    cases.c.branch,
    devices.c.device_id,
    devices.c.officer_id,
    devices.c.name,
    devices.c.last_seen_at,
)
_UNFINISHED = (
    select(visits, *_RECORDED_BY)
    .join(devices, devices.c.device_id == visits.c.device_id)
    .join(cases, cases.c.case_id == visits.c.case_id)
    .where(visits.c.finished_at.is_(None))
)
# A start that a person has still to decide is a visit all the same: somebody stands at a door.
_UNDECIDED = (
    select(operations.c.body, *_RECORDED_BY)
    .join(devices, devices.c.device_id == operations.c.device_id)
    .join(cases, cases.c.case_id == operations.c.case_id)
    .where(
        operations.c.kind == OperationKind.VISIT_START.value,
        operations.c.outcome.in_((OutcomeKind.IN_REVIEW.value, OutcomeKind.HELD.value)),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitUnderWay:
    """A visit whose end has not come; `expected_end` is None where an older program told none.

    `officer_id` and `device` recorded it, `last_contact` is when that device last exchanged.
    """

    visit_id: str
    case_id: str
    branch: str
    officers: tuple[str, ...]
    started_at: datetime
    expected_end: datetime | None
    stopped_at: datetime | None = None
    device_id: str
    officer_id: str
    device: str
    last_contact: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the officers meant to be out by now."""
        return self.expected_end is not None and self.expected_end < now


def visits_under_way(
    ctx: ServerContext, *, branch: str | None = None, overdue_only: bool = False
) -> list[VisitUnderWay]:
    """Visits that have begun and not ended: overdue ones first, the longest overdue on top."""
    now = ctx.clock.now()
    with reading(ctx.engine) as conn:
        begun = [*_accepted(conn), *_undecided(conn)]
        found = [visit for visit in begun if not _has_ended(conn, visit)]
    chosen = [
        visit
        for visit in found
        if branch in {None, visit.branch} and (visit.is_overdue(now) or not overdue_only)
    ]
    return sorted(chosen, key=lambda v: (not v.is_overdue(now), v.expected_end or v.started_at))


def _accepted(conn: Connection) -> Iterable[VisitUnderWay]:
    for row in conn.execute(_UNFINISHED).all():
        yield VisitUnderWay(
            visit_id=row.visit_id,
            case_id=row.case_id,
            officers=from_json(row.officers, tuple[str, ...]),
            started_at=row.started_at,
            expected_end=row.expected_end,
            stopped_at=row.stopped_at,
            **_recorded_by(row),
        )


def _undecided(conn: Connection) -> Iterable[VisitUnderWay]:
    for row in conn.execute(_UNDECIDED).all():
        operation = decode_body(row.body)
        until = operation.payload.get("expected_end")
        yield VisitUnderWay(
            visit_id=operation.payload["visit_id"],
            case_id=operation.case_id or "",
            officers=tuple(operation.payload["officers"]),
            started_at=operation.occurred_at,
            expected_end=datetime.fromisoformat(until) if until else None,
            **_recorded_by(row),
        )


def _recorded_by(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "branch": row.branch,
        "device_id": row.device_id,
        "officer_id": row.officer_id,
        "device": row.name,
        "last_contact": row.last_seen_at,
    }


def _has_ended(conn: Connection, visit: VisitUnderWay) -> bool:
    """Whether its end has come, however the record of that stands."""
    kind = OperationKind.VISIT_FINISH
    return bool(told_of_visit(conn, kind, visit.device_id, visit.case_id, visit.visit_id))
