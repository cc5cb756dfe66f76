"""Measures re-planning on the road: how soon a day is within 1 % of the best known, and the whole command."""

import compileall
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyvrp
from pyvrp.stop import MaxRuntime

import agent_cli
import fieldsync
from agent_cli.identity import to_meta
from agent_cli.keys import create_keys
from agent_cli.store import meta
from agent_cli.store.applying import apply_staged
from agent_cli.store.database import DATABASE_NAME, connect, ensure_schema, writing
from agent_cli.store.staging import stage
from bench.replan_days import made_up_day, missed, worth
from bench.report import Result, run
from fieldsync.adapters.geodesic import GeodesicTravel
from fieldsync.domain.codec import to_builtins
from fieldsync.domain.itinerary import Itinerary
from fieldsync.domain.place import Point
from fieldsync.planner.insertion import InsertionSolver
from fieldsync.planner.problem import Budget, Problem
from fieldsync.planner.timetable import is_legal
from fieldsync.sync.feed import FeedOp, FeedRow
from tests.agent_cli.made_up import ANAS_DEVICE, at, feed_rows, make_case, make_itinerary

_DAYS = 12
_REFERENCE_S = 1.5
# Each run is twice as long as the one before; a day not solved in the last one counts as its end.
_BUDGETS_S = tuple(0.01 * 2**power for power in range(8))
_NEAR = 0.99
_BUDGET_S = 0.3
_COMMANDS = 11
_CANDIDATES = 25

Solve = Callable[[Problem, float], tuple[int, ...]]


def measure(home: Path) -> list[Result]:
    """Both figures, PyVRP used directly beside the first one."""
    days = [made_up_day(seed) for seed in range(_DAYS)]
    known = [_best_known(day) for day in days]
    own = [_seconds_to_near(day, best, _own) for day, best in zip(days, known, strict=True)]
    theirs = [_seconds_to_near(day, best, _pyvrp) for day, best in zip(days, known, strict=True)]
    reached = [
        worth(day, _own(day, _BUDGET_S)) / best for day, best in zip(days, known, strict=True)
    ]
    beside = {"pyvrp": round(statistics.median(theirs), 3), "worst": round(max(own), 3)}
    return [
        Result("replan.median_seconds_to_1_percent", round(statistics.median(own), 3), "s", beside),
        Result(
            "replan.percent_in_0.3_s",
            round(100 * statistics.median(reached), 2),
            "%",
            {"worst": round(100 * min(reached), 2)},
        ),
        _cold(home),
    ]


def _best_known(day: Problem) -> int:
    """The better of two longer runs."""
    found = [_pyvrp(day, _REFERENCE_S), _own(day, _REFERENCE_S)]
    return max(worth(day, route) for route in found if _is_sound(day, route))


def _is_sound(day: Problem, route: tuple[int, ...]) -> bool:
    return is_legal(day, 0, route) and not missed(day, route)


def _seconds_to_near(day: Problem, best: int, solve: Solve) -> float:
    """How long the shortest run takes that ends within 1 % of the best known, appointments kept."""
    for budget in _BUDGETS_S:
        begun = time.perf_counter()
        route = solve(day, budget)
        taken = time.perf_counter() - begun
        if _is_sound(day, route) and worth(day, route) >= _NEAR * best:
            return taken
    return float(_BUDGETS_S[-1])


def _own(day: Problem, seconds: float) -> tuple[int, ...]:
    budget = Budget(iterations=1_000_000, seconds=seconds)
    return InsertionSolver(time.perf_counter).solve(day, day.nothing, budget).routes[0]


def _pyvrp(day: Problem, seconds: float) -> tuple[int, ...]:
    """PyVRP used directly: appointments required, two windows as a group of two."""
    model = pyvrp.Model()
    places = [model.add_location(0, 0) for _ in day.travel]
    pair, owners = day.vehicles[0], []
    depot = model.add_depot(places[pair.start])
    model.add_vehicle_type(
        start_depot=depot, end_depot=depot, tw_early=pair.shift_start, tw_late=pair.shift_end
    )
    for number, client in enumerate(day.clients):
        group = model.add_client_group(required=False) if len(client.windows) > 1 else None
        for first, last in client.windows:
            owners.append(number)
            model.add_client(
                places[client.at],
                service_duration=client.service_s,
                tw_early=first,
                tw_late=last,
                prize=0 if client.is_appointment else client.points * day.seconds_per_point,
                required=client.is_appointment,
                group=group,
            )
    for a, row in enumerate(day.travel):
        for b, way in enumerate(row):
            model.add_edge(places[a], places[b], distance=way, duration=way)
    best = model.solve(MaxRuntime(seconds), seed=1, display=False).best
    return tuple(owners[stop.idx] for route in best.routes() for stop in route if stop.is_client())


def _cold(home: Path) -> Result:
    """The whole command from process start; compiled, as an installed program is."""
    for room in (agent_cli, fieldsync):
        compileall.compile_dir(Path(room.__path__[0]), quiet=1)
    _make_device(home)
    environment = {
        **{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
        "FIELDSYNC_HOME": str(home),
        "FIELDSYNC_TRAINING_CLOCK": at(9).isoformat(),
    }
    program = str(Path(sys.executable).with_name("fieldsync"))
    taken = []
    for _ in range(_COMMANDS):
        begun = time.perf_counter()
        subprocess.run(
            [program, "replan", "--json"], env=environment, check=True, capture_output=True
        )
        taken.append(time.perf_counter() - begun)
    return Result(
        "replan.cold_seconds",
        round(statistics.median(taken), 3),
        "s",
        {"worst": round(max(taken), 3), "budget": 0.5},
    )


def _make_device(home: Path) -> None:
    """A synced device with a day of 25 candidates and their cases."""
    create_keys(home / "keys", bytes(range(64)))
    day = _itinerary()
    cases = [replace(make_case(1), case_id=one.case_id) for one in day.candidates]
    rows = [row for row in feed_rows() if not row.key.startswith(("case:", "itinerary:"))]
    rows += [FeedRow(f"case:{c.case_id}", FeedOp.PUT, 1, to_builtins(c)) for c in cases]
    rows.append(FeedRow(f"itinerary:{day.itinerary_id}", FeedOp.PUT, 1, to_builtins(day)))
    with closing(connect(home / DATABASE_NAME)) as conn:
        ensure_schema(conn)
        with writing(conn):
            meta.write(conn, to_meta(ANAS_DEVICE))
            stage(conn, rows)
            apply_staged(conn)


def _itinerary() -> Itinerary:
    """The made-up day with more candidates, spread over the district, none of them planned yet."""
    day = make_itinerary()
    one = day.candidates[0]
    candidates = tuple(
        replace(
            one,
            case_id=f"C-{number:06}",
            point=Point(22.5 + number % 5 * 0.03, 113.9 + number // 5 * 0.03),
            priority=10 + number * 37 % 90,
        )
        for number in range(_CANDIDATES)
    )
    matrix = GeodesicTravel().matrix([day.start, day.end, *(c.point for c in candidates)])
    return replace(
        day,
        stops=(),
        candidates=candidates,
        travel_s=tuple(map(tuple, matrix.seconds)),
        distance_m=tuple(map(tuple, matrix.metres)),
    )


if __name__ == "__main__":
    run(__doc__, measure)
