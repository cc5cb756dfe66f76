"""Makes an accepted operation true in the store: one function a kind, all in the caller's transaction."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import IntegrityError

from fieldsync.conduct.hardship import hold_for, minimise
from fieldsync.domain.agreement import Agreement
from fieldsync.domain.case import AgreementState, Hold, HoldKind
from fieldsync.domain.codec import from_builtins, to_json
from fieldsync.domain.disclosure import Disclosure
from fieldsync.schemas.payloads import SCHEMAS, kind_of
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from server.store.cases import add_hold, set_agreement_state
from server.store.tables import agreements, disclosures, visits


class ClashError(Exception):
    """The record contradicts one that was accepted before; a person must look at both."""


def apply(conn: Connection, operation: Operation) -> frozenset[str]:
    """Write what the operation means, and return the ids of the cases it changed.

    ClashError, with nothing written, where it contradicts what is stored (an id used twice, a visit
    that never began).
    """
    kind = kind_of(operation.kind)
    write = _WRITERS.get(kind) if kind else None
    if write is None:
        return frozenset()
    try:
        with conn.begin_nested():
            return write(conn, operation)
    except IntegrityError as error:
        raise ClashError from error


def _start_visit(conn: Connection, operation: Operation) -> frozenset[str]:
    payload = operation.payload
    conn.execute(
        insert(visits).values(
            visit_id=payload["visit_id"],
            case_id=operation.case_id,
            device_id=operation.device_id,
            address_id=payload["address_id"],
            officers=to_json(payload["officers"]),
            started_at=operation.occurred_at,
            identity_shown=False,
        )
    )
    return frozenset()


def _finish_visit(conn: Connection, operation: Operation) -> frozenset[str]:
    payload = SCHEMAS[OperationKind.VISIT_FINISH]().load(operation.payload)
    finished = conn.execute(
        update(visits)
        .where(
            visits.c.visit_id == payload["visit_id"],
            visits.c.case_id == operation.case_id,
            visits.c.finished_at.is_(None),
        )
        .values(
            finished_at=operation.occurred_at,
            outcome=payload["outcome"].value,
            identity_shown=payload["identity_shown"],
        )
    )
    if finished.rowcount != 1:
        raise ClashError
    return frozenset()


def _disclose(conn: Connection, operation: Operation) -> frozenset[str]:
    """The need stops collection at once; what lacks consent is not written down."""
    disclosure = minimise(from_builtins(operation.payload, Disclosure))
    conn.execute(
        insert(disclosures).values(
            disclosure_id=disclosure.disclosure_id,
            case_id=disclosure.case_id,
            op_id=operation.op_id,
            body=to_json(disclosure),
        )
    )
    add_hold(conn, disclosure.case_id, hold_for(disclosure, operation.op_id))
    return frozenset({disclosure.case_id})


def _agree(conn: Connection, operation: Operation) -> frozenset[str]:
    """The plan is performing from its signature on, and nobody collects while it is kept."""
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
    hold = Hold(
        hold_id=operation.op_id,
        kind=HoldKind.AGREEMENT,
        since=agreement.signature.signed_at,
        source=agreement.agreement_id,
    )
    add_hold(conn, agreement.case_id, hold)
    set_agreement_state(conn, agreement.case_id, AgreementState.PERFORMING)
    return frozenset({agreement.case_id})


# Notes, refused starts and re-plans are facts about the day: kept as operations, nothing else follows.
_WRITERS: Mapping[OperationKind, Callable[[Connection, Operation], frozenset[str]]] = {
    OperationKind.VISIT_START: _start_visit,
    OperationKind.VISIT_FINISH: _finish_visit,
    OperationKind.HARDSHIP_DISCLOSE: _disclose,
    OperationKind.AGREEMENT_SIGN: _agree,
}
