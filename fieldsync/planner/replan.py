"""Orders the rest of a pair's day anew, offline, from the candidates and travel the itinerary brought.

The server's itinerary is never changed: what comes back carries the same id and version, and the
device keeps both, beside its own count of re-plans.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from fieldsync.domain.itinerary import Candidate, Itinerary
from fieldsync.errors import InputError
from fieldsync.planner.day_clock import DayClock
from fieldsync.planner.new_appointments import with_appointments
from fieldsync.planner.plan import Plan, make_plan
from fieldsync.planner.present_order import no_worse
from fieldsync.planner.problem import Budget, Problem, RouteSolver, Vehicle
from fieldsync.planner.rest_of_day import END, FIRST_CANDIDATE, Rest, Situation, rest_of, split
from fieldsync.planner.standing_point import check_standing
from fieldsync.planner.stops import client_of, lunch_window, rush_of, stops_of
from fieldsync.words import Words, words

# Staying near the day as it was is worth a little: people may have been told.
_PLANNED_BONUS = 5
# Where two appointments exclude each other, the promise that was given first is kept.
_PROMISED_BONUS = 50
# On a device the whole command takes less than half a second, the program's start included.
BUDGET = Budget(iterations=1000, seconds=0.2)


@dataclass(frozen=True, slots=True)
class Replan:
    """The new day, finished stops first, and what became of each case that was still open.

    `dropped` were planned and are not any more, `missed` are new appointments that find no place,
    both with the reason; `added` were spares.
    """

    itinerary: Itinerary
    kept: tuple[str, ...]
    dropped: Mapping[str, Words]
    added: Mapping[str, Words]
    missed: Mapping[str, Words]


def replan(
    itinerary: Itinerary, situation: Situation, solver: RouteSolver, budget: Budget = BUDGET
) -> Replan:
    """The best rest of the day in this situation, never worth less than the present order's.

    Raises:
        InputError: 422.36 if the itinerary's travel times do not fit its candidates, 422.37 if
            the shift is over, 422.39 for a position that is far from every place of the day, 600.60
            for an appointment at a time that is not permitted.
        NotFoundError: 404.581 for an appointment with a case that is not part of the day.
    """
    check_matrices(itinerary)
    _check_shift(itinerary, max(situation.now, situation.free_from or situation.now))
    if situation.position is not None:
        check_standing(itinerary, situation.position)
    clock = DayClock(itinerary.shift.start)
    day = with_appointments(_reopened(itinerary, situation), situation.agreed, situation.now)
    rest = rest_of(day, situation, clock)
    problem = _problem(day, rest, clock, situation)
    plan = no_worse(problem, make_plan(problem, solver, budget), rest.present)
    return _compared(_itinerary(day, rest, plan, clock), rest, plan, situation)


def check_matrices(itinerary: Itinerary) -> None:
    """InputError 422.36 where the travel times do not fit the candidates."""
    size = len(itinerary.candidates) + FIRST_CANDIDATE
    known = {candidate.case_id for candidate in itinerary.candidates}
    for matrix in (itinerary.travel_s, itinerary.distance_m):
        square = len(matrix) == size and all(len(row) == size for row in matrix)
        if not square or any(stop.case_id not in known for stop in itinerary.stops):
            raise InputError(
                "422.36",
                words("The itinerary's travel times do not fit its candidates."),
                words("Run `fieldsync sync` to fetch the itinerary again."),
            )


def _check_shift(itinerary: Itinerary, free_from: datetime) -> None:
    if free_from >= itinerary.shift.end:
        raise InputError(
            "422.37",
            words("The shift ended at {time}.", time=itinerary.shift.end.strftime("%H:%M")),
            words("The office plans the open visits for another day."),
        )


def _reopened(day: Itinerary, situation: Situation) -> Itinerary:
    """The day with the spans in which the rules permit a second visit."""

    def spans(candidate: Candidate) -> Candidate:
        windows = situation.again.get(candidate.case_id)
        if windows is None:
            return candidate
        return replace(candidate, windows=windows, is_appointment=False)

    return replace(day, candidates=tuple(map(spans, day.candidates)))


def _problem(day: Itinerary, rest: Rest, clock: DayClock, situation: Situation) -> Problem:
    planned = {stop.case_id for stop in rest.open}
    promised = {stop.case_id for stop in rest.open if stop.is_appointment} - set(situation.agreed)
    pair = Vehicle(
        name=day.pair_id,
        start=rest.here,
        end=END,
        shift_start=rest.free_s,
        shift_end=clock.seconds(day.shift.end),
        max_stops=max(0, day.max_stops - len(rest.made)),
        lunch=rest.lunch,
        rush=rush_of(day.rush, clock),
    )
    clients = tuple(
        client_of(
            c,
            row,
            clock,
            _PLANNED_BONUS * (c.case_id in planned) + _PROMISED_BONUS * (c.case_id in promised),
        )
        for row, c in zip(rest.rows, rest.candidates, strict=True)
    )
    return Problem((pair,), clients, rest.travel_s)


def _itinerary(day: Itinerary, rest: Rest, plan: Plan, clock: DayClock) -> Itinerary:
    table = plan.timetables[0]
    rows = [rest.here, *(rest.rows[visit.client] for visit in table.visits)]
    legs_m = [rest.distance_m[a][b] for a, b in pairwise(rows)]
    chosen = [rest.candidates[visit.client] for visit in table.visits]
    back = table.back if chosen else rest.free_s + rest.travel_s[rest.here][END]
    return replace(
        day,
        stops=(*rest.made, *stops_of(table, chosen, legs_m, clock)),
        return_at=clock.instant(back),
        lunch=rest.had or lunch_window(table, clock),
    )


def _compared(new: Itinerary, rest: Rest, plan: Plan, situation: Situation) -> Replan:
    before = [stop.case_id for stop in rest.open]
    after = [stop.case_id for stop in split(new.stops, situation.visited)[1]]
    # A blocking reason comes translated, as the rule or the disclosure gave it.
    reasons = {case: Words(reason) for case, reason in situation.blocked.items()}
    reasons |= {rest.candidates[out.client].case_id: out.sentence for out in plan.left_out}
    return Replan(
        itinerary=new,
        kept=tuple(case for case in after if case in before),
        dropped={case: reasons[case] for case in before if case not in after},
        added={case: words("There is time for it now.") for case in after if case not in before},
        missed={
            case: reasons.get(case, words("It was visited today already."))
            for case in situation.agreed
            if case not in after
        },
    )
