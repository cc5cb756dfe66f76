"""From metres in a straight line to seconds on the way, by car, e-bike or on foot.

The one place that knows how fast a pair gets about; adapters measure, this judges.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fieldsync.domain.officer import TravelMode
from fieldsync.domain.place import Point

# A pair that stays in the house goes nowhere.
SAME_PLACE_M = 1.0
_EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Pace:
    """How a pair gets about in one mode.

    `circuity` is the way's length over the straight line; `overhead_s` goes into every leg that
    leads anywhere (finding the entrance, the lift), `parking_s` besides where there is something to
    park. `bands` hold the speed (metres a second) up to that many metres of the way; each band is at
    least as fast as the one before, so that a way never gains by being cut in two.
    """

    circuity: float
    overhead_s: int
    parking_s: int
    bands: tuple[tuple[float, float], ...]

    @property
    def leg_s(self) -> int:
        """Seconds of every leg that are not spent on the move."""
        return self.overhead_s + self.parking_s


# Assumptions of the house for a large city, cautious ones: a plan that is late in the morning is
# late all day. An e-bike may do 25 km/h by GB 17761 and does 17 between lights, wherever it goes; a
# car is slow in the quarter and faster across the town. Those on foot and on a bike cut corners.
PACES: Mapping[TravelMode, Pace] = MappingProxyType(
    {
        TravelMode.CAR: Pace(1.35, 60, 120, ((2_000.0, 4.2), (10_000.0, 7.0), (math.inf, 11.0))),
        TravelMode.EBIKE: Pace(1.25, 60, 30, ((1_000.0, 4.2), (math.inf, 4.7))),
        TravelMode.FOOT: Pace(1.2, 60, 0, ((math.inf, 1.25),)),
    }
)


def road_seconds(road_m: float, mode: TravelMode = TravelMode.CAR) -> int:
    """How long a leg of that many metres of way takes, overhead included."""
    if road_m < SAME_PLACE_M:
        return 0
    pace = PACES[mode]
    seconds, begin = float(pace.leg_s), 0.0
    for end, speed in pace.bands:
        seconds += max(0.0, min(road_m, end) - begin) / speed
        begin = end
        if road_m <= end:
            break
    return math.ceil(seconds)


def straight_metres(a: Point, b: Point) -> float:
    """Metres from a to b in a straight line on a sphere (within 0.6 % of the ellipsoid)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    h = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


def estimated_leg(a: Point, b: Point, mode: TravelMode = TravelMode.CAR) -> tuple[int, int]:
    """Seconds and metres of the way from a to b, estimated without a library."""
    road_m = straight_metres(a, b) * PACES[mode].circuity
    return road_seconds(road_m, mode), round(road_m)
