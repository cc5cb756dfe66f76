"""Plans made-up days and has PyVRP, VROOM and OR-Tools plan the same ones, one after the other.

Each gets the same wall clock on the same machine; every answer goes through a checker of its own.
The peers live in `build/bench-peers`, made by `make bench-peers`.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.planner_checker import Wrong
from bench.planner_day_checker import Checked, check_day
from bench.planner_days import Day, branch_day, heavy_day, lunch_day, travel
from bench.report import Result
from fieldsync.adapters.solver_choice import best_solver
from fieldsync.adapters.solver_recombined import cores
from fieldsync.planner.plan import make_plan
from fieldsync.planner.problem import Budget, Client, Lunch, Problem, Vehicle

_WITHOUT_END = 1_000_000_000
_ROOT = Path(__file__).parent.parent
_HOME = _ROOT / "build" / "bench-peers"
PEERS = ("pyvrp", "vroom", "ortools")
DAYS = ("branch", "lunch", "heavy")
# Building a model of 4,000 visits takes OR-Tools a while before its clock starts.
_GRACE_S = 300.0


_MAKERS = {"branch": branch_day, "lunch": lunch_day, "heavy": heavy_day}


class PeersMissing(Exception):  # noqa: N818 - told to whoever measures, and what to do
    """The environment of the peers is not there."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One program's answer for one day: its routes, what the checker says of them, its wall clock."""

    day: str
    by: str
    seconds: float
    routes: tuple[tuple[int, ...], ...]
    checked: Checked


def problem_of(day: Day) -> Problem:
    """The made-up day as the planner has it."""
    matrix = travel(day).tolist()
    return Problem(
        vehicles=tuple(
            Vehicle(
                str(n),
                pair["home"],
                pair["home"],
                pair["from"],
                pair["until"],
                1_000,
                lunch=Lunch(**pair["lunch"]) if "lunch" in pair else None,
            )
            for n, pair in enumerate(day["pairs"])
        ),
        clients=tuple(
            Client(
                str(number),
                visit["place"],
                ((visit["opens"], visit["closes"]),),
                visit["service_s"],
                visit["points"],
                is_appointment=visit["is_appointment"],
            )
            for number, visit in enumerate(day["visits"])
        ),
        travel=matrix,
    )


def planned_here(name: str, day: Day, seconds: float, seed: int = 1) -> Planned:
    """The day planned as the server plans it."""
    problem = problem_of(day)
    begun = time.perf_counter()
    budget = Budget(seed, _WITHOUT_END, seconds, watch=time.monotonic)
    plan = make_plan(problem, best_solver(workers=cores()), budget)
    taken = round(time.perf_counter() - begun, 2)
    return Planned(name, "fieldsync", taken, plan.routes, check_day(day, plan.routes))


def planned_by(peer: str, name: str, day: Day, seconds: float) -> Planned:
    """The day planned by a peer in a process of its own; on a heavy day PyVRP goes by stages."""
    python = sys.executable if peer == "pyvrp" else str(_python())
    stages = ["staged"] if peer == "pyvrp" and name == "heavy" else []
    program = [python, "-m", f"bench.peers.direct_{peer}", str(seconds), *stages]
    done = subprocess.run(
        program,
        input=json.dumps(day),
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=_ROOT,
        timeout=2 * seconds + _GRACE_S,
    )
    told: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    routes = tuple(tuple(route) for route in told["routes"])
    return Planned(name, peer, told["seconds"], routes, check_day(day, routes))


def _python() -> Path:
    inside = Path("Scripts", "python.exe") if os.name == "nt" else Path("bin", "python")
    if not (_HOME / inside).is_file():
        raise PeersMissing("VROOM and OR-Tools are not in build/bench-peers: make bench-peers")
    return _HOME / inside


def measure(days: Sequence[str], peers: Sequence[str], seconds: float) -> list[Planned]:
    """Every day by every program, ours first; told on stderr as it comes."""
    every = []
    for name in days:
        day = _MAKERS[name]()
        for by in ("fieldsync", *peers):
            try:
                ours = by == "fieldsync"
                planned = (
                    planned_here(name, day, seconds) if ours else planned_by(by, name, day, seconds)
                )
            except Wrong as wrong:
                raise SystemExit(f"{name} by {by}: {wrong}") from wrong
            except PeersMissing as missing:
                print(f"{name} by {by}: {missing}", file=sys.stderr)
                continue
            print(f"{name} by {by}: {planned.checked} in {planned.seconds} s", file=sys.stderr)
            every.append(planned)
    return every


def results(every: Sequence[Planned]) -> list[Result]:
    """Ours of each day, each figure beside those of the peers in the same run."""
    found = []
    for ours in (one for one in every if one.by == "fieldsync"):
        peers = {one.by: one.checked for one in every if one.day == ours.day and one is not ours}
        mine = ours.checked
        for figure, unit in (
            ("prize", "points"),
            ("appointments_missed", "appointments"),
            ("travel_s", "s"),
            ("visits", "visits"),
        ):
            value = mine.points if figure == "prize" else getattr(mine, figure)
            field = "points" if figure == "prize" else figure
            beside = {peer: _ratio(value, getattr(its, field)) for peer, its in peers.items()}
            found.append(Result(f"{ours.day}.{figure}", value, unit, beside))
        found.append(Result(f"{ours.day}.seconds", ours.seconds, "s"))
    return found


def _ratio(ours: int, theirs: int) -> float:
    """Ours over theirs; where they have none, 1 if we have none either, else what we have."""
    if theirs == 0:
        return float(ours) if ours else 1.0
    return round(ours / theirs, 4)


def document(every: Sequence[Planned]) -> Mapping[str, object]:
    """The answers themselves, for whoever checks them again."""
    return {"days": [asdict(planned) for planned in every]}
