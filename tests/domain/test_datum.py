"""Chinese datums against published points, and the way there and back."""

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsync.domain.datum import from_wgs84, gcj02_to_bd09, is_shifted, to_wgs84
from fieldsync.domain.place import Datum, Point

# WGS-84 and GCJ-02 pairs of the public "eviltransform" test suite.
PUBLISHED_GCJ02 = [
    (Point(31.1774276, 121.5272106), Point(31.17530398364597, 121.531541859215)),
    (Point(22.543847, 113.912316), Point(22.540796131694766, 113.9171764808363)),
    (Point(39.911954, 116.377817), Point(39.91334545536069, 116.38404722455657)),
]
# GCJ-02 and BD-09 pair of the public "coordtransform" test suite.
PUBLISHED_BD09 = [
    (Point(39.915, 116.404), Point(39.92133699351021, 116.41036949371029)),
]
CHINA_LAT = st.floats(18.5, 53.0)
CHINA_LON = st.floats(74.0, 134.5)


def metres(one: Point, other: Point) -> float:
    """The distance of two near points on a sphere."""
    east = (one.lon - other.lon) * cos(radians(one.lat))
    return hypot(one.lat - other.lat, east) * 111_195


@pytest.mark.parametrize(("wgs84", "gcj02"), PUBLISHED_GCJ02)
def test_gcj02_agrees_with_published_points(wgs84: Point, gcj02: Point) -> None:
    """Both directions meet the published points to a centimetre."""
    assert metres(from_wgs84(wgs84, Datum.GCJ02), gcj02) < 0.01
    assert metres(to_wgs84(gcj02, Datum.GCJ02), wgs84) < 0.01


@pytest.mark.parametrize(("gcj02", "bd09"), PUBLISHED_BD09)
def test_bd09_agrees_with_published_points(gcj02: Point, bd09: Point) -> None:
    """Baidu's shift on top of GCJ-02 meets the published point, and both lead to one place."""
    assert metres(gcj02_to_bd09(gcj02), bd09) < 0.01
    assert metres(to_wgs84(bd09, Datum.BD09), to_wgs84(gcj02, Datum.GCJ02)) < 0.01


@given(lat=CHINA_LAT, lon=CHINA_LON, datum=st.sampled_from(Datum))
def test_there_and_back_is_the_same_place(lat: float, lon: float, datum: Datum) -> None:
    """Any point of China survives the way into a datum and back to a millimetre."""
    point = Point(lat, lon)
    assert metres(to_wgs84(from_wgs84(point, datum), datum), point) < 0.001


@pytest.mark.parametrize("datum", Datum)
@pytest.mark.parametrize(
    "abroad", [Point(51.5, -0.12), Point(42.36, -71.06), Point(-33.87, 151.21)]
)
def test_abroad_nothing_is_shifted(abroad: Point, datum: Datum) -> None:
    """London, Boston and Sydney are where they are on every map."""
    assert not is_shifted(abroad)
    assert from_wgs84(abroad, datum) == abroad
    assert to_wgs84(abroad, datum) == abroad
