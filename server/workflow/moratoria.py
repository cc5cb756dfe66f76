"""Starts and ends breathing-space moratoria: a hold with its day of ending, known to every device."""

from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from fieldsync.conduct.case_facts import place_of
from fieldsync.conduct.moratorium import MoratoriumKind, begins, ends, kind_of_hold, source_of
from fieldsync.domain.case import Case, Hold, HoldKind
from fieldsync.errors import ConflictError, InputError, NotFoundError
from fieldsync.words import Words, words
from server.context import ServerContext
from server.store.audit import record
from server.store.cases import add_hold, lift_hold, load_case, set_hold_until
from server.store.engine import writing
from server.store.feed import publish
from server.store.retrying import retried
from server.workflow.share_cases import share_cases
from server.workflow.signed_decision import signed
from server.workflow.strike_stops import strike_stops


@retried
def start_moratorium(
    ctx: ServerContext,
    case_id: str,
    kind: MoratoriumKind,
    first: date,
    treatment_ends: date | None = None,
    *,
    reason: str,
    by: str,
) -> Hold:
    """Stop collection for as long as the moratorium lasts; the hold.

    NotFoundError 404.44, ConflictError 409.81 where one runs already, InputError 422.536 for days
    that do not fit, InputError as in `signed`.
    """
    why, who = signed(reason, by)
    _check_days(kind, first, treatment_ends)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        case = _case(conn, case_id)
        running = _running(case)
        if running is not None and (running.until is None or now < running.until):
            raise ConflictError(
                "409.81",
                words("A moratorium runs on {case_id} already.", case_id=case_id),
                words("End it first with `fieldsync-server moratorium end`, or change its end."),
            )
        zone = place_of(case.addresses[0] if case.addresses else None).zone
        until = ends(kind, first, treatment_ends, zone)
        hold = Hold(ctx.new_id(), HoldKind.OFFICE, begins(first, zone), source_of(kind), until)
        add_hold(conn, case_id, hold)
        detail = {"hold": hold.hold_id, "kind": kind.value, "until": until, "reason": why}
        record(conn, at=now, actor=who, action="moratorium.start", subject=case_id, detail=detail)
        struck = strike_stops(conn, [case_id], now)
        publish(conn, [*struck, *share_cases(conn, [case_id])], now)
    return hold


@retried
def treatment_ended(
    ctx: ServerContext, case_id: str, treatment_ends: date, *, reason: str, by: str
) -> Hold:
    """Give a crisis moratorium its end, thirty days after the treatment; errors as of `end_moratorium`."""
    why, who = signed(reason, by)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        case = _case(conn, case_id)
        hold = _open(case)
        if kind_of_hold(hold) is not MoratoriumKind.CRISIS:
            raise _bad_days(words("Only a crisis moratorium ends with a treatment."))
        zone = place_of(case.addresses[0] if case.addresses else None).zone
        if begins(treatment_ends, zone) < hold.since:
            raise _bad_days(words("The treatment cannot end before the moratorium began."))
        until = ends(MoratoriumKind.CRISIS, hold.since.date(), treatment_ends, zone)
        set_hold_until(conn, case_id, hold.hold_id, until)
        detail = {"hold": hold.hold_id, "until": until, "reason": why}
        record(conn, at=now, actor=who, action="moratorium.until", subject=case_id, detail=detail)
        publish(conn, share_cases(conn, [case_id]), now)
    return replace(hold, until=until)


@retried
def end_moratorium(ctx: ServerContext, case_id: str, *, reason: str, by: str) -> Hold:
    """End it before its day; NotFoundError 404.88 where none runs, InputError as in `signed`."""
    why, who = signed(reason, by)
    now = ctx.clock.now()
    with writing(ctx.engine) as conn:
        hold = _open(_case(conn, case_id))
        lift_hold(conn, hold.hold_id, at=now, by=who, reason=why)
        detail = {"hold": hold.hold_id}
        record(conn, at=now, actor=who, action="moratorium.end", subject=case_id, detail=detail)
        publish(conn, share_cases(conn, [case_id]), now)
    return hold


def _check_days(kind: MoratoriumKind, first: date, treatment_ends: date | None) -> None:
    if treatment_ends is None:
        return
    if kind is not MoratoriumKind.CRISIS:
        raise _bad_days(words("Only a crisis moratorium ends with a treatment."))
    if treatment_ends < first:
        raise _bad_days(words("The treatment cannot end before the moratorium began."))


def _bad_days(message: Words) -> InputError:
    return InputError("422.536", message, words("Compare the days with the notice you received."))


def _case(conn: Connection, case_id: str) -> Case:
    case = load_case(conn, case_id)
    if case is None:
        raise NotFoundError("404.44", words("There is no case {case_id}.", case_id=case_id))
    return case


def _running(case: Case) -> Hold | None:
    """The latest moratorium that nobody has lifted, over or not."""
    found = [hold for hold in case.holds if kind_of_hold(hold) is not None]
    return max(found, key=lambda hold: hold.since, default=None)


def _open(case: Case) -> Hold:
    hold = _running(case)
    if hold is None:
        raise NotFoundError(
            "404.88",
            words("No moratorium runs on {case_id}.", case_id=case.case_id),
            words("`fieldsync-server show case {case_id}` shows its holds.", case_id=case.case_id),
        )
    return hold
