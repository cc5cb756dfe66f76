"""PyVRP as a user would call it: one model of the day, its own settings, one run until the time is up.

Appointments are required. On a day too full for that (no route set keeps them all) it is staged:
appointments alone first, then the most rewarding visits from there, appointments at a higher prize.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pyvrp
from pyvrp.stop import MaxRuntime

from bench.peers.given import answer, given, travel

# Seconds of driving that a point is worth: PyVRP collects the same from 30 to 10,000 and drives least at the low end.
_SECONDS_PER_POINT = 60
_MORE_FOR_APPOINTMENTS = 1000
_FIRST_STAGE_S = 4.0
_CANDIDATES_PER_PAIR = 30


def _data(
    day: Mapping[str, Any], chosen: Sequence[int], matrix: Any, *, are_required: bool
) -> pyvrp.ProblemData:
    pairs = day["pairs"]
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(x, y) for x, y in day["places"]],
        clients=[
            pyvrp.Client(
                visit["place"],
                service_duration=visit["service_s"],
                tw_early=visit["opens"],
                tw_late=visit["closes"],
                prize=_SECONDS_PER_POINT * (visit["points"] + more),
                required=are_required and visit["is_appointment"],
            )
            for visit in (day["visits"][number] for number in chosen)
            for more in [
                _MORE_FOR_APPOINTMENTS if visit["is_appointment"] and not are_required else 0
            ]
        ],
        depots=[pyvrp.Depot(pair["home"]) for pair in pairs],
        vehicle_types=[
            pyvrp.VehicleType(
                start_depot=number,
                end_depot=number,
                tw_early=pair["from"],
                tw_late=pair["until"],
                shift_duration=pair["until"] - pair["from"] - _meal_s(pair),
            )
            for number, pair in enumerate(pairs)
        ],
        distance_matrices=[matrix],
        duration_matrices=[matrix],
    )


def _meal_s(pair: Mapping[str, Any]) -> int:
    """PyVRP knows no breaks: the day is made shorter by it, and its place is found afterwards."""
    return int(pair["lunch"]["length_s"]) if "lunch" in pair else 0


def _fed(day: Mapping[str, Any], matrix: Any, routes: list[list[int]]) -> list[list[int]]:
    """The routes with room for the meal: where there is none, the visit with the fewest points goes."""
    fed = []
    for pair, given_route in zip(day["pairs"], routes, strict=True):
        route = list(given_route)
        while route and _meal_s(pair) and not _has_room(day, matrix, pair, route):
            visits = day["visits"]
            kept = [n for n in route if not visits[n]["is_appointment"]] or route
            route.remove(min(kept, key=lambda n: visits[n]["points"]))
        fed.append(route)
    return fed


def _has_room(
    day: Mapping[str, Any], matrix: Any, pair: Mapping[str, Any], route: Sequence[int]
) -> bool:
    """Whether the meal fits before some leg, after it, or before the way home."""
    return any(_is_home(day, matrix, pair, route, meal) for meal in range(2 * len(route) + 1))


def _is_home(
    day: Mapping[str, Any], matrix: Any, pair: Mapping[str, Any], route: Sequence[int], meal: int
) -> bool:
    lunch, clock, here = pair["lunch"], pair["from"], pair["home"]
    for step in range(2 * len(route) + 1):
        if step == meal:
            if clock > lunch["latest"]:
                return False
            clock = max(clock, lunch["earliest"]) + lunch["length_s"]
        if step % 2 == 0 and step < 2 * len(route):
            visit = day["visits"][route[step // 2]]
            clock, here = clock + int(matrix[here, visit["place"]]), visit["place"]
        elif step % 2:
            visit = day["visits"][route[step // 2]]
            if clock > visit["closes"]:
                return False
            clock = max(clock, visit["opens"]) + visit["service_s"]
    return bool(clock + matrix[here, pair["home"]] <= pair["until"])


def _solve(
    data: pyvrp.ProblemData, seconds: float, start: pyvrp.Solution | None = None
) -> pyvrp.Solution:
    stop = MaxRuntime(max(0.1, seconds))
    return pyvrp.solve(
        data, stop, seed=1, collect_stats=False, display=False, initial_solution=start
    ).best


def _routes(solution: pyvrp.Solution, chosen: Sequence[int], pairs: int) -> list[list[int]]:
    routes: list[list[int]] = [[] for _ in range(pairs)]
    if solution.is_feasible():
        for route in solution.routes():
            routes[route.vehicle_type()] = [chosen[a.idx] for a in route if a.is_client()]
    return routes


def _rewarding(day: Mapping[str, Any], matrix: Any) -> list[int]:
    """Every appointment, and the visits with the most points for their seconds."""
    homes = [pair["home"] for pair in day["pairs"]]
    nearest = matrix[homes].min(axis=0)

    def worth(number: int) -> float:
        visit = day["visits"][number]
        if visit["is_appointment"]:
            return float("inf")
        return float(visit["points"] / (visit["service_s"] + nearest[visit["place"]] / 2))

    ranked = sorted(range(len(day["visits"])), key=worth, reverse=True)
    return ranked[: _CANDIDATES_PER_PAIR * len(homes)]


def _staged(
    day: Mapping[str, Any], matrix: Any, seconds: float
) -> tuple[pyvrp.Solution, list[int]]:
    begun = time.perf_counter()
    chosen = _rewarding(day, matrix)
    place = {number: index for index, number in enumerate(chosen)}
    appointments = [number for number in chosen if day["visits"][number]["is_appointment"]]
    alone = _data(day, appointments, matrix, are_required=False)
    first = _solve(alone, min(_FIRST_STAGE_S, seconds / 2))
    data = _data(day, chosen, matrix, are_required=False)
    warm = [
        pyvrp.Route(
            data, [place[appointments[a.idx]] for a in r if a.is_client()], r.vehicle_type()
        )
        for r in first.routes()
    ]
    left = seconds - (time.perf_counter() - begun)
    return _solve(data, left, pyvrp.Solution(data, warm)), chosen


def main() -> None:
    """Solve the day from stdin in the seconds of the first argument; `staged` as second asks for stages."""
    day, seconds = given()
    matrix = travel(day)
    begun = time.perf_counter()
    if sys.argv[2:] == ["staged"]:
        solution, chosen = _staged(day, matrix, seconds)
    else:
        chosen = list(range(len(day["visits"])))
        solution = _solve(_data(day, chosen, matrix, are_required=True), seconds)
    routes = _fed(day, matrix, _routes(solution, chosen, len(day["pairs"])))
    answer(routes, time.perf_counter() - begun)


if __name__ == "__main__":
    main()
