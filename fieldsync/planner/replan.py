"""Orders the rest of a pair's day anew, offline, from the candidates and travel the itinerary brought.

The server's itinerary is never changed: what comes back carries the same id and version, and the
device keeps both, beside its own count of re-plans.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from fieldsync.domain.itinerary import Candidate, Itinerary
from fieldsync.domain.place import Point
from fieldsync.errors import InputError
from fieldsync.planner.day_clock import DayClock
from fieldsync.planner.plan import Plan, make_plan
from fieldsync.planner.present_order import no_worse
from fieldsync.planner.problem import Budget, Lunch, Problem, RouteSolver, Vehicle
from fieldsync.planner.standing_point import check_standing
from fieldsync.planner.stops import client_of, lunch_of, lunch_window, rush_of, stops_of
from fieldsync.planner.travel import estimated_leg
from fieldsync.words import Words, words

# Staying near the day as it was is worth a little: people may have been told.
_PLANNED_BONUS = 5
_BUDGET = Budget(iterations=250, seconds=1.0)
# Matrix rows of an itinerary: the start, the end, then the candidates.
_START, _END, _FIRST_CANDIDATE = 0, 1, 2

_Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Replan:
    """The new day, finished stops first, and what became of each case that was still open.

    `dropped` were planned and are not any more, with the reason; `added` were spares.
    """

    itinerary: Itinerary
    kept: tuple[str, ...]
    dropped: Mapping[str, Words]
    added: Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is left of the day: open candidates with their rows, the matrices, where and when we are."""

    rows: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    travel_s: _Matrix
    distance_m: _Matrix
    here: int
    now_s: int


def replan(
    itinerary: Itinerary,
    *,
    now: datetime,
    position: Point | None,
    finished: frozenset[str],
    blocked: Mapping[str, str],
    solver: RouteSolver,
) -> Replan:
    """The best rest of the day from here and now.

    `finished` are the cases visited already; `blocked` maps cases that may not be visited any more
    to the reason in the officer's language; `position` defaults to the last finished stop, or the
    start of the day.

    Raises:
        InputError: 422.36 if the itinerary's travel times do not fit its candidates, 422.37 if
            the shift is over, 422.39 for a position that is far from every place of the day.
    """
    _check(itinerary, now)
    if position is not None:
        check_standing(itinerary, position)
    clock = DayClock(itinerary.shift.start)
    rest = _rest(itinerary, clock.seconds(now), position, finished | set(blocked), finished)
    problem = _problem(itinerary, rest, clock, finished)
    plan = no_worse(problem, make_plan(problem, solver, _BUDGET), _present(itinerary, rest))
    new = _itinerary(itinerary, rest, plan, clock, finished)
    return _compared(itinerary, new, rest, plan, finished, blocked)


def _check(itinerary: Itinerary, now: datetime) -> None:
    size = len(itinerary.candidates) + _FIRST_CANDIDATE
    known = {candidate.case_id for candidate in itinerary.candidates}
    for matrix in (itinerary.travel_s, itinerary.distance_m):
        square = len(matrix) == size and all(len(row) == size for row in matrix)
        if not square or any(stop.case_id not in known for stop in itinerary.stops):
            raise InputError(
                "422.36",
                words("The itinerary's travel times do not fit its candidates."),
                words("Run `fieldsync sync` to fetch the itinerary again."),
            )
    if now >= itinerary.shift.end:
        raise InputError(
            "422.37",
            words("The shift ended at {time}.", time=itinerary.shift.end.strftime("%H:%M")),
            words("The office plans the open visits for another day."),
        )


def _rest(
    itinerary: Itinerary,
    now_s: int,
    position: Point | None,
    closed: frozenset[str],
    finished: frozenset[str],
) -> _Rest:
    open_rows = [
        (row, candidate)
        for row, candidate in enumerate(itinerary.candidates, _FIRST_CANDIDATE)
        if candidate.case_id not in closed
    ]
    travel_s, distance_m, here = itinerary.travel_s, itinerary.distance_m, _START
    if position is not None:
        travel_s, distance_m, here = _from_position(itinerary, position)
    else:
        row_of = {c.case_id: r for r, c in enumerate(itinerary.candidates, _FIRST_CANDIDATE)}
        made = [s.case_id for s in itinerary.stops if s.case_id in finished]
        here = row_of.get(made[-1], _START) if made else _START
    rows, candidates = tuple(r for r, _ in open_rows), tuple(c for _, c in open_rows)
    return _Rest(rows, candidates, travel_s, distance_m, here, max(0, now_s))


