"""What takes two people: one asks with a reason, another one grants, and it is carried out exactly once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from fieldsync.errors import ConflictError, FieldsyncError, UnauthorisedError
from fieldsync.words import words
from server.context import ServerContext
from server.security.permissions import Action, may
from server.store.accounts import account_with_id, names_of_accounts
from server.store.approvals import (
    Approval,
    ApprovalKind,
    ApprovalState,
    add_approval,
    last_approvals,
    load_approval,
    move,
    open_approvals,
)
from server.store.audit import record
from server.store.dialect import one_at_a_time
from server.store.engine import reading, writing
from server.store.office_lists import office_devices, open_hold
from server.store.retrying import retried
from server.workflow.lift_hold import lift
from server.workflow.office_sessions import SignedIn, grants_of
from server.workflow.office_work import nothing_there, reason_of, record_named, require
from server.workflow.review_operations import decide
from server.workflow.revoke_device import revoke

LASTS = timedelta(days=3)
_MOST_SHOWN = 100
ASK: Mapping[ApprovalKind, Action] = {
    ApprovalKind.WAIVER: Action.WAIVER_ASK,
    ApprovalKind.LIFT: Action.LIFT_ASK,
    ApprovalKind.DEVICE: Action.DEVICE_ASK,
}
GRANT: Mapping[ApprovalKind, Action] = {
    ApprovalKind.WAIVER: Action.WAIVER_GRANT,
    ApprovalKind.LIFT: Action.LIFT_GRANT,
    ApprovalKind.DEVICE: Action.DEVICE_GRANT,
}


@dataclass(frozen=True, slots=True)
class ShownApproval:
    """A request with the names of both people, and what the reader may do with it."""

    approval: Approval
    asked_by: str
    decided_by: str
    may_grant: bool
    is_own: bool


def ask(ctx: ServerContext, who: SignedIn, kind: ApprovalKind, subject: str, reason: str) -> str:
    """Ask for something that takes two; the id of what was asked.

    NotFoundError 404.92 where there is no such thing, or it is another branch's; UnauthorisedError
    403.910; InputError 422.904 without a reason; ConflictError 409.93 where it was asked for already.
    """
    branch, case_id = _target(ctx, who, kind, subject)
    require(who, ASK[kind], branch)
    now = ctx.clock.now()
    return _add(
        ctx,
        who,
        Approval(
            approval_id=ctx.new_id(),
            kind=kind,
            subject=subject,
            case_id=case_id,
            branch=branch,
            reason=reason_of(reason),
            state=ApprovalState.ASKED,
            asked_by=who.account_id,
            asked_at=now,
            expires_at=now + LASTS,
        ),
    )


def grant(ctx: ServerContext, who: SignedIn, approval_id: str) -> Approval:
    """Grant what another one asked, and carry it out.

    NotFoundError 404.92 where it is not theirs to see; UnauthorisedError 403.910 without the role,
    403.911 for what they asked themselves, 403.912 where the asker may not ask that any more;
    ConflictError 409.94 where it does not wait any more; errors of the step itself, which leave it failed.
    """
    asked = _take(ctx, who, approval_id)
    try:
        _CARRY_OUT[asked.kind](ctx, asked, _signed_by_both(ctx, asked, who))
    except FieldsyncError as error:
        _settle(ctx, who, asked, ApprovalState.FAILED, error.code)
        raise
    _settle(ctx, who, asked, ApprovalState.DONE, None)
    return asked


@retried
def refuse(ctx: ServerContext, who: SignedIn, approval_id: str) -> Approval:
    """Refuse what another one asked, or take back what one asked oneself; errors as in `grant`."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        asked = _visible(conn, who, approval_id)
        own = asked.asked_by == who.account_id
        if not own:
            require(who, GRANT[asked.kind], asked.branch)
        to = ApprovalState.WITHDRAWN if own else ApprovalState.REFUSED
        if not move(conn, approval_id, ApprovalState.ASKED, to, by=who.account_id, at=now):
            raise _waits_no_more()
        action = f"approval.{to.value}"
        record(conn, at=now, actor=who.signs_as, action=action, subject=approval_id)
    return asked


def waiting_approvals(ctx: ServerContext, who: SignedIn) -> list[ShownApproval]:
    """What waits for a second person and they may grant or have asked, the oldest first."""
    with reading(ctx.engine) as conn:
        shown = _shown(conn, who, open_approvals(conn, ctx.clock.now()))
    return [one for one in shown if one.may_grant or one.is_own]


def past_approvals(ctx: ServerContext, who: SignedIn) -> list[ShownApproval]:
    """The last requests at branches whose record they may see."""
    with reading(ctx.engine) as conn:
        found = last_approvals(conn, _MOST_SHOWN)
        seen = [one for one in found if may(who.grants, Action.RECORD_SEE, one.branch)]
        return _shown(conn, who, seen)


