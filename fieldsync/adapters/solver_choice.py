"""Chooses the route solver: the compiled engine where it is installed, else the one in Python."""

import time
from importlib.util import find_spec

from fieldsync.planner.insertion import InsertionSolver
from fieldsync.planner.problem import Progress, RouteSolver


def best_solver(progress: Progress | None = None, workers: int = 1) -> RouteSolver:
    """The engines of the `[planner]` extra, in up to so many processes; imported only now, as they bring numpy."""
    if find_spec("pyvrp") is None or find_spec("highspy") is None:
        return InsertionSolver(time.monotonic)
    from fieldsync.adapters.solver_pyvrp import PyvrpSolver

    return PyvrpSolver(progress, workers)


def quick_solver() -> RouteSolver:
    """For the rest of one pair's day: in Python alone, which is done before the engines are loaded."""
    return InsertionSolver(time.monotonic)
