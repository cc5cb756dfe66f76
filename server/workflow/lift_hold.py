"""Ends a stop on collection: a person of the office decides it, with a reason, and the devices learn it."""

from datetime import date

from sqlalchemy import Connection

from fieldsync.domain.case import Case, Hold, HoldKind
from fieldsync.errors import ConflictError, NotFoundError
from fieldsync.locale import render
from fieldsync.locale.names import name_of
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.cases import lift_hold, load_case
from server.store.engine import writing
from server.store.feed import publish
from server.store.operations import load_operation
from server.store.quarantine import waits_under
from server.store.retrying import retried
from server.workflow.agreements_kept import standing_of_case
from server.workflow.share_cases import share_cases
from server.workflow.signed_decision import signed

_TAIL = 8


@retried
def lift(
    ctx: ServerContext, case_id: str, *, reason: str, by: str, hold_id: str | None = None
) -> tuple[Hold, tuple[Hold, ...]]:
    """End one hold of a case (`hold_id`: its id or the end of it); that hold, and those that remain.

    The hold of an instalment plan goes only after the plan: ConflictError 409.645 while that runs.
    NotFoundError 404.44
    for an unknown case, 404.47 where no such hold is open; ConflictError 409.53 where there are
    several and none was named, 409.54 while the record that brought it is undecided; InputError as
    in `signed`.
    """
    why, who = signed(reason, by)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        case = load_case(conn, case_id)
        if case is None:
            raise NotFoundError("404.44", words("There is no case {case_id}.", case_id=case_id))
        hold = _chosen(case, hold_id)
        _check_decided(conn, hold)
        lift_hold(conn, hold.hold_id, at=now, by=who, reason=why)
        if hold.kind is HoldKind.AGREEMENT:
            _check_ended(conn, case_id, hold, now.date())
        detail = {"hold": hold.hold_id, "kind": hold.kind.value}
        record(conn, at=now, actor=who, action="hold.lifted", subject=case_id, detail=detail)
        publish(conn, share_cases(conn, [case_id]), now)
    return hold, tuple(other for other in case.holds if other.hold_id != hold.hold_id)


def _chosen(case: Case, hold_id: str | None) -> Hold:
    found = [hold for hold in case.holds if hold_id is None or hold.hold_id.endswith(hold_id)]
    if not found:
        raise NotFoundError(
            "404.47",
            words("No such hold is open on {case_id}.", case_id=case.case_id),
            words("`fieldsync-server show case {case_id}` shows its holds.", case_id=case.case_id),
        )
    if len(found) > 1:
        raise ConflictError(
            "409.53",
            words("{count} holds are open on {case_id}.", count=len(found), case_id=case.case_id),
            words("Name one with --hold: {holds}.", holds=_listed(found)),
            holds=[hold.hold_id for hold in found],
        )
    return found[0]


def _listed(found: list[Hold]) -> str:
    return ", ".join(
        f"{h.hold_id[-_TAIL:]} ({render(name_of(h.kind))}, {h.since:%Y-%m-%d})" for h in found
    )


def _check_decided(conn: Connection, hold: Hold) -> None:
    """A record that waits for a person is decided first: the device keeps its hold until then."""
    stored = load_operation(conn, hold.hold_id)
    if (stored is not None and stored.is_open) or waits_under(conn, hold.hold_id):
        raise ConflictError(
            "409.54",
            words("The record that brought this hold is not decided yet."),
            words(
                "Decide it with `fieldsync-server review accept {op_id}` or `refuse`;"
                " refusing it ends the hold.",
                op_id=hold.hold_id[-_TAIL:],
            ),
        )


def _check_ended(conn: Connection, case_id: str, hold: Hold, today: date) -> None:
    """The stop of a plan that runs is not lifted: the plan is ended, and that says why."""
    if standing_of_case(conn, hold.hold_id, case_id, today) is not None:
        raise ConflictError(
            "409.645",
            words("The plan behind this stop is being kept."),
            words(
                "Only a breached plan is ended: `fieldsync-server agreements end {case_id}`.",
                case_id=case_id,
            ),
        )
