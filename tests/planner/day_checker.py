"""Checks a plan as a sceptic with a map and a watch would; shares no code with the planner."""

from collections.abc import Sequence
from typing import Any


def complaints(problem: Any, timetables: Sequence[Any]) -> list[str]:
    """Everything illegal about the timetables of a problem, in words; empty where all is well."""
    found: list[str] = []
    visited: list[int] = []
    for number, vehicle in enumerate(problem.vehicles):
        visits = timetables[number].visits
        visited += [visit.client for visit in visits]
        if len(visits) > vehicle.max_stops:
            found.append(f"{vehicle.name} makes {len(visits)} visits")
        found += _on_the_way(problem, vehicle, visits)
    if len(visited) != len(set(visited)):
        found.append("a case is visited twice")
    return found


def _on_the_way(problem: Any, vehicle: Any, visits: Sequence[Any]) -> list[str]:
    found: list[str] = []
    clock, place = vehicle.shift_start, vehicle.start
    for visit in visits:
        client = problem.clients[visit.client]
        if visit.arrive < clock + problem.travel[place][client.at]:
            found.append(f"{vehicle.name} flies to {client.name}")
        if visit.start < visit.arrive:
            found.append(f"{vehicle.name} begins at {client.name} before arriving")
        if not any(first <= visit.start <= last for first, last in client.windows):
            found.append(f"{client.name} is visited at a closed time")
        if visit.leave != visit.start + client.service_s:
            found.append(f"{client.name} has not the time it needs")
        clock, place = visit.leave, client.at
    if visits and clock + problem.travel[place][vehicle.end] > vehicle.shift_end:
        found.append(f"{vehicle.name} comes back after the shift")
    return found
