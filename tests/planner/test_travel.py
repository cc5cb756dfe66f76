"""Travel times: geopy's geodesic, the vectorised formula beside it, and the speed profile."""

from hypothesis import given
from hypothesis import strategies as st

from fieldsync.adapters.geodesic import GeodesicTravel, lambert_metres, metres_between
from fieldsync.domain.place import Point
from fieldsync.planner.travel import estimated_leg, road_seconds

CITY = st.builds(Point, st.floats(22.3, 22.9), st.floats(113.6, 114.7))
ANYWHERE = st.builds(Point, st.floats(-80, 80), st.floats(-60, 60))


@given(a=ANYWHERE, b=ANYWHERE)
def test_the_vectorised_distance_is_geopys(a: Point, b: Point) -> None:
    """Within half a percent over half the world, and a metre at the same door."""
    true = metres_between(a, b)
    assert abs(float(lambert_metres([a, b])[0, 1]) - true) <= max(1.0, true * 0.005)


@given(points=st.lists(CITY, min_size=60, max_size=64))
def test_a_large_matrix_says_the_same_as_a_small_one(points: list[Point]) -> None:
    """Whether numpy measured or geopy, nobody's arrival differs by more than a few seconds."""
    large, small = GeodesicTravel().matrix(points), GeodesicTravel().matrix(points[:4])
    for i in range(4):
        for j in range(4):
            assert abs(large.seconds[i][j] - small.seconds[i][j]) <= 5
            assert large.seconds[i][j] == large.seconds[j][i]


@given(a=CITY, b=CITY)
def test_the_estimate_on_the_device_is_near(a: Point, b: Point) -> None:
    """Where the pair stands is not in the matrix; its estimate is within one percent."""
    seconds, metres = estimated_leg(a, b)
    table = GeodesicTravel().matrix([a, b])
    assert abs(seconds - table.seconds[0][1]) <= max(5, table.seconds[0][1] * 0.01)
    assert abs(metres - table.metres[0][1]) <= max(5, table.metres[0][1] * 0.01)


@given(a=st.floats(2, 60_000), b=st.floats(2, 60_000))
def test_a_longer_way_takes_longer_and_two_legs_longer_than_one(a: float, b: float) -> None:
    """The speed profile never makes a detour pay."""
    assert (road_seconds(a) <= road_seconds(b)) == (a <= b) or road_seconds(a) == road_seconds(b)
    assert road_seconds(a + b) <= road_seconds(a) + road_seconds(b)


def test_staying_in_the_house_takes_no_time() -> None:
    """The next door in the same building is no journey."""
    assert road_seconds(0.0) == 0
