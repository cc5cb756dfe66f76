"""Plans a branch's day: who may be visited, in what order, by which pair; keeps the plan with its facts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from fieldsync import __version__
from fieldsync.adapters.solver_choice import best_solver
from fieldsync.domain.itinerary import Itinerary
from fieldsync.domain.officer import Pair
from fieldsync.errors import InputError, NotFoundError
from fieldsync.locale import both
from fieldsync.planner.plan import Plan, make_plan
from fieldsync.planner.problem import Budget, Progress
from fieldsync.words import words
from server.context import ServerContext
from server.store.audit import record
from server.store.engine import reading, writing
from server.store.familiar import last_met
from server.store.pairs import known_branches, load_pairs
from server.store.plans import (
    DayPlan,
    LeftOutCase,
    NotEligible,
    NoticeNeeded,
    PlanFacts,
    StoredPlan,
    save_plan,
)
from server.store.retrying import retried
from server.workflow.assess_eligibility import Assessed, assess_branch, assessments_of
from server.workflow.day_problem import (
    DayProblem,
    build_problem,
    matrix_hash,
    problem_hash,
    shift_of,
)
from server.workflow.draft_itineraries import draft_itineraries
from server.workflow.travel_times import travel_times
from server.workflow.visit_candidates import (
    Candidates,
    Known,
    visit_candidates,
    with_languages,
)
from server.workflow.what_if import AS_IT_IS, WhatIf

# A branch of 20 pairs has settled by then; the seconds only catch a machine that is far slower.
DEFAULT_BUDGET = Budget(seed=1, iterations=4000, seconds=60.0)

# A face is remembered for so long.
_FAMILIAR = timedelta(days=60)

# One branch at a time is planned on two cores; what they find does not depend on it.
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """A branch's day to plan: how hard to search, what to suppose, and as of when."""

    branch: str
    day: date
    budget: Budget = DEFAULT_BUDGET
    what_if: WhatIf = AS_IT_IS
    progress: Progress | None = None
    workers: int = WORKERS


def plan_visits(
    ctx: ServerContext,
    branch: str,
    day: date,
    *,
    budget: Budget = DEFAULT_BUDGET,
    progress: Progress | None = None,
) -> StoredPlan:
    """Plan the day and store the plan; raises what `draft_plan` raises."""
    return keep_plan(ctx, Asked(branch, day, budget, progress=progress))


def keep_plan(ctx: ServerContext, asked: Asked) -> StoredPlan:
    """Plan and store the plan; the answers on eligibility are stored even if that fails."""
    now = ctx.clock.now()
    plan, facts = _planned(ctx, asked, now, *_kept_verdicts(ctx, asked, now))
    return _store(ctx, plan, facts, now)


def draft_plan(ctx: ServerContext, asked: Asked, now: datetime) -> tuple[DayPlan, PlanFacts]:
    """Plan the day as of `now` from the book as it is, and store nothing.

    Raises:
        NotFoundError: 404.31 for a branch nobody knows, 404.571 for an officer to do without.
        InputError: 422.31 no pairs, 422.32 no cases, 422.33 no eligible case, 422.34 a past day,
            422.35 every shift of the day is over, 422.581 nobody left.
    """
    with reading(ctx.engine) as conn:
        pairs = _pairs_on_duty(conn, asked, now)
        assessed = assessments_of(conn, asked.branch, asked.day, ctx.rulesets, now)
    return _planned(ctx, asked, now, pairs, assessed)


def _planned(
    ctx: ServerContext,
    asked: Asked,
    now: datetime,
    pairs: Sequence[Pair],
    assessed: Sequence[Assessed],
) -> tuple[DayPlan, PlanFacts]:
    rulesets, settings = ctx.rulesets, ctx.config.planning
    with reading(ctx.engine) as conn:
        met = last_met(conn, asked.branch, now - _FAMILIAR)
    known = Known(asked.day, rulesets, pairs, settings, met)
    candidates = _checked_candidates(asked.branch, assessed, known)
    ready = with_languages(candidates.ready, assessed, pairs)
    built = build_problem(pairs, ready, asked.day, now, travel_times(ctx), settings)
    begun = _seconds(ctx)
    budget = replace(asked.budget, watch=lambda: _seconds(ctx))
    plan = make_plan(built.problem, best_solver(asked.progress, workers=asked.workers), budget)
    taken_s = _seconds(ctx) - begun
    note = next((matrix.note for matrix in built.matrices if matrix.note), None)
    facts = PlanFacts(
        seed=asked.budget.seed,
        iterations=plan.iterations,
        solver=plan.solver,
        travel_source=built.matrices[0].source,
        matrix_sha256=matrix_hash(built.matrices),
        fieldsync_version=__version__,
        packs={pack.name: pack.version for pack in rulesets},
        asked_iterations=asked.budget.iterations,
        by_steps=not asked.budget.stop() and taken_s < asked.budget.seconds,
        problem_sha256=problem_hash(built),
        travel_note=both(note) if note else {},
        as_of=now,
    )
    drafts = draft_itineraries(built, plan, settings)
    return _day_plan(asked, built, plan, drafts, candidates, assessed), facts


