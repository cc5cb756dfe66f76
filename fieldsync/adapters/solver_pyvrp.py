"""The route solver on PyVRP 0.14 and HiGHS, the compiled engines of the `[planner]` extra."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import pyvrp

from fieldsync.adapters.route_pool import Tour
from fieldsync.adapters.solver_recombined import recombine
from fieldsync.planner.problem import Budget, Client, Problem, Progress, Routes, Solved, Vehicle
from fieldsync.planner.timetable import is_legal, walk

# What a load dimension may carry where the vehicle has the skill: more than there are clients.
_ENOUGH = 1_000_000
_PER_MILLE = 1000


class PyvrpSolver:
    """The RouteSolver on PyVRP, its routes recombined; `progress` is told how far it is and how good."""

    def __init__(self, progress: Progress | None = None, workers: int = 1) -> None:
        self._progress, self._workers = progress, workers

    @property
    def name(self) -> str:
        """The engines and their versions."""
        return f"pyvrp {version('pyvrp')} + highs {version('highspy')}"

    def solve(self, problem: Problem, start: Routes, budget: Budget) -> Solved:
        """Search from `start`; `Solved.routes` may break a limit, the planner checks and mends."""
        if not problem.clients or not problem.vehicles:
            return Solved(start, 0)
        owners = [(c, w) for c in range(len(problem.clients)) for w in _spans(problem.clients[c])]
        data = _data(problem, owners)
        first = pyvrp.Solution(data, _warm(problem, data, owners, start))

        def told(share: float, prizes: int) -> None:
            if self._progress is not None:
                points = prizes // problem.seconds_per_point
                self._progress(round(share * _PER_MILLE), _PER_MILLE, points)

        def may(tour: Tour) -> bool:
            route = [owners[clone][0] for clone in tour.clients]
            return is_legal(problem, tour.vehicle_type, route)

        limited = any(vehicle.lunch or vehicle.rush for vehicle in problem.vehicles)
        found = recombine(
            data, first, budget, self._workers, told=told, judge=may if limited else None
        )
        return Solved(_routes(problem, owners, found.best), found.iterations)


def _spans(client: Client) -> Sequence[int]:
    return range(len(client.windows))


def _data(problem: Problem, owners: Sequence[tuple[int, int]]) -> pyvrp.ProblemData:
    """PyVRP's view: a client with two windows is a group of two clones, at most one visited."""
    # PyVRP's stubs give numpy's type parameters in another order than numpy does.
    matrices: Any = [np.asarray(m, np.int64) for m in (problem.travel, *problem.other_travel)]
    depot_of, groups, zero = _depots(problem), _groups(problem, owners), _zero(problem)
    group_of = {clone: number for number, group in enumerate(groups) for clone in group}
    scarce = _scarce(problem)
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(problem.travel))],
        clients=[
            _client(problem, problem.clients[c].windows[w], c, zero, scarce, group_of.get(clone))
            for clone, (c, w) in enumerate(owners)
        ],
        depots=[pyvrp.Depot(row) for row in depot_of],
        vehicle_types=[
            pyvrp.VehicleType(
                capacity=[
                    vehicle.max_stops,
                    *(_ENOUGH if vehicle.can(frozenset({need})) else 0 for need in scarce),
                ],
                start_depot=depot_of[vehicle.start],
                end_depot=depot_of[vehicle.end],
                tw_early=vehicle.shift_start - zero,
                tw_late=vehicle.shift_end - zero,
                shift_duration=_longest(problem, vehicle),
                profile=vehicle.profile,
            )
            for vehicle in problem.vehicles
        ],
        # Driving seconds are both the cost and the time of a leg; waiting costs nothing.
        distance_matrices=matrices,
        duration_matrices=matrices,
        groups=[pyvrp.ClientGroup(group, required=False) for group in groups],
    )


def _zero(problem: Problem) -> int:
    """PyVRP knows no time before 0: where a window opens before the origin, the count begins there."""
    begins = [vehicle.shift_start for vehicle in problem.vehicles]
    begins += [first for client in problem.clients for first, _ in client.windows]
    return min(0, *begins)


def _longest(problem: Problem, vehicle: Vehicle) -> int:
    """How long the day may last without its break, which is found a place later.

    Appointments alone leave time enough to wait in, and one late in the day must not be lost to it.
    """
    lunch_s = vehicle.lunch.length_s if vehicle.lunch else 0
    if all(client.is_appointment for client in problem.clients):
        lunch_s = 0
    return max(0, vehicle.shift_end - vehicle.shift_start - lunch_s)


def _scarce(problem: Problem) -> tuple[str, ...]:
    """Skills and languages that some visit needs and some pair has not, each a load of its own."""
    needs = frozenset[str]().union(*(client.needs for client in problem.clients))
    return tuple(
        need
        for need in sorted(needs)
        if not all(vehicle.can(frozenset({need})) for vehicle in problem.vehicles)
    )


def _client(
    problem: Problem,
    window: tuple[int, int],
    number: int,
    zero: int,
    scarce: Sequence[str],
    group: int | None,
) -> pyvrp.Client:
    first, last = window
    client = problem.clients[number]
    return pyvrp.Client(
        client.at,
        pickup=[1, *(int(need in client.needs) for need in scarce)],
        service_duration=client.service_s,
        tw_early=first - zero,
        tw_late=last - zero,
        prize=client.weight * problem.seconds_per_point,
        required=False,
        group=group,
    )


def _depots(problem: Problem) -> dict[int, int]:
    rows = dict.fromkeys(row for v in problem.vehicles for row in (v.start, v.end))
    return {row: number for number, row in enumerate(rows)}


def _groups(problem: Problem, owners: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Clones of one client, and the clients of one group with theirs: at most one is visited."""
    clones: dict[str, list[int]] = {}
    for clone, (client, _) in enumerate(owners):
        name = problem.clients[client].group or f"#{client}"
        clones.setdefault(name, []).append(clone)
    return [group for group in clones.values() if len(group) > 1]


def _warm(
    problem: Problem, data: pyvrp.ProblemData, owners: Sequence[tuple[int, int]], start: Routes
) -> list[pyvrp.Route]:
    clone_of = {owner: clone for clone, owner in enumerate(owners)}
    routes = []
    for vehicle, route in enumerate(start):
        if not route:
            continue
        clones = [
            clone_of[timed.client, _window_of(problem.clients[timed.client], timed.start)]
            for timed in walk(problem, vehicle, route).visits
        ]
        routes.append(pyvrp.Route(data, clones, vehicle))
    return routes


def _window_of(client: Client, start: int) -> int:
    return next(i for i, (first, last) in enumerate(client.windows) if first <= start <= last)


def _routes(
    problem: Problem, owners: Sequence[tuple[int, int]], solution: pyvrp.Solution
) -> Routes:
    found: list[tuple[int, ...]] = [()] * len(problem.vehicles)
    for route in solution.routes():
        found[route.vehicle_type()] = tuple(owners[a.idx][0] for a in route if a.is_client())
    return tuple(found)
