"""Travel times without a map: the distance on the ellipsoid, made longer by streets, at city speed.

A day of one pair is measured by geopy's geodesic (Karney 2013) pair by pair. A branch has a million
pairs of points; there numpy measures all at once with Lambert's formula for long lines, which is
within 0.01 % of geopy over a country (checked by a test).
"""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from geopy.distance import geodesic

from fieldsync.domain.place import Point
from fieldsync.planner.travel import (
    CIRCUITY,
    LEG_OVERHEAD_S,
    SAME_PLACE_M,
    SPEED_BANDS,
    road_seconds,
)
from fieldsync.ports import TravelMatrix

SOURCE = "geodesic"
# From here on numpy is worth its import; below, geopy takes a fraction of a second.
_MANY_POINTS = 60
_WGS84_A_M = 6_378_137.0
_WGS84_F = 1 / 298.257223563


def metres_between(a: Point, b: Point) -> float:
    """The straight way over the ground, in metres, as accurate as there is."""
    return float(geodesic((a.lat, a.lon), (b.lat, b.lon)).meters)


class GeodesicTravel:
    """The TravelTimes port from coordinates alone; the same in both directions."""

    def matrix(self, points: Sequence[Point]) -> TravelMatrix:
        """Seconds and road metres between all points."""
        if len(points) >= _MANY_POINTS and find_spec("numpy") is not None:
            return _vectorised(points)
        return _one_by_one(points)


def _one_by_one(points: Sequence[Point]) -> TravelMatrix:
    size = len(points)
    metres = [[0] * size for _ in points]
    seconds = [[0] * size for _ in points]
    for i in range(size):
        for j in range(i):
            road = metres_between(points[i], points[j]) * CIRCUITY
            metres[i][j] = metres[j][i] = round(road)
            seconds[i][j] = seconds[j][i] = road_seconds(road)
    return TravelMatrix(tuple(map(tuple, seconds)), tuple(map(tuple, metres)), SOURCE)


def _vectorised(points: Sequence[Point]) -> TravelMatrix:
    import numpy as np

    road = lambert_metres(points) * CIRCUITY
    seconds = np.full(road.shape, float(LEG_OVERHEAD_S))
    begin = 0.0
    for end, speed in SPEED_BANDS:
        seconds += np.clip(np.minimum(road, end) - begin, 0.0, None) / speed
        begin = end
    seconds[road < SAME_PLACE_M] = 0.0
    return TravelMatrix(
        tuple(map(tuple, np.ceil(seconds).astype(np.int64).tolist())),
        tuple(map(tuple, np.rint(road).astype(np.int64).tolist())),
        SOURCE,
    )


def lambert_metres(points: Sequence[Point]) -> Any:
    """A square numpy array of straight metres by Lambert's formula (error about 10 m in 1,000 km)."""
    import numpy as np

    lat = np.radians([p.lat for p in points])
    lon = np.radians([p.lon for p in points])
    beta = np.arctan((1 - _WGS84_F) * np.tan(lat))
    half_d_beta = (beta[:, None] - beta[None, :]) / 2
    half_d_lon = (lon[:, None] - lon[None, :]) / 2
    h = np.sin(half_d_beta) ** 2 + np.cos(beta)[:, None] * np.cos(beta) * np.sin(half_d_lon) ** 2
    sigma = 2 * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0)))
    p, q = (beta[:, None] + beta[None, :]) / 2, half_d_beta
    # At the same point and at antipodes a half-angle vanishes; both corrections are nothing there.
    near = np.where(np.cos(sigma / 2) == 0, 1.0, np.cos(sigma / 2))
    far = np.where(sigma == 0, 1.0, np.sin(sigma / 2))
    x = (sigma - np.sin(sigma)) * (np.sin(p) * np.cos(q) / near) ** 2
    y = (sigma + np.sin(sigma)) * (np.cos(p) * np.sin(q) / far) ** 2
    return np.abs(_WGS84_A_M * (sigma - _WGS84_F / 2 * (x + y)))