def _seconds(ctx: ServerContext) -> float:
    return ctx.clock.monotonic_ms() / 1000


@retried
def _kept_verdicts(
    ctx: ServerContext, asked: Asked, now: datetime
) -> tuple[list[Pair], list[Assessed]]:
    with writing(ctx.engine) as conn:
        pairs = _pairs_on_duty(conn, asked, now)
        return pairs, assess_branch(conn, asked.branch, asked.day, ctx.rulesets, now)


def _pairs_on_duty(conn: Connection, asked: Asked, now: datetime) -> list[Pair]:
    branch, day = asked.branch, asked.day
    branches = known_branches(conn)
    if branch not in branches:
        raise NotFoundError(
            "404.31",
            words("Branch {branch} is unknown.", branch=branch),
            words("Known branches: {branches}.", branches=", ".join(branches) or "-"),
        )
    pairs = asked.what_if.applied(load_pairs(conn, branch))
    if not pairs:
        raise InputError(
            "422.31",
            words("Branch {branch} has no pairs of officers.", branch=branch),
            words("Import them with `fieldsync-server import-staff`."),
        )
    today = now.astimezone(ZoneInfo(pairs[0].zone)).date()
    if day < today:
        raise InputError(
            "422.34",
            words("{day} is past; today is {today}.", day=day.isoformat(), today=today.isoformat()),
            words("Choose today or a later day."),
        )
    if all(shift_of(pair, day).end <= now for pair in pairs):
        raise InputError(
            "422.35",
            words("Every shift of {day} is over.", day=day.isoformat()),
            words("Plan the next day."),
        )
    return pairs


def _checked_candidates(branch: str, assessed: Sequence[Assessed], known: Known) -> Candidates:
    if not assessed:
        raise InputError(
            "422.32",
            words("Branch {branch} has no cases.", branch=branch),
            words("Import them with `fieldsync-server import-cases`."),
        )
    candidates = visit_candidates(assessed, known)
    if not candidates.ready:
        raise InputError(
            "422.33",
            words(
                "None of the {count} cases of {branch} may be visited on {day}.",
                count=len(assessed),
                branch=branch,
                day=known.day.isoformat(),
            ),
            words("`fieldsync-server show case ID` says why for each."),
        )
    return candidates


def _day_plan(
    asked: Asked,
    built: DayProblem,
    plan: Plan,
    drafts: tuple[Itinerary, ...],
    candidates: Candidates,
    assessed: Sequence[Assessed],
) -> DayPlan:
    unplanned = [
        LeftOutCase(
            built.candidates[out.client].case_id,
            out.reason.value,
            both(out.sentence),
            built.candidates[out.client].is_appointment,
        )
        for out in plan.left_out
    ]
    appointments = {c.case_id for c in candidates.ready if c.is_appointment}
    appointments |= {out.case_id for out in candidates.left_out if out.is_appointment}
    return DayPlan(
        branch=asked.branch,
        day=asked.day,
        itineraries=drafts,
        left_out=(*candidates.left_out, *unplanned),
        not_eligible=_not_eligible(assessed),
        eligible=sum(one.eligibility.eligible for one in assessed),
        appointments=len(appointments),
        notices_needed=_notices_needed(drafts, assessed),
    )


def _notices_needed(
    drafts: Sequence[Itinerary], assessed: Sequence[Assessed]
) -> tuple[NoticeNeeded, ...]:
    """The stops of borrowers who must be told first, in the order in which that is due."""
    hours = {one.case.case_id: one.notice_h for one in assessed if one.notice_h}
    needed = (
        NoticeNeeded(stop.case_id, stop.start - timedelta(hours=hours[stop.case_id]))
        for draft in drafts
        for stop in draft.stops
        if stop.case_id in hours
    )
    return tuple(sorted(needed, key=lambda one: (one.by, one.case_id)))


def _not_eligible(assessed: Sequence[Assessed]) -> tuple[NotEligible, ...]:
    """The first reason of each ineligible case, counted; the most frequent first."""
    firsts = [
        one.eligibility.reasons[0]
        for one in assessed
        if not one.eligibility.eligible and one.eligibility.reasons
    ]
    messages = {finding.rule: finding.message for finding in reversed(firsts)}
    counted = Counter(finding.rule for finding in firsts)
    return tuple(NotEligible(rule, messages[rule], n) for rule, n in counted.most_common())


@retried
def _store(ctx: ServerContext, plan: DayPlan, facts: PlanFacts, now: datetime) -> StoredPlan:
    plan_id = ctx.new_id()
    stops = sum(len(itinerary.stops) for itinerary in plan.itineraries)
    with writing(ctx.engine) as conn:
        save_plan(conn, plan_id, plan, facts, now)
        record(
            conn,
            at=now,
            actor="office",
            action="plan",
            subject=plan_id,
            detail={"branch": plan.branch, "day": plan.day.isoformat(), "stops": stops},
        )
    return StoredPlan(plan_id, now, None, facts, plan)
