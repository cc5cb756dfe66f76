"""Travel times without a map: the distance on the ellipsoid, made longer by streets, at city speed.

A day of one pair is measured by geopy's geodesic (Karney 2013) pair by pair. A branch has a million
pairs of points; there numpy measures all at once with Lambert's formula for long lines, which is
within 0.01 % of geopy over a country (checked by a test). Rows are arrays of 32-bit numbers: a
million Python numbers take longer to make than the distances.
"""

from array import array
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from geopy.distance import geodesic

from fieldsync.domain.officer import TravelMode
from fieldsync.domain.place import Point
from fieldsync.planner.travel import PACES, SAME_PLACE_M, road_seconds
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

    def matrix(self, points: Sequence[Point], mode: TravelMode = TravelMode.CAR) -> TravelMatrix:
        """Seconds and metres of the way between all points."""
        many = len(points) >= _MANY_POINTS and find_spec("numpy") is not None
        seconds, metres = _vectorised(points, mode) if many else _one_by_one(points, mode)
        size = len(points)
        return TravelMatrix(seconds, metres, SOURCE, ((SOURCE, size * (size - 1)),))


_Table = tuple["array[int]", ...]


def _one_by_one(points: Sequence[Point], mode: TravelMode) -> tuple[_Table, _Table]:
    nothing = [0] * len(points)
    seconds = tuple(array("i", nothing) for _ in points)
    metres = tuple(array("i", nothing) for _ in points)
    for i, a in enumerate(points):
        for j in range(i):
            road = metres_between(a, points[j]) * PACES[mode].circuity
            metres[i][j] = metres[j][i] = round(road)
            seconds[i][j] = seconds[j][i] = road_seconds(road, mode)
    return seconds, metres


def _vectorised(points: Sequence[Point], mode: TravelMode) -> tuple[_Table, _Table]:
    import numpy as np

    pace = PACES[mode]
    road = lambert_metres(points) * pace.circuity
    seconds = np.full(road.shape, float(pace.leg_s))
    begin = 0.0
    for end, speed in pace.bands:
        seconds += np.clip(np.minimum(road, end) - begin, 0.0, None) / speed
        begin = end
    seconds[road < SAME_PLACE_M] = 0.0
    return _rows(np.ceil(seconds)), _rows(np.rint(road))


def _rows(table: Any) -> _Table:
    return tuple(array("i", row.tobytes()) for row in table.astype("i"))


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
