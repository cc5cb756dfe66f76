"""Makes an accepted operation true in the store: one function a kind, all in the caller's transaction.

The hold that some of them bring was set when they arrived (`stop_collection`).
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from fieldsync.conduct.visit_outcomes import WRONG_ADDRESS
from fieldsync.domain.agreement import Agreement, PlanState
from fieldsync.domain.case import AgreementState
from fieldsync.domain.codec import from_builtins, to_json
from fieldsync.schemas.payloads import SCHEMAS, kind_of, payload_fault
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from server.store.agreements import set_plan_state
from server.store.cases import grow_version, lift_hold, mark_address_invalid, set_agreement_state
from server.store.tables import agreements
from server.store.visits import VisitBegin, VisitEnd, add_visit, address_of_visit, end_visit
from server.workflow.apply_reports import take_check_in_key, take_complaint, take_correction
from server.workflow.apply_visit_records import (
    expected_end,
    keep_evidence,
    note_earlier_stop,
    stop,
    take_step,
)
from server.workflow.clash import ClashError, case_of
from server.workflow.keep_disclosure import keep_disclosure, withdraw_consent

Writer = Callable[[Connection, Operation], frozenset[str]]


def apply(conn: Connection, operation: Operation, at: datetime) -> frozenset[str]:
    """Write what the operation means, and return the ids of the cases it changed; `at` is now.

    ClashError, with nothing written, where it contradicts what is stored (an id used twice, a visit
    that never began).
    """
    kind = kind_of(operation.kind)
    write = _writer(kind, at) if kind else None
    # A person may accept a disclosure of which parts cannot be read: its hold is all that follows.
    if kind is None or write is None or payload_fault(kind, operation.payload):
        return frozenset()
    try:
        with conn.begin_nested():
            return write(conn, operation)
    except IntegrityError as error:
        raise ClashError from error


def _writer(kind: OperationKind, at: datetime) -> Writer | None:
    dated = _DATED_WRITERS.get(kind)
    if dated is None:
        return _WRITERS.get(kind)
    return lambda conn, operation: dated(conn, operation, at)


def _start_visit(conn: Connection, operation: Operation) -> frozenset[str]:
    case_id = case_of(operation)
    begun = VisitBegin(
        visit_id=operation.payload["visit_id"],
        case_id=case_id,
        device_id=operation.device_id,
        address_id=operation.payload["address_id"],
        officers=operation.payload["officers"],
        at=operation.occurred_at,
        expected_end=expected_end(operation),
    )
    add_visit(conn, begun)
    grow_version(conn, case_id)
    return frozenset({case_id})


def _finish_visit(conn: Connection, operation: Operation) -> frozenset[str]:
    """The visit becomes contact history, with its promise; a wrong address is not tried again."""
    payload = SCHEMAS[OperationKind.VISIT_FINISH]().load(operation.payload)
    promise = payload["promise"]
    end = VisitEnd(
        visit_id=payload["visit_id"],
        case_id=case_of(operation),
        at=operation.occurred_at,
        outcome=payload["outcome"],
        identity_shown=payload["identity_shown"],
        promise_until=promise["date"] if promise else None,
    )
    if not end_visit(conn, end):
        raise ClashError
    if payload.get("exit_seconds") is not None:
        note_earlier_stop(conn, operation)
    grow_version(conn, end.case_id)
    address_id = address_of_visit(conn, end.visit_id)
    if end.outcome in WRONG_ADDRESS and address_id is not None:
        mark_address_invalid(conn, end.case_id, address_id)
    return frozenset({end.case_id})


def _replace(conn: Connection, agreement: Agreement, by: str, at: datetime) -> None:
    """The plan before it is over, and its stop goes: the new plan's own stands since it arrived."""
    row = conn.execute(
        select(agreements.c.op_id).where(
            agreements.c.agreement_id == agreement.replaces,
            agreements.c.case_id == agreement.case_id,
        )
    ).first()
    if row is None:
        raise ClashError
    set_plan_state(conn, str(agreement.replaces), PlanState.REPLACED)
    lift_hold(conn, row.op_id, at=at, by=by, reason=f"replaced by {agreement.agreement_id}")


def _agree(conn: Connection, operation: Operation, at: datetime) -> frozenset[str]:
    """The plan is performing from its signature on."""
    agreement = from_builtins(operation.payload, Agreement)
    if agreement.replaces is not None:
        _replace(conn, agreement, operation.device_id, at)
    conn.execute(
        insert(agreements).values(
            agreement_id=agreement.agreement_id,
            case_id=agreement.case_id,
            op_id=operation.op_id,
            state=AgreementState.PERFORMING.value,
            document_sha256=agreement.document_sha256,
            body=to_json(agreement),
            verification_code=agreement.verification_code or None,
        )
    )
    set_agreement_state(conn, agreement.case_id, AgreementState.PERFORMING)
    return frozenset({agreement.case_id})


# Notes, refused starts and re-plans are facts about the day: kept as operations, nothing else follows.
_WRITERS: Mapping[OperationKind, Writer] = {
    OperationKind.VISIT_START: _start_visit,
    OperationKind.VISIT_STEP: take_step,
    OperationKind.VISIT_STOP: stop,
    OperationKind.VISIT_EVIDENCE: keep_evidence,
    OperationKind.VISIT_FINISH: _finish_visit,
    OperationKind.HARDSHIP_DISCLOSE: keep_disclosure,
    OperationKind.HARDSHIP_WITHDRAW: withdraw_consent,
    OperationKind.CHECK_IN_KEY: take_check_in_key,
}
# What runs from the instant of its arrival, too.
_DATED_WRITERS: Mapping[OperationKind, Callable[[Connection, Operation, datetime], frozenset[str]]]
_DATED_WRITERS = {
    OperationKind.AGREEMENT_SIGN: _agree,
    OperationKind.COMPLAINT_RECORD: take_complaint,
    OperationKind.CORRECTION_PROPOSE: take_correction,
}
