"""Chinese map datums to WGS-84 and back: GCJ-02 (Gaode, Tencent) and BD-09 (Baidu).

GCJ-02 shifts WGS-84 by up to 700 m inside China by a formula without an inverse; the way back
iterates until the forward shift lands within a micrometre. The formulas are those of the public
reconstruction known as "eviltransform" (Krasovsky 1940 ellipsoid), which no authority publishes.
Abroad all three agree; so says Baidu of its own maps (lbs.baidu.com, "coordinate").
"""

from collections.abc import Callable
from math import atan2, cos, fabs, hypot, pi, sin, sqrt

from fieldsync.domain.place import Datum, Point

# Krasovsky 1940: semi-major axis in metres and first eccentricity squared.
_AXIS_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_ORIGIN_LAT, _ORIGIN_LON = 35.0, 105.0
_BAIDU_TURN = pi * 3000.0 / 180.0
_BAIDU_LAT, _BAIDU_LON = 0.006, 0.0065
_CLOSE_ENOUGH_DEG = 1e-11
_MOST_ROUNDS = 30
# The rectangle inside which map makers shift; outside it the datums agree.
_SOUTH, _NORTH, _WEST, _EAST = 0.8293, 55.8271, 72.004, 137.8347


def to_wgs84(point: Point, datum: Datum) -> Point:
    """The WGS-84 position of a point given in `datum`, exact to well under a metre."""
    if datum is Datum.GCJ02:
        return _invert(wgs84_to_gcj02, point)
    if datum is Datum.BD09 and is_shifted(point):
        return _invert(wgs84_to_gcj02, _invert(gcj02_to_bd09, point))
    return point


def from_wgs84(point: Point, datum: Datum) -> Point:
    """Where a map drawn in `datum` shows a WGS-84 position."""
    if datum is Datum.GCJ02:
        return wgs84_to_gcj02(point)
    if datum is Datum.BD09 and is_shifted(point):
        return gcj02_to_bd09(wgs84_to_gcj02(point))
    return point


def is_shifted(point: Point) -> bool:
    """Whether Chinese maps shift this place at all (a rectangle around China, as the maps have it)."""
    return _SOUTH <= point.lat <= _NORTH and _WEST <= point.lon <= _EAST


def wgs84_to_gcj02(point: Point) -> Point:
    """The GCJ-02 position of a WGS-84 point; the same point outside the shifted rectangle."""
    if not is_shifted(point):
        return point
    x, y = point.lon - _ORIGIN_LON, point.lat - _ORIGIN_LAT
    latitude = point.lat * pi / 180.0
    magic = 1 - _ECCENTRICITY_SQUARED * sin(latitude) ** 2
    metres_a_radian_lat = _AXIS_M * (1 - _ECCENTRICITY_SQUARED) / (magic * sqrt(magic))
    metres_a_radian_lon = _AXIS_M / sqrt(magic) * cos(latitude)
    return Point(
        point.lat + _north_m(x, y) / metres_a_radian_lat * 180.0 / pi,
        point.lon + _east_m(x, y) / metres_a_radian_lon * 180.0 / pi,
    )


def gcj02_to_bd09(point: Point) -> Point:
    """The BD-09 position of a GCJ-02 point."""
    radius = hypot(point.lon, point.lat) + 0.00002 * sin(point.lat * _BAIDU_TURN)
    angle = atan2(point.lat, point.lon) + 0.000003 * cos(point.lon * _BAIDU_TURN)
    return Point(radius * sin(angle) + _BAIDU_LAT, radius * cos(angle) + _BAIDU_LON)


def _invert(forward: Callable[[Point], Point], target: Point) -> Point:
    """The point whose shifted position is the target: the error is taken off until none is left."""
    guess = target
    for _round in range(_MOST_ROUNDS):
        shifted = forward(guess)
        off_lat, off_lon = shifted.lat - target.lat, shifted.lon - target.lon
        if fabs(off_lat) < _CLOSE_ENOUGH_DEG and fabs(off_lon) < _CLOSE_ENOUGH_DEG:
            break
        guess = Point(guess.lat - off_lat, guess.lon - off_lon)
    return guess


def _waves(value: float) -> float:
    return (20.0 * sin(6.0 * value * pi) + 20.0 * sin(2.0 * value * pi)) * 2.0 / 3.0


def _north_m(x: float, y: float) -> float:
    shift = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x))
    shift += _waves(x)
    shift += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    return shift + (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0


def _east_m(x: float, y: float) -> float:
    shift = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x))
    shift += _waves(x)
    shift += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    return shift + (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
