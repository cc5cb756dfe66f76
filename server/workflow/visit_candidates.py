"""Turns assessed cases into candidates for the road, each with its start windows, priority and reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from fieldsync.conduct.allowances import allowances
from fieldsync.conduct.case_facts import facts_of
from fieldsync.conduct.ruleset import Ruleset
from fieldsync.domain.calendar import Window
from fieldsync.domain.case import Case
from fieldsync.domain.itinerary import Candidate
from fieldsync.domain.officer import Pair
from fieldsync.locale import both
from fieldsync.planner.day_clock import start_windows
from fieldsync.planner.prize import Priority, priority
from fieldsync.planner.stops import language_need
from fieldsync.words import Words, words
from server.store.plans import LeftOutCase
from server.workflow.assess_eligibility import Assessed

# To introduce oneself, show the identity, listen, and explain the choices.
SERVICE_S = 30 * 60


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who may be put on the road, and who may be visited by the rules but not planned today."""

    ready: tuple[Candidate, ...]
    left_out: tuple[LeftOutCase, ...]


def visit_candidates(
    assessed: Sequence[Assessed], day: date, rulesets: Sequence[Ruleset]
) -> Candidates:
    """The candidates among the eligible cases, in the order of the cases."""
    ready: list[Candidate] = []
    left_out: list[LeftOutCase] = []
    for one in assessed:
        if not one.eligibility.eligible:
            continue
        answer = _candidate(one, day, rulesets)
        if isinstance(answer, Candidate):
            ready.append(answer)
        else:
            left_out.append(answer)
    return Candidates(tuple(ready), tuple(left_out))


def with_languages(
    candidates: Sequence[Candidate], assessed: Sequence[Assessed], pairs: Sequence[Pair]
) -> tuple[Candidate, ...]:
    """The candidates with the borrower's language as a need, where the branch said who speaks what."""
    if not any(pair.languages for pair in pairs):
        return tuple(candidates)
    spoken = {one.case.case_id: language_need(one.case.borrower.language) for one in assessed}
    return tuple(replace(c, needs=(*c.needs, spoken[c.case_id])) for c in candidates)


def _candidate(one: Assessed, day: date, rulesets: Sequence[Ruleset]) -> Candidate | LeftOutCase:
    case = one.case
    address = case.address(one.eligibility.address_id or "")
    if address is None or address.point is None:
        return _left_out(case, "no_place", words("The address has no coordinates."))
    is_appointment = one.eligibility.is_appointment
    weight = priority(case, day, is_appointment=is_appointment)
    return Candidate(
        case_id=case.case_id,
        address_id=address.address_id,
        point=address.point,
        windows=_start_windows(one),
        service_s=SERVICE_S,
        priority=weight.points,
        is_appointment=is_appointment,
        why=_why(one.eligibility.why, weight),
        allowance=allowances(facts_of(case, address, one.eligibility.windows[0].start), rulesets),
    )


def _start_windows(one: Assessed) -> tuple[Window, ...]:
    """When the visit may start. The time agreed says when to arrive, the law when to be gone."""
    lawful = one.eligibility.windows
    agreed = one.case.appointment
    if not one.eligibility.is_appointment or agreed is None:
        return start_windows(lawful, SERVICE_S)
    as_agreed = tuple(w for w in lawful if w.end >= agreed.window.end)
    cut_by_law = tuple(w for w in lawful if w.end < agreed.window.end)
    return (*start_windows(cut_by_law, SERVICE_S), *as_agreed)


def _left_out(case: Case, reason: str, message: Words) -> LeftOutCase:
    return LeftOutCase(case.case_id, reason, both(message))


def _why(eligible: Mapping[str, str], weight: Priority) -> dict[str, str]:
    """Why the case is on the road, then its priority and what that is made of, in each language."""
    factors = [(both(factor.reason), f"{factor.points:+d}") for factor in weight.factors]
    between, after = {"en": ", ", "zh-CN": "、"}, {"en": " ", "zh-CN": ""}
    made_of = {
        tag: between[tag].join(f"{reason[tag]} {points}" for reason, points in factors)
        for tag in between
    }
    return {
        tag: eligible.get(tag, "") + after[tag] + sentence
        for tag in between
        for sentence in [
            both(
                words("Priority {points}: {reasons}.", points=weight.points, reasons=made_of[tag])
            )[tag]
        ]
    }
