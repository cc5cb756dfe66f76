"""Makes an accepted operation true in the store: one function a kind, all in the caller's transaction.

The hold that some of them bring was set when they arrived (`stop_collection`).
"""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from fieldsync.conduct.visit_outcomes import WRONG_ADDRESS
from fieldsync.domain.agreement import Agreement
from fieldsync.domain.case import AgreementState
from fieldsync.domain.codec import from_builtins, to_json
from fieldsync.schemas.payloads import SCHEMAS, kind_of, payload_fault
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from server.store.cases import grow_version, mark_address_invalid, set_agreement_state
from server.store.tables import agreements
from server.store.visits import VisitEnd, add_visit, address_of_visit, end_visit
from server.workflow.keep_disclosure import keep_disclosure, withdraw_consent


class ClashError(Exception):
    """The record contradicts one that was accepted before; a person must look at both."""


def apply(conn: Connection, operation: Operation) -> frozenset[str]:
    """Write what the operation means, and return the ids of the cases it changed.

    ClashError, with nothing written, where it contradicts what is stored (an id used twice, a visit
    that never began).
    """
    kind = kind_of(operation.kind)
    write = _WRITERS.get(kind) if kind else None
    # A person may accept a disclosure of which parts cannot be read: its hold is all that follows.
    if kind is None or write is None or payload_fault(kind, operation.payload):
        return frozenset()
    try:
        with conn.begin_nested():
            return write(conn, operation)
    except IntegrityError as error:
        raise ClashError from error


def _start_visit(conn: Connection, operation: Operation) -> frozenset[str]:
    case_id = _case_of(operation)
    add_visit(
        conn,
        visit_id=operation.payload["visit_id"],
        case_id=case_id,
        device_id=operation.device_id,
        address_id=operation.payload["address_id"],
        officers=operation.payload["officers"],
        at=operation.occurred_at,
    )
    grow_version(conn, case_id)
    return frozenset({case_id})


def _finish_visit(conn: Connection, operation: Operation) -> frozenset[str]:
    """The visit becomes contact history, with its promise; a wrong address is not tried again."""
    payload = SCHEMAS[OperationKind.VISIT_FINISH]().load(operation.payload)
    promise = payload["promise"]
    end = VisitEnd(
        visit_id=payload["visit_id"],
        case_id=_case_of(operation),
        at=operation.occurred_at,
        outcome=payload["outcome"],
        identity_shown=payload["identity_shown"],
        promise_until=promise["date"] if promise else None,
    )
    if not end_visit(conn, end):
        raise ClashError
    grow_version(conn, end.case_id)
    address_id = address_of_visit(conn, end.visit_id)
    if end.outcome in WRONG_ADDRESS and address_id is not None:
        mark_address_invalid(conn, end.case_id, address_id)
    return frozenset({end.case_id})


def _agree(conn: Connection, operation: Operation) -> frozenset[str]:
    """The plan is performing from its signature on."""
    agreement = from_builtins(operation.payload, Agreement)
    conn.execute(
        insert(agreements).values(
            agreement_id=agreement.agreement_id,
            case_id=agreement.case_id,
            op_id=operation.op_id,
            state=AgreementState.PERFORMING.value,
            document_sha256=agreement.document_sha256,
            body=to_json(agreement),
        )
    )
    set_agreement_state(conn, agreement.case_id, AgreementState.PERFORMING)
    return frozenset({agreement.case_id})


def _case_of(operation: Operation) -> str:
    """The case of a record that was judged to have one."""
    if operation.case_id is None:
        raise ClashError
    return operation.case_id


# Notes, refused starts and re-plans are facts about the day: kept as operations, nothing else follows.
_WRITERS: Mapping[OperationKind, Callable[[Connection, Operation], frozenset[str]]] = {
    OperationKind.VISIT_START: _start_visit,
    OperationKind.VISIT_FINISH: _finish_visit,
    OperationKind.HARDSHIP_DISCLOSE: keep_disclosure,
    OperationKind.HARDSHIP_WITHDRAW: withdraw_consent,
    OperationKind.AGREEMENT_SIGN: _agree,
}
