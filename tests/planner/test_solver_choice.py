"""Which solver plans, and that neither outlives its time."""

import subprocess
import sys
import time

from fieldsync.adapters.solver_choice import best_solver
from fieldsync.planner.insertion import InsertionSolver
from fieldsync.planner.problem import Budget
from tests.conftest import ROOT
from tests.planner.made_up_days import make_day

# An import hook is how a machine without the [planner] extra looks to our code.
_WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {'pyvrp', 'numpy'}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in {'pyvrp', 'numpy'} else find(name, *rest)
from fieldsync.adapters.geodesic import GeodesicTravel
from fieldsync.adapters.solver_choice import best_solver
from fieldsync.domain.place import Point
print(best_solver().name)
points = [Point(22.5 + n / 1000, 113.9) for n in range(70)]
print(len(GeodesicTravel().matrix(points).seconds))
"""


def test_the_compiled_engine_is_chosen_where_it_is_installed() -> None:
    """The development machine has the extra."""
    assert best_solver().name.startswith("pyvrp 0.14")


def test_without_the_extra_plain_python_plans() -> None:
    """A device without PyVRP and numpy measures and plans all the same."""
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.split("\n")[:2] == ["insertion 2", "70"]


def test_both_solvers_heed_the_time_limit() -> None:
    """Iterations without end stop at the safety net, and tell how many there were."""
    problem = make_day(2, 40)
    for solver in (best_solver(), InsertionSolver(time.monotonic)):
        begun = time.monotonic()
        solved = solver.solve(problem, problem.nothing, Budget(1, 10**9, 0.3))
        assert time.monotonic() - begun < 5
        assert 0 < solved.iterations < 10**9
