"""What the office makes of corrections that the field proposes: accepted, the case file changes; refused, it stays."""

from sqlalchemy import Connection

from fieldsync.domain.codec import to_builtins
from fieldsync.domain.correction import CorrectionKind
from fieldsync.errors import ConflictError, NotFoundError
from fieldsync.locale import both
from fieldsync.sync.feed import FeedOp, FeedRow, KeyKind, feed_key
from fieldsync.sync.outcome import Outcome, OutcomeKind, Reason
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.cases import grow_version, lift_hold, mark_address_invalid, mark_phone_wrong
from server.store.corrections import (
    CorrectionState,
    StoredCorrection,
    corrections_ending_in,
    find_corrections,
    set_decision,
)
from server.store.engine import reading, writing
from server.store.feed import AgentChange, publish, versions_of
from server.store.operations import load_operation
from server.store.retrying import retried
from server.workflow.find_one import only_one
from server.workflow.share_cases import share_cases
from server.workflow.signed_decision import signed


def list_corrections(ctx: ServerContext, state: CorrectionState | None) -> list[StoredCorrection]:
    """Corrections in a state, or all of them, in the order in which they came."""
    with reading(ctx.engine) as conn:
        return find_corrections(conn, state)


def get_correction(ctx: ServerContext, correction_id: str) -> StoredCorrection:
    """One correction, by its id or the end of it; NotFoundError 404.71, ConflictError 409.72."""
    with reading(ctx.engine) as conn:
        return _find(conn, correction_id)


@retried
def decide_correction(
    ctx: ServerContext, correction_id: str, *, accept: bool, reason: str, by: str
) -> StoredCorrection:
    """Accept or refuse a proposal, tell the devices, and the officer who made it what was decided.

    A wrong person's hold stays when it is accepted, until the office lifts it; refused, it ends.
    ConflictError 409.74 where it is decided already; InputError as in `signed`.
    """
    why, who = signed(reason, by)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        stored = _find(conn, correction_id)
        told, case_id = stored.correction.correction_id, stored.correction.case_id
        _check_open(stored)
        state = CorrectionState.ACCEPTED if accept else CorrectionState.REFUSED
        set_decision(conn, told, state, at=now, by=who, reason=why)
        if accept:
            _make_true(conn, stored)
        else:
            lift_hold(conn, stored.op_id, at=now, by=who, reason=why)
        detail = {"case": case_id, "kind": stored.correction.kind.value}
        action = f"correction.{state}"
        record(conn, at=now, actor=who, action=action, subject=told, detail=detail)
        answered = _find(conn, told)
        publish(conn, [*share_cases(conn, [case_id]), _told(conn, answered)], now)
        return answered


def _make_true(conn: Connection, stored: StoredCorrection) -> None:
    """The bank's part changes as far as the office can know: what is right comes with its next book."""
    correction = stored.correction
    if correction.kind is CorrectionKind.ADDRESS:
        mark_address_invalid(conn, correction.case_id, correction.wrong)
    elif correction.kind is CorrectionKind.TELEPHONE:
        mark_phone_wrong(conn, correction.case_id, correction.wrong)
    else:
        grow_version(conn, correction.case_id)


def _told(conn: Connection, answered: StoredCorrection) -> AgentChange:
    """The decision as the officer reads it beside the record, which stays accepted as it came."""
    facts = {"who": answered.decided_by, "reason": answered.reason}
    said = (
        words("The office accepted the correction ({who}): {reason}", **facts)
        if answered.state is CorrectionState.ACCEPTED
        else words("The office did not accept the correction ({who}): {reason}", **facts)
    )
    key = feed_key(KeyKind.OP_RESULT, answered.op_id)
    outcome = Outcome(OutcomeKind.ACCEPTED, Reason(f"correction_{answered.state}", both(said)))
    stored = load_operation(conn, answered.op_id)
    body = {
        "op_id": answered.op_id,
        "device_id": stored.operation.device_id if stored else "",
        "seq": stored.operation.seq if stored else 0,
        "outcome": to_builtins(outcome),
        "needs": [],
    }
    version = versions_of(conn, answered.officer_id, [key]).get(key, 0) + 1
    return AgentChange(answered.officer_id, FeedRow(key, FeedOp.PUT, version, body))


def _check_open(stored: StoredCorrection) -> None:
    if stored.state is not CorrectionState.PROPOSED:
        raise ConflictError(
            "409.74",
            words("This correction is decided already."),
            words(
                "`fieldsync-server corrections show {id}` tells how.",
                id=stored.correction.correction_id,
            ),
        )


def _find(conn: Connection, correction_id: str) -> StoredCorrection:
    missing = NotFoundError(
        "404.71",
        words("There is no correction {id}.", id=correction_id),
        words("`fieldsync-server corrections list --state all` shows every correction."),
    )
    where = words("Give the whole id: `corrections list --json` has it.")
    found = corrections_ending_in(conn, correction_id)
    return only_one(found, correction_id, missing=missing, where=where)
