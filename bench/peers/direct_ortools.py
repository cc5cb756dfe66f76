"""OR-Tools' routing as a user would call it: a penalty a visit left out, guided local search."""

import time
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from bench.peers.given import answer, given, travel

_SECONDS_PER_POINT = 60
_MORE_FOR_APPOINTMENTS = 1000


def _model(day: Any, matrix: Any) -> tuple[Any, Any]:
    """The routing model: legs as cost, service and windows in a dimension of time."""
    homes = [pair["home"] for pair in day["pairs"]]
    manager = pywrapcp.RoutingIndexManager(len(day["places"]), len(homes), homes, homes)
    model = pywrapcp.RoutingModel(manager)
    cost = model.RegisterTransitMatrix(matrix.tolist())
    model.SetArcCostEvaluatorOfAllVehicles(cost)
    service = matrix.copy()
    for visit in day["visits"]:
        service[visit["place"], :] += visit["service_s"]
    horizon = max(pair["until"] for pair in day["pairs"])
    model.AddDimension(
        model.RegisterTransitMatrix(service.tolist()), horizon, horizon, False, "time"
    )
    times = model.GetDimensionOrDie("time")
    for number, pair in enumerate(day["pairs"]):
        times.CumulVar(model.Start(number)).SetRange(pair["from"], pair["until"])
        times.CumulVar(model.End(number)).SetRange(pair["from"], pair["until"])
    _meals(day, manager, model, times)
    for visit in day["visits"]:
        index = manager.NodeToIndex(visit["place"])
        times.CumulVar(index).SetRange(visit["opens"], visit["closes"])
        points = visit["points"] + (_MORE_FOR_APPOINTMENTS if visit["is_appointment"] else 0)
        model.AddDisjunction([index], points * _SECONDS_PER_POINT)
    return manager, model


def _meals(day: Any, manager: Any, model: Any, times: Any) -> None:
    """A break of fixed length in each pair's day, between visits."""
    service = [0] * model.Size()
    for visit in day["visits"]:
        service[manager.NodeToIndex(visit["place"])] = visit["service_s"]
    for number, pair in enumerate(day["pairs"]):
        if "lunch" not in pair:
            continue
        lunch = pair["lunch"]
        meal = model.solver().FixedDurationIntervalVar(
            lunch["earliest"], lunch["latest"], lunch["length_s"], False, f"meal {number}"
        )
        times.SetBreakIntervalsOfVehicle([meal], number, service)


def main() -> None:
    """Solve the day from stdin in the seconds of the first argument."""
    day, seconds = given()
    matrix = travel(day)
    begun = time.perf_counter()
    manager, model = _model(day, matrix)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    search.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    search.time_limit.FromMilliseconds(round(seconds * 1000))
    found = model.SolveWithParameters(search)
    visit_at = {visit["place"]: number for number, visit in enumerate(day["visits"])}
    routes: list[list[int]] = [[] for _ in day["pairs"]]
    for vehicle in range(len(routes)) if found else ():
        index = found.Value(model.NextVar(model.Start(vehicle)))
        while not model.IsEnd(index):
            routes[vehicle].append(visit_at[manager.IndexToNode(index)])
            index = found.Value(model.NextVar(index))
    answer(routes, time.perf_counter() - begun)


if __name__ == "__main__":
    main()