def _from_position(itinerary: Itinerary, position: Point) -> tuple[_Matrix, _Matrix, int]:
    """The matrices with one more row and column for where the pair stands, estimated."""
    places = [itinerary.start, itinerary.end, *(c.point for c in itinerary.candidates)]
    legs = [estimated_leg(position, place) for place in places]
    seconds, metres = [leg[0] for leg in legs], [leg[1] for leg in legs]
    return (
        _grown(itinerary.travel_s, seconds),
        _grown(itinerary.distance_m, metres),
        len(places),
    )


def _grown(matrix: _Matrix, leg: Sequence[int]) -> _Matrix:
    rows = tuple((*row, there) for row, there in zip(matrix, leg, strict=True))
    return (*rows, (*leg, 0))


def _problem(
    itinerary: Itinerary, rest: _Rest, clock: DayClock, finished: frozenset[str]
) -> Problem:
    planned = {stop.case_id for stop in itinerary.stops}
    pair = Vehicle(
        name=itinerary.pair_id,
        start=rest.here,
        end=_END,
        shift_start=rest.now_s,
        shift_end=clock.seconds(itinerary.shift.end),
        max_stops=max(0, itinerary.max_stops - len(finished)),
        lunch=_lunch(itinerary, rest, clock),
        rush=rush_of(itinerary.rush, clock),
    )
    clients = tuple(
        client_of(c, row, clock, _PLANNED_BONUS if c.case_id in planned else 0)
        for row, c in zip(rest.rows, rest.candidates, strict=True)
    )
    return Problem((pair,), clients, rest.travel_s)


def _lunch(itinerary: Itinerary, rest: _Rest, clock: DayClock) -> Lunch | None:
    """The break that is still to come: one that the day had before now is over."""
    if _is_over(itinerary, rest, clock):
        return None
    return lunch_of(itinerary.lunch_rule, clock)


def _is_over(itinerary: Itinerary, rest: _Rest, clock: DayClock) -> bool:
    return itinerary.lunch is not None and clock.seconds(itinerary.lunch.end) <= rest.now_s


def _present(itinerary: Itinerary, rest: _Rest) -> tuple[int, ...]:
    """The open stops as they stand, as client numbers in their order."""
    number_of = {candidate.case_id: number for number, candidate in enumerate(rest.candidates)}
    return tuple(number_of[s.case_id] for s in itinerary.stops if s.case_id in number_of)


def _itinerary(
    itinerary: Itinerary, rest: _Rest, plan: Plan, clock: DayClock, finished: frozenset[str]
) -> Itinerary:
    table = plan.timetables[0]
    rows = [rest.here, *(rest.rows[visit.client] for visit in table.visits)]
    legs_m = [rest.distance_m[a][b] for a, b in pairwise(rows)]
    chosen = [rest.candidates[visit.client] for visit in table.visits]
    done = tuple(stop for stop in itinerary.stops if stop.case_id in finished)
    back = table.back if chosen else rest.now_s + rest.travel_s[rest.here][_END]
    return replace(
        itinerary,
        stops=(*done, *stops_of(table, chosen, legs_m, clock)),
        return_at=clock.instant(back),
        lunch=itinerary.lunch if _is_over(itinerary, rest, clock) else lunch_window(table, clock),
    )


def _compared(
    old: Itinerary,
    new: Itinerary,
    rest: _Rest,
    plan: Plan,
    finished: frozenset[str],
    blocked: Mapping[str, str],
) -> Replan:
    before = [s.case_id for s in old.stops if s.case_id not in finished]
    after = [s.case_id for s in new.stops if s.case_id not in finished]
    # A blocking reason comes translated, as the rule or the disclosure gave it.
    reasons = {case: Words(reason) for case, reason in blocked.items()}
    reasons |= {rest.candidates[out.client].case_id: out.sentence for out in plan.left_out}
    return Replan(
        itinerary=new,
        kept=tuple(case for case in after if case in before),
        dropped={case: reasons[case] for case in before if case not in after},
        added={case: words("There is time for it now.") for case in after if case not in before},
    )
