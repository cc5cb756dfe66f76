"""Holds a new plan of one pair against the order that stands: what is no better does not replace it."""

from collections.abc import Sequence
from dataclasses import replace

from fieldsync.planner.insertion import fill
from fieldsync.planner.left_out import explain
from fieldsync.planner.plan import Plan, unvisited
from fieldsync.planner.problem import Problem, Routes
from fieldsync.planner.timetable import served, value, walk, walk_all


def no_worse(problem: Problem, plan: Plan, present: Sequence[int]) -> Plan:
    """The plan, or the present order (clients of the one pair, spares filled in) where that is as good.

    An appointment that the present order keeps outweighs everything that a plan without it offers.
    """
    kept = _kept(problem, present)
    agreed = {client for client in kept if problem.clients[client].is_appointment}

    def worth(routes: Routes) -> tuple[int, int]:
        return len(agreed & served(routes)), value(problem, routes)

    standing = fill(problem, (kept,), range(len(problem.clients)))
    if worth(plan.routes) > worth(standing):
        return plan
    out = unvisited(problem, standing)
    return replace(
        plan,
        timetables=walk_all(problem, standing),
        left_out=explain(problem, standing, out),
    )


def _kept(problem: Problem, present: Sequence[int]) -> tuple[int, ...]:
    """The present order without what can no longer be kept in it; what weighs most is tried first."""
    kept: tuple[int, ...] = ()
    for client in sorted(present, key=lambda number: -problem.clients[number].weight):
        longer = tuple(number for number in present if number in {*kept, client})
        if walk(problem, 0, longer).fault is None:
            kept = longer
    return kept
