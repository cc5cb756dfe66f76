"""The solver that is always there: cheapest insertion and iterated local search in plain Python.

Takes the place of the compiled engine on a device without one, and mends routes on the server.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from fieldsync.planner.day_search import DaySearch
from fieldsync.planner.draws import Draws
from fieldsync.planner.pair_day import PairDay, Place
from fieldsync.planner.problem import Budget, Problem, Routes, Solved
from fieldsync.planner.timetable import served, value


class InsertionSolver:
    """The RouteSolver in plain Python; `watch` (seconds, monotonic) makes it heed the time limit."""

    name = "insertion 2"

    def __init__(self, watch: Callable[[], float] = lambda: 0.0) -> None:
        self._watch = watch

    def solve(self, problem: Problem, start: Routes, budget: Budget) -> Solved:
        """Fill the routes, then again and again take some visits out and fill anew."""
        if len(problem.vehicles) == 1:
            route, trials = DaySearch(problem, budget, self._watch).run(start[0])
            return Solved((route,), trials)
        draws, made = Draws(budget.seed), 0
        over_at = self._watch() + budget.seconds
        everyone = range(len(problem.clients))
        best = current = fill(problem, start, everyone)
        best_value = current_value = value(problem, best)
        while made < budget.iterations and self._watch() < over_at and not budget.stop():
            made += 1
            trial = fill(problem, _shake(current, draws), everyone, draws)
            trial_value = value(problem, trial)
            if trial_value >= current_value:
                current, current_value = trial, trial_value
            if trial_value > best_value:
                best, best_value = trial, trial_value
        return Solved(best, made)


def fill(
    problem: Problem, routes: Routes, clients: Iterable[int], draws: Draws | None = None
) -> Routes:
    """Insert clients where they fit and pay, the best points per second first; never drops one.

    With `draws` now and then a client is passed over, so that a search meets other routes.
    """
    days = [PairDay(problem, number, route) for number, route in enumerate(routes)]
    taken = served(routes)
    groups = {group for c in taken if (group := problem.clients[c].group)}
    open_clients = [
        c
        for c in clients
        if c not in taken and problem.clients[c].windows and problem.clients[c].group not in groups
    ]
    if draws is not None:
        open_clients = [c for c in open_clients if draws.below(8)]
    offers = {c: [day.place_for(c) for day in days] for c in open_clients}
    best_of = {c: _cheapest(offers[c]) for c in open_clients}
    while (choice := _best(problem, best_of)) is not None:
        client, place = choice
        day = days[place.vehicle]
        day.insert(place.position, client)
        for same in _same_case(problem, client, best_of):
            del best_of[same]
        for other, best in best_of.items():
            fresh = offers[other][day.vehicle] = day.place_for(other)
            if best is not None and best.vehicle == day.vehicle:
                best_of[other] = _cheapest(offers[other])
            elif fresh is not None and (best is None or fresh.detour < best.detour):
                best_of[other] = fresh
    return tuple(tuple(day.route) for day in days)


def find_place(problem: Problem, vehicle: int, route: Sequence[int], client: int) -> Place | None:
    """The cheapest place for a client in a legal route, whatever it costs; None if none is legal."""
    return PairDay(problem, vehicle, route).place_for(client)


def _same_case(problem: Problem, client: int, others: Iterable[int]) -> list[int]:
    """The client and what else of its group is open."""
    group = problem.clients[client].group
    return [o for o in others if o == client or (group and problem.clients[o].group == group)]


def _cheapest(offers: Iterable[Place | None]) -> Place | None:
    return min((o for o in offers if o is not None), key=lambda o: o.detour, default=None)


def _best(problem: Problem, best_of: Mapping[int, Place | None]) -> tuple[int, Place] | None:
    """The client that collects the most points per second among those that pay their way."""
    best: tuple[float, int, Place] | None = None
    for number, place in best_of.items():
        client = problem.clients[number]
        if place is None or client.weight * problem.seconds_per_point <= place.detour:
            continue
        worth = client.weight / max(1, client.service_s + place.detour + 1)
        if best is None or worth > best[0]:
            best = (worth, number, place)
    return None if best is None else (best[1], best[2])


def _shake(routes: Routes, draws: Draws) -> Routes:
    """The routes with a stretch of one to three visits taken out of some of them."""
    shaken = []
    for route in routes:
        if not route or (len(routes) > 1 and draws.below(3)):
            shaken.append(route)
            continue
        begin = draws.below(len(route))
        shaken.append(route[:begin] + route[begin + 1 + draws.below(3) :])
    return tuple(shaken)
