"""What every peer shares: the day from stdin, the way between its places, the routes to stdout."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def given() -> tuple[Mapping[str, Any], float]:
    """The day, and the seconds of wall clock that the search may take."""
    return json.load(sys.stdin), float(sys.argv[1])


def travel(day: Mapping[str, Any]) -> Any:
    """Seconds from place to place, as the day says: parking, and the road's length at its speed."""
    places = np.array(day["places"], dtype=np.int64)
    apart = places[:, None, :] - places[None, :, :]
    metres = np.sqrt((apart * apart).sum(axis=2)).astype(np.int64)
    seconds = day["parking_s"] + metres * day["road_per_800_m"] // 800
    np.fill_diagonal(seconds, 0)
    return seconds


def answer(routes: Sequence[Sequence[int]], seconds: float) -> None:
    """Visits by number, a row a pair, and how long the search took."""
    print(json.dumps({"routes": [list(route) for route in routes], "seconds": round(seconds, 2)}))
