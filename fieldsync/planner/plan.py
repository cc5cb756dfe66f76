"""Plans a branch's day: appointments first, then everything, checked with a watch and mended.

Two stages, since a full day with appointments as hard constraints has no solution a search finds:
alone they show which can be kept at all; after that their weight keeps them, and `_mend` makes sure.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from fieldsync.planner.balance import balance
from fieldsync.planner.insertion import fill, find_place
from fieldsync.planner.left_out import LeftOut, explain, reachable
from fieldsync.planner.pair_day import Place
from fieldsync.planner.problem import Budget, Problem, Routes, RouteSolver
from fieldsync.planner.timetable import Timetable, served, value, walk, walk_all

# Of 4,000 cases nearly all stay at home; a search over the most rewarding finds more than over all.
CANDIDATES_PER_VEHICLE = 45
# Up to so many clients times vehicles a search begins from routes that are filled; on larger days
# filling takes the seconds in which a search fills better.
_FILLED_FIRST = 10_000
# Appointments alone are few; what the search does not find in this it finds later.
_FIRST_ITERATIONS, _FIRST_S, _FIRST_SHARE = 400, 3.0, 0.3
# Of the seconds of a plan: what walking it, filling its last gaps and explaining it takes.
_FINISHING_SHARE, _LEAST_S = 0.04, 0.2
# Where nothing pays its way, a point is worth this many times the driving, so that people do go out.
_GENEROUS = 2_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What came out: a timetable a vehicle, a reason for every client left out, what it took."""

    timetables: tuple[Timetable, ...]
    left_out: tuple[LeftOut, ...]
    iterations: int
    solver: str

    @property
    def routes(self) -> Routes:
        """Client numbers in visiting order, one row a vehicle."""
        return tuple(tuple(visit.client for visit in t.visits) for t in self.timetables)


def make_plan(problem: Problem, solver: RouteSolver, budget: Budget) -> Plan:
    """Routes that are legal by the watch, never fewer appointments than stage one kept.

    The plan is empty only where no pair can reach anything at all.
    """
    begun = budget.watch()
    open_clients = reachable(problem)
    kept = _appointments(problem, solver, open_clients, budget)
    chosen = _candidates(problem, open_clients)
    left = budget.seconds * (1 - _FINISHING_SHARE) - (budget.watch() - begun)
    rest = replace(budget, seconds=max(_LEAST_S, left))
    routes, iterations = _search(problem, solver, chosen, kept, rest)
    # What waiting leaves room for beside a break only the watch knows, so the last gaps are filled here.
    routes = fill(problem, _mend(problem, routes, kept), chosen)
    if not served(routes) and open_clients:
        generous = replace(problem, seconds_per_point=problem.seconds_per_point * _GENEROUS)
        routes = fill(generous, problem.nothing, chosen)
    routes = balance(problem, routes)
    out = unvisited(problem, routes)
    return Plan(
        walk_all(problem, routes),
        explain(problem, routes, out),
        iterations,
        solver.name,
    )


def unvisited(problem: Problem, routes: Routes) -> list[int]:
    """The clients that nobody visits; of a group none where one of it is visited, else the first."""
    visited = served(routes)
    groups = {problem.clients[c].group for c in visited}
    out = []
    for number, client in enumerate(problem.clients):
        if number in visited or (client.group and client.group in groups):
            continue
        groups.add(client.group)
        out.append(number)
    return out


def _appointments(
    problem: Problem, solver: RouteSolver, open_clients: list[int], budget: Budget
) -> Routes:
    """Stage one: the routes that keep the most appointments and serve nothing else."""
    wanted = [c for c in open_clients if problem.clients[c].is_appointment]
    start = fill(problem, problem.nothing, wanted)
    if len(served(start)) == len(wanted):
        return start
    first = replace(
        budget,
        iterations=_FIRST_ITERATIONS,
        seconds=min(_FIRST_S, budget.seconds * _FIRST_SHARE),
    )
    routes, _ = _search(problem, solver, wanted, start, first)
    return routes if len(served(routes)) > len(served(start)) else start


