"""The benchmark of the route search reads the files right, and its checker finds what is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.planner_checker import Wrong, check
from bench.planner_day_checker import check_day
from bench.planner_days import made_up
from bench.planner_peers import planned_by, planned_here, results
from tests.house.tree import ROOT

_TOPTW = """4 1 3 1
0 0
  0 0.00 0.00 0.00 0.00 0 0 0 40
  1 3.00 4.00 5.00 10.00 1 1 1 0 30
  2 6.00 8.00 5.00 20.00 1 1 1 0 9
  3 0.00 9.00 5.00 30.00 1 1 1 12 25
"""
_VRPTW = """T1

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.  YCOORD.  DEMAND  READY TIME  DUE DATE  SERVICE TIME

    0   0   0   0   0   100   0
    1   3   4   6   0    50   5
    2   6   8   6   0    50   5
"""
_BEST = (
    "problem,instance,m,value,kind,source\nTOPTW,t1,1,40,made up,here\nOPTW,t1,1,40,made up,here\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One instance of each kind."""
    (tmp_path / "t1.txt").write_text(_TOPTW, encoding="utf-8")
    (tmp_path / "v1.txt").write_text(_VRPTW, encoding="utf-8")
    return tmp_path


def test_the_checker_counts_and_finds_faults(folder: Path) -> None:
    """Profit and distance by hand; a late visit, a double one, a load and a missing client are found."""
    toptw, vrptw = folder / "t1.txt", folder / "v1.txt"
    assert check(toptw, "toptw", [[1, 3]], 1) == 40
    assert check(vrptw, "vrptw", [[1], [2]], 2) == 30
    for path, kind, routes, most in (
        (toptw, "toptw", [[1, 2]], 1),  # 2 closes at 9, and 1 takes until 10
        (toptw, "toptw", [[1], [1]], 2),
        (toptw, "toptw", [[1], [3]], 1),
        (toptw, "toptw", [[4]], 1),
        (vrptw, "vrptw", [[1, 2]], 2),
        (vrptw, "vrptw", [[1]], 2),
    ):
        with pytest.raises(Wrong):
            check(path, kind, routes, most)


def test_the_benchmark_prints_routes_that_anybody_can_check(folder: Path) -> None:
    """From the command line: the best day of the tiny town, its routes by client number, and the figures."""
    (folder / "v1.txt").unlink()
    best = folder / "best.csv"
    best.write_text(_BEST, encoding="utf-8")
    command = [sys.executable, "-m", "bench.planner", "--instances", str(folder), "--kind", "toptw"]
    options = ["--seconds", "0.5", "--paths", "1", "--best", str(best), "--json"]
    done = subprocess.run(
        [*command, *options], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    )
    document = json.loads(done.stdout)
    (row,) = document["instances"]
    assert (row["instance"], row["value"], row["routes"]) == ("t1", 40, [[1, 3]])
    figures = {one["name"]: one["value"] for one in document["results"]}
    assert figures == {
        "toptw.mean_percent": 100,
        "toptw.worst_percent": 100,
        "toptw.optima_found": 1,
    }


def test_the_day_checker_counts_and_finds_faults() -> None:
    """A day of one pair and two visits by hand: points and way; late, double and unknown are found."""
    visit = {"opens": 0, "closes": 1000, "service_s": 600, "points": 7, "is_appointment": False}
    day = {
        "places": [[0, 0], [800, 0], [0, 800]],
        "parking_s": 60,
        "road_per_800_m": 100,
        "pairs": [{"home": 0, "from": 0, "until": 2000}],
        "visits": [{**visit, "place": 1}, {**visit, "place": 2, "is_appointment": True}],
    }
    checked = check_day(day, [[1, 0]])
    # 160 out, 600 there, 60 + 1131 * 100 // 800 across, 600 there, 160 home: 1,721 of 2,000.
    assert (checked.points, checked.appointments_missed, checked.visits) == (14, 0, 2)
    assert checked.travel_s == 160 + 201 + 160
    assert check_day(day, [[0]]).appointments_missed == 1
    for changed, routes in (
        ({"visits": [{**visit, "place": 1, "closes": 100}]}, [[0]]),
        ({"pairs": [{"home": 0, "from": 0, "until": 1700}]}, [[1, 0]]),
        ({}, [[0, 0]]),
        ({}, [[2]]),
        ({}, [[0], [1]]),
    ):
        with pytest.raises(Wrong):
            check_day({**day, **changed}, routes)


def test_a_made_up_day_is_planned_here_and_by_a_peer_in_its_own_process() -> None:
    """A tiny day by the product and by PyVRP directly: both lawful by the checker, and set side by side."""
    day = made_up(2, 12, 1)
    ours, peer = planned_here("branch", day, 0.5), planned_by("pyvrp", "branch", day, 0.5)
    figures = {one.name: one for one in results([ours, peer])}
    assert figures["branch.prize"].value >= peer.checked.points
    assert figures["branch.prize"].vs["pyvrp"] >= 1
    assert figures["branch.appointments_missed"].value == 0
    assert planned_by("pyvrp", "heavy", day, 0.5).checked.appointments_missed == 0


def test_a_day_with_a_meal_is_checked_and_planned_by_both() -> None:
    """The checker finds the place for it or none; PyVRP's day, which knows no breaks, is made to fit."""
    visit = {"opens": 0, "closes": 9000, "service_s": 600, "points": 7, "is_appointment": False}
    lunch = {"length_s": 1200, "earliest": 700, "latest": 1500}
    day = {
        "places": [[0, 0], [800, 0], [0, 800]],
        "parking_s": 60,
        "road_per_800_m": 100,
        "pairs": [{"home": 0, "from": 0, "until": 1721 + 1200, "lunch": lunch}],
        "visits": [{**visit, "place": 1}, {**visit, "place": 2}],
    }
    assert check_day(day, [[1, 0]]).visits == 2
    hurried = [{**day["pairs"][0], "until": 1721 + 1199}]  # type: ignore[index]
    for pairs in (hurried, [{**hurried[0], "until": 9000, "lunch": {**lunch, "latest": -1}}]):
        with pytest.raises(Wrong):
            check_day({**day, "pairs": pairs}, [[1, 0]])
    made = made_up(2, 12, 1)
    hungry = {**made, "pairs": [{**p, "lunch": {**lunch, "latest": 20_000}} for p in made["pairs"]]}
    assert planned_here("lunch", hungry, 0.5).checked.visits >= 2
    assert planned_by("pyvrp", "lunch", hungry, 0.5).checked.visits >= 2
