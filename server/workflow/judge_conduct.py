"""Asks the rules about an operation as of its own time: the third time, after the plan and the door."""

import dataclasses
from collections.abc import Sequence

from sqlalchemy import Connection

from fieldsync.conduct.as_of import LogOrder, as_of
from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.evaluate import evaluate
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.conduct.visit_findings import (
    met_third_party,
    missing_at_the_door,
    overran,
    told_to_others,
)
from fieldsync.domain.case import Case, Flag
from fieldsync.domain.verdict import Effect, Finding, Strength
from fieldsync.domain.visit import OutcomeCode
from fieldsync.errors import InputError
from fieldsync.locale import both
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from fieldsync.words import words
from server.store.cases import load_bank_parts
from server.store.complaints import was_grieved
from server.store.operations import notes_of_visit
from server.store.visits import visit_of
from server.workflow.judge_visit_step import place_breaches, step_breaches

# Judged with the case as it stood then, which asks for the order of the log.
JUDGED = frozenset({OperationKind.VISIT_START, OperationKind.VISIT_FINISH})
# Notes, disclosures and agreements break no rule by being recorded.
_ASKED_ABOUT = JUDGED | {OperationKind.VISIT_STEP, OperationKind.VISIT_EVIDENCE}


def breaches_of(
    conn: Connection,
    kind: OperationKind,
    operation: Operation,
    case: Case | None,
    order: LogOrder,
    rulesets: Sequence[Ruleset],
    there: tuple[str, ...] = (),
) -> tuple[Finding, ...]:
    """The rules that a visit's start, step, evidence or end broke, with the case as it stood then.

    `there` are the officers who count as checked in at a start. What was told and agreed once the door was open is a fact, and listening is never refused.
    """
    if case is None or kind not in _ASKED_ABOUT:
        return ()
    then = _without_later_complaints(conn, as_of(case, operation.occurred_at, order), operation)
    try:
        if kind is OperationKind.VISIT_START:
            return _at_the_start(operation, then, rulesets, there)
        if kind is OperationKind.VISIT_FINISH:
            return _at_the_end(conn, operation, then, rulesets)
        if kind is OperationKind.VISIT_STEP:
            return step_breaches(conn, operation, then, rulesets)
        return place_breaches(operation, then, rulesets)
    except InputError as error:
        return (_unjudged(error),)


def _without_later_complaints(conn: Connection, case: Case, operation: Operation) -> Case:
    """What was complained of afterwards does not make the visit before it wrong."""
    if Flag.GRIEVANCE_OPEN not in case.flags:
        return case
    place = operation.device_id, operation.seq
    if was_grieved(conn, case.case_id, operation.occurred_at, place):
        return case
    told_by_bank = load_bank_parts(conn, [case.case_id])[case.case_id].flags
    return dataclasses.replace(case, flags=case.flags - ({Flag.GRIEVANCE_OPEN} - told_by_bank))


def _at_the_start(
    operation: Operation, case: Case, rulesets: Sequence[Ruleset], there: tuple[str, ...]
) -> tuple[Finding, ...]:
    address = case.address(str(operation.payload["address_id"]))
    facts = facts_of(case, address, operation.occurred_at, there)
    return evaluate(facts, rulesets).refusals


def _at_the_end(
    conn: Connection, operation: Operation, case: Case, rulesets: Sequence[Ruleset]
) -> tuple[Finding, ...]:
    """What the device warned of: the limit passed, no identity shown, words where others were met."""
    visit_id, at = str(operation.payload["visit_id"]), operation.occurred_at
    outcome = OutcomeCode(operation.payload["outcome"])
    visit = visit_of(conn, visit_id)
    address = case.address(visit.address_id) if visit else None
    shown = operation.payload["identity_shown"] or (visit is not None and visit.identity_shown)
    found = overran(case, address, visit.started_at, at, rulesets) if visit else ()
    found += missing_at_the_door(case, address, at, outcome, rulesets, identity_shown=shown)
    if met_third_party(outcome):
        notes = notes_of_visit(conn, operation.device_id, case.case_id, visit_id)
        found += told_to_others(case, address, at, notes, rulesets)
    return found


def _unjudged(error: InputError) -> Finding:
    """The rules could not be asked, so a person is."""
    told = words("The rules could not be applied: {reason}", reason=error.message)
    return Finding("UNJUDGED", Effect.HOLD, Strength.HOUSE, "", both(told))
