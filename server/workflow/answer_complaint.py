"""What the office does with complaints: see which are due, take more time with a reason, answer."""

from collections.abc import Sequence

from sqlalchemy import Connection

from fieldsync.domain.complaint import ANSWER_DAYS, Complexity, more_time
from fieldsync.errors import ConflictError, InputError, NotFoundError
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.cases import grow_version
from server.store.complaints import (
    ComplaintState,
    StoredComplaint,
    complaints_ending_in,
    find_complaints,
    set_answer,
    set_due,
)
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.retrying import retried
from server.workflow.find_one import only_one
from server.workflow.share_cases import share_cases
from server.workflow.signed_decision import signed


def list_complaints(ctx: ServerContext, state: ComplaintState | None) -> list[StoredComplaint]:
    """Complaints in a state, or all of them; what is due first comes first."""
    with reading(ctx.engine) as conn:
        return find_complaints(conn, state)


def get_complaint(ctx: ServerContext, complaint_id: str) -> StoredComplaint:
    """One complaint, by its id or the end of it; NotFoundError 404.70, ConflictError 409.72."""
    with reading(ctx.engine) as conn:
        return _find(conn, complaint_id)


@retried
def answer(ctx: ServerContext, complaint_id: str, *, reason: str, by: str) -> StoredComplaint:
    """Keep what the borrower was answered; the case may be visited again once no other is open.

    ConflictError 409.73 where it is answered already; InputError as in `signed`.
    """
    why, who = signed(reason, by)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        stored = _open_one(conn, complaint_id)
        told, case_id = stored.complaint.complaint_id, stored.complaint.case_id
        set_answer(conn, told, at=now, by=who, answer=why)
        grow_version(conn, case_id)
        in_time = now.date() <= stored.due
        detail = {"case": case_id, "in_time": in_time}
        record(conn, at=now, actor=who, action="complaint.answered", subject=told, detail=detail)
        publish(conn, share_cases(conn, [case_id]), now)
        return _find(conn, told)


@retried
def extend(
    ctx: ServerContext, complaint_id: str, complexity: Complexity, *, reason: str, by: str
) -> StoredComplaint:
    """Give the answer the time that the law has for a more involved complaint, for a reason.

    InputError 422.70 where that is no more than it has; ConflictError 409.73 where it is answered.
    """
    why, who = signed(reason, by)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        stored = _open_one(conn, complaint_id)
        told = stored.complaint.complaint_id
        if ANSWER_DAYS[complexity] <= ANSWER_DAYS[stored.complexity]:
            raise InputError(
                "422.70",
                words("This complaint has {days} days already.", days=ANSWER_DAYS[complexity]),
                words("Answer it by {due}.", due=stored.due),
            )
        due = more_time(stored.due, stored.complexity, complexity)
        set_due(conn, told, complexity=complexity, due=due, by=who, reason=why)
        detail = {"case": stored.complaint.case_id, "complexity": complexity.value}
        record(conn, at=now, actor=who, action="complaint.extended", subject=told, detail=detail)
        return _find(conn, told)


def _open_one(conn: Connection, complaint_id: str) -> StoredComplaint:
    stored = _find(conn, complaint_id)
    if stored.state is not ComplaintState.OPEN:
        raise ConflictError(
            "409.73",
            words("This complaint is answered already."),
            words(
                "`fieldsync-server complaints show {id}` tells how.",
                id=stored.complaint.complaint_id,
            ),
        )
    return stored


def _find(conn: Connection, complaint_id: str) -> StoredComplaint:
    found: Sequence[StoredComplaint] = complaints_ending_in(conn, complaint_id)
    missing = NotFoundError(
        "404.70",
        words("There is no complaint {id}.", id=complaint_id),
        words("`fieldsync-server complaints list --state all` shows every complaint."),
    )
    where = words("Give the whole id: `complaints list --json` has it.")
    return only_one(found, complaint_id, missing=missing, where=where)
