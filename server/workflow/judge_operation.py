"""Gathers what the server knows of an operation and asks for its outcome; reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from fieldsync.agreements.mandate import Mandate, frozen
from fieldsync.agreements.seal import SealFault
from fieldsync.agreements.terms_problem import TermsProblem
from fieldsync.agreements.verify import recomputed
from fieldsync.conduct.as_of import BY_CLOCK
from fieldsync.conduct.moratorium import is_frozen
from fieldsync.conduct.promises import doubtful_day
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.agreement import Agreement
from fieldsync.domain.case import Case
from fieldsync.domain.codec import from_builtins
from fieldsync.domain.verdict import Finding
from fieldsync.locale import both
from fieldsync.locale.seal_words import FAULTS
from fieldsync.schemas.payloads import kind_of, payload_fault
from fieldsync.sync.acceptance import Arrival, Judgement, decide
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from fieldsync.sync.outcome import Outcome, OutcomeKind, Reason
from fieldsync.words import LANGUAGES, Words, words
from server.workflow.batch_facts import BatchFacts
from server.workflow.judge_check_in import proved
from server.workflow.judge_conduct import breaches_of

# Payloads that repeat the case's id must name the envelope's case.
_NAMES_CASE = frozenset(
    {
        OperationKind.HARDSHIP_DISCLOSE,
        OperationKind.HARDSHIP_WITHDRAW,
        OperationKind.AGREEMENT_SIGN,
        OperationKind.COMPLAINT_RECORD,
        OperationKind.CORRECTION_PROPOSE,
    }
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of an operation, and the rules that it broke where that is the reason."""

    outcome: Outcome
    breaches: tuple[Finding, ...] = ()


def judge(
    conn: Connection,
    facts: BatchFacts,
    operation: Operation,
    officer_id: str,
    received_at: datetime,
    rulesets: Sequence[Ruleset],
) -> Judged:
    """What becomes of the operation as the store stands in this transaction."""
    arrival = _arrival(conn, facts, operation, officer_id, received_at, rulesets)
    judgement = decide(arrival)
    broke = (judgement.code or "").startswith("rule.")
    return Judged(outcome_of(judgement), tuple(arrival.breaches) if broke else ())


def outcome_of(judgement: Judgement) -> Outcome:
    """The judgement with its reason put into every language."""
    if judgement.code is None:
        return Outcome(judgement.kind)
    told = [_in_both(sentence) for sentence in judgement.message]
    message = {tag: " ".join(sentence.get(tag, "") for sentence in told) for tag in LANGUAGES}
    return Outcome(judgement.kind, Reason(judgement.code, message))


def _in_both(sentence: Words | Mapping[str, str]) -> Mapping[str, str]:
    return both(sentence) if isinstance(sentence, Words) else sentence


def _arrival(
    conn: Connection,
    facts: BatchFacts,
    operation: Operation,
    officer_id: str,
    received_at: datetime,
    rulesets: Sequence[Ruleset],
) -> Arrival:
    kind = kind_of(operation.kind)
    fault = _fault(kind, operation)
    case_id = operation.case_id or ""
    case = facts.cases.get(case_id)
    if kind is None or fault is not None:
        return Arrival(
            kind=kind,
            occurred_at=operation.occurred_at,
            received_at=received_at,
            payload_fault=fault,
            case=case,
        )
    before = facts.outcomes
    order = facts.log.order_around(operation, case) if case else BY_CLOCK
    agreement = _agreement(kind, operation)
    problems = _problems(agreement, case, facts.mandate)
    crew, there = _at_the_door(conn, kind, operation, officer_id)
    return Arrival(
        kind=kind,
        occurred_at=operation.occurred_at,
        received_at=received_at,
        case=case,
        bank_version=facts.bank_versions.get(case_id, 0),
        in_scope=facts.was_assigned(case_id, officer_id, operation.occurred_at),
        waiting_for=tuple(o for o in operation.depends_on if _is_undecided(before.get(o))),
        refused_before=tuple(
            o for o in operation.depends_on if before.get(o) is OutcomeKind.REJECTED
        ),
        missing_files=facts.missing_of(operation),
        breaches=breaches_of(conn, kind, operation, case, order, rulesets, there),
        crew=crew,
        sender=officer_id,
        colleagues=facts.colleagues(conn, officer_id) if crew else frozenset(),
        unproved=tuple(sorted(set(crew) - set(there))),
        key_of=operation.payload["officer_id"] if kind is OperationKind.CHECK_IN_KEY else "",
        agreement=agreement,
        doubts=tuple(p.message for p in problems if not p.beyond),
        seal_doubts=_seal_doubts(agreement, facts),
        beyond=tuple(p.message for p in problems if p.beyond),
        promise_doubt=_promise_doubt(kind, operation),
    )


def _at_the_door(
    conn: Connection, kind: OperationKind, operation: Operation, officer_id: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who was there as the record of a start says, and who of them counts as checked in."""
    if kind is not OperationKind.VISIT_START:
        return (), ()
    return tuple(operation.payload["officers"]), proved(conn, operation, officer_id)


def _is_undecided(outcome: OutcomeKind | None) -> bool:
    return outcome not in {OutcomeKind.ACCEPTED, OutcomeKind.REJECTED}


def _fault(kind: OperationKind | None, operation: Operation) -> str | None:
    if kind is None:
        return None
    fault = payload_fault(kind, operation.payload)
    if fault is None and kind in _NAMES_CASE:
        return None if operation.payload["case_id"] == operation.case_id else "case_id"
    return fault


def _agreement(kind: OperationKind, operation: Operation) -> Agreement | None:
    if kind is not OperationKind.AGREEMENT_SIGN:
        return None
    return from_builtins(operation.payload, Agreement)


def _seal_doubts(agreement: Agreement | None, facts: BatchFacts) -> tuple[Words, ...]:
    """A document that claims a seal must have one that holds; an older device makes none."""
    faults = facts.seal_faults.get(agreement.document_sha256) if agreement else None
    if agreement is None or faults is None or not agreement.certificate:
        return ()
    told = [FAULTS[SealFault(fault)] for fault in faults.split(",")]
    return (words("The document's seal does not hold."), *told)


def _problems(
    agreement: Agreement | None, case: Case | None, mandate: Mandate
) -> tuple[TermsProblem, ...]:
    """What the agreement's own numbers say; none may add interest while a moratorium runs."""
    if agreement is None:
        return ()
    still = case is not None and is_frozen(case, agreement.signature.signed_at)
    return recomputed(agreement, frozen(mandate) if still else mandate)


def _promise_doubt(kind: OperationKind, operation: Operation) -> Words | None:
    promise = operation.payload["promise"] if kind is OperationKind.VISIT_FINISH else None
    if promise is None:
        return None
    return doubtful_day(date.fromisoformat(promise["date"]), operation.occurred_at)
