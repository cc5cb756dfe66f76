"""Drafts an itinerary for each pair of a plan: stops, spares and the travel times between them."""

from collections.abc import Sequence
from itertools import pairwise

from fieldsync.domain.itinerary import Itinerary
from fieldsync.planner.plan import Plan
from fieldsync.planner.spares import choose_spares
from fieldsync.planner.stops import lunch_window, stops_of
from server.planning_settings import PlanningSettings
from server.workflow.day_problem import DayProblem, lunch_rule, rush_hours


def draft_itineraries(
    day_problem: DayProblem, plan: Plan, settings: PlanningSettings
) -> tuple[Itinerary, ...]:
    """One draft a pair, without an id and in version 0; publishing gives it both."""
    spares = choose_spares(day_problem.problem, plan)
    return tuple(
        _draft(day_problem, plan, vehicle, spares[vehicle], settings)
        for vehicle in range(len(day_problem.pairs))
    )


def _draft(
    day_problem: DayProblem,
    plan: Plan,
    vehicle: int,
    spares: Sequence[int],
    settings: PlanningSettings,
) -> Itinerary:
    pair, table = day_problem.pairs[vehicle], plan.timetables[vehicle]
    matrix, clock = day_problem.matrix_of(vehicle), day_problem.clock(pair)
    visited = [visit.client for visit in table.visits]
    candidates = tuple(day_problem.candidates[c] for c in (*visited, *spares))
    rows = [day_problem.row_of[p] for p in (pair.start, pair.end, *(c.point for c in candidates))]
    on_the_way = [rows[0], *rows[2 : 2 + len(visited)]]
    legs_m = [matrix.metres[a][b] for a, b in pairwise(on_the_way)]
    return Itinerary(
        itinerary_id="",
        version=0,
        day=day_problem.origin.date(),
        branch=pair.branch,
        pair_id=pair.pair_id,
        officers=pair.officers,
        start=pair.start,
        end=pair.end,
        shift=day_problem.shifts[vehicle],
        max_stops=pair.max_stops,
        stops=stops_of(table, candidates[: len(visited)], legs_m, clock),
        return_at=clock.instant(table.back),
        candidates=candidates,
        travel_s=tuple(tuple(matrix.seconds[a][b] for b in rows) for a in rows),
        distance_m=tuple(tuple(matrix.metres[a][b] for b in rows) for a in rows),
        travel_source=matrix.source,
        zone=pair.zone,
        mode=pair.mode,
        lunch=lunch_window(table, clock),
        lunch_rule=lunch_rule(pair, day_problem.origin.date()),
        rush=rush_hours(pair, day_problem.origin.date(), settings),
    )
