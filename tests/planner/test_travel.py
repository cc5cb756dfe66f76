"""Travel times: geopy's geodesic, the vectorised formula beside it, and how fast each mode is."""

from itertools import permutations
from time import process_time

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldsync.adapters.geodesic import GeodesicTravel, lambert_metres, metres_between
from fieldsync.domain.officer import TravelMode
from fieldsync.domain.place import Point
from fieldsync.planner.travel import PACES, estimated_leg, road_seconds

CITY = st.builds(Point, st.floats(22.3, 22.9), st.floats(113.6, 114.7))
MODES = st.sampled_from(TravelMode)
ANYWHERE = st.builds(Point, st.floats(-80, 80), st.floats(-60, 60))


@given(a=ANYWHERE, b=ANYWHERE)
def test_the_vectorised_distance_is_geopys(a: Point, b: Point) -> None:
    """Within half a percent over half the world, and a metre at the same door."""
    true = metres_between(a, b)
    assert abs(float(lambert_metres([a, b])[0, 1]) - true) <= max(1.0, true * 0.005)


@settings(max_examples=25)
@given(points=st.lists(CITY, min_size=60, max_size=64), mode=MODES)
def test_a_large_matrix_says_the_same_as_a_small_one(points: list[Point], mode: TravelMode) -> None:
    """Whether numpy measured or geopy, every arrival is the same within a second in ten minutes."""
    travel = GeodesicTravel()
    large, small = travel.matrix(points, mode), travel.matrix(points[:4], mode)
    for i in range(4):
        for j in range(4):
            true = small.seconds[i][j]
            assert abs(large.seconds[i][j] - true) <= max(1, true // 600)
            assert large.seconds[i][j] == large.seconds[j][i]
            assert large.metres[i][j] == large.metres[j][i]


@settings(max_examples=25)
@given(points=st.lists(CITY, min_size=3, max_size=5, unique=True), mode=MODES)
def test_no_stop_on_the_way_makes_a_leg_quicker(points: list[Point], mode: TravelMode) -> None:
    """In every mode two legs take at least as long as one: a plan gains nothing by a detour."""
    seconds = GeodesicTravel().matrix(points, mode).seconds
    for i, j, k in permutations(range(len(points)), 3):
        if seconds[i][j] and seconds[j][k]:
            assert seconds[i][k] <= seconds[i][j] + seconds[j][k]


def test_a_large_branch_is_measured_within_a_second() -> None:
    """1,200 places make 1.4 million pairs, which cost less than a second of one processor."""
    points = [Point(22.3 + n % 35 * 0.017, 113.6 + n // 35 * 0.031) for n in range(1200)]
    GeodesicTravel().matrix(points[:60])
    begin = process_time()
    table = GeodesicTravel().matrix(points, TravelMode.EBIKE)
    assert process_time() - begin < 1.0
    assert table.pairs == (("geodesic", 1200 * 1199),)


@given(a=CITY, b=CITY, mode=MODES)
def test_the_estimate_on_the_device_is_near(a: Point, b: Point, mode: TravelMode) -> None:
    """Where the pair stands is not in the matrix; its estimate is within one percent."""
    seconds, metres = estimated_leg(a, b, mode)
    table = GeodesicTravel().matrix([a, b], mode)
    assert abs(seconds - table.seconds[0][1]) <= max(5, table.seconds[0][1] * 0.01)
    assert abs(metres - table.metres[0][1]) <= max(5, table.metres[0][1] * 0.01)


@given(a=st.floats(2, 60_000), b=st.floats(2, 60_000), mode=MODES)
def test_a_longer_way_takes_longer_and_two_legs_longer_than_one(
    a: float, b: float, mode: TravelMode
) -> None:
    """No mode's speeds ever make a detour pay."""
    near, far = sorted((a, b))
    assert road_seconds(near, mode) <= road_seconds(far, mode)
    assert road_seconds(a + b, mode) <= road_seconds(a, mode) + road_seconds(b, mode)


def test_each_mode_is_quickest_where_people_take_it() -> None:
    """On foot to the next house, by e-bike round the quarter, by car across the town."""

    def quickest(straight_m: float) -> TravelMode:
        ways = {mode: straight_m * pace.circuity for mode, pace in PACES.items()}
        return min(PACES, key=lambda mode: road_seconds(ways[mode], mode))

    assert [quickest(m) for m in (40, 1_500, 15_000)] == [
        TravelMode.FOOT,
        TravelMode.EBIKE,
        TravelMode.CAR,
    ]


def test_only_a_car_is_parked() -> None:
    """The minutes round the block belong to the car alone; an e-bike is locked in half of one."""
    assert PACES[TravelMode.CAR].parking_s > PACES[TravelMode.EBIKE].parking_s
    assert PACES[TravelMode.FOOT].parking_s == 0


def test_staying_in_the_house_takes_no_time() -> None:
    """The next door in the same building is no journey."""
    assert all(road_seconds(0.0, mode) == 0 for mode in TravelMode)
