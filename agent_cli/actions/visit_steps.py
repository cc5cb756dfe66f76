"""The steps between check-in and exit, and the stop that ends a visit from any of them."""

from dataclasses import replace

from agent_cli.actions.door import ending_now, facts_now, judge
from agent_cli.actions.visit_records import record_of_visit, record_refusal, refused, require
from agent_cli.context import DeviceContext
from agent_cli.store import cases, visits
from agent_cli.store.database import writing
from fieldsync.conduct.facts import Action, Facts
from fieldsync.conduct.visit_outcomes import hold_after_stop
from fieldsync.conduct.visit_states import VisitEvent
from fieldsync.domain.case import Case, Consent
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.place import Address
from fieldsync.domain.visit import OutcomeCode, StepTaken, StopCause, Visit, VisitStep
from fieldsync.errors import NotFoundError, RefusedError
from fieldsync.sync.kinds import OperationKind
from fieldsync.words import words

ENTER = "enter"
_OUTCOMES = {
    StopCause.ASKED_TO_LEAVE: OutcomeCode.ASKED_TO_LEAVE,
    StopCause.UNSAFE: OutcomeCode.UNSAFE,
}


def take_step(ctx: DeviceContext, case: Case, visit: Visit, step: VisitStep) -> Visit:
    """Record one step; ConflictError 600.27 out of turn, RefusedError 451.63 once the visit must end."""
    require(visit, step)
    require_time(ctx, case, visit)
    return _take(ctx, visit, step)


def enter(ctx: DeviceContext, case: Case, visit: Visit, *, agreed: bool) -> Visit:
    """Go in, with the word of who lives or works there where a rule wants it (CN-ENTRY).

    RefusedError 451.61, recorded, without it. The consent counts for this visit alone.
    """
    require(visit, VisitStep.ENTERED)
    address = address_of(case, visit)
    verdict = judge(ctx, _entering(ctx, case, visit, address, agreed=agreed))
    if not verdict.allowed:
        record_refusal(ctx, case, address, Action.VISIT_ENTER, verdict.refusals)
        raise refused(verdict.refusals)
    require_time(ctx, case, visit)
    if agreed and not visit.has_taken(VisitStep.ENTRY_AGREED):
        return _take(ctx, visit, VisitStep.ENTRY_AGREED, VisitStep.ENTERED)
    return _take(ctx, visit, VisitStep.ENTERED)


def _take(ctx: DeviceContext, visit: Visit, *steps: VisitStep) -> Visit:
    """Record the steps, each on its own record, in one transaction."""
    with writing(ctx.conn) as conn:
        for step in steps:
            payload = {"visit_id": visit.visit_id, "step": step.value}
            operation = record_of_visit(ctx, conn, visit, OperationKind.VISIT_STEP, payload)
            visit = replace(visit, steps=(*visit.steps, StepTaken(step, ctx.clock.now())))
            visits.save(conn, visit, operation.op_id)
    return visit


def stop(ctx: DeviceContext, case: Case, visit: Visit, cause: StopCause) -> Visit:
    """Break the visit off: the stop and the hold on this device in one transaction."""
    require(visit, VisitEvent.STOP)
    now = ctx.clock.now()
    stopped = replace(visit, stopped_at=now, stop_cause=cause)
    hold = hold_after_stop(ctx.new_id(), now, visit.visit_id)
    payload = {"visit_id": visit.visit_id, "cause": cause.value}
    with writing(ctx.conn) as conn:
        operation = record_of_visit(ctx, conn, visit, OperationKind.VISIT_STOP, payload)
        visits.save(conn, stopped, operation.op_id)
        cases.add_hold(conn, case.case_id, hold, operation.op_id)
    return stopped


def outcome_after(cause: StopCause) -> OutcomeCode:
    """How a visit ended that was broken off, unless the officer says it better."""
    return _OUTCOMES.get(cause, OutcomeCode.ABORTED_RULE)


def require_time(ctx: DeviceContext, case: Case, visit: Visit) -> None:
    """RefusedError 451.63 once a rule says that the visit must end: then only the way out is left."""
    ending = ending_now(ctx, case, visit)
    if ending:
        raise RefusedError(
            "451.63",
            words("The visit must end now: {rules}.", rules=", ".join(f.rule for f in ending)),
            words(
                "Take your leave, then `fieldsync visit finish {case_id}`.", case_id=case.case_id
            ),
            findings=[to_builtins(finding) for finding in ending],
        )


def address_of(case: Case, visit: Visit) -> Address:
    """Where the visit is; NotFoundError 404.69 once the case has lost the address."""
    found = case.address(visit.address_id)
    if found is None:
        raise NotFoundError(
            "404.69",
            words("{case_id} no longer has the address of this visit.", case_id=case.case_id),
            words("Finish the visit: `fieldsync visit finish {case_id}`.", case_id=case.case_id),
        )
    return found


def _entering(
    ctx: DeviceContext, case: Case, visit: Visit, address: Address, *, agreed: bool
) -> Facts:
    facts = facts_now(ctx, Action.VISIT_ENTER, case, address, visit.officers)
    facts = replace(facts, identity_shown=visit.has_taken(VisitStep.IDENTITY_SHOWN))
    if not agreed:
        return facts
    return replace(facts, consents=(*facts.consents, Consent(ENTER, facts.at)))
