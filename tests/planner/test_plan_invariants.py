"""Whatever the day, a plan is legal, explains every case left out and keeps what can be kept."""

from itertools import permutations, product

import pytest
from hypothesis import given, settings

from fieldsync.adapters.solver_pyvrp import PyvrpSolver
from fieldsync.planner.insertion import InsertionSolver
from fieldsync.planner.left_out import reachable
from fieldsync.planner.plan import make_plan
from fieldsync.planner.problem import Budget, Problem, RouteSolver
from fieldsync.planner.timetable import served, value, walk
from tests.planner.day_checker import complaints
from tests.planner.made_up_days import make_day, small_days

BUDGET = Budget(seed=1, iterations=60, seconds=5.0)
SOLVERS = (InsertionSolver(), PyvrpSolver())


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.name)
@given(problem=small_days())
@settings(max_examples=60)
def test_every_plan_is_legal_and_complete(solver: RouteSolver, problem: Problem) -> None:
    """Nothing illegal is planned; every case is either visited or left out with a reason."""
    plan = make_plan(problem, solver, BUDGET)
    assert complaints(problem, plan.timetables) == []
    out = [left.client for left in plan.left_out]
    assert sorted([*served(plan.routes), *out]) == list(range(len(problem.clients)))


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.name)
@given(problem=small_days())
@settings(max_examples=60)
def test_a_plan_is_empty_only_where_nobody_can_be_reached(
    solver: RouteSolver, problem: Problem
) -> None:
    """Low priority and long ways never keep every pair at home."""
    plan = make_plan(problem, solver, BUDGET)
    anyone = bool(reachable(problem))
    assert bool(served(plan.routes)) == anyone


def most_appointments(problem: Problem) -> int:
    """By trying everything: how many appointments can be kept together."""
    wanted = [c for c, client in enumerate(problem.clients) if client.is_appointment]
    best = 0
    for owners in product(range(-1, len(problem.vehicles)), repeat=len(wanted)):
        kept = sum(owner >= 0 for owner in owners)
        if kept <= best:
            continue
        shares = [
            [c for c, owner in zip(wanted, owners, strict=True) if owner == v]
            for v in range(len(problem.vehicles))
        ]
        if all(
            any(walk(problem, v, order).fault is None for order in permutations(share))
            for v, share in enumerate(shares)
        ):
            best = kept
    return best


@given(problem=small_days(max_pairs=2, max_cases=5))
@settings(max_examples=80)
def test_no_appointment_is_missed_that_can_be_kept(problem: Problem) -> None:
    """Beside an exhaustive search on small days: as many appointments are kept as can be."""
    plan = make_plan(problem, PyvrpSolver(), Budget(seed=1, iterations=200, seconds=5.0))
    kept = [c for c in served(plan.routes) if problem.clients[c].is_appointment]
    assert len(kept) == most_appointments(problem)


def test_the_same_seed_and_iterations_give_the_same_plan() -> None:
    """An auditor gets the plan again from what is stored with it."""
    problem = make_day(4, 120)
    plans = [make_plan(problem, PyvrpSolver(), Budget(7, 150, 60.0)) for _ in range(2)]
    assert plans[0].routes == plans[1].routes
    again = [make_plan(problem, InsertionSolver(), Budget(7, 5, 60.0)) for _ in range(2)]
    assert again[0].routes == again[1].routes


def test_a_branch_day_is_legal_and_keeps_its_appointments() -> None:
    """Six pairs and 300 cases: legal by the independent checker, no appointment missed."""
    problem = make_day(6, 300, seed=3, appointments=0.06)
    plan = make_plan(problem, PyvrpSolver(), Budget(1, 200, 20.0))
    assert complaints(problem, plan.timetables) == []
    assert not [out for out in plan.left_out if problem.clients[out.client].is_appointment]


def test_the_engine_is_not_worse_than_plain_insertion() -> None:
    """A search that starts from insertion's routes only ever improves on them."""
    problem = make_day(4, 120, seed=5)
    simple = make_plan(problem, InsertionSolver(), Budget(1, 0, 1.0))
    searched = make_plan(problem, PyvrpSolver(), Budget(1, 200, 20.0))
    assert value(problem, searched.routes) >= value(problem, simple.routes)
