"""Several searches recombined: the packing is the best there is, and neither cores nor luck decide."""

from dataclasses import replace
from itertools import combinations

import pyvrp
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldsync.adapters.route_pool import RoutePool, Tour
from fieldsync.adapters.set_packing import pack
from fieldsync.adapters.solver_pyvrp import PyvrpSolver
from fieldsync.planner.problem import Budget, Client, Problem, Routes, Vehicle
from fieldsync.planner.timetable import served, value, walk
from tests.planner.made_up_days import HOUR, make_day

_PAIRS, _CLIENTS = 3, 6
_LONG = 3600.0


def _data() -> pyvrp.ProblemData:
    """Three pairs and six clients on one spot; clients 4 and 5 are one case at two addresses."""
    model = pyvrp.Model()
    spot = model.add_location(0, 0)
    depot = model.add_depot(spot)
    for _ in range(_PAIRS):
        model.add_vehicle_type(start_depot=depot, end_depot=depot)
    group = model.add_client_group(required=False)
    for number in range(_CLIENTS):
        model.add_client(
            spot, prize=10, required=False, group=group if number >= _CLIENTS - 2 else None
        )
    model.add_edge(spot, spot, 0, 0)
    return model.data()


@st.composite
def _pools(draw: st.DrawFn) -> list[Tour]:
    pool = RoutePool.empty()
    for _ in range(draw(st.integers(1, 8))):
        clients = draw(st.lists(st.integers(0, _CLIENTS - 2), min_size=1, max_size=3, unique=True))
        vehicle, cost = draw(st.integers(0, _PAIRS - 1)), draw(st.integers(0, 30))
        pool.add([Tour(vehicle, tuple(clients), cost, 10 * len(clients))])
    return pool.chosen()


def _together(tours: tuple[Tour, ...]) -> bool:
    clients = [client for tour in tours for client in tour.clients]
    vehicles = [tour.vehicle_type for tour in tours]
    return len(clients) == len(set(clients)) and len(vehicles) == len(set(vehicles))


@settings(max_examples=25, deadline=None)
@given(_pools())
def test_the_packing_is_the_best_of_all_choices(tours: list[Tour]) -> None:
    """No choice of routes that go together, all of them tried, is worth more."""
    best = max(
        sum(tour.value for tour in choice)
        for size in range(len(tours) + 1)
        for choice in combinations(tours, size)
        if _together(choice)
    )
    picked = pack(_data(), tours, (), 10.0)
    assert _together(picked)
    assert sum(tour.value for tour in picked) == best


def test_a_pool_keeps_the_cheapest_order_of_the_same_clients() -> None:
    """The same visits by the same pair count once, in the order that drives least."""
    pool = RoutePool.empty()
    pool.add([Tour(0, (1, 2), 9, 20), Tour(0, (2, 1), 7, 20), Tour(1, (1, 2), 9, 20)])
    assert pool.chosen() == [Tour(0, (2, 1), 7, 20), Tour(1, (1, 2), 9, 20)]


def _solve(problem: Problem, budget: Budget, workers: int = 1) -> Routes:
    return PyvrpSolver(workers=workers).solve(problem, problem.nothing, budget).routes


def test_the_plan_does_not_depend_on_the_cores() -> None:
    """The same seed and iterations give the same routes in one process and in two, on any kind of day."""
    for problem in (make_day(3, 70), make_day(14, 90)):
        budget = Budget(seed=3, iterations=120, seconds=_LONG)
        assert _solve(problem, budget, workers=2) == _solve(problem, budget)


def test_the_search_is_never_worse_than_its_start() -> None:
    """A good start and hardly a step: the start comes back or something better."""
    problem = make_day(14, 90)
    start = _solve(problem, Budget(1, 400, _LONG))
    again = PyvrpSolver().solve(problem, start, Budget(2, 1, _LONG)).routes
    assert value(problem, again) >= value(problem, start)


def test_a_search_that_is_told_to_stop_keeps_the_best_so_far() -> None:
    """After the first step somebody presses Ctrl-C; what was found is a plan."""
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > 1

    problem = make_day(14, 90)
    solved = PyvrpSolver().solve(problem, problem.nothing, Budget(1, 10_000, _LONG, stop))
    assert served(solved.routes)
    assert solved.iterations < 10_000


def test_who_cannot_do_a_visit_is_not_sent() -> None:
    """Visits in a language go to the pairs that speak it, and a case at two addresses is visited once."""
    day = make_day(4, 60)
    needs = frozenset({"lang:yue"})
    clients = tuple(
        replace(client, needs=needs if number % 5 == 0 else frozenset(), group=f"g{number // 2}")
        for number, client in enumerate(day.clients)
    )
    vehicles = tuple(
        replace(vehicle, skills=needs if number == 0 else frozenset())
        for number, vehicle in enumerate(day.vehicles)
    )
    problem = replace(day, clients=clients, vehicles=vehicles)
    routes = _solve(problem, Budget(1, 200, _LONG))
    for number, route in enumerate(routes):
        assert all(vehicles[number].can(clients[client].needs) for client in route)
    groups = [clients[client].group for client in served(routes)]
    assert len(groups) == len(set(groups)) > 0


def test_each_pair_travels_in_its_own_way() -> None:
    """A pair on foot is planned by its own matrix, and its day is legal by it."""
    day = make_day(2, 30)
    slow = [[2 * seconds for seconds in row] for row in day.travel]
    walker = replace(day.vehicles[1], profile=1)
    problem = replace(day, vehicles=(day.vehicles[0], walker), other_travel=(slow,))
    routes = _solve(problem, Budget(1, 300, _LONG))
    by_foot = replace(problem, vehicles=(replace(walker, profile=0),), travel=slow, other_travel=())
    assert routes[1]
    assert walk(by_foot, 0, routes[1]).fault is None
    assert len(routes[0]) > len(routes[1])


def test_a_district_where_nobody_lives_stays_at_home() -> None:
    """Half of the pairs live far from every case: they go nowhere, and nobody is visited twice."""
    near, far, first = 0, 1, 2
    ways = [[600 if a != b else 0 for b in range(first + 30)] for a in range(first + 30)]
    for place in range(first + 30):
        if place != far:
            ways[far][place] = ways[place][far] = 9 * HOUR
    homes = [near] * 14 + [far] * 14
    pairs = tuple(Vehicle(f"P{n}", h, h, 0, 10 * HOUR, 14) for n, h in enumerate(homes))
    cases = tuple(Client(f"C{n}", first + n, ((0, 9 * HOUR),), 1800, 50) for n in range(30))
    problem = Problem(pairs, cases, ways)
    found = PyvrpSolver().solve(problem, problem.nothing, Budget(1, 200, _LONG))
    visited = [client for route in found.routes for client in route]
    assert sorted(visited) == list(range(30))
    assert not any(found.routes[14:])
