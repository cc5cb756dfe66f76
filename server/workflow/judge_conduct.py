"""Asks the rules about an operation as of its own time: the third time, after the plan and the door."""

from collections.abc import Sequence

from sqlalchemy import Connection

from fieldsync.conduct.as_of import LogOrder, as_of
from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.evaluate import evaluate
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.conduct.visit_findings import met_third_party, missing_at_the_door, told_to_others
from fieldsync.domain.case import Case
from fieldsync.domain.verdict import Effect, Finding, Strength
from fieldsync.domain.visit import OutcomeCode
from fieldsync.errors import InputError
from fieldsync.locale import both
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from fieldsync.words import words
from server.store.operations import notes_of_visit
from server.store.visits import address_of_visit

# Notes, disclosures and agreements break no rule by being recorded.
JUDGED = frozenset({OperationKind.VISIT_START, OperationKind.VISIT_FINISH})


def breaches_of(
    conn: Connection,
    kind: OperationKind,
    operation: Operation,
    case: Case | None,
    order: LogOrder,
    rulesets: Sequence[Ruleset],
) -> tuple[Finding, ...]:
    """The rules that a visit's start or end broke, with the case as it stood at that time.

    What was told and agreed once the door was open is a fact, and listening is never refused.
    """
    if case is None or kind not in JUDGED:
        return ()
    then = as_of(case, operation.occurred_at, order)
    try:
        if kind is OperationKind.VISIT_START:
            return _at_the_start(operation, then, rulesets)
        if kind is OperationKind.VISIT_FINISH:
            return _at_the_end(conn, operation, then, rulesets)
    except InputError as error:
        return (_unjudged(error),)
    return ()


def _at_the_start(
    operation: Operation, case: Case, rulesets: Sequence[Ruleset]
) -> tuple[Finding, ...]:
    address = case.address(str(operation.payload["address_id"]))
    facts = facts_of(case, address, operation.occurred_at, operation.payload["officers"])
    return evaluate(facts, rulesets).refusals


def _at_the_end(
    conn: Connection, operation: Operation, case: Case, rulesets: Sequence[Ruleset]
) -> tuple[Finding, ...]:
    """What the device warned of: no identity shown, words about the debt where others were met."""
    visit_id, at = str(operation.payload["visit_id"]), operation.occurred_at
    outcome = OutcomeCode(operation.payload["outcome"])
    address = case.address(address_of_visit(conn, visit_id) or "")
    shown = operation.payload["identity_shown"]
    found = missing_at_the_door(case, address, at, outcome, rulesets, identity_shown=shown)
    if met_third_party(outcome):
        notes = notes_of_visit(conn, operation.device_id, case.case_id, visit_id)
        found += told_to_others(case, address, at, notes, rulesets)
    return found


def _unjudged(error: InputError) -> Finding:
    """The rules could not be asked, so a person is."""
    told = words("The rules could not be applied: {reason}", reason=error.message)
    return Finding("UNJUDGED", Effect.HOLD, Strength.HOUSE, "", both(told))
