"""Turns a pair of coordinate cells into a WGS-84 point, after asking whether they can be meant."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fieldsync.domain.datum import to_wgs84
from fieldsync.domain.place import Datum, Point
from fieldsync.schemas.cells import NOT_DEGREES
from fieldsync.schemas.fault import CellError, Fault
from fieldsync.words import words

# China with its surroundings, generously: outside of it a coordinate is a slip, not a home.
_SOUTH, _NORTH, _WEST, _EAST = 3.0, 54.0, 73.0, 136.0
_RIGHT_ANGLE = 90.0
_HOME_ZONE = ZoneInfo("Asia/Shanghai")
_HOME_ZONES = frozenset(
    {"Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Macau", "Asia/Taipei", "PRC"}
)
# Abroad the clock says where on the earth a place is: an hour is 15 degrees, and no country's clock
# is farther than this from its sun.
_DEGREES_AN_HOUR, _MOST_ASTRAY = 15.0, 60.0
_ANY_WINTER = datetime(2026, 1, 1)  # noqa: DTZ001 - asked of many zones, below
# Around 0, 0 there is only sea.
_NOWHERE = 0.1
# About 10 cm: finer digits are noise of the conversion, and they would make a version out of nothing.
_PLACES = 6

HALF = Fault(
    "422.110",
    words("One half of the coordinate is missing."),
    words("Give latitude and longitude, or neither."),
)
SWAPPED = Fault(
    "422.108",
    words("Latitude and longitude are swapped."),
    words("Exchange the two cells, or the two columns in the mapping file."),
)
OUTSIDE = Fault(
    "422.109",
    words("This place lies outside of the country."),
    words(
        "Look the address up again; for a place abroad give its `zone`. "
        "0, 0 is a missing coordinate: leave both cells empty."
    ),
)


def point_of(
    lat: float | None, lon: float | None, datum: Datum, zone: ZoneInfo = _HOME_ZONE
) -> Point | None:
    """The WGS-84 point, None where there is none; CellError where it cannot be meant.

    What can be meant depends on the row's time zone: a book is of China unless that says otherwise.
    """
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        raise CellError(HALF)
    if not _inside(lat, lon, zone):
        if _inside(lon, lat, zone):
            raise CellError(SWAPPED)
        raise CellError(OUTSIDE if abs(lat) <= _RIGHT_ANGLE else NOT_DEGREES)
    point = to_wgs84(Point(lat, lon), datum)
    return Point(round(point.lat, _PLACES), round(point.lon, _PLACES))


def point_in(
    values: Mapping[str, Any], which: str, faults: list[tuple[str, Fault]]
) -> Point | None:
    """The point of a row's columns `<which>_lat` and `<which>_lon`; what is wrong joins the faults.

    None, with nothing said again, where one of the cells was bad by itself.
    """
    lat, lon = f"{which}_lat", f"{which}_lon"
    if any(column in (lat, lon, "datum", "zone") for column, _fault in faults):
        return None
    try:
        datum, zone = values.get("datum", Datum.WGS84), values.get("zone", _HOME_ZONE)
        return point_of(values.get(lat), values.get(lon), datum, zone)
    except CellError as error:
        half = error.fault is HALF and lat in values
        faults.append((lon if half else lat, error.fault))
        return None


def _inside(lat: float, lon: float, zone: ZoneInfo) -> bool:
    """Whether a place whose clocks show this zone can be there."""
    if zone.key in _HOME_ZONES:
        return _SOUTH <= lat <= _NORTH and _WEST <= lon <= _EAST
    if abs(lat) > _RIGHT_ANGLE or max(abs(lat), abs(lon)) < _NOWHERE:
        return False
    offset = zone.utcoffset(_ANY_WINTER) or timedelta(0)
    astray = lon - offset / timedelta(hours=1) * _DEGREES_AN_HOUR
    return abs((astray + 180) % 360 - 180) <= _MOST_ASTRAY
