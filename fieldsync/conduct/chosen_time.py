"""Whether a visit may be agreed for a time that a borrower chose, by the rules as they will stand then."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from fieldsync.conduct.case_facts import facts_of, place_of
from fieldsync.conduct.eligibility import A_PAIR, assess
from fieldsync.conduct.evaluate import windows
from fieldsync.conduct.local_time import day_bounds, local
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Appointment, Case
from fieldsync.domain.verdict import Finding

# A promise for the first second of the day: it is one of that day and opens no other hour of it.
_A_SECOND = timedelta(seconds=1)


def agreed_then(case: Case, agreed: Appointment) -> Case:
    """The case with the time agreed; a hold may be over by then and is left out."""
    return replace(case, appointment=agreed, holds=())


def refusals_of(
    case: Case, agreed: Appointment, rulesets: Sequence[Ruleset]
) -> tuple[Finding, ...] | None:
    """None where a visit may begin in the time agreed; else what the rules say at its beginning."""
    zone = place_of(case.address(agreed.address_id)).zone
    day = local(agreed.window.start, zone).date()
    answer = assess(agreed_then(case, agreed), day, rulesets)
    return None if answer.eligible else answer.reasons


def in_usual_hours(case: Case, agreed: Appointment, rulesets: Sequence[Ruleset]) -> bool:
    """Whether the whole time lies in hours that need no consent.

    A rule on hours lets through what the borrower asked for; a typing error for a time of day must not
    ask for it in the borrower's name.
    """
    address = case.address(agreed.address_id)
    zone = place_of(address).zone
    day = local(agreed.window.start, zone).date()
    dawn, _end = day_bounds(day, zone)
    some_time = replace(agreed, window=Window(dawn, dawn + _A_SECOND))
    facts = facts_of(agreed_then(case, some_time), address, dawn, A_PAIR)
    start, end = agreed.window.start, agreed.window.end
    return any(w.start <= start and end <= w.end for w in windows(facts, rulesets, day))
