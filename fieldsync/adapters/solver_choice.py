"""Chooses the route solver: the compiled engine where it is installed, else the one in Python."""

import time
from importlib.util import find_spec

from fieldsync.planner.insertion import InsertionSolver
from fieldsync.planner.problem import Progress, RouteSolver


def best_solver(progress: Progress | None = None) -> RouteSolver:
    """PyVRP if the `[planner]` extra is there; imported only now, since it brings numpy along."""
    if find_spec("pyvrp") is None:
        return InsertionSolver(time.monotonic)
    from fieldsync.adapters.solver_pyvrp import PyvrpSolver

    return PyvrpSolver(progress)
