"""Explains a kept plan: why a case is on it or not, and whether the same search finds it again."""

from dataclasses import dataclass, replace
from enum import StrEnum

from fieldsync import __version__
from fieldsync.domain.itinerary import Stop
from fieldsync.domain.verdict import Finding
from fieldsync.errors import NotFoundError
from fieldsync.planner.problem import Progress
from fieldsync.words import words
from server.context import ServerContext
from server.store.assessed import answer_for
from server.store.engine import reading
from server.store.plans import DayPlan, LeftOutCase, PlanFacts, StoredPlan
from server.workflow.plan_visits import DEFAULT_BUDGET, Asked, draft_plan

# Long enough that the steps end the search, not the clock.
_AN_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class CaseInPlan:
    """Where a case stands in a plan: a stop of a pair, a spare of pairs, left out, or not to be visited."""

    case_id: str
    pair_id: str = ""
    number: int = 0
    stop: Stop | None = None
    spare_of: tuple[str, ...] = ()
    left_out: LeftOutCase | None = None
    refused: tuple[Finding, ...] = ()


def case_in_plan(ctx: ServerContext, plan: DayPlan, case_id: str) -> CaseInPlan:
    """What the plan did with a case; NotFoundError 404.572 where it never met it."""
    found = _on_the_road(plan, case_id)
    if found is not None:
        return found
    spare_of = tuple(
        one.pair_id for one in plan.itineraries if case_id in {c.case_id for c in one.candidates}
    )
    left_out = next((out for out in plan.left_out if out.case_id == case_id), None)
    if left_out is not None:
        return CaseInPlan(case_id, spare_of=spare_of, left_out=left_out)
    with reading(ctx.engine) as conn:
        answer = answer_for(conn, case_id, plan.day)
    if answer is None or answer.eligible:
        raise NotFoundError(
            "404.572",
            words("The plan knows no case {case_id}.", case_id=case_id),
            words("Is it a case of another branch, or imported since? Plan the day again."),
        )
    return CaseInPlan(case_id, refused=answer.reasons)


def _on_the_road(plan: DayPlan, case_id: str) -> CaseInPlan | None:
    for one in plan.itineraries:
        for number, stop in enumerate(one.stops, 1):
            if stop.case_id == case_id:
                return CaseInPlan(case_id, one.pair_id, number, stop)
    return None


class Again(StrEnum):
    """What came of searching once more."""

    SAME = "same"
    OTHER_FACTS = "other_facts"
    OTHER_PROGRAM = "other_program"
    ENDED_EARLY = "ended_early"
    OTHER_ROUTES = "other_routes"


def plan_again(ctx: ServerContext, stored: StoredPlan, progress: Progress | None) -> Again:
    """Search once more as of the instant the plan was made, with its seed and steps; keeps nothing.

    Only a search that its steps ended, over the same facts and with the same program, gives the
    same routes; the first of these that does not hold is told.
    """
    facts = stored.facts
    if not facts.by_steps:
        return Again.ENDED_EARLY
    budget = replace(
        DEFAULT_BUDGET, seed=facts.seed, iterations=facts.asked_iterations, seconds=_AN_HOUR_S
    )
    asked = Asked(stored.plan.branch, stored.plan.day, budget, progress=progress)
    plan, found = draft_plan(ctx, asked, facts.as_of or stored.at)
    if (found.solver, __version__) != (facts.solver, facts.fieldsync_version):
        return Again.OTHER_PROGRAM
    if _inputs(found) != _inputs(facts):
        return Again.OTHER_FACTS
    return Again.SAME if _routes(plan) == _routes(stored.plan) else Again.OTHER_ROUTES


def _inputs(facts: PlanFacts) -> tuple[str, str]:
    return facts.matrix_sha256, facts.problem_sha256


def _routes(plan: DayPlan) -> dict[str, tuple[str, ...]]:
    return {one.pair_id: tuple(stop.case_id for stop in one.stops) for one in plan.itineraries}
