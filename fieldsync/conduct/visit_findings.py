"""What the rules say once a visit is over: was the identity shown, and did words reach the wrong ears."""

from collections.abc import Sequence
from datetime import datetime

from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.evaluate import evaluate
from fieldsync.conduct.facts import Action
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.conduct.visit_outcomes import reached_by
from fieldsync.domain.case import Case, Reached
from fieldsync.domain.place import Address
from fieldsync.domain.verdict import Effect, Finding
from fieldsync.domain.visit import FACE_TO_FACE, OutcomeCode

_WORDS_RULE = "CN-THIRD-CONTENT"


def told_to_others(
    case: Case,
    address: Address | None,
    at: datetime,
    texts: Sequence[str],
    rulesets: Sequence[Ruleset],
) -> tuple[Finding, ...]:
    """What the rules say of words that reach somebody else than the borrower; none where there are none.

    InputError 422.50 for an address in an unknown zone.
    """
    if not texts:
        return ()
    facts = facts_of(
        case, address, at, action=Action.MESSAGE_SEND, words_for_others="\n".join(texts)
    )
    refusals = evaluate(facts, rulesets).refusals
    return tuple(finding for finding in refusals if finding.rule == _WORDS_RULE)


def missing_at_the_door(
    case: Case,
    address: Address | None,
    at: datetime,
    outcome: OutcomeCode,
    rulesets: Sequence[Ruleset],
    *,
    identity_shown: bool,
) -> tuple[Finding, ...]:
    """What had to be recorded of a visit in which somebody was met and was not (CN-ID)."""
    if outcome not in FACE_TO_FACE:
        return ()
    facts = facts_of(case, address, at, action=Action.VISIT_CONTINUE, identity_shown=identity_shown)
    findings = evaluate(facts, rulesets).findings
    return tuple(finding for finding in findings if finding.effect is Effect.REQUIRE)


def overran(
    case: Case,
    address: Address | None,
    started_at: datetime,
    ended_at: datetime,
    rulesets: Sequence[Ruleset],
) -> tuple[Finding, ...]:
    """The limits (CN-HOURS) that a visit ran into; one that stood at its start was judged there."""
    stood = {finding.rule for finding in _ending(case, address, started_at, rulesets)}
    found = _ending(case, address, ended_at, rulesets)
    return tuple(finding for finding in found if finding.rule not in stood)


def _ending(
    case: Case, address: Address | None, at: datetime, rulesets: Sequence[Ruleset]
) -> tuple[Finding, ...]:
    facts = facts_of(case, address, at, action=Action.VISIT_CONTINUE, identity_shown=True)
    findings = evaluate(facts, rulesets).findings
    return tuple(finding for finding in findings if finding.effect is Effect.END)


def met_third_party(outcome: OutcomeCode) -> bool:
    """Whether somebody else than the borrower was spoken to."""
    return reached_by(outcome) is Reached.THIRD_PARTY