def _target(
    ctx: ServerContext, who: SignedIn, kind: ApprovalKind, subject: str
) -> tuple[str, str | None]:
    """The branch of what is asked for, and its case; what they may not see is not there."""
    if kind is ApprovalKind.WAIVER:
        found = record_named(ctx, who, subject)
        if not (found.stored.is_open and found.waives):
            raise nothing_there()
        return found.branch, found.operation.case_id
    with reading(ctx.engine) as conn:
        if kind is ApprovalKind.LIFT:
            hold = open_hold(conn, subject)
            if hold is None or not may(who.grants, Action.CASES_SEE, hold.branch):
                raise nothing_there()
            return hold.branch, hold.case_id
        devices = office_devices(conn, None, subject)
    if not devices or not may(who.grants, Action.DEVICE_ASK, devices[0].branch):
        raise nothing_there()
    return devices[0].branch, None


@retried
def _add(ctx: ServerContext, who: SignedIn, asked: Approval) -> str:
    with writing(ctx.engine) as conn:
        one_at_a_time(conn, f"approval:{asked.subject}")
        waiting = open_approvals(conn, asked.asked_at)
        if any((one.kind, one.subject) == (asked.kind, asked.subject) for one in waiting):
            raise ConflictError(
                "409.93",
                words("Somebody has asked for this already."),
                words("It waits for a second person, who is not the one who asked."),
            )
        add_approval(conn, asked)
        detail = {"kind": asked.kind.value, "of": asked.subject}
        record(
            conn,
            at=asked.asked_at,
            actor=who.signs_as,
            action="approval.asked",
            subject=asked.approval_id,
            detail=detail,
        )
    return asked.approval_id


@retried
def _take(ctx: ServerContext, who: SignedIn, approval_id: str) -> Approval:
    """Take it to be carried out; of two people who grant at once, one is told that it waits no more."""
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        asked = _visible(conn, who, approval_id)
        require(who, GRANT[asked.kind], asked.branch)
        if asked.asked_by == who.account_id:
            raise UnauthorisedError(
                "403.911",
                words("What you asked for is granted by somebody else."),
                words("Four eyes: tell a colleague who may grant it."),
            )
        asker = account_with_id(conn, asked.asked_by)
        if (
            asker is None
            or not asker.is_active
            or not may(grants_of(conn, asker, now), ASK[asked.kind], asked.branch)
        ):
            raise UnauthorisedError(
                "403.912",
                words("Whoever asked for this may not ask for it any more."),
                words("Refuse it, and have somebody else ask."),
            )
        taken, was = ApprovalState.TAKEN, ApprovalState.ASKED
        if not move(conn, approval_id, was, taken, by=who.account_id, at=now):
            raise _waits_no_more()
        record(conn, at=now, actor=who.signs_as, action="approval.granted", subject=approval_id)
    return asked


@retried
def _settle(
    ctx: ServerContext, who: SignedIn, asked: Approval, to: ApprovalState, outcome: str | None
) -> None:
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        taken, by = ApprovalState.TAKEN, who.account_id
        move(conn, asked.approval_id, taken, to, by=by, at=now, outcome=outcome)
        action, detail = f"approval.{to.value}", {"outcome": outcome}
        record(
            conn,
            at=now,
            actor=who.signs_as,
            action=action,
            subject=asked.approval_id,
            detail=detail,
        )


def _visible(conn: Connection, who: SignedIn, approval_id: str) -> Approval:
    asked = load_approval(conn, approval_id)
    if asked is None:
        raise nothing_there()
    actions = (Action.CASES_SEE, ASK[asked.kind], GRANT[asked.kind])
    if not any(may(who.grants, action, asked.branch) for action in actions):
        raise nothing_there()
    return asked


def _shown(conn: Connection, who: SignedIn, found: list[Approval]) -> list[ShownApproval]:
    names = names_of_accounts(conn)
    return [
        ShownApproval(
            one,
            names.get(one.asked_by, ""),
            names.get(one.decided_by or "", ""),
            may_grant=one.asked_by != who.account_id
            and may(who.grants, GRANT[one.kind], one.branch),
            is_own=one.asked_by == who.account_id,
        )
        for one in found
    ]


def _signed_by_both(ctx: ServerContext, asked: Approval, who: SignedIn) -> str:
    with reading(ctx.engine) as conn:
        asker = account_with_id(conn, asked.asked_by)
    return f"{asker.name} ({asker.login}), {who.signs_as}" if asker else who.signs_as


def _waits_no_more() -> ConflictError:
    return ConflictError(
        "409.94",
        words("This does not wait for anybody any more."),
        words("It was granted, refused or taken back, or its three days are over."),
    )


def _lift(ctx: ServerContext, asked: Approval, by: str) -> None:
    lift(ctx, asked.case_id or "", reason=asked.reason, by=by, hold_id=asked.subject)


def _shut_out(ctx: ServerContext, asked: Approval, by: str) -> None:
    revoke(ctx, asked.subject, reason=asked.reason, by=by)


def _accept(ctx: ServerContext, asked: Approval, by: str) -> None:
    decide(ctx, asked.subject, accept=True, reason=asked.reason, by=by)


_CARRY_OUT: Mapping[ApprovalKind, Callable[[ServerContext, Approval, str], None]] = {
    ApprovalKind.WAIVER: _accept,
    ApprovalKind.LIFT: _lift,
    ApprovalKind.DEVICE: _shut_out,
}
