"""Follows agreements after their signature: how each plan stands, what ends it, and who decided that."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from fieldsync.agreements.ledger import Ledger, PlanStanding, ledger
from fieldsync.domain.agreement import PlanState
from fieldsync.domain.case import AgreementState
from fieldsync.errors import ConflictError, NotFoundError
from fieldsync.words import Words, words
from server.context import ServerContext
from server.store.agreements import (
    StoredAgreement,
    find_agreements,
    list_agreements,
    set_plan_state,
)
from server.store.audit import record
from server.store.cases import grow_version, lift_hold, load_case, set_agreement_state
from server.store.engine import reading, writing
from server.store.feed import publish
from server.store.retrying import retried
from server.workflow.share_cases import share_cases
from server.workflow.signed_decision import signed

_SYSTEM = "server"
_TAIL = 8


@dataclass(frozen=True, slots=True)
class KeptAgreement:
    """An agreement with its payments allocated as of a day."""

    stored: StoredAgreement
    kept: Ledger


def follow(
    ctx: ServerContext,
    *,
    state: PlanState | None = None,
    branch: str | None = None,
    day: date | None = None,
) -> list[KeptAgreement]:
    """Every accepted agreement as it stands on that day, today where none is named."""
    today = day or ctx.clock.now().date()
    with reading(ctx.engine) as conn:
        found = list_agreements(conn, state=state, branch=branch)
        return [_kept(conn, stored, today) for stored in found]


def find(ctx: ServerContext, said: str, day: date | None = None) -> KeptAgreement:
    """The agreement with this id (or the end of it), or the one in force on this case.

    NotFoundError 404.641 where there is none, ConflictError 409.641 where several fit.
    """
    with reading(ctx.engine) as conn:
        return _kept(conn, _one(conn, said), day or ctx.clock.now().date())


@retried
def review_plans(ctx: ServerContext, day: date | None = None) -> tuple[int, list[KeptAgreement]]:
    """Mark as settled what is wholly paid; how many those were, and which plans are breached.

    A breach ends nothing by itself: a person decides.
    """
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        found = [
            _kept(conn, stored, day or now.date())
            for stored in list_agreements(conn, state=PlanState.PERFORMING)
        ]
        settled = [one for one in found if one.kept.standing is PlanStanding.SETTLED]
        for one in settled:
            _move(ctx, conn, one.stored, PlanState.SETTLED, _SYSTEM, "")
        cases = sorted({one.stored.agreement.case_id for one in settled})
        publish(conn, share_cases(conn, cases), now)
    return len(settled), [one for one in found if one.kept.standing is PlanStanding.BREACHED]


@retried
def end_plan(ctx: ServerContext, said: str, *, reason: str, by: str) -> StoredAgreement:
    """A person ends a breached plan: it is broken, and collection may go on by the rules.

    ConflictError 409.642 while the plan is kept by its own rules, 409.643 where it is over already;
    InputError as in `signed`.
    """
    why, who = signed(reason, by)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        one = _kept(conn, _one(conn, said), now.date())
        _check_running(one.stored)
        if one.kept.standing is not PlanStanding.BREACHED:
            raise ConflictError(
                "409.642",
                words("This plan is not breached by its own rules."),
                words("`fieldsync-server agreements show {id}` says how it stands.", id=said),
            )
        _move(ctx, conn, one.stored, PlanState.BROKEN, who, why)
        lift_hold(conn, one.stored.op_id, at=now, by=who, reason=why)
        publish(conn, share_cases(conn, [one.stored.agreement.case_id]), now)
    return one.stored


@retried
def withdraw_plan(ctx: ServerContext, said: str, *, reason: str, by: str) -> StoredAgreement:
    """The borrower changed their mind within the cooling-off: the plan is over, without any blame.

    The stop on collection stays until a person lifts it: nobody is visited by surprise for having
    withdrawn. ConflictError 409.644 after the cooling-off, 409.643 where the plan is over already.
    """
    why, who = signed(reason, by)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        stored = _one(conn, said)
        _check_running(stored)
        agreement = stored.agreement
        last = agreement.signature.signed_at.date() + timedelta(
            days=agreement.rules.cooling_off_days
        )
        if now.date() > last:
            raise ConflictError(
                "409.644",
                words("The days in which the borrower may withdraw ended on {day}.", day=f"{last}"),
                words("A new plan can be made instead: sign it with `fieldsync agree --replace`."),
            )
        _move(ctx, conn, stored, PlanState.WITHDRAWN, who, why)
        publish(conn, share_cases(conn, [agreement.case_id]), now)
    return stored


def standing_of_case(
    conn: Connection, op_id: str, case_id: str, today: date
) -> PlanStanding | None:
    """How the plan stands whose record brought this hold; None where there is none that runs."""
    for stored in find_agreements(conn, case_id):
        if stored.op_id == op_id and stored.state is PlanState.PERFORMING:
            return _kept(conn, stored, today).kept.standing
    return None


_OF_CASE = {
    PlanState.SETTLED: AgreementState.SETTLED,
    PlanState.BROKEN: AgreementState.BROKEN,
    PlanState.WITHDRAWN: AgreementState.NONE,
}


def _move(
    ctx: ServerContext,
    conn: Connection,
    stored: StoredAgreement,
    state: PlanState,
    who: str,
    why: str,
) -> None:
    agreement = stored.agreement
    set_plan_state(conn, agreement.agreement_id, state)
    set_agreement_state(conn, agreement.case_id, _OF_CASE[state])
    grow_version(conn, agreement.case_id)
    record(
        conn,
        at=ctx.clock.now(),
        actor=who,
        action=f"agreement.{state.value}",
        subject=agreement.agreement_id,
        detail={"reason": why},
    )


def _check_running(stored: StoredAgreement) -> None:
    if stored.state is not PlanState.PERFORMING:
        raise ConflictError(
            "409.643",
            words("This plan is over already."),
            words("`fieldsync-server agreements list --state all` shows every plan."),
        )


def _one(conn: Connection, said: str) -> StoredAgreement:
    found = find_agreements(conn, said)
    running = [stored for stored in found if stored.state is PlanState.PERFORMING]
    chosen = found if len(found) == 1 else running or found
    if not chosen:
        raise NotFoundError(
            "404.641",
            words("There is no agreement {id}.", id=said),
            words("`fieldsync-server agreements list` shows them."),
        )
    if len(chosen) > 1:
        raise ConflictError(
            "409.641", words("Several agreements fit {id}.", id=said), _name_one(chosen)
        )
    return chosen[0]


def _name_one(found: list[StoredAgreement]) -> Words:
    ids = ", ".join(stored.agreement.agreement_id[-_TAIL:] for stored in found)
    return words("Name one of: {ids}.", ids=ids)


def _kept(conn: Connection, stored: StoredAgreement, today: date) -> KeptAgreement:
    agreement = stored.agreement
    case = load_case(conn, agreement.case_id)
    payments = case.payments if case else ()
    return KeptAgreement(stored, ledger(agreement.quote, agreement.rules, payments, today))
