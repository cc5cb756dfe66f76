"""Starts, notes and finishes a visit: each step one transaction, judged before it begins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from agent_cli.actions.attach import attach
from agent_cli.actions.door import facts_now, judge, must_leave_by, packs_of
from agent_cli.actions.record import record_operation
from agent_cli.context import DeviceContext
from agent_cli.store import cases, itineraries, journal, visits
from agent_cli.store.database import writing
from fieldsync.conduct.facts import Action
from fieldsync.conduct.visit_findings import told_to_others
from fieldsync.conduct.visit_outcomes import PROMISES, STOPPING_OUTCOMES, hold_after
from fieldsync.domain.case import Case
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.money import Money
from fieldsync.domain.place import Address, AddressKind
from fieldsync.domain.verdict import Finding, Verdict
from fieldsync.domain.visit import FACE_TO_FACE, OutcomeCode, Visit, VisitState
from fieldsync.errors import ConflictError, InputError, NotFoundError, RefusedError
from fieldsync.locale import render
from fieldsync.locale.names import name_of
from fieldsync.sync.kinds import OperationKind
from fieldsync.terminal.output import listed
from fieldsync.words import words


@dataclass(frozen=True, slots=True)
class Started:
    """A visit that may begin, what the rules say besides, and when it must be over."""

    visit: Visit
    verdict: Verdict
    leave_by: datetime | None


@dataclass(frozen=True, slots=True)
class Promise:
    """What the borrower said they would pay, and by when."""

    day: date
    amount: Money


def start(ctx: DeviceContext, case: Case, address: Address, officers: tuple[str, ...]) -> Started:
    """Begin a visit, or record that a rule refused it and raise RefusedError 451.61.

    ConflictError 600.10 while another visit is under way.
    """
    going_on = visits.running(ctx.conn)
    if going_on is not None:
        raise ConflictError(
            "600.10",
            words("The visit to {case_id} is still under way.", case_id=going_on.case_id),
            words("Finish it first: `fieldsync visit finish {case_id}`.", case_id=going_on.case_id),
        )
    facts = facts_now(ctx, Action.VISIT_START, case, address, officers)
    verdict = judge(ctx, facts)
    if not verdict.allowed:
        _record_refusal(ctx, case, address, Action.VISIT_START, verdict.refusals)
        raise refused(verdict.refusals)
    visit = Visit(ctx.new_id(), case.case_id, address.address_id, officers, facts.at)
    payload = {
        "visit_id": visit.visit_id,
        "address_id": visit.address_id,
        "officers": list(officers),
        "packs": dict(verdict.packs),
    }
    with writing(ctx.conn) as conn:
        operation = record_operation(ctx, conn, OperationKind.VISIT_START, case.case_id, payload)
        visits.save(conn, visit, operation.op_id)
    return Started(visit, verdict, must_leave_by(ctx, facts))


def note(
    ctx: DeviceContext, case: Case, text: str, *, left_behind: bool, files: Sequence[Path] = ()
) -> None:
    """Keep a remark, and the files that go with it.

    `left_behind`: the words are meant for a third party, and are judged first.
    RefusedError 451.61 where they would tell the debt (CN-THIRD-CONTENT), recorded too.
    """
    visit = running_visit(ctx, case.case_id)
    if not text.strip():
        raise InputError(
            "600.11", words("The note is empty."), words("Say what is to be remembered.")
        )
    findings = third_party_findings(ctx, case, visit, [text]) if left_behind else ()
    if findings:
        address = case.address(visit.address_id)
        if address is not None:
            _record_refusal(ctx, case, address, Action.MESSAGE_SEND, findings)
        raise refused(findings)
    payload = {"visit_id": visit.visit_id, "text": text}
    attachments = attach(ctx, files)
    with writing(ctx.conn) as conn:
        before = visits.last_operation(conn, visit.visit_id)
        record_operation(
            ctx,
            conn,
            OperationKind.VISIT_NOTE,
            case.case_id,
            payload,
            depends_on=() if before is None else (before,),
            attachments=attachments,
        )


def finish(
    ctx: DeviceContext,
    case: Case,
    outcome: OutcomeCode,
    *,
    identity_shown: bool | None,
    promise: Promise | None,
) -> Visit:
    """Close the visit; InputError 600.12 where somebody was met and the identity is not recorded (CN-ID).

    An outcome that stops collection sets a hold on this device in the same transaction.
    """
    visit = running_visit(ctx, case.case_id)
    _require_whole(outcome, identity_shown=identity_shown, promise=promise)
    shown = bool(identity_shown)
    ended = replace(
        visit,
        state=VisitState.FINISHED,
        identity_shown=shown,
        outcome=outcome,
        finished_at=ctx.clock.now(),
    )
    payload = {
        "visit_id": visit.visit_id,
        "outcome": outcome.value,
        "identity_shown": shown,
        "promise": None
        if promise is None
        else {
            "date": promise.day.isoformat(),
            "amount_minor": promise.amount.amount_minor,
            "currency": promise.amount.currency,
        },
    }
    with writing(ctx.conn) as conn:
        before = visits.last_operation(conn, visit.visit_id)
        operation = record_operation(
            ctx,
            conn,
            OperationKind.VISIT_FINISH,
            case.case_id,
            payload,
            depends_on=() if before is None else (before,),
        )
        visits.save(conn, ended, operation.op_id)
        hold = hold_after(outcome, ctx.new_id(), ctx.clock.now(), operation.op_id)
        if hold is not None and hold.kind not in {known.kind for known in case.holds}:
            cases.add_hold(conn, case.case_id, hold, operation.op_id)
    return ended


def _require_whole(
    outcome: OutcomeCode, *, identity_shown: bool | None, promise: Promise | None
) -> None:
    """InputError 600.12 or 600.13 where the outcome needs a fact that was not given."""
    if outcome in FACE_TO_FACE and identity_shown is None:
        raise InputError(
            "600.12",
            words("Somebody was met: it must be recorded whether the identity was shown (CN-ID)."),
            words("Add --identity-shown or --no-identity-shown."),
        )
    if (outcome in PROMISES) != (promise is not None):
        raise InputError(
            "600.13",
            words("A promise to pay goes with --promise-date and --promise-amount, and only then."),
            words("Outcomes PTP and PTP_PARTIAL are promises."),
        )


def stops_collection(outcome: OutcomeCode) -> bool:
    """Whether this outcome set a hold."""
    return outcome in STOPPING_OUTCOMES


def notes_of(ctx: DeviceContext, visit: Visit) -> tuple[str, ...]:
    """The remarks kept during a visit."""
    return tuple(
        str(entry.operation.payload["text"])
        for entry in journal.entries(ctx.conn, case_id=visit.case_id)
        if entry.kind == OperationKind.VISIT_NOTE
        and entry.operation is not None
        and entry.operation.payload["visit_id"] == visit.visit_id
    )


def third_party_findings(
    ctx: DeviceContext, case: Case, visit: Visit, texts: Sequence[str]
) -> tuple[Finding, ...]:
    """What the rules say of words that reach somebody else than the borrower."""
    address = case.address(visit.address_id)
    return told_to_others(case, address, ctx.clock.now(), texts, packs_of(ctx))


def running_visit(ctx: DeviceContext, case_id: str) -> Visit:
    """The visit to this case that is under way; NotFoundError 404.64 where there is none."""
    visit = visits.running(ctx.conn, case_id)
    if visit is None:
        raise NotFoundError(
            "404.64",
            words("No visit to {case_id} is under way.", case_id=case_id),
            words("Start it with `fieldsync visit start {case_id}`.", case_id=case_id),
        )
    return visit


def address_at(ctx: DeviceContext, case: Case, said: str | None) -> Address:
    """The address meant: by kind or id, or else today's stop, or else home. NotFoundError 404.65."""
    wanted = said
    if wanted is None:
        itinerary = itineraries.of_day(ctx.conn, ctx.clock.now().date())
        stops = itinerary.stops if itinerary else ()
        wanted = next((s.address_id for s in stops if s.case_id == case.case_id), AddressKind.HOME)
    for address in case.addresses:
        if wanted in {address.address_id, address.kind.value}:
            return address
    raise NotFoundError(
        "404.65",
        words("{case_id} has no address {address}.", case_id=case.case_id, address=wanted),
        words(
            "Its addresses: {known}.",
            known=listed(f"{a.address_id} ({render(name_of(a.kind))})" for a in case.addresses)
            or "-",
        ),
    )


def refused(findings: Sequence[Finding]) -> RefusedError:
    """The error that tells which rules say no; the findings travel in its details."""
    return RefusedError(
        "451.61",
        words(
            "The rules do not allow this now: {rules}.", rules=", ".join(f.rule for f in findings)
        ),
        words("It is recorded that you asked. Nothing else was started."),
        findings=[to_builtins(finding) for finding in findings],
    )


def _record_refusal(
    ctx: DeviceContext, case: Case, address: Address, action: Action, findings: Sequence[Finding]
) -> None:
    payload = {
        "address_id": address.address_id,
        "action": action.value,
        "findings": [to_builtins(finding) for finding in findings],
    }
    with writing(ctx.conn) as conn:
        record_operation(ctx, conn, OperationKind.VISIT_REFUSED, case.case_id, payload)
