"""Checks routes of shared instances from the file alone; shares no code with planner, solver or reader."""

import math
from collections.abc import Sequence
from pathlib import Path

_HEAD = {"vrptw": 0, "toptw": 2}


class Wrong(Exception):  # noqa: N818 - a verdict on routes, not a failure of the program
    """What makes the routes invalid."""


def check(path: Path, kind: str, routes: Sequence[Sequence[int]], most: int) -> float:
    """The value of the routes: total distance (vrptw) or profit (toptw); Wrong where they break a rule."""
    places, capacity = _read(path, kind)
    visited = [client for route in routes for client in route]
    if len(routes) > most:
        raise Wrong(f"{len(routes)} routes for {most} vehicles")
    if len(visited) != len(set(visited)) or not set(visited) <= set(places) - {0}:
        raise Wrong("a client is visited twice, or there is no such client")
    if kind == "vrptw" and set(visited) != set(places) - {0}:
        raise Wrong("somebody is not visited")
    scale = 100 if kind == "toptw" and path.stem.startswith("pr") else 10
    length = sum(_walk(places, route, capacity, scale) for route in routes)
    if kind == "vrptw":
        return length / scale
    return sum(places[client]["profit"] for client in visited)


def _walk(
    places: dict[int, dict[str, float]], route: Sequence[int], capacity: float, scale: int
) -> int:
    """The length of a route in tenths or hundredths; Wrong where a window or the depot is missed."""
    if sum(places[client]["demand"] for client in route) > capacity:
        raise Wrong("a vehicle is overloaded")
    clock, here, length = places[0]["opens"] * scale, 0, 0
    for client in (*route, 0):
        a, b = places[here], places[client]
        leg = math.floor(math.dist((a["x"], a["y"]), (b["x"], b["y"])) * scale + 1e-9)
        length += leg
        clock = max(clock + leg, b["opens"] * scale)
        if clock > b["closes"] * scale + 1e-6:
            raise Wrong(f"{client} is reached after it closed")
        clock, here = clock + b["service"] * scale, client
    return length


def _read(path: Path, kind: str) -> tuple[dict[int, dict[str, float]], float]:
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    places: dict[int, dict[str, float]] = {}
    capacity = math.inf
    for number, cells in enumerate(lines):
        if kind == "vrptw" and cells[:1] == ["NUMBER"]:
            capacity = float(lines[number + 1][1])
        if number < _HEAD[kind] or len(cells) < 7 or not cells[0].isdigit():
            continue
        row = [float(cell) for cell in cells]
        if kind == "vrptw":
            names = ("x", "y", "demand", "opens", "closes", "service")
            places[int(row[0])] = dict(zip(names, row[1:], strict=True))
        else:
            found = dict(zip(("x", "y", "service", "profit"), row[1:5], strict=True))
            places[int(row[0])] = {**found, "opens": row[-2], "closes": row[-1], "demand": 0.0}
    return places, capacity
