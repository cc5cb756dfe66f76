"""Made-up days of one pair: 25 candidates around a town, two of them appointments, some closed at noon."""

import random
from itertools import pairwise

from fieldsync.planner.problem import Client, Lunch, Problem, Vehicle

_HOUR = 3600
_CANDIDATES, _APPOINTMENTS = 25, 2
_TOWN_KM = 25
_SERVICE_S = 1800
# A way of so many seconds a kilometre of the straight line, and what every leg costs besides.
_PACE_S, _LEG_S = 156, 180


def made_up_day(seed: int, *, has_lunch: bool = False) -> Problem:
    """A day from half past eight to half past five, the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 - a made-up town keeps no secret
    points = [
        (draw.uniform(0, _TOWN_KM), draw.uniform(0, _TOWN_KM)) for _ in range(_CANDIDATES + 1)
    ]
    clients = tuple(
        Client(
            f"C{number}",
            number + 1,
            _windows(draw, number),
            _SERVICE_S,
            draw.randint(1, 100),
            number < _APPOINTMENTS,
        )
        for number in range(_CANDIDATES)
    )
    lunch = Lunch(2700, int(11.5 * _HOUR), int(13.5 * _HOUR)) if has_lunch else None
    pair = Vehicle("P", 0, 0, int(8.5 * _HOUR), int(17.5 * _HOUR), 14, lunch=lunch)
    return Problem((pair,), clients, _travel(points))


def worth(problem: Problem, route: tuple[int, ...]) -> int:
    """Points in seconds of driving less the driving; an appointment counts as many points as it has."""
    pair = problem.vehicles[0]
    rows = [pair.start, *(problem.clients[number].at for number in route), pair.end]
    driving = sum(problem.travel[a][b] for a, b in pairwise(rows))
    points = sum(problem.clients[number].points for number in route)
    return points * problem.seconds_per_point - driving if route else 0


def missed(problem: Problem, route: tuple[int, ...]) -> int:
    """How many appointments the route does not keep."""
    agreed = [n for n, client in enumerate(problem.clients) if client.is_appointment]
    return sum(number not in route for number in agreed)


def _windows(draw: random.Random, number: int) -> tuple[tuple[int, int], ...]:
    """The first appointment is in the morning, the second in the afternoon: both can be kept."""
    if number < _APPOINTMENTS:
        first = draw.randrange(10, 12) * _HOUR + number * 4 * _HOUR
        return ((first, first + 1800),)
    if draw.random() < 0.3:
        return ((8 * _HOUR, 11 * _HOUR), (14 * _HOUR, 21 * _HOUR))
    return ((8 * _HOUR, 21 * _HOUR),)


def _travel(points: list[tuple[float, float]]) -> list[list[int]]:
    return [
        [
            0
            if a == b
            else int(_LEG_S + _PACE_S * ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5)
            for b in points
        ]
        for a in points
    ]
