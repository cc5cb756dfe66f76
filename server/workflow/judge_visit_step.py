"""Asks the rules about what happened between check-in and exit: who was let in, what came after a stop."""

import dataclasses
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.evaluate import evaluate
from fieldsync.conduct.facts import Action, Facts, Situation
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.case import Case, Consent
from fieldsync.domain.verdict import Effect, Finding
from fieldsync.domain.visit import VisitStep
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from server.store.operations import told_of_visit
from server.store.visits import StoredVisit, visit_of


def step_breaches(
    conn: Connection, operation: Operation, case: Case, rulesets: Sequence[Ruleset]
) -> tuple[Finding, ...]:
    """What a step broke: entering without consent, or any step after the visit was broken off.

    Of a visit that no accepted record began there is nothing to say yet.
    """
    visit = visit_of(conn, str(operation.payload["visit_id"]))
    if visit is None:
        return ()
    step = VisitStep(operation.payload["step"])
    if step is VisitStep.ENTERED:
        facts = _facts(operation, case, visit, Action.VISIT_ENTER)
        consents = (*case.consents, *_agreed(conn, operation, visit))
        return evaluate(dataclasses.replace(facts, consents=consents), rulesets).refusals
    if visit.stop_cause is None:
        return ()
    facts = _facts(operation, case, visit, Action.VISIT_CONTINUE)
    findings = evaluate(facts, rulesets).findings
    return tuple(finding for finding in findings if finding.effect is Effect.END)


def place_breaches(
    operation: Operation, case: Case, rulesets: Sequence[Ruleset]
) -> tuple[Finding, ...]:
    """What evidence broke: its place takes consent (CN-SENSITIVE); the files are judged by a person."""
    place = operation.payload["place"]
    if place is None or place["consent_at"] is not None:
        return ()
    facts = facts_of(case, None, operation.occurred_at, action=Action.SENSITIVE_RECORD)
    return evaluate(dataclasses.replace(facts, consents=()), rulesets).refusals


def _facts(operation: Operation, case: Case, visit: StoredVisit, action: Action) -> Facts:
    facts = facts_of(
        case,
        case.address(visit.address_id),
        operation.occurred_at,
        visit.officers,
        action=action,
        identity_shown=visit.identity_shown,
    )
    stopped = {Situation(visit.stop_cause.value)} if visit.stop_cause else set()
    return dataclasses.replace(facts, situations=frozenset(stopped))


def _agreed(conn: Connection, operation: Operation, visit: StoredVisit) -> Iterable[Consent]:
    """The consent to come in that this visit's own steps tell of before this one."""
    steps = told_of_visit(
        conn, OperationKind.VISIT_STEP, operation.device_id, visit.case_id, visit.visit_id
    )
    for told in steps:
        if told.payload.get("step") == VisitStep.ENTRY_AGREED and told.seq < operation.seq:
            yield Consent("enter", min(told.occurred_at, operation.occurred_at))
