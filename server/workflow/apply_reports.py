"""What accepted complaints, corrections and check-in keys mean in the store."""

from datetime import datetime

from sqlalchemy import Connection

from fieldsync.conduct.local_time import local
from fieldsync.domain.check_in import CheckInKey
from fieldsync.domain.codec import from_builtins
from fieldsync.domain.complaint import Complaint, Complexity, answer_due
from fieldsync.domain.correction import Correction
from fieldsync.sync.operation import Operation
from server.store.cases import grow_version, load_case
from server.store.complaints import add_complaint
from server.store.corrections import add_correction
from server.store.officers import set_check_in_key
from server.store.pairs import zone_of_branch
from server.workflow.clash import ClashError, case_of


def take_complaint(conn: Connection, operation: Operation, at: datetime) -> frozenset[str]:
    """The days run from the day on which the borrower spoke, in the branch's own calendar.

    A device's clock that runs ahead gives nobody more time.
    """
    complaint = from_builtins(operation.payload, Complaint)
    case = load_case(conn, case_of(operation))
    if case is None:
        raise ClashError
    spoke = min(operation.occurred_at, at)
    made_on = local(spoke, zone_of_branch(conn, case.branch)).date()
    due = answer_due(made_on, Complexity.SIMPLE)
    add_complaint(conn, complaint, op_id=operation.op_id, at=at, due=due)
    grow_version(conn, case.case_id)
    return frozenset({case.case_id})


def take_correction(conn: Connection, operation: Operation, at: datetime) -> frozenset[str]:
    """A proposal changes nothing until the office accepts it."""
    correction = from_builtins(operation.payload, Correction)
    add_correction(conn, correction, op_id=operation.op_id, at=at)
    return frozenset()


def take_check_in_key(conn: Connection, operation: Operation) -> frozenset[str]:
    """The officer proves themselves by this key from now on."""
    if not set_check_in_key(conn, from_builtins(operation.payload, CheckInKey)):
        raise ClashError
    return frozenset()
