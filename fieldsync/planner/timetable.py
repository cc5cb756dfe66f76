"""Walks a route with a watch: when each visit begins and ends, and what makes a route illegal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from fieldsync.planner.problem import Problem, Routes


class Fault(StrEnum):
    """Why a route cannot be walked."""

    TOO_LATE = "too_late"  # at some visit every window is over
    AFTER_SHIFT = "after_shift"  # the end is reached after the shift
    TOO_MANY = "too_many"  # more visits than the pair may make


@dataclass(frozen=True, slots=True)
class Timed:
    """One visit of a walked route, in seconds: the leg that leads here, then arrive, start, leave."""

    client: int
    travel: int
    arrive: int
    start: int
    leave: int


@dataclass(frozen=True, slots=True)
class Timetable:
    """A walked route; `fault` is None where it is legal, else the visits before the fault are timed."""

    vehicle: int
    visits: tuple[Timed, ...]
    depart: int
    back: int
    fault: Fault | None = None


def walk(problem: Problem, vehicle: int, route: Sequence[int]) -> Timetable:
    """The timetable of a route: every visit as early as it may be, the departure as late as it may.

    Starting each visit at its earliest is never worse later on (arriving earlier never makes one
    start later), so that a route faulted here cannot be walked in any other rhythm.
    """
    pair = problem.vehicles[vehicle]
    if len(route) > pair.max_stops:
        return Timetable(vehicle, (), pair.shift_start, pair.shift_start, Fault.TOO_MANY)
    visits: list[Timed] = []
    here, free_at = pair.start, pair.shift_start
    for number in route:
        client = problem.clients[number]
        travel = problem.travel[here][client.at]
        start = client.earliest_start(free_at + travel)
        if start is None:
            return Timetable(vehicle, tuple(visits), pair.shift_start, free_at, Fault.TOO_LATE)
        arrive = free_at + travel if visits else start
        free_at = start + client.service_s
        visits.append(Timed(number, travel, arrive, start, free_at))
        here = client.at
    back = free_at + (problem.travel[here][pair.end] if visits else 0)
    depart = visits[0].arrive - visits[0].travel if visits else pair.shift_start
    fault = Fault.AFTER_SHIFT if back > pair.shift_end else None
    return Timetable(vehicle, tuple(visits), depart, back, fault)


def walk_all(problem: Problem, routes: Routes) -> tuple[Timetable, ...]:
    """Every vehicle's timetable."""
    return tuple(walk(problem, number, route) for number, route in enumerate(routes))


def value(problem: Problem, routes: Routes) -> int:
    """What the routes are worth in seconds: prizes less driving; the more the better."""
    return sum(_route_value(problem, v, route) for v, route in enumerate(routes))


def _route_value(problem: Problem, vehicle: int, route: Sequence[int]) -> int:
    if not route:
        return 0
    pair = problem.vehicles[vehicle]
    points = sum(problem.clients[c].weight for c in route)
    return points * problem.seconds_per_point - driving(
        problem, [pair.start, *(problem.clients[c].at for c in route), pair.end]
    )


def driving(problem: Problem, rows: Sequence[int]) -> int:
    """Seconds on the way along matrix rows."""
    return sum(problem.travel[a][b] for a, b in pairwise(rows))


def served(routes: Iterable[Iterable[int]]) -> frozenset[int]:
    """The clients that somebody visits."""
    return frozenset(client for route in routes for client in route)
