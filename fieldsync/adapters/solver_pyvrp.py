"""The route solver on PyVRP 0.14, the compiled engine of the `[planner]` extra."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import pyvrp
from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria, StoppingCriterion

from fieldsync.planner.problem import Budget, Client, Problem, Progress, Routes, Solved
from fieldsync.planner.timetable import walk


class PyvrpSolver:
    """The RouteSolver on PyVRP; `progress(done, of)` is told the iterations as they pass."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress

    @property
    def name(self) -> str:
        """The engine and its version."""
        return f"pyvrp {version('pyvrp')}"

    def solve(self, problem: Problem, start: Routes, budget: Budget) -> Solved:
        """Search from `start`; `Solved.routes` may break a limit, the planner checks and mends."""
        if not problem.clients:
            return Solved(start, 0)
        owners = [(c, w) for c in range(len(problem.clients)) for w in _spans(problem.clients[c])]
        data = _data(problem, owners)
        first = pyvrp.Solution(data, _warm(problem, data, owners, start))
        counted = _Counted(budget.iterations, self._progress)
        criteria: list[StoppingCriterion] = [counted, MaxRuntime(budget.seconds)]
        result = pyvrp.solve(
            data,
            MultipleCriteria(criteria),
            seed=budget.seed,
            collect_stats=False,
            display=False,
            initial_solution=first,
        )
        return Solved(_routes(problem, owners, result.best), result.num_iterations)


class _Counted:
    """Stops after so many iterations and tells how far it is."""

    def __init__(self, iterations: int, progress: Progress | None) -> None:
        self._inner, self._done = MaxIterations(iterations), 0
        self._iterations, self._progress = iterations, progress

    def __call__(self, best_cost: int) -> bool:
        if self._progress is not None and self._done % 50 == 0:
            self._progress(self._done, self._iterations)
        self._done += 1
        return self._inner(best_cost)


def _spans(client: Client) -> Sequence[int]:
    return range(len(client.windows))


def _data(problem: Problem, owners: Sequence[tuple[int, int]]) -> pyvrp.ProblemData:
    """PyVRP's view: a client with two windows is a group of two clones, at most one visited."""
    # PyVRP's stubs give numpy's type parameters in another order than numpy does.
    travel: Any = np.asarray(problem.travel, dtype=np.int64)
    depot_of, groups, zero = _depots(problem), _groups(owners), _zero(problem)
    group_of = {clone: number for number, group in enumerate(groups) for clone in group}
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(travel))],
        clients=[
            _client(problem, problem.clients[c], w, zero, group_of.get(clone))
            for clone, (c, w) in enumerate(owners)
        ],
        depots=[pyvrp.Depot(row) for row in depot_of],
        vehicle_types=[
            pyvrp.VehicleType(
                capacity=[vehicle.max_stops],
                start_depot=depot_of[vehicle.start],
                end_depot=depot_of[vehicle.end],
                tw_early=vehicle.shift_start - zero,
                tw_late=vehicle.shift_end - zero,
            )
            for vehicle in problem.vehicles
        ],
        # Driving seconds are both the cost and the time of a leg; waiting costs nothing.
        distance_matrices=[travel],
        duration_matrices=[travel],
        groups=[pyvrp.ClientGroup(group, required=False) for group in groups],
    )


def _zero(problem: Problem) -> int:
    """PyVRP knows no time before 0: where a window opens before the origin, the count begins there."""
    begins = [vehicle.shift_start for vehicle in problem.vehicles]
    begins += [first for client in problem.clients for first, _ in client.windows]
    return min(0, *begins)


def _client(
    problem: Problem, client: Client, window: int, zero: int, group: int | None
) -> pyvrp.Client:
    first, last = client.windows[window]
    return pyvrp.Client(
        client.at,
        pickup=[1],
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


def _groups(owners: Sequence[tuple[int, int]]) -> list[list[int]]:
    clones: dict[int, list[int]] = {}
    for clone, (client, _) in enumerate(owners):
        clones.setdefault(client, []).append(clone)
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