def _search(
    problem: Problem, solver: RouteSolver, chosen: list[int], start: Routes, budget: Budget
) -> tuple[Routes, int]:
    """Let the solver work on the chosen clients only; its routes come back lawful and no worse."""
    number_of = {client: number for number, client in enumerate(chosen)}
    smaller = replace(problem, clients=tuple(problem.clients[c] for c in chosen))
    first = tuple(tuple(number_of[c] for c in route) for route in start)
    if len(chosen) * len(problem.vehicles) <= _FILLED_FIRST:
        first = fill(smaller, first, range(len(chosen)))
    solved = solver.solve(smaller, first, budget)
    lawful = _lawful(smaller, solved.routes)
    best = max((lawful, first), key=lambda routes: value(smaller, routes))
    return tuple(tuple(chosen[c] for c in route) for route in best), solved.iterations


def _candidates(problem: Problem, open_clients: list[int]) -> list[int]:
    """The clients worth searching over: every appointment, and the most points per second."""
    limit = CANDIDATES_PER_VEHICLE * len(problem.vehicles)
    if len(open_clients) <= limit:
        return open_clients
    rows = {row for v in problem.vehicles for row in (v.start, v.end)}

    def worth(number: int) -> float:
        client = problem.clients[number]
        near = min(problem.travel[row][client.at] for row in rows)
        return client.weight / (client.service_s + near / 2 + 1)

    return sorted(sorted(open_clients, key=worth, reverse=True)[:limit])


def _lawful(problem: Problem, routes: Routes) -> Routes:
    """The routes without what breaks a limit, whatever the solver believed; nobody is visited twice."""
    seen: set[int] = set()
    lawful = []
    for vehicle, route in enumerate(routes):
        fresh = [c for c in dict.fromkeys(route) if c not in seen]
        fresh = [c for c in fresh if not _elsewhere(problem, c, seen)]
        if walk(problem, vehicle, fresh).fault is not None:
            fresh = list(_refilled(problem, vehicle, fresh))
        seen.update(fresh)
        lawful.append(tuple(fresh))
    return tuple(lawful)


def _elsewhere(problem: Problem, client: int, seen: Collection[int]) -> bool:
    """Whether the case is visited already at another of its addresses."""
    group = problem.clients[client].group
    return bool(group) and any(problem.clients[other].group == group for other in seen)


def _refilled(problem: Problem, vehicle: int, clients: list[int]) -> tuple[int, ...]:
    alone = replace(problem, vehicles=(problem.vehicles[vehicle],))
    return fill(alone, ((),), clients)[0]


def _mend(problem: Problem, routes: Routes, kept: Routes) -> Routes:
    """Put back every appointment that stage one kept; at worst its routes with the rest filled in."""
    lost = sorted(c for c in range(len(problem.clients)) if problem.clients[c].is_appointment)
    mended: Routes | None = routes
    for client in lost:
        if mended is not None and client not in served(mended) and client in served(kept):
            mended = _make_room(problem, mended, client)
    if mended is not None:
        return mended
    return fill(problem, kept, sorted(served(routes) - served(kept)))


def _make_room(problem: Problem, routes: Routes, client: int) -> Routes | None:
    """The routes with the appointment in, at the least cost in points; None if that costs another."""
    offers = []
    for vehicle, route in enumerate(routes):
        shorter = list(route)
        while (place := find_place(problem, vehicle, shorter, client)) is None:
            droppable = [c for c in shorter if not problem.clients[c].is_appointment]
            if not droppable:
                break
            shorter.remove(min(droppable, key=lambda c: problem.clients[c].points))
        if place is not None:
            changed = _placed(routes, shorter, place, client)
            offers.append(fill(problem, changed, sorted(served(routes))))
    return max(offers, key=lambda offer: value(problem, offer), default=None)


def _placed(routes: Routes, route: list[int], place: Place, client: int) -> Routes:
    changed = (*route[: place.position], client, *route[place.position :])
    return (*routes[: place.vehicle], changed, *routes[place.vehicle + 1 :])
