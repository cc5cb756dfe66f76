"""Asks the rules about an operation as of its own time: the third time, after the plan and the door."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.evaluate import evaluate
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.case import AgreementState, Case, HoldKind
from fieldsync.domain.verdict import Effect, Finding, Strength, Verdict
from fieldsync.errors import InputError
from fieldsync.locale import both
from fieldsync.sync.kinds import OperationKind
from fieldsync.sync.operation import Operation
from fieldsync.words import words


def verdict_on(
    kind: OperationKind, operation: Operation, case: Case | None, rulesets: Sequence[Ruleset]
) -> Verdict:
    """What the rules say of a visit's start, with the case as it stood at that time.

    Only a start is judged: what was said and agreed once the door was open is a fact, and listening
    is never refused.
    """
    if kind is not OperationKind.VISIT_START or case is None:
        return Verdict()
    at = operation.occurred_at
    then = as_of(case, at)
    address = then.address(str(operation.payload["address_id"]))
    try:
        return evaluate(facts_of(then, address, at, operation.payload["officers"]), rulesets)
    except InputError as error:
        return Verdict((_unjudged(error),))


def as_of(case: Case, instant: datetime) -> Case:
    """The case without the holds, and the agreement behind one, that came after the instant."""
    later = {hold.kind for hold in case.holds if hold.since > instant}
    if not later:
        return case
    holds = tuple(hold for hold in case.holds if hold.since <= instant)
    state = AgreementState.NONE if HoldKind.AGREEMENT in later else case.agreement_state
    return dataclasses.replace(case, holds=holds, agreement_state=state)


def _unjudged(error: InputError) -> Finding:
    """The rules could not be asked, so a person is."""
    told = words("The rules could not be applied: {reason}", reason=error.message)
    return Finding("UNJUDGED", Effect.HOLD, Strength.HOUSE, "", both(told))
