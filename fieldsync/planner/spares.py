"""Chooses the spares of each pair: cases near its day that it may turn to when the day changes."""

from fieldsync.planner.plan import Plan, unvisited
from fieldsync.planner.problem import Problem
from fieldsync.planner.timetable import walk

SPARES_PER_PAIR = 10


def choose_spares(
    problem: Problem, plan: Plan, limit: int = SPARES_PER_PAIR
) -> tuple[tuple[int, ...], ...]:
    """Up to `limit` clients a vehicle, the most points per second first.

    Each is offered to one pair only, so that no two pairs ever come to the same door; each could be
    made by its pair alone within its shift.
    """
    offers = [
        (-_worth(problem, plan, vehicle, client), client, vehicle)
        for client in unvisited(problem, plan.routes)
        for vehicle in range(len(problem.vehicles))
        if walk(problem, vehicle, (client,)).fault is None
    ]
    spares: list[list[int]] = [[] for _ in problem.vehicles]
    taken: set[int] = set()
    for _, client, vehicle in sorted(offers):
        if client not in taken and len(spares[vehicle]) < limit:
            spares[vehicle].append(client)
            taken.add(client)
    return tuple(tuple(row) for row in spares)


def _worth(problem: Problem, plan: Plan, vehicle: int, number: int) -> float:
    client = problem.clients[number]
    rows = [problem.vehicles[vehicle].start]
    rows += [problem.clients[visit.client].at for visit in plan.timetables[vehicle].visits]
    nearest = min(problem.legs(vehicle)[row][client.at] for row in rows)
    return client.weight / (client.service_s + nearest + 1)
