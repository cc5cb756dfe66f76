"""Measures the route search on shared instances; every route is printed, checked and compared.

bench/planner.py --instances DIR --kind toptw --seconds 30 --best best_known.csv --json
bench/planner.py --branch --seconds 30 --json plans made-up days beside the peers.
"""

import argparse
import csv
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyvrp

from bench.planner_checker import check
from bench.planner_instances import Instance, read_toptw, read_vrptw
from bench.planner_peers import DAYS, PEERS, document, measure
from bench.planner_peers import results as day_results
from bench.report import Before, Result, emit, fsync_probe_ms, load
from fieldsync.adapters.route_pool import tours_of
from fieldsync.adapters.solver_recombined import cores, recombine
from fieldsync.planner.problem import Budget

_WITHOUT_END = 1_000_000_000
# A point outweighs any way there: these instances count profit alone.
_UNITS_PER_POINT = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One instance solved: routes in the file's client numbers, the checker's value, seconds taken."""

    kind: str
    instance: str
    paths: int
    value: float
    seconds: float
    routes: tuple[tuple[int, ...], ...]


def _data(instance: Instance, kind: str, paths: int) -> pyvrp.ProblemData:
    size = range(len(instance.places))
    # PyVRP's stubs give numpy's type parameters in another order than numpy does.
    matrix: Any = np.array([[instance.distance(a, b) for b in size] for a in size], dtype=np.int64)
    depot = instance.places[0]
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(float(p.x), float(p.y)) for p in instance.places],
        clients=[
            pyvrp.Client(
                place.number,
                delivery=[place.demand],
                service_duration=instance.ticks(place.service),
                tw_early=instance.ticks(place.opens),
                tw_late=instance.ticks(place.closes),
                prize=place.profit * _UNITS_PER_POINT * instance.scale,
                required=kind == "vrptw",
            )
            for place in instance.places[1:]
        ],
        depots=[pyvrp.Depot(0)],
        vehicle_types=[
            pyvrp.VehicleType(
                paths,
                capacity=[instance.capacity],
                tw_early=instance.ticks(depot.opens),
                tw_late=instance.ticks(depot.closes),
            )
        ],
        distance_matrices=[matrix],
        duration_matrices=[matrix],
    )


def solve(path: Path, kind: str, paths: int, seconds: float, seed: int) -> Row:
    """Solve one file within the wall-clock seconds and have the routes checked."""
    instance = read_vrptw(path) if kind == "vrptw" else read_toptw(path)
    paths = instance.vehicles if kind == "vrptw" else paths
    begun = time.perf_counter()
    budget = Budget(seed, _WITHOUT_END, seconds)
    found = recombine(_data(instance, kind, paths), None, budget, cores())
    taken = round(time.perf_counter() - begun, 2)
    routes = tuple(tuple(c + 1 for c in tour.clients) for tour in tours_of(found.best))
    value = check(path, kind, routes, paths)
    return Row(kind, instance.name, 0 if kind == "vrptw" else paths, value, taken, routes)


def _best(path: Path | None) -> dict[tuple[str, str, int], float]:
    """Best-known values by problem, instance and paths (0 where the file names none)."""
    if path is None:
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["problem"], row["instance"], int(row["m"] or 0)): float(row["value"])
            for row in csv.DictReader(file)
        }


def results(rows: Sequence[Row], best: dict[tuple[str, str, int], float]) -> list[Result]:
    """The figures over all rows for which a value is known."""
    found: list[Result] = []
    shares = [
        100 * row.value / best["TOPTW", row.instance, row.paths]
        for row in rows
        if ("TOPTW", row.instance, row.paths) in best and row.kind == "toptw"
    ]
    if shares:
        found.append(Result("toptw.mean_percent", round(statistics.mean(shares), 2), "%"))
        found.append(Result("toptw.worst_percent", round(min(shares), 2), "%"))
    optima = [
        row.value >= best["OPTW", row.instance, 1]
        for row in rows
        if row.paths == 1 and ("OPTW", row.instance, 1) in best
    ]
    if optima:
        found.append(Result("toptw.optima_found", sum(optima), f"of {len(optima)}"))
    gaps = [
        100 * (row.value / best["VRPTW-Solomon", row.instance, 0] - 1)
        for row in rows
        if ("VRPTW-Solomon", row.instance, 0) in best and row.kind == "vrptw"
    ]
    if gaps:
        found.append(Result("solomon.mean_gap_percent", round(statistics.mean(gaps), 3), "%"))
        found.append(Result("solomon.worst_gap_percent", round(max(gaps), 3), "%"))
    return found


def _rows(arguments: argparse.Namespace) -> list[Row]:
    """Every instance in turn; with --out each row is kept at once, and found again in the next run."""
    rows: list[Row] = []
    out: Path | None = arguments.out
    if out is not None and out.is_file():
        for line in out.read_text(encoding="utf-8").splitlines():
            kept = json.loads(line)
            rows.append(Row(**{**kept, "routes": tuple(map(tuple, kept["routes"]))}))
    done = {(row.kind, row.instance, row.paths) for row in rows}
    every = [0] if arguments.kind == "vrptw" else [int(m) for m in arguments.paths.split(",")]
    only = {name.lower() for name in _named(arguments.only)}
    for path in sorted(arguments.instances.glob("*.txt")):
        for paths in every:
            name = path.stem.lower()
            if (arguments.kind, name, paths) in done or (only and name not in only):
                continue
            row = solve(path, arguments.kind, paths, arguments.seconds, arguments.seed)
            rows.append(row)
            print(f"{name} {paths or ''}: {row.value:g} in {row.seconds} s", file=sys.stderr)
            if out is not None:
                with out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(row)) + "\n")
    return [row for row in rows if row.kind == arguments.kind]


def _command(arguments: argparse.Namespace) -> str:
    """What was asked for; whose folder it was concerns nobody."""
    options = f"--instances DIR --kind {arguments.kind} --seconds {arguments.seconds:g}"
    if arguments.kind == "toptw":
        options += f" --paths {arguments.paths}"
    if arguments.only:
        options += f" --only {arguments.only}"
    return f".venv/bin/python bench/planner.py {options} --best FILE --json"


def _named(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def main(given: Sequence[str] | None = None) -> None:
    """Solve what the arguments say and print rows and figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--instances", type=Path, help="folder of instance files")
    what.add_argument("--branch", action="store_true", help="made-up days beside the peers")
    parser.add_argument("--days", default=",".join(DAYS), help="with --branch: which days")
    parser.add_argument("--peers", default=",".join(PEERS), help="with --branch: beside whom")
    parser.add_argument("--kind", choices=["vrptw", "toptw"], help="with --instances: their kind")
    parser.add_argument("--seconds", type=float, default=30.0, help="wall clock for each")
    parser.add_argument("--paths", default="1,2,3,4", help="numbers of paths for toptw")
    parser.add_argument("--only", default="", help="names of instances, commas between")
    parser.add_argument("--best", type=Path, help="problem,instance,m,value,... to compare with")
    parser.add_argument("--out", type=Path, help="keep rows here and go on where a run ended")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", dest="as_json")
    arguments = parser.parse_args(given)
    if arguments.instances and not arguments.kind:
        parser.error("--instances needs --kind vrptw or --kind toptw")
    before = Before(fsync_probe_ms(), load())
    if arguments.branch:
        days, peers = _named(arguments.days), _named(arguments.peers)
        every = measure(days, peers, arguments.seconds)
        command = f"bench/planner.py --branch --seconds {arguments.seconds:g} --json"
        besides = {**document(every), "command": f".venv/bin/python {command}"}
        emit(day_results(every), before, as_json=arguments.as_json, besides=besides)
        return
    rows = _rows(arguments)
    emit(
        results(rows, _best(arguments.best)),
        before,
        as_json=arguments.as_json,
        besides={
            "instances": [asdict(row) for row in rows],
            "command": _command(arguments),
        },
    )


if __name__ == "__main__":
    main()
