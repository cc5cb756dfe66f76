"""Made-up days of a branch in metres and seconds, the same for the planner and for its peers.

A day is a plain document, so that programs in other environments read it: pairs with their own
homes, visits with the window in which each may START, points, and which are appointments.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

# A made-up day as JSON has it: `pairs`, `visits`, and how long the way takes.
Day = Mapping[str, Any]

_RADIUS_M = 12_500
_SHIFT_S = 8 * 3600
_SERVICE_S = 1800
_LAST_START_S = _SHIFT_S - _SERVICE_S
_HALF_HOURS = 13
_ROAD_PER_800_M = 135  # 1.35 times the straight line at 8 m/s, kept in whole numbers
_PARKING_S = 180


def made_up(pairs: int, visits: int, appointments: int, seed: int = 1) -> Day:
    """A day of so many pairs, and of so many visits of which the first few are appointments."""
    draw = random.Random(seed)  # noqa: S311 - a made-up day, no secret
    places = [_place(draw) for _ in range(pairs + visits)]
    return {
        "places": places,
        "parking_s": _PARKING_S,
        "road_per_800_m": _ROAD_PER_800_M,
        "pairs": [{"home": number, "from": 0, "until": _SHIFT_S} for number in range(pairs)],
        "visits": [
            _visit(draw, pairs + number, is_appointment=number < appointments)
            for number in range(visits)
        ],
    }


def branch_day(seed: int = 1) -> Day:
    """40 pairs, 1,200 cases, 49 appointments in half hours."""
    return made_up(40, 1_200, 49, seed)


def lunch_day(seed: int = 1) -> Day:
    """The branch day, and every pair eats for 45 minutes that begin between the third and the fifth hour."""
    day = branch_day(seed)
    lunch = {"length_s": 45 * 60, "earliest": 3 * 3600, "latest": 5 * 3600}
    return {**day, "pairs": [{**pair, "lunch": lunch} for pair in day["pairs"]]}


def heavy_day(seed: int = 1) -> Day:
    """40 pairs, 4,000 cases, 213 appointments in half hours."""
    return made_up(40, 4_000, 213, seed)


def travel(day: Day) -> Any:
    """Seconds from place to place as a square of whole numbers, exactly as the checker has them."""
    places = np.array(day["places"], dtype=np.int64)
    apart = places[:, None, :] - places[None, :, :]
    metres = np.sqrt((apart * apart).sum(axis=2)).astype(np.int64)
    seconds = day["parking_s"] + metres * day["road_per_800_m"] // 800
    np.fill_diagonal(seconds, 0)
    return seconds


def _place(draw: random.Random) -> Sequence[int]:
    while True:
        x, y = draw.randint(-_RADIUS_M, _RADIUS_M), draw.randint(-_RADIUS_M, _RADIUS_M)
        if x * x + y * y <= _RADIUS_M * _RADIUS_M:
            return [x, y]


def _visit(draw: random.Random, place: int, *, is_appointment: bool) -> Mapping[str, Any]:
    """A visit with its window: half an hour for an appointment, a half or a whole day for others."""
    points = draw.randint(1, 100)
    noon = _SHIFT_S // 2
    opens, closes = draw.choice(
        [(0, _LAST_START_S), (0, _LAST_START_S), (0, noon), (noon, _LAST_START_S)]
    )
    if is_appointment:
        opens = 3600 + draw.randrange(_HALF_HOURS) * 1800
        closes, points = min(opens + 1800, _LAST_START_S), 100
    return {
        "place": place,
        "opens": opens,
        "closes": closes,
        "service_s": _SERVICE_S,
        "points": points,
        "is_appointment": is_appointment,
    }
