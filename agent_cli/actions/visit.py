"""Starts, notes and finishes a visit: each step one transaction, judged before it begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from agent_cli.actions.attach import attach
from agent_cli.actions.check_in import wrong_secrets
from agent_cli.actions.door import expected_end, facts_now, judge, must_leave_by, packs_of
from agent_cli.actions.record import record_operation
from agent_cli.actions.visit_records import record_of_visit, record_refusal, refused, require
from agent_cli.context import DeviceContext
from agent_cli.store import cases, itineraries, journal, visits
from agent_cli.store.check_in import keep_tries
from agent_cli.store.database import writing
from fieldsync.adapters.check_in_secrets import Signer
from fieldsync.conduct.facts import Action
from fieldsync.conduct.visit_findings import told_to_others
from fieldsync.conduct.visit_outcomes import PROMISES, STOPPING_OUTCOMES, hold_after
from fieldsync.conduct.visit_states import VisitEvent
from fieldsync.domain import base64url
from fieldsync.domain.case import Case
from fieldsync.domain.check_in import CheckInProof, check_in_statement
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.money import Money
from fieldsync.domain.place import Address, AddressKind
from fieldsync.domain.verdict import Finding, Verdict
from fieldsync.domain.visit import FACE_TO_FACE, OutcomeCode, Visit, VisitState, VisitStep
from fieldsync.errors import ConflictError, InputError, NotFoundError
from fieldsync.locale import render
from fieldsync.locale.names import name_of
from fieldsync.sync.kinds import OperationKind
from fieldsync.terminal.output import listed
from fieldsync.words import words


@dataclass(frozen=True, slots=True)
class Started:
    """A visit that may begin, and what the rules say besides."""

    visit: Visit
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Promise:
    """What the borrower said they would pay, and by when."""

    day: date
    amount: Money


def check_start(ctx: DeviceContext, case: Case, address: Address, officers: Sequence[str]) -> None:
    """Ask the rules as if everybody named had proved who they are, so that no secret is typed in vain.

    ConflictError 600.10 while another visit is under way; RefusedError 451.61, recorded.
    """
    going_on = visits.running(ctx.conn)
    if going_on is not None:
        raise ConflictError(
            "600.10",
            words("The visit to {case_id} is still under way.", case_id=going_on.case_id),
            words("Finish it first: `fieldsync visit finish {case_id}`.", case_id=going_on.case_id),
        )
    verdict = judge(ctx, facts_now(ctx, Action.VISIT_START, case, address, tuple(officers)))
    if not verdict.allowed:
        record_refusal(ctx, case, address, Action.VISIT_START, verdict.refusals)
        raise refused(verdict.refusals)


def start(
    ctx: DeviceContext,
    case: Case,
    address: Address,
    officers: tuple[str, ...],
    signers: Mapping[str, Signer],
    minutes: int | None = None,
) -> Started:
    """Begin a visit, or record that a rule refused it and raise RefusedError 451.61.

    Only who has a signer counts as checked in. `minutes` is how long it is expected to last, without it
    what the day's list allows. ConflictError 600.10 while another visit is under way.
    """
    check_start(ctx, case, address, officers)
    here = tuple(officer for officer in officers if officer in signers)
    facts = facts_now(ctx, Action.VISIT_START, case, address, here)
    verdict = judge(ctx, facts)
    wrong = wrong_secrets(ctx, officers)
    if not verdict.allowed:
        record_refusal(ctx, case, address, Action.VISIT_START, verdict.refusals, wrong)
        raise refused(verdict.refusals)
    leave_by = must_leave_by(ctx, case, address, here)
    visit = Visit(
        ctx.new_id(),
        case.case_id,
        address.address_id,
        officers,
        facts.at,
        expected_end=expected_end(ctx, case, facts.at, leave_by, minutes),
        leave_by=leave_by,
    )
    begun = _begun(visit, verdict, signers)
    if wrong:
        begun["wrong_secrets"] = wrong
    with writing(ctx.conn) as conn:
        operation = record_operation(ctx, conn, OperationKind.VISIT_START, case.case_id, begun)
        visits.save(conn, visit, operation.op_id)
        for officer in wrong:
            keep_tries(conn, officer, None)
    return Started(visit, verdict)


def _begun(visit: Visit, verdict: Verdict, signers: Mapping[str, Signer]) -> dict[str, Any]:
    """The payload: who is there, each with their proof, and by which packs they may be."""
    statement = check_in_statement(visit.visit_id, visit.case_id, visit.address_id, visit.officers)
    return {
        "visit_id": visit.visit_id,
        "address_id": visit.address_id,
        "officers": list(visit.officers),
        "packs": dict(verdict.packs),
        "expected_end": to_builtins(visit.expected_end),
        "proofs": [
            to_builtins(CheckInProof(officer, base64url.encode(signers[officer](statement))))
            for officer in visit.officers
        ],
    }


def note(
    ctx: DeviceContext, case: Case, text: str, *, left_behind: bool, files: Sequence[Path] = ()
) -> None:
    """Keep a remark, and the files that go with it.

    `left_behind`: the words are meant for a third party, and are judged first.
    RefusedError 451.61 where they would tell the debt (CN-THIRD-CONTENT), recorded too.
    """
    visit = running_visit(ctx, case.case_id)
    require(visit, VisitEvent.NOTE)
    if not text.strip():
        raise InputError(
            "600.11", words("The note is empty."), words("Say what is to be remembered.")
        )
    findings = third_party_findings(ctx, case, visit, [text]) if left_behind else ()
    if findings:
        address = case.address(visit.address_id)
        if address is not None:
            record_refusal(ctx, case, address, Action.MESSAGE_SEND, findings)
        raise refused(findings)
    payload = {"visit_id": visit.visit_id, "text": text}
    attachments = attach(ctx, files)
    with writing(ctx.conn) as conn:
        record_of_visit(ctx, conn, visit, OperationKind.VISIT_NOTE, payload, attachments)


def finish(
    ctx: DeviceContext,
    case: Case,
    outcome: OutcomeCode,
    *,
    identity_shown: bool | None,
    promise: Promise | None,
) -> Visit:
    """Close the visit; InputError 600.12 where somebody was met and the identity is not recorded (CN-ID).

    After a stop nothing is asked: the way out comes first. An outcome that stops collection sets a hold
    on this device in the same transaction.
    """
    visit = running_visit(ctx, case.case_id)
    known = visit.has_taken(VisitStep.IDENTITY_SHOWN) or identity_shown
    if visit.stopped_at is None:
        _require_whole(outcome, identity_shown=known, promise=promise)
    elif outcome in PROMISES or promise is not None:
        raise ConflictError(
            "600.27",
            words("This visit was broken off: nothing is promised on the way out."),
            words("Leave --outcome out: `fieldsync visit finish {case_id}`.", case_id=case.case_id),
        )
    ended = _ended(visit, outcome, ctx.clock.now(), promise, identity_shown=bool(known))
    with writing(ctx.conn) as conn:
        operation = record_of_visit(ctx, conn, visit, OperationKind.VISIT_FINISH, _exit(ended))
        visits.save(conn, ended, operation.op_id)
        hold = hold_after(outcome, ctx.new_id(), ctx.clock.now(), operation.op_id)
        if hold is not None and hold.kind not in {known.kind for known in case.holds}:
            cases.add_hold(conn, case.case_id, hold, operation.op_id)
    return ended


def _ended(
    visit: Visit,
    outcome: OutcomeCode,
    now: datetime,
    promise: Promise | None,
    *,
    identity_shown: bool,
) -> Visit:
    return replace(
        visit,
        state=VisitState.FINISHED,
        identity_shown=identity_shown,
        outcome=outcome,
        finished_at=now,
        exit_seconds=None if visit.stopped_at is None else _seconds(visit.stopped_at, now),
        overrun_s=0 if visit.leave_by is None else _seconds(visit.leave_by, now),
        promised_on=promise.day if promise else None,
        promised=promise.amount if promise else None,
    )


def _exit(ended: Visit) -> dict[str, Any]:
    """The payload of the exit."""
    promise = None
    if ended.promised is not None and ended.promised_on is not None:
        promise = {
            "date": ended.promised_on.isoformat(),
            "amount_minor": ended.promised.amount_minor,
            "currency": ended.promised.currency,
        }
    return {
        "visit_id": ended.visit_id,
        "outcome": ended.outcome.value if ended.outcome else "",
        "identity_shown": ended.identity_shown,
        "promise": promise,
        "exit_seconds": ended.exit_seconds,
        "overrun_s": ended.overrun_s,
    }


def _seconds(since: datetime, now: datetime) -> int:
    """Whole seconds, none where the clock was put back."""
    return max(0, int((now - since).total_seconds()))


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


def running_visit(ctx: DeviceContext, case_id: str | None) -> Visit:
    """The visit (to this case) that is under way; NotFoundError 404.64 where there is none."""
    visit = visits.running(ctx.conn, case_id)
    if visit is None and case_id is None:
        raise NotFoundError(
            "404.67",
            words("No visit is under way."),
            words("Start one with `fieldsync visit start CASE`."),
        )
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
