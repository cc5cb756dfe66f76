"""From metres in a straight line to seconds on the road, and a quick estimate of those metres.

The one place that knows how fast a pair gets about; adapters measure, this judges.
"""

import math

from fieldsync.domain.place import Point

# Streets are longer than the straight line. An assumption of the house for a large city, as are
# the speeds below: cautious, since a plan that is late in the morning is late all day.
CIRCUITY = 1.35
# Finding the entrance, parking, the lift: for every leg that goes anywhere.
LEG_OVERHEAD_S = 180
# Road metres up to which a speed (metres a second) holds. Each band is faster than the one before,
# so that a longer way never gains by being cut in two: two legs are never quicker than one.
SPEED_BANDS = ((2_000.0, 4.2), (10_000.0, 7.0), (math.inf, 11.0))
# A pair that stays in the house drives nothing.
SAME_PLACE_M = 1.0
_EARTH_RADIUS_M = 6_371_008.8


def road_seconds(road_m: float) -> int:
    """How long a leg of that many road metres takes, overhead included."""
    if road_m < SAME_PLACE_M:
        return 0
    seconds, begin = float(LEG_OVERHEAD_S), 0.0
    for end, speed in SPEED_BANDS:
        seconds += max(0.0, min(road_m, end) - begin) / speed
        begin = end
        if road_m <= end:
            break
    return math.ceil(seconds)


def estimated_leg(a: Point, b: Point) -> tuple[int, int]:
    """Seconds and road metres from a to b, on a sphere (within 0.6 % of the ellipsoid)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    h = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    )
    road_m = 2 * _EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h))) * CIRCUITY
    return road_seconds(road_m), round(road_m)
