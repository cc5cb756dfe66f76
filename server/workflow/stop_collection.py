"""Stops collection on a case the moment a record says why, before anybody has judged the record.

To stop is never wrong: whether the officer was in charge, the pair was complete or a file is
missing is asked afterwards. Only a person ends the hold; refusing the record is one way to.
"""

from sqlalchemy import Connection

from fieldsync.conduct.hardship import hold_for
from fieldsync.conduct.visit_outcomes import hold_after, hold_after_stop
from fieldsync.domain.agreement import Agreement
from fieldsync.domain.case import Hold, HoldKind
from fieldsync.domain.codec import from_builtins
from fieldsync.domain.correction import Correction, CorrectionKind
from fieldsync.domain.disclosure import Disclosure
from fieldsync.domain.visit import OutcomeCode
from fieldsync.schemas.payloads import kind_of, payload_fault
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from server.store.cases import add_hold, load_case

_MAY_STOP = frozenset(
    {
        OperationKind.HARDSHIP_DISCLOSE,
        OperationKind.VISIT_STOP,
        OperationKind.VISIT_FINISH,
        OperationKind.AGREEMENT_SIGN,
        OperationKind.CORRECTION_PROPOSE,
    }
)


_OF_UNREADABLE = {
    OperationKind.HARDSHIP_DISCLOSE: HoldKind.HARDSHIP,
    OperationKind.VISIT_STOP: HoldKind.OFFICE,
}


def stop_collection(conn: Connection, operation: Operation) -> frozenset[str]:
    """Set the hold that the record brings, once; the ids of the cases that changed."""
    hold = hold_of(operation)
    if hold is None or operation.case_id is None or load_case(conn, operation.case_id) is None:
        return frozenset()
    return (
        frozenset({operation.case_id}) if add_hold(conn, operation.case_id, hold) else frozenset()
    )


def hold_of(operation: Operation) -> Hold | None:
    """The hold that the record brings, named after it, or None.

    A disclosure and a visit broken off bring one even where parts of them cannot be read. What is rejected out of hand brings
    none: an unknown kind, another record that cannot be read, one that names two cases.
    """
    kind = kind_of(operation.kind)
    if kind is None or kind not in _MAY_STOP:
        return None
    if payload_fault(kind, operation.payload) is None:
        return _hold_of_sound(kind, operation)
    unread = _OF_UNREADABLE.get(kind)
    if unread is None:
        return None
    return Hold(operation.op_id, unread, operation.occurred_at, f"operation:{operation.op_id}")


def _hold_of_sound(kind: OperationKind, operation: Operation) -> Hold | None:
    op_id, at = operation.op_id, operation.occurred_at
    if kind is OperationKind.HARDSHIP_DISCLOSE:
        return hold_for(from_builtins(operation.payload, Disclosure), op_id)
    if kind is OperationKind.AGREEMENT_SIGN:
        agreement = from_builtins(operation.payload, Agreement)
        return agreement.hold(op_id) if agreement.case_id == operation.case_id else None
    if kind is OperationKind.CORRECTION_PROPOSE:
        return _hold_of_correction(operation)
    if kind is OperationKind.VISIT_STOP:
        return hold_after_stop(op_id, at, operation.payload["visit_id"])
    source = f"visit:{operation.payload['visit_id']}"
    return hold_after(OutcomeCode(operation.payload["outcome"]), op_id, at, source)


def _hold_of_correction(operation: Operation) -> Hold | None:
    """Who is told that they are not the borrower is left in peace until the office has looked."""
    told = from_builtins(operation.payload, Correction)
    if told.kind is not CorrectionKind.WRONG_PERSON or told.case_id != operation.case_id:
        return None
    source = f"correction:{told.correction_id}"
    return Hold(operation.op_id, HoldKind.OFFICE, operation.occurred_at, source)
