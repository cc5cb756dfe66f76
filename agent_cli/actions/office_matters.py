"""Takes down complaints and proposes corrections: records of their own, with their effect on this device."""

from agent_cli.actions.record import record_operation
from agent_cli.context import DeviceContext
from agent_cli.store import cases, office_matters, visits
from agent_cli.store.database import writing
from fieldsync.domain.case import Case, Hold, HoldKind
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.complaint import Complaint, ComplaintTopic
from fieldsync.domain.correction import Correction, CorrectionKind
from fieldsync.errors import InputError, NotFoundError
from fieldsync.sync.kinds import OperationKind
from fieldsync.terminal.output import listed
from fieldsync.words import words


def complain(
    ctx: DeviceContext,
    case: Case,
    topic: ComplaintTopic,
    text: str,
    *,
    about: tuple[str, ...] = (),
    in_writing: bool = False,
) -> Complaint:
    """Record a complaint in the words of whoever makes it; InputError 600.38 without any.

    From the same transaction on no visit to the case may start on this device.
    """
    if not text.strip():
        raise InputError(
            "600.38",
            words("The complaint is empty."),
            words("Write what they said, in their words."),
        )
    complaint = Complaint(
        ctx.new_id(),
        case.case_id,
        ctx.clock.now(),
        topic,
        text.strip(),
        about,
        _visit_of(ctx, case),
        in_writing,
    )
    with writing(ctx.conn) as conn:
        kind, payload = OperationKind.COMPLAINT_RECORD, to_builtins(complaint)
        operation = record_operation(ctx, conn, kind, case.case_id, payload)
        office_matters.add_complaint(conn, complaint, operation.op_id)
    return complaint


def propose(
    ctx: DeviceContext,
    case: Case,
    kind: CorrectionKind,
    *,
    wrong: str = "",
    right: str = "",
    told_by: str = "",
) -> Correction:
    """Record what is wrong in the case file: nothing changes until the office accepts it.

    A wrong person stops collection on this device in the same transaction. NotFoundError 404.68 where
    the file has no such address or number.
    """
    correction = Correction(
        ctx.new_id(),
        case.case_id,
        ctx.clock.now(),
        kind,
        _known(case, kind, wrong.strip()),
        right.strip(),
        told_by,
        _visit_of(ctx, case),
    )
    with writing(ctx.conn) as conn:
        what, payload = OperationKind.CORRECTION_PROPOSE, to_builtins(correction)
        operation = record_operation(ctx, conn, what, case.case_id, payload)
        office_matters.add_correction(conn, correction, operation.op_id)
        if kind is CorrectionKind.WRONG_PERSON:
            source = f"correction:{correction.correction_id}"
            hold = Hold(ctx.new_id(), HoldKind.OFFICE, correction.at, source)
            cases.add_hold(conn, case.case_id, hold, operation.op_id)
    return correction


def _visit_of(ctx: DeviceContext, case: Case) -> str | None:
    running = visits.running(ctx.conn, case.case_id)
    return None if running is None else running.visit_id


def _known(case: Case, kind: CorrectionKind, said: str) -> str:
    """The address id or number meant; an address may be named by its kind where only one is of it."""
    if kind is CorrectionKind.WRONG_PERSON:
        return said
    if kind is CorrectionKind.TELEPHONE:
        there = {number: number for number in case.borrower.phones}
    else:
        there = {a.kind.value: a.address_id for a in case.addresses}
        there |= {a.address_id: a.address_id for a in case.addresses}
    if said not in there:
        raise NotFoundError(
            "404.68",
            words("{case_id} has no {wrong} in its file.", case_id=case.case_id, wrong=said or "-"),
            words("It has: {known}.", known=listed(there) or "-"),
        )
    return there[said]
