"""Chooses the spares of each pair: cases near its day that it may turn to when the day changes."""

from collections.abc import Sequence

from fieldsync.planner.pair_day import PairDay
from fieldsync.planner.plan import Plan, unvisited
from fieldsync.planner.problem import Problem

SPARES_PER_PAIR = 10


def choose_spares(
    problem: Problem, plan: Plan, limit: int = SPARES_PER_PAIR
) -> tuple[tuple[int, ...], ...]:
    """Up to `limit` clients a vehicle, the most points per second first.

    Each is offered to one pair only, so that no two pairs ever come to the same door; each could be
    made by its pair alone within its shift.
    """
    idle = [PairDay(problem, vehicle, ()) for vehicle in range(len(problem.vehicles))]
    rows = [_rows(problem, plan, vehicle) for vehicle in range(len(problem.vehicles))]
    offers = [
        (-_worth(problem, day.vehicle, rows[day.vehicle], client), client, day.vehicle)
        for client in unvisited(problem, plan.routes)
        for day in idle
        if day.place_for(client) is not None
    ]
    spares: list[list[int]] = [[] for _ in problem.vehicles]
    taken: set[int] = set()
    for _, client, vehicle in sorted(offers):
        if client not in taken and len(spares[vehicle]) < limit:
            spares[vehicle].append(client)
            taken.add(client)
    return tuple(tuple(row) for row in spares)


def _worth(problem: Problem, vehicle: int, rows: Sequence[int], number: int) -> float:
    """Points per second, from the nearest of these matrix rows."""
    client, legs = problem.clients[number], problem.legs(vehicle)
    nearest = min(legs[row][client.at] for row in rows)
    return client.weight / (client.service_s + nearest + 1)


def _rows(problem: Problem, plan: Plan, vehicle: int) -> list[int]:
    """Where the pair is on its day, as matrix rows."""
    visits = plan.timetables[vehicle].visits
    return [problem.vehicles[vehicle].start, *(problem.clients[v.client].at for v in visits)]
