"""What accepted records of steps, stops and evidence mean in the store."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from fieldsync.domain.visit import StopCause, VisitStep
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from server.store.cases import grow_version
from server.store.evidence import add_evidence
from server.store.operations import told_of_visit
from server.store.visits import note_step, stop_visit
from server.workflow.clash import ClashError, case_of


def take_step(conn: Connection, operation: Operation) -> frozenset[str]:
    """A step belongs to a visit that is under way."""
    shown = operation.payload["step"] == VisitStep.IDENTITY_SHOWN
    visit_id = operation.payload["visit_id"]
    if not note_step(conn, visit_id, case_of(operation), identity_shown=shown):
        raise ClashError
    return frozenset()


def stop(conn: Connection, operation: Operation) -> frozenset[str]:
    """The visit was broken off; its hold stands whether or not the server knows of the visit."""
    case_id, payload = case_of(operation), operation.payload
    stop_visit(
        conn,
        payload["visit_id"],
        case_id,
        at=operation.occurred_at,
        cause=StopCause(payload["cause"]),
    )
    return frozenset()


def note_earlier_stop(conn: Connection, operation: Operation) -> None:
    """For a visit whose record waited while its stop was taken in: the end brings both together."""
    case_id, visit_id = case_of(operation), operation.payload["visit_id"]
    stops = told_of_visit(conn, OperationKind.VISIT_STOP, operation.device_id, case_id, visit_id)
    for told in stops:
        if told.seq < operation.seq:
            stop(conn, told)


def keep_evidence(conn: Connection, operation: Operation) -> frozenset[str]:
    """A place that was noted without consent is not written down."""
    case_id, payload = case_of(operation), operation.payload
    add_evidence(
        conn,
        op_id=operation.op_id,
        case_id=case_id,
        visit_id=payload["visit_id"],
        at=operation.occurred_at,
        body={**payload, "place": _consented(payload["place"])},
    )
    grow_version(conn, case_id)
    return frozenset()


def _consented(place: dict[str, Any] | None) -> dict[str, Any] | None:
    return place if place is not None and place["consent_at"] is not None else None


def expected_end(operation: Operation) -> datetime | None:
    """When the officers of a start meant to be out again; None where an older program told nothing."""
    told = operation.payload.get("expected_end")
    return datetime.fromisoformat(told) if told else None
