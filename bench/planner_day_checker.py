"""Checks a made-up day's routes from the document alone; shares no code with planner, solvers or maker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

from bench.planner_checker import Wrong


@dataclass(frozen=True, slots=True)
class Checked:
    """What lawful routes are worth: points, appointments kept and missed, seconds on the way, visits."""

    points: int
    appointments_missed: int
    travel_s: int
    visits: int


def check_day(day: Mapping[str, Any], routes: Sequence[Sequence[int]]) -> Checked:
    """What the routes (a row a pair, visits by number) are worth; Wrong where they break a rule."""
    if len(routes) != len(day["pairs"]):
        raise Wrong(f"{len(routes)} routes for {len(day['pairs'])} pairs")
    visited = [number for route in routes for number in route]
    if len(visited) != len(set(visited)):
        raise Wrong("somebody is visited twice")
    if not all(0 <= number < len(day["visits"]) for number in visited):
        raise Wrong("there is no such visit")
    visits = [day["visits"][number] for number in visited]
    wanted = sum(visit["is_appointment"] for visit in day["visits"])
    return Checked(
        points=sum(visit["points"] for visit in visits),
        appointments_missed=wanted - sum(visit["is_appointment"] for visit in visits),
        travel_s=sum(_walked(day, *walk) for walk in zip(day["pairs"], routes, strict=True)),
        visits=len(visits),
    )


def _walked(day: Mapping[str, Any], pair: Mapping[str, Any], route: Sequence[int]) -> int:
    """Seconds on the way of a pair's day; Wrong where it is late or finds no time to eat."""
    if "lunch" not in pair or not route:
        return _timed(day, pair, route, None)
    for place in range(2 * len(route) + 1):
        try:
            return _timed(day, pair, route, place)
        except Wrong:
            continue
    raise Wrong(f"the pair at {pair['home']} finds no time to eat")


def _timed(
    day: Mapping[str, Any], pair: Mapping[str, Any], route: Sequence[int], meal: int | None
) -> int:
    """The day with the meal before a leg (even places) or after it (odd); None without one."""
    clock, here, on_the_way = pair["from"], pair["home"], 0
    for index, number in enumerate(route):
        if meal == 2 * index:
            clock = _eaten(pair, clock)
        visit = day["visits"][number]
        leg = _leg(day, here, visit["place"])
        clock, here, on_the_way = clock + leg, visit["place"], on_the_way + leg
        if meal == 2 * index + 1:
            clock = _eaten(pair, clock)
        if clock > visit["closes"]:
            raise Wrong(f"visit {number} begins {clock - visit['closes']} s too late")
        clock = max(clock, visit["opens"]) + visit["service_s"]
    if meal == 2 * len(route):
        clock = _eaten(pair, clock)
    leg = _leg(day, here, pair["home"])
    if clock + leg > pair["until"]:
        raise Wrong(f"the pair at {pair['home']} is home after its shift")
    return on_the_way + leg


def _eaten(pair: Mapping[str, Any], clock: int) -> int:
    """When a meal that may begin now is over; Wrong where it is too late for it."""
    lunch = pair["lunch"]
    if clock > lunch["latest"]:
        raise Wrong("too late for a meal")
    return int(max(clock, lunch["earliest"]) + lunch["length_s"])


def _leg(day: Mapping[str, Any], a: int, b: int) -> int:
    if a == b:
        return 0
    (x, y), (u, v) = day["places"][a], day["places"][b]
    metres = isqrt((x - u) ** 2 + (y - v) ** 2)
    return int(day["parking_s"] + metres * day["road_per_800_m"] // 800)
